package embed

import (
	"context"
	"fmt"
	"math"
	"slices"

	"bowerbird/graph"
	"bowerbird/internal/vec"
)

// csr is a sparse matrix by rows: columns ascending within a row, none twice.
type csr struct {
	cols int
	off  []int
	to   []uint32
	w    []float32
}

func (m *csr) rows() int { return len(m.off) - 1 }

func (m *csr) row(i int) ([]uint32, []float32) {
	return m.to[m.off[i]:m.off[i+1]], m.w[m.off[i]:m.off[i+1]]
}

func (m *csr) degree(i int) int { return m.off[i+1] - m.off[i] }

// bytes is the memory of a matrix of n rows and e entries.
func csrBytes(n, e int) int64 { return 8*int64(n+1) + 8*int64(e) }

// compact makes the rows of left nodes out of a snapshot. Edges of several kinds between two nodes count together.
func compact(s *graph.Snapshot, l Limits) (*csr, error) {
	if s == nil || s.Edges() == 0 {
		return nil, ErrEmpty
	}
	n, cols := s.Nodes(graph.Left), s.Nodes(graph.Right)
	if l.OneMode {
		n = max(n, cols)
		cols = n
	}
	m := &csr{cols: cols, off: make([]int, n+1)}
	for i := range n {
		row := len(m.to)
		s.Each(graph.Left, uint32(i), func(e graph.Edge) {
			if l.Kinds == 0 || l.Kinds>>e.Kind&1 != 0 {
				m.to = append(m.to, e.Right)
			}
		})
		slices.Sort(m.to[row:])
		at := row
		for k := row; k < len(m.to); k++ {
			if k > row && m.to[k] == m.to[k-1] {
				m.w[at-1]++
				continue
			}
			m.to[at] = m.to[k]
			m.w = append(m.w, 1)
			at++
		}
		m.to = m.to[:at]
		m.off[i+1] = at
	}
	if len(m.to) == 0 {
		return nil, fmt.Errorf("%w of Limits.Kinds %#x", ErrEmpty, l.Kinds)
	}
	if l.OneMode {
		m = m.symmetric()
	}
	return m, nil
}

// symmetric returns the matrix with every entry also at its mirror place; where both were there, the larger stays.
func (m *csr) symmetric() *csr {
	t := m.transposed()
	out := &csr{cols: m.cols, off: make([]int, len(m.off))}
	for i := range m.rows() {
		a, aw := m.row(i)
		b, bw := t.row(i)
		for len(a)+len(b) > 0 {
			switch {
			case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
				out.to, out.w = append(out.to, a[0]), append(out.w, aw[0])
				a, aw = a[1:], aw[1:]
			case len(a) == 0 || b[0] < a[0]:
				out.to, out.w = append(out.to, b[0]), append(out.w, bw[0])
				b, bw = b[1:], bw[1:]
			default:
				out.to, out.w = append(out.to, a[0]), append(out.w, max(aw[0], bw[0]))
				a, aw, b, bw = a[1:], aw[1:], b[1:], bw[1:]
			}
		}
		out.off[i+1] = len(out.to)
	}
	return out
}

// transposed returns the matrix with rows and columns exchanged.
func (m *csr) transposed() *csr {
	t := &csr{cols: m.rows(), off: make([]int, m.cols+1), to: make([]uint32, len(m.to)), w: make([]float32, len(m.w))}
	for _, j := range m.to {
		t.off[j+1]++
	}
	for j := range m.cols {
		t.off[j+1] += t.off[j]
	}
	at := slices.Clone(t.off)
	for i := range m.rows() {
		to, w := m.row(i)
		for k, j := range to {
			t.to[at[j]], t.w[at[j]] = uint32(i), w[k]
			at[j]++
		}
	}
	return t
}

// joined returns the square matrix over all nodes, left ones first, that has every edge in both directions.
func (m *csr) joined() *csr {
	t, n := m.transposed(), m.rows()
	out := &csr{cols: n + m.cols, off: make([]int, n+m.cols+1), to: make([]uint32, 0, 2*len(m.to)), w: make([]float32, 0, 2*len(m.to))}
	for i := range n {
		to, w := m.row(i)
		for _, j := range to {
			out.to = append(out.to, uint32(n)+j)
		}
		out.w = append(out.w, w...)
		out.off[i+1] = len(out.to)
	}
	out.to, out.w = append(out.to, t.to...), append(out.w, t.w...)
	for j := range m.cols {
		out.off[n+j+1] = t.off[j+1] + len(m.to)
	}
	return out
}

// square returns the matrix over all nodes: joined, or the matrix itself where both sides are one.
func (m *csr) square(l Limits) *csr {
	if l.OneMode {
		return m
	}
	return m.joined()
}

// sums returns the sum of each row and of each column.
func (m *csr) sums() (rows, cols []float64) {
	rows, cols = make([]float64, m.rows()), make([]float64, m.cols)
	for i := range rows {
		to, w := m.row(i)
		for k, j := range to {
			rows[i] += float64(w[k])
			cols[j] += float64(w[k])
		}
	}
	return rows, cols
}

// normalised returns D_r^-a · M · D_c^-b with D the sums of rows and columns.
func (m *csr) normalised(a, b float64) *csr {
	rows, cols := m.sums()
	powers(rows, -a)
	powers(cols, -b)
	out := &csr{cols: m.cols, off: m.off, to: m.to, w: make([]float32, len(m.w))}
	for i := range rows {
		for k := m.off[i]; k < m.off[i+1]; k++ {
			out.w[k] = float32(float64(m.w[k]) * rows[i] * cols[m.to[k]])
		}
	}
	return out
}

// powers raises each positive number to p; 0 stays 0.
func powers(x []float64, p float64) {
	for i, v := range x {
		if v > 0 {
			x[i] = math.Pow(v, p)
		}
	}
}

// times sets y, rows × dim, to M·x, x being cols × dim.
func (m *csr) times(ctx context.Context, threads int, y, x []float32, dim int) error {
	return blocks(ctx, threads, m.rows(), 512, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			out := y[i*dim : (i+1)*dim]
			clear(out)
			to, w := m.row(i)
			for k, j := range to {
				vec.Axpy(w[k], x[int(j)*dim:(int(j)+1)*dim], out)
			}
		}
	})
}
