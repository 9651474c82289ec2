package engine

import "github.com/prometheus/client_golang/prometheus"

// metrics are the engine's own; the server serves them.
type metrics struct {
	registry     *prometheus.Registry
	ingested     prometheus.Counter
	ingestFailed prometheus.Counter
	page         *prometheus.HistogramVec
	pageFailed   *prometheus.CounterVec
	sourceFailed *prometheus.CounterVec
	checkpoints  prometheus.Histogram
}

func newMetrics(e *Engine) *metrics {
	seconds := []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}
	m := &metrics{
		registry:     prometheus.NewRegistry(),
		ingested:     prometheus.NewCounter(prometheus.CounterOpts{Name: "bowerbird_events_ingested_total", Help: "Events acknowledged, duplicates included."}),
		ingestFailed: prometheus.NewCounter(prometheus.CounterOpts{Name: "bowerbird_ingest_failed_total", Help: "Ingest calls that the log could not keep."}),
		page:         prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "bowerbird_page_seconds", Help: "Time to make a page.", Buckets: seconds}, []string{"surface"}),
		pageFailed:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bowerbird_page_failed_total", Help: "Pages that could not be made."}, []string{"surface"}),
		sourceFailed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bowerbird_source_failed_total", Help: "Sources that failed or were late; the page went on without them."}, []string{"source"}),
		checkpoints:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "bowerbird_checkpoint_seconds", Help: "Time to write a checkpoint; ingest waits meanwhile.", Buckets: prometheus.DefBuckets}),
	}
	m.registry.MustRegister(m.ingested, m.ingestFailed, m.page, m.pageFailed, m.sourceFailed, m.checkpoints,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "bowerbird_log_offset", Help: "Offset of the newest folded event."},
			func() float64 { return float64(e.House().Catalogue.Offset()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "bowerbird_items", Help: "Items ever put."},
			func() float64 { return float64(e.House().Catalogue.Items()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "bowerbird_users", Help: "People ever named."},
			func() float64 { return float64(e.House().Catalogue.Users()) }),
		recallMetrics{e.House},
	)
	return m
}

// Metrics is the registry of the engine's counters, for /metrics.
func (e *Engine) Metrics() *prometheus.Registry { return e.metrics.registry }
