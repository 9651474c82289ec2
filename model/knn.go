package model

import (
	"context"
	"fmt"
	"math"
)

// Weighting of the cells before similarity.
type Weighting string

// The weightings of ItemKNN, with an item as the document and a user as the term: a user with few items says more about
// each of them.
const (
	Plain Weighting = ""      // as they are
	TFIDF Weighting = "tfidf" // sqrt(w) * log(1 + items / (1 + items of the user))
	BM25  Weighting = "bm25"  // Robertson et al., TREC-3, k1 1.2, b 0.75, with the same idf
)

// ItemKNN is the item neighbourhood model: cosine similarity with shrinkage,
//
//	B[i][j] = <i,j> / (|i| |j| + Shrink)
//
// over the users' weighted cells, with the Top largest in each row (Deshpande and Karypis, TOIS 2004; shrinkage after Bell
// and Koren, ICDM 2007). It costs the sum over users of (items of the user)².
type ItemKNN struct {
	Top       int       `json:"top"`       // neighbours kept for each item; 0: 200
	Shrink    float32   `json:"shrink"`    // 0: none
	Weighting Weighting `json:"weighting"` // "": plain
}

// Name returns "item-knn".
func (ItemKNN) Name() string { return "item-knn" }

// Memory is two weighted copies of the matrix, the rows of B twice while they are joined, and an accumulator per thread
// (16 are assumed).
func (t ItemKNN) Memory(m *Matrix) int64 { return knnMemory(m, t.Top) }

func knnMemory(m *Matrix, top int) int64 {
	if top <= 0 {
		top = defaultTop
	}
	n := int64(m.Items())
	return 3*matrixBytes(m.Users()+m.Items(), m.Entries()) + n*int64(min(top, m.Items()))*16 + n*64 + 16*8*n
}

const defaultTop = 200

// Fit trains a sparse Linear model.
func (t ItemKNN) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	if t.Top < 0 || !(t.Shrink >= 0) || math.IsInf(float64(t.Shrink), 0) {
		return nil, fmt.Errorf("item-knn: top %d and shrink %v must be finite and not negative", t.Top, t.Shrink)
	}
	m, b, err := begin(t, "linear", m, &o)
	if err != nil {
		return nil, err
	}
	w, err := t.weighted(m)
	if err != nil {
		return nil, err
	}
	byItem := w.Transpose()
	norm := make([]float32, w.items)
	for i := range norm {
		_, v := byItem.Row(i)
		s := 0.0
		for _, x := range v {
			s += float64(x) * float64(x)
		}
		norm[i] = float32(math.Sqrt(s))
	}
	l, err := products(ctx, b, byItem, w, o, topOf(t.Top, w.items), func(i, j uint32, v float32) float32 {
		return v / (norm[i]*norm[j] + t.Shrink)
	})
	if err != nil {
		return nil, fmt.Errorf("item-knn: %w", err)
	}
	return l, nil
}

func topOf(top, items int) int {
	if top <= 0 {
		top = defaultTop
	}
	return min(top, items)
}

func (t ItemKNN) weighted(m *Matrix) (*Matrix, error) {
	if t.Weighting == Plain {
		return m, nil
	}
	if t.Weighting != TFIDF && t.Weighting != BM25 {
		return nil, fmt.Errorf("item-knn: unknown weighting %q: use \"\", %q or %q", t.Weighting, TFIDF, BM25)
	}
	w := &Matrix{users: m.users, items: m.items, ptr: m.ptr, idx: m.idx, val: make([]float32, len(m.val))}
	length, mean := make([]float64, m.items), 0.0
	for p, it := range m.idx {
		length[it] += float64(m.val[p])
		mean += float64(m.val[p]) / float64(m.items)
	}
	const k1, b = 1.2, 0.75
	for u := range m.users {
		lo, hi := m.ptr[u], m.ptr[u+1]
		idf := math.Log1p(float64(m.items) / float64(1+hi-lo))
		for p := lo; p < hi; p++ {
			x := float64(m.val[p])
			if t.Weighting == TFIDF {
				x = math.Sqrt(x)
			} else {
				x = x * (k1 + 1) / (x + k1*(1-b+b*length[m.idx[p]]/mean))
			}
			w.val[p] = float32(x * idf)
		}
	}
	return w, nil
}

// RP3Beta is the three-step random walk item -> user -> item with the popularity of the end divided out,
//
//	B[i][j] = deg(j)^-Beta * sum over u of (w_ui / deg(i))^Alpha * (w_uj / deg(u))^Alpha
//
// with the Top largest in each row (Paudel et al., TiiS 2017). It costs the sum over users of (items of the user)².
type RP3Beta struct {
	Top   int     `json:"top"`   // 0: 200
	Alpha float64 `json:"alpha"` // 0: 1
	Beta  float64 `json:"beta"`  // 0: no correction, P3
}

// Name returns "rp3beta".
func (RP3Beta) Name() string { return "rp3beta" }

// Memory is as for ItemKNN.
func (t RP3Beta) Memory(m *Matrix) int64 { return knnMemory(m, t.Top) }

// Fit trains a sparse Linear model.
func (t RP3Beta) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	if t.Alpha == 0 {
		t.Alpha = 1
	}
	if t.Top < 0 || !(t.Alpha > 0 && t.Alpha < 100) || !(t.Beta >= 0 && t.Beta < 100) {
		return nil, fmt.Errorf("rp3beta: top %d must not be negative, alpha %v in (0,100), beta %v in [0,100)", t.Top, t.Alpha, t.Beta)
	}
	m, b, err := begin(t, "linear", m, &o)
	if err != nil {
		return nil, err
	}
	byItem := m.Transpose()
	left, degree := byItem.step(t.Alpha)
	right, _ := m.step(t.Alpha)
	scale := make([]float32, m.items)
	for i, d := range degree {
		if d > 0 {
			scale[i] = float32(math.Pow(d, -t.Beta))
		}
	}
	l, err := products(ctx, b, left, right, o, topOf(t.Top, m.items), func(_, j uint32, v float32) float32 { return v * scale[j] })
	if err != nil {
		return nil, fmt.Errorf("rp3beta: %w", err)
	}
	return l, nil
}

// step returns the matrix of transition probabilities to the power alpha, and the degrees of the rows.
func (m *Matrix) step(alpha float64) (*Matrix, []float64) {
	p := &Matrix{users: m.users, items: m.items, ptr: m.ptr, idx: m.idx, val: make([]float32, len(m.val))}
	degree := make([]float64, m.users)
	for u := range m.users {
		_, w := m.Row(u)
		for _, x := range w {
			degree[u] += float64(x)
		}
		for k := m.ptr[u]; k < m.ptr[u+1]; k++ {
			p.val[k] = float32(math.Pow(float64(m.val[k])/degree[u], alpha))
		}
	}
	return p, degree
}
