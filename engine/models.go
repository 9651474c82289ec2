package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/model"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/store"
)

// Installed says what serves now.
type Installed struct {
	Card rank.Card
	At   time.Time
}

// Put puts a bundle in place in this house: the source, the people alike and the
// ranker change together. nil takes everything out.
func (h *House) Put(ctx context.Context, b *rank.Bundle) error {
	if b == nil {
		h.near.Set(nearWeight)
		h.learned.Swap(nil, nil, nil)
		h.session.Swap(nil, nil)
		_ = h.neighbourhood.Swap(ctx, nil)
		_ = h.people.Swap(ctx, nil, nil)
		_ = h.newcomers.Swap(ctx, nil, nil)
		_ = h.searcher.Swap(nil, "", nil)
		if h.encoder == nil {
			_ = h.meant.Swap(ctx, nil)
		}
		if err := h.look(nil); err != nil {
			return err
		}
		return h.ranker.Swap(nil, "", nil, nil)
	}
	// Whether the ranker fits is asked first: a bundle is put in place whole or not at all.
	if err := rank.NewModel().Swap(b.Ranker, b.Card.Version, b.Card.Features, h.Features(bowerbird.Home)); err != nil {
		return err
	}
	ix, err := h.itemIndex(ctx, "learned", b.Retrieval)
	if err != nil {
		return err
	}
	next, err := h.itemIndex(ctx, "session", b.Session)
	if err != nil {
		return err
	}
	var near *retrieve.GraphModel
	if b.Base != nil && b.Aggregator != nil {
		near = &retrieve.GraphModel{Base: b.Base, Aggregator: b.Aggregator}
	}
	if err := h.neighbourhood.Swap(ctx, near); err != nil {
		return err
	}
	empty := func() (index.Index, error) { return h.recalls.empty("people", b.Factors.Dim(), index.Cosine) }
	if err := h.people.Swap(ctx, b.Factors, empty); err != nil {
		return err
	}
	if err := h.newcomers.Swap(ctx, b.Content, b.Factors); err != nil {
		return err
	}
	if err := h.ranker.Swap(b.Ranker, b.Card.Version, b.Card.Features, h.Features(bowerbird.Home)); err != nil {
		return err
	}
	if err := h.putSearch(ctx, b); err != nil {
		return err
	}
	if err := h.look(b); err != nil {
		return err
	}
	h.putLabels(b)
	h.learned.Swap(b.Retrieval, ix, b.Related)
	h.session.Swap(b.Session, next)
	if b.Retrieval != nil { // else nothing was chosen
		h.diverse.SetLambda(b.Card.Diversity)
		h.near.Set(nearWeight)
		if w, ok := b.Card.Fusion[h.neighbourhood.Name()]; ok {
			h.near.Set(w)
		}
	}
	return nil
}

// Terms analyses a text as search does, in the first of its languages.
func (h *House) Terms(s string) []string { return h.analyzer.Terms(s) }

// putSearch puts what was learned for search in place: the encoder with its
// vectors, the settings of the hybrid, the ranker. A ranker of other columns is
// left out, as fixed weights can always stand for it.
func (h *House) putSearch(ctx context.Context, b *rank.Bundle) error {
	s := b.Card.Search
	if s == nil {
		s = new(rank.Search)
	}
	var err error
	switch {
	case h.encoder != nil: // the owner's stays; what was tuned for the trained model does not fit it
	case b.Meaning == nil:
		err = h.meant.Swap(ctx, nil)
	default:
		err = h.meant.Swap(ctx, &retrieve.Encoding{Encoder: b.Meaning.Encoder(h.analyzer.Terms), Settings: s.Hybrid, Bridge: b.Pictures})
	}
	if err != nil {
		return err
	}
	if s.Ranker == nil || h.searcher.Swap(s.Ranker, b.Card.Version, s.Columns) != nil {
		return h.searcher.Swap(nil, "", nil)
	}
	return nil
}

// FitGraph learns a bundle's part of the graph from this house as it stands. A
// house without a graph, or one too large for the memory, leaves the bundle as it
// is and says why.
func (h *House) FitGraph(ctx context.Context, b *rank.Bundle, o retrieve.FitOptions) error {
	m, err := h.neighbourhood.Fit(ctx, o)
	if err != nil {
		return err
	}
	b.Base, b.Aggregator = m.Base, m.Aggregator
	return nil
}

// FitContent learns a bundle's map from what items are, as this house knows them, to
// its factors, which were trained on m. A bundle without factors is left as it is.
func (h *House) FitContent(ctx context.Context, b *rank.Bundle, m *model.Matrix, o retrieve.FitOptions) error {
	if b.Factors == nil {
		return nil
	}
	c, err := h.newcomers.Fit(ctx, b.Factors, m, o)
	if err != nil {
		return err
	}
	b.Content = c
	return nil
}

// indexFrom is the catalogue size from which an index replaces a scan of factors:
// below, a scan of 64 numbers an item costs under half a millisecond.
const indexFrom = 50_000

func (h *House) itemIndex(ctx context.Context, source string, m model.Model) (index.Index, error) {
	t, ok := m.(model.Tower)
	if !ok || t.Items() < indexFrom {
		return nil, nil
	}
	ix, err := h.recalls.empty(source, t.Dim(), index.InnerProduct)
	if err != nil {
		return nil, err
	}
	for x := 1; x < t.Items(); x++ {
		if x%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// A zero vector belongs to an item without a single action; it is never the best.
		if v := t.Vector(uint32(x)); nonzero(v) {
			if err := ix.Put(uint32(x), v); err != nil {
				return nil, fmt.Errorf("engine: index of item vectors: item %d: %w", x, err)
			}
		}
	}
	return ix, nil
}

func nonzero(v []float32) bool {
	for _, x := range v {
		if x != 0 {
			return true
		}
	}
	return false
}

// Install puts a registered version in place while pages are served: requests
// that have begun keep the old one. The version becomes the current one.
func (e *Engine) Install(ctx context.Context, version string) error {
	e.swapping.Lock()
	defer e.swapping.Unlock()
	b, err := e.bundle(version)
	if err != nil {
		return err
	}
	if err := e.House().Put(ctx, b); err != nil {
		return err
	}
	if !e.o.ReadOnly {
		if err := e.models.SetCurrent(version); err != nil {
			return err
		}
	}
	e.current.Store(&Installed{b.Card, e.o.Now()})
	return nil
}

func (e *Engine) bundle(version string) (*rank.Bundle, error) {
	v, err := e.models.Get(version)
	if err != nil {
		return nil, err
	}
	return loadBundle(v)
}

// loadBundle reads a version, telling a file that it lacks in the words of fs.
func loadBundle(v *store.Model) (*rank.Bundle, error) {
	return rank.LoadBundle(v.Card, func(name string) (io.ReadCloser, error) {
		r, err := v.Open(name)
		if errors.Is(err, store.ErrNotFound) {
			return nil, fs.ErrNotExist
		}
		return r, err
	})
}

// installCurrent puts the registry's current version in place, if it has one.
func (e *Engine) installCurrent(ctx context.Context) error {
	v, err := e.models.Current()
	if errors.Is(err, store.ErrNotFound) {
		return e.House().look(nil)
	}
	if err != nil {
		return err
	}
	b, err := loadBundle(v)
	if err != nil {
		return err
	}
	if err := e.House().Put(ctx, b); err != nil {
		return err
	}
	e.current.Store(&Installed{b.Card, e.o.Now()})
	return nil
}

// reinstall puts what serves now into a new house.
func (e *Engine) reinstall(ctx context.Context, h *House) error {
	now := e.current.Load()
	if now == nil {
		return h.look(nil)
	}
	b, err := e.bundle(now.Card.Version)
	if err != nil {
		return err
	}
	return h.Put(ctx, b)
}

// Register keeps a trained bundle as a new version and returns its name. It does
// not serve before Install.
func (e *Engine) Register(b *rank.Bundle) (string, error) {
	if e.o.ReadOnly {
		return "", ErrReadOnly
	}
	if err := e.models.Put(b.Card.Version, b.Card, b.Files()); err != nil {
		return "", err
	}
	return b.Card.Version, nil
}

// CurrentBundle reads what serves now from the registry; nil if nothing does.
func (e *Engine) CurrentBundle() (*rank.Bundle, error) {
	now := e.current.Load()
	if now == nil {
		return nil, nil
	}
	return e.bundle(now.Card.Version)
}

// Current is what serves now; nil before the first training.
func (e *Engine) Current() *Installed { return e.current.Load() }
