package embed

import (
	"context"
	"fmt"
	"math"
	"slices"

	"bowerbird/graph"
	"bowerbird/internal/svd"
)

// csr is a sparse matrix by rows, that of package svd.
type csr svd.Sparse

func (m *csr) rows() int { return len(m.Off) - 1 }

func (m *csr) row(i int) ([]uint32, []float32) { return (*svd.Sparse)(m).Row(i) }

// transposed returns the matrix with rows and columns exchanged.
func (m *csr) transposed() *csr { return (*csr)((*svd.Sparse)(m).Transposed()) }

// times sets y, rows × dim, to M·x, x being cols × dim.
func (m *csr) times(ctx context.Context, threads int, y, x []float32, dim int) error {
	return (*svd.Sparse)(m).Times(ctx, threads, y, x, dim)
}

func (m *csr) degree(i int) int { return m.Off[i+1] - m.Off[i] }

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
	m := &csr{Cols: cols, Off: make([]int, n+1)}
	for i := range n {
		row := len(m.To)
		s.Each(graph.Left, uint32(i), func(e graph.Edge) {
			if l.Kinds == 0 || l.Kinds>>e.Kind&1 != 0 {
				m.To = append(m.To, e.Right)
			}
		})
		slices.Sort(m.To[row:])
		at := row
		for k := row; k < len(m.To); k++ {
			if k > row && m.To[k] == m.To[k-1] {
				m.W[at-1]++
				continue
			}
			m.To[at] = m.To[k]
			m.W = append(m.W, 1)
			at++
		}
		m.To = m.To[:at]
		m.Off[i+1] = at
	}
	if len(m.To) == 0 {
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
	out := &csr{Cols: m.Cols, Off: make([]int, len(m.Off))}
	for i := range m.rows() {
		a, aw := m.row(i)
		b, bw := t.row(i)
		for len(a)+len(b) > 0 {
			switch {
			case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
				out.To, out.W = append(out.To, a[0]), append(out.W, aw[0])
				a, aw = a[1:], aw[1:]
			case len(a) == 0 || b[0] < a[0]:
				out.To, out.W = append(out.To, b[0]), append(out.W, bw[0])
				b, bw = b[1:], bw[1:]
			default:
				out.To, out.W = append(out.To, a[0]), append(out.W, max(aw[0], bw[0]))
				a, aw, b, bw = a[1:], aw[1:], b[1:], bw[1:]
			}
		}
		out.Off[i+1] = len(out.To)
	}
	return out
}

// joined returns the square matrix over all nodes, left ones first, that has every edge in both directions.
func (m *csr) joined() *csr {
	t, n := m.transposed(), m.rows()
	out := &csr{Cols: n + m.Cols, Off: make([]int, n+m.Cols+1), To: make([]uint32, 0, 2*len(m.To)), W: make([]float32, 0, 2*len(m.To))}
	for i := range n {
		to, w := m.row(i)
		for _, j := range to {
			out.To = append(out.To, uint32(n)+j)
		}
		out.W = append(out.W, w...)
		out.Off[i+1] = len(out.To)
	}
	out.To, out.W = append(out.To, t.To...), append(out.W, t.W...)
	for j := range m.Cols {
		out.Off[n+j+1] = t.Off[j+1] + len(m.To)
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
	rows, cols = make([]float64, m.rows()), make([]float64, m.Cols)
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
	out := &csr{Cols: m.Cols, Off: m.Off, To: m.To, W: make([]float32, len(m.W))}
	for i := range rows {
		for k := m.Off[i]; k < m.Off[i+1]; k++ {
			out.W[k] = float32(float64(m.W[k]) * rows[i] * cols[m.To[k]])
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
