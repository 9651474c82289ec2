package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"bowerbird/internal/nn"
	"bowerbird/internal/vec"
)

// SimpleX is the cosine contrastive model of Mao et al. (CIKM 2021): a person is the sum of the vectors of what they have,
//
//	loss = Σ over cells (u, i) of  1 - cos(u, i) + NegativeWeight/|J| Σ_j max(0, cos(u, j) - Margin).
//
// Where we differ: a person has no vector of their own (their g is 0), so that a history folds in as in training; the drawn
// items J are shared by a batch of people, so that the products are those of matrices.
type SimpleX struct {
	Dim            int     `json:"dim"`             // 0: 64
	Epochs         int     `json:"epochs"`          // 0: 30
	Rate           float64 `json:"rate"`            // of Adam; 0: .005
	Decay          float64 `json:"decay"`           // of the weights, as AdamW's; 0: .01
	Margin         float64 `json:"margin"`          // 0: .4
	NegativeWeight float64 `json:"negative_weight"` // 0: 3
	Negatives      int     `json:"negatives"`       // drawn for a batch; 0: 1,024
	Batch          int     `json:"batch"`           // people a step; 0: a twentieth of them, 32 to 256
}

// Name returns "simplex".
func (SimpleX) Name() string { return "simplex" }

// Memory is two tables of vectors with their slopes and moments, and a batch.
func (t SimpleX) Memory(m *Matrix) int64 {
	t = t.defaults()
	return contrastMemory(m, t.Dim, batchOf(t.Batch, 256, m), t.Negatives)
}

func (t SimpleX) defaults() SimpleX {
	def(&t.Dim, 64)
	def(&t.Epochs, 30)
	def(&t.Rate, .005)
	def(&t.Decay, .01)
	def(&t.Margin, .4)
	def(&t.NegativeWeight, 3)
	def(&t.Negatives, 1024)
	return t
}

// LightGCN learns vectors of items and propagates them over the graph of people and items (He et al., SIGIR 2020):
//
//	items = (E + S E + … + S^Layers E) / (Layers + 1),   S = D_i^-½ XᵀD_u⁻¹X D_i^-½,
//	a person = the sum over what they have of d_i^-½ times the item,
//
// by the softmax over cosines at a Temperature, against drawn items (Wu et al., "On the Effectiveness of Sampled Softmax Loss
// for Item Recommendation", 2022). A layer here goes there and back: two of the paper's. Where we differ: people have no
// vectors of their own, so that a history folds in exactly as in training. Package graph/embed has the form with them.
type LightGCN struct {
	Dim         int     `json:"dim"`         // 0: 64
	Layers      int     `json:"layers"`      // 0: 1; -1: none
	Epochs      int     `json:"epochs"`      // 0: 20
	Rate        float64 `json:"rate"`        // of Adam; 0: .01
	Decay       float64 `json:"decay"`       // of the weights, as AdamW's; 0: none
	Temperature float64 `json:"temperature"` // 0: .2
	Negatives   int     `json:"negatives"`   // drawn for a batch; 0: 2,048
	Batch       int     `json:"batch"`       // people a step; 0: a twentieth of them, 32 to 1,024
}

// Name returns "lightgcn".
func (LightGCN) Name() string { return "lightgcn" }

// Memory is a table of vectors with its slopes, moments and layers, and a batch.
func (t LightGCN) Memory(m *Matrix) int64 {
	t = t.defaults()
	return contrastMemory(m, t.Dim, batchOf(t.Batch, 1024, m), t.Negatives) + 4*int64(t.Dim)*int64(m.Users()+m.Items()) + 2*matrixBytes(m.Users()+m.Items(), m.Entries())
}

func (t LightGCN) defaults() LightGCN {
	def(&t.Dim, 64)
	def(&t.Layers, 1)
	def(&t.Epochs, 20)
	def(&t.Rate, .01)
	def(&t.Temperature, .2)
	def(&t.Negatives, 2048)
	return t
}

func batchOf(batch, most int, m *Matrix) int {
	if batch == 0 {
		return max(32, min(most, m.Users()/20))
	}
	return batch
}

func contrastMemory(m *Matrix, dim, batch, negatives int) int64 {
	d, n := int64(dim), int64(m.Items())
	return 2*5*4*d*n + 8*n + 4*int64(batch)*(3*d+int64(negatives)) + 12*d*int64(negatives) + 3*matrixBytes(m.Users()+m.Items(), m.Entries())
}

// Fit trains a LowRank model.
func (t SimpleX) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	t = t.defaults()
	if err := checkContrast(t.Dim, t.Epochs, t.Batch, t.Negatives, t.Rate, t.Decay); err != nil {
		return nil, fmt.Errorf("simplex: %w", err)
	}
	if !(t.Margin > -1 && t.Margin < 1) || !(t.NegativeWeight > 0 && t.NegativeWeight < 1e6) {
		return nil, fmt.Errorf("simplex: margin %v must be in (-1,1), negative weight %v positive", t.Margin, t.NegativeWeight)
	}
	m, b, err := begin(t, "lowrank", m, &o)
	if err != nil {
		return nil, err
	}
	c := newContrast(m, t.Dim, batchOf(t.Batch, 256, m), t.Negatives, o)
	c.loss = func(pos, neg []float32) {
		for k := range pos {
			pos[k] = -1
		}
		push := float32(len(pos)) * float32(t.NegativeWeight) / float32(len(neg))
		for k, v := range neg {
			neg[k] = 0
			if v > float32(t.Margin) {
				neg[k] = push
			}
		}
	}
	table := newAdam(c.start(), t.Rate, t.Decay)
	err = c.run(ctx, t.Epochs, o, func() error {
		if err := c.step(ctx, table.x); err != nil {
			return err
		}
		table.apply(c.g)
		return nil
	})
	left := slices.Clone(table.x)
	if err == nil {
		err = c.finish(table.x)
	}
	if err != nil {
		return nil, fmt.Errorf("simplex: %w", err)
	}
	return (&LowRank{base: b, dim: t.Dim, left: left, right: table.x}).prepare(), nil
}

// Fit trains a LowRank model.
func (t LightGCN) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	t = t.defaults()
	if err := checkContrast(t.Dim, t.Epochs, t.Batch, t.Negatives, t.Rate, t.Decay); err != nil {
		return nil, fmt.Errorf("lightgcn: %w", err)
	}
	if t.Layers < -1 || t.Layers > 8 || !(t.Temperature >= .02 && t.Temperature < 100) {
		return nil, fmt.Errorf("lightgcn: layers %d must be in -1..8, temperature %v in .02..100", t.Layers, t.Temperature)
	}
	m, b, err := begin(t, "lowrank", m, &o)
	if err != nil {
		return nil, err
	}
	c := newContrast(m, t.Dim, batchOf(t.Batch, 1024, m), t.Negatives, o)
	tau := float32(1 / t.Temperature)
	c.loss = func(pos, neg []float32) { softmaxLoss(pos, neg, tau) }
	graph, layers := newPlane(m, .5, .5), max(0, t.Layers)
	table := newAdam(c.start(), t.Rate, t.Decay)
	out, spare, people := make([]float32, len(table.x)), make([]float32, len(table.x)), make([]float32, m.users*t.Dim)
	// spread sets out to the mean of x and its layers: a symmetric map, which the gradient goes back through.
	spread := func(x []float32) error {
		copy(out, x)
		copy(spare, x)
		for range layers {
			if err := graph.Times(ctx, o.Threads, people, spare, t.Dim); err != nil {
				return err
			}
			if err := graph.TimesT(ctx, o.Threads, spare, people, t.Dim); err != nil {
				return err
			}
			vec.Axpy(1, spare, out)
		}
		vec.Scale(1/float32(layers+1), out)
		return ctx.Err()
	}
	bent := make([]float32, m.items)
	_, degree := m.degrees()
	for i, d := range degree {
		if d > 0 {
			bent[i] = float32(1 / math.Sqrt(d))
		}
	}
	c.from = bent
	err = c.run(ctx, t.Epochs, o, func() error {
		if err := spread(table.x); err != nil {
			return err
		}
		if err := c.step(ctx, out); err != nil {
			return err
		}
		if err := spread(c.g); err != nil {
			return err
		}
		table.apply(out)
		return nil
	})
	if err == nil {
		err = spread(table.x)
	}
	left := make([]float32, len(out))
	if err == nil {
		for i, f := range bent {
			vec.Axpy(f, out[i*t.Dim:(i+1)*t.Dim], left[i*t.Dim:(i+1)*t.Dim])
		}
		err = c.finish(out)
	}
	if err != nil {
		return nil, fmt.Errorf("lightgcn: %w", err)
	}
	return (&LowRank{base: b, dim: t.Dim, left: left, right: out}).prepare(), nil
}

// softmaxLoss turns cosines into the slopes of Σ_i -log e^{τp_i} / (e^{τp_i} + Σ_j e^{τn_j}).
func softmaxLoss(pos, neg []float32, tau float32) {
	sum := float32(1e-30)
	for k, v := range neg {
		neg[k] = vec.Exp((v - 1) * tau) // cosines are at most 1, so nothing overflows
		sum += neg[k]
	}
	share := float32(0)
	for k, v := range pos {
		e := vec.Exp((v - 1) * tau)
		pos[k] = -tau * sum / (e + sum)
		share += tau / (e + sum)
	}
	vec.Scale(share, neg)
}

func checkContrast(dim, epochs, batch, negatives int, rate, decay float64) error {
	if dim < 1 || dim > maxDim || epochs < 0 || batch < 0 || negatives < 1 || negatives > 1<<20 {
		return fmt.Errorf("dim %d must be in 1..%d, epochs %d not negative, batch %d not negative, negatives %d positive", dim, maxDim, epochs, batch, negatives)
	}
	if !(rate > 0 && rate < 1e3) || !(decay >= 0 && decay < 1e3) {
		return fmt.Errorf("rate %v and decay %v must be finite and not negative", rate, decay)
	}
	return nil
}

// adam is a table of numbers that AdamW moves.
type adam struct {
	x, m, v []float32
	step    nn.Step
}

func newAdam(x []float32, rate, decay float64) *adam {
	return &adam{x, make([]float32, len(x)), make([]float32, len(x)), nn.Step{Rate: float32(rate), Beta1: .9, Beta2: .999, Epsilon: 1e-8, Decay: float32(decay)}}
}

func (a *adam) apply(g []float32) {
	a.step.Number++
	a.step.Apply(a.x, a.m, a.v, g)
}

// contrast is a training under way whose person is a sum of rows: a batch of people with all their cells, against items
// drawn for the batch.
type contrast struct {
	m     *Matrix
	dim   int
	o     Options
	rng   *rand.Rand
	pool  []uint32                 // items with cells
	order []uint32                 // people with two cells or more; with one, where nobody has two
	from  []float32                // of an item's row in a person's sum; nil: 1
	loss  func(pos, neg []float32) // cosines of one person in, slopes out
	size  int                      // of a batch
	g     []float32                // slopes of the table

	batch  []uint32
	sample []uint32
	item   []float32 // the sample's rows, of length 1
	back   []float32 // their slopes
	person []float32 // batch x dim
	slope  []float32
	scores []float32 // batch x sample
	drawn  int
}

func newContrast(m *Matrix, dim, batch, negatives int, o Options) *contrast {
	c := &contrast{m: m, dim: dim, o: o, size: batch, drawn: negatives, rng: rand.New(rand.NewPCG(o.Seed, 0xc05))}
	seen := make([]bool, m.items)
	for _, i := range m.idx {
		seen[i] = true
	}
	for i, s := range seen {
		if s {
			c.pool = append(c.pool, uint32(i))
		}
	}
	for least := 2; len(c.order) == 0 && least > 0; least-- {
		for u := range m.users {
			if m.ptr[u+1]-m.ptr[u] >= least {
				c.order = append(c.order, uint32(u))
			}
		}
	}
	c.g = make([]float32, m.items*dim)
	return c
}

// start makes a table; what has no cell is not learned and stays zero.
func (c *contrast) start() []float32 {
	x := make([]float32, c.m.items*c.dim)
	for _, i := range c.pool {
		for k := range c.row(x, i) {
			x[int(i)*c.dim+k] = float32(c.rng.NormFloat64() * .1)
		}
	}
	return x
}

func (c *contrast) row(x []float32, i uint32) []float32 { return x[int(i)*c.dim : (int(i)+1)*c.dim] }

func (c *contrast) run(ctx context.Context, epochs int, o Options, step func() error) error {
	steps := (len(c.order) + c.size - 1) / c.size
	for e := range epochs {
		c.rng.Shuffle(len(c.order), func(i, j int) { c.order[i], c.order[j] = c.order[j], c.order[i] })
		for s := range steps {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.batch = c.order[s*len(c.order)/steps : (s+1)*len(c.order)/steps]
			if err := step(); err != nil {
				return err
			}
		}
		o.Progress(e+1, epochs, "epochs")
	}
	return ctx.Err()
}

// finish scales rows to length 1: scores are then cosines but for the person's own length.
func (c *contrast) finish(right []float32) error {
	if !vec.Finite(right) {
		return fmt.Errorf("it diverged: lower the rate")
	}
	for i := range c.m.items {
		vec.Normalize(c.row(right, uint32(i)))
	}
	return nil
}

// step sets g to the slopes of the batch's loss, a mean over its cells.
func (c *contrast) step(ctx context.Context, table []float32) error {
	d := c.dim
	clear(c.g)
	c.sample = c.sample[:0]
	for range c.drawn {
		c.sample = append(c.sample, c.pool[c.rng.IntN(len(c.pool))])
	}
	slices.Sort(c.sample)
	c.sample = slices.Compact(c.sample)
	n, b := len(c.sample), len(c.batch)
	items, back := room(&c.item, n*d), room(&c.back, n*d)
	for k, i := range c.sample {
		unit(items[k*d:(k+1)*d], c.row(table, i))
	}
	cells := 0
	for _, u := range c.batch {
		cells += c.m.ptr[u+1] - c.m.ptr[u]
	}
	persons, slopes, scores := room(&c.person, b*d), room(&c.slope, b*d), room(&c.scores, b*n)
	pos := make([][]float32, b)
	sums := make([]float32, b*d)
	err := blocks(ctx, c.o.Threads, b, 32, nil, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			have, w := c.m.Row(int(c.batch[k]))
			sum := sums[k*d : (k+1)*d]
			for q, i := range have {
				vec.Axpy(w[q]*c.scale(i), c.row(table, i), sum)
			}
			unit(persons[k*d:(k+1)*d], sum)
		}
		out := scores[lo*n : hi*n]
		clear(out)
		vec.AddProduct(out, n, 1, vec.View{Data: persons[lo*d:], Row: d, Col: 1}, vec.View{Data: items, Row: 1, Col: d}, hi-lo, d, n)
		for k := lo; k < hi; k++ {
			have, _ := c.m.Row(int(c.batch[k]))
			pos[k] = make([]float32, len(have))
			for q, i := range have {
				pos[k][q] = vec.Cosine(persons[k*d:(k+1)*d], c.row(table, i))
			}
			row := scores[k*n : (k+1)*n]
			c.leaveOut(row, have, -2) // below every cosine
			c.loss(pos[k], row)
			c.leaveOut(row, have, 0)
			vec.Scale(1/float32(cells), row)
			vec.Scale(1/float32(cells), pos[k])
		}
		g := slopes[lo*d : hi*d]
		clear(g)
		vec.AddProduct(g, d, 1, vec.View{Data: scores[lo*n:], Row: n, Col: 1}, vec.View{Data: items, Row: d, Col: 1}, hi-lo, n, d)
	})
	if err != nil {
		return err
	}
	// The drawn items' slopes: scoresᵀ persons, then through the scaling to length 1.
	err = blocks(ctx, c.o.Threads, n, 256, nil, func(_, lo, hi int) {
		g := back[lo*d : hi*d]
		clear(g)
		vec.AddProduct(g, d, 1, vec.View{Data: scores[lo:], Row: 1, Col: n}, vec.View{Data: persons, Row: d, Col: 1}, hi-lo, b, d)
	})
	if err != nil {
		return err
	}
	for k, i := range c.sample {
		throughUnit(c.row(c.g, i), back[k*d:(k+1)*d], c.row(table, i), 1)
	}
	item := make([]float32, d)
	for k, u := range c.batch {
		have, w := c.m.Row(int(u))
		sum, person, total := sums[k*d:(k+1)*d], persons[k*d:(k+1)*d], make([]float32, d)
		throughUnit(total, slopes[k*d:(k+1)*d], sum, 1)
		for q, i := range have {
			unit(item, c.row(table, i))
			throughUnit(total, item, sum, pos[k][q])
			throughUnit(c.row(c.g, i), person, c.row(table, i), pos[k][q])
		}
		for q, i := range have {
			vec.Axpy(w[q]*c.scale(i), total, c.row(c.g, i))
		}
	}
	return ctx.Err()
}

func (c *contrast) scale(i uint32) float32 {
	if c.from == nil {
		return 1
	}
	return c.from[i]
}

// leaveOut sets the numbers of the drawn items that a person has; both ascend.
func (c *contrast) leaveOut(row []float32, have []uint32, to float32) {
	at := 0
	for _, i := range have {
		j, ok := slices.BinarySearch(c.sample[at:], i)
		if at += j; ok {
			row[at] = to
		}
	}
}

// unit sets dst to x at length 1, or to zero.
func unit(dst, x []float32) {
	copy(dst, x)
	if l := vec.Norm(x); l > 1e-20 {
		vec.Scale(1/l, dst)
	} else {
		clear(dst)
	}
}

// throughUnit adds f times the slope g of x's unit vector to out, as a slope of x: (g - <g, x̂> x̂) / |x|.
func throughUnit(out, g, x []float32, f float32) {
	l := vec.Norm(x)
	if !(l > 1e-20) {
		return
	}
	vec.Axpy(f/l, g, out)
	vec.Axpy(-f*vec.Dot(g, x)/(l*l*l), x, out)
}
