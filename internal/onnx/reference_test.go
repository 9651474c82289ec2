package onnx

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// dataFolder is the folder of public data sets, or skips.
func dataFolder(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("BOWERBIRD_DATA")
	if root == "" {
		dir, err := filepath.Abs(".")
		if err != nil {
			t.Fatal(err)
		}
		for dir != filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared", "data")
	}
	path := filepath.Join(root, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the public data is not here: %v", err)
	}
	return path
}

// value is a tensor as JSON.
type value struct {
	Shape  []int     `json:"shape"`
	Floats []float32 `json:"floats,omitempty"`
	Ints   []int64   `json:"ints,omitempty"`
}

// models are those of the data folder that have no strings and no trees.
var models = []string{"mnist/mnist.onnx", "ultraface/version-slim-320.onnx", "ultraface/version-RFB-320.onnx", "ort-extensions/ppp_vision/FastestDet.onnx",
	"ort-extensions/ppp_vision/pytorch_super_resolution.onnx", "vespa-transformer/dummy_transformer.onnx", "vespa-transformer/dummy_transformer_mlm.onnx",
	"vespa-transformer/dummy_transformer_without_type_ids.onnx", "tract/lgbm_regressor_tensor/model.onnx", "tract/lgbm_classifier_tensor/model.onnx"}

// TestReference compares every model with ONNX Runtime on the same random input: the error relative to the
// largest value is at most 1e-4, and the cosine at least .999.
func TestReference(t *testing.T) {
	dir := dataFolder(t, "onnx-small-real-models")
	if out, err := exec.Command("python3", "-c", "import onnxruntime, numpy").CombinedOutput(); err != nil {
		t.Skipf("python3 has no onnxruntime: %s", bytes.TrimSpace(out))
	}
	for _, name := range models {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			m, err := Load(path, Options{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			in := someInput(m, rand.New(rand.NewPCG(1, 2)), 2, 16)
			var ref struct {
				Outputs map[string]value `json:"outputs"`
				Seconds float64          `json:"seconds"`
			}
			runReference(t, path, in, &ref)
			start := time.Now()
			out, err := m.Run(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%.1f ms, ONNX Runtime %.1f ms", float64(time.Since(start).Microseconds())/1e3, ref.Seconds*1e3)
			for name, want := range ref.Outputs {
				compare(t, name, out[name], want)
			}
		})
	}
}

func runReference(t *testing.T, path string, in map[string]*Tensor, into any) {
	t.Helper()
	inputs := map[string]value{}
	for name, x := range in {
		inputs[name] = value{x.Shape, x.F, x.I}
	}
	job, err := json.Marshal(map[string]any{"path": path, "inputs": inputs})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "testdata/reference.py")
	cmd.Stdin = bytes.NewReader(job)
	var fault bytes.Buffer
	cmd.Stderr = &fault
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the reference: %v\n%s", err, fault.Bytes())
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, name string, got *Tensor, want value) {
	t.Helper()
	if got == nil || !slices.Equal(got.Shape, want.Shape) {
		t.Errorf("%s: got the shape %v, want %v", name, got.Shape, want.Shape)
		return
	}
	if !slices.Equal(got.I, want.Ints) {
		t.Errorf("%s: the integers differ", name)
	}
	var worst, largest, dot, a, b float64
	for i, v := range want.Floats {
		x, y := float64(got.F[i]), float64(v)
		worst, largest = max(worst, math.Abs(x-y)), max(largest, math.Abs(y))
		dot, a, b = dot+x*y, a+x*x, b+y*y
	}
	if worst > 1e-4*largest || a > 0 && dot < .999*math.Sqrt(a*b) {
		t.Errorf("%s: the largest error is %g of %g, the cosine %g", name, worst, largest, dot/math.Sqrt(a*b))
	}
}
