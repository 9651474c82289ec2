package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bowerbird"
	"bowerbird/store"
	"bowerbird/surface"
)

// states saves every view of a house.
func states(t *testing.T, h *House) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	save := func(name string, f func(w *bytes.Buffer) error) {
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatalf("save %s: %v", name, err)
		}
		out[name] = b.Bytes()
	}
	save("catalogue", func(w *bytes.Buffer) error { return h.Catalogue.Save(w) })
	for _, v := range h.views {
		save(v.name, func(w *bytes.Buffer) error { return v.view.Save(w) })
	}
	return out
}

func sameStates(t *testing.T, what string, a, b map[string][]byte) {
	t.Helper()
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s: the view %s differs (%d and %d bytes)", what, name, len(a[name]), len(b[name]))
		}
	}
}

var queries = []Query{
	{Surface: bowerbird.Home, User: "u000003"}, {Surface: bowerbird.Home, User: "u000011", Limit: 50},
	{Surface: bowerbird.Related, Item: "i000017", User: "u000003"}, {Surface: bowerbird.Related, Item: "i000040"},
	{Surface: bowerbird.SearchWords, Words: "blue poster"}, {Surface: bowerbird.Explore},
	{Surface: bowerbird.MoreIdeas, Board: "b000002"},
}

// TestSameLogSameBytes: however events arrive, in batches, one by one, across
// restarts and checkpoints, the views and the pages are the same.
func TestSameLogSameBytes(t *testing.T) {
	events := worldEvents()
	one := open(t, t.TempDir(), Options{})
	defer one.Close()
	put(t, one, events, 500)

	dir := t.TempDir()
	two := open(t, dir, Options{})
	third := len(events) / 3
	put(t, two, events[:third], 7)
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	two = open(t, dir, Options{}) // from a checkpoint
	put(t, two, events[third:2*third], 1000)
	if err := two.release(); err != nil { // as a crash: no checkpoint
		t.Fatal(err)
	}
	two = open(t, dir, Options{}) // checkpoint and tail
	defer two.Close()
	put(t, two, events[2*third:], 64)

	sameStates(t, "live and restarted", states(t, one.House()), states(t, two.House()))
	replayed, err := NewHouse(one.log, HouseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := replayed.Replay(context.Background(), one.log, 1, 0, nil); err != nil {
		t.Fatal(err)
	}
	sameStates(t, "live and replayed", states(t, one.House()), states(t, replayed))

	for _, q := range queries {
		a, b, c := page(t, one, q), page(t, two, q), page(t, one, q)
		for _, other := range []*Answer{b, c} {
			a.Page.Request.ID, other.Page.Request.ID = "", ""
			for i := range a.Page.Trace.Sources {
				a.Page.Trace.Sources[i].Nanos, other.Page.Trace.Sources[i].Nanos = 0, 0
			}
			if d := cmp.Diff(a.Page, other.Page, cmp.Comparer(func(f, g func(bowerbird.ItemID) bool) bool { return true })); d != "" {
				t.Errorf("%+v: the pages differ:\n%s", q, d)
			}
		}
		if len(a.Items) == 0 {
			t.Errorf("%+v: an empty page proves nothing", q)
		}
	}
}

func TestPagingNeverRepeats(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, worldEvents(), 1000)
	for _, q := range queries {
		q.Limit = 9
		seen := map[string]bool{}
		for n := range 40 {
			a := page(t, e, q)
			for _, id := range ids(a) {
				if seen[id] {
					t.Fatalf("%+v: page %d shows %s again", q, n+1, id)
				}
				seen[id] = true
			}
			if q.Cursor = a.Next; q.Cursor == "" {
				break
			}
			// What happens between the pages must not matter.
			if q.User != "" {
				put(t, e, []bowerbird.Event{{Kind: bowerbird.Save, User: q.User, Item: a.Items[0].Doc.ID}, {Kind: bowerbird.Impression, User: q.User, Item: a.Items[1].Doc.ID}}, 2)
			}
		}
		if len(seen) < 18 && q.Surface != bowerbird.SearchWords && q.Surface != bowerbird.MoreIdeas {
			t.Errorf("%+v: paging ended after %d items", q, len(seen))
		}
	}
}

func TestCursorIsChecked(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, worldEvents(), 1000)
	q := Query{Surface: bowerbird.Home, User: "u000003", Limit: 5}
	next := page(t, e, q).Next
	var inv *bowerbird.Invalid
	for name, q := range map[string]Query{
		"another person":  {Surface: bowerbird.Home, User: "u000004", Cursor: next},
		"another surface": {Surface: bowerbird.Explore, Cursor: next},
		"damaged":         {Surface: bowerbird.Home, User: "u000003", Cursor: next[:len(next)-2] + "AA"},
		"rubbish":         {Surface: bowerbird.Home, User: "u000003", Cursor: "%%%"},
	} {
		if _, err := e.Page(context.Background(), q); !errors.As(err, &inv) || inv.Field != "cursor" {
			t.Errorf("%s: got %v, want an invalid cursor", name, err)
		}
	}
}

// TestSaveChangesPages: the next related and home page know a save.
func TestSaveChangesPages(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, worldEvents(), 1000)
	changed := 0
	const tries = 50
	for i := range tries {
		user, item := fmt.Sprintf("new%d", i), fmt.Sprintf("i%06d", 3*i)
		other := fmt.Sprintf("i%06d", (3*i+151)%300)
		before := ids(page(t, e, Query{Surface: bowerbird.Related, Item: item}))
		put(t, e, []bowerbird.Event{{Kind: bowerbird.Save, User: user, Item: item}, {Kind: bowerbird.Save, User: user, Item: other}}, 2)
		related := page(t, e, Query{Surface: bowerbird.Related, Item: item, Limit: 100})
		home := page(t, e, Query{Surface: bowerbird.Home, User: user})
		if home.Page.Request.Surface != bowerbird.Home || slices.Contains(ids(home), item) {
			t.Fatalf("%s: the home page does not know the save", user)
		}
		if slices.Contains(ids(related), other) && !slices.Equal(before, ids(page(t, e, Query{Surface: bowerbird.Related, Item: item}))) {
			changed++
		}
	}
	if changed != tries {
		t.Errorf("%d of %d related pages changed and show what was just saved together", changed, tries)
	}
}

func TestRetriesCountOnce(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{})
	put(t, e, worldEvents(), 1000)
	ev := bowerbird.Event{ID: "mine", Kind: bowerbird.Save, User: "u000001", Item: "i000001"}
	put(t, e, []bowerbird.Event{ev, ev}, 2)
	before := e.House().counts.Kinds()["save"]
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, Options{})
	defer e.Close()
	results, err := e.Ingest(context.Background(), []bowerbird.Event{ev})
	if err != nil || !results[0].Duplicate {
		t.Fatal(results, err)
	}
	if after := e.House().counts.Kinds()["save"]; after != before {
		t.Errorf("saves went from %d to %d by a retry", before, after)
	}
}

func TestBadEventsAreRefusedOneByOne(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	events := []bowerbird.Event{
		{Kind: bowerbird.Save, User: "a", Item: "none"},
		{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: "x", Title: "lamp"}},
		{Kind: bowerbird.Save, User: "a", Item: "x"}, // put just before, in the same batch
		{Kind: bowerbird.Save, User: "a", Item: "x", Board: "none"},
		{Kind: bowerbird.Click, User: "a", Item: "x", Time: time.Now().Add(48 * time.Hour).UnixMilli()},
		{Kind: bowerbird.UserErase, User: "a"},
		{},
		{Kind: bowerbird.ItemDelete, Item: "x"},
		{Kind: bowerbird.Click, User: "a", Item: "x"},
	}
	want := []string{"item", "", "", "board", "time", "type", "type", "", "item"}
	results, err := e.Ingest(context.Background(), events)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		field := ""
		var inv *bowerbird.Invalid
		var unk *Unknown
		switch {
		case errors.As(r.Err, &inv):
			field = inv.Field
		case errors.As(r.Err, &unk):
			field = unk.Field
		}
		if field != want[i] || (r.Err == nil) != (r.Offset > 0) {
			t.Errorf("event %d: %+v, want the field %q refused", i, r, want[i])
		}
	}
	if got := e.log.Last(); got != 3 {
		t.Errorf("the log holds %d events, want 3", got)
	}
}

// slow is a source that waits until it is let go.
type slow struct{ inside, let chan struct{} }

func (slow) Name() string { return "slow" }
func (s slow) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	close(s.inside)
	<-s.let
	return dst, nil
}

// TestSlowPageDoesNotHoldUpIngest: while a page is stuck in a source, and another
// in a filter's test, events are taken in and other pages are served.
func TestSlowPageDoesNotHoldUpIngest(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, worldEvents(), 1000)
	s := slow{make(chan struct{}), make(chan struct{})}
	stuck := *e.House().surfaces[bowerbird.Home]
	stuck.Sources = append(slices.Clone(stuck.Sources), surface.Use{Source: s})
	stuck.Timeout = time.Minute
	done := make(chan error)
	go func() {
		_, err := stuck.Run(context.Background(), bowerbird.Request{Surface: bowerbird.Home, User: 3, Limit: 10, Offset: 1 << 40})
		done <- err
	}()
	<-s.inside
	put(t, e, []bowerbird.Event{{Kind: bowerbird.Save, User: "u000003", Item: "i000009"}}, 1)
	page(t, e, Query{Surface: bowerbird.Home, User: "u000003"})
	close(s.let)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestEraseLeavesNothing erases a person with boards, saves, follows, searches
// and an upload, and looks for the id in every byte of the data folder.
func TestEraseLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{Log: store.LogOptions{Uncompressed: true}})
	const who = "zaphod-beeblebrox-42"
	events := slices.Clone(worldEvents())
	mine := []bowerbird.Event{
		{Kind: bowerbird.UserPut, UserDoc: &bowerbird.User{ID: who, Name: "Zaphod " + who}},
		{Kind: bowerbird.BoardPut, BoardDoc: &bowerbird.Board{ID: "zb", Title: "ships of " + who, Owner: who}},
		{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: "upload", Title: "a ship", Owner: who}},
		{Kind: bowerbird.Save, User: who, Item: "i000001", Board: "zb"}, {Kind: bowerbird.Save, User: who, Item: "upload", Board: "zb"},
		{Kind: bowerbird.Search, User: who, Query: "where is " + who}, {Kind: bowerbird.Follow, User: "u000001", Subject: who},
		{Kind: bowerbird.Mute, User: "u000002", Subject: who}, {Kind: bowerbird.Hide, User: who, Item: "i000005"},
		{ID: who + "-client-id", Kind: bowerbird.Click, User: who, Item: "i000002"},
	}
	put(t, e, events[:3000], 1000)
	put(t, e, mine, 100)
	if err := e.Checkpoint(); err != nil { // a checkpoint that knows the person
		t.Fatal(err)
	}
	put(t, e, events[3000:], 1000)
	page(t, e, Query{Surface: bowerbird.Home, User: who})
	if n := occurrences(t, dir, who); n == 0 {
		t.Fatal("the id is not found before the erasure: the search proves nothing")
	}

	if err := e.Erase(context.Background(), who); err != nil {
		t.Fatal(err)
	}
	if n := occurrences(t, dir, who); n != 0 {
		t.Errorf("the id stands in the data folder %d times after Erase", n)
	}
	if _, ok := e.House().Catalogue.User(who); ok {
		t.Error("the catalogue still knows the name")
	}
	if d, err := e.House().Catalogue.ItemDoc(mustItem(t, e, "upload")); err != nil || d.Owner != "" {
		t.Errorf("the upload should stay without an owner: %+v, %v", d, err)
	}
	fresh, err := NewHouse(e.log, HouseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Replay(context.Background(), e.log, 1, 0, nil); err != nil {
		t.Fatal(err)
	}
	sameStates(t, "erased and replayed", states(t, e.House()), states(t, fresh))
	put(t, e, []bowerbird.Event{{Kind: bowerbird.Save, User: who, Item: "i000003"}}, 1) // comes back as somebody new
	if got := e.House().History(mustUser(t, e, who)); len(got) != 1 {
		t.Errorf("somebody new has %d actions, want 1", len(got))
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, Options{}).Close()
}

func mustItem(t *testing.T, e *Engine, name string) bowerbird.ItemID {
	t.Helper()
	id, ok := e.House().Catalogue.Item(name)
	if !ok {
		t.Fatalf("item %s is not known", name)
	}
	return id
}

func mustUser(t *testing.T, e *Engine, name string) bowerbird.UserID {
	t.Helper()
	id, ok := e.House().Catalogue.User(name)
	if !ok {
		t.Fatalf("user %s is not known", name)
	}
	return id
}

// occurrences counts an id in every file below a folder.
func occurrences(t *testing.T, dir, id string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a file that the store was about to remove
		}
		if c := bytes.Count(b, []byte(id)); c > 0 {
			n += c
			t.Logf("%d in %s", c, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestExplain(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, worldEvents(), 1000)
	a := page(t, e, Query{Surface: bowerbird.Home, User: "u000003", Trace: true})
	for i, s := range a.Items {
		x, err := e.Explain(a.RequestID, s.Doc.ID)
		if err != nil {
			t.Fatal(err)
		}
		if x.Position != i+1 || len(x.Sources) == 0 || len(x.Features) == 0 || len(x.Why) == 0 || x.Why[0] == "" || len(x.Filters) == 0 {
			t.Errorf("%s: thin explanation %+v", s.Doc.ID, x)
		}
	}
	acted := e.House().History(mustUser(t, e, "u000003"))
	seen := e.House().Catalogue.ItemName(acted[0].Item)
	x, err := e.Explain(a.RequestID, seen)
	if err != nil {
		t.Fatal(err)
	}
	if x.Position != 0 || !slices.ContainsFunc(x.Filters, func(f FilterSays) bool { return f.Name == "seen" && !f.Passed }) {
		t.Errorf("an item acted on should be explained by the seen filter: %+v", x)
	}
	if _, err := e.Explain("nonsense", seen); err == nil {
		t.Error("an unknown request was explained")
	}
}

// TestImpressionsCarryWhatTheRankerSaw: an impression that quotes its page is
// logged with the features, sources and position of the page.
func TestImpressionsCarryWhatTheRankerSaw(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, worldEvents(), 1000)
	a := page(t, e, Query{Surface: bowerbird.Home, User: "u000003"})
	put(t, e, []bowerbird.Event{{Kind: bowerbird.Impression, User: "u000003", Item: a.Items[2].Doc.ID, Request: a.RequestID}}, 1)
	got, err := e.log.Read(e.log.Last())
	if err != nil {
		t.Fatal(err)
	}
	if got.Served == nil || got.Position != 3 || got.Surface != bowerbird.Home || !slices.Equal(got.Served.Features, a.Page.Items[2].Features) {
		t.Errorf("logged %+v, want what the page of %s held", got, a.RequestID)
	}
}

func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{})
	put(t, e, worldEvents()[:500], 100)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, Options{ReadOnly: true})
	defer e.Close()
	if _, err := e.Ingest(context.Background(), []bowerbird.Event{{}}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got %v, want ErrReadOnly", err)
	}
	if err := e.Erase(context.Background(), "u000001"); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got %v, want ErrReadOnly", err)
	}
}

func TestBackup(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, worldEvents(), 1000)
	to := filepath.Join(t.TempDir(), "copy")
	if err := e.Backup(context.Background(), to); err != nil {
		t.Fatal(err)
	}
	if err := e.Backup(context.Background(), to); err == nil {
		t.Error("a backup went over another")
	}
	copied := open(t, to, Options{})
	defer copied.Close()
	sameStates(t, "original and copy", states(t, e.House()), states(t, copied.House()))
}
