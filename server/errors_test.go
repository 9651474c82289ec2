package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/store"
)

func TestErrorsAreStructured(t *testing.T) {
	w := newWorld(t, Options{MaxBody: 4096, MaxDepth: 8})
	for _, c := range []struct {
		method, path string
		body         any
		code         int
		err, field   string
	}{
		{"GET", "/v1/nothing", nil, 404, "not_found", ""},
		{"GET", "/api/nothing", nil, 404, "not_found", ""},
		{"POST", "/somewhere", "{}", 404, "not_found", ""},
		{"DELETE", "/v1/feed", nil, 405, "method_not_allowed", ""},
		{"GET", "/v1/items/none", nil, 404, "unknown_item", "item"},
		{"GET", "/v1/items/none/related", nil, 404, "unknown_item", "item"},
		{"GET", "/v1/boards/none", nil, 404, "unknown_board", "board"},
		{"GET", "/v1/boards/none/ideas", nil, 404, "unknown_board", "board"},
		{"GET", "/v1/users/none", nil, 404, "unknown_user", "user"},
		{"GET", "/v1/feed?limit=0", nil, 400, "invalid", "limit"},
		{"GET", "/v1/feed?limit=x", nil, 400, "invalid", "limit"},
		{"GET", "/v1/feed?limit=101", nil, 422, "invalid", "limit"},
		{"GET", "/v1/feed?limit=-1", nil, 422, "invalid", "limit"},
		{"GET", "/v1/feed?cursor=abc", nil, 422, "invalid", "cursor"},
		{"GET", "/v1/feed?trace=perhaps", nil, 400, "invalid", "trace"},
		{"GET", "/v1/feed?where=price", nil, 400, "invalid", "where"},
		{"GET", "/v1/feed?where=nofield=1", nil, 422, "invalid", "where"},
		{"GET", "/v1/feed?a=%zz", nil, 400, "invalid", ""},
		{"GET", "/v1/search?q=+", nil, 400, "invalid", "q"},
		{"GET", "/v1/items?limit=501", nil, 400, "invalid", "limit"},
		{"GET", "/v1/items?after=-1", nil, 400, "invalid", "after"},
		{"GET", "/v1/boards/b1/items?after=x", nil, 400, "invalid", "after"},
		{"GET", "/v1/explain?request=x", nil, 400, "invalid", "item"},
		{"GET", "/v1/explain?request=x&item=i1", nil, 404, "unknown_request", "request"},
		{"PUT", "/v1/items/x", `{"titel":"a"}`, 400, "json", "titel"},
		{"PUT", "/v1/items/x", `{"title":3}`, 400, "json", "title"},
		{"PUT", "/v1/items/x", `{"id":"y"}`, 400, "invalid", "id"},
		{"PUT", "/v1/items/x", `{"title":"a"} {}`, 400, "json", ""},
		{"PUT", "/v1/items/x", ``, 400, "json", ""},
		{"PUT", "/v1/items/x", `{"title":`, 400, "json", ""},
		{"PUT", "/v1/items/x", `{"attributes":{"a":{"b":1}}}`, 400, "json", "attributes.a"},
		{"PUT", "/v1/items/x", `{"attributes":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`, 400, "too_deep", ""},
		{"PUT", "/v1/items/x", `{"title":"` + strings.Repeat("a", 1001) + `"}`, 422, "invalid", "title"},
		{"PUT", "/v1/items/x", `{"title":"` + strings.Repeat("a", 5000) + `"}`, 413, "too_large", ""},
		{"PUT", "/v1/items/x", []byte(`{}`), 415, "media_type", ""},
		{"POST", "/v1/events", `{}`, 400, "json", "events"},
		{"POST", "/v1/events", `{"events":3}`, 400, "json", "events"},
		{"POST", "/v1/events", `3`, 400, "json", ""},
		{"POST", "/v1/search/visual", `{}`, 400, "invalid", "picture"},
		{"POST", "/v1/search/visual", `{"item":"i1","crop":{"x":2}}`, 400, "invalid", "crop"},
		{"POST", "/v1/search/visual", `{"item":"i1","weight":2}`, 400, "invalid", "weight"},
		{"POST", "/v1/search/visual", `{"item":"i1","q":"cat","weight":-2}`, 422, "invalid", "weight"},
		{"POST", "/v1/search/visual", `{"item":"i1","q":"cat\u0001"}`, 400, "invalid", "q"},
		{"POST", "/v1/search/visual", `{"item":"none"}`, 404, "unknown_item", "item"},
		{"POST", "/v1/uploads", `{}`, 415, "media_type", ""},
		{"PUT", "/v1/items/i1/picture", []byte("no picture"), 415, "media_type", "picture"},
		{"PUT", "/v1/items/none/picture", []byte("\xff\xd8\xff"), 404, "unknown_item", "item"},
		{"PUT", "/v1/items/i1/picture", []byte("\xff\xd8\xff and no more"), 422, "invalid", "picture"},
		{"GET", "/pictures/abc", nil, 404, "unknown_picture", "picture"},
		{"GET", "/pictures/" + strings.Repeat("0", 64), nil, 404, "unknown_picture", "picture"},
		{"POST", "/v1/models/none/install", nil, 404, "not_found", ""},
		{"POST", "/v1/backup", `{}`, 403, "no_backups", ""},
		{"DELETE", "/v1/users/none", nil, 404, "unknown_user", "user"},
		{"POST", "/api/feedback", `[{"FeedbackType":"like","UserId":"u"}]`, 400, "invalid", "[0].ItemId"},
		{"GET", "/api/items?cursor=x", nil, 400, "invalid", "cursor"},
	} {
		w.bad(c.method, c.path, c.body, c.code, c.err, c.field)
	}
	if p := w.do("DELETE", "/v1/feed", nil); p.head.Get("Allow") != "GET" {
		t.Errorf("Allow is %q", p.head.Get("Allow"))
	}
}

func TestPageForPeople(t *testing.T) {
	w := newWorld(t, Options{})
	for _, path := range []string{"/", "/item/i1", "/board/b1"} {
		p := w.do("GET", path, nil)
		if p.code != 200 || !strings.HasPrefix(p.head.Get("Content-Type"), "text/html") || p.head.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %s", path, p.code, p.head)
		}
	}
}

func TestPanicTellsNothing(t *testing.T) {
	w := newWorld(t, Options{})
	for _, r := range w.s.routes {
		if r.path == "/v1/status" {
			r.do = func(http.ResponseWriter, *http.Request) error { panic("secret inside") }
		}
	}
	p := w.do("GET", "/v1/status", nil)
	if p.code != 500 || strings.Contains(string(p.body), "secret") || p.field("code") != "internal" {
		t.Errorf("%d %s", p.code, p.body)
	}
	if !strings.Contains(string(w.ok("GET", "/metrics", nil, nil).body), "bowerbird_http_panics_total 1") {
		t.Error("the panic was not counted")
	}
}

func TestKeys(t *testing.T) {
	w := newWorld(t, Options{})
	file, err := store.Keys(w.e.Dir().Keys()) // as `bowerbird keys create` does beside a running server
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[store.Scope]string{}
	for _, scope := range []store.Scope{store.Read, store.Write, store.Admin} {
		if _, secrets[scope], err = file.Create("test", scope); err != nil {
			t.Fatal(err)
		}
	}
	w.s.keys.next = time.Time{}
	w.bad("GET", "/v1/status", nil, 401, "unauthorized", "")
	w.bad("GET", "/v1/status", nil, 401, "unauthorized", "", "Authorization", "Bearer wrong")
	w.bad("GET", "/v1/status", nil, 401, "unauthorized", "", "Authorization", "Basic abc")
	for _, open := range []string{"/healthz", "/readyz", "/openapi.json", "/docs", "/"} {
		w.ok("GET", open, nil, nil)
	}
	need := map[store.Scope]int{store.Read: 0, store.Write: 1, store.Admin: 2}
	for have, secret := range secrets {
		for _, c := range []struct {
			method, path, body string
			scope              store.Scope
		}{
			{"GET", "/v1/status", "", store.Read}, {"GET", "/v1/feed?user=u1", "", store.Read}, {"GET", "/metrics", "", store.Read}, {"GET", "/api/recommend/u1", "", store.Read},
			{"PUT", "/v1/users/kk", "{}", store.Write}, {"POST", "/v1/events", `{"events":[]}`, store.Write}, {"POST", "/api/feedback", `[]`, store.Write},
			{"POST", "/v1/backup", `{}`, store.Admin}, {"POST", "/v1/models/none/install", "", store.Admin}, {"DELETE", "/v1/users/nobody", "", store.Admin}, {"DELETE", "/api/user/nobody", "", store.Admin},
			{"GET", "/api/recommend/u1?write-back-type=read", "", store.Write},
		} {
			var body any
			if c.body != "" {
				body = c.body
			}
			p := w.do(c.method, c.path, body, "Authorization", "Bearer "+secret)
			refused := p.code == 403 && p.field("code") == "forbidden"
			if refused != (need[have] < need[c.scope]) {
				t.Errorf("%s %s with a key of scope %s: %d %s", c.method, c.path, have, p.code, p.body)
			}
		}
	}
	w.ok("GET", "/v1/status", nil, nil, "X-API-Key", secrets[store.Read])
	w.ok("GET", "/v1/status", nil, nil, "X-API-Key", secrets[store.Read], "Host", "bird.example")
	for _, k := range file.List() {
		if err := file.Revoke(k.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.s.keys.next = time.Time{}
	w.bad("GET", "/v1/status", nil, 401, "unauthorized", "") // revoking all does not open the door
}

func TestOtherSitesAreRefused(t *testing.T) {
	w := newWorld(t, Options{Hosts: []string{"bird.lan"}, Origins: []string{"https://shop.example"}})
	w.bad("GET", "/v1/status", nil, 403, "forbidden_host", "", "Host", "evil.example")
	w.bad("GET", "/", nil, 403, "forbidden_host", "", "Host", "evil.example:7777")
	for _, host := range []string{"localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:7777", "bird.lan:7777"} {
		w.ok("GET", "/v1/status", nil, nil, "Host", host)
	}
	events := `{"events":[]}`
	w.bad("POST", "/v1/events", events, 403, "cross_origin", "", "Origin", "https://evil.example")
	w.bad("POST", "/v1/events", events, 403, "cross_origin", "", "Sec-Fetch-Site", "cross-site")
	w.bad("POST", "/v1/events", events, 403, "cross_origin", "", "Sec-Fetch-Site", "same-site")
	w.bad("POST", "/v1/events", events, 415, "media_type", "", "Content-Type", "text/plain")
	w.ok("POST", "/v1/events", events, nil, "Origin", "http://localhost:7777")
	w.ok("POST", "/v1/events", events, nil, "Sec-Fetch-Site", "same-origin")
	p := w.ok("POST", "/v1/events", events, nil, "Origin", "https://shop.example", "Sec-Fetch-Site", "cross-site")
	if p.head.Get("Access-Control-Allow-Origin") != "https://shop.example" {
		t.Errorf("the trusted site may not read: %v", p.head)
	}
	if p := w.do("OPTIONS", "/v1/events", nil, "Origin", "https://shop.example", "Access-Control-Request-Method", "POST"); p.code != 204 || p.head.Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("preflight: %d %v", p.code, p.head)
	}
	if p := w.do("GET", "/v1/status", nil, "Origin", "https://evil.example"); p.head.Get("Access-Control-Allow-Origin") != "" {
		t.Error("another site may read")
	}
	if _, err := New(w.e, Options{Origins: []string{"shop"}}); err == nil {
		t.Error("a malformed origin was taken")
	}
}

func TestGzipIsBounded(t *testing.T) {
	w := newWorld(t, Options{MaxBody: 10_000})
	zip := func(s string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	head := []string{"Content-Type", "application/json", "Content-Encoding", "gzip"}
	w.ok("POST", "/v1/events", zip(`{"events":[{"id":"z1","type":"closeup","user":"u1","item":"i1"}]}`), nil, head...)
	w.bad("POST", "/v1/events", zip(`{"events":[`+strings.Repeat(" ", 1<<20)+`]}`), 413, "too_large", "", head...)
	w.bad("POST", "/v1/events", []byte("not gzip"), 400, "body", "", head...)
	w.bad("POST", "/v1/events", []byte("x"), 415, "encoding", "", "Content-Type", "application/json", "Content-Encoding", "br")
}

func TestTooManyAtOnce(t *testing.T) {
	w := newWorld(t, Options{MaxInFlight: 1})
	hold, held := make(chan struct{}), make(chan struct{})
	for _, r := range w.s.routes {
		if r.path == "/v1/status" {
			r.do = func(http.ResponseWriter, *http.Request) error { close(held); <-hold; return nil }
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); w.do("GET", "/v1/status", nil) }()
	<-held
	p := w.do("GET", "/v1/users", nil)
	if p.code != 503 || p.head.Get("Retry-After") == "" || p.field("code") != "busy" {
		t.Errorf("%d %s", p.code, p.body)
	}
	w.ok("GET", "/healthz", nil, nil)
	close(hold)
	<-done
	w.ok("GET", "/v1/users", nil, nil)
}

func TestBodiesHaveABudget(t *testing.T) {
	w := newWorld(t, Options{MaxBody: 1000, MaxBodies: 1000})
	body := `{"events":[]}` + strings.Repeat(" ", 700)
	hold, held := make(chan struct{}), make(chan struct{})
	for _, r := range w.s.routes {
		if r.path == "/v1/ubi/events" {
			r.do = func(rw http.ResponseWriter, r *http.Request) error {
				_, _, err := w.s.readJSON(rw, r)
				close(held)
				<-hold
				return err
			}
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); w.do("POST", "/v1/ubi/events", body) }()
	<-held
	w.bad("POST", "/v1/events", body, 503, "busy", "")
	close(hold)
	<-done
	w.ok("POST", "/v1/events", body, nil)
}

func TestBatchLimit(t *testing.T) {
	w := newWorld(t, Options{})
	w.bad("POST", "/v1/events", `{"events":[`+strings.Repeat("{},", 10_000)+`{}]}`, 413, "too_many", "events")
}

func TestServeStopsGracefully(t *testing.T) {
	w := newWorld(t, Options{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, finish := make(chan struct{}), make(chan struct{})
	for _, r := range w.s.routes {
		if r.path == "/v1/status" {
			r.do = func(w http.ResponseWriter, r *http.Request) error {
				close(started)
				<-finish
				writeJSON(w, 200, "finished")
				return nil
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- w.s.Serve(ctx, ln) }()
	answer := make(chan string, 1)
	go func() {
		r, err := http.Get("http://" + ln.Addr().String() + "/v1/status")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer r.Body.Close()
		var s string
		_ = json.NewDecoder(r.Body).Decode(&s)
		answer <- s
	}()
	<-started
	cancel()
	<-w.s.done
	w.bad("GET", "/readyz", nil, 503, "busy", "")
	close(finish)
	if a := <-answer; a != "finished" {
		t.Errorf("the request in progress got %q", a)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestPublicAddressNeedsKey(t *testing.T) {
	w := newWorld(t, Options{})
	ln, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	err = w.s.Serve(t.Context(), ln)
	if err == nil || !strings.Contains(err.Error(), "bowerbird keys create") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(w.e.Dir().Keys()); err == nil {
		t.Error("a key file appeared")
	}
}

func TestEventsHaveTheirOwnErrors(t *testing.T) {
	w := newWorld(t, Options{})
	body := `{"events":[{"id":"a","type":"save","user":"u1","item":"i9"},{"id":"b","type":"save","user":"u1","item":"none"},{"id":"a","type":"save","user":"u1","item":"i9"},
		{"id":"c","type":"dance","user":"u1"},{"id":"d","type":"save","user":7},{"id":"e","type":"user_erase","user":"u1"},{"id":"f","type":"impression","user":"u1","item":"i1","position":70000}]}`
	var out Results
	w.ok("POST", "/v1/events", body, &out)
	type short struct {
		code, field string
		dup         bool
	}
	want := []short{{}, {"unknown_item", "item", false}, {"", "", true}, {"json", "type", false}, {"json", "user", false}, {"invalid", "type", false}, {"invalid", "position", false}}
	for i, r := range out.Results {
		got := short{dup: r.Duplicate}
		if r.Error != nil {
			got.code, got.field = r.Error.Code, r.Error.Field
		}
		if got != want[i] {
			t.Errorf("event %d: got %+v, want %+v", i, got, want[i])
		}
	}
	lines := "{\"id\":\"n1\",\"type\":\"closeup\",\"user\":\"u1\",\"item\":\"i2\"}\n\nnonsense\n{\"id\":\"n1\",\"type\":\"closeup\",\"user\":\"u1\",\"item\":\"i2\"}"
	w.ok("POST", "/v1/events", lines, &out, "Content-Type", "application/x-ndjson")
	if len(out.Results) != 3 || out.Results[0].Offset == 0 || out.Results[1].Error == nil || !out.Results[2].Duplicate {
		t.Errorf("NDJSON: %+v", out)
	}
}

func TestServedIsNotTheClients(t *testing.T) {
	w := newWorld(t, Options{})
	var out Results
	w.ok("POST", "/v1/events", `{"events":[{"type":"impression","user":"u1","item":"i1","served":{"model":"forged"}}]}`, &out)
	e, err := w.e.Log().Read(out.Results[0].Offset)
	if err != nil || e.Kind != bowerbird.Impression || e.Served != nil {
		t.Errorf("%+v %v", e, err)
	}
}

func FuzzBodies(f *testing.F) {
	for _, s := range []string{`{"events":[{"id":"a","type":"save","user":"u1","item":"i1"}]}`, `[{"type":"save"}]`, `{"action_name":"click","client_id":"c","event_attributes":{"object":{"object_id":3},"position":{"ordinal":{"index":2}}}}`,
		`{"items":[{"id":"x","attributes":{"a":1}}]}`, `[{"FeedbackType":"like","UserId":"u","ItemId":"i","Timestamp":"2020-01-01"}]`, `[[[[`, `{"a":"\`, "{}\n{}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := []byte(s)
		if depth(b, 32) != nil {
			return
		}
		for _, media := range []string{"application/json", "application/x-ndjson"} {
			if in, faults, err := batch[bowerbird.Event](b, media, "events", false); err == nil && len(in) != len(faults) {
				t.Fatal("a fault for each")
			}
			if in, faults, err := batch[UBIEvent](single(b, media, "events"), media, "events", false); err == nil {
				for i := range in {
					if faults[i] == nil {
						_, _ = in[i].event()
					}
				}
			}
			_, _, _ = batch[ItemIn](b, media, "items", true)
		}
		var fb []GorseFeedback
		_ = decode(b, &fb, false)
		var it GorseItem
		if decode(b, &it, false) == nil {
			_, _, _ = labels(it.Labels)
			setComment(&bowerbird.Item{}, it.Comment)
		}
	})
}

// TestErrorsStayShort: an error does not send back the whole of what was wrong.
func TestErrorsStayShort(t *testing.T) {
	w := newWorld(t, Options{})
	for _, body := range []string{`{"` + strings.Repeat("ä", 20_000) + `":1}`, `{"facets":["` + strings.Repeat("x", 9_000) + `"]}`, `{"limit":` + strings.Repeat("9", 9_000) + `}`} {
		r := w.do("POST", "/v1/search", body)
		if r.code < 400 || r.code >= 500 || len(r.body) > 1500 || !json.Valid(r.body) {
			t.Errorf("%.40s: %d with %d bytes: %.300s", body, r.code, len(r.body), r.body)
		}
	}
}
