package seq

import (
	"math"
	"math/rand/v2"
	"testing"

	"bowerbird/internal/nn"
)

// small makes a fitting with two sequences in one part, and its weights large
// enough for the gradients to be seen.
func small(t *testing.T, o Options, attributes [][]uint32) *fitting {
	t.Helper()
	o.Dim, o.Heads, o.Layers, o.Hidden, o.Length, o.Patience, o.Batch = 8, 2, 2, 12, 24, -1, 100
	rng := rand.New(rand.NewPCG(7, 8))
	data := Data{Items: 11, Attributes: attributes}
	for _, n := range []int{6, 22} {
		s := make([]uint32, n)
		for i := range s {
			s[i] = uint32(rng.IntN(data.Items))
		}
		data.Sequences = append(data.Sequences, s)
	}
	f, err := prepare(data, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.net.w {
		f.net.w[i] += float32(rng.NormFloat64()) * .2
	}
	f.net.sum()
	return f
}

// pass computes the loss, and the gradient if asked for.
func (f *fitting) pass(back bool) (float64, []float32) {
	f.net.sum()
	f.p.pack(f.net, true)
	f.c.gather(f.net)
	total := 0.0
	g := make([]float32, len(f.net.w))
	for i := range f.parts {
		p := &f.parts[i]
		if len(p.targets) == 0 {
			continue
		}
		p.rng = 99
		p.forward(&f.p, float32(f.Dropout), float32(f.Dropout))
		total += f.heads[0].loss(f.net, &f.c, p.state, p.targets, 1, room(&p.dstate, len(p.state)), g)
		if back {
			p.backward(&f.p, g, p.dstate)
		}
	}
	f.net.spread(g)
	return total, g
}

// TestGradient holds the pass back to numerical differences, part by part of the
// network, with dropout and without, over the catalogue and over a sample.
func TestGradient(t *testing.T) {
	attributes := [][]uint32{{0}, {1, 2}, nil, {0, 2}, {1}, nil, {2}, {0, 1, 2}, nil, {1}, {2}}
	for name, o := range map[string]Options{
		"whole": {Dropout: -1, Negatives: -1}, "dropout": {Dropout: .3, Negatives: -1}, "sampled": {Dropout: -1, Negatives: 3},
	} {
		for _, plain := range []bool{true, false} {
			restore := nn.UsePlain(plain)
			f := small(t, o, attributes)
			f.Dropout = max(0, f.Dropout)
			f.share([]int{0, 1}, 26)
			if f.Negatives >= 0 {
				f.sample(26)
				if len(f.c.ids) < 4 {
					t.Fatalf("%d classes", len(f.c.ids))
				}
			}
			_, g := f.pass(true)
			checkGradient(t, name, f, g)
			restore()
		}
	}
}

func checkGradient(t *testing.T, name string, f *fitting, g []float32) {
	t.Helper()
	parts := map[string]part{"item": f.net.at.item, "attribute": f.net.at.attribute, "position": f.net.at.position, "gain": f.net.at.gain, "shift": f.net.at.shift}
	for _, l := range f.net.at.layers {
		for n, p := range map[string]part{"gain1": l.gain1, "shift1": l.shift1, "qkv": l.qkv, "qkvBias": l.qkvBias, "out": l.out, "outBias": l.outBias, "near": l.near,
			"gain2": l.gain2, "shift2": l.shift2, "up": l.up, "upBias": l.upBias, "down": l.down, "downBias": l.downBias} {
			parts[n] = p
		}
	}
	const h = 4e-3
	for n, p := range parts {
		seen := 0.0
		for i := 0; i < p.n; i += 1 + p.n/25 {
			w := &f.net.w[p.at+i]
			was := *w
			*w = was + h
			up, _ := f.pass(false)
			*w = was - h
			down, _ := f.pass(false)
			*w = was
			want, got := (up-down)/(2*h), float64(g[p.at+i])
			seen += math.Abs(want)
			if math.Abs(want-got) > .02+.02*math.Abs(want) {
				t.Errorf("%s, %s[%d]: the gradient is %v, differences say %v", name, n, i, got, want)
			}
		}
		if seen < .05 {
			t.Errorf("%s, %s: the gradients are all about zero (%v): this proves nothing", name, n, seen)
		}
	}
}
