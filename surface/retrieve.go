package surface

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"bowerbird"
)

// found is what the sources of one page returned, in pooled memory.
type found struct {
	hits  [][]bowerbird.Hit // by source; nil where it failed or was late
	from  []bowerbird.Found
	feats []float32
	at    table

	places []place
	arenas [2][]bowerbird.Candidate // sort goes from one to the other
	cur    int
}

var pool = sync.Pool{New: func() any { return new(found) }}

func (f *found) release() { pool.Put(f) }

// outcome is one source's answer.
type outcome struct {
	source int
	hits   []bowerbird.Hit
	skips  *skips
	cut    error // why the hits are not as good as they might be
	nanos  int64
	err    error
}

// errLate stands in a trace for a source that did not answer in its time.
var errLate = errors.New("late: it did not answer within its time")

// retrieve asks all sources side by side, each in its own goroutine and time.
func (p *Pipeline) retrieve(ctx context.Context, r *bowerbird.Request, sv *sieve, tr *bowerbird.Trace) (*found, error) {
	f := pool.Get().(*found)
	for len(f.hits) < len(p.Sources) {
		f.hits = append(f.hits, nil)
	}
	f.hits = f.hits[:len(p.Sources)]
	tr.Sources = make([]bowerbird.SourceTrace, len(p.Sources))

	timeout := p.Timeout
	if timeout == 0 {
		timeout = 250 * time.Millisecond
	}
	caller := ctx
	ctx, cancel := context.WithTimeout(caller, timeout)
	defer cancel()
	answers := make(chan outcome, len(p.Sources))
	for i, u := range p.Sources {
		tr.Sources[i].Name = u.Source.Name()
		n := u.n(r.Limit)
		if p.Whole {
			n = bowerbird.MaxReach
		}
		go ask(ctx, u, i, n, *r, sv, f.hits[i][:0], answers)
		f.hits[i] = nil // until it answers, the slice is the source's own
	}
	failed := 0
	for range p.Sources {
		o, ok := next(ctx, answers)
		if !ok {
			break
		}
		t := &tr.Sources[o.source]
		t.Nanos = o.nanos
		if o.err != nil {
			t.Error = o.err.Error()
			failed++
			continue
		}
		if o.cut != nil {
			tr.Notes = append(tr.Notes, "source "+t.Name+": "+o.cut.Error())
		}
		f.hits[o.source] = o.hits
		t.Found = len(o.hits)
		sv.add(o.skips)
	}
	if err := caller.Err(); err != nil {
		f.release()
		return nil, fmt.Errorf("surface %s: %w", p.Surface, err)
	}
	for i := range tr.Sources {
		if t := &tr.Sources[i]; t.Nanos == 0 {
			t.Error = errLate.Error()
			failed++
		}
	}
	for i := range tr.Sources {
		if s := &tr.Sources[i]; s.Error != "" {
			tr.Notes = append(tr.Notes, "source "+s.Name+": "+s.Error)
		}
	}
	if failed == len(p.Sources) && failed > 0 {
		err := fmt.Errorf("surface %s: every source failed: %v", p.Surface, tr.Notes)
		f.release()
		return nil, err
	}
	return f, nil
}

// next takes one answer: what is there already, also after the time is up, else
// what comes before ctx ends.
func next(ctx context.Context, answers <-chan outcome) (outcome, bool) {
	select {
	case o := <-answers:
		return o, true
	default:
	}
	select {
	case o := <-answers:
		return o, true
	case <-ctx.Done():
		return outcome{}, false
	}
}

func ask(ctx context.Context, u Use, i, n int, r bowerbird.Request, sv *sieve, dst []bowerbird.Hit, answers chan<- outcome) {
	start := time.Now()
	o := outcome{source: i, skips: sv.skips(r.Trace)}
	defer func() {
		if e := recover(); e != nil {
			o.hits, o.err = nil, fmt.Errorf("panic: %v", e)
		}
		o.nanos = max(1, int64(time.Since(start)))
		answers <- o
	}()
	r.Keep = o.skips.keep
	o.hits, o.err = u.Source.Candidates(ctx, &r, n, dst)
	if errors.Is(o.err, bowerbird.ErrCut) {
		o.cut, o.err = o.err, nil
	}
	if o.err == nil && len(o.hits) > n {
		o.hits = o.hits[:n]
	}
}

// fuse is the constant of reciprocal rank fusion (Cormack, Clarke & Büttcher,
// SIGIR 2009): 60 flattens the head so that two sources outweigh one.
const fuse = 60

// Fused is what a source of weight w adds to the score of its candidate at a rank,
// the best being 1.
func Fused(w float32, rank int) float32 { return w / float32(fuse+rank) }

// merge makes one candidate of each distinct item, with what every source said,
// and sets its score to the weighted reciprocal rank fusion. Candidates come in
// the order of first mention by source and rank, which is deterministic.
func (f *found) merge(uses []Use) []bowerbird.Candidate {
	total := 0
	for _, h := range f.hits {
		total += len(h)
	}
	f.at.reset(total)
	f.cur = 0
	c := f.arenas[0][:0]
	// Two passes: count what each candidate holds, then lay it out in one arena.
	for s, hits := range f.hits {
		w := uses[s].weight()
		for rank, h := range hits {
			if h.Item == 0 {
				continue // nobody: a source's slip
			}
			i, fresh := f.at.put(uint32(h.Item), uint32(len(c)), uint32(s))
			if i == again {
				continue // a source named the item twice: its better rank stands
			}
			if fresh {
				c = append(c, bowerbird.Candidate{Item: h.Item})
			}
			c[i].Score += Fused(w, rank+1)
		}
	}
	f.arenas[0] = c
	if cap(f.from) < total {
		f.from = make([]bowerbird.Found, total)
	}
	f.from = f.from[:total]
	counts := f.at.counts(len(c))
	at := 0
	for i := range c {
		c[i].From = f.from[at : at : at+int(counts[i])]
		at += int(counts[i])
	}
	for s, hits := range f.hits {
		for rank, h := range hits {
			if h.Item == 0 {
				continue
			}
			i := f.at.get(uint32(h.Item))
			if n := len(c[i].From); n > 0 && c[i].From[n-1].Source == uint8(s) {
				continue
			}
			c[i].From = append(c[i].From, bowerbird.Found{Source: uint8(s), Rank: uint16(min(rank+1, 1<<16-1)), Score: h.Score, Why: h.Why})
		}
	}
	return c
}

// features gives each candidate a zeroed row of n numbers.
func (f *found) features(c []bowerbird.Candidate, n int) {
	if cap(f.feats) < len(c)*n {
		f.feats = make([]float32, len(c)*n)
	}
	f.feats = f.feats[:len(c)*n]
	clear(f.feats)
	for i := range c {
		c[i].Features = f.feats[i*n : (i+1)*n : (i+1)*n]
	}
}

// table is a small open-addressing map from item to candidate, reused between pages.
type table struct {
	keys, vals []uint32 // key 0: free (no item is 0)
	n          []uint32 // mentions by candidate, each by another source
	last       []uint32 // the source that mentioned it last
	mask       uint32
}

// again is what put returns for a second mention by the same source.
const again = 1<<32 - 1

func (t *table) reset(n int) {
	size := 64
	for size < 2*n {
		size *= 2
	}
	if cap(t.keys) < size {
		t.keys, t.vals = make([]uint32, size), make([]uint32, size)
	}
	t.keys, t.vals = t.keys[:size], t.vals[:size]
	clear(t.keys)
	t.mask = uint32(size - 1)
	t.n, t.last = t.n[:0], t.last[:0]
}

func (t *table) slot(k uint32) uint32 {
	i := k * 2654435769 & t.mask
	for t.keys[i] != 0 && t.keys[i] != k {
		i = (i + 1) & t.mask
	}
	return i
}

// put returns the candidate of k, which is next if k is new, and counts source's mention.
func (t *table) put(k, next, source uint32) (uint32, bool) {
	i := t.slot(k)
	if t.keys[i] != k {
		t.keys[i], t.vals[i] = k, next
		t.n, t.last = append(t.n, 1), append(t.last, source)
		return next, true
	}
	c := t.vals[i]
	if t.last[c] == source {
		return again, false
	}
	t.n[c]++
	t.last[c] = source
	return c, false
}

func (t *table) get(k uint32) uint32 { return t.vals[t.slot(k)] }

func (t *table) counts(n int) []uint32 { return t.n[:n] }
