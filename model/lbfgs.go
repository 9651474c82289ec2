package model

import (
	"context"
	"errors"
	"math"
	"slices"
)

// memory is how many steps L-BFGS remembers; 10 is common (Nocedal and Wright, section 7.2: 3 to 20).
const memory = 10

// objective returns its value at x and writes the gradient into g.
type objective interface {
	value(ctx context.Context, x, g []float64) (float64, error)
}

var errNotFinite = errors.New("the loss is not finite: check the scale of the features")

// lbfgs minimises f from x, which it overwrites and returns.
func lbfgs(ctx context.Context, f objective, x []float64, iterations int, tolerance float64, progress func(int, int, string)) ([]float64, error) {
	n := len(x)
	g, xn, gn, dir := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var s, y [][]float64
	v, err := f.value(ctx, x, g)
	if err != nil {
		return nil, err
	}
	for it := range iterations {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errNotFinite
		}
		if largestOf(g) < tolerance {
			break
		}
		direction(dir, g, s, y)
		slope := dot64(dir, g)
		if slope >= 0 { // rounding has spoilt the memory: fall back to steepest descent
			s, y = nil, nil
			direction(dir, g, s, y)
			slope = dot64(dir, g)
		}
		step := 1.0
		if len(s) == 0 {
			step = min(1, 1/math.Sqrt(-slope))
		}
		vn, ok := v, false
		for range 40 { // Armijo's condition by halving
			for i := range x {
				xn[i] = x[i] + step*dir[i]
			}
			if vn, err = f.value(ctx, xn, gn); err != nil {
				return nil, err
			}
			if vn <= v+1e-4*step*slope {
				ok = true
				break
			}
			step /= 2
		}
		if !ok {
			break // no descent left in float64
		}
		ds, dy := make([]float64, n), make([]float64, n)
		for i := range x {
			ds[i], dy[i] = xn[i]-x[i], gn[i]-g[i]
		}
		if dot64(ds, dy) > 1e-12*math.Sqrt(dot64(ds, ds)*dot64(dy, dy)) {
			s, y = append(s, ds), append(y, dy)
			if len(s) > memory {
				s, y = slices.Delete(s, 0, 1), slices.Delete(y, 0, 1)
			}
		}
		x, xn, g, gn, v = xn, x, gn, g, vn
		progress(it+1, iterations, "iterations")
	}
	return x, nil
}

// direction sets d to minus the inverse Hessian's approximation times g: the two-loop recursion.
func direction(d, g []float64, s, y [][]float64) {
	for i, v := range g {
		d[i] = -v
	}
	k := len(s)
	a := make([]float64, k)
	for j := k - 1; j >= 0; j-- {
		a[j] = dot64(s[j], d) / dot64(s[j], y[j])
		add64(-a[j], y[j], d)
	}
	if k > 0 {
		scale := dot64(s[k-1], y[k-1]) / dot64(y[k-1], y[k-1])
		for i := range d {
			d[i] *= scale
		}
	}
	for j := range k {
		b := dot64(y[j], d) / dot64(s[j], y[j])
		add64(a[j]-b, s[j], d)
	}
}

func dot64(a, b []float64) float64 {
	t := 0.0
	for i, v := range a {
		t += v * b[i]
	}
	return t
}

func add64(a float64, x, y []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}

func largestOf(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}
