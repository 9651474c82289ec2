package onnx

import (
	"fmt"
	"slices"
)

// take makes a tensor of elements of t: for each row of shape, w elements from at, step apart.
func (t *Tensor) take(shape []int, strides []int, offset int) (*Tensor, error) {
	out, err := blank(t.Type, shape)
	if err != nil || out.Len() == 0 {
		return out, err
	}
	w, d := 1, 0
	if n := len(shape); n > 0 {
		w, d = shape[n-1], strides[n-1]
	}
	walk(shape, [][]int{strides}, func(row int, at []int) {
		k := offset + at[0]
		if out.F != nil {
			dst := out.F[row*w : (row+1)*w]
			if d == 1 {
				copy(dst, t.F[k:k+w])
				return
			}
			for i := range dst {
				dst[i] = t.F[k+i*d]
			}
			return
		}
		for i := range w {
			out.I[row*w+i] = t.I[k+i*d]
		}
	})
	return out, nil
}

// dense are the strides of a tensor that is laid out row by row.
func dense(shape []int) []int {
	out := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		out[i] = n
		n *= shape[i]
	}
	return out
}

func transpose(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t, perm := c.in[0], c.list("perm")
	if perm == nil {
		for i := t.rank() - 1; i >= 0; i-- {
			perm = append(perm, i)
		}
	}
	if len(perm) != t.rank() {
		return nil, fmt.Errorf("perm %v of %v", perm, t.Shape)
	}
	shape, strides, seen := make([]int, t.rank()), make([]int, t.rank()), make([]bool, t.rank())
	from := dense(t.Shape)
	for i, p := range perm {
		if p < 0 || p >= t.rank() || seen[p] {
			return nil, fmt.Errorf("perm %v of %v", perm, t.Shape)
		}
		seen[p] = true
		shape[i], strides[i] = t.Shape[p], from[p]
	}
	return one(t.take(shape, strides, 0))
}

func concat(c *call) ([]*Tensor, error) {
	if err := c.want(max(1, len(c.in))); err != nil {
		return nil, err
	}
	first := c.in[0]
	a, err := axis(c.intOr("axis", 0), first.rank())
	if err != nil {
		return nil, err
	}
	shape := slices.Clone(first.Shape)
	shape[a] = 0
	for _, t := range c.in {
		fits := t.rank() == first.rank() && t.Type.float() == first.Type.float()
		for i := range shape {
			fits = fits && (i == a || t.Shape[i] == shape[i])
		}
		if !fits {
			return nil, fmt.Errorf("%v %v after %v %v along axis %d", t.Type, t.Shape, first.Type, first.Shape, a)
		}
		shape[a] += t.Shape[a]
	}
	out, err := blank(first.Type, shape)
	if err != nil {
		return nil, err
	}
	outer, n, inner := around(shape, a)
	at := 0
	for _, t := range c.in {
		w := t.Shape[a] * inner
		for o := range outer {
			if out.F != nil {
				copy(out.F[o*n*inner+at:], t.F[o*w:(o+1)*w])
			} else {
				copy(out.I[o*n*inner+at:], t.I[o*w:(o+1)*w])
			}
		}
		at += w
	}
	return []*Tensor{out}, nil
}

func split(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	a, err := axis(c.intOr("axis", 0), t.rank())
	if err != nil {
		return nil, err
	}
	sizes, err := c.listFrom(1, "split")
	if err != nil {
		return nil, err
	}
	if sizes == nil {
		n := c.intOr("num_outputs", len(c.out))
		if n < 1 {
			return nil, fmt.Errorf("into %d", n)
		}
		each := (t.Shape[a] + n - 1) / n
		for left := t.Shape[a]; len(sizes) < n; left -= each {
			sizes = append(sizes, max(0, min(each, left)))
		}
	}
	total := 0
	for _, s := range sizes {
		if s < 0 || s > maxElements {
			return nil, fmt.Errorf("sizes %v", sizes)
		}
		total += s
	}
	if total != t.Shape[a] || len(sizes) != len(c.out) {
		return nil, fmt.Errorf("axis %d of %v into %v for %d outputs", a, t.Shape, sizes, len(c.out))
	}
	var out []*Tensor
	strides, at := dense(t.Shape), 0
	for _, s := range sizes {
		shape := slices.Clone(t.Shape)
		shape[a] = s
		part, err := t.take(shape, strides, at*strides[a])
		if err != nil {
			return nil, err
		}
		out, at = append(out, part), at+s
	}
	return out, nil
}

func slice(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	starts, err1 := c.listFrom(1, "starts")
	ends, err2 := c.listFrom(2, "ends")
	axes, err3 := c.listFrom(3, "axes")
	steps, err4 := c.listFrom(4, "steps")
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			return nil, err
		}
	}
	if len(ends) != len(starts) || axes != nil && len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		return nil, fmt.Errorf("starts %v, ends %v, axes %v, steps %v", starts, ends, axes, steps)
	}
	shape, strides, offset := slices.Clone(t.Shape), dense(t.Shape), 0
	for i := range starts {
		a, step := i, 1
		if axes != nil {
			a = axes[i]
		}
		if steps != nil {
			step = steps[i]
		}
		a, err := axis(a, t.rank())
		if err != nil {
			return nil, err
		}
		if step == 0 {
			return nil, fmt.Errorf("a step of 0")
		}
		d := t.Shape[a]
		lo, hi := within(starts[i], d, step), within(ends[i], d, step)
		n := (hi - lo + step - sgn(step)) / step
		shape[a] = max(0, n)
		offset += lo * strides[a]
		strides[a] *= step
	}
	return one(t.take(shape, strides, offset))
}

// within clamps an end of a slice of d elements.
func within(x, d, step int) int {
	if x < 0 {
		x += d
	}
	if step < 0 {
		return min(max(x, -1), d-1)
	}
	return min(max(x, 0), d)
}

func sgn(x int) int {
	if x < 0 {
		return -1
	}
	return 1
}

func expand(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	t := c.in[0]
	want, err := c.in[1].dims()
	if err != nil {
		return nil, err
	}
	shape, err := broadcast(t.Shape, want)
	if err != nil {
		return nil, err
	}
	return one(t.take(shape, t.steps(shape), 0))
}

func depthToSpace(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t, b := c.in[0], c.intOr("blocksize", 0)
	if t.rank() != 4 || b < 1 || t.Shape[1]%(b*b) != 0 {
		return nil, fmt.Errorf("%v by %d", t.Shape, b)
	}
	n, ch, h, w := t.Shape[0], t.Shape[1]/(b*b), t.Shape[2], t.Shape[3]
	order := []int{n, ch, h, b, w, b}
	hw := h * w
	strides := []int{ch * b * b * hw, hw, w, b * ch * hw, 1, ch * hw} // DCR
	if c.attrs["mode"].s == "CRD" {
		strides = []int{ch * b * b * hw, b * b * hw, w, b * hw, 1, hw}
	}
	out, err := t.take(order, strides, 0)
	if err != nil {
		return nil, err
	}
	return []*Tensor{out.shaped([]int{n, ch, h * b, w * b})}, nil
}
