package model

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"bowerbird/internal/svd"
	"bowerbird/internal/vec"
)

// likeness tells how much items are alike by what they are: latent semantic analysis (Deerwester et al., 1990) of their
// content, each row of length 1 before and after. A person is the sum of what they acted on.
type likeness struct {
	rank  int
	at    []int32   // by feature: its row of basis, -1 for none
	basis []float32 // rows x rank
	// Of the items with content and actions, for a person's scores in units of their deviation:
	spread []float32 // Factors x Factors, covariance of the map's vectors
	near   []float32 // rank x rank, of those of likeness
	mean   []float32 // rank
}

const (
	likeRank = 256    // at most
	likeRows = 20_000 // items that the basis is learned from, at most
	judges   = 1000   // people that judge a proportion, at most
	measured = 5000   // items that deviations are measured on, at most
)

func (l *likeness) dim() int {
	if l == nil {
		return 0
	}
	return l.rank
}

// learn finds the basis of the content's rows; nil if there is too little for one.
func (r *regression) learn(ctx context.Context) (*likeness, error) {
	var rows []int
	for i := range r.x.users {
		if r.x.ptr[i+1] > r.x.ptr[i] {
			rows = append(rows, i)
		}
	}
	if len(rows) > likeRows {
		rng := rand.New(rand.NewPCG(r.o.Seed, 0x6c696b65))
		rng.Shuffle(len(rows), func(a, b int) { rows[a], rows[b] = rows[b], rows[a] })
		rows = rows[:likeRows]
	}
	l := &likeness{at: make([]int32, r.x.items)}
	for f := range l.at {
		l.at[f] = -1
	}
	m := &svd.Sparse{Off: make([]int, 1, len(rows)+1)}
	for _, i := range rows {
		for p := r.x.ptr[i]; p < r.x.ptr[i+1]; p++ {
			if f := r.x.idx[p]; r.x.val[p] > 0 && l.at[f] < 0 {
				l.at[f] = 0
			}
		}
	}
	for f := range l.at { // ascending within a row, as the matrix wants them
		if l.at[f] == 0 {
			l.at[f] = int32(m.Cols)
			m.Cols++
		}
	}
	for _, i := range rows {
		for p := r.x.ptr[i]; p < r.x.ptr[i+1]; p++ {
			if r.x.val[p] > 0 {
				m.To, m.W = append(m.To, uint32(l.at[r.x.idx[p]])), append(m.W, r.x.val[p])
			}
		}
		m.Off = append(m.Off, len(m.To))
	}
	k := min(likeRank, m.Cols/2, len(rows)/4)
	if k < 2 {
		return nil, nil
	}
	d, err := svd.Truncated(ctx, svd.BothWays(m), svd.Options{K: k, Rounds: 2, Threads: r.o.Threads, Seed: r.o.Seed})
	if errors.Is(err, svd.ErrZero) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l.rank, l.basis = d.K, d.V
	return l, nil
}

// Likeness appends an item's place among what is alike, as Person wants it, or nothing where likeness does not count.
// Cost: the item's features times the rank.
func (c *Content) Likeness(dst []float32, features []Weighted) []float32 {
	n := len(dst)
	dst = append(dst, make([]float32, c.like.dim())...)
	c.likenessOf(dst[n:], features)
	return dst
}

// likenessOf sets out to an item's place among what is alike, of length 1, or to zeros.
func (c *Content) likenessOf(out []float32, features []Weighted) {
	clear(out)
	if c.like == nil {
		return
	}
	for _, f := range features {
		if w := c.of(f); w > 0 && c.like.at[f.Item] >= 0 {
			a := int(c.like.at[f.Item]) * c.like.rank
			vec.Axpy(w, c.like.basis[a:a+c.like.rank], out)
		}
	}
	unit(out, out)
}

// Person appends the vector of a person whose history is folded into the factor model (all zeros, or nil, if the model knows
// nothing of it) and whose items' Likeness is given by of; nil is an item without content. Its inner product with an item's Vector, less the number that is
// returned, is the score: that of the factor model, plus Mix times likeness, as many deviations. Where the factor model knows
// nothing, it is likeness alone, in deviations. False: nothing is known at all.
//
// Cost: Factors² + the history times the rank + rank² multiply-adds.
func (c *Content) Person(dst, folded []float32, history []Weighted, of func(item uint32) []float32) ([]float32, float32, bool) {
	n := len(dst)
	dst = append(dst, make([]float32, c.Dim())...)
	q, p := dst[n:n+c.dim], dst[n+c.dim:]
	copy(q, folded)
	known := vec.Dot(q, q) > 0
	if c.like == nil {
		return dst, 0, known
	}
	for _, h := range history {
		if one := of(h.Item); one != nil {
			vec.Axpy(h.Weight, one, p)
		}
	}
	near := deviation(p, c.like.near)
	if near == 0 {
		clear(p)
		return dst, 0, known
	}
	scale := float32(1)
	if known {
		scale = c.Mix * deviation(q, c.like.spread)
	}
	vec.Scale(scale/near, p)
	return dst, vec.Dot(p, c.like.mean), true
}

// deviation is the standard deviation of x's inner products with vectors of a covariance.
func deviation(x, covariance []float32) float32 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v) * float64(vec.Dot(covariance[i*len(x):(i+1)*len(x)], x))
	}
	return float32(math.Sqrt(max(0, sum)))
}

// mixes are the proportions of likeness tried.
var mixes = []float32{0, .25, .5, 1, 2, 4}

// blend sets Mix by how well people find those held-out items that they acted on, among all held-out ones; c's weights are those
// that were fitted without them. The measure is NDCG of the whole ranking (Järvelin and Kekäläinen, 2002).
func (r *regression) blend(ctx context.Context, c *Content, tower Tower, m *Matrix, held []int) error {
	like, err := r.learn(ctx)
	if err != nil || like == nil {
		return err
	}
	c.like = like
	isHeld := make([]int, m.Items())
	var places, alike []float32
	for k, i := range held {
		isHeld[i] = k + 1
		v, _ := c.Vector(nil, r.content.History(nil, i))
		places, alike = append(places, v[:c.dim]...), append(alike, v[c.dim:]...)
	}
	rng := rand.New(rand.NewPCG(r.o.Seed, 0x6d6978))
	sums, people := make([]float64, len(mixes)), 0
	for _, u := range rng.Perm(m.Users()) {
		var wanted []int
		var rest []Weighted
		for _, h := range m.History(nil, u) {
			if k := isHeld[h.Item]; k > 0 {
				wanted = append(wanted, k-1)
			} else {
				rest = append(rest, h)
			}
		}
		if len(wanted) == 0 || len(rest) == 0 {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		q, ok := tower.FoldIn(nil, rest)
		p, one := make([]float32, like.rank), make([]float32, like.rank)
		for _, h := range rest {
			c.likenessOf(one, r.content.History(nil, int(h.Item)))
			vec.Axpy(h.Weight, one, p)
		}
		a, b := deviations(q, places), deviations(p, alike)
		if !ok || a == nil || b == nil {
			continue
		}
		for i, mix := range mixes {
			sums[i] += wholeNDCG(a, b, mix, wanted)
		}
		if people++; people == judges {
			break
		}
	}
	best := 0
	for i := range mixes {
		if sums[i] > sums[best] {
			best = i
		}
	}
	if c.Mix = mixes[best]; c.Mix == 0 {
		c.like = nil
	}
	return nil
}

// deviations are a vector's inner products with rows, less their mean, in units of their deviation; nil if all are alike.
func deviations(q, rows []float32) []float64 {
	n := len(rows) / len(q)
	out, mean, square := make([]float64, n), 0.0, 0.0
	for k := range out {
		out[k] = float64(vec.Dot(q, rows[k*len(q):(k+1)*len(q)]))
		mean += out[k] / float64(n)
	}
	for _, x := range out {
		square += (x - mean) * (x - mean) / float64(n)
	}
	if !(square > 0) {
		return nil
	}
	for k := range out {
		out[k] = (out[k] - mean) / math.Sqrt(square)
	}
	return out
}

// wholeNDCG is NDCG of the ranking by a + mix·b; of equal scores those before count as better.
func wholeNDCG(a, b []float64, mix float32, wanted []int) float64 {
	got, ideal := 0.0, 0.0
	for n, w := range wanted {
		rank, s := 1, a[w]+float64(mix)*b[w]
		for k := range a {
			if x := a[k] + float64(mix)*b[k]; x > s || x == s && k < w {
				rank++
			}
		}
		got += 1 / math.Log2(float64(1+rank))
		ideal += 1 / math.Log2(float64(2+n))
	}
	return got / ideal
}

// measure sets what a person's scores are measured by, over some items, at most measured of them.
func (c *Content) measure(r *regression, rows []int) {
	if len(rows) > measured {
		rng := rand.New(rand.NewPCG(r.o.Seed, 0x6d656173))
		rng.Shuffle(len(rows), func(a, b int) { rows[a], rows[b] = rows[b], rows[a] })
		rows = rows[:measured]
	}
	var places, alike []float32
	for _, i := range rows {
		v, _ := c.Vector(nil, r.content.History(nil, i))
		places, alike = append(places, v[:c.dim]...), append(alike, v[c.dim:]...)
	}
	_, c.like.spread = covariance(places, c.dim)
	c.like.mean, c.like.near = covariance(alike, c.like.rank)
}

// covariance returns the mean of rows of d numbers and their d x d covariance.
func covariance(rows []float32, d int) (mean, out []float32) {
	n := len(rows) / d
	mean, out = make([]float32, d), make([]float32, d*d)
	for k := range n {
		vec.Axpy(1/float32(n), rows[k*d:(k+1)*d], mean)
	}
	less := make([]float32, d)
	for k := range n {
		copy(less, rows[k*d:(k+1)*d])
		vec.Axpy(-1, mean, less)
		for i, v := range less {
			vec.Axpy(v/float32(n), less, out[i*d:(i+1)*d])
		}
	}
	return mean, out
}
