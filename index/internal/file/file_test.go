package file

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

// TestMixed: integers between runs of bytes of any length come back, wherever a
// chunk ends. (A run that left fewer than four bytes of a chunk once made the next
// integer overfill it, and the file could not be read.)
func TestMixed(t *testing.T) {
	for seed := range uint64(20) {
		write, read := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 1))
		var b bytes.Buffer
		w := NewWriter(&b, "magic--1")
		for range 3000 {
			w.Uint32(write.Uint32())
			run := make([]byte, write.IntN(200))
			for i := range run {
				run[i] = byte(write.Uint32())
			}
			if _, err := w.Write(run); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&b, "magic--1")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3000 {
			var x uint32
			if err := r.Uint32(&x); err != nil || x != read.Uint32() {
				t.Fatalf("seed %d, integer %d: %v", seed, i, err)
			}
			run := make([]byte, read.IntN(200))
			if _, err := io.ReadFull(r, run); err != nil && len(run) > 0 {
				t.Fatalf("seed %d, run %d: %v", seed, i, err)
			}
			for k := range run {
				if run[k] != byte(read.Uint32()) {
					t.Fatalf("seed %d, run %d, byte %d", seed, i, k)
				}
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
