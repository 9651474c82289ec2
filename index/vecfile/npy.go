package vecfile

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"

	"bowerbird/internal/vec"
)

// npy reads NumPy's format of one array, versions 1 to 3:
//
//	6     "\x93NUMPY"
//	2     version: major, minor
//	2, 4  length of the head: 2 bytes in version 1, 4 after
//	      the head, a Python dictionary: descr, fortran_order, shape
//	      the array, row-major
type npy struct {
	r         *bufio.Reader
	rows, dim int
	row       int
	code      string
	buf       []byte
	out       []float32
}

var (
	npyDescr = regexp.MustCompile(`'descr':\s*'([^']*)'`)
	npyOrder = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape = regexp.MustCompile(`'shape':\s*\(\s*(\d+)\s*,\s*(\d+)\s*,?\s*\)`)
	npySizes = map[string]int{"<f4": 4, "<f2": 2, "|i1": 1, "|u1": 1, "<f8": 8}
)

// NewNPY reads an array of two dimensions of f4, f2, f8, i1 or u1. A shape that the
// file is too short for shows when rows end.
func NewNPY(r io.Reader) (Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head := make([]byte, 12)
	if _, err := io.ReadFull(in, head[:10]); err != nil || string(head[:6]) != "\x93NUMPY" {
		return nil, fmt.Errorf("it does not begin as npy does: %w", ErrFormat)
	}
	size := int(binary.LittleEndian.Uint16(head[8:]))
	switch head[6] {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(in, head[10:]); err != nil {
			return nil, fmt.Errorf("npy: the head is cut: %w", ErrFormat)
		}
		size = int(binary.LittleEndian.Uint32(head[8:]))
	default:
		return nil, fmt.Errorf("npy of version %d: %w", head[6], ErrFormat)
	}
	if size > 1<<16 {
		return nil, fmt.Errorf("npy: a head of %d bytes: %w", size, ErrFormat)
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(in, text); err != nil {
		return nil, fmt.Errorf("npy: the head is cut: %w", ErrFormat)
	}
	n := &npy{r: in}
	return n, n.shape(string(text))
}

func (n *npy) shape(head string) error {
	descr, order, shape := npyDescr.FindStringSubmatch(head), npyOrder.FindStringSubmatch(head), npyShape.FindStringSubmatch(head)
	if descr == nil || order == nil || shape == nil {
		return fmt.Errorf("npy: want an array of two dimensions, the head is %.100q: %w", head, ErrFormat)
	}
	size, ok := npySizes[descr[1]]
	if !ok {
		return fmt.Errorf("npy: numbers are %q, want f4, f2, f8, i1 or u1, little-endian: %w", descr[1], ErrFormat)
	}
	if order[1] == "True" {
		return fmt.Errorf("npy: the array is column-major; save it with numpy.ascontiguousarray: %w", ErrFormat)
	}
	var err error
	if n.rows, err = strconv.Atoi(shape[1]); err != nil {
		return fmt.Errorf("npy: %s rows: %w", shape[1], ErrFormat)
	}
	if n.dim, err = strconv.Atoi(shape[2]); err != nil || n.dim < 1 || n.dim > MaxDim {
		return fmt.Errorf("npy: %s dimensions, want 1..%d: %w", shape[2], MaxDim, ErrFormat)
	}
	n.code, n.buf, n.out = descr[1], make([]byte, size*n.dim), make([]float32, n.dim)
	return nil
}

func (n *npy) Dim() int     { return n.dim }
func (n *npy) Close() error { return nil }

func (n *npy) Next() ([]float32, error) {
	if n.row == n.rows {
		return nil, io.EOF
	}
	if _, err := io.ReadFull(n.r, n.buf); err != nil {
		return nil, cut(n.row, err)
	}
	n.row++
	for i := range n.out {
		n.out[i] = n.number(i)
	}
	return n.out, finite(n.out, n.row-1)
}

func (n *npy) number(i int) float32 {
	switch n.code {
	case "<f4":
		return math.Float32frombits(binary.LittleEndian.Uint32(n.buf[4*i:]))
	case "<f2":
		return vec.FromF16(binary.LittleEndian.Uint16(n.buf[2*i:]))
	case "<f8":
		return float32(math.Float64frombits(binary.LittleEndian.Uint64(n.buf[8*i:])))
	case "|i1":
		return float32(int8(n.buf[i]))
	}
	return float32(n.buf[i])
}
