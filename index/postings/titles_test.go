package postings_test

import (
	"sync"
	"testing"

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
			for i := 0; b.Loop(); i++ {
				if _, err := ix.Search(queries[i%len(queries)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
