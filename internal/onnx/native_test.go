package onnx

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// needNative skips where there is no ONNX Runtime.
func needNative(t testing.TB) {
	t.Helper()
	v, err := NativeVersion()
	if err != nil {
		t.Skip(err)
	}
	t.Logf("ONNX Runtime %s", v)
}

// TestNative: the library and this package describe every model alike and compute the same.
func TestNative(t *testing.T) {
	needNative(t)
	dir := dataFolder(t, "onnx-small-real-models")
	for _, name := range models {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			ours, err := Open(path, Options{Threads: 1, Runtime: Go})
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := Open(path, Options{Threads: 1, Runtime: Native})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(ours.Inputs(), theirs.Inputs()) || !reflect.DeepEqual(ours.Outputs(), theirs.Outputs()) {
				t.Errorf("%v %v, and in ONNX Runtime %v %v", ours.Inputs(), ours.Outputs(), theirs.Inputs(), theirs.Outputs())
			}
			in := someInput(ours, rand.New(rand.NewPCG(1, 2)), 2, 16)
			a, err := ours.Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			b, err := theirs.Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range b {
				compare(t, name, a[name], value{want.Shape, want.F, want.I})
			}
		})
	}
}

// TestNativeTogether runs one model from many goroutines, with the collector at work.
func TestNativeTogether(t *testing.T) {
	needNative(t)
	path := filepath.Join(dataFolder(t, "onnx-small-real-models"), "mnist/mnist.onnx")
	m, err := Open(path, Options{Threads: 1, Runtime: Native})
	if err != nil {
		t.Fatal(err)
	}
	in := someInput(m, rand.New(rand.NewPCG(1, 2)), 1, 1)
	want, err := m.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var g sync.WaitGroup
	for range 8 {
		g.Go(func() {
			for range 50 {
				got, err := m.Run(t.Context(), in)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("another answer: %v", err)
					return
				}
				runtime.GC()
			}
		})
	}
	g.Wait()
}

func TestNativeFaults(t *testing.T) {
	needNative(t)
	path := filepath.Join(dataFolder(t, "onnx-small-real-models"), "mnist/mnist.onnx")
	m, err := Open(path, Options{Runtime: Native})
	if err != nil {
		t.Fatal(err)
	}
	name := m.Inputs()[0].Name
	for want, in := range map[string]map[string]*Tensor{
		"missing":     {},
		"do not fill": {name: Floats(make([]float32, 3), 1, 1, 28, 28)},
		"wants":       {name: Ints(make([]int64, 784), 1, 1, 28, 28)},
		"dimensions":  {name: Floats(make([]float32, 28*27), 1, 1, 28, 27)},
		"is empty":    {name: Floats(nil, 0, 1, 28, 28)},
	} {
		if _, err := m.Run(t.Context(), in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Run(ctx, someInput(m, rand.New(rand.NewPCG(1, 2)), 1, 1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.onnx")
	if err := os.WriteFile(bad, []byte("no model"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{bad, filepath.Join(t.TempDir(), "none.onnx")} {
		if _, err := Open(path, Options{Runtime: Native}); err == nil || errors.Is(err, ErrNoNative) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestNativeCancel ends a long run in the middle.
func TestNativeCancel(t *testing.T) {
	needNative(t)
	path := filepath.Join(dataFolder(t, "onnx-small-real-models"), "ultraface/version-RFB-320.onnx")
	m, err := Open(path, Options{Threads: 1, Runtime: Native})
	if err != nil {
		t.Fatal(err)
	}
	in := someInput(m, rand.New(rand.NewPCG(1, 2)), 1, 1)
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if _, err := m.Run(ctx, in); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		cancel()
	}
	if _, err := m.Run(t.Context(), in); err != nil {
		t.Errorf("after cancelled runs: %v", err)
	}
}

func TestOpen(t *testing.T) {
	if _, err := Open("none.onnx", Options{Runtime: "tpu"}); err == nil || !strings.Contains(err.Error(), "tpu") {
		t.Error(err)
	}
	if _, err := Open("none.onnx", Options{Runtime: Go}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := NativeVersion(); err != nil {
		if _, e := Open("none.onnx", Options{Runtime: Native}); !errors.Is(e, ErrNoNative) {
			t.Error(e)
		}
	}
}
