package engine

import (
	"slices"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/model"
	"bowerbird/rank"
	"bowerbird/retrieve"
)

// TestNeighbourhoodServes trains on the graph of a world, keeps the bundle, puts it
// in place, and takes a newcomer in: it is found at once, after a restart, and after
// an erasure.
func TestNeighbourhoodServes(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{})
	put(t, e, worldEvents(), 1000)
	b := graphBundle(t, e)
	if _, err := e.Register(b); err != nil {
		t.Fatal(err)
	}
	if err := e.Install(t.Context(), b.Card.Version); err != nil {
		t.Fatal(err)
	}
	var known *bowerbird.Item
	for _, ev := range worldEvents() {
		if ev.Kind == bowerbird.ItemPut {
			known = ev.ItemDoc
		}
	}
	twin := *known
	twin.ID = "newcomer"
	put(t, e, []bowerbird.Event{{Kind: bowerbird.ItemPut, ItemDoc: &twin}}, 1)
	start := time.Now()
	if !nearby(t, e) {
		t.Error("nothing is found near a newcomer")
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, Options{})
	defer e.Close()
	if !nearby(t, e) {
		t.Error("nothing is found near it after a restart")
	}
	for _, ev := range worldEvents() {
		if ev.Kind == bowerbird.Save {
			if err := e.Erase(t.Context(), ev.User); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if !nearby(t, e) {
		t.Error("nothing is found near it after an erasure")
	}
}

// nearby tells whether the source finds anything near the newcomer.
func nearby(t *testing.T, e *Engine) bool {
	t.Helper()
	h := e.House()
	x, _ := h.Catalogue.Item("newcomer")
	p, err := h.Candidates(t.Context(), bowerbird.Request{Surface: bowerbird.Related, Item: x, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := slices.Index(p.Sources, "neighbourhood")
	return slices.ContainsFunc(p.Items, func(c bowerbird.Candidate) bool {
		return slices.ContainsFunc(c.From, func(f bowerbird.Found) bool { return int(f.Source) == s })
	})
}

func graphBundle(t *testing.T, e *Engine) *rank.Bundle {
	t.Helper()
	var m model.Builder
	h := e.House()
	for u := 1; u < h.history.Users(); u++ {
		for _, a := range h.history.Of(bowerbird.UserID(u), 0) {
			if a.Weight > 0 {
				if err := m.Add(uint32(u), uint32(a.Item), a.Weight); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	x, err := m.Build(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.IALS{Dim: 8, Epochs: 2}.Fit(t.Context(), x, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	b := &rank.Bundle{Card: rank.Card{Version: "v1"}, Retrieval: f}
	b.Factors, _ = f.(*model.Factors)
	if err := h.FitGraph(t.Context(), b, retrieve.FitOptions{Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return b
}
