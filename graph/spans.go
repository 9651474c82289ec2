package graph

import "sync"

// span is a row as a walk that keeps to a label draws from it: where the row begins and how long it is, then the same of its edges to
// nodes of the label, or of the whole row where it has none. It is read at the cost of the offsets that it repeats, one line of the cache.
type span struct{ from, wide, own, ownWide uint32 }

// spanCache holds the spans of rows, by label, of the labels that were asked for.
type spanCache struct {
	mu    sync.Mutex
	label map[uint8][]span
}

// mostSpans is how many labels have spans: 16 bytes a node each. A walk that keeps to another one reads the runs.
const mostSpans = 8

// spansOf returns the spans of a label; nil where there is no room for more, or while somebody else makes some. The first call for a
// label costs O(nodes + runs).
func (r *rows) spansOf(label uint8) []span {
	c := r.spans
	if c == nil || !c.mu.TryLock() {
		return nil
	}
	defer c.mu.Unlock()
	s := c.label[label]
	if s != nil || len(c.label) == mostSpans {
		return s
	}
	s = column[span](len(r.off) - 1)
	h := hop{label: label}
	for id := range s {
		lo, n := r.off[id], r.off[id+1]-r.off[id]
		own, _ := h.byLabel(r.runsOf(uint32(id)), n, true, 0)
		s[id] = span{lo, n, lo + own.from, own.end - own.from}
	}
	if c.label == nil {
		c.label = map[uint8][]span{}
	}
	c.label[label] = s
	return s
}
