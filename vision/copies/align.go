package copies

import (
	"cmp"
	"math"
	"slices"
)

// box is a part of a square, in parts of it.
type box struct{ x0, y0, x1, y1 float32 }

// fit says that one print, mirrored or not, fits a box of the other.
type fit struct {
	box      box
	mirrored bool
	turned   bool // the first print lies in the second, not the second in the first
	ncc      float32
}

const (
	coarse = 12 // side at which all places are tried
	tries  = 4  // places that are refined
)

// search is where a print is looked for in another: widths are the parts of the whole
// that are tried, squeezes the departures of the shape from what the two aspects say,
// and no box is narrower than least or lower than lowest.
type search struct {
	widths, squeezes []float32
	least, lowest    float32
	steps            []float32 // by which the sides of a box move, ever smaller
}

var (
	forCopies = search{[]float32{1, .92, .84, .76, .68, .6, .52}, []float32{1, .87, 1.15}, .4, .35, []float32{.04, .02, .01}}
	forCrops  = search{[]float32{1, .92, .84, .76, .68, .6, .52, .45, .39, .34}, []float32{1}, .3, .25, []float32{.025, .01}}
)

var whole = box{0, 0, 1, 1}

// agreement is the middle correlation of blocks, which what is written over a part of
// the picture does not spoil.
func agreement(big, small *Print, b box) float32 {
	x, y := make([]float32, fine*fine), make([]float32, fine*fine)
	sample(big.luma[:], b, x, fine)
	sample(small.luma[:], whole, y, fine)
	blocks := blockwise(x, y, fine)
	return blocks[len(blocks)/2]
}

// align finds where one of two prints fits into the other best: every scale and place
// on a coarse grid by normalised cross-correlation, then the best few refined.
func align(a, b *Print) fit {
	var found []fit
	for _, d := range []struct {
		big, small *Print
		turned     bool
	}{{a, b, false}, {b, a, true}} {
		for _, mirrored := range []bool{false, true} {
			small := d.small
			if mirrored {
				small = small.mirrored()
			}
			t := template(small)
			if t == nil {
				continue
			}
			for _, f := range slide(d.big, small, t, forCopies) {
				f.mirrored, f.turned = mirrored, d.turned
				found = append(found, f)
			}
		}
	}
	found = append(strongest(found, tries), fit{box: whole}, fit{box: whole, mirrored: true})
	best, most := fit{box: whole}, float32(-2)
	for _, f := range found {
		big, small := a, b
		if f.turned {
			big, small = b, a
		}
		if f.mirrored {
			small = small.mirrored()
		}
		f = refine(big, small, f, forCopies)
		if s := f.ncc + agreement(big, small, f.box); s > most {
			best, most = f, s
		}
	}
	return best
}

func strongest(f []fit, n int) []fit {
	slices.SortFunc(f, func(x, y fit) int { return cmp.Compare(y.ncc, x.ncc) })
	return f[:min(len(f), n)]
}

// template is a print at the coarse side, less its mean, at length 1; nil for a plain one.
func template(p *Print) []float32 {
	t := make([]float32, coarse*coarse)
	shrink(p.luma[:], t, coarse, coarse)
	return unit(t)
}

func unit(t []float32) []float32 {
	mean, square := float32(0), float32(0)
	for _, x := range t {
		mean += x
	}
	mean /= float32(len(t))
	for i := range t {
		t[i] -= mean
		square += t[i] * t[i]
	}
	if square < float32(len(t)) { // a deviation under one grey level
		return nil
	}
	k := float32(1 / math.Sqrt(float64(square)))
	for i := range t {
		t[i] *= k
	}
	return t
}

// shrink brings luma to w x h by mixing the nearest four of each point, after a mean of
// 2 x 2, which is enough from 32 down to 12.
func shrink(luma []byte, out []float32, w, h int) {
	for y := range h {
		v := (float32(y)+.5)*Side/float32(h) - .5
		for x := range w {
			u := (float32(x)+.5)*Side/float32(w) - .5
			out[y*w+x] = (at(luma, u-.5, v-.5) + at(luma, u+.5, v-.5) + at(luma, u-.5, v+.5) + at(luma, u+.5, v+.5)) / 4
		}
	}
}

// at reads luma between pixels.
func at(luma []byte, u, v float32) float32 {
	u, v = min(max(u, 0), Side-1), min(max(v, 0), Side-1)
	x, y := min(int(u), Side-2), min(int(v), Side-2)
	f, g := u-float32(x), v-float32(y)
	r0, r1 := luma[y*Side+x:y*Side+x+2], luma[(y+1)*Side+x:(y+1)*Side+x+2]
	return (1-g)*((1-f)*float32(r0[0])+f*float32(r0[1])) + g*((1-f)*float32(r1[0])+f*float32(r1[1]))
}

// slide lays the template over every place of the big print at every scale, and gives
// the best place of each scale.
func slide(big, small *Print, t []float32, where search) []fit {
	var out []fit
	buf := make([]float32, 0, 64*64)
	done := map[[2]int]bool{}
	for _, width := range where.widths {
		for _, squeeze := range where.squeezes {
			height := width * squeeze * big.Aspect / small.Aspect
			if height > 1.02 || height < where.lowest+.05 {
				continue
			}
			w, h := int(coarse/width+.5), int(coarse/min(height, 1)+.5)
			if done[[2]int{w, h}] {
				continue
			}
			done[[2]int{w, h}] = true
			buf = buf[:w*h]
			shrink(big.luma[:], buf, w, h)
			if f, ok := bestPlace(buf, w, h, t); ok {
				out = append(out, f)
			}
		}
	}
	return out
}

// bestPlace lays the template over every place of a map of w x h. Sums over a place come
// from integral images; what is left is one product with the template.
func bestPlace(m []float32, w, h int, t []float32) (fit, bool) {
	sums, squares := integrals(m, w, h)
	best := fit{ncc: -1}
	for y := range h - coarse + 1 {
		for x := range w - coarse + 1 {
			const n = coarse * coarse
			sum, square := sums.over(x, y), squares.over(x, y)
			spread := square - sum*sum/n
			if spread < n {
				continue
			}
			var dot float32
			for r := range coarse {
				row, k := m[(y+r)*w+x:][:coarse], t[r*coarse:][:coarse]
				dot += row[0]*k[0] + row[1]*k[1] + row[2]*k[2] + row[3]*k[3] + row[4]*k[4] + row[5]*k[5] +
					row[6]*k[6] + row[7]*k[7] + row[8]*k[8] + row[9]*k[9] + row[10]*k[10] + row[11]*k[11]
			}
			if c := dot / float32(math.Sqrt(spread)); c > best.ncc {
				best.ncc = c
				best.box = box{float32(x) / float32(w), float32(y) / float32(h), float32(x+coarse) / float32(w), float32(y+coarse) / float32(h)}
			}
		}
	}
	return best, best.ncc > 0
}

// integral holds sums over boxes from the corner.
type integral struct {
	sum  []float64
	wide int
}

func integrals(m []float32, w, h int) (sums, squares integral) {
	sums, squares = integral{make([]float64, (w+1)*(h+1)), w + 1}, integral{make([]float64, (w+1)*(h+1)), w + 1}
	for y := range h {
		var s, q float64
		for x := range w {
			v := float64(m[y*w+x])
			s += v
			q += v * v
			i := (y+1)*(w+1) + x + 1
			sums.sum[i], squares.sum[i] = sums.sum[i-w-1]+s, squares.sum[i-w-1]+q
		}
	}
	return sums, squares
}

// over sums the coarse square at (x, y).
func (t integral) over(x, y int) float64 {
	a, b := y*t.wide+x, (y+coarse)*t.wide+x
	return t.sum[b+coarse] - t.sum[b] - t.sum[a+coarse] + t.sum[a]
}

// refine moves the sides of the box by ever smaller steps while the correlation at 24 x
// 24 points grows.
func refine(big, small *Print, f fit, where search) fit {
	t := make([]float32, fine*fine)
	shrink(small.luma[:], t, fine, fine)
	if unit(t) == nil {
		f.ncc = -1
		return f
	}
	cut := make([]float32, fine*fine)
	score := func(b box) float32 {
		sample(big.luma[:], b, cut, fine)
		if unit(cut) == nil {
			return -1
		}
		s := float32(0)
		for i, v := range cut {
			s += v * t[i]
		}
		return s
	}
	f.ncc = score(f.box)
	for _, step := range where.steps {
		for range 3 {
			moved := false
			for _, d := range []box{{1, 0, 1, 0}, {0, 1, 0, 1}, {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {1, 1, -1, -1}} {
				for _, k := range []float32{step, -step} {
					b := box{f.box.x0 + k*d.x0, f.box.y0 + k*d.y0, f.box.x1 + k*d.x1, f.box.y1 + k*d.y1}
					if b.x0 < -.005 || b.y0 < -.005 || b.x1 > 1.005 || b.y1 > 1.005 || b.x1-b.x0 < where.least || b.y1-b.y0 < where.lowest {
						continue
					}
					if s := score(b); s > f.ncc+1e-4 {
						f.box, f.ncc, moved = b, s, true
					}
				}
			}
			if !moved {
				break
			}
		}
	}
	return f
}

// sample reads a box of luma at side x side points.
func sample(luma []byte, b box, out []float32, side int) {
	sx, sy := (b.x1-b.x0)*Side/float32(side), (b.y1-b.y0)*Side/float32(side)
	for y := range side {
		v := b.y0*Side + (float32(y)+.5)*sy - .5
		for x := range side {
			out[y*side+x] = at(luma, b.x0*Side+(float32(x)+.5)*sx-.5, v)
		}
	}
}
