package synth

// paintFirst sets overlapping soft shapes on the ground.
func paintFirst(c *canvas) {
	for range 6 {
		c.blob(c.f(0, c.w), c.f(0, c.h), c.f(10, 35)*c.u, c.f(10, 35)*c.u, 0.5, 7).paint(flat(c.any()), 0.9)
	}
	c.circle(c.w/2, c.h/3, 18*c.u).fill(c.acc[0])
}
