package load

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bowerbird"
)

// usual names of columns, by field. The first that a header holds is taken.
var usual = map[string][]string{
	"user":        {"user", "user_id", "userid", "uid", "reviewerid", "customer_id", "visitorid", "person"},
	"item":        {"item", "item_id", "itemid", "iid", "movieid", "movie_id", "product_id", "productid", "asin", "sku", "pin_id", "id"},
	"value":       {"value", "rating", "score", "stars", "overall"},
	"time":        {"time", "timestamp", "unixreviewtime", "datetime", "date", "event_time"},
	"type":        {"type", "event", "event_type", "action", "feedback_type"},
	"board":       {"board", "board_id", "collection", "playlist"},
	"title":       {"title", "name", "movie_title", "item_name", "product_name"},
	"description": {"description", "text", "summary", "abstract"},
	"category":    {"category", "categories", "genre", "genres", "class"},
	"tags":        {"tags", "tag", "keywords"},
	"picture":     {"picture", "image", "image_path", "file", "filename", "file_name", "path"},
	"link":        {"link", "url"},
	"language":    {"language", "lang"},
	"owner":       {"owner", "author", "creator"},
	"created":     {"created", "created_at", "release_date"},
}

// Fields lists what Options.Map may name.
func Fields() []string { return slices.Sorted(maps.Keys(usual)) }

func checkMap(m map[string]string) error {
	for _, f := range slices.Sorted(maps.Keys(m)) {
		if _, ok := usual[f]; !ok {
			return fmt.Errorf("load: --map: %q is no field: use %s", f, strings.Join(Fields(), ", "))
		}
	}
	return nil
}

// table knows which column of a file holds which field.
type table struct {
	s    *session
	path string
	cols map[string]int // field to column
	rest []int          // columns that no field takes: attributes of items, labels of people
	head []string
}

// normal makes "Movie ID" and "movie_id" the same.
func normal(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), " ", "_")
}

// newTable matches a header with the mapping and the usual names.
func (s *session) newTable(path string, head []string) (*table, error) {
	t := &table{s: s, path: path, cols: map[string]int{}, head: head}
	at := map[string]int{}
	for i, h := range head {
		if _, there := at[normal(h)]; !there {
			at[normal(h)] = i
		}
	}
	taken := map[int]bool{}
	for _, f := range slices.Sorted(maps.Keys(s.o.Map)) {
		want := s.o.Map[f]
		i, ok := at[normal(want)]
		if n, err := strconv.Atoi(want); !ok && err == nil && n >= 1 && n <= len(head) {
			i, ok = n-1, true
		}
		if !ok {
			return nil, fmt.Errorf("load: %s: --map %s=%s: there is no such column (the columns are %s)", path, f, want, strings.Join(head, ", "))
		}
		t.cols[f], taken[i] = i, true
	}
	for _, f := range Fields() {
		if _, mapped := t.cols[f]; mapped {
			continue
		}
		for _, name := range usual[f] {
			if i, ok := at[name]; ok && !taken[i] {
				t.cols[f], taken[i] = i, true
				break
			}
		}
	}
	for i := range head {
		if !taken[i] {
			t.rest = append(t.rest, i)
		}
	}
	if !t.has("user") && !t.has("item") {
		return nil, fmt.Errorf("load: %s: neither an item nor a user column among %s: say which with --map item=...,user=...", path, strings.Join(head, ", "))
	}
	return t, nil
}

func (t *table) has(f string) bool { _, ok := t.cols[f]; return ok }

// row takes one row in. A table with users and items holds actions, one with
// items only holds items, one with users only people.
func (t *table) row(n int, cells []string) error {
	get := func(f string) string {
		i, ok := t.cols[f]
		if !ok || i >= len(cells) {
			return ""
		}
		return utf8of(strings.TrimSpace(cells[i]))
	}
	switch {
	case t.has("user") && t.has("item"):
		return t.action(n, get)
	case t.has("item"):
		return t.item(n, get, cells)
	}
	labels := t.others(cells)
	u := &bowerbird.User{ID: get("user"), Name: get("title"), Language: get("language"), Labels: labels}
	return t.s.put(Record{Event: bowerbird.Event{Kind: bowerbird.UserPut, UserDoc: u}, File: t.path, Row: n}, false)
}

func (t *table) action(n int, get func(string) string) error {
	s := t.s
	e := bowerbird.Event{User: get("user"), Item: get("item"), Board: get("board")}
	value := get("value")
	if value != "" {
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			s.bad(t.path, n, "value", "is no number")
			return nil
		}
		e.Value = v
	}
	own, err := parseTime(get("time"))
	if err != nil {
		s.bad(t.path, n, "time", "%v", err)
		return nil
	}
	if e.Kind, err = s.kindOf(get("type"), e.Value, value != ""); err != nil {
		s.bad(t.path, n, "type", "%v", err)
		return nil
	}
	var dated bool
	e.Time, dated = s.when(own, n)
	if err := s.boardOnce(e, t.path); err != nil {
		return err
	}
	return s.put(Record{Event: e, File: t.path, Row: n}, dated)
}

// others are words for actions that other systems use.
var others = map[string]bowerbird.Kind{
	"view": bowerbird.Closeup, "read": bowerbird.Closeup, "like": bowerbird.Save, "star": bowerbird.Save, "favorite": bowerbird.Save,
	"pin": bowerbird.Save, "repin": bowerbird.Save, "buy": bowerbird.Purchase, "order": bowerbird.Purchase, "addtocart": bowerbird.Click,
	"cart": bowerbird.Click, "transaction": bowerbird.Purchase,
}

func (s *session) kindOf(name string, value float64, rated bool) (bowerbird.Kind, error) {
	if name == "" {
		return s.rated(value, rated), nil
	}
	name = strings.ToLower(name)
	if k, ok := others[name]; ok {
		return k, nil
	}
	k, err := bowerbird.ParseKind(name)
	if err != nil || !k.OnItem() {
		return k, fmt.Errorf("%.40q is no action on an item", name)
	}
	return k, nil
}

// boardOnce puts a board that a table of actions names and no file describes.
func (s *session) boardOnce(e bowerbird.Event, path string) error {
	if e.Board == "" {
		return nil
	}
	if _, there := s.since["b"+e.Board]; there {
		return nil
	}
	s.since["b"+e.Board] = 0
	b := &bowerbird.Board{ID: e.Board, Title: e.Board, Owner: e.User}
	return s.put(Record{Event: bowerbird.Event{Kind: bowerbird.BoardPut, BoardDoc: b}, File: path}, false)
}

func (t *table) item(n int, get func(string) string, cells []string) error {
	s := t.s
	x := &bowerbird.Item{
		ID: get("item"), Title: get("title"), Description: get("description"), Language: get("language"),
		Link: get("link"), Owner: get("owner"), Categories: list(get("category")), Tags: list(get("tags")),
		Attributes: t.others(cells),
	}
	created, err := parseTime(get("created"))
	if err != nil {
		s.bad(t.path, n, "created", "%v", err)
		return nil
	}
	x.Created = created
	if s.amend != nil {
		s.amend(x)
	}
	r := Record{Event: bowerbird.Event{Kind: bowerbird.ItemPut, Time: created, ItemDoc: x}, File: t.path, Row: n}
	if p := get("picture"); p != "" {
		if r.Picture, err = within(filepath.Dir(t.path), p); err != nil {
			s.bad(t.path, n, "picture", "%v", err)
			return nil
		}
	}
	return s.put(r, created > 0)
}

// others are the columns that no field takes, numbers as numbers.
func (t *table) others(cells []string) bowerbird.Attributes {
	var out bowerbird.Attributes
	for _, i := range t.rest {
		if i >= len(cells) {
			break
		}
		v := utf8of(strings.TrimSpace(cells[i]))
		if v == "" || strings.TrimSpace(t.head[i]) == "" {
			continue
		}
		a := bowerbird.Attribute{Name: normal(t.head[i])}
		if f, err := strconv.ParseFloat(v, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			a.Number, a.Numeric = f, true
		} else {
			a.Words = []string{v}
		}
		out = out.Set(a)
	}
	return out
}

// list splits a cell that holds several words: at "|", else ";", else ",". The
// forms ['a', 'b'] and "a", "b" are read too.
func list(s string) []string {
	s = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "["), "]")
	if s == "" || s == "(no genres listed)" {
		return nil
	}
	sep := ","
	for _, c := range []string{"|", ";"} {
		if strings.Contains(s, c) {
			sep = c
			break
		}
	}
	var out []string
	for p := range strings.SplitSeq(s, sep) {
		if p = strings.Trim(strings.TrimSpace(p), `'"`); p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}
