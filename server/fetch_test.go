package server

import (
	"image/color"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"bowerbird/signal/fetch"
)

// TestPictureByAddress: off unless asked for, and then from allowed places only.
func TestPictureByAddress(t *testing.T) {
	data := testPNG(t, color.RGBA{200, 30, 30, 255})
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.png" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(data)
	}))
	defer far.Close()
	_, port, _ := strings.Cut(far.Listener.Addr().String(), ":")
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fetch.New(fetch.Options{HTTP: true, Hosts: []string{"127.0.0.1"}, Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Ports: []uint16{uint16(n)}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	off := newWorld(t, Options{})
	off.bad("PUT", "/v1/items/i1/picture", PictureAt{far.URL + "/a.png"}, 403, "fetch_off", "url")

	w := newWorld(t, Options{Fetch: f})
	var it Item
	w.ok("PUT", "/v1/items/i1/picture", PictureAt{far.URL + "/a.png"}, &it)
	if it.Picture == nil || it.Picture.Width != 64 {
		t.Errorf("%+v", it.Picture)
	}
	w.bad("PUT", "/v1/items/i1/picture", PictureAt{far.URL + "/none.png"}, 502, "fetch", "url")
	w.bad("PUT", "/v1/items/i1/picture", PictureAt{"https://localhost/a.png"}, 400, "invalid", "url")
	w.bad("PUT", "/v1/items/i1/picture", PictureAt{"https://example.com/a.png"}, 400, "invalid", "url")
	w.bad("PUT", "/v1/items/i1/picture", PictureAt{}, 400, "invalid", "url")
	w.bad("PUT", "/v1/items/i1/picture", `{"uri": "x"}`, 400, "json", "uri")
	if m := string(w.ok("GET", "/metrics", nil, nil).body); !strings.Contains(m, "bowerbird_fetch_refused_total 2\n") {
		t.Error("refusals are not counted")
	}
}
