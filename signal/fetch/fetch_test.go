package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is a made-up internet: names with addresses, one web server behind every
// public address, and a count of each address that was connected to.
type world struct {
	t     *testing.T
	names map[string][]string // one entry an answer, the last stays
	asked map[string]int
	mu    sync.Mutex
	dials []string
	pages *httptest.Server
}

func newWorld(t *testing.T, h http.HandlerFunc) *world {
	w := &world{t: t, names: map[string][]string{"cdn.pictures.com": {"93.184.216.34"}}, asked: map[string]int{}, pages: httptest.NewServer(h)}
	t.Cleanup(w.pages.Close)
	return w
}

func (w *world) resolve(_ context.Context, host string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	host = strings.TrimSuffix(host, ".")
	answers := w.names[host]
	if len(answers) == 0 {
		return nil, errors.New("no such host")
	}
	n := min(w.asked[host], len(answers)-1)
	w.asked[host]++
	var out []netip.Addr
	for a := range strings.SplitSeq(answers[n], " ") {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, nil
}

// fetcher connects to the web server wherever it is sent, and says where that was.
func (w *world) fetcher(o Options) *Fetcher {
	w.t.Helper()
	o.Resolve, o.HTTP = w.resolve, true
	f, err := New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(f.Close)
	f.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		w.mu.Lock()
		w.dials = append(w.dials, address)
		w.mu.Unlock()
		if err := f.control(ctx, network, address, nil); err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, w.pages.Listener.Addr().String())
	}
	return f
}

// private lists the addresses connected to that are not public.
func (w *world) private() (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.dials {
		if !Public(netip.MustParseAddrPort(d).Addr()) {
			out = append(out, d)
		}
	}
	return out
}

var picture = func() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 7))); err != nil {
		panic(err)
	}
	return b.Bytes()
}()

func serving(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(picture)
}

// hostile are addresses that a stranger might name to reach what is not theirs.
var hostile = []string{
	// loopback, in words
	"http://localhost/a.png", "http://localhost:80/a.png", "http://LOCALHOST/a.png", "http://localhost./a.png", "http://a.localhost/a.png", "http://ip6-localhost/a.png",
	"http://localhost.localdomain/a.png", "http://printer/a.png", "http://router.lan/a.png", "http://nas.local/a.png", "http://vault.internal/a.png", "http://wiki.corp/a.png",
	"http://box.home.arpa/a.png",
	// loopback, in numbers
	"http://127.0.0.1/a.png", "http://127.0.0.1./a.png", "http://127.1/a.png", "http://127.0.1/a.png", "http://127.255.255.254/a.png", "http://2130706433/a.png", "http://0x7f000001/a.png",
	"http://0x7f.0.0.1/a.png", "http://0x7f.1/a.png", "http://017700000001/a.png", "http://0177.0.0.1/a.png", "http://0177.0.0.01/a.png", "http://127.0.0.0x1/a.png", "http://0/a.png",
	"http://0.0.0.0/a.png", "http://127.0.0.1.0/a.png", "http://4294967295/a.png", "http://127%2e0%2e0%2e1/a.png", "http://１２７.0.0.1/a.png", "http://127。0。0。1/a.png",
	"http://①②⑦.⓪.⓪.①/a.png", "http://ⓛocalhost/a.png", "http://127.0.0.1%00.pictures.com/a.png", "http://127.0.0.1%2f.pictures.com/a.png",
	// loopback, IPv6
	"http://[::1]/a.png", "http://[0:0:0:0:0:0:0:1]/a.png", "http://[::]/a.png", "http://[::ffff:127.0.0.1]/a.png", "http://[::ffff:7f00:1]/a.png", "http://[::127.0.0.1]/a.png",
	"http://[::ffff:0:127.0.0.1]/a.png", "http://[64:ff9b::127.0.0.1]/a.png", "http://[64:ff9b:1::7f00:1]/a.png", "http://[2002:7f00:1::]/a.png", "http://[2001:0:7f00:1::]/a.png",
	"http://[::1%25lo]/a.png", "http://[fe80::1%25eth0]/a.png", "http://::1/a.png",
	// private, link-local, shared, special
	"http://10.0.0.1/a.png", "http://10.255.255.255/a.png", "http://172.16.0.1/a.png", "http://172.31.255.255/a.png", "http://192.168.1.1/a.png", "http://169.254.1.1/a.png", "http://100.64.0.1/a.png",
	"http://192.0.0.8/a.png", "http://192.0.2.1/a.png", "http://198.18.0.1/a.png", "http://198.51.100.1/a.png", "http://203.0.113.1/a.png", "http://224.0.0.1/a.png", "http://240.0.0.1/a.png",
	"http://255.255.255.255/a.png", "http://[fc00::1]/a.png", "http://[fd12:3456::1]/a.png", "http://[fe80::1]/a.png", "http://[fec0::1]/a.png", "http://[ff02::1]/a.png", "http://[100::1]/a.png",
	"http://[2001:db8::1]/a.png", "http://[4000::1]/a.png",
	// clouds' metadata
	"http://169.254.169.254/latest/meta-data/a.png", "http://metadata.google.internal/a.png", "http://metadata/a.png", "http://100.100.100.200/a.png", "http://192.0.0.192/a.png",
	"http://168.63.129.16/a.png", "http://[fd00:ec2::254]/a.png", "http://2852039166/a.png", "http://0xa9fea9fe/a.png", "http://0251.0376.0251.0376/a.png", "http://[::ffff:169.254.169.254]/a.png",
	// other schemes, ports, tricks with the authority
	"file:///etc/passwd", "ftp://cdn.pictures.com/a.png", "gopher://cdn.pictures.com:6379/_a", "dict://cdn.pictures.com:11211/a", "data:image/png;base64,AAAA", "javascript:alert(1)", "//cdn.pictures.com/a.png", "/a.png", "",
	"http:///a.png", "http:cdn.pictures.com", "http://cdn.pictures.com:22/a.png", "http://cdn.pictures.com:6379/a.png", "http://cdn.pictures.com:0/a.png", "http://cdn.pictures.com:080/a.png",
	"http://cdn.pictures.com:65536/a.png", "http://cdn.pictures.com:/a.png", "http://cdn.pictures.com@127.0.0.1/a.png", "http://user:word@cdn.pictures.com/a.png", "http://cdn.pictures.com\\@127.0.0.1/a.png",
	"http://127.0.0.1\\@cdn.pictures.com/a.png", "http://cdn.pictures.com#@127.0.0.1:80@/a.png:1\x00", "http://cdn.pictures.com\t.evil/a.png", "http://cdn.pictures.com\r\nHost: localhost/a.png", " http://cdn.pictures.com/a.png",
	"http://-cdn.pictures.com/a.png", "http://cdn..pictures.com/a.png", "http://" + strings.Repeat("a.", 130) + "com/a.png", "http://cdn.pictures.com/" + strings.Repeat("a", 3000),
	// names that lead inside
	"http://loop.evil.com/a.png", "http://private.evil.com/a.png", "http://mixed.evil.com/a.png", "http://mapped.evil.com/a.png", "http://six.evil.com/a.png", "http://cloud.evil.com/a.png", "http://zone.evil.com/a.png",
}

var inside = map[string][]string{
	"loop.evil.com": {"127.0.0.1"}, "private.evil.com": {"10.1.2.3"}, "mixed.evil.com": {"93.184.216.34 192.168.0.1"}, "mapped.evil.com": {"::ffff:10.0.0.1"}, "six.evil.com": {"::1"},
	"cloud.evil.com": {"169.254.169.254"}, "zone.evil.com": {"fe80::1%eth0"}, "localhost": {"127.0.0.1"}, "ip6-localhost": {"::1"}, "metadata": {"169.254.169.254"}, "printer": {"10.0.0.9"},
	"0x7f.1": {"127.0.0.1"}, "2130706433": {"127.0.0.1"}, "a.localhost": {"127.0.0.1"}, "metadata.google.internal": {"169.254.169.254"},
}

// TestHostileAddresses asks every hostile form, directly and as a redirect: none is
// connected to.
func TestHostileAddresses(t *testing.T) {
	var to string
	w := newWorld(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			w.Header()["Location"] = []string{to}
			w.WriteHeader(http.StatusFound)
			return
		}
		serving(w, r)
	})
	for name, answers := range inside {
		w.names[name] = answers
	}
	f := w.fetcher(Options{})
	for _, address := range hostile {
		before := len(w.dials)
		if _, err := f.Picture(t.Context(), address); !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v, want it refused", address, err)
		}
		if len(w.dials) != before {
			t.Errorf("%q: connected to %v", address, w.dials[before:])
		}
		if strings.HasPrefix(address, "/") || strings.ContainsAny(address, "\t\r\n\x00 ") || address == "" || strings.Contains(address, "#") { // a relative redirect is another address
			continue
		}
		to = address
		if _, err := f.Picture(t.Context(), "http://cdn.pictures.com/away"); err == nil {
			t.Errorf("redirect to %q was followed", address)
		}
	}
	if p := w.private(); len(p) > 0 {
		t.Errorf("connected to %v", p)
	}
	if f.Refused() < uint64(len(hostile)) {
		t.Errorf("%d refusals were counted of %d", f.Refused(), len(hostile))
	}
	t.Logf("%d hostile addresses, directly and as redirects: 0 connections", len(hostile))
	if len(hostile) < 60 {
		t.Error("too few")
	}
}

// TestRebinding: a name that is public when it is asked first and private after.
func TestRebinding(t *testing.T) {
	hop := 0
	w := newWorld(t, func(w http.ResponseWriter, r *http.Request) {
		if hop++; hop < 3 {
			w.Header().Set("Connection", "close")
			http.Redirect(w, r, fmt.Sprintf("http://flip.evil.com/%d.png", hop), http.StatusFound)
			return
		}
		serving(w, r)
	})
	w.names["flip.evil.com"] = []string{"93.184.216.34", "127.0.0.1"}
	f := w.fetcher(Options{})
	if _, err := f.Picture(t.Context(), "http://flip.evil.com/a.png"); !errors.Is(err, ErrRefused) {
		t.Errorf("%v, want a refusal", err)
	}
	if p := w.private(); len(p) > 0 || len(w.dials) != 1 {
		t.Errorf("connected to %v", w.dials)
	}
}

// TestSocket: what the resolver's check let through, the socket's does not.
func TestSocket(t *testing.T) {
	f, err := New(Options{HTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if c, err := f.dial(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, ErrRefused) {
		t.Errorf("connected: %v %v", c, err)
	}
}

func TestPicture(t *testing.T) {
	w := newWorld(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/a.png", http.StatusMovedPermanently)
			return
		case "/a.png":
			for _, h := range []string{"Cookie", "Referer", "Authorization"} {
				if r.Header.Get(h) != "" {
					t.Errorf("%s was sent", h)
				}
			}
			w.Header().Set("Set-Cookie", "a=b")
		}
		serving(w, r)
	})
	f := w.fetcher(Options{})
	for _, address := range []string{"http://cdn.pictures.com/a.png", "http://CDN.pictures.com./a.png", "http://cdn.pictures.com/moved", "http://93.184.216.34/a.png", "http://[2606:2800:220:1::1]/a.png"} {
		data, err := f.Picture(t.Context(), address)
		if err != nil || !bytes.Equal(data, picture) {
			t.Errorf("%s: %d bytes, %v", address, len(data), err)
		}
	}
}

func TestHosts(t *testing.T) {
	w := newWorld(t, serving)
	w.names["a.shop.com"], w.names["shop.com"], w.names["evilshop.com"], w.names["store.shop.com"] = []string{"93.184.216.34"}, []string{"93.184.216.34"}, []string{"93.184.216.34"}, []string{"10.1.2.3"}
	f := w.fetcher(Options{Hosts: []string{"*.Shop.com", "cdn.pictures.com"}})
	for host, want := range map[string]bool{"a.shop.com": true, "cdn.pictures.com": true, "shop.com": false, "evilshop.com": false, "93.184.216.34": false, "store.shop.com": false} {
		if _, err := f.Picture(t.Context(), "http://"+host+"/a.png"); (err == nil) != want {
			t.Errorf("%s: %v, want it allowed: %v", host, err, want)
		}
	}
	own := w.fetcher(Options{Hosts: []string{"store.shop.com"}, Private: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}})
	if _, err := own.Picture(t.Context(), "http://store.shop.com/a.png"); err != nil {
		t.Errorf("an owner's own store: %v", err)
	}
	if _, err := New(Options{Private: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}); err == nil {
		t.Error("Private without Hosts was taken")
	}
}

func TestBadAnswers(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(append(bytes.Clone(picture), make([]byte, 30<<20)...))
	_ = z.Close()
	endless := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(picture)
		for range 1000 {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		want string
		h    http.HandlerFunc
	}{
		"missing":    {"status 404", http.NotFound},
		"no content": {"status 204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }},
		"empty":      {"empty", func(http.ResponseWriter, *http.Request) {}},
		"a page":     {"media type", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }},
		"says png": {"SVG", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = io.WriteString(w, "<svg onload='x'/>")
		}},
		"claims much": {"most is", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			w.Header().Set("Content-Length", "99999999")
			_, _ = w.Write(picture)
		}},
		"endless": {"more than", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			endless(w, r)
		}},
		"broken off": {"broke off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			w.Header().Set("Content-Length", "5000")
			_, _ = w.Write(picture)
		}},
		"gzip bomb": {"encoding", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(bomb.Bytes())
		}},
		"round and round": {"redirects", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }},
		"slow":            {"within", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		"drip": {"broke off", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(picture)
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte{0})
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		}},
		"large header": {"no answer in HTTP", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.h)
			f := w.fetcher(Options{MaxBytes: 1 << 20, Timeout: 700 * time.Millisecond})
			data, err := f.Picture(t.Context(), "http://cdn.pictures.com/a.png")
			if !errors.Is(err, ErrFetch) || data != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d bytes, %v; want %q", len(data), err, c.want)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	w := newWorld(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	f := w.fetcher(Options{Parallel: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var g sync.WaitGroup
	for range 3 { // one is served, two wait for their turn
		g.Go(func() {
			if _, err := f.Picture(ctx, "http://cdn.pictures.com/a.png"); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	g.Wait()
}

func TestPublic(t *testing.T) {
	for _, a := range []string{"8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"} {
		if !Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is no public one")
	}
}

// FuzzParse: whatever is accepted names a host that means the same to everyone.
func FuzzParse(f *testing.F) {
	for _, a := range hostile {
		f.Add(a)
	}
	f.Add("https://cdn.pictures.com/a.png?x=1#y")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := parse(raw, true)
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		a, err := netip.ParseAddr(got.host)
		if err != nil && !strings.Contains(got.host, ".") {
			t.Errorf("%q: host %q", raw, got.host)
		}
		if err == nil && a.Zone() != "" {
			t.Errorf("%q: zone", raw)
		}
		if strings.ContainsAny(got.host, "@:/\\%") && !a.Is6() {
			t.Errorf("%q: host %q", raw, got.host)
		}
	})
}
