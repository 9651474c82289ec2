package nn

import (
	"os"
	"slices"
)

var fast = able() && os.Getenv("BOWERBIRD_VEC") != "plain"

// UsePlain turns the plain path on, or back to what the processor can do, and
// returns a function that restores what was before. It is for tests, and not safe
// while other goroutines compute.
func UsePlain(on bool) (restore func()) {
	was := fast
	fast = able() && !on
	return func() { fast = was }
}

// View is a matrix inside a slice: element (i, j) is Data[i*Row+j*Col].
type View struct {
	Data     []float32
	Row, Col int
}

// Rows views a row-major matrix of that many columns.
func Rows(data []float32, columns int) View { return View{data, columns, 1} }

// T is the transposed matrix.
func (v View) T() View { return View{v.Data, v.Col, v.Row} }

// From is the view without its first rows and columns.
func (v View) From(row, col int) View { return View{v.Data[row*v.Row+col*v.Col:], v.Row, v.Col} }

// wide is how many columns a panel has: two registers.
const wide = 32

// Panels is the right side of a product, k × n, copied so that 32 columns lie
// together, short ones filled with zeros. Its zero value is ready for Pack, which
// reuses its memory.
type Panels struct {
	data []float32
	k, n int
}

// Pack copies a matrix of k rows and n columns.
func (p *Panels) Pack(b View, k, n int) {
	p.k, p.n = k, n
	size := (n + wide - 1) / wide * wide * k
	p.data = slices.Grow(p.data[:0], size)[:size]
	for j := 0; j < n; j += wide {
		w, to := min(wide, n-j), p.data[j*k:]
		if w < wide {
			clear(to[:k*wide])
		}
		if b.Col == 1 {
			for l := range k {
				copy(to[l*wide:l*wide+w], b.Data[l*b.Row+j:])
			}
			continue
		}
		for x := range w {
			from := b.Data[(j+x)*b.Col:]
			for l := range k {
				to[l*wide+x] = from[l*b.Row]
			}
		}
	}
}

// Mul sets the m × n matrix C, whose rows lie stride apart, to the product of A,
// m × k, and B, or adds the product to it. C must not overlap A. One core.
func Mul(c []float32, stride int, a View, b *Panels, m int, add bool) {
	b.mul(c, stride, a, m, b.n, add)
}

// MulColumns is Mul for the first n columns of B only, rounded up to 32 in cost.
func MulColumns(c []float32, stride int, a View, b *Panels, m, n int, add bool) {
	b.mul(c, stride, a, m, min(n, b.n), add)
}

func (p *Panels) mul(c []float32, stride int, a View, m, n int, add bool) {
	if m <= 0 || n <= 0 {
		return
	}
	// The last elements that are touched: a panic here rather than a stray read in the kernel.
	_ = c[(m-1)*stride+n-1]
	if p.k > 0 {
		_ = a.Data[(m-1)*a.Row+(p.k-1)*a.Col]
	}
	for j := 0; j < n; j += wide {
		w := min(wide, n-j)
		if !fast || p.k == 0 {
			p.plain(c[j:], stride, a, m, j, w, add)
			continue
		}
		p.tiles(c[j:], stride, a, m, j, w, add)
	}
}

func (p *Panels) tiles(c []float32, stride int, a View, m, j, w int, add bool) {
	b := &p.data[j*p.k]
	mask := uint32(1<<w - 1)
	row, col := a.Row*4, a.Col*4
	i := 0
	for ; i+12 <= m; i += 12 {
		tile12(p.k, &a.Data[i*a.Row], row, col, b, &c[i*stride], stride*4, mask, add)
	}
	for ; i+4 <= m; i += 4 {
		tile4(p.k, &a.Data[i*a.Row], row, col, b, &c[i*stride], stride*4, mask, add)
	}
	for ; i < m; i++ {
		tile1(p.k, &a.Data[i*a.Row], row, col, b, &c[i*stride], stride*4, mask, add)
	}
}

// plain is the twin of tiles.
func (p *Panels) plain(c []float32, stride int, a View, m, j, w int, add bool) {
	for i := range m {
		row := c[i*stride : i*stride+w]
		if !add {
			clear(row)
		}
		for l := range p.k {
			v := a.Data[i*a.Row+l*a.Col]
			for x, y := range p.data[j*p.k+l*wide : j*p.k+l*wide+w] {
				row[x] += v * y
			}
		}
	}
}
