package filter_test

import (
	"fmt"

	"bowerbird"
	"bowerbird/filter"
)

func ExampleWhere() {
	fields := filter.NewFields()
	fields.Apply([]bowerbird.Fact{
		{Kind: bowerbird.ItemPut, Item: 1, ItemDoc: &bowerbird.Item{Categories: []string{"home/kitchen"},
			Attributes: bowerbird.Attributes{{Name: "price", Numeric: true, Number: 20}}}},
		{Kind: bowerbird.ItemPut, Item: 2, ItemDoc: &bowerbird.Item{Categories: []string{"home/garden"}}},
	})
	for _, s := range []string{"category=home", "price<=50", "price<=cheap"} {
		c, err := filter.ParseCondition(s)
		if err != nil {
			fmt.Println(err)
			continue
		}
		keep := filter.Where(fields).For(&bowerbird.Request{Where: []bowerbird.Condition{c}})
		fmt.Println(s, keep(1), keep(2))
	}
	// Output:
	// category=home true true
	// price<=50 true false
	// where: "price<=cheap": "cheap" is no number
}

func ExampleSeen() {
	seen := filter.NewSeen(filter.SeenOptions{})
	seen.Apply([]bowerbird.Fact{
		{Offset: 1, Time: 1000, Kind: bowerbird.Save, User: 1, Item: 10},
		{Offset: 2, Time: 2000, Kind: bowerbird.Impression, User: 1, Item: 11},
	})
	// A paging that began at offset 1 does not know of what was shown since.
	keep := seen.For(&bowerbird.Request{User: 1, Offset: 1, Now: 2000})
	fmt.Println(keep(10), keep(11), keep(12))
	// Output: false true true
}
