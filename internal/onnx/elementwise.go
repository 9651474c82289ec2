package onnx

import (
	"fmt"
	"math"
	"slices"
)

// pair is an operator of two numbers, for floats and for integers.
type pair struct {
	f    func(a, b float32) float32
	i    func(a, b int64) (int64, error)
	kind kind
}

// kind tells the operators that rowOf writes out from the others.
type kind uint8

const (
	other kind = iota
	sum
	difference
	product
)

func sure(f func(a, b int64) int64) func(a, b int64) (int64, error) {
	return func(a, b int64) (int64, error) { return f(a, b), nil }
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

var (
	addOp = pair{func(a, b float32) float32 { return a + b }, sure(func(a, b int64) int64 { return a + b }), sum}
	subOp = pair{func(a, b float32) float32 { return a - b }, sure(func(a, b int64) int64 { return a - b }), difference}
	mulOp = pair{func(a, b float32) float32 { return a * b }, sure(func(a, b int64) int64 { return a * b }), product}
	minOp = pair{func(a, b float32) float32 { return min(a, b) }, sure(func(a, b int64) int64 { return min(a, b) }), other}
	maxOp = pair{func(a, b float32) float32 { return max(a, b) }, sure(func(a, b int64) int64 { return max(a, b) }), other}
	divOp = pair{func(a, b float32) float32 { return a / b }, func(a, b int64) (int64, error) {
		if b == 0 {
			return 0, fmt.Errorf("division by zero")
		}
		return a / b, nil
	}, other}
	powOp = pair{func(a, b float32) float32 {
		if b == 2 {
			return a * a
		}
		return float32(math.Pow(float64(a), float64(b)))
	}, sure(func(a, b int64) int64 { return int64(math.Pow(float64(a), float64(b))) }), other}
	equalOp     = pair{func(a, b float32) float32 { return float32(truth(a == b)) }, sure(func(a, b int64) int64 { return truth(a == b) }), other}
	lessOp      = pair{func(a, b float32) float32 { return float32(truth(a < b)) }, sure(func(a, b int64) int64 { return truth(a < b) }), other}
	lessEqOp    = pair{func(a, b float32) float32 { return float32(truth(a <= b)) }, sure(func(a, b int64) int64 { return truth(a <= b) }), other}
	greaterOp   = pair{func(a, b float32) float32 { return float32(truth(a > b)) }, sure(func(a, b int64) int64 { return truth(a > b) }), other}
	greaterEqOp = pair{func(a, b float32) float32 { return float32(truth(a >= b)) }, sure(func(a, b int64) int64 { return truth(a >= b) }), other}
	andOp       = pair{nil, sure(func(a, b int64) int64 { return a & b }), other}
	orOp        = pair{nil, sure(func(a, b int64) int64 { return a | b }), other}
)

// broadcast is the shape of two shapes together (ONNX, "Broadcasting").
func broadcast(a, b []int) ([]int, error) {
	out := make([]int, max(len(a), len(b)))
	for i := range out {
		x, y := 1, 1
		if k := i - len(out) + len(a); k >= 0 {
			x = a[k]
		}
		if k := i - len(out) + len(b); k >= 0 {
			y = b[k]
		}
		if x != y && x != 1 && y != 1 {
			return nil, fmt.Errorf("the shapes %v and %v do not fit", a, b)
		}
		out[i] = max(x, y)
		if x == 0 || y == 0 {
			out[i] = 0
		}
	}
	return out, nil
}

// steps are the strides with which t is read to fill a shape: 0 where it repeats.
func (t *Tensor) steps(shape []int) []int {
	out := make([]int, len(shape))
	n := 1
	for i := t.rank() - 1; i >= 0; i-- {
		if t.Shape[i] != 1 {
			out[i+len(shape)-t.rank()] = n
		}
		n *= t.Shape[i]
	}
	return out
}

// walk calls f for each row (last dimension) of a shape, with the places where
// the row begins in tensors of the given strides.
func walk(shape []int, strides [][]int, f func(row int, at []int)) {
	rank := len(shape)
	rows := 1
	for _, d := range shape[:max(rank-1, 0)] {
		rows *= d
	}
	idx, at := make([]int, rank), make([]int, len(strides))
	for row := range rows {
		f(row, at)
		for d := rank - 2; d >= 0; d-- {
			idx[d]++
			for k := range strides {
				at[k] += strides[k][d]
			}
			if idx[d] < shape[d] {
				break
			}
			for k := range strides {
				at[k] -= idx[d] * strides[k][d]
			}
			idx[d] = 0
		}
	}
}

func binary2(p pair) op {
	return func(c *call) ([]*Tensor, error) {
		if err := c.want(2); err != nil {
			return nil, err
		}
		return one(combine(c.in[0], c.in[1], p))
	}
}

func variadic(p pair) op {
	return func(c *call) ([]*Tensor, error) {
		if err := c.want(1); err != nil {
			return nil, err
		}
		acc := c.in[0]
		for i := 1; i < len(c.in); i++ {
			if err := c.want(i + 1); err != nil {
				return nil, err
			}
			var err error
			if acc, err = combine(acc, c.in[i], p); err != nil {
				return nil, err
			}
		}
		return []*Tensor{acc}, nil
	}
}

// compared is binary2 with a result of truth values.
func compared(p pair) op {
	return func(c *call) ([]*Tensor, error) {
		if err := c.want(2); err != nil {
			return nil, err
		}
		t, err := combine(c.in[0], c.in[1], p)
		if err != nil {
			return nil, err
		}
		return []*Tensor{t.truths()}, nil
	}
}

func (t *Tensor) truths() *Tensor {
	if !t.Type.float() {
		return &Tensor{Type: Bool, Shape: t.Shape, I: t.I}
	}
	out := make([]int64, len(t.F))
	for i, v := range t.F {
		out[i] = truth(v != 0)
	}
	return &Tensor{Type: Bool, Shape: t.Shape, I: out}
}

func combine(a, b *Tensor, p pair) (*Tensor, error) {
	if a.Type.float() != b.Type.float() {
		return nil, fmt.Errorf("%v with %v", a.Type, b.Type)
	}
	if a.Type.float() && p.f == nil {
		return nil, fmt.Errorf("not for floats")
	}
	shape, err := broadcast(a.Shape, b.Shape)
	if err != nil {
		return nil, err
	}
	out, err := blank(a.Type, shape)
	if err != nil || out.Len() == 0 {
		return out, err
	}
	sa, sb := a.steps(shape), b.steps(shape)
	w, da, db := 1, 0, 0
	if n := len(shape); n > 0 {
		w, da, db = shape[n-1], sa[n-1], sb[n-1]
	}
	var fail error
	walk(shape, [][]int{sa, sb}, func(row int, at []int) {
		if out.F != nil {
			rowOf(p, out.F[row*w:(row+1)*w], a.F[at[0]:], b.F[at[1]:], da, db)
			return
		}
		x, y := at[0], at[1]
		for i := range w {
			v, err := p.i(a.I[x], b.I[y])
			if err != nil {
				fail = err
			}
			out.I[row*w+i] = v
			x, y = x+da, y+db
		}
	})
	return out, fail
}

// rowOf is one row of floats: sums and products, which networks are made of, without a call an element.
func rowOf(p pair, out, a, b []float32, da, db int) {
	switch {
	case da == 1 && db == 1:
		a, b = a[:len(out)], b[:len(out)]
		switch p.kind {
		case sum:
			for i := range out {
				out[i] = a[i] + b[i]
			}
		case product:
			for i := range out {
				out[i] = a[i] * b[i]
			}
		default:
			for i := range out {
				out[i] = p.f(a[i], b[i])
			}
		}
	case da == 1:
		y := b[0]
		a = a[:len(out)]
		switch p.kind {
		case sum:
			for i := range out {
				out[i] = a[i] + y
			}
		case difference:
			for i := range out {
				out[i] = a[i] - y
			}
		case product:
			for i := range out {
				out[i] = a[i] * y
			}
		default:
			for i := range out {
				out[i] = p.f(a[i], y)
			}
		}
	default:
		x, y := 0, 0
		for i := range out {
			out[i] = p.f(a[x], b[y])
			x, y = x+da, y+db
		}
	}
}

func where(c *call) ([]*Tensor, error) {
	if err := c.want(3); err != nil {
		return nil, err
	}
	cond, a, b := c.in[0], c.in[1], c.in[2]
	if cond.Type.float() || a.Type.float() != b.Type.float() {
		return nil, fmt.Errorf("%v, %v, %v", cond.Type, a.Type, b.Type)
	}
	shape, err := broadcast(a.Shape, b.Shape)
	if err == nil {
		shape, err = broadcast(shape, cond.Shape)
	}
	if err != nil {
		return nil, err
	}
	out, err := blank(a.Type, shape)
	if err != nil || out.Len() == 0 {
		return []*Tensor{out}, err
	}
	s := [][]int{cond.steps(shape), a.steps(shape), b.steps(shape)}
	w, d := 1, [3]int{}
	if n := len(shape); n > 0 {
		w, d = shape[n-1], [3]int{s[0][n-1], s[1][n-1], s[2][n-1]}
	}
	walk(shape, s, func(row int, at []int) {
		for i := range w {
			from, k := a, at[1]+i*d[1]
			if cond.I[at[0]+i*d[0]] == 0 {
				from, k = b, at[2]+i*d[2]
			}
			if out.F != nil {
				out.F[row*w+i] = from.F[k]
			} else {
				out.I[row*w+i] = from.I[k]
			}
		}
	})
	return []*Tensor{out}, nil
}

func unary(f func(float32) float32) op {
	return func(c *call) ([]*Tensor, error) { return one(c.each(f)) }
}

// each applies f to each float of the first input.
func (c *call) each(f func(float32) float32) (*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t := c.in[0]
	if !t.Type.float() {
		return nil, fmt.Errorf("wants floats, got %v", t.Type)
	}
	out := make([]float32, len(t.F))
	parallel(len(out), 1<<14, c.threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = f(t.F[i])
		}
	})
	return Floats(out, t.Shape...), nil
}

func signed(f func(float32) float32, g func(int64) int64) op {
	return func(c *call) ([]*Tensor, error) {
		if err := c.want(1); err != nil || c.in[0].Type.float() {
			if err != nil {
				return nil, err
			}
			return one(c.each(f))
		}
		t := c.in[0]
		out := &Tensor{Type: t.Type, Shape: t.Shape, I: slices.Clone(t.I)}
		for i := range out.I {
			out.I[i] = g(out.I[i])
		}
		return []*Tensor{out}, nil
	}
}

func gelu(c *call) ([]*Tensor, error) {
	if c.attrs["approximate"].s == "tanh" {
		return fastGelu(c)
	}
	return one(c.each(func(x float32) float32 { return .5 * x * (1 + erf32(x*math.Sqrt2/2)) }))
}

func fastGelu(c *call) ([]*Tensor, error) {
	if c.opt(1) != nil {
		return nil, fmt.Errorf("with a bias is not known")
	}
	return one(c.each(func(x float32) float32 { return .5 * x * (1 + tanh32(.7978845608*(x+.044715*x*x*x))) }))
}

func quickGelu(c *call) ([]*Tensor, error) {
	a := c.floatOr("alpha", 1.702)
	return one(c.each(func(x float32) float32 { return x * sigmoid(a*x) }))
}

func leakyRelu(c *call) ([]*Tensor, error) {
	a := c.floatOr("alpha", .01)
	return one(c.each(func(x float32) float32 {
		if x < 0 {
			return a * x
		}
		return x
	}))
}

func elu(c *call) ([]*Tensor, error) {
	a := c.floatOr("alpha", 1)
	return one(c.each(func(x float32) float32 {
		if x < 0 {
			return a * float32(math.Expm1(float64(x)))
		}
		return x
	}))
}

func hardSigmoid(c *call) ([]*Tensor, error) {
	a, b := c.floatOr("alpha", .2), c.floatOr("beta", .5)
	return one(c.each(func(x float32) float32 { return min(max(a*x+b, 0), 1) }))
}

var preluOp = pair{f: func(a, b float32) float32 {
	if a < 0 {
		return a * b
	}
	return a
}}

func prelu(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	if !c.in[0].Type.float() {
		return nil, fmt.Errorf("wants floats")
	}
	return one(combine(c.in[0], c.in[1], preluOp))
}

func clip(c *call) ([]*Tensor, error) {
	lo, hi := c.floatOr("min", float32(math.Inf(-1))), c.floatOr("max", float32(math.Inf(1)))
	for i, p := range []*float32{1: &lo, 2: &hi} {
		if t := c.opt(i); i > 0 && t != nil {
			if len(t.F) != 1 {
				return nil, fmt.Errorf("bound %d is not one float", i)
			}
			*p = t.F[0]
		}
	}
	return one(c.each(func(x float32) float32 { return min(max(x, lo), hi) }))
}

func not(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	if c.in[0].Type.float() {
		return nil, fmt.Errorf("wants truth values, got %v", c.in[0].Type)
	}
	out := make([]int64, len(c.in[0].I))
	for i, v := range c.in[0].I {
		out[i] = truth(v == 0)
	}
	return []*Tensor{{Type: Bool, Shape: c.in[0].Shape, I: out}}, nil
}

func cast(c *call) ([]*Tensor, error) {
	if err := c.want(1); err != nil {
		return nil, err
	}
	t, to := c.in[0], Type(c.intOr("to", 0))
	if to.width() == 0 {
		return nil, fmt.Errorf("to %v", to)
	}
	out, err := blank(to, t.Shape)
	if err != nil {
		return nil, err
	}
	switch {
	case t.Type.float() && to.float():
		copy(out.F, t.F)
	case to.float():
		for i, v := range t.I {
			out.F[i] = float32(v)
		}
	case t.Type.float():
		for i, v := range t.F {
			if out.I[i] = int64(v); to == Bool {
				out.I[i] = truth(v != 0)
			}
		}
	default:
		for i, v := range t.I {
			if out.I[i] = v; to == Bool {
				out.I[i] = truth(v != 0)
			}
		}
	}
	return []*Tensor{out}, nil
}
