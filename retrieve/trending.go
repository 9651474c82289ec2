package retrieve

import (
	"cmp"
	"context"
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"bowerbird"
	"bowerbird/internal/frame"
)

// leaders is how many items the ranking keeps sorted; requests with conditions
// that these cannot fill look through all items.
const leaders = 1000

// Liked is the view of how much each item is liked: positive actions, each worth
// Kind.Positive, halved every half-life of the log's time. It serves two sources:
// Trending (half-life of days) and Popular (no decay).
//
// An item's decayed count at any later time orders items as log2(count) + last/H
// does, which changes only when the item is acted on (forward decay, Cormode et
// al., ICDE 2009). So the leaders stay sorted without a clock.
type Liked struct {
	name string
	why  bowerbird.ReasonKind
	half float64 // milliseconds; 0: no decay

	mu     sync.RWMutex
	items  []standing
	liked  int                // items that have a key
	top    []bowerbird.ItemID // best first: the leaders of all liked
	secret secrets
}

// at is the count as of a later time, so that the scores of one page compare.
func (s *standing) at(now int64, half float64) float32 {
	if half == 0 || now <= s.last {
		return float32(s.count)
	}
	return float32(s.count * math.Exp2(-float64(now-s.last)/half))
}

type standing struct {
	count float64 // decayed to the time of the last action
	last  int64
	key   float64 // what items are ordered by; -Inf: never liked
	in    bool    // among the leaders
}

// NewTrending returns the source of what is liked lately. half 0 means 3 days.
func NewTrending(half time.Duration) *Liked {
	if half == 0 {
		half = 72 * time.Hour
	}
	return &Liked{name: "trending", why: bowerbird.BecausePopular, half: float64(half.Milliseconds()), secret: secrets{}}
}

// NewPopular returns the source of what was liked most, ever.
func NewPopular() *Liked {
	return &Liked{name: "popular", why: bowerbird.BecausePopular, secret: secrets{}}
}

// Name is what traces and explanations call it.
func (v *Liked) Name() string { return v.name }

// Apply counts positive actions, but no saves on secret boards, and forgets
// deleted items.
func (v *Liked) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		v.secret.apply(f)
		switch w := float64(f.Kind.Positive()); {
		case f.Kind == bowerbird.ItemDelete:
			v.forget(f.Item)
		case w > 0 && f.Item != 0 && !v.secret[f.Board]:
			v.add(f.Item, w, f.Time)
		}
	}
}

func (v *Liked) forget(x bowerbird.ItemID) {
	if int(x) >= len(v.items) || math.IsInf(v.items[x].key, -1) {
		return
	}
	led := v.items[x].in
	v.items[x] = standing{key: math.Inf(-1)}
	v.liked--
	if !led {
		return
	}
	at := slices.Index(v.top, x)
	v.top = slices.Delete(v.top, at, at+1)
	if v.liked <= len(v.top) {
		return
	}
	// The best of the others moves up: a look at every item, for a leader only.
	next := bowerbird.ItemID(0)
	for y := range v.items {
		if it := &v.items[y]; !it.in && !math.IsInf(it.key, -1) && (next == 0 || v.order(bowerbird.ItemID(y), next) < 0) {
			next = bowerbird.ItemID(y)
		}
	}
	v.raise(next)
}

func (v *Liked) add(x bowerbird.ItemID, w float64, at int64) {
	for int(x) >= len(v.items) {
		v.items = append(v.items, standing{key: math.Inf(-1)})
	}
	it := &v.items[x]
	if math.IsInf(it.key, -1) {
		v.liked++
	}
	if v.half == 0 {
		it.count += w
		it.key = it.count
	} else {
		if at >= it.last {
			it.count = it.count*math.Exp2(-float64(at-it.last)/v.half) + w
			it.last = at
		} else {
			it.count += w * math.Exp2(-float64(it.last-at)/v.half)
		}
		it.key = math.Log2(it.count) + float64(it.last)/v.half
	}
	v.raise(x)
}

// raise moves x up among the leaders: keys never fall.
func (v *Liked) raise(x bowerbird.ItemID) {
	it := &v.items[x]
	i := len(v.top)
	if it.in {
		i = slices.IndexFunc(v.top, func(y bowerbird.ItemID) bool { return y == x })
	} else if len(v.top) < leaders {
		v.top = append(v.top, x)
		it.in = true
	} else {
		last := v.top[leaders-1]
		if v.order(x, last) > 0 {
			return
		}
		v.items[last].in = false
		i = leaders - 1
		v.top[i] = x
		it.in = true
	}
	for i > 0 && v.order(x, v.top[i-1]) < 0 {
		v.top[i] = v.top[i-1]
		i--
	}
	v.top[i] = x
}

func (v *Liked) order(x, y bowerbird.ItemID) int {
	return cmp.Or(-cmp.Compare(v.items[x].key, v.items[y].key), cmp.Compare(x, y))
}

// Candidates lists the leaders that pass. When the request has conditions which
// the leaders cannot fill, it looks through every item once.
func (v *Liked) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	start, total, full := len(dst), 0, false
	// A stretch of the leaders at a time: most requests need the first only.
	for at := 0; len(dst)-start < n; {
		v.mu.RLock()
		total, full = len(v.items), v.liked > len(v.top)
		part := slices.Clone(v.top[min(at, len(v.top)):min(at+2*n, len(v.top))])
		v.mu.RUnlock()
		if len(part) == 0 {
			break
		}
		at += len(part)
		for _, x := range part {
			if len(dst)-start < n && pass(r, x) {
				dst = append(dst, bowerbird.Hit{Item: x, Why: bowerbird.Reason{Kind: v.why}})
			}
		}
	}
	if len(dst)-start < n && (len(r.Where) > 0 || r.Filter != nil) && full {
		dst = v.scan(r, total, n, dst[:start])
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	for i := start; i < len(dst); i++ {
		if x := int(dst[i].Item); x < len(v.items) {
			dst[i].Score = v.items[x].at(r.Now, v.half)
		}
	}
	return dst, nil
}

// scan finds the n best of all items that pass, reading keys in short spells.
func (v *Liked) scan(r *bowerbird.Request, total, n int, dst []bowerbird.Hit) []bowerbird.Hit {
	type keyed struct {
		item bowerbird.ItemID
		key  float64
	}
	var all []keyed // that pass
	for at := 1; at < total; at += 4096 {
		spell := len(all)
		v.mu.RLock()
		for x := at; x < min(at+4096, len(v.items)); x++ {
			if k := v.items[x].key; !math.IsInf(k, -1) {
				all = append(all, keyed{bowerbird.ItemID(x), k})
			}
		}
		v.mu.RUnlock()
		passing := all[:spell]
		for _, k := range all[spell:] {
			if pass(r, k.item) {
				passing = append(passing, k)
			}
		}
		all = passing
	}
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Or(-cmp.Compare(a.key, b.key), cmp.Compare(a.item, b.item)) })
	for _, k := range all[:min(n, len(all))] {
		dst = append(dst, bowerbird.Hit{Item: k.item, Why: bowerbird.Reason{Kind: v.why}})
	}
	return dst
}

// Count is an item's count as of its last action.
func (v *Liked) Count(x bowerbird.ItemID) float64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(x) >= len(v.items) {
		return 0
	}
	return v.items[x].count
}

// Save writes items (count), each: count, last, key; then the leaders and the
// secret boards.
func (v *Liked) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, v.name, 1)
	fw.Int(len(v.items))
	for _, it := range v.items {
		fw.F64(it.count)
		fw.Varint(it.last)
		fw.F64(it.key)
	}
	saveLists(fw, [][]bowerbird.ItemID{v.top})
	saveSet(fw, v.secret)
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Liked) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, v.name, 1)
	if err != nil {
		return err
	}
	var items []standing
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		items = append(items, standing{count: fr.F64(), last: fr.Varint(), key: fr.F64()})
	}
	lists, secret := loadLists(fr), loadSet(fr)
	if err := fr.Close(); err != nil {
		return err
	}
	var top []bowerbird.ItemID
	if len(lists) == 1 {
		top = lists[0]
	}
	for _, x := range top {
		if int(x) >= len(items) {
			return frame.ErrCorrupt
		}
		items[x].in = true
	}
	liked := 0
	for i := range items {
		if !math.IsInf(items[i].key, -1) {
			liked++
		}
	}
	v.mu.Lock()
	v.items, v.top, v.liked, v.secret = items, top, liked, secret
	v.mu.Unlock()
	return nil
}
