package filter

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Refused keeps off every page what a person has refused: items they hid, and
// what comes from a person, a board or a topic that they muted. It holds from
// the next request on, and for every surface.
type Refused struct {
	fields *Fields
	boards func(bowerbird.BoardID) []bowerbird.ItemID

	mu     sync.RWMutex
	hidden map[bowerbird.UserID]map[bowerbird.ItemID]bool
	muted  map[bowerbird.UserID]map[mute]bool
}

// mute is one thing muted; exactly one field is set.
type mute struct {
	owner bowerbird.UserID
	board bowerbird.BoardID
	topic string
}

// NewRefused returns an empty view. boards lists what a board holds.
func NewRefused(fields *Fields, boards func(bowerbird.BoardID) []bowerbird.ItemID) *Refused {
	return &Refused{fields: fields, boards: boards,
		hidden: map[bowerbird.UserID]map[bowerbird.ItemID]bool{}, muted: map[bowerbird.UserID]map[mute]bool{}}
}

// Apply folds hide, mute and their undoing.
func (v *Refused) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case bowerbird.Hide:
			put(v.hidden, f.User, f.Item)
		case bowerbird.Unhide:
			drop(v.hidden, f.User, f.Item)
		case bowerbird.Mute:
			put(v.muted, f.User, muteOf(f))
		case bowerbird.Unmute:
			drop(v.muted, f.User, muteOf(f))
		case bowerbird.UserErase:
			delete(v.hidden, f.User)
			delete(v.muted, f.User)
			for u := range v.muted {
				drop(v.muted, u, mute{owner: f.User})
			}
		}
	}
}

func muteOf(f *bowerbird.Fact) mute {
	return mute{owner: f.Subject, board: f.Board, topic: fold(f.Topic)}
}

func put[K comparable](m map[bowerbird.UserID]map[K]bool, u bowerbird.UserID, k K) {
	if m[u] == nil {
		m[u] = map[K]bool{}
	}
	m[u][k] = true
}

func drop[K comparable](m map[bowerbird.UserID]map[K]bool, u bowerbird.UserID, k K) {
	delete(m[u], k)
	if len(m[u]) == 0 {
		delete(m, u)
	}
}

// Hidden is the filter of hidden items.
func (v *Refused) Hidden() Test {
	return Test{"hidden", func(r *bowerbird.Request) func(bowerbird.ItemID) bool {
		v.mu.RLock()
		defer v.mu.RUnlock()
		return without(slices.Collect(maps.Keys(v.hidden[r.User])))
	}}
}

// Muted is the filter of muted people, boards and topics.
func (v *Refused) Muted() Test {
	return Test{"muted", func(r *bowerbird.Request) func(bowerbird.ItemID) bool {
		mutes := v.mutes(r.User)
		if len(mutes) == 0 {
			return nil
		}
		owners := map[bowerbird.UserID]bool{}
		var items []bowerbird.ItemID
		var topics []string
		for _, m := range mutes {
			switch {
			case m.owner != 0:
				owners[m.owner] = true
			case m.board != 0:
				items = append(items, v.boards(m.board)...)
			default:
				topics = append(topics, m.topic)
			}
		}
		boards, topic := setOf(items), v.fields.with("category", topics)
		topic.Or(v.fields.with("tag", topics))
		return func(x bowerbird.ItemID) bool {
			return !boards.has(x) && !topic.Contains(uint32(x)) && (len(owners) == 0 || !owners[v.fields.Owner(x)])
		}
	}}
}

func (v *Refused) mutes(u bowerbird.UserID) []mute {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return sorted(v.muted[u])
}

func sorted(m map[mute]bool) []mute {
	return slices.SortedFunc(maps.Keys(m), func(a, b mute) int {
		return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.board, b.board), cmp.Compare(a.topic, b.topic))
	})
}

// Save writes: hidden (people, each: items), muted (people, each: owner, board, topic).
func (v *Refused) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "refused", 1)
	fw.Int(len(v.hidden))
	for _, u := range slices.Sorted(maps.Keys(v.hidden)) {
		fw.Uvarint(uint64(u))
		fw.Int(len(v.hidden[u]))
		for _, x := range slices.Sorted(maps.Keys(v.hidden[u])) {
			fw.Uvarint(uint64(x))
		}
	}
	fw.Int(len(v.muted))
	for _, u := range slices.Sorted(maps.Keys(v.muted)) {
		fw.Uvarint(uint64(u))
		fw.Int(len(v.muted[u]))
		for _, m := range sorted(v.muted[u]) {
			fw.Uvarint(uint64(m.owner))
			fw.Uvarint(uint64(m.board))
			fw.String(m.topic)
		}
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Refused) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "refused", 1)
	if err != nil {
		return err
	}
	n := NewRefused(nil, nil)
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		u := bowerbird.UserID(fr.U32())
		for j := fr.Int(); j > 0 && fr.Err() == nil; j-- {
			put(n.hidden, u, bowerbird.ItemID(fr.U32()))
		}
	}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		u := bowerbird.UserID(fr.U32())
		for j := fr.Int(); j > 0 && fr.Err() == nil; j-- {
			put(n.muted, u, mute{bowerbird.UserID(fr.U32()), bowerbird.BoardID(fr.U32()), fr.String()})
		}
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.hidden, v.muted = n.hidden, n.muted
	v.mu.Unlock()
	return nil
}
