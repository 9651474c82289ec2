package model

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// The plain twins: each fast or closed-form path against its definition, in float64.

func cells(users, items, n int, seed uint64) *Matrix {
	rng := rand.New(rand.NewPCG(seed, 0))
	b := Builder{Merge: Max}
	for i := range n {
		b.AddAt(uint32(rng.IntN(users)), uint32(rng.IntN(items)), float32(1+rng.IntN(3)), int64(i))
	}
	m, err := b.Build(users, items)
	if err != nil {
		panic(err)
	}
	return m
}

// fill returns the matrix dense, users x items.
func (m *Matrix) fill() [][]float64 {
	x := make([][]float64, m.users)
	for u := range x {
		x[u] = make([]float64, m.items)
		items, w := m.Row(u)
		for i, it := range items {
			x[u][it] = float64(w[i])
		}
	}
	return x
}

// gauss solves a x = b by elimination with pivoting.
func gauss(a [][]float64, b []float64) []float64 {
	n := len(b)
	for c := range n {
		p := c
		for r := c; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[p][c]) {
				p = r
			}
		}
		a[c], a[p], b[c], b[p] = a[p], a[c], b[p], b[c]
		for r := range n {
			if r != c {
				f := a[r][c] / a[c][c]
				for k := c; k < n; k++ {
					a[r][k] -= f * a[c][k]
				}
				b[r] -= f * b[c]
			}
		}
	}
	for c := range n {
		b[c] /= a[c][c]
	}
	return b
}

func TestInverse(t *testing.T) {
	for _, n := range []int{1, 2, 31, 64, 150, block, block + 1, 2*block + 40} {
		rng := rand.New(rand.NewPCG(uint64(n), 0))
		a := make([]float32, n*n)
		for range 2 * n {
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
			for i := range n {
				for j := range n {
					a[i*n+j] += x[i] * x[j]
				}
			}
		}
		for i := range n {
			a[i*n+i] += 5
		}
		keep := append([]float32(nil), a...)
		if err := inverse(context.Background(), a, n, 3); err != nil {
			t.Fatal(err)
		}
		p := a
		for i := 0; i < n; i += 1 + n/100 {
			for j := range n {
				s := 0.0
				for k := range n {
					s += float64(keep[i*n+k]) * float64(p[k*n+j])
				}
				want := 0.0
				if i == j {
					want = 1
				}
				if math.Abs(s-want) > 1e-3 {
					t.Fatalf("n %d: (A A⁻¹)[%d][%d] = %v", n, i, j, s)
				}
			}
		}
	}
	if err := inverse(context.Background(), []float32{1, 2, 2, 1}, 2, 1); err == nil {
		t.Error("an indefinite matrix was inverted")
	}
}

// EASE column j is the ridge regression of column j on the others.
func TestEASEIsRidgeOnTheOtherItems(t *testing.T) {
	m := cells(60, 12, 250, 1)
	x := m.fill()
	got, err := EASE{Lambda: 7}.Fit(context.Background(), m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for j := range m.items {
		var others []int
		for i := range m.items {
			if i != j {
				others = append(others, i)
			}
		}
		a, b := make([][]float64, len(others)), make([]float64, len(others))
		for r, i := range others {
			a[r] = make([]float64, len(others))
			for c, k := range others {
				for u := range x {
					a[r][c] += x[u][i] * x[u][k]
				}
			}
			a[r][r] += 7
			for u := range x {
				b[r] += x[u][i] * x[u][j]
			}
		}
		for r, want := range gauss(a, b) {
			if v := got.(*Linear).at(uint32(others[r]), uint32(j)); math.Abs(float64(v)-want) > 1e-4 {
				t.Fatalf("B[%d][%d] = %v, ridge regression has %v", others[r], j, v, want)
			}
		}
	}
}

// Sparse rows with everything kept answer as dense ones do.
func TestSparseRowsAreTheDenseOnes(t *testing.T) {
	m := cells(60, 30, 400, 2)
	dense, err := EASE{Lambda: 7, Top: -1}.Fit(context.Background(), m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sparse, err := EASE{Lambda: 7, Top: 29}.Fit(context.Background(), m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !dense.(*Linear).Dense() || sparse.(*Linear).Dense() {
		t.Fatal("the wrong form")
	}
	for u := range m.users {
		h := m.History(nil, u)
		a, b := dense.Recommend(nil, h, 10, nil), sparse.Recommend(nil, h, 10, nil)
		for i := range a {
			if a[i].Item != b[i].Item && math.Abs(float64(a[i].Score-b[i].Score)) > 1e-5 {
				t.Fatalf("user %d place %d: %v and %v", u, i, a[i], b[i])
			}
		}
	}
}

func TestKNNIsCosine(t *testing.T) {
	m := cells(40, 15, 200, 3)
	x := m.fill()
	got, err := ItemKNN{Shrink: 2}.Fit(context.Background(), m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	walk, err := RP3Beta{Beta: .5}.Fit(context.Background(), m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	du, di := make([]float64, m.users), make([]float64, m.items)
	for u := range x {
		for i, v := range x[u] {
			du[u] += v
			di[i] += v
		}
	}
	for i := range m.items {
		for j := range m.items {
			if i == j {
				continue
			}
			var ij, ii, jj, p float64
			for u := range x {
				ij, ii, jj = ij+x[u][i]*x[u][j], ii+x[u][i]*x[u][i], jj+x[u][j]*x[u][j]
				if du[u] > 0 {
					p += x[u][i] / di[i] * x[u][j] / du[u] / math.Sqrt(di[j])
				}
			}
			if v := float64(got.(*Linear).at(uint32(i), uint32(j))); math.Abs(v-ij/(math.Sqrt(ii*jj)+2)) > 1e-5 {
				t.Fatalf("similarity %d %d is %v, cosine with shrinkage %v", i, j, v, ij/(math.Sqrt(ii*jj)+2))
			}
			if v := float64(walk.(*Linear).at(uint32(i), uint32(j))); math.Abs(v-p) > 1e-5 {
				t.Fatalf("walk %d %d is %v, want %v", i, j, v, p)
			}
		}
	}
}

// After the last half epoch each item's factor solves its own regularised system, and the folded-in user solves theirs:
// the gradient of the published loss is zero there.
func TestFoldInSolvesThePublishedLoss(t *testing.T) {
	m := cells(50, 20, 300, 4)
	tr := IALS{Dim: 6, Epochs: 4, Alpha: .3, Reg: .02}
	got, err := tr.Fit(context.Background(), m, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := got.(*Factors)
	for u := range m.users {
		h := m.History(nil, u)
		x, ok := f.FoldIn(nil, h)
		if !ok {
			continue
		}
		sum := 0.0
		for _, c := range h {
			sum += float64(c.Weight)
		}
		for k := range f.dim {
			g := tr.Reg * (sum + tr.Alpha*20) * float64(x[k])
			for i := range m.items {
				v := f.Vector(uint32(i))
				y := 0.0
				for q := range v {
					y += float64(v[q]) * float64(x[q])
				}
				g += tr.Alpha * y * float64(v[k])
				for _, c := range h {
					if int(c.Item) == i {
						g += float64(c.Weight) * (y - 1) * float64(v[k])
					}
				}
			}
			if math.Abs(g) > 2e-4 {
				t.Fatalf("user %d: gradient %v in dimension %d", u, g, k)
			}
		}
	}
}

func TestRidgeSystemsInSlabs(t *testing.T) {
	const d, n = 9, 3*slab + 5
	rng := rand.New(rand.NewPCG(1, 1))
	factors, idx, val := make([]float32, n*d), make([]uint32, n), make([]float32, n)
	for i := range factors {
		factors[i] = float32(rng.NormFloat64())
	}
	for i := range idx {
		idx[i], val[i] = uint32(i), float32(rng.Float64())
	}
	a, b := make([]float32, d*d), make([]float32, d)
	addCells(a, b, factors, d, idx, val, make([]float32, d*slab))
	for r := range d {
		for c := range r + 1 {
			want := 0.0
			for i := range n {
				want += float64(val[i]) * float64(factors[i*d+r]) * float64(factors[i*d+c])
			}
			if math.Abs(float64(a[r*d+c])-want) > 1e-3 {
				t.Fatalf("A[%d][%d] = %v, want %v", r, c, a[r*d+c], want)
			}
		}
	}
	g := make([]float32, d*d)
	if err := weighGram(context.Background(), g, factors, d, .5, 2); err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for i := range n {
		want += .5 * float64(factors[i*d+4]) * float64(factors[i*d+2])
	}
	if math.Abs(float64(g[4*d+2])-want) > 1e-3 {
		t.Fatalf("gram %v, want %v", g[4*d+2], want)
	}
}
