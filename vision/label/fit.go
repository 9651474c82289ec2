package label

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Options of Fit. The zero value works.
type Options struct {
	Least int // rows that must have a label for it to be learned; default 12
	Most  int // rows that are learned from, at random; default 6,000
	Seed  uint64
	// Beside gives the confidence of each label by another way, as neighbours, of a row from
	// the known ones; nil: there is none, and every label is better told by this one.
	Beside func(row int, known []bool) []float32
}

// Figure is how well a label is told on the held-out third, as average precision.
type Figure struct {
	Name           string
	Rows           int // that have it
	Linear, Beside float64
}

// ErrTooFew says that no label has enough rows.
var ErrTooFew = errors.New("label: no label has enough rows to learn from")

// Fit learns labels by ridge regression on 0 and 1, one against the rest, with a constant.
// has are the numbers of each row's labels. Two thirds of the rows are learned from; on the
// rest the penalty is chosen (one for all labels, by the mean average precision), the
// confidence is calibrated (Platt 1999, with his targets), and each label is compared with
// Beside. What is returned was learned again from all rows.
// Cost: rows x dim² products once, then dim² for each label and penalty.
func Fit(ctx context.Context, x []float32, dim int, names []string, has [][]int, o Options) (*Set, []Figure, error) {
	n := len(has)
	if dim < 1 || len(x) != n*dim {
		return nil, nil, fmt.Errorf("label: %d numbers are no %d rows of %d", len(x), n, dim)
	}
	o.Least, o.Most = cmp.Or(o.Least, 12), cmp.Or(o.Most, 6000)
	order := rand.New(rand.NewPCG(o.Seed, 0x1abe1)).Perm(n)
	order = order[:min(n, o.Most)]
	cut := len(order) * 2 / 3
	fit, held := order[:cut], order[cut:]
	rows := make([]int, len(names))
	tested := make([]int, len(names))
	for k, i := range order {
		for _, l := range has[i] {
			rows[l]++
			if k >= cut {
				tested[l]++
			}
		}
	}
	var kept []int
	for l := range names {
		if rows[l] >= o.Least && tested[l] >= 2 && tested[l] < len(held) {
			kept = append(kept, l)
		}
	}
	if len(kept) == 0 {
		return nil, nil, ErrTooFew
	}
	p := newProblem(x, dim, has, kept)
	g, y := p.sums(fit)
	truth := make([][]bool, len(kept))
	for k, l := range kept {
		truth[k] = make([]bool, len(held))
		for i, row := range held {
			truth[k][i] = slices.Contains(has[row], l)
		}
	}
	var best, scores *mat.Dense
	penalty, most := 0.0, -1.0
	for _, lambda := range []float64{.03, .1, .3, 1, 3, 10, 30} {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		w, err := solve(g, y, lambda)
		if err != nil {
			continue // a stronger penalty will do
		}
		s := p.scores(w, held)
		sum := 0.0
		for k := range kept {
			sum += AveragePrecision(mat.Col(nil, k, s), truth[k])
		}
		if sum > most {
			most, penalty, best, scores = sum, lambda, w, s
		}
	}
	if best == nil {
		return nil, nil, errors.New("label: no penalty gives weights")
	}
	beside, err := p.besides(ctx, o, fit, held)
	if err != nil {
		return nil, nil, err
	}
	g, y = p.sums(order)
	all, err := solve(g, y, penalty)
	if err != nil {
		return nil, nil, err
	}
	s := &Set{dim: dim}
	figures := make([]Figure, len(kept))
	for k, l := range kept {
		col := mat.Col(nil, k, scores)
		f := Figure{names[l], rows[l], AveragePrecision(col, truth[k]), 0}
		if beside != nil {
			f.Beside = AveragePrecision(beside[k], truth[k])
		}
		figures[k] = f
		slope, offset := platt(col, truth[k])
		s.names, s.better = append(s.names, names[l]), append(s.better, beside == nil || f.Linear > f.Beside)
		s.bend = append(s.bend, float32(slope), float32(offset))
		for i := range dim + 1 {
			s.rows = append(s.rows, float32(all.At(i, k)))
		}
	}
	return s, figures, nil
}

// problem is the rows with a constant behind each, and the labels that are learned.
type problem struct {
	x    []float32
	dim  int
	at   map[int]int // number of a label among those that are learned
	has  [][]int
	kept []int
}

func newProblem(x []float32, dim int, has [][]int, kept []int) *problem {
	p := &problem{x, dim, map[int]int{}, has, kept}
	for k, l := range kept {
		p.at[l] = k
	}
	return p
}

// sums are XᵀX and XᵀY over rows.
func (p *problem) sums(rows []int) (*mat.SymDense, *mat.Dense) {
	d := p.dim + 1
	m := mat.NewDense(len(rows), d, nil)
	y := mat.NewDense(d, len(p.kept), nil)
	for r, i := range rows {
		row := m.RawRowView(r)
		for k, v := range p.x[i*p.dim : (i+1)*p.dim] {
			row[k] = float64(v)
		}
		row[p.dim] = 1
		for _, l := range p.has[i] {
			if k, ok := p.at[l]; ok {
				for j, v := range row {
					y.Set(j, k, y.At(j, k)+v)
				}
			}
		}
	}
	g := mat.NewSymDense(d, nil)
	g.SymOuterK(1, m.T())
	return g, y
}

func solve(g *mat.SymDense, y *mat.Dense, lambda float64) (*mat.Dense, error) {
	d := g.SymmetricDim()
	a := mat.NewSymDense(d, nil)
	a.CopySym(g)
	for i := range d - 1 { // the constant is not held back
		a.SetSym(i, i, a.At(i, i)+lambda)
	}
	a.SetSym(d-1, d-1, a.At(d-1, d-1)+1e-6)
	var ch mat.Cholesky
	if !ch.Factorize(a) {
		return nil, errors.New("label: not positive definite")
	}
	var w mat.Dense
	err := ch.SolveTo(&w, y)
	return &w, err
}

// scores of rows by weights: a column for each label.
func (p *problem) scores(w *mat.Dense, rows []int) *mat.Dense {
	m := mat.NewDense(len(rows), p.dim+1, nil)
	for r, i := range rows {
		row := m.RawRowView(r)
		for k, v := range p.x[i*p.dim : (i+1)*p.dim] {
			row[k] = float64(v)
		}
		row[p.dim] = 1
	}
	var out mat.Dense
	out.Mul(m, w)
	return &out
}

// besides are the confidences of the held rows by the other way.
func (p *problem) besides(ctx context.Context, o Options, fit, held []int) ([][]float64, error) {
	if o.Beside == nil {
		return nil, nil
	}
	known := make([]bool, len(p.has))
	for _, i := range fit {
		known[i] = true
	}
	out := make([][]float64, len(p.kept))
	for r, i := range held {
		if r%32 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c := o.Beside(i, known)
		for k, l := range p.kept {
			out[k] = append(out[k], float64(c[l]))
		}
	}
	return out, nil
}

// AveragePrecision is the mean, over the rows that have a label, of the precision down to
// where they stand in the order of the scores; equal scores count against.
func AveragePrecision(scores []float64, truth []bool) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if scores[a] != scores[b] {
			return cmp.Compare(scores[b], scores[a])
		}
		return cmp.Compare(bit(truth[a]), bit(truth[b]))
	})
	found, sum := 0.0, 0.0
	for k, i := range order {
		if truth[i] {
			found++
			sum += found / float64(k+1)
		}
	}
	if found == 0 {
		return 0
	}
	return sum / found
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// platt fits 1/(1+exp(-(a·score+b))) by Newton's method, with targets that keep a few
// samples from being certain.
func platt(scores []float64, truth []bool) (a, b float64) {
	pos, neg := 0.0, 0.0
	for _, t := range truth {
		if t {
			pos++
		} else {
			neg++
		}
	}
	hi, lo := (pos+1)/(pos+2), 1/(neg+2)
	a, b = 1, math.Log((pos+1)/(neg+1))
	loss := func(a, b float64) float64 {
		sum := 1e-6 * a * a
		for i, s := range scores {
			t := lo
			if truth[i] {
				t = hi
			}
			z := a*s + b
			sum += math.Max(z, 0) - t*z + math.Log1p(math.Exp(-math.Abs(z)))
		}
		return sum
	}
	now := loss(a, b)
	for range 100 {
		ga, gb, haa, hab, hbb := 2e-6*a, 0.0, 2e-6+1e-9, 0.0, 1e-9
		for i, s := range scores {
			t := lo
			if truth[i] {
				t = hi
			}
			p := 1 / (1 + math.Exp(-(a*s + b)))
			ga, gb = ga+(p-t)*s, gb+p-t
			w := p * (1 - p)
			haa, hab, hbb = haa+w*s*s, hab+w*s, hbb+w
		}
		det := haa*hbb - hab*hab
		if det <= 0 {
			break
		}
		da, db := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det
		step := 1.0
		for step > 1e-6 && !(loss(a-step*da, b-step*db) < now) {
			step /= 2
		}
		if step <= 1e-6 {
			break
		}
		a, b = a-step*da, b-step*db
		if next := loss(a, b); now-next < 1e-9 {
			break
		} else {
			now = next
		}
	}
	return max(a, 0), b // a score that says the opposite says nothing
}
