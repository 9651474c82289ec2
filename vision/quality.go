package vision

import (
	"image"
	"math"
)

// Quality is how well the picture was made, 0 to 1: a weighted geometric mean of its
// sharpness, exposure, contrast and size. It says nothing of what is shown or whether it
// is liked. On photographs that were blurred, darkened, washed out or shrunk on purpose
// the original scores higher nearly always; docs/benchmarks/vision.md has how often.
// Cost: about 1 ms for a picture of 960 pixels.
func (p *Picture) Quality() float32 {
	mean, deviation := lumaMoments(p.mid)
	parts := []struct{ v, weight float64 }{
		{sharpness(p.pix), .35}, {exposure(mean), .25}, {min(1, deviation/.2), .2}, {sizeScore(p.Width, p.Height), .2},
	}
	sum := 0.0
	for _, x := range parts {
		sum += x.weight * math.Log(max(x.v, .01))
	}
	return float32(math.Exp(sum))
}

// exposure is 1 where the mean luma lies between .25 and .85, and falls to 0 at black
// and at white.
func exposure(mean float64) float64 {
	switch {
	case mean < .25:
		return mean / .25
	case mean > .85:
		return max(0, (1-mean)/.15)
	}
	return 1
}

// sizeScore grows with the logarithm of the shorter side, from 64 pixels to 1,024.
func sizeScore(w, h int) float64 {
	return min(1, max(0, math.Log2(float64(min(w, h))/64)/4))
}

func lumaMoments(m *image.YCbCr) (mean, deviation float64) {
	var sum, square float64
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := range h {
		for _, p := range m.Y[y*m.YStride : y*m.YStride+w] {
			sum += float64(p)
			square += float64(p) * float64(p)
		}
	}
	n := float64(w * h)
	mean = sum / n
	return mean / 255, math.Sqrt(max(0, square/n-mean*mean)) / 255
}

// sharpness compares steps over two pixels with steps over four: across a sharp edge the
// squares of the first sum to half of those of the second, across one that is spread over
// many pixels to a quarter. Where the wider step is under 20 of 255 nothing is counted. A
// picture without an edge is as sharp as it can be.
func sharpness(m *image.YCbCr) float64 {
	var narrow, wide float64
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := 2; y < h-2; y += 2 {
		row := m.Y[y*m.YStride:]
		up1, up2 := m.Y[(y-1)*m.YStride:], m.Y[(y-2)*m.YStride:]
		down1, down2 := m.Y[(y+1)*m.YStride:], m.Y[(y+2)*m.YStride:]
		for x := 2; x < w-2; x++ {
			a, b := int(row[x+1])-int(row[x-1]), int(row[x+2])-int(row[x-2])
			c, d := int(down1[x])-int(up1[x]), int(down2[x])-int(up2[x])
			if e := b*b + d*d; e > 400 {
				narrow += float64(a*a + c*c)
				wide += float64(e)
			}
		}
	}
	if wide == 0 {
		return 1
	}
	return min(1, max(0, (narrow/wide-.25)/.2))
}
