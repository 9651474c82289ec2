package retrieve_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/index/auto"
	"bowerbird/internal/viewtest"
	"bowerbird/model"
	"bowerbird/retrieve"
)

func newNewcomers() *retrieve.Newcomers {
	return retrieve.NewNewcomers(retrieve.NewcomersOptions{Version: "v1",
		New: func(dim int) (index.Index, error) { return auto.New(dim, index.InnerProduct, auto.Options{}) }})
}

func TestNewcomersView(t *testing.T) {
	viewtest.Run(t, func() viewtest.View[fact] { return newNewcomers() }, world(3, 700))
}

// TestNewcomersAreFoundByContent: items that nobody acted on are found for those who keep their topic, until they are known; a saved map
// finds the same.
func TestNewcomersAreFoundByContent(t *testing.T) {
	h, v := retrieve.NewHistory(), newNewcomers()
	for _, x := range []viewtest.View[fact]{h, v} {
		x.Apply(rooms())
	}
	var b model.Builder
	for u := bowerbird.UserID(1); u <= 80; u++ {
		for _, a := range h.Of(u, 0) {
			if err := b.Add(uint32(u), uint32(a.Item), a.Weight); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, err := b.Build(81, 121)
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.IALS{Dim: 8, Epochs: 8, Reg: .01}.Fit(context.Background(), m, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	tower := f.(*model.Factors)
	me := bowerbird.Request{User: 4, Recent: h.Of(4, 0)}
	if got := ask(t, v, me, 10); len(got) != 0 {
		t.Fatalf("without a model: %v", got)
	}
	c, err := v.Fit(context.Background(), tower, m, retrieve.FitOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := model.WriteContent(&file, c, c.Card()); err != nil {
		t.Fatal(err)
	}
	whole := slices.Clone(file.Bytes())
	if c, err = model.ReadContent(&file); err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut < len(whole); cut += 1 + len(whole)/50 {
		if _, err := model.ReadContent(bytes.NewReader(whole[:cut])); err == nil {
			t.Fatalf("a file cut at %d of %d was read", cut, len(whole))
		}
	}
	if err := v.Swap(context.Background(), c, tower); err != nil {
		t.Fatal(err)
	}
	var come []fact
	for x := range bowerbird.ItemID(20) { // 121.. take turns
		word := topics[int(x)%4]
		come = append(come, put(121+x, bowerbird.Item{Title: fmt.Sprintf("another of %s", word), Tags: []string{word}}))
	}
	v.Apply(logOf(come...))
	hits := ask(t, v, me, 5)
	if len(hits) != 5 {
		t.Fatalf("%d newcomers, want 5", len(hits))
	}
	for _, x := range hits { // person 4 keeps cats
		if x.Item < 121 || (x.Item-121)%4 != 0 {
			t.Errorf("%+v is no new thing of cats", x)
		}
	}
	first := hits[0].Item
	for u := range bowerbird.UserID(5) {
		v.Apply([]fact{save(10+u, first, 0)})
	}
	if slices.ContainsFunc(ask(t, v, me, 30), func(x bowerbird.Hit) bool { return x.Item == first }) {
		t.Error("an item with five acts is still a newcomer")
	}
	if n := len(ask(t, v, bowerbird.Request{User: 4, Recent: me.Recent, Keep: func(bowerbird.ItemID) bool { return false }}, 10)); n != 0 {
		t.Errorf("%d hits that Keep refuses", n)
	}
	if n := len(ask(t, v, bowerbird.Request{User: 99}, 10)); n != 0 {
		t.Errorf("%d hits for somebody of whom nothing is known", n)
	}
	if err := v.Swap(context.Background(), nil, nil); err != nil || len(ask(t, v, me, 10)) != 0 {
		t.Error("a map that was taken out is still asked")
	}
}
