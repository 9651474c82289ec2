package synth

func (c *canvas) night() {
	c.fillAll(linear(c.ground.dark(0.45), c.ground.mix(c.acc[2], 0.35), 0, 0, c.w*0.3, c.h))
	for range 3 {
		x, y, r := c.f(0, c.w), c.f(0, c.h), c.f(0.3, 0.6)*c.w
		c.circle(x, y, r).paint(glow(c.any(), x, y, r), 0.22)
	}
	c.stars(130, c.ink, c.h)
	for range 5 {
		c.star(c.f(0, c.w), c.f(0, c.h), c.f(1, 2.4)*c.u, 0.12, 4, 0)
	}
	c.fill(c.ink)
}

// globe is a banded planet lit from the upper left; ring in front and behind.
func (c *canvas) globe(x, y, r float32, ring bool) {
	a := c.shuffled()
	tilt := float32(-0.35)
	band := func(from, to float32) {
		for k := range 5 {
			w := r * (1.4 + 0.17*float32(k))
			ps := arcPts(0, 0, w, w*0.26, from, to, 30)
			for i, p := range ps {
				ps[i] = pt{x + p.x*cos(tilt) - p.y*sin(tilt), y + p.x*sin(tilt) + p.y*cos(tilt)}
			}
			c.line(ps, r*0.1, r*0.1).paint(flat(a[(k*2)%5].light(0.15)), 0.85)
		}
	}
	c.circle(x, y, r*1.9).paint(glow(a[0], x, y, r*1.9), 0.35)
	if ring {
		band(pi, 2*pi)
	}
	c.circle(x, y, r).fill(a[0])
	b := c.clipTo(func() { c.circle(x, y, r) })
	for k := range 9 {
		yy := y - r + 2*r*float32(k)/9
		c.bandOver(b, yy+c.f(-0.06, 0.06)*r, yy+r*c.f(0.1, 0.26), flat(a[(k*3)%5].mix(a[0], 0.35)), 0.8, r*0.03)
	}
	for range 2 {
		c.ellipse(x+c.f(-0.4, 0.4)*r, y+c.f(-0.4, 0.4)*r, r*0.14, r*0.07).fill(a[3].light(0.2))
	}
	c.circle(x, y, r).paint(radial(c.ground.light(0.1), c.ground.dark(0.6), x-r*0.5, y-r*0.5, r*1.7), 0.45)
	c.line(arcPts(x, y, r*0.96, r*0.96, pi*0.9, pi*1.6, 20), 0.3*c.u, 0.9*c.u).paint(flat(white), 0.3)
	if ring {
		band(0, pi)
	}
}

func paintPlanet(c *canvas) {
	c.night()
	x, y, r := c.w*c.f(0.42, 0.58), c.h*c.f(0.36, 0.5), c.w*c.f(0.2, 0.28)
	if c.yes(0.5) { // orbits
		for k := range 4 {
			q := r * (1.7 + 0.55*float32(k))
			c.strokeEllipse(x, y, q, q*0.9, 0.25*c.u).paint(flat(c.ink), 0.45)
			t := c.f(0, 2*pi)
			c.circle(x+q*cos(t), y+q*0.9*sin(t), c.f(1, 2.6)*c.u).fill(c.any().light(0.2))
		}
	}
	c.globe(x, y, r, c.yes(0.65))
	if c.yes(0.7) {
		c.moon(c.w*c.f(0.1, 0.9), c.h*c.f(0.08, 0.2), c.f(3, 6)*c.u, c.pale())
	}
	if c.yes(0.5) { // a strange shore
		q := c.deep().dark(0.5)
		c.ridge(c.h*0.84, c.h*0.06, 1.2, true).fill(q.mix(c.acc[0], 0.45))
		c.ridge(c.h*0.9, c.h*0.04, 1.5, true).fill(q)
	}
	if c.h > c.w*1.2 && c.yes(0.5) {
		c.framed = true
		t := pick(c.r, []string{"SATURN", "TITAN", "EUROPA", "KEPLER-22", "VOYAGER", "RED SHIFT", "IO"})
		s := fit(bold, t, c.w*0.8, 0.35, 7*c.u)
		c.text(bold, t, c.w/2, c.h*0.945, s, 0.35, 0.5).fill(c.ink)
	}
}

func paintMoon(c *canvas) {
	c.night()
	q := c.pale().light(0.35)
	phase := func(x, y, r, t float32) { // t from new (0) through full (0.5)
		c.circle(x, y, r).fill(c.ground.mix(c.acc[2], 0.3))
		s := float32(1)
		if t > 0.5 {
			s, t = -1, 1-t
		}
		k := 1 - 4*t // 1 new, 0 half, -1 full
		for i := range 33 {
			a := -pi/2 + pi*float32(i)/32
			px, py := x+s*r*cos(a), y+r*sin(a)
			if i == 0 {
				c.p.moveTo(px, py)
			} else {
				c.p.lineTo(px, py)
			}
		}
		for i := 32; i >= 0; i-- {
			a := -pi/2 + pi*float32(i)/32
			c.p.lineTo(x+s*k*r*cos(a), y+r*sin(a))
		}
		c.paint(radial(q.light(0.2), q.dark(0.1), x, y, r), 1)
	}
	switch c.n(3) {
	case 0: // down the middle
		n := 7
		for k := range n {
			t := float32(k+1) / float32(n+1)
			r := c.w * (0.045 + 0.05*sin(pi*t))
			phase(c.w/2, c.h*(0.1+0.8*float32(k)/float32(n-1)), r, t)
		}
	case 1: // around a full moon
		x, y := c.w/2, c.h*0.46
		c.moon(x, y, c.w*0.17, q)
		for k := range 12 {
			a := 2*pi*float32(k)/12 - pi/2
			phase(x+c.w*0.34*cos(a), y+c.w*0.34*sin(a), c.w*0.05, float32(k)/12+0.02)
		}
		c.strokeEllipse(x, y, c.w*0.25, c.w*0.25, 0.3*c.u).strokeEllipse(x, y, c.w*0.43, c.w*0.43, 0.3*c.u).fill(c.warm())
	default: // over hills
		c.moon(c.w*0.5, c.h*0.36, c.w*0.24, q)
		for k := range 3 {
			t := float32(k) / 2
			c.ridge(c.h*(0.7+0.1*t), c.h*0.06, 1+t, false).fill(c.acc[0].mix(c.ground.dark(0.6), 0.45+0.5*t))
		}
		for range 16 {
			c.pine(c.f(0, c.w), c.h*1.01, c.h*c.f(0.06, 0.16))
		}
		c.fill(c.ground.dark(0.75))
	}
}

func paintStars(c *canvas) {
	c.fillAll(linear(c.ground.dark(0.5), c.acc[0].mix(c.ground, 0.35), 0, 0, 0, c.h))
	// The milky way: a slanting band of glows and very many points.
	x0, x1 := c.w*c.f(0.1, 0.4), c.w*c.f(0.6, 0.95)
	for range 34 {
		t := c.f(0, 1)
		x, y, r := x0+(x1-x0)*t+c.f(-0.06, 0.06)*c.w, c.h*0.85*(1-t), c.f(0.08, 0.22)*c.w
		c.circle(x, y, r).paint(glow(pick(c.r, []rgb{c.acc[0].light(0.4), c.ink, c.acc[3].light(0.2)}), x, y, r), 0.12)
	}
	for range 320 {
		t := c.f(0, 1)
		d := (c.r.Float32() + c.r.Float32() - 1) * 0.22 * c.w
		c.circle(x0+(x1-x0)*t+d, c.h*0.85*(1-t)+d*0.4, c.f(0.1, 0.3)*c.u)
	}
	c.paint(flat(c.ink), 0.8)
	c.stars(120, c.ink, c.h*0.85)
	if c.yes(0.5) {
		x, y := c.f(0.2, 0.7)*c.w, c.f(0.1, 0.3)*c.h
		c.line([]pt{{x, y}, {x + 22*c.u, y + 9*c.u}}, 0.1*c.u, 0.7*c.u).paint(flat(white), 0.9)
	}
	land := c.ground.dark(0.75)
	c.ridge(c.h*0.84, c.h*0.04, 1.2, true).fill(land.mix(c.acc[0], 0.2))
	c.ridge(c.h*0.92, c.h*0.015, 0.8, false).fill(land)
	for range 22 {
		c.pine(c.f(0, c.w), c.h*c.f(0.94, 1.02), c.h*c.f(0.06, 0.2))
	}
	c.fill(land)
	if c.yes(0.65) { // a lit tent
		x, y, s := c.w*c.f(0.3, 0.7), c.h*0.965, 9*c.u
		c.circle(x, y-s*0.4, s*2.4).paint(glow(hex(0xffc56b), x, y-s*0.4, s*2.4), 0.6)
		c.poly(pt{x - s, y}, pt{x, y - s}, pt{x + s, y}).paint(linear(hex(0xffdf9a), hex(0xe88b3a), 0, y-s, 0, y), 1)
		c.poly(pt{x - s*0.18, y}, pt{x, y - s*0.75}, pt{x + s*0.18, y}).fill(hex(0x7a3f1c))
	}
}

func paintConstellation(c *canvas) {
	c.fillAll(radial(c.ground.light(0.08), c.ground.dark(0.4), c.w/2, c.h*0.45, c.h*0.7))
	c.stars(140, c.ink, c.h)
	gold := c.warm().light(0.25)
	x, y, r := c.w/2, c.h*0.46, c.w*0.41
	if c.h < c.w*1.1 {
		y = c.h / 2
	}
	for k := range 3 {
		q := r * (1 - 0.06*float32(k*k))
		c.strokeEllipse(x, y, q, q, 0.3*c.u)
	}
	for k := range 72 {
		a := 2 * pi * float32(k) / 72
		l := r * 0.03
		if k%6 == 0 {
			l = r * 0.06
		}
		c.seg(x+(r-l)*cos(a), y+(r-l)*sin(a), x+r*cos(a), y+r*sin(a), 0.3*c.u)
	}
	c.paint(flat(gold), 0.85)
	n := 7 + c.n(4)
	ps := make([]pt, n)
	a0 := c.f(0, 6)
	for k := range ps {
		t := float32(k)/float32(n-1)*2 - 1
		ps[k] = pt{x + r*0.68*(t*cos(a0)-c.f(-0.5, 0.5)*sin(a0)), y + r*0.68*(t*sin(a0)+c.f(-0.5, 0.5)*cos(a0))}
	}
	for k := 1; k < n; k++ {
		j := k - 1
		if k > 2 && c.yes(0.25) {
			j = k - 3
		}
		c.seg(ps[j].x, ps[j].y, ps[k].x, ps[k].y, 0.35*c.u)
	}
	c.paint(flat(gold), 0.9)
	for _, p := range ps {
		s := c.f(1.6, 3.4) * c.u
		c.circle(p.x, p.y, s*2).paint(glow(gold, p.x, p.y, s*2), 0.6)
		c.star(p.x, p.y, s, 0.3, 4+4*c.n(2), 0).fill(c.ink)
	}
	name := pick(c.r, []string{"LYRA", "CYGNUS", "ORION", "ARIES", "TAURUS", "GEMINI", "CANCER", "LEO", "VIRGO", "LIBRA", "SCORPIO", "DRACO", "PISCES", "AQUARIUS"})
	if c.h > c.w*1.1 {
		c.text(medium500, name, x, c.h*0.905, 6.5*c.u, 0.4, 0.5)
		c.text(italic, "as seen in spring, from the garden", x, c.h*0.945, 2.9*c.u, 0.04, 0.5).fill(gold)
	} else {
		c.around(medium500, name, x, y, r*0.86, 4*c.u, 0.4, -pi/2).fill(gold)
	}
	c.frame(3*c.u, 3*c.u, c.w-6*c.u, c.h-6*c.u, 0.35*c.u).paint(flat(gold), 0.8)
	c.framed = true
}
