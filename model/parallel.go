package model

import (
	"context"
	"sync"
	"sync/atomic"
)

// blocks calls f for consecutive ranges of 0..n-1 of at most size, on several threads, and returns the context's error if
// it ended first. worker numbers the thread, below threads, so that f can keep scratch. after, if not nil, hears how many
// of the n are done, one call at a time. Results must not depend on which thread takes which block.
func blocks(ctx context.Context, threads, n, size int, after func(done int), f func(worker, lo, hi int)) error {
	threads = max(1, min(threads, (n+size-1)/size))
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	done := 0
	work := func(worker int) {
		for ctx.Err() == nil {
			lo := int(next.Add(int64(size))) - size
			if lo >= n {
				return
			}
			hi := min(lo+size, n)
			f(worker, lo, hi)
			if after != nil {
				mu.Lock()
				done += hi - lo
				after(done)
				mu.Unlock()
			}
		}
	}
	for w := 1; w < threads; w++ {
		wg.Go(func() { work(w) })
	}
	work(0)
	wg.Wait()
	return ctx.Err()
}
