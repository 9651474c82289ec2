package retrieve_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/index/auto"
	"bowerbird/internal/viewtest"
	"bowerbird/retrieve"
)

// dataFile opens a gzipped file of the data folder, which lies beside the
// repository or where BOWERBIRD_DATA says.
func dataFile(t testing.TB, name string) *bufio.Scanner {
	t.Helper()
	dir := os.Getenv("BOWERBIRD_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("no data: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	return s
}

// part is a data set cut for validation: what is learned from, in order, and what
// was held out of it by person. The sets' own test parts are not read.
type part struct {
	facts []fact
	held  map[bowerbird.UserID][]bowerbird.ItemID
}

func (p *part) add(rng *rand.Rand, share float64, f fact) {
	if rng.Float64() < share {
		p.held[f.User] = append(p.held[f.User], f.Item)
		return
	}
	p.facts = append(p.facts, f)
}

// movieLens holds a fifth of the likes of ML-100K's u1.base out.
func movieLens(t testing.TB) *part {
	s := dataFile(t, "rec-ml100k/u1.base.gz")
	var all []fact
	for s.Scan() {
		w := strings.Fields(s.Text())
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(w[i])
		}
		if n[2] >= 4 {
			all = append(all, fact{Kind: bowerbird.Save, User: bowerbird.UserID(n[0]), Item: bowerbird.ItemID(n[1]), Time: int64(n[3]) * 1000})
		}
	}
	slices.SortStableFunc(all, func(a, b fact) int { return cmp.Compare(a.Time, b.Time) })
	p := &part{held: map[bowerbird.UserID][]bowerbird.ItemID{}}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, f := range all {
		p.add(rng, .2, f)
	}
	p.facts = logOf(p.facts...)
	return p
}

// gowalla holds a tenth of the training part's items of each person out.
func gowalla(t testing.TB) *part {
	s := dataFile(t, "rec-gowalla-lightgcn/train.txt.gz")
	p := &part{held: map[bowerbird.UserID][]bowerbird.ItemID{}}
	rng := rand.New(rand.NewPCG(1, 1))
	for s.Scan() {
		w := strings.Fields(s.Text())
		u, _ := strconv.Atoi(w[0])
		for _, x := range w[1:] {
			i, _ := strconv.Atoi(x)
			p.add(rng, .1, fact{Kind: bowerbird.Save, User: bowerbird.UserID(u + 1), Item: bowerbird.ItemID(i + 1)})
		}
	}
	p.facts = logOf(p.facts...)
	return p
}

// recall is the mean share of what was held out that a source finds among its
// first k, for every few-th person, and the mean time of an answer.
func (p *part) recall(t testing.TB, s source, h *retrieve.History, every, k int) (float64, time.Duration) {
	t.Helper()
	sum, n := 0.0, 0
	var took time.Duration
	for u := bowerbird.UserID(1); int(u) < h.Users(); u += bowerbird.UserID(every) {
		if len(p.held[u]) == 0 {
			continue
		}
		r := bowerbird.Request{User: u, Recent: h.Of(u, 0), Seed: 1}
		has := map[bowerbird.ItemID]bool{}
		for _, a := range r.Recent {
			has[a.Item] = true
		}
		r.Keep = func(x bowerbird.ItemID) bool { return !has[x] }
		start := time.Now()
		hits, err := s.Candidates(t.Context(), &r, k, nil)
		took += time.Since(start)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, x := range hits {
			if slices.Contains(p.held[u], x.Item) {
				found++
			}
		}
		sum += float64(found) / float64(len(p.held[u]))
		n++
	}
	return sum / float64(n), took / time.Duration(n)
}

// TestWalkSettings prints what settings of home walks find on validation parts.
func TestWalkSettings(t *testing.T) {
	if os.Getenv("BOWERBIRD_SWEEP") == "" {
		t.Skip("BOWERBIRD_SWEEP is not set")
	}
	base := retrieve.WalkOptions{Steps: 8000, Queries: 50, Restart: .9, Discount: .3}
	settings := map[string]func(*retrieve.WalkOptions){
		"0 base":                                func(o *retrieve.WalkOptions) {},
		"1 restart .5, queries 10, no discount": func(o *retrieve.WalkOptions) { o.Restart, o.Discount, o.Queries = .5, -1, 10 },
		"restart .97":                           func(o *retrieve.WalkOptions) { o.Restart = .97 },
		"discount .4":                           func(o *retrieve.WalkOptions) { o.Discount = .4 },
		"queries 30":                            func(o *retrieve.WalkOptions) { o.Queries = 30 },
		"queries 100":                           func(o *retrieve.WalkOptions) { o.Queries = 100 },
		"steps 20000":                           func(o *retrieve.WalkOptions) { o.Steps = 20000 },
	}
	for _, per := range []int{1, 4, 16, 32} {
		for _, steps := range []int{500, 1000, 2000, 8000} {
			settings[fmt.Sprintf("steps %5d, per visit %2d, discount .4", steps, per)] = func(o *retrieve.WalkOptions) { o.Steps, o.PerVisit, o.Discount = steps, per, .4 }
		}
	}
	for _, set := range []struct {
		name  string
		part  *part
		every int
	}{{"ml-100k", movieLens(t), 2}, {"gowalla", gowalla(t), 50}} {
		h, v := retrieve.NewHistory(), retrieve.NewWalk(base)
		h.Apply(set.part.facts)
		v.Apply(set.part.facts)
		names := make([]string, 0, len(settings))
		for n := range settings {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			if only := os.Getenv("BOWERBIRD_SWEEP"); only != "1" && !strings.Contains(set.name+" "+n, only) {
				continue
			}
			o := base
			settings[n](&o)
			w := v.With(o)
			r20, _ := set.part.recall(t, w, h, set.every, 20)
			r80, took := set.part.recall(t, w, h, set.every, 80)
			t.Logf("%s %-18s recall@20 %.4f @80 %.4f  %v", set.name, n, r20, r80, took.Round(time.Microsecond))
		}
	}
}

// TestNeighbourhoodSettings prints what vectors and people alike find on the
// validation part of ML-100K.
func TestNeighbourhoodSettings(t *testing.T) {
	if os.Getenv("BOWERBIRD_SWEEP") == "" {
		t.Skip("BOWERBIRD_SWEEP is not set")
	}
	p := movieLens(t)
	h, w := retrieve.NewHistory(), retrieve.NewWalk(retrieve.WalkOptions{})
	v := newNeighbourhood(w)
	for _, x := range []viewtest.View[fact]{h, w, v} {
		x.Apply(p.facts)
	}
	m, err := v.Fit(t.Context(), retrieve.FitOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Swap(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, f := fit(t, h)
	learned, people, walked := retrieve.NewPeople(h), retrieve.NewPeople(h), retrieve.NewLearned()
	walked.Swap(f, nil, nil)
	if err := learned.Swap(t.Context(), f, func() (index.Index, error) { return auto.New(f.Dim(), index.Cosine, auto.Options{}) }); err != nil {
		t.Fatal(err)
	}
	people.Walk = w
	popular := retrieve.NewPopular()
	popular.Apply(p.facts)
	for name, s := range map[string]source{"neighbourhood": v, "people by factors": learned, "people by walks": people, "factors of 8": walked, "walk": w, "popular": popular} {
		r20, _ := p.recall(t, s, h, 1, 20)
		r80, took := p.recall(t, s, h, 1, 80)
		t.Logf("%-20s recall@20 %.4f @80 %.4f %v", name, r20, r80, took.Round(time.Microsecond))
	}
}
