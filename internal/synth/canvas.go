package synth

import (
	"image"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// rgb is a colour, 0..255 each, sRGB. Mixing is done in sRGB: flat artwork
// does not show the difference.
type rgb struct{ r, g, b float32 }

func hex(x uint32) rgb { return rgb{float32(x >> 16 & 255), float32(x >> 8 & 255), float32(x & 255)} }

// mix goes from a to b by t in [0,1].
func (a rgb) mix(b rgb, t float32) rgb {
	return rgb{a.r + (b.r-a.r)*t, a.g + (b.g-a.g)*t, a.b + (b.b-a.b)*t}
}

var white, black = rgb{255, 255, 255}, rgb{0, 0, 0}

func (a rgb) light(t float32) rgb { return a.mix(white, t) }
func (a rgb) dark(t float32) rgb  { return a.mix(rgb{20, 16, 24}, t) }
func (a rgb) luma() float32       { return 0.299*a.r + 0.587*a.g + 0.114*a.b }

// shade is what a shape is filled with: one colour, or a gradient from a to b
// along the line (x0,y0)-(x1,y1), or around (x0,y0) out to radius x1.
type shade struct {
	kind           int // 0 flat, 1 linear, 2 radial, 3 radial that fades to nothing at the rim
	a, b           rgb
	x0, y0, x1, y1 float32
	inv            float32 // what at would divide by, inverted
}

func flat(c rgb) shade { return shade{a: c} }
func linear(a, b rgb, x0, y0, x1, y1 float32) shade {
	dx, dy := x1-x0, y1-y0
	return shade{1, a, b, x0, y0, x1, y1, 1 / max(1e-6, dx*dx+dy*dy)}
}
func radial(a, b rgb, x, y, r float32) shade { return shade{2, a, b, x, y, r, 0, 1 / r} }
func glow(a rgb, x, y, r float32) shade      { return shade{3, a, a, x, y, r, 0, 1 / (r * r)} }

// canvas is a picture being drawn, with the choices that its painter draws on.
type canvas struct {
	img    *image.RGBA
	mask   *image.Alpha
	ras    vector.Rasterizer
	tmp    []uint8
	iw, ih int
	w, h   float32 // pixels
	u      float32 // w/100: the unit of line widths
	r      *rand.Rand
	style  int
	isDark bool
	ground rgb
	ink    rgb
	acc    [5]rgb
	p      path // the path in hand
	framed bool // the painter has made its own margin
}

func (c *canvas) reset(w, h int, p *palette, style int, r *rand.Rand) {
	n := 4 * w * h
	if c.img == nil || cap(c.img.Pix) < n {
		c.img = &image.RGBA{Pix: make([]uint8, n)}
		c.mask = &image.Alpha{Pix: make([]uint8, w*h)}
	}
	c.img.Pix, c.img.Stride, c.img.Rect = c.img.Pix[:n], 4*w, image.Rect(0, 0, w, h)
	c.iw, c.ih, c.w, c.h, c.u = w, h, float32(w), float32(h), float32(w)/100
	c.r, c.style, c.isDark, c.framed = r, style, p.dark, false
	c.ground, c.ink = hex(p.ground), hex(p.ink)
	for k := range c.acc {
		c.acc[k] = hex(p.acc[k])
	}
	c.p.reset()
	c.fillAll(flat(c.ground))
}

// Random helpers. f draws in [lo,hi), n in [0,k), yes with probability p.
func (c *canvas) f(lo, hi float32) float32 { return lo + (hi-lo)*c.r.Float32() }
func (c *canvas) n(k int) int              { return c.r.IntN(k) }
func (c *canvas) yes(p float32) bool       { return c.r.Float32() < p }
func (c *canvas) any() rgb                 { return c.acc[c.n(5)] }

// shuffled returns the accents in random order.
func (c *canvas) shuffled() [5]rgb {
	a := c.acc
	c.r.Shuffle(5, func(i, j int) { a[i], a[j] = a[j], a[i] })
	return a
}

// at returns the shade's colour and cover at a pixel.
func (s *shade) at(x, y float32) (rgb, float32) {
	switch s.kind {
	case 1:
		dx, dy := s.x1-s.x0, s.y1-s.y0
		t := ((x-s.x0)*dx + (y-s.y0)*dy) * s.inv
		return s.a.mix(s.b, min(1, max(0, t))), 1
	case 2:
		t := float32(math.Sqrt(float64((x-s.x0)*(x-s.x0)+(y-s.y0)*(y-s.y0)))) * s.inv
		return s.a.mix(s.b, min(1, t)), 1
	case 3:
		t := ((x-s.x0)*(x-s.x0) + (y-s.y0)*(y-s.y0)) * s.inv
		if t >= 1 {
			return s.a, 0
		}
		return s.a, (1 - t) * (1 - t)
	}
	return s.a, 1
}

// blend lays a colour with cover a in 0..255 over a pixel.
func blend(p []uint8, q rgb, a float32) {
	t := a * (1.0 / 255)
	p[0] = uint8(float32(p[0]) + (q.r-float32(p[0]))*t + 0.5)
	p[1] = uint8(float32(p[1]) + (q.g-float32(p[1]))*t + 0.5)
	p[2] = uint8(float32(p[2]) + (q.b-float32(p[2]))*t + 0.5)
}

// fillAll covers the whole canvas. What does not change along a row is
// computed once for the row.
func (c *canvas) fillAll(s shade) {
	pix, stride := c.img.Pix, c.img.Stride
	for y := range c.ih {
		row := pix[y*stride : y*stride+4*c.iw]
		switch {
		case s.kind == 0 && y > 0:
			copy(row, pix[:stride])
		case s.kind == 0 || s.kind == 1 && s.x0 == s.x1:
			q, _ := s.at(s.x0, float32(y))
			put(row, q)
			for n := 4; n < len(row); n *= 2 {
				copy(row[n:], row[:n])
			}
		default:
			for x := range c.iw {
				q, a := s.at(float32(x), float32(y))
				if p := row[4*x : 4*x+4 : 4*x+4]; a >= 1 {
					put(p, q)
				} else if a > 0 {
					blend(p, q, a*255)
				}
			}
		}
	}
}

func put(p []uint8, q rgb) {
	p[0], p[1], p[2], p[3] = uint8(q.r+0.5), uint8(q.g+0.5), uint8(q.b+0.5), 255
}

// rasterise turns the path into cover values in c.mask, a box of the canvas
// grown by pad. It returns the box; an empty one when nothing shows.
func (c *canvas) rasterise(pad int) image.Rectangle {
	b := c.p.bounds()
	box := image.Rect(int(math.Floor(float64(b[0])))-pad, int(math.Floor(float64(b[1])))-pad,
		int(math.Ceil(float64(b[2])))+pad+1, int(math.Ceil(float64(b[3])))+pad+1).Intersect(c.img.Rect)
	if box.Empty() {
		return box
	}
	w, h := box.Dx(), box.Dy()
	c.ras.Reset(w, h)
	c.p.feed(&c.ras, -float32(box.Min.X), -float32(box.Min.Y))
	c.mask.Stride, c.mask.Rect = w, image.Rect(0, 0, w, h)
	c.mask.Pix = grow(c.mask.Pix, w*h)
	c.ras.DrawOp = 1 // draw.Src
	c.ras.Draw(c.mask, c.mask.Rect, image.Opaque, image.Point{})
	return box
}

func grow(b []uint8, n int) []uint8 {
	if cap(b) < n {
		return make([]uint8, n)
	}
	return b[:n]
}

// paint fills the path with a shade at an opacity and clears the path.
func (c *canvas) paint(s shade, alpha float32) {
	box := c.rasterise(0)
	c.p.reset()
	c.lay(box, s, alpha)
}

// fill is paint with one colour.
func (c *canvas) fill(q rgb) { c.paint(flat(q), 1) }

// lay composes the mask over the box.
func (c *canvas) lay(box image.Rectangle, s shade, alpha float32) {
	w := box.Dx()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		m := c.mask.Pix[(y-box.Min.Y)*c.mask.Stride:][:w]
		row := c.img.Pix[y*c.img.Stride+4*box.Min.X:][:4*w]
		if s.kind == 0 {
			layFlat(row, m, s.a, alpha)
			continue
		}
		for x, v := range m {
			if v == 0 {
				continue
			}
			q, a := s.at(float32(box.Min.X+x)+0.5, float32(y)+0.5)
			blend(row[4*x:4*x+4], q, float32(v)*alpha*a)
		}
	}
}

func layFlat(row, m []uint8, q rgb, alpha float32) {
	r, g, b := uint8(q.r+0.5), uint8(q.g+0.5), uint8(q.b+0.5)
	for x, v := range m {
		if v == 0 {
			continue
		}
		p := row[4*x : 4*x+4 : 4*x+4]
		if v == 255 && alpha >= 1 {
			p[0], p[1], p[2] = r, g, b
			continue
		}
		blend(p, q, float32(v)*alpha)
	}
}

// shadow lays a soft shadow of the path, moved by (dx,dy), and keeps the path.
func (c *canvas) shadow(dx, dy, blur, alpha float32, q rgb) {
	c.p.move(dx, dy)
	n := max(1, int(blur/2))
	box := c.rasterise(2 * n)
	c.p.move(-dx, -dy)
	if box.Empty() {
		return
	}
	c.tmp = grow(c.tmp, len(c.mask.Pix))
	w, h := box.Dx(), box.Dy()
	for range 2 {
		boxBlur(c.tmp, c.mask.Pix, w, h, n)
		boxBlur(c.mask.Pix, c.tmp, h, w, n)
	}
	c.lay(box, flat(q), alpha)
}

// boxBlur averages each row of src (w×h) over 2n+1 and writes it transposed.
func boxBlur(dst, src []uint8, w, h, n int) {
	scale := uint32(65536 / (2*n + 1))
	for y := range h {
		row := src[y*w : y*w+w]
		sum := uint32(0)
		for x := 0; x < min(n, w); x++ {
			sum += uint32(row[x])
		}
		for x := range w {
			if x+n < w {
				sum += uint32(row[x+n])
			}
			dst[x*h+y] = uint8(sum * scale >> 16)
			if x >= n {
				sum -= uint32(row[x-n])
			}
		}
	}
}
