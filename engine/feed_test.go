package engine_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/filter"
	"bowerbird/text"
)

// TestFeeds runs the scripts in testdata: what a person may expect of a feed, in
// words that need no code. One line, one thing; time passes by a minute a line.
//
//	item cat1 "grey cat" tags=animals category=pets owner=eve price=9 maker=Ada about="..."
//	board cats by=ann "My cats" secret
//	save ann cats cat1 cat2            (a board, or - for none)    unsave, the same
//	see | open | click | share | hide | unhide ann cat1 cat2
//	languages en de     synonyms sofa couch "love seat"     oneway tv television     (first of all)
//	follow ann person=eve | board=cats      unfollow, mute, unmute (also topic=pets)
//	delete cat1    delete-board cats    erase ann    wait 13h
//
// A question ends in => and what is expected:
//
//	home ann | related cat1 | ideas cats | search "grey cat" | explore
//	    with as=ann, limit=3, where=price<5 (several)
//	=> cat1 cat2          these, in this order, and nothing else
//	=> any cat2 cat1      these in any order, and nothing else
//	=> has cat1           these among others       => lacks cat1        none of these
//	=> nothing            an empty page            => refused           an error
//	mends "gry cat" => "grey cat"                  pages home ann limit=2 => ...   all pages, no repeats
func TestFeeds(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.feed")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".feed"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := &script{t: t, now: time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)}
			s.e, err = engine.Open(t.Context(), t.TempDir(), engine.Options{House: house(string(data)), Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return s.now }})
			if err != nil {
				t.Fatal(err)
			}
			defer s.e.Close()
			asked := 0
			for i, line := range strings.Split(string(data), "\n") {
				s.where = fmt.Sprintf("%s:%d: %s", path, i+1, line)
				if words := words(line); len(words) > 0 {
					s.now = s.now.Add(time.Minute)
					if s.line(words) {
						asked++
					}
				}
			}
			if asked == 0 {
				t.Errorf("%s asks nothing", path)
			}
		})
	}
}

// house is what the first lines of a script say of the engine.
func house(data string) (o engine.HouseOptions) {
	for line := range strings.Lines(data) {
		w := words(strings.TrimSpace(line))
		if len(w) < 2 {
			continue
		}
		switch w[0] {
		case "languages":
			o.Languages = w[1:]
		case "synonyms":
			o.Synonyms.Groups = append(o.Synonyms.Groups, w[1:])
		case "oneway":
			o.Synonyms.OneWay = append(o.Synonyms.OneWay, text.OneWay{From: w[1:2], To: w[2:]})
		}
	}
	return o
}

type script struct {
	t     *testing.T
	e     *engine.Engine
	now   time.Time
	where string // the line at work
}

// words splits a line at spaces; quotes hold words together, # begins a remark.
func words(line string) (out []string) {
	var b strings.Builder
	quoted, begun := false, false
	for _, r := range line + " " {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case r == '#' && !quoted && !begun:
			return out
		case r == ' ' && !quoted:
			if begun {
				out = append(out, b.String())
			}
			b.Reset()
			begun = false
		default:
			b.WriteRune(r)
			begun = true
		}
	}
	return out
}

// line does what a line says, and tells whether it asked something.
func (s *script) line(w []string) bool {
	if at := slices.Index(w, "=>"); at >= 0 {
		s.ask(w[:at], w[at+1:])
		return true
	}
	switch verb := w[0]; verb {
	case "wait":
		d, err := time.ParseDuration(w[1])
		s.check(err)
		s.now = s.now.Add(d)
	case "languages", "synonyms", "oneway": // see house
	case "erase":
		s.check(s.e.Erase(s.t.Context(), w[1]))
	default:
		s.check(s.do(verb, w[1:]))
	}
	return false
}

func (s *script) check(err error) {
	if err != nil {
		s.t.Helper()
		s.t.Fatalf("%s: %v", s.where, err)
	}
}

var kinds = map[string]bowerbird.Kind{
	"see": bowerbird.Impression, "open": bowerbird.Closeup, "click": bowerbird.Click, "share": bowerbird.Share,
	"hide": bowerbird.Hide, "unhide": bowerbird.Unhide, "save": bowerbird.Save, "unsave": bowerbird.Unsave,
	"follow": bowerbird.Follow, "unfollow": bowerbird.Unfollow, "mute": bowerbird.Mute, "unmute": bowerbird.Unmute,
}

// do makes the line's events and hands them in.
func (s *script) do(verb string, w []string) error {
	var events []bowerbird.Event
	add := func(e bowerbird.Event) { e.Time = s.now.UnixMilli(); events = append(events, e) }
	switch verb {
	case "item":
		add(bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: item(w)})
	case "board":
		b := &bowerbird.Board{ID: w[0]}
		for _, x := range w[1:] {
			if name, ok := strings.CutPrefix(x, "by="); ok {
				b.Owner = name
			} else if x == "secret" {
				b.Secret = true
			} else {
				b.Title = x
			}
		}
		add(bowerbird.Event{Kind: bowerbird.BoardPut, BoardDoc: b})
	case "delete":
		for _, x := range w {
			add(bowerbird.Event{Kind: bowerbird.ItemDelete, Item: x})
		}
	case "delete-board":
		add(bowerbird.Event{Kind: bowerbird.BoardDelete, Board: w[0]})
	case "save", "unsave":
		for _, x := range w[2:] {
			add(bowerbird.Event{Kind: kinds[verb], User: w[0], Board: strings.TrimPrefix(w[1], "-"), Item: x})
		}
	case "follow", "unfollow", "mute", "unmute":
		e := bowerbird.Event{Kind: kinds[verb], User: w[0]}
		what, name, _ := strings.Cut(w[1], "=")
		*map[string]*string{"person": &e.Subject, "board": &e.Board, "topic": &e.Topic}[what] = name
		add(e)
	default:
		if kinds[verb] == bowerbird.NoKind {
			return fmt.Errorf("%q is no verb", verb)
		}
		for _, x := range w[1:] {
			add(bowerbird.Event{Kind: kinds[verb], User: w[0], Item: x})
		}
	}
	results, err := s.e.Ingest(s.t.Context(), events)
	for _, r := range results {
		if err == nil {
			err = r.Err
		}
	}
	return err
}

func item(w []string) *bowerbird.Item {
	d := &bowerbird.Item{ID: w[0]}
	for _, x := range w[1:] {
		name, value, ok := strings.Cut(x, "=")
		switch {
		case !ok:
			d.Title = x
		case name == "tags":
			d.Tags = strings.Split(value, ",")
		case name == "category":
			d.Categories = []string{value}
		case name == "owner":
			d.Owner = value
		case name == "language":
			d.Language = value
		case name == "about":
			d.Description = value
		case name == "price":
			var p float64
			fmt.Sscan(value, &p)
			d.Attributes = d.Attributes.Set(bowerbird.Attribute{Name: name, Numeric: true, Number: p})
		default:
			d.Attributes = d.Attributes.Set(bowerbird.Attribute{Name: name, Words: []string{value}})
		}
	}
	return d
}

// ask puts a question and compares.
func (s *script) ask(q, want []string) {
	if q[0] == "mends" {
		a, err := s.e.Page(s.t.Context(), engine.Query{Surface: bowerbird.SearchWords, Words: q[1]})
		s.check(err)
		if w := strings.Join(want, " "); a.Corrected != strings.TrimPrefix(w, "nothing") {
			s.t.Errorf("%s\n\tmended to %q", s.where, a.Corrected)
		}
		return
	}
	got, err := s.page(q)
	if len(want) == 1 && want[0] == "refused" {
		if err == nil {
			s.t.Errorf("%s\n\tnot refused: %v", s.where, got)
		}
		return
	}
	s.check(err)
	if bad := compare(got, want); bad != "" {
		s.t.Errorf("%s\n\t%s in %q", s.where, bad, got)
	}
}

func compare(got, want []string) string {
	if len(want) == 0 {
		return "the script expects nothing: write => nothing"
	}
	switch want[0] {
	case "nothing":
		want = nil
	case "has":
		for _, x := range want[1:] {
			if !slices.Contains(got, x) {
				return x + " is missing"
			}
		}
		return ""
	case "lacks":
		for _, x := range want[1:] {
			if slices.Contains(got, x) {
				return x + " is there"
			}
		}
		return ""
	case "any":
		got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want[1:]))
	}
	if !slices.Equal(got, want) {
		return fmt.Sprintf("not %q", want)
	}
	return ""
}

// page asks for one page, or with "pages" for all of them.
func (s *script) page(w []string) ([]string, error) {
	all := w[0] == "pages"
	if all {
		w = w[1:]
	}
	var q engine.Query
	named := map[string]*string{"home": &q.User, "related": &q.Item, "ideas": &q.Board, "search": &q.Words, "explore": new(string)}
	q.Surface, _ = bowerbird.ParseSurface(map[string]string{"ideas": "more_ideas"}[w[0]])
	if q.Surface == bowerbird.NoSurface {
		var err error
		if q.Surface, err = bowerbird.ParseSurface(w[0]); err != nil {
			return nil, err
		}
	}
	for i, x := range w[1:] {
		name, value, ok := strings.Cut(x, "=")
		switch {
		case i == 0 && w[0] != "explore":
			*named[w[0]] = x
		case ok && name == "as":
			q.User = value
		case ok && name == "limit":
			fmt.Sscan(value, &q.Limit)
		case ok && name == "where":
			c, err := filter.ParseCondition(value)
			if err != nil {
				return nil, err
			}
			q.Where = append(q.Where, c)
		default:
			return nil, fmt.Errorf("%q is not understood", x)
		}
	}
	var got []string
	for range 100 {
		a, err := s.e.Page(s.t.Context(), q)
		if err != nil {
			return nil, err
		}
		for _, x := range a.Items {
			if slices.Contains(got, x.Doc.ID) {
				s.t.Errorf("%s\n\t%s comes twice", s.where, x.Doc.ID)
			}
			got = append(got, x.Doc.ID)
			if all { // it was shown, and the log says so
				s.check(s.do("see", []string{cmpOr(q.User, "somebody"), x.Doc.ID}))
			}
		}
		if q.Cursor = a.Next; !all || q.Cursor == "" {
			return got, nil
		}
	}
	return got, fmt.Errorf("no end after 100 pages")
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
