package synth

import "strings"

// Choices among the palette by what a scene needs.

func (c *canvas) pickBy(score func(rgb) float32) rgb {
	best := c.acc[0]
	for _, q := range c.acc[1:] {
		if score(q) > score(best) {
			best = q
		}
	}
	return best
}

func (c *canvas) warm() rgb { return c.pickBy(func(q rgb) float32 { return q.r - q.b }) }
func (c *canvas) cool() rgb { return c.pickBy(func(q rgb) float32 { return q.b + 0.4*q.g - q.r }) }
func (c *canvas) deep() rgb { return c.pickBy(func(q rgb) float32 { return -q.luma() }) }
func (c *canvas) pale() rgb { return c.pickBy(rgb.luma) }

// leafy is a green that belongs to the palette.
func (c *canvas) leafy() rgb {
	q := c.pickBy(func(q rgb) float32 { return q.g - 0.6*q.r - 0.3*q.b })
	if q.g > q.r && q.g > q.b*0.9 {
		return q
	}
	return hex(0x5f7a55).mix(c.deep(), 0.25)
}

// sky fills the picture from top to bottom, with the horizon at y.
func (c *canvas) sky(top, low rgb, y float32) { c.fillAll(linear(top, low, 0, 0, 0, y)) }

func (c *canvas) disc(x, y, r float32, q rgb) {
	c.circle(x, y, r*2.6).paint(glow(q, x, y, r*2.6), 0.45)
	c.circle(x, y, r).fill(q)
}

// ridge adds a range of hills across the picture, its crest near y.
func (c *canvas) ridge(y, amp, waves float32, sharp bool) *canvas {
	var ph, fr, am [6]float32
	for k := range ph {
		ph[k] = c.f(0, 2*pi)
		fr[k] = waves * float32(int(1)<<k) * c.f(0.8, 1.25) * 0.5
		am[k] = amp / (1 + 0.95*float32(int(1)<<k-1))
		if !sharp && k > 2 {
			am[k] = 0
		}
	}
	c.p.moveTo(-2, c.h+2)
	step := c.w / 140
	for x := float32(-2); x <= c.w+step; x += step {
		v := float32(0)
		for k := range ph {
			s := sin(ph[k] + x/c.w*fr[k]*2*pi)
			if sharp {
				if s < 0 {
					s = -s
				}
				s = 0.4 - s
			}
			v += am[k] * s
		}
		c.p.lineTo(x, y-v)
	}
	c.p.lineTo(c.w+2, c.h+2)
	return c
}

func (c *canvas) stars(n int, q rgb, below float32) {
	for range n {
		r := c.f(0.3, 1.1) * c.u * 0.35
		c.circle(c.f(0, c.w), c.f(0, below), r).paint(flat(q), c.f(0.4, 1))
	}
}

// moon is a disc with craters.
func (c *canvas) moon(x, y, r float32, q rgb) {
	c.circle(x, y, r*2.4).paint(glow(q, x, y, r*2.4), 0.3)
	c.circle(x, y, r).paint(radial(q.light(0.25), q.dark(0.12), x-r*0.4, y-r*0.4, r*1.7), 1)
	for range 9 {
		a, d, s := c.f(0, 2*pi), c.f(0, 0.7)*r, c.f(0.05, 0.17)*r
		c.circle(x+d*cos(a), y+d*sin(a), s).paint(flat(q.dark(0.35)), 0.3)
	}
}

// pine is a fir tree standing at (x,y).
func (c *canvas) pine(x, y, h float32) *canvas {
	w := h * 0.3
	c.rect(x-h*0.018, y-h*0.16, h*0.036, h*0.16)
	tiers := 6
	for k := range tiers {
		t := float32(k) / float32(tiers)
		top, low := y-h*(1-t*0.9), y-h*(0.74-t*0.68)
		s := w * (0.22 + 0.78*t)
		c.p.moveTo(x, top)
		c.p.quadTo(x+s*0.25, low-h*0.07, x+s*0.62, low)
		c.p.quadTo(x, low-h*0.05, x-s*0.62, low)
		c.p.quadTo(x-s*0.25, low-h*0.07, x, top)
	}
	return c
}

func (c *canvas) bird(x, y, s float32) *canvas {
	c.line(curvePts(x-s, y-s*0.25, x-s*0.35, y-s*0.6, x, y, 6), s*0.05, s*0.14)
	return c.line(curvePts(x, y, x+s*0.35, y-s*0.6, x+s, y-s*0.3, 6), s*0.14, s*0.05)
}

func (c *canvas) cloud(x, y, s float32, q rgb) {
	c.ellipse(x, y, s, s*0.2).ellipse(x-s*0.35, y-s*0.14, s*0.35, s*0.22).ellipse(x+s*0.2, y-s*0.2, s*0.42, s*0.28)
	c.paint(flat(q), 0.85)
}

func paintMountains(c *canvas) {
	top, low := c.ground.mix(c.cool(), 0.55), c.ground.mix(c.warm(), 0.45).light(0.15)
	if c.isDark {
		top, low = c.ground.dark(0.3), c.acc[0].mix(c.pale(), 0.25)
	}
	horizon := c.h * c.f(0.5, 0.62)
	c.sky(top, low, horizon)
	if c.isDark {
		c.stars(70, c.ink, horizon*0.8)
	}
	c.disc(c.w*c.f(0.25, 0.75), horizon-c.h*c.f(0.12, 0.3), c.f(6, 11)*c.u, c.pale().light(0.4))
	near := c.deep().dark(0.45)
	n := 5 + c.n(2)
	for k := range n {
		t := float32(k+1) / float32(n)
		y := horizon - c.h*0.1 + t*t*c.h*0.42
		q := low.mix(near, 0.12+0.88*t*t)
		c.ridge(y, c.h*(0.13-0.05*t), 1.3+0.8*t, true)
		c.paint(linear(q, q.mix(low, 0.4), 0, y-c.h*0.06, 0, y+c.h*0.2), 1)
	}
	for range 26 {
		x := c.f(0, c.w)
		c.pine(x, c.h*1.02, c.h*c.f(0.06, 0.17))
	}
	c.fill(near.dark(0.5))
	for range 3 {
		c.bird(c.f(0.2, 0.8)*c.w, c.f(0.12, 0.35)*c.h, c.f(1.5, 3)*c.u)
	}
	c.fill(near)
}

func paintSea(c *canvas) {
	night := c.isDark
	top, low := c.cool().light(0.35), c.ground.mix(c.warm(), 0.6).light(0.1)
	if night {
		top, low = c.ground.dark(0.35), c.acc[0]
	}
	hor := c.h * c.f(0.42, 0.56)
	c.sky(top, low, hor)
	sx, sr := c.w*c.f(0.3, 0.7), c.f(8, 13)*c.u
	lamp := c.warm().light(0.35)
	if night {
		c.stars(60, c.ink, hor*0.8)
		lamp = c.pale().light(0.4)
	}
	c.disc(sx, hor-sr*c.f(0.2, 2.2), sr, lamp)
	for range 3 {
		c.cloud(c.f(0, c.w), c.f(0.08, 0.3)*c.h, c.f(10, 22)*c.u, low.light(0.35))
	}
	sea := c.cool().mix(c.deep(), 0.4)
	c.rect(0, hor, c.w, c.h-hor).paint(linear(sea.mix(low, 0.45), sea.dark(0.4), 0, hor, 0, c.h), 1)
	for k := range 60 { // the light on the water, wider as it comes near
		t := float32(k) / 60
		y := hor + (c.h-hor)*t*t
		wd := sr * (0.5 + 2.4*t) * c.f(0.3, 1)
		c.ellipse(sx+c.f(-1, 1)*sr*(0.2+t), y, wd, (0.15+0.9*t)*c.u).paint(flat(lamp), 0.55*(1-0.6*t))
	}
	for k := range 5 {
		t := float32(k) / 5
		y := hor + (c.h-hor)*(0.25+0.75*t)
		q := sea.dark(0.1 + 0.3*t)
		c.ridge(y, c.u*(1+2.5*t), 3-1.5*t, false).paint(linear(q, q.dark(0.3), 0, y, 0, y+c.h*0.12), 0.55)
		c.ridge(y+c.u, c.u*(0.6+t), 4, false)
		c.p.reset()
	}
	if c.yes(0.6) {
		c.sail(c.w*c.f(0.15, 0.85), hor+c.h*0.06, c.f(7, 13)*c.u)
	}
}

// sail is a small boat standing on the water at (x,y).
func (c *canvas) sail(x, y, s float32) {
	c.poly(pt{x - s*0.45, y - s*0.12}, pt{x + s*0.5, y - s*0.12}, pt{x + s*0.32, y + s*0.06}, pt{x - s*0.3, y + s*0.06}).fill(c.deep().dark(0.5))
	c.p.moveTo(x, y-s*0.16)
	c.p.lineTo(x, y-s*1.3)
	c.p.quadTo(x+s*0.55, y-s*0.6, x+s*0.45, y-s*0.16)
	c.fill(hex(0xfaf5ea))
	c.p.moveTo(x-s*0.05, y-s*0.16)
	c.p.lineTo(x-s*0.05, y-s*1.1)
	c.p.quadTo(x-s*0.2, y-s*0.5, x-s*0.4, y-s*0.16)
	c.fill(c.warm())
}

func paintForest(c *canvas) {
	fog := c.ground.mix(c.acc[2], 0.3)
	if c.isDark {
		fog = c.ground.mix(c.acc[0], 0.5)
	}
	c.sky(fog.mix(c.cool(), 0.35), fog.light(0.2), c.h*0.7)
	c.disc(c.w*c.f(0.2, 0.8), c.h*c.f(0.16, 0.3), c.f(5, 10)*c.u, c.pale().light(0.35))
	near := c.leafy().mix(c.deep(), 0.35).dark(0.5)
	for k := range 5 {
		t := float32(k) / 4
		q := fog.mix(near, 0.15+0.85*t)
		y := c.h * (0.52 + 0.46*t)
		s := c.h * (0.2 + 0.3*t)
		c.ridge(y, c.h*0.03, 1.2, false).paint(linear(q, q.mix(fog, 0.5), 0, y, 0, y+c.h*0.2), 1)
		for n := 16 - 3*k; n > 0; n-- {
			c.pine(c.f(-0.05, 1.05)*c.w, y+c.h*0.03, s*c.f(0.5, 1))
		}
		c.paint(linear(q, q.mix(fog, 0.45), 0, y-s, 0, y+c.h*0.08), 1)
	}
	if c.yes(0.5) { // snow falls
		for range 120 {
			c.circle(c.f(0, c.w), c.f(0, c.h), c.f(0.15, 0.7)*c.u).paint(flat(white), c.f(0.3, 0.9))
		}
	}
}

func paintWave(c *canvas) {
	c.sky(c.ground.mix(c.pale(), 0.3), c.ground.mix(c.warm(), 0.3), c.h*0.7)
	c.disc(c.w*c.f(0.6, 0.8), c.h*c.f(0.2, 0.32), c.f(9, 14)*c.u, c.warm())
	sea := c.cool().mix(c.deep(), 0.35)
	foam := hex(0xf8f4e8)
	c.ridge(c.h*0.66, c.h*0.07, 1, true).fill(sea.light(0.45))
	// The crest: nested curls, each a little smaller, light to dark.
	x0, y0, s := c.w*c.f(0.36, 0.46), c.h*0.5, c.w*0.44
	curl := func(k float32) *canvas {
		c.p.moveTo(-c.w*0.1, c.h*1.02)
		c.p.lineTo(-c.w*0.1, y0+s*0.25*k)
		c.p.cubeTo(x0-s*0.8, y0-s*0.95*k, x0+s*0.45*k, y0-s*1.05*k, x0+s*0.72*k, y0-s*0.08)
		c.p.cubeTo(x0+s*0.45*k, y0-s*0.55*k, x0+s*0.02, y0-s*0.3*k, x0+s*0.02, y0+s*0.3)
		c.p.cubeTo(x0+s*0.05, y0+s*0.9, x0+s*0.7, y0+s*0.95, c.w*1.1, y0+s*0.75)
		c.p.lineTo(c.w*1.1, c.h*1.02)
		return c
	}
	curl(1.06).fill(foam)
	curl(1).fill(sea)
	for k := range 7 {
		curl(0.93-0.1*float32(k)).paint(flat(sea.mix(foam, []float32{0.7, 0, 0.45, 0, 0.25, 0, 0.12}[k])), 1)
	}
	for k := range 46 { // the claws of foam along the lip
		t := float32(k) / 45
		a := -pi*0.93 + t*pi*0.98
		x, y := x0-s*0.02+s*0.74*cos(a), y0-s*0.1+s*0.72*sin(a)
		c.circle(x+c.f(-2, 2)*c.u, y+c.f(-2, 3)*c.u, c.f(0.8, 2.7)*c.u)
	}
	c.fill(foam)
	for range 40 {
		c.circle(x0+s*c.f(0.1, 1.2), y0-s*c.f(-0.35, 0.9), c.f(0.25, 0.8)*c.u)
	}
	c.fill(foam)
	for k := range 3 {
		y := c.h * (0.84 + 0.06*float32(k))
		c.ridge(y, c.u*3, 1.5, false).paint(flat(sea.dark(0.12*float32(k+1))), 0.9)
	}
}

// poster frames a travel scene: a margin, and the place's name below it. The
// scene has been drawn over the whole canvas.
func (c *canvas) poster(place, line string) {
	m, foot := 5*c.u, 17*c.u
	paperCol := hex(0xf7f0e0)
	c.rect(0, c.h-foot, c.w, foot).fill(paperCol)
	c.frame(0, 0, c.w, c.h, m).fill(paperCol)
	ink := c.deep().dark(0.25)
	up := strings.ToUpper(place)
	size := fit(bold, up, c.w-2*m-6*c.u, 0.12, 9*c.u)
	c.text(bold, up, c.w/2, c.h-foot*0.5+size*0.1, size, 0.12, 0.5).fill(ink)
	c.text(regular, line, c.w/2, c.h-foot*0.2, 3*c.u, 0.18, 0.5).fill(ink.light(0.25))
	c.framed = true
}

func paintCoast(c *canvas) {
	sky := c.cool().light(0.5)
	c.sky(sky, c.ground.mix(c.warm(), 0.25), c.h*0.45)
	rays := c.warm().light(0.55)
	sx, sy := c.w*c.f(0.55, 0.8), c.h*c.f(0.16, 0.26)
	if c.yes(0.55) {
		for k := range 16 {
			c.wedge(sx, sy, c.h, pi*2*float32(k)/16, pi*2*(float32(k)+0.5)/16)
		}
		c.paint(flat(rays), 0.5)
	}
	c.disc(sx, sy, 9*c.u, c.warm())
	sea := c.cool()
	c.rect(0, c.h*0.45, c.w, c.h).paint(linear(sea.light(0.15), sea.dark(0.25), 0, c.h*0.45, 0, c.h), 1)
	for range 26 {
		y := c.h * c.f(0.48, 0.8)
		x := c.f(0, c.w)
		c.line(curvePts(x, y, x+3*c.u, y-c.u, x+6*c.u, y, 5), 0.2*c.u, 0.5*c.u)
	}
	c.paint(flat(white), 0.5)
	cliff := c.deep().mix(c.warm(), 0.35)
	c.p.moveTo(-2, c.h*0.36)
	c.p.cubeTo(c.w*0.2, c.h*0.33, c.w*0.28, c.h*0.42, c.w*0.36, c.h*0.44)
	c.p.cubeTo(c.w*0.42, c.h*0.5, c.w*0.3, c.h*0.52, c.w*0.36, c.h*0.6)
	c.p.cubeTo(c.w*0.2, c.h*0.66, c.w*0.1, c.h*0.72, -2, c.h*0.86)
	c.paint(linear(cliff, cliff.dark(0.3), 0, 0, c.w*0.5, 0), 1)
	if c.yes(0.5) {
		c.lighthouse(c.w*0.16, c.h*0.36, 22*c.u)
	} else {
		c.houses(c.w*0.02, c.h*0.375, c.w*0.3, 6)
	}
	c.sail(c.w*c.f(0.55, 0.8), c.h*c.f(0.52, 0.6), c.f(8, 13)*c.u)
	if c.yes(0.7) {
		c.sail(c.w*c.f(0.5, 0.9), c.h*0.5, c.f(4, 6)*c.u)
	}
	sand := c.ground.mix(c.warm(), 0.22)
	y := c.h * c.f(0.78, 0.82)
	c.ridge(y-2*c.u, 2*c.u, 1, false).fill(hex(0xfbf7ee))
	c.ridge(y, 2*c.u, 1, false).fill(sand)
	for range 3 + c.n(3) {
		c.parasol(c.f(0.1, 0.9)*c.w, y+c.h*c.f(0.02, 0.05), c.f(4, 6.5)*c.u)
	}
	c.poster(pick(c.r, []string{"Amalfi", "Cornwall", "Sardinia", "Biarritz", "Hvar", "Naxos", "Algarve", "Rügen", "Brittany", "Menorca", "Big Sur", "Capri", "Bornholm", "Kamakura"}),
		pick(c.r, []string{"BY THE SEA", "SUN AND SALT", "SUMMER SEASON", "THE COAST LINE", "TAKE THE FERRY"}))
}

func (c *canvas) lighthouse(x, y, h float32) {
	w := h * 0.2
	c.poly(pt{x - w/2, y}, pt{x - w*0.32, y - h*0.8}, pt{x + w*0.32, y - h*0.8}, pt{x + w/2, y}).fill(hex(0xf8f4ea))
	for k := range 3 {
		t := float32(k)*0.27 + 0.1
		a, b := w*(0.5-0.18*t/0.8), w*(0.5-0.18*(t+0.12)/0.8)
		c.poly(pt{x - a, y - h*t}, pt{x - b, y - h*(t+0.13)}, pt{x + b, y - h*(t+0.13)}, pt{x + a, y - h*t})
	}
	c.fill(c.warm())
	c.rect(x-w*0.42, y-h*0.83, w*0.84, h*0.035).rect(x-w*0.22, y-h*0.95, w*0.44, h*0.12).fill(c.deep().dark(0.4))
	c.rect(x-w*0.13, y-h*0.93, w*0.26, h*0.09).fill(hex(0xffe9a8))
	c.wedge(x, y-h*0.94, w*0.36, pi, 2*pi).fill(c.deep().dark(0.4))
}

func (c *canvas) parasol(x, y, s float32) {
	c.seg(x, y, x, y-s*1.1, s*0.06).fill(hex(0x6b5a48))
	q := c.any()
	for k := range 6 {
		a, b := pi+pi*float32(k)/6, pi+pi*float32(k+1)/6
		c.wedge(x, y-s*0.9, s*0.8, a, b)
		if k%2 == 0 {
			c.fill(q)
		} else {
			c.fill(hex(0xfbf6ea))
		}
	}
}

// houses is a row of small gabled houses on y.
func (c *canvas) houses(x, y, w float32, n int) {
	s := w / float32(n)
	for k := range n {
		h := s * c.f(0.9, 1.7)
		hx := x + s*float32(k)
		wall := c.any().light(c.f(0.25, 0.6))
		c.rect(hx, y-h, s*0.98, h+s).fill(wall)
		c.poly(pt{hx - s*0.06, y - h}, pt{hx + s*0.49, y - h - s*0.45}, pt{hx + s*1.04, y - h}).fill(c.warm().dark(0.12))
		for r := range 2 {
			for q := range 2 {
				c.rect(hx+s*(0.2+0.38*float32(q)), y-h+s*(0.15+0.42*float32(r)), s*0.2, s*0.26)
			}
		}
		c.fill(wall.dark(0.55))
	}
}

func paintAlpine(c *canvas) {
	snow := hex(0xfaf7f0)
	c.sky(c.cool().light(0.25), c.ground.mix(c.warm(), 0.35), c.h*0.55)
	if c.isDark {
		c.sky(c.ground, c.acc[0], c.h*0.6)
		c.stars(60, c.ink, c.h*0.4)
	}
	c.disc(c.w*c.f(0.2, 0.8), c.h*c.f(0.14, 0.24), c.f(6, 10)*c.u, c.warm().light(0.2))
	rock := c.deep().mix(c.cool(), 0.5)
	peak := func(x, y, s float32, q rgb) {
		c.poly(pt{x, y}, pt{x + s, y + s*1.25}, pt{x - s, y + s*1.25}).fill(q)
		c.poly(pt{x, y}, pt{x + s, y + s*1.25}, pt{x + s*0.12, y + s*1.25}, pt{x - s*0.1, y + s*0.62}, pt{x + s*0.12, y + s*0.42}).fill(q.dark(0.3))
		c.poly(pt{x, y}, pt{x + s*0.34, y + s*0.43}, pt{x + s*0.17, y + s*0.37}, pt{x + s*0.06, y + s*0.55}, pt{x - s*0.07, y + s*0.36}, pt{x - s*0.2, y + s*0.52}, pt{x - s*0.31, y + s*0.39}).fill(snow)
		c.poly(pt{x, y}, pt{x + s*0.34, y + s*0.43}, pt{x + s*0.17, y + s*0.37}, pt{x + s*0.1, y + s*0.46}, pt{x + s*0.04, y + s*0.3}).fill(snow.mix(c.cool(), 0.3))
	}
	peak(c.w*c.f(0.12, 0.25), c.h*c.f(0.3, 0.36), c.w*0.42, rock.light(0.25))
	peak(c.w*c.f(0.78, 0.92), c.h*c.f(0.28, 0.34), c.w*0.46, rock.light(0.12))
	peak(c.w*c.f(0.44, 0.58), c.h*c.f(0.18, 0.24), c.w*0.58, rock)
	g := c.leafy()
	for k := range 3 {
		t := float32(k) / 2
		q := g.light(0.3 - 0.3*t)
		if c.style == 1 || c.style == 7 {
			q = snow.mix(c.cool(), 0.28-0.12*t)
		}
		y := c.h * (0.62 + 0.09*t)
		c.ridge(y, c.h*0.025, 0.9, false).paint(linear(q, q.dark(0.25), 0, y, 0, c.h), 1)
		for range 12 {
			c.pine(c.f(0, c.w), y+c.h*0.035, c.h*c.f(0.05, 0.08)*(1+t*0.6))
		}
		c.fill(g.dark(0.35 + 0.2*t))
	}
	x, y, s := c.w*c.f(0.3, 0.65), c.h*0.78, 13*c.u // a hut with a lit window
	c.rect(x, y-s*0.5, s, s*0.5).fill(hex(0x6b452f))
	c.poly(pt{x - s*0.15, y - s*0.45}, pt{x + s*0.5, y - s}, pt{x + s*1.15, y - s*0.45}).fill(c.warm().dark(0.35))
	c.rect(x+s*0.2, y-s*0.35, s*0.18, s*0.18).rect(x+s*0.62, y-s*0.35, s*0.18, s*0.18).fill(hex(0xffdf8f))
	c.poster(pick(c.r, []string{"Zermatt", "Dolomites", "Chamonix", "Tatra", "Lofoten", "Yosemite", "Banff", "Glencoe", "Triglav", "Engadin", "Hakuba", "Jotunheimen"}),
		pick(c.r, []string{"ABOVE THE TREES", "FRESH AIR DAILY", "FIRST SNOW", "HUT TO HUT", "NATIONAL PARK"}))
}

func paintDesert(c *canvas) {
	sand := c.warm().mix(c.ground, 0.35)
	c.sky(c.cool().light(0.2), c.ground.mix(c.warm(), 0.4), c.h*0.55)
	if c.isDark {
		c.sky(c.ground, c.warm(), c.h*0.6)
		c.stars(50, c.ink, c.h*0.3)
	}
	hor := c.h * 0.52
	r := c.f(13, 20) * c.u
	for k := range 4 {
		c.circle(c.w/2+c.f(-0.1, 0.1)*c.w, hor-r*0.5, r*(1.9-0.3*float32(k))).paint(flat(c.warm().light(0.5)), 0.25)
	}
	c.circle(c.w/2, hor-r*0.5, r).fill(c.warm().light(0.15))
	mesa := func(x, y, w, h float32, q rgb) {
		c.poly(pt{x - w*0.5, y}, pt{x - w*0.36, y - h*0.5}, pt{x - w*0.3, y - h}, pt{x + w*0.28, y - h*0.98}, pt{x + w*0.36, y - h*0.5}, pt{x + w*0.5, y}).paint(linear(q, q.dark(0.35), x-w/2, 0, x+w/2, 0), 1)
		for k := range 3 {
			c.rect(x-w*0.3, y-h*(0.9-0.16*float32(k)), w*0.6, h*0.04)
		}
		c.paint(flat(q.dark(0.4)), 0.35)
	}
	mesa(c.w*c.f(0.08, 0.2), hor, c.w*0.5, c.h*0.14, c.acc[0].mix(sand, 0.35))
	mesa(c.w*c.f(0.75, 0.95), hor, c.w*0.42, c.h*c.f(0.12, 0.2), c.warm().dark(0.2))
	c.rect(0, hor, c.w, c.h).paint(linear(sand, sand.dark(0.4), 0, hor, 0, c.h), 1)
	for k := range 3 {
		y := hor + c.h*(0.05+0.1*float32(k))
		c.ridge(y, c.u*2.5, 0.8, false).paint(flat(sand.dark(0.1+0.1*float32(k))), 0.8)
	}
	vx := c.w * c.f(0.42, 0.58)
	c.p.moveTo(vx-c.u*0.6, hor+c.u)
	c.p.cubeTo(vx+c.w*0.12, hor+c.h*0.1, c.w*0.2, hor+c.h*0.16, c.w*0.22, c.h)
	c.p.lineTo(c.w*0.8, c.h)
	c.p.cubeTo(c.w*0.5, hor+c.h*0.2, vx+c.w*0.19, hor+c.h*0.1, vx+c.u*0.6, hor+c.u)
	c.fill(c.deep().mix(hex(0x3a3438), 0.6))
	for k := range 4 {
		t := 0.35 + 0.2*float32(k)
		c.seg(c.w*(0.45+0.02*float32(k)), hor+(c.h-hor)*t, c.w*(0.46+0.02*float32(k)), hor+(c.h-hor)*(t+0.08), (0.5+float32(k)*0.5)*c.u)
	}
	c.fill(hex(0xf7dfa0))
	for range 4 {
		x := c.w * pick(c.r, []float32{0.06, 0.14, 0.84, 0.93})
		c.saguaro(x, hor+c.h*c.f(0.12, 0.3), c.f(12, 24)*c.u, c.leafy().dark(0.3))
	}
	c.poster(pick(c.r, []string{"Mojave", "Sedona", "Atacama", "Wadi Rum", "Joshua Tree", "Monument Valley", "Namib", "Tabernas", "Route 66", "Marfa"}),
		pick(c.r, []string{"DRIVE WEST", "NO SERVICE AHEAD", "HIGH NOON", "THE LONG ROAD", "BRING WATER"}))
}

func (c *canvas) saguaro(x, y, h float32, q rgb) {
	w := h * 0.14
	c.round(x-w/2, y-h, w, h, w/2)
	c.line(curvePts(x, y-h*0.4, x+h*0.28, y-h*0.36, x+h*0.26, y-h*0.75, 8), w*0.75, w*0.7)
	c.line(curvePts(x, y-h*0.3, x-h*0.27, y-h*0.28, x-h*0.25, y-h*0.6, 8), w*0.7, w*0.65)
	c.fill(q)
	for k := range 2 {
		dx := w * (0.18*float32(k)*2 - 0.18)
		c.seg(x+dx, y-h*0.94, x+dx, y, w*0.06)
	}
	c.paint(flat(q.light(0.35)), 0.7)
}

func paintTown(c *canvas) {
	c.sky(c.cool().light(0.4), c.ground.mix(c.warm(), 0.2), c.h*0.45)
	c.disc(c.w*c.f(0.7, 0.85), c.h*0.15, 7*c.u, c.warm().light(0.25))
	c.ridge(c.h*0.36, c.h*0.05, 0.8, false).fill(c.leafy().light(0.35))
	roof := hex(0xc0623f).mix(c.warm(), 0.4)
	for row := range 7 {
		t := float32(row) / 6
		y := c.h * (0.36 + 0.5*t)
		s := c.w * (0.09 + 0.09*t)
		for x := -s * c.f(0.1, 0.9); x < c.w; x += s * c.f(0.8, 1.05) {
			h := s * c.f(0.9, 1.6)
			wall := c.any().light(c.f(0.35, 0.75)).mix(hex(0xf6e8d2), 0.25)
			c.rect(x, y-h, s, h+c.h*0.2).paint(linear(wall, wall.dark(0.16), x, 0, x+s, 0), 1)
			if c.yes(0.3) {
				c.rect(x-s*0.03, y-h-s*0.06, s*1.06, s*0.1).fill(roof.dark(0.2))
			} else {
				c.poly(pt{x - s*0.08, y - h}, pt{x + s*0.2, y - h - s*0.28}, pt{x + s*0.8, y - h - s*0.28}, pt{x + s*1.08, y - h}).fill(roof.light(c.f(0, 0.18)))
			}
			for q := range 3 {
				wx, wy := x+s*(0.16+0.28*float32(q)), y-h+s*0.25
				c.rect(wx, wy, s*0.13, s*0.22)
				c.rect(wx, wy+s*0.45, s*0.13, s*0.22)
			}
			c.fill(wall.dark(0.62))
		}
		if row == 2 {
			c.tower(c.w*c.f(0.25, 0.7), y, 30*c.u)
		}
	}
	c.poster(pick(c.r, []string{"Lisboa", "Porto", "Matera", "Siena", "Dubrovnik", "Toledo", "Girona", "Colmar", "Bergen", "Tallinn", "Bologna", "Cinque Terre"}),
		pick(c.r, []string{"CITY OF HILLS", "TAKE THE TRAM", "A LONG WEEKEND", "ROOFTOPS", "OLD TOWN"}))
}

func (c *canvas) tower(x, y, h float32) {
	w := h * 0.24
	wall := hex(0xf1e2c6).mix(c.pale(), 0.3)
	c.rect(x-w/2, y-h*0.8, w, h*1.2).paint(linear(wall, wall.dark(0.22), x-w/2, 0, x+w/2, 0), 1)
	c.arch(x, y-h*0.55, w*0.4, h*0.17).fill(wall.dark(0.6))
	c.rect(x-w*0.58, y-h*0.83, w*1.16, h*0.04).fill(wall.dark(0.15))
	c.poly(pt{x - w*0.5, y - h*0.82}, pt{x, y - h*1.15}, pt{x + w*0.5, y - h*0.82}).fill(c.cool().dark(0.2))
	c.seg(x, y-h*1.15, x, y-h*1.23, h*0.012).fill(c.deep())
}
