package train

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"bowerbird"
	"bowerbird/internal/vec"
	"bowerbird/rank"
	"bowerbird/vision"
)

// TestLearnLabels: linear labels are learned from what the log holds of items, with what lies
// above them; an item that was taken away teaches nothing.
func TestLearnLabels(t *testing.T) {
	s := &searching{texts: map[uint32]string{}, pictures: map[uint32][]float32{}, words: map[uint32]string{}, called: labelled{}, born: map[uint32]uint64{}, last: map[uint32]int{}}
	tr := &training{o: Options{Seed: 1, Step: func(string, uint64, uint64) {}, Note: func(string) {}}, search: s}
	r := rand.New(rand.NewPCG(5, 5))
	for i := range 150 {
		v := make([]float32, vision.Dim)
		for k := range v {
			v[k] = .1 * float32(r.NormFloat64())
		}
		d := &bowerbird.Item{ID: fmt.Sprint(i), Title: "thing"}
		if i%2 == 0 {
			v[1], d.Categories = 1, []string{"home/mug"}
		}
		vec.Normalize(v)
		x := bowerbird.ItemID(i + 1)
		s.read(&bowerbird.Fact{Kind: bowerbird.ItemPut, Item: x, ItemDoc: d})
		s.read(&bowerbird.Fact{Kind: bowerbird.SignalPut, Item: x, Signal: &bowerbird.Signal{Name: visual, Version: vision.DescriptorVersion, Vector: v}})
	}
	s.read(&bowerbird.Fact{Kind: bowerbird.ItemDelete, Item: 1})
	if len(s.called) != 74 {
		t.Fatalf("%d items are called something", len(s.called))
	}
	b := new(rank.Bundle)
	if err := tr.learnLabels(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if b.Card.Labels != nil {
		t.Errorf("what all the rows have was learned: %+v", b.Card.Labels)
	}
	for i := range 75 { // the others are called something else
		s.called[uint32(2*i+2)] = []string{"garden/pot"}
	}
	if err := tr.learnLabels(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if c := b.Card.Labels; c == nil || c.Learned != 4 || c.Line < .95 || len(tr.notes) != 1 {
		t.Fatalf("%+v, %q", c, tr.notes)
	}
	if c := b.Card.Labels; c.Linear > 0 && b.Labels == nil || c.Linear == 0 && b.Labels != nil {
		t.Error("labels are served that are not better, or the other way round")
	}
}
