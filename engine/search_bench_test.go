package engine

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/filter"
)

// BenchmarkSearch searches a made-up shop: 200,000 items, or as many as
// BOWERBIRD_SEARCH_ITEMS says. Each search is another one, so that no page is
// remembered; the 99th percentile is reported beside the mean.
func BenchmarkSearch(b *testing.B) {
	n := 200_000
	if s := os.Getenv("BOWERBIRD_SEARCH_ITEMS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	h, err := NewHouse(nil, HouseOptions{})
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(r, 1.2, 4, 20_000)
	for at := 0; at < n; at += 10_000 {
		facts := make([]bowerbird.Fact, min(10_000, n-at))
		for i := range facts {
			facts[i] = bowerbird.Fact{Offset: uint64(at + i + 1), Time: int64(at+i+1) * 1000, Kind: bowerbird.ItemPut, Item: bowerbird.ItemID(at + i + 1), ItemDoc: &bowerbird.Item{
				Title:      fmt.Sprintf("w%d w%d w%d w%d", zipf.Uint64(), zipf.Uint64(), zipf.Uint64(), zipf.Uint64()),
				Categories: []string{fmt.Sprintf("c%d/d%d", r.IntN(8), r.IntN(8))}, Tags: []string{fmt.Sprint("w", zipf.Uint64())},
				Attributes: bowerbird.Attributes{{Name: "maker", Words: []string{fmt.Sprint("m", r.IntN(300))}}, {Name: "price", Numeric: true, Number: float64(r.IntN(100_000)) / 100}}}}
		}
		for _, v := range h.views { // the query room's statistics are not what is measured here
			if v.name == "words" || v.name == "fields" || v.name == "popular" {
				v.view.Apply(facts)
			}
		}
	}
	parse := func(s string) *bowerbird.Expr {
		e, err := filter.Parse(s, h.HasField)
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	facets := []string{"category", "maker", "tag", "price"}
	for _, c := range []struct {
		name string
		f    *bowerbird.Expr
		s    bowerbird.SearchSpec
	}{
		{"words", nil, bowerbird.SearchSpec{}},
		{"counted", nil, bowerbird.SearchSpec{Count: true}},
		{"facets", nil, bowerbird.SearchSpec{Count: true, Facets: facets}},
		{"filter", parse("maker = m7 AND price < 500"), bowerbird.SearchSpec{}},
		{"filter+facets", parse("category = c3 AND price < 500"), bowerbird.SearchSpec{Count: true, Facets: facets}},
		{"apart", parse("category = c3 AND price < 500"), bowerbird.SearchSpec{Count: true, Facets: facets, Apart: true}},
		{"sort", nil, bowerbird.SearchSpec{Sort: []bowerbird.SortKey{{Field: "price"}}}},
		{"distinct", nil, bowerbird.SearchSpec{Distinct: "maker"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				q := bowerbird.Request{Surface: bowerbird.SearchWords, Query: fmt.Sprintf("w%d w%d", zipf.Uint64(), zipf.Uint64()), Filter: c.f, Search: c.s, Limit: 25, Seed: 1, Now: 1, Offset: 1}
				began := time.Now()
				if _, err := h.Run(b.Context(), q); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}
