package synth

// songbird sits facing right; r is half its length.
func (c *canvas) songbird(x, y, r float32, body, wing rgb) {
	c.poly(pt{x - r*0.5, y + r*0.05}, pt{x - r*1.35, y + r*0.5}, pt{x - r*1.2, y + r*0.66}, pt{x - r*0.3, y + r*0.42}).fill(wing.dark(0.2))
	c.p.moveTo(x-r*0.75, y+r*0.2)
	c.p.cubeTo(x-r*0.6, y-r*0.5, x-r*0.05, y-r*0.35, x+r*0.12, y-r*0.62)
	c.p.cubeTo(x+r*0.35, y-r*0.95, x+r*0.85, y-r*0.75, x+r*0.78, y-r*0.35)
	c.p.cubeTo(x+r*0.95, y+r*0.3, x+r*0.3, y+r*0.85, x-r*0.3, y+r*0.55)
	c.paint(linear(body.light(0.08), body.dark(0.12), 0, y-r, 0, y+r), 1)
	c.p.moveTo(x+r*0.72, y-r*0.1)
	c.p.cubeTo(x+r*0.85, y+r*0.3, x+r*0.3, y+r*0.75, x-r*0.1, y+r*0.55)
	c.p.cubeTo(x+r*0.3, y+r*0.4, x+r*0.5, y+r*0.2, x+r*0.72, y-r*0.1)
	c.fill(body.light(0.55))
	c.leaf(x+r*0.25, y-r*0.12, pi-0.35, r*1.15, r*0.34, -0.05).fill(wing)
	for k := range 3 {
		c.leaf(x+r*0.1, y-r*0.02+r*0.07*float32(k), pi-0.4+0.08*float32(k), r*0.85, r*0.06, 0)
	}
	c.fill(wing.light(0.35))
	c.poly(pt{x + r*0.76, y - r*0.55}, pt{x + r*1.06, y - r*0.42}, pt{x + r*0.77, y - r*0.36}).fill(hex(0xe8a33d))
	c.circle(x+r*0.53, y-r*0.53, r*0.075).fill(hex(0x1d1a1c))
	c.circle(x+r*0.55, y-r*0.555, r*0.025).fill(white)
}

func paintBird(c *canvas) {
	a := c.shuffled()
	if c.yes(0.5) {
		c.circle(c.w*0.52, c.h*0.4, c.w*0.34).paint(flat(c.warm().mix(c.ground, 0.45)), 1)
	}
	twig := hex(0x6d4a35).mix(c.deep(), 0.4)
	y0, y1 := c.h*c.f(0.58, 0.68), c.h*c.f(0.5, 0.62)
	c.line(curvePts(-5, y0, c.w*0.4, y1+c.h*0.06, c.w*1.02, y1, 24), 2.6*c.u, 1.2*c.u).fill(twig)
	flowers := c.yes(0.5)
	for k := range 9 {
		t := float32(k)/8.5 + 0.03
		x, y := c.w*t, y0+(y1-y0)*t+c.h*0.03*sin(pi*t)
		s := float32(1)
		if k%2 == 0 {
			s = -1
		}
		l := c.w * c.f(0.12, 0.22)
		an := s*0.9 - 0.1
		c.line([]pt{{x, y}, {x + l*0.5*cos(an), y + l*0.5*sin(an)}}, 0.8*c.u, 0.5*c.u).fill(twig)
		ex, ey := x+l*0.5*cos(an), y+l*0.5*sin(an)
		if flowers && k%3 != 1 {
			c.flower(ex, ey, l*0.36, 5, c.f(0, 3), c.warm().light(0.35), hex(0xf2c14e))
		} else {
			c.leaf(ex, ey, an, l*0.6, l*0.17, 0.1)
			c.leaf(ex, ey, an+0.7*s, l*0.5, l*0.15, 0.1)
			c.fill(c.leafy())
		}
	}
	n := 1 + c.n(2)
	for k := range n {
		x := c.w * (0.5 + (float32(k)-float32(n-1)/2)*0.38)
		r := c.w * 0.24
		if n > 1 {
			r = c.w * 0.16
		}
		y := y0 + (y1-y0)*x/c.w + c.h*0.012 - r*0.66
		for _, d := range []float32{-0.05, 0.15} {
			c.seg(x+r*d, y+r*0.5, x+r*d, y+r*0.8, 0.6*c.u)
		}
		c.fill(hex(0x5a3b2a))
		c.songbird(x, y, r, a[k], a[k+2])
	}
}

func paintCat(c *canvas) {
	a := c.shuffled()
	fur := pick(c.r, []rgb{hex(0x2c2a2e), hex(0xd98c4a), hex(0x8d8a88), hex(0xf1e6d6), c.deep(), a[0]})
	wall := a[1].mix(c.ground, 0.45)
	c.fillAll(flat(wall))
	switch c.n(3) {
	case 0: // wallpaper
		for j := range 12 {
			for i := range 8 {
				c.leaf(c.w*(0.06+0.13*float32(i)), c.h*(0.04+0.09*float32(j)), -pi/2+float32((i+j)%2)-0.5, 5*c.u, 1.6*c.u, 0.1)
			}
		}
		c.paint(flat(wall.dark(0.25)), 0.5)
	case 1:
		c.disc(c.w*0.5, c.h*0.4, c.w*0.38, a[2].mix(wall, 0.3))
	default:
		c.arch(c.w*0.5, c.h, c.w*0.8, c.h*0.86).fill(a[2].mix(wall, 0.4))
	}
	x, y, r := c.w/2, c.h*0.47, c.w*0.24
	// body
	c.p.moveTo(x-r*0.75, y+r*0.3)
	c.p.cubeTo(x-r*1.5, y+r*1.5, x-r*1.4, c.h, x-r*1.35, c.h+5)
	c.p.lineTo(x+r*1.35, c.h+5)
	c.p.cubeTo(x+r*1.4, c.h, x+r*1.5, y+r*1.5, x+r*0.75, y+r*0.3)
	c.paint(linear(fur.light(0.06), fur.dark(0.12), 0, y, 0, c.h), 1)
	c.line(curvePts(x+r*1.1, c.h*0.96, x+r*2.3, c.h*0.9, x+r*1.7, y+r*0.8, 16), r*0.34, r*0.22).fill(fur.dark(0.1))
	chest := fur.mix(hex(0xfbf3e6), 0.75)
	c.ellipse(x, y+r*1.6, r*0.5, r*0.85).fill(chest)
	// head
	for _, s := range []float32{-1, 1} {
		c.poly(pt{x + s*r*0.98, y - r*0.25}, pt{x + s*r*0.88, y - r*1.28}, pt{x + s*r*0.12, y - r*0.72}).fill(fur)
		c.poly(pt{x + s*r*0.84, y - r*0.45}, pt{x + s*r*0.79, y - r*1.02}, pt{x + s*r*0.36, y - r*0.72}).fill(hex(0xe8a29a).mix(fur, 0.25))
	}
	c.ellipse(x, y, r*1.06, r*0.88).fill(fur)
	if c.yes(0.6) { // stripes
		for k := range 3 {
			t := (float32(k) - 1) * 0.24
			c.leaf(x+r*t, y-r*0.86, pi/2-t*0.5, r*0.4, r*0.07, 0)
		}
		for _, s := range []float32{-1, 1} {
			for k := range 2 {
				c.leaf(x+s*r*1.04, y+r*(0.05+0.2*float32(k)), pi/2+s*(1.4+0.15*float32(k)), r*0.34, r*0.06, 0)
			}
		}
		c.fill(fur.dark(0.45))
	}
	c.ellipse(x-r*0.2, y+r*0.38, r*0.3, r*0.24).ellipse(x+r*0.2, y+r*0.38, r*0.3, r*0.24).fill(chest)
	eye := pick(c.r, []rgb{hex(0xf0c541), hex(0x9fc46a), hex(0x7fc0d8)})
	sleepy := c.yes(0.3)
	for _, s := range []float32{-1, 1} {
		ex := x + s*r*0.44
		if sleepy {
			c.line(arcPts(ex, y-r*0.12, r*0.2, r*0.14, 0, pi, 10), 0.8*c.u, 0.8*c.u).fill(fur.mix(black, 0.75))
			continue
		}
		c.ellipse(ex, y-r*0.07, r*0.21, r*0.19).fill(eye)
		c.ellipse(ex, y-r*0.07, r*0.075, r*0.17).fill(hex(0x17141a))
		c.circle(ex+r*0.06, y-r*0.14, r*0.04).fill(white)
	}
	c.poly(pt{x - r*0.12, y + r*0.2}, pt{x + r*0.12, y + r*0.2}, pt{x, y + r*0.33}).fill(hex(0xd9767a))
	for _, s := range []float32{-1, 1} {
		for k := range 3 {
			c.line(curvePts(x+s*r*0.35, y+r*(0.3+0.08*float32(k)), x+s*r*0.9, y+r*(0.2+0.12*float32(k)), x+s*r*1.4, y+r*(0.15+0.2*float32(k)), 8), 0.3*c.u, 0.15*c.u)
		}
	}
	c.paint(flat(fur.mix(white, 0.75)), 0.9)
	if c.yes(0.6) {
		c.line(arcPts(x, y+r*0.45, r*0.72, r*0.55, 0.25, pi-0.25, 16), 2*c.u, 2*c.u).fill(a[3])
		c.circle(x, y+r*1.02, 1.9*c.u).fill(hex(0xf0c541))
	}
}

func paintFox(c *canvas) {
	a := c.shuffled()
	fur := hex(0xd96b33).mix(c.warm(), 0.35)
	c.fillAll(linear(c.ground.mix(c.cool(), 0.35), c.ground, 0, 0, 0, c.h))
	for range 9 { // trunks
		c.rect(c.f(0, c.w), 0, c.f(1.5, 5)*c.u, c.h).paint(flat(c.deep()), c.f(0.15, 0.4))
	}
	c.disc(c.w*0.5, c.h*0.42, c.w*0.36, a[1].mix(c.ground, 0.5))
	c.ridge(c.h*0.86, 2*c.u, 1, false).fill(c.leafy().dark(0.2))
	x, y, r := c.w/2, c.h*0.46, c.w*0.27
	// tail and body
	c.p.moveTo(x+r*0.5, c.h*0.92)
	c.p.cubeTo(x+r*2.2, c.h*0.95, x+r*2, y+r*0.5, x+r*1.15, y+r*0.62)
	c.p.cubeTo(x+r*1.5, y+r*1.3, x+r*0.9, c.h*0.82, x+r*0.3, c.h*0.84)
	c.fill(fur.dark(0.12))
	c.leaf(x+r*1.1, y+r*0.6, pi*0.33, r*0.5, r*0.2, 0.2).fill(hex(0xfaf2e6))
	c.p.moveTo(x-r*0.5, y+r*0.5)
	c.p.cubeTo(x-r*1.1, y+r*1.4, x-r*0.9, c.h*0.9, x-r*0.75, c.h*0.93)
	c.p.lineTo(x+r*0.75, c.h*0.93)
	c.p.cubeTo(x+r*0.9, c.h*0.9, x+r*1.1, y+r*1.4, x+r*0.5, y+r*0.5)
	c.paint(linear(fur, fur.dark(0.15), 0, y, 0, c.h), 1)
	c.leaf(x, y+r*0.4, pi/2, r*1.25, r*0.5, 0).fill(hex(0xfaf2e6))
	// the head, in planes
	for _, s := range []float32{-1, 1} {
		c.poly(pt{x + s*r*0.25, y - r*0.5}, pt{x + s*r*0.92, y - r*1.2}, pt{x + s*r*0.98, y - r*0.15}).fill(fur.dark(0.1))
		c.poly(pt{x + s*r*0.48, y - r*0.55}, pt{x + s*r*0.84, y - r*0.98}, pt{x + s*r*0.86, y - r*0.35}).fill(hex(0x3a2724))
		c.poly(pt{x, y - r*0.62}, pt{x + s*r*0.98, y - r*0.2}, pt{x + s*r*1.12, y + r*0.15}, pt{x, y + r*0.95}).fill(fur.light(0.06 - 0.06*s))
		c.poly(pt{x + s*r*1.12, y + r*0.15}, pt{x + s*r*0.5, y + r*0.12}, pt{x + s*r*0.16, y + r*0.6}, pt{x, y + r*0.95}).fill(hex(0xfaf2e6).dark(0.03 + 0.03*s))
		if c.style%2 == 0 {
			c.line(arcPts(x+s*r*0.46, y+r*0.02, r*0.16, r*0.1, pi, 2*pi, 8), 0.9*c.u, 0.9*c.u)
		} else {
			c.circle(x+s*r*0.44, y+r*0.03, r*0.1)
		}
		c.fill(hex(0x231a1c))
	}
	c.poly(pt{x, y - r*0.62}, pt{x + r*0.2, y + r*0.3}, pt{x, y + r*0.8}, pt{x - r*0.2, y + r*0.3}).paint(flat(fur.light(0.16)), 1)
	c.ellipse(x, y+r*0.86, r*0.15, r*0.11).fill(hex(0x231a1c))
	for range 7 { // fern in front
		fx := c.w * c.f(0, 1)
		c.stem(fx, c.h*1.02, -pi/2+c.f(-0.5, 0.5), c.h*c.f(0.12, 0.22), c.leafy().mix(a[2], 0.3), 2)
	}
}

func paintFish(c *canvas) {
	a := c.shuffled()
	water := c.cool().mix(c.ground, 0.35)
	if c.isDark {
		water = c.ground
	}
	c.fillAll(linear(water.light(0.25), water.dark(0.25), 0, 0, 0, c.h))
	for range 8 {
		x, y, r := c.f(0, c.w), c.f(0, c.h), c.f(10, 30)*c.u
		for k := range 3 {
			c.strokeEllipse(x, y, r*(1-0.3*float32(k)), r*0.45*(1-0.3*float32(k)), 0.4*c.u)
		}
		c.paint(flat(white), 0.16)
	}
	if c.yes(0.5) { // koi, seen from above
		for k := range 3 + c.n(2) {
			c.koi(c.w*c.f(0.25, 0.75), c.h*(0.16+0.23*float32(k)), c.w*c.f(0.24, 0.32), c.f(0, 2*pi), pick(c.r, []rgb{hex(0xfaf3e6), c.warm(), a[0]}), hex(0xe0552f).mix(c.warm(), 0.4))
		}
		for range 5 {
			x, y, r := c.w*pick(c.r, []float32{0.06, 0.15, 0.86, 0.95}), c.f(0, c.h), c.f(7, 13)*c.u
			t := c.f(0, 6)
			c.wedge(x, y, r, t, t+2*pi-0.5).fill(c.leafy())
			c.circle(x, y, r*0.12).fill(c.leafy().light(0.4))
		}
		return
	}
	n := 3 + c.n(3) // a shoal in rows
	for j := range n + 2 {
		for i := range 3 {
			s := c.w * 0.13
			x := c.w*(0.2+0.33*float32(i)) + float32(j&1)*c.w*0.1 - c.w*0.05
			y := c.h * (float32(j) + 0.6) / float32(n+2)
			c.sidefish(x, y, s, a[(i+j)%4], a[(i+j+1)%5])
		}
	}
}

func (c *canvas) koi(x, y, l, t float32, body, spot rgb) {
	dx, dy := cos(t), sin(t)
	at := func(u, v float32) pt { return pt{x + l*(dx*u-dy*(v+0.12*sin(u*3))), y + l*(dy*u+dx*(v+0.12*sin(u*3)))} }
	for _, s := range []float32{-1, 1} {
		p := at(0.35, s*0.2)
		c.leaf(p.x, p.y, t+pi-s*0.9, l*0.42, l*0.14, 0).paint(flat(body), 0.65)
		p = at(-0.85, 0)
		c.leaf(p.x, p.y, t+pi+s*0.35, l*0.55, l*0.14, s*0.1).paint(flat(body), 0.7)
	}
	var ps []pt
	for k := range 21 {
		u := 0.9 - 1.8*float32(k)/20
		ps = append(ps, at(u, 0.27*sqrt(1-u*u/0.82)*(0.72+0.35*u)))
	}
	for k := 20; k >= 0; k-- {
		u := 0.9 - 1.8*float32(k)/20
		ps = append(ps, at(u, -0.27*sqrt(1-u*u/0.82)*(0.72+0.35*u)))
	}
	c.smooth(ps)
	c.shadow(2*c.u, 3*c.u, 5*c.u, 0.3, black)
	c.fill(body)
	for _, u := range []float32{0.5, 0.05, -0.4} {
		p := at(u+c.f(-0.1, 0.1), c.f(-0.06, 0.06))
		c.blob(p.x, p.y, l*0.15, l*0.12, 0.6, 6).fill(spot)
	}
	for _, s := range []float32{-1, 1} {
		p := at(0.72, s*0.14)
		c.circle(p.x, p.y, l*0.03).fill(hex(0x1d1a1c))
	}
}

func (c *canvas) sidefish(x, y, s float32, q, fin rgb) {
	c.poly(pt{x - s*0.75, y}, pt{x - s*1.35, y - s*0.42}, pt{x - s*1.2, y}, pt{x - s*1.35, y + s*0.42}).fill(fin)
	c.leaf(x+s*0.1, y-s*0.32, pi+0.5, s*0.7, s*0.22, 0).fill(fin)
	c.leaf(x+s, y, pi, s*1.95, s*0.5, 0).paint(linear(q.light(0.15), q.dark(0.2), 0, y-s*0.5, 0, y+s*0.5), 1)
	for k := range 4 {
		c.line(arcPts(x+s*(0.25-0.28*float32(k)), y, s*0.12, s*(0.3-0.05*float32(k)), -pi/2, pi/2, 8), 0.4*c.u, 0.4*c.u)
	}
	c.paint(flat(fin), 0.8)
	c.circle(x+s*0.62, y-s*0.06, s*0.11).fill(white)
	c.circle(x+s*0.64, y-s*0.06, s*0.06).fill(hex(0x1d1a1c))
}

func paintWhale(c *canvas) {
	deep := c.deep().mix(c.cool(), 0.5)
	c.sky(c.ground.mix(c.cool(), 0.25), deep.light(0.3), c.h)
	if c.isDark {
		c.sky(c.ground.dark(0.3), c.acc[0], c.h)
		c.stars(110, c.ink, c.h)
	}
	c.disc(c.w*c.f(0.25, 0.75), c.h*0.22, c.f(8, 13)*c.u, c.pale().light(0.4))
	x, y, l := c.w*0.5, c.h*c.f(0.46, 0.54), c.w*0.38
	q := deep.dark(0.2)
	c.p.moveTo(x+l, y+l*0.02)
	c.p.cubeTo(x+l*0.9, y-l*0.45, x+l*0.1, y-l*0.55, x-l*0.45, y-l*0.12)
	c.p.cubeTo(x-l*0.75, y+l*0.05, x-l*0.85, y-l*0.1, x-l*0.95, y-l*0.3)
	c.p.cubeTo(x-l*1.3, y-l*0.4, x-l*1.25, y-l*0.6, x-l*1.02, y-l*0.5)
	c.p.cubeTo(x-l*0.9, y-l*0.75, x-l*0.7, y-l*0.65, x-l*0.82, y-l*0.32)
	c.p.cubeTo(x-l*0.7, y-l*0.14, x-l*0.6, y+l*0.25, x-l*0.1, y+l*0.32)
	c.p.cubeTo(x+l*0.5, y+l*0.42, x+l, y+l*0.3, x+l, y+l*0.02)
	c.paint(linear(q.light(0.2), q, 0, y-l*0.5, 0, y+l*0.4), 1)
	belly := q.mix(hex(0xf4efe2), 0.78)
	c.p.moveTo(x+l*0.99, y+l*0.06)
	c.p.cubeTo(x+l*0.7, y+l*0.14, x+l*0.3, y+l*0.12, x-l*0.05, y+l*0.3)
	c.p.cubeTo(x+l*0.5, y+l*0.42, x+l*0.98, y+l*0.32, x+l*0.99, y+l*0.06)
	c.fill(belly)
	for k := range 6 {
		t := float32(k) / 6
		c.line(curvePts(x+l*(0.96-0.05*t), y+l*(0.1+0.17*t), x+l*0.5, y+l*(0.18+0.16*t), x+l*(0.15+0.1*t), y+l*(0.25+0.08*t), 10), 0.4*c.u, 0.2*c.u)
	}
	c.fill(q.light(0.25))
	c.leaf(x+l*0.3, y+l*0.2, pi*0.68, l*0.62, l*0.14, 0.15).fill(q.dark(0.25))
	c.circle(x+l*0.68, y+l*0.03, l*0.03).fill(belly)
	for k := range 7 { // spout
		t := (float32(k) - 3) * 0.2
		c.line(curvePts(x+l*0.55, y-l*0.38, x+l*(0.55+t*0.5), y-l*0.9, x+l*(0.55+t*1.4), y-l*(0.75-0.9*t*t), 10), 0.4*c.u, c.u)
	}
	c.paint(flat(belly), 0.9)
	for k := range 4 {
		yy := c.h * (0.76 + 0.07*float32(k))
		c.ridge(yy, 2.5*c.u, 2, false).paint(flat(deep.dark(0.15*float32(k))), 0.75)
	}
}
