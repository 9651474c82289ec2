package onnx

import (
	"fmt"
	"slices"
)

func gather(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	t, idx := c.in[0], c.in[1]
	a, err := axis(c.intOr("axis", 0), t.rank())
	if err != nil {
		return nil, err
	}
	if idx.Type.float() {
		return nil, fmt.Errorf("indices are floats")
	}
	shape := slices.Concat(t.Shape[:a], idx.Shape, t.Shape[a+1:])
	out, err := blank(t.Type, shape)
	if err != nil {
		return nil, err
	}
	outer, n, inner := around(t.Shape, a)
	for k, i := range idx.I {
		if i < 0 {
			i += int64(n)
		}
		if i < 0 || i >= int64(n) {
			return nil, fmt.Errorf("index %d of %d", idx.I[k], n)
		}
		for o := range outer {
			from, to := (o*n+int(i))*inner, (o*len(idx.I)+k)*inner
			if out.F != nil {
				copy(out.F[to:to+inner], t.F[from:])
			} else {
				copy(out.I[to:to+inner], t.I[from:])
			}
		}
	}
	return []*Tensor{out}, nil
}

func gatherElements(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	t, idx := c.in[0], c.in[1]
	a, err := axis(c.intOr("axis", 0), t.rank())
	if err != nil {
		return nil, err
	}
	if idx.Type.float() || idx.rank() != t.rank() {
		return nil, fmt.Errorf("indices %v %v of %v", idx.Type, idx.Shape, t.Shape)
	}
	out, err := blank(t.Type, idx.Shape)
	if err != nil {
		return nil, err
	}
	from, to := dense(t.Shape), dense(idx.Shape)
	for k, i := range idx.I {
		if i < 0 {
			i += int64(t.Shape[a])
		}
		at, rest := 0, k
		for d := range to {
			p := rest / to[d]
			rest %= to[d]
			if d == a {
				p = int(i)
			}
			if p < 0 || p >= t.Shape[d] {
				return nil, fmt.Errorf("index %d of %v", p, t.Shape)
			}
			at += p * from[d]
		}
		if out.F != nil {
			out.F[k] = t.F[at]
		} else {
			out.I[k] = t.I[at]
		}
	}
	return []*Tensor{out}, nil
}

func tile(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	t := c.in[0]
	times, err := c.in[1].dims()
	if err != nil {
		return nil, err
	}
	if len(times) != t.rank() {
		return nil, fmt.Errorf("%v times %v", t.Shape, times)
	}
	// Each dimension d of n repeats becomes two: (times, n), the first with stride 0.
	var shape, strides, flat []int
	from := dense(t.Shape)
	for i, n := range times {
		if n < 0 || n > maxElements {
			return nil, fmt.Errorf("%v times %v", t.Shape, times)
		}
		shape, strides = append(shape, n, t.Shape[i]), append(strides, 0, from[i])
		flat = append(flat, n*t.Shape[i])
	}
	out, err := t.take(shape, strides, 0)
	if err != nil {
		return nil, err
	}
	return []*Tensor{out.shaped(flat)}, nil
}

func rangeOf(c *call) ([]*Tensor, error) {
	if err := c.want(3); err != nil {
		return nil, err
	}
	for _, t := range c.in[:3] {
		if t.Len() != 1 || t.Type.float() != c.in[0].Type.float() {
			return nil, fmt.Errorf("wants three numbers")
		}
	}
	if c.in[0].Type.float() {
		lo, hi, step := c.in[0].F[0], c.in[1].F[0], c.in[2].F[0]
		if step == 0 || !(abs32((hi-lo)/step) <= maxElements) {
			return nil, fmt.Errorf("from %v to %v by %v", lo, hi, step)
		}
		out := make([]float32, max(0, int(ceil32((hi-lo)/step))))
		for i := range out {
			out[i] = lo + float32(i)*step
		}
		return []*Tensor{Floats(out, len(out))}, nil
	}
	lo, hi, step := c.in[0].I[0], c.in[1].I[0], c.in[2].I[0]
	if step == 0 {
		return nil, fmt.Errorf("a step of 0")
	}
	if most := int64(1 << 53); max(lo, hi, step) > most || min(lo, hi, step) < -most || (hi-lo)/step > maxElements {
		return nil, fmt.Errorf("from %d to %d by %d", lo, hi, step)
	}
	out := []int64{}
	for v := lo; step > 0 && v < hi || step < 0 && v > hi; v += step {
		out = append(out, v)
	}
	return []*Tensor{{Type: c.in[0].Type, Shape: []int{len(out)}, I: out}}, nil
}

func pad(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	pads, err := c.listFrom(1, "pads")
	if err != nil {
		return nil, err
	}
	mode := c.attrs["mode"].s
	if mode != "" && mode != "constant" && mode != "reflect" && mode != "edge" || len(pads) != 2*t.rank() || c.opt(3) != nil || !t.Type.float() {
		return nil, fmt.Errorf("mode %q, pads %v of %v %v", mode, pads, t.Type, t.Shape)
	}
	fill := c.floatOr("value", 0)
	if v := c.opt(2); v != nil && len(v.F) == 1 {
		fill = v.F[0]
	}
	shape := make([]int, t.rank())
	for i, d := range t.Shape {
		if shape[i] = d + pads[i] + pads[i+t.rank()]; d == 0 && mode != "" && mode != "constant" {
			return nil, fmt.Errorf("mode %q of %v", mode, t.Shape)
		}
	}
	out, err := blank(t.Type, shape)
	if err != nil {
		return nil, err
	}
	from, to := dense(t.Shape), dense(shape)
	for k := range out.F {
		at, rest, inside := 0, k, true
		for d := range shape {
			p := rest/to[d] - pads[d]
			rest %= to[d]
			if n := t.Shape[d]; p < 0 || p >= n {
				switch mode {
				case "edge":
					p = min(max(p, 0), n-1)
				case "reflect":
					p = mirror(p, n)
				default:
					inside = false
				}
			}
			at += p * from[d]
		}
		if out.F[k] = fill; inside {
			out.F[k] = t.F[at]
		}
	}
	return []*Tensor{out}, nil
}

// mirror reflects a place outside 0 … n-1 at the ends, which are not repeated.
func mirror(p, n int) int {
	if n == 1 {
		return 0
	}
	p %= 2 * (n - 1)
	if p < 0 {
		p += 2 * (n - 1)
	}
	if p >= n {
		p = 2*(n-1) - p
	}
	return p
}

func oneHot(c *call) ([]*Tensor, error) {
	if err := c.want(3); err != nil {
		return nil, err
	}
	idx, depth, values := c.in[0], c.in[1], c.in[2]
	if idx.Type.float() || depth.Len() != 1 || depth.Type.float() || values.Len() != 2 {
		return nil, fmt.Errorf("indices %v, depth %v, values %v", idx.Type, depth.Shape, values.Shape)
	}
	a, err := axis(c.intOr("axis", -1), idx.rank()+1)
	if err != nil {
		return nil, err
	}
	n := int(min(depth.I[0], maxElements+1))
	shape := slices.Insert(slices.Clone(idx.Shape), a, n)
	out, err := blank(values.Type, shape)
	if err != nil {
		return nil, err
	}
	_, _, inner := around(shape, a)
	for i := range out.Len() {
		v := int64(i / inner % n)
		at := idx.I[i/(inner*n)*inner+i%inner]
		if at < 0 {
			at += int64(n)
		}
		if out.F != nil {
			out.F[i] = values.F[truth(at == v)]
		} else {
			out.I[i] = values.I[truth(at == v)]
		}
	}
	return []*Tensor{out}, nil
}
