package main

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"bowerbird/internal/vec"
)

// probe is a linear classifier on fixed vectors: the softmax of one class a row, or with several a sigmoid for each. It
// minimises mean cross-entropy + l2/2·|W|² by gradients over all rows with Adam, from zero: deterministic.
type probe struct {
	dim, classes int
	w            []float32 // (dim+1) × classes; the last row is the intercept, which is not regularised
}

const probeSteps = 300

// fitProbe learns from rows, each with its classes.
func fitProbe(ctx context.Context, rows []float32, dim int, classes [][]int, k int, several bool, l2 float64) (*probe, error) {
	n := len(classes)
	p := &probe{dim: dim, classes: k, w: make([]float32, (dim+1)*k)}
	xt := make([]float32, (dim+1)*n)
	for i := range n {
		for d := range dim {
			xt[d*n+i] = rows[i*dim+d]
		}
		xt[dim*n+i] = 1
	}
	m, v, g := make([]float32, len(p.w)), make([]float32, len(p.w)), make([]float32, len(p.w))
	for t := range probeSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out := p.predict(rows, n, several)
		for i, of := range classes {
			for _, c := range of {
				out[i*k+c]--
			}
		}
		clear(g)
		vec.MatMul(g, xt, out, dim+1, n, k)
		rate := 0.1 * float32(1-float64(t)/probeSteps)
		c1, c2 := float32(1-math.Pow(0.9, float64(t+1))), float32(1-math.Pow(0.999, float64(t+1)))
		for i := range g {
			d := g[i] / float32(n)
			if i < dim*k {
				d += float32(l2) * p.w[i]
			}
			m[i] = 0.9*m[i] + 0.1*d
			v[i] = 0.999*v[i] + 0.001*d*d
			p.w[i] -= rate * (m[i] / c1) / (float32(math.Sqrt(float64(v[i]/c2))) + 1e-8)
		}
	}
	return p, nil
}

// predict returns n rows of chances.
func (p *probe) predict(rows []float32, n int, several bool) []float32 {
	k := p.classes
	out := make([]float32, n*k)
	for i := range n {
		copy(out[i*k:], p.w[p.dim*k:])
	}
	vec.MatMul(out, rows[:n*p.dim], p.w[:p.dim*k], n, p.dim, k)
	for i := range n {
		row := out[i*k : (i+1)*k]
		if several {
			for c, x := range row {
				row[c] = float32(1 / (1 + math.Exp(-float64(x))))
			}
			continue
		}
		top, sum := slices.Max(row), float32(0)
		for c, x := range row {
			row[c] = float32(math.Exp(float64(x - top)))
			sum += row[c]
		}
		vec.Scale(1/sum, row)
	}
	return out
}

// pick gathers rows.
func pick(rows []float32, dim int, ids []int) []float32 {
	out := make([]float32, 0, len(ids)*dim)
	for _, i := range ids {
		out = append(out, rows[i*dim:(i+1)*dim]...)
	}
	return out
}

// beside puts the rows of b next to those of a.
func beside(a []float32, da int, b []float32, db int) []float32 {
	n := len(a) / da
	out := make([]float32, 0, n*(da+db))
	for i := range n {
		out = append(append(out, a[i*da:(i+1)*da]...), b[i*db:(i+1)*db]...)
	}
	return out
}

// unitRows scales rows to length 1, in place; what is zero stays.
func unitRows(x []float32, dim int) []float32 {
	for i := 0; i < len(x); i += dim {
		vec.Normalize(x[i : i+dim])
	}
	return x
}

// settle gives back what is not needed and starts the peak anew, so that it is that of the job at hand.
func settle() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // Linux: VmHWM starts again; elsewhere there is no figure
}

// peakMemory is the most that this process has held since settle, where the system tells; 0 elsewhere.
func peakMemory() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(b)) {
		if f := strings.Fields(l); len(f) > 1 && f[0] == "VmHWM:" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	return 0
}
