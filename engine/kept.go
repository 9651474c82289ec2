package engine

import (
	"sync"

	"bowerbird"
)

// ring keeps the newest values by key, for a bounded while.
type ring[V any] struct {
	mu   sync.Mutex
	m    map[string]V
	keys []string
	at   int
}

func newRing[V any](n int) *ring[V] {
	return &ring[V]{m: make(map[string]V, n), keys: make([]string, n)}
}

func (r *ring[V]) put(k string, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := r.m[k]; there {
		r.m[k] = v
		return
	}
	if old := r.keys[r.at]; old != "" {
		delete(r.m, old)
	}
	r.keys[r.at] = k
	r.at = (r.at + 1) % len(r.keys)
	r.m[k] = v
}

func (r *ring[V]) get(k string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.m[k]
	return v, ok
}

func (r *ring[V]) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.m)
	clear(r.keys)
}

// traces are the pages served last, for explanations and for joining what the
// ranker saw to the impressions that come back.
type traces struct {
	ring *ring[*bowerbird.Page]
	item func(name string) (bowerbird.ItemID, bool)
}

func (t *traces) put(id string, p *bowerbird.Page) { t.ring.put(id, p) }

func (t *traces) get(id string) (*bowerbird.Page, bool) { return t.ring.get(id) }

// served fills in what stood behind an impression, if its page is still known.
func (t *traces) served(ev *bowerbird.Event) {
	if ev.Request == "" || ev.Served != nil {
		return
	}
	p, ok := t.get(ev.Request)
	if !ok {
		return
	}
	id, ok := t.item(ev.Item)
	if !ok {
		return
	}
	for i, c := range p.Items {
		if c.Item != id {
			continue
		}
		if ev.Surface == bowerbird.NoSurface {
			ev.Surface = p.Request.Surface
		}
		if ev.Position == 0 {
			ev.Position = i + 1
		}
		s := &bowerbird.Served{Model: p.Model, Features: c.Features, Score: c.Score}
		for _, f := range c.From {
			s.Sources = append(s.Sources, p.Sources[f.Source])
		}
		ev.Served = s
		return
	}
}
