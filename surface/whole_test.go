package surface_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/surface"
)

// byParity scores even items higher, and drops multiples of seven.
type byParity struct{}

func (byParity) Names() []string { return []string{"even"} }
func (byParity) Fill(_ *bowerbird.Request, c []bowerbird.Candidate) {
	for i := range c {
		c[i].Features[0] = float32(1 - c[i].Item%2)
	}
}
func (byParity) Score(_ *bowerbird.Request, c []bowerbird.Candidate) string {
	for i := range c {
		c[i].Score = c[i].Features[0]
	}
	return "parity"
}
func (byParity) Select(_ *bowerbird.Request, c []bowerbird.Candidate, n int) []bowerbird.Candidate {
	kept := c[:0]
	for _, x := range c {
		if x.Item%7 != 0 && len(kept) < n {
			kept = append(kept, x)
		}
	}
	return kept
}

// TestWhole: within the window the score decides, behind it the sources' order;
// pages by offset and by what was served are cuts of that.
func TestWhole(t *testing.T) {
	var found []bowerbird.ItemID
	for x := bowerbird.ItemID(1); x <= 60; x++ {
		found = append(found, x)
	}
	p := &surface.Pipeline{Surface: bowerbird.SearchWords, Sources: uses(list{name: "a", items: found}), PreRank: 20, Whole: true,
		Hydrate: byParity{}, Score: byParity{}, Select: []surface.Selector{byParity{}}}
	var want []bowerbird.ItemID
	for _, even := range []bowerbird.ItemID{0, 1} {
		for x := bowerbird.ItemID(1); x <= 20; x++ {
			if x%2 == even && x%7 != 0 {
				want = append(want, x)
			}
		}
	}
	for x := bowerbird.ItemID(21); x <= 60; x++ {
		if x%7 != 0 {
			want = append(want, x)
		}
	}
	for _, limit := range []int{1, 9, 18, 60} {
		var served []bowerbird.ItemID
		for at := 0; ; at += limit {
			byOffset := run(t, p, bowerbird.Request{Limit: limit, Search: bowerbird.SearchSpec{Skip: at}})
			byServed := run(t, p, bowerbird.Request{Limit: limit, Served: served})
			cut := want[min(at, len(want)):min(at+limit, len(want))]
			if !slices.Equal(items(byOffset), cut) || !slices.Equal(items(byServed), cut) {
				t.Fatalf("%d from %d:\n%v by offset\n%v by what was served\n%v wanted", limit, at, items(byOffset), items(byServed), cut)
			}
			if more := at+limit < len(want); byOffset.More != more || byServed.More != more {
				t.Fatalf("%d from %d: more %v and %v", limit, at, byOffset.More, byServed.More)
			}
			for i, c := range byOffset.Items {
				if i > 0 && c.Score > byOffset.Items[i-1].Score {
					t.Fatalf("the scores rise: %v", byOffset.Items)
				}
				if c.Features[0] != float32(1-c.Item%2) {
					t.Fatalf("item %d is not hydrated", c.Item)
				}
			}
			served = append(served, cut...)
			if len(cut) < limit || !byOffset.More {
				break
			}
		}
	}
}

// matcher matches the even numbers, or fails as it is told.
type matcher struct {
	err   error
	panic bool
}

func (m matcher) Match(_ context.Context, r *bowerbird.Request) error {
	r.Match.Items = roaring.BitmapOf(2, 4)
	return m.err
}

func (m matcher) Count(r *bowerbird.Request) *bowerbird.Counts {
	if m.panic {
		panic("counting")
	}
	return &bowerbird.Counts{Total: int(r.Match.Items.GetCardinality())}
}

// TestMatchStage: counts come with the page, which does not keep the sets; a
// fault of counting costs the counts.
func TestMatchStage(t *testing.T) {
	p := &surface.Pipeline{Surface: bowerbird.SearchWords, Sources: uses(list{name: "a", items: []bowerbird.ItemID{2, 4}}), Match: matcher{}}
	count := bowerbird.Request{Search: bowerbird.SearchSpec{Count: true}}
	page := run(t, p, count)
	if page.Counts == nil || page.Counts.Total != 2 || page.Request.Match.Items != nil || page.Request.Keep != nil {
		t.Errorf("%+v", page)
	}
	if page := run(t, p, bowerbird.Request{}); page.Counts != nil {
		t.Errorf("nobody asked: %+v", page.Counts)
	}
	p.Match = matcher{panic: true}
	if page := run(t, p, count); page.Counts != nil || len(page.Items) != 2 || len(page.Trace.Notes) != 1 || !strings.Contains(page.Trace.Notes[0], "counting") {
		t.Errorf("%+v", page)
	}
	fault := errors.New("no index")
	p.Match = matcher{err: fault}
	if _, err := p.Run(t.Context(), count); !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
}
