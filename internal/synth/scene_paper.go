package synth

import "strings"

var bookTitles = []string{"The Quiet Hours", "A Field of Salt", "Night Trains", "The Glass Orchard", "Small Weather", "Letters to the Sea",
	"The Cartographer", "Under the Lime Trees", "Blue Hour", "The Last Summer House", "Stone and Feather", "On Slowness", "North of Here", "The Bird Collector", "Ordinary Light"}

var authors = []string{"A. Marlow", "Ines Calder", "T. Okafor", "Lena Voss", "R. Hallam", "Mirela Sand", "J. P. Dorn", "Noor Ellery", "Y. Tanabe"}

func paintBook(c *canvas) {
	a := c.shuffled()
	title, by := pick(c.r, bookTitles), pick(c.r, authors)
	bg := pick(c.r, []rgb{a[0], c.ground, a[1]})
	c.fillAll(flat(bg))
	c.framed = true
	ink := hex(0xfbf5e8)
	if bg.luma() > 150 {
		ink = c.deep().dark(0.55)
	}
	top := c.yes(0.5)
	cy := c.h * 0.62
	if !top {
		cy = c.h * 0.38
	}
	switch c.n(7) {
	case 0: // sun over water
		c.circle(c.w/2, cy, c.w*0.26).fill(a[2])
		for k := range 9 {
			c.rect(c.w*0.1, cy+c.h*0.02*float32(k), c.w*0.8, c.h*0.009)
		}
		c.fill(bg)
	case 1: // an eye
		c.leaf(c.w*0.1, cy, 0, c.w*0.8, c.w*0.3, 0).fill(ink)
		c.circle(c.w/2, cy, c.w*0.17).fill(a[2])
		c.circle(c.w/2, cy, c.w*0.08).fill(bg.dark(0.6))
	case 2: // branches
		for k := range 3 {
			c.stem(c.w*(0.3+0.2*float32(k)), cy+c.h*0.24, -pi/2, c.h*c.f(0.3, 0.44), a[2+k%3], c.n(4))
		}
	case 3: // a stack of arcs
		for k := range 5 {
			c.ring(c.w/2, cy+c.h*0.16, c.w*(0.1+0.07*float32(k)), c.w*(0.15+0.07*float32(k)), pi, 2*pi).fill(a[k])
		}
	case 4: // a bird over a house
		c.songbird(c.w*0.5, cy, c.w*0.26, a[2], a[3])
	case 5: // windows
		for j := range 4 {
			for i := range 3 {
				c.rect(c.w*(0.2+0.21*float32(i)), cy-c.h*0.2+c.h*0.105*float32(j), c.w*0.17, c.h*0.085)
				if c.yes(0.3) {
					c.fill(a[4])
				} else {
					c.fill(bg.mix(ink, 0.18))
				}
			}
		}
	default: // blobs
		for k := range 4 {
			c.blob(c.w*c.f(0.25, 0.75), cy+c.h*c.f(-0.15, 0.15), c.w*0.24, c.w*0.2, 0.5, 7).paint(flat(a[k]), 0.9)
		}
	}
	up := c.yes(0.5)
	f := pick(c.r, []face{bold, italic, medium500})
	if up {
		title = strings.ToUpper(title)
	}
	size := 12 * c.u
	lines := wrap(f, title, c.w*0.8, size)
	for _, l := range lines {
		size = fit(f, l, c.w*0.8, 0, size)
	}
	y := c.h * 0.12
	if !top {
		y = c.h*0.74 + size*0.4
	}
	for k, l := range lines {
		c.text(f, l, c.w*0.1, y+size*1.05*float32(k), size, 0, 0)
	}
	c.fill(ink)
	by = strings.ToUpper(by)
	if top {
		c.text(medium500, by, c.w*0.1, c.h*0.93, 4*c.u, 0.12, 0).fill(ink)
	} else {
		c.text(medium500, by, c.w*0.1, c.h*0.1, 4*c.u, 0.12, 0).fill(ink)
	}
	c.rect(0, 0, c.w*0.03, c.h).paint(linear(black, bg, 0, 0, c.w*0.03, 0), 0.3)
	c.rect(c.w*0.045, 0, 0.5*c.u, c.h).paint(flat(black), 0.18)
}

func paintMatchbox(c *canvas) {
	c.framed = true
	a := c.shuffled()
	bg, ink := a[0], hex(0xfaf0d9)
	if bg.luma() > 165 {
		bg = c.deep().mix(a[0], 0.15)
	}
	c.fillAll(flat(bg))
	m := 4 * c.u
	c.frame(m, m, c.w-2*m, c.h-2*m, 1.4*c.u).frame(m+2.4*c.u, m+2.4*c.u, c.w-2*m-4.8*c.u, c.h-2*m-4.8*c.u, 0.4*c.u).fill(ink)
	for _, p := range []pt{{m, m}, {c.w - m, m}, {m, c.h - m}, {c.w - m, c.h - m}} {
		c.circle(p.x, p.y, 5*c.u).fill(bg)
		c.strokeEllipse(p.x, p.y, 5*c.u, 5*c.u, c.u).fill(ink)
	}
	x, y, r := c.w/2, c.h*0.48, min(c.w, c.h)*0.27
	for k := range 24 {
		c.wedge(x, y, r*1.36, 2*pi*float32(k)/24, 2*pi*(float32(k)+0.5)/24)
	}
	c.fill(a[1])
	c.circle(x, y, r*1.05).fill(ink)
	c.circle(x, y, r*0.97).fill(a[2])
	switch c.n(5) {
	case 0:
		c.songbird(x-r*0.05, y+r*0.05, r*0.6, a[3], a[4])
	case 1:
		c.sail(x, y+r*0.4, r*0.75)
		for k := range 3 {
			c.line(curvePts(x-r*0.8, y+r*(0.5+0.12*float32(k)), x, y+r*(0.4+0.12*float32(k)), x+r*0.8, y+r*(0.5+0.12*float32(k)), 10), c.u, c.u)
		}
		c.fill(ink)
	case 2:
		c.star(x, y, r*0.8, 0.4, 5, 0).fill(ink)
		c.star(x, y, r*0.5, 0.4, 5, 0).fill(a[0])
	case 3:
		c.flower(x, y, r*0.85, 10, 0, ink, a[3])
	default:
		c.sidefish(x+r*0.1, y, r*0.66, ink, a[3])
	}
	brand := pick(c.r, []string{"SOLEIL", "NORTH STAR", "EL FARO", "KRONE", "SWALLOW", "TIGRE", "LUMEN", "POLAR", "GOLDFISH", "ASTRA"})
	if c.h > c.w*1.05 {
		s := fit(bold, brand, c.w*0.74, 0.08, 10*c.u)
		c.text(bold, brand, x, c.h*0.17+s*0.2, s, 0.08, 0.5).fill(ink)
		c.text(medium500, pick(c.r, []string{"SAFETY MATCHES", "AVERAGE CONTENTS 50", "IMPREGNATED", "FINE TEA", "EXTRA QUALITY"}), x, c.h*0.87, 3.8*c.u, 0.14, 0.5).fill(ink)
	} else {
		c.around(bold, brand, x, y, r*1.42, 6*c.u, 0.16, -pi/2).fill(ink)
		c.text(medium500, "SAFETY MATCHES", x, c.h*0.905, 3.6*c.u, 0.14, 0.5).fill(ink)
	}
}

func paintStamp(c *canvas) {
	a := c.shuffled()
	desk := c.ground.mix(a[4], 0.3)
	c.fillAll(radial(desk.light(0.1), desk.dark(0.1), c.w*0.4, c.h*0.3, c.h))
	n := 1
	if c.yes(0.4) {
		n = 2
	}
	w := c.w * 0.74 / float32(n)
	h := min(w*1.25, c.h*0.84/float32(n))
	for j := range n {
		for i := range n {
			x := c.w/2 + (float32(i)-float32(n-1)/2)*w*1.14 - w/2
			y := c.h/2 + (float32(j)-float32(n-1)/2)*h*1.12 - h/2
			c.stamp(x, y, w, h, a, i+2*j)
		}
	}
	if c.yes(0.6) { // the postmark
		x, y, r := c.w*c.f(0.6, 0.75), c.h*c.f(0.6, 0.75), c.w*0.17
		c.strokeEllipse(x, y, r, r, 0.7*c.u).strokeEllipse(x, y, r*0.62, r*0.62, 0.5*c.u)
		c.around(bold, pick(c.r, []string{"LISBOA 12.8", "OSLO 3.11", "KYOTO 7.4", "WIEN 21.6"}), x, y, r*0.72, r*0.2, 0.1, -pi/2)
		for k := range 4 {
			yy := y - r*0.5 + r*0.33*float32(k)
			c.line(curvePts(x+r*1.05, yy, x+r*1.6, yy-r*0.3, x+r*2.3, yy+r*0.1, 12), 0.6*c.u, 0.6*c.u)
		}
		c.paint(flat(hex(0x2a2a33)), 0.6)
	}
}

func (c *canvas) stamp(x, y, w, h float32, a [5]rgb, k int) {
	c.rect(x, y, w, h)
	r := w * 0.026
	nx, ny := 12, int(12*h/w)
	for i := range nx + 1 { // the perforation
		px := x + w*float32(i)/float32(nx)
		c.hole(px, y, r, r).hole(px, y+h, r, r)
	}
	for i := 1; i < ny; i++ {
		py := y + h*float32(i)/float32(ny)
		c.hole(x, py, r, r).hole(x+w, py, r, r)
	}
	c.shadow(c.u, 1.5*c.u, 5*c.u, 0.3, black)
	c.fill(hex(0xfdf9ef))
	m := w * 0.085
	ix, iy, iw, ih := x+m, y+m, w-2*m, h-2*m
	bg := a[k%5].mix(c.ground, 0.25)
	c.rect(ix, iy, iw, ih).paint(linear(bg.light(0.3), bg, 0, iy, 0, iy+ih), 1)
	cx, cy := ix+iw/2, iy+ih*0.5
	switch (k + c.n(5)) % 5 {
	case 0:
		c.flower(cx, cy-ih*0.08, iw*0.3, 7, 0, a[(k+1)%5], a[(k+2)%5])
		c.seg(cx, cy+ih*0.04, cx, cy+ih*0.4, iw*0.03).leaf(cx, cy+ih*0.3, -0.6, iw*0.3, iw*0.08, 0).fill(c.leafy())
	case 1:
		c.songbird(cx, cy, iw*0.3, a[(k+1)%5], a[(k+2)%5])
	case 2:
		for j := range 3 {
			t := float32(j) / 2
			c.poly(pt{ix, iy + ih}, pt{ix, iy + ih*(0.55+0.15*t)}, pt{ix + iw*(0.3+0.3*t), iy + ih*(0.35+0.2*t)}, pt{ix + iw, iy + ih*(0.62+0.12*t)}, pt{ix + iw, iy + ih}).fill(a[(k+1+j)%5].dark(0.2 * t))
		}
		c.circle(ix+iw*0.72, iy+ih*0.22, iw*0.1).fill(c.warm().light(0.3))
	case 3:
		c.sidefish(cx+iw*0.06, cy, iw*0.3, a[(k+1)%5], a[(k+2)%5])
	default:
		c.sail(cx, cy+ih*0.2, iw*0.34)
		c.rect(ix, cy+ih*0.21, iw, ih*0.29).fill(c.cool())
	}
	v := pick(c.r, []string{"5c", "20", "1.10", "45", "80p", "2€"})
	c.text(bold, v, ix+iw*0.06, iy+ih*0.15, iw*0.17, 0, 0)
	c.text(medium500, pick(c.r, []string{"POST", "CORREIOS", "POSTES", "AIRMAIL"}), ix+iw*0.95, iy+ih*0.95, iw*0.1, 0.05, 1).fill(hex(0xfdf9ef).mix(c.deep(), c.f(0, 0.1)))
}

func paintRecord(c *canvas) {
	a := c.shuffled()
	bg := pick(c.r, []rgb{a[0], a[1], c.ground})
	c.fillAll(flat(bg))
	c.framed = true
	ink := hex(0xfbf5e8)
	if bg.luma() > 150 {
		ink = c.deep().dark(0.55)
	}
	switch c.n(6) {
	case 0: // stripes that bend
		for k := range 6 {
			w := c.w * 0.055
			o := float32(k) * w
			c.rect(c.w*0.3+o, 0, w*0.92, c.h*0.45)
			c.ring(c.w*0.3+o-o-c.w*0.0, c.h*0.45, o+0.01, o+w*0.92, 0, pi/2).fill(a[k%5])
		}
		for k := range 6 {
			w := c.w * 0.055
			o := float32(k) * w
			c.rect(0, c.h*0.45+o, c.w*0.3, w*0.92).fill(a[k%5])
		}
	case 1: // the disc slides out
		x, y, r := c.w*0.6, c.h*0.52, c.w*0.4
		c.circle(x, y, r).fill(hex(0x1b1a1c))
		for k := range 10 {
			c.strokeEllipse(x, y, r*(0.95-0.055*float32(k)), r*(0.95-0.055*float32(k)), 0.25*c.u)
		}
		c.paint(flat(white), 0.18)
		c.wedge(x, y, r, -0.9, -0.6).wedge(x, y, r, 2.25, 2.55).paint(flat(white), 0.1)
		c.circle(x, y, r*0.34).fill(a[2])
		c.circle(x, y, r*0.04).fill(bg)
	case 2: // rings of dots
		for k := range 7 {
			for i := range 8 + 5*k {
				t := 2 * pi * float32(i) / float32(8+5*k)
				c.circle(c.w*0.55+c.w*(0.06+0.065*float32(k))*cos(t), c.h*0.55+c.w*(0.06+0.065*float32(k))*sin(t), c.u*(1.8-0.16*float32(k)))
			}
			c.fill(a[k%5])
		}
	case 3: // wave forms
		for k := range 13 {
			y := c.h * (0.34 + 0.042*float32(k))
			ps := make([]pt, 61)
			for i := range ps {
				t := float32(i)/30 - 1
				env := 1 / (1 + 14*t*t)
				ps[i] = pt{c.w * (0.5 + 0.42*t), y - env*c.h*0.1*absf(sin(t*21+float32(k)*1.7)+0.6*sin(t*37+float32(k)))}
			}
			c.poly(append(append([]pt{}, ps...), pt{c.w * 0.92, y + c.h*0.03}, pt{c.w * 0.08, y + c.h*0.03})...).fill(bg)
			c.line(ps, 0.6*c.u, 0.6*c.u).fill(ink)
		}
	case 4: // a face of shapes
		x, y := c.w*0.5, c.h*0.6
		c.wedge(x, y, c.w*0.32, pi/2, 1.5*pi).fill(a[2])
		c.wedge(x, y, c.w*0.32, -pi/2, pi/2).fill(a[3])
		c.circle(x-c.w*0.13, y-c.h*0.07, c.w*0.045).circle(x+c.w*0.13, y-c.h*0.07, c.w*0.045).fill(ink)
		c.poly(pt{x, y - c.h*0.06}, pt{x + c.w*0.06, y + c.h*0.08}, pt{x, y + c.h*0.08}).fill(a[4])
		c.ring(x, y+c.h*0.11, c.w*0.06, c.w*0.09, 0.2, pi-0.2).fill(a[0].mix(ink, 0.3))
	default: // palms at dusk
		c.sky(a[0], a[1], c.h)
		c.circle(c.w/2, c.h*0.6, c.w*0.28).paint(linear(hex(0xffe08a), c.warm(), 0, c.h*0.32, 0, c.h*0.88), 1)
		for k := range 6 {
			c.rect(0, c.h*(0.62+0.045*float32(k)), c.w, c.h*(0.006+0.004*float32(k)))
		}
		c.fill(a[1])
		for k := range 2 {
			x := c.w * (0.2 + 0.62*float32(k))
			c.line(curvePts(x, c.h, x+3*c.u, c.h*0.7, x-2*c.u, c.h*0.42, 12), 2.4*c.u, 1.2*c.u)
			for i := range 9 {
				t := -pi/2 + (float32(i)-4)*0.42
				c.leaf(x-2*c.u, c.h*0.42, t, c.w*0.2, c.w*0.025, 0.35*cos(t))
			}
			c.fill(c.deep().dark(0.6))
		}
		ink = hex(0xfff6e2)
	}
	t := pick(c.r, []string{"after hours", "SLOW WATER", "Nine Rooms", "soft machine no. 4", "EVENING SET", "Tape Delay", "low tide", "Paper Moons"})
	s := fit(bold, t, c.w*0.82, 0, 10*c.u)
	c.text(bold, t, c.w*0.07, c.h*0.06+s*0.75, s, 0, 0)
	c.text(regular, pick(c.r, []string{"the marlow trio", "ines & the tide", "orchestra of small things", "vol. 2"}), c.w*0.07, c.h*0.06+s*0.75+6*c.u, 4.4*c.u, 0.02, 0).fill(ink)
}
