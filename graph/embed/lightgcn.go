package embed

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"bowerbird/graph"
	"bowerbird/internal/vec"
)

// LightGCNOptions of propagated embeddings. The zero value works.
type LightGCNOptions struct {
	Limits
	Dim         int     // default 64
	Layers      int     // of propagation; 0: 2; -1: none, which is plain matrix factorisation
	Epochs      int     // passes over the right nodes; default 20
	Batch       int     // right nodes a step; default 2,048
	Negatives   int     // left nodes drawn for each step and shared by its batch; default 4,096
	Temperature float64 // τ of the softmax over cosines; default 0.1
	Rate        float64 // of Adam; default 0.02
	Decay       float64 // L2 of the base embeddings; default 0
	Seed        uint64  // of the start, the order and the negatives
}

func (o LightGCNOptions) check() (LightGCNOptions, error) {
	o.Limits = o.Limits.withDefaults()
	set := func(x *int, standard int) {
		if *x == 0 {
			*x = standard
		}
	}
	set(&o.Dim, 64)
	set(&o.Layers, 2)
	set(&o.Epochs, 20)
	set(&o.Batch, 2048)
	set(&o.Negatives, 4096)
	if o.Layers == -1 {
		o.Layers = 0
	}
	if o.Temperature == 0 {
		o.Temperature = 0.1
	}
	if o.Rate == 0 {
		o.Rate = 0.02
	}
	if err := checkDim("LightGCNOptions.Dim", o.Dim); err != nil {
		return o, err
	}
	switch {
	case o.OneMode:
		return o, fmt.Errorf("embed: LightGCNOptions.OneMode: it ranks left nodes for right ones, which are two kinds")
	case o.Layers < 0 || o.Layers > 16:
		return o, fmt.Errorf("embed: LightGCNOptions.Layers: %d is out of range -1 to 16", o.Layers)
	case o.Epochs < 1 || o.Batch < 1 || o.Negatives < 1 || o.Negatives > 1<<20:
		return o, fmt.Errorf("embed: LightGCNOptions: Epochs %d, Batch %d, Negatives %d: want at least 1, and at most 2^20 negatives", o.Epochs, o.Batch, o.Negatives)
	case !(o.Temperature >= 0.02) || math.IsInf(o.Temperature, 0):
		return o, fmt.Errorf("embed: LightGCNOptions.Temperature: %v is below 0.02 or not finite", o.Temperature)
	case !(o.Rate > 0) || math.IsInf(o.Rate, 0):
		return o, fmt.Errorf("embed: LightGCNOptions.Rate: %v is not positive and finite", o.Rate)
	case !(o.Decay >= 0) || math.IsInf(o.Decay, 0):
		return o, fmt.Errorf("embed: LightGCNOptions.Decay: %v is negative or not finite", o.Decay)
	}
	return o, nil
}

// lightGCN is a training under way. Rows of all nodes lie left ones first.
type lightGCN struct {
	o       LightGCNOptions
	n, left int
	edges   *csr      // right → left: what each right node holds
	ahat    *csr      // D^-½ A D^-½ over all nodes
	base    []float32 // E⁰, n × dim: what is learned
	out     []float32 // mean of E⁰ … E^L, rows scaled to length 1
	length  []float32 // of the rows of out before that
	grad    []float32
	a, b    []float32 // scratch, n × dim
	opt     *adam
	rng     *rand.Rand

	batch   []uint32
	sample  []uint32
	user    []float32 // batch × dim
	userG   []float32
	item    []float32 // negatives × dim
	itemT   []float32 // its transpose
	itemG   []float32
	logits  []float32   // batch × negatives
	first   []int       // of each batch member's edges in pull
	pull    []float32   // d loss / d cosine of each edge of the batch
	scratch [][]float32 // of each thread
}

// LightGCN learns one vector of Dim floats for each node, of length 1, so that the inner product of a right node and a
// left one ranks what the right one may collect next:
//
//	E^{l+1} = D^-½ A D^-½ E^l,   E = (E⁰ + … + E^L)/(L+1),
//	loss = Σ_(u,i) -log e^{cos(u,i)/τ} / (e^{cos(u,i)/τ} + Σ_j e^{cos(u,j)/τ})
//
// over all edges (u, i), with negatives j drawn uniformly among left nodes with edges and those that u holds left out.
// It costs, for each of nodes/Batch steps of an epoch, 2L+1 passes over edges · Dim and 6·Batch·Negatives·Dim
// operations. Memory is 28 bytes for each node and dimension, and 4·Batch·Negatives. The same seed gives the same bits on
// any number of threads of one machine class.
//
// Sources: He et al., "LightGCN", SIGIR 2020, equations 3 and 4 (propagation); Wu et al., "On the Effectiveness of
// Sampled Softmax Loss for Item Recommendation", 2022 (the loss). Where we differ: a batch is made of right nodes with all
// their edges, not of single edges, and its negatives are shared, so that the products are those of matrices.
func LightGCN(ctx context.Context, s *graph.Snapshot, o LightGCNOptions) (*Vectors, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	m, err := compact(s, o.Limits)
	if err != nil {
		return nil, fmt.Errorf("embed: LightGCN: %w", err)
	}
	if err := o.afford(o.memory(m.rows()+m.Cols, len(m.To))); err != nil {
		return nil, fmt.Errorf("embed: LightGCN: %w", err)
	}
	t := newLightGCN(m, o)
	var order []uint32
	for u := range t.edges.rows() {
		if t.edges.degree(u) > 0 {
			order = append(order, uint32(u))
		}
	}
	steps := (len(order) + o.Batch - 1) / o.Batch
	for e := range o.Epochs {
		t.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for i := range steps {
			t.batch = order[i*len(order)/steps : (i+1)*len(order)/steps]
			if err := t.step(ctx); err != nil {
				return nil, fmt.Errorf("embed: LightGCN: %w", err)
			}
			o.Progress(e*steps+i+1, o.Epochs*steps, "steps")
		}
	}
	if err := t.forward(ctx); err != nil {
		return nil, fmt.Errorf("embed: LightGCN: %w", err)
	}
	if !vec.Finite(t.out) {
		return nil, fmt.Errorf("embed: LightGCN: it diverged; lower Rate (%v) or raise Temperature (%v)", o.Rate, o.Temperature)
	}
	return divide(t.out, o.Dim, t.left, o.Limits), nil
}

func (o LightGCNOptions) memory(nodes, edges int) int64 {
	return 28*int64(nodes)*int64(o.Dim) + 4*csrBytes(nodes, edges) + 4*int64(o.Batch+8*o.Dim)*int64(o.Negatives)
}

func newLightGCN(m *csr, o LightGCNOptions) *lightGCN {
	a := m.joined()
	t := &lightGCN{o: o, n: a.rows(), left: m.rows(), edges: m.transposed(), ahat: a.normalised(0.5, 0.5), rng: rand.New(rand.NewPCG(o.Seed, 0x11671))}
	size := t.n * o.Dim
	t.base, t.out, t.grad = make([]float32, size), make([]float32, size), make([]float32, size)
	t.a, t.b, t.length = make([]float32, size), make([]float32, size), make([]float32, t.n)
	t.opt = newAdam(size, o.Rate)
	for i := range t.base {
		t.base[i] = float32(0.1 * t.rng.NormFloat64())
	}
	for i := range t.n { // what has no edge is not learned, and stays zero
		if a.degree(i) == 0 {
			clear(t.row(t.base, uint32(i)))
		}
	}
	t.user, t.userG = make([]float32, o.Batch*o.Dim), make([]float32, o.Batch*o.Dim)
	t.item, t.itemT, t.itemG = make([]float32, o.Negatives*o.Dim), make([]float32, o.Negatives*o.Dim), make([]float32, o.Negatives*o.Dim)
	t.logits = make([]float32, o.Batch*o.Negatives)
	t.scratch = make([][]float32, o.Threads)
	for w := range t.scratch {
		t.scratch[w] = make([]float32, 256*o.Batch)
	}
	return t
}

func (t *lightGCN) row(x []float32, i uint32) []float32 {
	return x[int(i)*t.o.Dim : (int(i)+1)*t.o.Dim]
}

// step takes one batch.
func (t *lightGCN) step(ctx context.Context) error {
	if err := t.forward(ctx); err != nil {
		return err
	}
	t.draw()
	if err := t.softmax(ctx); err != nil {
		return err
	}
	if err := t.gather(ctx); err != nil {
		return err
	}
	return t.backward(ctx)
}

// forward propagates the base embeddings and scales the mean of the layers to length 1.
func (t *lightGCN) forward(ctx context.Context) error {
	copy(t.out, t.base)
	cur, next := t.base, t.a
	for range t.o.Layers {
		if err := t.ahat.times(ctx, t.o.Threads, next, cur, t.o.Dim); err != nil {
			return err
		}
		vec.Axpy(1, next, t.out)
		if &cur[0] == &t.base[0] {
			cur = t.b
		}
		cur, next = next, cur
	}
	return blocks(ctx, t.o.Threads, t.n, 4096, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			r := t.row(t.out, uint32(i))
			t.length[i] = vec.Norm(r)
			if t.length[i] > 0 {
				vec.Scale(1/t.length[i], r)
			}
		}
	})
}

// draw chooses the step's negatives, without repetition, and copies the rows that the products need.
func (t *lightGCN) draw() {
	t.sample = t.sample[:0]
	for len(t.sample) < t.o.Negatives {
		i := t.rng.IntN(t.left)
		if t.ahat.degree(i) > 0 {
			t.sample = append(t.sample, uint32(i))
		}
	}
	slices.Sort(t.sample)
	t.sample = slices.Compact(t.sample)
	d := t.o.Dim
	for k, i := range t.sample {
		copy(t.item[k*d:(k+1)*d], t.row(t.out, i))
	}
	transpose(t.itemT, t.item, len(t.sample), d, d)
	t.first = append(t.first[:0], 0)
	for k, u := range t.batch {
		copy(t.user[k*d:(k+1)*d], t.row(t.out, uint32(t.left)+u))
		t.first = append(t.first, t.first[k]+t.edges.degree(int(u)))
	}
	t.pull = slices.Grow(t.pull[:0], t.first[len(t.batch)])[:t.first[len(t.batch)]]
	clear(t.grad)
}

// softmax turns the logits of the batch into d loss / d cosine of the negatives, and adds up the gradients of the right
// nodes.
func (t *lightGCN) softmax(ctx context.Context) error {
	d, m := t.o.Dim, len(t.sample)
	return blocks(ctx, t.o.Threads, len(t.batch), 64, func(_, lo, hi int) {
		logits := t.logits[lo*m : hi*m]
		clear(logits)
		vec.MatMul(logits, t.user[lo*d:hi*d], t.itemT[:d*m], hi-lo, d, m)
		grad := t.userG[lo*d : hi*d]
		clear(grad)
		for k := lo; k < hi; k++ {
			t.one(k, logits[(k-lo)*m:(k-lo+1)*m])
		}
		vec.MatMul(grad, logits, t.item[:m*d], hi-lo, m, d)
	})
}

// one replaces a right node's row of logits by the coefficients of its negatives, and leaves those of its positives to
// positives: only the sum of its negatives has to be known for them.
func (t *lightGCN) one(k int, row []float32) {
	held, _ := t.edges.row(int(t.batch[k]))
	tau := float32(1 / t.o.Temperature)
	for j, x := range row {
		row[j] = vec.Exp((x - 1) * tau) // cosines are at most 1, so nothing overflows
	}
	at := 0
	for _, i := range held { // both ascend
		j, ok := slices.BinarySearch(t.sample[at:], i)
		at += j
		if ok {
			row[at] = 0
		}
	}
	sum := float32(0) // after the held ones are gone: they may be e^50 times the others, and take all digits along
	for _, x := range row {
		sum += x
	}
	sum = max(sum, 1e-30)
	u := t.user[k*t.o.Dim : (k+1)*t.o.Dim]
	pull, c := t.pull[t.first[k]:t.first[k+1]], float32(0)
	scale := tau / float32(t.first[len(t.batch)])
	for x, i := range held {
		e := vec.Exp((vec.Dot(u, t.row(t.out, i)) - 1) * tau)
		pull[x] = -scale * sum / (e + sum)
		c += scale / (e + sum)
	}
	for j := range row {
		row[j] *= c
	}
}

// gather adds up the gradients of the cosines by node: t.grad.
func (t *lightGCN) gather(ctx context.Context) error {
	d, m, b := t.o.Dim, len(t.sample), len(t.batch)
	err := blocks(ctx, t.o.Threads, m, 256, func(w, lo, hi int) {
		x := t.scratch[w][:(hi-lo)*b]
		transpose(x, t.logits[lo:], b, hi-lo, m)
		g := t.itemG[lo*d : hi*d]
		clear(g)
		vec.MatMul(g, x, t.user[:b*d], hi-lo, b, d)
	})
	if err != nil {
		return err
	}
	for k, i := range t.sample {
		copy(t.row(t.grad, i), t.itemG[k*d:(k+1)*d])
	}
	for k, u := range t.batch {
		row, g := t.user[k*d:(k+1)*d], t.userG[k*d:(k+1)*d]
		held, _ := t.edges.row(int(u))
		for x, i := range held {
			pull := t.pull[t.first[k]+x]
			vec.Axpy(pull, t.row(t.out, i), g)
			vec.Axpy(pull, row, t.row(t.grad, i))
		}
		copy(t.row(t.grad, uint32(t.left)+u), g)
	}
	return nil
}

// backward takes the gradient through the scaling and the layers, which are symmetric: g ← g₀ + Â g, L times. Then Adam.
func (t *lightGCN) backward(ctx context.Context) error {
	err := blocks(ctx, t.o.Threads, t.n, 4096, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			g, x := t.row(t.grad, uint32(i)), t.row(t.out, uint32(i))
			vec.Axpy(-vec.Dot(g, x), x, g)
			if t.length[i] > 0 {
				vec.Scale(1/t.length[i], g)
			}
		}
	})
	cur, next := t.grad, t.a
	for range t.o.Layers {
		if err == nil {
			err = t.ahat.times(ctx, t.o.Threads, next, cur, t.o.Dim)
		}
		vec.Axpy(1, t.grad, next)
		if &cur[0] == &t.grad[0] {
			cur = t.b
		}
		cur, next = next, cur
	}
	if err != nil {
		return err
	}
	t.opt.next()
	return blocks(ctx, t.o.Threads, len(t.base), 1<<14, func(_, lo, hi int) {
		t.opt.apply(lo, t.base[lo:hi], cur[lo:hi], float32(t.o.Decay))
	})
}
