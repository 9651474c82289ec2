package store_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/store"
)

// action is a usual small event, with ids as clients make them.
func action(n int64) bowerbird.Event {
	return bowerbird.Event{
		ID: fmt.Sprintf("0198c7e2-7d1a-7%03x-%016x", n&0xfff, n), Kind: bowerbird.Save, Time: 1_700_000_000_000 + n,
		User: fmt.Sprint("user-", n%10_000), Item: fmt.Sprint("item-", n*7919%100_000), Board: fmt.Sprint("board-", n%30_000),
		Surface: bowerbird.Home, Request: fmt.Sprintf("r%015x", n/20), Position: int(n % 20),
	}
}

var made atomic.Int64

func benchAppend(b *testing.B, callers, batch int) {
	l, err := store.OpenLog(b.TempDir()+"/log", store.LogOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	var mu sync.Mutex
	var took []time.Duration
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			var own []time.Duration
			for left.Add(-1) >= 0 {
				events := make([]bowerbird.Event, batch)
				for i := range events {
					events[i] = action(made.Add(1))
				}
				start := time.Now()
				if _, err := l.Append(context.Background(), events); err != nil {
					b.Error(err)
					return
				}
				own = append(own, time.Since(start))
			}
			mu.Lock()
			took = append(took, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	if len(took) == 0 {
		return
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(0, "ns/op")
}

// Durable ingest: every call returns after its fsync. Making the events is in the time.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct{ callers, batch int }{{1, 1000}, {2, 1000}, {64, 1}, {1, 1}} {
		b.Run(fmt.Sprintf("callers=%d/batch=%d", c.callers, c.batch), func(b *testing.B) { benchAppend(b, c.callers, c.batch) })
	}
}

func filled(b *testing.B, n int) *store.PebbleLog {
	b.Helper()
	l, err := store.OpenLog(b.TempDir()+"/log", store.LogOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	for i := 0; i < n; i += 1000 {
		events := make([]bowerbird.Event, 1000)
		for j := range events {
			events[j] = action(int64(i + j))
		}
		if _, err := l.Append(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	return l
}

func BenchmarkScan(b *testing.B) {
	const n = 300_000
	l := filled(b, n)
	b.ResetTimer()
	for b.Loop() {
		if err := l.Scan(b.Context(), 1, 0, func(uint64, *bowerbird.Event) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func million(b *testing.B, items int) *store.Catalogue {
	b.Helper()
	list := make([]bowerbird.Event, items)
	c := store.NewCatalogue(repeat{}, store.CatalogueOptions{})
	for i := range list {
		e := bowerbird.Event{Kind: bowerbird.ItemPut, Time: int64(i), ItemDoc: &bowerbird.Item{
			ID: fmt.Sprint("item-", i), Owner: fmt.Sprint("user-", i%(items/10)), Categories: []string{fmt.Sprint("c", i%100)}}}
		c.Apply(uint64(i+1), &e)
	}
	return c
}

// repeat reads the same item everywhere.
type repeat struct{}

func (repeat) Read(offset uint64) (bowerbird.Event, error) {
	return bowerbird.Event{ItemDoc: &bowerbird.Item{ID: "x", Created: 1}}, nil
}

func BenchmarkCatalogue(b *testing.B) {
	const items = 1_000_000
	b.Run("apply", func(b *testing.B) {
		c := million(b, 100_000)
		at := uint64(100_000)
		b.ResetTimer()
		for b.Loop() {
			at++
			e := bowerbird.Event{Kind: bowerbird.Impression, User: "user-7", Item: "item-77"}
			c.Apply(at, &e)
		}
	})
	c := million(b, items)
	state := saved(b, c)
	b.Run("save", func(b *testing.B) {
		for b.Loop() {
			if err := c.Save(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(state))/items, "B/item")
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if err := store.NewCatalogue(repeat{}, store.CatalogueOptions{}).Load(reader(state)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hydrate25", func(b *testing.B) {
		for b.Loop() {
			for id := range 25 {
				if _, err := c.ItemDoc(bowerbird.ItemID(id + 1)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func reader(b []byte) io.Reader { return &onlyReader{b} }

type onlyReader struct{ b []byte }

func (r *onlyReader) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.b)
	r.b = r.b[n:]
	return n, nil
}
