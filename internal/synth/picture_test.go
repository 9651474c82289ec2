package synth

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestPicturesRepeat draws each picture alone, then all at once in the
// opposite order. Bytes are compared with bytes of the same run, so that the
// test does not depend on the processor.
func TestPicturesRepeat(t *testing.T) {
	w := world(t, Options{Pictures: true})
	const n = 12
	var first, again [n][]byte
	for i := range n {
		b, err := w.Picture(i * 5)
		if err != nil {
			t.Fatal(err)
		}
		first[i] = b
	}
	var wg sync.WaitGroup
	for i := n - 1; i >= 0; i-- {
		wg.Go(func() { again[i], _ = w.Picture(i * 5) })
	}
	wg.Wait()
	for i := range n {
		if !bytes.Equal(first[i], again[i]) {
			t.Errorf("picture %d differs between two drawings", i*5)
		}
		im, err := jpeg.DecodeConfig(bytes.NewReader(first[i]))
		d := w.Item(i * 5)
		if err != nil || im.Width != d.Width || im.Height != d.Height {
			t.Errorf("picture %d is %dx%d (%v), its item says %dx%d", i*5, im.Width, im.Height, err, d.Width, d.Height)
		}
	}
	if _, err := w.Picture(-1); err == nil {
		t.Error("picture -1 gave no error")
	}
}

// TestEverySceneDraws asks that something stands out from a flat ground in a
// picture of each sub-interest, and that its painter copes with a shape it
// does not come in: the tallest or the widest.
func TestEverySceneDraws(t *testing.T) {
	if testing.Short() || raceOn { // one goroutine: nothing to race
		t.Skip("draws one picture of each sub-interest")
	}
	w, c := world(t, Options{}), new(canvas)
	for s := range subs {
		f := features(t, w, s) // item s is of sub-interest s
		if f[len(f)-1] < 2 {
			t.Errorf("%s: luma deviates by %.1f only", subs[s].name, f[len(f)-1])
		}
		wd, ht := size("tm"[s%2])
		c.reset(wd, ht, &palettes[s*7%len(palettes)], s%len(styles), w.rand(streamPicture, s))
		subs[s].paint(c)
		c.present(subs[s].medium)
	}
}

// features are simple statistics: edge energy across and down in 4 by 4
// cells, mean saturation, and the deviation of luma.
func features(t *testing.T, w *World, i int) []float64 {
	t.Helper()
	c := new(canvas)
	w.draw(c, i)
	luma := func(x, y int) float64 {
		p := c.img.Pix[y*c.img.Stride+4*x:]
		return 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2])
	}
	f := make([]float64, 34)
	var sum, sq, n float64
	for y := 6; y+6 < c.ih; y += 3 {
		for x := 6; x+6 < c.iw; x += 3 {
			cell := y*4/c.ih*4 + x*4/c.iw
			f[cell] += math.Abs(luma(x+3, y) - luma(x-3, y))
			f[16+cell] += math.Abs(luma(x, y+3) - luma(x, y-3))
			p := c.img.Pix[y*c.img.Stride+4*x:]
			f[32] += float64(max(p[0], p[1], p[2]) - min(p[0], p[1], p[2]))
			l := luma(x, y)
			sum, sq, n = sum+l, sq+l*l, n+1
		}
	}
	for k := range 32 {
		f[k] = math.Sqrt(f[k] / n * 16)
	}
	f[32] /= n
	f[33] = math.Sqrt(max(0, sq/n-sum/n*sum/n))
	return f
}

// TestFamiliesLookDifferent asks a nearest-mean classifier of those simple
// statistics to tell one sub-interest of each top interest from the others.
func TestFamiliesLookDifferent(t *testing.T) {
	if testing.Short() || raceOn { // one goroutine: nothing to race
		t.Skip("draws 90 pictures")
	}
	w := world(t, Options{Items: 4000})
	const each = 6
	var x [][]float64
	for g := range tops {
		for _, i := range w.shelf[tops[g].till-1].item[:each] {
			x = append(x, features(t, w, int(i)))
		}
	}
	for k := range x[0] { // unit variance
		var s, q float64
		for _, f := range x {
			s, q = s+f[k], q+f[k]*f[k]
		}
		n := float64(len(x))
		sd := math.Sqrt(q/n - s/n*s/n)
		for _, f := range x {
			f[k] /= sd
		}
	}
	right := 0
	for i := range x {
		best, at := math.Inf(1), -1
		for g := range tops {
			mean, n := make([]float64, len(x[i])), 0.0
			for j := g * each; j < (g+1)*each; j++ {
				if j != i {
					n++
					for k, v := range x[j] {
						mean[k] += v
					}
				}
			}
			d := 0.0
			for k, v := range x[i] {
				d += (v - mean[k]/n) * (v - mean[k]/n)
			}
			if d < best {
				best, at = d, g
			}
		}
		if at == i/each {
			right++
		}
	}
	acc := float64(right) / float64(len(x))
	t.Logf("%d families told apart with accuracy %.2f; chance is %.2f", len(tops), acc, 1/float64(len(tops)))
	if acc < 0.5 {
		t.Errorf("families are told apart with accuracy %.2f", acc)
	}
}

func TestWriteTo(t *testing.T) {
	w := world(t, Options{Items: 66, Users: 20, Actions: 2500, Pictures: true})
	dir := filepath.Join(t.TempDir(), "world")
	ctx, cancel := context.WithCancel(context.Background())
	err := w.WriteTo(ctx, dir, WriteOptions{Workers: 2, Progress: func(stage string, done, _ int) {
		if stage == "pictures" && done >= 20 {
			cancel() // an interruption
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted WriteTo gave %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Fatal("an interrupted WriteTo left the folder")
	}
	if err := w.WriteTo(context.Background(), dir, WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"items": 66, "users": 20, "events": 2500} {
		b, err := os.ReadFile(filepath.Join(dir, name+".jsonl"))
		if err != nil || bytes.Count(b, []byte("\n")) != want {
			t.Errorf("%s.jsonl has %d lines (%v), want %d", name, bytes.Count(b, []byte("\n")), err, want)
		}
	}
	pics, _ := filepath.Glob(filepath.Join(dir, "pictures", "*"))
	if len(pics) != 66 || strings.HasSuffix(pics[0], ".tmp") {
		t.Errorf("%d pictures, the first %v", len(pics), pics[0])
	}
	if err := w.WriteTo(context.Background(), dir, WriteOptions{}); err != nil {
		t.Errorf("a second call gave %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteTo(context.Background(), file, WriteOptions{}); !errors.Is(err, ErrOtherWorld) {
		t.Errorf("writing over a file gave %v", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("WriteTo removed a file that was not its own")
	}
	other := world(t, Options{Seed: 9, Items: 66, Users: 20, Actions: 10})
	if err := other.WriteTo(context.Background(), dir, WriteOptions{}); !errors.Is(err, ErrOtherWorld) {
		t.Errorf("writing another world over it gave %v", err)
	}
}
