package onnx

import (
	"fmt"
	"math"
)

// Type is the element type of a tensor, by ONNX's own number.
type Type int32

// The element types that are read. Float16, Float64 and BFloat16 become Float32.
const (
	Float32  Type = 1
	Uint8    Type = 2
	Int8     Type = 3
	Uint16   Type = 4
	Int16    Type = 5
	Int32    Type = 6
	Int64    Type = 7
	Bool     Type = 9
	Float16  Type = 10
	Float64  Type = 11
	Uint32   Type = 12
	Uint64   Type = 13
	BFloat16 Type = 16
)

var typeNames = map[Type]string{Float32: "float32", Uint8: "uint8", Int8: "int8", Uint16: "uint16", Int16: "int16", Int32: "int32",
	Int64: "int64", Bool: "bool", Float16: "float16", Float64: "float64", Uint32: "uint32", Uint64: "uint64", BFloat16: "bfloat16"}

// String is the type's name, "float32".
func (t Type) String() string {
	if n, ok := typeNames[t]; ok {
		return n
	}
	return fmt.Sprintf("type %d", int32(t))
}

func (t Type) float() bool { return t == Float32 || t == Float16 || t == Float64 || t == BFloat16 }

// width is the bytes of an element in raw form, 0 for a type that is not read.
func (t Type) width() int {
	switch t {
	case Uint8, Int8, Bool:
		return 1
	case Uint16, Int16, Float16, BFloat16:
		return 2
	case Float32, Int32, Uint32:
		return 4
	case Float64, Int64, Uint64:
		return 8
	}
	return 0
}

// Tensor is a dense array in row-major order. A scalar has no dimensions and one
// element. Floats are in F, integers and truth values (0 or 1) in I; the other
// is nil.
type Tensor struct {
	Type  Type
	Shape []int
	F     []float32
	I     []int64
}

// Floats makes a float32 tensor of a shape over data, which it keeps.
func Floats(data []float32, shape ...int) *Tensor {
	return &Tensor{Type: Float32, Shape: shape, F: data}
}

// Ints makes an int64 tensor of a shape over data, which it keeps.
func Ints(data []int64, shape ...int) *Tensor { return &Tensor{Type: Int64, Shape: shape, I: data} }

// Len is the number of elements.
func (t *Tensor) Len() int { return len(t.F) + len(t.I) }

func (t *Tensor) rank() int { return len(t.Shape) }

func (t *Tensor) check() error {
	n, err := count(t.Shape)
	switch {
	case err != nil:
		return err
	case t.Type.float() && (t.Type != Float32 || t.I != nil || len(t.F) != n):
		return fmt.Errorf("%d floats do not fill the shape %v", len(t.F), t.Shape)
	case !t.Type.float() && (t.F != nil || len(t.I) != n):
		return fmt.Errorf("%d integers do not fill the shape %v", len(t.I), t.Shape)
	case t.Type.width() == 0:
		return fmt.Errorf("%v is not a type that can be read", t.Type)
	}
	return nil
}

// maxElements bounds one tensor: 1 GiB of float32.
const maxElements = 1 << 28

// count is the number of elements of a shape.
func count(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("the shape %v has a negative dimension", shape)
		}
		if d > 0 && n > maxElements/d {
			return 0, fmt.Errorf("the shape %v has more than %d elements", shape, maxElements)
		}
		n *= d
	}
	return n, nil
}

// blank makes a tensor of zeros.
func blank(t Type, shape []int) (*Tensor, error) {
	n, err := count(shape)
	if err != nil {
		return nil, err
	}
	out := &Tensor{Type: t, Shape: append([]int(nil), shape...)}
	if t.float() {
		out.Type, out.F = Float32, make([]float32, n)
	} else {
		out.I = make([]int64, n)
	}
	return out, nil
}

// shaped is t with another shape over the same elements.
func (t *Tensor) shaped(shape []int) *Tensor {
	return &Tensor{Type: t.Type, Shape: shape, F: t.F, I: t.I}
}

// dims reads a tensor of integers as sizes or positions.
func (t *Tensor) dims() ([]int, error) {
	if t.Type.float() || t.rank() > 1 {
		return nil, fmt.Errorf("want a list of integers, got %v %v", t.Type, t.Shape)
	}
	out := make([]int, len(t.I))
	for i, v := range t.I {
		switch { // the ends of int64 stand for "as far as it goes"
		case v > math.MaxInt32:
			v = math.MaxInt32
		case v < math.MinInt32:
			v = math.MinInt32
		}
		out[i] = int(v)
	}
	return out, nil
}

// axis counts a negative axis from the end.
func axis(a, rank int) (int, error) {
	if a < -rank || a >= rank {
		return 0, fmt.Errorf("axis %d of %d", a, rank)
	}
	if a < 0 {
		a += rank
	}
	return a, nil
}

// around splits a shape at an axis into what lies outside, on and inside it.
func around(shape []int, a int) (outer, n, inner int) {
	outer, inner = 1, 1
	for _, d := range shape[:a] {
		outer *= d
	}
	for _, d := range shape[a+1:] {
		inner *= d
	}
	return outer, shape[a], inner
}
