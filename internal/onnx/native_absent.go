//go:build !onnxruntime || !linux || !(amd64 || arm64)

package onnx

import "fmt"

// NativeVersion is the version of ONNX Runtime, or ErrNoNative.
func NativeVersion() (string, error) {
	return "", fmt.Errorf("onnx: %w: build the program with -tags onnxruntime", ErrNoNative)
}

func openNative(string, Options) (Runner, error) {
	_, err := NativeVersion()
	return nil, err
}
