package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"bowerbird"
	"bowerbird/store"
)

func person(n int) string { return fmt.Sprintf("person-%d-of-the-world", n) }

// events makes a small world in which everybody does everything, also what is
// wrong: unknown items, boards that change hands, deletes.
func events(rng *rand.Rand, n int) []bowerbird.Event {
	pick := func(what string, n int) string { return fmt.Sprintf("%s-%d", what, rng.IntN(n)) }
	who := func() string { return person(rng.IntN(12)) }
	var out []bowerbird.Event
	for i := range n {
		e := bowerbird.Event{ID: fmt.Sprint("id", i), Time: int64(1000 + i), User: who()}
		switch r := rng.IntN(20); {
		case r < 3:
			e.Kind = bowerbird.ItemPut
			e.ItemDoc = &bowerbird.Item{ID: pick("item", 30), Title: "a thing", Categories: []string{pick("cat", 4)}, Hidden: rng.IntN(9) == 0}
			if rng.IntN(2) == 0 {
				e.ItemDoc.Owner = who()
			}
		case r < 4:
			e.Kind, e.Item = bowerbird.ItemDelete, pick("item", 30)
		case r < 6:
			e.Kind, e.BoardDoc = bowerbird.BoardPut, &bowerbird.Board{ID: pick("board", 15), Title: "things", Owner: who(), Secret: rng.IntN(3) == 0}
		case r < 7:
			e.Kind, e.Board = bowerbird.BoardDelete, pick("board", 15)
		case r < 8:
			e.Kind, e.UserDoc = bowerbird.UserPut, &bowerbird.User{ID: who(), Name: "Somebody"}
		case r < 12:
			e.Kind, e.Item, e.Board = bowerbird.Save, pick("item", 35), pick("board", 17)
		case r < 14:
			e.Kind, e.Item, e.Board = bowerbird.Unsave, pick("item", 35), pick("board", 17)
		case r < 15:
			e.Kind, e.Subject = bowerbird.Follow, who()
		case r < 16:
			e.Kind, e.Board = bowerbird.Follow, pick("board", 17)
		case r < 17:
			e.Kind, e.Subject = bowerbird.Mute, who()
		case r < 18:
			e.Kind, e.Item, e.Subject = bowerbird.Share, pick("item", 30), who()
		case r < 19:
			e.Kind, e.Query, e.Request = bowerbird.Search, "of "+e.User, "request of "+e.User
		default:
			e.Kind, e.Item = bowerbird.Impression, pick("item", 30)
		}
		out = append(out, e)
	}
	return out
}

func saved(t testing.TB, c *store.Catalogue) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replay folds a log from an offset on into c.
func replay(t testing.TB, l store.Log, c *store.Catalogue) {
	t.Helper()
	err := l.Scan(context.Background(), c.Offset()+1, 0, func(o uint64, e *bowerbird.Event) error {
		c.Apply(o, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// search looks for the name in every byte of a folder, names of files included.
func search(t testing.TB, dir, name string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(name)) || strings.Contains(path, name) {
			t.Errorf("%s still holds %q", path, name)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Fatalf("searched %d files: %v", files, err)
	}
}

// said fails if a decoded event says the name: the search behind compression.
func said(t testing.TB, l store.Log, name string) {
	t.Helper()
	err := l.Scan(context.Background(), 1, 0, func(o uint64, e *bowerbird.Event) error {
		b, err := json.Marshal(e)
		if bytes.Contains(b, []byte(name)) {
			t.Errorf("offset %d still says %q: %s", o, name, b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestErase erases people now and then from a busy log and holds three things:
// no byte of the folder names them, the live catalogue and a replay of the
// rewritten log agree byte for byte, and nobody else's number moved.
func TestErase(t *testing.T) {
	for _, uncompressed := range []bool{true, false} {
		t.Run(fmt.Sprintf("uncompressed=%v", uncompressed), func(t *testing.T) {
			opt := store.LogOptions{Uncompressed: uncompressed, BufferBytes: 64 << 10}
			dir := t.TempDir()
			l, err := store.OpenLog(dir+"/log", opt)
			if err != nil {
				t.Fatal(err)
			}
			views, err := store.Checkpoints(dir + "/checkpoints")
			if err != nil {
				t.Fatal(err)
			}
			c := store.NewCatalogue(l, store.CatalogueOptions{})
			rng := rand.New(rand.NewPCG(5, 6))
			ids := map[string]bowerbird.UserID{}
			all := events(rng, 6000)
			for i := 0; i < len(all); i += 500 {
				if _, err := l.Append(t.Context(), all[i:i+500]); err != nil {
					t.Fatal(err)
				}
				replay(t, l, c)
				for n := range 12 {
					ids[person(n)], _ = c.User(person(n))
				}
				if err := views.Publish(c.Offset(), map[string]func(io.Writer) error{"catalogue": c.Save}); err != nil {
					t.Fatal(err)
				}
				if i%1500 == 0 {
					gone := person(i / 1500)
					eraseLive(t, l, c, gone)
					if err := views.Publish(c.Offset(), map[string]func(io.Writer) error{"catalogue": c.Save}); err != nil {
						t.Fatal(err)
					}
					if err := views.DropBefore(l.LastErase()); err != nil {
						t.Fatal(err)
					}
					search(t, dir, gone)
					said(t, l, gone)
					if name := c.UserName(ids[gone]); name != "" {
						t.Errorf("number %d is still %q", ids[gone], name)
					}
					delete(ids, gone)
				}
				again := store.NewCatalogue(l, store.CatalogueOptions{})
				replay(t, l, again)
				if !bytes.Equal(saved(t, c), saved(t, again)) {
					t.Fatalf("after %d events the live catalogue and a replay differ", l.Last())
				}
				for name, id := range ids {
					if got, _ := again.User(name); got != id {
						t.Errorf("%s was %d and is %d", name, id, got)
					}
				}
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// eraseLive does what an engine does: the event goes through the one door, the
// views fold it, and the log forgets.
func eraseLive(t *testing.T, l store.Log, c *store.Catalogue, name string) {
	t.Helper()
	id, ok := c.User(name)
	out, err := l.Append(t.Context(), []bowerbird.Event{{Kind: bowerbird.UserErase, User: name}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := l.Read(out[0].Offset)
	if err != nil {
		t.Fatal(err)
	}
	if f, folded := c.Apply(out[0].Offset, &e); folded != ok || f.User != id {
		t.Errorf("erasing %s (%d, %v) folded %v as %+v", name, id, ok, folded, f)
	}
	if err := l.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestEraseCut takes a power cut at every write of an erasure. The next opening
// finishes what was asked for durably; nothing is lost on the way.
func TestEraseCut(t *testing.T) {
	mem := vfs.NewCrashableMem()
	var mu sync.Mutex
	var clones []*vfs.MemFS
	armed := false
	rng := rand.New(rand.NewPCG(7, 8))
	injected := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if armed && op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			clones = append(clones, mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50 * (len(clones) % 3), RNG: rng}))
		}
		return nil
	}))
	opt := store.LogOptions{FS: injected, BufferBytes: 64 << 10, Uncompressed: true}
	l, err := store.OpenLog("log", opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), events(rng, 2000)); err != nil {
		t.Fatal(err)
	}
	arm := func(on bool) { mu.Lock(); armed = on; mu.Unlock() }
	arm(true)
	if _, err := l.Erase(t.Context(), person(3)); err != nil {
		t.Fatal(err)
	}
	arm(false)
	searchMem(t, mem, person(3))
	want := store.NewCatalogue(l, store.CatalogueOptions{})
	replay(t, l, want)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	finished := 0
	every := 4
	if os.Getenv("BOWERBIRD_CUTS") != "" {
		every = 1
	}
	for i, clone := range clones {
		if i%every != 0 {
			continue
		}
		l, err := store.OpenLog("log", store.LogOptions{FS: clone, BufferBytes: 64 << 10, Uncompressed: true})
		if err != nil {
			t.Fatalf("cut %d of %d: %v", i, len(clones), err)
		}
		switch l.LastErase() {
		case 0:
			if l.Last() != 2000 {
				t.Errorf("cut %d: %d events and no erasure", i, l.Last())
			}
		default:
			finished++
			searchMem(t, clone, person(3))
			c := store.NewCatalogue(l, store.CatalogueOptions{})
			replay(t, l, c)
			if !bytes.Equal(saved(t, c), saved(t, want)) {
				t.Errorf("cut %d: another catalogue", i)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if finished < 5 {
		t.Errorf("%d of %d cuts left something to finish", finished, len(clones))
	}
	t.Logf("one in %d of %d cuts, %d erasures finished by the next opening", every, len(clones), finished)
}

func searchMem(t *testing.T, fs *vfs.MemFS, name string) {
	t.Helper()
	list, err := fs.List("log")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		f, err := fs.Open("log/" + x)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(name)) {
			t.Errorf("%s still holds %q", x, name)
		}
		f.Close()
	}
}
