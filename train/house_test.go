package train

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/model"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/store"
)

// memory is a log in memory.
type memory struct {
	store.Log // what training does not ask for
	events    []bowerbird.Event
	erased    uint64
	scanned   func(offset uint64)
}

func (m *memory) Last() uint64      { return uint64(len(m.events)) }
func (m *memory) LastErase() uint64 { return m.erased }
func (m *memory) Scan(ctx context.Context, from, to uint64, fn func(uint64, *bowerbird.Event) error) error {
	for o := from; o <= to && o <= m.Last(); o++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if m.scanned != nil {
			m.scanned(o)
		}
		if err := fn(o, &m.events[o-1]); err != nil {
			return err
		}
	}
	return nil
}

// house is a small House: popularity and the learned model are its sources, what
// a person liked is not shown again. Names are "u3", "i7".
type house struct {
	folded, applied uint64
	now             int64
	likes           map[bowerbird.UserID][]bowerbird.Action
	count           map[uint32]float32
	b               *rank.Bundle
	put             []uint64                                    // offsets folded when a bundle was put
	asked           func(h *house, r *bowerbird.Request)        // before each page
	feature         func(c *bowerbird.Candidate, row []float32) // after the features are filled
}

func newHouse() *house {
	return &house{likes: map[bowerbird.UserID][]bowerbird.Action{}, count: map[uint32]float32{}}
}

func number(name string) uint32 {
	if name == "" {
		return 0
	}
	n, err := strconv.Atoi(name[1:])
	if err != nil {
		panic(err)
	}
	return uint32(n)
}

func (h *house) Fold(offset uint64, e *bowerbird.Event) (bowerbird.Fact, bool) {
	h.folded = offset
	f := bowerbird.Fact{Offset: offset, Time: e.Time, Kind: e.Kind, User: bowerbird.UserID(number(e.User)), Item: bowerbird.ItemID(number(e.Item))}
	return f, f.Item != 0
}

func (h *house) Apply(facts []bowerbird.Fact) {
	for _, f := range facts {
		h.applied, h.now = f.Offset, f.Time
		if w := f.Kind.Positive(); w > 0 {
			h.likes[f.User] = append(h.likes[f.User], bowerbird.Action{Item: f.Item, Offset: f.Offset, Weight: w, Kind: f.Kind})
			h.count[uint32(f.Item)] += w
		}
	}
}

func (h *house) Put(_ context.Context, b *rank.Bundle) error {
	h.b = b
	h.put = append(h.put, h.folded)
	return nil
}

func (h *house) FitContent(context.Context, *rank.Bundle, *model.Matrix, retrieve.FitOptions) error {
	return nil
}

func (h *house) FitGraph(context.Context, *rank.Bundle, retrieve.FitOptions) error { return nil }

func (h *house) Now() int64                                    { return h.now }
func (h *house) History(u bowerbird.UserID) []bowerbird.Action { return h.likes[u] }

func (h *house) best(u bowerbird.UserID, n int) []uint32 {
	var all []uint32
	for x := range h.count {
		if !slices.ContainsFunc(h.likes[u], func(a bowerbird.Action) bool { return uint32(a.Item) == x }) {
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(x, y uint32) int { return cmp.Or(cmp.Compare(h.count[y], h.count[x]), cmp.Compare(x, y)) })
	return all[:min(n, len(all))]
}

func (h *house) Popular(_ context.Context, r bowerbird.Request, n int) ([]uint32, error) {
	return h.best(r.User, n), nil
}

// Weight is that of a source that a page of pages may name.
func (h *house) Weight(source string) float32 {
	if source == "neighbourhood" {
		return .1
	}
	return -1
}

// Candidates joins popularity and the learned model, fused by rank.
func (h *house) Candidates(ctx context.Context, r bowerbird.Request) (*bowerbird.Page, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if h.asked != nil {
		h.asked(h, &r)
	}
	p := &bowerbird.Page{Request: r, Sources: []string{"popular", "learned"}, Features: []string{"popular.score", "popular.rank", "learned.score", "learned.rank"}}
	at := map[uint32]int{}
	add := func(source int, x uint32, rank int, score float32) {
		i, ok := at[x]
		if !ok {
			i = len(p.Items)
			at[x] = i
			p.Items = append(p.Items, bowerbird.Candidate{Item: bowerbird.ItemID(x), Features: make([]float32, 4)})
		}
		c := &p.Items[i]
		c.From = append(c.From, bowerbird.Found{Source: uint8(source), Rank: uint16(rank), Score: score})
		c.Features[2*source], c.Features[2*source+1] = score, 1/float32(rank)
		c.Score += 1 / float32(60+rank)
	}
	for i, x := range h.best(r.User, 60) {
		add(0, x, i+1, h.count[x])
	}
	if h.b != nil {
		var history []model.Weighted
		for _, a := range h.likes[r.User] {
			history = append(history, model.Weighted{Item: uint32(a.Item), Weight: a.Weight})
		}
		for i, s := range h.b.Retrieval.Recommend(nil, history, 40, func(x uint32) bool { return x == 0 }) {
			add(1, s.Item, i+1, s.Score)
		}
	}
	for i := range p.Items {
		if h.feature != nil {
			h.feature(&p.Items[i], p.Items[i].Features)
		}
	}
	slices.SortStableFunc(p.Items, func(a, b bowerbird.Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Item, b.Item))
	})
	return p, nil
}

// Arrange moves items of one residue apart: λ of 0 leaves the order alone.
func (h *house) Arrange(_ *bowerbird.Request, c []bowerbird.Candidate, n int, lambda float32) []bowerbird.Candidate {
	if lambda > 0 {
		slices.SortStableFunc(c[:min(n, len(c))], func(a, b bowerbird.Candidate) int { return cmp.Compare(a.Item%2, b.Item%2) })
	}
	return c[:min(n, len(c))]
}

func save(u, x int) bowerbird.Event { return act(bowerbird.Save, u, x) }

func act(k bowerbird.Kind, u, x int) bowerbird.Event {
	return bowerbird.Event{Kind: k, User: fmt.Sprintf("u%d", u), Item: fmt.Sprintf("i%d", x)}
}

// planted is a log of people who save what their circle likes: eight circles of
// twelve people, each with 24 items of its own, and now and then something else.
func planted(seed uint64) []bowerbird.Event {
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []bowerbird.Event
	done := map[[2]int]bool{}
	for len(out) < 1200 {
		u := 1 + rng.IntN(96)
		x := 1 + u%8*24 + rng.IntN(24)
		if rng.IntN(10) == 0 {
			x = 1 + rng.IntN(192)
		}
		if done[[2]int{u, x}] {
			continue
		}
		done[[2]int{u, x}] = true
		e := save(u, x)
		e.Time = int64(1000 * (len(out) + 1))
		out = append(out, e)
	}
	return out
}

func options(events []bowerbird.Event) Options {
	return Options{
		Log:      &memory{events: events},
		NewHouse: func() (House, error) { return newHouse(), nil },
		Samples:  60, Time: -1, Seed: 5, Threads: 2,
		Now: func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) },
	}
}

// reading runs the first step.
func reading(t *testing.T, o Options) *training {
	t.Helper()
	o.defaults()
	tr := &training{o: o}
	if err := tr.read(context.Background()); err != nil {
		t.Fatal(err)
	}
	return tr
}

// quick tries nothing but popularity, for tests of the steps around.
func quick(events []bowerbird.Event) Options {
	o := options(events)
	o.Time, o.Now = 1, time.Now
	return o
}
