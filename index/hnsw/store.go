package hnsw

import (
	"runtime"
	"sync/atomic"

	"bowerbird/internal/vec"
)

// none ends a list of links that is shorter than its width.
const none = ^uint32(0)

// maxSlots is what a key of a pool has room for.
const maxSlots = 1 << 31

// meta words: id in the low half, then the state and the level.
const (
	stateShift = 32
	stateMask  = 3
	levelShift = 40

	stateFree  = 0
	stateLive  = 1
	stateDead  = 2 // deleted, links to it may be new
	stateDying = 3 // deleted, and a repair is under way that leaves no link to it
)

func state(meta uint64) uint64 { return meta >> stateShift & stateMask }
func levelOf(meta uint64) int  { return int(meta >> levelShift) }
func isLive(meta uint64) bool  { return state(meta) == stateLive }

// store holds all nodes. A node's place is its slot, and each of its parts lies at slot times
// the part's width in one array: no pointers, and nothing for the garbage collector to follow.
// Lists of links are ended by none where they are shorter, each word read and written
// atomically: a reader may see a list half old and half new, and every word of it names a node.
//
// A full store is replaced by a larger copy. Readers go on in the one that they began with,
// which nobody changes any more: they see the graph as it was.
type store struct {
	shape
	slots uint32    // how many nodes there is room for
	coder *coder    // nil while vectors are walked over as they are
	rows  []float32 // none of Int8Half and Int8Only once there are codes
	half  []uint16  // of Int8Half
	codes []int8    // of the forms with bytes
	words []uint64  // of Bits: a code, then a word of its factors
	links []uint32  // level 0
	meta  []atomic.Uint64
	upper []atomic.Pointer[[]uint32] // links of the levels above, one after another
	ids   *places                    // shared with the store that this was grown from
	entry atomic.Uint64              // slot | level<<32, or noEntry
	used  atomic.Uint32              // slots ever used
}

// newStore makes room for a number of nodes. Large arrays take memory only as they are filled.
func newStore(s shape, slots int, c *coder) (*store, error) {
	v := &store{shape: s, slots: uint32(slots), coder: c, ids: new(places)}
	var free []func()
	keep := func(f func()) {
		if f != nil {
			free = append(free, f)
		}
	}
	var f func()
	if c == nil || s.form == Float32 || s.form == Int8 || s.form == Bits {
		if s.where != "" {
			var err error
			if v.rows, f, err = inFile(s.where, slots*s.dim); err != nil {
				return nil, err
			}
		} else {
			v.rows, f = allocate[float32](slots * s.dim)
		}
		keep(f)
	}
	if c != nil && s.form == Bits {
		v.words, f = allocate[uint64](slots * s.stride)
		keep(f)
	}
	if c != nil && s.form != Bits {
		v.codes, f = allocate[int8](slots * s.stride)
		keep(f)
	}
	if c != nil && s.form == Int8Half {
		v.half, f = allocate[uint16](slots * s.dim)
		keep(f)
	}
	v.links, f = allocate[uint32](slots * s.m0)
	keep(f)
	v.meta, f = allocate[atomic.Uint64](slots)
	keep(f)
	v.upper = make([]atomic.Pointer[[]uint32], slots)
	v.entry.Store(noEntry)
	if len(free) > 0 {
		runtime.AddCleanup(v, func(free []func()) {
			for _, f := range free {
				f()
			}
		}, free)
	}
	return v, nil
}

// grown copies the first n nodes into a larger store, or into one with another coder.
func (v *store) grown(n uint32, slots int, c *coder) (*store, error) {
	to, err := newStore(v.shape, slots, c)
	if err != nil {
		return nil, err
	}
	to.ids = v.ids
	to.entry.Store(v.entry.Load())
	to.used.Store(v.used.Load())
	for i := range n {
		to.meta[i].Store(v.meta[i].Load())
		to.upper[i].Store(v.upper[i].Load())
	}
	copy(to.links, v.links[:int(n)*v.m0])
	if c == v.coder {
		copy(to.rows, v.rows[:min(len(v.rows), int(n)*v.dim)])
		copy(to.half, v.half[:min(len(v.half), int(n)*v.dim)])
		copy(to.codes, v.codes[:min(len(v.codes), int(n)*v.stride)])
		copy(to.words, v.words[:min(len(v.words), int(n)*v.stride)])
		runtime.KeepAlive(v)
		return to, nil
	}
	row := make([]float32, v.dim)
	for i := range n {
		if state(v.meta[i].Load()) != stateFree {
			v.vector(row, i)
			to.setVector(i, row)
		}
	}
	runtime.KeepAlive(v)
	return to, nil
}

// row is a node's vector in float32, where the form keeps it.
func (v *store) row(slot uint32) []float32 {
	i := int(slot) * v.dim
	return v.rows[i : i+v.dim : i+v.dim]
}

func (v *store) code(slot uint32) []int8 {
	i := int(slot) * v.stride
	return v.codes[i : i+v.dim : i+v.dim]
}

// bits is a node's code of bits and its factors.
func (v *store) bits(slot uint32) []uint64 {
	i := int(slot) * v.stride
	return v.words[i : i+v.stride : i+v.stride]
}

func (v *store) halves(slot uint32) []uint16 {
	i := int(slot) * v.dim
	return v.half[i : i+v.dim : i+v.dim]
}

// vector writes a node's vector to dst, as exactly as it is kept.
func (v *store) vector(dst []float32, slot uint32) {
	switch {
	case v.rows != nil:
		copy(dst, v.row(slot))
	case v.half != nil:
		vec.FromF16s(dst, v.halves(slot))
	default:
		v.coder.decode(dst, v.code(slot))
	}
}

// setVector writes a node's vector in all its forms, and returns how many of its numbers were
// beyond the range of codes.
func (v *store) setVector(slot uint32, row []float32) (clipped int) {
	if v.rows != nil {
		copy(v.row(slot), row)
	}
	if v.half != nil { // the code is that of what is kept, so that it can be made again
		vec.ToF16s(v.halves(slot), row)
		row = make([]float32, v.dim)
		vec.FromF16s(row, v.halves(slot))
	}
	switch {
	case v.words != nil:
		v.coder.encodeBits(v.bits(slot), row)
	case v.coder != nil:
		clipped = v.coder.encode(v.code(slot), row)
	}
	return clipped
}

// list returns the words of slot's list at a level, nil where it has none.
func (v *store) list(slot uint32, level int) []uint32 {
	if level == 0 {
		i := int(slot) * v.m0
		return v.links[i : i+v.m0 : i+v.m0]
	}
	up := v.upper[slot].Load()
	if up == nil || len(*up) < level*v.m {
		return nil
	}
	return (*up)[(level-1)*v.m : level*v.m]
}

// setLinks writes a list and ends it.
func setLinks(list, to []uint32) {
	for i, s := range to {
		atomic.StoreUint32(&list[i], s)
	}
	for i := len(to); i < len(list); i++ {
		atomic.StoreUint32(&list[i], none)
	}
}

// count returns how many links a list holds.
func count(list []uint32) int {
	for i, n := range list {
		if n == none {
			return i
		}
	}
	return len(list)
}
