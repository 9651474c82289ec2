package load

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
)

// parquet reads one Parquet file or those of a folder; a repeated column becomes
// a list. Columns are matched as those of a CSV are.
func (s *session) parquet(path string) error {
	return s.each(path, []string{".parquet"}, s.parquetFile)
}

func (s *session) parquetFile(path string) (err error) {
	defer func() { // the library panics on some damaged files
		if p := recover(); p != nil {
			err = fmt.Errorf("load: %s: damaged Parquet: %v", path, p)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	pf, err := parquet.OpenFile(f, st.Size())
	if err != nil {
		return fmt.Errorf("load: %s: %w", path, err)
	}
	var names []string
	for _, c := range pf.Schema().Columns() {
		names = append(names, c[0]) // tags.list.element is the column "tags"
	}
	t, err := s.newTable(path, names)
	if err != nil {
		return err
	}
	n := 0
	for _, g := range pf.RowGroups() {
		if err := s.parquetGroup(g, path, t, &n); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) parquetGroup(g parquet.RowGroup, path string, t *table, n *int) error {
	rows := g.Rows()
	defer rows.Close()
	buf := make([]parquet.Row, 256)
	cells := make([]string, len(t.head))
	for {
		k, err := rows.ReadRows(buf)
		for _, row := range buf[:k] {
			*n++
			if err := s.row(); err != nil {
				return err
			}
			clear(cells)
			for _, v := range row {
				if i := v.Column(); i >= 0 && i < len(cells) && !v.IsNull() {
					if cells[i] != "" {
						cells[i] += "|"
					}
					cells[i] += v.String()
				}
			}
			if err := t.row(*n, cells); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load: %s: after row %d: %w", filepath.Base(path), *n, err)
		}
	}
}
