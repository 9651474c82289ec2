package hnsw

import (
	"runtime"
	"sync/atomic"
)

// epochs tell a writer when nobody can still read what it took away. A reader
// counts itself into the current epoch; the epoch moves on only when the one
// before it is empty. What was taken away in epoch e is unseen by everybody once
// the epoch is e+2.
type epochs struct {
	now atomic.Uint64
	in  [2]atomic.Int64
}

func (e *epochs) enter() uint64 {
	for {
		now := e.now.Load()
		e.in[now&1].Add(1)
		if e.now.Load() == now {
			return now
		}
		e.in[now&1].Add(-1)
	}
}

func (e *epochs) leave(now uint64) { e.in[now&1].Add(-1) }

// advance moves on if it can. Only the writer calls it.
func (e *epochs) advance() {
	if now := e.now.Load(); e.in[(now+1)&1].Load() == 0 {
		e.now.Store(now + 1)
	}
}

// wait returns when what was taken away in epoch then is unseen.
func (e *epochs) wait(then uint64) {
	for e.now.Load() < then+2 {
		was := e.now.Load()
		if e.advance(); e.now.Load() == was {
			runtime.Gosched()
		}
	}
}

// freed is a slot that no link leads to, and the epoch in which that became so.
type freed struct {
	slot  uint32
	epoch uint64
}
