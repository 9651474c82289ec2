package surface_test

import (
	"context"
	"fmt"

	"bowerbird"
	"bowerbird/surface"
)

// A surface is a table: what is asked, and what may not be shown.
func ExamplePipeline() {
	p := &surface.Pipeline{
		Surface: bowerbird.Home,
		Sources: []surface.Use{
			{Source: list{name: "walk", items: []bowerbird.ItemID{3, 1}}, Weight: 2},
			{Source: list{name: "fresh", items: []bowerbird.ItemID{4, 1, 2}}},
		},
		Filters: []surface.Filter{except{"hidden", []bowerbird.ItemID{2}}},
	}
	page, err := p.Run(context.Background(), bowerbird.Request{User: 1, Limit: 3})
	if err != nil {
		panic(err)
	}
	for _, c := range page.Items {
		fmt.Print("item ", c.Item, " from")
		for _, f := range c.From {
			fmt.Print(" ", page.Sources[f.Source])
		}
		fmt.Println()
	}
	fmt.Println(page.Trace.Filters[0].Name, "removed", page.Trace.Filters[0].Count)
	// Output:
	// item 1 from walk fresh
	// item 3 from walk
	// item 4 from fresh
	// hidden removed 1
}
