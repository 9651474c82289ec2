package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"bowerbird/internal/synth"
	"bowerbird/vision"
)

// hostileFile is a file that must be refused, or of which only the pixels count.
type hostileFile struct {
	name string
	data []byte
}

// pngBomb is a PNG of side x side black pixels in RGB: 16,000² in about 750 kB.
func pngBomb(side int) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data))) // a bytes.Buffer does not fail
		body := append([]byte(kind), data...)
		b.Write(body)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(side))
	head = binary.BigEndian.AppendUint32(head, uint32(side))
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	var z bytes.Buffer
	w, err := zlib.NewWriterLevel(&z, zlib.BestCompression)
	if err != nil {
		return nil, err
	}
	row := make([]byte, 1+3*side)
	for range side {
		if _, err := w.Write(row); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	chunk("IDAT", z.Bytes())
	chunk("IEND", nil)
	return b.Bytes(), nil
}

// seedFiles are one small picture in three formats, and a larger JPEG.
func seedFiles(seed uint64) (small [][]byte, large []byte, err error) {
	w, err := synth.New(synth.Options{Seed: seed, Items: 100})
	if err != nil {
		return nil, nil, err
	}
	m, err := w.Image(3)
	if err != nil {
		return nil, nil, err
	}
	tiny := scaled(m, .12)
	for _, encode := range []func(io.Writer) error{
		func(w io.Writer) error { return jpeg.Encode(w, tiny, nil) },
		func(w io.Writer) error { return png.Encode(w, tiny) },
		func(w io.Writer) error { return gif.Encode(w, tiny, nil) },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			return nil, nil, err
		}
		small = append(small, b.Bytes())
	}
	// The smallest lossless WebP: one pixel (VP8L without transforms, each code of one symbol).
	small = append(small, []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	var b bytes.Buffer
	err = jpeg.Encode(&b, scaled(m, 4), nil)
	return small, b.Bytes(), err
}

// hostile times the refusal of files that mean harm, then decodes damaged ones.
func (e *pictureEval) hostile(string) error {
	bomb, err := pngBomb(16000)
	if err != nil {
		return err
	}
	small, large, err := seedFiles(e.c.Seed)
	if err != nil {
		return err
	}
	var big bytes.Buffer
	if err := png.Encode(&big, image.NewRGBA(image.Rect(0, 0, 3000, 2000))); err != nil {
		return err
	}
	files := []hostileFile{
		{fmt.Sprintf("PNG of 16,000 x 16,000 in %d kB", len(bomb)/1000), bomb},
		{"half of that", bomb[:len(bomb)/2]},
		{"half a JPEG of 2 megapixels", large[:len(large)/2]},
		{"JPEG without its end", large[:len(large)-2]},
		{"half a PNG of 6 megapixels", big.Bytes()[:big.Len()/2]},
		{"HTML, then a JPEG", append([]byte("<script>alert(1)</script>"), small[0]...)},
		{"PDF, then a JPEG", append([]byte("%PDF-1.7\n"), small[0]...)},
		{"ZIP, then a PNG", append([]byte("PK\x03\x04"), small[1]...)},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)},
		{"AVIF", []byte("\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1")},
		{"video", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom")},
		{"nothing", nil},
	}
	for _, f := range files {
		took, grown, err := e.refusal(f.data)
		if err == nil {
			e.note("%s was NOT refused", f.name)
		}
		e.add(f.name, "refused", oneIf(err != nil), "ms", float64(took.Microseconds())/1000, "MiB", grown/(1<<20))
	}
	return e.fuzzed(small)
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// refusal decodes a file and tells the time and the bytes that it took; the median of 5.
func (e *pictureEval) refusal(data []byte) (took time.Duration, grown float64, err error) {
	var times []time.Duration
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err = vision.Process(data, vision.Options{})
		times = append(times, time.Since(start))
		runtime.ReadMemStats(&after)
		grown = max(grown, float64(after.TotalAlloc-before.TotalAlloc))
	}
	slices.Sort(times)
	return times[2], grown, err
}

// damage changes, cuts, doubles or joins bytes.
func damage(r *rand.Rand, seeds [][]byte) []byte {
	b := slices.Clone(seeds[r.IntN(len(seeds))])
	for range 1 + r.IntN(6) {
		i := r.IntN(len(b))
		switch r.IntN(6) {
		case 0:
			b[i] = byte(r.IntN(256))
		case 1:
			b[i] ^= 1 << r.IntN(8)
		case 2:
			b = b[:max(1, i)]
		case 3:
			b = slices.Insert(b, i, b[i:min(len(b), i+r.IntN(40))]...)
		case 4:
			o := seeds[r.IntN(len(seeds))]
			b = append(b[:i:i], o[r.IntN(len(o)):]...)
			if len(b) == 0 {
				b = []byte{0}
			}
		case 5: // a header claims another size
			i = r.IntN(min(len(b), 32))
			b[i] = []byte{0, 1, 0x7f, 0x80, 0xff}[r.IntN(5)]
		}
	}
	return b
}

func (e *pictureEval) fuzzed(seeds [][]byte) error {
	var panics, accepted, slow, untyped int
	var slowest time.Duration
	r := rand.New(rand.NewPCG(e.c.Seed, 0xf022))
	var before, after runtime.MemStats
	var most uint64
	for i := range e.c.Fuzz {
		if i%1000 == 0 {
			if err := e.a.ctx.Err(); err != nil {
				return err
			}
			e.a.ui.step("damaged files", int64(i), int64(e.c.Fuzz))
		}
		data := damage(r, seeds)
		if i%16 == 0 { // reading the statistics takes longer than most of the files
			runtime.ReadMemStats(&before)
		}
		start := time.Now()
		err, panicked := process(data)
		took := time.Since(start)
		for again := 0; again < 3 && err != nil && took > 10*time.Millisecond; again++ { // a pause of the machine is not the file's
			start = time.Now()
			_, _ = process(data)
			took = min(took, time.Since(start))
		}
		if i%16 == 0 {
			runtime.ReadMemStats(&after)
			if err != nil {
				most = max(most, after.TotalAlloc-before.TotalAlloc)
			}
		}
		switch {
		case panicked:
			panics++
		case err == nil:
			accepted++
		case !errors.Is(err, vision.ErrCorrupt) && !errors.Is(err, vision.ErrTruncated) && !errors.Is(err, vision.ErrFormat) &&
			!errors.Is(err, vision.ErrTooLarge) && !errors.Is(err, vision.ErrUnsupported):
			untyped++
		}
		if err != nil {
			slowest = max(slowest, took)
			if took > 10*time.Millisecond {
				slow++
			}
		}
	}
	e.add("damaged files", "files", float64(e.c.Fuzz), "panics", float64(panics), "accepted", float64(accepted), "untyped errors", float64(untyped),
		"slower than 10 ms", float64(slow), "slowest, ms", float64(slowest.Microseconds())/1000, "most MiB (1 in 16)", float64(most)/(1<<20))
	return nil
}

func process(data []byte) (err error, panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			panicked = true
		}
	}()
	_, err = vision.Process(data, vision.Options{})
	return err, false
}
