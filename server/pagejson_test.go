package server

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/engine"
)

func plain(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// awkward are strings and numbers that JSON writers get wrong.
var (
	awkwardText = []string{"", "plain", `quo"te`, `back\slash`, "line\nend", "tab\t", "<b>&amp;</b>", "grüße", "日本", "\u2028x\u2029", "bad\xffutf8", "\x00\x1f", "\x7f", "😀", "\ufffd"}
	awkwardNum  = []float64{0, 1, -1, .1, 1e-6, 9.9e-7, 1e-7, 1e20, 1e21, 1.5e300, math.MaxFloat64, math.SmallestNonzeroFloat64, 1.0 / 3, 123456789}
)

func randomAnswer(r *rand.Rand, n int) *engine.Answer {
	text := func() string { return awkwardText[r.IntN(len(awkwardText))] }
	texts := func() (out []string) {
		for range r.IntN(3) {
			out = append(out, text())
		}
		return out
	}
	word := func() string { // inner marshallers escape HTML, which means the same
		for {
			if s := text(); s != "<b>&amp;</b>" {
				return s
			}
		}
	}
	number := func() float64 { return awkwardNum[r.IntN(len(awkwardNum))] }
	p := &bowerbird.Page{Request: bowerbird.Request{Surface: bowerbird.Surface(1 + r.IntN(6))}, Offset: r.Uint64(), Model: text(), Trace: bowerbird.Trace{Notes: texts()}}
	a := &engine.Answer{RequestID: text(), Page: p, Next: text(), Corrected: text()}
	for range n {
		d := &bowerbird.Item{ID: "i" + text(), Title: text(), Description: text(), Categories: texts(), Tags: texts(), Language: text(), Link: text(), Owner: text(), Created: r.Int64N(3) * 1e12, Hidden: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			d.Attributes = bowerbird.Attributes{{Name: "a" + word(), Words: []string{word()}}, {Name: "b", Words: []string{word(), word()}}, {Name: "c", Number: number(), Numeric: true}}
		}
		if r.IntN(2) == 0 {
			d.Picture = &bowerbird.Picture{Blob: "ab12", Width: r.IntN(500), Height: 3, Placeholder: text()}
			if r.IntN(2) == 0 {
				d.Picture.Small, d.Picture.Large = "cd", "ef"
				d.Picture.Looks, d.Picture.Quality = texts(), finite(float32(number()))
				d.Picture.Colours = []bowerbird.Colour{{Hex: "#aabbcc", Name: text(), Share: finite(float32(number()))}, {Hex: "#000000"}}
			}
		}
		a.Items = append(a.Items, engine.Shown{Doc: d, Why: text(), Sources: append(texts(), "walk")})
		p.Items = append(p.Items, bowerbird.Candidate{Score: float32(number())})
	}
	return a
}

// TestPageJSON holds the fast writer to encoding/json, byte by byte.
func TestPageJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 500 {
		a := randomAnswer(r, i%6)
		want, got := plain(t, pageOf(a)), appendPage(nil, a)
		if !bytes.Equal(got, want) {
			t.Fatalf("answer %d:\n got %s\nwant %s", i, got, want)
		}
	}
}

func TestPageJSONNotFinite(t *testing.T) {
	a := randomAnswer(rand.New(rand.NewPCG(3, 4)), 3)
	for i, x := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		a.Page.Items[i].Score = x
	}
	if b := appendPage(nil, a); !json.Valid(b) {
		t.Fatalf("not JSON: %s", b)
	}
}

func TestResultsJSON(t *testing.T) {
	out := []Result{{}, {ID: `a"b`, Offset: 7}, {ID: "x", Duplicate: true, Offset: 1}, {Error: &ItemProblem{"c", "m\n", "f"}}, {Error: &ItemProblem{Code: "c", Message: "m"}}}
	rec := httptest.NewRecorder()
	writeResults(rec, out)
	if want := plain(t, Results{out}); !bytes.Equal(rec.Body.Bytes(), want) {
		t.Fatalf("got %s want %s", rec.Body, want)
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("0123456789abcdef\"")
	f.Add("01234567\\89abcdef and more")
	f.Add("grüße aus der ferne, weit weg")
	for _, s := range awkwardText {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := appendString(nil, s), bytes.TrimSuffix(plain(t, s), []byte("\n")); !bytes.Equal(got, want) {
			t.Fatalf("%q: got %s want %s", s, got, want)
		}
	})
}

func FuzzAppendFloat(f *testing.F) {
	for _, x := range awkwardNum {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		if got, want := appendFloat(nil, x, 64), bytes.TrimSuffix(plain(t, x), []byte("\n")); !bytes.Equal(got, want) {
			t.Fatalf("got %s want %s", got, want)
		}
		if y := float32(x); !math.IsInf(float64(y), 0) {
			if got, want := appendFloat(nil, float64(y), 32), bytes.TrimSuffix(plain(t, y), []byte("\n")); !bytes.Equal(got, want) {
				t.Fatalf("got %s want %s", got, want)
			}
		}
	})
}

func benchAnswer() *engine.Answer {
	a := &engine.Answer{RequestID: "AAAAAAAAAAAAAAAA", Page: &bowerbird.Page{Request: bowerbird.Request{Surface: bowerbird.Home}}, Next: string(bytes.Repeat([]byte("a"), 100))}
	for range 25 {
		a.Items = append(a.Items, engine.Shown{Doc: &bowerbird.Item{ID: "item-1234", Title: "A grey cat on a sofa", Description: "A photograph of a grey cat that sleeps on a linen sofa.",
			Categories: []string{"animals/cats"}, Tags: []string{"grey", "linen"}, Attributes: bowerbird.Attributes{{Name: "price", Number: 19.5, Numeric: true}}, Created: 1700000000000,
			Picture: &bowerbird.Picture{Blob: string(bytes.Repeat([]byte("a"), 64)), Width: 480, Height: 720, Placeholder: string(bytes.Repeat([]byte("b"), 300)),
				Colours: []bowerbird.Colour{{Hex: "#aabbcc", Name: "sage green", Share: .4}, {Hex: "#112233", Name: "ink", Share: .2}}}},
			Why: "Because you saved “Oak shelf” to “kitchen ideas”", Sources: []string{"walk", "visual"}})
		a.Page.Items = append(a.Page.Items, bowerbird.Candidate{Score: .31})
	}
	return a
}

func BenchmarkPageJSON(b *testing.B) {
	a := benchAnswer()
	b.Run("append", func(b *testing.B) {
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			buf = appendPage(buf[:0], a)
		}
		b.SetBytes(int64(len(buf)))
	})
	b.Run("encoding", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			plain(b, pageOf(a))
		}
	})
}

// devNull is a writer that keeps nothing.
type devNull struct{ h http.Header }

func (d devNull) Header() http.Header       { return d.h }
func (devNull) Write(b []byte) (int, error) { return len(b), nil }
func (devNull) WriteHeader(int)             {}

// cpuTime is what the process has used so far: unlike the clock it does not
// count what other processes take.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Skip(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkOverhead is a request's way through the server without the engine:
// guards, counters, the mux, the query, the page's JSON.
func BenchmarkOverhead(b *testing.B) {
	w := newWorld(b, Options{})
	a := benchAnswer()
	for _, x := range w.s.routes {
		if x.path == "/v1/feed" {
			do := x.do
			x.do = func(w http.ResponseWriter, r *http.Request) error {
				v, err := values(r)
				if err != nil {
					return err
				}
				if _, err := ask(bowerbird.Home, v); err != nil {
					return err
				}
				sendAnswer(w, a)
				return nil
			}
			defer func() { x.do = do }()
		}
	}
	r := httptest.NewRequest("GET", "/v1/feed?user=u1&limit=25", nil)
	r.Host = "localhost"
	b.ReportAllocs()
	start := cpuTime(b)
	for b.Loop() {
		w.s.ServeHTTP(devNull{http.Header{}}, r)
	}
	b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N)/1e3, "cpu-µs/op")
}

// BenchmarkHome is a home page of a small world, engine included.
func BenchmarkHome(b *testing.B) {
	w := newWorld(b, Options{})
	r := httptest.NewRequest("GET", "/v1/feed?user=u1&limit=25", nil)
	r.Host = "localhost"
	b.ReportAllocs()
	start := cpuTime(b)
	for b.Loop() {
		w.s.ServeHTTP(devNull{http.Header{}}, r)
	}
	b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N)/1e3, "cpu-µs/op")
}
