package onnx

import (
	"fmt"
	"sync"

	"bowerbird/internal/vec"
)

// parallel calls f on stretches of 0 … n-1, in as many goroutines as are worth
// it: one for each `least` at most.
func parallel(n, least, threads int, f func(lo, hi int)) {
	parts := min(threads, n/max(least, 1))
	if parts <= 1 {
		f(0, n)
		return
	}
	var wg sync.WaitGroup
	var fault any
	var once sync.Once
	for p := range parts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() {
				if e := recover(); e != nil {
					once.Do(func() { fault = e })
				}
			}()
			f(p*n/parts, (p+1)*n/parts)
		}()
	}
	wg.Wait()
	if fault != nil {
		panic(fault) // caught by Run, which names the node
	}
}

// product2 adds to C (m × n) the product of A (m × k) and B (k × n), rows of A split among threads.
func product2(out, a, b []float32, m, k, n, threads int) {
	parallel(m, max(8, 1<<18/max(k*n, 1)), threads, func(lo, hi int) {
		vec.MatMul(out[lo*n:hi*n], a[lo*k:hi*k], b, hi-lo, k, n)
	})
}

// matMul is numpy's: matrices in the last two dimensions, the others broadcast.
func matMul(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	a, b := c.in[0], c.in[1]
	if !a.Type.float() || !b.Type.float() || a.rank() == 0 || b.rank() == 0 {
		return nil, fmt.Errorf("%v %v with %v %v", a.Type, a.Shape, b.Type, b.Shape)
	}
	as, bs := a.Shape, b.Shape
	if a.rank() == 1 {
		as = []int{1, as[0]}
	}
	if b.rank() == 1 {
		bs = []int{bs[0], 1}
	}
	m, k, n := as[len(as)-2], as[len(as)-1], bs[len(bs)-1]
	if bs[len(bs)-2] != k {
		return nil, fmt.Errorf("the shapes %v and %v do not fit", a.Shape, b.Shape)
	}
	batch, err := broadcast(as[:len(as)-2], bs[:len(bs)-2])
	if err != nil {
		return nil, err
	}
	shape := append([]int(nil), batch...)
	if a.rank() > 1 {
		shape = append(shape, m)
	}
	if b.rank() > 1 {
		shape = append(shape, n)
	}
	out, err := blank(Float32, shape)
	if err != nil || out.Len() == 0 || k == 0 {
		return []*Tensor{out}, err
	}
	if len(bs) == 2 { // one B: all rows of A are one matrix
		product2(out.F, a.F, b.F, len(a.F)/k, k, n, c.threads)
		return []*Tensor{out}, nil
	}
	am := &Tensor{Shape: as[:len(as)-2]}
	bm := &Tensor{Shape: bs[:len(bs)-2]}
	var places [][2]int
	sa, sb := am.steps(batch), bm.steps(batch)
	walk(append(append([]int(nil), batch...), 1), [][]int{append(sa, 0), append(sb, 0)}, func(_ int, at []int) {
		places = append(places, [2]int{at[0], at[1]})
	})
	parallel(len(places), max(1, 1<<18/(m*k*n)), c.threads, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x, y := places[i][0]*m*k, places[i][1]*k*n
			vec.MatMul(out.F[i*m*n:(i+1)*m*n], a.F[x:x+m*k], b.F[y:y+k*n], m, k, n)
		}
	})
	return []*Tensor{out}, nil
}

// gemm is α·A'·B' + β·C.
func gemm(c *call) ([]*Tensor, error) {
	if err := c.want(2); err != nil {
		return nil, err
	}
	a, b := c.in[0], c.in[1]
	if a.rank() != 2 || b.rank() != 2 || !a.Type.float() || !b.Type.float() {
		return nil, fmt.Errorf("%v %v with %v %v", a.Type, a.Shape, b.Type, b.Shape)
	}
	var err error
	if c.intOr("transA", 0) != 0 {
		if a, err = a.flipped(); err != nil {
			return nil, err
		}
	}
	if c.intOr("transB", 0) != 0 {
		if b, err = b.flipped(); err != nil {
			return nil, err
		}
	}
	m, k, n := a.Shape[0], a.Shape[1], b.Shape[1]
	if b.Shape[0] != k {
		return nil, fmt.Errorf("the shapes %v and %v do not fit", a.Shape, b.Shape)
	}
	out, err := blank(Float32, []int{m, n})
	if err != nil {
		return nil, err
	}
	if out.Len() > 0 && k > 0 {
		product2(out.F, a.F, b.F, m, k, n, c.threads)
	}
	if alpha := c.floatOr("alpha", 1); alpha != 1 {
		vec.Scale(alpha, out.F)
	}
	add := c.opt(2)
	if add == nil {
		return []*Tensor{out}, nil
	}
	if beta := c.floatOr("beta", 1); beta != 1 {
		if add, err = combine(add, Floats([]float32{beta}), mulOp); err != nil {
			return nil, err
		}
	}
	if s, err := broadcast(out.Shape, add.Shape); err != nil || len(s) != 2 || s[0] != m || s[1] != n {
		return nil, fmt.Errorf("%v does not fit %v", add.Shape, out.Shape)
	}
	return one(combine(out, add, addOp))
}

func (t *Tensor) flipped() (*Tensor, error) {
	return t.take([]int{t.Shape[1], t.Shape[0]}, []int{1, t.Shape[1]}, 0)
}
