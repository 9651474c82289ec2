package hnsw

import (
	"math"
	"slices"

	"bowerbird/index/quant"
	"bowerbird/internal/vec"
)

// coder turns vectors into codes of one byte for each dimension: the number, less the mean of
// its dimension, in steps of one size for all, rounded, and cut to -127..127. Because the step
// is the same everywhere, the squared distance of two codes is that of their vectors but for
// rounding, in whole numbers and with nothing to be looked up beside the code.
//
// Under InnerProduct there are no means, so that products are kept too, and queries are coded
// in a step of their own.
type coder struct {
	step float32
	mean []float32    // nil: zeroes
	bits *quant.Rabit // of Bits; there is no step then
}

// newBits makes a coder of bits about the mean of n vectors.
func newBits(dim, n int, seed uint64, next func(row []float32, i int)) *coder {
	c := &coder{step: 1, mean: make([]float32, dim)}
	sum, row := make([]float64, dim), make([]float32, dim)
	for i := range n {
		next(row, i)
		for j, x := range row {
			sum[j] += float64(x)
		}
	}
	for j := range sum {
		c.mean[j] = float32(sum[j] / float64(max(n, 1)))
	}
	c.turn(seed)
	return c
}

// turn gives the coder its rotation.
func (c *coder) turn(seed uint64) {
	var err error
	if c.bits, err = quant.NewRabit(len(c.mean), 1, seed); err != nil {
		panic(err) // the shape was checked
	}
}

// encodeBits writes the code of row less the mean, and after it what it must be scaled by and its squared length.
func (c *coder) encodeBits(dst []uint64, row []float32) {
	rest, turned := make([]float32, len(row)), make([]float32, c.bits.Padded())
	for i, x := range row {
		rest[i] = x - c.mean[i]
	}
	c.bits.Apply(turned, rest)
	w := c.bits.Size() / 8
	f := c.bits.Encode(quant.Bytes(dst[:w]), turned)
	dst[w] = quant.Beside(f.Scale, vec.Dot(rest, rest))
}

const (
	// codeAt is the number of nodes at which the coder is made, from what there is by then.
	// Below, walks are over float32, and searches compare with every vector.
	codeAt = 1024
	// codeSample is how many vectors a later coder is made from, at most.
	codeSample = 4096
	// codeTail is the share of numbers that may lie beyond the range of codes.
	codeTail = 1e-4
	// codeDrift is the share of numbers beyond the range at which a new coder is made. It is
	// looked at when the graph has doubled.
	codeDrift = 1e-3
	codeMost  = 127
	// bitsSettle is the number of nodes up to which the mean of bits is made anew whenever the graph doubles.
	bitsSettle = 1 << 16
)

// newCoder makes a coder from n vectors, of which next writes one after another.
func newCoder(dim, n int, centred bool, next func(row []float32, i int)) *coder {
	c, rows := new(coder), make([]float32, n*dim)
	for i := range n {
		next(rows[i*dim:(i+1)*dim], i)
	}
	if centred {
		sum := make([]float64, dim)
		for i, x := range rows {
			sum[i%dim] += float64(x)
		}
		c.mean = make([]float32, dim)
		for i := range c.mean {
			c.mean[i] = float32(sum[i] / float64(max(n, 1)))
		}
	}
	for i, x := range rows {
		if centred {
			x -= c.mean[i%dim]
		}
		rows[i] = float32(math.Abs(float64(x)))
	}
	slices.Sort(rows)
	c.step = 1
	if len(rows) > 0 {
		if r := rows[len(rows)-1-int(codeTail*float64(len(rows)))] / codeMost; r > 1e-30 {
			c.step = r
		} else if r := rows[len(rows)-1] / codeMost; r > 1e-30 {
			c.step = r
		}
	}
	return c
}

// encode writes row's code and returns how many numbers were cut.
func (c *coder) encode(dst []int8, row []float32) (clipped int) {
	inv := 1 / c.step
	for i, x := range row {
		if c.mean != nil {
			x -= c.mean[i]
		}
		x *= inv
		switch {
		case x > codeMost+.5:
			dst[i] = codeMost
			clipped++
		case x < -codeMost-.5:
			dst[i] = -codeMost
			clipped++
		default:
			dst[i] = nearest(x)
		}
	}
	return clipped
}

// nearest rounds to a whole number in -127..127. Adding and taking away 1.5·2²³ leaves a float32
// without a fraction.
func nearest(x float32) int8 {
	const big = 3 << 22
	y := float32(x+big) - big
	return int8(min(max(y, -codeMost), codeMost))
}

// encodeQuery writes a query's code: under an inner product, in a step of its own.
func (c *coder) encodeQuery(dst []int8, q []float32) {
	if c.mean != nil {
		c.encode(dst, q)
		return
	}
	most := float32(0)
	for _, x := range q {
		most = max(most, x, -x)
	}
	own := coder{step: 1}
	if most > 1e-30 {
		own.step = most / codeMost
	}
	own.encode(dst, q)
}

// decode writes what a code stands for.
func (c *coder) decode(dst []float32, code []int8) {
	for i, x := range code {
		dst[i] = float32(x) * c.step
		if c.mean != nil {
			dst[i] += c.mean[i]
		}
	}
}
