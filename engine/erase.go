package engine

import (
	"context"
	"fmt"

	"bowerbird"
	"bowerbird/store"
)

// Erase forgets a person for good: the log's records of them are rewritten, old
// checkpoints are removed, and every view is built again from what is left, so
// that nothing folded from them remains. When it returns, no byte of the data
// folder holds their id. Boards they owned go; items they uploaded stay, without
// an owner. Models hold no people; they learn of the erasure at the next training.
//
// Writers wait until it is done: two passes over the log and a replay. Pages are
// served meanwhile, from views that have let go of the person already.
func (e *Engine) Erase(ctx context.Context, user string) error {
	if e.o.ReadOnly {
		return ErrReadOnly
	}
	id, ok := e.House().Catalogue.User(user)
	if !ok {
		return &Unknown{"user", user}
	}
	e.saving.Lock()
	defer e.saving.Unlock()
	e.gate.Lock()
	defer e.gate.Unlock()

	old := e.House()
	old.people.Forget(id)
	offset, err := e.log.Erase(context.WithoutCancel(ctx), user)
	// The event is in the log, also if what followed failed: the next Ingest goes
	// on behind it.
	e.applier = newApplier(e.log.Last()+1, e.fold)
	if err != nil {
		return fmt.Errorf("engine: erase: %w", err)
	}
	if f, ok := old.Fold(offset, &bowerbird.Event{Kind: bowerbird.UserErase, User: user, Time: old.Now()}); ok {
		old.Apply([]bowerbird.Fact{f})
	}
	return e.anew(ctx, old)
}

// ForgetSearches forgets what a person searched for: one query, whatever its case and
// accents, or everything if that is "". Their records of it leave the log, old
// checkpoints are removed, and every view is built again from what is left: what was
// learned of these searches, completions, guides, related searches, what other
// people opened after the same words, is as if they had never been made. What they
// did on the pages stays. It returns how many searches that were; where there are
// none it costs one pass over the log and changes nothing.
//
// Writers wait as for Erase. Models learn of it at the next training.
func (e *Engine) ForgetSearches(ctx context.Context, user, query string) (int, error) {
	if e.o.ReadOnly {
		return 0, ErrReadOnly
	}
	if _, ok := e.House().Catalogue.User(user); !ok {
		return 0, &Unknown{"user", user}
	}
	if len(query) > bowerbird.MaxQuery {
		return 0, badField("q", "longer than %d bytes", bowerbird.MaxQuery)
	}
	key := store.SearchKey(query)
	if key == "" && query != "" {
		return 0, badField("q", "holds no word")
	}
	e.saving.Lock()
	defer e.saving.Unlock()
	e.gate.Lock()
	defer e.gate.Unlock()
	n := 0
	err := e.log.Scan(ctx, 1, 0, func(_ uint64, ev *bowerbird.Event) error {
		if ev.User == user && ev.Query != "" && (key == "" || store.SearchKey(ev.Query) == key) {
			n++
		}
		return nil
	})
	if err != nil || n == 0 {
		return 0, err
	}
	old := e.House()
	ctx = context.WithoutCancel(ctx) // half forgotten is not forgotten
	if _, err = e.log.Append(ctx, []bowerbird.Event{{Kind: bowerbird.SearchForget, User: user, Query: query}}); err == nil {
		err = e.log.Forget(ctx)
	}
	e.applier = newApplier(e.log.Last()+1, e.fold)
	if err != nil {
		return 0, fmt.Errorf("engine: forget searches: %w", err)
	}
	return n, e.anew(ctx, old)
}

// anew builds every view from the log as it stands, in place of a house that knew
// what must not be known any more. The gate is closed.
func (e *Engine) anew(ctx context.Context, old *House) error {
	e.traces.ring.clear()
	e.memo.clear()
	if err := e.checkpoints.DropBefore(e.log.LastErase()); err != nil {
		return err
	}
	h, err := NewHouse(e.log, e.houseOptions())
	if err != nil {
		return err
	}
	if err := h.Replay(context.WithoutCancel(ctx), e.log, 1, 0, nil); err != nil {
		return err
	}
	if err := e.reinstall(ctx, h); err != nil {
		e.o.Logger.Warn("the model could not be put back after an erasure: train again", "error", err)
	}
	e.house.Store(h)
	old.meant.Close()
	e.memo.clear()             // what was made of the old house meanwhile
	e.sinceCheckpoint.Store(1) // so that the next checkpoint is made even if nothing follows
	return e.saveLocked(h)
}
