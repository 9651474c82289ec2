package synth

// Repeats. Each fills the picture edge to edge; weave gives it a thread.

// weave darkens threads a little, across and along, every p pixels.
func (c *canvas) weave(p int, alpha float32) {
	for y := range c.ih {
		row := c.img.Pix[y*c.img.Stride:]
		for x := range c.iw {
			a := float32(0)
			if y%p == 0 {
				a += alpha
			}
			if x%p == 0 {
				a += alpha
			}
			if a > 0 {
				blend(row[4*x:4*x+4], black, a*255)
			}
		}
	}
}

// flower has n petals around a heart.
func (c *canvas) flower(x, y, r float32, n int, turn float32, petal, heart rgb) {
	for k := range n {
		a := turn + 2*pi*float32(k)/float32(n)
		c.leaf(x, y, a, r, r*0.42, 0)
	}
	c.fill(petal)
	for k := range n {
		a := turn + 2*pi*float32(k)/float32(n)
		c.seg(x, y, x+r*0.6*cos(a), y+r*0.6*sin(a), r*0.05)
	}
	c.paint(flat(petal.dark(0.35)), 0.5)
	c.circle(x, y, r*0.26).fill(heart)
	c.circle(x-r*0.06, y-r*0.06, r*0.12).paint(flat(heart.light(0.4)), 0.8)
}

func paintDitsy(c *canvas) {
	g := c.ground
	if c.yes(0.5) {
		g = pick(c.r, []rgb{c.deep().dark(0.25), c.acc[2], c.acc[0]})
	}
	c.fillAll(flat(g))
	a, green := c.shuffled(), c.leafy().mix(g, 0.15)
	cell := c.w / float32(5+c.n(4))
	for row := -1; float32(row)*cell < c.h+cell; row++ {
		for col := -1; float32(col)*cell < c.w+cell; col++ {
			x := (float32(col)+0.5+0.5*float32(row&1))*cell + c.f(-0.16, 0.16)*cell
			y := (float32(row)+0.5)*cell + c.f(-0.16, 0.16)*cell
			turn, r := c.f(0, 2*pi), cell*c.f(0.26, 0.4)
			for k := range 3 {
				c.leaf(x, y, turn+2.1*float32(k), r*1.55, r*0.3, 0.12)
			}
			c.fill(green)
			q := a[c.n(3)]
			if d := q.luma() - g.luma(); d < 22 && d > -22 {
				q = q.light(0.6)
			}
			c.flower(x, y, r, 5+c.n(2), turn, q, a[4])
		}
	}
	for range 90 {
		c.circle(c.f(0, c.w), c.f(0, c.h), c.f(0.4, 0.8)*c.u)
	}
	c.paint(flat(a[4].mix(g, 0.25)), 0.9)
	c.weave(3, 0.035)
}

func paintKilim(c *canvas) {
	a := c.shuffled()
	c.fillAll(flat(a[0].mix(c.ground, 0.15)))
	y := float32(0)
	for row := 0; y < c.h; row++ {
		band := c.h / float32(pick(c.r, []int{7, 9, 14, 22}))
		bg, q, r := a[row%5], a[(row+2)%5], a[(row+3)%5]
		if row%3 == 0 {
			bg = c.ground
		}
		c.rect(0, y, c.w, band+1).fill(bg)
		n := max(3, int(c.w/band+0.5))
		s := c.w / float32(n)
		kind := c.n(4)
		for k := range n {
			x := (float32(k) + 0.5) * s
			switch kind {
			case 0, 1: // stepped diamonds, the mark of a slit weave
				for i := range 5 {
					t := float32(i) / 5
					hh := band * 0.46 * (1 - t)
					ww := s * 0.46 * (t + 0.2)
					c.rect(x-ww, y+band/2-hh, 2*ww, 2*hh)
				}
				c.fill(q)
				c.poly(pt{x, y + band*0.28}, pt{x + s*0.2, y + band/2}, pt{x, y + band*0.72}, pt{x - s*0.2, y + band/2}).fill(r)
			case 2:
				c.poly(pt{x - s/2, y + band}, pt{x, y}, pt{x + s/2, y + band}).fill(q)
				c.poly(pt{x - s/4, y + band}, pt{x, y + band/2}, pt{x + s/4, y + band}).fill(r)
			default:
				c.poly(pt{x - s/2, y}, pt{x, y + band/2}, pt{x - s/2, y + band}).fill(q)
				c.poly(pt{x, y}, pt{x + s/2, y + band/2}, pt{x, y + band}).fill(r)
			}
		}
		c.rect(0, y+band-c.u*0.6, c.w, c.u*1.2).fill(c.deep().dark(0.3))
		y += band
	}
	c.ikat()
	c.weave(2, 0.08)
}

// ikat shifts each thread a little sideways, as dyed warps shift on a loom.
func (c *canvas) ikat() {
	line := make([]uint8, 4*c.iw)
	d := 0
	for y := range c.ih {
		d = max(-4, min(4, d+c.n(3)-1))
		row := c.img.Pix[y*c.img.Stride:][:4*c.iw]
		copy(line, row)
		for x := range c.iw {
			s := max(0, min(c.iw-1, x+d))
			copy(row[4*x:4*x+4], line[4*s:4*s+4])
		}
	}
}

func paintPlaid(c *canvas) {
	a := c.shuffled()
	if c.yes(0.45) { // gingham: two crossings of one colour
		q := c.acc[c.n(4)]
		c.fillAll(flat(hex(0xfbf8f1)))
		n := 7 + c.n(6)
		s := c.w / float32(2*n)
		for k := 0; float32(k)*2*s < max(c.w, c.h); k++ {
			c.rect(float32(k)*2*s, 0, s, c.h).paint(flat(q), 0.5)
			c.rect(0, float32(k)*2*s, c.w, s).paint(flat(q), 0.5)
		}
		c.weave(2, 0.05)
		return
	}
	c.fillAll(flat(a[0].mix(c.deep(), 0.25)))
	type band struct{ at, w float32 }
	var set []band
	var cols []rgb
	for range 6 {
		set = append(set, band{c.f(0, 1), pick(c.r, []float32{0.02, 0.03, 0.05, 0.16, 0.24})})
		cols = append(cols, pick(c.r, append(a[1:], c.ink, c.ground)))
	}
	s := c.w / float32(2+c.n(2))
	for _, vertical := range []bool{true, false} {
		for k := 0; float32(k)*s < c.h+s; k++ {
			for i, b := range set {
				at := (float32(k) + b.at) * s
				if vertical {
					c.rect(at, 0, b.w*s, c.h)
				} else {
					c.rect(0, at, c.w, b.w*s)
				}
				c.paint(flat(cols[i]), 0.5)
			}
		}
	}
	for y := range c.ih { // twill: a fine diagonal
		row := c.img.Pix[y*c.img.Stride:]
		for x := range c.iw {
			if (x+y)%4 < 2 {
				blend(row[4*x:4*x+4], black, 14)
			}
		}
	}
}

func paintTerrazzo(c *canvas) {
	a := c.shuffled()
	if c.yes(0.35) {
		c.fillAll(flat(a[0].mix(c.ground, 0.55)))
	}
	cell := c.w / c.f(7, 13)
	for y := -cell; y < c.h+cell; y += cell * 0.8 {
		for x := -cell; x < c.w+cell; x += cell * 0.8 {
			s := cell * c.f(0.16, 0.62)
			n := 4 + c.n(3)
			turn := c.f(0, 2*pi)
			ox, oy := x+c.f(-0.3, 0.3)*cell, y+c.f(-0.3, 0.3)*cell
			ps := make([]pt, n)
			for k := range ps {
				t := turn + 2*pi*float32(k)/float32(n)
				r := s * c.f(0.6, 1.15)
				ps[k] = pt{ox + r*cos(t), oy + r*sin(t)*0.8}
			}
			q := a[c.n(5)]
			c.poly(ps...).fill(q)
			if s > cell*0.35 && c.yes(0.5) {
				c.line([]pt{ps[0], {ox, oy}, ps[2]}, 0.4*c.u, 0.2*c.u).paint(flat(q.light(0.5)), 0.6)
			}
		}
	}
	for range 240 {
		c.circle(c.f(0, c.w), c.f(0, c.h), c.f(0.15, 0.5)*c.u)
	}
	c.paint(flat(c.ink), 0.5)
}

func paintFans(c *canvas) {
	bg, line := c.deep().dark(0.35), c.warm().light(0.15)
	if !c.isDark && c.yes(0.45) {
		bg, line = c.pale().light(0.4), c.deep()
	}
	c.fillAll(flat(bg))
	n := 3 + c.n(4)
	r := c.w / float32(n) / 2
	kind := c.n(3)
	fills := [2]rgb{bg, bg.mix(c.acc[0], 0.35)}
	for row := 0; float32(row)*r*0.5 < c.h+2*r; row++ {
		y := float32(row) * r * 0.5
		for k := -1; k <= n; k++ {
			x := (2*float32(k)+1+float32(row&1))*r + 0
			c.circle(x, y, r).fill(line)
			c.circle(x, y, r*0.955).fill(fills[(row/2+k+2)&1])
			switch kind {
			case 0:
				for i := range 4 {
					c.strokeEllipse(x, y, r*(0.8-0.2*float32(i)), r*(0.8-0.2*float32(i)), r*0.035)
				}
				c.fill(line)
			case 1:
				for i := range 13 {
					a := pi + pi*float32(i)/12
					c.line([]pt{{x + r*0.2*cos(a), y + r*0.2*sin(a)}, {x + r*0.95*cos(a), y + r*0.95*sin(a)}}, r*0.015, r*0.04)
				}
				c.fill(line)
				c.circle(x, y, r*0.24).fill(c.acc[4])
			default:
				for i := range 7 {
					a := pi + pi*(float32(i)+0.5)/7
					c.leaf(x, y, a, r*0.9, r*0.17, 0)
				}
				c.fill(line)
				for i := range 7 {
					a := pi + pi*(float32(i)+0.5)/7
					c.leaf(x+r*0.12*cos(a), y+r*0.12*sin(a), a, r*0.7, r*0.1, 0)
				}
				c.fill(fills[(row+k+2)&1])
			}
		}
	}
}

func paintTiles(c *canvas) {
	a := c.shuffled()
	bg := hex(0xf7f3ea)
	if c.isDark {
		bg = c.ground
	}
	n := 3 + c.n(3)
	s := c.w / float32(n)
	c.fillAll(flat(bg))
	kind, pts := c.n(4), pick(c.r, []int{4, 8, 8, 6})
	for j := 0; float32(j)*s < c.h; j++ {
		for i := range n {
			x, y := (float32(i)+0.5)*s, (float32(j)+0.5)*s
			switch kind {
			case 0:
				c.star(x, y, s*0.48, 0.55, pts, 0).fill(a[0])
				c.star(x, y, s*0.32, 0.5, pts, 0).fill(bg)
				c.star(x, y, s*0.22, 0.5, pts, pi/float32(pts)).fill(a[1])
			case 1:
				for k := range 4 {
					c.leaf(x, y, pi/4+pi/2*float32(k), s*0.66, s*0.15, 0)
				}
				c.fill(a[0])
				for k := range 4 {
					c.leaf(x, y, pi/2*float32(k), s*0.44, s*0.11, 0)
				}
				c.fill(a[1])
				c.circle(x, y, s*0.09).fill(a[2])
			case 2:
				c.circle(x, y, s*0.5).fill(a[0])
				c.circle(x, y, s*0.4).fill(bg)
				for k := range 4 {
					t := pi / 2 * float32(k)
					c.wedge(x+s*0.5*(cos(t)-sin(t)), y+s*0.5*(sin(t)+cos(t)), s*0.24, t+pi, t+1.5*pi+pi)
				}
				c.fill(a[1])
				c.flower(x, y, s*0.3, 8, 0, a[3], a[2])
			default:
				c.poly(pt{x, y - s*0.5}, pt{x + s*0.5, y}, pt{x, y + s*0.5}, pt{x - s*0.5, y}).fill(a[0])
				c.star(x, y, s*0.36, 0.62, 8, 0).fill(bg)
				c.star(x, y, s*0.25, 0.5, 4, pi/4).fill(a[1])
			}
			for k := range 4 { // the corners meet into one more motif
				t := pi/4 + pi/2*float32(k)
				c.circle(x+s*0.707*cos(t), y+s*0.707*sin(t), s*0.12)
			}
			c.fill(a[2])
		}
	}
	for k := 0; float32(k)*s < max(c.w, c.h); k++ { // grout
		c.rect(float32(k)*s-c.u*0.35, 0, c.u*0.7, c.h)
		c.rect(0, float32(k)*s-c.u*0.35, c.w, c.u*0.7)
	}
	c.paint(flat(bg.dark(0.25)), 0.8)
}

func paintHerringbone(c *canvas) {
	a := c.shuffled()
	n := 4 + c.n(5)
	s := c.w / float32(n)
	t := s * pick(c.r, []float32{0.25, 0.34, 0.5})
	c.fillAll(flat(a[0].dark(0.25)))
	wood := c.yes(0.35)
	for col := range n {
		x, up := float32(col)*s, float32(1)
		if col%2 == 1 {
			up = -1
		}
		for k := -2; float32(k)*t < c.h+2*s; k++ {
			y := float32(k) * t
			q := a[(k+10)%2*2].mix(c.ground, 0.15)
			if wood {
				q = hex(0xb98a5a).mix(a[0], 0.3).mix(hex(0x6b4527), c.f(0, 0.5))
			} else if k%7 == 0 {
				q = a[3]
			}
			dy := up * s * 0.5
			c.poly(pt{x, y + dy}, pt{x + s, y - dy}, pt{x + s, y - dy + t*0.93}, pt{x, y + dy + t*0.93})
			c.paint(linear(q.light(0.08), q.dark(0.1), x, 0, x+s, 0), 1)
		}
	}
	if !wood {
		c.weave(2, 0.06)
	}
}
