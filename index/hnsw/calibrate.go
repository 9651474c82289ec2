package hnsw

import (
	"fmt"
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
	// maxProbes is the most that Calibrate asks.
	maxProbes = 10_000
	// growthWidth is the power of the number of vectors by which the width grows that finds the same share, as
	// measured from half a million to a million: what a calibration of half as many vectors is carried on by.
	// With codes of bits, what they cannot tell apart grows nearly as the vectors do.
	growthWidth, growthWidthBits = .25, .8
	// probeK is the number of nearest that are looked for.
	probeK = 10
	// calibrateFrom is the number of vectors from which there is something to measure.
	calibrateFrom = 2 * scanBelow
)

// calibrate does the share of some writes, before they are linked: each new vector is a query, while a
// calibration is under way, which is begun when the graph has doubled since the last. What comes next is the
// best guess at what will be asked; a vector that takes another's place is not, since it may be nearly the same.
func (g *Graph) calibrate(plans []plan, rows []float32) {
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
	dim := g.shape.dim
	for i := 0; i < len(plans) && c.asked < probes; i++ {
		if plans[i].old == none {
			copy(g.work.q, rows[i*dim:(i+1)*dim])
			g.probe(c)
		}
	}
	if c.asked == probes {
		g.known.Store(c)
		g.making = nil
	}
}

// Calibrate measures what is found at several widths, for queries (row-major) as they will be asked, where those
// are not like the vectors: people's tastes among items, say. It holds until the graph has doubled. A few
// hundred queries make it good to a point. Writers wait for it; it costs a look at every vector for each query.
func (g *Graph) Calibrate(queries []float32) error {
	dim := g.shape.dim
	if len(queries) == 0 || len(queries)%dim != 0 {
		return fmt.Errorf("hnsw: %d numbers are no queries of %d: %w", len(queries), dim, index.ErrDim)
	}
	g.write.Lock()
	defer g.write.Unlock()
	c := &calibration{at: uint32(g.live.Load())}
	for i := 0; i < min(len(queries), maxProbes*dim); i += dim {
		if err := g.shape.metric.Prepare(g.work.q, queries[i:i+dim]); err != nil {
			return fmt.Errorf("query %d: %w", i/dim, err)
		}
		g.probe(c)
	}
	if c.of > 0 {
		g.known.Store(c)
		g.making = nil
	}
	return nil
}

// probe asks the query that is in g.work.q.
func (g *Graph) probe(c *calibration) {
	s, v := g.work, g.store.Load()
	defer runtime.KeepAlive(v)
	c.asked++
	entry := v.entry.Load()
	if entry == noEntry {
		return
	}
	s.at.ask(v, s.q)
	s.linking = false
	all := index.Options{}
	g.scan(s, v, 4*probeK, &all)
	truth := g.answer(s, v, probeK)
	if len(truth) == 0 {
		return
	}
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

// widthFor is the least ef that finds the wanted share by what was measured: between the widths tried, the
// logarithm of what is missed goes straight with that of ef. Without a calibration it is the graph's own, and beyond
// the best measured the widest.
func (g *Graph) widthFor(recall float32, k int) int {
	c := g.known.Load()
	if c == nil || c.of == 0 {
		return g.o.Ef
	}
	miss := func(i int) float64 { return math.Log(1 - float64(c.found[i])/float64(c.of) + .25/float64(c.of)) }
	want := math.Log(max(0, 1-float64(recall)) + .25/float64(c.of))
	ef := float64(widths[len(widths)-1])
	for i, w := range widths {
		if miss(i) > want {
			continue
		}
		ef = float64(w)
		if i > 0 && miss(i-1) > miss(i) {
			was := float64(widths[i-1])
			ef = was * math.Pow(ef/was, (miss(i-1)-want)/(miss(i-1)-miss(i)))
		}
		break
	}
	if live := g.Len(); live > int(c.at) && c.at > 0 {
		power := growthWidth
		if g.shape.form == Bits {
			power = growthWidthBits
		}
		ef *= math.Pow(float64(live)/float64(c.at), power)
	}
	return int(math.Ceil(ef)) + max(0, k-probeK)
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
		if c.asked > maxProbes || c.of > maxProbes*probeK {
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
