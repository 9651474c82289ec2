package feature_test

import (
	"bytes"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/feature"
)

func TestAskedCountsByPlace(t *testing.T) {
	v := feature.NewAsked(strings.Fields)
	search := func(u bowerbird.UserID, q string, at int64) bowerbird.Fact {
		return bowerbird.Fact{Kind: bowerbird.Search, User: u, Query: q, Time: at}
	}
	act := func(k bowerbird.Kind, u bowerbird.UserID, x bowerbird.ItemID, place uint16, at int64) bowerbird.Fact {
		return bowerbird.Fact{Kind: k, User: u, Item: x, Position: place, Surface: bowerbird.SearchWords, Time: at}
	}
	var facts []bowerbird.Fact
	for u := bowerbird.UserID(1); u <= 20; u++ {
		facts = append(facts, search(u, "grey sofa", 0), act(bowerbird.Impression, u, 1, 1, 1), act(bowerbird.Impression, u, 2, 10, 1),
			act(bowerbird.Closeup, u, 3, 1, 3_600_000)) // an hour later it is another visit
		if u%4 == 0 {
			facts = append(facts, act(bowerbird.Closeup, u, 1, 1, 2), act(bowerbird.Closeup, u, 2, 10, 2))
		}
	}
	v.Apply(facts)
	rates := func(v *feature.Asked, q string) [3]float32 {
		var out [3]float32
		v.Fill(&bowerbird.Request{Surface: bowerbird.SearchWords, Query: q}, []bowerbird.ItemID{1, 2, 3}, out[:], 1)
		return out
	}
	got := rates(v, "sofa grey")
	if !(got[1] > 1.5*got[0]) {
		t.Errorf("as many opened at place 10 as at place 1: rates %v, want the second clearly higher", got)
	}
	if none := rates(v, "lamp"); got[2] != none[2] || none[0] != none[1] {
		t.Errorf("an item nobody opened then %v, another query %v: want the prior", got[2], none)
	}
	var b bytes.Buffer
	if err := v.Save(&b); err != nil {
		t.Fatal(err)
	}
	w := feature.NewAsked(strings.Fields)
	if err := w.Load(&b); err != nil || rates(w, "sofa grey") != got {
		t.Errorf("loaded: %v, %v, want %v", rates(w, "sofa grey"), err, got)
	}
}
