package jpeg

// fdctPlain is the twin of the kernel: it transforms 8 rows of 8 samples, stride apart,
// multiplies by scale, which is kept column by column (see idct.go), rounds to the nearest
// integer and writes the coefficients in zigzag order. A bit of the result is set for each
// that is not zero.
func fdctPlain(src []byte, stride int, scale *[64]float32, out *[64]int16) (mask uint64) {
	var m [64]float32
	for u := range 8 {
		var x [8]float32
		for v := range x {
			x[v] = float32(src[v*stride+u])
		}
		forward(&x)
		x[0] -= 8 * 128 // the samples' middle
		for v := range x {
			m[8*v+u] = x[v]
		}
	}
	var q [64]int16
	for v := range 8 {
		x := [8]float32(m[8*v : 8*v+8])
		forward(&x)
		for u := range x {
			q[8*u+v] = toEven(float32(x[u] * scale[8*u+v]))
		}
	}
	for k, z := range zigzag {
		out[k] = q[z&63]
		if out[k] != 0 {
			mask |= 1 << k
		}
	}
	return mask
}

// toEven rounds to the nearest integer, a half to the even one: adding 1.5 * 2^23 pushes
// the fraction out of a float32.
func toEven(v float32) int16 {
	const shift = 3 << 22
	return int16(float32(v+shift) - shift)
}

// forward transforms 8 numbers, which come out multiplied by their factors.
func forward(x *[8]float32) {
	t0, t7, t1, t6 := x[0]+x[7], x[0]-x[7], x[1]+x[6], x[1]-x[6]
	t2, t5, t3, t4 := x[2]+x[5], x[2]-x[5], x[3]+x[4], x[3]-x[4]
	a0, a3, a1, a2 := t0+t3, t0-t3, t1+t2, t1-t2
	x[0], x[4] = a0+a1, a0-a1
	z1 := float32((a2 + a3) * sqrtHalf)
	x[2], x[6] = a3+z1, a3-z1

	b0, b1, b2 := t4+t5, t5+t6, t6+t7
	z5 := float32((b0 - b2) * c6)
	z2, z4, z3 := float32(b0*c2lessC6half)+z5, float32(b2*c2andC6half)+z5, float32(b1*sqrtHalf)
	z11, z13 := t7+z3, t7-z3
	x[5], x[3] = z13+z2, z13-z2
	x[1], x[7] = z11+z4, z11-z4
}

const (
	sqrtHalf     = 0.7071067811865476
	c6           = 0.3826834323650898 // cos(3 pi/8)
	c2lessC6half = 0.541196100146197  // cos(pi/8) - cos(3 pi/8)
	c2andC6half  = 1.3065629648763766 // cos(pi/8) + cos(3 pi/8)
)
