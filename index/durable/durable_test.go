package durable

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bowerbird/index"
	"bowerbird/index/hnsw"
	"bowerbird/index/indextest"
)

const dim = 8

func options(o Options) Options {
	o.New = func() (index.Index, error) { return hnsw.New(dim, index.L2, hnsw.Options{EfBuild: 16, M: 4}) }
	o.Load = func(r io.Reader) (index.Index, error) { return hnsw.Load(r) }
	return o
}

func open(t *testing.T, dir string, o Options) *Index {
	t.Helper()
	d, err := Open(dir, options(o))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// vectorOf is what the tests store for an id.
func vectorOf(id uint32) []float32 {
	r := rand.New(rand.NewPCG(uint64(id), 1))
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func times(t *testing.T, name string, def int) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return def
}

// TestMain is also the process that TestKill kills: it puts ids from the first on, deletes every
// third again, and says each when it is acknowledged.
func TestMain(m *testing.M) {
	if dir := os.Getenv("DURABLE_CHILD"); dir != "" {
		first, _ := strconv.Atoi(os.Getenv("DURABLE_FIRST"))
		if err := child(dir, uint32(first)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func child(dir string, first uint32) error {
	d, err := Open(dir, options(Options{TailBytes: 20_000, CompactAfter: 50}))
	if err != nil {
		return err
	}
	var say sync.Mutex
	tell := func(what string, id uint32) {
		say.Lock()
		defer say.Unlock()
		fmt.Println(what, id)
	}
	fmt.Println("open", d.Len())
	var all sync.WaitGroup
	for g := range uint32(4) {
		all.Go(func() {
			for id := first + g; ; id += 4 {
				if err := d.Put(id, vectorOf(id)); err != nil {
					fmt.Println("error", err)
					return
				}
				tell("put", id)
				if id%3 == 0 {
					if _, err := d.Remove(id); err != nil {
						fmt.Println("error", err)
						return
					}
					tell("delete", id)
				}
			}
		})
	}
	all.Wait()
	return nil
}

// TestKill kills a process that writes, over and over: no acknowledged write may be lost. CI does
// 20; BOWERBIRD_KILLS=200 more.
func TestKill(t *testing.T) {
	dir, kills := t.TempDir(), times(t, "BOWERBIRD_KILLS", 20)
	r := rand.New(rand.NewPCG(9, 9))
	live := map[uint32]bool{} // by id, what was acknowledged last
	next, acks := uint32(0), 0
	for range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "DURABLE_CHILD="+dir, fmt.Sprint("DURABLE_FIRST=", next))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), "open") {
			t.Fatalf("the process said %q", lines.Text())
		}
		time.AfterFunc(time.Duration(1+r.IntN(40))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for lines.Scan() {
			what, number, ok := strings.Cut(lines.Text(), " ")
			id, err := strconv.ParseUint(number, 10, 32)
			if !ok || err != nil || what == "error" {
				t.Fatalf("the process said %q", lines.Text())
			}
			acks++
			live[uint32(id)] = what == "put"
			next = max(next, uint32(id)+1)
		}
		_ = cmd.Wait()
		next += 16 // more may have been written than was told
	}
	d := open(t, dir, Options{})
	lost := 0
	for id, there := range live {
		v, ok := d.Vector(nil, id)
		// A delete that was not acknowledged may have been done.
		if there && id%3 != 0 && !slices.Equal(v, vectorOf(id)) || !there && ok {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d acknowledged writes are lost", lost, acks)
	}
	if acks == 0 {
		t.Errorf("%d acknowledgements in %d runs: nothing to tell by", acks, kills)
	}
	t.Logf("%d kills, %d acknowledgements, %d lost", kills, acks, lost)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFlips changes a bit of a folder's files: what opens must answer as before. CI does 1,000;
// BOWERBIRD_FLIPS=10000 more.
func TestFlips(t *testing.T) {
	dir, n := t.TempDir(), 300
	d := open(t, dir, Options{NoSync: true})
	for id := range uint32(n) {
		if err := d.Put(id, vectorOf(id)); err != nil {
			t.Fatal(err)
		}
		if id == 200 {
			if err := d.Checkpoint(); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.Delete(7)
	want := answers(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	r, refused := rand.New(rand.NewPCG(4, 4)), 0
	for range times(t, "BOWERBIRD_FLIPS", 1000) {
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(names) != 2 {
			t.Fatal(names, err)
		}
		name := names[r.IntN(2)]
		good, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bad := slices.Clone(good)
		at := r.IntN(len(bad))
		bad[at] ^= 1 << r.IntN(8)
		if err := os.WriteFile(name, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if d, err := Open(dir, options(Options{})); err == nil {
			if !slices.Equal(answers(t, d), want) {
				t.Errorf("%s, byte %d of %d: other answers", filepath.Base(name), at, len(bad))
			}
			_ = d.Close()
		} else if !errors.Is(err, index.ErrCorrupt) {
			t.Errorf("%s, byte %d: %v", filepath.Base(name), at, err)
		} else {
			refused++
		}
		if err := os.WriteFile(name, good, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d refused", refused)
}

func answers(t *testing.T, x index.Index) []index.Hit {
	t.Helper()
	var all []index.Hit
	for id := range uint32(10) {
		hits, err := x.Search(vectorOf(id*31), 5, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, hits...)
	}
	return all
}

// A tail that is cut anywhere in its last record opens without it; one cut before is refused by
// nothing, since nobody can tell; what is there must be right.
func TestCutTail(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, Options{})
	for id := range uint32(20) {
		if err := d.Put(id, vectorOf(id)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(d.path("tail", 1))
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < 9+4*dim; cut++ {
		for _, zero := range []bool{false, true} {
			bad := slices.Clone(good[:len(good)-cut])
			if zero {
				bad = append(bad, make([]byte, cut+50)...)
			}
			if err := os.WriteFile(d.path("tail", 1), bad, 0o644); err != nil {
				t.Fatal(err)
			}
			e := open(t, dir, Options{})
			if e.Len() != 19 {
				t.Fatalf("cut by %d (zeroes %v): %d vectors, want 19", cut, zero, e.Len())
			}
			if err := e.Put(19, vectorOf(19)); err != nil {
				t.Fatal(err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			if now, err := os.ReadFile(d.path("tail", 1)); err != nil || !slices.Equal(now, good) {
				t.Fatalf("cut by %d and put again: another tail", cut)
			}
		}
	}
}

func TestBadInputAndClose(t *testing.T) {
	if _, err := Open(t.TempDir(), Options{}); err == nil {
		t.Error("Open without New: no error")
	}
	dir := t.TempDir()
	d := open(t, dir, Options{})
	if err := d.Put(1, []float32{1}); !errors.Is(err, index.ErrDim) {
		t.Errorf("Put of a short vector: %v", err)
	}
	if err := d.PutMany([]uint32{1, 2}, make([]float32, 3)); !errors.Is(err, index.ErrDim) {
		t.Errorf("PutMany of a short matrix: %v", err)
	}
	if err := d.PutMany([]uint32{1, 2}, append(vectorOf(1), vectorOf(2)...)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	if err := d.Put(3, vectorOf(3)); !errors.Is(err, ErrClosed) {
		t.Errorf("Put after Close: %v", err)
	}
	if e := open(t, dir, Options{}); e.Len() != 2 {
		t.Errorf("%d vectors, want 2", e.Len())
	}
}

// The folder's index passes the suite of every index.
func TestSuite(t *testing.T) {
	if indextest.Race {
		t.Skip("the suite runs with the race detector on the indexes below")
	}
	indextest.Run(t, indextest.Build{
		New: func(dim int, m index.Metric) (index.Index, error) {
			return Open(t.TempDir(), Options{NoSync: true, TailBytes: 100_000, Load: func(r io.Reader) (index.Index, error) { return index.LoadFlat(r) },
				New: func() (index.Index, error) { return index.NewFlat(dim, m) }})
		},
		Load:   func(r io.Reader) (index.Index, error) { return index.LoadFlat(r) },
		Recall: 1, Size: 500,
	})
}

// A folder whose index is compacted behind, over and over, holds what was acknowledged.
func TestCompactBehind(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, Options{NoSync: true, CompactAfter: 100})
	for id := range uint32(3000) {
		if err := d.Put(id, vectorOf(id)); err != nil {
			t.Fatal(err)
		}
		if id%2 == 1 {
			if ok, err := d.Remove(id); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
	}
	if err := d.Compact(t.Context()); err != nil && !errors.Is(err, hnsw.ErrCompacting) {
		t.Fatal(err)
	}
	if d.gen < 2 {
		t.Errorf("generation %d: nothing was compacted", d.gen)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	e := open(t, dir, Options{})
	defer e.Close()
	for id := range uint32(3000) {
		v, ok := e.Vector(nil, id)
		if want := id%2 == 0; ok != want || ok && !slices.Equal(v, vectorOf(id)) {
			t.Fatalf("id %d: %v", id, ok)
		}
	}
}

func Example() {
	dir, err := os.MkdirTemp("", "durable")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	o := Options{
		New:  func() (index.Index, error) { return hnsw.New(2, index.L2, hnsw.Options{Form: hnsw.Int8}) },
		Load: func(r io.Reader) (index.Index, error) { return hnsw.Load(r) },
	}
	d, err := Open(dir, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Put(1, []float32{3, 4}), d.Close())
	d, err = Open(dir, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Len(), d.Close())
	// Output:
	// <nil> <nil>
	// 1 <nil>
}
