package embed

import (
	"context"
	"fmt"

	"bowerbird/graph"
	"bowerbird/internal/svd"
)

// SpectralOptions of Spectral. The zero value works.
type SpectralOptions struct {
	Limits
	Dim    int // default 128
	Rounds int // of subspace iteration; default 4
	// LeftNorm and RightNorm are the exponents of the degrees that entries are divided by; default 0.5 each, which is the
	// normalised adjacency. -1 stands for 0.
	LeftNorm, RightNorm float64
	// Power p of the singular values in the score u·diag(s^p)·v; default 1. -1 stands for 0: an ideal low-pass filter.
	Power float64
	// Popularity q multiplies left rows by degree^q; default 0.5, as GF-CF does. -1 stands for 0.
	Popularity float64
	Seed       uint64
}

func (o SpectralOptions) check() (SpectralOptions, error) {
	o.Limits = o.Limits.withDefaults()
	if o.Dim == 0 {
		o.Dim = 128
	}
	if o.Rounds == 0 {
		o.Rounds = 4
	}
	for _, f := range []struct {
		name string
		x    *float64
		std  float64
	}{{"LeftNorm", &o.LeftNorm, 0.5}, {"RightNorm", &o.RightNorm, 0.5}, {"Power", &o.Power, 1}, {"Popularity", &o.Popularity, 0.5}} {
		switch *f.x {
		case 0:
			*f.x = f.std
		case -1:
			*f.x = 0
		}
		if err := checkFinite("SpectralOptions."+f.name, *f.x); err != nil {
			return o, err
		}
		if *f.x < 0 || *f.x > 4 {
			return o, fmt.Errorf("embed: SpectralOptions.%s: %v is out of range 0 to 4 (or -1 for 0)", f.name, *f.x)
		}
	}
	if o.Rounds < 1 || o.Rounds > 100 {
		return o, fmt.Errorf("embed: SpectralOptions.Rounds: %d is out of range 1 to 100", o.Rounds)
	}
	return o, checkDim("SpectralOptions.Dim", o.Dim)
}

// Spectral embeds nodes by the largest singular values of the normalised adjacency D_l^-a R D_r^-b: left nodes by
// D_l^q U S^(p/2), right nodes by V S^(p/2). With the defaults the inner product is a low-pass filter of what the right
// node holds: the ideal filter of GF-CF (p = 1 because the right node's own rows bring one factor of S). If there are
// fewer than Dim singular values, the other dimensions are zero. With OneMode the rows are U S^(p/2), q is not used.
//
// It costs 2·(Rounds+1) passes over edges · (Dim+extra) and about 8·(Rounds+1)·nodes·(Dim+extra)² operations, extra
// being max(16, Dim/8). The same seed gives the same bits on any number of threads of one machine class.
//
// Sources: Shen et al., "How Powerful is Graph Convolution for Recommendation?", CIKM 2021, section 4; for the
// decomposition see Halko et al., 2011.
func Spectral(ctx context.Context, s *graph.Snapshot, o SpectralOptions) (*Vectors, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	m, err := compact(s, o.Limits)
	if err != nil {
		return nil, fmt.Errorf("embed: Spectral: %w", err)
	}
	if err := o.afford(svd.Bytes(m.rows(), m.Cols, svd.Options{K: o.Dim}) + 3*csrBytes(m.rows(), len(m.To)) + 4*int64(o.Dim)*int64(m.rows()+m.Cols)); err != nil {
		return nil, fmt.Errorf("embed: Spectral: %w", err)
	}
	d, err := truncated(ctx, m.normalised(o.LeftNorm, o.RightNorm), o.Dim, o.Rounds, o.Limits, o.Seed)
	if err != nil {
		return nil, fmt.Errorf("embed: Spectral: %w", err)
	}
	scale := append([]float64(nil), d.S...)
	for j, x := range scale {
		if x <= 1e-6*d.S[0] {
			scale[j] = 0
		}
	}
	powers(scale, o.Power/2)
	popularity, _ := m.sums()
	powers(popularity, o.Popularity)
	if o.OneMode {
		for i := range popularity {
			popularity[i] = 1
		}
		return &Vectors{Dim: o.Dim, Left: widened(d.U, d.K, o.Dim, scale, popularity)}, nil
	}
	return &Vectors{Dim: o.Dim, Left: widened(d.U, d.K, o.Dim, scale, popularity), Right: widened(d.V, d.K, o.Dim, scale, nil)}, nil
}

// widened returns rows of k as rows of dim, columns times scale, rows times by where that is given.
func widened(x []float32, k, dim int, scale, by []float64) []float32 {
	n := len(x) / k
	out := make([]float32, n*dim)
	for i := range n {
		f := 1.0
		if by != nil {
			f = by[i]
		}
		for j := range k {
			out[i*dim+j] = float32(float64(x[i*k+j]) * scale[j] * f)
		}
	}
	return out
}
