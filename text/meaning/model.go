package meaning

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"math"
	"slices"

	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
)

// Model gives texts vectors. It does not change after Train or Load and is safe for concurrent use.
type Model struct {
	dim     int
	docs    int // learned from
	terms   []string
	number  map[string]uint32
	weight  []float32 // of each term, 0 to 1: how much it tells documents apart
	vectors []float32 // terms × dim
	grams   grams
	version string
}

func newModel(terms []string, weight, vectors []float32, dim, docs int) *Model {
	m := &Model{dim: dim, docs: docs, terms: terms, weight: weight, vectors: vectors, number: make(map[string]uint32, len(terms))}
	for i, t := range terms {
		m.number[t] = uint32(i)
	}
	m.grams = newGrams(terms)
	var b bytes.Buffer
	_ = m.Save(&b) // a buffer takes everything
	m.version = fmt.Sprintf("lsa-%d-%016x", dim, crc64.Checksum(b.Bytes(), crc64.MakeTable(crc64.ECMA)))
	return m
}

// Name tells the method.
func (m *Model) Name() string { return "lsa" }

// Version names the model by its content: two models with one version give the same vectors.
func (m *Model) Version() string { return m.version }

// Dim is the length of the vectors.
func (m *Model) Dim() int { return m.dim }

// Terms is the number of terms that the model knows, Docs the number of documents that it learned from.
func (m *Model) Terms() int { return len(m.terms) }

// Docs is the number of documents that the model learned from.
func (m *Model) Docs() int { return m.docs }

// Embed writes the vector of a text, given by its terms, into dst, which is m.Dim() long, and reports whether the text
// holds anything that the model knows; if not, dst is zero. The vector has length 1. Documents and queries are embedded
// alike: Σ_t log(1 + tf_t) · g_t · v_t (Deerwester et al., "folding in"). It costs dim multiply-adds a different term.
//
// An unknown word takes the mean of the known words that share most of its letters' trigrams, at the weight that they
// share; a word unlike any is left out.
func (m *Model) Embed(dst []float32, terms []string) bool {
	clear(dst)
	sorted := slices.Clone(terms)
	slices.Sort(sorted)
	known := false
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		for _, p := range m.parts(sorted[i]) {
			vec.Axpy(local(float32(j-i))*p.share*m.weight[p.term], m.row(p.term), dst)
			known = true
		}
		i = j
	}
	return known && vec.Normalize(dst)
}

func (m *Model) row(t uint32) []float32 { return m.vectors[int(t)*m.dim : (int(t)+1)*m.dim] }

// parts are the known terms that stand for one term.
func (m *Model) parts(t string) []part {
	if id, ok := m.number[t]; ok {
		return []part{{id, 1}}
	}
	return m.grams.like(t, m.terms)
}

// Neighbour is a term that is used like another.
type Neighbour struct {
	Term   string
	Cosine float32
}

// Near returns the n known terms whose vectors are nearest to the term's, without itself: to look at, to explain, and to
// propose synonyms. None if the term is unlike anything known. It reads every vector: terms × dim multiply-adds.
func (m *Model) Near(term string, n int) []Neighbour {
	q := make([]float32, m.dim)
	if n < 1 || !m.Embed(q, []string{term}) {
		return nil
	}
	best := vec.NewBest(n)
	self, known := m.number[term]
	for t := range m.terms {
		if !known || uint32(t) != self {
			best.Push(vec.Scored{ID: uint32(t), Score: vec.Cosine(q, m.row(uint32(t)))})
		}
	}
	var out []Neighbour
	for _, s := range best.Sorted() {
		out = append(out, Neighbour{m.terms[s.ID], s.Score})
	}
	return out
}

const (
	magic  = "BWMEAN"
	format = 1
)

// ErrCorrupt says that a file is cut short, altered or of another kind: train again.
var ErrCorrupt = frame.ErrCorrupt

// Save writes the model, framed with a checksum (internal/frame):
//
//	magic BWMEAN, version 1, dim, documents, terms, then for each term: its bytes, its weight, dim floats
func (m *Model) Save(w io.Writer) error {
	f := frame.NewWriter(w, magic, format)
	f.Int(m.dim)
	f.Int(m.docs)
	f.Int(len(m.terms))
	for i, t := range m.terms {
		f.String(t)
		f.F32(m.weight[i])
		f.F32s(m.row(uint32(i)))
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("meaning: save: %w", err)
	}
	return nil
}

// Load reads what Save wrote. A file that was cut or changed is ErrCorrupt, never a wrong model.
func Load(r io.Reader) (*Model, error) {
	f, err := frame.NewReader(r, magic, format)
	if err != nil {
		return nil, fmt.Errorf("meaning: load: %w", err)
	}
	dim, docs, n := f.Int(), f.Int(), f.Int()
	bad := func(what string) error { return fmt.Errorf("meaning: load: %s: %w", what, ErrCorrupt) }
	if f.Err() == nil && (dim < 1 || dim > maxDim) {
		return nil, bad(fmt.Sprintf("%d dimensions", dim))
	}
	var terms []string
	var weight, vectors []float32
	for range n {
		t, g, v := f.String(), f.F32(), f.F32s()
		if f.Err() != nil {
			break
		}
		if len(v) != dim || !vec.Finite(v) || !(g >= 0 && g <= 1) || len(terms) > 0 && cmp.Compare(terms[len(terms)-1], t) >= 0 {
			return nil, bad(fmt.Sprintf("term %d", len(terms)))
		}
		terms, weight, vectors = append(terms, t), append(weight, g), append(vectors, v...)
	}
	if err := errors.Join(f.Err(), f.Close()); err != nil {
		return nil, fmt.Errorf("meaning: load: %w", err)
	}
	return newModel(terms, weight, vectors, dim, docs), nil
}

// part is a known term and how much of an unknown one it stands for.
type part struct {
	term  uint32
	share float32
}

// grams finds the terms that share letter trigrams with a word.
type grams struct {
	start map[uint64][]uint32 // trigram -> terms, ascending
	size  []uint8             // trigrams of each term
}

const (
	leastAlike = .45 // Dice's coefficient of trigrams below which words are not alike
	mostAlike  = 5   // words that stand for an unknown one
	maxGrams   = 255
)

func newGrams(terms []string) grams {
	g := grams{start: make(map[uint64][]uint32), size: make([]uint8, len(terms))}
	for i, t := range terms {
		all := trigrams(t)
		g.size[i] = uint8(len(all))
		for _, x := range all {
			g.start[x] = append(g.start[x], uint32(i))
		}
	}
	return g
}

// trigrams are the different trigrams of ^word$, as numbers.
func trigrams(word string) []uint64 {
	r := append(append([]rune{'^'}, []rune(word)...), '$')
	var out []uint64
	for i := 0; i+3 <= len(r) && len(out) < maxGrams; i++ {
		out = append(out, uint64(r[i])<<42|uint64(r[i+1])<<21|uint64(r[i+2]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// like returns the terms most like the word. Words of fewer than four letters are not guessed.
func (g *grams) like(word string, terms []string) []part {
	all := trigrams(word)
	if len(all) < 4 {
		return nil
	}
	common := make(map[uint32]int)
	for _, x := range all {
		for _, t := range g.start[x] {
			common[t]++
		}
	}
	var found []part
	for t, n := range common {
		if dice := 2 * float32(n) / float32(len(all)+int(g.size[t])); dice >= leastAlike {
			found = append(found, part{t, dice})
		}
	}
	slices.SortFunc(found, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.term, b.term))
	})
	found = found[:min(mostAlike, len(found))]
	for i := range found {
		found[i].share *= found[i].share / float32(math.Max(1, float64(len(found))))
	}
	return found
}
