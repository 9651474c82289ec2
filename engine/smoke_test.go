package engine

import (
	"context"
	"fmt"
	"testing"

	"bowerbird"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	e, err := Open(ctx, t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var ev []bowerbird.Event
	for i := range 50 {
		ev = append(ev, bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: fmt.Sprint("i", i), Title: fmt.Sprint("grey cat ", i)}})
	}
	for u := range 20 {
		for i := range 10 {
			ev = append(ev, bowerbird.Event{Kind: bowerbird.Save, User: fmt.Sprint("u", u), Item: fmt.Sprint("i", (u*3+i)%50), Time: int64(1000 + u*10 + i)})
		}
	}
	res, err := e.Ingest(ctx, ev)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range res {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	for _, q := range []Query{{Surface: bowerbird.Home, User: "u1"}, {Surface: bowerbird.Related, Item: "i3"}, {Surface: bowerbird.SearchWords, Words: "gray cats 7"}, {Surface: bowerbird.Explore}} {
		a, err := e.Page(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(q.Surface, len(a.Items), a.Corrected, a.Next)
		for i, s := range a.Items[:min(3, len(a.Items))] {
			t.Log("  ", s.Doc.ID, s.Why, s.Sources, a.Page.Items[i].Score)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}
