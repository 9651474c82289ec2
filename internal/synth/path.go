package synth

import (
	"math"

	"golang.org/x/image/vector"
)

type pt struct{ x, y float32 }

// path is a list of closed outlines: op 0 move, 1 line, 2 quadratic, 3 cubic.
type path struct {
	op  []uint8
	pts []pt
}

func (p *path) reset() { p.op, p.pts = p.op[:0], p.pts[:0] }
func (p *path) moveTo(x, y float32) {
	p.op, p.pts = append(p.op, 0), append(p.pts, pt{x, y})
}
func (p *path) lineTo(x, y float32) {
	p.op, p.pts = append(p.op, 1), append(p.pts, pt{x, y})
}
func (p *path) quadTo(a, b, x, y float32) {
	p.op, p.pts = append(p.op, 2), append(p.pts, pt{a, b}, pt{x, y})
}
func (p *path) cubeTo(a, b, d, e, x, y float32) {
	p.op, p.pts = append(p.op, 3), append(p.pts, pt{a, b}, pt{d, e}, pt{x, y})
}

func (p *path) move(dx, dy float32) {
	for i := range p.pts {
		p.pts[i].x += dx
		p.pts[i].y += dy
	}
}

func (p *path) bounds() [4]float32 {
	b := [4]float32{1e9, 1e9, -1e9, -1e9}
	for _, q := range p.pts {
		b[0], b[1] = min(b[0], q.x), min(b[1], q.y)
		b[2], b[3] = max(b[2], q.x), max(b[3], q.y)
	}
	if len(p.pts) == 0 {
		return [4]float32{}
	}
	return b
}

func (p *path) feed(z *vector.Rasterizer, dx, dy float32) {
	k := 0
	for i, op := range p.op {
		q := p.pts[k:]
		switch op {
		case 0:
			if i > 0 {
				z.ClosePath()
			}
			z.MoveTo(q[0].x+dx, q[0].y+dy)
			k++
		case 1:
			z.LineTo(q[0].x+dx, q[0].y+dy)
			k++
		case 2:
			z.QuadTo(q[0].x+dx, q[0].y+dy, q[1].x+dx, q[1].y+dy)
			k += 2
		case 3:
			z.CubeTo(q[0].x+dx, q[0].y+dy, q[1].x+dx, q[1].y+dy, q[2].x+dx, q[2].y+dy)
			k += 3
		}
	}
	z.ClosePath()
}

func sin(a float32) float32 { return float32(math.Sin(float64(a))) }
func cos(a float32) float32 { return float32(math.Cos(float64(a))) }

const pi = float32(math.Pi)

// Outlines are added to the path in hand; paint or fill shows and clears it.
// All but hole run clockwise, so that those of one path join where they overlap.

func (c *canvas) rect(x, y, w, h float32) *canvas {
	c.p.moveTo(x, y)
	c.p.lineTo(x+w, y)
	c.p.lineTo(x+w, y+h)
	c.p.lineTo(x, y+h)
	return c
}

// round is a rectangle with corners of radius r.
func (c *canvas) round(x, y, w, h, r float32) *canvas {
	r = min(r, w/2, h/2)
	k := r * 0.4477
	c.p.moveTo(x+r, y)
	c.p.lineTo(x+w-r, y)
	c.p.cubeTo(x+w-k, y, x+w, y+k, x+w, y+r)
	c.p.lineTo(x+w, y+h-r)
	c.p.cubeTo(x+w, y+h-k, x+w-k, y+h, x+w-r, y+h)
	c.p.lineTo(x+r, y+h)
	c.p.cubeTo(x+k, y+h, x, y+h-k, x, y+h-r)
	c.p.lineTo(x, y+r)
	c.p.cubeTo(x, y+k, x+k, y, x+r, y)
	return c
}

func (c *canvas) circle(x, y, r float32) *canvas { return c.ellipse(x, y, r, r) }

func (c *canvas) ellipse(x, y, a, b float32) *canvas {
	const k = 0.5523
	c.p.moveTo(x+a, y)
	c.p.cubeTo(x+a, y+k*b, x+k*a, y+b, x, y+b)
	c.p.cubeTo(x-k*a, y+b, x-a, y+k*b, x-a, y)
	c.p.cubeTo(x-a, y-k*b, x-k*a, y-b, x, y-b)
	c.p.cubeTo(x+k*a, y-b, x+a, y-k*b, x+a, y)
	return c
}

// hole is a circle wound the other way: it cuts out of what it lies in.
func (c *canvas) hole(x, y, a, b float32) *canvas {
	const k = 0.5523
	c.p.moveTo(x+a, y)
	c.p.cubeTo(x+a, y-k*b, x+k*a, y-b, x, y-b)
	c.p.cubeTo(x-k*a, y-b, x-a, y-k*b, x-a, y)
	c.p.cubeTo(x-a, y+k*b, x-k*a, y+b, x, y+b)
	c.p.cubeTo(x+k*a, y+b, x+a, y+k*b, x+a, y)
	return c
}

// wedge is a sector between two angles (radians, clockwise from the right).
func (c *canvas) wedge(x, y, r, a0, a1 float32) *canvas {
	c.p.moveTo(x, y)
	n := max(2, int(math.Abs(float64(a1-a0))*8))
	for i := 0; i <= n; i++ {
		a := a0 + (a1-a0)*float32(i)/float32(n)
		c.p.lineTo(x+r*cos(a), y+r*sin(a))
	}
	return c
}

// ring is the band between two radii, between two angles.
func (c *canvas) ring(x, y, r0, r1, a0, a1 float32) *canvas {
	n := max(3, int(math.Abs(float64(a1-a0))*10))
	for i := 0; i <= n; i++ {
		a := a0 + (a1-a0)*float32(i)/float32(n)
		if i == 0 {
			c.p.moveTo(x+r1*cos(a), y+r1*sin(a))
		} else {
			c.p.lineTo(x+r1*cos(a), y+r1*sin(a))
		}
	}
	for i := n; i >= 0; i-- {
		a := a0 + (a1-a0)*float32(i)/float32(n)
		c.p.lineTo(x+r0*cos(a), y+r0*sin(a))
	}
	return c
}

// arch is a door: a rectangle with a half circle on top, standing on y.
func (c *canvas) arch(x, y, w, h float32) *canvas {
	r := w / 2
	c.p.moveTo(x-r, y)
	c.p.lineTo(x-r, y-h+r)
	for i := 0; i <= 16; i++ {
		a := pi + pi*float32(i)/16
		c.p.lineTo(x+r*cos(a), y-h+r+r*sin(a))
	}
	c.p.lineTo(x+r, y)
	return c
}

func (c *canvas) poly(ps ...pt) *canvas {
	for i, q := range ps {
		if i == 0 {
			c.p.moveTo(q.x, q.y)
		} else {
			c.p.lineTo(q.x, q.y)
		}
	}
	return c
}

// star has n points; inner is the share of the radius between them.
func (c *canvas) star(x, y, r, inner float32, n int, turn float32) *canvas {
	for i := range 2 * n {
		q := r
		if i%2 == 1 {
			q *= inner
		}
		a := turn + pi*float32(i)/float32(n) - pi/2
		if i == 0 {
			c.p.moveTo(x+q*cos(a), y+q*sin(a))
		} else {
			c.p.lineTo(x+q*cos(a), y+q*sin(a))
		}
	}
	return c
}

// smooth is a closed curve through the points' midpoints.
func (c *canvas) smooth(ps []pt) *canvas {
	n := len(ps)
	mid := func(i int) pt {
		a, b := ps[i%n], ps[(i+1)%n]
		return pt{(a.x + b.x) / 2, (a.y + b.y) / 2}
	}
	m := mid(0)
	c.p.moveTo(m.x, m.y)
	for i := 1; i <= n; i++ {
		m = mid(i)
		c.p.quadTo(ps[i%n].x, ps[i%n].y, m.x, m.y)
	}
	return c
}

// blob is a soft round shape with n bumps; wild in [0,1].
func (c *canvas) blob(x, y, a, b, wild float32, n int) *canvas {
	ps := make([]pt, n)
	turn := c.f(0, 2*pi)
	for i := range ps {
		t := turn + 2*pi*float32(i)/float32(n)
		k := 1 + wild*c.f(-0.5, 0.5)
		ps[i] = pt{x + a*k*cos(t), y + b*k*sin(t)}
	}
	return c.smooth(ps)
}

// leaf goes from (x,y) along an angle; width is its widest, bend curves it.
func (c *canvas) leaf(x, y, angle, length, width, bend float32) *canvas {
	dx, dy := cos(angle), sin(angle)
	nx, ny := -dy, dx
	at := func(t, s float32) (float32, float32) {
		o := bend * length * t * t
		return x + dx*length*t + nx*(s+o), y + dy*length*t + ny*(s+o)
	}
	ex, ey := at(1, 0)
	a, b := at(0.3, -width*0.75)
	d, e := at(0.75, -width*0.6)
	c.p.moveTo(x, y)
	c.p.cubeTo(a, b, d, e, ex, ey)
	a, b = at(0.75, width*0.6)
	d, e = at(0.3, width*0.75)
	c.p.cubeTo(a, b, d, e, x, y)
	return c
}

// line adds a stroke along points, its width going from w0 to w1, with round ends.
func (c *canvas) line(ps []pt, w0, w1 float32) *canvas {
	n := len(ps)
	if n < 2 {
		return c
	}
	side := make([]pt, n)
	for i := range ps {
		a, b := ps[max(0, i-1)], ps[min(n-1, i+1)]
		dx, dy := b.x-a.x, b.y-a.y
		l := float32(math.Sqrt(float64(dx*dx+dy*dy))) + 1e-6
		w := (w0 + (w1-w0)*float32(i)/float32(n-1)) / 2
		side[i] = pt{dy / l * w, -dx / l * w}
	}
	c.p.moveTo(ps[0].x+side[0].x, ps[0].y+side[0].y)
	for i := 1; i < n; i++ {
		c.p.lineTo(ps[i].x+side[i].x, ps[i].y+side[i].y)
	}
	for i := n - 1; i >= 0; i-- {
		c.p.lineTo(ps[i].x-side[i].x, ps[i].y-side[i].y)
	}
	if w0 > 1.5 {
		c.circle(ps[0].x, ps[0].y, w0/2)
	}
	if w1 > 1.5 {
		c.circle(ps[n-1].x, ps[n-1].y, w1/2)
	}
	return c
}

func (c *canvas) seg(x0, y0, x1, y1, w float32) *canvas {
	return c.line([]pt{{x0, y0}, {x1, y1}}, w, w)
}

// arcPts samples a part of an ellipse.
func arcPts(x, y, a, b, t0, t1 float32, n int) []pt {
	ps := make([]pt, n+1)
	for i := range ps {
		t := t0 + (t1-t0)*float32(i)/float32(n)
		ps[i] = pt{x + a*cos(t), y + b*sin(t)}
	}
	return ps
}

// curvePts samples a quadratic curve.
func curvePts(x0, y0, cx, cy, x1, y1 float32, n int) []pt {
	ps := make([]pt, n+1)
	for i := range ps {
		t := float32(i) / float32(n)
		s := 1 - t
		ps[i] = pt{s*s*x0 + 2*s*t*cx + t*t*x1, s*s*y0 + 2*s*t*cy + t*t*y1}
	}
	return ps
}

// strokeEllipse is an outline of an ellipse.
func (c *canvas) strokeEllipse(x, y, a, b, w float32) *canvas {
	c.ellipse(x, y, a+w/2, b+w/2)
	return c.hole(x, y, a-w/2, b-w/2)
}

// frame is the outline of a rectangle.
func (c *canvas) frame(x, y, w, h, t float32) *canvas {
	c.rect(x, y, w, t).rect(x, y+h-t, w, t)
	return c.rect(x, y+t, t, h-2*t).rect(x+w-t, y+t, t, h-2*t)
}

func atan2(y, x float32) float32 { return float32(math.Atan2(float64(y), float64(x))) }
