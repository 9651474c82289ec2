package graph

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
)

func sample(t testing.TB) *Graph {
	g := grow(t, dressed(synthetic(40, 30, 150, 3, 7)), Options{MergeAt: -1})
	if err := g.SetLabel(Left, 3, 2); err != nil {
		t.Fatal(err)
	}
	if err := g.SetLabel(Right, 4, 9); err != nil {
		t.Fatal(err)
	}
	return g
}

// Any cut, and a flipped bit in any byte, is refused.
func TestDamage(t *testing.T) {
	good := checkpointBytes(t, sample(t))
	if g, err := Read(iotest.OneByteReader(bytes.NewReader(append(good, "tail"...))), Options{}); err != nil {
		t.Fatal(err)
	} else if !bytes.Equal(checkpointBytes(t, g), good) {
		t.Fatal("read and written again differs")
	}
	for n := range good {
		if _, err := Read(bytes.NewReader(good[:n]), Options{}); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		if _, err := Read(bytes.NewReader(bad), Options{}); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("bit %d of byte %d flipped: %v", i%8, i, err)
		}
	}
	if _, err := Read(bytes.NewReader(good), Options{MaxNodes: 10}); err == nil || errors.Is(err, ErrCorrupt) {
		t.Errorf("MaxNodes 10: %v", err)
	}
	if _, err := Read(iotest.ErrReader(io.ErrClosedPipe), Options{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a read error became %v", err)
	}
	if _, err := sample(t).WriteTo(failing{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a write error became %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// resign makes all checksums of a changed checkpoint right again.
func resign(b []byte) []byte {
	n := int(binary.LittleEndian.Uint32(b[12:]))
	if n > maxSections || 40+16*n+8 > len(b) {
		return b
	}
	at := 48 + 16*n
	binary.LittleEndian.PutUint32(b[at-8:], crc32.Checksum(b[:at-8], castagnoli))
	body := uint64(0)
	for i := range n {
		body += (binary.LittleEndian.Uint64(b[40+16*i+8:]) + 7) &^ 7
	}
	blocks := int((body + blockSize - 1) / blockSize)
	if blocks != 1 || at+8 > len(b) { // the samples are small
		return b
	}
	binary.LittleEndian.PutUint32(b[at:], crc32.Checksum(b[at+8:], castagnoli))
	binary.LittleEndian.PutUint32(b[at+4:], crc32.Checksum(b[at:at+4], castagnoli))
	return b
}

// Bytes that carry right checksums but describe no graph are refused too; what is taken behaves.
func FuzzRead(f *testing.F) {
	good := checkpointBytes(f, sample(f))
	f.Add(0, byte(0))
	for i := 0; i < len(good); i += 3 {
		f.Add(i, byte(1+i))
	}
	f.Fuzz(func(t *testing.T, at int, x byte) {
		b := bytes.Clone(good)
		b[uint(at)%uint(len(b))] ^= x
		g, err := Read(bytes.NewReader(resign(b)), Options{MaxNodes: 1 << 16})
		if err != nil {
			return
		}
		again := checkpointBytes(t, g)
		h, err := Read(bytes.NewReader(again), Options{})
		if err != nil {
			t.Fatalf("what was read and written is refused: %v", err)
		}
		for id := range uint32(h.Snapshot().Nodes(Left)) {
			h.Snapshot().Each(Left, id, func(e Edge) {
				if !h.Snapshot().Has(e.Left, e.Right, e.Kind) {
					t.Fatalf("%+v is missing from one side", e)
				}
			})
		}
		walk(t, h.Snapshot(), []Query{{ID: 1}, {ID: 3, Side: Right}}, WalkOptions{Steps: 500, Trace: true})
	})
}

// Writers, walkers, merges and checkpoints at once; a walk on one snapshot gives the same at every thread.
func TestConcurrent(t *testing.T) {
	edges := synthetic(2000, 500, 30_000, 8, 8)
	g := grow(t, edges[:10_000], Options{MergeAt: 700})
	held := g.Snapshot()
	q := []Query{{ID: 1}, {ID: 9}, {ID: 100}}
	want, _ := walk(t, held, q, WalkOptions{Steps: 3000})
	var wg sync.WaitGroup
	var done atomic.Bool
	for range 3 {
		wg.Go(func() {
			for seed := uint64(0); !done.Load(); seed++ {
				got, _, err := held.Walk(q, WalkOptions{Steps: 3000})
				if err != nil || len(got) != len(want) {
					t.Errorf("held snapshot: %d results, %v", len(got), err)
					return
				}
				for i := range got {
					if got[i] != want[i] {
						t.Errorf("held snapshot: result %d is %+v, was %+v", i, got[i], want[i])
						return
					}
				}
				if _, _, err := g.Walk(q, WalkOptions{Steps: 500, Seed: seed, Trace: seed%2 == 0}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for !done.Load() {
			g.Merge()
			if _, err := g.WriteTo(io.Discard); err != nil {
				t.Error(err)
			}
		}
	})
	twin := grow(t, edges[:10_000], Options{MergeAt: -1})
	for i, e := range edges[10_000:] {
		for _, g := range []*Graph{g, twin} {
			put(t, g, op{what: opAdd, e: e})
			if i%5 == 0 {
				old := edges[i*2/3]
				g.Remove(old.Left, old.Right, 0)
			}
			if i%1000 == 999 {
				g.RemoveRight(e.Right)
				put(t, g, op{what: opLabel, e: Edge{Left: e.Left, Kind: uint8(i)}})
			}
		}
		if s := g.Snapshot(); i%1000 == 1 && !s.Has(e.Left, e.Right, 0) {
			t.Errorf("%+v was added and is not there", e)
		}
	}
	done.Store(true)
	wg.Wait()
	if !bytes.Equal(checkpointBytes(t, g), checkpointBytes(t, twin)) {
		t.Error("the checkpoint tells that merges ran beside the writer")
	}
}
