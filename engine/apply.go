package engine

import (
	"sync"

	"bowerbird"
)

// applier folds appended events in the order of their offsets, although many
// Ingests append at once: each hands its run over and whoever finds the next
// run waiting folds it, and those behind it, for everybody.
type applier struct {
	mu      sync.Mutex
	next    uint64         // offset that is folded next
	pending map[uint64]run // by first offset
	running bool
	fold    func(first uint64, events []bowerbird.Event)
}

type run struct {
	events []bowerbird.Event
	done   chan struct{}
}

func newApplier(next uint64, fold func(uint64, []bowerbird.Event)) *applier {
	return &applier{next: next, pending: map[uint64]run{}, fold: fold}
}

// submit hands over events with consecutive offsets from first. The channel is
// closed once they are folded.
func (a *applier) submit(first uint64, events []bowerbird.Event) <-chan struct{} {
	r := run{events, make(chan struct{})}
	a.mu.Lock()
	a.pending[first] = r
	if a.running {
		a.mu.Unlock()
		return r.done
	}
	a.running = true
	for {
		r, ok := a.pending[a.next]
		if !ok {
			a.running = false
			a.mu.Unlock()
			break
		}
		delete(a.pending, a.next)
		first := a.next
		a.mu.Unlock()
		a.fold(first, r.events)
		close(r.done)
		a.mu.Lock()
		a.next = first + uint64(len(r.events))
	}
	return r.done
}

// runs cuts a batch into stretches of consecutive offsets, leaving duplicates out.
func runs(offsets []uint64, events []bowerbird.Event, fresh func(i int) bool, yield func(first uint64, events []bowerbird.Event)) {
	for i := 0; i < len(events); {
		if !fresh(i) {
			i++
			continue
		}
		j := i + 1
		for j < len(events) && fresh(j) && offsets[j] == offsets[j-1]+1 {
			j++
		}
		yield(offsets[i], events[i:j])
		i = j
	}
}
