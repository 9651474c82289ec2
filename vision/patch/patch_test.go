package patch_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"bowerbird/internal/vec"
	"bowerbird/vision"
	"bowerbird/vision/patch"
)

// drawn are pictures of stripes in one of four directions, with noise: what they show
// is their direction.
type drawn []*vision.Picture

func draw(t testing.TB, n int, seed uint64) (drawn, []int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 4))
	var out drawn
	var kind []int
	for i := range n {
		k := i % 4
		a := float64(k) * math.Pi / 4
		wave, phase := .8+.4*r.Float64(), r.Float64()*6
		m := image.NewRGBA(image.Rect(0, 0, 40, 40))
		for y := range 40 {
			for x := range 40 {
				s := 128 + 70*math.Sin(wave*(float64(x)*math.Cos(a)+float64(y)*math.Sin(a))+phase) + 25*r.NormFloat64()
				v := uint8(min(255, max(0, s)))
				m.SetRGBA(x, y, color.RGBA{v, v, uint8(255 - int(v)), 255})
			}
		}
		p, err := vision.FromImage(m, vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		out, kind = append(out, p), append(kind, k)
	}
	return out, kind
}

func (d drawn) Len() int                         { return len(d) }
func (d drawn) Tile(i, side int) ([]byte, error) { return d[i].Tile(vision.Full, side) }

var small = patch.Options{Sides: []int{16, 24}, Kernels: 16, Dim: 12, Patches: 4000, Rounds: 4, Share: -1, Seed: 3}

func fitted(t testing.TB, o patch.Options) (*patch.Encoder, drawn, []int) {
	t.Helper()
	d, kind := draw(t, 80, 1)
	e, err := patch.Fit(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return e, d, kind
}

// TestSeesDirections: the nearest by what was learned shows the same direction.
func TestSeesDirections(t *testing.T) {
	e, base, kind := fitted(t, small)
	queries, want := draw(t, 40, 2)
	right := 0
	for i, q := range queries {
		x, err := e.Encode(q, vision.Full)
		if err != nil {
			t.Fatal(err)
		}
		if len(x) != e.Dim() || math.Abs(float64(vec.Norm(x))-1) > 1e-3 {
			t.Fatalf("a vector of %d numbers and length %v", len(x), vec.Norm(x))
		}
		best, near := float32(-2), 0
		for j, b := range base {
			y, err := e.Encode(b, vision.Full)
			if err != nil {
				t.Fatal(err)
			}
			if s := vec.Dot(x, y); s > best {
				best, near = s, j
			}
		}
		if kind[near] == want[i] {
			right++
		}
	}
	if right < 38 {
		t.Errorf("%d of 40 directions are told", right)
	}
}

// TestPaths: the kernels of the processor and their plain twins give one vector.
func TestPaths(t *testing.T) {
	e, d, _ := fitted(t, small)
	fast, err := e.Encode(d[0], vision.Full)
	if err != nil {
		t.Fatal(err)
	}
	defer vec.UsePlain(true)()
	plain, err := e.Encode(d[0], vision.Full)
	if err != nil {
		t.Fatal(err)
	}
	if s := vec.Dot(fast, plain); s < .9999 {
		t.Errorf("the cosine of the two paths is %v", s)
	}
}

func TestSaveLoad(t *testing.T) {
	o := small
	o.Share = .5
	e, d, _ := fitted(t, o)
	if e.Dim() != 12+vision.Dim {
		t.Errorf("%d numbers", e.Dim())
	}
	var b bytes.Buffer
	if err := e.Save(&b); err != nil {
		t.Fatal(err)
	}
	again, err := patch.Load(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if again.Version() != e.Version() {
		t.Errorf("version %s, was %s", again.Version(), e.Version())
	}
	x, err := e.Encode(d[3], vision.Rect{X: .1, Y: .1, W: .5, H: .5})
	if err != nil {
		t.Fatal(err)
	}
	y, err := again.Encode(d[3], vision.Rect{X: .1, Y: .1, W: .5, H: .5})
	if err != nil {
		t.Fatal(err)
	}
	for i := range x {
		if x[i] != y[i] {
			t.Fatal("the loaded encoder makes other vectors")
		}
	}
	for _, cut := range []int{0, 7, 40, b.Len() / 2, b.Len() - 1} {
		if _, err := patch.Load(bytes.NewReader(b.Bytes()[:cut])); err == nil {
			t.Errorf("the first %d bytes were taken", cut)
		}
	}
	for _, i := range []int{9, 30, b.Len() / 3, b.Len() - 2} {
		bad := bytes.Clone(b.Bytes())
		bad[i] ^= 4
		if _, err := patch.Load(bytes.NewReader(bad)); err == nil {
			t.Errorf("a change at %d was taken", i)
		}
	}
}

func TestFitIsDeterministic(t *testing.T) {
	a, _, _ := fitted(t, small)
	b, _, _ := fitted(t, small)
	if a.Version() != b.Version() {
		t.Error("the same pictures give another encoder")
	}
	other := small
	other.Seed++
	if c, _, _ := fitted(t, other); c.Version() == a.Version() {
		t.Error("another encoder has the same version")
	}
}

func TestFitRefuses(t *testing.T) {
	d, _ := draw(t, 8, 1)
	if _, err := patch.Fit(t.Context(), d, small); !errors.Is(err, patch.ErrTooFew) {
		t.Errorf("8 pictures: %v", err)
	}
	for name, o := range map[string]patch.Options{
		"side": {Sides: []int{4}}, "patch": {Patch: 40}, "kernels": {Kernels: 1 << 20}, "threshold": {Threshold: -1},
	} {
		if _, err := patch.Fit(t.Context(), d, o); err == nil || errors.Is(err, patch.ErrTooFew) {
			t.Errorf("%s: %v", name, err)
		}
	}
	many, _ := draw(t, 80, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := patch.Fit(ctx, many, small); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	o := small
	o.Sides, o.Kernels, o.Dim = []int{16}, 8, 4
	e, _, _ := fitted(f, o)
	var b bytes.Buffer
	if err := e.Save(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := patch.Load(bytes.NewReader(data)); err == nil && e.Dim() < 1 {
			t.Error("an encoder of no numbers")
		}
	})
}

// BenchmarkEncode is the default encoder's size at 32 x 32 alone.
func BenchmarkEncode(b *testing.B) {
	d, _ := draw(b, 300, 1)
	e, err := patch.Fit(b.Context(), d, patch.Options{Sides: []int{32}, Kernels: 400, Dim: 256, Patches: 20000, Rounds: 1, Share: -1})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Encode(d[0], vision.Full); err != nil {
			b.Fatal(err)
		}
	}
}
