package patch

import (
	"math"

	"bowerbird/internal/vec"
)

// Contrast is normalised as in Coates & Ng 2012: a patch less its mean, divided by
// the root of its variance plus noise, in units of 1/255.
const noise = 10

// bank is a set of linear kernels on whitened patches of one scale of a picture,
// folded into one matrix: for a raw patch x of n = 3·patch² bytes, with mean μ and
// variance v, the answers of the K kernels D (n x K) behind the whitening W and
// its mean m are
//
//	Dᵀ W ((x - μ)/√(v + noise) - m)  =  (xᵀ fold)/√(v + noise) - bias
//
// where the columns of fold = (I - 11ᵀ/n) W D sum to zero, so that μ drops out.
type bank struct {
	side, patch, kernels int
	threshold            float32
	fold                 []float32 // n x kernels
	bias                 []float32 // kernels
}

func (b *bank) size() int { return 3 * b.patch * b.patch }

// features is how many numbers pool writes: two rectified halves of each kernel in
// each quadrant.
func (b *bank) features() int { return quadrants * 2 * b.kernels }

const quadrants = 4

// scratch is what pool works in; one belongs to one goroutine.
type scratch struct {
	raw, answers []float32
	scale        []float32 // 1/√(v + noise) of each patch
	pooled       []float32
}

// pool writes the features of a tile of side x side RGB: the sums over each
// quadrant of max(0, a - t) and of max(0, -a - t), for the answers a of the kernels
// at every position (Coates & Ng 2011: soft threshold with split polarity, sum
// pooling), divided by the number of positions.
func (b *bank) pool(tile []byte, s *scratch, out []float32) {
	across := b.side - b.patch + 1
	positions := across * across
	s.raw = resize(s.raw, positions*b.size())
	s.scale = resize(s.scale, positions)
	s.answers = resize(s.answers, positions*b.kernels)
	clear(s.answers)
	b.patches(tile, s.raw, s.scale)
	vec.MatMul(s.answers, s.raw, b.fold, positions, b.size(), b.kernels)
	clear(out)
	for i := range positions {
		q := 2*(i/across*2/across) + i%across*2/across
		half := out[q*2*b.kernels : (q+1)*2*b.kernels]
		vec.Rectify(half[:b.kernels], half[b.kernels:], s.answers[i*b.kernels:(i+1)*b.kernels], b.bias, s.scale[i], b.threshold)
	}
	vec.Scale(quadrants/float32(positions), out)
}

// patches lays every patch of a tile out as a row of n numbers, and writes the
// scale of its contrast.
func (b *bank) patches(tile []byte, rows, scale []float32) {
	across, n := b.side-b.patch+1, b.size()
	i := 0
	for y := range across {
		for x := range across {
			row := rows[i*n : (i+1)*n]
			at, width := 0, 3*b.patch
			sum, square := 0, 0
			for v := range b.patch {
				line := tile[3*((y+v)*b.side+x):]
				for _, p := range line[:width] {
					row[at] = float32(p)
					at++
					sum += int(p)
					square += int(p) * int(p)
				}
			}
			mean := float64(sum) / float64(n)
			scale[i] = float32(1 / math.Sqrt(float64(square)/float64(n)-mean*mean+noise))
			i++
		}
	}
}

func resize(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}
