package onnx

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"
)

// BenchmarkFile runs the model of BOWERBIRD_ONNX by the runtime of BOWERBIRD_RUNTIME, one thread, on text of 8 × 128 tokens or a picture of the size it asks for.
func BenchmarkFile(b *testing.B) {
	path := os.Getenv("BOWERBIRD_ONNX")
	if path == "" {
		b.Skip("BOWERBIRD_ONNX names no model")
	}
	m, err := Open(path, Options{Threads: 1, Runtime: Runtime(os.Getenv("BOWERBIRD_RUNTIME"))})
	if err != nil {
		b.Fatal(err)
	}
	in := someInput(m, rand.New(rand.NewPCG(1, 2)), 8, 128)
	for b.Loop() {
		if _, err := m.Run(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// someInput fills the inputs of a model; open dimensions are batch, then length.
func someInput(m Runner, r *rand.Rand, batch, length int) map[string]*Tensor {
	in := map[string]*Tensor{}
	for _, p := range m.Inputs() {
		shape := make([]int, len(p.Shape))
		for i, d := range p.Shape {
			if shape[i] = d; d < 0 {
				shape[i] = length
				if i == 0 {
					shape[i] = batch
				}
			}
		}
		t, err := blank(p.Type, shape)
		if err != nil {
			panic(err)
		}
		for i := range t.F {
			t.F[i] = float32(r.NormFloat64())
		}
		for i := range t.I {
			t.I[i] = 1
		}
		in[p.Name] = t
	}
	return in
}
