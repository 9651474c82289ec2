// Package vecfile reads the files that vectors are published in: fvecs, bvecs and
// ivecs of the TEXMEX corpus, NumPy's npy, and Parquet with a column of lists. It
// reads row by row: memory does not grow with the file.
package vecfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// MaxDim is the largest number of dimensions that is read.
const MaxDim = 1 << 16

// ErrFormat is a file that is not what its name says, or was cut.
var ErrFormat = errors.New("not a file of vectors")

// Reader gives rows one after another.
type Reader interface {
	// Dim is the number of dimensions, 0 before the first row of a file whose
	// head does not say.
	Dim() int
	// Next returns the next row as float32, in memory that the next call uses
	// again, and io.EOF after the last. Errors say the row, from 0, and wrap
	// ErrFormat where the file is to blame; what is not finite is such an error.
	Next() ([]float32, error)
	Close() error
}

// Open opens a file by its ending: .fvecs, .bvecs, .ivecs, .npy or .parquet. column
// names the column of a Parquet file; empty means the only one of lists of numbers.
func Open(path, column string) (Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("vecfile: %w", err)
	}
	var r Reader
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".fvecs", ".bvecs", ".ivecs":
		r, err = NewVecs(f, ext[1:])
	case ".npy":
		r, err = NewNPY(f)
	case ".parquet":
		r, err = newParquet(f, column)
	default:
		err = fmt.Errorf("the ending %q is unknown: want fvecs, bvecs, ivecs, npy or parquet", ext)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("vecfile: %s: %w", path, err), f.Close())
	}
	return &named{r, f, path}, nil
}

// named adds the file to errors and closes it.
type named struct {
	Reader
	file io.Closer
	path string
}

func (n *named) Next() ([]float32, error) {
	v, err := n.Reader.Next()
	if err != nil && err != io.EOF {
		err = fmt.Errorf("vecfile: %s: %w", n.path, err)
	}
	return v, err
}

func (n *named) Close() error { return errors.Join(n.Reader.Close(), n.file.Close()) }

// ReadAll reads up to limit rows (0: all) into one row-major matrix.
func ReadAll(r Reader, limit int) (rows []float32, dim int, err error) {
	for limit == 0 || len(rows) < limit*max(dim, 1) {
		v, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		rows, dim = append(rows, v...), len(v)
	}
	return rows, dim, nil
}

// vecs reads rows that each begin with their length:
//
//	4     dim, little-endian, the same for every row
//	      dim numbers: float32 (fvecs), bytes (bvecs), int32 (ivecs)
type vecs struct {
	r    *bufio.Reader
	size int // bytes of a number
	kind string
	dim  int
	row  int
	buf  []byte
	out  []float32
}

// NewVecs reads the format of that name: fvecs, bvecs or ivecs. Numbers of ivecs
// beyond 2²⁴ are not whole in float32; ReadIDs reads them as they are.
func NewVecs(r io.Reader, kind string) (Reader, error) {
	size, ok := map[string]int{"fvecs": 4, "bvecs": 1, "ivecs": 4}[kind]
	if !ok {
		return nil, fmt.Errorf("vecfile: %q is none of fvecs, bvecs, ivecs", kind)
	}
	return &vecs{r: bufio.NewReaderSize(r, 1<<16), size: size, kind: kind}, nil
}

func (v *vecs) Dim() int     { return v.dim }
func (v *vecs) Close() error { return nil }

func bad(row int, format string, a ...any) error {
	return fmt.Errorf("row %d: "+format+": %w", append(append([]any{row}, a...), ErrFormat)...)
}

// raw reads the bytes of the next row.
func (v *vecs) raw() ([]byte, error) {
	var head [4]byte
	if n, err := io.ReadFull(v.r, head[:]); err == io.EOF && n == 0 {
		return nil, io.EOF
	} else if err != nil {
		return nil, cut(v.row, err)
	}
	dim := binary.LittleEndian.Uint32(head[:])
	if dim < 1 || dim > MaxDim {
		return nil, bad(v.row, "%d dimensions, want 1..%d", dim, MaxDim)
	}
	if v.dim == 0 {
		v.dim = int(dim)
		v.buf, v.out = make([]byte, v.dim*v.size), make([]float32, v.dim)
	}
	if int(dim) != v.dim {
		return nil, bad(v.row, "%d dimensions, those before have %d", dim, v.dim)
	}
	if _, err := io.ReadFull(v.r, v.buf); err != nil {
		return nil, cut(v.row, err)
	}
	v.row++
	return v.buf, nil
}

func cut(row int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return bad(row, "the file ends within it")
	}
	return fmt.Errorf("row %d: %w", row, err)
}

func (v *vecs) Next() ([]float32, error) {
	b, err := v.raw()
	if err != nil {
		return nil, err
	}
	for i := range v.out {
		switch v.kind {
		case "bvecs":
			v.out[i] = float32(b[i])
		case "ivecs":
			v.out[i] = float32(int32(binary.LittleEndian.Uint32(b[4*i:])))
		default:
			v.out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	}
	return v.out, finite(v.out, v.row-1)
}

func finite(v []float32, row int) error {
	for i, x := range v {
		if x-x != 0 {
			return bad(row, "number %d is %g", i, x)
		}
	}
	return nil
}

// ReadIDs reads ivecs, such as true neighbours, the first k of each row, which must
// have as many.
func ReadIDs(r io.Reader, k int) ([]uint32, error) {
	v := &vecs{r: bufio.NewReaderSize(r, 1<<16), size: 4, kind: "ivecs"}
	var ids []uint32
	for {
		b, err := v.raw()
		if err == io.EOF {
			return ids, nil
		}
		if err != nil {
			return nil, fmt.Errorf("vecfile: %w", err)
		}
		if v.dim < k {
			return nil, fmt.Errorf("vecfile: %w", bad(v.row-1, "%d numbers, want %d", v.dim, k))
		}
		for i := range k {
			ids = append(ids, binary.LittleEndian.Uint32(b[4*i:]))
		}
	}
}
