package engine

import (
	"io"

	"bowerbird/index"
	"bowerbird/index/auto"
	"bowerbird/index/hnsw"

	"github.com/prometheus/client_golang/prometheus"
)

// recalls measures how much of the truth each vector index finds while it serves, by name of the
// source. The meters stay when an index is replaced by a newer one.
type recalls struct{ meters map[string]*index.Meter }

var vectorSources = []string{"looks", "neighbourhood", "newcomers", "meaning", "people", "learned", "session"}

func newRecalls() *recalls {
	r := &recalls{map[string]*index.Meter{}}
	for _, name := range vectorSources {
		r.meters[name] = index.NewMeter(index.MeterOptions{})
	}
	return r
}

// wantedRecall is what a graph is asked to find of the nearest.
const wantedRecall = .95

// empty makes an index that scans while small, and walks a graph over codes of a byte when large;
// it then holds vectors rounded to 11 bits, or, for inner products, whole.
func (r *recalls) empty(name string, dim int, m index.Metric) (index.Index, error) {
	form := hnsw.Int8Half
	if m == index.InnerProduct {
		form = hnsw.Int8
	}
	x, err := auto.New(dim, m, auto.Options{Graph: hnsw.Options{Form: form, Recall: wantedRecall}})
	if err != nil {
		return nil, err
	}
	return r.meters[name].Watch(x), nil
}

func (r *recalls) load(name string, from io.Reader) (index.Index, error) {
	x, err := auto.Load(from)
	if err != nil {
		return nil, err
	}
	return r.meters[name].Watch(x), nil
}

// recallMetrics reads the meters of the house that serves.
type recallMetrics struct{ house func() *House }

var (
	recallDesc = prometheus.NewDesc("bowerbird_index_recall", "Share of the exactly nearest that a vector index found, of the last 1,000 searches that were checked behind it.", []string{"index"}, nil)
	checksDesc = prometheus.NewDesc("bowerbird_index_recall_checks_total", "Searches of a vector index that were checked; none while it is small and exact.", []string{"index"}, nil)
)

// Describe implements prometheus.Collector.
func (recallMetrics) Describe(to chan<- *prometheus.Desc) { to <- recallDesc; to <- checksDesc }

// Collect implements prometheus.Collector.
func (m recallMetrics) Collect(to chan<- prometheus.Metric) {
	for _, name := range vectorSources {
		mean, _, checks := m.house().recalls.meters[name].Recall()
		to <- prometheus.MustNewConstMetric(checksDesc, prometheus.CounterValue, float64(checks), name)
		if checks > 0 {
			to <- prometheus.MustNewConstMetric(recallDesc, prometheus.GaugeValue, mean, name)
		}
	}
}
