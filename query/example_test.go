package query_test

import (
	"fmt"

	"bowerbird"
	"bowerbird/query"
)

func ExampleUnderstanding_Guides() {
	v := query.New(query.Options{})
	for i, s := range []string{"Linen sofa", "Linen sofa, large", "Velvet sofa", "Leather sofa", "Leather sofa, small", "Corner sofa"} {
		v.Apply([]bowerbird.Fact{{Kind: bowerbird.ItemPut, Item: bowerbird.ItemID(i + 1), ItemDoc: &bowerbird.Item{Title: s}}})
	}
	for u := bowerbird.UserID(1); u <= 3; u++ { // three people search
		v.Apply([]bowerbird.Fact{{Kind: bowerbird.Search, User: u, Time: int64(u), Query: "velvet sofa"}})
	}
	for _, g := range v.Guides("sofa", query.GuideOptions{N: 3}) {
		fmt.Printf("%s: %s finds %d, as item %d\n", g.Text, g.Query, g.Items, g.Item)
	}
	// Output:
	// velvet: velvet sofa finds 1, as item 3
	// leather: leather sofa finds 2, as item 4
	// linen: linen sofa finds 2, as item 1
}

func ExampleUnderstanding_Understand() {
	v := query.New(query.Options{})
	for i := range 9 {
		v.Apply([]bowerbird.Fact{{Kind: bowerbird.ItemPut, Item: bowerbird.ItemID(i + 1), ItemDoc: &bowerbird.Item{
			Title: "Sofa", Categories: []string{"home/sofas"}, Attributes: bowerbird.Attributes{
				{Name: "colour", Words: []string{"dark green"}}, {Name: "price", Numeric: true, Number: float64(100 * i)}}}}})
	}
	m := v.Understand("dark green sofa under 500 eur")
	fmt.Println(m.Categories[0].Category)
	for _, s := range m.Filters {
		fmt.Println(s.Condition.Field, s.Condition.Words, s.Condition.Number, s.Confidence > .5)
	}
	// Output:
	// home/sofas
	// colour [dark green] 0 true
	// category [home/sofas] 0 false
	// price [] 500 true
}
