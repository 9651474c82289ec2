package main

import (
	"fmt"
	"slices"

	"bowerbird/internal/vec"
	"bowerbird/vision"
)

// moves asks "like this, but in another colour" and "made like this" of the demo world,
// whose items' palette, kind and style are known. The built-in descriptor is moved by
// the difference of two means, as the server does; amounts stand side by side.
func (e *pictureEval) moves(string) error {
	d, err := e.drawn()
	if err != nil {
		return err
	}
	n := len(d.pictures)
	x := make([]float32, n*vision.Dim)
	colour, kind, style := make([]string, n), make([]string, n), make([]string, n)
	if err := each(e.a.ctx, n, func(i int) error {
		v, err := d.pictures[i].Describe(vision.Full)
		copy(x[i*vision.Dim:], v)
		if c := d.pictures[i].Colors(); len(c) > 0 {
			colour[i] = c[0].Family
		}
		item := d.w.Item(i)
		kind[i] = item.Categories[len(item.Categories)-1]
		style[i], _ = item.Attributes["style"].(string)
		return err
	}); err != nil {
		return err
	}
	row := func(i int) []float32 { return x[i*vision.Dim : (i+1)*vision.Dim] }
	mean := map[string][]float32{}
	have := map[string]int{}
	for i := range n {
		if mean[colour[i]] == nil {
			mean[colour[i]] = make([]float32, vision.Dim)
		}
		vec.Axpy(1, row(i), mean[colour[i]])
		have[colour[i]]++
	}
	var targets []string
	for _, c := range sortedKeys(have) {
		vec.Scale(1/float32(have[c]), mean[c])
		if have[c] >= 30 {
			targets = append(targets, c)
		}
	}
	top := func(q []float32, not int, score func(int) float32) []vec.Scored {
		s := make([]float32, n)
		vec.DotRows(s, q, x)
		if score != nil {
			for i := range s {
				s[i] = score(i)
			}
		}
		s[not] = -2
		return vec.Top(s, 10)
	}
	for _, amount := range []float32{0, .5, 1, 2, 3, 5} {
		var turned, alike, both float64
		asked := 0
		for i := 0; i < n; i += 5 {
			to := targets[i/5%len(targets)]
			if to == colour[i] || !slices.Contains(targets, colour[i]) {
				continue
			}
			q := slices.Clone(row(i))
			vec.Axpy(amount, mean[to], q)
			vec.Axpy(-amount, mean[colour[i]], q)
			asked++
			for _, h := range top(q, i, nil) {
				t, a := oneIf(colour[h.ID] == to), oneIf(kind[h.ID] == kind[i] || style[h.ID] == style[i])
				turned, alike, both = turned+t/10, alike+a/10, both+t*a/10
			}
		}
		k := float64(max(1, asked))
		e.add(fmt.Sprintf("another colour, moved by %g", amount), "of that colour", turned/k, "same kind or style", alike/k, "both", both/k)
	}
	styles := make([][]float32, n)
	for i := range n {
		styles[i] = vision.Style(row(i))
	}
	for _, by := range []struct {
		name string
		of   [][]float32
	}{
		{"whole descriptor", nil}, {"style", styles},
		{"style, half of its kind's mean taken off", without(styles, kind, .5)}, {"style, its kind's mean taken off", without(styles, kind, 1)},
	} {
		// Ways are chosen by the first half of the questions, the figures are of the second.
		var same, kinds, asked [2]float64
		for i := 0; i < n; i += 5 {
			var score func(int) float32
			if by.of != nil {
				score = func(j int) float32 { return vec.Dot(by.of[i], by.of[j]) }
			}
			half := i / 5 % 2
			asked[half]++
			for _, h := range top(row(i), i, score) {
				same[half] += oneIf(style[h.ID] == style[i]) / 10
				kinds[half] += oneIf(kind[h.ID] == kind[i]) / 10
			}
		}
		e.add("made alike, by "+by.name, "chosen on", same[0]/asked[0], "same style", same[1]/asked[1], "same kind", kinds[1]/asked[1])
	}
	chance := 0.0
	count := map[string]int{}
	for _, s := range style {
		count[s]++
	}
	for _, c := range count {
		chance += float64(c) * float64(c) / float64(n) / float64(n)
	}
	e.note("two items at random are of one style in %.3f of cases; the first 10 of each question count", chance)
	return nil
}

// without takes a part of the mean of its kind off each vector.
func without(x [][]float32, kind []string, part float32) [][]float32 {
	sums, have := map[string][]float32{}, map[string]float32{}
	for i, v := range x {
		if sums[kind[i]] == nil {
			sums[kind[i]] = make([]float32, len(v))
		}
		vec.Axpy(1, v, sums[kind[i]])
		have[kind[i]]++
	}
	out := make([][]float32, len(x))
	for i, v := range x {
		out[i] = slices.Clone(v)
		vec.Axpy(-part/have[kind[i]], sums[kind[i]], out[i])
		vec.Normalize(out[i])
	}
	return out
}
