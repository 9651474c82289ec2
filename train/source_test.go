package train

import (
	"context"
	"slices"
	"testing"

	"bowerbird"
)

// Of the sources that answer what a person does, the best alone is found; what
// everybody gets alike is not, though it orders better here.
func TestBestSourceIsOfThePerson(t *testing.T) {
	var groups []group
	for i := range 40 {
		g := group{moment: moment{offset: uint64(i + 2), user: uint32(i + 1), relevant: []uint32{10}}, sources: []string{"popular", "walk", "learned"}, hydrated: 1}
		for x := range 10 {
			item := x + 1
			learned := 11 - item // item 10 first; in one page of four second
			if i%4 == 0 {
				learned = (11-item)%10 + 1
			}
			c := bowerbird.Candidate{Item: bowerbird.ItemID(item), Score: 1 / float32(item)}
			for s, rank := range []int{11 - item, item, learned} {
				c.From = append(c.From, bowerbird.Found{Source: uint8(s), Rank: uint16(rank)})
				c.Features = append(c.Features, 1/float32(rank))
			}
			g.cands = append(g.cands, c)
		}
		groups = append(groups, g)
	}
	tr := judging(t, groups)
	tr.features = []string{"popular.rank", "walk.rank", "learned.rank"}
	all := tr.rowsOf(false)
	folds := all.halves(1)
	got, err := tr.bestSource(context.Background(), all, slices.Concat(folds[0].groups, folds[1].groups))
	if err != nil {
		t.Fatal(err)
	}
	if tr.single == nil || tr.single.name != "learned" || len(got) != 40 || mean(got) < .8 || mean(got) == 1 {
		t.Fatalf("%+v with %v, want the source learned", tr.single, got)
	}
}
