package main

import (
	"fmt"
	"sync"

	"bowerbird/index"
	"bowerbird/index/quant"
	"bowerbird/internal/vec"
)

// codeDepths are how many of the best by code are read again as float32.
var codeDepths = []int{10, 20, 50, 100, 200, 500, 1000}

// binary scans codes of every vector and reads again the best of them: how much of
// the exact answer is kept, at which part of the memory.
func (b *vectorBench) binary() ([]vectorTable, error) {
	t := vectorTable{
		Title:  fmt.Sprintf("Codes and re-ranking: %s, %d vectors of %d, every code scanned", b.Data, b.set.n, b.set.dim),
		Notes:  []string{"RaBitQ about one centre, the mean. Kept is the share of the exact 10 nearest among the best by code, which is recall after reading those again. Bytes are those of the scan: code, scale, and |x-c|² where the metric is a distance."},
		Header: []string{"bits", "bytes a vector", "of float32", "ns a vector"},
	}
	for _, d := range codeDepths {
		t.Header = append(t.Header, fmt.Sprintf("kept, best %d", d))
	}
	for _, bits := range []int{1, 4, 8} {
		c, err := newCoded(b, bits)
		if err != nil {
			return nil, err
		}
		kept, perVector := c.scan(b, min(200, b.set.asked()))
		size := c.coder.Size() + 4
		if b.set.metric == index.L2 {
			size += 4
		}
		row := []string{fmt.Sprint(bits), fmt.Sprint(size), fmt.Sprintf("1/%.1f", float64(4*b.set.dim)/float64(size)), fmt.Sprintf("%.1f", perVector)}
		for _, k := range kept {
			row = append(row, fmt.Sprintf("%.4f", k))
		}
		t.Rows = append(t.Rows, row)
		if err := b.a.ctx.Err(); err != nil {
			return nil, err
		}
	}
	walk, err := b.binaryWalk()
	if err != nil {
		return nil, err
	}
	return []vectorTable{t, walk}, nil
}

// binaryWalk compares a graph that walks over bits with one that walks over float32, at the same beams.
func (b *vectorBench) binaryWalk() (vectorTable, error) {
	asked := min(2000, b.set.asked())
	t := vectorTable{
		Title:  fmt.Sprintf("Bits in the walk: %s, %d vectors of %d", b.Data, b.set.n, b.set.dim),
		Notes:  []string{fmt.Sprintf("%d queries, medians of %d rounds in turn, one thread. Everything in view of a walk over bits is scored again by its float32 vector. Kept is its share of the recall of the walk over float32 with the widest beam.", asked, b.Rounds)},
		Header: []string{"beam", "float32: recall, queries/s", "bits: recall, queries/s", "kept"},
	}
	rivals, err := b.built(func(n string) bool { return n == "graph float32" || n == "graph bits" })
	defer func() { closeAll(rivals) }()
	if err != nil {
		return t, err
	}
	if len(rivals) != 2 {
		return t, nil
	}
	var all []*curve
	for _, r := range rivals {
		c := &curve{r: r, efs: []int{40, 80, 160, 240, 320, 480, 640}}
		for _, ef := range c.efs {
			_, ids, err := r.search(ef, 0, asked, nil)
			if err != nil {
				return t, err
			}
			c.recall = append(c.recall, recallOf(ids, b.set.truth[:asked*vectorK]))
		}
		all = append(all, c)
	}
	if err := b.race(all, nil, asked); err != nil {
		return t, err
	}
	whole, bits := all[0], all[1]
	for i, ef := range whole.efs {
		cell := func(c *curve) string {
			var v []float64
			for _, round := range c.speed {
				v = append(v, round[i])
			}
			return fmt.Sprintf("%.4f, %.0f", c.recall[i], medianOf(v))
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(ef), cell(whole), cell(bits), fmt.Sprintf("%.4f", bits.recall[i]/whole.recall[len(whole.efs)-1])})
	}
	return t, nil
}

// coded is every vector of a set as codes about the mean.
type coded struct {
	coder   *quant.Rabit
	mean    []float32
	codes   []uint64
	factors []quant.Factors
	adds    []float32 // |x-c|²
}

func newCoded(b *vectorBench, bits int) (*coded, error) {
	s := b.set
	coder, err := quant.NewRabit(s.dim, bits, 1)
	if err != nil {
		return nil, err
	}
	w := coder.Size() / 8
	c := &coded{coder, make([]float32, s.dim), make([]uint64, s.n*w), make([]quant.Factors, s.n), make([]float32, s.n)}
	for i := range s.n {
		vec.Axpy(1/float32(s.n), s.row(i), c.mean)
	}
	var all sync.WaitGroup
	for t := range b.Threads {
		all.Go(func() {
			rest, turned := make([]float32, s.dim), make([]float32, coder.Padded())
			for i := s.n * t / b.Threads; i < s.n*(t+1)/b.Threads; i++ {
				for j, v := range s.row(i) {
					rest[j] = v - c.mean[j]
				}
				coder.Apply(turned, rest)
				c.factors[i] = coder.Encode(quant.Bytes(c.codes[i*w:(i+1)*w]), turned)
				c.adds[i] = vec.Dot(rest, rest)
				if t == 0 && i%4096 == 0 {
					b.a.ui.step("coding", int64(i*b.Threads), int64(s.n))
				}
			}
		})
	}
	all.Wait()
	return c, nil
}

// scan returns, for each depth, the share of the truth kept, and ns of a code.
func (c *coded) scan(b *vectorBench, asked int) ([]float64, float64) {
	s := b.set
	rest, turned, est := make([]float32, s.dim), make([]float32, c.coder.Padded()), make([]float32, s.n)
	var q quant.Query
	kept := make([]float64, len(codeDepths))
	best := vec.NewBest(codeDepths[len(codeDepths)-1])
	cpu := 0.0
	for i := range asked {
		copy(rest, s.query(i))
		if s.metric == index.L2 {
			vec.Axpy(-1, c.mean, rest)
		}
		c.coder.Apply(turned, rest)
		c.coder.Ask(&q, turned)
		start := cpuTime()
		c.coder.Estimate(est, &q, c.codes, c.factors)
		if s.metric == index.L2 {
			for j, add := range c.adds {
				est[j] = 2*est[j] - add
			}
		} // otherwise <q,x> = <q,c> + <q,x-c>, and the first is the same for all
		cpu += float64((cpuTime() - start).Nanoseconds())
		best.Reset(codeDepths[len(codeDepths)-1])
		for j, e := range est {
			if !best.Full() || e >= best.Worst().Score {
				best.Push(vec.Scored{ID: uint32(j), Score: e})
			}
		}
		place := map[uint32]int{}
		for at, h := range best.Sorted() {
			place[h.ID] = at
		}
		for _, id := range s.truth[i*vectorK : (i+1)*vectorK] {
			at, ok := place[id]
			for d, depth := range codeDepths {
				if ok && at < depth {
					kept[d] += 1 / float64(asked*vectorK)
				}
			}
		}
		b.a.ui.step("scanning codes", int64(i), int64(asked))
	}
	return kept, cpu / float64(asked) / float64(s.n)
}
