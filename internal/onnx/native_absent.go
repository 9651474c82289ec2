//go:build !onnxruntime || !linux || !(amd64 || arm64)

package onnx

import "fmt"

var errAbsent = fmt.Errorf("onnx: %w: build the program with -tags onnxruntime", ErrNoNative)

// NativeVersion is the version of ONNX Runtime, or ErrNoNative.
func NativeVersion() (string, error) { return "", errAbsent }

func openNative(string, Options) (Runner, error) { return nil, errAbsent }
