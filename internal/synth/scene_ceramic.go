package synth

import "math"

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(max(0, x)))) }

// vase turns a profile (half widths from the foot to the lip) about x, with
// shade, glaze and shadow. It returns the y of the lip.
func (c *canvas) vase(x, y, w, h float32, q rgb) float32 {
	forms := [][]float32{
		{0.4, 0.62, 0.95, 1, 0.8, 0.4, 0.3, 0.42},
		{0.5, 0.7, 0.75, 0.68, 0.55, 0.42, 0.36, 0.5},
		{0.35, 0.8, 1, 0.95, 0.6, 0.24, 0.22, 0.28},
		{0.55, 0.85, 0.95, 0.95, 0.9, 0.85, 0.6, 0.55},
		{0.6, 0.45, 0.7, 1, 0.9, 0.45, 0.3, 0.5},
		{0.4, 0.42, 0.48, 0.6, 0.8, 0.9, 0.7, 0.32},
	}
	form := forms[c.n(len(forms))]
	n := len(form) - 1
	at := func(k int) pt { return pt{form[k] * w / 2, y - h*float32(k)/float32(n)} }
	c.ellipse(x+w*0.25, y, w*0.7, h*0.05).paint(glow(black, x+w*0.2, y, w*0.8), 0.5)
	body := func() {
		p := at(0)
		c.p.moveTo(x-p.x, p.y)
		side := func(from, to, step int, sign float32) {
			for k := from; k != to; k += step {
				a, b := at(k), at(k+step)
				d := (b.y - a.y) / 2
				c.p.cubeTo(x+sign*a.x, a.y+d, x+sign*b.x, b.y-d, x+sign*b.x, b.y)
			}
		}
		side(0, n, 1, -1)
		p = at(n)
		c.p.lineTo(x+p.x, p.y)
		side(n, 0, -1, 1)
	}
	body()
	c.paint(linear(q.light(0.22), q.dark(0.35), x-w*0.5, 0, x+w*0.55, 0), 1)
	switch c.n(5) {
	case 0: // dipped glaze
		box := c.clipTo(body)
		g := c.any().light(0.2)
		lim := y - h*c.f(0.35, 0.65)
		c.bandOver(box, 0, lim, linear(g.light(0.2), g.dark(0.3), x-w*0.5, 0, x+w*0.55, 0), 1, 3*c.u)
	case 1: // painted bands
		box := c.clipTo(body)
		for k := range 4 {
			yy := y - h*(0.2+0.16*float32(k))
			c.bandOver(box, yy, yy+h*0.035, flat(q.light(0.6)), 0.75, 0)
		}
	case 2: // speckles
		for range 40 {
			k := c.f(0.05, 0.95)
			p := at(int(k * float32(n)))
			c.circle(x+c.f(-0.8, 0.8)*p.x, y-h*k, c.f(0.15, 0.4)*c.u)
		}
		c.paint(flat(q.dark(0.65)), 0.6)
	}
	// A window's light on the shoulder.
	c.leaf(x-w*0.22, y-h*0.3, -pi/2-0.1, h*0.35, w*0.07, 0).paint(flat(white), 0.22)
	p := at(n)
	c.ellipse(x, p.y, p.x, max(p.x*0.2, c.u*0.6)).fill(q.dark(0.55))
	return p.y
}

// clipTo rasterises an outline and keeps its cover in c.mask for bandOver.
func (c *canvas) clipTo(body func()) (b boxRect) {
	body()
	r := c.rasterise(0)
	c.p.reset()
	return boxRect{r.Min.X, r.Min.Y, r.Max.X, r.Max.Y}
}

type boxRect struct{ x0, y0, x1, y1 int }

// bandOver paints the rows y0..y1 of the outline in the mask; its lower edge
// may wave.
func (c *canvas) bandOver(b boxRect, y0, y1 float32, s shade, alpha, wave float32) {
	ph := c.f(0, 6)
	for y := b.y0; y < b.y1; y++ {
		m := c.mask.Pix[(y-b.y0)*c.mask.Stride:]
		row := c.img.Pix[y*c.img.Stride:]
		for x := b.x0; x < b.x1; x++ {
			lim := y1
			if wave > 0 {
				lim += wave * sin(ph+float32(x)*0.045)
			}
			if v := m[x-b.x0]; v > 0 && float32(y) >= y0 && float32(y) < lim {
				q, _ := s.at(float32(x), float32(y))
				blend(row[4*x:4*x+4], q, float32(v)*alpha)
			}
		}
	}
}

func paintVases(c *canvas) {
	y := c.stage()
	a := c.shuffled()
	n := 1 + c.n(3)
	for k := range n {
		x := c.w * (0.5 + (float32(k)-float32(n-1)/2)*0.29)
		w := c.w * c.f(0.22, 0.3)
		h := w * c.f(1.2, 2)
		if n == 1 {
			w, h = w*1.5, h*1.3
		}
		base := y + c.h*(0.04+0.05*float32((k+1)%2))
		h = min(h, c.h*0.5)
		lip := c.vase(x, base, w, h, a[k%5].mix(c.ground, c.f(0, 0.45)))
		if c.yes(0.4) {
			for s := range 2 {
				c.stem(x+c.f(-1, 1)*c.u, lip+c.u, -pi/2+(float32(s)-0.5)*0.4, min(lip*0.8, c.h*0.3), c.leafy().mix(a[3], 0.3), c.n(2))
			}
		}
	}
}

func paintDried(c *canvas) {
	y := c.stage() + c.h*0.08
	a := c.shuffled()
	x := c.w * c.f(0.44, 0.56)
	w := c.w * c.f(0.26, 0.34)
	lip := y - w*1.15
	straw := hex(0xd8b98a).mix(c.warm(), 0.3)
	for k := range 7 {
		t := -pi/2 + (float32(k)-3)*0.17 + c.f(-0.05, 0.05)
		l := lip * c.f(0.55, 0.86)
		ex, ey := x+l*cos(t), lip+l*sin(t)
		q := straw.mix(a[k%5], c.f(0, 0.5))
		switch (k + c.n(2)) % 4 {
		case 0, 1: // pampas: a plume of fine hairs
			c.seg(x, lip, ex, ey, 0.4*c.u).fill(q.dark(0.3))
			for i := range 60 {
				u := float32(i) / 60
				px, py := x+(ex-x)*(0.55+0.5*u), lip+(ey-lip)*(0.55+0.5*u)
				hl := c.w * 0.1 * sin(pi*(0.12+0.8*u))
				for _, s := range []float32{-1, 1} {
					c.line(curvePts(px, py, px+hl*0.4*cos(t+s*0.5), py+hl*0.4*sin(t+s*0.5), px+hl*cos(t+s*0.75), py+hl*sin(t+s*0.75)+hl*0.25, 4), 0.5*c.u, 0.15*c.u)
				}
			}
			c.paint(flat(q.light(0.25)), 0.75)
		case 2:
			c.stem(x, lip, t, l*0.9, q.mix(c.leafy(), 0.5), 3)
		default:
			c.stem(x, lip, t, l*0.85, hex(0x8fa39a).mix(c.leafy(), 0.3), 0)
		}
	}
	c.vase(x, y, w, w*1.15, a[1].mix(c.ground, 0.2))
}

func paintMugs(c *canvas) {
	cloth := c.ground.mix(c.acc[c.n(5)], 0.25)
	c.fillAll(radial(cloth.light(0.12), cloth.dark(0.12), c.w*0.4, c.h*0.35, c.h*0.8))
	a := c.shuffled()
	if c.yes(0.5) { // a striped cloth
		for k := range 9 {
			c.rect(c.w*0.12*float32(k), 0, c.w*0.035, c.h)
		}
		c.paint(flat(a[4]), 0.25)
	}
	n := 1 + c.n(4)
	for k := range n {
		x, y := c.w/2, c.h/2
		r := c.w * 0.29
		if n > 1 {
			t := 2*pi*float32(k)/float32(n) + 0.6
			x, y, r = c.w/2+c.w*0.25*cos(t), c.h/2+c.h*0.24*sin(t), c.w*c.f(0.15, 0.2)
		}
		q := a[k%5].mix(c.ground, c.f(0, 0.3))
		if c.yes(0.6) { // saucer
			c.circle(x, y, r*1.32)
			c.shadow(1.5*c.u, 2.5*c.u, 6*c.u, 0.35, black)
			c.paint(radial(q.light(0.35), q.light(0.12), x-r*0.3, y-r*0.3, r*1.8), 1)
			c.strokeEllipse(x, y, r*1.2, r*1.2, 0.5*c.u).fill(q.dark(0.12))
		}
		t := c.f(0, 2*pi)
		c.line([]pt{{x + r*0.8*cos(t), y + r*0.8*sin(t)}, {x + r*1.45*cos(t), y + r*1.45*sin(t)}}, r*0.22, r*0.18).fill(q.dark(0.1))
		c.circle(x, y, r)
		c.shadow(c.u, 2*c.u, 5*c.u, 0.35, black)
		c.paint(linear(q.light(0.3), q.dark(0.2), x-r, y-r, x+r, y+r), 1)
		in := pick(c.r, []rgb{hex(0x4a2c1d), hex(0xb98a4f), hex(0x9fae6a), hex(0xf2e6d0)})
		c.circle(x, y, r*0.84).fill(q.dark(0.3))
		c.circle(x, y+r*0.02, r*0.79).paint(radial(in.light(0.12), in.dark(0.2), x-r*0.3, y-r*0.3, r*1.4), 1)
		c.line(arcPts(x, y, r*0.66, r*0.66, pi*1.1, pi*1.5, 10), 0.3*c.u, c.u).paint(flat(white), 0.35)
	}
}

func paintPlate(c *canvas) {
	wall := c.ground.mix(c.acc[c.n(5)], c.f(0.1, 0.4))
	c.fillAll(radial(wall.light(0.12), wall.dark(0.12), c.w*0.35, c.h*0.3, c.h*0.9))
	a := c.shuffled()
	x, y, r := c.w/2, c.h/2, c.w*0.43
	glaze := hex(0xfbf7ec)
	c.circle(x, y, r)
	c.shadow(1.5*c.u, 3*c.u, 8*c.u, 0.4, black)
	c.fill(glaze)
	c.circle(x, y, r*0.98).paint(radial(glaze, glaze.dark(0.1), x-r*0.2, y-r*0.2, r*1.5), 1)
	rings := 3 + c.n(2)
	for k := range rings { // bands of motifs, more of them outward
		t := 0.9 - 0.56*float32(k)/float32(rings)
		n := pick(c.r, []int{8, 12, 16, 24})
		q := a[k%4]
		kind := c.n(5)
		for i := range n {
			u := 2 * pi * float32(i) / float32(n)
			px, py := x+r*t*cos(u), y+r*t*sin(u)
			s := r * t * 2.4 / float32(n)
			switch kind {
			case 0:
				c.leaf(px-s*0.3*cos(u), py-s*0.3*sin(u), u+0.6, s, s*0.3, 0.1)
			case 1:
				c.circle(px, py, s*0.3)
			case 2:
				c.leaf(px-s*0.4*cos(u), py-s*0.4*sin(u), u, s*0.9, s*0.26, 0)
			case 3:
				c.star(px, py, s*0.45, 0.4, 4, u)
			default:
				c.wedge(px, py, s*0.42, u+pi/2, u+1.5*pi)
			}
		}
		c.fill(q)
		c.strokeEllipse(x, y, r*(t-0.09), r*(t-0.09), 0.5*c.u).fill(a[(k+1)%4])
	}
	if c.yes(0.4) {
		c.flower(x, y, r*0.3, 8, 0, a[0], a[4])
	} else {
		c.songbird(x, y+r*0.04, r*0.3, a[0], a[1])
	}
	c.strokeEllipse(x, y, r*0.985, r*0.985, 1.2*c.u).fill(a[0])
	c.line(arcPts(x, y, r*0.75, r*0.75, pi*1.1, pi*1.45, 12), 0.5*c.u, 2*c.u).paint(flat(white), 0.5)
}
