package synth

import "math"

func paintBauhaus(c *canvas) {
	a := c.shuffled()
	if c.yes(0.55) { // a grid of quarter circles, bars and dots
		n := 3 + c.n(2)
		s := c.w / float32(n)
		rows := int(c.h/s + 0.999)
		s2 := c.h / float32(rows)
		for j := range rows {
			for i := range n {
				x, y := float32(i)*s, float32(j)*s2
				c.rect(x, y, s+1, s2+1).fill(pick(c.r, []rgb{c.ground, c.ground, a[3].light(0.5), a[0], a[1]}))
				q := pick(c.r, append(a[:], c.ink))
				r := min(s, s2)
				k := c.n(4)
				cx, cy := x+s*float32(k&1), y+s2*float32(k>>1)
				t := []float32{0, pi / 2, -pi / 2, pi}[k]
				switch c.n(6) {
				case 0:
					c.wedge(cx, cy, r, t, t+pi/2).fill(q)
					c.wedge(cx, cy, r*0.5, t, t+pi/2).fill(pick(c.r, a[:]))
				case 1:
					c.wedge(cx, cy, r, t, t+pi/2).fill(q)
				case 2:
					c.circle(x+s/2, y+s2/2, r*0.4).fill(q)
					c.circle(x+s/2, y+s2/2, r*0.18).fill(c.ground)
				case 3:
					for b := range 4 {
						c.rect(x, y+s2*(float32(b)*2+0.5)/8, s, s2/8)
					}
					c.fill(q)
				case 4:
					c.wedge(x+s/2, y+s2/2, r/2, t, t+pi).fill(q)
				default:
					c.poly(pt{x, y + s2}, pt{x + s, y + s2}, pt{cx, y}).fill(q)
				}
			}
		}
		return
	}
	// A free composition on diagonals.
	c.framed = true
	r := c.w * c.f(0.26, 0.36)
	x, y := c.w*c.f(0.4, 0.6), c.h*c.f(0.36, 0.46)
	c.rect(c.w*0.62, 0, c.w*0.13, c.h*0.55).fill(a[2])
	c.circle(x, y, r).fill(a[0])
	c.wedge(x, y, r, -pi/4, pi*0.75).fill(a[1])
	c.circle(x+r*0.3, y+r*0.3, r*0.35).fill(c.ground)
	c.poly(pt{0, c.h * 0.86}, pt{c.w * 0.72, c.h * 0.6}, pt{c.w * 0.75, c.h * 0.64}, pt{0, c.h * 0.93}).fill(c.ink)
	for k := range 5 {
		c.rect(c.w*0.1, c.h*(0.08+0.022*float32(k)), c.w*0.24, c.h*0.009)
	}
	c.fill(c.ink)
	for k := range 4 {
		c.strokeEllipse(c.w*0.82, c.h*0.84, c.w*(0.05+0.04*float32(k)), c.w*(0.05+0.04*float32(k)), c.u*0.9)
	}
	c.fill(a[3])
	c.poly(pt{c.w * 0.12, c.h * 0.74}, pt{c.w * 0.34, c.h * 0.74}, pt{c.w * 0.23, c.h * 0.58}).fill(a[4])
	c.text(bold, pick(c.r, []string{"form", "staatlich", "1923", "raum", "fläche", "ausstellung"}), c.w*0.08, c.h*0.97, 6*c.u, 0.02, 0).fill(c.ink)
}

func paintMidCentury(c *canvas) {
	a := c.shuffled()
	if c.yes(0.35) { // a mobile
		x, y := c.w*0.5, c.h*0.1
		c.seg(x, 0, x, y, 0.4*c.u).fill(c.ink)
		for k := range 5 {
			t := float32(k)
			l := c.w * (0.36 - 0.05*t)
			yy := y + c.h*0.14*t
			c.line(curvePts(x-l, yy+3*c.u, x, yy-5*c.u, x+l*0.8, yy+5*c.u, 14), 0.6*c.u, 0.6*c.u)
			c.seg(x-l, yy+3*c.u, x-l, yy+8*c.u, 0.4*c.u).fill(c.ink)
			c.blob(x-l, yy+12*c.u, 7*c.u, c.f(4, 8)*c.u, 0.35, 6).fill(a[k])
			if k < 4 {
				c.seg(x+l*0.8, yy+5*c.u, x+l*0.8, yy+9*c.u, 0.4*c.u).fill(c.ink)
				c.leaf(x+l*0.8, yy+9*c.u, pi/2+c.f(-0.3, 0.3), 13*c.u, 5*c.u, 0.1).fill(a[(k+2)%5])
			}
			x += c.f(-0.06, 0.06) * c.w
		}
		return
	}
	for k := range 4 + c.n(2) {
		x, y := c.w*c.f(0.25, 0.75), c.h*(0.2+0.17*float32(k))
		c.blob(x, y, c.w*c.f(0.18, 0.34), c.h*c.f(0.09, 0.16), 0.55, 5+c.n(3)).paint(flat(a[k%5]), 0.94)
	}
	switch c.n(3) {
	case 0:
		for k := range 5 {
			c.seg(c.w*0.2+float32(k)*3*c.u, c.h*0.12, c.w*0.3+float32(k)*3*c.u, c.h*0.62, 0.5*c.u)
		}
	case 1:
		c.star(c.w*0.7, c.h*0.22, 13*c.u, 0.12, 8, 0)
		c.star(c.w*0.26, c.h*0.76, 8*c.u, 0.12, 8, 0.2)
	default:
		x, y := c.w*c.f(0.3, 0.6), c.h*0.35
		for k := range 7 {
			t := -pi/2 + (float32(k)-3)*0.2
			c.line(curvePts(x, y+30*c.u, x, y+10*c.u, x+32*c.u*cos(t), y+30*c.u*sin(t), 10), 0.8*c.u, 0.4*c.u)
			c.circle(x+32*c.u*cos(t), y+30*c.u*sin(t), 1.6*c.u)
		}
	}
	c.fill(c.ink)
}

// paintFlow draws streamlines of a smooth field of angles.
func paintFlow(c *canvas) {
	a := c.shuffled()
	var k [4][3]float32
	for i := range k {
		k[i] = [3]float32{c.f(-4, 4) / c.w, c.f(-4, 4) / c.w, c.f(0, 2*pi)}
	}
	angle := func(x, y float32) float32 {
		v := float32(0)
		for _, q := range k {
			v += sin(x*q[0]*2 + y*q[1]*2 + q[2])
		}
		return v * 1.1
	}
	n, wide := 420, c.f(0.5, 1)*c.u
	if c.yes(0.4) {
		n, wide = 150, c.f(1.8, 2.8)*c.u
	}
	taken := make([]int, 64*128) // by which line
	cell := c.w / 64
	if n == 150 {
		cell = c.w / 26
	}
	for id := 1; id <= n; id++ {
		x, y := c.f(0, c.w), c.f(0, c.h)
		var ps []pt
		for range 40 + c.n(50) {
			i, j := int(x/cell), int(y/cell)
			if x < 0 || y < 0 || i >= 64 || j >= 128 || y > c.h || x > c.w {
				break
			}
			m := j*64 + i
			if taken[m] != 0 && taken[m] != id && n == 150 {
				break
			}
			taken[m] = id
			ps = append(ps, pt{x, y})
			t := angle(x, y)
			x, y = x+cos(t)*1.1*c.u, y+sin(t)*1.1*c.u
		}
		if len(ps) < 8 {
			continue
		}
		q := a[int(c.f(0, 2.999)+2*ps[0].y/c.h)%5]
		c.line(ps, wide, wide*0.4).paint(flat(q), 0.92)
	}
}

// paintWatercolour lays many thin deformed washes over each other (the method
// that Tyler Hobbs describes for his paintings).
func paintWatercolour(c *canvas) {
	paperCol := hex(0xfaf7f0)
	c.fillAll(flat(paperCol))
	a := c.shuffled()
	for k := range 4 + c.n(2) {
		x, y := c.w*c.f(0.22, 0.78), c.h*(0.2+0.15*float32(k))
		r := c.w * c.f(0.15, 0.28)
		base := make([]pt, 10)
		for i := range base {
			t := 2 * pi * float32(i) / 10
			base[i] = pt{x + r*c.f(0.8, 1.2)*cos(t), y + r*c.f(0.6, 1)*sin(t)}
		}
		base = c.deform(c.deform(base, 0.35), 0.3)
		for range 13 {
			c.poly(c.deform(c.deform(base, 0.3), 0.25)...).paint(flat(a[k%5]), 0.085)
		}
		c.smooth(base).paint(radial(a[k%5], a[k%5].dark(0.2), x, y, r), 0.14)
	}
	switch c.n(3) {
	case 0:
		for range 60 {
			c.circle(c.f(0, c.w), c.f(0, c.h), float32(math.Pow(c.r.Float64(), 3))*2*c.u+0.2*c.u).paint(flat(c.any()), 0.5)
		}
	case 1:
		c.stem(c.w*0.5, c.h*0.92, -pi/2+c.f(-0.15, 0.15), c.h*0.7, c.ink.mix(c.leafy(), 0.5), 2)
	}
}

// deform moves the middle of each edge sideways by a share of its length.
func (c *canvas) deform(ps []pt, amount float32) []pt {
	out := make([]pt, 0, 2*len(ps))
	for i, p := range ps {
		q := ps[(i+1)%len(ps)]
		t := float32(c.r.NormFloat64()) * amount
		s := c.f(0.3, 0.7)
		out = append(out, p, pt{p.x + (q.x-p.x)*s + (q.y-p.y)*t, p.y + (q.y-p.y)*s - (q.x-p.x)*t})
	}
	return out
}

func paintArches(c *canvas) {
	a := c.shuffled()
	x, y := c.w*c.f(0.4, 0.6), c.h*c.f(0.78, 0.86)
	r := c.w * c.f(0.34, 0.42)
	c.circle(c.w*c.f(0.2, 0.8), c.h*c.f(0.16, 0.24), c.w*c.f(0.1, 0.15)).fill(a[4])
	if c.yes(0.3) {
		for k := range 18 {
			t := pi + pi*float32(k)/17
			c.line([]pt{{x + r*1.08*cos(t), y - r*0.2 + r*1.08*sin(t)}, {x + r*1.25*cos(t), y - r*0.2 + r*1.25*sin(t)}}, c.u, 0.5*c.u)
		}
		c.fill(c.ink.mix(a[0], 0.4))
	}
	n := 4 + c.n(3)
	for k := range n {
		t := 1 - float32(k)/float32(n)
		c.arch(x, y, 2*r*t, r*t+r*0.55).fill(a[k%5])
		if k < n-1 {
			u := t - 0.22/float32(n)*2.2
			c.arch(x, y+1, 2*r*u, r*u+r*0.55).fill(c.ground)
		}
	}
	c.ridge(y, c.u*3, 0.7, false).fill(a[1].mix(c.ground, 0.35))
	c.ridge(y+c.h*0.06, c.u*2, 0.9, false).fill(a[0])
	if c.yes(0.7) {
		c.stem(c.w*0.14, c.h*0.96, -pi/2+0.12, c.h*0.36, c.ink.mix(c.leafy(), 0.4), 0)
	}
}

func paintOp(c *canvas) {
	q, g := c.ink, c.ground
	if c.yes(0.5) {
		q = c.acc[c.n(3)]
	}
	switch c.n(4) {
	case 0: // rings seen through a pane
		x, y := c.w*c.f(0.35, 0.65), c.h*c.f(0.35, 0.65)
		for r := c.h; r > 0; r -= 5 * c.u {
			c.circle(x, y, r).fill(q)
			c.circle(x, y, r-2.5*c.u).fill(g)
		}
		s := c.w * 0.5
		for k := range 20 {
			c.rect(c.w/2-s/2+float32(k)*s/20, c.h/2-s/2, s/40, s)
		}
		c.fill(c.acc[4])
	case 1: // waves of stripes
		n := 26
		ph := c.f(0, 6)
		for k := -4; k < n+4; k++ {
			at := float32(k) * c.h / float32(n)
			ps := make([]pt, 41)
			for i := range ps {
				t := float32(i) / 40
				ps[i] = pt{t * c.w, at + c.h*0.07*sin(t*2*pi*1.2+ph+at/c.h*4)}
			}
			w := c.h / float32(n) * (0.3 + 0.25*sin(at/c.h*9))
			c.line(ps, w, w)
		}
		c.fill(q)
	case 2: // a swelling chequer
		n := 14
		edge := func(k int) float32 {
			t := float32(k)/float32(n)*2 - 1
			return (t*0.65+0.35*t*t*t)*0.5 + 0.5
		}
		for j := range n {
			for i := range n {
				if (i+j)%2 == 0 {
					c.rect(edge(i)*c.w, edge(j)*c.h, (edge(i+1)-edge(i))*c.w, (edge(j+1)-edge(j))*c.h)
				}
			}
		}
		c.fill(q)
		c.circle(c.w/2, c.h/2, c.w*0.16).fill(c.acc[4])
	default: // squares turned inside each other
		x, y := c.w/2, c.h/2
		r, t := c.h*0.75, c.f(0, 1)
		for k := 0; r > 2*c.u; k++ {
			c.star(x, y, r, 0.7071, 4, t)
			if k%2 == 0 {
				c.fill(q)
			} else {
				c.fill(g)
			}
			r, t = r*0.88, t+0.09
		}
	}
}
