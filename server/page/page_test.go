package page

import (
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, h http.Handler, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRoutesOfThePageServeIndex(t *testing.T) {
	h := Handler()
	index := body(t, get(t, h, "/"))
	if !strings.Contains(index, `<div id="app">`) {
		t.Fatal("/ is not the page")
	}
	for _, path := range []string{"/item/a%2Fb", "/search?q=oak", "/board/b1", "/studio", "/../../etc/passwd"} {
		r := get(t, h, path)
		if r.StatusCode != 200 || body(t, r) != index {
			t.Errorf("%s: status %d, or not the page", path, r.StatusCode)
		}
	}
}

func TestAssetsAreThereAndCached(t *testing.T) {
	h := Handler()
	index := body(t, get(t, h, "/"))
	assets := regexp.MustCompile(`/assets/[\w.-]+`).FindAllString(index, -1)
	if len(assets) < 2 {
		t.Fatalf("index.html names %d assets, want a script and a style sheet", len(assets))
	}
	for _, a := range assets {
		r := get(t, h, a)
		if r.StatusCode != 200 || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, Cache-Control %q", a, r.StatusCode, r.Header.Get("Cache-Control"))
		}
		plain := body(t, r)
		z := get(t, h, a, "Accept-Encoding", "gzip")
		g, err := gzip.NewReader(z.Body)
		if err != nil {
			t.Fatalf("%s: %v", a, err)
		}
		if b, err := io.ReadAll(g); err != nil || string(b) != plain {
			t.Errorf("%s: the compressed file is another (%v)", a, err)
		}
	}
	if r := get(t, h, "/assets/gone-1234.js"); r.StatusCode != 404 {
		t.Errorf("a missing asset answers %d, want 404", r.StatusCode)
	}
}

func TestRevalidates(t *testing.T) {
	h := Handler()
	tag := get(t, h, "/").Header.Get("ETag")
	if r := get(t, h, "/", "If-None-Match", tag); r.StatusCode != http.StatusNotModified {
		t.Errorf("the same ETag answers %d, want 304", r.StatusCode)
	}
}

func TestOnlyReads(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST answers %d", w.Code)
	}
}

// The policy refuses what is written into the page itself, so nothing may be.
func TestNothingInline(t *testing.T) {
	h := Handler()
	r := get(t, h, "/")
	if r.Header.Get("Content-Security-Policy") != Policy {
		t.Error("no Content-Security-Policy")
	}
	index := body(t, r)
	for name, bad := range map[string]string{"inline script": `<script(?:\s[^>]*)?>[^<]`, "inline style": `<style|\sstyle=`, "handler": `\son\w+=`, "other host": `(?:src|href)="(?:https?:)?//`} {
		if regexp.MustCompile(bad).MatchString(index) {
			t.Errorf("index.html holds an %s", name)
		}
	}
}

func TestSmall(t *testing.T) {
	const most = 120 << 10
	total := 0
	files, err := load(FS())
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range files {
		if strings.HasSuffix(name, ".js") {
			total += len(f.zipped)
		}
	}
	if total == 0 || total > most {
		t.Errorf("the scripts are %d bytes compressed, want 1 to %d", total, most)
	}
}

func ExampleHandler() {
	s := httptest.NewServer(Handler())
	defer s.Close()
	r, err := http.Get(s.URL + "/item/i12")
	if err != nil {
		panic(err)
	}
	defer r.Body.Close()
	fmt.Println(r.StatusCode, r.Header.Get("Content-Type"))
	// Output: 200 text/html; charset=utf-8
}

func ExampleFS() {
	index, err := fs.Stat(FS(), "index.html")
	if err != nil {
		panic(err)
	}
	fmt.Println(index.Name())
	// Output: index.html
}
