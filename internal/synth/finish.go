package synth

import (
	"math/rand/v2"
	"sync"
)

const tile = 256

// paper is a tile of noise: fine grain over a coarser tooth, -64..64.
var paper = sync.OnceValue(func() *[tile * tile]int8 {
	r := rand.New(rand.NewPCG(7, 11))
	var fine, out [tile * tile]int8
	for i := range fine {
		fine[i] = int8(r.IntN(97) - 48)
	}
	for y := range tile {
		for x := range tile {
			s := 0
			for d := range 4 {
				s += int(fine[(y+d)%tile*tile+x]) + int(fine[y*tile+(x+d)%tile])
			}
			out[y*tile+x] = int8(int(fine[y*tile+x])/2 + s/6)
		}
	}
	return &out
})

// grain lays the paper's noise over the picture; strength in colour steps.
func (c *canvas) grain(strength float32) {
	noise := paper()
	k := int32(strength * 1024 / 40)
	ox, oy := c.n(tile), c.n(tile)
	for y := range c.ih {
		row := c.img.Pix[y*c.img.Stride : y*c.img.Stride+4*c.iw]
		line := noise[(y+oy)%tile*tile:][:tile]
		for x := range c.iw {
			d := int32(line[(x+ox)%tile]) * k >> 10
			p := row[4*x : 4*x+3 : 4*x+4]
			p[0], p[1], p[2] = step(p[0], d), step(p[1], d), step(p[2], d)
		}
	}
}

func step(v uint8, d int32) uint8 { return uint8(min(255, max(0, int32(v)+d))) }

// vignette darkens the corners a little.
func (c *canvas) vignette(alpha float32) {
	cx, cy := c.w/2, c.h/2
	k := 1 / (cx*cx + cy*cy)
	for y := range c.ih {
		row := c.img.Pix[y*c.img.Stride : y*c.img.Stride+4*c.iw]
		dy := (float32(y) - cy) * (float32(y) - cy)
		for x := range c.iw {
			dx := float32(x) - cx
			t := 1 - alpha*(dx*dx+dy)*k
			p := row[4*x : 4*x+3 : 4*x+4]
			p[0], p[1], p[2] = uint8(float32(p[0])*t), uint8(float32(p[1])*t), uint8(float32(p[2])*t)
		}
	}
}

// present gives the finish that goes with the style: margins of prints, paper
// and grain, the fading of old things.
func (c *canvas) present(m medium) {
	if m == printed && !c.framed {
		switch c.style {
		case 0, 1, 7: // a white mat
			if c.yes(0.6) {
				c.margin(c.f(4, 6)*c.u, hex(0xfbf9f4))
			}
		case 4, 6:
			if c.yes(0.5) {
				c.margin(c.f(3, 5)*c.u, hex(0xf3e8d3))
			}
		}
	}
	switch {
	case c.style == 6 || c.style == 8:
		c.fade(rgb{238, 214, 170}, 0.07)
		c.vignette(0.13)
		c.grain(5.5)
	case m == scene || m == room:
		c.vignette(0.08)
		c.grain(2.6)
	case m == printed || c.style == 4:
		c.grain(3.8)
	default:
		c.grain(2.2)
	}
}

// margin covers the rim.
func (c *canvas) margin(t float32, q rgb) {
	c.frame(0, 0, c.w, c.h, t).fill(q)
	c.frame(t-0.6, t-0.6, c.w-2*t+1.2, c.h-2*t+1.2, 0.8).paint(flat(black), 0.12)
}

// fade mixes everything towards a colour.
func (c *canvas) fade(q rgb, t float32) {
	for i := 0; i+3 < len(c.img.Pix); i += 4 {
		blend(c.img.Pix[i:i+4:i+4], q, t*255)
	}
}
