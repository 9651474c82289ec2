package main

import (
	"compress/gzip"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bowerbird/internal/vec"
)

// dataFolder finds the public data sets beside the repository.
func dataFolder(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("BOWERBIRD_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is absent: set BOWERBIRD_DATA to the folder of the data sets", dir)
	}
	return dir
}

func TestReadPlanetoid(t *testing.T) {
	p, err := readPlanetoid(filepath.Join(dataFolder(t, "graph-planetoid"), "ind.cora."))
	if err != nil {
		t.Fatal(err)
	}
	// The counts that the data set's publication states.
	if len(p.class) != 2708 || p.x.Dim != 1433 || p.classes != 7 || p.graph.Edges() != 2*5278 || len(p.train) != 140 || len(p.valid) != 500 || len(p.test) != 1000 {
		t.Errorf("%d nodes, %d features, %d classes, %d edges, split %d/%d/%d", len(p.class), p.x.Dim, p.classes, p.graph.Edges()/2, len(p.train), len(p.valid), len(p.test))
	}
	per := make([]int, 7)
	for _, i := range p.train {
		per[p.class[i]]++
	}
	if !slices.Equal(per, []int{20, 20, 20, 20, 20, 20, 20}) {
		t.Errorf("training labels of each class: %v", per)
	}
}

func TestReadBlogCatalog(t *testing.T) {
	m, err := readMAT(filepath.Join(dataFolder(t, "graph-blogcatalog"), "blogcatalog.mat"))
	if err != nil {
		t.Fatal(err)
	}
	if n, g := m["network"], m["group"]; n == nil || g == nil || n.rows != 10312 || len(n.to) != 2*333983 || g.rows != 39 || len(g.to) != 14476 {
		t.Errorf("%+v", m)
	}
}

// What is cut short or altered is refused or read, and never panics.
func TestDamagedGraphFiles(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(dataFolder(t, "graph-planetoid"), "ind.cora.x"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x")
	for at := 0; at < len(whole); at += 1 + at/20 {
		for _, b := range [][]byte{whole[:at], append(append(slices.Clone(whole[:at]), whole[at]^0xff), whole[at+1:]...)} {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
			p, err := readPickle(path)
			if err == nil {
				_, err = p.sparse()
			}
			if err == nil && len(b) < len(whole) {
				t.Errorf("cut at %d: read", at)
			}
		}
	}
}

func TestReadLists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "train.txt")
	f, err := os.Create(path + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	_, err1 := z.Write([]byte("0 5 2\n2 1\n"))
	if err2, err3 := z.Close(), f.Close(); err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	got, err := readLists(path)
	if err != nil || len(got) != 3 || !slices.Equal(got[0], []uint32{5, 2}) || len(got[1]) != 0 || !slices.Equal(got[2], []uint32{1}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"0 x\n", "0 -1\n", "1 2\n0 3\n", "0 99999999\n"} {
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readLists(path); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// The classifier separates what can be separated, with one class a row and with several.
func TestProbe(t *testing.T) {
	rows := []float32{1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9, 1, 1, 0.9, 1.1}
	for _, several := range []bool{false, true} {
		classes := [][]int{{0}, {0}, {1}, {1}, {2}, {2}}
		if several {
			classes = [][]int{{0}, {0}, {1}, {1}, {0, 1}, {0, 1}}
		}
		p, err := fitProbe(context.Background(), rows, 2, classes, 3, several, 1e-6)
		if err != nil {
			t.Fatal(err)
		}
		out := p.predict(rows, 6, several)
		if !vec.Finite(out) {
			t.Fatal(out)
		}
		for i, of := range classes {
			for c := range 3 {
				if got := out[i*3+c] > 0.5; got != slices.Contains(of, c) {
					t.Errorf("several %v, row %d, class %d: %v", several, i, c, out[i*3+c])
				}
			}
		}
	}
}

// The protocol on four users whose right answers are known: vectors that say them get 1, walks do not name what is held.
func TestRanking(t *testing.T) {
	train := [][]uint32{{0, 1}, {0, 1, 2}, {3, 4}, {3, 4, 5}}
	test := [][]uint32{{2}, nil, {5}, nil}
	r, err := newRanking(train, test, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.judge(context.Background(), r.byWalks(walkSetting{steps: 500, restart: 0.5}, 1))
	if err != nil || math.Abs(got[0]-1) > 1e-9 || math.Abs(got[1]-1) > 1e-9 {
		t.Errorf("walks: %v, %v", got, err)
	}
	list, err := r.byWalks(walkSetting{fromUser: true, steps: 500, restart: 0.5}, 1)(context.Background(), 0)
	if err != nil || !slices.Equal(list, []uint32{2}) {
		t.Errorf("user 0 gets %v, %v", list, err)
	}
}
