package postingsbench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bowerbird/index/postings"
)

// Index is the word index with what filtered queries need.
type Index struct {
	*postings.Index
	groups []uint8
}

// Built says what building cost.
type Built struct {
	Docs       int
	Putting    time.Duration // in Put, without drawing titles
	Merging    time.Duration // until merges are done
	Segments   int           // then
	Compacting time.Duration // into one
	Bytes      int           // Stats.Bytes, of that one
}

// Whole is all of it.
func (b *Built) Whole() time.Duration { return b.Putting + b.Merging + b.Compacting }

// Options are those of the index that is measured: one field.
func Options() postings.Options {
	return postings.Options{Fields: []postings.Field{{Name: "title"}}}
}

// Build puts the first docs titles and merges them into one segment.
func Build(t *Titles, docs int, o postings.Options) (*Index, Built, error) {
	ix, err := postings.New(o)
	if err != nil {
		return nil, Built{}, err
	}
	x := &Index{Index: ix, groups: make([]uint8, docs)}
	b := Built{Docs: docs}
	if err := x.putAll(t, docs, &b.Putting); err != nil {
		return nil, b, err
	}
	start := time.Now()
	ix.WaitMerges()
	b.Merging = time.Since(start)
	b.Segments = ix.Stats().Segments
	start = time.Now()
	if err := ix.Compact(); err != nil {
		return nil, b, err
	}
	b.Compacting = time.Since(start)
	b.Bytes = ix.Stats().Bytes
	return x, b, nil
}

// putAll puts the first docs titles, and adds to putting the time that this took, without drawing them.
func (x *Index) putAll(t *Titles, docs int, putting *time.Duration) error {
	const batch = 1000
	words := make([]string, 0, 12)
	tokens := make([][]postings.Token, batch)
	for from := 0; from < docs; from += batch {
		n := min(batch, docs-from)
		for i := range n {
			words = t.Title(words, from+i)
			tokens[i] = tokens[i][:0]
			for p, w := range words {
				tokens[i] = append(tokens[i], postings.Token{Term: w, Pos: uint32(p)})
			}
			x.groups[from+i] = uint8(t.Group(from + i))
		}
		start := time.Now()
		for i := range n {
			if err := x.Put(uint32(from+i), tokens[i]); err != nil {
				return err
			}
		}
		*putting += time.Since(start)
	}
	return nil
}

// Groups returns the group of each document.
func (x *Index) Groups() []uint8 { return x.groups }

// Prepare turns a query into the index's.
func (x *Index) Prepare(q Query) (postings.Query, postings.SearchOptions) {
	switch q.Kind {
	case Phrase:
		return postings.Query{Clauses: []postings.Clause{{Any: []postings.Leaf{{Terms: q.Words}}, Occur: postings.Must}}}, postings.SearchOptions{}
	case Prefix:
		return postings.Query{Clauses: []postings.Clause{{Any: []postings.Leaf{{Terms: q.Words, Prefix: true, Expand: postings.MaxExpand}}, Occur: postings.Must}}}, postings.SearchOptions{}
	case And:
		p := postings.Terms(q.Words...)
		for i := range p.Clauses {
			p.Clauses[i].Occur = postings.Must
		}
		return p, postings.SearchOptions{}
	case Filtered:
		g := uint8(q.Group)
		return postings.Terms(q.Words...), postings.SearchOptions{Filter: func(d uint32) bool { return x.groups[d] == g }}
	}
	return postings.Terms(q.Words...), postings.SearchOptions{}
}

// Search answers one query: top 10.
func (x *Index) Search(q Query) ([]postings.Hit, error) {
	p, o := x.Prepare(q)
	return x.Index.Search(context.Background(), p, o)
}

// Count is how many documents match.
func (x *Index) Count(q Query) (int, error) {
	p, o := x.Prepare(q)
	return x.Index.MatchCount(context.Background(), p, o)
}

// Took says how long a set of queries took.
type Took struct {
	Kind     Kind
	Threads  int
	PerSec   float64
	P50, P99 time.Duration
	Hits     int // found in all
}

// Run asks every query once, on a number of threads.
func (x *Index) Run(queries []Query, threads int) (Took, error) {
	took := make([]time.Duration, len(queries))
	errs := make([]error, threads)
	var next, hits atomic.Int64
	var wg sync.WaitGroup
	runtime.GC()
	start := time.Now()
	for w := range threads {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(queries) {
					return
				}
				begun := time.Now()
				h, err := x.Search(queries[i])
				took[i] = time.Since(begun)
				if err != nil {
					errs[w] = fmt.Errorf("query %v: %w", queries[i].Words, err)
					return
				}
				hits.Add(int64(len(h)))
			}
		})
	}
	wg.Wait()
	whole := time.Since(start)
	for _, err := range errs {
		if err != nil {
			return Took{}, err
		}
	}
	slices.Sort(took)
	return Took{queries[0].Kind, threads, float64(len(queries)) / whole.Seconds(), took[len(took)/2], took[len(took)*99/100], int(hits.Load())}, nil
}
