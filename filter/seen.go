package filter

import (
	"io"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"bowerbird"
	"bowerbird/internal/frame"
)

// SeenOptions says what counts as seen.
type SeenOptions struct {
	// Again is how long a merely shown item stays away from the same person's
	// feed, in the log's time. 0 means 12 hours.
	Again time.Duration
	// Items is how many items there are. When a person has been shown more than
	// half of them within Again, the half shown last stays away and the rest comes
	// back, so that the feed of a small collection does not run dry. nil means
	// that none comes back.
	Items func() int
}

// Seen keeps from a person's feed what that person has acted on (closeup, click,
// save, share, purchase; also when it was saved and taken off again) and what
// was shown to them lately. Only what happened up to the request's offset
// counts, so that paging does not depend on what the pages themselves caused.
type Seen struct {
	again int64 // milliseconds
	items func() int
	mu    sync.RWMutex
	users []seenBy // by UserID
}

type seenBy struct {
	acted map[bowerbird.ItemID]uint64 // offset of the first action
	shown map[bowerbird.ItemID]shown  // pruned when it doubles
	prune int
}

// shown is the last stretch of impressions of an item of which each came within
// Again of the one before. A request is frozen at an offset; with only the last
// impression an item shown before that offset and, elsewhere, after it would
// count as unseen.
type shown struct {
	offset uint64 // of the first of them
	time   int64  // of the last of them
}

// NewSeen returns an empty view.
func NewSeen(o SeenOptions) *Seen {
	if o.Again == 0 {
		o.Again = 12 * time.Hour
	}
	return &Seen{again: o.Again.Milliseconds(), items: o.Items}
}

// Name is what traces and explanations call it.
func (v *Seen) Name() string { return "seen" }

// Apply folds actions on items.
func (v *Seen) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch {
		case f.Kind == bowerbird.UserErase:
			if int(f.User) < len(v.users) {
				v.users[f.User] = seenBy{}
			}
		case f.User == 0 || f.Item == 0:
		case f.Kind == bowerbird.Impression:
			v.user(f.User).show(f, v.again)
		case f.Kind.Positive() > 0:
			u := v.user(f.User)
			if u.acted == nil {
				u.acted = map[bowerbird.ItemID]uint64{}
			}
			if _, ok := u.acted[f.Item]; !ok {
				u.acted[f.Item] = f.Offset
			}
		}
	}
}

func (v *Seen) user(u bowerbird.UserID) *seenBy {
	for int(u) >= len(v.users) {
		v.users = append(v.users, seenBy{})
	}
	return &v.users[u]
}

func (u *seenBy) show(f *bowerbird.Fact, again int64) {
	if u.shown == nil {
		u.shown = map[bowerbird.ItemID]shown{}
	}
	s, there := u.shown[f.Item]
	if !there || f.Time-s.time > again {
		s = shown{f.Offset, f.Time}
	}
	s.time = max(s.time, f.Time)
	u.shown[f.Item] = s
	if len(u.shown) < max(64, u.prune) {
		return
	}
	for x, s := range u.shown { // the order does not matter: what goes depends on each entry alone
		if s.time < f.Time-again {
			delete(u.shown, x)
		}
	}
	u.prune = 2 * len(u.shown)
}

// For copies the person's items into a set. A request without an offset is of now.
func (v *Seen) For(r *bowerbird.Request) func(bowerbird.ItemID) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if r.User == 0 || int(r.User) >= len(v.users) {
		return nil
	}
	u := &v.users[r.User]
	if len(u.acted)+len(u.shown) == 0 {
		return nil
	}
	s := newSet(len(u.acted) + len(u.shown))
	until := r.Offset
	if until == 0 {
		until = math.MaxUint64
	}
	for x, offset := range u.acted {
		if offset <= until {
			s.add(x)
		}
	}
	since := v.enough(u, until, r.Now)
	for x, sh := range u.shown {
		if sh.offset <= until && sh.offset >= since && sh.time >= r.Now-v.again {
			s.add(x)
		}
	}
	return func(x bowerbird.ItemID) bool { return !s.has(x) }
}

// enough is the offset from which being shown keeps an item away: 0, or in a
// small collection the one that leaves half of it to be shown again.
func (v *Seen) enough(u *seenBy, until uint64, now int64) uint64 {
	if v.items == nil || len(u.shown) <= v.items()/2 {
		return 0
	}
	var offsets []uint64
	for _, sh := range u.shown {
		if sh.offset <= until && sh.time >= now-v.again {
			offsets = append(offsets, sh.offset)
		}
	}
	half := v.items() / 2
	if len(offsets) <= half {
		return 0
	}
	slices.Sort(offsets)
	return offsets[len(offsets)-half-1] + 1
}

// Save writes: users (count), each: acted (count, pairs item, offset), shown
// (count, triples item, offset, time), prune.
func (v *Seen) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "seen", 1)
	fw.Int(len(v.users))
	for i := range v.users {
		u := &v.users[i]
		fw.Int(len(u.acted))
		for _, x := range slices.Sorted(maps.Keys(u.acted)) {
			fw.Uvarint(uint64(x))
			fw.Uvarint(u.acted[x])
		}
		fw.Int(len(u.shown))
		for _, x := range slices.Sorted(maps.Keys(u.shown)) {
			s := u.shown[x]
			fw.Uvarint(uint64(x))
			fw.Uvarint(s.offset)
			fw.Varint(s.time)
		}
		fw.Int(u.prune)
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Seen) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "seen", 1)
	if err != nil {
		return err
	}
	var users []seenBy
	for range fr.Int() {
		var u seenBy
		if n := fr.Int(); n > 0 {
			u.acted = make(map[bowerbird.ItemID]uint64, frame.Grow(n))
			for range n {
				x := bowerbird.ItemID(fr.U32())
				u.acted[x] = fr.Uvarint()
				if fr.Err() != nil {
					return fr.Err()
				}
			}
		}
		if n := fr.Int(); n > 0 {
			u.shown = make(map[bowerbird.ItemID]shown, frame.Grow(n))
			for range n {
				x := bowerbird.ItemID(fr.U32())
				u.shown[x] = shown{fr.Uvarint(), fr.Varint()}
				if fr.Err() != nil {
					return fr.Err()
				}
			}
		}
		u.prune = fr.Int()
		if fr.Err() != nil {
			return fr.Err()
		}
		users = append(users, u)
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.users = users
	v.mu.Unlock()
	return nil
}
