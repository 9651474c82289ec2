package store

import (
	"hash/maphash"
	"strings"
)

// names numbers strings from 1 in the order in which they come. Memory for one:
// its bytes, a string header (16 B) and 5 to 11 B of table. list is only ever
// appended to, except that rename replaces it, so a copy of its header is a
// snapshot.
type names struct {
	list  []string // by id; [0] is ""
	table []uint32 // open addressing, linear probing; a power of two, at most 3/4 full
	seed  maphash.Seed
}

func newNames() names {
	return names{list: []string{""}, table: make([]uint32, 16), seed: maphash.MakeSeed()}
}

// find returns the number of s, or 0 and the slot where it would stand.
func (n *names) find(s string) (id uint32, slot int) {
	mask := len(n.table) - 1
	for i := int(maphash.String(n.seed, s)) & mask; ; i = (i + 1) & mask {
		id := n.table[i]
		if id == 0 || n.list[id] == s {
			return id, i
		}
	}
}

// id returns the number of s, giving it the next one if it is new. "" is 0.
func (n *names) id(s string) (id uint32, isNew bool) {
	if s == "" {
		return 0, false
	}
	id, slot := n.find(s)
	if id != 0 {
		return id, false
	}
	id = uint32(len(n.list))
	n.list = append(n.list, strings.Clone(s))
	n.table[slot] = id
	if 4*len(n.list) > 3*len(n.table) {
		n.rehash(2 * len(n.table))
	}
	return id, true
}

// rename gives a number another name. It costs a new table and list.
func (n *names) rename(id uint32, s string) {
	n.list = append([]string(nil), n.list...)
	n.list[id] = strings.Clone(s)
	n.rehash(len(n.table))
}

func (n *names) rehash(size int) {
	n.table = make([]uint32, size)
	for id := 1; id < len(n.list); id++ {
		_, slot := n.find(n.list[id])
		n.table[slot] = uint32(id)
	}
}

// look resolves a name that somebody may ask for: marks of the erased are none.
func (n *names) look(s string) (uint32, bool) {
	if s == "" || marked(s) {
		return 0, false
	}
	id, _ := n.find(s)
	return id, id != 0
}

// name is the reverse; "" for 0, a number not given, or somebody erased.
func (n *names) name(id uint32) string {
	if int(id) >= len(n.list) || marked(n.list[id]) {
		return ""
	}
	return n.list[id]
}
