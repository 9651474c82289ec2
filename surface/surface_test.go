package surface_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bowerbird"
	"bowerbird/surface"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// list is a source that says what it is told to, to who asks.
type list struct {
	name  string
	items []bowerbird.ItemID
	do    func(ctx context.Context) error // before it answers
}

func (s list) Name() string { return s.name }

func (s list) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if s.do != nil {
		if err := s.do(ctx); err != nil {
			return dst, err
		}
	}
	for i, x := range s.items {
		if r.Keep == nil || r.Keep(x) {
			dst = append(dst, bowerbird.Hit{Item: x, Score: float32(100 - i), Why: bowerbird.Reason{Item: x}})
		}
	}
	return dst, nil
}

// except is a filter of listed items.
type except struct {
	name  string
	items []bowerbird.ItemID
}

func (f except) Name() string { return f.name }

func (f except) For(*bowerbird.Request) func(bowerbird.ItemID) bool {
	if f.items == nil {
		return nil
	}
	return func(x bowerbird.ItemID) bool { return !slices.Contains(f.items, x) }
}

func uses(sources ...list) []surface.Use {
	out := make([]surface.Use, len(sources))
	for i, s := range sources {
		out[i] = surface.Use{Source: s}
	}
	return out
}

func items(p *bowerbird.Page) []bowerbird.ItemID {
	var out []bowerbird.ItemID
	for _, c := range p.Items {
		out = append(out, c.Item)
	}
	return out
}

func run(t *testing.T, p *surface.Pipeline, r bowerbird.Request) *bowerbird.Page {
	t.Helper()
	if r.Limit == 0 {
		r.Limit = 10
	}
	page, err := p.Run(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// TestFusion compares with reciprocal rank fusion worked out by hand:
// weight/(60+rank), added up over the sources.
func TestFusion(t *testing.T) {
	p := &surface.Pipeline{Sources: []surface.Use{
		{Source: list{name: "a", items: []bowerbird.ItemID{1, 2, 3}}, Weight: 2},
		{Source: list{name: "b", items: []bowerbird.ItemID{3, 4, 1}}},
	}}
	page := run(t, p, bowerbird.Request{})
	want := []struct {
		item  bowerbird.ItemID
		score float64
	}{{1, 2./61 + 1./63}, {3, 2./63 + 1./61}, {2, 2. / 62}, {4, 1. / 62}}
	for i, w := range want {
		c := page.Items[i]
		if c.Item != w.item || math.Abs(float64(c.Score)-w.score) > 1e-7 {
			t.Errorf("place %d: %d with %v, want %d with %v", i+1, c.Item, c.Score, w.item, w.score)
		}
	}
	from := []bowerbird.Found{{Source: 0, Rank: 3, Score: 98, Why: bowerbird.Reason{Item: 3}}, {Source: 1, Rank: 1, Score: 100, Why: bowerbird.Reason{Item: 3}}}
	if !slices.Equal(page.Items[1].From, from) {
		t.Errorf("from %+v", page.Items[1].From)
	}
	if page.More || page.Trace.Merged != 4 || page.Trace.Kept != 4 || !slices.Equal(page.Sources, []string{"a", "b"}) {
		t.Errorf("%+v", page)
	}
}

func TestASourceCountsOnce(t *testing.T) {
	p := &surface.Pipeline{Sources: uses(list{name: "stutter", items: []bowerbird.ItemID{1, 2, 2, 0, 2, 1}}, list{name: "b", items: []bowerbird.ItemID{1}})}
	page := run(t, p, bowerbird.Request{})
	if got := items(page); !slices.Equal(got, []bowerbird.ItemID{1, 2}) {
		t.Fatalf("%v", got)
	}
	if s := page.Items[1].Score; s != 1./62 || len(page.Items[1].From) != 1 || len(page.Items[0].From) != 2 {
		t.Errorf("named three times it scores %v from %v", s, page.Items[1].From)
	}
}

func TestASourceIsCutToWhatWasAsked(t *testing.T) {
	p := &surface.Pipeline{Sources: []surface.Use{{Source: list{name: "a", items: []bowerbird.ItemID{1, 2, 3, 4}}, N: 2}}}
	for limit, want := range map[int][]bowerbird.ItemID{10: {1}, 25: {1, 2}, 60: {1, 2, 3, 4}, 1 << 20: {1, 2}} {
		if got := items(run(t, p, bowerbird.Request{Limit: limit})); !slices.Equal(got, want) {
			t.Errorf("a page of %d: %v, want %v", limit, got, want)
		}
	}
}

func TestFailures(t *testing.T) {
	good := list{name: "good", items: []bowerbird.ItemID{1, 2}}
	fails := list{name: "fails", do: func(context.Context) error { return errors.New("disk on fire") }}
	panics := list{name: "panics", do: func(context.Context) error { panic("nil map") }}
	late := list{name: "late", items: []bowerbird.ItemID{9}, do: func(ctx context.Context) error { <-ctx.Done(); time.Sleep(5 * time.Millisecond); return nil }}

	page := run(t, &surface.Pipeline{Sources: uses(fails, good, panics, late), Timeout: 30 * time.Millisecond}, bowerbird.Request{})
	if got := items(page); !slices.Equal(got, []bowerbird.ItemID{1, 2}) {
		t.Fatalf("items %v", got)
	}
	for i, part := range []string{"disk on fire", "", "nil map", "late"} {
		if e := page.Trace.Sources[i].Error; !strings.Contains(e, part) || (e == "") != (part == "") {
			t.Errorf("source %d: %q, want %q", i, e, part)
		}
	}
	if len(page.Trace.Notes) != 3 || !strings.HasPrefix(page.Trace.Notes[0], "source fails: ") {
		t.Errorf("notes %q", page.Trace.Notes)
	}
	_, err := (&surface.Pipeline{Surface: bowerbird.Home, Sources: uses(fails, panics)}).Run(t.Context(), bowerbird.Request{Limit: 3})
	if err == nil || !strings.Contains(err.Error(), "home") || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("every source failed: %v", err)
	}
	time.Sleep(10 * time.Millisecond) // the late one lets go
}

// cut is a source that ran out of time but has something to say.
type cut struct{ list }

func (c cut) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	dst, _ = c.list.Candidates(ctx, r, n, dst)
	return dst, fmt.Errorf("not compared: %w", bowerbird.ErrCut)
}

// TestCutShort: what a source says that had too little time is used, and the page says so.
func TestCutShort(t *testing.T) {
	page := run(t, &surface.Pipeline{Sources: []surface.Use{{Source: cut{list{name: "slow", items: []bowerbird.ItemID{1, 2}}}}}}, bowerbird.Request{})
	if got := items(page); !slices.Equal(got, []bowerbird.ItemID{1, 2}) {
		t.Fatalf("items %v", got)
	}
	if len(page.Trace.Notes) != 1 || !strings.HasPrefix(page.Trace.Notes[0], "source slow: not compared: cut short") || page.Trace.Sources[0].Error != "" {
		t.Errorf("notes %q, error %q", page.Trace.Notes, page.Trace.Sources[0].Error)
	}
}

// TestLateSourceKeepsItsMemory holds a late source over further pages: what it
// writes then must not show on them. Run with -race it also shows that they share nothing.
func TestLateSourceKeepsItsMemory(t *testing.T) {
	release, done := make(chan struct{}), make(chan struct{})
	late := list{name: "late", items: []bowerbird.ItemID{66, 67, 68}, do: func(context.Context) error {
		<-release
		return nil
	}}
	p := &surface.Pipeline{Sources: uses(list{name: "good", items: []bowerbird.ItemID{1, 2}}, late), Timeout: 5 * time.Millisecond}
	run(t, p, bowerbird.Request{})
	q := &surface.Pipeline{Sources: uses(list{name: "a", items: []bowerbird.ItemID{5}}, list{name: "b", items: []bowerbird.ItemID{6}})}
	go func() { close(release); close(done) }()
	for range 200 {
		if got := items(run(t, q, bowerbird.Request{})); !slices.Equal(got, []bowerbird.ItemID{5, 6}) {
			t.Fatalf("%v", got)
		}
	}
	<-done
}

type rewrite func(*bowerbird.Request) error

func (f rewrite) Rewrite(_ context.Context, r *bowerbird.Request) error { return f(r) }

func TestRewriteAndContext(t *testing.T) {
	p := &surface.Pipeline{
		Rewrite: []surface.Rewriter{rewrite(func(r *bowerbird.Request) error { r.Terms = "mended"; return nil })},
		Sources: uses(list{name: "a", items: []bowerbird.ItemID{1}}),
	}
	if page := run(t, p, bowerbird.Request{Query: "x"}); page.Request.Terms != "mended" {
		t.Error("the page does not say what was asked in the end")
	}
	sentinel := errors.New("no")
	p.Rewrite[0] = rewrite(func(*bowerbird.Request) error { return sentinel })
	if _, err := p.Run(t.Context(), bowerbird.Request{}); !errors.Is(err, sentinel) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	q := &surface.Pipeline{Sources: uses(list{name: "a", items: []bowerbird.ItemID{1}}, list{name: "b", do: func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() }}), Timeout: time.Minute}
	if _, err := q.Run(ctx, bowerbird.Request{Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("who asked has gone: %v", err)
	}
}

// deaf is a source that does not ask Keep.
type deaf struct{ list }

func (s deaf) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	return s.list.Candidates(ctx, &bowerbird.Request{}, n, dst)
}

func TestFiltersSayWhatTheyRemoved(t *testing.T) {
	var filters []surface.Filter
	for i := range 20 { // more than fit a small fixed table
		filters = append(filters, except{name: fmt.Sprint("f", i), items: []bowerbird.ItemID{bowerbird.ItemID(100 + i)}})
	}
	filters = append(filters, except{name: "nothing"})
	p := &surface.Pipeline{Filters: filters, Sources: []surface.Use{
		{Source: list{name: "a", items: []bowerbird.ItemID{100, 1, 116, 100}}},
		{Source: deaf{list{name: "deaf", items: []bowerbird.ItemID{119, 1, 2}}}},
	}}
	for _, trace := range []bool{true, false} {
		page := run(t, p, bowerbird.Request{Trace: trace})
		if got := items(page); !slices.Equal(got, []bowerbird.ItemID{1, 2}) {
			t.Fatalf("%v", got)
		}
		if page.Trace.Merged != 3 || page.Trace.Kept != 2 || len(page.Trace.Filters) != 20 {
			t.Errorf("%+v", page.Trace)
		}
		for i, f := range page.Trace.Filters {
			count, removed := map[int]int{0: 2, 16: 1, 19: 1}[i], map[int][]bowerbird.ItemID{0: {100}, 16: {116}, 19: {119}}[i]
			if f.Count != count || trace && !slices.Equal(f.Removed, removed) {
				t.Errorf("trace %v: %+v, want %d %v", trace, f, count, removed)
			}
		}
	}
}

// columns hydrates the item's number; scores turns it into the score.
type columns struct{}

func (columns) Names() []string { return []string{"one", "item"} }
func (columns) Fill(_ *bowerbird.Request, c []bowerbird.Candidate) {
	for i := range c {
		if len(c[i].Features) != 2 || c[i].Features[1] != 0 {
			panic("the row is not there or not zero")
		}
		c[i].Features[1] = float32(c[i].Item)
	}
}

type scores func(float32) float32

func (f scores) Score(_ *bowerbird.Request, c []bowerbird.Candidate) string {
	for i := range c {
		c[i].Score = f(c[i].Features[1])
	}
	return "v7"
}

type drop bowerbird.ItemID

func (d drop) Select(_ *bowerbird.Request, c []bowerbird.Candidate, n int) []bowerbird.Candidate {
	return slices.DeleteFunc(c, func(x bowerbird.Candidate) bool { return x.Item == bowerbird.ItemID(d) })
}

func TestHydrateScoreSelect(t *testing.T) {
	p := &surface.Pipeline{
		Sources: uses(list{name: "a", items: []bowerbird.ItemID{1, 2, 3, 4, 5, 6}}), PreRank: 5,
		Hydrate: columns{}, Score: scores(func(x float32) float32 { return x }), Select: []surface.Selector{drop(4)},
	}
	for range 3 { // rows of an earlier page must not shine through
		page := run(t, p, bowerbird.Request{Limit: 3})
		if got := items(page); !slices.Equal(got, []bowerbird.ItemID{5, 3, 2}) || !page.More || page.Model != "v7" {
			t.Fatalf("%v %v %q", got, page.More, page.Model)
		}
		if f := page.Items[1].Features; !slices.Equal(f, []float32{0, 3}) || !slices.Equal(page.Features, columns{}.Names()) {
			t.Errorf("features %v %v", page.Features, f)
		}
	}
	nan := float32(math.NaN())
	p.Score = scores(func(x float32) float32 {
		if x == 2 || x == 3 {
			return nan
		}
		return 1
	})
	if got := items(run(t, p, bowerbird.Request{})); !slices.Equal(got, []bowerbird.ItemID{1, 5, 2, 3}) {
		t.Errorf("equal by id, no number last: %v", got)
	}
}

// TestDeterministic shuffles how the sources are scheduled: the page is the same.
func TestDeterministic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var sources []list
	for s := range 8 {
		l := list{name: fmt.Sprint("s", s), do: func(context.Context) error {
			for range rand.IntN(50) {
				runtime.Gosched()
			}
			return nil
		}}
		for range 100 {
			l.items = append(l.items, bowerbird.ItemID(1+r.IntN(150)))
		}
		sources = append(sources, l)
	}
	p := &surface.Pipeline{Sources: uses(sources...), Filters: []surface.Filter{except{"x", []bowerbird.ItemID{7, 8}}}, Timeout: time.Minute}
	var first *bowerbird.Page
	for range 60 {
		page := run(t, p, bowerbird.Request{Limit: 50, Trace: true})
		for i := range page.Trace.Sources {
			page.Trace.Sources[i].Nanos = 0
		}
		if first == nil {
			first = page
		} else if page.Request.Keep = nil; !reflect.DeepEqual(first, page) {
			t.Fatal("two pages of one request differ")
		}
	}
}

func TestPagesDoNotShareMemory(t *testing.T) {
	p := &surface.Pipeline{Sources: uses(list{name: "a", items: []bowerbird.ItemID{1, 2, 3}}), Hydrate: columns{}}
	a := run(t, p, bowerbird.Request{})
	want := fmt.Sprint(a.Items)
	q := &surface.Pipeline{Sources: uses(list{name: "b", items: []bowerbird.ItemID{9, 8, 7}}), Hydrate: columns{}}
	run(t, q, bowerbird.Request{})
	if got := fmt.Sprint(a.Items); got != want {
		t.Errorf("a later page changed an earlier one: %s, was %s", got, want)
	}
}

// BenchmarkRun is the pipeline alone: eight sources of 200 hits each among 1,682
// items, four filters, 40 columns.
func BenchmarkRun(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var sources []list
	for s := range 8 {
		l := list{name: fmt.Sprint("s", s)}
		for _, x := range r.Perm(1682)[:200] {
			l.items = append(l.items, bowerbird.ItemID(x+1))
		}
		sources = append(sources, l)
	}
	keep := func(*bowerbird.Request) func(bowerbird.ItemID) bool {
		return func(x bowerbird.ItemID) bool { return x%50 != 0 }
	}
	p := &surface.Pipeline{Sources: uses(sources...), Filters: []surface.Filter{test(keep), test(keep), test(keep), test(keep)}, Hydrate: wide{}, Timeout: time.Minute}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Run(b.Context(), bowerbird.Request{Limit: 25}); err != nil {
			b.Fatal(err)
		}
	}
}

type test func(*bowerbird.Request) func(bowerbird.ItemID) bool

func (test) Name() string                                           { return "test" }
func (f test) For(r *bowerbird.Request) func(bowerbird.ItemID) bool { return f(r) }

type wide struct{}

func (wide) Names() []string                                    { return wideNames }
func (wide) Fill(_ *bowerbird.Request, _ []bowerbird.Candidate) {}

var wideNames = make([]string, 40)
