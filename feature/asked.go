package feature

import (
	"cmp"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Asked is how often people who searched for the same words opened an item, of
// those who looked at it there. Places count for what they are looked at,
// 1/log2(1 + place), the discount of DCG, so that an item is not thought good for
// having stood first (the examination hypothesis: Craswell et al., WSDM 2008).
//
// What is shown and done belongs to a person's last search for half an hour, if
// it was done in search. It keeps 24 bytes a pair and forgets the least seen of
// more than a million.
type Asked struct {
	terms func(string) []string

	mu    sync.RWMutex
	last  map[bowerbird.UserID]asking
	pairs map[pairAsked]*seenAsked
	limit int
}

type asking struct {
	query   uint64
	until   int64
	request string
}

type pairAsked struct {
	query uint64
	item  bowerbird.ItemID
}

type seenAsked struct{ looked, opened float32 }

const (
	askedWhile  = 30 * 60 * 1000 // milliseconds
	askedPairs  = 1_000_000
	askedWeight = 5   // looks that the prior stands for
	askedPrior  = .05 // of opening
)

// NewAsked returns an empty view; terms analyses queries as search does.
func NewAsked(terms func(string) []string) *Asked {
	return &Asked{terms: terms, last: map[bowerbird.UserID]asking{}, pairs: map[pairAsked]*seenAsked{}, limit: askedPairs}
}

// Names are the columns.
func (v *Asked) Names() []string { return []string{"asked.rate"} }

// Meaning says what a large value means.
func (v *Asked) Meaning() []string { return []string{"people who searched for this opened it"} }

// key is the same for the same words in any order.
func (v *Asked) key(query string) uint64 {
	t := v.terms(query)
	if len(t) == 0 {
		return 0
	}
	slices.Sort(t)
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(slices.Compact(t), " ")))
	return h.Sum64()
}

// Apply counts what was looked at and opened after a search.
func (v *Asked) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch {
		case f.Kind == bowerbird.UserErase:
			delete(v.last, f.User)
		case f.Kind == bowerbird.Search && f.User != 0:
			v.last[f.User] = asking{v.key(f.Query), f.Time + askedWhile, f.Request}
		case f.Item != 0 && f.User != 0 && f.Surface == bowerbird.SearchWords:
			v.acted(f)
		}
	}
}

func (v *Asked) acted(f *bowerbird.Fact) {
	a, ok := v.last[f.User]
	if !ok || a.query == 0 || f.Time > a.until || a.request != "" && f.Request != "" && a.request != f.Request {
		return
	}
	var looked, opened float32
	switch {
	case f.Kind == bowerbird.Impression:
		looked = float32(1 / math.Log2(1+float64(max(1, f.Position))))
	case f.Kind == bowerbird.Closeup || f.Kind == bowerbird.Click || f.Kind == bowerbird.Save:
		opened = 1
	default:
		return
	}
	p := pairAsked{a.query, f.Item}
	s := v.pairs[p]
	if s == nil {
		if len(v.pairs) >= v.limit {
			v.forget()
		}
		s = new(seenAsked)
		v.pairs[p] = s
	}
	s.looked += looked
	s.opened += opened
}

// forget drops the least seen pairs until half are left.
func (v *Asked) forget() {
	for least := float32(1); len(v.pairs) > v.limit/2; least *= 2 {
		maps.DeleteFunc(v.pairs, func(_ pairAsked, s *seenAsked) bool { return s.looked+2*s.opened < least })
	}
}

// Fill writes (opened + 5·.05) / (looked + 5), at most 1, for a search by words; 0 elsewhere.
func (v *Asked) Fill(r *bowerbird.Request, items []bowerbird.ItemID, out []float32, stride int) {
	if r.Query == "" || r.Surface != bowerbird.SearchWords {
		return
	}
	key := v.key(r.Words())
	v.mu.RLock()
	defer v.mu.RUnlock()
	for i, x := range items {
		looked, opened := float32(0), float32(0)
		if s := v.pairs[pairAsked{key, x}]; s != nil {
			looked, opened = s.looked, s.opened
		}
		out[i*stride] = min(1, (opened+askedWeight*askedPrior)/(looked+askedWeight))
	}
}

// Save writes the last searches by person, then the pairs, each in order.
func (v *Asked) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "fasked", 1)
	fw.Int(len(v.last))
	for _, u := range slices.Sorted(maps.Keys(v.last)) {
		a := v.last[u]
		fw.Uvarint(uint64(u))
		fw.Uvarint(a.query)
		fw.Varint(a.until)
		fw.String(a.request)
	}
	fw.Int(len(v.pairs))
	for _, p := range slices.SortedFunc(maps.Keys(v.pairs), func(a, b pairAsked) int {
		return cmp.Or(cmp.Compare(a.query, b.query), cmp.Compare(a.item, b.item))
	}) {
		s := v.pairs[p]
		fw.Uvarint(p.query)
		fw.Uvarint(uint64(p.item))
		fw.F32(s.looked)
		fw.F32(s.opened)
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Asked) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "fasked", 1)
	if err != nil {
		return err
	}
	last, pairs := map[bowerbird.UserID]asking{}, map[pairAsked]*seenAsked{}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		last[bowerbird.UserID(fr.U32())] = asking{fr.Uvarint(), fr.Varint(), fr.String()}
	}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		pairs[pairAsked{fr.Uvarint(), bowerbird.ItemID(fr.U32())}] = &seenAsked{fr.F32(), fr.F32()}
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.last, v.pairs = last, pairs
	v.mu.Unlock()
	return nil
}
