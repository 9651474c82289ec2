package vision

import "math"

// lab is a colour in OKLab (Ottosson 2020): lightness 0..1, and green-red and
// blue-yellow axes of about -0.4..0.4, in which equal distances look about
// equally different. A step that is just seen is about 0.02.
type lab struct{ l, a, b float32 }

func (c lab) dist2(d lab) float32 {
	l, a, b := c.l-d.l, c.a-d.a, c.b-d.b
	return l*l + a*a + b*b
}

func (c lab) chroma() float32 { return float32(math.Sqrt(float64(c.a*c.a + c.b*c.b))) }

// linearOf maps an 8-bit sRGB value to linear light (IEC 61966-2-1).
var linearOf = func() (t [256]float32) {
	for i := range t {
		v := float64(i) / 255
		if v <= 0.04045 {
			t[i] = float32(v / 12.92)
		} else {
			t[i] = float32(math.Pow((v+0.055)/1.055, 2.4))
		}
	}
	return t
}()

func toLab(r, g, b byte) lab {
	x, y, z := linearOf[r], linearOf[g], linearOf[b]
	l := cbrt(0.4122214708*x + 0.5363325363*y + 0.0514459929*z)
	m := cbrt(0.2119034982*x + 0.6806995451*y + 0.1073969566*z)
	s := cbrt(0.0883024619*x + 0.2817188376*y + 0.6299787005*z)
	return lab{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func (c lab) rgb() [3]byte {
	l := c.l + 0.3963377774*c.a + 0.2158037573*c.b
	m := c.l - 0.1055613458*c.a - 0.0638541728*c.b
	s := c.l - 0.0894841775*c.a - 1.2914855480*c.b
	l, m, s = l*l*l, m*m*m, s*s*s
	return [3]byte{
		gamma(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
}

func gamma(v float32) byte {
	x := float64(min(max(v, 0), 1))
	if x <= 0.0031308 {
		return clampByte(255 * 12.92 * x)
	}
	return clampByte(255 * (1.055*math.Pow(x, 1/2.4) - 0.055))
}

// cbrt is a cube root for 0..1 within 1e-6: a guess from the exponent bits,
// then two steps of Halley's iteration; five times as fast as math.Cbrt.
func cbrt(v float32) float32 {
	if v < 1e-9 {
		return 0
	}
	x := math.Float32frombits(math.Float32bits(v)/3 + 0x2a5119f2)
	for range 2 {
		c := x * x * x
		x *= (c + 2*v) / (2*c + v)
	}
	return x
}

// ycbcrRGB is the JFIF conversion.
func ycbcrRGB(y, cb, cr byte) (r, g, b byte) {
	l, u, v := int32(y)<<16+1<<15, int32(cb)-128, int32(cr)-128
	return clamp16(l + 91881*v), clamp16(l - 22554*u - 46802*v), clamp16(l + 116130*u)
}

func clamp16(v int32) byte { return byte(min(max(v>>16, 0), 255)) }
