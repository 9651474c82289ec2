package query

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"bowerbird"
	"bowerbird/text"
)

// Bounds of what is remembered of one search and of one person.
const (
	maxQueryBytes = 100
	maxTypers     = 8  // people by number; beyond them a search has a crowd
	maxItems      = 48 // items liked after a search
	maxNext       = 24 // searches that came next
	maxOwn        = 64 // a person's own searches
	maxOpen       = 4  // searches of a person that an action may still belong to
	maxLikes      = 8  // a person's topics
)

// sessionGap ends a session: thirty minutes, as web analytics has it.
const sessionGap = 30 * 60 * 1000

// halfLife of a search's heat: thirty days.
const halfLife = 30 * 24 * 3600 * 1000.0

// past is one distinct search.
type past struct {
	text  string // folded
	count uint32
	heat  float64            // searches, each halved every halfLife, as they stand at last
	last  int64              // Unix milliseconds
	typed []bowerbird.UserID // distinct people, ascending, at most maxTypers
	crowd bool               // more people than that
	items edges              // what was liked after it
	next  edges              // what was searched next
	terms []uint32           // of history.terms, ascending
}

// heatAt is the heat at a time, not before last.
func (p *past) heatAt(now int64) float64 {
	return p.heat * math.Exp2(-float64(max(0, now-p.last))/halfLife)
}

// people is how many typed it; maxTypers+1 is a crowd.
func (p *past) people() int {
	if p.crowd {
		return maxTypers + 1
	}
	return len(p.typed)
}

// own is one of a person's searches.
type own struct {
	query uint32
	count uint32
	last  int64
}

// open is a search that an action may still belong to.
type open struct {
	query   uint32
	request string
	at      int64
}

// person is what somebody searched and liked.
type person struct {
	last  int64
	own   []own  // oldest first
	open  []open // oldest first
	likes edges  // topics: labels
}

// history is what was searched and what came of it.
type history struct {
	now       int64
	ids       map[string]uint32
	queries   []past
	people    map[bowerbird.UserID]*person
	searchers int // people who have searched

	// Found again from the above when loaded.
	terms   map[string]uint32
	holding [][]uint32           // by term: searches that hold it, ascending
	asked   map[uint32][]uint32  // by item: searches after which it was liked, ascending
	added   map[string]*addition // by terms: words at the beginning or the end of longer searches
}

func newHistory() history {
	return history{ids: map[string]uint32{}, people: map[bowerbird.UserID]*person{}, terms: map[string]uint32{}, asked: map[uint32][]uint32{}, added: map[string]*addition{}}
}

// searched takes in a search: by whom, after which one, and how often.
func (v *Understanding) searched(f *bowerbird.Fact) {
	h := &v.log
	key := text.Fold(f.Query)
	if key == "" || len(key) > maxQueryBytes {
		return
	}
	if _, known := h.ids[key]; !known && len(h.queries) >= v.o.MaxQueries {
		v.prune()
	}
	id := v.query(key)
	p := v.person(f.User, f.Time)

	q := &h.queries[id]
	before := q.common()
	if before {
		v.heat(q, 1, f.Time)
	}
	q.count++
	if f.Time >= q.last {
		q.heat, q.last = q.heatAt(f.Time)+1, f.Time
	} else {
		q.heat += math.Exp2(-float64(q.last-f.Time) / halfLife)
	}
	v.add(q, f.User, q.count == 1)
	if at, there := slices.BinarySearch(q.typed, f.User); !there && len(q.typed) < maxTypers {
		q.typed = slices.Insert(q.typed, at, f.User)
	} else if !there {
		q.crowd = true
	}
	v.count(q, before)

	if n := len(p.open); n > 0 {
		if l := p.open[n-1]; l.query != id && f.Time-l.at < sessionGap {
			h.queries[l.query].next.add(id, 1, maxNext)
		}
	}
	if len(p.own) == 0 {
		h.searchers++
	}
	p.search(id, f)
}

// search puts a search behind the person's others.
func (p *person) search(id uint32, f *bowerbird.Fact) {
	mine := own{query: id, count: 1, last: f.Time}
	if i := slices.IndexFunc(p.own, func(o own) bool { return o.query == id }); i >= 0 {
		mine.count += p.own[i].count
		p.own = slices.Delete(p.own, i, i+1)
	} else if len(p.own) >= maxOwn {
		p.own = slices.Delete(p.own, 0, 1)
	}
	p.own = append(p.own, mine)
	if len(p.open) >= maxOpen {
		p.open = slices.Delete(p.open, 0, 1)
	}
	p.open = append(p.open, open{id, strings.Clone(f.Request), f.Time})
}

// acted takes in that somebody liked an item by w, in (0, 1]: it counts for their
// topics, and for the search that led there.
func (v *Understanding) acted(f *bowerbird.Fact, w float32) {
	h := &v.log
	p := v.person(f.User, f.Time)
	if v.cat.live(uint32(f.Item)) {
		if t := v.cat.items[f.Item].topic; t > 0 {
			p.likes.add(t-1, w, maxLikes)
		}
	}
	id, ok := p.led(f)
	if !ok {
		return
	}
	for _, gone := range h.queries[id].items.add(uint32(f.Item), w, maxItems) {
		h.unask(gone, id)
	}
	if h.queries[id].items.at(uint32(f.Item)) > 0 {
		h.ask(uint32(f.Item), id)
	}
}

// led finds the search that an action belongs to: the one of its request; without
// a request, the last one of the session, if the action was on a search page or on
// none that is known.
func (p *person) led(f *bowerbird.Fact) (uint32, bool) {
	for i := len(p.open) - 1; i >= 0; i-- {
		o := p.open[i]
		if f.Time-o.at >= sessionGap {
			return 0, false
		}
		if f.Request != "" && o.request == f.Request {
			return o.query, true
		}
	}
	n := len(p.open)
	if n == 0 || f.Surface != bowerbird.SearchWords && (f.Surface != bowerbird.NoSurface || f.Request != "") {
		return 0, false
	}
	if o := p.open[n-1]; f.Request == "" || o.request == "" {
		return o.query, true
	}
	return 0, false
}

// query returns the number of a search, a new one if need be.
func (v *Understanding) query(key string) uint32 {
	h := &v.log
	id, ok := h.ids[key]
	if !ok {
		id = uint32(len(h.queries))
		key = strings.Clone(key)
		h.ids[key] = id
		h.queries = append(h.queries, past{text: key, terms: h.hold(v.o.Analyzer.Terms(key), id)})
	}
	return id
}

// hold files a search under its terms.
func (h *history) hold(terms []string, id uint32) []uint32 {
	var out []uint32
	for _, t := range terms {
		n, ok := h.terms[t]
		if !ok {
			n = uint32(len(h.holding))
			h.terms[strings.Clone(t)] = n
			h.holding = append(h.holding, nil)
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
			h.holding[n] = append(h.holding[n], id)
		}
	}
	slices.Sort(out)
	return out
}

// addition is what people put before or behind the words of other searches.
type addition struct {
	heads int                // different searches that hold it
	typed []bowerbird.UserID // distinct people, ascending, at most maxTypers
}

// Bounds of what counts as an addition.
const (
	maxSplit = 6 // words of the search
	maxAdded = 3 // words of the addition
)

// add takes in that somebody typed a search: its first and its last words may be
// additions to the rest of it. It costs a look-up for each of at most six.
func (v *Understanding) add(q *past, u bowerbird.UserID, first bool) {
	words := strings.Fields(q.text)
	if len(words) < 2 || len(words) > maxSplit {
		return
	}
	one := func(part []string) {
		key := strings.Join(v.o.Analyzer.Terms(strings.Join(part, " ")), " ")
		if key == "" {
			return
		}
		a := v.log.added[key]
		if a == nil {
			a = &addition{}
			v.log.added[key] = a
		}
		if first {
			a.heads++
		}
		if at, there := slices.BinarySearch(a.typed, u); !there && len(a.typed) < maxTypers {
			a.typed = slices.Insert(a.typed, at, u)
		}
	}
	for n := 1; n <= min(maxAdded, len(words)-1); n++ {
		one(words[:n])
		one(words[len(words)-n:])
	}
}

func (h *history) ask(item, query uint32) {
	if at, there := slices.BinarySearch(h.asked[item], query); !there {
		h.asked[item] = slices.Insert(h.asked[item], at, query)
	}
}

func (h *history) unask(item, query uint32) {
	if at, there := slices.BinarySearch(h.asked[item], query); there {
		if h.asked[item] = slices.Delete(h.asked[item], at, at+1); len(h.asked[item]) == 0 {
			delete(h.asked, item)
		}
	}
}

// common tells whether a search is one of several people, and so among the
// completions.
func (q *past) common() bool { return q.people() >= 2 }

// count follows a search that begins or ceases to be common: into the completions
// and out of them, and its words among the neighbours.
func (v *Understanding) count(q *past, before bool) {
	if q.common() == before {
		return
	}
	n := int64(1)
	if before {
		n = -1
	}
	v.heat(q, q.heat*float64(n), q.last)
	v.pairs.Add(strings.Fields(q.text), n)
}

// heat adds to a search's weight among the completions, as of a time.
func (v *Understanding) heat(q *past, w float64, at int64) {
	v.phrases.AddAt(q.text, queryWeight*w, time.UnixMilli(at))
}

func (v *Understanding) person(u bowerbird.UserID, at int64) *person {
	h := &v.log
	p := h.people[u]
	if p == nil {
		if len(h.people) >= v.o.MaxPeople {
			h.part(v.o.MaxPeople)
		}
		p = &person{}
		h.people[u] = p
	}
	p.last = max(p.last, at)
	return p
}

// edges are weights of what one search or person leads to, ascending by number.
type edges []edge

type edge struct {
	to uint32
	w  float32
}

func (e edges) find(to uint32) (int, bool) {
	return slices.BinarySearchFunc(e, to, func(x edge, to uint32) int { return cmp.Compare(x.to, to) })
}

// at is the weight of an edge, 0 if there is none.
func (e edges) at(to uint32) float32 {
	if i, ok := e.find(to); ok {
		return e[i].w
	}
	return 0
}

// sum of all weights.
func (e edges) sum() float64 {
	t := 0.0
	for _, x := range e {
		t += float64(x.w)
	}
	return t
}

// add adds weight to an edge. Of more than limit the heavy ones are kept: a new one
// takes as much from every other as it has itself, and those that have nothing left
// are dropped and returned (Misra and Gries, 1982, with weights): a weight is never
// too high, and too low by at most 1/limit of all that was added.
func (e *edges) add(to uint32, w float32, limit int) (dropped []uint32) {
	i, ok := e.find(to)
	if ok {
		(*e)[i].w += w
		return nil
	}
	if len(*e) >= limit {
		least := w
		for _, x := range *e {
			least = min(least, x.w)
		}
		*e = slices.DeleteFunc(*e, func(x edge) bool {
			if x.w <= least {
				dropped = append(dropped, x.to)
			}
			return x.w <= least
		})
		for k := range *e {
			(*e)[k].w -= least
		}
		if w -= least; w <= 0 || len(*e) >= limit {
			return dropped
		}
		i, _ = e.find(to)
	}
	*e = slices.Insert(*e, i, edge{to, w})
	return dropped
}
