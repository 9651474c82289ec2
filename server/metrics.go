package server

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"bowerbird/signal/fetch"
)

// metrics count requests by route and class of status.
type metrics struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	shed     prometheus.Counter
	panics   prometheus.Counter
	inFlight prometheus.Gauge
	other    *seen
}

// seen are one route's counters, looked up once.
type seen struct {
	route   string
	classes [6]prometheus.Counter
	seconds prometheus.Observer
}

func newMetrics(engine prometheus.Gatherer, f *fetch.Fetcher) *metrics {
	r := prometheus.NewRegistry()
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bowerbird_http_requests_total", Help: "Requests by route and class of status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "bowerbird_http_request_seconds", Help: "Time from the first byte read to the last written.",
			Buckets: []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
		shed:     prometheus.NewCounter(prometheus.CounterOpts{Name: "bowerbird_http_shed_total", Help: "Requests refused because too many were in flight."}),
		panics:   prometheus.NewCounter(prometheus.CounterOpts{Name: "bowerbird_http_panics_total", Help: "Handlers that failed by a fault of ours."}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "bowerbird_http_in_flight", Help: "Requests being answered."}),
	}
	r.MustRegister(m.requests, m.seconds, m.shed, m.panics, m.inFlight)
	if f != nil {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "bowerbird_fetch_refused_total", Help: "Addresses of pictures, redirects included, that were not public or not allowed."},
			func() float64 { return float64(f.Refused()) }))
	}
	all := prometheus.Gatherers{engine, r, prometheus.DefaultGatherer}
	m.handler = promhttp.HandlerFor(all, promhttp.HandlerOpts{})
	m.other = m.route("refused")
	return m
}

func (m *metrics) route(name string) *seen {
	s := &seen{route: name, seconds: m.seconds.WithLabelValues(name)}
	for c := 1; c <= 5; c++ {
		s.classes[c] = m.requests.WithLabelValues(name, strconv.Itoa(c)+"xx")
	}
	return s
}

// answer is the writer that handlers see; it remembers what was sent.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int
	wrote  bool
	slot   bool
	held   int64 // bytes of the budget of bodies
	start  time.Time
	seen   *seen
}

var answers = sync.Pool{New: func() any { return new(answer) }}

// Unwrap serves http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if !a.wrote {
		a.status, a.wrote = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.wrote = true
	n, err := a.ResponseWriter.Write(b)
	a.bytes += n
	return n, err
}

// finish counts and logs a request, and turns a panic into a 500 without a word
// of the inside.
func (s *Server) finish(a *answer, r *http.Request) {
	if v := recover(); v != nil {
		s.metrics.panics.Inc()
		s.o.Logger.Error("a handler panicked", "method", r.Method, "path", r.URL.Path, "panic", v, "stack", string(debug.Stack()))
		if a.wrote {
			s.release(a)
			panic(http.ErrAbortHandler) // half an answer is no answer
		}
		writeJSON(a, http.StatusInternalServerError, problem(http.StatusInternalServerError, "internal", "", "the server failed; its log says why"))
	}
	took := time.Since(a.start)
	a.seen.classes[min(5, max(1, a.status/100))].Inc()
	a.seen.seconds.Observe(took.Seconds())
	s.logRequest(a, r, took)
	s.release(a)
}

func (s *Server) release(a *answer) {
	if a.slot {
		<-s.slots
	}
	if a.held > 0 {
		s.bodies.Release(a.held)
	}
	*a = answer{}
	answers.Put(a)
}

func (s *Server) logRequest(a *answer, r *http.Request, took time.Duration) {
	level := slog.LevelDebug
	switch {
	case a.status >= 500:
		level = slog.LevelWarn
	case a.status >= 400:
		level = slog.LevelInfo
	}
	if !s.o.Logger.Enabled(context.Background(), level) {
		return
	}
	s.o.Logger.LogAttrs(context.Background(), level, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", a.status), slog.Int("bytes", a.bytes), slog.Duration("took", took), slog.String("from", r.RemoteAddr))
}
