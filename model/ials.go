package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"bowerbird/internal/vec"
)

// IALS is implicit matrix factorisation by alternating least squares (Hu, Koren and Volinsky, ICDM 2008) in the form of
// Rendle, Krichene, Zhang and Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks" (RecSys 2022):
//
//	sum over cells of w (1 - <u,v>)² + Alpha * sum over all pairs of <u,v>² + sum of reg(u) |u|² + sum of reg(v) |v|²
//	reg(u) = Reg * (sum of w of u + Alpha * items)^Nu, and likewise reg(v) with the number of users.
//
// Each system is solved exactly, or improved: with Block by a few coordinates at a time (iALS++), with Steps by conjugate
// gradients. An exact epoch costs cells * Dim² +
// (users + items) * Dim³/6 multiply-adds. User factors are thrown away: a history folds in.
type IALS struct {
	Dim    int     `json:"dim"`    // 0: 64; at most 2,048
	Epochs int     `json:"epochs"` // 0: 12
	Alpha  float64 `json:"alpha"`  // weight of the unobserved pairs; 0: 0.1
	Reg    float64 `json:"reg"`    // 0: 0.01
	Nu     float64 `json:"nu"`     // 0: 1, regularisation that grows with frequency; -1: none of that, reg(u) = Reg
	Std    float64 `json:"std"`    // of the initial factors, before division by sqrt(Dim); 0: 1, from which conjugate gradients reach a loss in half the epochs that .1 takes
	Block  int     `json:"block"`  // coordinates solved for at once; 0: all
	Steps  int     `json:"steps"`  // of conjugate gradients, if not 0
}

// Name returns "ials".
func (IALS) Name() string { return "ials" }

func (t IALS) defaults() IALS {
	if t.Dim == 0 {
		t.Dim = 64
	}
	if t.Epochs == 0 {
		t.Epochs = 12
	}
	if t.Alpha == 0 {
		t.Alpha = 0.1
	}
	if t.Reg == 0 {
		t.Reg = 0.01
	}
	if t.Nu == 0 {
		t.Nu = 1
	}
	if t.Std == 0 {
		t.Std = 1
	}
	return t
}

// Memory is both sides' factors, the weighted matrix and its transpose, and a system per
// thread (16 are assumed).
func (t IALS) Memory(m *Matrix) int64 {
	d := int64(t.defaults().Dim)
	return 4*d*int64(m.Users()+m.Items()) + 2*matrixBytes(m.Users()+m.Items(), m.Entries()) + 16*4*(d*d+d*(slab+2)) + t.stepMemory(m) + (gramParts+4)*4*d*d + 4*int64(m.Items())
}

// stepMemory is what conjugate gradients hold for a thread (16 are assumed): the rows at once and their cells.
func (t IALS) stepMemory(m *Matrix) int64 {
	if t.Steps == 0 {
		return 0
	}
	mean := int64(m.Entries()/max(1, min(m.Users(), m.Items()))) + 1
	return 16 * 4 * int64(t.defaults().Dim) * rowsAtOnce * (3 + 2*mean)
}

// Fit trains a Factors model.
func (t IALS) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	t = t.defaults()
	if t.Dim < 0 || t.Dim > 2048 || t.Epochs < 0 || t.Block < 0 || t.Steps < 0 || t.Block > 0 && t.Steps > 0 {
		return nil, fmt.Errorf("ials: dim %d must be in 1..2048, epochs %d, block %d and steps %d not negative, one of the last two 0", t.Dim, t.Epochs, t.Block, t.Steps)
	}
	if !(t.Alpha > 0 && t.Alpha < 1e6) || !(t.Reg > 0 && t.Reg < 1e6) || !(t.Std > 0 && t.Std < 1e3) || !(t.Nu <= 2) || t.Nu < 0 && t.Nu != -1 {
		return nil, fmt.Errorf("ials: alpha %v, reg %v and std %v must be positive and finite, nu %v in [0,2] or -1", t.Alpha, t.Reg, t.Std, t.Nu)
	}
	m, b, err := begin(t, "factors", m, &o)
	if err != nil {
		return nil, err
	}
	byItem, d := m.Transpose(), t.Dim
	users, items := make([]float32, m.users*d), t.start(m.items, o.Seed)
	half := t.half
	if t.Block > 0 && t.Block < d {
		half = t.halfByBlocks
	} else if t.Steps > 0 {
		half = t.halfBySteps
	}
	for e := range t.Epochs {
		if err := half(ctx, users, items, m, o); err != nil {
			return nil, fmt.Errorf("ials: epoch %d, users: %w", e+1, err)
		}
		if err := half(ctx, items, users, byItem, o); err != nil {
			return nil, fmt.Errorf("ials: epoch %d, items: %w", e+1, err)
		}
		o.Progress(e+1, t.Epochs, "epochs")
	}
	if !vec.Finite(items) {
		return nil, fmt.Errorf("ials: the factors are not finite: use a larger reg (now %v) or smaller weights", t.Reg)
	}
	f := &Factors{base: b, dim: d, alpha: float32(t.Alpha), reg: float32(t.Reg), nu: float32(t.Nu), factors: items}
	if err := f.prepare(ctx, o.Threads); err != nil {
		return nil, fmt.Errorf("ials: %w", err)
	}
	return f, nil
}

func (t IALS) start(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 0x1a15))
	x := make([]float32, n*t.Dim)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * t.Std / math.Sqrt(float64(t.Dim)))
	}
	return x
}

// half solves every row of dst against the fixed other side. Rows without cells become zero.
func (t IALS) half(ctx context.Context, dst, fixed []float32, m *Matrix, o Options) error {
	d := t.Dim
	g := make([]float32, d*d)
	if err := weighGram(ctx, g, fixed, d, float32(t.Alpha), o.Threads); err != nil {
		return err
	}
	type work struct{ a, panel []float32 }
	ws := make([]work, o.Threads)
	bad := make([]bool, o.Threads)
	err := blocks(ctx, o.Threads, m.users, max(1, 1024/d), nil, func(w, lo, hi int) {
		if ws[w].a == nil {
			ws[w] = work{make([]float32, d*d), make([]float32, d*slab)}
		}
		for u := lo; u < hi; u++ {
			x := dst[u*d : (u+1)*d]
			clear(x)
			idx, val := m.Row(u)
			if len(idx) == 0 {
				continue
			}
			sum := 0.0
			for _, v := range val {
				sum += float64(v)
			}
			copy(ws[w].a, g)
			addCells(ws[w].a, x, fixed, d, idx, val, ws[w].panel)
			ridge(ws[w].a, d, regularisation(t.Reg, t.Nu, sum+t.Alpha*float64(m.items)))
			if !solve(ws[w].a, x, d) {
				bad[w] = true
			}
		}
	})
	if err != nil {
		return err
	}
	for _, b := range bad {
		if b {
			return errNotPositive
		}
	}
	return nil
}

func regularisation(reg, nu, frequency float64) float32 {
	if nu == -1 {
		return float32(reg)
	}
	return float32(reg * math.Pow(frequency, nu))
}

func ridge(a []float32, d int, r float32) {
	for i := range d {
		a[i*d+i] += r
	}
}

// slab is how many cells are gathered, transposed, before the products are taken: the inner loop then runs along cells.
const slab = 128

// addCells adds sum of w x xᵀ to the lower triangle of a and sum of w x to b, over cells of weight w with factor x.
// panel has room for d * slab floats.
func addCells(a, b, factors []float32, d int, idx []uint32, val, panel []float32) {
	var dot [slab]float32
	for lo := 0; lo < len(idx); lo += slab {
		n := min(slab, len(idx)-lo)
		k := padded(panel, d, n)
		for c := range n {
			w := val[lo+c]
			root := float32(math.Sqrt(float64(w)))
			x := factors[int(idx[lo+c])*d:][:d]
			vec.Axpy(w, x, b)
			for r, v := range x {
				panel[r*k+c] = root * v
			}
		}
		symmetric(a, panel, d, k, dot[:])
	}
}

// padded returns the stride of a panel of n columns, a multiple of 8, with the columns beyond n set to zero: whole vector
// lengths are faster than the few products saved.
func padded(panel []float32, d, n int) int {
	k := (n + 7) &^ 7
	if k > n {
		for r := range d {
			clear(panel[r*k+n : (r+1)*k])
		}
	}
	return k
}

// symmetric adds panel panelᵀ to the lower triangle of a; panel is d rows of k. dot is scratch.
func symmetric(a, panel []float32, d, k int, dot []float32) {
	for r := range d {
		q := panel[r*k : (r+1)*k]
		row := a[r*d : r*d+r+1]
		for c := 0; c < len(row); c += len(dot) {
			part := row[c:min(c+len(dot), len(row))]
			vec.DotRows(dot[:len(part)], q, panel[c*k:(c+len(part))*k])
			for i := range part {
				part[i] += dot[i]
			}
		}
	}
}

// gramParts is how many partial sums weighGram adds up: a fixed number, so that the bits do not depend on the threads.
const gramParts = 8

// weighGram sets the lower triangle of g to alpha * sum over rows of x xᵀ. It costs rows * d²/2 multiply-adds.
func weighGram(ctx context.Context, g, rows []float32, d int, alpha float32, threads int) error {
	n := len(rows) / d
	size := max(1024, (n+gramParts-1)/gramParts)
	parts := make([][]float32, (n+size-1)/size)
	err := blocks(ctx, threads, n, size, nil, func(_, lo, hi int) {
		part, panel := make([]float32, d*d), make([]float32, d*slab)
		parts[lo/size] = part
		for ; lo < hi && ctx.Err() == nil; lo += slab {
			addGram(part, panel, rows[lo*d:min(lo+slab, hi)*d], d)
		}
	})
	if err != nil {
		return err
	}
	clear(g)
	for _, p := range parts {
		vec.Axpy(alpha, p, g)
	}
	return nil
}

// addGram adds the products of at most slab rows.
func addGram(g, panel, rows []float32, d int) {
	var dot [slab]float32
	n := len(rows) / d
	k := padded(panel, d, n)
	for c := range n {
		for r, v := range rows[c*d : (c+1)*d] {
			panel[r*k+c] = v
		}
	}
	symmetric(g, panel, d, k, dot[:])
}
