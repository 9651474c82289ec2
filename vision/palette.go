package vision

import (
	"cmp"
	"encoding/hex"
	"math"
	"slices"
)

// Color is one of the dominant colours of a picture.
type Color struct {
	RGB [3]byte // sRGB
	// Share of the picture's area, 0..1. Shares sum to 1.
	Share float32
	// Name is an English name such as "navy" or "beige"; Family is the basic
	// colour term it belongs to (Berlin & Kay 1969): black, white, gray, red,
	// orange, yellow, green, blue, purple, pink or brown.
	Name, Family string
}

// Hex is the colour as CSS writes it, "#rrggbb".
func (c Color) Hex() string { return "#" + hex.EncodeToString(c.RGB[:]) }

const (
	maxColors = 6
	tooClose  = 0.075 // OKLab distance under which two colours are one
	tooFew    = 0.02  // share under which a colour joins its nearest
)

// Colors are the dominant colours, largest share first: one for a plain
// picture, at most six. They are found by k-means in OKLab on 4,096 pixels,
// started from the farthest points, so the same picture gives the same colours.
// Cost: under 1 ms.
func (p *Picture) Colors() []Color { return dominant(p.view(Full).colors) }

func dominant(pixels []lab) []Color {
	centers := kmeans(pixels, maxColors, 8)
	shares := mergeColors(pixels, centers)
	colors := make([]Color, 0, len(shares))
	for _, s := range shares {
		c := Color{RGB: s.c.rgb(), Share: s.n / float32(len(pixels))}
		c.Name, c.Family = ColorName(c.RGB)
		colors = append(colors, c)
	}
	slices.SortStableFunc(colors, func(a, b Color) int { return cmp.Compare(b.Share, a.Share) })
	return colors
}

// kmeans starts at the mean and then at the pixels farthest from all centres so
// far, and runs Lloyd's iterations.
func kmeans(pixels []lab, k, iterations int) []lab {
	centers := []lab{mean(pixels)}
	far := make([]float32, len(pixels))
	for i := range far {
		far[i] = math.MaxFloat32
	}
	for len(centers) < k {
		best, last := 0, centers[len(centers)-1]
		for i, p := range pixels {
			if far[i] = min(far[i], p.dist2(last)); far[i] > far[best] {
				best = i
			}
		}
		if far[best] < tooClose*tooClose/4 {
			break
		}
		centers = append(centers, pixels[best])
	}
	for range iterations {
		sums := make([]group, len(centers))
		for _, p := range pixels {
			sums[nearest(centers, p)].add(p, 1)
		}
		for i, s := range sums {
			if s.n > 0 {
				centers[i] = s.mean()
			}
		}
	}
	return centers
}

func nearest(centers []lab, p lab) int {
	best, d := 0, p.dist2(centers[0])
	for i := 1; i < len(centers); i++ {
		if e := p.dist2(centers[i]); e < d {
			best, d = i, e
		}
	}
	return best
}

// group is a sum of colours, and after mergeColors one colour with its weight.
type group struct {
	c lab
	n float32
}

func (g *group) add(c lab, n float32) {
	g.c.l += c.l * n
	g.c.a += c.a * n
	g.c.b += c.b * n
	g.n += n
}

func (g group) mean() lab { return lab{g.c.l / g.n, g.c.a / g.n, g.c.b / g.n} }

func mean(pixels []lab) lab {
	var g group
	for _, p := range pixels {
		g.add(p, 1)
	}
	return g.mean()
}

// mergeColors joins clusters that look alike or are tiny, nearest pair first.
func mergeColors(pixels, centers []lab) []group {
	sums := make([]group, len(centers))
	for _, p := range pixels {
		sums[nearest(centers, p)].add(p, 1)
	}
	var g []group
	for _, s := range sums {
		if s.n > 0 {
			g = append(g, group{s.mean(), s.n})
		}
	}
	few := tooFew * float32(len(pixels))
	for len(g) > 1 {
		bi, bj, bd := 0, 0, float32(math.MaxFloat32)
		for i := range g {
			for j := range i {
				d := g[i].c.dist2(g[j].c)
				if small := g[i].n < few || g[j].n < few; (small || d < tooClose*tooClose) && d < bd {
					bi, bj, bd = i, j, d
				}
			}
		}
		if bi == bj {
			break
		}
		var s group
		s.add(g[bi].c, g[bi].n)
		s.add(g[bj].c, g[bj].n)
		g[bj] = group{s.mean(), s.n}
		g = slices.Delete(g, bi, bi+1)
	}
	return g
}
