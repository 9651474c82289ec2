package synth

func paintSkyline(c *canvas) {
	top, low := c.ground.dark(0.35), c.acc[0].mix(c.warm(), 0.35)
	base := c.h * c.f(0.84, 0.92)
	c.sky(top, low, base)
	c.stars(70, c.ink, c.h*0.5)
	c.moon(c.w*c.f(0.2, 0.8), c.h*c.f(0.12, 0.24), c.f(5, 9)*c.u, c.pale().light(0.4))
	lamps := []rgb{hex(0xffe2a0), hex(0xffcf7a), c.warm().light(0.4)}
	for layer := range 3 {
		t := float32(layer) / 2
		q := low.mix(top.dark(0.45), 0.35+0.65*t)
		for x := -c.w * 0.03; x < c.w; {
			w := c.w * c.f(0.09, 0.17) * (0.8 + 0.3*t)
			h := c.h * c.f(0.2, 0.62) * (1.05 - 0.35*t)
			c.block(x, base, w, h, q, lamps, 0.25+0.3*t)
			x += w * c.f(0.9, 1.08)
		}
	}
	c.rect(0, base, c.w, c.h-base).paint(linear(top.dark(0.3), low.dark(0.3), 0, base, 0, c.h), 1)
	for range 70 { // lights in the water
		x := c.f(0, c.w)
		c.rect(x, base+c.f(0, 1)*(c.h-base), c.f(1, 4)*c.u, 0.5*c.u).paint(flat(pick(c.r, lamps)), c.f(0.15, 0.6))
	}
}

// block is a tower with a top and lit windows, standing on y.
func (c *canvas) block(x, y, w, h float32, q rgb, lamps []rgb, lit float32) {
	c.rect(x, y-h, w, h)
	switch c.n(5) {
	case 0:
		c.rect(x+w*0.25, y-h-w*0.35, w*0.5, w*0.36).rect(x+w*0.48, y-h-w*0.9, w*0.05, w*0.6)
	case 1:
		c.poly(pt{x, y - h}, pt{x + w, y - h - w*0.5}, pt{x + w, y - h + 1}, pt{x, y - h + 1})
	case 2:
		c.poly(pt{x, y - h + 1}, pt{x + w/2, y - h - w*0.7}, pt{x + w, y - h + 1})
	case 3:
		c.wedge(x+w/2, y-h+1, w/2, pi, 2*pi)
	}
	c.paint(linear(q.light(0.07), q.dark(0.2), x, 0, x+w, 0), 1)
	cols := 3 + c.n(3)
	s := w / (float32(cols) + 0.6)
	for _, lamp := range lamps {
		for r := 0; float32(r)*s*1.25 < h-s*1.4; r++ {
			for k := range cols {
				if c.yes(lit / 2.2) {
					c.rect(x+s*(0.5+float32(k)), y-h+s*(0.7+1.25*float32(r)), s*0.55, s*0.7)
				}
			}
		}
		c.fill(lamp)
	}
}

func paintFacade(c *canvas) {
	wall := c.acc[c.n(5)].mix(c.ground, c.f(0.1, 0.6))
	c.fillAll(linear(wall.light(0.1), wall.dark(0.1), 0, 0, c.w, c.h))
	trim, glass, shut := hex(0xfaf5ea), c.deep().dark(0.4), c.shuffled()
	cols, rows := 2+c.n(3), 3+c.n(2)
	sx, sy := c.w/float32(cols), c.h/float32(rows)
	arched, doors, boxes := c.yes(0.4), c.yes(0.55), c.yes(0.6)
	for r := range rows {
		for k := range cols {
			x, y := (float32(k)+0.5)*sx, (float32(r)+0.86)*sy
			w, h := sx*0.36, sy*0.62
			sh := w * 0.14
			if arched {
				c.arch(x, y+sh*0.4, w*1.28, h*1.09).fill(trim)
				c.arch(x, y, w, h).paint(linear(glass.light(0.2), glass, x-w/2, y-h, x+w/2, y), 1)
			} else {
				c.rect(x-w*0.62, y-h-sh, w*1.24, h+sh*1.4).fill(trim)
				c.rect(x-w*0.5, y-h, w, h).paint(linear(glass.light(0.25), glass, x-w/2, y-h, x+w/2, y), 1)
			}
			c.poly(pt{x - w*0.4, y - h*0.5}, pt{x, y - h*0.86}, pt{x + w*0.1, y - h*0.86}, pt{x - w*0.4, y - h*0.34}).paint(flat(white), 0.16)
			if c.yes(0.18) {
				c.rect(x-w*0.5, y-h*0.8, w, h*0.8).paint(flat(hex(0xffdc94)), 0.75)
			}
			c.rect(x-w*0.02, y-h, w*0.04, h).rect(x-w*0.5, y-h*0.55, w, h*0.03).fill(trim)
			if doors { // shutters
				for _, side := range []float32{-1, 1} {
					bx := x + side*w*0.86 - w*0.24
					c.rect(bx, y-h, w*0.48, h).fill(shut[0].dark(0.15))
					for i := range 9 {
						c.rect(bx+w*0.06, y-h*(0.96-0.105*float32(i)), w*0.36, h*0.05)
					}
					c.fill(shut[0].dark(0.4))
				}
			}
			if r%2 == 1 && !boxes { // balcony
				c.rect(x-w*0.95, y, w*1.9, sh*0.6).fill(trim.dark(0.15))
				for i := range 13 {
					c.rect(x-w*0.9+w*0.15*float32(i)-0.2*c.u, y-h*0.32, 0.4*c.u, h*0.32)
				}
				c.rect(x-w*0.95, y-h*0.34, w*1.9, h*0.03).fill(c.ink.mix(glass, 0.5))
			} else if boxes && c.yes(0.7) { // flower box
				c.rect(x-w*0.55, y-sh*0.2, w*1.1, sh*1.3).fill(hex(0x8a5a3d))
				for range 12 {
					c.circle(x+c.f(-0.5, 0.5)*w, y-c.f(0, 1.6)*sh, w*0.07).fill(pick(c.r, []rgb{c.leafy(), c.leafy().dark(0.2), shut[1], shut[2]}))
				}
			}
		}
		c.rect(0, float32(r)*sy-c.u, c.w, 1.6*c.u).fill(trim.dark(0.06))
	}
	// The shadow of the house across the street.
	c.poly(pt{0, c.h * c.f(0.4, 0.7)}, pt{c.w, c.h * c.f(0.75, 1)}, pt{c.w, c.h}, pt{0, c.h}).paint(flat(c.deep().dark(0.4)), 0.28)
}

func paintStairs(c *canvas) {
	a := c.shuffled()
	wall := a[0].mix(c.ground, 0.3)
	c.sky(c.cool().light(0.3), c.ground.mix(c.warm(), 0.3), c.h*0.6)
	c.disc(c.w*c.f(0.6, 0.85), c.h*c.f(0.1, 0.2), 7*c.u, c.pale().light(0.5))
	split := c.w * c.f(0.3, 0.45)
	c.rect(0, c.h*0.12, split, c.h).paint(linear(wall.light(0.2), wall, 0, 0, split, 0), 1)
	right := a[1].mix(c.ground, 0.35)
	c.rect(split, c.h*c.f(0.28, 0.36), c.w, c.h).paint(linear(right, right.dark(0.2), split, 0, c.w, 0), 1)
	for k := range 1 + c.n(2) { // doors into the dark
		x, w := split+(c.w-split)*(0.33+0.4*float32(k)), (c.w-split)*0.26
		c.arch(x, c.h*0.68, w, c.h*0.26).fill(right.dark(0.5))
		c.arch(x+w*0.12, c.h*0.68, w*0.76, c.h*0.235).paint(linear(c.cool().light(0.2), c.warm().light(0.3), 0, c.h*0.44, 0, c.h*0.68), 1)
	}
	c.arch(split*0.5, c.h*0.5, split*0.36, c.h*0.2).fill(wall.dark(0.45))
	n := 8 + c.n(4)
	rise, run := c.h*0.5/float32(n), c.w*0.9/float32(n)
	step := a[2].mix(c.ground, 0.4)
	for k := range n {
		x := c.w*1.02 - run*float32(n-k)*1.05
		y := c.h*1.01 - rise*float32(k+1)
		c.rect(x, y, c.w, c.h-y).fill(step.dark(0.22))
		c.poly(pt{x, y}, pt{x + run*0.45, y - rise*0.42}, pt{c.w * 1.3, y - rise*0.42}, pt{c.w * 1.3, y}).fill(step.light(0.25))
		c.rect(x, y, run*1.05, rise).paint(linear(step, step.dark(0.3), x, 0, x+run*1.3, 0), 1)
	}
	c.poly(pt{0, c.h * 0.3}, pt{split, c.h * 0.62}, pt{split, c.h}, pt{0, c.h}).paint(flat(c.deep().dark(0.4)), 0.22)
	if c.yes(0.6) {
		c.pot(split*0.45, c.h*0.97, c.w*0.15, c.w*0.15, a[3])
		c.stem(split*0.45, c.h*0.97-c.w*0.15, -pi/2, c.h*0.24, c.leafy(), 1)
		c.stem(split*0.45, c.h*0.97-c.w*0.15, -pi/2-0.35, c.h*0.17, c.leafy().dark(0.15), 1)
	}
}

func paintDomes(c *canvas) {
	c.sky(c.ground.mix(c.cool(), 0.5), c.ground.mix(c.warm(), 0.55), c.h*0.75)
	if c.isDark {
		c.sky(c.ground.dark(0.3), c.warm().mix(c.acc[0], 0.4), c.h*0.8)
		c.stars(60, c.ink, c.h*0.4)
	}
	c.disc(c.w*c.f(0.3, 0.7), c.h*c.f(0.24, 0.4), c.f(10, 18)*c.u, c.warm().light(0.35))
	y := c.h * 0.84
	for layer := range 3 {
		t := float32(layer) / 2
		q := c.warm().mix(c.ground, 0.5).mix(c.deep().dark(0.35), 0.2+0.75*t)
		for k := range 3 - layer%2 {
			x := c.w * (0.5 + (float32(k)-1+0.5*float32(layer%2))*c.f(0.32, 0.42))
			c.dome(x, y, c.w*c.f(0.13, 0.19)*(1+0.35*t), q)
		}
		for range 2 {
			c.minaret(c.w*c.f(0.05, 0.95), y, c.h*c.f(0.34, 0.5), q)
		}
		c.rect(0, y-c.h*0.05, c.w, c.h).fill(q)
		y += c.h * 0.05
	}
	for range 5 {
		c.bird(c.w*c.f(0.15, 0.85), c.h*c.f(0.1, 0.36), c.f(1.5, 3)*c.u)
	}
	c.fill(c.deep().dark(0.4))
}

func (c *canvas) dome(x, y, r float32, q rgb) {
	c.rect(x-r*1.15, y-r*1.1, r*2.3, r*1.2)
	c.rect(x-r, y-r*1.4, r*2, r*0.4)
	c.p.moveTo(x-r, y-r*1.38)
	c.p.cubeTo(x-r*1.1, y-r*2.2, x-r*0.3, y-r*2.4, x, y-r*2.75)
	c.p.cubeTo(x+r*0.3, y-r*2.4, x+r*1.1, y-r*2.2, x+r, y-r*1.38)
	c.rect(x-r*0.03, y-r*3.1, r*0.06, r*0.5).circle(x, y-r*3.1, r*0.07)
	c.paint(linear(q.light(0.12), q.dark(0.12), x-r, 0, x+r, 0), 1)
	for k := range 5 {
		c.arch(x+(float32(k)-2)*r*0.4, y-r*0.15, r*0.2, r*0.6)
	}
	c.paint(flat(hex(0xffdf9a)), 0.8)
}

func (c *canvas) minaret(x, y, h float32, q rgb) {
	w := h * 0.07
	c.rect(x-w/2, y-h*0.85, w, h*0.86).rect(x-w*0.85, y-h*0.62, w*1.7, h*0.03).rect(x-w*0.75, y-h*0.84, w*1.5, h*0.025)
	c.poly(pt{x - w*0.6, y - h*0.84}, pt{x, y - h*1.08}, pt{x + w*0.6, y - h*0.84})
	c.fill(q)
}
