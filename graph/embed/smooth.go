package embed

import (
	"context"
	"fmt"

	"bowerbird/graph"
)

// SmoothOptions of Smooth. The zero value works.
type SmoothOptions struct {
	Limits
	Hops int // K; with two kinds of nodes, a hop goes from left to right and back; default 2
	// Restart α mixes the features themselves in after each hop: x ← (1-α)·Âx + α·x₀; default 0, which is SGC. Above 0 it
	// is the propagation of APPNP.
	Restart float64
}

// Smooth spreads features over the graph: Â^K X with Â = D^-½ (A + I) D^-½. With two kinds of nodes A is the graph of left
// nodes that one step of two hops makes, R̃R̃ᵀ with R̃ = D_l^-½ R D_r^-½, and Â = (I + R̃R̃ᵀ)/2. Nothing is learned; a linear
// classifier on the result is the simplified graph convolution.
//
// It costs Hops passes (twice that with two kinds of nodes) over edges · Dim, and three copies of the rows.
//
// Sources: Wu et al., "Simplifying Graph Convolutional Networks", ICML 2019, equation 8; Gasteiger et al., "Predict then
// Propagate", ICLR 2019, equation 4.
func Smooth(ctx context.Context, s *graph.Snapshot, x Features, o SmoothOptions) (Features, error) {
	o.Limits = o.Limits.withDefaults()
	if o.Hops == 0 {
		o.Hops = 2
	}
	if o.Hops < 1 || o.Hops > 1000 || !(o.Restart >= 0 && o.Restart < 1) {
		return Features{}, fmt.Errorf("embed: SmoothOptions: Hops %d, Restart %v: want 1 to 1000 hops and 0 ≤ Restart < 1", o.Hops, o.Restart)
	}
	m, err := compact(s, o.Limits)
	if err != nil {
		return Features{}, fmt.Errorf("embed: Smooth: %w", err)
	}
	if err := x.check(m.rows()); err != nil {
		return Features{}, fmt.Errorf("embed: Smooth: %w", err)
	}
	rows := m.rows() * x.Dim
	if err := o.afford(4*int64(3*rows+m.Cols*x.Dim) + 3*csrBytes(m.rows(), len(m.To))); err != nil {
		return Features{}, fmt.Errorf("embed: Smooth: %w", err)
	}
	cur := append([]float32(nil), x.Rows...)
	hop := o.hop(m, x.Dim)
	next := make([]float32, rows)
	for k := range o.Hops {
		if err := hop(ctx, next, cur[:rows]); err != nil {
			return Features{}, fmt.Errorf("embed: Smooth: %w", err)
		}
		for i, v := range next {
			cur[i] = float32(1-o.Restart)*v + float32(o.Restart)*x.Rows[i]
		}
		o.Progress(k+1, o.Hops, "hops")
	}
	return Features{Dim: x.Dim, Rows: cur}, nil
}

// hop returns y ← Â x.
func (o SmoothOptions) hop(m *csr, dim int) func(ctx context.Context, y, x []float32) error {
	if o.OneMode {
		a := m.withLoops().normalised(0.5, 0.5)
		return func(ctx context.Context, y, x []float32) error { return a.times(ctx, o.Threads, y, x, dim) }
	}
	r := m.normalised(0.5, 0.5)
	t := r.transposed()
	mid := make([]float32, m.Cols*dim)
	return func(ctx context.Context, y, x []float32) error {
		if err := t.times(ctx, o.Threads, mid, x, dim); err != nil {
			return err
		}
		if err := r.times(ctx, o.Threads, y, mid, dim); err != nil {
			return err
		}
		for i, v := range x {
			y[i] = (y[i] + v) / 2
		}
		return nil
	}
}
