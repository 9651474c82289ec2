package onnx

import (
	"fmt"
	"slices"
)

func constant(c *call) ([]*Tensor, error) {
	for _, name := range []string{"value", "value_float", "value_floats", "value_int", "value_ints"} {
		a, ok := c.attrs[name]
		if !ok {
			continue
		}
		switch name {
		case "value":
			if a.t == nil {
				return nil, fmt.Errorf("its value is no tensor")
			}
			return []*Tensor{a.t}, nil
		case "value_float":
			return []*Tensor{Floats([]float32{a.f})}, nil
		case "value_floats":
			return []*Tensor{Floats(a.floats, len(a.floats))}, nil
		case "value_int":
			return []*Tensor{Ints([]int64{a.i})}, nil
		default:
			return []*Tensor{Ints(a.ints, len(a.ints))}, nil
		}
	}
	return nil, fmt.Errorf("it has no value that can be read")
}

func constantOfShape(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	shape, err := c.in[0].dims()
	if err != nil {
		return nil, err
	}
	v := c.attrs["value"].t
	if v == nil {
		v = Floats([]float32{0})
	}
	if v.Len() != 1 {
		return nil, fmt.Errorf("value has %d elements", v.Len())
	}
	out, err := blank(v.Type, shape)
	if err != nil {
		return nil, err
	}
	for i := range out.F {
		out.F[i] = v.F[0]
	}
	for i := range out.I {
		out.I[i] = v.I[0]
	}
	return []*Tensor{out}, nil
}

func identity(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	return []*Tensor{c.in[0]}, nil
}

func dropout(c *call) ([]*Tensor, error) { return identity(c) } // as it is when nothing is learned

func shapeOf(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	r := c.in[0].rank()
	lo, hi := c.intOr("start", 0), c.intOr("end", r)
	if lo < 0 {
		lo += r
	}
	if hi < 0 {
		hi += r
	}
	lo, hi = min(max(lo, 0), r), min(max(hi, 0), r)
	out := []int64{}
	for i := lo; i < hi; i++ {
		out = append(out, int64(c.in[0].Shape[i]))
	}
	return []*Tensor{Ints(out, len(out))}, nil
}

func sizeOf(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	return []*Tensor{Ints([]int64{int64(c.in[0].Len())})}, nil
}

func reshape(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	shape, err := c.listFrom(1, "shape")
	if err != nil {
		return nil, err
	}
	shape = slices.Clone(shape)
	open, n := -1, 1
	for i, d := range shape {
		switch {
		case d == 0 && c.intOr("allowzero", 0) == 0:
			if i >= t.rank() {
				return nil, fmt.Errorf("%v as %v: dimension %d is not there", t.Shape, shape, i)
			}
			shape[i] = t.Shape[i]
		case d == -1 && open < 0:
			open = i
			continue
		case d < 0:
			return nil, fmt.Errorf("to %v", shape)
		}
		if shape[i] > maxElements || n > maxElements {
			return nil, fmt.Errorf("to %v", shape)
		}
		n *= shape[i]
	}
	if open >= 0 {
		if n == 0 || t.Len()%n != 0 {
			return nil, fmt.Errorf("%v as %v", t.Shape, shape)
		}
		shape[open] = t.Len() / n
		n *= shape[open]
	}
	if n != t.Len() {
		return nil, fmt.Errorf("%v as %v", t.Shape, shape)
	}
	return []*Tensor{t.shaped(shape)}, nil
}

func flatten(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t, a := c.in[0], c.intOr("axis", 1)
	if a < 0 {
		a += t.rank()
	}
	if a < 0 || a > t.rank() {
		return nil, fmt.Errorf("axis %d of %d", a, t.rank())
	}
	outer, inner := 1, 1
	for i, d := range t.Shape {
		if i < a {
			outer *= d
		} else {
			inner *= d
		}
	}
	return []*Tensor{t.shaped([]int{outer, inner})}, nil
}

func squeeze(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	axes, err := c.listFrom(1, "axes")
	if err != nil {
		return nil, err
	}
	drop := make([]bool, t.rank())
	for _, a := range axes {
		k, err := axis(a, t.rank())
		if err != nil {
			return nil, err
		}
		if t.Shape[k] != 1 {
			return nil, fmt.Errorf("dimension %d of %v is not 1", k, t.Shape)
		}
		drop[k] = true
	}
	shape := []int{}
	for i, d := range t.Shape {
		if !drop[i] && !(axes == nil && d == 1) {
			shape = append(shape, d)
		}
	}
	return []*Tensor{t.shaped(shape)}, nil
}

func unsqueeze(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	axes, err := c.listFrom(1, "axes")
	if err != nil {
		return nil, err
	}
	rank := t.rank() + len(axes)
	fresh := make([]bool, rank)
	for _, a := range axes {
		k, err := axis(a, rank)
		if err != nil {
			return nil, err
		}
		if fresh[k] {
			return nil, fmt.Errorf("axis %d twice", k)
		}
		fresh[k] = true
	}
	shape, from := make([]int, rank), t.Shape
	for i := range shape {
		if shape[i] = 1; !fresh[i] {
			shape[i], from = from[0], from[1:]
		}
	}
	return []*Tensor{t.shaped(shape)}, nil
}
