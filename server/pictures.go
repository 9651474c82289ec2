package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/signal/fetch"
	"bowerbird/store"
	"bowerbird/vision"
)

// picture serves a blob that is a picture by its first bytes, whatever else the
// folder may hold.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("blob")
	if !hex64(name) {
		return notFound("picture", name)
	}
	f, err := s.e.Blobs().Open(name)
	if errors.Is(err, store.ErrNotFound) {
		return notFound("picture", name)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var head [16]byte
	n, err := io.ReadFull(f, head[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		return err
	}
	kind, err := vision.Sniff(head[:n])
	if err != nil {
		return notFound("picture", name)
	}
	body, release, err := s.stripped(f, kind, head[:n])
	if err != nil {
		return err
	}
	defer release()
	h := w.Header()
	h.Set("Content-Type", kind.MediaType())
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", `"`+name+`"`)
	http.ServeContent(w, r, "", time.Time{}, body)
	return nil
}

// stripped is a picture's file from its beginning, without metadata: pictures that came before
// they were kept without still have it. Our own thumbnails begin with their tables, and
// are known by that.
func (s *Server) stripped(f io.ReadSeeker, kind vision.Format, head []byte) (io.ReadSeeker, func(), error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil || kind == vision.JPEG && len(head) > 3 && head[3] == 0xdb {
		return f, func() {}, err
	}
	size = min(size, s.o.MaxPicture)
	if !s.bodies.TryAcquire(size) {
		return nil, nil, busy("too many large requests at once: try again")
	}
	data, err := io.ReadAll(f)
	if err != nil {
		s.bodies.Release(size)
		return nil, nil, err
	}
	return bytes.NewReader(vision.Strip(data)), func() { s.bodies.Release(size) }, nil
}

func hex64(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// decoding waits for its turn to decode a picture, which takes memory.
func (s *Server) decoding(ctx context.Context) (func(), error) {
	if err := s.decodes.Acquire(ctx, 1); err != nil {
		return nil, busy("too many pictures at once: try again")
	}
	return func() { s.decodes.Release(1) }, nil
}

func (s *Server) checkPicture(data []byte) error {
	if len(data) == 0 {
		return invalid("picture", "is empty")
	}
	if _, err := vision.Sniff(data); err != nil {
		return problem(http.StatusUnsupportedMediaType, "media_type", "picture", "want a JPEG, PNG, GIF or WebP picture")
	}
	return nil
}

func (s *Server) putPicture(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("id")
	if _, _, err := s.item(name); err != nil {
		return err
	}
	data, err := s.pictureBody(w, r)
	if err != nil {
		return err
	}
	if err := s.checkPicture(data); err != nil {
		return err
	}
	release, err := s.decoding(r.Context())
	if err != nil {
		return err
	}
	defer release()
	d, err := s.e.PutPicture(r.Context(), name, data)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, itemOf(d))
	return nil
}

// PictureAt names a picture by its address.
type PictureAt struct {
	URL string `json:"url" doc:"https address of a JPEG, PNG, GIF or WebP"`
}

// pictureBody is a body's bytes, or what lies at the address that it names.
func (s *Server) pictureBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return s.readBody(w, r, s.o.MaxPicture)
	}
	var in PictureAt
	if err := s.readInto(w, r, &in); err != nil {
		return nil, err
	}
	if in.URL == "" {
		return nil, invalid("url", "is missing")
	}
	if s.o.Fetch == nil {
		return nil, problem(http.StatusForbidden, "fetch_off", "url", "this server fetches nothing: send the picture's bytes, or start it with --fetch-pictures")
	}
	if !s.bodies.TryAcquire(s.o.MaxPicture) {
		return nil, busy("too many large requests at once: try again")
	}
	defer s.bodies.Release(s.o.MaxPicture)
	data, err := s.o.Fetch.Picture(r.Context(), in.URL)
	switch {
	case errors.Is(err, fetch.ErrRefused):
		return nil, invalid("url", err.Error())
	case errors.Is(err, fetch.ErrFetch):
		return nil, problem(http.StatusBadGateway, "fetch", "url", err.Error())
	}
	return data, err
}

// form reads multipart/form-data: the file "picture" and small fields. Nothing is
// written to a disk; the whole is bounded by MaxPicture and a little.
func (s *Server) form(w http.ResponseWriter, r *http.Request) (picture []byte, fields map[string][]string, err error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, nil, problem(http.StatusUnsupportedMediaType, "media_type", "", "want multipart/form-data with a file field picture")
	}
	body, err := s.readBody(w, r, s.o.MaxPicture+64<<10)
	if err != nil {
		return nil, nil, err
	}
	fields = map[string][]string{}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			return picture, fields, nil
		}
		if err != nil || n >= 100 {
			return nil, nil, problem(http.StatusBadRequest, "form", "", "the form is malformed or has more than 100 fields")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, problem(http.StatusBadRequest, "form", part.FormName(), "the form ends too early")
		}
		if part.FormName() == "picture" {
			picture = data
			continue
		}
		fields[part.FormName()] = append(fields[part.FormName()], string(data))
	}
}

func first(fields map[string][]string, name string) string {
	if v := fields[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func list(values []string) []string {
	var out []string
	for _, v := range values {
		for word := range strings.SplitSeq(v, ",") {
			if word = strings.TrimSpace(word); word != "" {
				out = append(out, word)
			}
		}
	}
	return out
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	data, fields, err := s.form(w, r)
	if err != nil {
		return err
	}
	if err := s.checkPicture(data); err != nil {
		return err
	}
	item := bowerbird.Item{ID: first(fields, "id"), Title: first(fields, "title"), Description: first(fields, "description"),
		Tags: list(fields["tags"]), Categories: list(fields["category"]), Link: first(fields, "link"), Owner: first(fields, "user")}
	if item.ID == "" {
		item.ID = "up-" + strings.ToLower(rand.Text()[:16])
	}
	if err := item.Validate(); err != nil {
		return err
	}
	board := first(fields, "board")
	if board != "" {
		if item.Owner == "" {
			return invalid("user", "is missing: say who keeps the upload on the board")
		}
		if _, err := s.board(board, item.Owner); err != nil {
			return err
		}
	}
	release, err := s.decoding(r.Context())
	if err != nil {
		return err
	}
	defer release()
	item, events, err := s.e.Pictured(r.Context(), item, data)
	if err != nil {
		return err
	}
	if board != "" {
		events = append(events, bowerbird.Event{Kind: bowerbird.Save, User: item.Owner, Item: item.ID, Board: board})
	}
	if _, err := s.one(r, events...); err != nil {
		return err
	}
	_, d, err := s.item(item.ID)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, Uploaded{itemOf(d)})
	return nil
}

// visual is search by a picture. Conditions may also stand in the address.
func (s *Server) visual(w http.ResponseWriter, r *http.Request) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	q, err := ask(bowerbird.SearchPicture, v)
	if err != nil {
		return err
	}
	var in Visual
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		err = s.visualForm(w, r, &in, &q)
	} else {
		err = s.readInto(w, r, &in)
	}
	if err != nil {
		return err
	}
	more, err := conditions(in.Where)
	if err != nil {
		return err
	}
	q.Where = append(q.Where, more...)
	q.Item, q.Trace = in.Item, q.Trace || in.Trace
	if in.User != "" {
		q.User = in.User
	}
	if in.Limit != 0 {
		q.Limit = in.Limit
	}
	if in.Cursor != "" {
		q.Cursor = in.Cursor
	}
	if q.Item != "" {
		if _, _, err := s.item(q.Item); err != nil {
			return err
		}
	} else if len(q.Upload) == 0 && q.Cursor == "" {
		return invalid("picture", "name an item or send a picture")
	}
	if q.Move, err = conditions(in.Move); err != nil {
		return err
	}
	if q.Style = in.Style; q.Style && (in.Q != "" || len(in.Move) > 0 || len(in.Crops) > 0) {
		return invalid("style", "cannot go with q, move or crops")
	}
	if err := s.withWords(&q, &in); err != nil {
		return err
	}
	if err := parts(&q, &in); err != nil {
		return err
	}
	if q.Upload != nil || q.Crop != nil || q.Crops != nil {
		release, err := s.decoding(r.Context())
		if err != nil {
			return err
		}
		defer release()
	}
	return s.sendPage(w, r, q)
}

// parts reads the boxes of a search by a picture.
func parts(q *engine.Query, in *Visual) error {
	read := func(field string, c Crop) (vision.Rect, error) {
		box := vision.Rect{X: c.X, Y: c.Y, W: c.Width, H: c.Height}
		if err := box.Validate(); err != nil {
			return box, invalid(field, err.Error())
		}
		return box, nil
	}
	if in.Crop != nil {
		box, err := read("crop", *in.Crop)
		if err != nil {
			return err
		}
		q.Crop = &box
	}
	if len(in.Crops) > engine.MaxCrops {
		return invalid("crops", fmt.Sprintf("at most %d", engine.MaxCrops))
	}
	for i, c := range in.Crops {
		box, err := read(fmt.Sprintf("crops[%d]", i), c)
		if err != nil {
			return err
		}
		q.Crops = append(q.Crops, box)
	}
	return nil
}

// withWords makes a search by a picture and words of one by a picture. Words that only say
// how it should differ are moves.
func (s *Server) withWords(q *engine.Query, in *Visual) error {
	moves, rest := s.e.House().But(in.Q)
	if len(moves) > 0 {
		q.Move, in.Q = append(q.Move, moves...), rest
		if rest == "" {
			in.Weight = 0
		}
	}
	if strings.TrimSpace(in.Q) == "" {
		if in.Weight != 0 {
			return invalid("weight", "is of a picture beside words: say q too")
		}
		return nil
	}
	if err := typed(in.Q); err != nil {
		return err
	}
	q.Surface, q.Words, q.Seek.PictureWeight = bowerbird.SearchWords, in.Q, in.Weight
	return nil
}

func (s *Server) visualForm(w http.ResponseWriter, r *http.Request, in *Visual, q *engine.Query) error {
	data, fields, err := s.form(w, r)
	if err != nil {
		return err
	}
	if len(data) > 0 {
		if err := s.checkPicture(data); err != nil {
			return err
		}
		q.Upload = data
	}
	in.Item, in.User, in.Cursor, in.Where, in.Q = first(fields, "item"), first(fields, "user"), first(fields, "cursor"), fields["where"], first(fields, "q")
	if text := first(fields, "weight"); text != "" {
		w, err := strconv.ParseFloat(text, 32)
		if err != nil {
			return invalid("weight", "want a number above 0")
		}
		in.Weight = float32(w)
	}
	if text := first(fields, "limit"); text != "" {
		if in.Limit, err = strconv.Atoi(text); err != nil || in.Limit == 0 {
			return invalid("limit", "want a whole number from 1")
		}
	}
	in.Move, in.Style = fields["move"], first(fields, "style") == "true"
	if text := first(fields, "crops"); text != "" {
		if err := json.Unmarshal([]byte(text), &in.Crops); err != nil {
			return invalid("crops", `want [{"x":..,"y":..,"width":..,"height":..}], numbers from 0 to 1`)
		}
	}
	if text := first(fields, "crop"); text != "" {
		in.Crop = new(Crop)
		if err := json.Unmarshal([]byte(text), in.Crop); err != nil {
			return invalid("crop", `want {"x":..,"y":..,"width":..,"height":..}, numbers from 0 to 1`)
		}
	}
	return nil
}
