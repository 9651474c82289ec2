package hnsw

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"bowerbird/index"
	"bowerbird/index/indextest"
)

// size is the number of vectors of the benchmarks: 100,000, or BOWERBIRD_BENCH_N.
func size() int {
	if n, err := strconv.Atoi(os.Getenv("BOWERBIRD_BENCH_N")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// BenchmarkSearch builds a graph of clustered vectors of 64 floats once, and
// reports the time of a search and recall@10 at several ef, beside exact search.
// The queries are 1000 further vectors of the same clusters.
func BenchmarkSearch(b *testing.B) {
	const dim, k, queries = 64, 10, 1000
	n := size()
	rows := indextest.Clusters(n+queries, dim, 1)
	g, err := New(dim, index.L2, Options{})
	if err != nil {
		b.Fatal(err)
	}
	flat, err := index.NewFlat(dim, index.L2)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for i := range n {
		if err := g.Put(uint32(i), rows[i*dim:][:dim]); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("built %d x %d in %v", n, dim, time.Since(start))
	for i := range n {
		if err := flat.Put(uint32(i), rows[i*dim:][:dim]); err != nil {
			b.Fatal(err)
		}
	}
	q := rows[n*dim:]
	truth := make([][]index.Hit, queries)
	for i := range truth {
		if truth[i], err = flat.Search(q[i*dim:][:dim], k, index.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("flat", func(b *testing.B) {
		i := 0
		for b.Loop() {
			if _, err := flat.Search(q[i%queries*dim:][:dim], k, index.Options{}); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	for _, ef := range []int{10, 20, 40, 64, 100, 200} {
		o := index.Options{Ef: ef}
		b.Run(fmt.Sprintf("ef=%d", ef), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, err := g.Search(q[i%queries*dim:][:dim], k, o); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.StopTimer()
			sum := 0.0
			for i := range truth {
				hits, err := g.Search(q[i*dim:][:dim], k, o)
				if err != nil {
					b.Fatal(err)
				}
				sum += indextest.Recall(hits, truth[i])
			}
			b.ReportMetric(sum/queries, "recall@10")
		})
	}
	for _, every := range []uint32{2, 10, 100} {
		o := index.Options{Filter: func(id uint32) bool { return id%every == 0 }}
		b.Run(fmt.Sprintf("filter 1 in %d", every), func(b *testing.B) {
			i := 0
			for b.Loop() {
				if _, err := g.Search(q[i%queries*dim:][:dim], k, o); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.StopTimer()
			sum := 0.0
			for i := range 200 {
				want, err := flat.Search(q[i*dim:][:dim], k, o)
				if err != nil {
					b.Fatal(err)
				}
				hits, err := g.Search(q[i*dim:][:dim], k, o)
				if err != nil {
					b.Fatal(err)
				}
				sum += indextest.Recall(hits, want)
			}
			b.ReportMetric(sum/200, "recall@10")
		})
	}
}
