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
	people  [][]bowerbird.ItemID // by person, oldest first
	secret  map[bowerbird.BoardID]bool
}

// followee is one thing followed; one field is set.
type followee struct {
	board bowerbird.BoardID
	user  bowerbird.UserID
}

const gathered = 50

// NewFollowed returns an empty view.
func NewFollowed() *Followed {
	return &Followed{follows: map[bowerbird.UserID]map[followee]bool{}, secret: map[bowerbird.BoardID]bool{}}
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
				v.boards = gather(v.boards, uint32(f.Board), f.Item)
			}
			v.people = gather(v.people, uint32(f.User), f.Item)
		case bowerbird.Unsave:
			drop(v.boards, uint32(f.Board), f.Item)
			drop(v.people, uint32(f.User), f.Item)
		case bowerbird.ItemPut:
			if f.Owner != 0 {
				v.people = gather(v.people, uint32(f.Owner), f.Item)
			}
		case bowerbird.BoardPut:
			v.setSecret(f.Board, f.BoardDoc.Secret)
		case bowerbird.BoardDelete:
			v.setSecret(f.Board, true)
			delete(v.secret, f.Board)
		case bowerbird.UserErase:
			v.erase(f.User)
		}
	}
}

func (v *Followed) setSecret(b bowerbird.BoardID, secret bool) {
	if !secret {
		delete(v.secret, b)
		return
	}
	v.secret[b] = true
	if int(b) < len(v.boards) {
		v.boards[b] = nil
	}
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

func gather(lists [][]bowerbird.ItemID, id uint32, x bowerbird.ItemID) [][]bowerbird.ItemID {
	for int(id) >= len(lists) {
		lists = append(lists, nil)
	}
	drop(lists, id, x)
	if len(lists[id]) == gathered {
		lists[id] = slices.Delete(lists[id], 0, 1)
	}
	lists[id] = append(lists[id], x)
	return lists
}

func drop(lists [][]bowerbird.ItemID, id uint32, x bowerbird.ItemID) {
	if int(id) >= len(lists) {
		return
	}
	if at := slices.Index(lists[id], x); at >= 0 {
		lists[id] = slices.Delete(lists[id], at, at+1)
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
			lists = append(lists, slices.Clone(v.people[f.user]))
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

// Save writes follows (people, each: board, person), the two sets of lists, and
// the secret boards.
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
	saveLists(fw, v.people)
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
	n.boards, n.people, n.secret = loadLists(fr), loadLists(fr), loadSet(fr)
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.follows, v.boards, v.people, v.secret = n.follows, n.boards, n.people, n.secret
	v.mu.Unlock()
	return nil
}

func saveSet(fw *frame.Writer, set map[bowerbird.BoardID]bool) {
	fw.Int(len(set))
	for _, b := range slices.Sorted(maps.Keys(set)) {
		fw.Uvarint(uint64(b))
	}
}

func loadSet(fr *frame.Reader) map[bowerbird.BoardID]bool {
	set := map[bowerbird.BoardID]bool{}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		set[bowerbird.BoardID(fr.U32())] = true
	}
	return set
}
