package query

import (
	"cmp"
	"slices"

	"bowerbird"
)

// prune drops an eighth of the searches: those of one person before those of
// several, then the coldest, then by their words. It costs a sort of all searches.
func (v *Understanding) prune() {
	h := &v.log
	order := make([]uint32, len(h.queries))
	heat := make([]float64, len(h.queries))
	for i := range order {
		order[i], heat[i] = uint32(i), h.queries[i].heatAt(h.now)
	}
	several := func(i uint32) int {
		if h.queries[i].people() >= 2 {
			return 1
		}
		return 0
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(several(a), several(b)), cmp.Compare(heat[a], heat[b]), cmp.Compare(h.queries[a].text, h.queries[b].text))
	})
	gone := make([]bool, len(order))
	for _, i := range order[:(len(order)+7)/8] {
		gone[i] = true
	}
	v.drop(gone)
}

// drop takes searches out and numbers the others anew, in their order. It costs a
// pass over everything that is remembered of searches.
func (v *Understanding) drop(gone []bool) {
	old := v.log
	h := newHistory()
	h.now, h.people = old.now, old.people
	to := make([]uint32, len(old.queries))
	for i := range old.queries {
		if gone[i] {
			q := &old.queries[i]
			before := q.common()
			q.count, q.typed, q.crowd = 0, nil, false
			v.count(q, before)
			continue
		}
		to[i] = uint32(len(h.queries))
		h.queries = append(h.queries, old.queries[i])
	}
	for _, p := range h.people {
		p.own = slices.DeleteFunc(p.own, func(o own) bool { return gone[o.query] })
		p.open = slices.DeleteFunc(p.open, func(o open) bool { return gone[o.query] })
		for i := range p.own {
			p.own[i].query = to[p.own[i].query]
		}
		for i := range p.open {
			p.open[i].query = to[p.open[i].query]
		}
	}
	for i := range h.queries {
		q := &h.queries[i]
		q.next = slices.DeleteFunc(q.next, func(x edge) bool { return gone[x.to] })
		for k := range q.next {
			q.next[k].to = to[q.next[k].to]
		}
	}
	v.log = h
	v.file()
}

// file finds again what follows from the searches and the people.
func (v *Understanding) file() {
	h := &v.log
	for i := range h.queries {
		q, id := &h.queries[i], uint32(i)
		h.ids[q.text] = id
		q.terms = h.hold(v.o.Analyzer.Terms(q.text), id)
		for k, u := range q.typed {
			v.add(q, u, k == 0)
		}
		for _, x := range q.items {
			h.asked[x.to] = append(h.asked[x.to], id) // ascending, since id is
		}
	}
	h.searchers = 0
	for _, p := range h.people {
		if len(p.own) > 0 {
			h.searchers++
		}
	}
}

// part drops the eighth of the people that was away longest.
func (h *history) part(most int) {
	order := make([]bowerbird.UserID, 0, len(h.people))
	for u := range h.people {
		order = append(order, u)
	}
	slices.SortFunc(order, func(a, b bowerbird.UserID) int {
		return cmp.Or(cmp.Compare(h.people[a].last, h.people[b].last), cmp.Compare(a, b))
	})
	for _, u := range order[:min(len(order), (most+7)/8)] {
		if len(h.people[u].own) > 0 {
			h.searchers--
		}
		delete(h.people, u)
	}
}

// erase forgets a person: their own searches, that they typed what others typed
// too, and every search that nobody else typed. What they liked after a search that
// others share stays in sums until the log, rewritten without them, is replayed,
// which Engine.Erase does at once (decision 0004). It costs a pass over all
// searches.
func (v *Understanding) erase(u bowerbird.UserID) {
	h := &v.log
	p := h.people[u]
	if p != nil && len(p.own) > 0 {
		h.searchers--
	}
	delete(h.people, u)
	mine := map[uint32]uint32{}
	if p != nil {
		for _, o := range p.own {
			mine[o.query] = o.count
		}
	}
	gone := make([]bool, len(h.queries))
	any := false
	for i := range h.queries {
		q := &h.queries[i]
		at, there := slices.BinarySearch(q.typed, u)
		n := mine[uint32(i)]
		if !there && n == 0 {
			continue
		}
		any = true
		before := q.common()
		if there {
			q.typed = slices.Delete(q.typed, at, at+1)
		}
		v.count(q, before)
		n = max(1, n)
		left := max(q.count, n) - n
		theirs := q.heat * (1 - float64(left)/float64(max(1, q.count)))
		if q.heat -= theirs; q.common() {
			v.heat(q, -theirs, q.last)
		}
		q.count = left
		if len(q.typed) == 0 && !q.crowd || q.count == 0 {
			gone[i] = true
		}
	}
	if any {
		v.drop(gone) // also finds again what follows from the searches that stay
	}
}
