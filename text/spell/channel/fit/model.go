package main

import (
	"bytes"
	"cmp"
	"fmt"
	"log"
	"math"
	"slices"
	"strings"

	"bowerbird/text/spell/channel"
)

type edit struct {
	meant, typed string
	cost         float64
}

type model struct {
	edits   []edit
	weights [channel.NumFeatures + 1]float64
}

// estimate aligns each pair by plain slips, grows each difference by what stands around it, up to three letters on each
// side, and counts: cost = −ln (times typed so / times the stretch was meant), as in Brill and Moore (2000), with half an
// occurrence taken off.
func estimate(pairs []pair, least float64) []edit {
	meant, typed := map[string]float64{}, map[[2]string]float64{}
	for _, p := range pairs {
		a, b := "^"+p.meant+"$", "^"+p.typed+"$"
		for i := range a {
			for j := i; j <= min(i+3, len(a)); j++ {
				meant[a[i:j]]++
			}
		}
		for _, d := range align(a, b) {
			grown(a, b, d, func(x, y string) { typed[[2]string{x, y}]++ })
		}
	}
	var out []edit
	for k, n := range typed {
		if n >= least {
			out = append(out, edit{k[0], k[1], math.Max(.01, -math.Log((n-.5)/(meant[k[0]]+1)))})
		}
	}
	slices.SortFunc(out, func(a, b edit) int {
		return cmp.Or(strings.Compare(a.meant, b.meant), strings.Compare(a.typed, b.typed))
	})
	return out
}

// diff is a stretch of each string that differs: a[i:i2] was typed as b[j:j2].
type diff struct{ i, i2, j, j2 int }

// align finds the differences of a cheapest alignment, those that touch joined.
func align(a, b string) []diff {
	vowel := func(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }
	cost := make([][]float64, len(a)+1)
	from := make([][]diff, len(a)+1)
	for i := range cost {
		cost[i], from[i] = make([]float64, len(b)+1), make([]diff, len(b)+1)
		for j := range cost[i] {
			if i+j == 0 {
				continue
			}
			cost[i][j] = math.Inf(1)
			try := func(x, y int, c float64) {
				if i >= x && j >= y && cost[i-x][j-y]+c < cost[i][j] {
					cost[i][j], from[i][j] = cost[i-x][j-y]+c, diff{i - x, i, j - y, j}
				}
			}
			if i > 0 && j > 0 {
				switch x, y := a[i-1], b[j-1]; {
				case x == y:
					try(1, 1, 0)
				case vowel(x) == vowel(y):
					try(1, 1, .9)
				default:
					try(1, 1, 1.3)
				}
			}
			try(1, 0, 1)
			try(0, 1, 1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				try(2, 2, 1)
			}
		}
	}
	var out []diff
	for i, j := len(a), len(b); i+j > 0; {
		d := from[i][j]
		i, j = d.i, d.j
		if a[d.i:d.i2] == b[d.j:d.j2] {
			continue
		}
		if n := len(out); n > 0 && out[n-1].i == d.i2 && out[n-1].j == d.j2 && out[n-1].i2-d.i <= 3 && out[n-1].j2-d.j <= 3 {
			out[n-1].i, out[n-1].j = d.i, d.j
			continue
		}
		out = append(out, d)
	}
	return out
}

// grown calls f with the difference and with what stands to its left and right, as long as both stretches have three
// letters at most and what is added is equal.
func grown(a, b string, d diff, f func(x, y string)) {
	for left := 0; left < 3; left++ {
		if d.i < left || d.j < left || a[d.i-left:d.i] != b[d.j-left:d.j] {
			break
		}
		for right := 0; right < 3; right++ {
			if d.i2+right > len(a) || d.j2+right > len(b) || a[d.i2:d.i2+right] != b[d.j2:d.j2+right] {
				break
			}
			x, y := a[d.i-left:d.i2+right], b[d.j-left:d.j2+right]
			if len(x) > 3 || len(y) > 3 || x == "" {
				continue // an insertion needs something to stand beside
			}
			f(x, y)
		}
	}
}

// fit maximises the likelihood of the right words among their candidates, human misspellings and made-up slips counting
// alike, by gradient ascent with a little weight decay.
func (m *model) fit(sets ...[]list) {
	w := &m.weights
	w[channel.Path], w[channel.NumFeatures], w[channel.Slips] = .5, .6, -2
	var second [channel.NumFeatures + 1]float64 // Adagrad
	for epoch := range 400 {
		var g [channel.NumFeatures + 1]float64
		like := 0.0
		for _, set := range sets {
			share := 1 / float64(len(set))
			for _, l := range set {
				like += share * l.gradient(w, share, &g)
			}
		}
		for i := range w {
			g[i] -= 1e-4 * w[i]
			second[i] += g[i] * g[i]
			w[i] += .2 * g[i] / (math.Sqrt(second[i]) + 1e-9)
		}
		if epoch%100 == 99 {
			log.Printf("epoch %d: %.4f", epoch, like)
			for i, set := range sets {
				log.Printf("  set %d: %.4f at the first place", i, m.right(set))
			}
		}
	}
}

func (l list) gradient(w *[channel.NumFeatures + 1]float64, share float64, g *[channel.NumFeatures + 1]float64) float64 {
	if len(l.features) == 0 {
		return 0
	}
	scores := make([]float64, len(l.features))
	for i, f := range l.features {
		scores[i] = dot(w, &f)
	}
	top, total := slices.Max(scores), 0.0
	for _, s := range scores {
		total += math.Exp(s - top)
	}
	for i, f := range l.features {
		p := math.Exp(scores[i]-top) / total
		y := 0.0
		if i == 0 {
			y = 1
		}
		for k := range f {
			g[k] += share * (y - p) * f[k]
		}
	}
	return scores[0] - top - math.Log(total)
}

func dot(w, f *[channel.NumFeatures + 1]float64) (s float64) {
	for i := range w {
		s += w[i] * f[i]
	}
	return s
}

func (m *model) right(set []list) float64 {
	n := 0
	for _, l := range set {
		ok := len(l.features) > 0
		for i := range l.features {
			ok = ok && (i == 0 || dot(&m.weights, &l.features[i]) < dot(&m.weights, &l.features[0]))
		}
		if ok {
			n++
		}
	}
	return float64(n) / float64(len(set))
}

// read is the model as the package reads it.
func (m *model) read() *channel.Model {
	c, err := channel.Read(bytes.NewReader(m.encode()))
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func (m *model) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "# Estimated by fit; see package channel.")
	for i, name := range channel.FeatureNames {
		fmt.Fprintf(&b, "weight\t%s\t%.4f\n", name, m.weights[i])
	}
	fmt.Fprintf(&b, "weight\tprior\t%.4f\n", m.weights[channel.NumFeatures])
	for _, e := range m.edits {
		fmt.Fprintf(&b, "edit\t%s/%s\t%.2f\n", e.meant, e.typed, e.cost)
	}
	return b.Bytes()
}
