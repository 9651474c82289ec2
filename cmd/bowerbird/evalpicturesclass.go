package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/vec"
	"bowerbird/vision"
	"bowerbird/vision/patch"
)

// rows is a row-major matrix with a class for each row.
type rows struct {
	dim   int
	x     []float32
	class []int
}

func (r *rows) len() int            { return len(r.class) }
func (r *rows) row(i int) []float32 { return r.x[i*r.dim : (i+1)*r.dim] }

// rowsOf fills a matrix side by side.
func rowsOf(ctx context.Context, d *decoded, dim int, fill func(p *vision.Picture, out []float32) error) (*rows, error) {
	r := &rows{dim, make([]float32, len(d.pictures)*dim), d.class}
	return r, each(ctx, len(d.pictures), func(i int) error { return fill(d.pictures[i], r.row(i)) })
}

// part gives some of the rows; the memory is its own.
func (r *rows) part(of []int) *rows {
	out := &rows{r.dim, make([]float32, 0, len(of)*r.dim), make([]int, 0, len(of))}
	for _, i := range of {
		out.x, out.class = append(out.x, r.row(i)...), append(out.class, r.class[i])
	}
	return out
}

// standardised brings every column of train to mean 0 and deviation 1, and the
// others by the same numbers.
func standardised(train *rows, others ...*rows) {
	mean, square := make([]float64, train.dim), make([]float64, train.dim)
	for i := range train.len() {
		for j, v := range train.row(i) {
			mean[j] += float64(v)
			square[j] += float64(v) * float64(v)
		}
	}
	n := float64(train.len())
	for j := range mean {
		mean[j] /= n
		square[j] = 1 / math.Sqrt(max(square[j]/n-mean[j]*mean[j], 1e-12))
	}
	for _, r := range append(others, train) {
		for i := range r.len() {
			row := r.row(i)
			for j, v := range row {
				row[j] = float32((float64(v) - mean[j]) * square[j])
			}
		}
	}
}

// ridge is a linear classifier: least squares onto one target a class, +1 or -1
// against all others, with λ n |w|² (Rifkin 2002: as good as other losses where λ is
// chosen). XᵀX is made once for all λ.
type ridge struct {
	dim, classes, n int
	gram            []float32
	targets         []float64 // dim x classes
	bias            []float64 // of each class
}

func newRidge(train *rows, classes int) *ridge {
	r := &ridge{train.dim, classes, train.len(), make([]float32, train.dim*train.dim), make([]float64, train.dim*classes), make([]float64, classes)}
	vec.Gram(r.gram, train.x, r.n, r.dim)
	sums := make([]float64, classes*r.dim) // of the rows of each class
	for i, c := range train.class {
		r.bias[c]++
		for j, v := range train.row(i) {
			sums[c*r.dim+j] += float64(v)
		}
	}
	for c := range classes { // columns have mean 0: the constant part of the targets falls out
		r.bias[c] = 2*r.bias[c]/float64(r.n) - 1
		for j := range r.dim {
			r.targets[j*classes+c] = 2 * sums[c*r.dim+j]
		}
	}
	return r
}

// solve gives the weights for a λ, dim x classes.
func (r *ridge) solve(lambda float64) ([]float32, error) {
	a := mat.NewSymDense(r.dim, nil)
	for i := range r.dim {
		for j := i; j < r.dim; j++ {
			a.SetSym(i, j, float64(r.gram[i*r.dim+j]))
		}
		a.SetSym(i, i, a.At(i, i)+lambda*float64(r.n))
	}
	var ch mat.Cholesky
	if !ch.Factorize(a) {
		return nil, fmt.Errorf("the features' products are not positive definite at λ = %g", lambda)
	}
	var w mat.Dense
	if err := ch.SolveTo(&w, mat.NewDense(r.dim, r.classes, r.targets)); err != nil {
		return nil, err
	}
	out := make([]float32, r.dim*r.classes)
	for i := range r.dim {
		for c := range r.classes {
			out[i*r.classes+c] = float32(w.At(i, c))
		}
	}
	return out, nil
}

// accuracy of the weights on rows.
func (r *ridge) accuracy(w []float32, test *rows) float64 {
	scores := make([]float32, test.len()*r.classes)
	vec.MatMul(scores, test.x, w, test.len(), r.dim, r.classes)
	right := 0
	for i, class := range test.class {
		s, best := scores[i*r.classes:(i+1)*r.classes], 0
		for c := range s {
			if s[c]+float32(r.bias[c]) > s[best]+float32(r.bias[best]) {
				best = c
			}
		}
		if best == class {
			right++
		}
	}
	return float64(right) / float64(test.len())
}

// linear chooses λ on a fifth of the training part, then learns from all of it.
func linear(train, test *rows, classes int, seed uint64) (accuracy, validation, lambda float64, err error) {
	p := rand.New(rand.NewPCG(seed, 5)).Perm(train.len())
	cut := train.len() / 5
	standardised(train, test)
	fit, held := train.part(p[cut:]), train.part(p[:cut])
	r := newRidge(fit, classes)
	for _, l := range []float64{.0003, .001, .003, .01, .03, .1, .3, 1} {
		w, err := r.solve(l)
		if err != nil {
			return 0, 0, 0, err
		}
		if a := r.accuracy(w, held); a > validation {
			validation, lambda = a, l
		}
	}
	r = newRidge(train, classes)
	w, err := r.solve(lambda)
	if err != nil {
		return 0, 0, 0, err
	}
	return r.accuracy(w, test), validation, lambda, nil
}

// neighbours is the accuracy of a vote of the k nearest by dot product, weighted by
// their rank where votes are equal, and the mean average precision of the first 20.
func neighbours(ctx context.Context, base, queries *rows, classes, k int) (accuracy, mAP float64, err error) {
	right, ap := make([]float64, queries.len()), make([]float64, queries.len())
	err = each(ctx, (queries.len()+99)/100, func(part int) error {
		from, to := part*100, min(queries.len(), part*100+100)
		scores := make([]float32, base.len())
		for q := from; q < to; q++ {
			vec.DotRows(scores, queries.row(q), base.x)
			best := vec.Top(scores, max(k, 20))
			votes, winner := make([]float64, classes), base.class[best[0].ID]
			for r, b := range best[:k] {
				votes[base.class[b.ID]] += 1 - .001*float64(r)
			}
			for c, v := range votes {
				if v > votes[winner] {
					winner = c
				}
			}
			if winner == queries.class[q] {
				right[q] = 1
			}
			hits := 0.0
			for r, b := range best[:20] {
				if base.class[b.ID] == queries.class[q] {
					hits++
					ap[q] += hits / float64(r+1)
				}
			}
			if hits > 0 {
				ap[q] /= hits
			}
		}
		return nil
	})
	for q := range right {
		accuracy += right[q] / float64(len(right))
		mAP += ap[q] / float64(len(ap))
	}
	return accuracy, mAP, err
}

// pixelsOf is the tile less its mean, at length 1: the baseline.
func pixelsOf(p *vision.Picture, side int, out []float32) error {
	t, err := p.Tile(vision.Full, side)
	if err != nil {
		return err
	}
	mean := float32(0)
	for i, b := range t {
		out[i] = float32(b)
		mean += float32(b) / float32(len(t))
	}
	for i := range out {
		out[i] -= mean
	}
	vec.Normalize(out)
	return nil
}

// histogramOf is 4 x 4 x 4 bins of RGB with square roots: the baseline of colour.
func histogramOf(p *vision.Picture, out []float32) error {
	t, err := p.Tile(vision.Full, 64)
	if err != nil {
		return err
	}
	for i := 0; i < len(t); i += 3 {
		out[int(t[i])>>6<<4|int(t[i+1])>>6<<2|int(t[i+2])>>6]++
	}
	for i, n := range out {
		out[i] = float32(math.Sqrt(float64(n)))
	}
	vec.Normalize(out)
	return nil
}

// cifar learns from the training part without its labels, then measures a linear
// classifier and neighbours on what was learned, pixels beside.
func (e *pictureEval) cifar(path string) error {
	var parts [2]*decoded
	for i, split := range []string{"train", "test"} {
		e.a.ui.step("reading "+split, 0, 0)
		files, err := readClassed(path, split)
		if err != nil {
			return err
		}
		if parts[i], err = decodeAll(e.a.ctx, files); err != nil {
			return err
		}
	}
	train, test := parts[0], parts[1]
	pixels := func(p *vision.Picture, out []float32) error { return pixelsOf(p, 32, out) }
	if err := e.cifarRow("pixels", train, test, 3*32*32, pixels, pixels, 3*32*32, 200); err != nil {
		return err
	}
	start := time.Now()
	enc, err := patch.Fit(e.a.ctx, tiled(train.pictures), patch.Options{Sides: []int{32}, Kernels: e.c.Kernels, Share: -1, Seed: e.c.Seed,
		Progress: func(what string, done, total int) { e.a.ui.step(what, int64(done), int64(total)) }})
	if err != nil {
		return err
	}
	e.note("learned from %d pictures in %.1f s: %d kernels, %d features, %d numbers in a vector", len(train.pictures), time.Since(start).Seconds(), e.c.Kernels, enc.Features(), enc.Dim())
	pooled := func(p *vision.Picture, out []float32) error {
		return enc.Pooled(func(side int) ([]byte, error) { return p.Tile(vision.Full, side) }, out)
	}
	vector := func(p *vision.Picture, out []float32) error {
		v, err := enc.Encode(p, vision.Full)
		copy(out, v)
		return err
	}
	perSecond := e.extraction(test.pictures, vector, enc.Dim())
	e.note("extraction at 32 x 32 on one core: %.0f pictures/s", perSecond)
	return e.cifarRow("learned", train, test, enc.Features(), pooled, vector, enc.Dim(), 1000)
}

// extraction is how many pictures a second one core makes vectors of.
func (e *pictureEval) extraction(p []*vision.Picture, vector func(*vision.Picture, []float32) error, dim int) float64 {
	out := make([]float32, dim)
	n, start := 0, time.Now()
	for time.Since(start) < 3*time.Second {
		if err := vector(p[n%len(p)], out); err != nil {
			return 0
		}
		n++
	}
	return float64(n) / time.Since(start).Seconds()
}

// cifarRow measures features by a linear classifier, and vectors by 10 neighbours on
// the first so many test pictures of each class.
func (e *pictureEval) cifarRow(name string, train, test *decoded, dim int, features func(*vision.Picture, []float32) error,
	vector func(*vision.Picture, []float32) error, vdim, perClass int) error {
	const classes = 10
	e.a.ui.step(name+": neighbours", 0, 0)
	base, err := rowsOf(e.a.ctx, train, vdim, vector)
	if err != nil {
		return err
	}
	some := firstOfEach(test, perClass)
	queries, err := rowsOf(e.a.ctx, some, vdim, vector)
	if err != nil {
		return err
	}
	near, mAP, err := neighbours(e.a.ctx, base, queries, classes, 10)
	if err != nil {
		return err
	}
	base, queries = nil, nil
	e.a.ui.step(name+": linear", 0, 0)
	x, err := rowsOf(e.a.ctx, train, dim, features)
	if err != nil {
		return err
	}
	y, err := rowsOf(e.a.ctx, test, dim, features)
	if err != nil {
		return err
	}
	accuracy, validation, lambda, err := linear(x, y, classes, e.c.Seed)
	if err != nil {
		return err
	}
	e.note("%s: λ %.3g chosen on 10,000 training pictures (%.4f); neighbours of %d test pictures", name, lambda, validation, len(some.pictures))
	e.add(name, "linear", accuracy, "10 neighbours", near, "mAP@20", mAP)
	return nil
}

func firstOfEach(d *decoded, n int) *decoded {
	out, had := new(decoded), map[int]int{}
	for i, c := range d.class {
		if had[c]++; had[c] <= n {
			out.pictures, out.class = append(out.pictures, d.pictures[i]), append(out.class, c)
		}
	}
	return out
}
