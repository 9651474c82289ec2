package fuse

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/optimize"
)

// Ranker scores a document by its features: the seam for stronger rankers. Only the order within a query counts.
type Ranker interface {
	Score(features []float64) float64
}

// Group is the documents of one query, with their features and what is known of them: a grade, or clicks weighed against
// how often the place is looked at. Grades are not negative; a group whose grades are all equal teaches nothing.
type Group struct {
	Query    string
	Features [][]float64
	Grades   []float64
}

// Linear is a weighted sum of standardised features. It is safe for concurrent use.
type Linear struct {
	Weights []float64 `json:"weights"`
	Mean    []float64 `json:"mean"`
	Scale   []float64 `json:"scale"` // 1 / deviation; 0 where a feature never varies
}

// UnmarshalJSON reads what was written as JSON. It refuses a ranker whose lists differ in length.
func (l *Linear) UnmarshalJSON(b []byte) error {
	type plain Linear
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return fmt.Errorf("fuse: linear ranker: %w", err)
	}
	if len(p.Mean) != len(p.Weights) || len(p.Scale) != len(p.Weights) {
		return fmt.Errorf("fuse: linear ranker: %d weights, %d of mean, %d of scale: want as many of each", len(p.Weights), len(p.Mean), len(p.Scale))
	}
	*l = Linear(p)
	return nil
}

// Score implements Ranker. Features beyond those learned are ignored, missing ones count as their mean.
func (l *Linear) Score(features []float64) float64 {
	s := 0.0
	for i, w := range l.Weights[:min(len(l.Weights), len(features))] {
		s += w * l.standard(i, features[i])
	}
	return s
}

// standard bounds a feature at five deviations, so that one odd value cannot carry a document.
func (l *Linear) standard(i int, x float64) float64 {
	return max(-5, min(5, (x-l.Mean[i])*l.Scale[i]))
}

// LinearOptions of FitLinear. The zero value works.
type LinearOptions struct {
	L2         float64 // penalty of squared weights, per group; 0 means .01
	Iterations int     // 0 means 200
}

// FitLinear learns list by list (ListNet's top-one model, Cao et al., ICML 2007): it minimises over the groups the mean
// of
//
//	− Σ_i p_i log softmax(s)_i + L2/2 |w|²,   p_i = gain_i / Σ gain,   gain = 2^grade − 1
//
// by L-BFGS, deterministically. It costs Iterations · documents · features multiply-adds. It refuses groups whose rows
// differ in length, numbers that are not finite, and data in which no group prefers anything.
func FitLinear(ctx context.Context, groups []Group, o LinearOptions) (*Linear, error) {
	l2, width, useful := cmp.Or(o.L2, .01), -1, []Group(nil)
	for g, group := range groups {
		if len(group.Features) != len(group.Grades) {
			return nil, fmt.Errorf("fuse: group %d (%s) has %d rows and %d grades", g, group.Query, len(group.Features), len(group.Grades))
		}
		differ := false
		for i, row := range group.Features {
			if width < 0 {
				width = len(row)
			}
			if len(row) != width {
				return nil, fmt.Errorf("fuse: group %d (%s), row %d has %d features, others %d", g, group.Query, i, len(row), width)
			}
			for j, x := range append(row[:len(row):len(row)], group.Grades[i]) {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					return nil, fmt.Errorf("fuse: group %d (%s), row %d, number %d is not finite", g, group.Query, i, j)
				}
			}
			if group.Grades[i] < 0 || group.Grades[i] > 60 {
				return nil, fmt.Errorf("fuse: group %d (%s), row %d: grade %v: want 0 to 60", g, group.Query, i, group.Grades[i])
			}
			differ = differ || group.Grades[i] != group.Grades[0]
		}
		if differ {
			useful = append(useful, group)
		}
	}
	if len(useful) == 0 || width < 1 {
		return nil, fmt.Errorf("fuse: no group of %d prefers one document to another", len(groups))
	}
	l := standardise(useful, width)
	rows := l.rows(useful)
	problem := optimize.Problem{
		Func: func(w []float64) float64 { return listLoss(useful, rows, w, l2, nil) },
		Grad: func(grad, w []float64) { listLoss(useful, rows, w, l2, grad) },
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
	settings := &optimize.Settings{MajorIterations: cmp.Or(o.Iterations, 200), GradientThreshold: 1e-6}
	r, err := optimize.Minimize(problem, make([]float64, width), settings, &optimize.LBFGS{})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if r == nil || r.X == nil {
		return nil, fmt.Errorf("fuse: fit: %w", err) // a line search that finds no more descent is not an error: r is the best point
	}
	l.Weights = r.X
	return l, nil
}

func standardise(groups []Group, width int) *Linear {
	l := &Linear{Mean: make([]float64, width), Scale: make([]float64, width)}
	n, square := 0.0, make([]float64, width)
	for _, g := range groups {
		for _, row := range g.Features {
			n++
			for i, x := range row { // Welford's method
				d := x - l.Mean[i]
				l.Mean[i] += d / n
				square[i] += d * (x - l.Mean[i])
			}
		}
	}
	for i := range l.Scale {
		if v := square[i] / n; v > 1e-18*(1+l.Mean[i]*l.Mean[i]) {
			l.Scale[i] = 1 / math.Sqrt(v)
		}
	}
	return l
}

func (l *Linear) rows(groups []Group) (rows [][]float64) {
	for _, g := range groups {
		for _, row := range g.Features {
			z := make([]float64, len(row))
			for i, x := range row {
				z[i] = l.standard(i, x)
			}
			rows = append(rows, z)
		}
	}
	return rows
}

// listLoss returns the loss and, if asked for, its gradient.
func listLoss(groups []Group, rows [][]float64, w []float64, l2 float64, grad []float64) float64 {
	loss, at, n := 0.0, 0, float64(len(groups))
	clear(grad)
	for _, g := range groups {
		z := rows[at : at+len(g.Grades)]
		at += len(g.Grades)
		s, top, gain := make([]float64, len(z)), math.Inf(-1), 0.0
		for i, row := range z {
			for j, x := range row {
				s[i] += w[j] * x
			}
			top = max(top, s[i])
			gain += math.Exp2(g.Grades[i]) - 1
		}
		sum := 0.0
		for _, x := range s {
			sum += math.Exp(x - top)
		}
		for i, row := range z {
			p := (math.Exp2(g.Grades[i]) - 1) / gain
			q := math.Exp(s[i]-top) / sum
			loss -= p * (s[i] - top - math.Log(sum)) / n
			if grad != nil {
				for j, x := range row {
					grad[j] += (q - p) * x / n
				}
			}
		}
	}
	for j, x := range w {
		loss += l2 / 2 * x * x
		if grad != nil {
			grad[j] += l2 * x
		}
	}
	return loss
}

const maxFeature = 1 << 16

// maxCells bounds rows × the greatest number: 4 GiB, above the largest public collection. A line of a few bytes may ask
// for a row of half a megabyte.
var maxCells = 1 << 29

// ReadLETOR reads rows of learning-to-rank collections: GRADE qid:QUERY NUMBER:VALUE ..., a comment after '#'; numbers
// begin at 1 and absent ones are 0. sizes, for files without qid, holds how many rows each query has. Errors name file
// and line. It keeps rows dense: rows × the greatest number × 8 bytes, 4 GiB at most.
func ReadLETOR(r io.Reader, name string, sizes []int) ([]Group, error) {
	var out []Group
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), 1<<22)
	width, rows, n, left := 0, 0, 0, 0
	for sc.Scan() {
		n++
		line, _, _ := strings.Cut(sc.Text(), "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		bad := func(format string, a ...any) error {
			return fmt.Errorf("%s:%d: %s", name, n, fmt.Sprintf(format, a...))
		}
		grade, err := strconv.ParseFloat(f[0], 64)
		if err != nil || !(grade >= 0 && grade <= 60) {
			return nil, bad("grade %.40q: want 0 to 60", f[0])
		}
		f = f[1:]
		switch {
		case len(f) > 0 && strings.HasPrefix(f[0], "qid:"):
			if q := f[0][len("qid:"):]; len(out) == 0 || out[len(out)-1].Query != q {
				out = append(out, Group{Query: q})
			}
			f = f[1:]
		case left > 0:
			left--
		case len(sizes) > len(out) && sizes[len(out)] > 0:
			left = sizes[len(out)] - 1
			out = append(out, Group{Query: strconv.Itoa(len(out) + 1)})
		default:
			return nil, bad("no qid, and no size of a query is left for it")
		}
		var row []float64
		for _, pair := range f {
			number, value, ok := strings.Cut(pair, ":")
			i, err1 := strconv.Atoi(number)
			x, err2 := strconv.ParseFloat(value, 64)
			if !ok || err1 != nil || err2 != nil || i < 1 || i > maxFeature || math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, bad("%.40q: want NUMBER:VALUE, from 1 to %d and finite", pair, maxFeature)
			}
			if width = max(width, i); (rows+1)*width > maxCells {
				return nil, bad("%d rows of %d numbers: more than %d in all", rows+1, width, maxCells)
			}
			if i > len(row) {
				row = append(row, make([]float64, i-len(row))...)
			}
			row[i-1] = x
		}
		if rows++; rows*width > maxCells {
			return nil, bad("%d rows of %d numbers: more than %d in all", rows, width, maxCells)
		}
		g := &out[len(out)-1]
		g.Features, g.Grades = append(g.Features, row), append(g.Grades, grade)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	for _, g := range out {
		for i := range g.Features {
			g.Features[i] = append(g.Features[i], make([]float64, width-len(g.Features[i]))...)
		}
	}
	return out, nil
}
