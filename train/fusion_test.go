package train

import (
	"context"
	"testing"

	"bowerbird"
	"bowerbird/surface"
)

// A source that finds what people like, and nobody listens to, is given weight;
// one that finds nothing keeps what it has.
func TestFusionWeighsASource(t *testing.T) {
	for name, c := range map[string]struct {
		rank uint16 // of what is liked, in the source
		want bool
	}{"it finds": {1, true}, "it misleads": {0, false}} {
		groups := pages(40, false)
		for i := range groups {
			g := &groups[i]
			g.sources = []string{"popular", "neighbourhood"}
			for k := range g.cands {
				x := &g.cands[k]
				x.Score = surface.Fused(1, k+1)
				if x.Item == 10 && c.rank > 0 || x.Item == 9 && c.rank == 0 {
					x.From = append(x.From, bowerbird.Found{Source: 1, Rank: 1})
					x.Score += surface.Fused(.1, 1)
				}
			}
			*g = g.fusedBy("neighbourhood", 0)
		}
		tr := judging(t, groups)
		if err := tr.fusion(context.Background()); err != nil {
			t.Fatal(err)
		}
		if w, ok := tr.fused["neighbourhood"]; ok != c.want || ok && w <= .1 {
			t.Errorf("%s: weight %v, chosen: %v, want %v\n%v", name, w, ok, c.want, tr.notes)
		}
		if first := tr.groups[0].cands[0].Item; (first == 10) != c.want {
			t.Errorf("%s: item %d comes first", name, first)
		}
	}
}
