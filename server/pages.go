package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/filter"
)

// buffers are what pages are written into; one that grew large is let go.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 32<<10); return &b }}

// sendPage makes a page and writes it.
func (s *Server) sendPage(w http.ResponseWriter, r *http.Request, q engine.Query) error {
	a, err := s.e.Page(r.Context(), q)
	if err != nil {
		return err
	}
	sendAnswer(w, a)
	return nil
}

func sendAnswer(w http.ResponseWriter, a *engine.Answer) {
	buf := buffers.Get().(*[]byte)
	b := appendPage((*buf)[:0], a)
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Cache-Control"] = noStore
	h["Content-Length"] = []string{strconv.Itoa(len(b))}
	_, _ = w.Write(b) // the caller went away
	if cap(b) <= 1<<20 {
		*buf = b
		buffers.Put(buf)
	}
}

var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)

// ask reads the parameters that every page takes.
func ask(f bowerbird.Surface, v url.Values) (engine.Query, error) {
	q := engine.Query{Surface: f, User: v.Get("user"), Cursor: v.Get("cursor")}
	var err error
	if q.Limit, err = number(v, "limit", 0); err != nil {
		return q, err
	}
	if q.Trace, err = truth(v, "trace"); err != nil {
		return q, err
	}
	if text := v.Get("diversity"); text != "" {
		d, err := strconv.ParseFloat(text, 32)
		if err != nil {
			return q, invalid("diversity", strconv.Quote(text)+" is no number")
		}
		q.Diversity = new(float32(d))
	}
	q.Where, err = conditions(v["where"])
	return q, err
}

func conditions(list []string) ([]bowerbird.Condition, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > 20 {
		return nil, invalid("where", "at most 20 conditions")
	}
	out := make([]bowerbird.Condition, len(list))
	for i, text := range list {
		c, err := filter.ParseCondition(text)
		if err != nil {
			return nil, invalid("where", strings.TrimPrefix(err.Error(), "where: "))
		}
		out[i] = c
	}
	return out, nil
}

// number reads a whole number; one that is not there is def.
func number(v url.Values, name string, def int) (int, error) {
	text := v.Get(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, invalid(name, strconv.Quote(text)+" is no whole number")
	}
	if n == 0 && name == "limit" {
		return 0, invalid(name, "want at least 1")
	}
	return n, nil
}

func truth(v url.Values, name string) (bool, error) {
	text := v.Get(name)
	if text == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, invalid(name, "want true or false")
	}
	return b, nil
}

// values parses the query part of the address, refusing what is malformed.
func values(r *http.Request) (url.Values, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("", "the query of the address is malformed")
	}
	return v, nil
}

func (s *Server) surface(w http.ResponseWriter, r *http.Request, f bowerbird.Surface, set func(q *engine.Query, v url.Values) error) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	q, err := ask(f, v)
	if err != nil {
		return err
	}
	if set != nil {
		if err := set(&q, v); err != nil {
			return err
		}
	}
	return s.sendPage(w, r, q)
}

func (s *Server) feed(w http.ResponseWriter, r *http.Request) error {
	return s.surface(w, r, bowerbird.Home, nil)
}

func (s *Server) explore(w http.ResponseWriter, r *http.Request) error {
	return s.surface(w, r, bowerbird.Explore, nil)
}

func (s *Server) related(w http.ResponseWriter, r *http.Request) error {
	return s.surface(w, r, bowerbird.Related, func(q *engine.Query, _ url.Values) error {
		q.Item = r.PathValue("id")
		_, _, err := s.item(q.Item)
		return err
	})
}

func (s *Server) goesWith(w http.ResponseWriter, r *http.Request) error {
	return s.surface(w, r, bowerbird.Related, func(q *engine.Query, _ url.Values) error {
		q.Item, q.Goes = r.PathValue("id"), true
		_, _, err := s.item(q.Item)
		return err
	})
}

func (s *Server) ideas(w http.ResponseWriter, r *http.Request) error {
	return s.surface(w, r, bowerbird.MoreIdeas, func(q *engine.Query, _ url.Values) error {
		q.Board = r.PathValue("id")
		_, err := s.board(q.Board, q.User)
		return err
	})
}

// ownBoards are the boards of a person whose titles begin as typed.
func (s *Server) ownBoards(user, typed string, most int) []Completion {
	out := []Completion{}
	cat := s.e.House().Catalogue
	id, ok := cat.User(user)
	typed = strings.ToLower(strings.TrimSpace(typed))
	if user == "" || !ok || typed == "" {
		return out
	}
	for _, b := range cat.UserBoards(id) {
		m, _ := cat.BoardMeta(b)
		if strings.HasPrefix(strings.ToLower(m.Title), typed) && len(out) < most {
			out = append(out, Completion{Text: m.Title, Kind: "board", Board: cat.BoardName(b)})
		}
	}
	return out
}

func (s *Server) explain(w http.ResponseWriter, r *http.Request) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	for _, name := range [...]string{"request", "item"} {
		if v.Get(name) == "" {
			return invalid(name, "is missing")
		}
	}
	x, err := s.e.Explain(v.Get("request"), v.Get("item"))
	var unknown *engine.Unknown
	if errors.As(err, &unknown) && unknown.Field == "request" {
		return problem(http.StatusNotFound, "unknown_request", "request", "this page is no longer kept: load it again")
	}
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, x)
	return nil
}
