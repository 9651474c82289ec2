package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"bowerbird/graph"
	"bowerbird/graph/embed"
)

// openPlain opens a file, or the same name with .gz.
func openPlain(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return f, err
	}
	g, gerr := os.Open(path + ".gz")
	if gerr != nil {
		return nil, err
	}
	z, err := gzip.NewReader(g)
	if err != nil {
		g.Close()
		return nil, fmt.Errorf("%s.gz: %w", path, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{z, g}, nil
}

// maxID bounds numbers in files, so that a wrong one is an error and not an allocation.
const maxID = 1 << 24

// readLists reads lines of "user item item ...", as the LightGCN and NGCF repositories have them.
func readLists(path string) ([][]uint32, error) {
	f, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out [][]uint32
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<26)
	for line := 1; sc.Scan(); line++ {
		for k, word := range strings.Fields(sc.Text()) {
			n, err := strconv.ParseUint(word, 10, 32)
			if err != nil || n >= maxID {
				return nil, fmt.Errorf("%s, line %d: %q is no number below %d", path, line, word, maxID)
			}
			if k > 0 {
				out[len(out)-1] = append(out[len(out)-1], uint32(n))
				continue
			}
			if int(n) < len(out)-1 {
				return nil, fmt.Errorf("%s, line %d: user %d comes after %d", path, line, n, len(out)-1)
			}
			for len(out) <= int(n) {
				out = append(out, nil)
			}
		}
	}
	return out, sc.Err()
}

// planetoid is a citation graph with its standard split.
type planetoid struct {
	graph              *graph.Snapshot
	x                  embed.Features
	class              []int
	classes            int
	train, valid, test []int
}

// readPlanetoid reads a data set of the Planetoid repository: Python 2 pickles of scipy matrices. Its split: the rows of x
// for training, the 500 after them for validation, test.index for the test.
func readPlanetoid(prefix string) (*planetoid, error) {
	p := &planetoid{}
	var csr [2]*sparseRows
	var labels [2]*array
	for i, part := range []string{"all", "t"} {
		x, err := readPickle(prefix + part + "x")
		if err == nil {
			csr[i], err = x.sparse()
		}
		if err != nil {
			return nil, fmt.Errorf("%s%sx: %w", prefix, part, err)
		}
		y, err := readPickle(prefix + part + "y")
		if err == nil {
			labels[i], err = y.array()
		}
		if err == nil && (len(labels[i].shape) != 2 || labels[i].shape[0] != csr[i].rows) {
			err = fmt.Errorf("its shape %v does not fit %d rows", labels[i].shape, csr[i].rows)
		}
		if err != nil {
			return nil, fmt.Errorf("%s%sy: %w", prefix, part, err)
		}
	}
	order, err := readOrder(prefix+"test.index", csr[0].rows, csr[1].rows)
	if err != nil {
		return nil, err
	}
	n := csr[0].rows + csr[1].rows
	p.x = embed.Features{Dim: csr[0].cols, Rows: make([]float32, n*csr[0].cols)}
	p.class, p.classes = make([]int, n), labels[0].shape[1]
	for part, c := range csr {
		if c.cols != p.x.Dim || labels[part].shape[1] != p.classes {
			return nil, fmt.Errorf("%s: the parts have %d and %d features", prefix, p.x.Dim, c.cols)
		}
		for r := range c.rows {
			node := r
			if part == 1 {
				node = order[r]
			}
			for k := c.first[r]; k < c.first[r+1]; k++ {
				p.x.Rows[node*p.x.Dim+c.to[k]] = float32(c.value[k])
			}
			for k := range p.classes {
				if labels[part].value[r*p.classes+k] != 0 {
					p.class[node] = k
				}
			}
		}
	}
	return p, p.finish(prefix, order, n)
}

func (p *planetoid) finish(prefix string, order []int, n int) error {
	x, err := readPickle(prefix + "x")
	if err != nil {
		return fmt.Errorf("%sx: %w", prefix, err)
	}
	few, err := x.sparse()
	if err != nil {
		return fmt.Errorf("%sx: %w", prefix, err)
	}
	if few.rows+500 > n-len(order) {
		return fmt.Errorf("%sx: %d rows leave no 500 for validation", prefix, few.rows)
	}
	for i := range few.rows {
		p.train = append(p.train, i)
	}
	for i := range 500 {
		p.valid = append(p.valid, few.rows+i)
	}
	p.test = order
	g, err := readPickle(prefix + "graph")
	if err != nil {
		return fmt.Errorf("%sgraph: %w", prefix, err)
	}
	var edges [][2]uint32
	err = g.lists(n, func(a, b int) {
		if a != b {
			edges = append(edges, [2]uint32{uint32(a), uint32(b)})
		}
	})
	if err != nil {
		return fmt.Errorf("%sgraph: %w", prefix, err)
	}
	p.graph, err = plainGraph(edges)
	return err
}

// readOrder reads one number a line: the nodes that the rows of the test part stand for.
func readOrder(path string, first, n int) ([]int, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []int
	seen := map[int]bool{}
	for _, w := range strings.Fields(string(b)) {
		i, err := strconv.Atoi(w)
		if err != nil || i < first || i >= first+n || seen[i] {
			return nil, fmt.Errorf("%s: %q is no test node from %d to %d, or comes twice", path, w, first, first+n-1)
		}
		seen[i] = true
		out = append(out, i)
	}
	if len(out) != n {
		return nil, fmt.Errorf("%s: %d nodes, want %d", path, len(out), n)
	}
	return out, nil
}

// plainGraph gives a plain undirected graph the form that package embed takes with OneMode.
func plainGraph(pairs [][2]uint32) (*graph.Snapshot, error) {
	edges := make([]graph.Edge, 0, 2*len(pairs))
	for _, p := range pairs {
		edges = append(edges, graph.Edge{Left: p[0], Right: p[1]}, graph.Edge{Left: p[1], Right: p[0]})
	}
	g, err := graph.Build(graph.Bulk{Edges: edges}, graph.Options{})
	if err != nil {
		return nil, err
	}
	return g.Snapshot(), nil
}

// sparseRows is a matrix of compressed rows, or of compressed columns where the file says so.
type sparseRows struct {
	rows, cols int
	first, to  []int
	value      []float64
}

func (m *sparseRows) check() error {
	if m.rows < 0 || m.cols < 0 || m.rows > maxID || m.cols > maxID || len(m.first) != m.rows+1 || len(m.to) != len(m.value) || m.first[0] != 0 {
		return fmt.Errorf("a matrix of %d × %d with %d offsets, %d places and %d values", m.rows, m.cols, len(m.first), len(m.to), len(m.value))
	}
	for i := range m.rows {
		if m.first[i] > m.first[i+1] {
			return fmt.Errorf("row %d ends before it begins", i)
		}
	}
	if m.first[m.rows] != len(m.to) {
		return fmt.Errorf("rows end at %d of %d", m.first[m.rows], len(m.to))
	}
	for _, j := range m.to {
		if j < 0 || j >= m.cols {
			return fmt.Errorf("column %d of %d", j, m.cols)
		}
	}
	return nil
}

// readMAT reads the sparse matrices of a MATLAB 5 file by name. They are compressed by columns: rows and cols are
// exchanged here. A file is a header of 128 bytes and elements: type and length, both uint32, then the data, up to a
// multiple of 8; type 15 is a compressed element, 14 a matrix, whose elements are flags, size, name, row numbers, column
// offsets and values. A type above 2^16 holds the length in its upper half and up to 4 bytes of data in place of a length.
// Source: MathWorks, "MAT-File Format", chapter 1.
func readMAT(path string) (map[string]*sparseRows, error) {
	f, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<30))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(b) < 128 || !bytes.HasPrefix(b, []byte("MATLAB 5.0")) || string(b[126:128]) != "IM" {
		return nil, fmt.Errorf("%s: this is no little-endian MATLAB 5 file", path)
	}
	out := map[string]*sparseRows{}
	for b = b[128:]; len(b) > 0; {
		var e element
		if e, b, err = nextElement(b); err == nil && e.kind == 15 {
			e, err = e.inflate()
		}
		if err == nil && e.kind == 14 {
			var name string
			var m *sparseRows
			if name, m, err = e.matrix(); m != nil {
				out[name] = m
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return out, nil
}

type element struct {
	kind uint32
	data []byte
}

var errCut = errors.New("it is cut short")

func nextElement(b []byte) (element, []byte, error) {
	if len(b) < 8 {
		return element{}, nil, errCut
	}
	kind, n := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	if kind>>16 != 0 {
		n, kind = kind>>16, kind&0xffff
		if n > 4 {
			return element{}, nil, errCut
		}
		return element{kind, b[4 : 4+n]}, b[8:], nil
	}
	if uint64(n) > uint64(len(b)-8) {
		return element{}, nil, errCut
	}
	end := 8 + int(n)
	if kind != 15 {
		end = min((end+7)&^7, len(b))
	}
	return element{kind, b[8 : 8+n]}, b[end:], nil
}

func (e element) inflate() (element, error) {
	z, err := zlib.NewReader(bytes.NewReader(e.data))
	if err != nil {
		return element{}, err
	}
	b, err := io.ReadAll(io.LimitReader(z, 1<<30))
	if err != nil {
		return element{}, err
	}
	in, _, err := nextElement(b)
	return in, err
}

// matrix reads a sparse one; others are passed over.
func (e element) matrix() (string, *sparseRows, error) {
	var part [6]element
	b := e.data
	for i := range part {
		var err error
		if part[i], b, err = nextElement(b); err != nil {
			return "", nil, err
		}
		if i == 0 && (len(part[0].data) < 4 || part[0].data[0] != 5) {
			return "", nil, nil // not sparse
		}
	}
	size, to, first := part[1].ints(), part[3].ints(), part[4].ints()
	if len(size) != 2 {
		return "", nil, errors.New("a matrix whose size is not two numbers")
	}
	m := &sparseRows{rows: size[1], cols: size[0], first: first, to: to, value: part[5].floats()}
	if len(first) > 0 && first[len(first)-1] <= len(to) && first[len(first)-1] >= 0 { // places may be kept in reserve
		m.to = to[:first[len(first)-1]]
	}
	if err := m.check(); err != nil {
		return "", nil, fmt.Errorf("%s: %w", part[2].data, err)
	}
	return string(part[2].data), m, nil
}

func (e element) ints() []int {
	if e.kind != 5 && e.kind != 6 {
		return nil
	}
	out := make([]int, len(e.data)/4)
	for i := range out {
		out[i] = int(int32(binary.LittleEndian.Uint32(e.data[4*i:])))
	}
	return out
}

// floats reads doubles, or the bytes in which MATLAB keeps small whole numbers.
func (e element) floats() []float64 {
	switch e.kind {
	case 9:
		out := make([]float64, len(e.data)/8)
		for i := range out {
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(e.data[8*i:]))
		}
		return out
	case 1, 2:
		out := make([]float64, len(e.data))
		for i, b := range e.data {
			out[i] = float64(b)
		}
		return out
	}
	return nil
}
