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
