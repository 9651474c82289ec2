package synth

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// Options describe a world. The zero value is the demo's.
type Options struct {
	Seed     uint64    `json:"seed"`      // 0 means 1
	Items    int       `json:"items"`     // 0 means 1600
	Users    int       `json:"users"`     // 0 means 400
	Days     int       `json:"days"`      // length of the log; 0 means 75
	TestDays int       `json:"test_days"` // the last days, held out; 0 means Days/10, at least 1
	Actions  int       `json:"actions"`   // events in the log, exactly; 0 means 120000
	Start    time.Time `json:"start"`     // first day; zero means 2026-09-08 UTC, so that autumn turns to winter
	Pictures bool      `json:"pictures"`  // items name a picture file, and WriteTo draws it
}

// Limits on Options: beyond them the compact tables would overflow.
const (
	MaxItems   = 50_000_000
	MaxUsers   = 20_000_000
	MaxActions = 4_000_000_000
	MaxDays    = 3650
)

func (o Options) withDefaults() (Options, error) {
	def := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	def(&o.Items, 1600)
	def(&o.Users, 400)
	def(&o.Days, 75)
	def(&o.Actions, 120_000)
	def(&o.TestDays, max(1, o.Days/10))
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 9, 8, 0, 0, 0, 0, time.UTC)
	}
	o.Start = o.Start.UTC().Truncate(time.Second)
	for _, c := range []struct {
		name     string
		v, lo, m int
	}{
		{"Items", o.Items, len(subs), MaxItems},
		{"Users", o.Users, 10, MaxUsers},
		{"Days", o.Days, 2, MaxDays},
		{"Actions", o.Actions, 1, MaxActions},
		{"TestDays", o.TestDays, 1, o.Days - 1},
	} {
		if c.v < c.lo || c.v > c.m {
			return o, fmt.Errorf("synth: %s is %d; it must be between %d and %d", c.name, c.v, c.lo, c.m)
		}
	}
	return o, nil
}

// World is a seeded world. All methods may be called from many goroutines at
// once. A world of 10^6 items and 10^5 users holds about 60 MB.
type World struct {
	opt    Options
	items  []itemState
	users  []userState
	boards []boardState
	first  []int32 // boards of user u are boards[first[u]:first[u+1]]
	shelf  []shelf // items of each sub-interest by creation
	bursts []burst
	active []float64 // running sum of the users' activity
	start  int64     // Unix seconds
}

// New lays out a world: who exists, what they like, which items there are and
// when they appear. Words, pictures and events are made later, on demand.
func New(o Options) (*World, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	w := &World{opt: o, start: o.Start.Unix()}
	w.makeUsers()
	w.makeBoards()
	w.makeItems()
	w.makeShelves()
	w.makeBursts()
	return w, nil
}

// Options returns the options with their defaults filled in.
func (w *World) Options() Options { return w.opt }

// Len returns the numbers of items, users and boards.
func (w *World) Len() (items, users, boards int) {
	return len(w.items), len(w.users), len(w.boards)
}

// Split is the moment that parts training from test: events at or after it
// are the held-out future.
func (w *World) Split() time.Time {
	return w.opt.Start.AddDate(0, 0, w.opt.Days-w.opt.TestDays)
}

// End is the end of the log; the last session may run a few minutes over.
func (w *World) End() time.Time { return w.opt.Start.AddDate(0, 0, w.opt.Days) }

// The streams of randomness: each part of the world draws from its own, so
// that more of one does not move another.
const (
	streamUser = iota + 1
	streamItem
	streamBoard
	streamWords
	streamPicture
	streamBurst
	streamLog
	streamUserWords
)

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (w *World) seed(p *rand.PCG, stream, i int) {
	a := mix(w.opt.Seed ^ uint64(stream)<<56)
	p.Seed(a, mix(a^uint64(i)))
}

func (w *World) rand(stream, i int) *rand.Rand {
	p := new(rand.PCG)
	w.seed(p, stream, i)
	return rand.New(p)
}

// burst is a fashion: for some days a sub-interest draws more eyes.
type burst struct {
	sub        int
	from, till int64
	height     float64
}

func (w *World) makeBursts() {
	r := w.rand(streamBurst, 0)
	n := max(4, w.opt.Days/7)
	for range n {
		from := w.start + int64(r.Float64()*float64(w.opt.Days)*86400)
		w.bursts = append(w.bursts, burst{
			sub: r.IntN(len(subs)), from: from,
			till: from + int64((3+r.Float64()*7)*86400), height: 2 + 4*r.Float64(),
		})
	}
	sort.Slice(w.bursts, func(i, j int) bool { return w.bursts[i].from < w.bursts[j].from })
}

// heat is how much a sub-interest draws at a time: 1 is its usual, more
// within a burst (rising and falling as a half sine) and in its season.
func (w *World) heat(s int, at int64) float64 {
	h := 1.0
	for _, b := range w.bursts {
		if b.sub == s && at >= b.from && at < b.till {
			h += b.height * math.Sin(math.Pi*float64(at-b.from)/float64(b.till-b.from))
		}
	}
	return h * seasonal(subs[s].peak, at)
}

// seasonal is 1 for what knows no season; else 2.2 at the peak day of the year
// and 0.4 half a year away.
func seasonal(peak int, at int64) float64 {
	if peak == 0 {
		return 1
	}
	day := float64(at%31_556_952) / 86400 // days into a mean year since 1970
	return 1.3 + 0.9*math.Cos(2*math.Pi*(day-float64(peak))/365.2425)
}

// shelf holds the items of one sub-interest in order of creation, with the
// running sum of their popularity, so that a draw by popularity among those
// that exist at a time is one binary search.
type shelf struct {
	item []int32
	sum  []float64
}

func (w *World) makeShelves() {
	w.shelf = make([]shelf, len(subs))
	count := make([]int, len(subs))
	for i := range w.items {
		count[w.items[i].sub]++
	}
	for s := range w.shelf {
		w.shelf[s].item = make([]int32, 0, count[s])
	}
	for i := range w.items {
		sh := &w.shelf[w.items[i].sub]
		sh.item = append(sh.item, int32(i))
	}
	for s := range w.shelf {
		sh := &w.shelf[s]
		sort.Slice(sh.item, func(a, b int) bool {
			x, y := &w.items[sh.item[a]], &w.items[sh.item[b]]
			if x.created != y.created {
				return x.created < y.created
			}
			return sh.item[a] < sh.item[b]
		})
		sh.sum = make([]float64, len(sh.item))
		t := 0.0
		for k, i := range sh.item {
			t += float64(w.items[i].pop)
			sh.sum[k] = t
		}
	}
}

// upTo returns how many items of the shelf exist at a time.
func (w *World) upTo(s int, at int64) int {
	sh := &w.shelf[s]
	return sort.Search(len(sh.item), func(k int) bool { return w.items[sh.item[k]].created > at })
}
