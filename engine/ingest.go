package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bowerbird"
)

// Result says what became of one event.
type Result struct {
	Offset    uint64
	Duplicate bool  // it was there already
	Err       error // *bowerbird.Invalid: it was refused; the others of the batch are not affected
}

// ErrReadOnly is returned by writes to an engine that was opened for reading.
var ErrReadOnly = errors.New("engine: opened for reading only")

// future is how far ahead of this machine's clock an event may claim to be.
const future = 24 * time.Hour

// MaxBatch bounds the events of one Ingest.
const MaxBatch = 10_000

// Ingest takes events in: each is checked, appended durably and folded into every
// view before Ingest returns, so that the caller's next page knows it. Bad events
// are refused one by one in their Results; an error of the call itself means that
// nothing is promised about any of them.
//
// Safe for concurrent use; concurrent calls share an fsync. A call that has begun
// to append does not stop when ctx ends.
func (e *Engine) Ingest(ctx context.Context, events []bowerbird.Event) ([]Result, error) {
	if e.o.ReadOnly {
		return nil, ErrReadOnly
	}
	if len(events) > MaxBatch {
		return nil, &bowerbird.Invalid{Field: "events", Message: fmt.Sprintf("at most %d at once, got %d: send them in parts", MaxBatch, len(events))}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.gate.RLock()
	defer e.gate.RUnlock()

	results := make([]Result, len(events))
	good := make([]bowerbird.Event, 0, len(events))
	at := make([]int, 0, len(events))
	now := e.o.Now()
	refs := references{house: e.House()}
	for i := range events {
		ev := events[i]
		if ev.Time == 0 {
			ev.Time = now.UnixMilli()
		}
		if err := e.check(&ev, &refs, now); err != nil {
			results[i].Err = err
			continue
		}
		if ev.Kind == bowerbird.Impression {
			e.traces.served(&ev)
		}
		good, at = append(good, ev), append(at, i)
	}
	if len(good) == 0 {
		return results, nil
	}
	if err := e.append(ctx, good, func(i int, r Result) { results[at[i]] = r }); err != nil {
		return nil, err
	}
	return results, nil
}

func (e *Engine) append(ctx context.Context, good []bowerbird.Event, each func(int, Result)) error {
	appended, err := e.log.Append(context.WithoutCancel(ctx), good)
	if err != nil {
		e.metrics.ingestFailed.Inc()
		return fmt.Errorf("engine: ingest: %w", err)
	}
	offsets := make([]uint64, len(appended))
	for i, a := range appended {
		offsets[i] = a.Offset
		each(i, Result{Offset: a.Offset, Duplicate: a.Duplicate})
	}
	var waits []<-chan struct{}
	runs(offsets, good, func(i int) bool { return !appended[i].Duplicate }, func(first uint64, ev []bowerbird.Event) {
		waits = append(waits, e.applier.submit(first, ev))
	})
	for _, w := range waits {
		<-w
	}
	e.metrics.ingested.Add(float64(len(good)))
	return nil
}

// fold is the one place where events become state while the engine runs.
func (e *Engine) fold(first uint64, events []bowerbird.Event) {
	h := e.House()
	facts := make([]bowerbird.Fact, 0, len(events))
	for i := range events {
		if f, ok := h.Fold(first+uint64(i), &events[i]); ok {
			facts = append(facts, f)
		}
	}
	h.Apply(facts)
	e.sinceCheckpoint.Add(int64(len(events)))
}

// references are the names that a batch may speak of: those in the catalogue and
// those that the batch itself puts.
type references struct {
	house         *House
	items, boards map[string]bool
}

func (r *references) item(name string) bool {
	if put, ok := r.items[name]; ok {
		return put
	}
	id, ok := r.house.Catalogue.Item(name)
	if !ok {
		return false
	}
	m, _ := r.house.Catalogue.ItemMeta(id)
	return !m.Deleted
}

func (r *references) board(name string) bool {
	if put, ok := r.boards[name]; ok {
		return put
	}
	id, ok := r.house.Catalogue.Board(name)
	return ok && r.house.Catalogue.BoardLive(id)
}

func (r *references) note(m *map[string]bool, name string, there bool) {
	if *m == nil {
		*m = map[string]bool{}
	}
	(*m)[name] = there
}

// check says whether the log may take the event: well formed, not from the
// future, and about things that exist.
func (e *Engine) check(ev *bowerbird.Event, refs *references, now time.Time) error {
	if err := ev.Validate(); err != nil {
		return err
	}
	if ev.Time > now.Add(future).UnixMilli() {
		return &bowerbird.Invalid{Field: "time", Message: "lies more than a day in the future; want Unix milliseconds"}
	}
	switch ev.Kind {
	case bowerbird.ItemPut:
		refs.note(&refs.items, ev.ItemDoc.ID, true)
	case bowerbird.BoardPut:
		refs.note(&refs.boards, ev.BoardDoc.ID, true)
	case bowerbird.UserErase:
		return &bowerbird.Invalid{Field: "type", Message: "a person is erased by DELETE /v1/users/{id} or Engine.Erase, not by an event"}
	case bowerbird.SearchForget:
		return &bowerbird.Invalid{Field: "type", Message: "searches are forgotten by DELETE /v1/users/{id}/searches or Engine.ForgetSearches, not by an event"}
	}
	if ev.Item != "" && !refs.item(ev.Item) {
		return &Unknown{"item", ev.Item}
	}
	if ev.Board != "" && !refs.board(ev.Board) {
		return &Unknown{"board", ev.Board}
	}
	switch ev.Kind {
	case bowerbird.ItemDelete:
		refs.note(&refs.items, ev.Item, false)
	case bowerbird.BoardDelete:
		refs.note(&refs.boards, ev.Board, false)
	}
	return nil
}

// Unknown says that a name is in no event that the log holds.
type Unknown struct{ Field, Name string }

func (u *Unknown) Error() string {
	return fmt.Sprintf("%s: %q is not known (put it first)", u.Field, u.Name)
}
