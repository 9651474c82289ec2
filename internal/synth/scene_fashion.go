package synth

// backdrop is a studio ground for a thing laid flat.
func (c *canvas) backdrop() rgb {
	q := c.ground.mix(c.acc[c.n(5)], c.f(0.1, 0.6))
	c.fillAll(radial(q.light(0.16), q.dark(0.1), c.w*0.4, c.h*0.35, c.h*0.9))
	switch c.n(4) {
	case 0:
		c.circle(c.w/2, c.h/2, c.w*0.38).paint(flat(c.any()), 0.45)
	case 1:
		c.rect(0, c.h*0.62, c.w, c.h).paint(flat(c.any()), 0.5)
	case 2:
		c.poly(pt{0, c.h}, pt{c.w, c.h * 0.2}, pt{c.w, c.h}).paint(flat(c.any()), 0.4)
	}
	return q
}

func paintSneaker(c *canvas) {
	c.backdrop()
	a := c.shuffled()
	n := 1 + c.n(2)
	for k := range n {
		s := c.w * 0.4
		x, y := c.w*0.5, c.h*0.56
		if n == 2 {
			s = c.w * 0.33
			x, y = c.w*(0.46+0.08*float32(k)), c.h*(0.38+0.36*float32(k))
		}
		c.shoe(x, y, s, a, c.yes(0.35))
	}
}

// shoe is seen from the side, its toe to the right; s is half its length.
func (c *canvas) shoe(x, y, s float32, a [5]rgb, high bool) {
	at := func(u, v float32) (float32, float32) { return x + u*s, y + v*s }
	cube := func(u0, v0, u1, v1, u2, v2 float32) {
		p, q := at(u0, v0)
		r, t := at(u1, v1)
		m, n := at(u2, v2)
		c.p.cubeTo(p, q, r, t, m, n)
	}
	start := func(u, v float32) { p, q := at(u, v); c.p.moveTo(p, q) }
	line := func(u, v float32) { p, q := at(u, v); c.p.lineTo(p, q) }
	c.ellipse(x, y+s*0.4, s*1.05, s*0.08).paint(flat(black), 0.22)
	top := float32(-0.42)
	if high {
		top = -0.8
	}
	upper := func() {
		start(-0.88, 0.2)
		cube(-0.98, -0.1, -0.85, top+0.2, -0.85, top)
		cube(-0.7, top-0.06, -0.5, top-0.02, -0.36, top+0.04)
		cube(-0.2, -0.3, 0.1, -0.14, 0.38, -0.08)
		cube(0.75, -0.04, 0.98, 0.08, 0.96, 0.22)
	}
	upper()
	c.paint(linear(a[0].light(0.12), a[0].dark(0.12), 0, y-s*0.5, 0, y+s*0.3), 1)
	start(-0.88, 0.2) // heel
	cube(-0.96, 0, -0.88, -0.2, -0.86, -0.3)
	cube(-0.7, -0.2, -0.6, 0.05, -0.55, 0.2)
	c.fill(a[1])
	start(0.42, 0.2) // toe
	cube(0.4, 0.02, 0.48, -0.06, 0.55, -0.06)
	cube(0.85, -0.02, 0.98, 0.1, 0.96, 0.2)
	c.fill(a[1].light(0.15))
	switch c.n(3) { // the mark on the side
	case 0:
		start(-0.5, 0.16)
		cube(-0.1, 0.14, 0.2, 0, 0.3, -0.1)
		cube(0.1, 0.02, -0.2, 0.04, -0.5, 0.16)
	case 1:
		for k := range 3 {
			u := -0.32 + 0.17*float32(k)
			start(u, 0.2)
			line(u+0.2, -0.17)
			line(u+0.28, -0.15)
			line(u+0.08, 0.2)
		}
	default:
		p, q := at(-0.12, 0.03)
		c.star(p, q, s*0.13, 0.45, 5, 0.2)
	}
	c.fill(a[2])
	for k := range 5 { // laces
		u := -0.26 + 0.13*float32(k)
		v := -0.3 + 0.052*float32(k)
		p, q := at(u-0.06, v+0.09)
		r, t := at(u+0.07, v-0.04)
		c.seg(p, q, r, t, s*0.04)
	}
	c.fill(hex(0xfdf9f0))
	sole := pick(c.r, []rgb{hex(0xfbf6ea), hex(0xfbf6ea), hex(0xc58a52), a[3]})
	start(-0.95, 0.2)
	line(0.97, 0.2)
	cube(1.03, 0.3, 1, 0.38, 0.92, 0.38)
	line(-0.85, 0.4)
	cube(-0.97, 0.4, -1, 0.3, -0.95, 0.2)
	c.paint(linear(sole, sole.dark(0.18), 0, y+s*0.2, 0, y+s*0.4), 1)
	p, q := at(-0.93, 0.3)
	c.rect(p, q, s*1.9, s*0.025).paint(flat(a[2]), 0.8)
}

func paintDress(c *canvas) {
	c.backdrop()
	a := c.shuffled()
	x, y, h := c.w/2, c.h*0.17, c.h*0.7
	c.line(arcPts(x, y-c.h*0.035, 3*c.u, 3*c.u, pi*0.9, pi*2.4, 10), 0.6*c.u, 0.6*c.u).fill(hex(0x6b5a4a))
	c.line([]pt{{x - c.w*0.15, y + c.h*0.02}, {x, y - c.h*0.01}, {x + c.w*0.15, y + c.h*0.02}}, c.u, c.u).fill(hex(0xb98a5a))
	flare, waist := c.w*c.f(0.22, 0.36), c.w*c.f(0.095, 0.12)
	wy := y + h*0.36
	body := func() {
		c.p.moveTo(x-c.w*0.13, y+h*0.01)
		c.p.cubeTo(x-c.w*0.1, y+h*0.12, x-c.w*0.16, y+h*0.14, x-c.w*0.15, y+h*0.2)
		c.p.cubeTo(x-c.w*0.14, y+h*0.28, x-waist, y+h*0.3, x-waist, wy)
		c.p.cubeTo(x-waist*1.4, wy+h*0.2, x-flare, y+h*0.8, x-flare, y+h)
		for k := range 8 {
			t := float32(k) / 8
			c.p.quadTo(x-flare+2*flare*(t+1.0/16), y+h+h*0.03, x-flare+2*flare*(t+1.0/8), y+h)
		}
		c.p.cubeTo(x+flare, y+h*0.8, x+waist*1.4, wy+h*0.2, x+waist, wy)
		c.p.cubeTo(x+waist, y+h*0.3, x+c.w*0.14, y+h*0.28, x+c.w*0.15, y+h*0.2)
		c.p.cubeTo(x+c.w*0.16, y+h*0.14, x+c.w*0.1, y+h*0.12, x+c.w*0.13, y+h*0.01)
		c.p.cubeTo(x+c.w*0.08, y+h*0.02, x+c.w*0.08, y+h*0.13, x, y+h*0.13)
		c.p.cubeTo(x-c.w*0.08, y+h*0.13, x-c.w*0.08, y+h*0.02, x-c.w*0.13, y+h*0.01)
	}
	body()
	c.shadow(1.5*c.u, 2*c.u, 6*c.u, 0.3, black)
	c.paint(linear(a[0].light(0.16), a[0].dark(0.14), x-flare, 0, x+flare, 0), 1)
	switch c.n(3) {
	case 0: // stripes
		b := c.clipTo(body)
		for k := range 16 {
			c.bandOver(b, y+h*float32(k)/16, y+h*(float32(k)+0.35)/16, flat(a[1]), 0.75, 0.6*c.u)
		}
	case 1: // flowers, kept within the skirt
		for range 34 {
			t := c.f(0, 1)
			px := x + c.f(-0.85, 0.85)*(waist+(flare-waist)*t*0.9)
			c.flower(px, wy+(h*0.6)*t+h*0.01, c.f(1.5, 3)*c.u, 5, c.f(0, 3), a[1].light(0.25), a[4])
		}
	default: // pleats
		for k := range 9 {
			t := float32(k)/4 - 1
			c.line(curvePts(x+waist*t*0.9, wy, x+waist*t*1.3, wy+h*0.3, x+flare*t*0.93, y+h, 12), 0.3*c.u, 0.9*c.u)
		}
		c.paint(flat(a[0].dark(0.35)), 0.5)
	}
	c.rect(x-waist*1.02, wy-h*0.014, waist*2.04, h*0.03).fill(a[2])
	if c.yes(0.5) {
		c.leaf(x, wy, 0.5, waist*0.9, waist*0.3, 0)
		c.leaf(x, wy, pi-0.5, waist*0.9, waist*0.3, 0)
		c.fill(a[2].dark(0.1))
	}
}

func paintBag(c *canvas) {
	c.backdrop()
	a := c.shuffled()
	x, y := c.w/2, c.h*0.6
	w, h := c.w*c.f(0.5, 0.6), c.w*c.f(0.36, 0.48)
	q := pick(c.r, []rgb{a[0], a[0], hex(0xa8683c), a[1]})
	kind := c.n(3)
	hr := w * c.f(0.22, 0.3)
	c.line(arcPts(x, y-h*0.5, hr, hr*c.f(1.1, 1.7), pi, 2*pi, 24), 2.2*c.u, 2.2*c.u).fill(q.dark(0.3))
	switch kind {
	case 0: // tote
		c.poly(pt{x - w*0.44, y - h*0.5}, pt{x + w*0.44, y - h*0.5}, pt{x + w*0.52, y + h*0.6}, pt{x - w*0.52, y + h*0.6})
	case 1: // saddle
		c.p.moveTo(x-w*0.45, y-h*0.5)
		c.p.lineTo(x+w*0.45, y-h*0.5)
		c.p.cubeTo(x+w*0.6, y+h*0.6, x+w*0.3, y+h*0.6, x, y+h*0.6)
		c.p.cubeTo(x-w*0.3, y+h*0.6, x-w*0.6, y+h*0.6, x-w*0.45, y-h*0.5)
	default: // bucket
		c.round(x-w*0.36, y-h*0.5, w*0.72, h*1.1, h*0.2)
	}
	c.shadow(1.5*c.u, 3*c.u, 8*c.u, 0.35, black)
	c.paint(linear(q.light(0.15), q.dark(0.22), x-w*0.5, y-h*0.5, x+w*0.5, y+h*0.6), 1)
	gold := hex(0xd9b25e)
	switch kind {
	case 0:
		c.rect(x-w*0.45, y-h*0.5, w*0.9, h*0.1).fill(q.dark(0.25))
		c.round(x-w*0.13, y-h*0.14, w*0.26, h*0.26, c.u).fill(a[2])
		c.star(x, y-h*0.01, w*0.09, 0.4, 8, 0).fill(hex(0xfaf4e6))
	case 1:
		c.p.moveTo(x-w*0.46, y-h*0.52)
		c.p.lineTo(x+w*0.46, y-h*0.52)
		c.p.cubeTo(x+w*0.5, y+h*0.1, x+w*0.2, y+h*0.26, x, y+h*0.26)
		c.p.cubeTo(x-w*0.2, y+h*0.26, x-w*0.5, y+h*0.1, x-w*0.46, y-h*0.52)
		c.paint(linear(q.light(0.24), q.dark(0.08), 0, y-h*0.5, 0, y+h*0.26), 1)
		c.circle(x, y+h*0.14, w*0.045).fill(gold)
		c.circle(x, y+h*0.14, w*0.022).fill(q.dark(0.4))
	default:
		for k := range 7 {
			c.circle(x-w*0.3+w*0.1*float32(k), y-h*0.34, w*0.016)
		}
		c.fill(gold)
		c.line(curvePts(x-w*0.33, y-h*0.34, x, y-h*0.24, x+w*0.33, y-h*0.34, 14), c.u, c.u).fill(q.dark(0.4))
		c.leaf(x+w*0.05, y-h*0.28, pi/2+0.1, h*0.4, w*0.03, 0).leaf(x-w*0.02, y-h*0.28, pi/2-0.15, h*0.36, w*0.03, 0).fill(a[2])
	}
	for _, s := range []float32{-1, 1} { // rings of the handle, stitches
		c.strokeEllipse(x+s*hr, y-h*0.46, 1.8*c.u, 1.8*c.u, 0.8*c.u).fill(gold)
	}
	for k := range 18 {
		c.rect(x-w*0.38+w*0.042*float32(k), y+h*0.5, w*0.022, 0.5*c.u)
	}
	c.paint(flat(hex(0xfaf0d8)), 0.7)
	if c.yes(0.4) { // a scarf on the handle
		c.leaf(x-hr*0.95, y-h*0.65, pi/2+0.35, h*0.5, w*0.06, 0.1).fill(a[3])
		c.leaf(x-hr*0.95, y-h*0.65, pi/2-0.1, h*0.44, w*0.05, 0.1).fill(a[4])
		c.circle(x-hr*0.95, y-h*0.65, w*0.03).fill(a[3].dark(0.15))
	}
}

func paintHat(c *canvas) {
	c.backdrop()
	a := c.shuffled()
	if c.yes(0.5) { // a straw hat from above, and shells
		x, y, r := c.w*0.5, c.h*0.48, c.w*0.38
		straw := hex(0xe3c58a).mix(c.warm(), 0.15)
		c.ellipse(x, y, r, r*0.92)
		c.shadow(2*c.u, 3*c.u, 8*c.u, 0.35, black)
		c.fill(straw)
		for k := range 15 {
			q := r * (1 - 0.062*float32(k))
			c.strokeEllipse(x, y, q, q*0.92, 0.35*c.u)
		}
		c.paint(flat(straw.dark(0.4)), 0.5)
		for k := range 60 {
			t := 2 * pi * float32(k) / 60
			c.seg(x+r*0.5*cos(t), y+r*0.46*sin(t), x+r*cos(t), y+r*0.92*sin(t), 0.2*c.u)
		}
		c.paint(flat(straw.dark(0.45)), 0.3)
		c.ellipse(x, y, r*0.53, r*0.49).fill(a[0])
		c.ellipse(x-r*0.02, y-r*0.03, r*0.46, r*0.42).paint(radial(straw.light(0.25), straw.dark(0.15), x-r*0.15, y-r*0.15, r*0.6), 1)
		for k := range 5 {
			q := r * (0.4 - 0.08*float32(k))
			c.strokeEllipse(x-r*0.02, y-r*0.03, q, q*0.92, 0.3*c.u)
		}
		c.paint(flat(straw.dark(0.4)), 0.5)
		c.leaf(x+r*0.45, y+r*0.25, 0.8, r*0.45, r*0.09, 0.1).leaf(x+r*0.45, y+r*0.25, 1.25, r*0.4, r*0.09, 0.1).fill(a[0].dark(0.1))
	} else {
		c.shades(c.w*0.5, c.h*0.36, c.w*0.36, a[0])
		c.shades(c.w*0.5, c.h*0.68, c.w*0.36, a[1])
	}
	for range 4 {
		x, y, s := c.f(0.06, 0.94)*c.w, pick(c.r, []float32{0.07, 0.93})*c.h, 4*c.u
		if c.yes(0.5) {
			c.star(x, y, s, 0.45, 5, c.f(0, 1)).fill(a[2].light(0.2))
			continue
		}
		for k := range 5 {
			c.leaf(x, y+s*0.7, -pi/2+(float32(k)-2)*0.38, s*1.5, s*0.32, 0)
		}
		c.fill(a[3].light(0.35))
	}
}

// shades are sunglasses, half width s.
func (c *canvas) shades(x, y, s float32, q rgb) {
	roundLens := c.yes(0.5)
	lens := func(k float32) {
		for _, d := range []float32{-1, 1} {
			if roundLens {
				c.circle(x+d*s*0.5, y, s*0.4*k)
			} else {
				c.p.moveTo(x+d*s*0.5-s*0.42*k, y-s*0.3*k)
				c.p.lineTo(x+d*s*0.5+s*0.42*k, y-s*0.3*k)
				c.p.cubeTo(x+d*s*0.5+s*0.45*k, y+s*0.35*k, x+d*s*0.5+s*0.1*k, y+s*0.4*k, x+d*s*0.5, y+s*0.36*k)
				c.p.cubeTo(x+d*s*0.5-s*0.1*k, y+s*0.4*k, x+d*s*0.5-s*0.45*k, y+s*0.35*k, x+d*s*0.5-s*0.42*k, y-s*0.3*k)
			}
		}
	}
	lens(1)
	c.shadow(1.5*c.u, 2.5*c.u, 5*c.u, 0.4, black)
	c.fill(q)
	c.line(curvePts(x-s*0.14, y-s*0.12, x, y-s*0.26, x+s*0.14, y-s*0.12, 8), s*0.09, s*0.09).fill(q)
	for _, d := range []float32{-1, 1} {
		c.line(curvePts(x+d*s*0.86, y-s*0.15, x+d*s*1.12, y-s*0.25, x+d*s*1.16, y-s*0.5, 8), s*0.09, s*0.05).fill(q.dark(0.2))
	}
	lens(0.8)
	g := c.deep().dark(0.3)
	c.paint(linear(g, g.mix(c.warm(), 0.6), 0, y-s*0.3, 0, y+s*0.4), 1)
	for _, d := range []float32{-1, 1} {
		c.poly(pt{x + d*s*0.5 - s*0.2, y + s*0.2}, pt{x + d*s*0.5 + s*0.02, y - s*0.24}, pt{x + d*s*0.5 + s*0.12, y - s*0.24}, pt{x + d*s*0.5 - s*0.1, y + s*0.2})
	}
	c.paint(flat(white), 0.3)
}
