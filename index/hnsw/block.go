package hnsw

import "sync/atomic"

// A slot is a node's place. Slots lie in blocks, and blocks never move, so a
// reader needs no lock to find a row. Links are lists of a fixed width, ended by
// none where they are shorter, each word read and written atomically: a reader
// may see a list half old and half new, and every word of it names a node.
const none = ^uint32(0)

// shape is how slots are laid out: 1<<shift rows to a block.
type shape struct {
	dim, m0, m int
	shift      uint32
	mask       uint32
}

// shapeOf keeps a block's rows near 256 KiB.
func shapeOf(dim, m int) shape {
	shift := uint32(10)
	for shift > 0 && dim<<shift > 1<<16 {
		shift--
	}
	return shape{dim: dim, m0: 2 * m, m: m, shift: shift, mask: 1<<shift - 1}
}

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

type block struct {
	rows  []float32
	links []uint32 // level 0
	upper []atomic.Pointer[[]uint32]
	meta  []atomic.Uint64
}

func (s shape) newBlock() *block {
	n := 1 << s.shift
	b := &block{
		rows:  make([]float32, n*s.dim),
		links: make([]uint32, n*s.m0),
		upper: make([]atomic.Pointer[[]uint32], n),
		meta:  make([]atomic.Uint64, n),
	}
	for i := range b.links {
		b.links[i] = none
	}
	return b
}

// view is a reader's hold on the blocks there were when it was taken.
type view struct {
	shape
	blocks []*block
}

func (g *Graph) view() view { return view{g.shape, *g.blocks.Load()} }

func (v *view) row(slot uint32) []float32 {
	i := int(slot&v.mask) * v.dim
	return v.blocks[slot>>v.shift].rows[i : i+v.dim : i+v.dim]
}

func (v *view) meta(slot uint32) *atomic.Uint64 {
	return &v.blocks[slot>>v.shift].meta[slot&v.mask]
}

func (g *Graph) meta(slot uint32) *atomic.Uint64 {
	v := g.view()
	return v.meta(slot)
}

// links returns the words of slot's list at a level.
func (v *view) links(slot uint32, level int) []uint32 {
	b := v.blocks[slot>>v.shift]
	if level == 0 {
		i := int(slot&v.mask) * v.m0
		return b.links[i : i+v.m0 : i+v.m0]
	}
	up := b.upper[slot&v.mask].Load()
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

// take returns a slot for a new node.
func (g *Graph) take() uint32 {
	if len(g.free) > 0 {
		f := g.free[0]
		g.free = g.free[1:]
		g.epochs.wait(f.epoch)
		return f.slot
	}
	blocks := *g.blocks.Load()
	if g.n == uint32(len(blocks))<<g.shape.shift {
		grown := append(blocks[:len(blocks):len(blocks)], g.shape.newBlock())
		g.blocks.Store(&grown)
	}
	g.n++
	return g.n - 1
}

// fill writes a new node, without links and not yet live. Nobody else can see
// the slot.
func (g *Graph) fill(slot, id uint32, level int, row []float32) {
	v := g.view()
	copy(v.row(slot), row)
	setLinks(v.links(slot, 0), nil)
	up := &v.blocks[slot>>v.shift].upper[slot&v.mask]
	up.Store(nil)
	if level > 0 {
		list := make([]uint32, level*v.m)
		for i := range list {
			list[i] = none
		}
		up.Store(&list)
	}
	v.meta(slot).Store(uint64(id) | uint64(level)<<levelShift)
}
