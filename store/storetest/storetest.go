// Package storetest is the conformance suite of store.Log: what every log, the
// embedded and a clustered one, must do.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bowerbird"
	"bowerbird/store"
)

// Run runs the suite. open opens the log that dir names: the same dir always
// gives the same log, and a new one an empty log. The suite closes what it opens.
func Run(t *testing.T, open func(t *testing.T, dir string) store.Log) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s *suite)
	}{
		{"empty", empty},
		{"every field comes back", roundTrip},
		{"offsets follow the order", order},
		{"what was acknowledged is there after reopening", durable},
		{"an id counts once", duplicates},
		{"appends at once", concurrent},
		{"scan ranges", scans},
		{"scan stops", scanStops},
		{"big events", big},
		{"what cannot be logged", refused},
		{"erase", erase},
		{"erase twice, come back", comeBack},
		{"forget searches", forgetSearches},
		{"closed", closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(t, &suite{t: t, dir: t.TempDir() + "/log", open: open})
		})
	}
}

type suite struct {
	t    *testing.T
	dir  string
	open func(t *testing.T, dir string) store.Log
}

func (s *suite) log() store.Log { s.t.Helper(); return s.open(s.t, s.dir) }

func (s *suite) close(l store.Log) {
	s.t.Helper()
	if err := l.Close(); err != nil {
		s.t.Fatalf("close: %v", err)
	}
}

func (s *suite) append(l store.Log, events ...bowerbird.Event) []store.Appended {
	s.t.Helper()
	out, err := l.Append(s.t.Context(), events)
	if err != nil {
		s.t.Fatalf("append: %v", err)
	}
	if len(out) != len(events) {
		s.t.Fatalf("append of %d events answered %d", len(events), len(out))
	}
	return out
}

// all scans the log, checking that offsets run from 1 without gaps.
func (s *suite) all(l store.Log) []bowerbird.Event {
	s.t.Helper()
	var out []bowerbird.Event
	err := l.Scan(s.t.Context(), 1, 0, func(offset uint64, e *bowerbird.Event) error {
		if offset != uint64(len(out)+1) {
			return fmt.Errorf("offset %d after %d", offset, len(out))
		}
		out = append(out, *e)
		return nil
	})
	if err != nil {
		s.t.Fatalf("scan: %v", err)
	}
	return out
}

func save(id, user, item, board string) bowerbird.Event {
	return bowerbird.Event{ID: id, Kind: bowerbird.Save, Time: 1, User: user, Item: item, Board: board}
}

func item(id, owner string) bowerbird.Event {
	return bowerbird.Event{Kind: bowerbird.ItemPut, Time: 1, ItemDoc: &bowerbird.Item{ID: id, Owner: owner}}
}

func board(id, owner string) bowerbird.Event {
	return bowerbird.Event{Kind: bowerbird.BoardPut, Time: 1, BoardDoc: &bowerbird.Board{ID: id, Owner: owner, Title: "of " + owner}}
}

func empty(t *testing.T, s *suite) {
	l := s.log()
	defer s.close(l)
	if l.Last() != 0 || l.LastErase() != 0 {
		t.Errorf("last %d, last erase %d, want 0, 0", l.Last(), l.LastErase())
	}
	if n := len(s.all(l)); n != 0 {
		t.Errorf("scan found %d events", n)
	}
	if _, err := l.Read(1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("read 1: %v, want ErrNotFound", err)
	}
	if out, err := l.Append(t.Context(), nil); err != nil || len(out) != 0 {
		t.Errorf("append of nothing: %v, %v", out, err)
	}
}

// Full returns events that set every field that an event can have.
func Full() []bowerbird.Event {
	attributes := bowerbird.Attributes{
		{Name: "material", Words: []string{"oak", "", "brass"}},
		{Name: "price", Number: -12.5, Numeric: true},
	}
	return []bowerbird.Event{
		{ID: "1", Kind: bowerbird.ItemPut, Time: 1700000000000, User: "ann", ItemDoc: &bowerbird.Item{
			ID: "lamp", Title: "A lamp", Description: "Tall ☂", Categories: []string{"home", "home/light"}, Tags: []string{"a", ""},
			Attributes: attributes, Language: "en", Link: "https://example.org/", Owner: "ann", Created: 5, Hidden: true,
			Picture: &bowerbird.Picture{Blob: "ab", Width: 3, Height: 4, Small: "s", Large: "l", Placeholder: "data:",
				Colours: []bowerbird.Colour{{Hex: "#010203", Name: "black", Share: .5}, {}}, Fingerprint: 1<<63 + 1},
		}},
		{Kind: bowerbird.BoardPut, BoardDoc: &bowerbird.Board{ID: "b", Title: "T", Description: "D", Owner: "ann", Secret: true, Created: 6}},
		{Kind: bowerbird.UserPut, UserDoc: &bowerbird.User{ID: "ann", Name: "Ann", Language: "de", Labels: attributes, Created: -7}},
		{Kind: bowerbird.SignalPut, Item: "lamp", Signal: &bowerbird.Signal{Name: "visual", Version: "1", Vector: []float32{0, -1, 1e-30}}},
		{Kind: bowerbird.Impression, User: "ann", Item: "lamp", Board: "b", Subject: "bob", Topic: "t", Value: -0.25, Surface: bowerbird.Explore,
			Request: "r", Position: 65535, Query: "q", Served: &bowerbird.Served{Model: "m", Sources: []string{"x", "y"}, Features: []float32{1, 2}, Score: .5}},
		{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{Picture: &bowerbird.Picture{}}},
		{Kind: bowerbird.Search, User: "bob", Query: "red"},
	}
}

func roundTrip(t *testing.T, s *suite) {
	l := s.log()
	want := Full()
	s.append(l, want...)
	if d := cmp.Diff(want, s.all(l)); d != "" {
		t.Errorf("scan (-want +got):\n%s", d)
	}
	for i := range want {
		got, err := l.Read(uint64(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want[i], got); d != "" {
			t.Errorf("read %d (-want +got):\n%s", i+1, d)
		}
	}
	s.close(l)
	l = s.log()
	defer s.close(l)
	if d := cmp.Diff(want, s.all(l)); d != "" {
		t.Errorf("after reopening (-want +got):\n%s", d)
	}
}

func order(t *testing.T, s *suite) {
	l := s.log()
	defer s.close(l)
	next := uint64(1)
	for _, n := range []int{1, 3, 1000, 1} {
		var events []bowerbird.Event
		for i := range n {
			events = append(events, save("", "u", fmt.Sprint(next+uint64(i)), ""))
		}
		for i, a := range s.append(l, events...) {
			if (a != store.Appended{Offset: next + uint64(i)}) {
				t.Fatalf("event %d: %+v, want offset %d", i, a, next+uint64(i))
			}
		}
		next += uint64(n)
		if l.Last() != next-1 {
			t.Errorf("last %d, want %d", l.Last(), next-1)
		}
	}
	for i, e := range s.all(l) {
		if e.Item != fmt.Sprint(i+1) {
			t.Fatalf("at %d lies %s", i+1, e.Item)
		}
	}
}

func durable(t *testing.T, s *suite) {
	for round := range 4 {
		l := s.log()
		if got := l.Last(); got != uint64(round*10) {
			t.Fatalf("opening %d: last %d, want %d", round, got, round*10)
		}
		for i := range 10 {
			s.append(l, save(fmt.Sprint(round, i), "u", fmt.Sprint(round*10+i), ""))
		}
		s.close(l)
	}
	l := s.log()
	defer s.close(l)
	for i, e := range s.all(l) {
		if e.Item != fmt.Sprint(i) {
			t.Errorf("at %d lies %q", i+1, e.Item)
		}
	}
}

func duplicates(t *testing.T, s *suite) {
	l := s.log()
	want := func(got, want []store.Appended) {
		t.Helper()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	// within a batch
	want(s.append(l, save("a", "u", "1", ""), save("b", "u", "2", ""), save("a", "u", "3", ""), save("", "u", "4", ""), save("", "u", "4", "")),
		[]store.Appended{{Offset: 1}, {Offset: 2}, {Offset: 1, Duplicate: true}, {Offset: 3}, {Offset: 4}})
	// across batches
	want(s.append(l, save("c", "u", "5", ""), save("b", "u", "2", "")), []store.Appended{{Offset: 5}, {Offset: 2, Duplicate: true}})
	// a whole batch
	want(s.append(l, save("c", "u", "5", "")), []store.Appended{{Offset: 5, Duplicate: true}})
	s.close(l)
	// across a restart
	l = s.log()
	defer s.close(l)
	want(s.append(l, save("d", "u", "6", ""), save("a", "u", "1", "")), []store.Appended{{Offset: 6}, {Offset: 1, Duplicate: true}})
	if n := len(s.all(l)); n != 6 {
		t.Errorf("%d events, want 6", n)
	}
}

func concurrent(t *testing.T, s *suite) {
	l := s.log()
	defer s.close(l)
	const callers, each = 16, 30
	got := make([][]uint64, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				// every id is tried by two callers
				out, err := l.Append(context.Background(), []bowerbird.Event{save(fmt.Sprint(c/2, "-", i), "u", fmt.Sprint(c/2, "-", i), ""), save("", fmt.Sprint(c), fmt.Sprint(i), "")})
				if err != nil {
					t.Error(err)
					return
				}
				got[c] = append(got[c], out[0].Offset, out[1].Offset)
				if l.Last() < out[1].Offset {
					t.Errorf("acknowledged %d, but last is %d", out[1].Offset, l.Last())
				}
			}
		})
	}
	wg.Wait()
	events := s.all(l)
	if want := callers/2*each + callers*each; len(events) != want {
		t.Fatalf("%d events, want %d", len(events), want)
	}
	for c := range got {
		for i := range each {
			if e := events[got[c][2*i]-1]; e.Item != fmt.Sprint(c/2, "-", i) {
				t.Errorf("caller %d was told that %d-%d lies at %d, where %s is", c, c/2, i, got[c][2*i], e.Item)
			}
			if e := events[got[c][2*i+1]-1]; e.User != fmt.Sprint(c) || e.Item != fmt.Sprint(i) {
				t.Errorf("caller %d: another event at %d", c, got[c][2*i+1])
			}
		}
		if own := slices.DeleteFunc(slices.Clone(got[c]), func(o uint64) bool { return events[o-1].User == "u" }); !slices.IsSorted(own) {
			t.Errorf("caller %d: its events are out of order: %v", c, own)
		}
	}
}

func scans(t *testing.T, s *suite) {
	l := s.log()
	defer s.close(l)
	for i := range 10 {
		s.append(l, save("", "u", fmt.Sprint(i+1), ""))
	}
	for _, c := range []struct{ from, to, first, n uint64 }{
		{1, 0, 1, 10}, {0, 0, 1, 10}, {3, 5, 3, 3}, {10, 10, 10, 1}, {10, 99, 10, 1}, {11, 0, 0, 0}, {7, 3, 0, 0}, {99, 120, 0, 0},
	} {
		var got []uint64
		err := l.Scan(t.Context(), c.from, c.to, func(o uint64, e *bowerbird.Event) error {
			if e.Item != fmt.Sprint(o) {
				t.Errorf("at %d lies %s", o, e.Item)
			}
			got = append(got, o)
			return nil
		})
		if err != nil || uint64(len(got)) != c.n || c.n > 0 && got[0] != c.first {
			t.Errorf("scan %d to %d: %v, %v; want %d from %d", c.from, c.to, got, err, c.n, c.first)
		}
	}
	for _, o := range []uint64{0, 11} {
		if _, err := l.Read(o); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("read %d: %v, want ErrNotFound", o, err)
		}
	}
}

func scanStops(t *testing.T, s *suite) {
	l := s.log()
	defer s.close(l)
	s.append(l, save("", "u", "1", ""), save("", "u", "2", ""))
	mine := errors.New("mine")
	n := 0
	if err := l.Scan(t.Context(), 1, 0, func(uint64, *bowerbird.Event) error { n++; return mine }); err != mine || n != 1 {
		t.Errorf("got %v after %d calls, want the function's own error after 1", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Scan(ctx, 1, 0, func(uint64, *bowerbird.Event) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("scan with a cancelled context: %v", err)
	}
	if _, err := l.Append(ctx, []bowerbird.Event{save("", "u", "3", "")}); !errors.Is(err, context.Canceled) {
		t.Errorf("append with a cancelled context: %v", err)
	}
	if l.Last() != 2 {
		t.Errorf("last %d, want 2", l.Last())
	}
}

func big(t *testing.T, s *suite) {
	l := s.log()
	e := item("x", "")
	e.ItemDoc.Description = strings.Repeat("long words ", 200_000)
	s.append(l, e, save("", "u", "x", ""), e)
	s.close(l)
	l = s.log()
	defer s.close(l)
	if d := cmp.Diff([]bowerbird.Event{e, save("", "u", "x", ""), e}, s.all(l)); d != "" {
		t.Error("a big event came back changed")
	}
}

func refused(t *testing.T, s *suite) {
	l := s.log()
	defer s.close(l)
	huge := item("x", "")
	huge.ItemDoc.Description = strings.Repeat("x", 17<<20)
	for name, e := range map[string]bowerbird.Event{
		"no kind":             {User: "u"},
		"erased":              {Kind: bowerbird.Erased},
		"not UTF-8":           save("", "\xff", "i", ""),
		"the name of a mark":  save("", "\x005", "i", ""),
		"nobody to erase":     {Kind: bowerbird.UserErase},
		"a document too many": {Kind: bowerbird.Save, User: "u", Item: "i", UserDoc: &bowerbird.User{ID: "u"}},
		"huge":                huge,
	} {
		if _, err := l.Append(t.Context(), []bowerbird.Event{save("", "u", "i", ""), e}); err == nil {
			t.Errorf("%s: was logged", name)
		}
	}
	if l.Last() != 0 {
		t.Errorf("last %d: a call that failed left events", l.Last())
	}
	s.append(l, save("", "u", "i", ""))
}

func erase(t *testing.T, s *suite) {
	l := s.log()
	follow := func(user, subject, board string) bowerbird.Event {
		return bowerbird.Event{Kind: bowerbird.Follow, User: user, Subject: subject, Board: board}
	}
	s.append(l,
		item("lamp", "ann"),               // 1 stays without an owner
		board("hers", "ann"),              // 2 goes
		board("his", "bob"),               // 3
		save("x", "ann", "lamp", "his"),   // 4 goes
		save("y", "bob", "lamp", "hers"),  // 5 goes: on her board
		save("z", "bob", "lamp", "his"),   // 6
		follow("cyd", "ann", ""),          // 7 goes
		follow("cyd", "", "hers"),         // 8 goes
		follow("cyd", "bob", ""),          // 9
		board("moved", "ann"),             // 10 stays: it is Bob's by then
		board("moved", "bob"),             // 11
		save("w", "bob", "lamp", "moved"), // 12
		bowerbird.Event{Kind: bowerbird.UserPut, UserDoc: &bowerbird.User{ID: "ann", Name: "Ann"}}, // 13 goes
	)
	before := s.all(l)
	offset, err := l.Erase(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	if offset != 14 || l.LastErase() != 14 || l.Last() != 14 {
		t.Errorf("erased at %d, last erase %d, last %d; want 14", offset, l.LastErase(), l.Last())
	}
	check := func(l store.Log) {
		t.Helper()
		events := s.all(l)
		gone := map[int]bool{2: true, 4: true, 5: true, 7: true, 8: true, 13: true, 14: true}
		for i, e := range events {
			switch {
			case gone[i+1] != (e.Kind == bowerbird.Erased):
				t.Errorf("record %d is now %v", i+1, e.Kind)
			case i+1 == 1 && (e.ItemDoc == nil || e.ItemDoc.ID != "lamp" || e.ItemDoc.Owner[0] != 0):
				t.Errorf("the item she owned: %+v", e.ItemDoc)
			case i+1 == 10 && (e.BoardDoc == nil || e.BoardDoc.Owner[0] != 0):
				t.Errorf("the board that she gave away: %+v", e.BoardDoc)
			case !gone[i+1] && i+1 != 1 && i+1 != 10 && !cmp.Equal(e, before[i]):
				t.Errorf("record %d changed: %+v", i+1, e)
			}
		}
	}
	check(l)
	s.close(l)
	l = s.log()
	defer s.close(l)
	check(l)
	if l.LastErase() != 14 {
		t.Errorf("after reopening: last erase %d", l.LastErase())
	}
	// a late retry of what was erased does not bring it back
	if got := s.append(l, save("x", "ann", "lamp", "his")); (got[0] != store.Appended{Offset: 4, Duplicate: true}) {
		t.Errorf("a retry was logged anew: %+v", got)
	}
}

func forgetSearches(t *testing.T, s *suite) {
	l := s.log()
	search := func(id, user, words string) bowerbird.Event {
		return bowerbird.Event{ID: id, Kind: bowerbird.Search, User: user, Query: words, Request: "r-" + words}
	}
	forget := func(user, words string) {
		t.Helper()
		s.append(l, bowerbird.Event{Kind: bowerbird.SearchForget, User: user, Query: words})
		if err := l.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	click := bowerbird.Event{Kind: bowerbird.Click, User: "ann", Item: "lamp", Query: "Rote  LAMPE"}
	s.append(l,
		item("lamp", ""),                   // 1
		search("a", "ann", "rote lampe"),   // 2 goes with the first
		search("b", "ann", "Röte Lampe"),   // 3 goes: the same but for case and accents
		search("c", "ann", "rote lampe 2"), // 4 goes with the second, of everything
		search("d", "bob", "rote lampe"),   // 5 Bob's
		click,                              // 6 stays, without the words
		save("e", "ann", "lamp", ""),       // 7
	)
	before := s.all(l)
	check := func(gone ...int) {
		t.Helper()
		for i, e := range s.all(l) {
			switch {
			case slices.Contains(gone, i+1):
				if e.Kind != bowerbird.Erased || e.User != "ann" || e.Query != "" || e.Request != "" || e.ID != "" {
					t.Errorf("record %d is now %+v", i+1, e)
				}
			case i+1 == 6:
				if e.Kind != bowerbird.Click || e.User != "ann" || e.Item != "lamp" || e.Query != "" {
					t.Errorf("the click is now %+v", e)
				}
			case !cmp.Equal(e, before[i]):
				t.Errorf("record %d changed: %+v", i+1, e)
			}
		}
	}
	forget("ann", "ROTE lampe")
	check(2, 3, 8)
	if l.LastErase() != 8 {
		t.Errorf("last erase %d, want 8", l.LastErase())
	}
	forget("ann", "")
	check(2, 3, 4, 8, 9)
	s.close(l)
	l = s.log()
	defer s.close(l)
	check(2, 3, 4, 8, 9)
	if got := s.append(l, search("a", "ann", "rote lampe")); (got[0] != store.Appended{Offset: 2, Duplicate: true}) {
		t.Errorf("a retry was logged anew: %+v", got)
	}
	if got := s.append(l, search("f", "ann", "rote lampe")); got[0].Offset != 10 {
		t.Errorf("%+v", got)
	} else if e, err := l.Read(10); err != nil || e.Query != "rote lampe" {
		t.Errorf("a search that came later is %+v, %v", e, err)
	}
	if _, err := l.Erase(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	for i, e := range s.all(l) {
		if e.User == "ann" {
			t.Errorf("record %d still names her: %+v", i+1, e)
		}
	}
}

func comeBack(t *testing.T, s *suite) {
	l := s.log()
	defer s.close(l)
	for round := range 3 {
		s.append(l, board("b", "ann"), save("", "ann", "lamp", "b"))
		if e, err := l.Read(uint64(3*round + 2)); err != nil || e.User != "ann" {
			t.Fatalf("round %d: %+v, %v", round, e, err)
		}
		if _, err := l.Erase(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Erase(t.Context(), "nobody"); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i, e := range s.all(l) {
		if e.Kind != bowerbird.Erased {
			t.Errorf("record %d is %v", i+1, e.Kind)
		}
		if e.User != "" {
			seen[e.User]++
		}
	}
	if len(seen) != 3 {
		t.Errorf("three people of one name left %d marks: %v", len(seen), seen)
	}
	if err := l.Forget(t.Context()); err != nil {
		t.Error(err)
	}
}

func closed(t *testing.T, s *suite) {
	l := s.log()
	s.append(l, save("", "u", "i", ""))
	s.close(l)
	if _, err := l.Append(t.Context(), []bowerbird.Event{save("", "u", "i", "")}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("append: %v, want ErrClosed", err)
	}
	if _, err := l.Read(1); !errors.Is(err, store.ErrClosed) {
		t.Errorf("read: %v, want ErrClosed", err)
	}
	if err := l.Scan(t.Context(), 1, 0, nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("scan: %v, want ErrClosed", err)
	}
	if err := l.Forget(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("forget: %v, want ErrClosed", err)
	}
	if err := l.Close(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("close: %v, want ErrClosed", err)
	}
}
