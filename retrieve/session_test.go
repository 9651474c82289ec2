package retrieve

import (
	"context"
	"testing"

	"bowerbird"
	"bowerbird/model"
)

// following is a model in which item i+1 follows item i.
func following(t testing.TB, items int) *model.Sequence {
	t.Helper()
	var b model.Builder
	for u := range 150 {
		for k := range 12 {
			if err := b.AddAt(uint32(u), uint32(1+(u*7+k)%(items-1)), 1, int64(k)); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, err := b.Build(150, items)
	if err != nil {
		t.Fatal(err)
	}
	got, err := model.SASRec{Dim: 16, Layers: 1, Length: 10, Epochs: 30, Batch: 128, Rate: .01, Dropout: .1, Patience: -1}.Fit(context.Background(), m, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return got.(*model.Sequence)
}

// recent is a request of somebody who liked items, the last one last.
func recent(user bowerbird.UserID, items ...bowerbird.ItemID) *bowerbird.Request {
	r := &bowerbird.Request{User: user}
	for i, x := range items {
		r.Recent = append([]bowerbird.Action{{Item: x, Offset: uint64(i + 1), Weight: 1, Kind: bowerbird.Save}}, r.Recent...)
	}
	return r
}

func TestSession(t *testing.T) {
	ctx, s := context.Background(), NewSession()
	if hits, err := s.Candidates(ctx, recent(1, 4, 5), 5, nil); err != nil || len(hits) != 0 {
		t.Fatalf("without a model: %v, %v", hits, err)
	}
	s.Swap(following(t, 41), nil)
	hits, err := s.Candidates(ctx, recent(1, 4, 5, 6), 5, nil)
	if err != nil || len(hits) != 5 || hits[0].Item != 7 {
		t.Fatalf("after 4, 5, 6: %v, %v", hits, err)
	}
	for _, h := range hits {
		if h.Why != (bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: 6}) {
			t.Errorf("%+v: the reason is not the newest action", h)
		}
	}
	// The person acts again: the state that was remembered no longer counts.
	if hits, err = s.Candidates(ctx, recent(1, 4, 5, 6, 20), 5, nil); err != nil || hits[0].Item != 21 {
		t.Errorf("after 20: %v, %v", hits, err)
	}
	// Somebody new, from the first action on, and with a filter.
	r := recent(9, 11)
	r.Keep = func(x bowerbird.ItemID) bool { return x != 12 }
	if hits, err = s.Candidates(ctx, r, 40, nil); err != nil || len(hits) == 0 {
		t.Fatalf("a first action: %v, %v", hits, err)
	}
	for _, h := range hits {
		if h.Item == 12 || h.Item == 0 {
			t.Errorf("item %d was refused", h.Item)
		}
	}
	for name, r := range map[string]*bowerbird.Request{"nobody": {}, "an item": {Item: 3, Recent: recent(1, 4).Recent}, "a board": {Board: 3, Recent: recent(1, 4).Recent},
		"unknown items": recent(1, 4000)} {
		if hits, err := s.Candidates(ctx, r, 5, nil); err != nil || len(hits) != 0 {
			t.Errorf("%s: %v, %v", name, hits, err)
		}
	}
	s.Swap(nil, nil)
	if hits, _ := s.Candidates(ctx, recent(1, 4, 5, 6), 5, nil); len(hits) != 0 || s.Model() != nil {
		t.Error("the model was taken out and still serves")
	}
}

// BenchmarkSession is what a person's page pays when they acted since the last one: 50 actions, 12,000 items, the size that
// trains by default.
func BenchmarkSession(b *testing.B) {
	var mb model.Builder
	for u := range 400 {
		for k := range 50 {
			if err := mb.AddAt(uint32(u), uint32(1+(u*31+k)%11_999), 1, int64(k)); err != nil {
				b.Fatal(err)
			}
		}
	}
	m, err := mb.Build(400, 12_000)
	if err != nil {
		b.Fatal(err)
	}
	got, err := model.SASRec{Epochs: 1, Patience: -1, Negatives: 64}.Fit(context.Background(), m, model.Options{Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	s := NewSession()
	s.Swap(got.(model.Tower), nil)
	var items []bowerbird.ItemID
	for i := range 50 {
		items = append(items, bowerbird.ItemID(100+i))
	}
	for _, c := range []struct {
		name string
		user bowerbird.UserID // 0 is not remembered
	}{{"new action", 0}, {"remembered", 7}} {
		b.Run(c.name, func(b *testing.B) {
			r := recent(c.user, items...)
			var hits []bowerbird.Hit
			for b.Loop() {
				if hits, err = s.Candidates(context.Background(), r, 100, hits[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
