package quant

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// rounds is how often signs are turned and a Hadamard transform follows.
const rounds = 4

// Rotation is a random rotation that costs n·log n: signs drawn at random and a
// fast Hadamard transform, four times. Where the length is no power of two, the
// transform takes the first and the last such part in turn, and the halves are
// mixed at the end: lengths are kept to a few last bits.
type Rotation struct {
	dim, padded, part int
	signs             [rounds][]float32
}

// NewRotation returns the rotation of a seed, of vectors of dim, filled with zeros
// to a multiple of 64.
func NewRotation(dim int, seed uint64) *Rotation {
	r := &Rotation{dim: dim, padded: (dim + 63) &^ 63}
	r.part = 1 << (bits.Len(uint(r.padded)) - 1)
	rnd := rand.New(rand.NewPCG(seed, 0x726f7461))
	for i := range r.signs {
		r.signs[i] = make([]float32, r.padded)
		for j := range r.signs[i] {
			r.signs[i][j] = float32(1 - 2*int(rnd.Uint64()&1))
		}
	}
	return r
}

// Padded is the length of what Apply writes: dim, rounded up to a multiple of 64.
func (r *Rotation) Padded() int { return r.padded }

// Apply writes into dst, of Padded floats, what v, of dim, is turned to.
func (r *Rotation) Apply(dst, v []float32) {
	clear(dst[copy(dst, v):])
	for i, signs := range r.signs {
		for j, s := range signs {
			dst[j] *= s
		}
		at := 0
		if i%2 == 1 {
			at = r.padded - r.part
		}
		hadamard(dst[at : at+r.part])
	}
	if half := r.padded / 2; r.part < r.padded {
		for j := range half {
			a, b := dst[j], dst[half+j]
			dst[j], dst[half+j] = (a+b)*math.Sqrt2/2, (a-b)*math.Sqrt2/2
		}
	}
}

// hadamard is the fast Walsh–Hadamard transform, scaled so that it keeps lengths.
func hadamard(v []float32) {
	for h := 1; h < len(v); h *= 2 {
		for i := 0; i < len(v); i += 2 * h {
			x, y := v[i:i+h], v[i+h:i+2*h]
			for j, a := range x {
				b := y[j]
				x[j], y[j] = a+b, a-b
			}
		}
	}
	f := float32(1 / math.Sqrt(float64(len(v))))
	for i := range v {
		v[i] *= f
	}
}
