package vec

import "sync"

// Matrices are row-major. The fast path is the scheme of Goto and van de Geijn,
// "Anatomy of High-Performance Matrix Multiplication", 2008: panels of A and B
// are copied so that a tile of C is added to from memory that lies together.
const (
	tileM, tileN = 6, 16
	panelK       = 256 // a panel of B is 256 × 256 floats, half of a usual L2
	panelN       = 256
	panelM       = 96
)

type panels struct {
	a [panelM * panelK]float32
	b [panelK * panelN]float32
	c [tileM * tileN]float32
}

var panelPool = sync.Pool{New: func() any { return new(panels) }}

// matrix is a view of rows × cols elements, step apart along each.
type matrix struct {
	data         []float32
	rowStep, col int
}

// MatMul adds to C, m × n, the product of A, m × k, and B, k × n. It uses one
// core and 0.4 MiB of pooled memory. C must not overlap A or B.
func MatMul(c, a, b []float32, m, k, n int) {
	same(len(c), m*n)
	same(len(a), m*k)
	same(len(b), k*n)
	if !fast {
		matMulPlain(c, a, b, m, k, n)
		return
	}
	multiply(c, matrix{a, k, 1}, b, m, k, n, false)
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
	multiply(c, matrix{x, 1, dim}, x, dim, rows, dim, true)
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

// multiply adds A·B to C; if upper, tiles wholly below the diagonal are left.
func multiply(c []float32, a matrix, b []float32, m, k, n int, upper bool) {
	p := panelPool.Get().(*panels)
	defer panelPool.Put(p)
	for j := 0; j < n; j += panelN {
		nj := min(panelN, n-j)
		for l := 0; l < k; l += panelK {
			kl := min(panelK, k-l)
			p.packB(b, n, l, kl, j, nj)
			for i := 0; i < m; i += panelM {
				if upper && i > j+nj {
					break
				}
				mi := min(panelM, m-i)
				p.packA(a, i, mi, l, kl)
				p.tiles(c, n, i, mi, j, nj, kl, upper)
			}
		}
	}
}

// packA copies rows i.. and columns l.. of A as columns of 6, short ones filled
// with zeros.
func (p *panels) packA(a matrix, i, mi, l, kl int) {
	to := 0
	for ; mi > 0; i, mi = i+tileM, mi-tileM {
		for c := range kl {
			for r := range tileM {
				v := float32(0)
				if r < mi {
					v = a.data[(i+r)*a.rowStep+(l+c)*a.col]
				}
				p.a[to] = v
				to++
			}
		}
	}
}

// packB copies rows l.. and columns j.. of B as rows of 16, short ones filled
// with zeros.
func (p *panels) packB(b []float32, n, l, kl, j, nj int) {
	to := 0
	for ; nj > 0; j, nj = j+tileN, nj-tileN {
		w := min(tileN, nj)
		for r := range kl {
			copy(p.b[to:to+w], b[(l+r)*n+j:])
			clear(p.b[to+w : to+tileN])
			to += tileN
		}
	}
}

func (p *panels) tiles(c []float32, n, i, mi, j, nj, kl int, upper bool) {
	for s := 0; s < nj; s += tileN {
		for r := 0; r < mi; r += tileM {
			if upper && i+r >= j+s+tileN {
				break
			}
			a, b := &p.a[r*kl], &p.b[s*kl]
			if mi-r >= tileM && nj-s >= tileN {
				tileAVX2(kl, a, b, &c[(i+r)*n+j+s], n)
				continue
			}
			clear(p.c[:])
			tileAVX2(kl, a, b, &p.c[0], tileN)
			for y := range min(tileM, mi-r) {
				row := c[(i+r+y)*n+j+s:]
				for x := range min(tileN, nj-s) {
					row[x] += p.c[y*tileN+x]
				}
			}
		}
	}
}

func matMulPlain(c, a, b []float32, m, k, n int) {
	for i := range m {
		for l := range k {
			axpyPlain(a[i*k+l], b[l*n:(l+1)*n], c[i*n:(i+1)*n])
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
