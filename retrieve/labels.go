package retrieve

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"bowerbird/internal/vec"
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

// Raised are labels, and all that lies above them, none less sure than what lies below it.
func Raised(sure map[string]float32, taxonomy map[string]string) map[string]float32 {
	out := maps.Clone(sure)
	for l, c := range sure {
		for above := range implied([]string{l}, taxonomy) {
			out[above] = max(out[above], c)
		}
	}
	return out
}

// Voters is how many neighbours say what an item is called.
const Voters = 20

// VoteAmong asks the known rows of x, vectors of length 1, that are nearest to one row: the
// twin of what the engine asks of its index, for training and for figures. names are each
// row's labels. Cost: a product of vectors for each known row.
func VoteAmong(x []float32, dim int, names [][]string, row int, known []bool) []Label {
	best := vec.NewBest(Voters)
	q := x[row*dim : (row+1)*dim]
	for i, ok := range known {
		if ok && i != row {
			best.Push(vec.Scored{ID: uint32(i), Score: vec.Dot(q, x[i*dim:(i+1)*dim])})
		}
	}
	var voters []Voter
	for _, s := range best.Sorted() {
		voters = append(voters, Voter{Likeness(s.Score), names[s.ID]})
	}
	return Vote(voters, nil)
}

// Numbered gives rows of labels, with what lies above them, numbers.
func Numbered(labels [][]string) (names []string, has [][]int) {
	at := map[string]int{}
	has = make([][]int, len(labels))
	for i, list := range labels {
		all := implied(list, nil)
		for _, l := range list { // in an order that does not change
			for path := l; ; {
				if all[path] {
					n, ok := at[path]
					if !ok {
						n = len(names)
						at[path], names = n, append(names, path)
					}
					has[i], all[path] = append(has[i], n), false
				}
				cut := strings.LastIndexByte(path, '/')
				if cut <= 0 {
					break
				}
				path = path[:cut]
			}
		}
	}
	return names, has
}
