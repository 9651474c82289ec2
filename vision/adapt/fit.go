package adapt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"bowerbird/internal/vec"
)

// Options of Fit. The zero value works.
type Options struct {
	// Batch is how many pairs are told apart at once; 0 means 256.
	Batch int
	// Steps of learning; 0 means 400.
	Steps int
	// Temperature of the softmax; 0 means 0.1.
	Temperature float32
	// Rate of Adam; 0 means 0.002.
	Rate float32
	// Decay pulls the map towards the identity at each step, a part of Rate; 0 means
	// 0.1, negative none.
	Decay float32
	// Kinds, one for each row: pairs are of two different kinds only, and what is learned is
	// what goes together across kinds. nil: any two of a group are a pair.
	Kinds []uint32
	// Seed of every random choice.
	Seed uint64
	// Progress, if set, is told the steps done.
	Progress func(done, total int)
}

func (o Options) withDefaults() (Options, error) {
	for _, f := range []struct {
		name          string
		v             *int
		unset, lo, hi int
	}{{"Batch", &o.Batch, 256, 2, 8192}, {"Steps", &o.Steps, 400, 1, 1_000_000}} {
		if *f.v == 0 {
			*f.v = f.unset
		}
		if *f.v < f.lo || *f.v > f.hi {
			return o, fmt.Errorf("adapt: Options.%s is %d; it must be %d to %d", f.name, *f.v, f.lo, f.hi)
		}
	}
	for _, f := range []struct {
		name  string
		v     *float32
		unset float32
	}{{"Temperature", &o.Temperature, .1}, {"Rate", &o.Rate, .002}} {
		if *f.v == 0 {
			*f.v = f.unset
		}
		if !(*f.v > 0 && *f.v < 100) {
			return o, fmt.Errorf("adapt: Options.%s is %v; it must be positive", f.name, *f.v)
		}
	}
	if o.Decay == 0 {
		o.Decay = .1
	}
	o.Decay = max(0, o.Decay)
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o, nil
}

// ErrNoPairs says that no group has two members to learn from.
var ErrNoPairs = errors.New("adapt: no two rows lie in one group: there is nothing to learn from")

// Fit learns a square map from rows of dim numbers, each of length 1, and groups of
// row numbers. Each step draws pairs of rows that share a group, maps them, and lowers
// the loss of telling each row's partner from the partners of the others by a softmax
// over cosines, in both directions (in-batch softmax; van den Oord et al. 2018,
// InfoNCE; Radford et al. 2021 for both directions). A partner that shares a group with
// the row is no negative. The map starts as the identity and decays towards it, so that
// what the groups say nothing about stays as it was.
//
// Cost: a step is about 12·Batch·dim² + 6·Batch²·dim operations: 0.4 s of one core for
// 100 steps of 256 pairs of 256 numbers. Memory: some 6·Batch·dim + 5·dim² numbers.
func Fit(ctx context.Context, x []float32, dim int, groups [][]int, o Options) (*Map, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if dim < 1 || len(x)%dim != 0 {
		return nil, fmt.Errorf("adapt: %d numbers are no rows of %d", len(x), dim)
	}
	if o.Kinds != nil && len(o.Kinds) != len(x)/dim {
		return nil, fmt.Errorf("adapt: %d kinds of %d rows", len(o.Kinds), len(x)/dim)
	}
	d, err := newDraws(groups, len(x)/dim, rand.New(rand.NewPCG(o.Seed, 0xada)))
	if err != nil {
		return nil, err
	}
	f := newFitting(dim, o)
	for step := range o.Steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d.fill(f, x)
		f.step(step + 1)
		o.Progress(step+1, o.Steps)
	}
	m := &Map{dim: dim, matrix: f.w}
	return m, m.name()
}

// draws picks pairs: a group by the root of its size, then two of its rows.
type draws struct {
	groups [][]int
	sum    []float64 // running sum of the groups' weights
	of     map[int][]int
	r      *rand.Rand
}

func newDraws(groups [][]int, rows int, r *rand.Rand) (*draws, error) {
	d := &draws{of: map[int][]int{}, r: r}
	total := 0.0
	for _, g := range groups {
		if len(g) < 2 {
			continue
		}
		for _, i := range g {
			if i < 0 || i >= rows {
				return nil, fmt.Errorf("adapt: a group holds row %d of %d", i, rows)
			}
			d.of[i] = append(d.of[i], len(d.groups))
		}
		d.groups = append(d.groups, g)
		total += math.Sqrt(float64(len(g)))
		d.sum = append(d.sum, total)
	}
	if len(d.groups) == 0 {
		return nil, ErrNoPairs
	}
	return d, nil
}

func (d *draws) group() int {
	t := d.r.Float64() * d.sum[len(d.sum)-1]
	lo, hi := 0, len(d.sum)-1
	for lo < hi {
		if m := (lo + hi) / 2; d.sum[m] > t {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

// fill draws a batch.
func (d *draws) fill(f *fitting, x []float32) {
	b := f.o.Batch
	rows := make([][2]int, b)
	for i := range b {
		g := d.groups[d.group()]
		p, q := d.two(g)
		for try := 0; try < 32 && f.o.Kinds != nil && f.o.Kinds[g[p]] == f.o.Kinds[g[q]]; try++ {
			if try%4 == 3 { // a board of one kind has no such pair
				g = d.groups[d.group()]
			}
			p, q = d.two(g)
		}
		rows[i] = [2]int{g[p], g[q]}
		copy(f.a.x[i*f.dim:(i+1)*f.dim], x[g[p]*f.dim:])
		copy(f.p.x[i*f.dim:(i+1)*f.dim], x[g[q]*f.dim:])
	}
	clear(f.mask)
	for i := range b {
		for j := range b {
			if i != j && (rows[i][0] == rows[j][1] || d.share(rows[i][0], rows[j][1])) {
				f.mask[i*b+j] = true
			}
		}
	}
}

// two draws two members.
func (d *draws) two(g []int) (p, q int) {
	p = d.r.IntN(len(g))
	if q = d.r.IntN(len(g) - 1); q >= p {
		q++
	}
	return p, q
}

func (d *draws) share(i, j int) bool {
	for _, g := range d.of[i] {
		for _, h := range d.of[j] {
			if g == h {
				return true
			}
		}
	}
	return false
}

// side is one half of the pairs on its way through the map.
type side struct {
	x, y, z, gy []float32 // input, W x, y/|y|, gradient; rows of dim
	size        []float32 // |y|
}

type fitting struct {
	dim           int
	o             Options
	a, p          side
	w, g          []float32 // the map, y = x·w, and its gradient
	first, second []float32 // Adam's moments
	logits, back  []float32
	mask          []bool
	turned        []float32
}

func newFitting(dim int, o Options) *fitting {
	n, b := dim*dim, o.Batch
	f := &fitting{dim: dim, o: o, w: make([]float32, n), g: make([]float32, n), first: make([]float32, n), second: make([]float32, n),
		logits: make([]float32, b*b), back: make([]float32, b*b), mask: make([]bool, b*b), turned: make([]float32, max(b*dim, n))}
	for _, s := range []*side{&f.a, &f.p} {
		*s = side{make([]float32, b*dim), make([]float32, b*dim), make([]float32, b*dim), make([]float32, b*dim), make([]float32, b)}
	}
	for i := range dim {
		f.w[i*dim+i] = 1
	}
	return f
}

// step maps a batch, and moves the map against the gradient of its loss.
func (f *fitting) step(n int) {
	b := f.o.Batch
	for _, s := range []*side{&f.a, &f.p} {
		f.forward(s)
	}
	clear(f.logits)
	vec.MatMul(f.logits, f.a.z, f.transposed(f.p.z, b, f.dim), b, f.dim, b)
	f.losses()
	clear(f.a.gy)
	vec.MatMul(f.a.gy, f.back, f.p.z, b, b, f.dim)
	clear(f.p.gy)
	vec.MatMul(f.p.gy, f.transposed(f.back, b, b), f.a.z, b, b, f.dim)
	clear(f.g)
	for _, s := range []*side{&f.a, &f.p} {
		f.backward(s)
	}
	f.adam(n)
}

func (f *fitting) forward(s *side) {
	clear(s.y)
	vec.MatMul(s.y, s.x, f.w, f.o.Batch, f.dim, f.dim)
	copy(s.z, s.y)
	for i := range f.o.Batch {
		s.size[i] = max(vec.Norm(s.y[i*f.dim:(i+1)*f.dim]), 1e-6)
		vec.Scale(1/s.size[i], s.z[i*f.dim:(i+1)*f.dim])
	}
}

// losses turns cosines into the gradient of the loss by them: for the softmax over
// each row and that over each column, probability less 1 at the partner, over 2·Batch
// and the temperature.
func (f *fitting) losses() {
	b := f.o.Batch
	scale := 1 / (2 * float32(b) * f.o.Temperature)
	clear(f.back)
	add := func(at func(j int) int, own int) {
		most, sum := float32(-2), 0.0
		for j := range b {
			if !f.mask[at(j)] {
				most = max(most, f.logits[at(j)])
			}
		}
		for j := range b {
			if !f.mask[at(j)] {
				sum += math.Exp(float64((f.logits[at(j)] - most) / f.o.Temperature))
			}
		}
		for j := range b {
			if !f.mask[at(j)] {
				f.back[at(j)] += scale * float32(math.Exp(float64((f.logits[at(j)]-most)/f.o.Temperature))/sum)
			}
		}
		f.back[at(own)] -= scale
	}
	for i := range b {
		add(func(j int) int { return i*b + j }, i)
		add(func(j int) int { return j*b + i }, i)
	}
}

// backward takes the gradient through the length and adds it to that of the map.
func (f *fitting) backward(s *side) {
	b := f.o.Batch
	for i := range b {
		g, z := s.gy[i*f.dim:(i+1)*f.dim], s.z[i*f.dim:(i+1)*f.dim]
		vec.Axpy(-vec.Dot(g, z), z, g)
		vec.Scale(1/s.size[i], g)
	}
	vec.MatMul(f.g, f.transposed(s.x, b, f.dim), s.gy, f.dim, b, f.dim)
}

// adam is Kingma & Ba 2015, with decay towards the identity apart from the gradient
// (Loshchilov & Hutter 2019) and a rate that falls to nothing as half a cosine.
func (f *fitting) adam(n int) {
	const beta1, beta2 = .9, .999
	rate := f.o.Rate * float32(.5*(1+math.Cos(math.Pi*float64(n-1)/float64(f.o.Steps))))
	c1, c2 := float32(1-math.Pow(beta1, float64(n))), float32(1-math.Pow(beta2, float64(n)))
	for i, g := range f.g {
		f.first[i] = beta1*f.first[i] + (1-beta1)*g
		f.second[i] = beta2*f.second[i] + (1-beta2)*g*g
		f.w[i] -= rate * f.first[i] / c1 / (float32(math.Sqrt(float64(f.second[i]/c2))) + 1e-8)
		one := float32(0)
		if i/f.dim == i%f.dim {
			one = 1
		}
		f.w[i] -= rate * f.o.Decay * (f.w[i] - one)
	}
}

// transposed writes an r x c matrix as c x r into memory that lasts until the next call.
func (f *fitting) transposed(m []float32, r, c int) []float32 {
	if len(f.turned) < r*c {
		f.turned = make([]float32, r*c)
	}
	t := f.turned[:r*c]
	for i := range r {
		for j := range c {
			t[j*r+i] = m[i*c+j]
		}
	}
	return t
}
