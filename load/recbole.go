package load

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// recBole reads atomic files: tab-divided, with a header of name:type. Types are
// token, token_seq, float and float_seq. A folder's .item and .user come before
// its .inter; a single .inter takes those of the same name beside it along.
func (s *session) recBole(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	var inter string
	if st.IsDir() {
		found, _ := filepath.Glob(filepath.Join(path, "*.inter*"))
		if len(found) != 1 {
			return fmt.Errorf("load: %s: want one .inter file, found %d: name the one to import", path, len(found))
		}
		inter = found[0]
	} else {
		inter = path
	}
	name := strings.TrimSuffix(filepath.Base(inter), ".gz")
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	items := beside(filepath.Dir(inter), stem+".item")
	if filepath.Ext(name) != ".inter" {
		return s.atomic(inter, nil)
	}
	if p := beside(filepath.Dir(inter), stem+".user"); p != "" {
		if err := s.atomic(p, nil); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	if items != "" {
		if err := s.atomic(items, known); err != nil {
			return err
		}
	}
	return s.atomic(inter, known)
}

// atomic reads one file. known gathers the items of .item files; an item that
// only .inter names is put without a document.
func (s *session) atomic(path string, known map[string]bool) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var t *table
	var seq []bool
	var item int
	inter := strings.HasSuffix(plain(path), ".inter")
	return f.lines(func(n int, line string) error {
		cells := strings.Split(utf8of(line), "\t")
		if t == nil {
			names := make([]string, len(cells))
			seq = make([]bool, len(cells))
			for i, c := range cells {
				name, kind, ok := strings.Cut(strings.TrimSpace(c), ":")
				if !ok {
					return fmt.Errorf("load: %s: the header's %q lacks its type (want name:token, name:token_seq, name:float or name:float_seq)", path, c)
				}
				names[i], seq[i] = name, strings.HasSuffix(kind, "_seq")
			}
			if t, err = s.newTable(path, names); err != nil {
				return err
			}
			item = -1
			if i, ok := t.cols["item"]; ok {
				item = i
			}
			return nil
		}
		if err := s.row(); err != nil {
			return err
		}
		if len(cells) != len(t.head) {
			s.bad(path, n, "", "has %d columns, want %d", len(cells), len(t.head))
			return nil
		}
		for _, field := range []string{"category", "tags"} {
			if i, ok := t.cols[field]; ok && seq[i] && !strings.Contains(cells[i], ",") {
				cells[i] = strings.Join(strings.Fields(cells[i]), "|")
			}
		}
		if known != nil && item >= 0 && cells[item] != "" && !known[cells[item]] {
			known[cells[item]] = true
			if inter {
				if err := s.bareItem(path, cells[item]); err != nil {
					return err
				}
			}
		}
		return t.row(n, cells)
	})
}
