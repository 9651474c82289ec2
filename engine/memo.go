package engine

import (
	"sync"

	"bowerbird"
	"bowerbird/retrieve"
)

// memo remembers pages for as long as nothing happens. A page is a function of
// the views at an offset, the models and the request; where all three are the
// same, so is the page, and it need not be made again: a reload, a second tab, a
// client that asks twice. The next event changes the offset, and with it the key.
type memo struct {
	mu   sync.Mutex
	m    map[memoKey]*Answer
	keys []memoKey
	at   int
}

// memoKey is everything that a page depends on.
type memoKey struct {
	house   *House
	model   *Installed
	looks   *retrieve.Space // what pictures are seen by
	own     *owned          // synonyms
	offset  uint64          // of the views
	surface bowerbird.Surface
	trace   bool
	limit   int
	user    bowerbird.UserID
	seed    uint64
	now     int64
	frozen  uint64 // the request's offset, when a cursor froze it
	what    uint64 // hash of names, words, conditions, vector
	counted uint64 // hash of what is counted, and of the offset
	served  uint64 // hash of what earlier pages showed
}

func newMemo(n int) *memo {
	if n <= 0 {
		return nil
	}
	return &memo{m: make(map[memoKey]*Answer, n), keys: make([]memoKey, n)}
}

func (e *Engine) memoKey(h *House, q *Query, r *bowerbird.Request, vectorKey string) memoKey {
	served := uint64(14695981039346656037) // FNV-1a
	for _, x := range r.Served {
		served = (served ^ uint64(x)) * 1099511628211
	}
	return memoKey{h, e.current.Load(), h.looks.Serving(), e.own.Load(), h.Catalogue.Offset(), r.Surface, r.Trace, r.Limit, r.User, r.Seed, r.Now, r.Offset,
		q.hash(vectorKey), q.Seek.counted(), served}
}

// get returns a remembered answer that the caller may give a request id of its
// own: the lists behind it are shared and never written.
func (m *memo) get(k memoKey) (*Answer, bool) {
	if m == nil {
		return nil, false
	}
	m.mu.Lock()
	a, ok := m.m[k]
	m.mu.Unlock()
	if !ok {
		return nil, false
	}
	return a.again(), true
}

// again copies an answer as far as its request id reaches.
func (a *Answer) again() *Answer {
	fresh, page := *a, *a.Page
	fresh.Page = &page
	return &fresh
}

// put keeps an answer; the caller goes on with a.again.
func (m *memo) put(k memoKey, a *Answer) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, there := m.m[k]; there {
		return
	}
	delete(m.m, m.keys[m.at])
	m.keys[m.at] = k
	m.at = (m.at + 1) % len(m.keys)
	m.m[k] = a
}

// clear forgets every page. A key holds on to the house that its page was made
// in, and a page to what a person was shown: an erasure must not leave them.
func (m *memo) clear() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.m)
	clear(m.keys)
}
