package onnx

import (
	"context"
	"errors"
	"fmt"
)

// Runner is a network that is ready to run, whatever runs it. It is safe for
// concurrent use.
type Runner interface {
	// Inputs are what Run wants, in the model's order.
	Inputs() []Port
	// Outputs are the names of what Run returns, in the model's order.
	Outputs() []string
	// Run computes the outputs. Inputs are matched by name; they are read and not
	// kept.
	Run(ctx context.Context, in map[string]*Tensor) (map[string]*Tensor, error)
}

// Runtime says what runs a model.
type Runtime string

const (
	// Auto is Native where there is one, else Go.
	Auto Runtime = ""
	// Go is this package.
	Go Runtime = "go"
	// Native is ONNX Runtime's shared library, found when the program runs. It is
	// there if the program was built with -tags onnxruntime, which needs no C
	// compiler but gives a binary that is not static.
	Native Runtime = "onnxruntime"
)

// ErrNoNative is a program without, or a machine on which, ONNX Runtime was not
// found. The error says what to do.
var ErrNoNative = errors.New("ONNX Runtime cannot be used")

// Open reads a model from a file for the runtime that o names.
func Open(path string, o Options) (Runner, error) {
	switch o.Runtime {
	case Go:
	case Auto, Native:
		r, err := openNative(path, o)
		if err == nil || o.Runtime == Native || !errors.Is(err, ErrNoNative) {
			return r, err
		}
	default:
		return nil, fmt.Errorf("onnx: runtime %q: want %q, %q or nothing", o.Runtime, Go, Native)
	}
	m, err := Load(path, o)
	if err != nil {
		return nil, err
	}
	return m, nil
}
