package embed_test

import (
	"context"
	"fmt"

	"bowerbird/graph"
	"bowerbird/graph/embed"
)

// Two kitchens and two gardens: which item fits the kitchen board 0 that it does not hold yet?
func ExampleSpectral() {
	const pan, knife, kettle, spade, rake, hose = 0, 1, 2, 3, 4, 5
	g, err := graph.Build(graph.Bulk{Edges: []graph.Edge{
		{Left: pan, Right: 0}, {Left: knife, Right: 0},
		{Left: pan, Right: 1}, {Left: knife, Right: 1}, {Left: kettle, Right: 1},
		{Left: spade, Right: 2}, {Left: rake, Right: 2}, {Left: hose, Right: 2},
		{Left: spade, Right: 3}, {Left: hose, Right: 3},
	}}, graph.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := embed.Spectral(context.Background(), g.Snapshot(), embed.SpectralOptions{Dim: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("kettle %.2f, hose %.2f\n", v.Score(0, kettle), max(v.Score(0, hose), 0))
	// Output:
	// kettle 0.28, hose 0.00
}

// An item that nobody has saved yet is placed by its content; a first save moves it.
func ExampleAggregator_Embed() {
	var edges []graph.Edge // items 0..7 on boards 0 and 1, items 8..15 on boards 2 and 3
	x := embed.Features{Dim: 2}
	for i := range uint32(16) {
		edges = append(edges, graph.Edge{Left: i, Right: i / 8 * 2}, graph.Edge{Left: i, Right: i/8*2 + 1})
		x.Rows = append(x.Rows, 1-float32(i/8), float32(i/8))
	}
	g, err := graph.Build(graph.Bulk{Edges: edges}, graph.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := g.Snapshot()
	a, err := embed.TrainAggregator(context.Background(), s, x, embed.AggregatorOptions{Dim: 4, Hidden: 8, Epochs: 100, Rate: 0.01, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	all, err := a.EmbedAll(context.Background(), s, x, embed.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := a.Embed(s, x, embed.Newcomer{Content: []float32{0.9, 0.1}, Edges: []uint32{1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	near := func(i uint32) float32 {
		sum := float32(0)
		for d, y := range all.Of(graph.Left, i) {
			sum += y * v[d]
		}
		return sum
	}
	fmt.Println("nearer to item 3 than to item 12:", near(3) > near(12)+0.5)
	// Output:
	// nearer to item 3 than to item 12: true
}
