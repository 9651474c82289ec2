package meaning

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"bowerbird/internal/svd"
)

// Options of Train. The zero value works.
type Options struct {
	Dim int // length of vectors; 0 means 200; never more than a quarter of the documents
	// MaxDocs bounds the documents that are learned from; 0 means 100,000. Of more, a random sample is taken.
	MaxDocs  int
	MaxTerms int // the most frequent terms that are kept; 0 means 50,000
	Passes   int // power iterations; 0 means 3
	Seed     uint64
	Threads  int                   // 0 means GOMAXPROCS; the result does not depend on it
	Progress func(done, total int) // called now and then, never concurrently
}

// MinDocs and MinTerms bound the corpus from which Train learns. On less, neighbours are chance.
const (
	MinDocs  = 100 // with two different known terms or more
	MinTerms = 200 // that stand in two documents or more
)

// ErrSmall says that the corpus is too small to learn from: search by words alone.
var ErrSmall = errors.New("meaning: the corpus is too small to learn vectors from")

const (
	maxDocTerms = 5000 // terms of one document that are read
	oversample  = 20   // p of Halko et al.
	maxDim      = 1000
)

func (o Options) settled() (Options, error) {
	if o.Dim < 0 || o.Dim > maxDim {
		return o, fmt.Errorf("meaning: Dim is %d: want 1 to %d", o.Dim, maxDim)
	}
	if o.MaxDocs < 0 || o.MaxTerms < 0 || o.Passes < 0 || o.Passes > 20 {
		return o, fmt.Errorf("meaning: MaxDocs %d, MaxTerms %d, Passes %d: want none negative and at most 20 passes", o.MaxDocs, o.MaxTerms, o.Passes)
	}
	set := func(p *int, standard int) {
		if *p == 0 {
			*p = standard
		}
	}
	set(&o.Dim, 200)
	set(&o.MaxDocs, 100_000)
	set(&o.MaxTerms, 50_000)
	set(&o.Passes, 3)
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return o, nil
}

// Train learns a model from documents, each its analysed terms in any order. A query and the title that was clicked for
// it make a document too: that is how clicks teach. The sequence is read once and its slices may be reused.
//
// It declines with ErrSmall what has fewer than MinDocs documents or MinTerms terms. The same documents in the same order
// and the same Options give the same model on one kind of processor (see internal/vec on the last bits).
//
// With n terms in D documents, T different ones and k = Dim + 20, it costs about 2·(Passes+1)·n·k multiply-adds and
// (D + 3·T)·k·4 + 16·n bytes: 5,183 abstracts (SciFact) take 3 s of processor time on Zen 3.
func Train(ctx context.Context, docs iter.Seq[[]string], o Options) (*Model, error) {
	o, err := o.settled()
	if err != nil {
		return nil, err
	}
	b := &bag{number: make(map[string]uint32), rng: rand.New(rand.NewPCG(o.Seed, 0x1e4)), most: o.MaxDocs}
	for d := range docs {
		b.add(d)
		if b.seen&1023 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	x, terms := b.matrix(o.MaxTerms)
	if x.Rows() < MinDocs || x.Cols < MinTerms {
		return nil, fmt.Errorf("%w: %d documents and %d terms that stand in two or more; want %d and %d", ErrSmall, x.Rows(), x.Cols, MinDocs, MinTerms)
	}
	weights := weigh(x)
	dim := max(1, min(o.Dim, x.Rows()/4, x.Cols/4))
	words, err := decompose(ctx, x, dim, o)
	if err != nil {
		return nil, err
	}
	return newModel(terms, weights, words, dim, x.Rows()), nil
}

// bag gathers documents as counts of numbered terms.
type bag struct {
	number map[string]uint32
	names  []string
	docs   [][]count
	seen   int
	most   int
	rng    *rand.Rand
}

type count struct{ term, n uint32 }

// add keeps a document, or, once there are enough, lets it take the place of another so that every document of the
// corpus is kept with the same chance (Vitter's algorithm R, 1985).
func (b *bag) add(terms []string) {
	b.seen++
	at := len(b.docs)
	if at >= b.most {
		if at = b.rng.IntN(b.seen); at >= b.most {
			return
		}
	}
	ids := make([]uint32, 0, min(len(terms), maxDocTerms))
	for _, t := range terms[:cap(ids)] {
		id, ok := b.number[t]
		if !ok {
			id = uint32(len(b.names))
			t = strings.Clone(t)
			b.number[t] = id
			b.names = append(b.names, t)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var d []count
	for i, id := range ids {
		if i == 0 || id != ids[i-1] {
			d = append(d, count{id, 0})
		}
		d[len(d)-1].n++
	}
	if at == len(b.docs) {
		b.docs = append(b.docs, d)
	} else {
		b.docs[at] = d
	}
}

// matrix keeps the terms that stand in at least two documents, the most frequent first if there are too many, and the
// documents that hold two of them.
func (b *bag) matrix(most int) (*svd.Sparse, []string) {
	df := make([]uint32, len(b.names))
	for _, d := range b.docs {
		for _, c := range d {
			df[c.term]++
		}
	}
	var kept []uint32
	for t, n := range df {
		if n >= 2 {
			kept = append(kept, uint32(t))
		}
	}
	if len(kept) > most {
		slices.SortStableFunc(kept, func(a, c uint32) int { return int(df[c]) - int(df[a]) })
		kept = kept[:most]
	}
	slices.SortFunc(kept, func(a, c uint32) int { return strings.Compare(b.names[a], b.names[c]) })
	column, names := make(map[uint32]uint32, len(kept)), make([]string, len(kept))
	for i, t := range kept {
		column[t], names[i] = uint32(i), b.names[t]
	}
	x := &svd.Sparse{Cols: len(kept), Off: []int{0}}
	for _, d := range b.docs {
		from := len(x.To)
		for _, c := range d {
			if j, ok := column[c.term]; ok {
				x.To, x.W = append(x.To, j), append(x.W, float32(c.n))
			}
		}
		if len(x.To)-from < 2 {
			x.To, x.W = x.To[:from], x.W[:from]
			continue
		}
		x.Off = append(x.Off, len(x.To))
	}
	return x, names
}

// weigh turns counts into log-entropy weights, gives every document length 1, and returns the weights of the terms:
//
//	x_dt = log(1 + tf_dt) · g_t,   g_t = 1 + Σ_d p_dt log p_dt / log D,   p_dt = tf_dt / Σ_d tf_dt
func weigh(x *svd.Sparse) []float32 {
	total, entropy := make([]float64, x.Cols), make([]float64, x.Cols)
	for i, t := range x.To {
		total[t] += float64(x.W[i])
	}
	for i, t := range x.To {
		p := float64(x.W[i]) / total[t]
		entropy[t] += p * math.Log(p)
	}
	g := make([]float32, x.Cols)
	for t := range g {
		g[t] = float32(max(0, 1+entropy[t]/math.Log(float64(x.Rows()))))
	}
	for d := range x.Rows() {
		lo, hi := x.Off[d], x.Off[d+1]
		sum := 0.0
		for i := lo; i < hi; i++ {
			x.W[i] = local(x.W[i]) * g[x.To[i]]
			sum += float64(x.W[i]) * float64(x.W[i])
		}
		for i := lo; i < hi && sum > 0; i++ {
			x.W[i] /= float32(math.Sqrt(sum))
		}
	}
	return g
}

func local(tf float32) float32 { return float32(math.Log1p(float64(tf))) }
