package retrieve

import (
	"context"
	"io"
	"math"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

const (
	lately     = 30 // a new save is paired with this many earlier ones of the same board and person
	neighbours = 48 // kept of each item
)

// Together counts which items are saved together: by the same person, and twice
// as much on the same board, within the last 30 saves. It is the item-to-item
// baseline that is current to the second.
//
// Each item keeps its 48 strongest neighbours by the Space-Saving rule (Metwally,
// Agrawal & El Abbadi, ICDT 2005): a newcomer takes the place of the weakest and
// inherits its count. What was inherited is kept beside it and never scored: with
// it, somebody who came once would look like an old friend. The score is a cosine
// with shrinkage, (count - inherited) / (√(n_i·n_j) + 5). Unsave is not subtracted; a new save on
// another board is a new word.
//
// A save on a secret board is no pair for anybody; ideas for such a board start
// from what the person who asks put there. What was counted before a board became
// secret stays counted.
//
// Memory: at most 600 bytes for each saved item and 130 for each board and person.
type Together struct {
	mu     sync.RWMutex
	near   [][]pair // by item, in no order but a deterministic one
	saves  []uint32 // by item: how often it was saved
	people [][]bowerbird.ItemID
	boards [][]bowerbird.ItemID
	secret secrets
}

type pair struct {
	item  bowerbird.ItemID
	count uint32
	error uint32 // the part of count that was inherited
}

// NewTogether returns an empty view.
func NewTogether() *Together { return &Together{secret: secrets{}} }

// Name is what traces and explanations call it.
func (v *Together) Name() string { return "together" }

// Apply counts saves and purchases.
func (v *Together) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		v.secret.apply(f)
		switch f.Kind {
		case bowerbird.Save, bowerbird.Purchase:
			if v.secret[f.Board] {
				continue
			}
			v.count(f.Item)
			v.people = v.pair(v.people, uint32(f.User), f.Item, 1)
			if f.Board != 0 {
				v.boards = v.pair(v.boards, uint32(f.Board), f.Item, 2)
			}
		case bowerbird.UserErase:
			if int(f.User) < len(v.people) {
				v.people[f.User] = nil
			}
		case bowerbird.BoardDelete, bowerbird.BoardPut:
			if int(f.Board) < len(v.boards) && (f.Kind == bowerbird.BoardDelete || v.secret[f.Board]) {
				v.boards[f.Board] = nil
			}
		}
	}
}

func (v *Together) count(x bowerbird.ItemID) {
	for int(x) >= len(v.saves) {
		v.saves = append(v.saves, 0)
		v.near = append(v.near, nil)
	}
	v.saves[x]++
}

// pair bumps x with each item of one list and appends x to it.
func (v *Together) pair(lists [][]bowerbird.ItemID, id uint32, x bowerbird.ItemID, by uint32) [][]bowerbird.ItemID {
	for int(id) >= len(lists) {
		lists = append(lists, nil)
	}
	list := lists[id]
	if at := slices.Index(list, x); at >= 0 {
		list = slices.Delete(list, at, at+1)
	}
	for _, y := range list {
		v.bump(x, y, by)
		v.bump(y, x, by)
	}
	if len(list) == lately {
		list = slices.Delete(list, 0, 1)
	}
	lists[id] = append(list, x)
	return lists
}

func (v *Together) bump(x, y bowerbird.ItemID, by uint32) {
	near := v.near[x]
	least := 0
	for i := range near {
		if near[i].item == y {
			near[i].count += by
			return
		}
		if near[i].count < near[least].count {
			least = i
		}
	}
	if len(near) < neighbours {
		v.near[x] = append(near, pair{item: y, count: by})
		return
	}
	near[least] = pair{y, near[least].count + by, near[least].count}
}

// Candidates adds up the neighbours of the request's item or board, else of what
// the person saved last.
func (v *Together) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	var from []bowerbird.Action
	switch {
	case r.Board != 0:
		items, secret := v.onBoard(r.Board)
		if secret {
			items = ownOn(r, lately)
		}
		for _, x := range items {
			from = append(from, bowerbird.Action{Item: x, Weight: 1})
		}
	case r.Item != 0:
		from = []bowerbird.Action{{Item: r.Item, Weight: 1}}
	default:
		from = seeds(r, 12)
	}
	best := newTally(len(from) * neighbours)
	defer best.release()
	v.mu.RLock()
	for i, a := range from {
		if int(a.Item) >= len(v.near) {
			continue
		}
		for _, p := range v.near[a.Item] {
			cos := float32(p.count-p.error) / (float32(math.Sqrt(float64(v.saves[a.Item])*float64(v.saves[p.item]))) + 5)
			best.add(p.item, a.Weight*cos, i)
		}
	}
	v.mu.RUnlock()
	return best.hits(dst, n, r, func(i int) bowerbird.Reason {
		if r.Board != 0 {
			return bowerbird.Reason{Kind: bowerbird.BecauseBoard, Item: from[i].Item, Board: r.Board}
		}
		return because(from[i])
	}), nil
}

func (v *Together) onBoard(b bowerbird.BoardID) (items []bowerbird.ItemID, secret bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(b) < len(v.boards) {
		items = slices.Clone(v.boards[b])
	}
	return items, v.secret[b]
}

// Save writes items (count), each: saves, neighbours (item, count, inherited); then people
// and boards (count), each: its latest items; then the secret boards.
func (v *Together) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "together", 1)
	fw.Int(len(v.near))
	for i, near := range v.near {
		fw.Uvarint(uint64(v.saves[i]))
		fw.Int(len(near))
		for _, p := range near {
			fw.Uvarint(uint64(p.item))
			fw.Uvarint(uint64(p.count))
			fw.Uvarint(uint64(p.error))
		}
	}
	saveLists(fw, v.people)
	saveLists(fw, v.boards)
	saveSet(fw, v.secret)
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Together) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "together", 1)
	if err != nil {
		return err
	}
	n := NewTogether()
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		n.saves = append(n.saves, fr.U32())
		k := fr.Int()
		near := make([]pair, 0, min(k, neighbours))
		for ; k > 0 && fr.Err() == nil; k-- {
			near = append(near, pair{bowerbird.ItemID(fr.U32()), fr.U32(), fr.U32()})
		}
		n.near = append(n.near, near)
	}
	n.people, n.boards, n.secret = loadLists(fr), loadLists(fr), loadSet(fr)
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.near, v.saves, v.people, v.boards, v.secret = n.near, n.saves, n.people, n.boards, n.secret
	v.mu.Unlock()
	return nil
}

func saveLists(fw *frame.Writer, lists [][]bowerbird.ItemID) {
	fw.Int(len(lists))
	for _, list := range lists {
		fw.Int(len(list))
		for _, x := range list {
			fw.Uvarint(uint64(x))
		}
	}
}

func loadLists(fr *frame.Reader) [][]bowerbird.ItemID {
	var lists [][]bowerbird.ItemID
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		n := fr.Int()
		list := make([]bowerbird.ItemID, 0, frame.Grow(min(n, 1024)))
		for ; n > 0 && fr.Err() == nil; n-- {
			list = append(list, bowerbird.ItemID(fr.U32()))
		}
		lists = append(lists, list)
	}
	return lists
}
