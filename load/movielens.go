package load

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bowerbird"
)

// genres100K are the flags at the end of a line of u.item, in their order.
var genres100K = []string{"unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
	"Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"}

// movieLens100K reads u.item, u.user and u.data (or u1.base where u.data is not
// there) of a folder; or a ratings file, with the u.item beside it.
func (s *session) movieLens100K(path string) error {
	dir, ratings := filepath.Dir(path), path
	if st, err := os.Stat(path); err != nil {
		return fmt.Errorf("load: %w", err)
	} else if st.IsDir() {
		dir, ratings = path, beside(path, "u.data")
		if ratings == "" {
			ratings = beside(path, "u1.base")
		}
	}
	switch plain(ratings) {
	case "u.item", "u.user":
		ratings = ""
	}
	if p := beside(dir, "u.item"); p != "" {
		if err := s.split(p, "|", 5, s.item100K); err != nil {
			return err
		}
	} else {
		s.note("no u.item beside the ratings: films are named by their numbers")
		if err := s.bareItems(ratings, "\t", 1); err != nil {
			return err
		}
	}
	if p := beside(dir, "u.user"); p != "" {
		if err := s.split(p, "|", 4, s.user100K); err != nil {
			return err
		}
	}
	if ratings == "" {
		return nil
	}
	t, err := s.newTable(ratings, []string{"user", "item", "rating", "time"})
	if err != nil {
		return err
	}
	return s.split(ratings, "\t", 4, func(_ string, n int, c []string) error { return t.row(n, c) })
}

// split calls fn for the parts of each line; one with too few is reported.
func (s *session) split(path, sep string, least int, fn func(path string, n int, cells []string) error) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.lines(func(n int, line string) error {
		if line == "" {
			return nil
		}
		if err := s.row(); err != nil {
			return err
		}
		cells := strings.Split(utf8of(line), sep)
		if len(cells) < least {
			s.bad(path, n, "", "has %d columns, want %d divided by %q", len(cells), least, sep)
			return nil
		}
		return fn(path, n, cells)
	})
}

// bareItems puts an item without a document for each name in a column.
func (s *session) bareItems(path, sep string, col int) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	known := map[string]bool{}
	return f.lines(func(n int, line string) error {
		cells := strings.Split(line, sep)
		if col >= len(cells) || known[cells[col]] {
			return nil
		}
		known[cells[col]] = true
		return s.bareItem(path, cells[col])
	})
}

func (s *session) bareItem(path, name string) error {
	return s.put(Record{Event: bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: name, Title: name}}, File: path}, false)
}

func (s *session) item100K(path string, n int, c []string) error {
	x := film(c[0], c[1])
	if len(c) > 4 {
		x.Link = c[4]
	}
	for i, g := range genres100K {
		if 5+i < len(c) && c[5+i] == "1" && g != "unknown" {
			x.Categories = append(x.Categories, g)
		}
	}
	return s.put(Record{Event: bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: x}, File: path, Row: n}, false)
}

// film is an item with the year taken out of "Toy Story (1995)" as a number.
func film(id, title string) *bowerbird.Item {
	x := &bowerbird.Item{ID: id, Title: strings.TrimSpace(title)}
	if i := strings.LastIndexByte(x.Title, '('); i >= 0 && len(x.Title) >= i+6 && x.Title[i+5] == ')' {
		year := 0
		if _, err := fmt.Sscanf(x.Title[i+1:i+5], "%d", &year); err == nil && year > 1800 {
			x.Attributes = bowerbird.Attributes{{Name: "year", Number: float64(year), Numeric: true}}
		}
	}
	return x
}

func (s *session) user100K(path string, n int, c []string) error {
	return s.person(path, n, c[0], "age", c[1], "gender", c[2], "occupation", c[3])
}

func (s *session) person(path string, n int, id string, pairs ...string) error {
	u := &bowerbird.User{ID: id}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			u.Labels = u.Labels.Set(bowerbird.Attribute{Name: pairs[i], Words: []string{pairs[i+1]}})
		}
	}
	return s.put(Record{Event: bowerbird.Event{Kind: bowerbird.UserPut, UserDoc: u}, File: path, Row: n}, false)
}

// movieLens1M reads movies.dat, users.dat and ratings.dat, divided by "::".
func (s *session) movieLens1M(path string) error {
	dir, ratings := filepath.Dir(path), path
	if st, err := os.Stat(path); err != nil {
		return fmt.Errorf("load: %w", err)
	} else if st.IsDir() {
		dir, ratings = path, beside(path, "ratings.dat")
	}
	if p := beside(dir, "movies.dat"); p != "" {
		err := s.split(p, "::", 3, func(path string, n int, c []string) error {
			x := film(c[0], c[1])
			x.Categories = list(c[2])
			return s.put(Record{Event: bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: x}, File: path, Row: n}, false)
		})
		if err != nil {
			return err
		}
	} else if err := s.bareItems(ratings, "::", 1); err != nil {
		return err
	}
	if p := beside(dir, "users.dat"); p != "" {
		err := s.split(p, "::", 4, func(path string, n int, c []string) error {
			return s.person(path, n, c[0], "gender", c[1], "age", c[2], "occupation", c[3])
		})
		if err != nil {
			return err
		}
	}
	if name := plain(ratings); name == "movies.dat" || name == "users.dat" || ratings == "" {
		return nil
	}
	t, err := s.newTable(ratings, []string{"user", "item", "rating", "time"})
	if err != nil {
		return err
	}
	return s.split(ratings, "::", 4, func(_ string, n int, c []string) error { return t.row(n, c) })
}

// movieLensLatest reads movies.csv, with what tags.csv says of them, and
// ratings.csv. Tags are held in memory.
func (s *session) movieLensLatest(dir string) error {
	if st, err := os.Stat(dir); err != nil {
		return fmt.Errorf("load: %w", err)
	} else if !st.IsDir() {
		return fmt.Errorf("load: %s: name the folder that holds ratings.csv and movies.csv", dir)
	}
	for _, name := range []string{"movies.csv", "ratings.csv"} {
		if beside(dir, name) == "" {
			return fmt.Errorf("load: %s: %s is missing", dir, name)
		}
	}
	tags := map[string][]string{}
	if p := beside(dir, "tags.csv"); p != "" {
		if err := s.latestTags(p, tags); err != nil {
			return err
		}
	}
	s.amend = func(x *bowerbird.Item) {
		f := film(x.ID, x.Title)
		x.Attributes, x.Tags = f.Attributes, tags[x.ID]
	}
	if err := s.csvFile(beside(dir, "movies.csv")); err != nil {
		return err
	}
	s.amend = nil
	return s.csvFile(beside(dir, "ratings.csv"))
}

// latestTags gathers each film's tags, the first 20 different ones.
func (s *session) latestTags(path string, tags map[string][]string) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(&guard{f, 1 << 62})
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	for {
		c, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load: %s: %w", path, err)
		}
		if len(c) < 3 || c[1] == "movieId" {
			continue
		}
		tag := strings.ToLower(utf8of(strings.TrimSpace(c[2])))
		if old := tags[c[1]]; tag != "" && len(tag) <= bowerbird.MaxName && len(old) < 20 && !slices.Contains(old, tag) {
			tags[c[1]] = append(old, tag)
		}
	}
}
