package synth

func paintAutumn(c *canvas) {
	hues := []rgb{hex(0xc8562b), hex(0xe09a3a), hex(0x8f3527), hex(0xb9842f), hex(0x6f6b35)}
	for k := range hues {
		hues[k] = hues[k].mix(c.acc[k], 0.25)
	}
	bg := c.ground.mix(hues[1], 0.12)
	c.fillAll(radial(bg.light(0.15), bg.dark(0.06), c.w/2, c.h*0.45, c.h*0.8))
	x, y := c.w/2, c.h/2
	switch c.n(3) {
	case 0: // a wreath
		r := c.w * 0.33
		c.strokeEllipse(x, y, r, r, 1.6*c.u).fill(hex(0x6b4a30))
		for k := range 64 {
			t := 2*pi*float32(k)/64 + c.f(-0.05, 0.05)
			q := hues[c.n(5)]
			px, py := x+r*c.f(0.92, 1.08)*cos(t), y+r*c.f(0.92, 1.08)*sin(t)
			c.leaf(px, py, t+c.f(0.6, 2.4), c.w*c.f(0.09, 0.14), c.w*0.035, 0.15).paint(linear(q.light(0.15), q.dark(0.1), px-10, py-10, px+10, py+10), 1)
		}
		for range 16 {
			t := c.f(0, 2*pi)
			c.circle(x+r*c.f(0.9, 1.1)*cos(t), y+r*c.f(0.9, 1.1)*sin(t), 1.5*c.u)
		}
		c.fill(hex(0xb3252b))
		c.text(italic, pick(c.r, []string{"hello autumn", "gather", "grateful", "October"}), x, y+2*c.u, 7*c.u, 0, 0.5).fill(hues[2].dark(0.3))
	case 1: // pumpkins
		fy := c.h * 0.72
		c.rect(0, fy, c.w, c.h).paint(linear(hex(0xb98456), hex(0x8a5a36), 0, fy, 0, c.h), 1)
		for k, p := range []pt{{0.32, 0.84}, {0.7, 0.8}, {0.52, 0.9}} {
			c.pumpkin(c.w*p.x, c.h*p.y, c.w*(0.2-0.03*float32(k)), []rgb{hues[0], hues[1], hex(0xf0e3c8)}[k])
		}
		for range 14 {
			c.maple(c.f(0, c.w), c.f(0, fy*0.9), c.f(4, 8)*c.u, c.f(0, 6), hues[c.n(5)])
		}
	default: // falling leaves
		for range 34 {
			px, py, t, q := c.f(0, c.w), c.f(0, c.h), c.f(0, 6), hues[c.n(5)]
			if c.yes(0.5) {
				c.maple(px, py, c.f(6, 12)*c.u, t, q)
			} else {
				l := c.f(12, 20) * c.u
				c.leaf(px, py, t, l, l*0.36, 0.1).fill(q)
				c.seg(px-2*c.u*cos(t), py-2*c.u*sin(t), px+l*0.8*cos(t), py+l*0.8*sin(t), 0.3*c.u).paint(flat(q.light(0.4)), 0.7)
			}
		}
	}
}

// maple is a leaf with five lobes.
func (c *canvas) maple(x, y, r, turn float32, q rgb) {
	prof := []float32{1, 0.5, 0.82, 0.42, 0.95, 0.4, 0.62, 0.3, 0.25}
	add := func(a, d float32, first bool) {
		px, py := x+r*d*cos(turn+a), y+r*d*sin(turn+a)
		if first {
			c.p.moveTo(px, py)
		} else {
			c.p.lineTo(px, py)
		}
	}
	for k, d := range prof {
		add(float32(k)*0.37, d, k == 0)
	}
	for k := len(prof) - 1; k > 0; k-- {
		add(-float32(k)*0.37, prof[k], false)
	}
	c.fill(q)
	for _, a := range []float32{0, 0.74, -0.74, 1.48, -1.48} {
		c.seg(x, y, x+r*0.7*cos(turn+a), y+r*0.7*sin(turn+a), r*0.03)
	}
	c.seg(x, y, x-r*0.8*cos(turn), y-r*0.8*sin(turn), r*0.06).fill(q.dark(0.3))
}

func (c *canvas) pumpkin(x, y, r float32, q rgb) {
	c.ellipse(x+r*0.2, y, r*1.2, r*0.16).paint(flat(black), 0.22)
	for _, k := range []float32{-2, 2, -1, 1, 0} {
		px := x + k*r*0.36
		c.ellipse(px, y-r*0.68, r*0.42, r*0.7).paint(linear(q.light(0.18), q.dark(0.22), px-r*0.4, 0, px+r*0.42, 0), 1)
	}
	c.line(curvePts(x, y-r*1.28, x+r*0.02, y-r*1.55, x+r*0.2, y-r*1.7, 8), r*0.16, r*0.1).fill(hex(0x66704a))
	c.leaf(x+r*0.05, y-r*1.32, -0.3, r*0.6, r*0.2, 0.2).fill(hex(0x7a8a4a))
}

func paintWinter(c *canvas) {
	a := c.shuffled()
	bg := c.ground
	if c.yes(0.5) && !c.isDark {
		bg = pick(c.r, []rgb{hex(0x1f4a3d), hex(0x8f2a2a), hex(0x1f3557)}).mix(c.deep(), 0.3)
	}
	c.fillAll(radial(bg.light(0.1), bg.dark(0.15), c.w/2, c.h*0.4, c.h*0.8))
	gold, snow := hex(0xe3bd6a), hex(0xfdf9f0)
	switch c.n(3) {
	case 0: // one big tree
		x, base := c.w/2, c.h*0.84
		c.rect(x-2.4*c.u, base, 4.8*c.u, 8*c.u).fill(hex(0x6b4630))
		g := hex(0x2f6b4f).mix(c.leafy(), 0.35)
		for k := 5; k >= 0; k-- {
			t := float32(k) / 5
			y := base - c.h*0.62*(1-t)
			w := c.w * (0.1 + 0.3*t)
			q := g.light(0.18 * (1 - t))
			c.p.moveTo(x, y-c.h*0.15)
			c.p.quadTo(x+w*0.35, y-c.h*0.03, x+w, y)
			for i := range 6 {
				px := x + w - 2*w*(float32(i)+1)/6
				c.p.quadTo(px+w/6, y+c.h*0.025, px, y)
			}
			c.p.quadTo(x-w*0.35, y-c.h*0.03, x, y-c.h*0.15)
			c.paint(linear(q.light(0.1), q.dark(0.25), 0, y-c.h*0.15, 0, y+c.h*0.03), 1)
			for i := range 2 + k {
				px := x + w*0.8*(2*(float32(i)+0.5)/float32(2+k)-1)
				c.circle(px, y-c.h*0.006, 1.9*c.u).fill(pick(c.r, []rgb{gold, a[0].light(0.1), a[3].light(0.2), hex(0xd9453a)}))
			}
		}
		c.star(x, base-c.h*0.78, 6*c.u, 0.42, 5, 0).fill(gold)
		c.ridge(c.h*0.92, 2*c.u, 0.8, false).fill(snow)
	case 1: // baubles on threads
		for k := range 5 {
			x := c.w * (0.14 + 0.18*float32(k))
			y := c.h * c.f(0.28, 0.72)
			r := c.w * c.f(0.07, 0.1)
			q := []rgb{a[0], gold, a[1], hex(0xc8382f), a[2]}[k].light(0.08)
			c.seg(x, 0, x, y-r, 0.35*c.u).fill(gold)
			c.rect(x-r*0.2, y-r*1.18, r*0.4, r*0.25).fill(gold)
			c.circle(x, y, r).paint(radial(q.light(0.4), q.dark(0.3), x-r*0.4, y-r*0.4, r*1.5), 1)
			b := c.clipTo(func() { c.circle(x, y, r) })
			c.bandOver(b, y-r*0.2, y+r*0.2, flat(snow), 0.6, r*0.06)
			for i := range 5 {
				c.star(x+(float32(i)-2)*r*0.36, y-r*0.02, r*0.13, 0.4, 6, 0)
			}
			c.fill(q.dark(0.2))
		}
		for k := range 9 {
			c.stem(c.w*float32(k)/8, -2*c.u, pi/2+c.f(-0.5, 0.5), c.h*0.14, hex(0x2f6b4f), 2)
		}
	default: // snowflakes and houses
		for range 9 {
			x, y, r := c.f(0, c.w), c.f(0, c.h*0.6), c.f(3, 8)*c.u
			for k := range 6 {
				t := pi * float32(k) / 3
				c.seg(x, y, x+r*cos(t), y+r*sin(t), r*0.08)
				for _, d := range []float32{0.5, 0.75} {
					for _, s := range []float32{-0.6, 0.6} {
						c.seg(x+r*d*cos(t), y+r*d*sin(t), x+r*(d+0.2)*cos(t+s*0.5), y+r*(d+0.2)*sin(t+s*0.5), r*0.06)
					}
				}
			}
			c.paint(flat(snow), 0.9)
		}
		c.ridge(c.h*0.7, 4*c.u, 0.8, false).fill(snow.mix(bg, 0.35))
		for range 8 {
			c.pine(c.f(0, c.w), c.h*c.f(0.74, 0.8), c.h*c.f(0.1, 0.18))
		}
		c.fill(hex(0x2a5a48))
		c.houses(c.w*0.22, c.h*0.84, c.w*0.56, 4)
		c.ridge(c.h*0.85, 2*c.u, 1, false).fill(snow)
	}
	for range 70 {
		c.circle(c.f(0, c.w), c.f(0, c.h), c.f(0.25, 0.8)*c.u).paint(flat(white), c.f(0.4, 0.95))
	}
	if c.yes(0.5) {
		c.framed = true
		c.text(italic, pick(c.r, []string{"Merry & bright", "Let it snow", "Joyeux Noël", "Frohe Weihnachten", "Feliz Navidad"}), c.w/2, c.h*0.965, 6*c.u, 0, 0.5).fill(bg.dark(0.45))
	}
}

func paintParty(c *canvas) {
	a := c.shuffled()
	bg := a[4].light(0.55)
	c.fillAll(linear(bg.light(0.25), bg, 0, 0, 0, c.h))
	for range 120 { // confetti
		x, y, t, s := c.f(0, c.w), c.f(0, c.h), c.f(0, 3), c.f(0.8, 1.8)*c.u
		if c.yes(0.4) {
			c.circle(x, y, s*0.6).fill(a[c.n(5)])
		} else {
			c.seg(x, y, x+s*2*cos(t), y+s*2*sin(t), s*0.7).fill(a[c.n(5)])
		}
	}
	for row := range 2 { // bunting
		y := c.h * (0.03 + 0.1*float32(row))
		ps := curvePts(-5, y, c.w/2, y+c.h*0.12, c.w+5, y, 18)
		for k := 0; k < 18; k++ {
			p, q := ps[k], ps[k+1]
			c.poly(p, pt{(p.x+q.x)/2 + 0.3*c.u, (p.y+q.y)/2 + 6.5*c.u}, q).fill(a[(k+row)%5])
		}
		c.line(ps, 0.5*c.u, 0.5*c.u).fill(c.ink)
	}
	n := 5 + c.n(3)
	kx, ky := c.w*c.f(0.45, 0.55), c.h*0.93
	type ball struct {
		x, y, r float32
		q       rgb
	}
	var bs []ball
	for k := range n {
		t := -pi/2 + (float32(k)-float32(n-1)/2)*0.26
		l := c.h * c.f(0.36, 0.52)
		bs = append(bs, ball{kx + l*cos(t)*0.85, ky + l*sin(t), c.w * c.f(0.1, 0.14), a[k%5]})
	}
	for _, b := range bs {
		c.line(curvePts(b.x, b.y+b.r, (b.x+kx)/2+c.f(-4, 4)*c.u, (b.y+ky)/2, kx, ky, 14), 0.35*c.u, 0.35*c.u)
	}
	c.paint(flat(c.ink), 0.7)
	for _, b := range bs {
		c.poly(pt{b.x, b.y + b.r*1.05}, pt{b.x + b.r*0.14, b.y + b.r*1.3}, pt{b.x - b.r*0.14, b.y + b.r*1.3}).fill(b.q.dark(0.15))
		c.ellipse(b.x, b.y, b.r, b.r*1.18).paint(radial(b.q.light(0.4), b.q.dark(0.12), b.x-b.r*0.35, b.y-b.r*0.45, b.r*1.7), 0.96)
		c.leaf(b.x-b.r*0.5, b.y-b.r*0.2, -pi/2+0.4, b.r*0.6, b.r*0.12, 0.15).paint(flat(white), 0.55)
	}
	c.leaf(kx, ky, 0.4, 6*c.u, 2.2*c.u, 0).leaf(kx, ky, pi-0.4, 6*c.u, 2.2*c.u, 0).fill(a[0].dark(0.1))
}
