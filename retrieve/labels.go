package retrieve

import (
	"cmp"
	"slices"
	"strings"
)

// Voter is a neighbour with what is written of it.
type Voter struct {
	Likeness float32 // 0, nothing in common, to 1
	Labels   []string
}

// Label is what neighbours say of an item, and how sure that is.
type Label struct {
	Name       string
	Confidence float32
}

// prior is how much likeness, of voters that say nothing, every vote has against it: a label
// that one far neighbour has is not sure.
const prior = .25

// Vote gives labels by the nearest neighbours: the part of their likeness, squared, that has
// a label. A label that is a path implies what lies above it (home/kitchen: home), and so
// does one that the taxonomy has a path of; nothing is less sure than what lies below it.
// The surest come first.
func Vote(voters []Voter, taxonomy map[string]string) []Label {
	sum := map[string]float32{}
	whole := float32(prior)
	for _, v := range voters {
		w := v.Likeness * v.Likeness
		whole += w
		for name := range implied(v.Labels, taxonomy) {
			sum[name] += w
		}
	}
	out := make([]Label, 0, len(sum))
	for name, s := range sum {
		if s > 0 {
			out = append(out, Label{name, s / whole})
		}
	}
	slices.SortFunc(out, func(a, b Label) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// implied are labels with all that lie above them.
func implied(labels []string, taxonomy map[string]string) map[string]bool {
	out := map[string]bool{}
	for _, l := range labels {
		out[l] = true
		path := l
		if p, ok := taxonomy[strings.ToLower(l)]; ok {
			path = p
			out[p] = true
		}
		for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path, '/') {
			path = path[:i]
			out[path] = true
		}
	}
	return out
}
