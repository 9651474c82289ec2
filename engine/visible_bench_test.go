package engine_test

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/engine"
)

// BenchmarkVisible replaces items at 500 a second, durably and through the whole
// engine, and searches for a word that each new version alone has: from the moment
// at which an update is due until a search returns it. Updates come at their time
// whether the ones before are done or not, so waiting counts. Run it with
// -benchtime 5000x: ten seconds.
func BenchmarkVisible(b *testing.B) {
	const items, workers, every = 20_000, 16, 2 * time.Millisecond
	e, err := engine.Open(b.Context(), b.TempDir(), engine.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	put := func(x int, word string) bowerbird.Event {
		return bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: fmt.Sprint("item", x), Tags: []string{"sofa"}, Categories: []string{"home/living"},
			Title: fmt.Sprintf("linen sofa number%d %s", x, word), Attributes: bowerbird.Attributes{{Name: "price", Numeric: true, Number: float64(x % 900)}}}}
	}
	for at := 0; at < items; at += 2000 {
		events := make([]bowerbird.Event, 2000)
		for i := range events {
			events[i] = put(at+i, "first")
		}
		if _, err := e.Ingest(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	took := make([]time.Duration, b.N)
	due := make(chan int, b.N)
	start := time.Now()
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range due {
				word := fmt.Sprint("version", i)
				out, err := e.Ingest(b.Context(), []bowerbird.Event{put(i%items, word)})
				if err != nil || out[0].Err != nil {
					b.Error(err, out)
					return
				}
				for {
					a, err := e.Page(b.Context(), engine.Query{Surface: bowerbird.SearchWords, Words: word, Limit: 1, Seek: engine.Seek{SearchSpec: bowerbird.SearchSpec{Verbatim: true}}})
					if err != nil {
						b.Error(err)
						return
					}
					if len(a.Items) == 1 {
						break
					}
					time.Sleep(time.Millisecond)
				}
				took[i] = time.Since(start) - time.Duration(i)*every
			}
		})
	}
	for i := range b.N {
		time.Sleep(time.Until(start.Add(time.Duration(i) * every)))
		due <- i
	}
	close(due)
	wg.Wait()
	rate := float64(b.N) / time.Since(start).Seconds()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(rate, "updates/s")
}
