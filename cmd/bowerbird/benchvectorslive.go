package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"bowerbird/index"
)

// churn deletes a fifth of the rows and inserts as many others, and asks again at
// the beam that reached .95 before.
func (b *vectorBench) churn() ([]vectorTable, error) {
	if b.set.spare() < b.set.n/5 {
		return nil, fmt.Errorf("this set holds no rows beside the %d indexed", b.set.n)
	}
	rivals, err := b.built(func(n string) bool { return strings.HasPrefix(n, "graph") || n == "hnswlib" })
	defer func() { closeAll(rivals) }()
	if err != nil {
		return nil, err
	}
	gone, asked := b.set.n/5, min(2000, b.set.asked())
	truth, err := b.truthOf("churn", b.set.n+gone, asked, func(row int) bool { return row >= gone })
	if err != nil {
		return nil, err
	}
	t := vectorTable{
		Title:  fmt.Sprintf("Churn: %d of %d vectors deleted, %d others inserted, one after another", gone, b.set.n, gone),
		Notes:  []string{fmt.Sprintf("%d queries, medians of %d rounds, at the least ef that reached .95 when fresh. The fresh graph and the changed one are asked in turn: both are held. Compacted: after Compact, which ours have.", asked, b.Rounds)},
		Header: []string{"system", "ef", "recall fresh, after, compacted", "queries/s fresh, after, compacted", "after over fresh", "compacted over fresh", "processor seconds of the change, of Compact"},
	}
	for _, r := range rivals {
		row, err := b.churnOf(r, gone, asked, truth)
		if err != nil {
			if b.a.ctx.Err() != nil {
				return nil, err
			}
			b.a.ui.say("%s is left out: %v", r.name(), err)
			continue
		}
		t.Rows = append(t.Rows, row)
	}
	return []vectorTable{t}, nil
}

// churnOf changes one system; the changed index and the compacted one are kept beside the fresh one, and all are
// asked in turn.
func (b *vectorBench) churnOf(r rival, gone, asked int, truth []uint32) ([]string, error) {
	c := &curve{r: r}
	if err := b.sweep(c, nil, b.set.truth, asked, []float64{.95}); err != nil {
		return nil, err
	}
	ef := c.efs[len(c.efs)-1]
	states, costs := []rival{r}, ""
	defer func() { closeAll(states[1:]) }()
	for _, state := range []string{"churned", "compacted"} {
		if _, own := r.(*ownRival); !own && state == "compacted" {
			break
		}
		twins := b.rivals(func(n string) bool { return n == r.name() })
		if len(twins) != 1 {
			return nil, errRivalCannot
		}
		states = append(states, twins[0])
		path := b.indexFile(r) + "." + state
		took, err := b.changed(twins[0], path, state, gone)
		if err != nil {
			return nil, err
		}
		costs += fmt.Sprintf(", %.1f", took.Seconds())
	}
	speeds, recalls, err := b.inTurn(states, ef, asked, [][]uint32{b.set.truth[:asked*vectorK], truth, truth})
	if err != nil {
		return nil, err
	}
	row := []string{r.name(), fmt.Sprint(ef), "", "", "–", "–", strings.TrimPrefix(costs, ", ")}
	for i := range states {
		row[2] += fmt.Sprintf(", %.4f", recalls[i])
		row[3] += fmt.Sprintf(", %.0f", medianOf(speeds[i]))
		if i > 0 {
			row[3+i] = fmt.Sprintf("%.2f", ratioOf(speeds[i], speeds[0]))
		}
	}
	row[2], row[3] = strings.TrimPrefix(row[2], ", "), strings.TrimPrefix(row[3], ", ")
	return row, nil
}

// changed makes a system's changed index, or loads it where it is kept, and returns the processor time of the change.
func (b *vectorBench) changed(r rival, path, state string, gone int) (time.Duration, error) {
	if s, err := os.ReadFile(path + ".took"); err == nil {
		took, err := time.ParseDuration(string(s))
		if err == nil {
			_, err = r.load(path, b.set.n)
		}
		return took, err
	}
	b.a.ui.step(state+": "+r.name(), 0, 0)
	from := b.indexFile(r)
	if state == "compacted" {
		from += ".churned"
	}
	if _, err := r.load(from, b.set.n); err != nil {
		return 0, err
	}
	var took time.Duration
	var err error
	if state == "churned" {
		took, err = b.change(r, gone)
	} else {
		x, ok := r.(*ownRival).x.(interface{ Compact(context.Context) error })
		if !ok {
			return 0, errRivalCannot
		}
		start := cpuTime()
		err = x.Compact(b.a.ctx)
		took = cpuTime() - start
	}
	if err == nil {
		err = r.save(path)
	}
	if err != nil {
		return 0, err
	}
	return took, os.WriteFile(path+".took", []byte(took.String()), 0o644)
}

// inTurn measures states of a system in turn, the same queries of all, and the recall of each.
func (b *vectorBench) inTurn(states []rival, ef, asked int, truth [][]uint32) (speeds [][]float64, recalls []float64, err error) {
	speeds, recalls = make([][]float64, len(states)), make([]float64, len(states))
	for range b.Rounds {
		for i, r := range states {
			if _, _, err := r.search(ef, 0, asked/2, nil); err != nil { // warms up
				return nil, nil, err
			}
			took, ids, err := r.search(ef, 0, asked, nil)
			if err != nil {
				return nil, nil, err
			}
			speeds[i], recalls[i] = append(speeds[i], float64(asked)/took.Seconds()), recallOf(ids, truth[i])
		}
	}
	return speeds, recalls, nil
}

// ratioOf is the median of the rounds' ratios.
func ratioOf(x, y []float64) float64 {
	var v []float64
	for i := range x {
		v = append(v, x[i]/y[i])
	}
	return medianOf(v)
}

// change deletes rows 0..n-1 and inserts n others; it returns the processor time.
func (b *vectorBench) change(r rival, n int) (time.Duration, error) {
	switch r := r.(type) {
	case *peerRival:
		c, err := r.ask("churn", n, b.set.n)
		return c.CPU, err
	case *ownRival:
		start := cpuTime()
		for i := range n {
			r.x.Delete(uint32(i))
		}
		err := putEach(b, r.x, b.set.n, b.set.n+n)
		return cpuTime() - start, err
	}
	return 0, errRivalCannot
}

func putEach(b *vectorBench, x index.Index, from, to int) error {
	for i := from; i < to; i++ {
		if err := x.Put(uint32(i), b.set.row(i)); err != nil {
			return err
		}
		if i%1000 == 0 {
			b.a.ui.step("inserting", int64(i-from), int64(to-from))
			if err := b.a.ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// live searches while 1,000 vectors a second are inserted by another goroutine.
func (b *vectorBench) live() ([]vectorTable, error) {
	rivals, err := b.built(func(n string) bool { return strings.HasPrefix(n, "graph") })
	defer func() { closeAll(rivals) }()
	if err != nil {
		return nil, err
	}
	t := vectorTable{
		Title:  fmt.Sprintf("Live: searches of one thread while 1,000 vectors a second are inserted, %d vectors", b.set.n),
		Notes:  []string{"10 seconds each; the beam is the least that reached .95. Searches follow one another; the p99 of each is shown."},
		Header: []string{"system", "ef", "p50, p99 idle", "p50, p99 with inserts", "p99 over idle", "inserted a second"},
	}
	for _, r := range rivals {
		own, ok := r.(*ownRival)
		if !ok {
			continue
		}
		c := &curve{r: r}
		if err := b.sweep(c, nil, b.set.truth, min(1000, b.set.asked()), []float64{.95}); err != nil {
			return nil, err
		}
		ef := c.efs[len(c.efs)-1]
		const idle = 10 * time.Second
		quiet, err := b.timed(own.x, ef, idle)
		if err != nil {
			return nil, err
		}
		stop, rate, failed := make(chan struct{}), 0.0, error(nil)
		var writer sync.WaitGroup
		writer.Go(func() { rate, failed = b.insert(own.x, stop) })
		busy, err := b.timed(own.x, ef, idle)
		close(stop)
		writer.Wait()
		if err == nil {
			err = failed
		}
		if err != nil {
			return nil, err
		}
		two := func(s spread) string {
			return fmt.Sprintf("%.3f, %.3f ms", s.Median.Seconds()*1e3, s.P99.Seconds()*1e3)
		}
		t.Rows = append(t.Rows, []string{r.name(), fmt.Sprint(ef), two(quiet), two(busy), fmt.Sprintf("%.2f", busy.P99.Seconds()/quiet.P99.Seconds()), fmt.Sprintf("%.0f", rate)})
	}
	return []vectorTable{t}, nil
}

// timed searches for a while and returns how long single searches took.
func (b *vectorBench) timed(x index.Index, ef int, during time.Duration) (spread, error) {
	var took []time.Duration
	for start, q := time.Now(), 0; time.Since(start) < during; q++ {
		at := time.Now()
		if _, err := x.Search(b.set.query(q%b.set.asked()), vectorK, index.Options{Ef: ef}); err != nil {
			return spread{}, err
		}
		took = append(took, time.Since(at))
	}
	return spreadOf(took), b.a.ctx.Err()
}

// insert puts 1,000 vectors a second, each at its moment, until stop; it returns the rate that it held.
func (b *vectorBench) insert(x index.Index, stop chan struct{}) (float64, error) {
	spare := make([]int, b.set.spare())
	for i := range spare {
		spare[i] = b.set.n + i
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(spare), func(i, j int) { spare[i], spare[j] = spare[j], spare[i] })
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	start, done := time.Now(), 0
	for {
		select {
		case <-stop:
			return float64(done) / time.Since(start).Seconds(), nil
		case <-tick.C:
		}
		for due := int(time.Since(start).Seconds() * 1000); done < due; done++ {
			if len(spare) == 0 {
				return 0, fmt.Errorf("this set holds no rows beside the %d indexed", b.set.n)
			}
			i := spare[done%len(spare)]
			if err := x.Put(uint32(i), b.set.row(i)); err != nil {
				return 0, err
			}
		}
	}
}
