package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bowerbird"
	"bowerbird/filter"
	"bowerbird/internal/vec"
	"bowerbird/retrieve"
	"bowerbird/store"
	"bowerbird/vision"
	"bowerbird/vision/copies"
)

// copyCandidates is how many of the nearest by visual vectors an item is compared with.
const copyCandidates = 12

// GroupCopies looks for items whose pictures are in no group of copies yet, up to n of
// them and the oldest first, compares each with the firsts of the groups of its nearest,
// and ingests the signal that says where it belongs. It returns how many it grouped; 0
// when none waits. Run calls it in the background; the log tells where it stopped, so
// that nothing is lost or done twice when the process ends in between.
//
// One call at a time; others wait. Cost: some 10 ms an item.
func (e *Engine) GroupCopies(ctx context.Context, n int) (int, error) {
	if e.o.ReadOnly {
		return 0, ErrReadOnly
	}
	e.grouping.Lock()
	defer e.grouping.Unlock()
	done := 0
	for after := bowerbird.ItemID(0); done < n; {
		h := e.House()
		waiting := h.copies.Waiting(after, 1) // one by one: the next may be a copy of this one
		if len(waiting) == 0 {
			return done, nil
		}
		after = waiting[0]
		first, err := h.copyOf(e.judge, after)
		if err != nil {
			return done, err
		}
		names := [2]string{h.Catalogue.ItemName(after), h.Catalogue.ItemName(first)}
		if names[0] == "" || names[1] == "" {
			continue
		}
		results, err := e.Ingest(ctx, []bowerbird.Event{{Kind: bowerbird.SignalPut, Item: names[0],
			Signal: &bowerbird.Signal{Name: retrieve.CopySignal, Version: e.judge.Version(), Group: names[1]}}})
		if err != nil {
			return done, fmt.Errorf("engine: group copies: %w", err)
		}
		if err := results[0].Err; err != nil {
			e.o.Logger.Warn("an item was not grouped with its copies", "item", names[0], "error", err)
			continue
		}
		done++
	}
	return done, nil
}

// copyOf is the first of the group that an item belongs to, itself if to none.
func (h *House) copyOf(judge *copies.Judge, x bowerbird.ItemID) (bowerbird.ItemID, error) {
	if len(h.copies.Members(x)) > 0 { // others were grouped with it while it waited
		return x, nil
	}
	near, err := h.looks.Nearest(x, copyCandidates+1)
	if err != nil {
		return 0, fmt.Errorf("engine: copies of item %d: %w", x, err)
	}
	best, most := x, judge.Threshold
	asked := map[bowerbird.ItemID]bool{x: true}
	for _, hit := range near {
		first := h.copies.First(hit.Item)
		if first == 0 || asked[first] {
			continue
		}
		asked[first] = true
		if p, ok := h.copyProbability(judge, x, first); ok && p >= most {
			best, most = first, p
		}
	}
	return best, nil
}

// copyProbability compares two items; false if one has no print.
func (h *House) copyProbability(judge *copies.Judge, x, y bowerbird.ItemID) (float64, bool) {
	pair := copies.Pair{A: h.copies.Print(x), B: h.copies.Print(y)}
	if pair.A == nil || pair.B == nil {
		return 0, false
	}
	a, b := pictureKey(h.Catalogue)(x), pictureKey(h.Catalogue)(y)
	pair.Bits = vision.Fingerprint(a).Distance(vision.Fingerprint(b))
	var bx, by [vision.Dim]float32
	vx, okx := h.looks.Vector(bx[:0], x)
	vy, oky := h.looks.Vector(by[:0], y)
	if okx && oky {
		pair.Cosine = vec.Dot(vx, vy)
	}
	return judge.Probability(copies.Compare(pair)), true
}

// Copy is one item of a group of copies.
type Copy struct {
	Item        *bowerbird.Item
	First       bool    // what the group is named for: the one that came first
	Probability float64 // that it shows the same picture as the item that was asked about
}

// Copies lists the group of an item's copies, the first of the group first and the item
// among them; the item alone if it has none. hidden items are listed too: this is for
// moderation.
func (e *Engine) Copies(name string) ([]Copy, error) {
	h := e.House()
	x, ok := h.Catalogue.Item(name)
	if !ok {
		return nil, &Unknown{"item", name}
	}
	group := h.copies.Members(x)
	if group == nil {
		group = []bowerbird.ItemID{x}
	}
	var out []Copy
	for i, y := range group {
		d, err := h.Catalogue.ItemDoc(y)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("engine: copies of item %s: %w", name, err)
		}
		c := Copy{Item: d, First: i == 0, Probability: 1}
		if y != x {
			c.Probability, _ = h.copyProbability(e.judge, x, y)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, &Unknown{"item", name}
	}
	return out, nil
}

// groupKey groups copies for those who show each picture once.
func groupKey(v *retrieve.Copies) func(bowerbird.ItemID) uint64 {
	return func(x bowerbird.ItemID) uint64 { return uint64(v.First(x)) }
}

// CopiesField is what `distinct` calls the group of copies that an item's picture is in, unless items have a field of that name.
const CopiesField = "copies"

// distinctBy is the key by which a field makes items distinct.
func distinctBy(fields *filter.Fields, v *retrieve.Copies) func(field string) func(bowerbird.ItemID) uint64 {
	return func(field string) func(bowerbird.ItemID) uint64 {
		if strings.EqualFold(field, CopiesField) && !fields.Known(field) {
			return groupKey(v)
		}
		return fields.Group(field)
	}
}

// shared is a filter that refuses an item where it refuses a copy of it: who hid a
// picture, or has seen it, need not meet it again under another name.
type shared struct {
	filter interface {
		Name() string
		For(r *bowerbird.Request) func(bowerbird.ItemID) bool
	}
	copies *retrieve.Copies
}

// Name is that of the filter.
func (f shared) Name() string { return f.filter.Name() }

// For asks the filter about every item of the group.
func (f shared) For(r *bowerbird.Request) func(bowerbird.ItemID) bool {
	test := f.filter.For(r)
	if test == nil {
		return nil
	}
	return func(x bowerbird.ItemID) bool {
		if !test(x) {
			return false
		}
		for _, y := range f.copies.Members(x) {
			if y != x && !test(y) {
				return false
			}
		}
		return true
	}
}
