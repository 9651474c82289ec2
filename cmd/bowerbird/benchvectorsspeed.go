package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// vectorGoals are the recalls that speeds are compared at.
var vectorGoals = []float64{.90, .95, .99}

// beams are the values of ef that are tried.
var beams = []int{10, 12, 16, 20, 26, 32, 40, 52, 64, 80, 104, 128, 160, 208, 256, 320, 416, 512, 640, 832, 1024, 1536, 2048}

// builds builds each system once, with nothing else in memory, and keeps the index.
func (b *vectorBench) builds() ([]vectorTable, error) {
	t := vectorTable{
		Title:  fmt.Sprintf("Build: %d vectors of %d, M %d, ef %d, %d threads", b.set.n, b.set.dim, b.M, b.EfBuild, b.Threads),
		Notes:  []string{"Memory is what the build added: a graph's own account of its arrays, the heap of other indexes after a collection, anonymous memory of a peer's process; vectors that a system holds count."},
		Header: []string{"system", "seconds", "processor seconds", "MiB", "bytes a vector", "over hnswlib: seconds, processor seconds, memory"},
	}
	var costs []cost
	hnswlib := -1
	for _, name := range b.names() {
		for _, r := range b.rivals(func(n string) bool { return n == name }) {
			b.a.ui.step("building "+name, 0, 0)
			c, err := r.build(b.set.n, b.M, b.EfBuild, b.Threads)
			if err == nil {
				err = r.save(b.indexFile(r))
			}
			r.close()
			if err != nil {
				b.a.ui.say("%s is left out: %v", name, err)
				continue
			}
			if name == "hnswlib" {
				hnswlib = len(t.Rows)
			}
			costs = append(costs, c)
			t.Rows = append(t.Rows, []string{
				name, fmt.Sprintf("%.1f", c.clock.Seconds()), fmt.Sprintf("%.1f", c.cpu.Seconds()),
				fmt.Sprintf("%.0f", float64(c.bytes)/(1<<20)), fmt.Sprintf("%.0f", float64(c.bytes)/float64(b.set.n)), "–",
			})
		}
	}
	for i, c := range costs {
		if hnswlib >= 0 {
			h := costs[hnswlib]
			t.Rows[i][5] = fmt.Sprintf("%.2f, %.2f, %.2f", c.clock.Seconds()/h.clock.Seconds(), c.cpu.Seconds()/h.cpu.Seconds(), float64(c.bytes)/float64(h.bytes))
		}
	}
	return []vectorTable{t}, nil
}

func isOurs(name string) bool {
	for _, o := range ourIndexes {
		if o.name == name {
			return true
		}
	}
	return false
}

func (b *vectorBench) names() []string {
	var all []string
	for _, o := range ourIndexes {
		all = append(all, o.name)
	}
	return append(all, "hnswlib", "faiss HNSW", "usearch", "usearch i8", "rabitqlib HNSW", "rabitqlib SymQG")
}

// curve is a system's recall for each beam, and for each round its speed.
type curve struct {
	r      rival
	efs    []int
	recall []float64
	speed  [][]float64 // [round][beam] queries a second
}

// at interpolates a round's logarithm of speed at a recall; ok is false where the
// recall is never reached. Where the least beam is above it, that is the answer.
func (c *curve) at(goal float64, round int) (qps float64, ok bool) {
	s := c.speed[round]
	for i, r := range c.recall {
		if r < goal {
			continue
		}
		if i == 0 || c.recall[i-1] >= r {
			return s[i], true
		}
		f := (goal - c.recall[i-1]) / (r - c.recall[i-1])
		return math.Exp(math.Log(s[i-1])*(1-f) + math.Log(s[i])*f), true
	}
	return 0, false
}

// median of the rounds, 0 where the recall is never reached.
func (c *curve) median(goal float64) float64 {
	var v []float64
	for round := range c.speed {
		if q, ok := c.at(goal, round); ok {
			v = append(v, q)
		}
	}
	return medianOf(v)
}

func medianOf(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// sweep finds the beams around each goal, by the recall of all queries.
func (b *vectorBench) sweep(c *curve, allowed *roaring.Bitmap, truth []uint32, queries int, goals []float64) error {
	var efs []int
	var recall []float64
	for _, ef := range beams {
		b.a.ui.step(fmt.Sprintf("%s, ef %d", c.r.name(), ef), 0, 0)
		_, ids, err := c.r.search(ef, 0, queries, allowed)
		if err != nil {
			return err
		}
		efs, recall = append(efs, ef), append(recall, recallOf(ids, truth[:queries*vectorK]))
		if recall[len(recall)-1] >= goals[len(goals)-1]+.001 {
			break
		}
		if n := len(recall); ef >= 256 && n > 3 && recall[n-1]-recall[n-4] < .0005 { // it rises no more
			break
		}
	}
	for i, ef := range efs {
		near := i == len(efs)-1
		for _, g := range goals {
			above := recall[i] >= g && (i == 0 || recall[i-1] < g)
			below := i+1 < len(efs) && recall[i] < g && recall[i+1] >= g
			near = near || above || below
		}
		if near {
			c.efs, c.recall = append(c.efs, ef), append(c.recall, recall[i])
		}
	}
	return b.a.ctx.Err()
}

// race measures every curve's beams, round by round in turn, each round other queries.
func (b *vectorBench) race(all []*curve, allowed *roaring.Bitmap, queries int) error {
	per := queries / b.Rounds
	for round := range b.Rounds {
		for i := range all {
			c := all[(i+round)%len(all)]
			b.a.ui.step(fmt.Sprintf("round %d, %s", round+1, c.r.name()), 0, 0)
			speed := make([]float64, len(c.efs))
			for j, ef := range c.efs {
				took, _, err := c.r.search(ef, round*per, (round+1)*per, allowed)
				if err != nil {
					return err
				}
				speed[j] = float64(per) / took.Seconds()
			}
			c.speed = append(c.speed, speed)
		}
	}
	return b.a.ctx.Err()
}

// curvesOf sweeps and races; what errs is left out.
func (b *vectorBench) curvesOf(rivals []rival, allowed *roaring.Bitmap, truth []uint32, queries int, goals []float64) ([]*curve, error) {
	var all []*curve
	for _, r := range rivals {
		c := &curve{r: r}
		if err := b.sweep(c, allowed, truth, queries, goals); err != nil {
			if b.a.ctx.Err() != nil {
				return nil, err
			}
			b.a.ui.say("%s is left out: %v", r.name(), err)
			continue
		}
		all = append(all, c)
	}
	return all, b.race(all, allowed, queries)
}

// against is the median of the rounds' ratios of c to the one of that name.
func against(all []*curve, c *curve, name string, goal float64) string {
	for _, o := range all {
		if o.r.name() != name {
			continue
		}
		var v []float64
		for round := range c.speed {
			x, okX := c.at(goal, round)
			y, okY := o.at(goal, round)
			if okX && okY {
				v = append(v, x/y)
			}
		}
		if len(v) > 0 {
			return fmt.Sprintf("%.2f", medianOf(v))
		}
	}
	return "–"
}

// speed compares queries a second at equal recall, on one thread.
func (b *vectorBench) speed() ([]vectorTable, error) {
	rivals, err := b.built(anyRival)
	defer func() { closeAll(rivals) }()
	if err != nil {
		return nil, err
	}
	all, err := b.curvesOf(rivals, nil, b.set.truth, b.set.asked(), vectorGoals)
	if err != nil {
		return nil, err
	}
	t := vectorTable{
		Title:  fmt.Sprintf("Queries a second: %s, %d vectors of %d, one thread", b.Data, b.set.n, b.set.dim),
		Notes:  []string{fmt.Sprintf("%d queries, medians of %d rounds in turn, each round other queries, by processor time; ratios are medians of the rounds' ratios. M %d, ef of building %d.", b.set.asked(), b.Rounds, b.M, b.EfBuild)},
		Header: []string{"system", "at .90", "at .95", "at .99", "over hnswlib at .90, .95, .99", "beams (ef: recall)"},
	}
	for _, c := range all {
		row := []string{c.r.name()}
		var over, points []string
		for _, g := range vectorGoals {
			if q := c.median(g); q > 0 {
				row = append(row, fmt.Sprintf("%.0f", q))
			} else {
				row = append(row, "not reached")
			}
			over = append(over, against(all, c, "hnswlib", g))
		}
		for i, ef := range c.efs {
			points = append(points, fmt.Sprintf("%d: %.4f", ef, c.recall[i]))
		}
		t.Rows = append(t.Rows, append(row, strings.Join(over, ", "), strings.Join(points, ", ")))
	}
	return []vectorTable{t}, nil
}

// filters compares at several shares of admitted rows.
func (b *vectorBench) filters() ([]vectorTable, error) {
	rivals, err := b.built(func(n string) bool { return isOurs(n) || n == "hnswlib" })
	defer func() { closeAll(rivals) }()
	if err != nil {
		return nil, err
	}
	const queries = 1000
	asked := min(queries, b.set.asked())
	t := vectorTable{
		Title:  fmt.Sprintf("Filters: %s, %d vectors of %d, one thread", b.Data, b.set.n, b.set.dim),
		Notes:  []string{fmt.Sprintf("%d queries; rows admitted at random. Ours are given a bitmap, hnswlib a filter that looks into one. Speeds are at recall .95, or at the most that was reached.", asked)},
		Header: []string{"system", "admitted", "recall reached", "queries/s at .95", "over hnswlib"},
	}
	for _, every := range []int{2, 10, 100, 1000} {
		allowed := roaring.New()
		for i := range uint32(b.set.n) {
			if mix(i)%uint32(every) == 0 {
				allowed.Add(i)
			}
		}
		truth, err := b.set.exact(b.a, b.set.n, asked, b.Threads, func(row int) bool { return mix(uint32(row))%uint32(every) == 0 })
		if err != nil {
			return nil, err
		}
		all, err := b.curvesOf(rivals, allowed, truth, asked, []float64{.95})
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			most := slices.Max(c.recall)
			goal := min(.95, most)
			row := []string{c.r.name(), fmt.Sprintf("1 in %d", every), fmt.Sprintf("%.4f (ef %d)", most, c.efs[slices.Index(c.recall, most)]), fmt.Sprintf("%.0f", c.median(goal)), "–"}
			for _, o := range all {
				if o.r.name() == "hnswlib" {
					row[4] = fmt.Sprintf("%.2f", c.median(goal)/o.median(min(.95, slices.Max(o.recall))))
				}
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return []vectorTable{t}, nil
}

// mix spreads row numbers, so that a filter has nothing to do with the order of rows.
func mix(x uint32) uint32 {
	x = (x ^ x>>16) * 0x7feb352d
	x = (x ^ x>>15) * 0x846ca68b
	return x ^ x>>16
}

// growth repeats build and speed at several sizes, each a set of its own.
func (b *vectorBench) growth() ([]vectorTable, error) {
	t := vectorTable{
		Title:  fmt.Sprintf("Growth: clusters of %d dimensions", b.Dim),
		Notes:  []string{"Processor time. Exponents are of the step from the size before: build seconds and seconds of a query grow as n to this power."},
		Header: []string{"system", "vectors", "build, processor s", "queries/s at .95", "exponent of build", "exponent of a query"},
	}
	type at struct{ build, query, n float64 }
	before := map[string]at{}
	rows, data := b.Rows, b.Data
	defer func() { b.Rows, b.Data, b.set = rows, data, nil }()
	b.Data = "clusters"
	for n := 10_000; n <= rows; n *= 10 {
		b.Rows = n
		if err := b.open(b.dataName()); err != nil {
			return nil, err
		}
		for _, r := range b.rivals(func(n string) bool { return isOurs(n) || n == "hnswlib" }) {
			took, err := b.buildOrLoad(r)
			if err != nil {
				b.a.ui.say("%s is left out: %v", r.name(), err)
				r.close()
				continue
			}
			all, err := b.curvesOf([]rival{r}, nil, b.set.truth, b.set.asked(), []float64{.95})
			r.close()
			if err != nil {
				return nil, err
			}
			now := at{took.Seconds(), 1 / all[0].median(.95), float64(n)}
			row := []string{r.name(), fmt.Sprint(n), fmt.Sprintf("%.1f", now.build), fmt.Sprintf("%.0f", 1/now.query), "–", "–"}
			if o, ok := before[r.name()]; ok {
				step := math.Log(now.n / o.n)
				row[4] = fmt.Sprintf("%.2f", math.Log(now.build/o.build)/step)
				row[5] = fmt.Sprintf("%.2f", math.Log(now.query/o.query)/step)
			}
			before[r.name()] = now
			t.Rows = append(t.Rows, row)
		}
	}
	return []vectorTable{t}, nil
}

// buildOrLoad returns the processor time that the build takes or took: the time lies beside the index.
func (b *vectorBench) buildOrLoad(r rival) (time.Duration, error) {
	path := b.indexFile(r)
	if s, err := os.ReadFile(path + ".took"); err == nil {
		took, err := time.ParseDuration(string(s))
		if err == nil {
			_, err = r.load(path, b.set.n)
		}
		return took, err
	}
	c, err := r.build(b.set.n, b.M, b.EfBuild, b.Threads)
	if err != nil {
		return 0, err
	}
	if err := r.save(path); err != nil {
		return 0, err
	}
	return c.cpu, os.WriteFile(path+".took", []byte(c.cpu.String()), 0o644)
}
