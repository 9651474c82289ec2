// Package quant turns vectors into codes of one, four or eight bits a dimension
// whose inner products with a query are estimated without bias and with a bound
// of the error that is known beside each code.
//
// It is RaBitQ (Gao and Long, SIGMOD 2024) for one bit and its extension (Gao et
// al., SIGMOD 2025) for more: a vector is turned by a random rotation, its
// direction o replaced by the nearest of a grid's directions x̄, and <o,q> is
// estimated by <x̄,q> / <x̄,o>.
//
// Where we differ: the rotation is a fast Hadamard transform, not a matrix; the
// query is rounded to 8 bits, not 4, since the kernels of package vec take bytes
// as fast; and the grid's scale is one of a few around the best for a random
// direction of that length, not the best for each vector.
package quant

import (
	"fmt"
	"math"
	"math/rand/v2"

	"bowerbird/internal/vec"
)

// Rabit codes residuals, vectors less a centre. It is safe for concurrent use.
type Rabit struct {
	*Rotation
	bits  int
	scale float32 // of the grid, for a direction of length 1
}

// Factors are what an estimate needs beside a code.
type Factors struct {
	// Scale is |r|² / <x̄,r>.
	Scale float32
	// Error times the length of the query is the standard deviation, at most, of
	// an estimate: |r| · √((1-c²)/c²) / √(padded-1) with c = <x̄,r> / (|x̄|·|r|).
	Error float32
}

// NewRabit returns a coder of 1, 4 or 8 bits a dimension. The same seed gives the
// same codes.
func NewRabit(dim, bits int, seed uint64) (*Rabit, error) {
	if bits != 1 && bits != 4 && bits != 8 {
		return nil, fmt.Errorf("quant: %d bits, want 1, 4 or 8", bits)
	}
	if dim < 1 || dim > 1<<16 {
		return nil, fmt.Errorf("quant: dim %d is not in 1..65536", dim)
	}
	r := &Rabit{Rotation: NewRotation(dim, seed), bits: bits}
	r.scale = r.bestScale()
	return r, nil
}

// Bits returns the number of bits a dimension.
func (r *Rabit) Bits() int { return r.bits }

// Size returns the bytes of a code.
func (r *Rabit) Size() int { return r.padded * r.bits / 8 }

// half is what is taken from a grid number to make its centre zero.
func (r *Rabit) half() float32 { return float32(int(1)<<r.bits-1) / 2 }

// bestScale is the scale that brings grid and direction nearest for random ones.
func (r *Rabit) bestScale() float32 {
	if r.bits == 1 {
		return 1
	}
	rnd := rand.New(rand.NewPCG(1, 0x7363616c))
	const some = 16
	rows := make([][]float32, some)
	for i := range rows {
		rows[i] = make([]float32, r.padded)
		for j := range rows[i] {
			rows[i][j] = float32(rnd.NormFloat64())
		}
		vec.Normalize(rows[i])
	}
	best, at := 0.0, float32(1)
	top := float64(r.half()) * math.Sqrt(float64(r.padded))
	for f := 0.1; f <= 1; f += 0.02 {
		t, sum := float32(f*top), 0.0
		for _, row := range rows {
			_, c := r.fit(row, t)
			sum += c
		}
		if sum > best {
			best, at = sum, t
		}
	}
	return at
}

// number returns the grid number of a coordinate at a scale.
func (r *Rabit) number(v, scale float32) int {
	most := int(1)<<r.bits - 1
	return min(max(int(math.Floor(float64(v*scale)))+most/2+1, 0), most)
}

// fit returns <x̄,o> and the cosine of x̄ and o at a scale.
func (r *Rabit) fit(o []float32, scale float32) (dot, cos float64) {
	half, norm, long := float64(r.half()), 0.0, 0.0
	for _, v := range o {
		x := float64(r.number(v, scale)) - half
		dot += x * float64(v)
		norm += x * x
		long += float64(v) * float64(v)
	}
	return dot, dot / math.Sqrt(norm*long)
}

// Encode writes the code of a residual that was turned by Apply, and returns its
// factors. A residual of zeros has the code of any, and factors of zero.
func (r *Rabit) Encode(code []byte, turned []float32) Factors {
	clear(code)
	n := float64(vec.Norm(turned))
	if n < 1e-30 {
		return Factors{}
	}
	scale := r.scale / float32(n)
	dot, cos := r.fit(turned, scale)
	if r.bits > 1 {
		for _, f := range []float32{0.9, 1.1} {
			if d, c := r.fit(turned, scale*f); c > cos {
				dot, cos, scale = d, c, scale*f
			}
		}
	}
	for i, v := range turned {
		r.set(code, i, r.number(v, scale))
	}
	return Factors{
		Scale: float32(n * n / dot),
		Error: float32(n * math.Sqrt(max(0, 1-cos*cos)) / cos / math.Sqrt(float64(r.padded-1))),
	}
}

// set puts a number where the kernels of package vec read it.
func (r *Rabit) set(code []byte, i, number int) {
	switch r.bits {
	case 1:
		code[i>>3] |= byte(number) << (i & 7)
	case 4:
		if half := r.padded / 2; i < half {
			code[i] |= byte(number)
		} else {
			code[i-half] |= byte(number) << 4
		}
	default:
		code[i] = byte(number)
	}
}

// Query is a query less the centre, turned and rounded. It is used again.
type Query struct {
	Norm  float32 // of the turned query
	codes []int8
	step  float32
	shift float32 // half · Σ codes · step
	sums  []int32
}

// Ask prepares a query from what Apply wrote.
func (r *Rabit) Ask(q *Query, turned []float32) {
	if q.codes == nil {
		q.codes = make([]int8, r.padded)
	}
	most := float32(0)
	for _, v := range turned {
		most = max(most, float32(math.Abs(float64(v))))
	}
	q.Norm, q.step = vec.Norm(turned), most/127
	if q.step == 0 {
		q.step = 1
	}
	sum, per := 0, 1/q.step
	for i, v := range turned {
		c := int(math.RoundToEven(float64(v * per)))
		q.codes[i] = int8(max(-127, min(127, c)))
		sum += int(q.codes[i])
	}
	q.shift = r.half() * float32(sum) * q.step
}

// Estimate writes into dst the estimated inner products of the query with the
// residuals of codes that follow one another.
func (r *Rabit) Estimate(dst []float32, q *Query, codes []uint64, factors []Factors) {
	if len(q.sums) < len(dst) {
		q.sums = make([]int32, len(dst))
	}
	sums, stride := q.sums[:len(dst)], r.Size()
	switch r.bits {
	case 1:
		vec.DotBits.Rows(sums, q.codes, codes, stride/8)
	case 4:
		vec.DotU4.Rows(sums, q.codes, asBytes(codes), stride)
	default:
		vec.DotU8.Rows(sums, q.codes, asBytes(codes), stride)
	}
	for i, s := range sums {
		dst[i] = (float32(s)*q.step - q.shift) * factors[i].Scale
	}
}

// Beside puts two numbers into the word that Gather finds after a code.
func Beside(scale, other float32) uint64 {
	return uint64(math.Float32bits(scale)) | uint64(math.Float32bits(other))<<32
}

// Gather is Estimate for the codes of one bit that ids name, each of them at the beginning of a row of stride words
// and followed by a word of Beside: the scale of its factors, and what is written into other.
func (r *Rabit) Gather(dst, other []float32, q *Query, rows []uint64, stride int, ids []uint32) {
	if r.bits != 1 {
		panic("quant: Gather of more than one bit")
	}
	if len(q.sums) < len(dst) {
		q.sums = make([]int32, len(dst))
	}
	sums, w := q.sums[:len(dst)], r.Size()/8
	vec.DotBits.Gather(sums, q.codes, rows, stride, ids)
	for i, s := range sums {
		f := rows[int(ids[i])*stride+w]
		dst[i] = (float32(s)*q.step - q.shift) * math.Float32frombits(uint32(f))
		other[i] = math.Float32frombits(uint32(f >> 32))
	}
}
