package engine

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"bowerbird"
	"bowerbird/feature"
	"bowerbird/filter"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/store"
	"bowerbird/surface"
	"bowerbird/text"
	"bowerbird/text/meaning"
	"bowerbird/vision/label"
	"bowerbird/vision/see"
)

// View is state folded from the log and from nothing else. Apply is called by one
// goroutine at a time, in the order of the log; a view guards its own reads. The
// same facts give byte-identical Saves.
type View interface {
	Apply(facts []bowerbird.Fact)
	Save(w io.Writer) error
	Load(r io.Reader) error
}

// House is every view, and the surfaces that serve from them.
type House struct {
	Catalogue *store.Catalogue
	views     []named
	recalls   *recalls
	surfaces  map[bowerbird.Surface]*surface.Pipeline

	clock    *clock
	counts   *Counts
	history  *retrieve.History
	fields   *filter.Fields
	features *feature.Set
	looks    *retrieve.Looks
	goes     *retrieve.Goes
	goesWith *surface.Pipeline         // Related of Request.Goes
	labels   atomic.Pointer[label.Set] // linear labels; nil: none
	copies   *retrieve.Copies
	words    *retrieve.Words
	mix      *retrieve.Mix
	taste    *feature.Taste
	learned  *retrieve.Learned
	session  *retrieve.Session
	people   *retrieve.People

	neighbourhood *retrieve.Neighbourhood
	newcomers     *retrieve.Newcomers

	query     understander
	ranker    *rank.Model
	searcher  *rank.SearchModel
	meant     *retrieve.Meaning
	encoder   meaning.Encoder // the owner's; nil: the trained model
	eye       see.Encoder     // the owner's, of pictures; nil: the trained one or the built-in
	analyzer  *text.Analyzer
	languages *text.Multi
	diverse   *rank.Diversify
	dedupe    *rank.Dedupe
	like      likeness
	followed  *retrieve.Followed
	popular   *retrieve.Liked
	near      *surface.Weight // of the source neighbourhood on the home page
}

type named struct {
	name string
	view View
}

// Fold numbers one event by the catalogue and returns the fact for the other
// views; false if there is nothing for them.
func (h *House) Fold(offset uint64, e *bowerbird.Event) (bowerbird.Fact, bool) {
	return h.Catalogue.Apply(offset, e)
}

// parallelFrom is the batch size from which views fold side by side.
const parallelFrom = 256

// Apply folds facts into every view but the catalogue. A large batch is folded by
// all cores, each view by one goroutine.
func (h *House) Apply(facts []bowerbird.Fact) {
	if len(facts) == 0 {
		return
	}
	if len(facts) < parallelFrom {
		for _, v := range h.views {
			v.view.Apply(facts)
		}
		return
	}
	work := make(chan View)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for v := range work {
				v.Apply(facts)
			}
		})
	}
	for _, v := range h.views {
		work <- v.view
	}
	close(work)
	wg.Wait()
}

// replayBatch is how many facts a replay folds at once.
const replayBatch = 8192

// Replay folds what a log holds from one offset to another (0: its end).
func (h *House) Replay(ctx context.Context, log store.Log, from, to uint64, progress func(done, total uint64)) error {
	total := to
	if total == 0 {
		total = log.Last()
	}
	batch := make([]bowerbird.Fact, 0, replayBatch)
	err := log.Scan(ctx, from, to, func(offset uint64, e *bowerbird.Event) error {
		if f, ok := h.Fold(offset, e); ok {
			batch = append(batch, f)
		}
		if len(batch) == cap(batch) {
			h.Apply(batch)
			batch = make([]bowerbird.Fact, 0, replayBatch)
			if progress != nil {
				progress(offset, total)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("engine: replay: %w", err)
	}
	h.Apply(batch)
	if progress != nil {
		progress(total, total)
	}
	return nil
}

// Now is the log's time: the latest time of any event, Unix milliseconds.
func (h *House) Now() int64 { return h.clock.now() }

// Run makes a page of one surface for a request by numbers.
func (h *House) Run(ctx context.Context, r bowerbird.Request) (*bowerbird.Page, error) {
	p, ok := h.surfaces[r.Surface]
	if r.Surface == bowerbird.Related && r.Goes {
		p = h.goesWith
	}
	if !ok {
		return nil, fmt.Errorf("surface: %s is none that the engine serves", r.Surface)
	}
	offset := h.Catalogue.Offset()
	if r.Offset == 0 {
		r.Offset = offset
	}
	if r.Now == 0 {
		r.Now = h.Now()
	}
	page, err := p.Run(ctx, r)
	if err != nil {
		return nil, err
	}
	page.Offset = offset
	return page, nil
}

// Features names the columns that the ranker of a surface sees.
func (h *House) Features(s bowerbird.Surface) []string {
	if p, ok := h.surfaces[s]; ok && p.Hydrate != nil {
		return p.Hydrate.Names()
	}
	return nil
}

// patient is how long training waits for a source: a busy machine must not change
// the rows.
const patient = time.Minute

// Candidates runs a surface up to hydration: every candidate that reached the
// ranker, best by fused score first. Training makes rows of them.
func (h *House) Candidates(ctx context.Context, r bowerbird.Request) (*bowerbird.Page, error) {
	p, ok := h.surfaces[r.Surface]
	if !ok {
		return nil, fmt.Errorf("surface: %s is none that the engine serves", r.Surface)
	}
	whole := *p
	whole.Score, whole.Select = nil, nil
	whole.Timeout = patient
	r.Limit = 1 << 20
	return whole.Run(ctx, r)
}

// Arrange makes a page of scored candidates as the home page does: equal pictures
// dropped, then diversity λ.
func (h *House) Arrange(r *bowerbird.Request, c []bowerbird.Candidate, n int, lambda float32) []bowerbird.Candidate {
	c = h.dedupe.Select(r, c, n)
	c = rank.NewDiversifyBy(h.like.of, lambda).Select(r, c, n)
	return c[:min(n, len(c))]
}

// nearWeight is that of the source neighbourhood where training has found no better.
const nearWeight = .1

// Weight is that of a source of the home page that training may choose; below 0:
// it may not.
func (h *House) Weight(source string) float32 {
	if source != h.neighbourhood.Name() {
		return -1
	}
	return h.near.Get()
}

// Popular lists the n most liked items that a request's filters let pass: the
// baseline beside which everything is shown.
func (h *House) Popular(ctx context.Context, r bowerbird.Request, n int) ([]uint32, error) {
	only := *h.surfaces[bowerbird.Home]
	only.Sources = []surface.Use{{Source: h.popular, N: n}}
	only.Score, only.Select, only.Hydrate = nil, nil, nil
	only.Timeout = patient
	r.Limit = n
	page, err := only.Run(ctx, r)
	if err != nil {
		return nil, err
	}
	out := make([]uint32, len(page.Items))
	for i, c := range page.Items {
		out[i] = uint32(c.Item)
	}
	return out, nil
}
