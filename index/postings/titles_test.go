//go:build unix

package postings_test

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"bowerbird/index/postings/postingsbench"
)

var titles = sync.OnceValues(func() (*postingsbench.Titles, *postingsbench.Index) {
	t := postingsbench.NewTitles(1)
	ix, _, err := postingsbench.Build(t, benchDocs, postingsbench.Options())
	if err != nil {
		panic(err)
	}
	return t, ix
})

// BenchmarkTitles asks the queries of postingsbench of a million titles, from one goroutine.
func BenchmarkTitles(b *testing.B) {
	t, ix := titles()
	for _, kind := range postingsbench.Kinds {
		queries := t.Queries(kind, 500, benchDocs)
		b.Run(string(kind), func(b *testing.B) {
			before := cpuTime()
			defer func() { b.ReportMetric(float64(cpuTime()-before)/1e3/float64(b.N), "cpu-µs/op") }()
			for i := 0; b.Loop(); i++ {
				if _, err := ix.Search(queries[i%len(queries)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBuild puts 100,000 titles and merges them into one segment; drawing the titles is counted.
func BenchmarkBuild(b *testing.B) {
	t := postingsbench.NewTitles(1)
	before := cpuTime()
	for b.Loop() {
		if _, _, err := postingsbench.Build(t, 100_000, postingsbench.Options()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpuTime()-before)/1e3/float64(b.N)/100_000, "cpu-µs/doc")
}

// cpuTime is the processor time of this process, which a busy machine inflates less than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
