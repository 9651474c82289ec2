package area

import (
	"math"
	"slices"
)

const (
	rowBits = 11 // weights of a column of rows sum to 1<<rowBits
	colBits = 12 // of a row of columns; 8 + 11 + 12 bits fit in 32
)

// taps are the input positions first[i] ... that make output i, with weights
// that sum to a power of two.
type taps struct {
	first  []int32
	at     []int32 // weights of output i are w[at[i]:at[i+1]]
	w      []uint32
	copies bool // output i is input i
	each   int  // taps of every output, or 0 where they differ
}

// newTaps maps the window [from, to) of an axis of n inputs onto m outputs.
func newTaps(n, m int, from, to float64, bits uint) taps {
	t := taps{first: make([]int32, m), at: make([]int32, m+1), w: make([]uint32, 0, m*2+int(to-from)+2)}
	t.copies = from == 0 && to == float64(n) && n == m
	step := (to - from) / float64(m)
	var f []float64
	for i := range m {
		lo := from + float64(i)*step
		var first int
		if step >= 1 {
			first, f = cover(n, lo, lo+step, f[:0])
		} else {
			first, f = between(n, lo+step/2-0.5, f[:0])
		}
		t.first[i] = int32(first)
		t.w = appendWeights(t.w, f, bits)
		t.at[i+1] = int32(len(t.w))
	}
	return t
}

// cover gives every input its length inside [lo, hi).
func cover(n int, lo, hi float64, f []float64) (int, []float64) {
	first := min(max(int(lo), 0), n-1)
	for j := first; j < n && (float64(j) < hi-1e-9 || j == first); j++ {
		f = append(f, max(math.Min(hi, float64(j+1))-math.Max(lo, float64(j)), 1e-9))
	}
	return first, f
}

// between mixes the two inputs around the point c.
func between(n int, c float64, f []float64) (int, []float64) {
	c = min(max(c, 0), float64(n-1))
	first := int(c)
	if first == n-1 {
		return first, append(f, 1)
	}
	return first, append(f, 1-(c-float64(first)), c-float64(first))
}

// appendWeights rounds f to integers that sum to exactly 1<<bits, so that a
// flat picture stays flat.
func appendWeights(w []uint32, f []float64, bits uint) []uint32 {
	sum := 0.0
	for _, v := range f {
		sum += v
	}
	one := float64(int(1) << bits)
	done, given := 0.0, uint32(0)
	for _, v := range f {
		done += v
		upTo := uint32(math.Round(done / sum * one))
		w = append(w, upTo-given)
		given = upTo
	}
	return w
}

// Rows gives row y of an image as w*channels bytes. It is asked for rows in
// order, sometimes again for one of the last two.
type Rows func(y int) []byte

// Window is a part of an image of w x h, in its pixels.
type Window struct{ X0, Y0, X1, Y1 float64 }

// Whole is all of it.
func Whole(w, h int) Window { return Window{0, 0, float64(w), float64(h)} }

// Interleaved maps the window of a w x h image of three interleaved channels
// onto dw x dh. Cost: about 2 ns an input byte.
func Interleaved(src Rows, w, h int, win Window, dw, dh int) []byte {
	out := make([]byte, dw*dh*3)
	ty, tx := newTaps(h, dh, win.Y0, win.Y1, rowBits), newTaps(w, dw, win.X0, win.X1, colBits)
	acc := make([]uint32, w*3)
	for y := range dh {
		dst := out[y*dw*3 : (y+1)*dw*3]
		if ty.copies && tx.copies {
			copy(dst, src(y))
			continue
		}
		sumRows(acc, src, int(ty.first[y]), ty.w[ty.at[y]:ty.at[y+1]])
		sumCols3(dst, acc, &tx)
	}
	return out
}

// A Map takes planes of one size to another; a picture's two planes of colour share one.
// It is for one goroutine.
type Map struct {
	tx, ty taps
	lo, hi int      // columns of the input that count
	acc    []uint32 // a row of them, weighed, and what a kernel may read beyond
	cols   columns
	dw, dh int
}

// NewMap maps the window of planes of w x h onto dw x dh.
func NewMap(w, h int, win Window, dw, dh int) *Map {
	m := &Map{tx: newTaps(w, dw, win.X0, win.X1, colBits), ty: newTaps(h, dh, win.Y0, win.Y1, rowBits), dw: dw, dh: dh}
	last := len(m.tx.first) - 1
	m.lo, m.hi = int(m.tx.first[0]), int(m.tx.first[last]+m.tx.at[last+1]-m.tx.at[last])
	for i := range m.tx.first {
		m.tx.first[i] -= int32(m.lo)
	}
	m.acc = make([]uint32, m.hi-m.lo, m.hi-m.lo+slack)
	if vectors {
		m.cols = m.tx.columns()
	}
	if m.cols.base == nil {
		m.tx = m.tx.even(m.hi - m.lo)
	}
	return m
}

// Apply fills dst, of which rows lie dstStride apart, from src. Cost: about 0.3 ns an
// input byte with AVX-512, 2 ns without.
func (m *Map) Apply(dst []byte, dstStride int, src []byte, stride int) {
	row := func(y int) []byte { return src[y*stride+m.lo : y*stride+m.hi] }
	for y := range m.dh {
		out := dst[y*dstStride : y*dstStride+m.dw]
		if m.ty.copies && m.tx.copies {
			copy(out, row(y))
			continue
		}
		first, w := int(m.ty.first[y]), m.ty.w[m.ty.at[y]:m.ty.at[y+1]]
		if m.cols.base == nil {
			sumRows(m.acc, row, first, w)
			sumCols1(out, m.acc, &m.tx)
			continue
		}
		for i := 0; i < len(w); i += 2 {
			a, b, k := row(first+i), row(first+i), w[i]
			if i+1 < len(w) {
				b, k = row(first+i+1), k|w[i+1]<<16
			}
			addRows(&m.acc[0], &a[0], &b[0], k, len(a), i > 0)
		}
		m.cols.sum(out, m.acc)
	}
}

func sumRows(acc []uint32, src Rows, first int, w []uint32) {
	if len(w) >= 2 {
		r0, r1 := src(first)[:len(acc)], src(first + 1)[:len(acc)]
		k0, k1 := w[0], w[1]
		for i := range acc {
			acc[i] = uint32(r0[i])*k0 + uint32(r1[i])*k1
		}
	} else {
		row, k := src(first)[:len(acc)], w[0]
		for i, v := range row {
			acc[i] = uint32(v) * k
		}
	}
	for j := 2; j < len(w); j++ {
		row, k := src(first + j)[:len(acc)], w[j]
		for i, v := range row {
			acc[i] += uint32(v) * k
		}
	}
}

const half = 1 << (rowBits + colBits - 1)

// sumCols1 is the inner loop of a reduction. Few taps, the usual case, have loops
// of their own, which take half the time of the general one.
func sumCols1(dst []byte, acc []uint32, t *taps) {
	switch t.each {
	case 2:
		for x, f := range t.first[:len(dst)] {
			a, w := acc[f:f+2:f+2], t.w[2*x:2*x+2:2*x+2]
			dst[x] = byte((half + a[0]*w[0] + a[1]*w[1]) >> (rowBits + colBits))
		}
	case 3:
		for x, f := range t.first[:len(dst)] {
			a, w := acc[f:f+3:f+3], t.w[3*x:3*x+3:3*x+3]
			dst[x] = byte((half + a[0]*w[0] + a[1]*w[1] + a[2]*w[2]) >> (rowBits + colBits))
		}
	case 4:
		for x, f := range t.first[:len(dst)] {
			a, w := acc[f:f+4:f+4], t.w[4*x:4*x+4:4*x+4]
			dst[x] = byte((half + a[0]*w[0] + a[1]*w[1] + a[2]*w[2] + a[3]*w[3]) >> (rowBits + colBits))
		}
	default:
		for x := range dst {
			w := t.w[t.at[x]:t.at[x+1]]
			a := acc[t.first[x]:]
			a = a[:len(w)]
			s := uint32(half)
			for i, k := range w {
				s += a[i] * k
			}
			dst[x] = byte(s >> (rowBits + colBits))
		}
	}
}

// even gives all outputs the same number of taps, up to 4, with zero weights.
func (t taps) even(n int) taps {
	most := 2
	for i := range t.first {
		most = max(most, int(t.at[i+1]-t.at[i]))
	}
	if most > 4 || most > n {
		return t
	}
	e := taps{first: slices.Clone(t.first), at: make([]int32, len(t.at)), w: make([]uint32, most*len(t.first)), copies: t.copies, each: most}
	for i, f := range t.first {
		e.first[i] = min(f, int32(n-most)) // at the far end the window moves back
		copy(e.w[i*most+int(f-e.first[i]):], t.w[t.at[i]:t.at[i+1]])
		e.at[i+1] = int32((i + 1) * most)
	}
	return e
}

func sumCols3(dst []byte, acc []uint32, t *taps) {
	for x := range len(dst) / 3 {
		w := t.w[t.at[x]:t.at[x+1]]
		a := acc[3*int(t.first[x]):]
		a = a[:3*len(w)]
		r, g, b := uint32(half), uint32(half), uint32(half)
		for i, k := range w {
			r += a[3*i] * k
			g += a[3*i+1] * k
			b += a[3*i+2] * k
		}
		dst[3*x], dst[3*x+1], dst[3*x+2] = byte(r>>(rowBits+colBits)), byte(g>>(rowBits+colBits)), byte(b>>(rowBits+colBits))
	}
}
