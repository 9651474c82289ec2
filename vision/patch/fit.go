package patch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"bowerbird/internal/vec"
)

// Options say what is learned. The zero value works.
type Options struct {
	// Sides are the scales: the picture is squeezed to squares of so many pixels.
	// None means 32 and 64.
	Sides []int
	// Patch is the side of a patch in pixels; 0 means 6 (Coates & Ng 2011).
	Patch int
	// Kernels of each scale; 0 means 256.
	Kernels int
	// Threshold that an answer must exceed to count; 0 means 0.25.
	Threshold float32
	// Dim is the length of the learned part of a vector; 0 means 256.
	Dim int
	// Share is the weight of the built-in descriptor beside the learned part, whose
	// weight is 1; 0 means 1, negative leaves it out.
	Share float32
	// Patches that kernels are learned from, of each scale; 0 means 100,000.
	Patches int
	// Pictures that the projection is learned from at most; 0 means 4,000.
	Pictures int
	// Rounds of k-means; 0 means 10.
	Rounds int
	// Seed of every random choice.
	Seed uint64
	// Progress, if set, is told what is done of what.
	Progress func(what string, done, total int)
}

func (o Options) withDefaults() (Options, error) {
	if len(o.Sides) == 0 {
		o.Sides = []int{32, 64}
	}
	for _, f := range []struct {
		name          string
		v             *int
		unset, lo, hi int
	}{{"Patch", &o.Patch, 6, 2, 16}, {"Kernels", &o.Kernels, 256, 8, 4096}, {"Dim", &o.Dim, 256, 1, 4096},
		{"Patches", &o.Patches, 100_000, 1000, 4_000_000}, {"Pictures", &o.Pictures, 4000, 2, 100_000}, {"Rounds", &o.Rounds, 10, 1, 1000}} {
		if *f.v == 0 {
			*f.v = f.unset
		}
		if *f.v < f.lo || *f.v > f.hi {
			return o, fmt.Errorf("patch: Options.%s is %d; it must be %d to %d", f.name, *f.v, f.lo, f.hi)
		}
	}
	for _, s := range o.Sides {
		if s < 2*o.Patch || s > 256 {
			return o, fmt.Errorf("patch: Options.Sides has %d; it must be twice the patch (%d) to 256", s, o.Patch)
		}
	}
	switch {
	case o.Threshold == 0:
		o.Threshold = 0.25
	case !(o.Threshold > 0 && o.Threshold < 100):
		return o, fmt.Errorf("patch: Options.Threshold is %v; it must be positive", o.Threshold)
	}
	switch {
	case o.Share == 0:
		o.Share = 1
	case o.Share < 0:
		o.Share = 0
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	return o, nil
}

// Pictures are what is learned from.
type Pictures interface {
	Len() int
	// Tile is picture i squeezed to side x side RGB, as vision.Picture.Tile makes it.
	// It may be called concurrently.
	Tile(i, side int) ([]byte, error)
}

// ErrTooFew says that there are too few pictures to learn from: Dim + 1 at least.
var ErrTooFew = errors.New("patch: too few pictures to learn from")

// Fit learns an encoder from pictures without labels: for each scale kernels by
// whitening and spherical k-means of patches (Coates & Ng 2011, 2012), then a
// projection of the pooled answers by principal components with whitening. The same
// pictures and options give the same encoder on one path of the vector kernels.
//
// Where we differ: the answers are rectified on both sides of a threshold, which
// costs no square roots and did as well as the triangle there; contrast
// normalisation and whitening are folded into the kernels, so that encoding is one
// product of matrices.
//
// Memory: 4 bytes for each number of Patches and of Pictures x features, and of
// features². Cost: about a minute of one core for the default and 4,000 pictures.
func Fit(ctx context.Context, p Pictures, o Options) (*Encoder, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if p.Len() <= o.Dim {
		return nil, fmt.Errorf("%w: %d, want more than %d", ErrTooFew, p.Len(), o.Dim)
	}
	e := &Encoder{share: o.Share}
	for i, side := range o.Sides {
		b := &bank{side: side, patch: o.Patch, kernels: o.Kernels, threshold: o.Threshold}
		if err := b.learn(ctx, p, o, rand.New(rand.NewPCG(o.Seed, uint64(i)))); err != nil {
			return nil, err
		}
		e.banks = append(e.banks, b)
	}
	r := rand.New(rand.NewPCG(o.Seed, 1<<32))
	rows, err := e.rows(ctx, p, r.Perm(p.Len())[:min(p.Len(), o.Pictures)], o)
	if err != nil {
		return nil, err
	}
	if e.project, err = project(ctx, rows, e.Features(), o.Dim, r); err != nil {
		return nil, err
	}
	return e, e.name()
}

// learn finds the kernels of one scale.
func (b *bank) learn(ctx context.Context, p Pictures, o Options, r *rand.Rand) error {
	rows, err := b.sample(ctx, func(i int) ([]byte, error) { return p.Tile(i, b.side) }, p.Len(), o.Patches, r)
	if err != nil {
		return err
	}
	n := b.size()
	mean, w, err := whitening(rows, n)
	if err != nil {
		return err
	}
	for i := 0; i < len(rows); i += n {
		vec.Axpy(-1, mean, rows[i:i+n])
	}
	white := make([]float32, len(rows))
	vec.MatMul(white, rows, w, len(rows)/n, n, n)
	kernels, err := spherical(ctx, white, n, b.kernels, o.Rounds, r, func(done int) {
		o.Progress(fmt.Sprintf("kernels of %d pixels", b.side), done, o.Rounds)
	})
	if err != nil {
		return err
	}
	b.folded(mean, w, kernels)
	return nil
}

// rows are the pooled features of the pictures, made by all cores.
func (e *Encoder) rows(ctx context.Context, p Pictures, of []int, o Options) ([]float32, error) {
	n := e.Features()
	rows := make([]float32, len(of)*n)
	var next, done atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var failed error
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(of) {
					return
				}
				err := ctx.Err()
				if err == nil {
					err = e.Pooled(func(side int) ([]byte, error) { return p.Tile(of[i], side) }, rows[i*n:(i+1)*n])
				}
				if err != nil {
					once.Do(func() { failed = err })
					next.Store(int64(len(of)))
					return
				}
				if d := int(done.Add(1)); d%64 == 0 {
					o.Progress("features", d, len(of))
				}
			}
		})
	}
	wg.Wait()
	return rows, failed
}
