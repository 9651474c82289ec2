package embed

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"bowerbird/internal/svd"
	"bowerbird/internal/vec"
)

var (
	// ErrMemory is matched by the error of a job that would need more than its budget. Nothing has been computed then.
	ErrMemory = errors.New("more memory than the budget")
	// ErrEmpty is matched by the error for a graph without edges.
	ErrEmpty = errors.New("the graph has no edges")
)

// Limits are what all jobs of this package are told besides their own settings. The zero value works.
type Limits struct {
	Kinds        uint64 // edge kinds that count, bit k for kind k; 0 means all
	OneMode      bool   // left i and right i are one node of a plain undirected graph; results then have no Right
	Threads      int    // 0: GOMAXPROCS. It changes the time and never the result
	MemoryBudget int64  // bytes that the job may plan for; 0: no limit
	// Progress, if set, hears how far the job is, never two calls at once.
	Progress func(done, total int, what string)
}

func (l Limits) withDefaults() Limits {
	if l.Threads <= 0 {
		l.Threads = runtime.GOMAXPROCS(0)
	}
	if l.Progress == nil {
		l.Progress = func(int, int, string) {}
	}
	return l
}

// afford refuses a plan of more bytes than the budget.
func (l Limits) afford(need int64) error {
	if l.MemoryBudget > 0 && need > l.MemoryBudget {
		return fmt.Errorf("%w: it needs %.1f MiB, the budget is %.1f MiB", ErrMemory, mib(need), mib(l.MemoryBudget))
	}
	return nil
}

func mib(b int64) float64 { return float64(b) / (1 << 20) }

// blocks calls f for consecutive ranges of 0..n-1 of at most size, on several threads. What f computes for a range must
// not depend on the thread; worker, below threads, is for scratch. It returns the context's error if it ended first.
func blocks(ctx context.Context, threads, n, size int, f func(worker, lo, hi int)) error {
	return svd.Blocks(ctx, threads, n, size, f)
}

// multiply sets C, m × n, to A·B on several threads; rows of C are shared out, so that the bits do not depend on them.
func multiply(ctx context.Context, threads int, c, a, b []float32, m, k, n int) error {
	clear(c[:m*n])
	return blocks(ctx, threads, m, 1024, func(_, lo, hi int) {
		vec.MatMul(c[lo*n:hi*n], a[lo*k:hi*k], b[:k*n], hi-lo, k, n)
	})
}

// transpose sets dst, cols × rows, to the transpose of src, rows × cols whose rows lie stride apart.
func transpose(dst, src []float32, rows, cols, stride int) {
	const tile = 16
	for i := 0; i < rows; i += tile {
		for j := 0; j < cols; j += tile {
			for x := i; x < min(i+tile, rows); x++ {
				row := src[x*stride:]
				for y := j; y < min(j+tile, cols); y++ {
					dst[y*rows+x] = row[y]
				}
			}
		}
	}
}
