package postings_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"bowerbird/index/postings"

	"github.com/google/go-cmp/cmp"
)

// Terms of every frequency, from common ones with sets of bits to those of one block, meet as the exhaustive twin says:
// also after deletes, with filters and groups, with the same word twice, and as phrases.
func TestMeet(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 61))
	ix, err := postings.New(postings.Options{Fields: twoFields, SyncMerge: true})
	if err != nil {
		t.Fatal(err)
	}
	const words = 300
	word := func() string { return fmt.Sprintf("t%d", int(words*r.Float64()*r.Float64()*r.Float64())) }
	field := func(n int) (f []postings.Token) {
		for i := range n {
			f = append(f, postings.Token{Term: word(), Pos: uint32(i * (1 + i/9*40))}) // some positions take two bytes
		}
		return f
	}
	for d := range 9000 {
		if err := ix.Put(uint32(d*3), field(1+r.IntN(5)), field(r.IntN(14))); err != nil {
			t.Fatal(err)
		}
	}
	if err := ix.Compact(); err != nil {
		t.Fatal(err)
	}
	for range 700 {
		ix.Delete(uint32(r.IntN(9000) * 3))
	}
	matched := 0
	for i := range 900 {
		var q postings.Query
		var terms []string
		for range 3 + r.IntN(2) {
			terms = append(terms, word())
		}
		if i%3 == 0 {
			q.Clauses = []postings.Clause{clause(postings.Must, leaf(terms[:2+i%2]...))}
		} else {
			for _, w := range terms[r.IntN(2):] {
				q.Clauses = append(q.Clauses, clause(postings.Must, leaf(w)))
			}
		}
		if i%5 == 0 {
			q.Clauses = append(q.Clauses, clause(postings.MustNot, leaf(word())))
		}
		o := postings.SearchOptions{K: 1 + r.IntN(30)}
		if i%7 == 0 {
			o.Filter = func(d uint32) bool { return d%2 == 0 }
		}
		if i%11 == 0 {
			o.Group = func(d uint32) uint64 { return uint64(d % 40) }
		}
		got, err := ix.Search(context.Background(), q, o)
		if err != nil {
			t.Fatal(err)
		}
		matched += len(got)
		o.Exhaustive = true
		if d := cmp.Diff(search(t, ix, q, o), got); d != "" {
			t.Fatalf("%+v: %s", q, d)
		}
	}
	if matched < 3000 {
		t.Errorf("only %d hits: the queries hardly test anything", matched)
	}
}
