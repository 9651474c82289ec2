// Package onnx runs small neural networks from ONNX files in pure Go: text
// encoders of the BERT family and convolutional image encoders.
//
// Its main type is Model. Load reads and checks a file: every operator that the
// package does not know is named at once, and what depends on constants alone is
// computed then. Model.Run computes outputs from inputs.
//
// It is not a training library and not all of ONNX: tensors are float32 or
// integers, there is no control flow, no sequence, no sparse tensor and no
// string. Weights kept as float16 or float64 are read into float32.
//
// One flow: Load, Model.Inputs, Model.Run.
package onnx
