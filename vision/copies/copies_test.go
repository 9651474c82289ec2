package copies_test

import (
	"errors"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bowerbird/vision"
	"bowerbird/vision/copies"
)

// scene is a drawn picture with shapes that differ by seed.
func scene(seed uint64) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	m := image.NewRGBA(image.Rect(0, 0, 120, 100))
	type blob struct{ x, y, s, l float64 }
	var blobs []blob
	for range 14 {
		blobs = append(blobs, blob{r.Float64() * 120, r.Float64() * 100, 3 + 13*r.Float64(), 300*r.Float64() - 150})
	}
	for y := range 100 {
		for x := range 120 {
			l := 128.0
			for _, b := range blobs {
				d := math.Hypot(float64(x)-b.x, float64(y)-b.y)
				l += b.l * math.Exp(-d*d/b.s/b.s)
			}
			v := uint8(min(255, max(0, l)))
			m.SetRGBA(x, y, color.RGBA{v, uint8(min(255, int(v)+20)), uint8(int(v) * 3 / 4), 255})
		}
	}
	return m
}

func pictureOf(t testing.TB, m image.Image) *vision.Picture {
	t.Helper()
	p, err := vision.FromImage(m, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pair(t testing.TB, a, b *vision.Picture) copies.Likeness {
	t.Helper()
	x, err := copies.Of(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := copies.Of(b)
	if err != nil {
		t.Fatal(err)
	}
	return copies.Compare(copies.Pair{A: x, B: y, Bits: a.Fingerprint().Distance(b.Fingerprint()), Cosine: 1})
}

// TestEditsAreFound: every edit fits its source far better than another picture does.
func TestEditsAreFound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, e := range copies.Edits {
		for seed := range uint64(4) {
			own := pictureOf(t, scene(seed))
			l := pair(t, own, pictureOf(t, e.Of(scene(seed), r)))
			other := pair(t, own, pictureOf(t, e.Of(scene(seed+100), r)))
			if l[0] < .7 || l[2] < .7 || other[2] > l[2]-.2 {
				t.Errorf("%s of %d: %.2f, of another picture %.2f", e.Name, seed, l, other)
			}
		}
	}
}

func TestPrintAsVector(t *testing.T) {
	p, err := copies.Of(pictureOf(t, scene(1)))
	if err != nil {
		t.Fatal(err)
	}
	q, err := copies.FromVector(p.Vector(), p.Aspect)
	if err != nil || *q != *p {
		t.Error("a print is not what its vector says", err)
	}
	bad := p.Vector()
	bad[3] = -1
	for name, v := range map[string][]float32{"negative": bad, "short": bad[:5], "none": nil} {
		if _, err := copies.FromVector(v, 1); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := copies.FromVector(p.Vector(), 0); err == nil {
		t.Error("an aspect of 0 was taken")
	}
}

// TestLearn: a judge learned on some pictures tells edits of others.
func TestLearn(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	samples := func(from, to uint64) (out []copies.Sample) {
		for s := from; s < to; s++ {
			own := pictureOf(t, scene(s))
			e := copies.Edits[r.IntN(len(copies.Edits))]
			out = append(out, copies.Sample{Likeness: pair(t, own, pictureOf(t, e.Of(scene(s), r))), Copy: true},
				copies.Sample{Likeness: pair(t, own, pictureOf(t, scene(s+1000))), Copy: false})
		}
		return out
	}
	train, held, test := samples(0, 40), samples(100, 130), samples(200, 220)
	j, err := copies.Learn(t.Context(), train, held, .97)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for _, s := range test {
		if j.Copy(s.Likeness) != s.Copy {
			wrong++
		}
	}
	if wrong > len(test)/10 {
		t.Errorf("%d of %d pairs are told wrongly", wrong, len(test))
	}
	again, err := copies.Learn(t.Context(), train, held, .97)
	if err != nil || again.Version() != j.Version() {
		t.Error("the same samples give another judge", err)
	}
	if _, err := copies.Learn(t.Context(), train[:1], held, .9); !errors.Is(err, copies.ErrNotLearned) {
		t.Errorf("one kind of sample: %v", err)
	}
	if err := (&copies.Judge{Weights: []float64{1}}).Validate(); err == nil {
		t.Error("a judge of one weight is valid")
	}
	if err := copies.Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestThreshold(t *testing.T) {
	s := []copies.Scored{{.9, true}, {.8, true}, {.7, false}, {.6, true}, {.6, false}}
	for _, c := range []struct{ precision, want float64 }{{1, .8}, {.6, .6}} {
		if got, err := copies.Threshold(s, c.precision); err != nil || got != c.want {
			t.Errorf("%v: %v %v, want %v", c.precision, got, err, c.want)
		}
	}
	if _, err := copies.Threshold(s[2:3], .5); err == nil {
		t.Error("no copy, but a threshold")
	}
	if p, r := copies.Figures(s, .6); p != .6 || r != 1 {
		t.Errorf("precision %v, recall %v", p, r)
	}
}

func TestGroup(t *testing.T) {
	star := copies.Group(6, []copies.Edge{{0, 2}, {2, 4}, {2, 5}})
	if want := []int{2, 1, 2, 3, 2, 2}; !slices.Equal(star, want) {
		t.Errorf("%v, want %v", star, want)
	}
	// A chain in which each picture is a copy of its ten neighbours on either side.
	const n = 1000
	var chain []copies.Edge
	for i := range n {
		for j := i + 1; j < min(n, i+11); j++ {
			chain = append(chain, copies.Edge{A: i, B: j})
		}
	}
	of, size := copies.Group(n, chain), map[int]int{}
	for i, first := range of {
		size[first]++
		if d := i - first; d < -10 || d > 10 {
			t.Fatalf("%d is in the group of %d, which it is no copy of", i, first)
		}
	}
	if len(size) < n/21 || len(size) > n/5 {
		t.Errorf("%d groups of a chain", len(size))
	}
}

func BenchmarkCompare(b *testing.B) {
	x, err := copies.Of(pictureOf(b, scene(1)))
	if err != nil {
		b.Fatal(err)
	}
	y, err := copies.Of(pictureOf(b, scene(2)))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		copies.Compare(copies.Pair{A: x, B: y})
	}
}
