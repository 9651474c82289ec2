package main

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
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
		Notes:  []string{"Memory is a graph's own account of its arrays, the heap of other indexes after a collection, anonymous memory of a peer's process; resident is what each process's anonymous memory grew by. Vectors that a system holds count."},
		Header: []string{"system", "seconds", "processor seconds", "MiB", "resident MiB", "bytes a vector", "over hnswlib: seconds, processor seconds, memory, resident"},
	}
	var costs []cost
	hnswlib := -1
	for _, name := range b.names() {
		for _, r := range b.rivals(func(n string) bool { return n == name }) {
			b.a.ui.step("building "+name, 0, 0)
			c, ok, err := b.costOf(r)
			if err == nil && (!ok || b.Again) {
				c, err = b.buildAndKeep(r)
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
				name, fmt.Sprintf("%.1f", c.Clock.Seconds()), fmt.Sprintf("%.1f", c.CPU.Seconds()),
				fmt.Sprintf("%.0f", float64(c.Bytes)/(1<<20)), fmt.Sprintf("%.0f", float64(c.Resident)/(1<<20)), fmt.Sprintf("%.0f", float64(c.Bytes)/float64(b.set.n)), "–",
			})
		}
	}
	for i, c := range costs {
		if hnswlib >= 0 {
			h := costs[hnswlib]
			over := func(a, b float64) string { return fmt.Sprintf("%.2f", a/b) }
			t.Rows[i][6] = strings.Join([]string{over(c.Clock.Seconds(), h.Clock.Seconds()), over(c.CPU.Seconds(), h.CPU.Seconds()),
				over(float64(c.Bytes), float64(h.Bytes)), over(float64(c.Resident), float64(h.Resident))}, ", ")
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
	return append(all, "hnswlib", "faiss HNSW", "usearch", "usearch i8", "rabitqlib HNSW", "rabitqlib SymQG", "glass")
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

// sweep finds the beams around each goal, by the recall of all queries. What it finds lies beside the index, so that a
// second run only measures speed.
func (b *vectorBench) sweep(c *curve, allowed *roaring.Bitmap, truth []uint32, queries int, goals []float64) error {
	path, err := b.sweepFile(c.r, truth[:queries*vectorK], goals)
	if err != nil {
		return err
	}
	kept := struct {
		Efs    []int     `json:"efs"`
		Recall []float64 `json:"recall"`
	}{}
	if j, err := os.ReadFile(path); err == nil && json.Unmarshal(j, &kept) == nil {
		c.efs, c.recall = kept.Efs, kept.Recall
		return nil
	}
	var efs []int
	var recall []float64
	tries := beams
	if strings.HasPrefix(c.r.name(), "ivf") { // a list is more than a candidate
		tries = append([]int{1, 2, 3, 4, 6, 8}, beams...)
	}
	for _, ef := range tries {
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
	if err := b.a.ctx.Err(); err != nil {
		return err
	}
	kept.Efs, kept.Recall = c.efs, c.recall
	return writeJSON(path, kept)
}

// sweepFile is named by all that a sweep depends on: the system, its index, for ours this program, what is true and the goals.
func (b *vectorBench) sweepFile(r rival, truth []uint32, goals []float64) (string, error) {
	own, ours := r.(*ownRival)
	file := b.indexFile(r)
	if ours {
		file = b.indexFile(&ownRival{b: b, which: own.which})
	}
	h := crc32.NewIEEE()
	fmt.Fprint(h, r.name(), truth, goals)
	paths := []string{file}
	if ours {
		exe, err := os.Executable()
		if err != nil {
			return "", err
		}
		paths = append(paths, exe)
	}
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return "", err
		}
		fmt.Fprint(h, info.Size(), info.ModTime())
	}
	return fmt.Sprintf("%s.sweep-%08x", file, h.Sum32()), nil
}

// race measures every curve's beams, round by round in turn, each round other queries.
func (b *vectorBench) race(all []*curve, allowed *roaring.Bitmap, queries int) error {
	per := queries / max(1, b.Rounds)
	for round := range b.Rounds {
		for i := range all {
			c := all[(i+round)%len(all)]
			b.a.ui.step(fmt.Sprintf("round %d, %s", round+1, c.r.name()), 0, 0)
			speed := make([]float64, len(c.efs))
			// The others ran meanwhile: caches and pages are brought back before the clock runs.
			if _, _, err := c.r.search(c.efs[0], round*per, (round+1)*per, allowed); err != nil {
				return err
			}
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

// askedFor asks ours for a recall instead of a beam, and says what is found.
func (b *vectorBench) askedFor() ([]vectorTable, error) {
	rivals, err := b.built(isOurs)
	defer func() { closeAll(rivals) }()
	if err != nil {
		return nil, err
	}
	t := vectorTable{
		Title:  fmt.Sprintf("Recall asked for and found: %s, %d vectors of %d", b.Data, b.set.n, b.set.dim),
		Notes:  []string{fmt.Sprintf("%d queries. Each index knows by its own calibration what to do.", b.set.asked())},
		Header: []string{"system"},
	}
	for _, g := range vectorGoals {
		t.Header = append(t.Header, fmt.Sprintf("%.2f asked", g))
	}
	for _, r := range rivals {
		own, ok := r.(*ownRival)
		if !ok {
			continue
		}
		row := []string{r.name()}
		for _, g := range vectorGoals {
			asked := &ownRival{b: b, which: own.which, x: own.x, recall: float32(g)}
			_, ids, err := asked.search(0, 0, b.set.asked(), nil)
			if err != nil {
				return nil, err
			}
			row = append(row, fmt.Sprintf("%.4f", recallOf(ids, b.set.truth)))
		}
		t.Rows = append(t.Rows, row)
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
		Notes:  []string{fmt.Sprintf("%d queries; rows admitted at random. Ours are given a bitmap, or a function that looks into an array of bits as hnswlib's filter does. Speeds are at recall .95, by the beam, or at the least that was tried; medians of %d rounds in turn. Last, a recall of .95 is asked of ours instead of a beam.", asked, b.Rounds)},
		Header: []string{"system", "admitted", "beam and recall", "queries/s at .95", "over hnswlib", "asked for .95: recall, queries/s, over hnswlib"},
	}
	for _, every := range []int{2, 10, 100, 1000} {
		rows, err := b.filter(rivals, every, asked)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, rows...)
	}
	return []vectorTable{t}, nil
}

// filter compares where one row in so many is admitted.
func (b *vectorBench) filter(rivals []rival, every, asked int) ([][]string, error) {
	admit := func(row int) bool { return mix(uint32(row))%uint32(every) == 0 }
	allowed := roaring.New()
	for i := range b.set.n {
		if admit(i) {
			allowed.Add(uint32(i))
		}
	}
	truth, err := b.truthOf(fmt.Sprintf("filter-%d", every), b.set.n, asked, admit)
	if err != nil {
		return nil, err
	}
	var all, chosen []*curve
	const goal = .95
	for _, r := range rivals {
		own, ok := r.(*ownRival)
		if !ok {
			all = append(all, &curve{r: r})
			continue
		}
		for _, called := range []bool{false, true} {
			all = append(all, &curve{r: &ownRival{b: b, which: own.which, x: own.x, called: called}})
			chosen = append(chosen, &curve{r: &ownRival{b: b, which: own.which, x: own.x, called: called, recall: goal}, efs: beams[:1]})
		}
	}
	for _, c := range all {
		if err := b.sweep(c, allowed, truth, asked, []float64{goal}); err != nil {
			return nil, err
		}
	}
	for _, c := range chosen {
		_, ids, err := c.r.search(0, 0, asked, allowed)
		if err != nil {
			return nil, err
		}
		c.recall = []float64{recallOf(ids, truth)}
	}
	if err := b.race(append(slices.Clone(all), chosen...), allowed, asked); err != nil {
		return nil, err
	}
	speed := func(c *curve) float64 { return c.median(min(goal, slices.Max(c.recall))) }
	peer := 0.0
	for _, c := range all {
		if c.r.name() == "hnswlib" {
			peer = speed(c)
		}
	}
	over := func(v float64) string {
		if peer == 0 {
			return "–"
		}
		return fmt.Sprintf("%.2f", v/peer)
	}
	var rows [][]string
	ours := 0
	for _, c := range all {
		at := len(c.efs) - 1
		row := []string{c.r.name(), fmt.Sprintf("1 in %d", every), fmt.Sprintf("%d: %.4f", c.efs[at], c.recall[at]), fmt.Sprintf("%.0f", speed(c)), over(speed(c)), ""}
		if _, ok := c.r.(*ownRival); ok {
			q := chosen[ours].median(0)
			row[5] = fmt.Sprintf("%.4f, %.0f, %s", chosen[ours].recall[0], q, over(q))
			ours++
		}
		rows = append(rows, row)
	}
	return rows, nil
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

// buildOrLoad returns the processor time that the build takes or took.
func (b *vectorBench) buildOrLoad(r rival) (time.Duration, error) {
	c, ok, err := b.costOf(r)
	if err != nil {
		return 0, err
	}
	if ok {
		_, err = r.load(b.indexFile(r), b.set.n)
	} else {
		c, err = b.buildAndKeep(r)
	}
	return c.CPU, err
}
