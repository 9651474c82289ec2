package load

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bowerbird"
)

// sequences reads S3-Rec's form: "user item item ..." a line, in the order of
// time, and NAME_item2attributes.json beside it, whose attributes become tags.
// There are no times: each person's sequence is spread evenly over one synthetic
// year from 2020-01-01, so that every sequence has an early and a late part.
func (s *session) sequences(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if st.IsDir() {
		found, _ := filepath.Glob(filepath.Join(path, "*_item2attributes.json*"))
		if len(found) != 1 {
			return fmt.Errorf("load: %s holds %d sets of sequences: name the file of one, as in %s", path, len(found), filepath.Join(path, "Beauty.txt"))
		}
		stem, _, _ := strings.Cut(filepath.Base(found[0]), "_item2attributes")
		if p := beside(path, stem+".txt"); p != "" {
			path = p
		} else {
			return fmt.Errorf("load: %s: %s.txt is missing", path, stem)
		}
	}
	stem, _, _ := strings.Cut(filepath.Base(path), ".")
	known := map[string]bool{}
	if p := beside(filepath.Dir(path), stem+"_item2attributes.json"); p != "" {
		if err := s.itemAttributes(p, known); err != nil {
			return err
		}
	}
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.lines(func(n int, line string) error {
		words := strings.Fields(utf8of(line))
		if len(words) == 0 {
			return nil
		}
		if err := s.row(); err != nil {
			return err
		}
		if len(words) < 2 {
			s.bad(path, n, "", "names a user and no item")
			return nil
		}
		return s.sequence(path, n, words[0], words[1:], known)
	})
}

const year = 365 * 24 * 3600 * 1000

func (s *session) sequence(path string, n int, user string, items []string, known map[string]bool) error {
	for i, x := range items {
		if !known[x] {
			known[x] = true
			if err := s.bareItem(path, x); err != nil {
				return err
			}
		}
		at := epoch + int64((float64(i)+.5)/float64(len(items))*year)
		e := bowerbird.Event{Kind: bowerbird.Save, User: user, Item: x, Time: at}
		// The id must not follow from the time, which moves when a sequence grows.
		e.ID = s.id(Record{Event: e, File: path, Row: i + 1}, false)
		if err := s.put(Record{Event: e, File: path, Row: n}, false); err != nil {
			return err
		}
	}
	return nil
}

// itemAttributes reads {"item": [attribute, ...], ...}, streaming.
func (s *session) itemAttributes(path string, known map[string]bool) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	wrong := func(err error) error { return fmt.Errorf("load: %s: %w", path, err) }
	dec := json.NewDecoder(f)
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return wrong(fmt.Errorf("want an object of lists (%v)", err))
	}
	for n := 1; dec.More(); n++ {
		key, err := dec.Token()
		if err != nil {
			return wrong(err)
		}
		var raw []any
		if err := dec.Decode(&raw); err != nil {
			return wrong(fmt.Errorf("item %v: want a list: %w", key, err))
		}
		tags := map[string]bool{}
		for _, a := range raw {
			tags[fmt.Sprintf("attribute-%v", a)] = true
		}
		id := fmt.Sprint(key)
		known[id] = true
		x := &bowerbird.Item{ID: id, Title: "Item " + id, Tags: slices.Sorted(maps.Keys(tags))}
		x.Tags = x.Tags[:min(len(x.Tags), bowerbird.MaxList)]
		if err := s.put(Record{Event: bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: x}, File: path, Row: n}, false); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil && err != io.EOF {
		return wrong(err)
	}
	return nil
}
