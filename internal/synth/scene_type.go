package synth

import "strings"

var quotes = []string{
	"make something every day", "slow is smooth", "stay curious", "less but better", "good things take time",
	"the best view comes after the hardest climb", "leave it better than you found it", "do one thing well",
	"today is a good day", "plants are friends", "but first, coffee", "look up", "quiet the mind", "work hard and be kind",
	"collect moments", "begin anywhere", "breathe", "keep going", "enjoy the small things", "hello sunshine",
	"home is a feeling", "dream big, start small", "more colour please", "be here now",
}

func paintQuote(c *canvas) {
	c.framed = true
	q := pick(c.r, quotes)
	a := c.shuffled()
	f := pick(c.r, []face{bold, bold, medium500, italic})
	ink := c.ink
	if c.yes(0.4) {
		c.fillAll(flat(a[0]))
		ink = hex(0xfdf8ee)
		if a[0].luma() > 165 {
			ink = c.ink.mix(c.deep(), 0.3)
			if c.isDark {
				ink = c.ground
			}
		}
	}
	m := 10 * c.u
	form := c.n(4)
	if form == 1 { // in a circle
		c.circle(c.w/2, c.h/2, c.w*0.36).fill(a[1])
		c.around(bold, strings.ToUpper(q)+" ", c.w/2, c.h/2, c.w*0.4, 5*c.u, 0.1, -pi/2).fill(ink)
		c.star(c.w/2, c.h/2, c.w*0.22, 0.45, 12, 0).fill(c.ground)
		c.circle(c.w/2, c.h/2, c.w*0.07).fill(a[2])
		return
	}
	if c.yes(0.5) {
		q = strings.ToUpper(q)
	}
	size := 20 * c.u
	lines := wrap(f, q, c.w-2*m, size)
	for {
		wide := float32(0)
		for _, l := range lines {
			wide = max(wide, textWidth(f, l, size, 0))
		}
		if wide <= c.w-2*m && float32(len(lines))*size*1.1 < c.h*0.72 || size < 3*c.u {
			break
		}
		size *= 0.94
		lines = wrap(f, q, c.w-2*m, size)
	}
	block := float32(len(lines)) * size * 1.08
	y := c.h/2 - block/2 + size*0.8
	x, al := m, float32(0)
	if form == 2 {
		x, al = c.w/2, 0.5
		c.frame(m*0.5, m*0.5, c.w-m, c.h-m, 0.6*c.u).fill(ink)
	}
	if form == 3 {
		c.circle(c.w*0.72, c.h*0.2, c.w*0.13).fill(a[1])
		c.rect(0, c.h*0.86, c.w, c.h*0.14).fill(a[2])
		y = min(y, c.h*0.82-block+size)
	}
	for k, l := range lines {
		c.text(f, l, x, y+float32(k)*size*1.08, size, 0, al)
	}
	c.fill(ink)
	if form == 0 {
		c.rect(m, y+block-size*0.4, 14*c.u, 1.2*c.u).fill(a[1])
	}
}

func paintSpecimen(c *canvas) {
	c.framed = true
	a := c.shuffled()
	f := pick(c.r, []face{regular, bold, italic, mono})
	if c.yes(0.4) {
		c.fillAll(flat(a[0]))
	}
	ink := c.ink
	if c.yes(0.6) { // one great letter, cropped
		l := string(pick(c.r, []rune("aRgQ&Sk8@eBGZ?")))
		size := c.w * c.f(1.1, 1.5)
		w := textWidth(f, l, size, 0)
		c.text(f, l, c.w*0.52-w/2, c.h*0.5+size*0.3, size, 0, 0).fill(a[1].mix(a[0], 0.08))
		c.rect(0, c.h*0.885, c.w, 0.4*c.u).fill(ink)
		c.text(medium500, pick(c.r, []string{"Go Sans", "Grotesk No. 9", "Linear", "Akzent", "Kolonne"}), 6*c.u, c.h*0.94, 5*c.u, 0, 0)
		c.text(regular, "abcdefghijklmnopqrstuvwxyz 0123456789", 6*c.u, c.h*0.975, 2.9*c.u, 0.04, 0).fill(ink)
		c.text(bold, pick(c.r, []string{"Aa", "72 pt", "No. 4"}), c.w-6*c.u, 9*c.u, 5*c.u, 0, 1).fill(ink)
		return
	}
	rows := []string{"ABCDE", "FGHIJ", "KLMNO", "PQRST", "UVWXY", "Z&?!%"}
	s := (c.w - 16*c.u) / 5
	dy := (c.h - 24*c.u) / 6
	for j, row := range rows {
		for i, r := range []rune(row) {
			x, y := 8*c.u+(float32(i)+0.5)*s, 16*c.u+(float32(j)+0.5)*dy
			if (i*3+j*5)%11 == 0 {
				c.circle(x, y, min(s, dy)*0.5).fill(a[(i+j)%4+1])
			}
			c.text(f, string(r), x, y+s*0.26, s*0.75, 0, 0.5).fill(ink)
		}
	}
	c.text(medium500, "The quick brown fox — a specimen in one weight", 8*c.u, 11*c.u, 3.1*c.u, 0.02, 0).fill(ink)
}

func paintGig(c *canvas) {
	c.framed = true
	a := c.shuffled()
	c.fillAll(flat(a[0]))
	ink := c.ground
	if c.isDark == (a[0].luma() < 120) {
		ink = c.ink
	}
	switch c.n(4) {
	case 0: // bars, as of a spectrum
		n := 9
		for k := range n {
			h := c.h * c.f(0.1, 0.5)
			c.rect(c.w*(0.08+0.094*float32(k)), c.h*0.66-h, c.w*0.07, h)
			if k%3 == 2 {
				c.fill(a[1+k/3])
			}
		}
	case 1: // a record
		x, y, r := c.w*0.56, c.h*0.4, c.w*0.44
		c.circle(x, y, r).fill(hex(0x1b1a1c))
		for k := range 9 {
			c.strokeEllipse(x, y, r*(0.94-0.06*float32(k)), r*(0.94-0.06*float32(k)), 0.3*c.u)
		}
		c.paint(flat(white), 0.16)
		c.circle(x, y, r*0.34).fill(a[1])
		c.circle(x, y, r*0.04).fill(a[0])
	case 2: // swiss arcs
		for k := range 6 {
			c.ring(c.w, c.h*0.62, c.w*(0.2+0.13*float32(k)), c.w*(0.29+0.13*float32(k)), pi, 1.5*pi).fill(a[1+k%4])
		}
	default: // dots that grow
		for j := range 8 {
			for i := range 7 {
				c.circle(c.w*(0.1+0.133*float32(i)), c.h*(0.1+0.075*float32(j)), c.u*(0.5+0.42*float32(i+j)))
			}
		}
		c.fill(a[1])
	}
	title := pick(c.r, []string{"JAZZ", "BLUE NOTES", "SOUND", "NACHT", "FESTIVAL", "DISCO", "TECHNO", "CELLO", "TANGO", "SOUL"})
	size := fit(bold, title, c.w-12*c.u, -0.02, 30*c.u)
	c.text(bold, title, 6*c.u, c.h*0.7+size*0.5, size, -0.02, 0).fill(ink)
	y := c.h*0.7 + size*0.5 + 6*c.u + size*0.2
	for _, l := range []string{
		pick(c.r, []string{"Friday 14 August", "12.–16. September", "Every Thursday", "Saturday, doors 20.00"}),
		pick(c.r, []string{"Kunsthalle", "Harbour Hall", "Café Central", "Teatro Viejo", "The Old Cinema"}),
		pick(c.r, []string{"trio, quartet, big band", "free entry", "live until two", "with guests"}),
	} {
		c.text(medium500, l, 6*c.u, y, 4.2*c.u, 0, 0)
		y += 5.4 * c.u
	}
	c.fill(ink)
}
