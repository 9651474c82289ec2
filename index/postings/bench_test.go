package postings_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"bowerbird/index/postings"
)

const benchDocs = 1_000_000

// vocabulary draws words by Zipf's law, exponent 1 with Mandelbrot's shift, over 200,000 words.
type vocabulary struct {
	rnd *rand.Rand
	cum []float64
}

func newVocabulary(seed uint64) *vocabulary {
	v := &vocabulary{rnd: rand.New(rand.NewPCG(seed, seed))}
	sum := 0.0
	for i := range 200_000 {
		sum += 1 / (float64(i) + 2.7)
		v.cum = append(v.cum, sum)
	}
	return v
}

var spelled = sync.OnceValue(func() []string {
	words := make([]string, 200_000)
	for i := range words {
		words[i] = fmt.Sprintf("%x%s", uint32(i)*2654435761>>8, "word")
	}
	return words
})

func (v *vocabulary) word() string {
	i, _ := slices.BinarySearch(v.cum, v.rnd.Float64()*v.cum[len(v.cum)-1])
	return spelled()[i]
}

func (v *vocabulary) field(dst []postings.Token, n int) []postings.Token {
	dst = dst[:0]
	for i := range n {
		dst = append(dst, postings.Token{Term: v.word(), Pos: uint32(i)})
	}
	return dst
}

// fill puts titles of 3 to 7 words and descriptions of 8 to 22.
func fill(ix *postings.Index, v *vocabulary, docs int) (putting time.Duration) {
	var title, text []postings.Token
	for d := range docs {
		title, text = v.field(title, 3+v.rnd.IntN(5)), v.field(text, 8+v.rnd.IntN(15))
		start := time.Now()
		if err := ix.Put(uint32(d), title, text); err != nil {
			panic(err)
		}
		putting += time.Since(start)
	}
	return putting
}

var million = sync.OnceValues(func() (*postings.Index, string) {
	ix, err := postings.New(postings.Options{Fields: twoFields})
	if err != nil {
		panic(err)
	}
	v := newVocabulary(1)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	putting := fill(ix, v, benchDocs)
	for merged := -1; merged != ix.Stats().Segments; time.Sleep(300 * time.Millisecond) {
		merged = ix.Stats().Segments
	}
	whole := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	s := ix.Stats()
	return ix, fmt.Sprintf("%d documents: %.0f docs/s in Put, %v until merged (words drawn included); heap %.0f bytes/doc, Stats.Bytes %.0f; %d segments, %d terms",
		s.Docs, benchDocs/putting.Seconds(), whole.Round(10*time.Millisecond), float64(after.HeapAlloc-before.HeapAlloc)/benchDocs, float64(s.Bytes)/benchDocs, s.Segments, s.Terms)
})

// BenchmarkMillion searches 1 M documents from one goroutine. Words of the queries are drawn like those of the
// documents: one, two and three words in turn.
func BenchmarkMillion(b *testing.B) {
	ix, report := million()
	b.Log(report)
	v := newVocabulary(2)
	v.rnd = rand.New(rand.NewPCG(3, 3))
	queries := make([][]string, 512)
	for i := range queries {
		for range 1 + i%3 {
			queries[i] = append(queries[i], v.word())
		}
	}
	or := func(w []string) postings.Query { return postings.Terms(w...) }
	and := func(w []string) postings.Query {
		q := postings.Terms(w...)
		for i := range q.Clauses {
			q.Clauses[i].Occur = postings.Must
		}
		return q
	}
	for _, tt := range []struct {
		name string
		q    func([]string) postings.Query
		o    postings.SearchOptions
	}{
		{"or-top10", or, postings.SearchOptions{}},
		{"or-top200", or, postings.SearchOptions{K: 200}},
		{"or-top200-filter", or, postings.SearchOptions{K: 200, Filter: func(d uint32) bool { return d%10 == 0 }}},
		{"or-top10-plain", or, postings.SearchOptions{Exhaustive: true}},
		{"and-top10", and, postings.SearchOptions{}},
		{"phrase-top10", func(w []string) postings.Query {
			return postings.Query{Clauses: []postings.Clause{clause(postings.Must, leaf(w[:min(2, len(w))]...))}}
		}, postings.SearchOptions{}},
		{"prefix-top10", func(w []string) postings.Query {
			return postings.Query{Clauses: []postings.Clause{clause(postings.Must, postings.Leaf{Terms: []string{w[0][:3]}, Prefix: true})}}
		}, postings.SearchOptions{}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			var times []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				if _, err := ix.Search(context.Background(), tt.q(queries[i%len(queries)]), tt.o); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e6, "p50-ms")
			b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1e6, "p99-ms")
			b.ReportMetric(math.Round(float64(time.Second)/float64(b.Elapsed().Nanoseconds()/int64(b.N))), "queries/s")
		})
	}
}

func BenchmarkCheckpointMillion(b *testing.B) {
	ix, _ := million()
	for b.Loop() {
		var buf bytes.Buffer
		start := time.Now()
		if err := ix.Save(&buf); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "save-s")
		b.ReportMetric(float64(buf.Len())/benchDocs, "bytes/doc")
		start = time.Now()
		if _, err := postings.Load(&buf, postings.Options{Fields: twoFields}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "load-s")
	}
}
