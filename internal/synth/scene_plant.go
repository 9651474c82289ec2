package synth

// stem draws a stalk with leaves on both sides; kind 0 round leaves, 1 lance
// leaves, 2 fern, 3 berries.
func (c *canvas) stem(x, y, angle, length float32, q rgb, kind int) {
	bend := c.f(-0.25, 0.25)
	ex, ey := x+length*cos(angle+bend), y+length*sin(angle+bend)
	mx, my := x+length*0.55*cos(angle), y+length*0.55*sin(angle)
	ps := curvePts(x, y, mx, my, ex, ey, 24)
	c.line(ps, 0.9*c.u, 0.35*c.u).fill(q.dark(0.15))
	n := []int{9, 13, 24, 8}[kind]
	for k := 2; k <= n; k++ {
		t := float32(k) / float32(n)
		p := ps[min(23, int(t*23))]
		p2 := ps[min(24, int(t*23)+1)]
		dir := atan2(p2.y-p.y, p2.x-p.x)
		size := length * []float32{0.17, 0.2, 0.2, 0.12}[kind] * (1.1 - 0.75*t)
		for _, side := range []float32{-1, 1} {
			a := dir + side*(0.95-0.35*t)
			switch kind {
			case 0:
				c.leaf(p.x, p.y, a, size, size*0.42, 0)
			case 1:
				c.leaf(p.x, p.y, a, size*1.15, size*0.2, side*0.12)
			case 2:
				c.leaf(p.x, p.y, a+side*0.3, size, size*0.12, -side*0.15)
			default:
				c.line([]pt{p, {p.x + size*cos(a), p.y + size*sin(a)}}, 0.35*c.u, 0.3*c.u)
				c.circle(p.x+size*cos(a), p.y+size*sin(a), size*0.24)
			}
		}
	}
	c.paint(linear(q.light(0.12), q.dark(0.1), x, ey, ex, y), 1)
	if kind < 2 { // veins
		for k := 2; k <= n; k++ {
			t := float32(k) / float32(n)
			p, p2 := ps[min(23, int(t*23))], ps[min(24, int(t*23)+1)]
			dir := atan2(p2.y-p.y, p2.x-p.x)
			size := length * []float32{0.17, 0.2}[kind] * (1.1 - 0.75*t)
			for _, side := range []float32{-1, 1} {
				a := dir + side*(0.95-0.35*t)
				c.seg(p.x, p.y, p.x+size*0.8*cos(a), p.y+size*0.8*sin(a), 0.22*c.u)
			}
		}
		c.paint(flat(q.light(0.5)), 0.55)
	}
}

func paintBotanical(c *canvas) {
	a := c.shuffled()
	if c.yes(0.35) {
		c.circle(c.w*c.f(0.4, 0.6), c.h*c.f(0.3, 0.45), c.w*0.32).paint(flat(a[1].mix(c.ground, 0.45)), 1)
	} else if c.yes(0.4) {
		c.arch(c.w/2, c.h*0.92, c.w*0.68, c.h*0.8).paint(flat(a[2].mix(c.ground, 0.5)), 1)
	}
	q := c.leafy()
	if c.yes(0.3) {
		q = c.ink.mix(a[0], 0.25)
	}
	kind := c.n(4)
	switch c.n(3) {
	case 0:
		c.stem(c.w*0.5, c.h*0.9, -pi/2+c.f(-0.08, 0.08), c.h*0.72, q, kind)
	case 1:
		for k := range 3 {
			c.stem(c.w*(0.44+0.06*float32(k)), c.h*0.9, -pi/2+(float32(k)-1)*0.36, c.h*c.f(0.5, 0.68), q.mix(a[k], 0.2), c.n(4))
		}
	default:
		c.stem(c.w*0.36, c.h*0.88, -pi/2-0.1, c.h*0.64, q, kind)
		c.stem(c.w*0.66, c.h*0.88, -pi/2+0.1, c.h*0.55, q.mix(a[0], 0.3), (kind+1)%4)
	}
	if c.yes(0.6) {
		t := pick(c.r, []string{"Polypodium", "Salvia", "Olea europaea", "Eucalyptus", "Fraxinus", "Acer", "Filix mas", "Quercus", "Lavandula"})
		c.text(italic, t, c.w/2, c.h*0.94, 4*c.u, 0.02, 0.5).fill(c.ink)
	}
}

// pot is a flowerpot standing on y, with shade and a cast shadow.
func (c *canvas) pot(x, y, w, h float32, q rgb) {
	c.ellipse(x+w*0.2, y, w*0.75, h*0.12).paint(glow(black, x+w*0.2, y, w*0.8), 0.35)
	switch c.n(3) {
	case 0:
		c.poly(pt{x - w*0.5, y - h}, pt{x + w*0.5, y - h}, pt{x + w*0.36, y}, pt{x - w*0.36, y})
	case 1:
		c.p.moveTo(x-w*0.42, y-h)
		c.p.cubeTo(x-w*0.62, y-h*0.4, x-w*0.45, y, x-w*0.25, y)
		c.p.lineTo(x+w*0.25, y)
		c.p.cubeTo(x+w*0.45, y, x+w*0.62, y-h*0.4, x+w*0.42, y-h)
	default:
		c.round(x-w*0.45, y-h, w*0.9, h, w*0.1)
	}
	c.paint(linear(q.light(0.18), q.dark(0.32), x-w*0.5, 0, x+w*0.5, 0), 1)
	switch c.n(3) {
	case 0:
		c.rect(x-w*0.46, y-h*0.72, w*0.92, h*0.08).paint(flat(q.light(0.5)), 0.7)
	case 1:
		for k := range 5 {
			c.circle(x-w*0.3+w*0.15*float32(k), y-h*0.5, w*0.035)
		}
		c.paint(flat(q.light(0.6)), 0.8)
	}
	c.ellipse(x, y-h, w*0.47, h*0.07).fill(q.dark(0.45))
}

// stage is a wall and a floor for an object to stand on; it returns the floor's y.
func (c *canvas) stage() float32 {
	y := c.h * c.f(0.72, 0.8)
	wall := c.ground.mix(c.acc[c.n(5)], c.f(0.05, 0.4))
	c.fillAll(linear(wall.light(0.12), wall.dark(0.05), 0, 0, c.w, c.h))
	switch c.n(4) {
	case 0:
		c.arch(c.w*c.f(0.4, 0.6), y, c.w*0.62, c.h*0.6).paint(flat(c.any()), 0.35)
	case 1:
		c.circle(c.w*c.f(0.3, 0.7), c.h*0.36, c.w*0.27).paint(flat(c.any()), 0.4)
	case 2: // light from a window
		for k := range 2 {
			x := c.w * (0.12 + 0.24*float32(k))
			c.poly(pt{x, c.h * 0.1}, pt{x + c.w*0.2, c.h * 0.16}, pt{x + c.w*0.34, c.h * 0.62}, pt{x + c.w*0.14, c.h * 0.56})
		}
		c.paint(flat(hex(0xfff3d6)), 0.3)
	}
	top := c.acc[c.n(5)].mix(c.ground, 0.35)
	c.rect(0, y, c.w, c.h-y).paint(linear(top.light(0.1), top.dark(0.18), 0, y, 0, c.h), 1)
	return y
}

func paintHouseplant(c *canvas) {
	y := c.stage() + c.h*0.1
	x, w := c.w*c.f(0.44, 0.56), c.w*c.f(0.26, 0.34)
	h := w * c.f(0.8, 1.1)
	q := hex(0x3f7050).mix(c.leafy(), 0.5)
	top := y - h
	c.pot(x, y, w, h, pick(c.r, c.acc[:]))
	switch c.n(4) {
	case 0: // monstera
		for k := range 9 {
			a := -pi/2 + (float32(k)-4)*0.3 + c.f(-0.1, 0.1)
			l := c.h * c.f(0.2, 0.4)
			ex, ey := x+l*cos(a), top+l*sin(a)
			c.line(curvePts(x, top, x+l*0.3*cos(a), top-l*0.6, ex, ey, 10), 0.8*c.u, 0.5*c.u).fill(q.dark(0.3))
			c.monstera(ex, ey, a+c.f(-0.5, 0.5), c.w*c.f(0.13, 0.2), q.mix(c.leafy().light(0.2), c.f(0, 0.5)))
		}
	case 1: // snake plant
		for k := range 9 {
			a := -pi/2 + (float32(k)-4)*0.09 + c.f(-0.04, 0.04)
			l, bx := c.h*c.f(0.28, 0.5), x+(float32(k)-4)*w*0.08
			b := c.f(-0.08, 0.08)
			c.leaf(bx, top+2, a, l, w*0.13, b).fill(hex(0xd9c98a).mix(q, 0.25))
			c.leaf(bx, top+2, a, l*0.97, w*0.09, b).paint(linear(q.dark(0.2), q.light(0.15), 0, top, 0, top-l), 1)
		}
	case 2: // palm
		for k := range 9 {
			a := -pi/2 + (float32(k)-4)*0.3
			c.stem(x, top+2, a, c.h*c.f(0.32, 0.48), q.mix(q.light(0.4), c.f(0, 0.5)), 2)
		}
	default: // rubber plant
		for k := range 3 {
			a := -pi/2 + (float32(k)-1)*0.22
			c.stem(x, top+2, a, c.h*c.f(0.36, 0.5), q.mix(c.deep(), c.f(0, 0.4)), k%2)
		}
	}
}

// monstera is a heart-shaped leaf with slits.
func (c *canvas) monstera(x, y, a, r float32, q rgb) {
	dx, dy := cos(a), sin(a)
	at := func(u, v float32) pt { return pt{x + r*(dx*u-dy*v), y + r*(dy*u+dx*v)} }
	var ps []pt
	for k := range 15 {
		t := float32(k) / 14
		w := 0.85 * sin(pi*(0.08+0.92*t)) * (1.15 - 0.45*t)
		if k%2 == 1 && k > 2 && k < 13 {
			w *= 0.5
		}
		ps = append(ps, at(t*1.7-0.35, w))
	}
	for k := 14; k >= 0; k-- {
		t := float32(k) / 14
		w := 0.85 * sin(pi*(0.08+0.92*t)) * (1.15 - 0.45*t)
		if k%2 == 1 && k > 2 && k < 13 {
			w *= 0.5
		}
		ps = append(ps, at(t*1.7-0.35, -w))
	}
	c.smooth(ps).paint(linear(q.light(0.15), q.dark(0.25), x-r*dy, y+r*dx, x+r*dy, y-r*dx), 1)
	e := at(1.2, 0)
	c.seg(x, y, e.x, e.y, 0.4*c.u).paint(flat(q.light(0.5)), 0.7)
}

func paintMeadow(c *canvas) {
	hor := c.h * c.f(0.32, 0.48)
	c.sky(c.cool().light(0.5), c.ground.light(0.3), hor)
	c.disc(c.w*c.f(0.2, 0.8), hor*0.5, 6*c.u, c.warm().light(0.4))
	for range 3 {
		c.cloud(c.f(0, c.w), hor*c.f(0.3, 0.75), c.f(12, 22)*c.u, white)
	}
	g := hex(0x7d9a5b).mix(c.leafy(), 0.5)
	c.ridge(hor, c.h*0.04, 0.9, false).fill(g.light(0.45))
	c.ridge(hor+c.h*0.05, c.h*0.03, 0.7, false).fill(g.light(0.25))
	c.ridge(hor+c.h*0.1, c.h*0.02, 0.8, false).paint(linear(g.light(0.1), g.dark(0.4), 0, hor, 0, c.h), 1)
	petal := []rgb{c.warm(), c.acc[0], c.pale().light(0.3), c.acc[3].light(0.2), hex(0xe2553f).mix(c.warm(), 0.4)}
	n := 130
	for k := range n {
		t := float32(k) / float32(n)
		y := hor + c.h*0.1 + (c.h*0.95-hor)*t*t
		s := c.u * (0.7 + 5*t*t)
		x := c.f(0, c.w)
		if t > 0.3 {
			l := s * c.f(2.5, 4.5)
			c.line(curvePts(x, y+l, x+c.f(-1, 1)*s, y+l*0.5, x, y, 5), s*0.16, s*0.1)
			c.leaf(x, y+l*0.7, -pi/2+c.f(-0.7, 0.7), l*0.5, s*0.2, 0.1).fill(g.dark(c.f(0, 0.35)))
		}
		q := petal[c.n(5)]
		switch {
		case t < 0.3:
			c.circle(x, y, s*0.7).fill(q)
		case c.yes(0.45): // poppy
			c.blob(x, y, s*1.2, s, 0.3, 7).paint(radial(q.light(0.2), q.dark(0.15), x, y-s*0.4, s*1.3), 1)
			c.circle(x, y, s*0.25).fill(hex(0x33232b))
		default:
			c.flower(x, y, s*1.2, 6+c.n(5), c.f(0, 3), q, hex(0xf0c04a))
		}
	}
}

func paintCactus(c *canvas) {
	y := c.stage() + c.h*0.08
	q := hex(0x4f8060).mix(c.leafy(), 0.4)
	n := 1 + c.n(3)
	for k := range n {
		x := c.w * (0.5 + (float32(k)-float32(n-1)/2)*0.3)
		w := c.w * c.f(0.18, 0.26)
		if n == 1 {
			w *= 1.35
		}
		h := w * c.f(0.7, 0.95)
		yy := y + c.h*0.04*float32((k*2)%3)
		top := yy - h
		c.pot(x, yy, w, h, hex(0xc06a45).mix(c.acc[k], 0.6))
		switch c.n(4) {
		case 0:
			c.ribbed(x, top-w*0.35, w*0.42, w*0.5, q)
		case 1:
			c.saguaro(x, top+2, w*c.f(1.5, 2.1), q)
		case 2: // prickly pear
			for i, p := range []pt{{0, -0.55}, {-0.42, -1.1}, {0.4, -1.15}, {0.05, -1.6}} {
				px, py := x+p.x*w*0.8, top+p.y*w*0.8+w*0.12
				c.ellipse(px, py, w*0.3, w*0.42).paint(linear(q.light(0.15), q.dark(0.2), px-w*0.3, 0, px+w*0.3, 0), 1)
				for range 10 {
					c.circle(px+c.f(-0.2, 0.2)*w, py+c.f(-0.3, 0.3)*w, 0.35*c.u)
				}
				c.fill(hex(0xf6ecc8))
				if i > 0 {
					c.flower(px, py-w*0.42, w*0.12, 6, 0, c.warm(), c.pale())
				}
			}
		default: // a rosette
			for ring := range 4 {
				r := w * (0.62 - 0.13*float32(ring))
				for i := range 9 {
					a := 2*pi*float32(i)/9 + float32(ring)*0.35
					c.leaf(x, top-w*0.2, a, r, r*0.34, 0)
				}
				c.fill(q.light(0.12*float32(ring)).mix(c.acc[2], 0.12*float32(ring)))
			}
		}
	}
}

// ribbed is a round cactus with ribs and a flower.
func (c *canvas) ribbed(x, y, a, b float32, q rgb) {
	c.ellipse(x, y, a, b).paint(linear(q.light(0.2), q.dark(0.3), x-a, 0, x+a, 0), 1)
	for k := range 5 {
		t := (float32(k) - 2) / 2.6
		c.line(arcPts(x, y, a*t, b, -pi/2, pi/2, 12), 0.35*c.u, 0.35*c.u)
	}
	c.paint(flat(q.light(0.5)), 0.6)
	c.flower(x, y-b, a*0.45, 7, 0.2, c.warm(), c.pale())
}
