package model

import (
	"context"
	"fmt"
	"math"
	"slices"

	"bowerbird/internal/vec"
)

// LocalEASE is EASE for catalogues of any size: column j of B is the ridge regression of item j on its Near nearest items
// alone,
//
//	B[C,j] = (X_CᵀX_C + Lambda I)⁻¹ X_Cᵀx_j,   C = the Near items of largest cosine to j.
//
// It is a sparse approximate inverse of the Gram matrix with a pattern that is given beforehand (Benzi, "Preconditioning
// Techniques for Large Linear Systems", 2002, section 5.1), each column exact within its pattern; with Near the whole
// catalogue it is EASE. It costs items * (Near³/6 + what the neighbours' cells have in common) and no items x items matrix.
// Users and Items bend the degrees as in EASE.
type LocalEASE struct {
	Lambda float32 `json:"lambda"` // 0: 300
	Near   int     `json:"near"`   // 0: 200
	Users  float64 `json:"users"`  // 0: none
	Items  float64 `json:"items"`  // 0: none
}

// Name returns "local-ease".
func (LocalEASE) Name() string { return "local-ease" }

func (LocalEASE) advice() string { return "lower near" }

// Memory is the neighbours, the rows of B twice while they are turned, and a system for each thread.
func (t LocalEASE) Memory(m *Matrix) int64 { return localMemory(m, t.Near) }

// Fit trains a sparse Linear model.
func (t LocalEASE) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	if t.Lambda == 0 {
		t.Lambda = 300
	}
	if !(t.Lambda > 0) || math.IsInf(float64(t.Lambda), 0) || t.Near < 0 || t.Near > maxNear {
		return nil, fmt.Errorf("local-ease: lambda %v must be finite and positive, near %d in 0..%d", t.Lambda, t.Near, maxNear)
	}
	if !(t.Users >= 0 && t.Users <= 2) || !(t.Items >= 0 && t.Items <= 2) {
		return nil, fmt.Errorf("local-ease: users %v and items %v must be in 0..2", t.Users, t.Items)
	}
	m, b, err := begin(t, "linear", m, &o)
	if err != nil {
		return nil, err
	}
	m, bend := EASE{Users: t.Users, Items: t.Items}.normalised(m)
	l, err := locally(ctx, m, b, o, t.Near, bend, func(a, x []float32, n int) bool {
		ridge(a, n, t.Lambda)
		return solve(a, x, n)
	})
	if err != nil {
		return nil, fmt.Errorf("local-ease: %w", err)
	}
	return l, nil
}

// SLIM is the sparse linear method of Ning and Karypis (ICDM 2011), each column of B by an elastic net that may not be
// negative,
//
//	½ |x_j - X w|² + ½ L2 |w|² + L1 |w|_1,   w >= 0,  w_j = 0,
//
// by coordinate descent over the Near nearest items of j (their fsSLIM).
type SLIM struct {
	L1     float32 `json:"l1"`     // 0: 1
	L2     float32 `json:"l2"`     // 0: 100
	Near   int     `json:"near"`   // 0: 200
	Sweeps int     `json:"sweeps"` // of coordinate descent at most; 0: 20
}

// Name returns "slim".
func (SLIM) Name() string { return "slim" }

func (SLIM) advice() string { return "lower near" }

// Memory is as for LocalEASE.
func (t SLIM) Memory(m *Matrix) int64 { return localMemory(m, t.Near) }

// Fit trains a sparse Linear model.
func (t SLIM) Fit(ctx context.Context, m *Matrix, o Options) (Model, error) {
	if t.L1 == 0 {
		t.L1 = 1
	}
	if t.L2 == 0 {
		t.L2 = 100
	}
	if t.Sweeps == 0 {
		t.Sweeps = 20
	}
	if !(t.L1 > 0 && t.L1 < 1e9) || !(t.L2 > 0 && t.L2 < 1e9) || t.Near < 0 || t.Near > maxNear || t.Sweeps < 0 {
		return nil, fmt.Errorf("slim: l1 %v and l2 %v must be finite and positive, near %d in 0..%d, sweeps %d not negative", t.L1, t.L2, t.Near, maxNear, t.Sweeps)
	}
	m, b, err := begin(t, "linear", m, &o)
	if err != nil {
		return nil, err
	}
	l, err := locally(ctx, m, b, o, t.Near, nil, func(a, x []float32, n int) bool {
		elasticNet(a, x, n, t.L1, t.L2, t.Sweeps)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("slim: %w", err)
	}
	return l, nil
}

// elasticNet overwrites x, the products with the target, with the weights; a holds the Gram matrix in its lower triangle.
func elasticNet(a, x []float32, n int, l1, l2 float32, sweeps int) {
	for i := range n { // both triangles, so that the inner loop runs along a row
		for k := range i {
			a[k*n+i] = a[i*n+k]
		}
	}
	w := make([]float32, n)
	for range sweeps { // x is kept as the products with what is not yet explained
		moved, largest := float32(0), float32(0)
		for i := range n {
			d := a[i*n+i]
			if d <= 0 {
				continue
			}
			next := max(0, x[i]+d*w[i]-l1) / (d + l2)
			if step := next - w[i]; step != 0 {
				vec.Axpy(-step, a[i*n:(i+1)*n], x[:n])
				w[i] = next
				moved = max(moved, step, -step)
			}
			largest = max(largest, next)
		}
		if moved <= 1e-4*largest {
			break
		}
	}
	copy(x, w)
}

const (
	defaultNear = 200
	maxNear     = 4096
	// denseGram is the catalogue up to which the whole Gram matrix is made at once: 64 MiB.
	denseGram = 4096
)

func localMemory(m *Matrix, near int) int64 {
	n, k := int64(m.Items()), int64(nearOf(near, m.Items()))
	bytes := knnMemory(m, int(k)) + 32*n*k + 16*(4*k*k+16*n+8*int64(m.Users())+16*int64(m.Entries()))
	if n <= denseGram {
		bytes += 4 * n * n
	}
	return bytes
}

func nearOf(near, items int) int {
	if near == 0 {
		near = defaultNear
	}
	return max(1, min(near, items-1))
}

// locally fits each column of B on its item's nearest items. fit is handed the lower triangle of their n x n Gram matrix and
// their products with the target, which it overwrites with the weights; false says that it could not.
func locally(ctx context.Context, m *Matrix, b base, o Options, near int, bend []float32, fit func(a, x []float32, n int) bool) (*Linear, error) {
	near = nearOf(near, m.items)
	byItem := m.Transpose()
	around, err := nearest(ctx, m, byItem, o, near)
	if err != nil {
		return nil, err
	}
	var whole []float32
	if m.items <= denseGram {
		if whole, err = gram(ctx, m, o.Threads); err != nil {
			return nil, err
		}
	}
	columns := newRows(m.items)
	ws := make([]*localWork, o.Threads)
	err = blocks(ctx, o.Threads, m.items, 8, func(done int) { o.Progress(done, m.items, "columns") }, func(w, lo, hi int) {
		if ws[w] == nil {
			ws[w] = newLocalWork(m.users, near)
		}
		for j := lo; j < hi && ctx.Err() == nil; j++ {
			c := around.idx[around.ptr[j]:around.ptr[j+1]]
			n := len(c)
			a, x := ws[w].a[:n*n], ws[w].x[:n]
			if whole != nil {
				for r, i := range c {
					for k, other := range c[:r+1] {
						a[r*n+k] = whole[int(i)*m.items+int(other)]
					}
					x[r] = whole[int(i)*m.items+j]
				}
			} else {
				ws[w].gram(a, x, byItem, c, j)
			}
			if !fit(a, x, n) || !vec.Finite(x) {
				clear(x)
			}
			columns.idx[j], columns.val[j] = slices.Clone(c), slices.Clone(x)
		}
	})
	if err != nil {
		return nil, err
	}
	l := columns.linear(b).turned()
	for i := range m.items {
		for p := l.ptr[i]; bend != nil && p < l.ptr[i+1]; p++ {
			l.val[p] *= bend[l.idx[p]] / bend[i]
		}
	}
	return l, nil
}

// nearest are the items of largest cosine to each, ascending by number.
func nearest(ctx context.Context, m, byItem *Matrix, o Options, near int) (*Linear, error) {
	norm := make([]float32, m.items)
	for i := range norm {
		_, v := byItem.Row(i)
		norm[i] = max(vec.Norm(v), 1e-30)
	}
	o.Progress(0, m.items, "neighbours")
	quiet := o
	quiet.Progress = func(int, int, string) {}
	return products(ctx, base{items: m.items}, byItem, m, quiet, near, func(i, j uint32, v float32) float32 { return v / norm[i] / norm[j] })
}

// localWork is one thread's memory: the cells of the neighbours, chained by user.
type localWork struct {
	a, x []float32
	head []int32 // of each user's chain, -1: none
	next []int32
	slot []int32
	val  []float32
}

func newLocalWork(users, near int) *localWork {
	w := &localWork{a: make([]float32, near*near), x: make([]float32, near), head: make([]int32, users)}
	for i := range w.head {
		w.head[i] = -1
	}
	return w
}

// gram sets the lower triangle of a to the products of the columns c, and x to their products with column j.
func (w *localWork) gram(a, x []float32, byItem *Matrix, c []uint32, j int) {
	n := len(c)
	clear(a)
	clear(x)
	w.next, w.slot, w.val = w.next[:0], w.slot[:0], w.val[:0]
	for r, i := range c {
		row := a[r*n : (r+1)*n]
		users, vals := byItem.Row(int(i))
		for p, u := range users {
			v := vals[p]
			row[r] += v * v
			for e := w.head[u]; e >= 0; e = w.next[e] {
				row[w.slot[e]] += v * w.val[e]
			}
			w.next, w.slot, w.val = append(w.next, w.head[u]), append(w.slot, int32(r)), append(w.val, v)
			w.head[u] = int32(len(w.next) - 1)
		}
	}
	users, vals := byItem.Row(j)
	for p, u := range users {
		for e := w.head[u]; e >= 0; e = w.next[e] {
			x[w.slot[e]] += vals[p] * w.val[e]
		}
	}
	for _, i := range c {
		users, _ := byItem.Row(int(i))
		for _, u := range users {
			w.head[u] = -1
		}
	}
}

// turned returns the transpose of a sparse model; weights of zero are dropped.
func (l *Linear) turned() *Linear {
	out := &Linear{base: l.base, ptr: make([]uint32, l.items+1)}
	for p, j := range l.idx {
		if l.val[p] != 0 {
			out.ptr[j+1]++
		}
	}
	for i := range l.items {
		out.ptr[i+1] += out.ptr[i]
	}
	at := slices.Clone(out.ptr)
	out.idx, out.val = make([]uint32, out.ptr[l.items]), make([]float32, out.ptr[l.items])
	for i := range l.items {
		for p := l.ptr[i]; p < l.ptr[i+1]; p++ {
			if l.val[p] != 0 {
				q := at[l.idx[p]]
				out.idx[q], out.val[q] = uint32(i), l.val[p]
				at[l.idx[p]]++
			}
		}
	}
	return out
}
