package vision

import (
	"encoding/binary"
	"math"
	"sync"
)

// lowDCT is the DCT-II basis of an n x n map, of which the frequencies (i, j)
// with 0 < i+j < order are kept: a map pooled so gives way to small shifts, and
// needs few numbers (as in the colour layout descriptor of MPEG-7, ISO 15938-3).
// The mean, (0, 0), is left out: it would drown the rest. The others are raised
// by the square root of 1+i+j, since the energy of pictures falls with frequency;
// of powers 0, 1/2 and 1, 1/2 was best on the validation photographs.
type lowDCT struct {
	n, order int
	cos      []float32 // order x n
	raise    []float32 // by i+j
}

func newLowDCT(n, order int) lowDCT {
	d := lowDCT{n, order, make([]float32, order*n), make([]float32, order)}
	for u := range order {
		k := math.Sqrt(2 / float64(n))
		if u == 0 {
			k = math.Sqrt(1 / float64(n))
		}
		d.raise[u] = float32(math.Sqrt(float64(1 + u)))
		for x := range n {
			d.cos[u*n+x] = float32(k * math.Cos(math.Pi/float64(n)*(float64(x)+0.5)*float64(u)))
		}
	}
	return d
}

// apply writes the low frequencies of m, read at stride, to out and returns the
// rest of out.
func (d lowDCT) apply(m []float32, stride int, out []float32) []float32 {
	rows := make([]float32, d.n*d.order)
	for y := range d.n {
		row := rows[y*d.order : (y+1)*d.order]
		for x := range d.n {
			p := m[(y*d.n+x)*stride]
			for u := range row {
				row[u] += p * d.cos[u*d.n+x]
			}
		}
	}
	i := 0
	for w := range d.order {
		for u := range d.order - w {
			if u+w == 0 {
				continue
			}
			s := float32(0)
			for y := range d.n {
				s += rows[y*d.order+u] * d.cos[w*d.n+y]
			}
			out[i] = s * d.raise[u+w]
			i++
		}
	}
	return out[i:]
}

const (
	hueBins, lightBins, greyBins = 12, 3, 5
	colorDim                     = greyBins + hueBins*lightBins
	greyChroma                   = 0.05 // OKLab chroma under which hue fades out
)

// colorHistogram counts colours softly (a pixel between two bins goes to both)
// and takes square roots, so that a dot product is the Bhattacharyya coefficient
// and a large plain ground does not drown the rest.
func (v *view) colorHistogram(out []float32) {
	for _, p := range v.colors {
		c := p.chroma()
		grey := max(0, 1-c/(2*greyChroma))
		if grey > 0 {
			i, f := soft(p.l, greyBins)
			out[i] += grey * (1 - f)
			out[min(i+1, greyBins-1)] += grey * f
		}
		if grey == 1 {
			continue
		}
		hue := float32(math.Atan2(float64(p.b), float64(p.a))/(2*math.Pi)+1) * hueBins
		h := int(hue)
		hf := hue - float32(h)
		i, f := soft(p.l, lightBins)
		for _, b := range [2]struct {
			hue int
			w   float32
		}{{h % hueBins, (1 - grey) * (1 - hf)}, {(h + 1) % hueBins, (1 - grey) * hf}} {
			at := out[greyBins+b.hue*lightBins:]
			at[i] += b.w * (1 - f)
			at[min(i+1, lightBins-1)] += b.w * f
		}
	}
	for i, n := range out {
		out[i] = float32(math.Sqrt(float64(n)))
	}
}

// soft places x of 0..1 among n bins: bin i and the part that belongs to i+1.
func soft(x float32, n int) (int, float32) {
	p := min(max(x, 0), 1) * float32(n-1)
	i := min(int(p), n-1)
	return i, p - float32(i)
}

const (
	layoutGrid, layoutL, layoutAB = 16, 4, 2
	layoutDim                     = layoutL*(layoutL+1)/2 - 1 + layoutAB*(layoutAB+1) - 2
)

var layoutDCT = [3]lowDCT{newLowDCT(layoutGrid, layoutL), newLowDCT(layoutGrid, layoutAB), newLowDCT(layoutGrid, layoutAB)}

// colorLayout is the low frequencies of OKLab over the square.
func (v *view) colorLayout(out []float32) {
	const step = cside / layoutGrid
	m := make([]float32, 3*layoutGrid*layoutGrid)
	for y := range cside {
		for x := range cside {
			p, o := v.colors[y*cside+x], 3*(y/step*layoutGrid+x/step)
			m[o] += p.l
			m[o+1] += 3 * p.a // OKLab's colour axes span a third of its lightness
			m[o+2] += 3 * p.b
		}
	}
	for i, d := range layoutDCT {
		out = d.apply(m[i:], 3, out)
	}
}

const (
	orientations = 6
	cellGrid     = 16
	edgeOrder    = 7
	edgeDim      = orientations * (edgeOrder*(edgeOrder+1)/2 - 1)
	directionDim = orientations
)

var edgeDCT = newLowDCT(cellGrid, edgeOrder)

// edges are histograms of gradient orientation (Dalal & Triggs 2005: unsigned,
// cells normalised by their neighbourhood) over 16 x 16 cells, pooled to low
// frequencies.
func (v *view) edges(out []float32) {
	for o := range orientations {
		out = edgeDCT.apply(v.cells[o:], orientations, out)
	}
}

// directions is the same histogram over the whole picture, without positions.
func (v *view) directions(out []float32) {
	for i, c := range v.cells {
		out[i%orientations] += c
	}
}

// gradientCells sums gradients by orientation in cells of 8 x 8 pixels.
func gradientCells(luma []byte) []float32 {
	const step = side / cellGrid
	table := gradients()
	cells := make([]float32, cellGrid*cellGrid*orientations)
	for y := 1; y < side-1; y++ {
		for x := 1; x < side-1; x++ {
			i := y*side + x
			dx, dy := int(luma[i+1])-int(luma[i-1]), int(luma[i+side])-int(luma[i-side])
			if dx|dy == 0 {
				continue
			}
			g := &table[(dy+256)>>1][(dx+256)>>1]
			c := cells[((y/step)*cellGrid+x/step)*orientations:]
			c[g.bin] += g.low
			c[(g.bin+1)%orientations] += g.high
		}
	}
	return cells
}

// gradient is what a pair of differences adds to a cell: its magnitude, parted
// between the orientation bin and the next.
type gradient struct {
	bin       uint8
	low, high float32
}

// gradients is the table of all pairs of differences -255..255, in steps of 2.
var gradients = sync.OnceValue(func() *[256][256]gradient {
	t := new([256][256]gradient)
	for i := range t {
		for j := range t[i] {
			x, y := float64(2*j-256)+0.5, float64(2*i-256)+0.5
			turn := math.Atan2(y, x) / math.Pi // unsigned: half a turn is the whole circle
			turn = (turn - math.Floor(turn)) * orientations
			b := math.Floor(turn)
			m := math.Hypot(x, y) / 255
			t[i][j] = gradient{uint8(int(b) % orientations), float32(m * (1 - turn + b)), float32(m * (turn - b))}
		}
	}
	return t
})

// normalizeCells divides each cell by the energy of its 3 x 3 neighbourhood and
// takes square roots.
func normalizeCells(cells []float32) []float32 {
	var energy [cellGrid * cellGrid]float32
	for i := range energy {
		for _, x := range cells[i*orientations : (i+1)*orientations] {
			energy[i] += x * x
		}
	}
	out := make([]float32, len(cells))
	for y := range cellGrid {
		for x := range cellGrid {
			s := float32(1) // a cell whose edges are fainter than this fades out
			for v := max(y-1, 0); v <= min(y+1, cellGrid-1); v++ {
				for u := max(x-1, 0); u <= min(x+1, cellGrid-1); u++ {
					s += energy[v*cellGrid+u]
				}
			}
			k := 1 / math.Sqrt(float64(s))
			at := (y*cellGrid + x) * orientations
			for o := range orientations {
				out[at+o] = float32(math.Sqrt(float64(cells[at+o]) * k))
			}
		}
	}
	return out
}

const textureDim = 2 * 10

// texture is the rotation-invariant uniform local binary patterns (Ojala et al.
// 2002) of 8 neighbours at two scales.
func (v *view) texture(out []float32) {
	binaryPatterns(v.luma, side, out[:10])
	halved := make([]byte, cside*cside)
	for y := range cside {
		for x := range cside {
			i := 2*y*side + 2*x
			halved[y*cside+x] = byte((int(v.luma[i]) + int(v.luma[i+1]) + int(v.luma[i+side]) + int(v.luma[i+side+1]) + 2) / 4)
		}
	}
	binaryPatterns(halved, cside, out[10:])
	for i, n := range out {
		out[i] = float32(math.Sqrt(float64(n)))
	}
}

// patternBin maps 8 comparisons around a pixel to the number of ones if they
// form at most one run (0..8), else to 9.
var patternBin = func() (t [256]byte) {
	for i := range t {
		ones, changes := 0, 0
		for b := range 8 {
			bit, next := i>>b&1, i>>((b+1)%8)&1
			ones += bit
			changes += bit ^ next
		}
		if t[i] = byte(ones); changes > 2 {
			t[i] = 9
		}
	}
	return t
}()

// binaryPatterns counts the patterns of a square of n x n pixels, eight pixels at a time: a
// byte of each word belongs to one of them.
func binaryPatterns(p []byte, n int, out []float32) {
	around := [8]int{-n - 1, -n, -n + 1, 1, n + 1, n, n - 1, -1}
	var counts [4][256]int32
	for y := 1; y < n-1; y++ {
		x := 1
		for ; x+8 <= n-1; x += 8 {
			i := y*n + x
			c := plusTwo(binary.LittleEndian.Uint64(p[i:])) // 2: noise and JPEG ripples are not texture
			var code uint64
			for b, o := range around {
				code |= less(c, binary.LittleEndian.Uint64(p[i+o:])) >> (7 - b)
			}
			for j := range 8 {
				counts[j&3][code>>(8*j)&255]++
			}
		}
		for ; x < n-1; x++ {
			i := y*n + x
			c, code := int(p[i])+2, 0
			for b, o := range around {
				code |= (c - int(p[i+o])) >> 63 & 1 << b
			}
			counts[0][code]++
		}
	}
	var bins [10]int32
	for code, bin := range patternBin {
		bins[bin] += counts[0][code] + counts[1][code] + counts[2][code] + counts[3][code]
	}
	for i, c := range bins {
		out[i] = float32(c) / float32((n-2)*(n-2))
	}
}

const high = 0x8080808080808080 // the first bit of each byte

// plusTwo adds 2 to each byte, up to 255.
func plusTwo(c uint64) uint64 {
	const two = 0x0202020202020202
	sum := (c&^high + two) ^ c&high
	full := c & (c&^high + two) & high // it passed 255
	return sum | full | (full - full>>7)
}

// less sets the first bit of each byte that is less in c than in q (Hacker's Delight, 2-18).
func less(c, q uint64) uint64 {
	d := (c | high) - q&^high
	return (^c&q | ^(c^q)&^d) & high
}

const (
	shapeOrder = 5
	shapeDim   = shapeOrder*(shapeOrder+1)/2 - 1
	shapeGrid  = 16
)

var shapeDCT = newLowDCT(shapeGrid, shapeOrder)

// shape is the low frequencies of a mask of what differs from the colours along
// the border, the usual ground of a product photograph.
func (v *view) shape(out []float32) {
	ground := kmeans(v.border(), 3, 4)
	const step = cside / shapeGrid
	m := make([]float32, shapeGrid*shapeGrid)
	for y := range cside {
		for x := range cside {
			p := v.colors[y*cside+x]
			d := p.dist2(ground[nearest(ground, p)])
			m[y/step*shapeGrid+x/step] += min(1, float32(math.Sqrt(float64(d)))/0.15)
		}
	}
	shapeDCT.apply(m, 1, out)
}

// border is the outermost pixels.
func (v *view) border() []lab {
	border := make([]lab, 0, 4*cside)
	for i := range cside {
		border = append(border, v.colors[i], v.colors[(cside-1)*cside+i], v.colors[i*cside], v.colors[i*cside+cside-1])
	}
	return border
}
