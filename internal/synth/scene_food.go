package synth

// table is a cloth seen from above.
func (c *canvas) table() {
	q := c.ground.mix(c.acc[c.n(5)], c.f(0.1, 0.7))
	c.fillAll(radial(q.light(0.14), q.dark(0.12), c.w*0.35, c.h*0.3, c.h*0.95))
	switch c.n(5) {
	case 0:
		for k := range 14 {
			c.rect(c.w*float32(k)/14, 0, c.w/28, c.h)
		}
		c.paint(flat(q.light(0.5)), 0.35)
	case 1:
		for j := range 16 {
			for i := range 12 {
				c.circle(c.w*(float32(i)+0.5*float32(j&1))/11, c.h*float32(j)/15, 0.8*c.u)
			}
		}
		c.paint(flat(q.light(0.6)), 0.5)
	case 2: // two halves
		c.poly(pt{0, c.h * 0.7}, pt{c.w, c.h * 0.4}, pt{c.w, c.h}, pt{0, c.h}).fill(c.any().mix(q, 0.3))
	}
}

func (c *canvas) dish(x, y, r float32, q rgb) {
	c.circle(x, y, r)
	c.shadow(1.5*c.u, 2.5*c.u, 7*c.u, 0.35, black)
	c.paint(radial(q.light(0.2), q.dark(0.06), x-r*0.3, y-r*0.3, r*1.7), 1)
	c.strokeEllipse(x, y, r*0.78, r*0.78, 0.6*c.u).paint(flat(q.dark(0.2)), 0.7)
	c.line(arcPts(x, y, r*0.9, r*0.9, pi*1.1, pi*1.5, 14), 0.3*c.u, 1.4*c.u).paint(flat(white), 0.5)
}

// citrus is a slice with peel, pith and segments.
func (c *canvas) citrus(x, y, r float32, q rgb, turn float32) {
	c.circle(x, y, r)
	c.shadow(c.u, 1.6*c.u, 4*c.u, 0.28, black)
	c.fill(q.dark(0.06))
	c.circle(x, y, r*0.92).fill(hex(0xfff3d8))
	n := 9
	for k := range n {
		a := turn + 2*pi*float32(k)/float32(n)
		m := a + pi/float32(n)
		ox, oy := x+r*0.08*cos(m), y+r*0.08*sin(m)
		half := pi/float32(n) - 0.055
		c.p.moveTo(ox, oy)
		for i := range 7 {
			t := m - half + 2*half*float32(i)/6
			l := r * 0.78
			if i == 0 || i == 6 {
				l = r * 0.72
			}
			c.p.lineTo(ox+l*cos(t), oy+l*sin(t))
		}
	}
	c.paint(radial(q.light(0.35), q, x, y, r*0.8), 1)
	for range 26 {
		a, d := c.f(0, 2*pi), c.f(0.3, 0.72)*r
		c.leaf(x+d*cos(a), y+d*sin(a), a, r*0.1, r*0.02, 0)
	}
	c.paint(flat(white), 0.3)
}

func paintCitrus(c *canvas) {
	c.table()
	hues := []rgb{hex(0xf39a2b), hex(0xf7cf3c), hex(0xa9c64b), hex(0xea6a4e)}
	k := c.n(4)
	if c.yes(0.5) { // a pattern of slices and leaves
		n := 2 + c.n(2)
		s := c.w / float32(n)
		for j := 0; float32(j)*s*0.9 < c.h+s; j++ {
			for i := -1; i <= n; i++ {
				x, y := (float32(i)+0.5+0.5*float32(j&1))*s, (float32(j)+0.4)*s*0.9
				for q := range 2 {
					c.leaf(x+s*0.3, y-s*0.28, float32(q)*1.2-1.2, s*0.3, s*0.09, 0.1)
				}
				c.fill(hex(0x4f7f4a).mix(c.leafy(), 0.4))
				c.citrus(x, y, s*c.f(0.32, 0.39), hues[(k+(i+j+8)%2)%4], c.f(0, 1))
			}
		}
		return
	}
	c.dish(c.w/2, c.h/2, c.w*0.4, c.pale().light(0.4))
	for i := range 5 {
		a := 2 * pi * float32(i) / 5
		c.leaf(c.w/2+c.w*0.1*cos(a), c.h/2+c.w*0.1*sin(a), a+0.6, c.w*0.26, c.w*0.07, 0.1).fill(hex(0x4f7f4a))
		c.citrus(c.w/2+c.w*0.2*cos(a), c.h/2+c.w*0.2*sin(a), c.w*0.125, hues[(k+i)%4], a)
	}
	c.citrus(c.w/2, c.h/2, c.w*0.14, hues[k], 0)
}

func paintCake(c *canvas) {
	a := c.shuffled()
	if c.yes(0.45) { // doughnuts from above
		c.table()
		n := 2 + c.n(2)
		s := c.w / float32(n)
		for j := 0; float32(j)*s < c.h; j++ {
			for i := range n {
				x, y, r := (float32(i)+0.5)*s, (float32(j)+0.5)*s, s*0.39
				q := a[(i+2*j)%4].light(0.2)
				c.circle(x, y, r)
				c.hole(x, y, r*0.3, r*0.3)
				c.shadow(c.u, 1.8*c.u, 5*c.u, 0.32, black)
				c.paint(radial(hex(0xdfa462), hex(0xb87a3c), x-r*0.2, y-r*0.2, r*1.2), 1)
				c.blob(x, y, r*0.9, r*0.9, 0.13, 14)
				c.hole(x, y, r*0.36, r*0.36)
				c.paint(radial(q.light(0.25), q.dark(0.05), x-r*0.3, y-r*0.3, r*1.3), 1)
				for range 34 {
					t, d := c.f(0, 2*pi), r*c.f(0.45, 0.8)
					u := c.f(0, pi)
					c.seg(x+d*cos(t), y+d*sin(t), x+d*cos(t)+r*0.09*cos(u), y+d*sin(t)+r*0.09*sin(u), r*0.045).fill(pick(c.r, append(a[:], white)))
				}
				c.line(arcPts(x, y, r*0.68, r*0.68, pi*1.1, pi*1.5, 10), 0.2*c.u, c.u).paint(flat(white), 0.5)
			}
		}
		return
	}
	y := c.stage() + c.h*0.07
	x, w := c.w/2, c.w*0.56
	c.ellipse(x, y, w*0.62, w*0.07).paint(flat(black), 0.16)
	c.rect(x-w*0.06, y-w*0.2, w*0.12, w*0.2).ellipse(x, y, w*0.2, w*0.035).fill(hex(0xf7f1e6).dark(0.08))
	c.ellipse(x, y-w*0.2, w*0.62, w*0.07).fill(hex(0xf9f4ea))
	top := y - w*0.22
	tiers := 1 + c.n(3)
	for k := range tiers {
		tw := w * (0.92 - 0.24*float32(k))
		th := w * 0.36
		q := a[k].light(0.35)
		c.round(x-tw/2, top-th, tw, th+2, 2*c.u).paint(linear(q.light(0.2), q.dark(0.2), x-tw/2, 0, x+tw/2, 0), 1)
		c.rect(x-tw/2, top-th*0.52, tw, th*0.12).paint(flat(a[(k+2)%5]), 0.8)
		icing := hex(0xfffaf0).mix(a[(k+1)%5], 0.2)
		c.rect(x-tw/2, top-th, tw, th*0.14)
		n := 9
		for i := range n { // icing runs down
			dx := tw / float32(n)
			dl := th * c.f(0.2, 0.46)
			c.round(x-tw/2+dx*float32(i), top-th, dx*0.96, dl, dx*0.48)
		}
		c.fill(icing)
		c.ellipse(x, top-th, tw/2, tw*0.06).fill(icing.light(0.3))
		for i := range 8 {
			c.circle(x-tw/2+tw*(float32(i)+0.5)/8, top-tw*0.02, tw*0.045)
		}
		c.fill(a[(k+3)%5].light(0.15))
		top -= th
	}
	if c.yes(0.6) {
		for k := range 5 { // candles
			cx := x + (float32(k)-2)*w*0.075
			c.rect(cx-w*0.013, top-w*0.2, w*0.026, w*0.2).fill(a[k])
			c.circle(cx, top-w*0.25, w*0.08).paint(glow(hex(0xffdf8a), cx, top-w*0.25, w*0.08), 0.8)
			c.leaf(cx, top-w*0.205, -pi/2, w*0.08, w*0.03, 0).fill(hex(0xffb347))
		}
	} else {
		for k := range 5 {
			cx := x + (float32(k)-2)*w*0.09
			c.circle(cx, top-w*0.035, w*0.05).paint(radial(hex(0xe2455a), hex(0x9a1f33), cx-w*0.02, top-w*0.05, w*0.07), 1)
			c.line(curvePts(cx, top-w*0.08, cx+w*0.02, top-w*0.13, cx+w*0.05, top-w*0.15, 6), 0.4*c.u, 0.3*c.u).fill(hex(0x5d7a3f))
		}
	}
}

func paintSushi(c *canvas) {
	c.table()
	slate := c.deep().dark(0.35)
	m := 7 * c.u
	c.round(m, m*1.2, c.w-2*m-9*c.u, c.h-2.4*m, 4*c.u)
	c.shadow(c.u, 2*c.u, 7*c.u, 0.4, black)
	c.paint(linear(slate.light(0.14), slate, 0, 0, c.w, c.h), 1)
	rows := max(2, int(c.h/c.w*3.4))
	s := min((c.w-2*m-9*c.u)/3.3, (c.h-2.4*m)/(float32(rows)+0.3))
	for j := range rows {
		for i := range 3 {
			x := m + (c.w-2*m-9*c.u)*(float32(i)+0.5)/3
			y := m*1.2 + (c.h-2.4*m)*(float32(j)+0.5)/float32(rows)
			if (i+j)%2 == 0 {
				c.maki(x, y, s*0.36)
			} else {
				c.nigiri(x, y, s*0.44)
			}
		}
	}
	for k := range 2 { // chopsticks
		x := c.w - (6-2.6*float32(k))*c.u
		c.line([]pt{{x, c.h * 0.08}, {x - c.u, c.h * 0.93}}, 1.7*c.u, c.u).fill(pick(c.r, []rgb{hex(0x9a4a32), c.warm(), hex(0x4a3226)}))
	}
}

func (c *canvas) maki(x, y, r float32) {
	c.circle(x, y, r)
	c.shadow(0.6*c.u, c.u, 3*c.u, 0.4, black)
	c.fill(hex(0x1f2a24))
	c.circle(x, y, r*0.86).fill(hex(0xfbf7ec))
	for range 26 {
		a, d := c.f(0, 2*pi), c.f(0.5, 0.8)*r
		c.ellipse(x+d*cos(a), y+d*sin(a), r*0.06, r*0.035)
	}
	c.fill(hex(0xe6dcc6))
	f := []rgb{hex(0xf0845a), hex(0x9fbf5a), hex(0xf4cf55)}
	for k := range 3 {
		a := 2*pi*float32(k)/3 + c.f(0, 1)
		c.blob(x+r*0.2*cos(a), y+r*0.2*sin(a), r*0.24, r*0.22, 0.3, 6).fill(f[k])
	}
}

func (c *canvas) nigiri(x, y, r float32) {
	c.round(x-r, y-r*0.5, 2*r, r, r*0.45)
	c.shadow(0.6*c.u, c.u, 3*c.u, 0.4, black)
	c.fill(hex(0xfbf7ec))
	q := pick(c.r, []rgb{hex(0xf58a5c), hex(0xe2564f), hex(0xf3c25a), hex(0xf7b9a2)})
	c.round(x-r*1.05, y-r*0.42, 2.1*r, r*0.84, r*0.4).paint(linear(q.light(0.15), q.dark(0.08), 0, y-r*0.4, 0, y+r*0.4), 1)
	for k := range 5 {
		dx := r * (float32(k) - 2) * 0.38
		c.line(curvePts(x+dx-r*0.1, y-r*0.38, x+dx+r*0.12, y, x+dx-r*0.06, y+r*0.38, 6), 0.6*c.u, 0.4*c.u)
	}
	c.paint(flat(white), 0.55)
	if c.yes(0.4) {
		c.rect(x-r*0.16, y-r*0.5, r*0.32, r).fill(hex(0x1f2a24))
	}
}

func paintCoffee(c *canvas) {
	c.table()
	a := c.shuffled()
	x, y, r := c.w*c.f(0.44, 0.56), c.h*c.f(0.44, 0.54), c.w*c.f(0.25, 0.3)
	for range 16 { // beans
		bx, by, s, t := c.f(0, c.w), c.f(0, c.h), 2.8*c.u, c.f(0, 3)
		c.leaf(bx-s*cos(t), by-s*sin(t), t, 2*s, s*0.85, 0).fill(hex(0x4a2c1d))
		c.line(curvePts(bx-s*0.8*cos(t), by-s*0.8*sin(t), bx+s*0.3*sin(t), by-s*0.3*cos(t), bx+s*0.8*cos(t), by+s*0.8*sin(t), 6), 0.4*c.u, 0.4*c.u).fill(hex(0x2a160d))
	}
	cup := a[0].light(0.25)
	c.dish(x, y, r*1.42, cup.light(0.2))
	c.line([]pt{{x + r*0.8, y + r*0.3}, {x + r*1.36, y + r*0.55}}, r*0.22, r*0.2).fill(cup.dark(0.1))
	c.circle(x, y, r)
	c.shadow(c.u, 2*c.u, 5*c.u, 0.35, black)
	c.paint(linear(cup.light(0.3), cup.dark(0.15), x-r, y-r, x+r, y+r), 1)
	c.circle(x, y, r*0.86).paint(radial(hex(0xb9773f), hex(0x6d3f20), x, y, r*0.9), 1)
	milk := hex(0xfbeedb)
	if c.yes(0.5) { // a leaf in the milk
		for k := range 6 {
			t := float32(k) / 6
			yy := y + r*(0.5-0.95*t)
			l := r * 0.56 * sin(pi*(0.25+0.65*t))
			for _, s := range []float32{-1, 1} {
				c.leaf(x, yy+r*0.1, -pi/2+s*0.95, l, r*0.09, -s*0.25)
			}
		}
		c.seg(x, y+r*0.62, x, y-r*0.6, r*0.04)
	} else { // a heart
		for k := range 3 {
			q := r * (0.58 - 0.15*float32(k))
			c.p.moveTo(x, y+q)
			c.p.cubeTo(x-q*1.5, y-q*0.1, x-q*0.7, y-q*1.1, x, y-q*0.4)
			c.p.cubeTo(x+q*0.7, y-q*1.1, x+q*1.5, y-q*0.1, x, y+q)
			c.fill([]rgb{milk, hex(0xa9683a), milk}[k])
		}
	}
	c.fill(milk)
	c.line(arcPts(x, y, r*0.76, r*0.76, pi*1.1, pi*1.45, 10), 0.3*c.u, c.u).paint(flat(white), 0.4)
	sx, sy := x+r*1.15, y-r*0.9 // spoon
	c.ellipse(sx, sy, r*0.14, r*0.2).line([]pt{{sx, sy}, {sx + r*0.2, sy + r*0.95}}, r*0.06, r*0.08).fill(hex(0xd9d4c8))
	if c.yes(0.6) { // a croissant's crescents
		bx, by := c.w*0.2, c.h*0.84
		for k := range 7 {
			t := pi + pi*float32(k)/6
			s := 4.6 - 0.8*absf(float32(k)-3)
			c.circle(bx+9*c.u*cos(t), by+7*c.u*sin(t), s*c.u).paint(radial(hex(0xe9b365), hex(0xb0702f), bx+9*c.u*cos(t)-c.u, by+7*c.u*sin(t)-2*c.u, s*c.u*1.3), 1)
		}
	}
}

func absf(x float32) float32 { return max(x, -x) }

func paintFruit(c *canvas) {
	y := c.stage() + c.h*0.09
	a := c.shuffled()
	n := 2 + c.n(3)
	bowl := c.yes(0.45)
	if bowl {
		for k := range 6 {
			c.fruit(c.w*(0.5+(float32(k%4)-1.5)*0.13), y-c.w*(0.2+0.1*float32(k/4)), c.w*0.095, k+c.n(3))
		}
		q := a[0]
		c.ellipse(c.w/2, y, c.w*0.36, c.w*0.03).paint(flat(black), 0.2)
		c.wedge(c.w/2, y-c.w*0.22, c.w*0.33, 0, pi)
		c.p.reset()
		c.p.moveTo(c.w*0.16, y-c.w*0.2)
		c.p.cubeTo(c.w*0.2, y+c.w*0.03, c.w*0.36, y, c.w*0.4, y)
		c.p.lineTo(c.w*0.6, y)
		c.p.cubeTo(c.w*0.64, y, c.w*0.8, y+c.w*0.03, c.w*0.84, y-c.w*0.2)
		c.paint(linear(q.light(0.25), q.dark(0.3), c.w*0.16, 0, c.w*0.84, 0), 1)
		for k := range 3 {
			c.rect(c.w*0.2, y-c.w*(0.16-0.035*float32(k)), c.w*0.6, 0.6*c.u)
		}
		c.paint(flat(q.light(0.6)), 0.5)
		return
	}
	for k := range n {
		r := c.w * c.f(0.11, 0.15) * (1.25 - 0.1*float32(n-2))
		x := c.w * (0.5 + (float32(k)-float32(n-1)/2)*0.25)
		yy := y + c.h*0.03*float32(k%2)
		c.ellipse(x+r*0.35, yy, r*1.3, r*0.2).paint(glow(black, x+r*0.35, yy, r*1.3), 0.6)
		c.fruit(x, yy-r, r, k+c.n(4))
	}
}

// fruit stands with its middle at (x,y).
func (c *canvas) fruit(x, y, r float32, kind int) {
	stalk := hex(0x5a3f2a)
	switch kind % 4 {
	case 0: // pear
		q := hex(0xb9b84a).mix(c.warm(), 0.25)
		c.p.moveTo(x, y-r*1.5)
		c.p.cubeTo(x+r*0.55, y-r*1.5, x+r*0.4, y-r*0.6, x+r*0.85, y-r*0.1)
		c.p.cubeTo(x+r*1.3, y+r*0.7, x+r*0.5, y+r, x, y+r)
		c.p.cubeTo(x-r*0.5, y+r, x-r*1.3, y+r*0.7, x-r*0.85, y-r*0.1)
		c.p.cubeTo(x-r*0.4, y-r*0.6, x-r*0.55, y-r*1.5, x, y-r*1.5)
		c.paint(radial(q.light(0.35), q.dark(0.3), x-r*0.35, y-r*0.1, r*1.7), 1)
		c.line(curvePts(x, y-r*1.45, x, y-r*1.8, x+r*0.2, y-r*1.95, 6), 0.9*c.u, 0.6*c.u).fill(stalk)
		c.leaf(x+r*0.05, y-r*1.6, -0.4, r*0.7, r*0.22, 0.1).fill(c.leafy())
	case 1: // apple
		q := hex(0xcf4438).mix(c.warm(), 0.25)
		c.p.moveTo(x, y-r*0.75)
		c.p.cubeTo(x+r*0.6, y-r*1.15, x+r*1.2, y-r*0.5, x+r*0.95, y+r*0.3)
		c.p.cubeTo(x+r*0.75, y+r, x+r*0.3, y+r*1.05, x, y+r*0.92)
		c.p.cubeTo(x-r*0.3, y+r*1.05, x-r*0.75, y+r, x-r*0.95, y+r*0.3)
		c.p.cubeTo(x-r*1.2, y-r*0.5, x-r*0.6, y-r*1.15, x, y-r*0.75)
		c.paint(radial(q.light(0.35), q.dark(0.35), x-r*0.35, y-r*0.35, r*1.5), 1)
		c.line(curvePts(x, y-r*0.75, x, y-r*1.1, x+r*0.15, y-r*1.25, 6), 0.8*c.u, 0.6*c.u).fill(stalk)
		c.leaf(x+r*0.05, y-r*0.95, -0.5, r*0.6, r*0.2, 0.1).fill(c.leafy())
	case 2: // orange
		q := hex(0xef8e2c).mix(c.warm(), 0.2)
		c.circle(x, y, r).paint(radial(q.light(0.3), q.dark(0.25), x-r*0.35, y-r*0.35, r*1.5), 1)
		c.star(x, y-r*0.75, r*0.13, 0.4, 5, 0).fill(c.leafy().dark(0.2))
	default: // fig
		q := hex(0x5b3a5e).mix(c.deep(), 0.3)
		c.p.moveTo(x, y-r*1.3)
		c.p.cubeTo(x+r*0.3, y-r*0.9, x+r*1.2, y-r*0.2, x+r*0.8, y+r*0.6)
		c.p.cubeTo(x+r*0.5, y+r*1.1, x-r*0.5, y+r*1.1, x-r*0.8, y+r*0.6)
		c.p.cubeTo(x-r*1.2, y-r*0.2, x-r*0.3, y-r*0.9, x, y-r*1.3)
		c.paint(radial(q.light(0.3), q.dark(0.35), x-r*0.3, y-r*0.1, r*1.5), 1)
		for k := range 4 {
			t := (float32(k) - 1.5) * 0.3
			c.line(curvePts(x, y-r*1.2, x+r*t*2, y-r*0.2, x+r*t*1.2, y+r*0.8, 8), 0.2*c.u, 0.4*c.u)
		}
		c.paint(flat(q.light(0.4)), 0.5)
	}
}
