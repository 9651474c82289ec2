package jpeg

import (
	"encoding/binary"
	"math"
)

// The cosine transforms are those of Arai, Agui and Nakajima (1988): five multiplications
// for eight numbers, where a factor for each coefficient goes into the quantization table.
// Each sum and product is rounded to a float32 by itself, so that the vector kernels and
// other processors give the same bits.
//
// Blocks of coefficients are kept column by column (frequency u across, v down, at
// 8*u + v): the first pass then runs over u, and one transposition lies between the two.

const (
	sqrt2    = 1.414213562373095
	twoC2    = 1.847759065022573 // 2 cos(pi/8)
	c2lessC6 = 1.082392200292394 // 2 (cos(pi/8) - cos(3 pi/8))
	c2andC6  = 2.613125929752753 // 2 (cos(pi/8) + cos(3 pi/8))
)

// aan are the factors of the frequencies.
var aan = func() (f [8]float64) {
	f[0] = 1
	for k := 1; k < 8; k++ {
		f[k] = math.Sqrt2 * math.Cos(float64(k)*math.Pi/16)
	}
	return f
}()

// reduced are the factors of the frequencies for blocks of a given size: see fold.
func reduced(size int) (f [8]float64) {
	if size == 8 {
		for k := range f {
			f[k] = aan[k] / math.Sqrt(8)
		}
		return f
	}
	for k := range f {
		x := float64(k) * math.Pi / 16
		f[k] = math.Cos(x) / 2
		if k == 0 {
			f[k] = 1 / math.Sqrt(8)
		}
		low := min(k, 8-k) // the frequency among four that it folds onto
		switch {
		case k == 4:
			f[k] = 0
		case size == 4 && low == 2:
			f[k] *= math.Sqrt2 / 2
		case size == 2 && low == 2:
			f[k] = 0
		case size == 2 && k > 0:
			f[k] *= math.Cos(float64(low)*math.Pi/8) * math.Sqrt2 / 2
		}
	}
	return f
}

// scaleOf joins a component's quantization table with the factors of its transform.
func (d *decoder) scaleOf(c *component) {
	f := reduced(d.size)
	for k, q := range d.quant[c.quant] {
		z := zigzag[k]
		c.scale[z] = float32(float64(q) * f[z/8] * f[z%8])
	}
}

// pixels transforms a block into its place of the plane.
func (d *decoder) pixels(c *component, b *[64]int16, bx, by int, flat bool) {
	at := (by*c.stride + bx) * d.size
	dst := c.plane[at : at+(d.size-1)*c.stride+d.size]
	if flat || d.size == 1 {
		fill(dst, c.stride, d.size, toByte(float32(b[0])*c.scale[0]))
		return
	}
	switch d.size {
	case 8:
		idct(b, &c.scale, dst, c.stride)
	case 4:
		half(b, &c.scale, dst, c.stride)
	case 2:
		quarter(b, &c.scale, dst, c.stride)
	}
}

// toByte rounds a sample around 0.
func toByte(v float32) byte { return byte(min(max(int32(v+128.5), 0), 255)) }

func fill(dst []byte, stride, size int, v byte) {
	for y := range size {
		row := dst[y*stride : y*stride+size]
		if size == 8 {
			binary.LittleEndian.PutUint64(row, uint64(v)*0x0101010101010101)
			continue
		}
		for x := range row {
			row[x] = v
		}
	}
}

// idctPlain is the twin of the kernel: 8 x 8 samples of a block.
func idctPlain(b *[64]int16, scale *[64]float32, dst []byte, stride int) {
	var m [64]float32
	for v := range 8 {
		var x [8]float32
		for u := range x {
			x[u] = float32(b[8*u+v]) * scale[8*u+v]
		}
		inverse(&x)
		for u := range x {
			m[8*v+u] = x[u] // transposed
		}
	}
	for u := range 8 {
		var x [8]float32
		for v := range x {
			x[v] = m[8*v+u]
		}
		inverse(&x)
		for y := range x {
			dst[y*stride+u] = toByte(x[y])
		}
	}
}

// inverse transforms 8 numbers that were multiplied by their factors.
func inverse(x *[8]float32) {
	a, b := x[0]+x[4], x[0]-x[4]
	c := x[2] + x[6]
	d := float32((x[2]-x[6])*sqrt2) - c
	e0, e3, e1, e2 := a+c, a-c, b+d, b-d

	z13, z10, z11, z12 := x[5]+x[3], x[5]-x[3], x[1]+x[7], x[1]-x[7]
	o7 := z11 + z13
	z5 := float32((z10 + z12) * twoC2)
	o6 := z5 - float32(z10*c2andC6) - o7
	o5 := float32((z11-z13)*sqrt2) - o6
	o4 := z5 - float32(z12*c2lessC6) - o5

	x[0], x[7] = e0+o7, e0-o7
	x[1], x[6] = e1+o6, e1-o6
	x[2], x[5] = e2+o5, e2-o5
	x[3], x[4] = e3+o4, e3-o4
}

// fold: of the 8 samples x(n) = sum s(k) X(k) cos((2n+1) k pi/16) the means of pairs are
// sum s(k) X(k) cos(k pi/16) cos((2n+1) k pi/8), since the sum of two cosines is one of the
// mean angle. For n of 0..3 the frequency 8-k is there the negative of k, and 4 is nothing:
// what is left is a transform of four of the differences, with the factors in the table.
// The same again halves four to two.

// halfPlain is the twin of the kernel: the means of 2 x 2 samples, 4 x 4.
func halfPlain(b *[64]int16, scale *[64]float32, dst []byte, stride int) {
	var m [4][8]float32
	for v := range 8 {
		p := func(u int) float32 { return float32(b[8*u+v]) * scale[8*u+v] }
		m[0][v], m[1][v], m[2][v], m[3][v] = four(p(0), p(1)-p(7), p(2)-p(6), p(3)-p(5))
	}
	for x := range m {
		r := &m[x]
		y0, y1, y2, y3 := four(r[0], r[1]-r[7], r[2]-r[6], r[3]-r[5])
		dst[x], dst[stride+x], dst[2*stride+x], dst[3*stride+x] = toByte(y0), toByte(y1), toByte(y2), toByte(y3)
	}
}

// four is the transform of four numbers, the third of them multiplied by cos(pi/4).
func four(z0, z1, z2, z3 float32) (y0, y1, y2, y3 float32) {
	const c1, c3 = 0.9238795325112867, 0.3826834323650898
	e0, e1 := z0+z2, z0-z2
	o0, o1 := float32(z1*c1)+float32(z3*c3), float32(z1*c3)-float32(z3*c1)
	return e0 + o0, e1 + o1, e1 - o1, e0 - o0
}

// quarter writes the means of 4 x 4 samples: 2 x 2.
func quarter(b *[64]int16, scale *[64]float32, dst []byte, stride int) {
	var m [2][8]float32
	for v := range 8 {
		if v == 2 || v == 4 || v == 6 {
			continue
		}
		p := func(u int) float32 { return float32(b[8*u+v]) * scale[8*u+v] }
		w := p(1) - p(7) - (p(3) - p(5))
		m[0][v], m[1][v] = p(0)+w, p(0)-w
	}
	for x := range m {
		r := &m[x]
		w := r[1] - r[7] - (r[3] - r[5])
		dst[x], dst[stride+x] = toByte(r[0]+w), toByte(r[0]-w)
	}
}
