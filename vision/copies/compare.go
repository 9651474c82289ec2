package copies

import (
	"cmp"
	"math"
	"slices"
)

// Likeness is how well two pictures fit, in the numbers that a Judge weighs.
type Likeness [features]float32

const features = 12

// Names of the numbers of a Likeness, in order.
var Names = [features]string{
	"correlation", "trimmed", "blocks", "detail", "worst blocks", "good blocks", "colour", "area", "contrast", "print", "vector", "mirrored",
}

// Pair is what is known of two pictures.
type Pair struct {
	A, B *Print
	// Bits in which the fingerprints differ, 0 to 64.
	Bits int
	// Cosine of the visual vectors.
	Cosine float32
}

// Compare lays the prints over each other where they fit best and measures there: the
// correlation of luma, that without the 30 % of the points that fit worst, since a text
// over a picture spoils a part of it only, that of the detail (what is left of the luma
// without its surroundings), the middle, the lower quarter and the good part of the
// correlations of 6 x 6 blocks, and the difference in colour beyond a tint.
// Cost: about 1 ms. It is symmetric but for rounding.
func Compare(p Pair) Likeness {
	f := align(p.A, p.B)
	big, small := p.A, p.B
	if f.turned {
		big, small = small, big
	}
	if f.mirrored {
		small = small.mirrored()
	}
	x, y := make([]float32, fine*fine), make([]float32, fine*fine)
	sample(big.luma[:], f.box, x, fine)
	sample(small.luma[:], box{0, 0, 1, 1}, y, fine)
	blocks := blockwise(x, y, fine)
	l := Likeness{
		f.ncc, trimmed(x, y), blocks[len(blocks)/2], correlation(detail(x, fine), detail(y, fine)), blocks[len(blocks)/4], above(blocks, .8),
		colours(big, small, f.box), (f.box.x1 - f.box.x0) * (f.box.y1 - f.box.y0),
		min(deviation(x), deviation(y)) / 64, float32(p.Bits) / 64, p.Cosine, 0,
	}
	if f.mirrored {
		l[features-1] = 1
	}
	return l
}

// fine is the side, in points, at which two prints are measured.
const fine = 24

// trimmed is the correlation without the 30 % of the points that lie farthest from the
// line that fits the rest, found in three rounds.
func trimmed(x, y []float32) float32 {
	keep := make([]int, len(x))
	for i := range keep {
		keep[i] = i
	}
	off := make([]float32, len(x))
	order := slices.Clone(keep)
	for range 3 {
		var sx, sy, xx, xy float64
		for _, i := range keep {
			a, b := float64(x[i]), float64(y[i])
			sx, sy, xx, xy = sx+a, sy+b, xx+a*a, xy+a*b
		}
		n := float64(len(keep))
		slope := (xy - sx*sy/n) / (xx - sx*sx/n + n)
		base := (sy - slope*sx) / n
		for i := range off {
			off[i] = float32(math.Abs(float64(y[i]) - slope*float64(x[i]) - base))
		}
		slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(off[i], off[j]), cmp.Compare(i, j)) })
		keep = order[:len(x)*7/10]
	}
	a, b := make([]float32, len(keep)), make([]float32, len(keep))
	for k, i := range keep {
		a[k], b[k] = x[i], y[i]
	}
	return correlation(a, b)
}

// above is the part of sorted numbers that exceeds a bound.
func above(sorted []float32, bound float32) float32 {
	i, _ := slices.BinarySearch(sorted, bound)
	return float32(len(sorted)-i) / float32(len(sorted))
}

// detail is each point less the mean of the 5 x 5 around it.
func detail(m []float32, side int) []float32 {
	out := make([]float32, len(m))
	for y := range side {
		for x := range side {
			sum, n := float32(0), float32(0)
			for v := max(0, y-2); v <= min(side-1, y+2); v++ {
				for u := max(0, x-2); u <= min(side-1, x+2); u++ {
					sum += m[v*side+u]
					n++
				}
			}
			out[y*side+x] = m[y*side+x] - sum/n
		}
	}
	return out
}

func correlation(x, y []float32) float32 {
	var sx, sy, xx, yy, xy float64
	for i, v := range x {
		a, b := float64(v), float64(y[i])
		sx, sy, xx, yy, xy = sx+a, sy+b, xx+a*a, yy+b*b, xy+a*b
	}
	n := float64(len(x))
	vx, vy := xx-sx*sx/n, yy-sy*sy/n
	if vx <= 0 || vy <= 0 {
		return 0
	}
	// A block with next to no contrast says little: noise of one grey level is added.
	return float32((xy - sx*sy/n) / math.Sqrt((vx+n)*(vy+n)))
}

// blockwise are the correlations of blocks of 6 x 6 points, ascending; those where both
// are plain are left out.
func blockwise(x, y []float32, side int) []float32 {
	const size = 6
	var out []float32
	var a, b [size * size]float32
	for v := 0; v < side; v += size {
		for u := 0; u < side; u += size {
			for r := range size {
				copy(a[r*size:(r+1)*size], x[(v+r)*side+u:])
				copy(b[r*size:(r+1)*size], y[(v+r)*side+u:])
			}
			if deviation(a[:]) < 3 && deviation(b[:]) < 3 {
				continue
			}
			out = append(out, correlation(a[:], b[:]))
		}
	}
	if len(out) == 0 {
		return []float32{0}
	}
	slices.Sort(out)
	return out
}

func deviation(x []float32) float32 {
	var s, q float64
	for _, v := range x {
		s += float64(v)
		q += float64(v) * float64(v)
	}
	n := float64(len(x))
	return float32(math.Sqrt(max(0, q/n-s*s/n/n)))
}

// colours is the mean difference of the colour planes in the box after their means are
// taken off, which a tint moves.
func colours(big, small *Print, b box) float32 {
	sum := 0.0
	for _, planes := range [2][2]*[tint * tint]byte{{&big.a, &small.a}, {&big.b, &small.b}} {
		var d [tint * tint]float64
		mean := 0.0
		for y := range tint {
			for x := range tint {
				u := b.x0 + (float32(x)+.5)/tint*(b.x1-b.x0)
				v := b.y0 + (float32(y)+.5)/tint*(b.y1-b.y0)
				i := min(max(int(v*tint), 0), tint-1)*tint + min(max(int(u*tint), 0), tint-1)
				d[y*tint+x] = float64(planes[0][i]) - float64(planes[1][y*tint+x])
				mean += d[y*tint+x] / (tint * tint)
			}
		}
		for _, v := range d {
			sum += math.Abs(v-mean) / (tint * tint)
		}
	}
	return float32(sum / 32)
}
