package retrieve

import (
	"context"
	"io"
	"maps"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Followed finds what boards and people that a person follows gathered last:
// 50 saves of each board, and 50 public saves and uploads of each person.
type Followed struct {
	mu      sync.RWMutex
	follows map[bowerbird.UserID]map[followee]bool
	boards  [][]bowerbird.ItemID // by board, oldest first
	people  [][]publicly         // by person, oldest first
	secret  secrets
}

// publicly is what a person saved or uploaded for all to see.
type publicly struct {
	item  bowerbird.ItemID
	board bowerbird.BoardID // that it was saved to, 0 none
}

// followee is one thing followed; one field is set.
type followee struct {
	board bowerbird.BoardID
	user  bowerbird.UserID
}

const gathered = 50

// NewFollowed returns an empty view.
func NewFollowed() *Followed {
	return &Followed{follows: map[bowerbird.UserID]map[followee]bool{}, secret: secrets{}}
}

// Name is what traces and explanations call it.
func (v *Followed) Name() string { return "followed" }

// Apply folds follows, saves and uploads.
func (v *Followed) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		to := followee{f.Board, f.Subject}
		switch f.Kind {
		case bowerbird.Follow:
			if v.follows[f.User] == nil {
				v.follows[f.User] = map[followee]bool{}
			}
			v.follows[f.User][to] = true
		case bowerbird.Unfollow:
			delete(v.follows[f.User], to)
			if len(v.follows[f.User]) == 0 {
				delete(v.follows, f.User)
			}
		case bowerbird.Save:
			if v.secret[f.Board] {
				continue
			}
			if f.Board != 0 {
				v.boards = gather(v.boards, uint32(f.Board), f.Item, func(x bowerbird.ItemID) bool { return x == f.Item })
			}
			v.saved(f.User, publicly{f.Item, f.Board})
		case bowerbird.Unsave:
			drop(v.boards, uint32(f.Board), func(x bowerbird.ItemID) bool { return x == f.Item })
			drop(v.people, uint32(f.User), func(p publicly) bool {
				return p.item == f.Item && (f.Board == 0 || p.board == f.Board)
			})
		case bowerbird.ItemPut:
			if f.Owner != 0 && !v.has(f.Owner, f.Item) { // an edit is no news
				v.saved(f.Owner, publicly{item: f.Item})
			}
		case bowerbird.BoardPut:
			if v.secret.apply(f); f.BoardDoc.Secret {
				v.empty(f.Board)
			}
		case bowerbird.BoardDelete:
			v.secret.apply(f)
			v.empty(f.Board)
		case bowerbird.UserErase:
			v.erase(f.User)
		}
	}
}

// empty forgets what a board holds, also as what people saved. Cost: a look at
// every list, unless the board is empty.
func (v *Followed) empty(b bowerbird.BoardID) {
	if int(b) >= len(v.boards) || v.boards[b] == nil {
		return
	}
	v.boards[b] = nil
	for u := range v.people {
		drop(v.people, uint32(u), func(p publicly) bool { return p.board == b })
	}
}

func (v *Followed) saved(u bowerbird.UserID, p publicly) {
	v.people = gather(v.people, uint32(u), p, func(q publicly) bool { return q.item == p.item })
}

func (v *Followed) has(u bowerbird.UserID, x bowerbird.ItemID) bool {
	return int(u) < len(v.people) && slices.ContainsFunc(v.people[u], func(p publicly) bool { return p.item == x })
}

func (v *Followed) erase(u bowerbird.UserID) {
	delete(v.follows, u)
	if int(u) < len(v.people) {
		v.people[u] = nil
	}
	for w, f := range v.follows {
		delete(f, followee{user: u})
		if len(f) == 0 {
			delete(v.follows, w)
		}
	}
}

// gather appends x to a list, in place of what is the same.
func gather[T any](lists [][]T, id uint32, x T, same func(T) bool) [][]T {
	for int(id) >= len(lists) {
		lists = append(lists, nil)
	}
	drop(lists, id, same)
	if len(lists[id]) == gathered {
		lists[id] = slices.Delete(lists[id], 0, 1)
	}
	lists[id] = append(lists[id], x)
	return lists
}

func drop[T any](lists [][]T, id uint32, same func(T) bool) {
	if int(id) < len(lists) {
		lists[id] = slices.DeleteFunc(lists[id], same)
	}
}

// Candidates takes turns among what is followed, the newest of each first.
func (v *Followed) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	lists, whys := v.lists(r.User)
	taken := newTally(len(lists) * gathered)
	defer taken.release()
	for turn := range gathered {
		for i, list := range lists {
			if turn < len(list) {
				taken.add(list[len(list)-1-turn], 1/float32(1+turn), i)
			}
		}
	}
	return taken.hits(dst, n, r, func(i int) bowerbird.Reason { return whys[i] }), nil
}

func (v *Followed) lists(u bowerbird.UserID) (lists [][]bowerbird.ItemID, whys []bowerbird.Reason) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, f := range sortedFollowees(v.follows[u]) {
		switch {
		case f.board != 0 && int(f.board) < len(v.boards):
			lists = append(lists, slices.Clone(v.boards[f.board]))
			whys = append(whys, bowerbird.Reason{Kind: bowerbird.BecauseBoard, Board: f.board})
		case f.user != 0 && int(f.user) < len(v.people):
			list := make([]bowerbird.ItemID, len(v.people[f.user]))
			for i, p := range v.people[f.user] {
				list[i] = p.item
			}
			lists = append(lists, list)
			whys = append(whys, bowerbird.Reason{Kind: bowerbird.BecauseUser, User: f.user})
		}
	}
	return lists, whys
}

// Follows tells what a person follows.
func (v *Followed) Follows(u bowerbird.UserID) (boards []bowerbird.BoardID, people []bowerbird.UserID) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, f := range sortedFollowees(v.follows[u]) {
		if f.board != 0 {
			boards = append(boards, f.board)
		} else {
			people = append(people, f.user)
		}
	}
	return boards, people
}

func sortedFollowees(m map[followee]bool) []followee {
	return slices.SortedFunc(maps.Keys(m), func(a, b followee) int {
		if a.board != b.board {
			return int(a.board) - int(b.board)
		}
		return int(a.user) - int(b.user)
	})
}

// Save writes follows (people, each: board, person), the lists of the boards, the
// lists of the people (count, each: item, board), and the secret boards.
func (v *Followed) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "followed", 1)
	fw.Int(len(v.follows))
	for _, u := range slices.Sorted(maps.Keys(v.follows)) {
		fw.Uvarint(uint64(u))
		fw.Int(len(v.follows[u]))
		for _, f := range sortedFollowees(v.follows[u]) {
			fw.Uvarint(uint64(f.board))
			fw.Uvarint(uint64(f.user))
		}
	}
	saveLists(fw, v.boards)
	fw.Int(len(v.people))
	for _, list := range v.people {
		fw.Int(len(list))
		for _, p := range list {
			fw.Uvarint(uint64(p.item))
			fw.Uvarint(uint64(p.board))
		}
	}
	saveSet(fw, v.secret)
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Followed) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "followed", 1)
	if err != nil {
		return err
	}
	n := NewFollowed()
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		u := bowerbird.UserID(fr.U32())
		n.follows[u] = map[followee]bool{}
		for j := fr.Int(); j > 0 && fr.Err() == nil; j-- {
			n.follows[u][followee{bowerbird.BoardID(fr.U32()), bowerbird.UserID(fr.U32())}] = true
		}
	}
	n.boards = loadLists(fr)
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		var list []publicly
		for j := fr.Int(); j > 0 && fr.Err() == nil; j-- {
			list = append(list, publicly{bowerbird.ItemID(fr.U32()), bowerbird.BoardID(fr.U32())})
		}
		n.people = append(n.people, list)
	}
	n.secret = loadSet(fr)
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.follows, v.boards, v.people, v.secret = n.follows, n.boards, n.people, n.secret
	v.mu.Unlock()
	return nil
}
