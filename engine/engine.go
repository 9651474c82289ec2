package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"bowerbird"
	"bowerbird/store"
	"bowerbird/text/meaning"
	"bowerbird/vision/copies"
)

// Options of Open. The zero value works.
type Options struct {
	House    HouseOptions
	Log      store.LogOptions
	ReadOnly bool // refuses writes; for commands that only look
	// CheckpointEvery is how many events after which the views are saved in the
	// background of Run; 0 means 500,000. A start replays at most as many.
	CheckpointEvery int64
	Pages           int // pages kept for explanations and attribution; 0 means 2,048
	// Memo is how many pages are remembered for as long as no event comes in;
	// 0 means 1,024, negative none.
	Memo     int
	Logger   *slog.Logger
	Now      func() time.Time // the wall's clock, for events without a time
	Progress func(what string, done, total uint64)
}

// Engine is the running whole on one data folder. Its methods are safe for
// concurrent use; Close is called once, after every other call has returned.
type Engine struct {
	o           Options
	dir         store.Dir
	lock        io.Closer
	log         store.Log
	blobs       *store.BlobDir
	models      *store.ModelDir
	checkpoints *store.CheckpointDir

	house     atomic.Pointer[House]
	applier   *applier
	gate      sync.RWMutex             // Ingest holds it for reading; checkpoints and erasures for writing
	saving    sync.Mutex               // one checkpoint at a time
	swapping  sync.Mutex               // one model swap at a time
	grouping  sync.Mutex               // one search for copies at a time
	embedding sync.Mutex               // one maker of vectors at a time
	keeping   sync.Mutex               // guards keptBy
	keptBy    map[string]*meaning.Kept // vectors of pictures, by the encoder's version
	judge     *copies.Judge
	current   atomic.Pointer[Installed]
	own       atomic.Pointer[owned] // synonyms
	planting  sync.Mutex            // one change of tree at a time
	tree      atomic.Pointer[tree]  // what things are

	sinceCheckpoint atomic.Int64
	started         time.Time
	traces          traces
	vectors         *ring[[]question]
	memo            *memo // nil: none
	metrics         *metrics
}

// Open opens a data folder, and makes it if it is not there: it loads the newest
// checkpoint, replays the tail of the log, and puts the current model in place.
func Open(ctx context.Context, dir string, o Options) (_ *Engine, err error) {
	if o.CheckpointEvery == 0 {
		o.CheckpointEvery = 500_000
	}
	if o.Pages == 0 {
		o.Pages = 2048
	}
	if o.Memo == 0 {
		o.Memo = 1024
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	e := &Engine{o: o, dir: store.Dir(dir), started: time.Now(), vectors: newRing[[]question](1024), memo: newMemo(o.Memo), judge: copies.Default()}
	e.traces = traces{newRing[*bowerbird.Page](o.Pages), func(name string) (bowerbird.ItemID, bool) { return e.House().Catalogue.Item(name) }}
	defer func() {
		if err != nil {
			_ = e.release()
		}
	}()
	if e.lock, err = e.dir.Open(); err != nil {
		return nil, err
	}
	if err := errors.Join(e.languages(), e.synonyms(), e.taxonomy()); err != nil {
		return nil, err
	}
	if o.Log.Logger == nil {
		o.Log.Logger = o.Logger
	}
	if e.log, err = store.OpenLog(e.dir.Log(), o.Log); err != nil {
		return nil, err
	}
	if e.blobs, err = store.Blobs(e.dir.Blobs(), store.BlobOptions{}); err != nil {
		return nil, err
	}
	if e.models, err = store.Registry(e.dir.Models()); err != nil {
		return nil, err
	}
	if e.checkpoints, err = store.Checkpoints(e.dir.Checkpoints()); err != nil {
		return nil, err
	}
	if err := e.checkpoints.DropBefore(e.log.LastErase()); err != nil {
		return nil, err
	}
	h, err := e.restore(ctx)
	if err != nil {
		return nil, err
	}
	e.house.Store(h)
	e.applier = newApplier(e.log.Last()+1, e.fold)
	e.metrics = newMetrics(e)
	if err := e.installCurrent(ctx); err != nil {
		o.Logger.Warn("the current model cannot be used: pages are ordered without it until the next training", "error", err)
	}
	return e, nil
}

// restore builds the house from the newest checkpoint and the tail of the log. A
// checkpoint that does not load is passed over: everything is in the log.
func (e *Engine) restore(ctx context.Context) (*House, error) {
	h, from, err := e.load()
	if err != nil {
		e.o.Logger.Warn("the checkpoint cannot be used: replaying the whole log", "error", err)
	}
	if h == nil {
		if h, err = NewHouse(e.log, e.houseOptions()); err != nil {
			return nil, err
		}
	}
	if from > e.log.Last() {
		return nil, fmt.Errorf("engine: the checkpoint is of offset %d but the log ends at %d: the log folder is not the one that the checkpoint was made from", from, e.log.Last())
	}
	last := e.log.Last()
	if from < last {
		progress := func(done, total uint64) {
			if e.o.Progress != nil {
				e.o.Progress("replaying the log", done-from, total-from)
			}
		}
		if err := h.Replay(ctx, e.log, from+1, last, progress); err != nil {
			return nil, err
		}
	}
	e.sinceCheckpoint.Store(int64(last - from))
	return h, nil
}

// load reads the newest checkpoint into a new house; nil without an error means
// that there is none.
func (e *Engine) load() (*House, uint64, error) {
	cp, err := e.checkpoints.Latest()
	if err != nil || cp == nil {
		return nil, 0, err
	}
	h, err := NewHouse(e.log, e.houseOptions())
	if err != nil {
		return nil, 0, err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(h.views)+1)
	open := func(i int, name string, load func(io.Reader) error) {
		wg.Go(func() {
			r, err := cp.Open(name)
			if err != nil {
				errs[i] = err
				return
			}
			defer r.Close()
			if err := load(r); err != nil {
				errs[i] = fmt.Errorf("view %s: %w", name, err)
			}
		})
	}
	open(0, "catalogue", h.Catalogue.Load)
	for i, v := range h.views {
		open(i+1, v.name, v.view.Load)
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, 0, err
	}
	return h, cp.Offset, nil
}

// House is the views and surfaces that serve now. An erasure replaces it; callers
// take it once for each request.
func (e *Engine) House() *House { return e.house.Load() }

// Log is the log, for reading.
func (e *Engine) Log() store.Log { return e.log }

// Blobs are the pictures.
func (e *Engine) Blobs() *store.BlobDir { return e.blobs }

// Models is the model registry.
func (e *Engine) Models() *store.ModelDir { return e.models }

// Dir is the data folder.
func (e *Engine) Dir() store.Dir { return e.dir }

// Checkpoint saves every view at the present offset. Ingest waits meanwhile,
// pages do not. It does nothing when nothing has happened since the last one.
func (e *Engine) Checkpoint() error {
	e.saving.Lock()
	defer e.saving.Unlock()
	if e.sinceCheckpoint.Load() == 0 {
		return nil
	}
	start := time.Now()
	// With the gate held for writing no Ingest is between its append and its fold,
	// so every view stands at the same offset.
	e.gate.Lock()
	defer e.gate.Unlock()
	if err := e.saveLocked(e.House()); err != nil {
		return err
	}
	e.metrics.checkpoints.Observe(time.Since(start).Seconds())
	return nil
}

// saveLocked publishes a checkpoint; the caller holds saving and the gate.
func (e *Engine) saveLocked(h *House) error {
	views := map[string]func(io.Writer) error{"catalogue": h.Catalogue.Save}
	for _, v := range h.views {
		views[v.name] = v.view.Save
	}
	if err := e.checkpoints.Publish(e.log.Last(), views); err != nil {
		return err
	}
	e.sinceCheckpoint.Store(0)
	return nil
}

// copiesAtOnce bounds how long a stretch of grouping keeps Run from its other duties.
const copiesAtOnce = 64

// Run keeps house until ctx ends: it checkpoints when enough has happened, groups
// copies of pictures, and makes the vectors of an encoder that is to serve.
func (e *Engine) Run(ctx context.Context) {
	var behind sync.WaitGroup
	defer behind.Wait()
	behind.Go(func() { e.embedBehind(ctx) })
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if e.o.ReadOnly {
				continue
			}
			if _, err := e.GroupCopies(ctx, copiesAtOnce); err != nil && ctx.Err() == nil {
				e.o.Logger.Error("copies of pictures are not grouped", "error", err)
			}
			if e.sinceCheckpoint.Load() < e.o.CheckpointEvery {
				continue
			}
			if err := e.Checkpoint(); err != nil {
				e.o.Logger.Error("checkpoint failed; the log still holds everything", "error", err)
			}
		}
	}
}

// Close checkpoints and lets go of the folder.
func (e *Engine) Close() error {
	e.House().meant.Close()
	var err error
	if !e.o.ReadOnly {
		err = e.Checkpoint()
	}
	return errors.Join(err, e.closeKept(), e.release())
}

func (e *Engine) release() error {
	var err error
	if e.log != nil {
		err = e.log.Close()
	}
	if e.lock != nil {
		err = errors.Join(err, e.lock.Close())
	}
	return err
}
