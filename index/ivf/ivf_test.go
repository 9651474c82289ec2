package ivf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bowerbird/index"
	"bowerbird/index/indextest"
	"bowerbird/index/ivf"
)

func TestSuite(t *testing.T) {
	for _, bits := range []int{1, 4, 8} {
		t.Run(fmt.Sprint(bits), func(t *testing.T) {
			indextest.Run(t, indextest.Build{
				New: func(dim int, m index.Metric) (index.Index, error) {
					return ivf.New(dim, m, ivf.Options{Bits: bits, Probes: 60})
				},
				Load:   func(r io.Reader) (index.Index, error) { return ivf.Load(r) },
				Recall: 0.97,
			})
		})
	}
}

const dim = 32

// filled returns an index of n clustered vectors and them.
func filled(t *testing.T, n int, o ivf.Options) (*ivf.Index, []float32) {
	t.Helper()
	x, err := ivf.New(dim, index.L2, o)
	if err != nil {
		t.Fatal(err)
	}
	rows, ids := indextest.Clusters(n, dim, 1), make([]uint32, n)
	for i := range ids {
		ids[i] = uint32(i)
	}
	if err := x.PutMany(ids, rows, 2); err != nil {
		t.Fatal(err)
	}
	return x, rows
}

// With every list scanned only the bound of the codes can lose a hit.
func TestAllListsFindAll(t *testing.T) {
	for _, bits := range []int{1, 4, 8} {
		x, rows := filled(t, 4000, ivf.Options{Bits: bits})
		flat, _ := index.NewFlat(dim, index.L2)
		for i := range 4000 {
			if err := flat.Put(uint32(i), rows[i*dim:(i+1)*dim]); err != nil {
				t.Fatal(err)
			}
		}
		queries := indextest.Clusters(100, dim, 2)
		sum := 0.0
		for i := range 100 {
			q := queries[i*dim : (i+1)*dim]
			want, _ := flat.Search(q, 10, index.Options{})
			got, err := x.Search(q, 10, index.Options{Ef: x.Lists()})
			if err != nil {
				t.Fatal(err)
			}
			sum += indextest.Recall(got, want)
		}
		if sum < 99.5 {
			t.Errorf("%d bits: recall %.4f with every list", bits, sum/100)
		}
	}
}

func TestCalibrate(t *testing.T) {
	few0, _ := filled(t, 100, ivf.Options{})
	if _, err := few0.Probes(.9); err == nil {
		t.Error("Probes before there are lists: no error")
	}
	x, rows := filled(t, 6000, ivf.Options{})
	// By its own vectors, without Calibrate: a recall that is asked is found, and not by all lists.
	flat, _ := index.NewFlat(dim, index.L2)
	for i := range 6000 {
		if err := flat.Put(uint32(i), rows[i*dim:][:dim]); err != nil {
			t.Fatal(err)
		}
	}
	asked := indextest.Clusters(6400, dim, 1)[6000*dim:]
	for _, want := range []float32{.8, .9, .95} {
		sum := 0.0
		for i := range 400 {
			q := asked[i*dim:][:dim]
			truth, err := flat.Search(q, 10, index.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := x.Search(q, 10, index.Options{Recall: want})
			if err != nil {
				t.Fatal(err)
			}
			sum += indextest.Recall(got, truth)
		}
		if r := sum / 400; r < float64(want)-.02 || want < .9 && r > .95 {
			t.Errorf("recall %.2f asked, %.4f found", want, r)
		} else {
			t.Logf("recall %.2f asked, %.4f found", want, r)
		}
	}
	if _, err := x.Search(asked[:dim], 1, index.Options{Recall: -1}); !errors.Is(err, index.ErrNotFinite) {
		t.Errorf("recall -1: %v", err)
	}
	table, err := x.Calibrate(indextest.Clusters(200, dim, 1), 10)
	if err != nil {
		t.Fatal(err)
	}
	few, err1 := x.Probes(.5)
	many, err2 := x.Probes(.99)
	if err1 != nil || err2 != nil || few > many || many > x.Lists() || table[len(table)-1].Recall < .99 {
		t.Fatalf("%d and %d lists of %d, table %v, %v, %v", few, many, x.Lists(), table, err1, err2)
	}
	if _, err := x.Probes(1.5); err == nil {
		t.Error("a recall of 1.5: no error")
	}
	var buf bytes.Buffer
	if err := x.Save(&buf); err != nil {
		t.Fatal(err)
	}
	y, err := ivf.Load(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := y.Probes(.99); err != nil || n != many {
		t.Errorf("loaded: %d lists for .99, %v; was %d", n, err, many)
	}
}

// An index over a mapped file answers as the one that was saved, takes writes, and
// leaves the file alone.
func TestOpen(t *testing.T) {
	x, rows := filled(t, 3000, ivf.Options{Bits: 1})
	var buf bytes.Buffer
	if err := x.Save(&buf); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "index")
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	y, err := ivf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	same := func() {
		t.Helper()
		for i := range 30 {
			q := rows[i*dim : (i+1)*dim]
			a, err1 := x.Search(q, 10, index.Options{})
			b, err2 := y.Search(q, 10, index.Options{})
			if err1 != nil || err2 != nil || !slices.Equal(a, b) {
				t.Fatalf("%v, %v, %v, %v", a, b, err1, err2)
			}
		}
	}
	same()
	for id := range uint32(500) {
		for _, z := range []*ivf.Index{x, y} {
			z.Delete(id * 3)
			if err := z.Put(id*2, rows[int(id)*dim:int(id+1)*dim]); err != nil {
				t.Fatal(err)
			}
		}
	}
	same()
	if err := y.Close(); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, buf.Bytes()) {
		t.Fatal("the mapped file was changed", err)
	}
	for _, bad := range [][]byte{nil, buf.Bytes()[:100], append(slices.Clone(buf.Bytes()), 0), flip(buf.Bytes(), buf.Len()-1), flip(buf.Bytes(), buf.Len()-900)} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ivf.Open(path); !errors.Is(err, index.ErrCorrupt) {
			t.Errorf("a damaged file of %d bytes: %v", len(bad), err)
		}
	}
}

func flip(b []byte, at int) []byte {
	b = slices.Clone(b)
	b[at] ^= 4
	return b
}

func TestBadOptionsAndRows(t *testing.T) {
	for _, o := range []ivf.Options{{Bits: 3}, {Lists: -1}, {Lists: 1 << 20}, {Probes: -2}} {
		if _, err := ivf.New(8, index.L2, o); err == nil {
			t.Errorf("New with %+v: no error", o)
		}
	}
	x, _ := ivf.New(2, index.Cosine, ivf.Options{})
	if err := x.PutMany([]uint32{1, 2}, []float32{1, 2, 3}, 1); !errors.Is(err, index.ErrDim) {
		t.Errorf("PutMany of too few floats: %v", err)
	}
	if err := x.PutMany([]uint32{1, 2}, []float32{1, 2, 0, 0}, 1); !errors.Is(err, index.ErrZero) || x.Len() != 0 {
		t.Errorf("PutMany of a zero vector: %v, %d stored", err, x.Len())
	}
	if err := x.PutMany([]uint32{7, 7}, []float32{1, 0, 0, 1}, 1); err != nil || x.Len() != 1 {
		t.Errorf("an id that comes twice: %v, %d stored", err, x.Len())
	}
	if v, _ := x.Vector(nil, 7); !slices.Equal(v, []float32{0, 1}) {
		t.Errorf("an id that comes twice has %v", v)
	}
	if _, err := x.Calibrate([]float32{1}, 10); !errors.Is(err, index.ErrDim) {
		t.Errorf("Calibrate of half a query: %v", err)
	}
}

func Example() {
	x, _ := ivf.New(2, index.L2, ivf.Options{})
	for id := range uint32(1000) {
		_ = x.Put(id, []float32{float32(id % 40), float32(id / 40)})
	}
	hits, _ := x.Search([]float32{7.1, 5}, 2, index.Options{Ef: 8})
	fmt.Println(hits[0].ID, hits[1].ID)
	// Output: 207 208
}
