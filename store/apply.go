package store

import (
	"math"
	"slices"
	"strings"

	"bowerbird"
)

// Apply folds the event at offset into the catalogue and returns it numbered.
// It is total: false says that there is nothing for other views to fold, as with
// an action on an item that was never put, an Erased record, or an offset that
// was applied before. The fact's strings and pointers may be kept; its documents
// are e's own, so e must not be changed afterwards (those of Log.Scan and of a
// decoded request are not).
//
// A UserErase takes the person out of the catalogue at once, and the fact names
// them by the number that they had, for other views to do the same.
func (c *Catalogue) Apply(offset uint64, e *bowerbird.Event) (bowerbird.Fact, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if offset <= c.offset {
		return bowerbird.Fact{}, false
	}
	c.offset = offset
	f := bowerbird.Fact{
		Offset: offset, Time: e.Time, Kind: e.Kind, Surface: e.Surface,
		Position: uint16(min(max(e.Position, 0), math.MaxUint16)), Value: float32(e.Value),
		Topic: e.Topic, Request: e.Request, Query: e.Query, Signal: e.Signal, Served: e.Served,
	}
	if e.Kind == bowerbird.UserErase {
		id, ok := c.users.look(e.User)
		if ok {
			f.User = bowerbird.UserID(id)
			c.erase(f.User, offset)
		}
		return f, ok
	}
	first, second := people(e)
	f.User = c.person(*first)
	other := c.person(*second)
	if second == &e.Subject {
		f.Subject = other
	} else {
		f.Owner = other
	}
	return f, c.fold(&f, e)
}

// person numbers a name. A mark is numbered too, and stands for nobody.
func (c *Catalogue) person(name string) bowerbird.UserID {
	id, isNew := c.users.id(name)
	if isNew {
		c.user = append(c.user, userMeta{})
	}
	if marked(name) {
		return 0
	}
	return bowerbird.UserID(id)
}

func (c *Catalogue) boardID(name string) bowerbird.BoardID {
	id, isNew := c.boards.id(name)
	if isNew {
		c.board = append(c.board, boardMeta{})
	}
	return bowerbird.BoardID(id)
}

// fold says whether the event means something.
func (c *Catalogue) fold(f *bowerbird.Fact, e *bowerbird.Event) bool {
	item, _ := c.items.look(e.Item)
	board, _ := c.boards.look(e.Board)
	f.Item, f.Board = bowerbird.ItemID(item), bowerbird.BoardID(board)
	if f.Board != 0 && e.Kind != bowerbird.ItemPut && e.Kind != bowerbird.BoardPut && e.Kind != bowerbird.UserPut {
		f.Owner = c.board[f.Board].owner
	}
	switch e.Kind {
	case bowerbird.ItemPut:
		return c.putItem(f, e)
	case bowerbird.ItemDelete:
		if f.Item != 0 {
			c.item[f.Item].category &^= itemPut
		}
		return f.Item != 0
	case bowerbird.BoardPut:
		return c.putBoard(f, e)
	case bowerbird.BoardDelete:
		if f.Board != 0 {
			b := &c.board[f.Board]
			c.disown(f.Board)
			*b = boardMeta{owner: b.owner}
		}
		return f.Board != 0
	case bowerbird.UserPut:
		return c.putUser(f, e)
	case bowerbird.Erased:
		if marked(e.Board) {
			c.boardID(e.Board)
		}
		return false
	case bowerbird.Save, bowerbird.Unsave:
		return f.User != 0 && f.Item != 0 && c.save(f)
	case bowerbird.SignalPut:
		return f.Item != 0 && e.Signal != nil
	case bowerbird.Search:
		return f.User != 0
	case bowerbird.Follow, bowerbird.Unfollow:
		return f.User != 0 && (f.Subject != 0 || f.Board != 0)
	case bowerbird.Mute, bowerbird.Unmute:
		return f.User != 0 && (f.Subject != 0 || f.Board != 0 || f.Topic != "")
	}
	return f.User != 0 && f.Item != 0 && e.Kind.OnItem()
}

func (c *Catalogue) putItem(f *bowerbird.Fact, e *bowerbird.Event) bool {
	x := e.ItemDoc
	if x == nil || x.ID == "" {
		return false
	}
	id, isNew := c.items.id(x.ID)
	if isNew {
		c.item = append(c.item, itemMeta{created: e.Time})
	}
	m := &c.item[id]
	m.doc, m.owner = f.Offset, f.Owner
	if x.Created != 0 {
		m.created = x.Created
	}
	m.category = itemPut
	if n := len(x.Categories); n > 0 {
		k, _ := c.categories.id(x.Categories[n-1])
		m.category |= k
	}
	if x.Hidden {
		m.category |= itemHidden
	}
	f.Item, f.ItemDoc = bowerbird.ItemID(id), shownItem(x, m.created)
	return true
}

func (c *Catalogue) putBoard(f *bowerbird.Fact, e *bowerbird.Event) bool {
	x := e.BoardDoc
	if x == nil || x.ID == "" {
		return false
	}
	f.Board = c.boardID(x.ID)
	c.disown(f.Board)
	b := &c.board[f.Board]
	b.doc, b.owner, b.live, b.secret, b.title = f.Offset, f.Owner, true, x.Secret, strings.Clone(x.Title)
	c.own(f.Board)
	f.BoardDoc = shownBoard(x)
	return true
}

// disown takes a board off its owner's list, own puts it there.
func (c *Catalogue) disown(id bowerbird.BoardID) {
	u := c.board[id].owner
	if i, ok := slices.BinarySearch(c.keeps[u], id); ok {
		c.keeps[u] = slices.Delete(c.keeps[u], i, i+1)
	}
}

func (c *Catalogue) own(id bowerbird.BoardID) {
	u := c.board[id].owner
	if i, ok := slices.BinarySearch(c.keeps[u], id); !ok && u != 0 {
		c.keeps[u] = slices.Insert(c.keeps[u], i, id)
	}
}

func (c *Catalogue) putUser(f *bowerbird.Fact, e *bowerbird.Event) bool {
	x := e.UserDoc
	if x == nil || x.ID == "" || f.Owner == 0 {
		return false
	}
	f.User, f.Owner, f.UserDoc = f.Owner, 0, x
	c.user[f.User].doc = f.Offset
	return true
}

// save keeps an item on a board or takes it off. A board that is not there
// counts as none.
func (c *Catalogue) save(f *bowerbird.Fact) bool {
	if f.Board != 0 && !c.board[f.Board].live {
		f.Board, f.Owner = 0, 0
	}
	if f.Board != 0 {
		c.board[f.Board].saves.add(f.Item, f.User, f.Kind == bowerbird.Unsave)
	}
	return true
}

// erase takes a person out, leaving exactly what a replay of the rewritten log
// would leave. See erase.go.
func (c *Catalogue) erase(u bowerbird.UserID, offset uint64) {
	k := 0
	c.boards.list = slices.Clone(c.boards.list)
	for id := 1; id < len(c.board); id++ {
		b := &c.board[id]
		if b.owner == u {
			k++
			*b = boardMeta{}
			c.boards.list[id] = boardMark(offset, k)
		} else {
			b.saves = b.saves.without(u)
		}
	}
	c.boards.rehash(len(c.boards.table))
	for id := range c.item {
		if c.item[id].owner == u {
			c.item[id].owner = 0
		}
	}
	delete(c.keeps, u)
	c.user[u] = userMeta{}
	c.users.rename(uint32(u), userMark(offset))
	c.docs.clear()
}
