package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"bowerbird"
	"bowerbird/rank"
	"bowerbird/vision"
	"bowerbird/vision/label"
)

// TestLinearLabels: a label that a linear classifier tells better is told by it, and what lies
// above it in the owner's tree is no less sure.
func TestLinearLabels(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{})
	defer func() { _ = e.Close() }()
	if err := e.SetTaxonomy([]string{"home/kitchen/mug"}); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	var x []float32
	var has [][]int
	var events []bowerbird.Event
	for i := range 240 {
		v := make([]float32, vision.Dim)
		for k := range v {
			v[k] = .05 * float32(r.NormFloat64())
		}
		v[0] = 1
		var h []int
		if i%2 == 0 {
			v[1], h = 1, []int{0}
		}
		x, has = append(x, v...), append(has, h)
		events = append(events, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: fmt.Sprint("i", i), Title: "thing"}},
			bowerbird.Event{Kind: bowerbird.SignalPut, Item: fmt.Sprint("i", i), Signal: &bowerbird.Signal{Name: "visual", Version: vision.DescriptorVersion, Vector: v}})
	}
	put(t, e, events, 1000)
	if l, err := e.Labels(t.Context(), "i2"); err != nil || len(l) != 0 {
		t.Fatalf("nothing is called anything: %v, %v", l, err)
	}
	set, _, err := label.Fit(t.Context(), x, vision.Dim, []string{"Mug"}, has, label.Options{})
	if err != nil {
		t.Fatal(err)
	}
	version, err := e.Register(&rank.Bundle{Card: rank.Card{Version: "one", Trainer: rank.CatalogueOnly}, Labels: set})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Install(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	got, err := e.Labels(t.Context(), "i2")
	if err != nil {
		t.Fatal(err)
	}
	sure := map[string]float32{}
	for _, l := range got {
		sure[l.Name] = l.Confidence
	}
	if sure["Mug"] < .6 || sure["home/kitchen/mug"] < sure["Mug"] || sure["home/kitchen"] < sure["Mug"] || sure["home"] < sure["Mug"] {
		t.Errorf("labels of a mug: %v", got)
	}
	if other, err := e.Labels(t.Context(), "i3"); err != nil || len(other) > 0 && other[0].Confidence > .4 {
		t.Errorf("labels of what is none: %v, %v", other, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, Options{}) // the model and the tree come back
	if again, err := e.Labels(t.Context(), "i2"); err != nil || len(again) != len(got) || again[0] != got[0] {
		t.Errorf("after a restart %v, %v; before %v", again, err, got)
	}
}
