package onnx

import (
	"fmt"
	"math"

	"bowerbird/internal/vec"
)

// fold1 reduces n floats, a stride apart, to one.
type fold1 func(x []float32, n, stride int) float32

func sumOf(x []float32, n, stride int) float32 {
	if stride == 1 { // four sums side by side: fewer roundings, and no chain of dependent additions
		x = x[:n]
		var a, b, c, d float32
		for ; len(x) >= 4; x = x[4:] {
			a, b, c, d = a+x[0], b+x[1], c+x[2], d+x[3]
		}
		for _, v := range x {
			a += v
		}
		return (a + b) + (c + d)
	}
	var s float64
	for i := range n {
		s += float64(x[i*stride])
	}
	return float32(s)
}

func meanOf(x []float32, n, stride int) float32 { return sumOf(x, n, stride) / float32(n) }

func maxOf(x []float32, n, stride int) float32 {
	m := float32(math.Inf(-1))
	for i := range n {
		m = max(m, x[i*stride])
	}
	return m
}

func minOf(x []float32, n, stride int) float32 {
	m := float32(math.Inf(1))
	for i := range n {
		m = min(m, x[i*stride])
	}
	return m
}

func normOf(x []float32, n, stride int) float32 {
	var s float64
	for i := range n {
		v := float64(x[i*stride])
		s += v * v
	}
	return float32(math.Sqrt(s))
}

func reduce(f fold1) op {
	return func(c *call) ([]*Tensor, error) {
		if err := c.want(1); err != nil {
			return nil, err
		}
		t := c.in[0]
		axes, err := c.listFrom(1, "axes")
		if err != nil {
			return nil, err
		}
		if len(axes) == 0 {
			if c.intOr("noop_with_empty_axes", 0) != 0 {
				return []*Tensor{t}, nil
			}
			for i := range t.Shape {
				axes = append(axes, i)
			}
		}
		if len(t.I) > 0 { // sums of sizes: exact up to 2²⁴, and refused beyond
			t, err = t.asFloats()
			if err != nil {
				return nil, err
			}
			out, err := reduceFloats(t, axes, c.intOr("keepdims", 1) != 0, f)
			if err != nil {
				return nil, err
			}
			ints := make([]int64, len(out.F))
			for i, v := range out.F {
				if abs32(v) > 1<<24 {
					return nil, fmt.Errorf("a result of about %v is too large here", v)
				}
				ints[i] = int64(v)
			}
			return []*Tensor{{Type: c.in[0].Type, Shape: out.Shape, I: ints}}, nil
		}
		return one(reduceFloats(t, axes, c.intOr("keepdims", 1) != 0, f))
	}
}

// asFloats converts integers that float32 holds exactly.
func (t *Tensor) asFloats() (*Tensor, error) {
	out := make([]float32, len(t.I))
	for i, v := range t.I {
		if v > 1<<24 || v < -1<<24 {
			return nil, fmt.Errorf("the integer %d is too large here", v)
		}
		out[i] = float32(v)
	}
	return Floats(out, t.Shape...), nil
}

// reduceFloats moves the axes to the end, where they are one, and folds them.
func reduceFloats(t *Tensor, axes []int, keep bool, f fold1) (*Tensor, error) {
	gone := make([]bool, t.rank())
	for _, a := range axes {
		k, err := axis(a, t.rank())
		if err != nil {
			return nil, err
		}
		gone[k] = true
	}
	from := dense(t.Shape)
	var shape, strides, inner, innerStrides, kept []int
	n := 1
	for i, d := range t.Shape {
		switch {
		case gone[i]:
			inner, innerStrides = append(inner, d), append(innerStrides, from[i])
			n *= d
			if keep {
				kept = append(kept, 1)
			}
		default:
			shape, strides = append(shape, d), append(strides, from[i])
			kept = append(kept, d)
		}
	}
	if len(inner) == 1 || contiguous(inner, innerStrides) {
		stride := 1
		if len(inner) > 0 {
			stride = innerStrides[len(inner)-1]
		}
		out, err := blank(Float32, kept)
		if err != nil {
			return nil, err
		}
		w, d := 1, 0
		if k := len(shape); k > 0 {
			w, d = shape[k-1], strides[k-1]
		}
		if len(out.F) > 0 {
			walk(shape, [][]int{strides}, func(row int, at []int) {
				for i := range w {
					out.F[row*w+i] = f(t.F[at[0]+i*d:], n, stride)
				}
			})
		}
		return out, nil
	}
	moved, err := t.take(append(shape, inner...), append(strides, innerStrides...), 0)
	if err != nil {
		return nil, err
	}
	out, err := blank(Float32, kept)
	if err != nil {
		return nil, err
	}
	for i := range out.F {
		out.F[i] = f(moved.F[i*n:], n, 1)
	}
	return out, nil
}

// contiguous tells whether dimensions lie one after the other, so that they are one.
func contiguous(shape, strides []int) bool {
	for i := len(shape) - 2; i >= 0; i-- {
		if strides[i] != strides[i+1]*shape[i+1] {
			return false
		}
	}
	return true
}

func argMax(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	a, err := axis(c.intOr("axis", 0), t.rank())
	if err != nil {
		return nil, err
	}
	if !t.Type.float() || t.Shape[a] == 0 {
		return nil, fmt.Errorf("of %v %v along %d", t.Type, t.Shape, a)
	}
	outer, n, inner := around(t.Shape, a)
	out := make([]int64, outer*inner)
	last := c.intOr("select_last_index", 0) != 0
	for o := range outer {
		for i := range inner {
			best := 0
			for k := 1; k < n; k++ {
				v, m := t.F[(o*n+k)*inner+i], t.F[(o*n+best)*inner+i]
				if v > m || last && v == m {
					best = k
				}
			}
			out[o*inner+i] = int64(best)
		}
	}
	var shape []int
	for i, d := range t.Shape {
		if i != a {
			shape = append(shape, d)
		} else if c.intOr("keepdims", 1) != 0 {
			shape = append(shape, 1)
		}
	}
	return []*Tensor{Ints(out, shape...)}, nil
}

func softmax(c *call) ([]*Tensor, error)    { return c.softmax(false) }
func logSoftmax(c *call) ([]*Tensor, error) { return c.softmax(true) }

// softmax works along one axis; before opset 13, along all axes from one on.
func (c *call) softmax(log bool) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t, def := c.in[0], -1
	if c.opset < 13 {
		def = 1
	}
	a, err := axis(c.intOr("axis", def), t.rank())
	if err != nil {
		return nil, err
	}
	if !t.Type.float() {
		return nil, fmt.Errorf("of %v", t.Type)
	}
	outer, n, inner := around(t.Shape, a)
	if c.opset < 13 {
		n, inner = n*inner, 1
	}
	out := make([]float32, len(t.F))
	if n == 0 {
		return []*Tensor{Floats(out, t.Shape...)}, nil
	}
	parallel(outer, max(1, 1<<13/(n*inner)), c.threads, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			for i := range inner {
				softmaxRow(out[o*n*inner+i:], t.F[o*n*inner+i:], n, inner, log)
			}
		}
	})
	return []*Tensor{Floats(out, t.Shape...)}, nil
}

func softmaxRow(dst, x []float32, n, stride int, log bool) {
	m := maxOf(x, n, stride)
	if math.IsInf(float64(m), -1) { // nothing is possible: as if all were equal
		m = 0
	}
	var s float32
	if stride == 1 {
		dst, x = dst[:n], x[:n]
		for i, v := range x {
			e := vec.Exp(v - m)
			dst[i] = e
			s += e
		}
	} else {
		for i := range n {
			e := vec.Exp(x[i*stride] - m)
			dst[i*stride] = e
			s += e
		}
	}
	if log {
		l := log32(s)
		for i := range n {
			dst[i*stride] = x[i*stride] - m - l
		}
		return
	}
	if s == 0 {
		return
	}
	s = 1 / s
	for i := range n {
		dst[i*stride] *= s
	}
}

// layerNorm is (x − mean) / √(variance + ε) · scale + bias over the axes from one on.
func layerNorm(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	t, scale, bias := c.in[0], c.in[1], c.opt(2)
	a, err := axis(c.intOr("axis", -1), t.rank())
	if err != nil {
		return nil, err
	}
	outer, n, inner := around(t.Shape, a)
	n *= inner
	if len(scale.F) != n || bias != nil && len(bias.F) != n || !t.Type.float() {
		return nil, fmt.Errorf("%v with a scale of %v", t.Shape, scale.Shape)
	}
	eps := c.floatOr("epsilon", 1e-5)
	out := make([]float32, len(t.F))
	parallel(outer, max(1, 1<<13/max(n, 1)), c.threads, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			x, y := t.F[o*n:(o+1)*n], out[o*n:(o+1)*n]
			m := meanOf(x, n, 1)
			for i, v := range x {
				d := v - m
				y[i] = d * d
			}
			inv := 1 / sqrt32(meanOf(y, n, 1)+eps)
			for i, v := range x {
				y[i] = (v - m) * inv * scale.F[i]
			}
			if bias != nil {
				for i := range y {
					y[i] += bias.F[i]
				}
			}
		}
	})
	return []*Tensor{Floats(out, t.Shape...)}, nil
}

func lpNorm(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	if c.intOr("p", 2) != 2 || !t.Type.float() {
		return nil, fmt.Errorf("p = %d of %v", c.intOr("p", 2), t.Type)
	}
	norms, err := reduceFloats(t, []int{c.intOr("axis", -1)}, true, normOf)
	if err != nil {
		return nil, err
	}
	return one(combine(t, norms, divOp))
}

func cumSum(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	t := c.in[0]
	if c.in[1].Len() != 1 || c.in[1].Type.float() || c.intOr("exclusive", 0) != 0 || c.intOr("reverse", 0) != 0 {
		return nil, fmt.Errorf("only plain sums along one axis")
	}
	a, err := axis(int(c.in[1].I[0]), t.rank())
	if err != nil {
		return nil, err
	}
	out, err := blank(t.Type, t.Shape)
	if err != nil {
		return nil, err
	}
	copy(out.F, t.F)
	copy(out.I, t.I)
	_, n, inner := around(t.Shape, a)
	for i := range out.Len() {
		if i/inner%max(n, 1) == 0 {
			continue
		}
		if out.F != nil {
			out.F[i] += out.F[i-inner]
		} else {
			out.I[i] += out.I[i-inner]
		}
	}
	return []*Tensor{out}, nil
}
