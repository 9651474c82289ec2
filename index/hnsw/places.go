package hnsw

import "sync"

// places says in which slot an id's node is: by an array, since ids are dense, and by a map those that
// would make it more than some four times as long as there are ids.
type places struct {
	mu   sync.RWMutex // for moments
	near []uint32     // none where there is no node
	far  map[uint32]uint32
	n    int
}

// placesFirst is how far the array reaches at least.
const placesFirst = 1024

func (p *places) of(id uint32) (slot uint32, ok bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.find(id)
}

// all appends the slots below end of ids.
func (p *places) all(dst, ids []uint32, end uint32) []uint32 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, id := range ids {
		if slot, ok := p.find(id); ok && slot < end {
			dst = append(dst, slot)
		}
	}
	return dst
}

func (p *places) find(id uint32) (slot uint32, ok bool) {
	if int64(id) < int64(len(p.near)) {
		if slot = p.near[id]; slot != none {
			return slot, true
		}
	}
	if len(p.far) == 0 {
		return 0, false
	}
	slot, ok = p.far[id]
	return slot, ok
}

func (p *places) set(id, slot uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(id)
	p.n++
	if int64(id) >= int64(len(p.near)) && int64(id) < int64(max(placesFirst, 4*p.n)) {
		to := max(placesFirst, len(p.near)+len(p.near)/4, int(id)+1)
		more := make([]uint32, to-len(p.near))
		for i := range more {
			more[i] = none
		}
		p.near = append(p.near, more...)
	}
	if int64(id) < int64(len(p.near)) {
		p.near[id] = slot
		return
	}
	if p.far == nil {
		p.far = map[uint32]uint32{}
	}
	p.far[id] = slot
}

func (p *places) remove(id uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(id)
}

func (p *places) drop(id uint32) {
	if _, ok := p.find(id); !ok {
		return
	}
	p.n--
	if int64(id) < int64(len(p.near)) && p.near[id] != none {
		p.near[id] = none
		return
	}
	delete(p.far, id)
}

// bytes is about what it takes.
func (p *places) bytes() int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return 4*int64(cap(p.near)) + 20*int64(len(p.far))
}
