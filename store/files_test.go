package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bowerbird"
	"bowerbird/store"
)

func TestDir(t *testing.T) {
	d := store.Dir(t.TempDir() + "/data")
	lock, err := d.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(); !errors.Is(err, store.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	lock.Close()
	if lock, err = d.Open(); err != nil {
		t.Fatal(err)
	}
	lock.Close()
	if err := os.WriteFile(filepath.Join(string(d), "VERSION"), []byte("bowerbird data 9\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(); err == nil || !strings.Contains(err.Error(), "data 9") {
		t.Errorf("a later version: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(other+"/thesis.txt", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Dir(other).Open(); err == nil {
		t.Error("a folder that holds something else was taken")
	}
}

func TestLogTwice(t *testing.T) {
	dir := t.TempDir() + "/log"
	l := open(t, dir)
	if _, err := store.OpenLog(dir, store.LogOptions{}); err == nil {
		t.Error("one folder was opened twice")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir+"/log")
	if _, err := l.Append(t.Context(), []bowerbird.Event{save("a"), save("b")}); err != nil {
		t.Fatal(err)
	}
	if err := l.Backup(t.Context(), dir+"/copy"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), []bowerbird.Event{save("c")}); err != nil {
		t.Fatal(err)
	}
	if err := l.Backup(t.Context(), dir+"/copy"); err == nil {
		t.Error("a backup was overwritten")
	}
	if _, err := l.Append(t.Context(), []bowerbird.Event{save("d")}); err != nil {
		t.Errorf("a failed backup broke the log: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	back := open(t, dir+"/copy")
	defer back.Close()
	out, err := back.Append(t.Context(), []bowerbird.Event{save("b"), save("c")})
	want := []store.Appended{{Offset: 2, Duplicate: true}, {Offset: 3}}
	if d := cmp.Diff(want, out); err != nil || d != "" {
		t.Errorf("the copy: %v (-want +got):\n%s", err, d)
	}
}

// TestFlippedTable flips bytes of the tables of a closed log: what is read is
// right, or ErrCorrupt.
func TestFlippedTable(t *testing.T) {
	dir := t.TempDir() + "/log"
	l, err := store.OpenLog(dir, store.LogOptions{Uncompressed: true})
	if err != nil {
		t.Fatal(err)
	}
	var list []bowerbird.Event
	for i := range 500 {
		list = append(list, save(fmt.Sprint("event-", i)))
	}
	if _, err := l.Append(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	l.Close()
	open(t, dir).Close() // opening puts the write-ahead log into a table
	tables, _ := filepath.Glob(dir + "/*.sst")
	if len(tables) == 0 {
		t.Fatal("no table to damage")
	}
	found := 0
	for _, path := range tables {
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 50; i < len(good); i += len(good) / 12 {
			bad := bytes.Clone(good)
			bad[i] ^= 0x40
			if err := os.WriteFile(path, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			l, err := store.OpenLog(dir, store.LogOptions{})
			if err == nil {
				n := 0
				err = l.Scan(t.Context(), 1, 0, func(o uint64, e *bowerbird.Event) error {
					if n++; e.ID != list[o-1].ID {
						t.Errorf("byte %d: offset %d is %q", i, o, e.ID)
					}
					return nil
				})
				if err == nil && n != len(list) {
					t.Errorf("byte %d: %d events and no error", i, n)
				}
				l.Close()
			}
			if err != nil {
				if found++; !errors.Is(err, store.ErrCorrupt) {
					t.Errorf("byte %d: %v is not ErrCorrupt", i, err)
				}
			}
		}
		if err := os.WriteFile(path, good, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 {
		t.Error("no flipped byte was noticed")
	}
}

func TestBlobs(t *testing.T) {
	dir := t.TempDir()
	b, err := store.Blobs(dir, store.BlobOptions{MaxBytes: 10, Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-4
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if id, err := b.Put(t.Context(), []byte("abc")); err != nil || id != abc {
				t.Errorf("put: %s, %v", id, err)
			}
		})
	}
	wg.Wait()
	if data, err := b.Get(abc); err != nil || string(data) != "abc" {
		t.Errorf("get: %q, %v", data, err)
	}
	if f, err := b.Open(abc); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
	if _, err := b.Put(t.Context(), make([]byte, 11)); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	for _, bad := range []string{"", "../../etc/passwd", strings.Repeat("0", 63) + "/", strings.ToUpper(abc), strings.Repeat("0", 64)} {
		if _, err := b.Get(bad); !errors.Is(err, store.ErrNotFound) || b.Has(bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, abc[:2], abc), []byte("abd"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(abc); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("changed bytes: %v", err)
	}
	if err := errors.Join(b.Delete(abc), b.Delete(abc)); err != nil || b.Has(abc) {
		t.Errorf("delete: %v", err)
	}
}

func TestRegistry(t *testing.T) {
	dir := t.TempDir()
	r, err := store.Registry(dir)
	if err != nil {
		t.Fatal(err)
	}
	put := func(v string) error {
		return r.Put(v, map[string]any{"ndcg": .5}, map[string]func(io.Writer) error{
			"weights": func(w io.Writer) error { _, err := io.WriteString(w, "of "+v); return err }})
	}
	if _, err := r.Current(); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no current yet: %v", err)
	}
	for _, v := range []string{"m-1", "m-2", "m-3", "m-4"} {
		if err := put(v); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond) // List is by time
	}
	if err := put("m-1"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a version was replaced: %v", err)
	}
	for _, bad := range []string{"", "../m", ".m", "CURRENT"} {
		if put(bad) == nil {
			t.Errorf("version %q was taken", bad)
		}
	}
	mine := errors.New("mine")
	if err := r.Put("m-5", nil, map[string]func(io.Writer) error{"w": func(io.Writer) error { return mine }}); !errors.Is(err, mine) {
		t.Errorf("a file that fails: %v", err)
	}
	if err := r.SetCurrent("m-1"); err != nil {
		t.Fatal(err)
	}
	if err := r.SetCurrent("m-9"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("choosing what is not there: %v", err)
	}
	m, err := r.Current()
	if err != nil || m.Version != "m-1" || !strings.Contains(string(m.Card), "ndcg") {
		t.Fatalf("current: %+v, %v", m, err)
	}
	f, err := m.Open("weights")
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(f); string(b) != "of m-1" {
		t.Errorf("weights are %q", b)
	}
	f.Close()
	removed, err := r.Prune(1)
	if err != nil || !cmp.Equal(removed, []string{"m-3", "m-2"}) {
		t.Errorf("pruned %v, %v", removed, err)
	}
	list, err := r.List()
	if err != nil || len(list) != 2 || list[0].Version != "m-1" || list[1].Version != "m-4" {
		t.Errorf("left: %v, %v", list, err)
	}
	if err := os.WriteFile(dir+"/m-1/weights", []byte("of m-2"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Open("weights"); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("changed weights: %v", err)
	}
}

func TestKeys(t *testing.T) {
	path := t.TempDir() + "/keys.json"
	k, err := store.Keys(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := k.Check(""); ok {
		t.Error("no key let in")
	}
	a, secret, err := k.Create("shop", store.Write)
	if err != nil {
		t.Fatal(err)
	}
	b, other, err := k.Create("desk", store.Admin)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Create("x", "root"); err == nil {
		t.Error("an unknown scope was taken")
	}
	file, err := os.ReadFile(path)
	if err != nil || bytes.Contains(file, []byte(secret)) || bytes.Contains(file, []byte(secret[4:])) {
		t.Errorf("the file holds the secret: %v", err)
	}
	if k, err = store.Keys(path); err != nil {
		t.Fatal(err)
	}
	if got, ok := k.Check(secret); !ok || got.ID != a.ID || !got.Scope.Allows(store.Read) || !got.Scope.Allows(store.Write) || got.Scope.Allows(store.Admin) {
		t.Errorf("check: %+v, %v", got, ok)
	}
	if _, ok := k.Check(secret[:len(secret)-1] + "!"); ok {
		t.Error("another secret let in")
	}
	if err := k.Revoke(a.ID); err != nil {
		t.Fatal(err)
	}
	if err := k.Revoke(a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("revoked twice: %v", err)
	}
	if _, ok := k.Check(secret); ok {
		t.Error("a revoked key let in")
	}
	if got, ok := k.Check(other); !ok || got.ID != b.ID || len(k.List()) != 1 {
		t.Errorf("the other key: %+v, %v", got, ok)
	}
	if err := os.WriteFile(path, []byte(`[{"hash":"00"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Keys(path); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a damaged file: %v", err)
	}
}
