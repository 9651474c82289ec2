package synth

// picture hangs a small framed print on a wall.
func (c *canvas) picture(x, y, w, h float32) {
	c.rect(x, y, w, h)
	c.shadow(c.u*0.6, c.u, 2*c.u, 0.25, black)
	c.fill(pick(c.r, []rgb{hex(0x8a6442), hex(0x2b2a2a), hex(0xe9dcc4)}))
	m := w * 0.06
	c.rect(x+m, y+m, w-2*m, h-2*m).fill(hex(0xfaf6ec))
	a := c.shuffled()
	switch c.n(4) {
	case 0:
		c.circle(x+w/2, y+h*0.4, w*0.2).fill(a[0])
		c.wedge(x+w/2, y+h*0.8, w*0.3, pi, 2*pi).fill(a[1])
	case 1:
		for k := range 3 {
			c.arch(x+w/2, y+h*0.82, w*(0.64-0.2*float32(k)), h*(0.6-0.17*float32(k))).fill(a[k])
		}
	case 2:
		c.blob(x+w*0.45, y+h*0.4, w*0.24, h*0.18, 0.4, 6).fill(a[0])
		c.blob(x+w*0.55, y+h*0.62, w*0.22, h*0.14, 0.4, 6).fill(a[2])
	default:
		c.stem(x+w/2, y+h*0.85, -pi/2, h*0.62, c.leafy().dark(0.2), 1)
	}
}

func (c *canvas) room() (floor float32, wall rgb) {
	wall = c.ground.mix(c.acc[c.n(5)], c.f(0.1, 0.55))
	floor = c.h * c.f(0.74, 0.8)
	c.fillAll(linear(wall.light(0.12), wall.dark(0.08), 0, 0, c.w, floor))
	if c.yes(0.3) { // panels
		for k := range 5 {
			c.frame(c.w*(0.03+0.2*float32(k)), floor-c.h*0.34, c.w*0.16, c.h*0.28, 0.5*c.u)
		}
		c.paint(flat(wall.dark(0.25)), 0.6)
	}
	wood := hex(0xc79a6b).mix(c.ground, 0.25)
	c.rect(0, floor, c.w, c.h).paint(linear(wood.dark(0.12), wood, 0, floor, 0, c.h), 1)
	for k := range 5 {
		y := floor + (c.h-floor)*float32(k*k)/20
		c.rect(0, y, c.w, 0.3*c.u)
	}
	c.paint(flat(wood.dark(0.4)), 0.5)
	c.rect(0, floor-1.8*c.u, c.w, 1.8*c.u).fill(wall.light(0.5))
	return floor, wall
}

func (c *canvas) rug(x, y, a, b float32, q rgb) {
	c.ellipse(x, y, a, b).fill(q)
	c.strokeEllipse(x, y, a*0.88, b*0.86, 0.6*c.u).fill(q.light(0.5))
	c.strokeEllipse(x, y, a*0.6, b*0.56, 1.4*c.u).fill(q.dark(0.25))
}

func paintLiving(c *canvas) {
	floor, wall := c.room()
	a := c.shuffled()
	n := 2 + c.n(2)
	for k := range n {
		w := c.w * 0.17
		c.picture(c.w*0.5+(float32(k)-float32(n)/2)*w*1.25, floor-c.h*c.f(0.6, 0.63), w, w*1.3)
	}
	c.rug(c.w*0.5, floor+c.h*0.11, c.w*0.42, c.h*0.075, a[1])
	x, w, y := c.w*0.16, c.w*0.6, floor+c.h*0.06
	h := w * 0.34
	q := a[0].mix(wall, 0.1)
	c.ellipse(x+w/2, y, w*0.55, c.h*0.02).paint(flat(black), 0.2)
	for _, lx := range []float32{0.06, 0.9} {
		c.rect(x+w*lx, y-h*0.2, w*0.03, h*0.22)
	}
	c.fill(hex(0x5a3d28))
	c.round(x, y-h*1.25, w, h, h*0.22).paint(linear(q.light(0.12), q.dark(0.1), 0, y-h*1.25, 0, y), 1)
	for k := range 2 {
		c.round(x+w*(0.08+0.42*float32(k)), y-h*0.72, w*0.42, h*0.36, h*0.1).fill(q.light(0.14))
	}
	c.round(x-w*0.05, y-h*0.85, w*0.14, h*0.75, h*0.18).round(x+w*0.91, y-h*0.85, w*0.14, h*0.75, h*0.18).round(x, y-h*0.42, w, h*0.3, h*0.08).fill(q.dark(0.1))
	for k := range 3 {
		cx := x + w*(0.2+0.27*float32(k)) + c.f(-2, 2)*c.u
		c.round(cx-w*0.08, y-h*1.02, w*0.16, w*0.15, w*0.03).fill(a[2+k%3])
		c.rect(cx-w*0.08, y-h*0.86, w*0.16, w*0.012).rect(cx-w*0.08, y-h*0.8, w*0.16, w*0.012).paint(flat(white), 0.6)
	}
	c.lampStand(x+w*1.22, floor+c.h*0.05, c.h*0.48)
	tx, ty := c.w*0.56, floor+c.h*0.14
	c.ellipse(tx, ty, c.w*0.15, c.h*0.018).fill(hex(0x9a6b45))
	for _, d := range []float32{-0.1, 0.1} {
		c.seg(tx+c.w*d, ty, tx+c.w*d*1.2, ty+c.h*0.075, 0.9*c.u)
	}
	c.fill(hex(0x6e4a30))
	c.round(tx-2.5*c.u, ty-7*c.u, 5*c.u, 7*c.u, 2*c.u).fill(a[4])
	c.stem(tx, ty-7*c.u, -pi/2+0.1, c.h*0.12, c.leafy(), 1)
}

// lampStand is a floor lamp with a warm pool of light.
func (c *canvas) lampStand(x, y, h float32) {
	w := h * 0.3
	c.circle(x, y-h*0.8, h*0.75).paint(glow(hex(0xffe3a6), x, y-h*0.8, h*0.75), 0.5)
	c.ellipse(x, y, w*0.4, w*0.07).rect(x-0.4*c.u, y-h*0.8, 0.8*c.u, h*0.8).fill(hex(0x2e2926))
	c.poly(pt{x - w*0.32, y - h}, pt{x + w*0.32, y - h}, pt{x + w*0.55, y - h*0.74}, pt{x - w*0.55, y - h*0.74}).paint(linear(hex(0xfff1cf), c.warm().light(0.3), 0, y-h*0.74, 0, y-h*1.1), 1)
}

func paintNook(c *canvas) {
	floor, _ := c.room()
	a := c.shuffled()
	wx, wy, ww, wh := c.w*0.08, c.h*0.1, c.w*0.38, c.h*0.46
	c.rect(wx-c.u*1.5, wy-c.u*1.5, ww+3*c.u, wh+3*c.u).fill(hex(0xf8f3e8))
	c.rect(wx, wy, ww, wh).paint(linear(c.cool().light(0.4), c.warm().light(0.5), 0, wy, 0, wy+wh), 1)
	c.circle(wx+ww*0.65, wy+wh*0.35, ww*0.13).fill(c.warm().light(0.4))
	c.poly(pt{wx, wy + wh}, pt{wx, wy + wh*0.7}, pt{wx + ww*0.4, wy + wh*0.6}, pt{wx + ww, wy + wh*0.78}, pt{wx + ww, wy + wh}).fill(c.leafy().light(0.1))
	c.rect(wx+ww/2-c.u*0.5, wy, c.u, wh).rect(wx, wy+wh/2, ww, c.u).fill(hex(0xf8f3e8))
	c.rug(c.w*0.55, floor+c.h*0.1, c.w*0.36, c.h*0.07, a[2])
	c.lampStand(c.w*0.86, floor+c.h*0.04, c.h*0.56)
	x, y, s := c.w*0.56, floor+c.h*0.09, c.w*0.22
	q := a[0]
	c.ellipse(x, y, s*1.2, s*0.12).paint(flat(black), 0.2)
	for _, d := range []float32{-0.75, 0.75} {
		c.seg(x+s*d*0.9, y-s*0.35, x+s*d*1.1, y, 1.1*c.u)
	}
	c.fill(hex(0x6b452c))
	c.p.moveTo(x-s*0.85, y-s*0.3)
	c.p.cubeTo(x-s*1.25, y-s*2.4, x+s*1.25, y-s*2.4, x+s*0.85, y-s*0.3)
	c.paint(linear(q.light(0.14), q.dark(0.15), 0, y-s*2, 0, y), 1)
	c.ellipse(x, y-s*0.62, s*0.72, s*0.3).fill(q.light(0.2))
	c.round(x-s*1.15, y-s*1.05, s*0.42, s*0.85, s*0.2).round(x+s*0.73, y-s*1.05, s*0.42, s*0.85, s*0.2).fill(q.dark(0.12))
	c.round(x-s*0.4, y-s*1.3, s*0.75, s*0.6, s*0.12).fill(a[1])
	for k := range 4 { // books on the floor
		c.rect(c.w*0.14-c.f(0, 2)*c.u, y-c.u*2.4*float32(k+1), c.w*0.17, c.u*2.2).fill(a[k])
	}
	c.pot(c.w*0.22, y-c.u*9.6, c.w*0.07, c.w*0.07, a[4])
	c.stem(c.w*0.22, y-c.u*9.6-c.w*0.07, -pi/2-0.2, c.h*0.1, c.leafy(), 0)
	c.stem(c.w*0.22, y-c.u*9.6-c.w*0.07, -pi/2+0.3, c.h*0.08, c.leafy(), 0)
}

func paintShelf(c *canvas) {
	wall := c.ground.mix(c.acc[c.n(4)], c.f(0.05, 0.4))
	c.fillAll(linear(wall.light(0.1), wall.dark(0.06), 0, 0, 0, c.h))
	if c.yes(0.5) { // tiles behind
		s := c.w / 8
		for j := 0; float32(j)*s*0.5 < c.h; j++ {
			for i := -1; i < 9; i++ {
				c.rect((float32(i)+0.5*float32(j&1))*s+0.3*c.u, float32(j)*s*0.5+0.3*c.u, s-0.6*c.u, s*0.5-0.6*c.u)
			}
		}
		c.paint(flat(wall.light(0.35)), 0.8)
	}
	a := c.shuffled()
	rows := 3
	for r := range rows {
		y := c.h * (0.3 + 0.31*float32(r))
		c.rect(c.w*0.06, y, c.w*0.88, 2.2*c.u)
		c.shadow(0, 2*c.u, 4*c.u, 0.25, black)
		c.paint(linear(hex(0xc8996a), hex(0x9a6c43), 0, y, 0, y+2.2*c.u), 1)
		for x := c.w * 0.11; x < c.w*0.86; {
			w := c.w * c.f(0.08, 0.14)
			c.crock(x, y, w, a[c.n(5)])
			x += w*1.12 + c.f(0, 3)*c.u
		}
	}
	for k := range 5 { // mugs hang from the lowest shelf
		x := c.w * (0.17 + 0.165*float32(k))
		y := c.h*0.92 + 2.2*c.u
		c.seg(x, y, x, y+2*c.u, 0.5*c.u).fill(hex(0x3a3430))
	}
}

// crock is one of the things that stand on kitchen shelves.
func (c *canvas) crock(x, y, w float32, q rgb) {
	h := w * c.f(0.9, 1.7)
	g := linear(q.light(0.2), q.dark(0.25), x, 0, x+w, 0)
	switch c.n(7) {
	case 0: // jar with a lid
		c.round(x, y-h, w, h, w*0.16).paint(flat(hex(0xe6efee)), 0.75)
		c.rect(x+w*0.06, y-h*0.6, w*0.88, h*0.57).fill(q)
		c.rect(x+w*0.05, y-h-w*0.14, w*0.9, w*0.2).fill(hex(0xb58a5e))
	case 1: // stack of bowls
		for k := range 4 {
			yy := y - w*0.2*float32(k)
			c.wedge(x+w/2, yy-w*0.28, w*0.5, 0, pi).fill(q.mix(c.acc[k], 0.4*float32(k%2)))
		}
	case 2: // pitcher
		c.p.moveTo(x+w*0.2, y-h)
		c.p.cubeTo(x+w*0.3, y-h*0.7, x-w*0.1, y-h*0.4, x+w*0.15, y)
		c.p.lineTo(x+w*0.85, y)
		c.p.cubeTo(x+w*1.1, y-h*0.4, x+w*0.7, y-h*0.7, x+w*0.85, y-h)
		c.paint(g, 1)
		c.line(arcPts(x+w*0.9, y-h*0.55, w*0.25, h*0.25, -pi/2, pi/2, 10), w*0.09, w*0.09).fill(q.dark(0.2))
	case 3: // books
		for k := range 4 {
			bh := h * c.f(0.8, 1.1)
			c.rect(x+w*0.25*float32(k), y-bh, w*0.23, bh).fill(c.acc[(k+c.n(2))%5])
		}
	case 4: // plant
		c.pot(x+w/2, y, w*0.8, w*0.7, q)
		for k := range 5 {
			c.leaf(x+w/2, y-w*0.7, -pi/2+(float32(k)-2)*0.5, w*c.f(0.6, 1), w*0.2, 0.1)
		}
		c.fill(c.leafy())
	case 5: // board and spoon
		c.round(x+w*0.1, y-h*1.15, w*0.75, h*1.15, w*0.2).fill(hex(0xb98455))
		c.circle(x+w*0.48, y-h, w*0.07).fill(hex(0x6f4a2b))
	default: // mug
		c.round(x, y-w*0.85, w*0.85, w*0.85, w*0.1).paint(g, 1)
		c.strokeEllipse(x+w*0.9, y-w*0.45, w*0.16, w*0.22, w*0.08).fill(q.dark(0.15))
		c.rect(x, y-w*0.55, w*0.85, w*0.1).paint(flat(q.light(0.6)), 0.8)
	}
}

func paintLamps(c *canvas) {
	wall := c.deep().mix(c.ground, c.f(0.1, 0.6))
	if c.isDark {
		wall = c.ground
	}
	c.fillAll(linear(wall.light(0.06), wall.dark(0.35), 0, 0, 0, c.h))
	table := c.h * 0.86
	wood := hex(0x8a5d3b).mix(wall, 0.2)
	n := 1 + c.n(3)
	for k := range n {
		x := c.w * (0.5 + (float32(k)-float32(n-1)/2)*0.29)
		y := c.h * c.f(0.26, 0.48)
		r := c.w * c.f(0.11, 0.15)
		if n == 1 {
			r *= 1.7
		}
		lamp := hex(0xffdf9c)
		c.circle(x, y+r, r*4).paint(glow(lamp, x, y+r, r*4), 0.55)
		c.seg(x, 0, x, y-r*0.6, 0.5*c.u).fill(c.ink.mix(wall, 0.2).dark(0.3))
		q := c.acc[(k*2)%5].light(0.1)
		switch c.n(4) {
		case 0: // paper globe
			c.circle(x, y, r).paint(radial(hex(0xfff3d4), lamp.mix(q, 0.35), x, y+r*0.2, r*1.3), 1)
			for i := range 7 {
				t := (float32(i) - 3) / 3.6
				c.line(arcPts(x, y+r*t, r*sqrt(1-t*t), r*0.12, 0, pi, 12), 0.3*c.u, 0.3*c.u)
			}
			c.paint(flat(hex(0xa07a4a)), 0.45)
		case 1: // dome
			c.ellipse(x, y+r*0.5, r, r*0.2).fill(hex(0xfff2c8))
			c.wedge(x, y+r*0.5, r, pi, 2*pi).paint(linear(q.light(0.25), q.dark(0.3), x-r, 0, x+r, 0), 1)
			c.rect(x-r*0.12, y-r*0.75, r*0.24, r*0.3).fill(hex(0xc9a35a))
		case 2: // cone
			c.poly(pt{x - r*0.2, y - r*0.7}, pt{x + r*0.2, y - r*0.7}, pt{x + r, y + r*0.5}, pt{x - r, y + r*0.5}).paint(linear(q.light(0.25), q.dark(0.3), x-r, 0, x+r, 0), 1)
			c.ellipse(x, y+r*0.5, r, r*0.16).fill(hex(0xfff2c8))
		default: // stacked rings
			for i := range 4 {
				w := r * (0.45 + 0.2*float32(i))
				c.round(x-w, y-r*0.6+r*0.32*float32(i), 2*w, r*0.26, r*0.13).paint(linear(hex(0xfff0c6), q, x, 0, x+w, 0), 1)
			}
		}
	}
	c.rect(0, table, c.w, c.h).paint(linear(wood.light(0.1), wood.dark(0.3), 0, table, 0, c.h), 1)
	c.ellipse(c.w/2, table+c.h*0.04, c.w*0.4, c.h*0.03).paint(glow(hex(0xffe3a6), c.w/2, table+c.h*0.04, c.w*0.4), 0.5)
	for k := range 3 {
		c.crock(c.w*(0.28+0.18*float32(k)), table+c.h*0.03, c.w*0.1, c.acc[k])
	}
}
