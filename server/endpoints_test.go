package server

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image/color"
	"mime/multipart"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bowerbird"
)

// form makes a multipart body; a value of []byte is a file.
func form(t *testing.T, fields map[string]any) ([]byte, string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, v := range fields {
		switch v := v.(type) {
		case []byte:
			f, err := m.CreateFormFile(name, name)
			if err != nil {
				t.Fatal(err)
			}
			f.Write(v) // a bytes.Buffer takes all
		case string:
			if err := m.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.Close()
	return b.Bytes(), m.FormDataContentType()
}

func TestPicturesFromUploadToSearch(t *testing.T) {
	w := newWorld(t, Options{})
	data := testPNG(t, color.RGBA{20, 120, 60, 255})
	body, kind := form(t, map[string]any{"picture": data, "title": "A green tile", "tags": "green, tile", "user": "u1", "board": "b1"})
	var up Uploaded
	w.ok("POST", "/v1/uploads", body, &up, "Content-Type", kind)
	p := up.Item.Picture
	if p == nil || p.Width != 64 || p.Height != 48 || !strings.HasPrefix(p.Small, "/pictures/") || len(p.Colours) == 0 || up.Item.Owner != "u1" || len(up.Item.Tags) != 2 {
		t.Fatalf("%+v", up.Item)
	}
	var b Board
	w.ok("GET", "/v1/boards/b1", nil, &b)
	if !slices.Contains(b.Cover, p.Small) {
		t.Errorf("the board's cover lacks the upload: %+v", b)
	}

	got := w.ok("GET", p.Original, nil, nil)
	if !bytes.Equal(got.body, data) || got.head.Get("Content-Type") != "image/png" || !strings.Contains(got.head.Get("Cache-Control"), "immutable") || got.head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the picture: %d bytes, %v", len(got.body), got.head)
	}
	if again := w.do("GET", p.Original, nil, "If-None-Match", got.head.Get("ETag")); again.code != 304 {
		t.Errorf("revalidation answers %d", again.code)
	}
	id, err := w.e.Blobs().Put(t.Context(), []byte("<script>alert(1)</script>"))
	if err != nil {
		t.Fatal(err)
	}
	w.bad("GET", "/pictures/"+id, nil, 404, "unknown_picture", "picture")

	for i, c := range []color.RGBA{{25, 125, 65, 255}, {200, 30, 30, 255}, {30, 30, 200, 255}} {
		var it Item
		w.ok("PUT", fmt.Sprintf("/v1/items/i%d/picture", i), testPNG(t, c), &it, "Content-Type", "image/png")
		if it.Picture == nil || it.Title == "" {
			t.Fatalf("%+v", it)
		}
	}
	w.ok("PUT", "/v1/items/i0", `{"title":"renamed"}`, nil)
	var it Item
	w.ok("GET", "/v1/items/i0", nil, &it)
	if it.Picture == nil || it.Title != "renamed" || it.Created != 1000 {
		t.Errorf("a put loses the picture or the time: %+v", it)
	}
	w.ok("PUT", "/v1/items/i0", w.ok("GET", "/v1/items/i0", nil, nil).body, nil, "Content-Type", "application/json")

	var page Page
	w.ok("POST", "/v1/search/visual", Visual{Item: up.Item.ID, Limit: 2}, &page)
	if page.Surface != "visual" || len(page.Items) == 0 || page.Items[0].ID != "i0" {
		t.Errorf("like the upload: %+v", page.Items)
	}
	w.ok("POST", "/v1/search/visual", Visual{Item: up.Item.ID, Crops: []Crop{{0, 0, .5, .5}, {.4, .4, .5, .5}}, Limit: 2}, &page)
	if page.Surface != "search" || len(page.Items) == 0 || page.Items[0].ID != up.Item.ID && page.Items[0].ID != "i0" {
		t.Errorf("like two parts of the upload: %+v", page)
	}
	for _, q := range []Visual{{Item: up.Item.ID, Move: []string{"colour=blue"}, Limit: 1}, {Item: up.Item.ID, Q: "but blue", Limit: 1}} {
		if w.ok("POST", "/v1/search/visual", q, &page); len(page.Items) != 1 || page.Items[0].ID != "i2" {
			t.Errorf("like the upload, but blue: %+v", page.Items)
		}
	}
	w.ok("POST", "/v1/search/visual", Visual{Item: up.Item.ID, Style: true, Limit: 1}, &page)
	if page.Surface != "visual" || len(page.Items) != 1 || page.Items[0].ID != "i0" {
		t.Errorf("made like the upload: %+v", page.Items)
	}
	w.bad("POST", "/v1/search/visual", Visual{Item: up.Item.ID, Move: []string{"colour=mauve"}}, 422, "invalid", "move")
	w.bad("POST", "/v1/search/visual", Visual{Item: up.Item.ID, Crops: []Crop{{0, 0, 2, 1}}}, 400, "invalid", "crops[0]")
	var regions Regions
	w.ok("GET", "/v1/items/"+up.Item.ID+"/regions", nil, &regions)
	w.bad("GET", "/v1/items/nothing/regions", nil, 404, "unknown_item", "item")
	w.ok("POST", "/v1/search/visual", Visual{Item: up.Item.ID, Crop: &Crop{0, 0, .5, .5}, User: "u1"}, &page)
	if len(page.Items) == 0 {
		t.Error("nothing looks like the crop")
	}
	body, kind = form(t, map[string]any{"picture": data, "limit": "1", "crop": `{"x":0,"y":0,"width":1,"height":1}`})
	w.ok("POST", "/v1/search/visual", body, &page, "Content-Type", kind)
	if len(page.Items) != 1 || page.NextCursor == "" {
		t.Fatalf("by an upload: %+v", page)
	}
	first := page.Items[0].ID
	body, kind = form(t, map[string]any{"cursor": page.NextCursor, "limit": "1"})
	var next Page
	w.ok("POST", "/v1/search/visual", body, &next, "Content-Type", kind)
	if len(next.Items) != 1 || next.Items[0].ID == first {
		t.Errorf("the second page repeats the first: %+v", next.Items)
	}
	// A picture and words: both say something, and the page after is another.
	body, kind = form(t, map[string]any{"picture": data, "q": "cat", "weight": "3", "limit": "2"})
	w.ok("POST", "/v1/search/visual", body, &page, "Content-Type", kind)
	if page.Surface != "search" || len(page.Items) != 2 || page.NextCursor == "" {
		t.Fatalf("by an upload and words: %+v", page)
	}
	seen := []string{page.Items[0].ID, page.Items[1].ID}
	if page.Items[0].Picture == nil || !strings.Contains(page.Items[0].Why, "looks like") {
		t.Errorf("three parts picture and one of words that all items hold: %+v", page.Items[0])
	}
	body, kind = form(t, map[string]any{"cursor": page.NextCursor, "q": "cat", "weight": "3", "limit": "2"})
	w.ok("POST", "/v1/search/visual", body, &next, "Content-Type", kind)
	if len(next.Items) == 0 || slices.Contains(seen, next.Items[0].ID) {
		t.Errorf("the second page by an upload and words: %+v", next.Items)
	}
	w.ok("POST", "/v1/search/visual", Visual{Item: "i0", Q: "red", Limit: 5}, &page)
	if page.Surface != "search" || len(page.Items) == 0 || slices.ContainsFunc(page.Items, func(x Tile) bool { return x.ID == "i0" }) {
		t.Errorf("like an item, and words: %+v", page.Items)
	}
	body, kind = form(t, map[string]any{"picture": data, "board": "b1"})
	w.bad("POST", "/v1/uploads", body, 400, "invalid", "user", "Content-Type", kind)
	body, kind = form(t, map[string]any{"title": "no picture"})
	w.bad("POST", "/v1/uploads", body, 400, "invalid", "picture", "Content-Type", kind)
}

func TestForgetSearches(t *testing.T) {
	w := newWorld(t, Options{})
	w.ok("POST", "/v1/events", `{"events":[{"type":"search","user":"u1","query":"Grey Cat"},{"type":"search","user":"u1","query":"red cat"},{"type":"search","user":"u2","query":"grey cat"}]}`, nil, "Content-Type", "application/json")
	var f Forgotten
	if w.ok("DELETE", "/v1/users/u1/searches?q=grey+cat", nil, &f); f.Searches != 1 {
		t.Errorf("%+v", f)
	}
	if w.ok("DELETE", "/v1/users/u1/searches?q=grey+cat", nil, &f); f.Searches != 0 {
		t.Errorf("again: %+v", f)
	}
	if w.ok("DELETE", "/v1/users/u1/searches", nil, &f); f.Searches != 1 {
		t.Errorf("what was left: %+v", f)
	}
	w.bad("DELETE", "/v1/users/nobody/searches", nil, 404, "unknown_user", "user")
	w.bad("DELETE", "/v1/users/u1/searches?q=+", nil, 400, "invalid", "q")
	w.bad("DELETE", "/v1/users/u1/searches?q=%01", nil, 400, "invalid", "q")
	w.bad("DELETE", "/v1/users/u1/searches?q=%22", nil, 422, "invalid", "q")
	w.bad("POST", "/v1/searches", nil, 404, "not_found", "")
	var r Results
	w.ok("POST", "/v1/events", `{"events":[{"type":"search_forget","user":"u1","query":"x"}]}`, &r, "Content-Type", "application/json")
	if len(r.Results) != 1 || r.Results[0].Error == nil {
		t.Errorf("as an event: %+v", r)
	}
}

func TestSecretBoards(t *testing.T) {
	w := newWorld(t, Options{}) // b3 is the secret of u3
	for _, path := range []string{"/v1/boards/b3", "/v1/boards/b3/items", "/v1/boards/b3/ideas"} {
		w.bad("GET", path, nil, 404, "unknown_board", "board")
		w.bad("GET", path+"?user=u1", nil, 404, "unknown_board", "board")
		w.ok("GET", path+"?user=u3", nil, nil)
	}
	count := func(path string) int {
		var l BoardList
		w.ok("GET", path, nil, &l)
		return len(l.Boards)
	}
	for path, want := range map[string]int{"/v1/boards": 3, "/v1/boards?user=u3": 4, "/v1/users/u3/boards": 0, "/v1/users/u3/boards?user=u3": 1, "/v1/users/u3/boards?user=u1": 0} {
		if got := count(path); got != want {
			t.Errorf("%s lists %d boards, want %d", path, got, want)
		}
	}
	var u User
	w.ok("GET", "/v1/users/u3", nil, &u)
	if u.Boards != 0 {
		t.Error("the count tells of a secret board")
	}
}

// walk follows a list to its end and returns the ids.
func walk(t *testing.T, w *world, path, key string) []string {
	t.Helper()
	var out []string
	after := ""
	for range 100 {
		p := w.ok("GET", path+"&after="+after, nil, nil)
		for _, x := range p.field(key).([]any) {
			out = append(out, x.(map[string]any)["id"].(string))
		}
		next, ok := p.field("next").(string)
		if !ok {
			return out
		}
		after = next
	}
	t.Fatal(path + " has no end")
	return nil
}

func TestLists(t *testing.T) {
	w := newWorld(t, Options{})
	w.ok("DELETE", "/v1/items/i7", nil, nil)
	w.bad("DELETE", "/v1/items/i7", nil, 404, "unknown_item", "item")
	w.ok("DELETE", "/v1/boards/b2", nil, nil)
	for path, want := range map[string]int{"/v1/items?limit=7": 59, "/v1/users?limit=5": 12, "/v1/boards?limit=1": 2, "/v1/boards/b1/items?limit=3": 8} {
		key := path[len("/v1/"):strings.IndexByte(path, '?')]
		key = key[strings.LastIndexByte(key, '/')+1:]
		ids := walk(t, w, path, key)
		slices.Sort(ids)
		if len(ids) != want || len(slices.Compact(ids)) != want {
			t.Errorf("%s lists %d, want %d each once", path, len(ids), want)
		}
	}
	// A save made between two stretches repeats nothing.
	var l ItemList
	w.ok("GET", "/v1/boards/b1/items?limit=3", nil, &l)
	w.ok("POST", "/v1/events", `{"events":[{"type":"save","user":"u1","item":"i50","board":"b1"}]}`, nil)
	var l2 ItemList
	w.ok("GET", "/v1/boards/b1/items?limit=3&after="+l.Next, nil, &l2)
	for _, x := range l2.Items {
		if slices.ContainsFunc(l.Items, func(y Item) bool { return y.ID == x.ID }) {
			t.Errorf("%s came twice", x.ID)
		}
	}
}

func TestNamesInPaths(t *testing.T) {
	w := newWorld(t, Options{})
	for _, id := range []string{"a%2Fb", "a%3Fb%23c", "%2E%2E", "gr%C3%BC%C3%9Fe%20dich"} {
		var x, y Item
		w.ok("PUT", "/v1/items/"+id, `{"title":"odd name"}`, &x)
		w.ok("GET", "/v1/items/"+id, nil, &y)
		if x.ID != y.ID || x.ID == "" || strings.Contains(x.ID, "%") {
			t.Errorf("%s became %q, %q", id, x.ID, y.ID)
		}
	}
}

func TestPeopleBoardsAndErasure(t *testing.T) {
	w := newWorld(t, Options{})
	var u User
	w.ok("PUT", "/v1/users/zoe", `{"name":"Zoe","labels":{"age":30}}`, &u)
	if u.Name != "Zoe" || len(u.Labels) != 1 {
		t.Errorf("%+v", u)
	}
	var b Board
	w.ok("PUT", "/v1/boards/zb", `{"title":"Zoe's","owner":"zoe"}`, &b)
	w.ok("POST", "/v1/events", `{"events":[{"type":"save","user":"zoe","item":"i4","board":"zb"}]}`, nil)
	var l BoardList
	w.ok("GET", "/v1/users/zoe/boards?item=i4", nil, &l)
	if len(l.Boards) != 1 || l.Boards[0].HasItem == nil || !*l.Boards[0].HasItem || l.Boards[0].Items != 1 {
		t.Errorf("%+v", l)
	}
	var page Page
	w.ok("GET", "/v1/feed?user=zoe", nil, &page)
	w.ok("DELETE", "/v1/users/zoe", nil, nil)
	w.bad("GET", "/v1/users/zoe", nil, 404, "unknown_user", "user")
	w.bad("GET", "/v1/boards/zb", nil, 404, "unknown_board", "board")
	w.bad("GET", "/v1/explain?request="+page.RequestID+"&item="+page.Items[0].ID, nil, 404, "unknown_request", "request")
}

func TestItemsBatchAndBackup(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "backups")
	w := newWorld(t, Options{Backups: dir})
	var out Results
	w.ok("POST", "/v1/items", `{"items":[{"id":"n1","title":"new"},{"titel":"x"},{"title":"no id"}]}`, &out)
	if out.Results[0].Error != nil || out.Results[1].Error == nil || out.Results[1].Error.Field != "titel" || out.Results[2].Error == nil || out.Results[2].Error.Field != "id" {
		t.Errorf("%s", plain(t, out))
	}
	w.bad("POST", "/v1/backup", `{"name":"../x"}`, 400, "invalid", "name")
	w.ok("POST", "/v1/backup", `{"name":"one"}`, nil)
	w.bad("POST", "/v1/backup", `{"name":"one"}`, 422, "invalid", "dir")
	if _, err := os.Stat(filepath.Join(dir, "one", "log")); err != nil {
		t.Error(err)
	}
}

func TestCompletions(t *testing.T) {
	w := newWorld(t, Options{})
	var c Completions
	w.ok("GET", "/v1/complete?q=gre&user=u0&limit=5", nil, &c)
	if len(c.Completions) == 0 || len(c.Completions) > 5 || c.Completions[0].Kind != "board" || c.Completions[0].Board != "b0" {
		t.Errorf("%+v", c)
	}
	w.bad("GET", "/v1/complete?q=a&limit=51", nil, 400, "invalid", "limit")
}

// TestOpenAPIDescribesEveryRoute holds the document to the table, and every
// reference in it to a schema.
func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	w := newWorld(t, Options{Version: "9.9"})
	var doc struct {
		OpenAPI    string
		Info       struct{ Version string }
		Paths      map[string]map[string]struct{ OperationID string }
		Components struct{ Schemas map[string]any }
	}
	body := w.ok("GET", "/openapi.json", nil, &doc).body
	if doc.OpenAPI != "3.1.0" || doc.Info.Version != "9.9" {
		t.Errorf("%s %s", doc.OpenAPI, doc.Info.Version)
	}
	ids := map[string]bool{}
	for _, r := range w.s.routes {
		op, ok := doc.Paths[r.path][strings.ToLower(r.method)]
		if !ok || op.OperationID == "" || ids[op.OperationID] || r.doc == "" || r.tag == "" {
			t.Errorf("%s %s is not described, or not by a name of its own (%q)", r.method, r.path, op.OperationID)
		}
		ids[op.OperationID] = true
		if !r.open && r.scope == "" {
			t.Errorf("%s %s has no scope", r.method, r.path)
		}
	}
	for part := range strings.SplitSeq(string(body), `"$ref":"#/components/schemas/`) {
		name, _, _ := strings.Cut(part, `"`)
		if doc.Components.Schemas[name] == nil && !strings.HasPrefix(part, "{") {
			t.Errorf("no schema %q", name)
		}
	}
	if p := w.ok("GET", "/openapi.yaml", nil, nil); !strings.Contains(string(p.body), "openapi: 3.1.0") {
		t.Error("no YAML")
	}
	for _, f := range []string{"/docs", "/docs/docs.js", "/docs/docs.css"} {
		p := w.ok("GET", f, nil, nil)
		if strings.Contains(string(p.body), "://") || p.head.Get("Content-Security-Policy") == "" {
			t.Errorf("%s names another host, or has no policy", f)
		}
	}
	w.bad("GET", "/docs/none", nil, 404, "not_found", "")
}

func TestMetricsCountRoutes(t *testing.T) {
	w := newWorld(t, Options{})
	w.ok("GET", "/v1/items/i1", nil, nil)
	w.do("GET", "/v1/items/none", nil)
	m := string(w.ok("GET", "/metrics", nil, nil).body)
	for _, want := range []string{`bowerbird_http_requests_total{route="GET /v1/items/{id}",status="2xx"} 1`, `bowerbird_http_requests_total{route="GET /v1/items/{id}",status="4xx"} 1`, "bowerbird_items 60", "go_goroutines"} {
		if !strings.Contains(m, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

func TestUBI(t *testing.T) {
	w := newWorld(t, Options{})
	var out Results
	query := `{"query_id":"q1","client_id":"c1","user_query":"grey cat","timestamp":"2024-12-10T00:01:29.378Z","query_attributes":{"a":1}}`
	w.ok("POST", "/v1/ubi/queries", query, &out)
	if len(out.Results) != 1 || out.Results[0].Error != nil {
		t.Fatalf("%s", plain(t, out))
	}
	e, err := w.e.Log().Read(out.Results[0].Offset)
	if err != nil || e.Kind != bowerbird.Search || e.User != "c1" || e.Query != "grey cat" || e.Request != "q1" || e.Time != 1733788889378 {
		t.Errorf("%+v %v", e, err)
	}
	w.ok("POST", "/v1/ubi/queries", `{"queries":[`+query+`,{"query_id":"q2","client_id":"c1"}]}`, &out)
	if !out.Results[0].Duplicate || out.Results[1].Error == nil || out.Results[1].Error.Field != "user_query" {
		t.Errorf("%s", plain(t, out))
	}
	events := `[{"action_name":"click","query_id":"q1","client_id":"c1","timestamp":"2024-12-10T00:01:30Z","event_attributes":{"object":{"object_id":"i4"},"position":{"ordinal":3}}},
		{"action_name":"dance","client_id":"c1"},
		{"action_name":"purchase","client_id":"c1","event_attributes":{"object":{"object_id":"none"}}},
		{"action_name":"view","client_id":"c1","event_attributes":{"object":{}}},
		{"action_name":"view","client_id":"c1","timestamp":"soon","event_attributes":{"object":{"object_id":"i1"}}},
		{"action_name":"search","query_id":"q1","client_id":"c1","user_query":"grey cat"}]`
	w.ok("POST", "/v1/ubi/events", events, &out)
	fields := []string{}
	for _, r := range out.Results {
		f := ""
		if r.Error != nil {
			f = r.Error.Field
		}
		fields = append(fields, f)
	}
	if want := []string{"", "action_name", "item", "event_attributes.object.object_id", "timestamp", ""}; !slices.Equal(fields, want) {
		t.Errorf("faults in %q, want %q: %s", fields, want, plain(t, out))
	}
	if !out.Results[5].Duplicate {
		t.Error("a search event is not the query that it tells of")
	}
	e, err = w.e.Log().Read(out.Results[0].Offset)
	if err != nil || e.Kind != bowerbird.Click || e.Item != "i4" || e.Position != 3 || e.Request != "q1" {
		t.Errorf("%+v %v", e, err)
	}
	w.ok("POST", "/v1/ubi/events", events, &out)
	if !out.Results[0].Duplicate {
		t.Error("a retry was counted twice")
	}
}

// TestUBISample sends the published sample: every line is taken in, or refused for
// an action that means nothing here or for what it lacks.
func TestUBISample(t *testing.T) {
	path := filepath.Join(os.Getenv("BOWERBIRD_DATA"), "search-esci-ubi-sample", "ubi_queries_events.ndjson.gz")
	if os.Getenv("BOWERBIRD_DATA") == "" {
		path = filepath.Join("..", "..", "shared", "data", "search-esci-ubi-sample", "ubi_queries_events.ndjson.gz")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Skip("the UBI sample is not there: ", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var queries, events []string
	items, want := map[string]bool{}, map[string]int{}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var x UBIEvent
		switch line := lines.Text(); {
		case strings.HasPrefix(line, `{"index"`):
		case strings.Contains(line, `"action_name"`):
			if err := json.Unmarshal([]byte(line), &x); err != nil {
				t.Fatal(err)
			}
			if _, ok := ubiActions[x.ActionName]; !ok {
				want[x.ActionName]++
			}
			items[string(x.EventAttributes.Object.ObjectID)] = true
			events = append(events, line)
		default:
			queries = append(queries, line)
		}
	}
	if err := lines.Err(); err != nil || len(events) < 1000 {
		t.Fatal(len(events), err)
	}
	w := newWorld(t, Options{})
	var put []ItemIn
	for id := range items {
		if id != "" {
			put = append(put, ItemIn{ID: id})
		}
	}
	w.ok("POST", "/v1/items", ItemsIn{put}, nil)
	head := []string{"Content-Type", "application/x-ndjson"}
	var out Results
	w.ok("POST", "/v1/ubi/queries", strings.Join(queries, "\n"), &out, head...)
	for i, r := range out.Results {
		if r.Error != nil && (r.Error.Field != "user_query" || !strings.Contains(queries[i], `"user_query": ""`)) {
			t.Fatalf("query %.200s: %s", queries[i], r.Error.Message)
		}
	}
	w.ok("POST", "/v1/ubi/events", strings.Join(events, "\n"), &out, head...)
	refused, others := map[string]int{}, map[string]int{}
	for i, r := range out.Results {
		var x UBIEvent
		_ = json.Unmarshal([]byte(events[i]), &x)
		switch {
		case r.Error == nil, r.Error.Field == "user_query" && x.UserQuery == "",
			r.Error.Field == "event_attributes.object.object_id" && x.EventAttributes.Object.ObjectID == "":
		case r.Error.Field == "action_name":
			refused[x.ActionName]++
		default:
			others[x.ActionName+": "+r.Error.Field+": "+r.Error.Message]++
		}
	}
	if fmt.Sprint(refused) != fmt.Sprint(want) {
		t.Errorf("refused %v, want %v", refused, want)
	}
	for what, n := range others {
		t.Errorf("%d of %s", n, what)
	}
}

func TestGorseFeedback(t *testing.T) {
	w := newWorld(t, Options{})
	rows := func(path string) []GorseFeedback {
		var out []GorseFeedback
		w.ok("GET", path, nil, &out)
		return out
	}
	post := func(method, body string) {
		w.ok(method, "/api/feedback", body, nil)
	}
	one := `[{"FeedbackType":"like","UserId":"g","ItemId":"new","Timestamp":"2022-01-01T00:00:00Z","Value":1}]`
	later := strings.NewReplacer("2022", "2023", `"Value":1`, `"Value":2`).Replace(one)
	post("POST", one)
	post("POST", later)
	if got := rows("/api/user/g/feedback/like"); len(got) != 1 || got[0].Value != 1 {
		t.Errorf("POST overwrote: %+v", got)
	}
	if n := w.e.House().Saves(userID(w, "g")); n != 1 {
		t.Errorf("%d saves after two equal POSTs", n)
	}
	post("PUT", later)
	post("PUT", later)
	if got := rows("/api/user/g/feedback/like"); len(got) != 1 || got[0].Value != 2 || got[0].Timestamp.Year() != 2023 {
		t.Errorf("PUT did not overwrite: %+v", got)
	}
	if p := w.ok("DELETE", "/api/feedback/like/g/new", nil, nil); p.field("RowAffected") != 1. {
		t.Errorf("%s", p.body)
	}
	if p := w.ok("DELETE", "/api/feedback/like/g/new", nil, nil); p.field("RowAffected") != 0. {
		t.Errorf("taken back twice: %s", p.body)
	}
	if got := rows("/api/item/new/feedback"); len(got) != 0 {
		t.Errorf("still there: %+v", got)
	}
	post("POST", one)
	post("POST", one)
	if got := rows("/api/item/new/feedback/like"); len(got) != 1 {
		t.Errorf("after coming back: %+v", got)
	}
	w.ok("DELETE", "/api/user/g", nil, nil)
	post("POST", one)
	if got := rows("/api/user/g/feedback"); len(got) != 1 {
		t.Errorf("after an erasure the same person is new: %+v", got)
	}
	w.bad("GET", "/api/feedback/star/g/new", nil, 404, "unknown_feedback", "")
}

func userID(w *world, name string) bowerbird.UserID {
	id, _ := w.e.House().Catalogue.User(name)
	return id
}

func TestGorseLatestIsByTime(t *testing.T) {
	w := newWorld(t, Options{})
	var out []GorseScore
	w.ok("GET", "/api/latest?n=3&offset=1", nil, &out)
	if len(out) != 3 || out[0].ID != "i58" || out[2].ID != "i56" {
		t.Errorf("%+v", out)
	}
	w.ok("GET", "/api/latest/animals?n=2", nil, &out)
	if len(out) != 2 || out[0].ID != "i59" {
		t.Errorf("of a category: %+v", out)
	}
	w.ok("GET", "/api/recommend/u1?n=150", nil, nil)
	var ids []string
	w.ok("GET", "/api/recommend/u1?n=40&offset=5", nil, &ids)
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 40 {
		t.Errorf("%d distinct of 40", len(ids))
	}
}

func TestGorseKinds(t *testing.T) {
	g := newWorld(t, Options{GorseOther: bowerbird.Click}).s.gorse
	for _, c := range []struct {
		name  string
		value float64
		want  bowerbird.Kind
	}{{"Like", 0, bowerbird.Save}, {"read", 0, bowerbird.Closeup}, {"rating", 5, bowerbird.Save}, {"rating", 2, bowerbird.Closeup}, {"buy", 0, bowerbird.Purchase}, {"dislike", 0, bowerbird.Hide}, {"hum", 0, bowerbird.Click}} {
		if got := g.kind(c.name, c.value); got != c.want {
			t.Errorf("%s %v is %s, want %s", c.name, c.value, got, c.want)
		}
	}
}
