package vec

import "sync"

// Matrices are row-major. The fast path is the scheme of Goto and van de Geijn,
// "Anatomy of High-Performance Matrix Multiplication", 2008: panels of A and B
// are copied so that a tile of C is added to from memory that lies together.
// Every element of C is summed in the order of k, with one rounding for each
// step, whatever the tile: the AVX2 and the AVX-512 tile give the same bits.
const (
	panelK = 256
	panelN = 512
	panelM = 120
)

// tiling is a tile's shape and its kernel.
type tiling struct {
	m, n int
	add  func(k int, a, b, c *float32, stride int)
}

var (
	tiling256 = &tiling{6, 16, func(k int, a, b, c *float32, stride int) { tileAVX2(k, a, b, c, stride) }}
	tiling512 = &tiling{12, 32, func(k int, a, b, c *float32, stride int) { tileAVX512(k, a, b, c, stride) }}
)

// tilingFor picks the tile that wastes less on a product of this shape.
func tilingFor(m, n int) *tiling {
	if wide && m > 6 && n > 16 {
		return tiling512
	}
	return tiling256
}

type panels struct {
	*tiling
	a [panelM * panelK]float32
	b [panelK * panelN]float32
	c [12 * 32]float32
}

var panelPool = sync.Pool{New: func() any { return new(panels) }}

// View is a matrix within a slice: element (i, j) is Data[i·Row + j·Col]. A
// row-major matrix of n columns has Row n and Col 1, its transpose Row 1, Col n.
type View struct {
	Data     []float32
	Row, Col int
}

// MatMul adds to C, m × n, the product of A, m × k, and B, k × n. It uses one
// core and 0.7 MiB of pooled memory. C must not overlap A or B.
func MatMul(c, a, b []float32, m, k, n int) {
	same(len(c), m*n)
	same(len(a), m*k)
	same(len(b), k*n)
	AddProduct(c, n, 1, View{a, k, 1}, View{b, n, 1}, m, k, n)
}

// AddProduct adds to C, m rows of n that lie stride floats apart, alpha times the
// product of two views, m × k and k × n. C must not overlap A or B. Results for an
// element of C do not depend on what else is computed with it: work may be shared
// out by rows or columns of C.
func AddProduct(c []float32, stride int, alpha float32, a, b View, m, k, n int) {
	if m == 0 || n == 0 || k == 0 {
		return
	}
	if !fast {
		productPlain(c, stride, alpha, a, b, m, k, n)
		return
	}
	multiply(c, stride, alpha, a, b, m, k, n, false)
}

// Gram adds to C, dim × dim and symmetric, the product XᵀX of X, rows × dim. It
// does half of the work of MatMul. C must not overlap X.
func Gram(c, x []float32, rows, dim int) {
	same(len(c), dim*dim)
	same(len(x), rows*dim)
	if !fast {
		gramPlain(c, x, rows, dim)
		return
	}
	multiply(c, dim, 1, View{x, 1, dim}, View{x, dim, 1}, dim, rows, dim, true)
	mirror(c, dim)
}

// mirror copies the upper triangle to the lower.
func mirror(c []float32, n int) {
	for i := range n {
		for j := range i {
			c[i*n+j] = c[j*n+i]
		}
	}
}

// multiply adds alpha·A·B to C; if upper, tiles wholly below the diagonal are left.
func multiply(c []float32, stride int, alpha float32, a, b View, m, k, n int, upper bool) {
	p := panelPool.Get().(*panels)
	defer panelPool.Put(p)
	p.tiling = tilingFor(m, n)
	for j := 0; j < n; j += panelN {
		nj := min(panelN, n-j)
		for l := 0; l < k; l += panelK {
			kl := min(panelK, k-l)
			p.packB(b, l, kl, j, nj)
			for i := 0; i < m; i += panelM {
				if upper && i > j+nj {
					break
				}
				mi := min(panelM, m-i)
				p.packA(a, alpha, i, mi, l, kl)
				p.tiles(c, stride, i, mi, j, nj, kl, upper)
			}
		}
	}
}

// packA copies rows i.. and columns l.. of A, times alpha, as columns of the tile's
// height, short ones filled with zeros.
func (p *panels) packA(a View, alpha float32, i, mi, l, kl int) {
	pack(p.a[:], a.Data[i*a.Row+l*a.Col:], p.m, mi, kl, a.Row, a.Col)
	if alpha != 1 {
		Scale(alpha, p.a[:(mi+p.m-1)/p.m*p.m*kl])
	}
}

// packB copies rows l.. and columns j.. of B as rows of the tile's width, short ones
// filled with zeros.
func (p *panels) packB(b View, l, kl, j, nj int) {
	pack(p.b[:], b.Data[l*b.Row+j*b.Col:], p.n, nj, kl, b.Col, b.Row)
}

// pack copies strips of width lanes: lane x, place r of a strip comes from
// src[x·across + r·along] and goes to dst[r·width + x].
func pack(dst, src []float32, width, lanes, kl, across, along int) {
	for x := 0; x < lanes; x += width {
		w := min(width, lanes-x)
		if w < width {
			clear(dst[:width*kl])
		}
		from := src[x*across:]
		if across == 1 {
			for r := range kl {
				copy(dst[r*width:r*width+w], from[r*along:r*along+w])
			}
		} else {
			packAcross(dst, from, width, w, kl, across, along)
		}
		dst = dst[width*kl:]
	}
}

// packAcross copies one strip whose lanes lie apart, some places at a time, so that
// what is written stays in the first cache until all lanes are there.
func packAcross(dst, src []float32, width, w, kl, across, along int) {
	const step = 16
	for r := 0; r < kl; r += step {
		n := min(step, kl-r)
		for y := range w {
			from, to := y*across+r*along, r*width+y
			if along == 1 {
				for _, v := range src[from : from+n] {
					dst[to] = v
					to += width
				}
				continue
			}
			for range n {
				dst[to] = src[from]
				to += width
				from += along
			}
		}
	}
}

func (p *panels) tiles(c []float32, stride, i, mi, j, nj, kl int, upper bool) {
	for s := 0; s < nj; s += p.n {
		for r := 0; r < mi; r += p.m {
			if upper && i+r >= j+s+p.n {
				break
			}
			a, b := &p.a[r*kl], &p.b[s*kl]
			if mi-r >= p.m && nj-s >= p.n {
				p.add(kl, a, b, &c[(i+r)*stride+j+s], stride)
				continue
			}
			clear(p.c[:])
			p.add(kl, a, b, &p.c[0], p.n)
			for y := range min(p.m, mi-r) {
				row := c[(i+r+y)*stride+j+s:]
				for x := range min(p.n, nj-s) {
					row[x] += p.c[y*p.n+x]
				}
			}
		}
	}
}

func matMulPlain(c, a, b []float32, m, k, n int) {
	productPlain(c, n, 1, View{a, k, 1}, View{b, n, 1}, m, k, n)
}

func productPlain(c []float32, stride int, alpha float32, a, b View, m, k, n int) {
	for i := range m {
		row := c[i*stride : i*stride+n]
		for l := range k {
			v := alpha * a.Data[i*a.Row+l*a.Col]
			if b.Col == 1 {
				axpyPlain(v, b.Data[l*b.Row:l*b.Row+n], row)
				continue
			}
			for j := range row {
				row[j] += v * b.Data[l*b.Row+j*b.Col]
			}
		}
	}
}

func gramPlain(c, x []float32, rows, dim int) {
	for r := range rows {
		row := x[r*dim : (r+1)*dim]
		for i, v := range row {
			axpyPlain(v, row[i:], c[i*dim+i:(i+1)*dim])
		}
	}
	mirror(c, dim)
}
