package surface

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bowerbird"
)

// TestSortIsTheFullSortsHead compares with the library's sort, also on sorted,
// equal and adversarial scores.
func TestSortIsTheFullSortsHead(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	shapes := map[string]func(i int) float32{
		"random": func(int) float32 { return rng.Float32() - .5 }, "equal": func(int) float32 { return 1 },
		"rising": func(i int) float32 { return float32(i) }, "falling": func(i int) float32 { return -float32(i) },
		"few":   func(i int) float32 { return float32(i % 3) },
		"zeros": func(i int) float32 { return float32(math.Copysign(0, float64(i%2)-.5)) },
		"organ": func(i int) float32 { return float32(min(i, 300-i)) },
	}
	for name, shape := range shapes {
		for _, size := range []int{0, 1, 2, 12, 13, 40, 301} {
			var c []bowerbird.Candidate
			for i := range size {
				c = append(c, bowerbird.Candidate{Item: bowerbird.ItemID(i*7919%1009 + 1), Score: shape(i)})
			}
			want := slices.Clone(c)
			slices.SortFunc(want, func(a, b bowerbird.Candidate) int {
				if a.Score != b.Score {
					if a.Score > b.Score {
						return -1
					}
					return 1
				}
				return int(a.Item) - int(b.Item)
			})
			for _, n := range []int{0, 1, 10, size / 2, size, size + 5} {
				got := new(found).sort(c, n)
				if len(got) != min(n, size) {
					t.Fatalf("%s: %d of %d: got %d", name, n, size, len(got))
				}
				for i := range got {
					if got[i].Item != want[i].Item {
						t.Fatalf("%s: %d of %d: place %d is item %d, want %d", name, n, size, i, got[i].Item, want[i].Item)
					}
				}
			}
		}
	}
	places := make([]place, 500)
	for i := range places {
		places[i] = place{uint64(rng.IntN(100)), int32(i)}
	}
	selected := slices.Clone(places)
	sortFirst(selected, 50, 0) // no depth left from the start
	slices.SortFunc(places, func(a, b place) int { return int(a.key) - int(b.key) })
	for i := range 50 {
		if selected[i].key != places[i].key {
			t.Fatalf("by selection: place %d has key %d, want %d", i, selected[i].key, places[i].key)
		}
	}
}

func TestNotANumberGoesLast(t *testing.T) {
	nan := float32(math.NaN())
	got := new(found).sort([]bowerbird.Candidate{{Item: 1, Score: nan}, {Item: 2, Score: float32(math.Inf(-1))}, {Item: 3, Score: 1}}, 3)
	if got[0].Item != 3 || got[1].Item != 2 || got[2].Item != 1 {
		t.Errorf("order %v", got)
	}
}
