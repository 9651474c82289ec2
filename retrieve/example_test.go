package retrieve_test

import (
	"context"
	"fmt"

	"bowerbird"
	"bowerbird/retrieve"
)

// A source owns the view that it serves from: Apply folds a save, and the next
// Candidates knows it.
func ExampleTogether() {
	v := retrieve.NewTogether()
	v.Apply([]bowerbird.Fact{
		{Kind: bowerbird.Save, User: 1, Item: 10},
		{Kind: bowerbird.Save, User: 1, Item: 11},
		{Kind: bowerbird.Save, User: 2, Item: 10},
		{Kind: bowerbird.Save, User: 2, Item: 12},
		{Kind: bowerbird.Save, User: 3, Item: 11},
		{Kind: bowerbird.Save, User: 3, Item: 10},
	})
	hits, err := v.Candidates(context.Background(), &bowerbird.Request{Item: 10}, 5, nil)
	if err != nil {
		panic(err)
	}
	for _, h := range hits {
		fmt.Printf("item %d %.3f because of item %d\n", h.Item, h.Score, h.Why.Item)
	}
	// Output:
	// item 11 0.268 because of item 10
	// item 12 0.149 because of item 10
}

// History fills in what a request starts from.
func ExampleHistory() {
	h := retrieve.NewHistory()
	h.Apply([]bowerbird.Fact{
		{Offset: 1, Kind: bowerbird.Save, User: 1, Item: 10, Board: 3},
		{Offset: 2, Kind: bowerbird.Closeup, User: 1, Item: 11},
		{Offset: 3, Kind: bowerbird.Hide, User: 1, Item: 12},
	})
	r := bowerbird.Request{User: 1}
	if err := h.Rewrite(context.Background(), &r); err != nil {
		panic(err)
	}
	for _, a := range r.Recent {
		fmt.Println(a.Kind, a.Item, a.Weight)
	}
	// Output:
	// hide 12 -1
	// closeup 11 0.2
	// save 10 1
}
