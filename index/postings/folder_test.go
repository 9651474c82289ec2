package postings_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bowerbird/index/postings"

	"github.com/google/go-cmp/cmp"
)

func open(t testing.TB, dir string, o postings.Options) *postings.Index {
	t.Helper()
	o.Fields = twoFields
	ix, err := postings.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return ix
}

func checkpoint(t testing.TB, ix *postings.Index) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := ix.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A stored and opened index is the one that was stored, and stays so through writes, merges and further Stores.
func TestStoreAndOpen(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, 41, postings.Options{SyncMerge: true})
	w.write(t, 3000, 2000)
	first := w.ix
	for round := range 4 {
		if err := w.ix.Store(dir); err != nil {
			t.Fatal(err)
		}
		if round == 1 {
			if err := w.ix.Compact(); err != nil {
				t.Fatal(err)
			}
		}
		back := open(t, dir, postings.Options{SyncMerge: round != 2, Trust: round == 2})
		if s := back.Stats(); s.Mapped == 0 || s.Docs != len(w.docs) {
			t.Fatalf("round %d: %+v", round, s)
		}
		for range 60 {
			q := w.query()
			want := search(t, w.ix, q, postings.SearchOptions{K: 20})
			if d := cmp.Diff(want, search(t, back, q, postings.SearchOptions{K: 20})); d != "" {
				t.Fatalf("round %d, %+v: %s", round, q, d)
			}
			for _, h := range want[:min(1, len(want))] {
				if e, err := back.Explain(q, h.Doc, postings.SearchOptions{}); err != nil || e.Score != h.Score {
					t.Fatalf("round %d: explained %+v, found %v (%v)", round, e, h.Score, err)
				}
			}
		}
		if !bytes.Equal(checkpoint(t, w.ix), checkpoint(t, back)) {
			t.Fatalf("round %d: checkpoints differ", round)
		}
		w.ix = back // goes on from the folder
		w.write(t, 1500, 2000)
	}
	if err := first.Store(filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	if other := open(t, filepath.Join(dir, "other"), postings.Options{}); !bytes.Equal(checkpoint(t, first), checkpoint(t, other)) {
		t.Error("a second folder differs")
	}
	if got := search(t, w.ix, postings.Terms("w1"), postings.SearchOptions{}); len(got) == 0 {
		t.Error("nothing is found at the end")
	}
	if len(files(t, dir)) > 12 {
		t.Errorf("old files are still there: %v", files(t, dir))
	}
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// Merges in the background write to the folder and go on while the index is searched, written and stored.
func TestStoreWhileMerging(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, 43, postings.Options{})
	for range 6 {
		w.write(t, 2500, 6000)
		if err := w.ix.Store(dir); err != nil {
			t.Fatal(err)
		}
		if len(search(t, w.ix, postings.Terms("w1"), postings.SearchOptions{})) == 0 {
			t.Fatal("nothing found")
		}
	}
	if err := w.ix.Compact(); err != nil {
		t.Fatal(err)
	}
	if err := w.ix.Store(dir); err != nil {
		t.Fatal(err)
	}
	if s := w.ix.Stats(); s.Segments != 1 {
		t.Errorf("%d segments after Compact", s.Segments)
	}
	if !bytes.Equal(checkpoint(t, w.ix), checkpoint(t, open(t, dir, postings.Options{}))) {
		t.Error("opened differs")
	}
}

// Every byte of a folder that is changed or cut off is noticed when it is opened, or makes no difference.
func TestOpenNoticesDamage(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, 42, postings.Options{SyncMerge: true, Analyzer: "v1"})
	w.write(t, 10, 8)
	for d := range uint32(4) {
		put(t, w.ix, d, "to be deleted")
	}
	if err := w.ix.Store(dir); err != nil {
		t.Fatal(err)
	}
	w.ix.Delete(3)
	if err := w.ix.Store(dir); err != nil {
		t.Fatal(err)
	}
	o := postings.Options{Fields: twoFields, Analyzer: "v1"}
	good := checkpoint(t, w.ix)
	noticed, harmless := 0, 0
	for _, name := range files(t, dir) {
		whole, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for n := range whole {
			for _, cut := range []bool{false, true} {
				if cut && n%16 != 0 {
					continue
				}
				b := slices.Clone(whole)
				b[n] ^= 1 << (n % 8)
				if cut {
					b = whole[:n]
				}
				switch err := openDamaged(t, dir, name, b, o, good); {
				case err == nil && cut:
					t.Fatalf("%s cut to %d of %d bytes: opened", name, n, len(whole))
				case err == nil:
					harmless++
				case !errors.Is(err, postings.ErrCorrupt) && !errors.Is(err, postings.ErrAnalyzer):
					t.Fatalf("%s, byte %d: %v", name, n, err)
				default:
					noticed++
				}
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d changes noticed, %d without effect", noticed, harmless)
	if noticed < 1000 {
		t.Error("few changes were noticed")
	}
	if _, err := postings.Open(dir, postings.Options{Fields: twoFields, Analyzer: "v2"}); !errors.Is(err, postings.ErrAnalyzer) {
		t.Errorf("another analyser: %v", err)
	}
	if _, err := postings.Open(t.TempDir(), o); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

// openDamaged opens the folder with other bytes in one file; if that succeeds, the index must be the good one.
func openDamaged(t *testing.T, dir, name string, b []byte, o postings.Options, good []byte) error {
	path := filepath.Join(dir, name)
	if err := os.Remove(path); err != nil { // a new file: the old may still be mapped
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	ix, err := postings.Open(dir, o)
	if err != nil {
		return err
	}
	defer ix.Close()
	if !bytes.Equal(checkpoint(t, ix), good) {
		t.Fatalf("%s: damage went unnoticed", name)
	}
	return nil
}

// With Trust, damage to postings is an error of a search or wrong hits, never a panic or a loop.
func TestTrustNeverPanics(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, 44, postings.Options{SyncMerge: true})
	w.write(t, 400, 300)
	if err := w.ix.Store(dir); err != nil {
		t.Fatal(err)
	}
	all := files(t, dir)
	name := all[slices.IndexFunc(all, func(n string) bool { return strings.HasSuffix(n, ".seg") })]
	path := filepath.Join(dir, name)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	opened, failed := 0, 0
	for n := 64; n < len(whole); n += 171 {
		b := slices.Clone(whole)
		for i := n; i < min(n+8, len(b)); i++ {
			b[i] = byte(0xff - i%3)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		ix, err := postings.Open(dir, postings.Options{Fields: twoFields, Trust: true, SyncMerge: true})
		if err != nil {
			continue
		}
		opened++
		for range 5 {
			if _, err := ix.Search(context.Background(), w.query(), postings.SearchOptions{}); err != nil {
				if !errors.Is(err, postings.ErrCorrupt) {
					t.Fatal(err)
				}
				failed++
			}
			if err := ix.Put(w.rnd.Uint32N(300), tokens("w1 w2")); err != nil && !errors.Is(err, postings.ErrCorrupt) {
				t.Fatal(err)
			}
		}
		ix.Close()
	}
	t.Logf("%d opened, %d searches failed", opened, failed)
	if opened == 0 {
		t.Error("none opened")
	}
}
