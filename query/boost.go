package query

import (
	"slices"
	"strings"

	"bowerbird"
)

// leastWish is the confidence from which words stand for a condition that moves items up.
const leastWish = .3

// intent is what a query seems to ask for, for ranking; nil if that is nothing, or if
// it is written in the language of queries, whose signs say what is meant. A bound on a number, "under 50", is
// taken out of the words: no item says it. An exact measure, "120 cm", stays, since titles do.
func (v *Understanding) intent(q string) *bowerbird.Intent {
	if strings.ContainsAny(q, `"*`) || strings.HasPrefix(q, "-") || strings.HasPrefix(q, "+") || strings.Contains(q, " -") || strings.Contains(q, " +") || strings.TrimSpace(q) == "" {
		return nil
	}
	m := v.Understand(q)
	in := &bowerbird.Intent{Sure: float32(m.Sure)}
	var bounds []Suggest
	for _, f := range m.Filters {
		if f.Confidence >= leastWish {
			in.Wishes = append(in.Wishes, bowerbird.Wish{Condition: f.Condition, Weight: float32(f.Confidence)})
		}
		if f.Confidence >= leastWish && strings.ContainsAny(q[f.Start:f.End], "0123456789") && isBound(f, m.Filters) {
			bounds = append(bounds, f)
		}
	}
	if rest := strings.Join(strings.Fields(without(q, bounds)), " "); len(bounds) > 0 && rest != "" {
		in.Words = rest
	}
	for _, c := range m.Categories {
		in.Categories = append(in.Categories, bowerbird.Wish{
			Condition: bowerbird.Condition{Field: "category", Op: bowerbird.In, Words: []string{c.Category}}, Weight: float32(c.Share)})
	}
	for _, s := range m.Segments {
		if s.Words > 1 {
			in.Phrases = append(in.Phrases, q[s.Start:s.End])
		}
	}
	return in
}

// isBound tells whether a condition is a bound on a number, and
// not one half of an exact measure.
func isBound(f Suggest, all []Suggest) bool {
	if f.Condition.Op < bowerbird.Less || f.Condition.Op > bowerbird.GreaterEq {
		return false
	}
	return !slices.ContainsFunc(all, func(g Suggest) bool {
		return g.Start == f.Start && g.End == f.End && g.Condition.Op != f.Condition.Op && g.Condition.Number == f.Condition.Number
	})
}
