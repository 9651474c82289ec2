package retrieve

import (
	"context"
	"io"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

// maxRecent bounds what is remembered of one person: the newest distinct items.
const maxRecent = 1000

// History is the view of what every person did last. As a rewriter it puts that
// into the request, newest first, so that sources, filters and features start
// from the same list. Safe for concurrent readers beside one Apply.
//
// Memory: 32 bytes for each distinct item of each person, at most 1,000 of them.
type History struct {
	mu     sync.RWMutex
	users  [][]bowerbird.Action // by UserID, oldest first
	secret secrets
}

// NewHistory returns an empty view.
func NewHistory() *History { return &History{secret: secrets{}} }

// Apply folds actions on items: the strongest and latest word on each item
// stands. A hide weighs -1; unsave and unhide take the item out.
func (v *History) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		v.secret.apply(f)
		switch w := f.Kind.Positive(); {
		case f.Kind == bowerbird.UserErase:
			if int(f.User) < len(v.users) {
				v.users[f.User] = nil
			}
		case f.User == 0 || f.Item == 0:
		case w > 0:
			v.put(f, w)
		case f.Kind == bowerbird.Hide:
			v.take(f.User, f.Item)
			v.put(f, -1)
		case f.Kind == bowerbird.Unsave, f.Kind == bowerbird.Unhide:
			v.take(f.User, f.Item)
		}
	}
}

func (v *History) put(f *bowerbird.Fact, w float32) {
	for int(f.User) >= len(v.users) {
		v.users = append(v.users, nil)
	}
	a := bowerbird.Action{Item: f.Item, Board: f.Board, Time: f.Time, Offset: f.Offset, Weight: w, Kind: f.Kind}
	if old, ok := v.take(f.User, f.Item); ok && old.Weight > w {
		a.Weight, a.Kind, a.Board = old.Weight, old.Kind, old.Board
	}
	u := append(v.users[f.User], a)
	if len(u) > maxRecent {
		u = slices.Delete(u, 0, len(u)-maxRecent)
	}
	v.users[f.User] = u
}

func (v *History) take(user bowerbird.UserID, item bowerbird.ItemID) (bowerbird.Action, bool) {
	if int(user) >= len(v.users) {
		return bowerbird.Action{}, false
	}
	u := v.users[user]
	for i := len(u) - 1; i >= 0; i-- {
		if u[i].Item == item {
			a := u[i]
			v.users[user] = slices.Delete(u, i, i+1)
			return a, true
		}
	}
	return bowerbird.Action{}, false
}

// Rewrite fills r.Recent with what the person did up to the request's offset. An
// item that they have acted on again since is left out: only its latest place is known.
func (v *History) Rewrite(_ context.Context, r *bowerbird.Request) error {
	r.Recent = v.Of(r.User, r.Offset)
	return nil
}

// Of lists what a person did up to an offset (0: all), newest first.
func (v *History) Of(user bowerbird.UserID, offset uint64) []bowerbird.Action {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if user == 0 || int(user) >= len(v.users) || len(v.users[user]) == 0 {
		return nil
	}
	u := v.users[user]
	out := make([]bowerbird.Action, 0, len(u))
	for i := len(u) - 1; i >= 0; i-- {
		if offset == 0 || u[i].Offset <= offset {
			out = append(out, u[i])
		}
	}
	return out
}

// Latest calls each with the n newest things that a person liked, newest first,
// as others may use them: without those on secret boards. each must be quick; it
// runs under the view's lock.
func (v *History) Latest(user bowerbird.UserID, n int, each func(bowerbird.Action)) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(user) >= len(v.users) {
		return
	}
	u := v.users[user]
	for i := len(u) - 1; i >= 0 && n > 0; i-- {
		if u[i].Weight > 0 && !v.secret[u[i].Board] {
			each(u[i])
			n--
		}
	}
}

// Users is one more than the largest person that has acted.
func (v *History) Users() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.users)
}

// Save writes people (count), each: actions (count; item, board, time, offset,
// weight, kind); then the secret boards.
func (v *History) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "history", 1)
	fw.Int(len(v.users))
	for _, u := range v.users {
		fw.Int(len(u))
		for _, a := range u {
			fw.Uvarint(uint64(a.Item))
			fw.Uvarint(uint64(a.Board))
			fw.Varint(a.Time)
			fw.Uvarint(a.Offset)
			fw.F32(a.Weight)
			fw.Uvarint(uint64(a.Kind))
		}
	}
	saveSet(fw, v.secret)
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *History) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "history", 1)
	if err != nil {
		return err
	}
	var users [][]bowerbird.Action
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		n := fr.Int()
		u := make([]bowerbird.Action, 0, min(n, maxRecent))
		for ; n > 0 && fr.Err() == nil; n-- {
			u = append(u, bowerbird.Action{Item: bowerbird.ItemID(fr.U32()), Board: bowerbird.BoardID(fr.U32()),
				Time: fr.Varint(), Offset: fr.Uvarint(), Weight: fr.F32(), Kind: bowerbird.Kind(fr.U32())})
		}
		users = append(users, u)
	}
	secret := loadSet(fr)
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.users, v.secret = users, secret
	v.mu.Unlock()
	return nil
}

// seeds are the n newest positive actions, for sources that start from several
// items. Their weight falls with age in the list: half at every eighth place.
func seeds(r *bowerbird.Request, n int) []bowerbird.Action {
	out := make([]bowerbird.Action, 0, n)
	for _, a := range r.Recent {
		if a.Weight <= 0 {
			continue
		}
		a.Weight *= decay(len(out))
		if out = append(out, a); len(out) == n {
			break
		}
	}
	return out
}

func decay(place int) float32 { return 1 / (1 + float32(place)/8) }

// because is the reason "you acted on this item (and kept it on that board)".
func because(a bowerbird.Action) bowerbird.Reason {
	return bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: a.Item, Board: a.Board}
}

// pass tells whether the request's filters let an item through.
func pass(r *bowerbird.Request, x bowerbird.ItemID) bool { return r.Keep == nil || r.Keep(x) }
