package hnsw

import (
	"math"
	"runtime"

	"bowerbird/index"
	"bowerbird/index/internal/file"
)

// calibration is how much a graph finds at several widths of view, as it measured itself. It is
// part of what the writes make: each write does a little of it, so that it is the same after the
// same writes, and it is saved.
type calibration struct {
	at    uint32 // live vectors when it was begun
	asked uint32 // queries so far, probes when it is done
	found [len(widths)]uint32
	of    uint32 // true hits
}

// widths are the values of ef that are tried.
var widths = [...]int{10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448}

const (
	// probes is how many queries a calibration asks. The standard error of a recall of .95
	// is then some .5 points.
	probes = 200
	// probeK is the number of nearest that are looked for.
	probeK = 10
	// calibrateFrom is the number of vectors from which there is something to measure.
	calibrateFrom = 2 * scanBelow
)

// calibrate does the share of n writes: a query each, while a calibration is under way, which is
// begun when the graph has doubled since the last.
func (g *Graph) calibrate(n int) {
	c := g.making
	if c == nil {
		live := uint32(g.live.Load())
		last := uint32(0)
		if done := g.known.Load(); done != nil {
			last = done.at
		}
		if live < calibrateFrom || live < 2*last {
			return
		}
		c = &calibration{at: live}
		g.making = c
	}
	for ; n > 0 && c.asked < probes; n-- {
		g.probeOne(c)
	}
	if c.asked == probes {
		g.known.Store(c)
		g.making = nil
	}
}

// probeOne asks one query, near a stored vector: as far from it as its first link, in a direction
// drawn from the number of the query. Stored vectors themselves would be too easy to find.
func (g *Graph) probeOne(c *calibration) {
	s, v := g.work, g.store.Load()
	defer runtime.KeepAlive(v)
	c.asked++
	slot := uint32(uint64(c.asked) * 0x9e3779b97f4a7c15 >> 32 * uint64(g.n) >> 32)
	if !isLive(v.meta[slot].Load()) || !g.near(s, v, slot, c.asked) {
		return
	}
	s.at.ask(v, s.q)
	s.linking = false
	all := index.Options{}
	g.scan(s, v, 4*probeK, &all)
	truth := g.answer(s, v, probeK)
	entry := g.entry.Load()
	for i, ef := range widths {
		g.walk(s, v, entry, ef)
		for _, h := range g.answer(s, v, probeK) {
			if h.Score >= truth[len(truth)-1].Score {
				c.found[i]++
			}
		}
	}
	c.of += uint32(len(truth))
}

// near writes a query to s.q.
func (g *Graph) near(s *scratch, v *store, slot, seed uint32) bool {
	other := v.list(slot, 0)[0]
	if other == none {
		return false
	}
	v.vector(s.row, slot)
	far := make([]float32, v.dim)
	v.vector(far, other)
	z, square, noise := uint64(seed)<<32|1, 0.0, 0.0
	drawn := make([]float64, v.dim)
	for i := range far {
		d := float64(far[i] - s.row[i])
		square += d * d
		for range 4 { // about normal
			z = z*6364136223846793005 + 1442695040888963407
			drawn[i] += float64(z>>40)/(1<<24) - .5
		}
		noise += drawn[i] * drawn[i]
	}
	for i := range far {
		far[i] = s.row[i] + float32(drawn[i]*math.Sqrt(square/max(noise, 1e-30)))
	}
	return v.metric.Prepare(s.q, far) == nil
}

// widthFor is the least ef that was measured to find the wanted share, straight between the
// widths tried; without a calibration the graph's own, and beyond the best measured the widest.
func (g *Graph) widthFor(recall float32, k int) int {
	c := g.known.Load()
	if c == nil || c.of == 0 {
		return g.o.Ef
	}
	ef, last, was := widths[len(widths)-1], 0.0, 0
	for i, w := range widths {
		r := float64(c.found[i]) / float64(c.of)
		if r >= float64(recall) {
			ef = w
			if i > 0 && r > last {
				ef = was + int(math.Ceil(float64(w-was)*(float64(recall)-last)/(r-last)))
			}
			break
		}
		last, was = r, w
	}
	return ef + max(0, k-probeK)
}

// Calibration returns how many vectors there were when the graph last measured itself, 0 if it
// has not, and the recall of the ten nearest that it found at each ef.
func (g *Graph) Calibration() (vectors int, ef []int, recall []float64) {
	c := g.known.Load()
	if c == nil {
		return 0, nil, nil
	}
	for i, w := range widths {
		ef, recall = append(ef, w), append(recall, float64(c.found[i])/float64(max(1, c.of)))
	}
	return int(c.at), ef, recall
}

func (c *calibration) words() []*uint32 {
	all := []*uint32{&c.at, &c.asked, &c.of}
	for i := range c.found {
		all = append(all, &c.found[i])
	}
	return all
}

// saveCalibration writes what is known, then what is being made; one that is not there is one
// of zeroes.
func (g *Graph) saveCalibration(out *file.Writer) {
	for _, c := range []*calibration{g.known.Load(), g.making} {
		if c == nil {
			c = new(calibration)
		}
		for _, w := range c.words() {
			out.Uint32(*w)
		}
	}
}

func (g *Graph) loadCalibration(in *file.Reader) error {
	known, making := new(calibration), new(calibration)
	if err := in.Uint32(append(known.words(), making.words()...)...); err != nil {
		return err
	}
	for _, c := range []*calibration{known, making} {
		if c.asked > probes || c.of > probes*probeK {
			return corrupt("a calibration of %d queries, %d hits", c.asked, c.of)
		}
	}
	if known.at > 0 {
		g.known.Store(known)
	}
	if making.at > 0 {
		g.making = making
	}
	return nil
}
