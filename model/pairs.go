package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/vec"
)

// BPR is matrix factorisation by Bayesian personalised ranking (Rendle et al., UAI 2009): for each cell (u, i) and a drawn
// item j that u does not have,
//
//	-log σ(<u, i> - <u, j>) + Reg/2 (|u|² + |i|² + |j|²).
//
// The vectors of people are thrown away after a linear map from the mean of what somebody has to their vector was learned
// from them (ridge regression): a history folds in by it. Where we differ: that, and steps are AdaGrad's, one number a row.
// It costs Epochs * cells * Dim * 6 multiply-adds on one thread, in one order, so that the bits repeat.
type BPR struct {
	Dim    int     `json:"dim"`    // 0: 64
	Epochs int     `json:"epochs"` // 0: 20
	Rate   float64 `json:"rate"`   // 0: .1
	Reg    float64 `json:"reg"`    // 0: .1
}

// Name returns "bpr".
func (BPR) Name() string { return "bpr" }

// Memory is both sides' vectors, an order of the cells, and a copy of the matrix.
func (t BPR) Memory(m *Matrix) int64 { return pairsMemory(m, t.Dim) }

// UltraGCN learns vectors from the limit of infinitely many layers of graph convolution, without any layer (Mao et al., CIKM
// 2021): for each cell (u, i), drawn items j, and the Near items k of largest ω to i,
//
//	-β_ui log σ(<u,i>) - NegativeWeight/Negatives Σ_j β_uj log σ(-<u,j>) - Lambda Σ_k ω_ik log σ(<u,k>) + Reg/2 |·|²
//	β_ui = √((d_u+1)/(d_i+1)) / d_u,   ω_ik = G_ik/(g_i - G_ii) √(g_i/g_k),   G = XᵀX, g its row sums.
//
// Where we differ: β is divided by its mean over the cells, so that Rate means the same everywhere; steps are AdaGrad's;
// people's vectors are replaced by a map as in BPR.
type UltraGCN struct {
	Dim            int     `json:"dim"`             // 0: 64
	Epochs         int     `json:"epochs"`          // 0: 16
	Rate           float64 `json:"rate"`            // 0: .1
	Reg            float64 `json:"reg"`             // 0: .01
	Negatives      int     `json:"negatives"`       // 0: 8
	NegativeWeight float64 `json:"negative_weight"` // 0: 10
	Lambda         float64 `json:"lambda"`          // 0: 20: with the paper's .0005, about .1 in these units, the constraint taught nothing here; -1: none
	Near           int     `json:"near"`            // 0: 10
}

// Name returns "ultragcn".
func (UltraGCN) Name() string { return "ultragcn" }

// Memory is as for BPR, and the graph of items while it is made.
func (t UltraGCN) Memory(m *Matrix) int64 {
	def(&t.Near, 10)
	return pairsMemory(m, t.Dim) + knnMemory(m, t.Near)
}

func pairsMemory(m *Matrix, dim int) int64 {
	if dim <= 0 {
		dim = 64
	}
	d := int64(dim)
	return (4*d+8)*int64(m.Users()+m.Items()) + 4*int64(m.Items())*d + 2*matrixBytes(m.Users()+m.Items(), m.Entries()) + 12*int64(m.Entries()) + 32*(d+1)*(d+1) + 16*int64(m.Items())
}

// Fit trains a LowRank model.
func (t BPR) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	def(&t.Dim, 64)
	def(&t.Epochs, 20)
	def(&t.Rate, .1)
	def(&t.Reg, .1)
	if err := checkPairs(t.Dim, t.Epochs, t.Rate, t.Reg); err != nil {
		return nil, fmt.Errorf("bpr: %w", err)
	}
	m, b, err := begin(t, "lowrank", m, &o)
	if err != nil {
		return nil, err
	}
	p := newPairs(m, t.Dim, t.Rate, t.Reg, o)
	g := make([]float32, t.Dim)
	err = p.run(ctx, t.Epochs, o, func(u, i uint32, weight float32) {
		j, ok := p.stranger(u)
		if !ok {
			return
		}
		x, vi, vj := p.users.row(u), p.items.row(i), p.items.row(j)
		c := weight * chanceOf(vec.Dot(x, vj)-vec.Dot(x, vi))
		for k := range g {
			g[k] = c * (vi[k] - vj[k])
		}
		p.towards(&p.items, i, c, x)
		p.towards(&p.items, j, -c, x)
		p.towards(&p.users, u, 1, g)
	})
	if err != nil {
		return nil, fmt.Errorf("bpr: %w", err)
	}
	return p.lowRank(b)
}

// Fit trains a LowRank model.
func (t UltraGCN) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	def(&t.Dim, 64)
	def(&t.Epochs, 16)
	def(&t.Rate, .1)
	def(&t.Reg, .01)
	def(&t.Negatives, 8)
	def(&t.NegativeWeight, 10)
	def(&t.Lambda, 20)
	def(&t.Near, 10)
	if err := checkPairs(t.Dim, t.Epochs, t.Rate, t.Reg); err != nil {
		return nil, fmt.Errorf("ultragcn: %w", err)
	}
	if t.Negatives < 0 || t.Near < 0 || !(t.NegativeWeight > 0 && t.NegativeWeight < 1e9) || !(t.Lambda >= 0 && t.Lambda < 1e9) && t.Lambda != -1 {
		return nil, fmt.Errorf("ultragcn: negatives %d, near %d, negative weight %v and lambda %v must be finite and not negative", t.Negatives, t.Near, t.NegativeWeight, t.Lambda)
	}
	m, b, err := begin(t, "lowrank", m, &o)
	if err != nil {
		return nil, err
	}
	near, err := t.graph(ctx, m, o)
	if err != nil {
		return nil, fmt.Errorf("ultragcn: %w", err)
	}
	p := newPairs(m, t.Dim, t.Rate, t.Reg, o)
	beta := p.beta()
	g := make([]float32, t.Dim)
	err = p.run(ctx, t.Epochs, o, func(u, i uint32, weight float32) {
		x := p.users.row(u)
		clear(g)
		pull := func(j uint32, c float32) { // up the slope of c log σ(±<u,j>)
			vec.Axpy(c, p.items.row(j), g)
			p.towards(&p.items, j, c, x)
		}
		pull(i, weight*beta(u, i)*chanceOf(-vec.Dot(x, p.items.row(i))))
		for range t.Negatives {
			if j, ok := p.stranger(u); ok {
				pull(j, -weight*float32(t.NegativeWeight/float64(t.Negatives))*beta(u, j)*chanceOf(vec.Dot(x, p.items.row(j))))
			}
		}
		for q := near.ptr[i]; t.Lambda > 0 && q < near.ptr[i+1]; q++ {
			k := near.idx[q]
			pull(k, weight*float32(t.Lambda)*near.val[q]*chanceOf(-vec.Dot(x, p.items.row(k))))
		}
		p.towards(&p.users, u, 1, g)
	})
	if err != nil {
		return nil, fmt.Errorf("ultragcn: %w", err)
	}
	return p.lowRank(b)
}

// graph returns the Near items of largest ω to each.
func (t UltraGCN) graph(ctx context.Context, m *Matrix, o Options) (*Linear, error) {
	ones := m.Map(func(float32) float32 { return 1 })
	byItem := ones.Transpose()
	sum := make([]float64, m.items)
	for u := range ones.users {
		items, _ := ones.Row(u)
		for _, i := range items {
			sum[i] += float64(len(items))
		}
	}
	o.Progress = func(int, int, string) {}
	return products(ctx, base{items: m.items}, byItem, ones, o, min(t.Near, m.items), func(i, j uint32, v float32) float32 {
		own, _ := byItem.Row(int(i))
		return float32(float64(v) / (sum[i] - float64(len(own))) * math.Sqrt(sum[i]/sum[j]))
	})
}

// def sets a setting that is zero.
func def[T int | float64](x *T, standard T) {
	if *x == 0 {
		*x = standard
	}
}

func checkPairs(dim, epochs int, rate, reg float64) error {
	if dim < 1 || dim > maxDim || epochs < 0 {
		return fmt.Errorf("dim %d must be in 1..%d, epochs %d not negative", dim, maxDim, epochs)
	}
	if !(rate > 0 && rate < 1e3) || !(reg >= 0 && reg < 1e3) {
		return fmt.Errorf("rate %v and reg %v must be finite and not negative", rate, reg)
	}
	return nil
}

// pairs is a training under way that goes from cell to cell.
type pairs struct {
	m            *Matrix
	users, items table
	rate, reg    float32
	rng          *rand.Rand
	degree       []float64
	pool         []uint32 // items with cells, to draw from
}

// table is one side's vectors with the squares that AdaGrad adds up, one a row.
type table struct {
	dim    int
	x, sum []float32
}

func newTable(n, dim int, rng *rand.Rand) table {
	t := table{dim, make([]float32, n*dim), make([]float32, n)}
	for i := range t.x {
		t.x[i] = float32(rng.NormFloat64() * .1 / math.Sqrt(float64(dim)))
	}
	return t
}

func (t *table) row(i uint32) []float32 { return t.x[int(i)*t.dim : (int(i)+1)*t.dim] }

func newPairs(m *Matrix, dim int, rate, reg float64, o Options) *pairs {
	p := &pairs{m: m, rate: float32(rate), reg: float32(reg), rng: rand.New(rand.NewPCG(o.Seed, 0xb9)), degree: make([]float64, m.items)}
	p.users, p.items = newTable(m.users, dim, p.rng), newTable(m.items, dim, p.rng)
	for _, i := range m.idx {
		p.degree[i]++
	}
	for i, n := range p.degree {
		if n > 0 {
			p.pool = append(p.pool, uint32(i))
		} else {
			clear(p.items.row(uint32(i)))
		}
	}
	return p
}

// towards moves a row by c times g, less its ridge.
func (p *pairs) towards(t *table, i uint32, c float32, g []float32) {
	x := t.row(i)
	square := c * c * vec.Dot(g, g)
	t.sum[i] += square / float32(t.dim)
	if t.sum[i] == 0 {
		return
	}
	step := p.rate / float32(math.Sqrt(float64(t.sum[i])+1e-8))
	vec.Scale(1-min(.5, step*p.reg), x)
	vec.Axpy(step*c, g, x)
}

// stranger draws an item that a person does not have; false if none was found soon.
func (p *pairs) stranger(u uint32) (uint32, bool) {
	mine, _ := p.m.Row(int(u))
	for range 8 {
		j := p.pool[p.rng.IntN(len(p.pool))]
		if _, has := slices.BinarySearch(mine, j); !has {
			return j, true
		}
	}
	return 0, false
}

// beta returns β over its mean.
func (p *pairs) beta() func(u, i uint32) float32 {
	user, item := make([]float32, p.m.users), make([]float32, p.m.items)
	for u := range user {
		if n := float64(p.m.ptr[u+1] - p.m.ptr[u]); n > 0 {
			user[u] = float32(math.Sqrt(n+1) / n)
		}
	}
	for i, n := range p.degree {
		item[i] = float32(1 / math.Sqrt(n+1))
	}
	mean := 0.0
	for u := range p.m.users {
		items, _ := p.m.Row(u)
		for _, i := range items {
			mean += float64(user[u]*item[i]) / float64(len(p.m.idx))
		}
	}
	for u := range user {
		user[u] /= float32(mean)
	}
	return func(u, i uint32) float32 { return user[u] * item[i] }
}

// run goes over all cells in a new order each epoch, the rate falling to a tenth; one takes a cell.
func (p *pairs) run(ctx context.Context, epochs int, o Options, one func(u, i uint32, weight float32)) error {
	user := make([]uint32, len(p.m.idx))
	mean := 0.0
	for u := range p.m.users {
		for c := p.m.ptr[u]; c < p.m.ptr[u+1]; c++ {
			user[c] = uint32(u)
			mean += float64(p.m.val[c]) / float64(len(user))
		}
	}
	order := make([]uint32, len(user))
	for c := range order {
		order[c] = uint32(c)
	}
	first := p.rate
	for e := range epochs {
		p.rate = first * (1 - .9*float32(e)/float32(epochs))
		p.rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		for k, c := range order {
			if k%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			one(user[c], p.m.idx[c], float32(float64(p.m.val[c])/mean))
		}
		o.Progress(e+1, epochs, "epochs")
	}
	return ctx.Err()
}

// lowRank makes the model: with M and c of the map from a mean of items' vectors to a person's, u ≈ M x + c, the left row of
// an item is M v + c, so that a sum of left rows is a person's vector times the length of the history.
func (p *pairs) lowRank(b base) (Model, error) {
	d := p.items.dim
	n := d + 1
	a, right := make([]float64, n*n), make([]float64, n*d)
	z := make([]float64, n)
	for u := range p.m.users {
		items, w := p.m.Row(u)
		if len(items) == 0 {
			continue
		}
		clear(z)
		total := 0.0
		for q, i := range items {
			total += float64(w[q])
			for k, v := range p.items.row(i) {
				z[k] += float64(w[q]) * float64(v)
			}
		}
		for k := range d {
			z[k] /= total
		}
		z[d] = 1
		x := p.users.row(uint32(u))
		for r, v := range z {
			for c := range r + 1 {
				a[r*n+c] += v * z[c]
			}
			for k, y := range x {
				right[r*d+k] += v * float64(y)
			}
		}
	}
	system, trace := mat.NewSymDense(n, nil), 0.0
	for r := range n {
		trace += a[r*n+r] / float64(n)
	}
	for r := range n {
		for c := range r + 1 {
			system.SetSym(r, c, a[r*n+c])
		}
		system.SetSym(r, r, a[r*n+r]+1e-4*trace+1e-12)
	}
	var chol mat.Cholesky
	var solved mat.Dense
	if !vec.Finite(p.items.x) || !vec.Finite(p.users.x) || !chol.Factorize(system) || chol.SolveTo(&solved, mat.NewDense(n, d, right)) != nil {
		return nil, fmt.Errorf("%s: the vectors are not finite or all alike: lower the rate (now %v)", b.card.Trainer, p.rate)
	}
	left := make([]float32, len(p.items.x))
	for _, i := range p.pool {
		v, out := p.items.row(i), left[int(i)*d:(int(i)+1)*d]
		for k := range out {
			y := solved.At(d, k)
			for r, x := range v {
				y += float64(x) * solved.At(r, k)
			}
			out[k] = float32(y)
		}
	}
	return (&LowRank{base: b, dim: d, right: p.items.x, left: left}).prepare(), nil
}

// chanceOf is the logistic function.
func chanceOf(x float32) float32 {
	if x >= 0 {
		return 1 / (1 + vec.Exp(-min(x, 60)))
	}
	e := vec.Exp(max(x, -60))
	return e / (1 + e)
}
