package synth

import (
	"sync/atomic"
	"testing"
)

func BenchmarkPicture(b *testing.B) {
	w := world(b, Options{Items: 1600})
	n := 0
	for b.Loop() {
		if _, err := w.Picture(n % 1600); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pictures/s")
}

func BenchmarkPicturesAtOnce(b *testing.B) {
	w := world(b, Options{Items: 1600})
	var next atomic.Int64
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := w.Picture(int(next.Add(1)) % 1600); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
}

func BenchmarkEvents(b *testing.B) {
	w := world(b, Options{Items: 1_000_000, Users: 100_000, Actions: 10_000_000})
	n := 0
	b.ResetTimer()
	for n < b.N {
		for range w.Events() {
			if n++; n >= b.N {
				break
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
