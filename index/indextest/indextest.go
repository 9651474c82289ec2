// Package indextest is the suite that every index passes.
package indextest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"bowerbird/index"

	"github.com/RoaringBitmap/roaring/v2"
)

// Build makes the index under test. Load reads what its Save wrote.
type Build struct {
	New  func(dim int, m index.Metric) (index.Index, error)
	Load func(r io.Reader) (index.Index, error)
	// Recall is the least recall@10 against exact search; 1 means exact.
	Recall float64
	// Size is the number of vectors in the tests of recall; 0 means 2000.
	Size int
	// Rounding is how far a number of a stored vector may be from what was put, as a share of
	// the largest that was put into the same index; 0: it is kept to the bit.
	Rounding float32
}

// Clusters returns n vectors of dim floats, row-major, around n/100 centres: a
// stand-in for learned embeddings, which are never spread evenly. The same seed
// gives the same vectors. The spread around a centre is 0.6 of that between
// centres in each dimension, and norms vary by centre.
func Clusters(n, dim int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 0x636c7573))
	centres := make([]float32, max(1, n/100)*dim)
	for i := range centres {
		centres[i] = float32(r.NormFloat64())
	}
	rows := make([]float32, n*dim)
	for i := range n {
		c := r.IntN(len(centres) / dim)
		for j := range dim {
			rows[i*dim+j] = centres[c*dim+j] + 0.6*float32(r.NormFloat64())
		}
	}
	return rows
}

// Recall is index.RecallOf.
func Recall(got, truth []index.Hit) float64 { return index.RecallOf(got, truth) }

// recallByID returns the share of the true hits that got holds, where scores are of rounded
// vectors.
func recallByID(got, truth []index.Hit) float64 {
	n := 0
	for _, h := range truth {
		if slices.ContainsFunc(got, func(g index.Hit) bool { return g.ID == h.ID }) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(truth)))
}

// near reports whether a vector came back as it was put, but for rounding.
func (b *Build) near(got, want []float32) bool {
	if b.Rounding == 0 {
		return slices.Equal(got, want)
	}
	if len(got) != len(want) {
		return false
	}
	for i, x := range want {
		if d := got[i] - x; d > b.Rounding*largest || d < -b.Rounding*largest {
			return false
		}
	}
	return true
}

// largest is about the largest number in Clusters.
const largest = 6

// Run runs the suite.
func Run(t *testing.T, b Build) {
	if b.Size == 0 {
		b.Size = 2000
	}
	metrics := []index.Metric{index.InnerProduct, index.Cosine, index.L2}
	if Race {
		metrics, b.Size = metrics[2:], min(b.Size, 1100)
	}
	for _, m := range metrics {
		t.Run(fmt.Sprint(m), func(t *testing.T) {
			t.Run("recall", func(t *testing.T) { testRecall(t, b, m) })
			t.Run("churn", func(t *testing.T) { testChurn(t, b, m) })
			t.Run("saved", func(t *testing.T) { testSaved(t, b, m) })
		})
	}
	t.Run("options", func(t *testing.T) { testOptions(t, b) })
	t.Run("excluded", func(t *testing.T) { testExcluded(t, b) })
	t.Run("asked", func(t *testing.T) { testAsked(t, b) })
	t.Run("exact", func(t *testing.T) { testExact(t, b) })
	t.Run("made of searches", func(t *testing.T) { testMadeOf(t, b) })
	t.Run("put many", func(t *testing.T) { testPutMany(t, b) })
	t.Run("put again", func(t *testing.T) { testPutAgain(t, b) })
	t.Run("compact", func(t *testing.T) { testCompact(t, b) })
	t.Run("bad input", func(t *testing.T) { testBadInput(t, b) })
	t.Run("empty", func(t *testing.T) { testEmpty(t, b) })
	t.Run("ties", func(t *testing.T) { testTies(t, b) })
	t.Run("concurrent", func(t *testing.T) { testConcurrent(t, b) })
	t.Run("damaged", func(t *testing.T) { testDamaged(t, b) })
}

const dim = 24

func build(t *testing.T, b Build, dim int, m index.Metric) index.Index {
	t.Helper()
	x, err := b.New(dim, m)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func put(t *testing.T, x index.Index, id uint32, v []float32) {
	t.Helper()
	if err := x.Put(id, v); err != nil {
		t.Fatal(err)
	}
}

// pairOf fills the index under test and an exact one with the same vectors.
func pairOf(t *testing.T, b Build, m index.Metric, n int) (x index.Index, exact *index.Flat, rows []float32) {
	t.Helper()
	x, rows = build(t, b, dim, m), Clusters(n, dim, 7)
	exact, err := index.NewFlat(dim, m)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		put(t, x, uint32(i), rows[i*dim:(i+1)*dim])
		put(t, exact, uint32(i), rows[i*dim:(i+1)*dim])
	}
	return x, exact, rows
}

// meanRecall compares x with exact on 50 queries near the stored vectors.
func meanRecall(t *testing.T, b Build, x, exact index.Index, o index.Options) float64 {
	t.Helper()
	r, sum := rand.New(rand.NewPCG(8, 8)), 0.0
	queries := Clusters(2000, dim, 7)
	const n = 50
	for range n {
		q := slices.Clone(queries[r.IntN(2000)*dim:][:dim])
		for i := range q {
			q[i] += 0.3 * float32(r.NormFloat64())
		}
		want, err := exact.Search(q, 10, o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Search(q, 10, o)
		if err != nil {
			t.Fatal(err)
		}
		checkHits(t, x, q, got, o)
		if len(got) != len(want) {
			t.Fatalf("%d hits, exact search has %d", len(got), len(want))
		}
		if b.Rounding > 0 {
			sum += recallByID(got, want)
			continue
		}
		sum += Recall(got, want)
	}
	return sum / n
}

// checkHits holds what is true of any answer: best first, each id once and
// admitted, and each score that of the vector which is stored.
func checkHits(t *testing.T, x index.Index, q []float32, hits []index.Hit, o index.Options) {
	t.Helper()
	p := make([]float32, len(q))
	if err := x.Metric().Prepare(p, q); err != nil {
		t.Fatal(err)
	}
	seen := map[uint32]bool{}
	for i, h := range hits {
		if i > 0 && (hits[i-1].Score < h.Score || hits[i-1].Score == h.Score && hits[i-1].ID > h.ID) {
			t.Fatalf("hits %d and %d out of order: %v", i-1, i, hits)
		}
		if seen[h.ID] || !o.Admits(h.ID) {
			t.Fatalf("id %d is doubled or not admitted", h.ID)
		}
		seen[h.ID] = true
		v, ok := x.Vector(nil, h.ID)
		if !ok {
			t.Fatalf("id %d is not stored", h.ID)
		}
		if s := x.Metric().Score(p, v); s != h.Score {
			t.Fatalf("id %d scores %g, its vector %g", h.ID, h.Score, s)
		}
	}
}

func testRecall(t *testing.T, b Build, m index.Metric) {
	x, exact, _ := pairOf(t, b, m, b.Size)
	if x.Len() != b.Size || x.Dim() != dim || x.Metric() != m {
		t.Fatalf("Len %d, Dim %d, Metric %v", x.Len(), x.Dim(), x.Metric())
	}
	if r := meanRecall(t, b, x, exact, index.Options{}); r < b.Recall {
		t.Errorf("recall@10 = %.3f, want %.3f", r, b.Recall)
	}
}

// testChurn deletes, replaces and adds, and asks that recall stays.
func testChurn(t *testing.T, b Build, m index.Metric) {
	n := b.Size
	x, exact, _ := pairOf(t, b, m, n)
	fresh := Clusters(2*n, dim, 9)
	r := rand.New(rand.NewPCG(5, 5))
	for i := range n {
		id := uint32(r.IntN(n + n/2))
		if i%2 == 0 {
			got, want := x.Delete(id), exact.Delete(id)
			if got != want {
				t.Fatalf("Delete(%d) = %v, want %v", id, got, want)
			}
			continue
		}
		v := fresh[int(id)*dim:][:dim]
		put(t, x, id, v)
		put(t, exact, id, v)
	}
	if x.Len() != exact.Len() {
		t.Fatalf("Len %d, want %d", x.Len(), exact.Len())
	}
	for id := range uint32(n + n/2) {
		got, ok := x.Vector(nil, id)
		want, wantOK := exact.Vector(nil, id)
		if ok != wantOK || !b.near(got, want) {
			t.Fatalf("Vector(%d) = %v, %v; want %v, %v", id, got, ok, want, wantOK)
		}
	}
	if r := meanRecall(t, b, x, exact, index.Options{}); r < b.Recall {
		t.Errorf("recall@10 after churn = %.3f, want %.3f", r, b.Recall)
	}
	for id := range uint32(n + n/2) {
		x.Delete(id)
	}
	if hits, err := x.Search(fresh[:dim], 5, index.Options{}); x.Len() != 0 || err != nil || len(hits) != 0 {
		t.Fatalf("after deleting all: Len %d, hits %v, %v", x.Len(), hits, err)
	}
	put(t, x, 77, fresh[:dim])
	if hits, err := x.Search(fresh[:dim], 5, index.Options{}); err != nil || len(hits) != 1 || hits[0].ID != 77 {
		t.Fatalf("one after deleting all: %v, %v", hits, err)
	}
}

// testSaved asks that the same history gives the same bytes, and that what is
// loaded answers and goes on as the original does.
func testSaved(t *testing.T, b Build, m index.Metric) {
	history := func() index.Index {
		x := build(t, b, dim, m)
		rows := Clusters(600, dim, 3)
		for i := range 600 {
			put(t, x, uint32(i*7), rows[i*dim:][:dim])
			if i%5 == 0 {
				x.Delete(uint32(i * 3))
			}
		}
		return x
	}
	x := history()
	first := save(t, x)
	if !bytes.Equal(first, save(t, history())) {
		t.Fatal("the same history saved other bytes")
	}
	y, err := b.Load(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, save(t, y)) {
		t.Fatal("saved, loaded and saved again: other bytes")
	}
	more := Clusters(300, dim, 4)
	for i := range 300 {
		for _, z := range []index.Index{x, y} {
			put(t, z, uint32(i*11), more[i*dim:][:dim])
			z.Delete(uint32(i * 4))
		}
	}
	for i := range 40 {
		a, err := x.Search(more[i*dim:][:dim], 10, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := y.Search(more[i*dim:][:dim], 10, index.Options{})
		if err != nil || !slices.Equal(a, c) {
			t.Fatalf("the loaded index answers %v, %v; the original %v", c, err, a)
		}
	}
	if !bytes.Equal(save(t, x), save(t, y)) {
		t.Fatal("the loaded index went on otherwise than the original")
	}
}

func save(t *testing.T, x index.Index) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := x.Save(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// testOptions filters at several selectivities in each of the three ways.
func testOptions(t *testing.T, b Build) {
	n := b.Size
	x, exact, rows := pairOf(t, b, index.L2, n)
	for _, every := range []int{2, 10, 100, 1000} {
		only := func(id uint32) bool { return id%uint32(every) == 0 }
		in, out := roaring.New(), roaring.New()
		for id := range uint32(n) {
			if only(id) {
				in.Add(id)
			} else {
				out.Add(id)
			}
		}
		for name, o := range map[string]index.Options{
			"within": {Within: in}, "exclude": {Exclude: out}, "filter": {Filter: only},
			"all three": {Within: in, Exclude: roaring.BitmapOf(0), Filter: only},
		} {
			if r := meanRecall(t, b, x, exact, o); r < b.Recall {
				t.Errorf("%s of 1 in %d: recall@10 = %.3f, want %.3f", name, every, r, b.Recall)
			}
		}
	}
	absent := roaring.BitmapOf(uint32(n), uint32(n+1))
	for name, o := range map[string]index.Options{
		"filter": {Filter: func(uint32) bool { return false }}, "empty within": {Within: roaring.New()},
		"absent within": {Within: absent},
	} {
		if hits, err := x.Search(rows[:dim], 3, o); err != nil || len(hits) != 0 {
			t.Errorf("%s matches nothing: %v, %v", name, hits, err)
		}
	}
}

func testBadInput(t *testing.T, b Build) {
	if _, err := b.New(0, index.L2); !errors.Is(err, index.ErrDim) {
		t.Errorf("New with dim 0: %v", err)
	}
	if _, err := b.New(index.MaxDim+1, index.L2); !errors.Is(err, index.ErrDim) {
		t.Errorf("New with dim too large: %v", err)
	}
	if _, err := b.New(3, index.Metric(9)); err == nil {
		t.Error("New with an unknown metric: no error")
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		name string
		m    index.Metric
		v    []float32
		want error
	}{
		{"short", index.L2, []float32{1, 2}, index.ErrDim},
		{"long", index.L2, []float32{1, 2, 3, 4}, index.ErrDim},
		{"nil", index.InnerProduct, nil, index.ErrDim},
		{"NaN", index.InnerProduct, []float32{1, nan, 3}, index.ErrNotFinite},
		{"Inf", index.Cosine, []float32{1, 2, inf}, index.ErrNotFinite},
		{"too large", index.L2, []float32{3e38, 3e38, 3e38}, index.ErrNotFinite},
		{"zero", index.Cosine, []float32{0, 0, 0}, index.ErrZero},
	} {
		x := build(t, b, 3, c.m)
		put(t, x, 4, []float32{1, 2, 3})
		before := save(t, x)
		if err := x.Put(4, c.v); !errors.Is(err, c.want) {
			t.Errorf("Put %s: %v, want %v", c.name, err, c.want)
		}
		if _, err := x.Search(c.v, 1, index.Options{}); !errors.Is(err, c.want) {
			t.Errorf("Search %s: %v, want %v", c.name, err, c.want)
		}
		if !bytes.Equal(before, save(t, x)) {
			t.Errorf("Put %s changed the index", c.name)
		}
	}
	x := build(t, b, 3, index.L2)
	for _, k := range []int{0, -1} {
		if _, err := x.Search([]float32{1, 2, 3}, k, index.Options{}); !errors.Is(err, index.ErrK) {
			t.Errorf("Search with k %d: %v", k, err)
		}
	}
	put(t, x, 1, []float32{0, 0, 0})
	if hits, err := x.Search([]float32{0, 0, 0}, 1, index.Options{}); err != nil || len(hits) != 1 {
		t.Errorf("a zero vector under L2: %v, %v", hits, err)
	}
}

func testEmpty(t *testing.T, b Build) {
	x := build(t, b, 3, index.L2)
	q := []float32{1, 2, 3}
	if hits, err := x.Search(q, 5, index.Options{}); err != nil || len(hits) != 0 {
		t.Errorf("empty index: %v, %v", hits, err)
	}
	if x.Delete(1) || x.Len() != 0 {
		t.Error("Delete from an empty index")
	}
	if _, ok := x.Vector(nil, 1); ok {
		t.Error("Vector from an empty index")
	}
	y, err := b.Load(bytes.NewReader(save(t, x)))
	if err != nil || y.Len() != 0 {
		t.Fatalf("empty index saved and loaded: %v", err)
	}
	put(t, y, math.MaxUint32, q)
	put(t, y, 0, []float32{9, 9, 9})
	hits, err := y.Search(q, 1<<40, index.Options{Ef: 1 << 40})
	if err != nil || len(hits) != 2 || hits[0].ID != math.MaxUint32 {
		t.Errorf("k larger than the index: %v, %v", hits, err)
	}
	v, _ := y.Vector([]float32{8}, 0)
	if !slices.Equal(v, []float32{8, 9, 9, 9}) {
		t.Errorf("Vector appended %v", v)
	}
	q[0] = 100
	if v, _ := y.Vector(nil, math.MaxUint32); v[0] != 1 {
		t.Error("the index kept the caller's slice")
	}
}

// testTies stores one vector under many ids: the smaller ids come first.
func testTies(t *testing.T, b Build) {
	x := build(t, b, 3, index.L2)
	for i := range uint32(12) {
		put(t, x, 11-i, []float32{1, 2, 3})
	}
	hits, err := x.Search([]float32{1, 2, 3}, 12, index.Options{})
	if err != nil || len(hits) != 12 {
		t.Fatalf("%v, %v", hits, err)
	}
	for i, h := range hits {
		if h.ID != uint32(i) || h.Score != 0 {
			t.Fatalf("hit %d is %v", i, h)
		}
	}
}

// testConcurrent writes and searches at once. Vectors hold their id, so that an
// answer put together from two of them is seen.
func testConcurrent(t *testing.T, b Build) {
	const n, d = 1200, 16
	x := build(t, b, d, index.L2)
	of := func(id uint32) []float32 {
		v := make([]float32, d)
		for i := range v {
			v[i] = float32(id % 97)
		}
		v[0] = float32(id)
		return v
	}
	for id := range uint32(n) {
		put(t, x, id, of(id))
	}
	done := make(chan struct{})
	var readers, writer sync.WaitGroup
	writer.Go(func() {
		r := rand.New(rand.NewPCG(1, 1))
		for range 800 {
			id := uint32(r.IntN(2 * n))
			if r.IntN(2) == 0 {
				x.Delete(id)
			} else if err := x.Put(id, of(id)); err != nil {
				t.Error(err)
			}
		}
	})
	for g := range 3 {
		readers.Go(func() {
			r := rand.New(rand.NewPCG(2, uint64(g)))
			for {
				select {
				case <-done:
					return
				default:
				}
				q := of(uint32(r.IntN(2 * n)))
				o := index.Options{}
				if g == 1 {
					o.Filter = func(id uint32) bool { return id%3 == 0 }
				}
				hits, err := x.Search(q, 5, o)
				if err != nil {
					t.Error(err)
					return
				}
				for _, h := range hits {
					want := x.Metric().Score(q, of(h.ID))
					if b.Rounding == 0 && h.Score != want || !o.Admits(h.ID) {
						t.Errorf("id %d scores %g, want %g", h.ID, h.Score, want)
						return
					}
				}
			}
		})
	}
	writer.Wait()
	close(done)
	readers.Wait()
}

// testDamaged changes and cuts a saved file everywhere: each must be refused.
func testDamaged(t *testing.T, b Build) {
	x := build(t, b, 4, index.Cosine)
	rows := Clusters(40, 4, 1)
	for i := range 40 {
		put(t, x, uint32(i), rows[i*4:][:4])
	}
	x.Delete(3)
	good := save(t, x)
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 1 << (i % 8)
		if _, err := b.Load(bytes.NewReader(bad)); !errors.Is(err, index.ErrCorrupt) {
			t.Fatalf("byte %d of %d flipped: %v", i, len(good), err)
		}
		if _, err := b.Load(bytes.NewReader(good[:i])); !errors.Is(err, index.ErrCorrupt) {
			t.Fatalf("cut at %d of %d: %v", i, len(good), err)
		}
	}
	failing := errors.New("disk full")
	if err := x.Save(failAfter{10, failing}); !errors.Is(err, failing) {
		t.Errorf("Save to a full disk: %v", err)
	}
}

type failAfter struct {
	n   int
	err error
}

func (f failAfter) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return 0, f.err
	}
	return len(p), nil
}
