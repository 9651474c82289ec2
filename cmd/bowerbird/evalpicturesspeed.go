package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	ours "bowerbird/internal/jpeg"
	"bowerbird/internal/synth"
	"bowerbird/signal"
	"bowerbird/vision"
	"bowerbird/vision/copies"
)

// speedPeers makes the two thumbnails of every file by Pillow and by libvips, one picture to
// a core, as often as fits into some seconds: pictures a second, processor milliseconds each.
const speedPeers = `
import sys, json, time, glob, os
os.environ["VIPS_CONCURRENCY"] = "1" # the cores are taken by pictures
from concurrent.futures import ThreadPoolExecutor
files, cores, out = sorted(glob.glob(sys.argv[1] + "/*.jpg")), int(sys.argv[2]), {}
def run(name, one):
    n, start, cpu = 0, time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(cores) as pool:
        while time.perf_counter() - start < 4:
            n += sum(1 for _ in pool.map(one, files))
    out[name] = [n / (time.perf_counter() - start), (time.process_time() - cpu) * 1000 / n]
try:
    from PIL import Image
    import io
    def pillow(draft):
        def one(f):
            m = Image.open(f)
            if draft:
                m.draft("RGB", (960, 960))
            m.load()
            for w in (960, 320):
                b = io.BytesIO()
                m.resize((w, m.height * w // m.width), Image.BOX).save(b, "JPEG", quality=82)
        return one
    run("Pillow, whole decode and thumbnails", pillow(False))
    run("Pillow, decode at reduced scale and thumbnails", pillow(True))
except ImportError:
    pass
try:
    import pyvips
    pyvips.cache_set_max(0)
    def vips(f):
        for w in (960, 320):
            pyvips.Image.thumbnail(f, w).jpegsave_buffer(Q=82)
    run("libvips, thumbnails", vips)
except Exception:
    pass
json.dump(out, sys.stdout)
`

// speed measures decode, thumbnails, descriptor and the rest on JPEGs of two megapixels,
// on all cores, and where the time goes on one.
func (e *pictureEval) speed(string) error {
	files, err := twoMegapixels(e.c.Seed)
	if err != nil {
		return err
	}
	add := func(name string, do func([]byte) error) {
		rate, cpu := perSecond(files, do)
		e.add(name, "pictures/s", rate, "processor ms each", cpu)
	}
	add("decode, thumbnails, colours, looks, descriptor", func(data []byte) error {
		_, err := vision.Process(data, vision.Options{})
		return err
	})
	add("and parts, print, no metadata: an import but for its writes", func(data []byte) error {
		_, _, err := signal.Picture(e.a.ctx, nowhere{}, data)
		return err
	})
	if err := e.stages(files); err != nil {
		return err
	}
	return e.speedPeers(files)
}

// nowhere keeps no blobs.
type nowhere struct{}

func (nowhere) Put(context.Context, []byte) (string, error) { return "", nil }

// twoMegapixels are drawn pictures, enlarged to two million pixels.
func twoMegapixels(seed uint64) ([][]byte, error) {
	w, err := synth.New(synth.Options{Seed: seed, Items: 100})
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for i := range 8 {
		m, err := w.Image(i * 7)
		if err != nil {
			return nil, err
		}
		k := math.Sqrt(2e6 / float64(m.Bounds().Dx()*m.Bounds().Dy()))
		var b bytes.Buffer
		if err := jpeg.Encode(&b, recoloured(scaled(m, k), func(v float64) float64 { return v }), &jpeg.Options{Quality: 88}); err != nil {
			return nil, err
		}
		out = append(out, b.Bytes())
	}
	return out, nil
}

// perSecond does the files over and over on all cores for 4 seconds. cpu is the milliseconds of
// processor time of each, which other work on the machine changes less.
func perSecond(files [][]byte, do func([]byte) error) (rate, cpu float64) {
	before := processor()
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for c := range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := c; time.Since(start) < 4*time.Second; i++ {
				if do(files[i%len(files)]) != nil {
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	used := processor() - before
	return float64(n.Load()) / time.Since(start).Seconds(), used.Seconds() * 1000 / float64(max(1, n.Load()))
}

// processor is the processor time that this program has taken.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it does not fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stages takes the processor time of what is done to a picture, and of image/jpeg beside it.
func (e *pictureEval) stages(files [][]byte) error {
	var pictures []*vision.Picture
	var large []image.Image // thumbnails
	pixels := 0
	for _, f := range files {
		p, err := vision.Decode(f, vision.Options{})
		if err != nil {
			return err
		}
		t, err := p.Thumbnail(960)
		if err != nil {
			return err
		}
		m, err := jpeg.Decode(bytes.NewReader(t.JPEG))
		if err != nil {
			return err
		}
		pictures, large, pixels = append(pictures, p), append(large, m), pixels+p.Width*p.Height
	}
	e.note("JPEGs of %.2f megapixels and %d kB on average", float64(pixels)/1e6/float64(len(files)), size(files)/len(files)/1000)
	for _, s := range []struct {
		name string
		do   func(i int) error
	}{
		{"decode", func(i int) error { _, err := ours.Decode(files[i], 1); return err }},
		{"decode and reduce to 960 pixels", func(i int) error { _, err := vision.Decode(files[i], vision.Options{}); return err }},
		{"thumbnail of 960 pixels", func(i int) error { _, err := pictures[i].Thumbnail(960); return err }},
		{"thumbnail of 320 pixels", func(i int) error { _, err := pictures[i].Thumbnail(320); return err }},
		{"colours", func(i int) error { pictures[i].Colors(); return nil }},
		{"descriptor", func(i int) error { _, err := pictures[i].Describe(vision.Full); return err }},
		{"descriptors of five parts", func(i int) error { _, err := pictures[i].Parts(); return err }},
		{"quality", func(i int) error { pictures[i].Quality(); return nil }},
		{"print", func(i int) error { _, err := copies.Of(pictures[i]); return err }},
		{"regions (not of an import)", func(i int) error { pictures[i].Regions(4); return nil }},
		{"decode, by image/jpeg", func(i int) error { _, err := jpeg.Decode(bytes.NewReader(files[i])); return err }},
		{"thumbnail of 960 pixels, by image/jpeg", func(i int) error { return jpeg.Encode(io.Discard, large[i], &jpeg.Options{Quality: 82}) }},
	} {
		n, start, before := 0, time.Now(), processor()
		for time.Since(start) < time.Second {
			if err := s.do(n % len(files)); err != nil {
				return err
			}
			n++
		}
		e.add("of which "+s.name, "processor ms", (processor()-before).Seconds()*1000/float64(n))
	}
	return nil
}

func size(files [][]byte) (n int) {
	for _, f := range files {
		n += len(f)
	}
	return n
}

// speedPeers asks a Python for Pillow and libvips, if it has them.
func (e *pictureEval) speedPeers(files [][]byte) error {
	dir, err := os.MkdirTemp("", "bowerbird-pictures-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for i, f := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.jpg", i)), f, 0o600); err != nil {
			return err
		}
	}
	ctx, stop := context.WithTimeout(e.a.ctx, time.Minute)
	defer stop()
	b, err := exec.CommandContext(ctx, e.c.Python, "-c", speedPeers, dir, fmt.Sprint(runtime.GOMAXPROCS(0))).Output()
	if err != nil {
		e.note("%s did not run: no peers (%v)", e.c.Python, err)
		return nil
	}
	var rates map[string][2]float64
	if err := json.Unmarshal(b, &rates); err != nil {
		return fmt.Errorf("%s: %w", e.c.Python, err)
	}
	if len(rates) == 0 {
		e.note("%s has neither Pillow nor pyvips", e.c.Python)
	}
	for _, name := range sortedKeys(rates) {
		e.add(name, "pictures/s", rates[name][0], "processor ms each", rates[name][1])
	}
	return nil
}
