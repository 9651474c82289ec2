package copies

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"

	xdraw "golang.org/x/image/draw"
)

// Edits are what people do to a picture before they post it again, by name, in a fixed
// order. Each draws its strength from r and returns a new picture.
var Edits = []struct {
	Name string
	Of   func(m image.Image, r *rand.Rand) image.Image
}{
	{"crop", crop}, {"resize", resize}, {"jpeg", again}, {"flip", flip}, {"tint", recolour}, {"overlay", overlay}, {"border", border},
	{"crop, flip, jpeg", func(m image.Image, r *rand.Rand) image.Image { return again(flip(crop(m, r), r), r) }},
	{"resize, tint, overlay", func(m image.Image, r *rand.Rand) image.Image { return overlay(recolour(resize(m, r), r), r) }},
}

// Encoded is the picture as a JPEG of a usual quality, as it would be posted.
func Encoded(m image.Image, r *rand.Rand) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 60 + r.IntN(35)})
	return b.Bytes(), err
}

func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

func canvas(w, h int) *image.RGBA { return image.NewRGBA(image.Rect(0, 0, max(1, w), max(1, h))) }

func copied(m image.Image) *image.RGBA {
	out := canvas(m.Bounds().Dx(), m.Bounds().Dy())
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

// crop keeps 62 to 97 % of each side, somewhere: 38 to 94 % of the area.
func crop(m image.Image, r *rand.Rand) image.Image {
	b := m.Bounds()
	side := between(r, .62, .97)
	w := int(float64(b.Dx()) * min(1, side*between(r, .93, 1.07)))
	h := int(float64(b.Dy()) * min(1, side*between(r, .93, 1.07)))
	out := canvas(w, h)
	draw.Draw(out, out.Rect, m, b.Min.Add(image.Pt(r.IntN(b.Dx()-w+1), r.IntN(b.Dy()-h+1))), draw.Src)
	return out
}

// resize to 25 to 150 % of the size, and up to 12 % out of shape.
func resize(m image.Image, r *rand.Rand) image.Image {
	b := m.Bounds()
	k := math.Exp(between(r, math.Log(.25), math.Log(1.5)))
	out := canvas(int(float64(b.Dx())*k*between(r, .94, 1.06)), int(float64(b.Dy())*k*between(r, .94, 1.06)))
	xdraw.BiLinear.Scale(out, out.Rect, m, b, xdraw.Src, nil)
	return out
}

// again compresses hard: quality 8 to 40.
func again(m image.Image, r *rand.Rand) image.Image {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 8 + r.IntN(33)}); err != nil {
		return m
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		return m
	}
	return out
}

func flip(m image.Image, _ *rand.Rand) image.Image {
	in := copied(m)
	out := canvas(in.Rect.Dx(), in.Rect.Dy())
	for y := range in.Rect.Dy() {
		for x := range in.Rect.Dx() {
			out.SetRGBA(in.Rect.Dx()-1-x, y, in.RGBAAt(x, y))
		}
	}
	return out
}

// recolour changes brightness, contrast and the balance of the colours.
func recolour(m image.Image, r *rand.Rand) image.Image {
	out := copied(m)
	contrast, light := between(r, .75, 1.3), between(r, -25, 25)
	var table [3][256]byte
	for c := range table {
		k := contrast * between(r, .85, 1.15)
		for v := range table[c] {
			table[c][v] = byte(min(255, max(0, (float64(v)-128)*k+128+light)))
		}
	}
	for i := 0; i < len(out.Pix); i += 4 {
		for c := range table {
			out.Pix[i+c] = table[c][out.Pix[i+c]]
		}
	}
	return out
}

// overlay writes a box with bars of a text's size, or a mark in a corner: 3 to 18 % of
// the area.
func overlay(m image.Image, r *rand.Rand) image.Image {
	out := copied(m)
	b := out.Rect
	area := between(r, .03, .18)
	w := between(r, .25, .95)
	h := min(.6, area/w)
	x, y := int(r.Float64()*(1-w)*float64(b.Dx())), int(r.Float64()*(1-h)*float64(b.Dy()))
	box := image.Rect(x, y, x+int(w*float64(b.Dx())), y+int(h*float64(b.Dy())))
	ground, ink := color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}, color.RGBA{A: 255}
	if int(ground.R)+int(ground.G)+int(ground.B) < 384 {
		ink = color.RGBA{255, 255, 255, 255}
	}
	draw.Draw(out, box, image.NewUniform(ground), image.Point{}, draw.Src)
	line := max(2, box.Dy()/(1+r.IntN(3))/2)
	for y := box.Min.Y + line/2; y+line <= box.Max.Y; y += 2 * line {
		for x := box.Min.X + line/2; x < box.Max.X; x += line {
			if r.IntN(4) > 0 {
				draw.Draw(out, image.Rect(x, y, x+line*3/4, y+line).Intersect(box), image.NewUniform(ink), image.Point{}, draw.Src)
			}
		}
	}
	return out
}

// border frames the picture with 3 to 12 % on each side, of one colour.
func border(m image.Image, r *rand.Rand) image.Image {
	b := m.Bounds()
	x, y := int(between(r, .03, .12)*float64(b.Dx())), int(between(r, .03, .12)*float64(b.Dy()))
	out := canvas(b.Dx()+2*x, b.Dy()+2*y)
	c := color.RGBA{255, 255, 255, 255}
	switch r.IntN(3) {
	case 0:
		c = color.RGBA{A: 255}
	case 1:
		c = color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}
	}
	draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	draw.Draw(out, image.Rect(x, y, x+b.Dx(), y+b.Dy()), m, b.Min, draw.Src)
	return out
}
