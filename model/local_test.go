package model

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// With every item among the neighbours the local regressions are EASE, by either way to the Gram matrix.
func TestLocalEASEIsEASEWithAllNeighbours(t *testing.T) {
	m := cells(60, 25, 700, 3)
	ctx := context.Background()
	want, err := EASE{Lambda: 20, Users: .3, Items: .4}.Fit(ctx, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := LocalEASE{Lambda: 20, Near: 25, Users: .3, Items: .4}.Fit(ctx, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint32(25) {
		for j := range uint32(25) {
			w, g := want.(*Linear).at(i, j), got.(*Linear).at(i, j)
			if math.Abs(float64(w-g)) > 1e-4 {
				t.Fatalf("B[%d][%d] is %v, EASE has %v", i, j, g, w)
			}
		}
	}
}

func TestLocalGramIsTheGramMatrix(t *testing.T) {
	m := cells(50, 30, 500, 4)
	whole, err := gram(context.Background(), m, 1)
	if err != nil {
		t.Fatal(err)
	}
	w, byItem := newLocalWork(m.users, 4), m.Transpose()
	for j := range 30 {
		c := []uint32{2, 7, 11, 29}
		a, x := make([]float32, 16), make([]float32, 4)
		w.gram(a, x, byItem, c, j)
		for r, i := range c {
			if x[r] != whole[int(i)*30+j] {
				t.Fatalf("products of %d and %d: %v, want %v", i, j, x[r], whole[int(i)*30+j])
			}
			for k, o := range c[:r+1] {
				if a[r*4+k] != whole[int(i)*30+int(o)] {
					t.Fatalf("gram of %d and %d: %v, want %v", i, o, a[r*4+k], whole[int(i)*30+int(o)])
				}
			}
		}
	}
}

// The elastic net's weights satisfy what an optimum must: no slope where a weight is positive, none that would gain where
// it is zero.
func TestElasticNetIsOptimal(t *testing.T) {
	const n, l1, l2 = 12, .5, 3
	rng := rand.New(rand.NewPCG(1, 2))
	rows := make([][]float64, 40)
	target := make([]float64, 40)
	for r := range rows {
		rows[r] = make([]float64, n)
		for i := range rows[r] {
			rows[r][i] = float64(rng.IntN(2))
		}
		target[r] = float64(rng.IntN(2))
	}
	g, c := make([]float64, n*n), make([]float64, n)
	a, x := make([]float32, n*n), make([]float32, n)
	for r := range rows {
		for i := range n {
			c[i] += rows[r][i] * target[r]
			for k := range n {
				g[i*n+k] += rows[r][i] * rows[r][k]
			}
		}
	}
	for i := range n {
		x[i] = float32(c[i])
		for k := range i + 1 {
			a[i*n+k] = float32(g[i*n+k])
		}
	}
	elasticNet(a, x, n, l1, l2, 500)
	positive := 0
	for i := range n {
		slope := l1 + l2*float64(x[i]) - c[i]
		for k := range n {
			slope += g[i*n+k] * float64(x[k])
		}
		if x[i] > 0 {
			positive++
		}
		if x[i] < 0 || x[i] > 0 && math.Abs(slope) > 1e-2 || x[i] == 0 && slope < -1e-2 {
			t.Errorf("weight %d is %v with slope %v", i, x[i], slope)
		}
	}
	if positive == 0 || positive == n {
		t.Errorf("%d of %d weights are positive: the example shows nothing", positive, n)
	}
}

// Steps of blocks, and of conjugate gradients, reach the loss that exact steps reach.
func TestStepsOfIALSReachTheExactLoss(t *testing.T) {
	m := cells(80, 50, 900, 5)
	loss := func(t0 IALS) float64 {
		got, err := t0.Fit(context.Background(), m, Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		f, d, out := got.(*Factors), t0.Dim, 0.0
		for u := range m.users {
			items, w := m.Row(u)
			h := m.History(nil, u)
			x, _ := f.FoldIn(nil, h)
			score := make([]float64, m.items)
			for i := range score {
				for k := range d {
					score[i] += float64(x[k]) * float64(f.factors[i*d+k])
				}
				out += t0.Alpha * score[i] * score[i]
			}
			for k, i := range items {
				out += float64(w[k]) * (1 - score[i]) * (1 - score[i])
			}
		}
		return out
	}
	exact := loss(IALS{Dim: 16, Epochs: 30, Alpha: .1, Reg: .01})
	for _, by := range []IALS{{Block: 1}, {Block: 5}, {Block: 8}, {Steps: 1}, {Steps: 3}} {
		by.Dim, by.Epochs, by.Alpha, by.Reg = 16, 60, .1, .01
		if got := loss(by); math.Abs(got-exact) > .03*exact {
			t.Errorf("%+v reaches a loss of %.2f, exact steps %.2f", by, got, exact)
		}
	}
}

// The slopes of the contrastive losses are those of finite differences.
func TestContrastSlopes(t *testing.T) {
	m := cells(30, 20, 160, 6)
	for name, hinge := range map[string]bool{"simplex": true, "lightgcn": false} {
		c := newContrast(m, 6, 30, 400, Options{Seed: 1, Threads: 2}) // 400 draws take every item
		c.batch = c.order
		table := c.start()
		c.loss = func(pos, neg []float32) { softmaxLoss(pos, neg, 3) }
		if hinge {
			c.loss = func(pos, neg []float32) {
				for k := range pos {
					pos[k] = -1
				}
				for k, v := range neg {
					neg[k] = 0
					if v > .1 {
						neg[k] = float32(len(pos)) * .7
					}
				}
			}
		}
		if err := c.step(context.Background(), table); err != nil {
			t.Fatal(err)
		}
		g := slices.Clone(c.g)
		for k := 0; k < len(table); k += 7 {
			const h = 2e-4
			was := table[k]
			table[k] = was + h
			up := contrastLoss(c, table, hinge)
			table[k] = was - h
			down := contrastLoss(c, table, hinge)
			table[k] = was
			if want := (up - down) / (2 * h); math.Abs(want-float64(g[k])) > 2e-3+.02*math.Abs(want) {
				t.Fatalf("%s: slope %d is %v, differences say %v", name, k, g[k], want)
			}
		}
	}
}

// contrastLoss is the loss of both, in float64, with every item drawn.
func contrastLoss(c *contrast, table []float32, hinge bool) float64 {
	d, total, n := c.dim, 0.0, 0
	cosine := func(a []float64, i uint32) float64 {
		dot, x, y := 0.0, 0.0, 0.0
		for k := range d {
			r := float64(table[int(i)*d+k])
			dot += a[k] * r
			x += a[k] * a[k]
			y += r * r
		}
		return dot / math.Sqrt(x*y)
	}
	for _, u := range c.batch {
		have, w := c.m.Row(int(u))
		sum, has := make([]float64, d), map[uint32]bool{}
		for q, i := range have {
			has[i] = true
			for k := range d {
				sum[k] += float64(w[q]) * float64(table[int(i)*d+k])
			}
		}
		var neg []float64
		for _, j := range c.pool {
			if !has[j] {
				neg = append(neg, cosine(sum, j))
			}
		}
		for _, i := range have {
			n++
			if !hinge {
				e := 0.0
				for _, x := range neg {
					e += math.Exp(3 * x)
				}
				p := math.Exp(3 * cosine(sum, i))
				total -= math.Log(p / (p + e))
				continue
			}
			total += 1 - cosine(sum, i)
			for _, x := range neg {
				total += .7 * max(0, x-.1)
			}
		}
	}
	return total / float64(n)
}

// UserKNN is what its definition says.
func TestUserKNNIsItsDefinition(t *testing.T) {
	m := cells(30, 20, 200, 7)
	got, err := UserKNN{Top: 4, Shrink: 2}.Fit(context.Background(), m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := m.fill()
	h := []Weighted{{3, 2}, {8, 1}}
	like := make([]float64, m.users)
	for u := range like {
		square := 0.0
		for _, v := range x[u] {
			square += v * v
		}
		like[u] = (2*x[u][3] + x[u][8]) / (math.Sqrt(5)*math.Sqrt(square) + 2)
	}
	want := make([]float64, m.items)
	for range 4 {
		best := 0
		for u := range like {
			if like[u] > like[best] {
				best = u
			}
		}
		for i, v := range x[best] {
			want[i] += like[best] * v
		}
		like[best] = 0
	}
	items, out := make([]uint32, m.items), make([]float32, m.items)
	for i := range items {
		items[i] = uint32(i)
	}
	got.ScoreItems(h, items, out)
	for i := range want {
		if math.Abs(want[i]-float64(out[i])) > 1e-5 {
			t.Errorf("item %d scores %v, want %v", i, out[i], want[i])
		}
	}
}
