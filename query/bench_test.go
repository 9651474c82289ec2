package query_test

import (
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/internal/synth"
	"bowerbird/internal/viewtest"
	"bowerbird/query"
	"bowerbird/text"
)

// theBig is a world of 100,000 items and two million events.
var theBig = sync.OnceValue(func() *demo {
	return makeDemo(noT{}, synth.Options{Items: 100_000, Users: 20_000, Actions: 2_000_000})
})

// asks are the distinct searches after the split.
func (d *demo) asks() []string {
	set := map[string]int{}
	for _, f := range searches(d.later) {
		set[text.Fold(f.Query)]++
	}
	return byCount(set)
}

// cpu is the processor time that this process has used: what a benchmark on a busy
// machine can still tell.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkReads asks everything of every tenth search in turn, and reports
// processor time.
func BenchmarkReads(b *testing.B) {
	for _, w := range []struct {
		name string
		d    func() *demo
	}{{"1600", theDemo}, {"100000", theBig}} {
		var v *query.Understanding
		var asks []string
		for _, r := range []struct {
			name string
			f    func(q string)
		}{
			{"guides", func(q string) { v.Guides(q, query.GuideOptions{User: 3}) }},
			{"related", func(q string) { v.Related(q, 8, nil) }},
			{"understand", func(q string) { v.Understand(q) }},
			{"didyoumean", func(q string) { v.DidYouMean(q) }},
			{"relax", func(q string) { v.Relax(q+" xyzzy", 5) }},
			{"complete", func(q string) { v.CompleteFor(q[:1+len(q)/3], query.CompleteOptions{User: 3}) }},
			{"completeplain", func(q string) { v.Complete(q[:1+len(q)/3], 8) }},
		} {
			b.Run(w.name+"/"+r.name, func(b *testing.B) {
				if v == nil {
					v, asks = w.d().learned(w.d().train), w.d().asks()
				}
				runtime.GC()
				t := cpu(b)
				for i := 0; b.Loop(); i++ {
					r.f(asks[i*10%len(asks)])
				}
				b.ReportMetric(float64((cpu(b)-t).Microseconds())/float64(b.N), "cpu-µs/op")
			})
		}
	}
}

// BenchmarkApply folds the big world, and reports what the view holds. Run it with
// -benchtime 1x.
func BenchmarkApply(b *testing.B) {
	d := theBig()
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		t := cpu(b)
		v := d.learned(nil)
		b.ReportMetric(float64(len(d.items))/(cpu(b)-t).Seconds(), "items/cpu-s")
		t = cpu(b)
		v.Apply(d.train)
		b.ReportMetric(float64(len(d.train))/(cpu(b)-t).Seconds(), "events/cpu-s")
		b.ReportMetric(float64(len(searches(d.train))), "searches")
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		b.ReportMetric(float64(len(viewtest.Bytes(b, v)))/1e6, "saved-MB")
		t = cpu(b)
		v.Apply([]bowerbird.Fact{{Kind: bowerbird.UserErase, User: 11}})
		b.ReportMetric(float64((cpu(b)-t).Microseconds())/1e3, "erase-cpu-ms")
	}
}
