package store

import (
	"fmt"
	"io"
	"math"
	"slices"

	"bowerbird"
)

// A catalogue's checkpoint is a stream of frames (frames.go). Numbers are
// varints, a string is its length and its bytes, sN is a signed number in
// zigzag. Inside:
//
//	"BOWERCAT"                    a string: what this is
//	1                             version
//	offset                        of the newest event folded
//	n, then n times               people, by UserID from 1
//	    name, doc                 doc: log offset of the latest put, 0 none
//	n, then n times               categories, by number from 1
//	    name
//	n, then n times               items, by ItemID from 1
//	    name, doc, screated, owner, category, flags     1 put, 2 hidden
//	n, then n times               boards, by BoardID from 1
//	    name, doc, owner, flags, title                  1 live, 2 secret
//	    k, then k times           saves that count, oldest first
//	        item, user
//
// A name that begins with U+0000 is the mark of somebody erased. The same log
// gives the same bytes, whether it was folded before or after an erasure.
const (
	catalogueMagic   = "BOWERCAT"
	catalogueVersion = 1
)

// Limits while loading. Names of posted events are at most bowerbird.MaxName
// long; a log that was not validated may hold longer ones.
const (
	maxLoadName  = maxRecord
	maxLoadCount = math.MaxUint32 >> 1
)

// Save writes a checkpoint. The applier is held up only while the in-memory
// tables are copied (24 bytes an item, 80 a board), not while they are written.
func (c *Catalogue) Save(w io.Writer) error {
	c.mu.RLock()
	offset := c.offset
	users, items, boards, categories := c.users.list, c.items.list, c.boards.list, c.categories.list
	user, item, board := slices.Clone(c.user), slices.Clone(c.item), slices.Clone(c.board)
	c.mu.RUnlock()

	f := newFrameWriter(w)
	f.string(catalogueMagic)
	f.uint(catalogueVersion)
	f.uint(offset)
	f.uint(uint64(len(user) - 1))
	for id := 1; id < len(user); id++ {
		f.string(users[id])
		f.uint(user[id].doc)
	}
	f.uint(uint64(len(categories) - 1))
	for _, s := range categories[1:] {
		f.string(s)
	}
	f.uint(uint64(len(item) - 1))
	for id := 1; id < len(item); id++ {
		m := &item[id]
		f.string(items[id])
		f.uint(m.doc)
		f.uint(zigzag(m.created))
		f.uint(uint64(m.owner))
		f.uint(uint64(m.category &^ itemFlags))
		f.uint(flags(m.category&itemPut != 0, m.category&itemHidden != 0))
	}
	f.uint(uint64(len(board) - 1))
	for id := 1; id < len(board); id++ {
		m := &board[id]
		f.string(boards[id])
		f.uint(m.doc)
		f.uint(uint64(m.owner))
		f.uint(flags(m.live, m.secret))
		f.string(m.title)
		list := m.saves.canonical()
		f.uint(uint64(len(list)))
		for _, x := range list {
			f.uint(uint64(x.item))
			f.uint(uint64(x.user))
		}
	}
	if err := f.end(); err != nil {
		return fmt.Errorf("store: save the catalogue: %w", err)
	}
	return nil
}

func zigzag(v int64) uint64   { return uint64(v)<<1 ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

func flags(a, b bool) (n uint64) {
	if a {
		n = 1
	}
	if b {
		n |= 2
	}
	return n
}

// Load replaces the catalogue by a checkpoint. After an error the catalogue is
// as it was; the error is ErrCorrupt unless reading itself failed.
func (c *Catalogue) Load(r io.Reader) error {
	d := &Catalogue{}
	d.reset()
	f := &frameReader{r: r}
	d.load(f)
	if err := f.end(); err != nil {
		return fmt.Errorf("store: load the catalogue: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.users, c.items, c.boards, c.categories = d.offset, d.users, d.items, d.boards, d.categories
	c.user, c.item, c.board, c.keeps = d.user, d.item, d.board, d.keeps
	c.docs.clear()
	return nil
}

func (c *Catalogue) load(f *frameReader) {
	if f.string(len(catalogueMagic)) != catalogueMagic {
		f.fail(fmt.Errorf("%w: this is no catalogue", ErrCorrupt))
	}
	if v := f.uint(math.MaxUint32); v != catalogueVersion {
		f.fail(fmt.Errorf("%w: version %d is unknown", ErrCorrupt, v))
	}
	c.offset = f.uint(math.MaxUint64)
	for range f.uint(maxLoadCount) {
		if !f.name(&c.users) {
			return
		}
		c.user = append(c.user, userMeta{doc: f.uint(c.offset)})
	}
	for range f.uint(maxLoadCount) {
		if !f.name(&c.categories) {
			return
		}
	}
	for range f.uint(maxLoadCount) {
		if !f.name(&c.items) {
			return
		}
		c.item = append(c.item, c.loadItem(f))
	}
	for range f.uint(maxLoadCount) {
		if !f.name(&c.boards) {
			return
		}
		c.board = append(c.board, c.loadBoard(f))
		if id := bowerbird.BoardID(len(c.board) - 1); c.board[id].live {
			c.own(id)
		}
	}
}

// name reads the next name of a table, which must be new to it.
func (f *frameReader) name(n *names) bool {
	s := f.string(maxLoadName)
	if f.err == nil {
		if _, isNew := n.id(s); !isNew {
			f.fail(fmt.Errorf("%w: the name %q comes twice", ErrCorrupt, s))
		}
	}
	return f.err == nil
}

func (c *Catalogue) loadItem(f *frameReader) itemMeta {
	m := itemMeta{
		doc:      f.uint(c.offset),
		created:  unzigzag(f.uint(math.MaxUint64)),
		owner:    bowerbird.UserID(f.uint(uint64(len(c.user) - 1))),
		category: uint32(f.uint(uint64(len(c.categories.list) - 1))),
	}
	n := f.uint(3)
	if n&1 != 0 {
		m.category |= itemPut
	}
	if n&2 != 0 {
		m.category |= itemHidden
	}
	return m
}

func (c *Catalogue) loadBoard(f *frameReader) boardMeta {
	m := boardMeta{doc: f.uint(c.offset), owner: bowerbird.UserID(f.uint(uint64(len(c.user) - 1)))}
	n := f.uint(3)
	m.live, m.secret = n&1 != 0, n&2 != 0
	m.title = f.string(maxLoadName)
	for range f.uint(maxLoadCount) {
		item, user := f.uint(uint64(len(c.item)-1)), f.uint(uint64(len(c.user)-1))
		if f.err != nil {
			break
		}
		m.saves.log = append(m.saves.log, saved{bowerbird.ItemID(item), uint32(user)})
	}
	m.saves.tidy = 2 * len(m.saves.log)
	return m
}
