package synth

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"sync"
)

// Picture draws item i and returns it as a JPEG of quality 85, some 400 to
// 480 pixels wide. It takes about 10 ms and may be called at once from many
// goroutines; the bytes do not depend on that. It works for any world, also
// one without Options.Pictures.
func (w *World) Picture(i int) ([]byte, error) {
	if i < 0 || i >= len(w.items) {
		return nil, fmt.Errorf("synth: picture of item %d: there are %d items", i, len(w.items))
	}
	c := canvases.Get().(*canvas)
	defer canvases.Put(c)
	w.draw(c, i)
	var b bytes.Buffer
	b.Grow(64 << 10)
	if err := jpeg.Encode(&b, c.img, &jpeg.Options{Quality: 85}); err != nil {
		return nil, fmt.Errorf("synth: picture of item %d: %w", i, err)
	}
	return b.Bytes(), nil
}

// Image draws item i without encoding it.
func (w *World) Image(i int) (image.Image, error) {
	if i < 0 || i >= len(w.items) {
		return nil, fmt.Errorf("synth: picture of item %d: there are %d items", i, len(w.items))
	}
	c := new(canvas)
	w.draw(c, i)
	return c.img, nil
}

// canvases are kept between pictures for their buffers; draw resets all state.
var canvases = sync.Pool{New: func() any { return new(canvas) }}

func (w *World) draw(c *canvas, i int) {
	it := &w.items[i]
	wd, ht := size(it.shape)
	c.reset(wd, ht, &palettes[it.palette], int(it.style), w.rand(streamPicture, i))
	s := &subs[it.sub]
	s.paint(c)
	c.present(s.medium)
}
