package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bowerbird"
	"bowerbird/store"
)

// memLog is the least that a catalogue reads documents from.
type memLog []bowerbird.Event

func (m memLog) Read(offset uint64) (bowerbird.Event, error) { return m[offset-1], nil }

func fold(list ...bowerbird.Event) (*store.Catalogue, []bowerbird.Fact, []bool) {
	c := store.NewCatalogue(memLog(list), store.CatalogueOptions{})
	var facts []bowerbird.Fact
	var oks []bool
	for i := range list {
		f, ok := c.Apply(uint64(i+1), &list[i])
		facts, oks = append(facts, f), append(oks, ok)
	}
	return c, facts, oks
}

func TestCatalogue(t *testing.T) {
	put := func(kind bowerbird.Kind, doc any) bowerbird.Event {
		e := bowerbird.Event{Kind: kind, Time: 7}
		switch d := doc.(type) {
		case *bowerbird.Item:
			e.ItemDoc = d
		case *bowerbird.Board:
			e.BoardDoc = d
		case *bowerbird.User:
			e.UserDoc = d
		}
		return e
	}
	act := func(kind bowerbird.Kind, user, item, board string) bowerbird.Event {
		return bowerbird.Event{Kind: kind, User: user, Item: item, Board: board, Time: 9}
	}
	c, facts, oks := fold(
		put(bowerbird.ItemPut, &bowerbird.Item{ID: "lamp", Owner: "ann", Categories: []string{"home", "home/light"}}), // 1
		put(bowerbird.BoardPut, &bowerbird.Board{ID: "den", Owner: "bob", Title: "Den", Secret: true}),                // 2
		act(bowerbird.Save, "cyd", "lamp", "den"),                                                                     // 3
		act(bowerbird.Save, "cyd", "none", "den"),                                                                     // 4: no such item
		act(bowerbird.Save, "dan", "lamp", "none"),                                                                    // 5: no such board
		put(bowerbird.ItemPut, &bowerbird.Item{ID: "vase", Hidden: true, Created: 3}),                                 // 6
		act(bowerbird.Save, "bob", "vase", "den"),                                                                     // 7
		put(bowerbird.UserPut, &bowerbird.User{ID: "ann", Name: "Ann"}),                                               // 8
		act(bowerbird.Save, "bob", "lamp", "den"),                                                                     // 9
		act(bowerbird.Unsave, "bob", "lamp", "den"),                                                                   // 10
		bowerbird.Event{Kind: bowerbird.ItemDelete, Item: "vase"},                                                     // 11
		bowerbird.Event{Kind: bowerbird.Erased, User: "eve"},                                                          // 12
		put(bowerbird.ItemPut, &bowerbird.Item{ID: "lamp"}),                                                           // 13
	)
	want := []bool{true, true, true, false, true, true, true, true, true, true, true, false, true}
	if d := cmp.Diff(want, oks); d != "" {
		t.Errorf("folded (-want +got):\n%s", d)
	}
	if f := facts[2]; f.User != 3 || f.Item != 1 || f.Board != 1 || f.Owner != 2 || f.Offset != 3 {
		t.Errorf("a save to a board: %+v", f)
	}
	if f := facts[4]; f.Board != 0 || f.Item != 1 || f.User != 4 {
		t.Errorf("a save to a board that is not there: %+v", f)
	}
	if f := facts[0]; f.Owner != 1 || f.Item != 1 || f.ItemDoc.Created != 7 {
		t.Errorf("a put: %+v", f)
	}
	if f := facts[7]; f.User != 1 || f.UserDoc == nil {
		t.Errorf("a profile: %+v", f)
	}
	for i, n := range []string{"ann", "bob", "cyd", "dan", "eve"} {
		if id, ok := c.User(n); !ok || id != bowerbird.UserID(i+1) || c.UserName(id) != n {
			t.Errorf("%s is %d, %v, %q", n, id, ok, c.UserName(id))
		}
	}
	if c.Users() != 5 || c.Items() != 2 || c.Boards() != 1 || c.Offset() != 13 {
		t.Errorf("counts %d %d %d at %d", c.Users(), c.Items(), c.Boards(), c.Offset())
	}
	if _, ok := c.Item("none"); ok {
		t.Error("an action made an item")
	}
	if !c.Live(1) || c.Live(2) || c.Live(0) || c.Live(9) {
		t.Error("live is wrong")
	}
	if m, _ := c.ItemMeta(1); m != (store.ItemMeta{Created: 7, Live: true}) {
		t.Errorf("the lamp, put again: %+v", m)
	}
	if m, _ := c.ItemMeta(2); m != (store.ItemMeta{Created: 3, Hidden: true, Deleted: true}) {
		t.Errorf("the vase: %+v", m)
	}
	if m, _ := c.BoardMeta(1); m != (store.BoardMeta{Title: "Den", Owner: 2, Secret: true, Live: true}) {
		t.Errorf("the board: %+v", m)
	}
	if d := cmp.Diff([]bowerbird.ItemID{2, 1}, c.BoardItems(1)); d != "" { // Cyd still keeps the lamp
		t.Errorf("on the board (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]bowerbird.BoardID{1}, c.UserBoards(2)); d != "" {
		t.Errorf("Bob's boards (-want +got):\n%s", d)
	}
	if x, err := c.ItemDoc(1); err != nil || x.ID != "lamp" || x.Owner != "" || x.Created != 7 {
		t.Errorf("the lamp's document: %+v, %v", x, err)
	}
	if _, err := c.ItemDoc(2); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a deleted item's document: %v", err)
	}
	if x, err := c.UserDoc(1); err != nil || x.Name != "Ann" {
		t.Errorf("Ann's document: %+v, %v", x, err)
	}
	if x, err := c.BoardDoc(1); err != nil || x.Title != "Den" {
		t.Errorf("the board's document: %+v, %v", x, err)
	}
	if _, ok := c.Apply(13, &bowerbird.Event{Kind: bowerbird.ItemDelete, Item: "lamp"}); ok || !c.Live(1) {
		t.Error("an offset was applied twice")
	}
	c.Apply(14, &bowerbird.Event{Kind: bowerbird.BoardDelete, Board: "den"})
	if len(c.BoardItems(1)) != 0 || len(c.UserBoards(2)) != 0 || c.BoardLive(1) {
		t.Error("a deleted board keeps something")
	}
}

// TestSavesPlain compares a board with a list that is kept the slow way.
func TestSavesPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	list := []bowerbird.Event{{Kind: bowerbird.BoardPut, BoardDoc: &bowerbird.Board{ID: "b"}}}
	for i := range 20 {
		list = append(list, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: fmt.Sprint(i)}})
	}
	type pair struct{ item, user string }
	var plain []pair
	for range 2000 {
		p := pair{fmt.Sprint(rng.IntN(20)), fmt.Sprint(rng.IntN(3))}
		e := bowerbird.Event{Kind: bowerbird.Save, User: p.user, Item: p.item, Board: "b"}
		plain = slices.DeleteFunc(plain, func(q pair) bool { return q == p })
		if rng.IntN(2) == 0 {
			e.Kind = bowerbird.Unsave
		} else {
			plain = append(plain, p)
		}
		list = append(list, e)
		if rng.IntN(100) > 0 {
			continue
		}
		c, _, _ := fold(list...)
		var want []bowerbird.ItemID
		for i := len(plain) - 1; i >= 0; i-- {
			if id, _ := c.Item(plain[i].item); !slices.Contains(want, id) {
				want = append(want, id)
			}
		}
		if got := c.BoardItems(1); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func TestCatalogueFile(t *testing.T) {
	l := open(t, t.TempDir()+"/log")
	defer l.Close()
	rng := rand.New(rand.NewPCG(2, 2))
	if _, err := l.Append(t.Context(), events(rng, 3000)); err != nil {
		t.Fatal(err)
	}
	live := store.NewCatalogue(l, store.CatalogueOptions{})
	replay(t, l, live)
	eraseLive(t, l, live, person(1))
	middle := saved(t, live)
	if _, err := l.Append(t.Context(), events(rng, 3100)[3000:]); err != nil {
		t.Fatal(err)
	}
	replay(t, l, live)
	loaded := store.NewCatalogue(l, store.CatalogueOptions{})
	if err := loaded.Load(bytes.NewReader(middle)); err != nil {
		t.Fatal(err)
	}
	replay(t, l, loaded)
	if !bytes.Equal(saved(t, live), saved(t, loaded)) {
		t.Error("a checkpoint and the tail give another catalogue than the whole log")
	}
	// Every byte counts.
	before := saved(t, loaded)
	for i := range middle {
		bad := slices.Clone(middle)
		bad[i] ^= 1 << (i % 8)
		if err := loaded.Load(bytes.NewReader(bad)); !errors.Is(err, store.ErrCorrupt) {
			t.Fatalf("byte %d flipped: %v", i, err)
		}
		if i%7 == 0 {
			if err := loaded.Load(bytes.NewReader(middle[:i])); !errors.Is(err, store.ErrCorrupt) {
				t.Fatalf("cut at %d: %v", i, err)
			}
		}
	}
	if !bytes.Equal(before, saved(t, loaded)) {
		t.Error("a checkpoint that was refused changed the catalogue")
	}
}

// TestCatalogueReaders reads from several goroutines while one applies and saves.
func TestCatalogueReaders(t *testing.T) {
	list := events(rand.New(rand.NewPCG(3, 3)), 3000)
	c := store.NewCatalogue(memLog(list), store.CatalogueOptions{Docs: 8})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for g := range 3 {
		wg.Go(func() {
			for i := g; ctx.Err() == nil; i++ {
				id := bowerbird.ItemID(i % 40)
				if x, err := c.ItemDoc(id); err == nil && x.ID != c.ItemName(id) {
					t.Errorf("item %d is %q and %q", id, x.ID, c.ItemName(id))
				}
				c.BoardItems(bowerbird.BoardID(i % 20))
				c.UserBoards(bowerbird.UserID(i % 20))
				c.BoardMeta(bowerbird.BoardID(i % 20))
				c.Live(id)
			}
		})
	}
	for i := range list {
		c.Apply(uint64(i+1), &list[i])
		if i%500 == 0 {
			if err := c.Save(io.Discard); err != nil {
				t.Error(err)
			}
			c.Apply(uint64(i+1), &bowerbird.Event{Kind: bowerbird.UserErase, User: person(i % 12)})
		}
	}
	cancel()
	wg.Wait()
}

func TestCheckpoints(t *testing.T) {
	dir := t.TempDir()
	c, err := store.Checkpoints(dir)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := c.Latest(); p != nil || err != nil {
		t.Fatalf("an empty folder gave %v, %v", p, err)
	}
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	publish := func(offset uint64) {
		t.Helper()
		if err := c.Publish(offset, map[string]func(io.Writer) error{"a": text(fmt.Sprint("a", offset)), "b": text("b")}); err != nil {
			t.Fatal(err)
		}
	}
	latest := func(want uint64) {
		t.Helper()
		p, err := c.Latest()
		if err != nil || p == nil || p.Offset != want {
			t.Fatalf("latest %+v, %v, want %d", p, err, want)
		}
		r, err := p.Open("a")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if b, _ := io.ReadAll(r); string(b) != fmt.Sprint("a", want) {
			t.Errorf("view a is %q", b)
		}
		if _, err := p.Open("c"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("view c: %v", err)
		}
	}
	for _, o := range []uint64{5, 10, 100} {
		publish(o)
		latest(o)
	}
	if list, _ := os.ReadDir(dir); len(list) != 2 {
		t.Errorf("%d folders are left, want the last two", len(list))
	}
	mine := errors.New("mine")
	if err := c.Publish(200, map[string]func(io.Writer) error{"a": text("x"), "b": func(io.Writer) error { return mine }}); !errors.Is(err, mine) {
		t.Errorf("a view that fails: %v", err)
	}
	latest(100)
	if err := c.Publish(200, map[string]func(io.Writer) error{"../a": text("x")}); err == nil {
		t.Error("a name that leads elsewhere was taken")
	}
	for _, damage := range []func(string) error{
		func(p string) error { return os.WriteFile(p+"/a", []byte("a10x"), 0o644) },
		func(p string) error { return os.Truncate(p+"/a", 1) },
		func(p string) error { return os.Remove(p + "/b") },
		func(p string) error { return os.WriteFile(p+"/manifest.json", []byte("{"), 0o644) },
	} {
		publish(100)
		latest(100)
		if err := damage(filepath.Join(dir, fmt.Sprintf("%020d", 100))); err != nil {
			t.Fatal(err)
		}
		latest(10)
	}
	publish(100)
	if err := c.DropBefore(100); err != nil {
		t.Fatal(err)
	}
	latest(100)
	if err := c.DropBefore(101); err != nil {
		t.Fatal(err)
	}
	if p, err := c.Latest(); p != nil || err != nil {
		t.Errorf("after dropping all: %v, %v", p, err)
	}
	if err := os.Mkdir(dir+"/.tmp-left", 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Checkpoints(dir); err != nil {
		t.Fatal(err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("a crash's remains were left: %v", list)
	}
}
