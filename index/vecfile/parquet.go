package vecfile

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// lists reads one column of lists of numbers, page by page.
type lists struct {
	groups []parquet.RowGroup
	column int
	pages  parquet.Pages
	page   parquet.ValueReader
	buf    []parquet.Value
	left   []parquet.Value
	out    []float32
	dim    int
	row    int
}

// newParquet finds the column.
func newParquet(f *os.File, column string) (r Reader, err error) {
	defer recovered(&err)
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, st.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("parquet: %w: %w", err, ErrFormat)
	}
	l := &lists{groups: file.RowGroups(), column: -1, buf: make([]parquet.Value, 1024)}
	var found []string
	for _, path := range file.Schema().Columns() {
		leaf, ok := file.Schema().Lookup(path...)
		if !ok || leaf.MaxRepetitionLevel != 1 || !numeric(leaf.Node.Type().Kind()) || column != "" && path[0] != column {
			continue
		}
		l.column = int(leaf.ColumnIndex)
		found = append(found, path[0])
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("parquet: columns of lists of numbers: %q; want one, name it: %w", strings.Join(found, ", "), ErrFormat)
	}
	return l, nil
}

func numeric(k parquet.Kind) bool {
	return k == parquet.Float || k == parquet.Double || k == parquet.Int32 || k == parquet.Int64
}

// recovered makes an error of a panic of the parquet library, which a damaged file may cause.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("parquet: %v: %w", p, ErrFormat)
	}
}

func (l *lists) Dim() int { return l.dim }

func (l *lists) Close() error {
	if l.pages != nil {
		return l.pages.Close()
	}
	return nil
}

// value returns the next value of the column without taking it.
func (l *lists) value() (parquet.Value, error) {
	for len(l.left) == 0 {
		if l.page != nil {
			n, err := l.page.ReadValues(l.buf)
			l.left = l.buf[:n]
			if err == io.EOF {
				l.page = nil
			} else if err != nil {
				return parquet.Value{}, err
			}
			continue
		}
		if l.pages == nil {
			if len(l.groups) == 0 {
				return parquet.Value{}, io.EOF
			}
			l.pages, l.groups = l.groups[0].ColumnChunks()[l.column].Pages(), l.groups[1:]
		}
		p, err := l.pages.ReadPage()
		if err == io.EOF {
			if err := l.pages.Close(); err != nil {
				return parquet.Value{}, err
			}
			l.pages = nil
			continue
		}
		if err != nil {
			return parquet.Value{}, err
		}
		l.page = p.Values()
	}
	return l.left[0], nil
}

func (l *lists) Next() (row []float32, err error) {
	defer recovered(&err)
	l.out = l.out[:0]
	for {
		v, err := l.value()
		if err == io.EOF && len(l.out) > 0 || err == nil && len(l.out) > 0 && v.RepetitionLevel() == 0 {
			break
		}
		if err == io.EOF {
			return nil, io.EOF
		}
		if err != nil {
			return nil, bad(l.row, "parquet: %v", err)
		}
		l.left = l.left[1:]
		if v.IsNull() {
			return nil, bad(l.row, "a list or a number is missing")
		}
		if len(l.out) == MaxDim {
			return nil, bad(l.row, "more than %d dimensions", MaxDim)
		}
		l.out = append(l.out, float(v))
	}
	if l.dim == 0 {
		l.dim = len(l.out)
	}
	if len(l.out) != l.dim {
		return nil, bad(l.row, "%d dimensions, those before have %d", len(l.out), l.dim)
	}
	l.row++
	return l.out, finite(l.out, l.row-1)
}

func float(v parquet.Value) float32 {
	switch v.Kind() {
	case parquet.Double:
		return float32(v.Double())
	case parquet.Int32:
		return float32(v.Int32())
	case parquet.Int64:
		return float32(v.Int64())
	}
	return v.Float()
}
