package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bowerbird"
)

// jsonLines reads users.jsonl, boards.jsonl, items.jsonl and events.jsonl of a
// folder, then other .jsonl files in it, or one file. A line of another file says
// by its keys what it is: with a "type" an event, with "user" and "item" an
// action, else an item.
func (s *session) jsonLines(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if !st.IsDir() {
		return s.jsonFile(path)
	}
	done := map[string]bool{}
	for _, name := range []string{"users.jsonl", "boards.jsonl", "items.jsonl"} {
		if p := beside(path, name); p != "" {
			done[p] = true
			if err := s.jsonFile(p); err != nil {
				return err
			}
		}
	}
	list, err := os.ReadDir(path) // in order of names
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	for _, d := range list {
		p := filepath.Join(path, d.Name())
		if n := plain(p); d.IsDir() || done[p] || !strings.HasSuffix(n, ".jsonl") && !strings.HasSuffix(n, ".ndjson") {
			continue
		}
		if err := s.jsonFile(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) jsonFile(path string) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	kind := strings.TrimSuffix(strings.TrimSuffix(plain(path), ".jsonl"), ".ndjson")
	return f.lines(func(n int, line string) error {
		if strings.TrimSpace(line) == "" {
			return nil
		}
		if err := s.row(); err != nil {
			return err
		}
		return s.jsonLine(path, n, kind, []byte(line))
	})
}

// line is every form of line at once; see jsonLine.
type line struct {
	bowerbird.Event
	Time      stamp  `json:"time"`
	Target    string `json:"target"` // the subject of follow and mute
	Timestamp stamp  `json:"timestamp"`
}

func (s *session) jsonLine(path string, n int, kind string, data []byte) error {
	wrong := func(err error) error {
		field, why := jsonError(err)
		s.bad(path, n, field, "%s", why)
		return nil
	}
	switch kind {
	case "users", "boards", "items", "events":
	default:
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(data, &keys); err != nil {
			return wrong(err)
		}
		kind = "items"
		if keys["type"] != nil || keys["user"] != nil && keys["item"] != nil {
			kind = "events"
		}
	}
	r := Record{File: path, Row: n}
	var err error
	dated := false
	switch kind {
	case "users":
		r.Event, err = userOf(data)
	case "boards":
		r.Event, err = boardOf(data)
	case "items":
		r, err = s.itemOf(r, data)
	case "events":
		r, dated, err = s.eventOf(r, data)
	}
	if err != nil {
		return wrong(err)
	}
	if r.Event.Time > 0 && kind != "events" {
		dated = true
	}
	return s.put(r, dated)
}

func jsonError(err error) (field, why string) {
	var t *json.UnmarshalTypeError
	var sy *json.SyntaxError
	switch {
	case errors.As(err, &t):
		return t.Field, "a " + t.Value + " cannot stand here"
	case errors.As(err, &sy):
		return "", "is not JSON: " + sy.Error()
	}
	return "", err.Error()
}

// stamp is a time in JSON: Unix milliseconds (seconds where small) or a date.
type stamp int64

// UnmarshalJSON reads a number, a date or null.
func (t *stamp) UnmarshalJSON(b []byte) error {
	v, err := parseTime(strings.Trim(string(b), `"`))
	if bytes.Equal(b, []byte("null")) {
		v, err = 0, nil
	}
	*t = stamp(v)
	return err
}

func userOf(data []byte) (bowerbird.Event, error) {
	var d struct {
		ID       string          `json:"id"`
		Name     string          `json:"name"`
		Language string          `json:"language"`
		Labels   json.RawMessage `json:"labels"`
		Created  stamp           `json:"created"`
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return bowerbird.Event{}, err
	}
	u := &bowerbird.User{ID: d.ID, Name: d.Name, Language: d.Language, Created: int64(d.Created)}
	var list []string
	if json.Unmarshal(d.Labels, &list) == nil && len(list) > 0 {
		u.Labels = bowerbird.Attributes{{Name: "likes", Words: list}}
	} else if len(d.Labels) > 0 && !bytes.Equal(d.Labels, []byte("null")) {
		if err := u.Labels.UnmarshalJSON(d.Labels); err != nil {
			return bowerbird.Event{}, err
		}
	}
	return bowerbird.Event{Kind: bowerbird.UserPut, Time: u.Created, UserDoc: u}, nil
}

func boardOf(data []byte) (bowerbird.Event, error) {
	var d struct {
		bowerbird.Board
		Created stamp `json:"created"`
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return bowerbird.Event{}, err
	}
	b := d.Board
	b.Created = int64(d.Created)
	return bowerbird.Event{Kind: bowerbird.BoardPut, Time: b.Created, BoardDoc: &b}, nil
}

func (s *session) itemOf(r Record, data []byte) (Record, error) {
	var d struct {
		bowerbird.Item
		Created stamp           `json:"created"`
		Picture json.RawMessage `json:"picture"`
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return r, err
	}
	s.unread(data)
	x := d.Item
	x.Created = int64(d.Created)
	var name string
	if json.Unmarshal(d.Picture, &name) == nil && name != "" {
		p, err := within(filepath.Dir(r.File), name)
		if err != nil {
			return r, err
		}
		r.Picture = p
	} else if len(d.Picture) > 0 && name == "" && d.Picture[0] == '{' {
		x.Picture = new(bowerbird.Picture)
		if err := json.Unmarshal(d.Picture, x.Picture); err != nil {
			return r, err
		}
	}
	r.Event = bowerbird.Event{Kind: bowerbird.ItemPut, Time: x.Created, ItemDoc: &x}
	return r, nil
}

// Address reports whether a record's picture is named by where it lies on the
// web. Nothing here fetches it.
func Address(picture string) bool {
	return strings.HasPrefix(picture, "https://") || strings.HasPrefix(picture, "http://")
}

// within joins a picture's name to the folder of the file that names it. A name
// that leads out of the folder is refused: files come from strangers too. An
// address stays as it is.
func within(dir, name string) (string, error) {
	if Address(name) {
		return name, nil
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", fmt.Errorf("picture: %q leads out of the folder", name)
	}
	return filepath.Join(dir, filepath.FromSlash(name)), nil
}

func (s *session) eventOf(r Record, data []byte) (Record, bool, error) {
	var d line
	if err := json.Unmarshal(data, &d); err != nil {
		return r, false, err
	}
	e := d.Event
	if e.Subject == "" {
		e.Subject = d.Target
	}
	own := max(int64(d.Time), int64(d.Timestamp))
	switch {
	case e.Kind == bowerbird.NoKind && e.User != "" && e.Item != "":
		e.Kind = s.rated(e.Value, e.Value != 0)
	case e.Kind == bowerbird.ItemPut && e.ItemDoc != nil && own == 0:
		own = e.ItemDoc.Created
	}
	switch e.Kind {
	case bowerbird.ItemPut, bowerbird.BoardPut, bowerbird.UserPut:
		e.Time = own
		r.Event = e
		return r, own > 0, nil
	}
	t, dated := s.when(own, r.Row)
	e.Time = t
	r.Event = e
	return r, dated, nil
}
