package graph

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// A mapped graph, and one copied, is the graph that was written; it takes edges; after a merge nothing of the file is in use.
func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "graph")
	want := checkpointBytes(t, sample(t))
	if err := os.WriteFile(path, want, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, copied := range []bool{false, true} {
		g, err := Open(path, Options{Copy: copied, MergeAt: -1})
		if err != nil {
			t.Fatal(err)
		}
		if (g.mapped == nil) != copied && littleEndian {
			t.Errorf("Copy %v: mapped %v", copied, g.mapped != nil)
		}
		if err := g.Verify(); err != nil {
			t.Error(err)
		}
		if !bytes.Equal(checkpointBytes(t, g), want) {
			t.Error("opened and written again differs")
		}
		twin := sample(t)
		for _, g := range []*Graph{g, twin} {
			put(t, g, op{what: opAdd, e: Edge{Left: 900, Right: 3, Kind: 5}})
			put(t, g, op{what: opLabel, e: Edge{Left: 3, Kind: 7}})
			g.Remove(3, 3, 0)
		}
		g.Merge()
		if !bytes.Equal(checkpointBytes(t, g), checkpointBytes(t, twin)) {
			t.Error("a mapped graph changes otherwise than one in memory")
		}
		if err := g.Verify(); err != nil {
			t.Error(err)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if g.Edges() != 0 || g.Close() != nil {
			t.Error("a closed graph is empty, and may be closed again")
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Open(path, Options{MaxNodes: 10}); err == nil || errors.Is(err, ErrCorrupt) {
		t.Errorf("MaxNodes 10: %v", err)
	}
}

// A file that is cut, longer, or has a flipped bit is refused by Open and by Read, wherever that is.
func TestOpenDamage(t *testing.T) {
	g, err := Build(Bulk{Edges: dressed(synthetic(9000, 4000, 90_000, 7, 5)), LeftLabels: []uint8{0, 1, 2, 3}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	good := checkpointBytes(t, g) // two blocks
	if len(good) <= blockSize+1000 {
		t.Fatalf("only %d bytes", len(good))
	}
	path := filepath.Join(t.TempDir(), "graph")
	if err := os.WriteFile(path, good, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write := func(b []byte, at int) {
		if _, err := f.WriteAt(b, int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	open := func(i int) error {
		g, err := Open(path, Options{Copy: i%2 == 0})
		if err == nil {
			_ = g.Close()
		}
		return err
	}
	if err := open(1); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 9))
	for i := range 2000 {
		n := r.IntN(len(good))
		if i < 300 {
			n = i // the front, byte by byte
		}
		bit := byte(1) << r.IntN(8)
		write([]byte{good[n] ^ bit}, n)
		if err := open(i); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d flipped: Open: %v", n, err)
		}
		write(good[n:n+1], n)
		if i%16 > 0 {
			continue
		}
		if err := f.Truncate(int64(n)); err != nil {
			t.Fatal(err)
		}
		if err := open(i / 16); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut at %d: Open: %v", n, err)
		}
		write(good[n:], n)
		bad := bytes.Clone(good)
		bad[n] ^= bit
		for _, b := range [][]byte{bad, good[:n]} {
			if _, err := Read(bytes.NewReader(b), Options{}); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("byte %d flipped, or cut there: Read: %v", n, err)
			}
		}
	}
	write([]byte{0}, len(good))
	if err := open(1); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a byte more: %v", err)
	}
}

// What only a faulty writer makes passes Open and is found by Verify, and by Read.
func TestVerify(t *testing.T) {
	g := grow(t, []Edge{{Left: 0, Right: 0}, {Left: 0, Right: 1}, {Left: 1, Right: 1}}, Options{})
	g.Merge()
	g.st.rows[Left].to[2] = 0 // 1–0 instead of 1–1
	bad := checkpointBytes(t, g)
	path := filepath.Join(t.TempDir(), "graph")
	if err := os.WriteFile(path, bad, 0o644); err != nil {
		t.Fatal(err)
	}
	h, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Verify(); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Verify: %v", err)
	}
	if _, err := Read(bytes.NewReader(bad), Options{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Read: %v", err)
	}
}
