package store

import (
	"sync"

	"bowerbird"
)

// Catalogue is the view that knows every item, board and person: names and
// dense numbers, a little of each in memory, full documents by way of the log.
// One goroutine applies; any number may read at once, holding the lock for no
// longer than it takes to copy a few words.
type Catalogue struct {
	log  Reader
	docs *docCache

	mu         sync.RWMutex
	offset     uint64 // of the newest event applied
	users      names
	items      names
	boards     names
	categories names

	user  []userMeta  // by UserID; [0] is unused, as below
	item  []itemMeta  // by ItemID
	board []boardMeta // by BoardID

	keeps map[bowerbird.UserID][]bowerbird.BoardID // boards by owner, ascending
}

// Reader reads the log by offset; a Log is one.
type Reader interface {
	Read(offset uint64) (bowerbird.Event, error)
}

// CatalogueOptions tune a catalogue. The zero value works.
type CatalogueOptions struct {
	Docs int // decoded documents kept in memory; default 20,000, some 30 MB of usual items
}

type userMeta struct {
	doc uint64 // offset of the latest put, 0 none
}

// itemMeta takes 24 bytes; with its name an item costs about 60.
type itemMeta struct {
	doc      uint64 // offset of the latest put
	created  int64  // Unix milliseconds
	owner    bowerbird.UserID
	category uint32 // in categories; its top bits are the flags
}

const (
	itemPut    = 1 << 31 // put and not deleted since
	itemHidden = 1 << 30
	itemFlags  = itemPut | itemHidden
)

type boardMeta struct {
	doc    uint64
	owner  bowerbird.UserID // kept after a delete: an erasure asks for it
	live   bool
	secret bool
	title  string
	saves  saves
}

// NewCatalogue returns an empty catalogue that reads documents from log.
func NewCatalogue(log Reader, opt CatalogueOptions) *Catalogue {
	if opt.Docs <= 0 {
		opt.Docs = 20_000
	}
	c := &Catalogue{log: log, docs: newDocCache(opt.Docs)}
	c.reset()
	return c
}

func (c *Catalogue) reset() {
	c.offset = 0
	c.users, c.items, c.boards, c.categories = newNames(), newNames(), newNames(), newNames()
	c.user, c.item, c.board = make([]userMeta, 1), make([]itemMeta, 1), make([]boardMeta, 1)
	c.keeps = map[bowerbird.UserID][]bowerbird.BoardID{}
}

// Offset is that of the newest event applied, 0 at first.
func (c *Catalogue) Offset() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.offset
}

// User returns the number of a person of that name.
func (c *Catalogue) User(name string) (bowerbird.UserID, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	id, ok := c.users.look(name)
	return bowerbird.UserID(id), ok
}

// Item returns the number of an item of that name, also of a deleted one; see Live.
func (c *Catalogue) Item(name string) (bowerbird.ItemID, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	id, ok := c.items.look(name)
	return bowerbird.ItemID(id), ok
}

// Board returns the number of a board of that name, also of a deleted one; see BoardLive.
func (c *Catalogue) Board(name string) (bowerbird.BoardID, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	id, ok := c.boards.look(name)
	return bowerbird.BoardID(id), ok
}

// UserName is "" for a number not given and for somebody erased.
func (c *Catalogue) UserName(id bowerbird.UserID) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.users.name(uint32(id))
}

// ItemName is "" for a number not given.
func (c *Catalogue) ItemName(id bowerbird.ItemID) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.items.name(uint32(id))
}

// BoardName is "" for a number not given and for the board of somebody erased.
func (c *Catalogue) BoardName(id bowerbird.BoardID) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.boards.name(uint32(id))
}

// Users is the highest number given to a person; those erased keep theirs.
func (c *Catalogue) Users() int { return c.count(&c.users) }

// Items is the highest number given to an item, deleted ones included.
func (c *Catalogue) Items() int { return c.count(&c.items) }

// Boards is the highest number given to a board, deleted ones included.
func (c *Catalogue) Boards() int { return c.count(&c.boards) }

func (c *Catalogue) count(n *names) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(n.list) - 1
}

// ItemMeta is what is kept in memory of an item.
type ItemMeta struct {
	Created  int64            // Unix milliseconds
	Owner    bowerbird.UserID // 0 none
	Category string           // the most specific one, "" none
	Live     bool             // put, not deleted, not hidden
	Hidden   bool
	Deleted  bool
}

// ItemMeta returns the zero value and false for a number not given.
func (c *Catalogue) ItemMeta(id bowerbird.ItemID) (ItemMeta, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if id == 0 || int(id) >= len(c.item) {
		return ItemMeta{}, false
	}
	m := &c.item[id]
	return ItemMeta{
		Created: m.created, Owner: m.owner, Category: c.categories.name(m.category &^ itemFlags),
		Live: m.live(), Hidden: m.category&itemHidden != 0, Deleted: m.category&itemPut == 0,
	}, true
}

func (m *itemMeta) live() bool { return m.category&itemFlags == itemPut }

// Live tells whether an item may be shown: put, not deleted, not hidden.
func (c *Catalogue) Live(id bowerbird.ItemID) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return id > 0 && int(id) < len(c.item) && c.item[id].live()
}

// BoardMeta is what is kept in memory of a board.
type BoardMeta struct {
	Title  string
	Owner  bowerbird.UserID // 0 none
	Secret bool
	Live   bool // put and not deleted since
}

// BoardMeta returns the zero value and false for a number not given.
func (c *Catalogue) BoardMeta(id bowerbird.BoardID) (BoardMeta, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if id == 0 || int(id) >= len(c.board) {
		return BoardMeta{}, false
	}
	m := &c.board[id]
	return BoardMeta{m.title, m.owner, m.secret, m.live}, true
}

// BoardLive tells whether a board is there: put and not deleted since.
func (c *Catalogue) BoardLive(id bowerbird.BoardID) bool {
	m, _ := c.BoardMeta(id)
	return m.Live
}

// BoardItems returns the items kept on a board, newest save first, each once.
// The slice is the caller's. Cost: linear in the board, without the lock.
func (c *Catalogue) BoardItems(id bowerbird.BoardID) []bowerbird.ItemID {
	c.mu.RLock()
	var s saves
	if id > 0 && int(id) < len(c.board) {
		s = c.board[id].saves
	}
	c.mu.RUnlock()
	return s.items()
}

// UserBoards returns the live boards of a person, ascending. The slice is the caller's.
func (c *Catalogue) UserBoards(id bowerbird.UserID) []bowerbird.BoardID {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return append([]bowerbird.BoardID(nil), c.keeps[id]...)
}
