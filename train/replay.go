package train

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"bowerbird"
	"bowerbird/model"
	"bowerbird/rank"
	"bowerbird/retrieve"
)

// row set of one part: features row-major, labels, weights, and where each
// moment's rows begin.
type rows struct {
	x      []float32
	y      []bool
	w      []float32
	groups []group
	starts []int // where each group's rows begin
}

// group is what a page would have been made of at one moment.
type group struct {
	moment   moment
	cands    []bowerbird.Candidate // best fused first, features copied
	popular  []uint32
	learned  []uint32 // the learned source alone, best first
	sources  []string
	found    []int // by source: how many of the relevant it found
	hydrated int   // how many of the relevant reached the ranker
	request  bowerbird.Request
}

// pageCost is about how many events are folded in the time of one page, for the
// progress.
const pageCost = 1000

// replay folds the log into a fresh house and, at each moment, asks for the
// candidates of the person's home page.
func (t *training) replay(ctx context.Context) error {
	h, err := t.o.NewHouse()
	if err != nil {
		return err
	}
	var batch []bowerbird.Fact
	flush := func() {
		h.Apply(batch)
		batch = make([]bowerbird.Fact, 0, 4096)
	}
	next, placed := 0, false
	place := func() error {
		flush()
		placed = true
		if err := t.fitGraph(ctx, h, t.early); err != nil {
			return err
		}
		m, err := t.matrix(t.cutA, false)
		if err == nil {
			err = t.fitContent(ctx, h, t.early, m)
		}
		if err != nil {
			return err
		}
		return h.Put(ctx, t.early)
	}
	step := func(offset uint64) {
		t.o.Step("replaying for rows", offset+pageCost*uint64(next), t.last+1+pageCost*uint64(len(t.moments)))
	}
	asked := t.search.drawn
	ask := func(offset uint64) error {
		for len(asked) > 0 && asked[0].offset == offset {
			flush()
			if err := t.searchPage(ctx, h, asked[0]); err != nil {
				return err
			}
			asked = asked[1:]
		}
		for next < len(t.moments) && t.moments[next].offset == offset {
			flush()
			g, err := t.page(ctx, h, t.moments[next])
			if err != nil {
				return err
			}
			t.groups = append(t.groups, g)
			next++
			step(offset)
		}
		return nil
	}
	err = t.o.Log.Scan(ctx, 1, t.last, func(offset uint64, e *bowerbird.Event) error {
		if !placed && offset >= t.cutA {
			if err := place(); err != nil {
				return err
			}
		}
		if err := ask(offset); err != nil {
			return err
		}
		if f, ok := h.Fold(offset, e); ok && !t.held[pair(uint32(f.User), uint32(f.Item))] {
			batch = append(batch, f)
		}
		if len(batch) == cap(batch) {
			flush()
		}
		if offset%65536 == 0 {
			step(offset)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !placed {
		if err := place(); err != nil {
			return err
		}
	}
	flush()
	t.house = h
	return ask(t.last + 1)
}

// fitGraph learns from a house's graph. A graph that cannot be learned from costs
// its source and nothing else.
func (t *training) fitGraph(ctx context.Context, h House, b *rank.Bundle) error {
	err := h.FitGraph(ctx, b, retrieve.FitOptions{Seed: t.o.Seed, Threads: t.o.Threads, Memory: t.o.Memory})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		t.note("no vectors of the graph: %v", err)
	}
	return nil
}

// fitContent learns where newcomers lie. Items without content cost the source and
// nothing else.
func (t *training) fitContent(ctx context.Context, h House, b *rank.Bundle, m *model.Matrix) error {
	err := h.FitContent(ctx, b, m, retrieve.FitOptions{Seed: t.o.Seed, Threads: t.o.Threads, Memory: t.o.Memory})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		t.note("no vectors of newcomers: %v", err)
	} else if b.Content != nil && !math.IsNaN(b.Content.Cosine) {
		t.note("newcomers: cosine %.3f of held-out items' vectors with what their content says; likeness counts %g to one", b.Content.Cosine, b.Content.Mix)
	}
	return nil
}

// page asks a house for one moment's candidates.
func (t *training) page(ctx context.Context, h House, m moment) (group, error) {
	r := bowerbird.Request{Surface: bowerbird.Home, User: bowerbird.UserID(m.user), Limit: 25, Seed: t.o.Seed + m.offset, Now: h.Now(), Offset: m.offset - 1}
	p, err := h.Candidates(ctx, r)
	if err != nil {
		return group{}, err
	}
	g := group{moment: m, cands: p.Items, sources: p.Sources, found: make([]int, len(p.Sources)), request: p.Request}
	t.features = p.Features
	learned := slices.Index(p.Sources, "learned")
	type ranked struct {
		item uint32
		rank uint16
	}
	var byLearned []ranked
	for _, c := range p.Items {
		rel := slices.Contains(m.relevant, uint32(c.Item))
		if rel {
			g.hydrated++
		}
		for _, f := range c.From {
			if rel {
				g.found[f.Source]++
			}
			if int(f.Source) == learned {
				byLearned = append(byLearned, ranked{uint32(c.Item), f.Rank})
			}
		}
	}
	slices.SortFunc(byLearned, func(a, b ranked) int { return int(a.rank) - int(b.rank) })
	for _, x := range byLearned {
		g.learned = append(g.learned, x.item)
	}
	g.popular, err = h.Popular(ctx, p.Request, 50)
	return g, err
}

// negatives is how many candidates without a like are drawn from each page.
const negatives = 60

// halves cuts the people at random into two sets of rows: pages of one person
// share what is relevant, so they stay together.
func (r *rows) halves(seed uint64) [2]*rows {
	rng := rand.New(rand.NewPCG(seed, 0x666f6c64))
	out := [2]*rows{new(rows), new(rows)}
	sides := map[uint32]int{}
	for i, g := range r.groups {
		side, ok := sides[g.moment.user]
		if !ok {
			side = rng.IntN(2)
			sides[g.moment.user] = side
		}
		h := out[side]
		h.starts = append(h.starts, len(h.y))
		h.groups = append(h.groups, g)
		from, to := r.starts[i], len(r.y)
		if i+1 < len(r.starts) {
			to = r.starts[i+1]
		}
		n := len(r.x) / max(1, len(r.y))
		h.x = append(h.x, r.x[from*n:to*n]...)
		h.y, h.w = append(h.y, r.y[from:to]...), append(h.w, r.w[from:to]...)
	}
	return out
}

// rowsOf turns pages into rows: every candidate that was liked, and a sample of
// the others, weighted so that they stand for all.
func (t *training) rowsOf(judge bool) *rows {
	rng := rand.New(rand.NewPCG(t.o.Seed, 0x726f7773))
	out := new(rows)
	for _, g := range t.groups {
		if g.moment.judge != judge {
			continue
		}
		out.starts = append(out.starts, len(out.y))
		var not []int
		for i, c := range g.cands {
			if slices.Contains(g.moment.relevant, uint32(c.Item)) {
				out.add(c.Features, true, 1)
			} else {
				not = append(not, i)
			}
		}
		rng.Shuffle(len(not), func(i, j int) { not[i], not[j] = not[j], not[i] })
		n := min(len(not), negatives)
		for _, i := range not[:n] {
			out.add(g.cands[i].Features, false, float32(len(not))/float32(n))
		}
		out.groups = append(out.groups, g)
	}
	return out
}

func (r *rows) add(x []float32, y bool, w float32) {
	for _, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return // a row that serving could not use either
		}
	}
	r.x, r.y, r.w = append(r.x, x...), append(r.y, y), append(r.w, w)
}
