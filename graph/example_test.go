package graph_test

import (
	"bytes"
	"fmt"

	"bowerbird/graph"
)

// Three boards; what goes with the lamp (item 0)? Because it was saved to which board?
func Example() {
	g, err := graph.New(graph.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	const lamp, vase, rug, sofa, boot = 0, 1, 2, 3, 4
	const hall, lounge, hiking = 0, 1, 2
	for _, e := range []graph.Edge{
		{Left: lamp, Right: hall}, {Left: vase, Right: hall},
		{Left: lamp, Right: lounge}, {Left: rug, Right: lounge}, {Left: sofa, Right: lounge}, {Left: vase, Right: lounge},
		{Left: boot, Right: hiking},
	} {
		if _, err := g.Add(e); err != nil {
			fmt.Println(err)
			return
		}
	}
	hits, _, err := g.Walk([]graph.Query{{ID: lamp}}, graph.WalkOptions{Top: 1, Trace: true, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("item %d, by way of board %d\n", hits[0].ID, hits[0].Via)

	// What to add to the hiking board next: nothing is near it until the boots are saved to the hall too.
	toAdd := func() int {
		hits, _, err := g.Walk([]graph.Query{{ID: hiking, Side: graph.Right}}, graph.WalkOptions{})
		if err != nil {
			fmt.Println(err)
		}
		near := 0
		for _, h := range hits {
			if !g.Snapshot().Has(h.ID, hiking, 0) {
				near++
			}
		}
		return near
	}
	fmt.Println("to add:", toAdd())
	if _, err := g.Add(graph.Edge{Left: boot, Right: hall}); err != nil {
		fmt.Println(err)
	}
	fmt.Println("to add:", toAdd())
	// Output:
	// item 1, by way of board 0
	// to add: 0
	// to add: 4
}

func ExampleGraph_WriteTo() {
	g, err := graph.Build(graph.Bulk{Edges: []graph.Edge{{Left: 0, Right: 0}, {Left: 1, Right: 0}}}, graph.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if _, err := g.WriteTo(&file); err != nil {
		fmt.Println(err)
		return
	}
	damaged := bytes.Clone(file.Bytes())
	damaged[len(damaged)-1] ^= 1
	back, err := graph.Read(&file, graph.Options{})
	fmt.Println(back.Edges(), err)
	_, err = graph.Read(bytes.NewReader(damaged), graph.Options{})
	fmt.Println(err)
	// Output:
	// 2 <nil>
	// graph: read checkpoint: graph: checkpoint is damaged: checksum of block 0, bytes 120 to 159 of the file
}
