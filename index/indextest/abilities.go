package indextest

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"bowerbird/index"

	"github.com/RoaringBitmap/roaring/v2"
)

// testExcluded excludes what a person has seen: far more ids than the index holds, and most of those.
func testExcluded(t *testing.T, b Build) {
	x, exact, _ := pairOf(t, b, index.L2, b.Size)
	seen := roaring.New()
	for id := range uint32(100_000) {
		if id%7 != 3 {
			seen.Add(id)
		}
	}
	if r := meanRecall(t, b, x, exact, index.Options{Exclude: seen}); r < b.Recall {
		t.Errorf("six in seven excluded: recall@10 = %.3f, want %.3f", r, b.Recall)
	}
}

// testAsked asks for a recall, which must be found for queries of the same clusters, and for what is none.
func testAsked(t *testing.T, b Build) {
	const queries = 100
	x, rows := build(t, b, dim, index.L2), Clusters(b.Size+queries, dim, 7)
	exact, err := index.NewFlat(dim, index.L2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Size {
		put(t, x, uint32(i), rows[i*dim:][:dim])
		put(t, exact, uint32(i), rows[i*dim:][:dim])
	}
	for _, want := range []float32{.5, .9, .95} {
		sum := 0.0
		for i := range queries {
			q := rows[(b.Size+i)*dim:][:dim]
			truth, err := exact.Search(q, 10, index.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := x.Search(q, 10, index.Options{Recall: want})
			if err != nil {
				t.Fatal(err)
			}
			checkHits(t, x, q, got, index.Options{})
			sum += recallByID(got, truth)
		}
		if r := sum / queries; r < min(float64(want)-.03, b.Recall) {
			t.Errorf("recall %.2f asked, %.3f found", want, r)
		}
	}
	for _, bad := range []float32{-.1, 1.1, float32(math.NaN()), float32(math.Inf(1))} {
		if _, err := x.Search(rows[:dim], 1, index.Options{Recall: bad}); !errors.Is(err, index.ErrNotFinite) {
			t.Errorf("recall %g: %v", bad, err)
		}
	}
}

// testExact compares SearchExact, where an index has it, with exact search.
func testExact(t *testing.T, b Build) {
	x, exact, rows := pairOf(t, b, index.Cosine, b.Size)
	e, ok := x.(index.Exact)
	if !ok {
		t.Skip("this index has no SearchExact")
	}
	even := func(id uint32) bool { return id%2 == 0 }
	sum, asked := 0.0, 0
	for i := 0; i < b.Size; i += b.Size/30 + 1 {
		for _, o := range []index.Options{{}, {Filter: even}} {
			got, err := e.SearchExact(rows[i*dim:][:dim], 10, o)
			if err != nil {
				t.Fatal(err)
			}
			want, err := exact.Search(rows[i*dim:][:dim], 10, o)
			if err != nil {
				t.Fatal(err)
			}
			checkHits(t, x, rows[i*dim:][:dim], got, o)
			asked++
			sum += recallByID(got, want)
		}
	}
	if least := .999; b.Rounding == 0 && sum/float64(asked) < least || sum/float64(asked) < .9 {
		t.Errorf("SearchExact finds %.4f", sum/float64(asked))
	}
	if _, err := e.SearchExact(rows[:dim], 0, index.Options{}); !errors.Is(err, index.ErrK) {
		t.Errorf("SearchExact with k 0: %v", err)
	}
	if _, err := e.SearchExact(rows[:dim-1], 1, index.Options{}); !errors.Is(err, index.ErrDim) {
		t.Errorf("SearchExact of a short query: %v", err)
	}
}

// testMadeOf holds Range, SearchMany and Diverse over the index to what they are over exact search.
func testMadeOf(t *testing.T, b Build) {
	x, exact, rows := pairOf(t, b, index.L2, b.Size)
	ranged, many, asked := 0.0, 0.0, 0.0
	for i := 0; i < b.Size; i += b.Size/20 + 1 {
		q := rows[i*dim:][:dim]
		far, err := exact.Search(q, 100, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		least := far[len(far)-1].Score
		got, err := index.Range(x, q, least, 0, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range got {
			if h.Score < least {
				t.Fatalf("Range from %g returns %v", least, h)
			}
		}
		checkHits(t, x, q, got, index.Options{})
		ranged += recallByID(got, far)
		interests := []index.Interest{{Vector: q}, {Vector: rows[(b.Size-1-i)*dim:][:dim], Weight: 2}}
		for _, merge := range []index.Merge{index.Best, index.Share} {
			got, err := index.SearchMany(x, interests, 10, merge, index.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want, err := index.SearchMany(exact, interests, 10, merge, index.Options{})
			if err != nil {
				t.Fatal(err)
			}
			many += recallByID(got, want) / 2
		}
		other, err := index.Diverse(x, got, 5, .5)
		if err != nil || len(other) != min(5, len(got)) {
			t.Fatalf("Diverse of %d hits: %v, %v", len(got), other, err)
		}
		asked++
	}
	if ranged/asked < b.Recall-.05 || many/asked < b.Recall-.05 {
		t.Errorf("Range finds %.3f, SearchMany %.3f of what exact search does", ranged/asked, many/asked)
	}
}

// testPutMany puts many at once, where an index can, and refuses all of them for one that is bad.
func testPutMany(t *testing.T, b Build) {
	x, rows := build(t, b, dim, index.Cosine), Clusters(b.Size, dim, 7)
	many, ok := x.(interface {
		PutMany(ids []uint32, rows []float32, threads int) error
	})
	if !ok {
		t.Skip("this index has no PutMany")
	}
	exact, err := index.NewFlat(dim, index.Cosine)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]uint32, b.Size)
	for i := range ids {
		ids[i] = uint32(i)
		put(t, exact, ids[i], rows[i*dim:][:dim])
	}
	if err := many.PutMany(ids, rows, 2); err != nil || x.Len() != b.Size {
		t.Fatalf("PutMany: %v, %d vectors", err, x.Len())
	}
	if r := meanRecall(t, b, x, exact, index.Options{}); r < b.Recall {
		t.Errorf("recall@10 after PutMany = %.3f, want %.3f", r, b.Recall)
	}
	before := save(t, x)
	nan := slices.Clone(rows[:2*dim])
	nan[dim+1] = float32(math.NaN())
	for name, c := range map[string]struct {
		rows []float32
		want error
	}{
		"too few numbers": {rows[:dim+1], index.ErrDim}, "NaN": {nan, index.ErrNotFinite},
		"zero": {append(slices.Clone(rows[:dim]), make([]float32, dim)...), index.ErrZero},
	} {
		if err := many.PutMany([]uint32{1, 1 << 20}, c.rows, 1); !errors.Is(err, c.want) {
			t.Errorf("PutMany of %s: %v, want %v", name, err, c.want)
		}
	}
	if !bytes.Equal(before, save(t, x)) {
		t.Error("a PutMany that was refused changed the index")
	}
}

// testPutAgain puts an id that is there: the new vector takes the place of the old one.
func testPutAgain(t *testing.T, b Build) {
	x, _, rows := pairOf(t, b, index.L2, 1100)
	other := Clusters(3000, dim, 77)
	for id := range uint32(50) {
		put(t, x, id, other[int(id)*dim:][:dim])
	}
	if x.Len() != 1100 {
		t.Errorf("Len %d after 50 of 1,100 ids were put again", x.Len())
	}
	for id := range uint32(50) {
		hits, err := x.Search(rows[int(id)*dim:][:dim], 3, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkHits(t, x, rows[int(id)*dim:][:dim], hits, index.Options{})
		if v, ok := x.Vector(nil, id); !ok || !b.near(v, other[int(id)*dim:][:dim]) {
			t.Fatalf("id %d still has its old vector", id)
		}
	}
}

// testCompact compacts, where an index can, after a third was deleted.
func testCompact(t *testing.T, b Build) {
	x, exact, _ := pairOf(t, b, index.L2, b.Size)
	c, ok := x.(interface{ Compact(context.Context) error })
	if !ok {
		t.Skip("this index has no Compact")
	}
	for id := range uint32(b.Size / 3) {
		x.Delete(id * 2)
		exact.Delete(id * 2)
	}
	if err := c.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := meanRecall(t, b, x, exact, index.Options{}); r < b.Recall || x.Len() != exact.Len() {
		t.Errorf("compacted: recall@10 = %.3f, want %.3f; Len %d, want %d", r, b.Recall, x.Len(), exact.Len())
	}
	y, err := b.Load(bytes.NewReader(save(t, x)))
	if err != nil || y.Len() != x.Len() {
		t.Fatalf("compacted, saved and loaded: %v", err)
	}
}
