package postings_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"bowerbird/index/postings"

	"github.com/google/go-cmp/cmp"
)

// fuzzed is an index with segments, records and dead documents.
var fuzzed = sync.OnceValue(func() *world {
	t := new(testing.T)
	w := newWorld(t, 51, postings.Options{SyncMerge: true})
	w.write(t, 2500, 1500)
	return w
})

// decodeQuery makes a query and options of any bytes.
func decodeQuery(b []byte) (q postings.Query, o postings.SearchOptions) {
	next := func() int {
		if len(b) == 0 {
			return 0
		}
		x := b[0]
		b = b[1:]
		return int(x)
	}
	word := func() string {
		if n := next(); n%16 == 0 {
			k := min(n/16, len(b))
			s := string(b[:k])
			b = b[k:]
			return s
		}
		return "w" + strings.TrimLeft(string(rune('0'+next()%10))+string(rune('0'+next()%10)), "0")
	}
	for len(b) > 0 && len(q.Clauses) < 6 {
		c := postings.Clause{Occur: postings.Occur(next() % 4), Boost: float64(next()%5) / 2}
		if next()%4 == 0 {
			c.Fields = []int{next() % 3}
		}
		for range 1 + next()%3 {
			l := postings.Leaf{Boost: float64(next()%3) / 2}
			for range 1 + next()%3 {
				l.Terms = append(l.Terms, word())
			}
			switch next() % 6 {
			case 0:
				l.Terms, l.Prefix = l.Terms[:1], true
			case 1:
				l.Terms, l.Fuzzy, l.Keep = l.Terms[:1], next()%4, next()%3
			case 2:
				l.Terms, l.Fuzzy, l.Prefix, l.Expand = l.Terms[:1], 1, true, next()
			case 3:
				l.Slop = next() % 8
			}
			c.Any = append(c.Any, l)
		}
		q.Clauses = append(q.Clauses, c)
	}
	q.MinShould, o.K = next()%4, next()%40
	if next()%3 == 0 {
		o.Filter = func(d uint32) bool { return d%3 == 0 }
	}
	if next()%3 == 0 {
		o.Weights = []float64{float64(next() % 3), float64(next() % 3)}
	}
	if next()%3 == 0 {
		o.Group = func(d uint32) uint64 { return uint64(d % 50) }
	}
	if next()%3 == 0 {
		o.Proximity = postings.Proximity{Weight: .3, Top: next() % 30}
	}
	return q, o
}

// FuzzSearch compares the pruned search with the exhaustive one, counts with hits, and explanations with scores.
func FuzzSearch(f *testing.F) {
	f.Add([]byte("\x00\x00\x01\x00\x00\x01\x01\x02\x01\x03\x05"))
	f.Add([]byte("\x01\x02\x03\x01\x01\x01\x01\x01\x02\x01\x01\x04\x01\x03\x01\x02\x05\x02\x00\x01\x01\x07\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		w := fuzzed()
		q, o := decodeQuery(b)
		fast, err := w.ix.Search(context.Background(), q, o)
		if err != nil {
			return
		}
		o.Exhaustive = true
		if d := cmp.Diff(search(t, w.ix, q, o), fast); d != "" {
			t.Fatalf("%+v: %s", q, d)
		}
		r, err := w.ix.Find(context.Background(), q, postings.SearchOptions{K: 2000, Filter: o.Filter, Weights: o.Weights})
		if err != nil || r.Total != len(r.Hits) {
			t.Fatalf("%+v: %d of %d hits, %v", q, len(r.Hits), r.Total, err)
		}
		if len(fast) > 0 && o.Proximity.Weight == 0 {
			e, err := w.ix.Explain(q, fast[0].Doc, o)
			if err != nil || e.Score != fast[0].Score {
				t.Fatalf("%+v: explained %+v, found %v (%v)", q, e, fast[0], err)
			}
		}
	})
}

// FuzzOpen changes bytes of a stored segment: opening fails, or the index is what it was. With Trust, nothing panics.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	w := newWorld(f, 52, postings.Options{SyncMerge: true})
	w.write(f, 30, 20)
	if err := w.ix.Store(dir); err != nil {
		f.Fatal(err)
	}
	good := checkpoint(f, w.ix)
	f.Add(uint8(0), uint32(100), []byte{1})
	f.Add(uint8(1), uint32(700), []byte{255, 255, 255})
	f.Add(uint8(2), uint32(20), []byte("abc"))
	f.Fuzz(func(t *testing.T, which uint8, at uint32, change []byte) {
		all := files(t, dir)
		name := all[int(which)%len(all)]
		mine := t.TempDir()
		for _, n := range all {
			b, err := os.ReadFile(filepath.Join(dir, n))
			if err != nil {
				t.Fatal(err)
			}
			if n == name {
				b = slices.Clone(b)
				for i, c := range change {
					b[(int(at)+i)%len(b)] ^= c
				}
			}
			if err := os.WriteFile(filepath.Join(mine, n), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if ix, err := postings.Open(mine, postings.Options{Fields: twoFields}); err == nil {
			if !bytes.Equal(checkpoint(t, ix), good) {
				t.Fatal("damage went unnoticed")
			}
			ix.Close()
		}
		ix, err := postings.Open(mine, postings.Options{Fields: twoFields, Trust: true})
		if err != nil {
			return
		}
		defer ix.Close()
		q := postings.Query{Clauses: []postings.Clause{clause(postings.Should, leaf("w1"), leaf("w0", "w1")), clause(postings.Should, postings.Leaf{Terms: []string{"w"}, Prefix: true})}}
		if _, err := ix.Search(context.Background(), q, postings.SearchOptions{}); err != nil && !errors.Is(err, postings.ErrCorrupt) {
			t.Fatal(err)
		}
		if err := ix.Put(3, tokens("w1")); err != nil && !errors.Is(err, postings.ErrCorrupt) {
			t.Fatal(err)
		}
	})
}
