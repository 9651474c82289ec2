package postingsbench_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"bowerbird/index/postings/postingsbench"
)

// A small run of everything: titles repeat, queries find what they are about, and what is kept can be opened.
func TestSmallRun(t *testing.T) {
	titles, again := postingsbench.NewTitles(3), postingsbench.NewTitles(3)
	if !slices.Equal(titles.Title(nil, 17), again.Title(nil, 17)) {
		t.Fatal("a title differs the second time")
	}
	ix, built, err := postingsbench.Build(titles, 3000, postingsbench.Options())
	if err != nil || built.Bytes == 0 || ix.Docs() != 3000 {
		t.Fatalf("%+v, %v", built, err)
	}
	for _, kind := range postingsbench.Kinds {
		queries := titles.Queries(kind, 30, 3000)
		took, err := ix.Run(queries, 2)
		if err != nil || took.PerSec <= 0 || took.Hits == 0 {
			t.Errorf("%s: %+v, %v", kind, took, err)
		}
		for _, q := range queries {
			n, err := ix.Count(q)
			if err != nil || n == 0 && kind != postingsbench.Filtered {
				t.Errorf("%v matches %d documents (%v)", q, n, err)
			}
		}
	}
	if v, err := ix.Updates(titles, 500, 100*time.Millisecond); err != nil || v.Updates != 50 {
		t.Errorf("%+v, %v", v, err)
	}
	if s, err := ix.Keep(t.TempDir()); err != nil || s.Folder == 0 || s.Stream == 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestGrow(t *testing.T) {
	g, err := postingsbench.Grow(postingsbench.NewTitles(3), 9000, 20, t.TempDir())
	if err != nil || g.Build <= 0 || g.Folder < 9000*20 || g.Segments == 0 || len(g.Took) != len(postingsbench.Kinds) {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestExponent(t *testing.T) {
	if e := postingsbench.Exponent([]float64{1, 10, 100}, []float64{3, 30 * math.Sqrt(10), 3000}); math.Abs(e-1.5) > .02 {
		t.Error(e)
	}
}

func ExampleTitles() {
	t := postingsbench.NewTitles(1)
	fmt.Println(len(t.Title(nil, 0)) >= 4, t.Queries(postingsbench.Term, 1, 10)[0].Kind)
	// Output: true term
}
