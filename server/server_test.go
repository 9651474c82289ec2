package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/engine"
)

// world is a server over a real engine with 60 items, 12 people and 4 boards.
type world struct {
	t testing.TB
	e *engine.Engine
	s *Server
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func newWorld(t testing.TB, o Options) *world {
	t.Helper()
	ctx := context.Background()
	e, err := engine.Open(ctx, t.TempDir(), engine.Options{Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	colours := []string{"grey", "black", "red", "green"}
	var ev []bowerbird.Event
	for i := range 60 {
		ev = append(ev, bowerbird.Event{Kind: bowerbird.ItemPut, Time: int64(1000 + i), ItemDoc: &bowerbird.Item{ID: fmt.Sprint("i", i), Title: fmt.Sprintf("%s cat number %d", colours[i%4], i),
			Categories: []string{"animals/cats"}, Tags: []string{colours[i%4]}, Attributes: bowerbird.Attributes{{Name: "price", Number: float64(i), Numeric: true}}}})
	}
	for b := range 4 {
		ev = append(ev, bowerbird.Event{Kind: bowerbird.BoardPut, BoardDoc: &bowerbird.Board{ID: fmt.Sprint("b", b), Title: colours[b] + " things", Owner: fmt.Sprint("u", b), Secret: b == 3}})
	}
	for u := range 12 {
		for i := range 8 {
			e := bowerbird.Event{Kind: bowerbird.Save, User: fmt.Sprint("u", u), Item: fmt.Sprint("i", (u%4+i*4)%60), Time: int64(2000 + u*10 + i)}
			if u < 4 {
				e.Board = fmt.Sprint("b", u)
			}
			ev = append(ev, e)
		}
	}
	res, err := e.Ingest(ctx, ev)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range res {
		if r.Err != nil {
			t.Fatal(i, r.Err)
		}
	}
	if o.Logger == nil {
		o.Logger = quiet()
	}
	s, err := New(e, o)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, e, s}
}

type reply struct {
	code int
	head http.Header
	body []byte
}

func (p reply) field(name string) any {
	var m map[string]any
	_ = json.Unmarshal(p.body, &m)
	return m[name]
}

// do sends a request; a body that is no string or bytes goes as JSON.
func (w *world) do(method, path string, body any, head ...string) reply {
	w.t.Helper()
	var in io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		in, kind = strings.NewReader(b), "application/json"
	case []byte:
		in, kind = bytes.NewReader(b), "application/octet-stream"
	default:
		j, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		in, kind = bytes.NewReader(j), "application/json"
	}
	r := httptest.NewRequest(method, path, in)
	r.Host = "localhost:7777"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			r.Host = head[i+1]
			continue
		}
		r.Header.Set(head[i], head[i+1])
	}
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	return reply{rec.Code, rec.Header(), rec.Body.Bytes()}
}

func (w *world) ok(method, path string, body any, into any, head ...string) reply {
	w.t.Helper()
	p := w.do(method, path, body, head...)
	if p.code != 200 {
		w.t.Fatalf("%s %s: %d %s", method, path, p.code, p.body)
	}
	if into != nil {
		reflect.ValueOf(into).Elem().SetZero() // the decoder keeps what the answer does not name
		if err := json.Unmarshal(p.body, into); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, p.body)
		}
	}
	return p
}

func (w *world) bad(method, path string, body any, code int, errCode, field string, head ...string) {
	w.t.Helper()
	p := w.do(method, path, body, head...)
	if p.code != code {
		w.t.Errorf("%s %s: status %d, want %d: %s", method, path, p.code, code, p.body)
		return
	}
	var x Problem
	if err := json.Unmarshal(p.body, &x); err != nil || x.Message == "" {
		w.t.Errorf("%s %s: no structured error: %s", method, path, p.body)
	}
	if x.Code != errCode || x.Field != field {
		w.t.Errorf("%s %s: code %q field %q, want %q %q: %s", method, path, x.Code, x.Field, errCode, field, x.Message)
	}
}

func testPNG(t testing.TB, c color.Color) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			if (x/8+y/8)%2 == 0 {
				m.Set(x, y, c)
			} else {
				m.Set(x, y, color.RGBA{250, 240, 230, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPages(t *testing.T) {
	w := newWorld(t, Options{})
	for path, surface := range map[string]string{
		"/v1/feed?user=u1&limit=5": "home", "/v1/feed": "explore", "/v1/explore": "explore", "/v1/items/i3/related": "related",
		"/v1/boards/b1/ideas?user=u1": "more_ideas", "/v1/search?q=grey+cat": "search",
	} {
		var p Page
		w.ok("GET", path, nil, &p)
		if p.Surface != surface || len(p.Items) == 0 || p.RequestID == "" {
			t.Errorf("%s: surface %q, %d items, request %q", path, p.Surface, len(p.Items), p.RequestID)
		}
		for i, x := range p.Items {
			if x.Position != i+1 || x.ID == "" || len(x.Sources) == 0 {
				t.Errorf("%s: tile %d is %+v", path, i, x)
			}
		}
		var ex Explanation
		w.ok("GET", "/v1/explain?request="+p.RequestID+"&item="+p.Items[0].ID, nil, &ex)
		if ex.Position != 1 || len(ex.Sources) == 0 {
			t.Errorf("%s: explanation %+v", path, ex)
		}
	}
}

func TestPagingNeverRepeats(t *testing.T) {
	w := newWorld(t, Options{})
	for _, path := range []string{"/v1/feed?user=u1&limit=7", "/v1/explore?limit=7", "/v1/search?q=cat&limit=7"} {
		seen, cursor, pages := map[string]bool{}, "", 0
		for ; pages < 30; pages++ {
			var p Page
			w.ok("GET", path+"&cursor="+cursor, nil, &p)
			for _, x := range p.Items {
				if seen[x.ID] {
					t.Fatalf("%s: %s came twice, on page %d", path, x.ID, pages)
				}
				seen[x.ID] = true
			}
			if cursor = p.NextCursor; cursor == "" {
				break
			}
			w.ok("POST", "/v1/events", Events{[]bowerbird.Event{{Kind: bowerbird.Save, User: "u2", Item: p.Items[0].ID}}}, nil)
		}
		if len(seen) < 20 || cursor != "" {
			t.Errorf("%s: %d items on %d pages, cursor left %q", path, len(seen), pages, cursor)
		}
	}
}
