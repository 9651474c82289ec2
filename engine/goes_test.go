package engine

import (
	"math/rand/v2"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/rank"
	"bowerbird/vision"
	"bowerbird/vision/adapt"
)

// TestGoesWith: what goes with an item is of another category, by the map and without.
func TestGoesWith(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{House: HouseOptions{Taxonomy: Taxonomy{"cup": "home/kitchen/cup"}}})
	var events []bowerbird.Event
	r := rand.New(rand.NewPCG(3, 3))
	names := []string{"c0", "c1", "c2", "d0", "d1", "d2"}
	x := make([]float32, 0, len(names)*vision.Dim)
	for i, name := range names {
		v := make([]float32, vision.Dim)
		for k := range v {
			v[k] = .05 * float32(r.NormFloat64())
		}
		v[i%3], v[3+i/3], v[10] = 1, 1, 1.2 // what it is like, what it is, what all are
		category, tags := "cups", []string{"cup"}
		if i >= 3 {
			category, tags = "dishes", nil
		}
		events = append(events, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: name, Title: name, Categories: []string{category}, Tags: tags}},
			bowerbird.Event{Kind: bowerbird.SignalPut, Item: name, Signal: &bowerbird.Signal{Name: "visual", Version: vision.DescriptorVersion, Vector: v}})
		x = append(x, v...)
	}
	put(t, e, events, 100)
	if a, err := e.Page(t.Context(), Query{Surface: bowerbird.Related, Item: "c0", Goes: true}); err != nil || len(a.Items) != 0 {
		t.Fatal("something goes with it that nobody kept together", err)
	}
	for i := range len(names) {
		row := x[i*vision.Dim : (i+1)*vision.Dim]
		s := float32(0)
		for _, a := range row {
			s += a * a
		}
		for k := range row {
			row[k] /= s
		}
	}
	m, err := adapt.Fit(t.Context(), x, vision.Dim, [][]int{{0, 3}, {1, 4}, {2, 5}}, adapt.Options{Batch: 16, Steps: 60, Rate: .02, Kinds: []uint32{1, 1, 1, 2, 2, 2}})
	if err != nil {
		t.Fatal(err)
	}
	version, err := e.Register(&rank.Bundle{Card: rank.Card{Version: "one", Trainer: rank.CatalogueOnly}, Goes: m})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Install(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		for i, name := range names {
			a, err := e.Page(t.Context(), Query{Surface: bowerbird.Related, Item: name, Goes: true})
			if err != nil || len(a.Items) != 3 || a.Items[0].Doc.ID != names[(i+3)%6] {
				t.Fatal(name, err, len(a.Items))
			}
			for _, s := range a.Items {
				if s.Doc.ID[0] == name[0] {
					t.Errorf("%s goes with %s, which is of its own category", name, s.Doc.ID)
				}
			}
		}
	}
	check()
	labels, err := e.Labels(t.Context(), "c0")
	if err != nil || len(labels) == 0 {
		t.Fatal(labels, err)
	}
	conf := map[string]float32{}
	for _, l := range labels {
		conf[l.Name] = l.Confidence
		if l.Own != (l.Name == "cups" || l.Name == "cup") {
			t.Errorf("%+v", l)
		}
	}
	if conf["home"] < conf["cup"] || conf["cup"] == 0 {
		t.Errorf("the tree says nothing: %v", labels)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, Options{})
	defer e.Close()
	check()
}

func TestReadTaxonomy(t *testing.T) {
	tree, err := ReadTaxonomy(strings.NewReader("# mine\nhome/kitchen/Mug\n\n animals/cats \n"))
	if err != nil || tree["mug"] != "home/kitchen/Mug" || tree["cats"] != "animals/cats" || len(tree) != 2 {
		t.Fatal(tree, err)
	}
	if _, err := ReadTaxonomy(strings.NewReader("a/x\nb/x\n")); err == nil {
		t.Error("a leaf with two paths was taken")
	}
}
