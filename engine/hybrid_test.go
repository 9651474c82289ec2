package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/index/fuse"
	"bowerbird/retrieve"
)

// knowing is an encoder to whom a couch is a sofa and all else nothing.
type knowing struct{}

func (knowing) Name() string    { return "knowing" }
func (knowing) Version() string { return "1" }
func (knowing) Dim() int        { return 2 }
func (knowing) Encode(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		switch {
		case strings.Contains(t, "unheard"):
			return nil, errors.New("not today")
		case strings.Contains(t, "sofa"), strings.Contains(t, "couch"):
			out[i] = []float32{1, 0}
		default:
			out[i] = []float32{0, 1}
		}
	}
	return out, nil
}

// TestServedHybrid: what words leave open, meaning answers, unless words alone are asked for.
func TestServedHybrid(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	t.Cleanup(func() { _ = e.Close() })
	var events []bowerbird.Event
	for i, title := range []string{"grey sofa", "red sofa", "brass lamp", "grey carpet", "oak table"} {
		events = append(events, bowerbird.Event{Kind: bowerbird.ItemPut, Time: int64(1000 + i), ItemDoc: &bowerbird.Item{ID: fmt.Sprint("i", i), Title: title}})
	}
	put(t, e, events, 10)
	search := func(words string, s bowerbird.SearchSpec) *Answer {
		return page(t, e, Query{Surface: bowerbird.SearchWords, Words: words, Seek: Seek{SearchSpec: s}})
	}
	if a := search("the", bowerbird.SearchSpec{}); len(a.Items) != 0 || len(a.Page.Trace.Notes) != 1 || !strings.Contains(a.Page.Trace.Notes[0], "nothing of this is searched for") {
		t.Errorf("the: %v, notes %q", ids(a), a.Page.Trace.Notes)
	}
	if got := ids(search("grey couch", bowerbird.SearchSpec{Verbatim: true})); slices.Contains(got, "i1") {
		t.Errorf("without meaning, grey couch finds %v", got)
	}
	swap := func(s fuse.Settings) {
		if err := e.House().meant.Swap(context.Background(), &retrieve.Encoding{Encoder: knowing{}, Settings: s}); err != nil {
			t.Fatal(err)
		}
		e.memo.clear()
	}
	swap(fuse.Settings{})
	a := search("brass couch", bowerbird.SearchSpec{Verbatim: true})
	if got := ids(a); !slices.Contains(got, "i2") {
		t.Errorf("brass couch finds %v, want the brass lamp among them", got)
	}
	counted := search("couch", bowerbird.SearchSpec{Verbatim: true, Count: true})
	if got := ids(counted); len(got) < 2 || !slices.Contains(got[:2], "i0") || !slices.Contains(got[:2], "i1") {
		t.Errorf("couch finds %v, want the sofas first", got)
	}
	if c := counted.Page.Counts; c == nil || c.Total != len(counted.Items) {
		t.Errorf("couch: %+v counted, %d shown", c, len(counted.Items))
	}
	if got := ids(search("couch", bowerbird.SearchSpec{Verbatim: true, Plain: true})); len(got) != 0 {
		t.Errorf("by words alone couch finds %v", got)
	}
	x, err := e.House().Explain(counted.Page, "i0")
	if err != nil {
		t.Fatal(err)
	}
	if h := x.Search.Hybrid; h == nil || h.Meaning < .99 || h.Words != 0 || h.Share <= 0 {
		t.Errorf("explained as %+v, want meaning 1 and words 0", h)
	}
	if got := ids(search("unheard sofa", bowerbird.SearchSpec{Verbatim: true})); len(got) == 0 {
		t.Error("an encoder that fails costs the whole page")
	}
	// A floor that nothing reaches: a note, and no hit where a cut-off is asked for.
	swap(fuse.Settings{Floor: &fuse.Floor{Weights: []float64{0}, Least: .9}})
	a = search("grey sofa", bowerbird.SearchSpec{})
	if len(a.Items) == 0 || !slices.ContainsFunc(a.Page.Trace.Notes, func(n string) bool { return strings.Contains(n, "clearly meant") }) {
		t.Errorf("below the floor: %d items, notes %q", len(a.Items), a.Page.Trace.Notes)
	}
	unclear := func(a *Answer) bool {
		return slices.ContainsFunc(a.Page.Trace.Notes, func(n string) bool { return strings.Contains(n, "clearly meant") })
	}
	// What holds too little of the query is not clearly meant, and other ways to ask are offered; what stands instead is judged by itself.
	swap(fuse.Settings{Floor: &fuse.Floor{Weights: []float64{100, 0, 0, 0, 0, -60}, Least: .5}})
	if a = search("zebra sofa", bowerbird.SearchSpec{}); len(a.Items) < 2 || !unclear(a) || len(a.Relaxed) == 0 || a.Relaxed[0].Query != "sofa" {
		t.Errorf("unclear: %v, notes %q, relaxed %+v", ids(a), a.Page.Trace.Notes, a.Relaxed)
	}
	a = page(t, e, Query{Surface: bowerbird.SearchWords, Words: "zebra sofa", Seek: Seek{SearchSpec: bowerbird.SearchSpec{Matching: bowerbird.MatchAll}, Relax: true}})
	if a.Instead == nil || len(a.Items) == 0 || unclear(a) {
		t.Errorf("instead: %+v, %v, notes %q", a.Instead, ids(a), a.Page.Trace.Notes)
	}
	swap(fuse.Settings{Floor: &fuse.Floor{Weights: []float64{0}, Least: .9}})
	if a = search("grey sofa", bowerbird.SearchSpec{Cutoff: .1, Count: true}); len(a.Items) != 0 || a.Page.Counts.Total != 0 {
		t.Errorf("below the floor with a cut-off: %v, %d counted", ids(a), a.Page.Counts.Total)
	}
}
