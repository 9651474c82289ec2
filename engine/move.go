package engine

import (
	"slices"
	"strings"

	"bowerbird"
	"bowerbird/internal/vec"
)

// moved is how far a picture goes towards what it should be like: 1 is the whole way
// from the mean of what it is to the mean of what is wanted. Chosen on another drawn
// world (eval pictures --parts moves).
const moved = 3

// move makes questions "like this, but blue": for each condition, the difference between the
// mean vector of the items with the wanted value and that of those with the values that
// the item has now (of all items, where nothing is known of it) is added.
func (h *House) move(v []question, wanted []bowerbird.Condition, x bowerbird.ItemID) error {
	for _, c := range wanted {
		if c.Op != bowerbird.In || len(c.Words) == 0 {
			return badField("move", "%s: want a field with words, as colour=blue", c.Field)
		}
		if !h.fields.Known(c.Field) {
			return badField("move", "no item has a field %q", c.Field)
		}
		all := h.fields.All()
		set := h.fields.Within(all, is(c))
		if set.IsEmpty() {
			return badField("move", "no item has %s=%s", c.Field, strings.Join(c.Words, ","))
		}
		to, toBuilt := h.looks.Mean(set.ToArray())
		all = all.Clone()
		all.AndNot(set)
		if now := h.valuesOf(x, c.Field); len(now) > 0 {
			if own := h.fields.Within(all, is(bowerbird.Condition{Field: c.Field, Words: now})); !own.IsEmpty() {
				all = own
			}
		}
		from, fromBuilt := h.looks.Mean(all.ToArray())
		if to == nil || from == nil {
			continue
		}
		for i := range v {
			v[i].vector = shifted(v[i].vector, from, to)
			v[i].built = shifted(v[i].built, fromBuilt, toBuilt)
			v[i].print = nil // what it is cut from is not asked any more
		}
	}
	return nil
}

func shifted(v, from, to []float32) []float32 {
	if len(v) != len(to) || len(v) != len(from) {
		return v
	}
	out := slices.Clone(v)
	vec.Axpy(moved, to, out)
	vec.Axpy(-moved, from, out)
	vec.Normalize(out)
	return out
}

// valuesOf are the first of an item's colours, or what a look of it is called.
func (h *House) valuesOf(x bowerbird.ItemID, field string) []string {
	d, err := h.Catalogue.ItemDoc(x)
	if err != nil || d.Picture == nil {
		return nil
	}
	if field == "colour" && len(d.Picture.Colours) > 0 {
		return []string{d.Picture.Colours[0].Name}
	}
	if i := slices.Index(bowerbird.LookFields[:], field); i >= 0 && i < len(d.Picture.Looks) {
		return []string{d.Picture.Looks[i]}
	}
	return nil
}

// But reads "but blue" and "but striped and dark", said of a picture, as moves; rest are the
// words that are no colour and no look.
func (h *House) But(words string) (moves []bowerbird.Condition, rest string) {
	said, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(words)), "but ")
	if !ok {
		return nil, words
	}
	var left []string
next:
	for _, w := range strings.Fields(said) {
		if w = strings.Trim(w, ",."); w == "in" || w == "and" || w == "" {
			continue
		}
		for _, field := range append([]string{"colour"}, bowerbird.LookFields[:]...) {
			c := bowerbird.Condition{Field: field, Words: []string{w}}
			if h.fields.Known(field) && !h.fields.Within(h.fields.All(), is(c)).IsEmpty() {
				moves = append(moves, c)
				continue next
			}
		}
		left = append(left, w)
	}
	return moves, strings.Join(left, " ")
}

func is(c bowerbird.Condition) *bowerbird.Expr { return &bowerbird.Expr{Node: bowerbird.Leaf, Test: c} }
