package engine

import (
	"math/rand/v2"
	"testing"
	"time"

	"bowerbird/index"

	"github.com/prometheus/client_golang/prometheus"
)

// The metric must tell what an index finds once it is a graph, and nothing while it is exact.
func TestRecallMetric(t *testing.T) {
	h := &House{recalls: newRecalls()}
	x, err := h.recalls.empty("looks", 8, index.Cosine)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	v := make([]float32, 8)
	draw := func() []float32 {
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		return v
	}
	put := func(from, to uint32) {
		for id := from; id < to; id++ {
			if err := x.Put(id, draw()); err != nil {
				t.Fatal(err)
			}
		}
	}
	search := func(until int) {
		for start := time.Now(); time.Since(start) < time.Minute; {
			for range 200 {
				if _, err := x.Search(draw(), 10, index.Options{}); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, n := h.recalls.meters["looks"].Recall(); n >= until {
				return
			}
		}
	}
	put(0, 1000)
	search(0)
	if got := gathered(t, h)["bowerbird_index_recall looks"]; got != 0 {
		t.Errorf("recall %g of an exact index", got)
	}
	put(1000, 26_000)
	search(3)
	got := gathered(t, h)
	if n, recall := got["bowerbird_index_recall_checks_total looks"], got["bowerbird_index_recall looks"]; n < 3 || recall < .8 || recall > 1 {
		t.Errorf("%g checks, recall %g", n, recall)
	}
}

func gathered(t *testing.T, h *House) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(recallMetrics{func() *House { return h }})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			out[f.GetName()+" "+m.Label[0].GetValue()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return out
}
