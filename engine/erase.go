package engine

import (
	"context"
	"fmt"

	"bowerbird"
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
	e.traces.ring.clear()
	e.memo.clear()
	if err := e.checkpoints.DropBefore(e.log.LastErase()); err != nil {
		return err
	}
	h, err := NewHouse(e.log, e.o.House)
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
