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
	var narrow, wide int
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if w < 5 {
		return 1
	}
	for y := 2; y < h-2; y += 2 {
		at := func(y int) []byte { return m.Y[y*m.YStride : y*m.YStride+w] }
		row, up1, up2, down1, down2 := at(y), at(y-1), at(y-2), at(y+1), at(y+2)
		up1, up2, down1, down2 = up1[:len(row)], up2[:len(row)], down1[:len(row)], down2[:len(row)]
		left2, left1, here := int(row[0]), int(row[1]), int(row[2])
		right1 := int(row[3])
		for x := 2; x < len(row)-2; x++ {
			right2 := int(row[x+2])
			a, b := right1-left1, right2-left2
			c, d := int(down1[x])-int(up1[x]), int(down2[x])-int(up2[x])
			left2, left1, here, right1 = left1, here, right1, right2
			e := b*b + d*d
			counts := (400 - e) >> 63 // all ones where the wider step is enough
			narrow += (a*a + c*c) & counts
			wide += e & counts
		}
	}
	if wide == 0 {
		return 1
	}
	return min(1, max(0, (float64(narrow)/float64(wide)-.25)/.2))
}
