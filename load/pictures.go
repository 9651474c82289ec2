package load

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"bowerbird"
)

var pictureEnds = []string{".jpg", ".jpeg", ".png", ".gif", ".webp"}

func isPicture(name string) bool {
	return slices.Contains(pictureEnds, strings.ToLower(filepath.Ext(name)))
}

// splits are folders that part a data set; they are no categories.
var splits = []string{"train", "test", "validation", "valid", "val", "images", "pictures"}

// pictures reads a folder of pictures. An item's id is the file's path without
// its ending; its category is the path of the folder. metadata.csv, items.csv,
// metadata.jsonl or items.jsonl beside them may say more, by file name.
func (s *session) pictures(dir string) error {
	meta, err := s.metadata(dir)
	if err != nil {
		return err
	}
	used, seen := 0, map[string]bool{}
	n := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("load: %w", err)
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != dir {
			return fs.SkipDir
		}
		if d.IsDir() || !isPicture(path) || !d.Type().IsRegular() {
			return nil
		}
		if err := s.row(); err != nil {
			return err
		}
		n++
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		x, known := s.pictured(rel, meta)
		if known {
			used++
		}
		if seen[x.ID] {
			x.ID = rel
		}
		seen[x.ID] = true
		return s.put(Record{Event: bowerbird.Event{Kind: bowerbird.ItemPut, Time: x.Created, ItemDoc: x}, Picture: path, File: path}, x.Created > 0)
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("load: %s: no pictures (%s) in this folder", dir, strings.Join(pictureEnds, ", "))
	}
	if len(meta) > 0 {
		s.note("metadata found for %d of %d pictures", used, n)
	}
	return nil
}

// pictured makes the item of one picture file.
func (s *session) pictured(rel string, meta map[string]bowerbird.Item) (*bowerbird.Item, bool) {
	stem := strings.TrimSuffix(rel, filepath.Ext(rel))
	base := rel[strings.LastIndexByte(rel, '/')+1:]
	var x bowerbird.Item
	known := false
	for _, key := range []string{rel, base, stem, strings.TrimSuffix(base, filepath.Ext(base))} {
		if m, ok := meta[key]; ok {
			x, known = m, true
			break
		}
	}
	if x.ID == "" {
		x.ID = utf8of(stem)
	}
	category := categoryOf(rel)
	if len(x.Categories) == 0 && category != "" {
		x.Categories = []string{category}
	}
	if x.Title == "" {
		x.Title = titleOf(base, category)
	}
	return &x, known
}

func categoryOf(rel string) string {
	parts := strings.Split(utf8of(rel), "/")
	parts = parts[:len(parts)-1]
	for len(parts) > 0 && slices.Contains(splits, strings.ToLower(parts[0])) {
		parts = parts[1:]
	}
	return strings.Join(parts, "/")
}

var nameless = regexp.MustCompile(`(?i)^([0-9a-f]{6,}|[0-9]+|img|dsc|dscn|pxl|image|photo|picture|[0-9a-f]{8}-[0-9a-f-]{27})$`)

// titleOf makes words of a file's name; of one that only a machine could have
// given, the name of its folder.
func titleOf(base, category string) string {
	stem := strings.TrimSuffix(utf8of(base), filepath.Ext(base))
	if nameless.MatchString(stem) {
		return category[strings.LastIndexByte(category, '/')+1:]
	}
	words := strings.FieldsFunc(stem, func(r rune) bool { return r == '_' || r == '-' || r == ' ' || r == '.' })
	kept := words[:0]
	for _, w := range words {
		if !nameless.MatchString(w) {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return category[strings.LastIndexByte(category, '/')+1:]
	}
	return strings.Join(kept, " ")
}

// metadata reads what is said of pictures, by file name. It is held in memory.
func (s *session) metadata(dir string) (map[string]bowerbird.Item, error) {
	out := map[string]bowerbird.Item{}
	for _, name := range []string{"metadata.csv", "items.csv", "metadata.jsonl", "items.jsonl"} {
		p := beside(dir, name)
		if p == "" {
			continue
		}
		if strings.HasSuffix(name, ".csv") {
			return out, s.metaCSV(p, out)
		}
		return out, s.metaJSON(p, out)
	}
	return out, nil
}

func (s *session) metaJSON(path string, out map[string]bowerbird.Item) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.lines(func(n int, line string) error {
		var key struct {
			File     string          `json:"file"`
			FileName string          `json:"file_name"`
			Picture  json.RawMessage `json:"picture"`
		}
		if strings.TrimSpace(line) == "" {
			return nil
		}
		err := json.Unmarshal([]byte(line), &key)
		r := Record{File: path, Row: n}
		if err == nil {
			r, err = s.itemOf(r, []byte(line))
		}
		if err != nil {
			field, why := jsonError(err)
			s.bad(path, n, field, "%s", why)
			return nil
		}
		x := *r.Event.ItemDoc
		x.Picture = nil
		var named string
		_ = json.Unmarshal(key.Picture, &named)
		for _, k := range []string{key.File, key.FileName, named, x.ID} {
			if k != "" {
				out[k] = x
				return nil
			}
		}
		s.bad(path, n, "file", "is missing")
		return nil
	})
}

func (s *session) metaCSV(path string, out map[string]bowerbird.Item) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head, _ := f.Peek(64 << 10)
	g := &guard{f, 2 * maxRow}
	r := csv.NewReader(g)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = delimiter(string(head)), true, -1
	names, err := r.Read()
	if err != nil {
		return fmt.Errorf("load: %s: %w", path, err)
	}
	t, err := s.metaTable(path, names)
	if err != nil {
		return err
	}
	for {
		g.left = 2 * maxRow
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load: %s: %w", path, err)
		}
		line, _ := r.FieldPos(0)
		s.metaRow(t, line, cells, out)
	}
}

// metaTable is newTable for a file that may name pictures only.
func (s *session) metaTable(path string, names []string) (*table, error) {
	t, err := s.newTable(path, names)
	if err == nil {
		return t, nil
	}
	for i, n := range names {
		if slices.Contains(usual["picture"], normal(n)) {
			names[i] = "item"
			if t, err = s.newTable(path, names); err != nil {
				return nil, err
			}
			t.cols["picture"] = i
			return t, nil
		}
	}
	return nil, fmt.Errorf("load: %s: no column names the picture (one of %s)", path, strings.Join(usual["picture"], ", "))
}

func (s *session) metaRow(t *table, n int, cells []string, out map[string]bowerbird.Item) {
	get := func(f string) string {
		if i, ok := t.cols[f]; ok && i < len(cells) {
			return utf8of(strings.TrimSpace(cells[i]))
		}
		return ""
	}
	x := bowerbird.Item{ID: get("item"), Title: get("title"), Description: get("description"), Language: get("language"),
		Link: get("link"), Owner: get("owner"), Categories: list(get("category")), Tags: list(get("tags")), Attributes: t.others(cells)}
	key := get("picture")
	if key == "" {
		key = x.ID
	}
	if i, ok := t.cols["item"]; ok && i == t.cols["picture"] {
		x.ID = "" // the id follows from the file
	}
	if key == "" {
		s.bad(t.path, n, "file", "is missing")
		return
	}
	out[key] = x
}
