package graph

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

// Pruning gives what removing the edges one by one gives, with the graph's order kept; live changes are seen.
func TestPrune(t *testing.T) {
	g := grow(t, dressed(synthetic(300, 120, 4000, 6, 4)), Options{MergeAt: -1})
	for id := range uint32(300) {
		if err := g.SetLabel(Left, id, uint8(id%6)); err != nil {
			t.Fatal(err)
		}
	}
	g.Merge()
	put(t, g, op{what: opAdd, e: Edge{Left: 7, Right: 119, Weight: .5}})
	g.Remove(0, 0, 0)
	similarity := func(left, right uint32) float64 { return float64(mix(uint64(left)<<32|uint64(right)) >> 40) }
	s := g.Snapshot()
	got, st, err := g.Prune(PruneOptions{Delta: .7, Similarity: similarity, DropShare: .1})
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Verify(); err != nil {
		t.Fatal(err)
	}
	if st.Rights == 0 || st.Rights > 12 || st.ByEntropy == 0 || st.ByDegree == 0 || st.Kept != got.Edges() || st.Edges != st.Kept+st.ByEntropy+st.ByDegree {
		t.Errorf("%+v, %d edges", st, got.Edges())
	}
	var b bytes.Buffer
	if _, err := g.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	twin, err := Read(&b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	dropped := 0
	for right := range uint32(s.Nodes(Right)) {
		count, n := map[int]float64{}, 0.0
		s.Each(Right, right, func(e Edge) { count[int(e.Left%6)]++; n++ })
		h := 0.0
		for k := range 6 {
			if x := count[k] / n; x > 0 {
				h -= x * math.Log2(x)
			}
		}
		if h > st.Entropy+1e-12 {
			dropped++
			twin.RemoveRight(right)
		}
	}
	if dropped != st.Rights {
		t.Errorf("%d right nodes are above %v, %d were dropped", dropped, st.Entropy, st.Rights)
	}
	for left := range uint32(s.Nodes(Left)) {
		var edges []Edge
		twin.Snapshot().Each(Left, left, func(e Edge) { edges = append(edges, e) })
		k := int(math.Round(math.Pow(float64(len(edges)), .7)))
		slices.SortFunc(edges, func(a, b Edge) int {
			if x, y := similarity(a.Left, a.Right), similarity(b.Left, b.Right); x != y {
				return int(math.Copysign(1, y-x))
			}
			return int(a.Kind) - int(b.Kind)
		})
		for _, e := range edges[min(k, len(edges)):] {
			twin.Remove(e.Left, e.Right, e.Kind)
		}
	}
	if !bytes.Equal(checkpointBytes(t, got), checkpointBytes(t, twin)) {
		t.Error("differs from removing edge by edge")
	}
	same, st, err := g.Prune(PruneOptions{})
	if err != nil || !bytes.Equal(checkpointBytes(t, same), checkpointBytes(t, g)) || st.Kept != st.Edges {
		t.Errorf("no options: %+v, %v", st, err)
	}
}

// An item keeps the collection of its own topic, by topics as by labels; a collection about everything goes.
func TestPruneTopics(t *testing.T) {
	g := grow(t, []Edge{{Left: 0, Right: 0}, {Left: 1, Right: 0}, {Left: 2, Right: 1}, {Left: 3, Right: 1}, {Left: 0, Right: 1}, {Left: 0, Right: 2},
		{Left: 1, Right: 2}, {Left: 2, Right: 2}, {Left: 3, Right: 2}}, Options{})
	for id := range uint32(4) {
		if err := g.SetLabel(Left, id, uint8(id/2)); err != nil {
			t.Fatal(err)
		}
	}
	topics := func(left uint32) []float32 { return [][]float32{{1, 0}, {1, 0}, {0, 1}, {0, 1}}[left] }
	for name, o := range map[string]PruneOptions{
		"labels": {Delta: .01, MaxEntropy: .95}, "topics": {Delta: .01, MaxEntropy: .95, Topics: topics},
	} {
		h, st, err := g.Prune(o)
		if err != nil {
			t.Fatal(name, err)
		}
		if want := (PruneStats{Edges: 9, Rights: 1, ByEntropy: 4, ByDegree: 1, Kept: 4, Entropy: .95}); st != want {
			t.Errorf("%s: %+v, want %+v", name, st, want)
		}
		for _, e := range [][2]uint32{{0, 0}, {1, 0}, {2, 1}, {3, 1}} {
			if !h.Snapshot().Has(e[0], e[1], 0) {
				t.Errorf("%s: %v is gone", name, e)
			}
		}
	}
	for name, o := range map[string]PruneOptions{
		"Delta": {Delta: 2}, "DropShare": {DropShare: 1}, "MaxEntropy": {MaxEntropy: -1}, "MinItems": {MinItems: -1},
		"NaN":     {Delta: .5, Similarity: func(uint32, uint32) float64 { return math.NaN() }},
		"lengths": {MaxEntropy: 1, Topics: func(left uint32) []float32 { return make([]float32, 1+left) }},
		"topic":   {MaxEntropy: 1, Topics: func(uint32) []float32 { return []float32{-1} }},
	} {
		if _, _, err := g.Prune(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
