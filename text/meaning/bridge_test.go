package meaning_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"bowerbird/text/meaning"
)

// pairs are texts of a dozen topics, and pictures that tell the topic through a bent
// map with noise, or, told 0, nothing.
func pairs(n int, told float64, seed uint64) (x, y [][]float32) {
	rng := rand.New(rand.NewPCG(seed, 7))
	normal := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		return v
	}
	const topics, in, out = 12, 40, 16
	var texts, looks [topics][]float32
	for t := range topics {
		texts[t], looks[t] = normal(out), normal(in)
	}
	for range n {
		t := rng.IntN(topics)
		text, look := normal(out), normal(in)
		for i := range text {
			text[i] = texts[t][i] + .4*text[i] + 1 // texts share a mean, as those of a real corpus do
		}
		for i := range look {
			look[i] = float32(told)*looks[t][i] + look[i]
		}
		x, y = append(x, unit(look)), append(y, unit(text))
	}
	return x, y
}

func unit(v []float32) []float32 {
	s := 0.0
	for _, a := range v {
		s += float64(a) * float64(a)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(s))
	}
	return v
}

func TestBridge(t *testing.T) {
	x, y := pairs(1000, 1, 1)
	nx, ny := x[800:], y[800:] // new pictures of the same topics
	x, y = x[:800], y[:800]
	b, e, err := meaning.FitBridge(context.Background(), "look-1", x, y, meaning.BridgeOptions{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", *e)
	if e.Gain < .5 || e.Low <= 0 || e.Pick.Likeness <= e.Pick.Chance || e.Tell.Likeness <= e.Tell.Chance || e.Judged != 80 || e.Refused {
		t.Errorf("%+v", *e)
	}
	if b.From() != "look-1" || b.In() != 40 || b.Out() != 16 {
		t.Errorf("from %q, %d to %d", b.From(), b.In(), b.Out())
	}
	near, far := 0.0, 0.0
	for i := range nx {
		m := b.Map(nx[i])
		near += dot(m, ny[i]) / 200
		far += dot(m, ny[(i+1)%200]) / 200
	}
	if near < far+.15 {
		t.Errorf("own text %.3f, another %.3f", near, far)
	}
	var file bytes.Buffer
	if err := b.Save(&file); err != nil {
		t.Fatal(err)
	}
	back, err := meaning.LoadBridge(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range b.Map(x[0]) {
		if w := back.Map(x[0])[i]; w != v {
			t.Fatalf("number %d: %v became %v", i, v, w)
		}
	}
	if b.Map(x[0][:39]) != nil || b.Map(make([]float32, 40)) != nil {
		t.Error("a vector of another length, or of zeros, leads somewhere")
	}
}

func dot(a, b []float32) (s float64) {
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

func TestBridgeIsRefused(t *testing.T) {
	refused := 0
	for seed := range uint64(5) {
		x, y := pairs(400, 0, seed)
		b, e, err := meaning.FitBridge(context.Background(), "look-1", x, y, meaning.BridgeOptions{})
		if err != nil && (!errors.Is(err, meaning.ErrNoBridge) || b != nil || !e.Refused) {
			t.Fatal(err)
		}
		if err != nil {
			refused++
		}
	}
	if refused < 4 { // one in forty is let in by chance
		t.Errorf("pictures that tell nothing: only %d of 5 refused", refused)
	}
	x, y := pairs(100, 1, 1)
	if _, _, err := meaning.FitBridge(context.Background(), "look-1", x, y, meaning.BridgeOptions{}); !errors.Is(err, meaning.ErrFewPairs) {
		t.Error(err)
	}
	x, y = pairs(300, 1, 1)
	x[7] = x[7][:5]
	if _, _, err := meaning.FitBridge(context.Background(), "look-1", x, y, meaning.BridgeOptions{}); err == nil {
		t.Error("vectors of two lengths")
	}
	if _, _, err := meaning.FitBridge(context.Background(), "look-1", x, y[:5], meaning.BridgeOptions{}); err == nil {
		t.Error("more pictures than texts")
	}
}

func TestDamagedBridge(t *testing.T) {
	x, y := pairs(250, 1, 1)
	b, _, err := meaning.FitBridge(context.Background(), "look-1", x, y, meaning.BridgeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := b.Save(&file); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < file.Len(); at += 1 + at/40 {
		bad := bytes.Clone(file.Bytes())
		bad[at] ^= 1
		if _, err := meaning.LoadBridge(bytes.NewReader(bad)); err == nil {
			t.Fatalf("byte %d turned: read all the same", at)
		}
		if _, err := meaning.LoadBridge(bytes.NewReader(file.Bytes()[:at])); err == nil {
			t.Fatalf("cut at byte %d: read all the same", at)
		}
	}
}
