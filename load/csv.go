package load

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// csv reads one table, or every .csv and .tsv of a folder. A table's columns say
// what it holds; see table.row.
func (s *session) csv(path string) error {
	return s.each(path, []string{".csv", ".tsv"}, s.csvFile)
}

// each calls fn for a file, or for those of a folder that end so, by name.
func (s *session) each(path string, ends []string, fn func(string) error) error {
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if !st.IsDir() {
		return fn(path)
	}
	list, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	found := false
	for _, d := range list {
		if d.IsDir() || !slices.Contains(ends, filepath.Ext(plain(d.Name()))) {
			continue
		}
		found = true
		if err := fn(filepath.Join(path, d.Name())); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("load: %s: no file ends in %s", path, strings.Join(ends, " or "))
	}
	return nil
}

// guard fails when a row goes on for too long: an unclosed quote would else
// take the rest of the file into memory.
type guard struct {
	r    io.Reader
	left int
}

var errLongRow = fmt.Errorf("a row is longer than %d MiB: is a quote not closed?", 2*maxRow>>20)

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errLongRow
	}
	n, err := g.r.Read(p)
	g.left -= n
	return n, err
}

func (s *session) csvFile(path string) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head, _ := f.Peek(64 << 10)
	g := &guard{f, 2 * maxRow}
	r := csv.NewReader(g)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = delimiter(string(head)), true, -1, true
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		s.note("%s is empty", filepath.Base(path))
		return nil
	}
	if err != nil {
		return fmt.Errorf("load: %s: %w", path, err)
	}
	names, isHead := s.header(slices.Clone(first))
	t, err := s.newTable(path, names)
	if err != nil {
		return err
	}
	width := len(names)
	take := func(cells []string) error {
		line, _ := r.FieldPos(0)
		if err := s.row(); err != nil {
			return err
		}
		if len(cells) < width {
			s.bad(path, line, "", "has %d columns, want %d", len(cells), width)
			return nil
		}
		return t.row(line, cells)
	}
	if !isHead {
		if err := take(first); err != nil {
			return err
		}
	}
	for {
		g.left = 2 * maxRow
		cells, err := r.Read()
		var parse *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &parse) && !errors.Is(err, errLongRow):
			s.rep.Rows++
			s.bad(path, parse.Line, "", "%v", parse.Err)
			continue
		case err != nil:
			return fmt.Errorf("load: %s: %w", path, err)
		}
		if err := take(cells); err != nil {
			return err
		}
	}
}

// header tells whether the first row names columns, and names them if not: by
// the mapping's numbers, or as user, item, rating, time where all are numbers.
func (s *session) header(first []string) ([]string, bool) {
	for _, h := range first {
		for _, names := range usual {
			if slices.Contains(names, normal(h)) {
				return first, true
			}
		}
		for _, want := range s.o.Map {
			if normal(h) == normal(want) {
				return first, true
			}
		}
	}
	numbers, byNumber := true, len(s.o.Map) > 0
	for _, h := range first {
		if _, err := strconv.ParseFloat(strings.TrimSpace(h), 64); err != nil {
			numbers = false
		}
	}
	for _, want := range s.o.Map {
		if _, err := strconv.Atoi(want); err != nil {
			byNumber = false
		}
	}
	names := make([]string, len(first))
	if byNumber {
		return names, false
	}
	if numbers && len(first) >= 2 && len(first) <= 4 {
		copy(names, []string{"user", "item", "rating", "time"})
		s.note("no header: the columns are taken for user, item, rating, time")
		return names, false
	}
	return first, true
}

// delimiter is the one that cuts most of the first lines into equally many parts.
func delimiter(head string) rune {
	lines := strings.Split(head, "\n")
	if len(lines) > 1 {
		lines = lines[:min(len(lines)-1, 20)]
	}
	best, score := ',', 0
	for _, d := range []rune{'\t', ',', ';', '|'} {
		n, same := strings.Count(lines[0], string(d)), 0
		if n == 0 {
			continue
		}
		for _, l := range lines {
			if strings.Count(l, string(d)) == n {
				same++
			}
		}
		if same*n > score {
			best, score = d, same*n
		}
	}
	return best
}
