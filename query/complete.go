package query

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"bowerbird"
	"bowerbird/text"
	"bowerbird/text/complete"
)

// Completion is one way to go on from what was typed.
type Completion struct {
	Text  string
	Kind  string           // "query", "item", "tag" or "category"
	Item  bowerbird.ItemID // of an item's title
	Shown bowerbird.ItemID // one whose picture can stand for it, 0 none
	Mine  bool             // the person searched for it before
}

// CompleteOptions bend CompleteFor. The zero value works.
type CompleteOptions struct {
	N    int                         // wanted; 0 means 8
	User bowerbird.UserID            // whose own searches and topics count; 0 nobody
	Keep func(bowerbird.ItemID) bool // which items may stand for a completion; nil: all
	// Plain leaves out pictures, which cost an intersection of bitmaps for each completion.
	Plain bool
}

// Numbers of completion, chosen on the first part of the demo world's log.
const (
	ownHalfLife = 30 * 24 * 3600 * 1000.0
	atStart     = 8. // what a phrase gains that begins as was typed, beside one of which another word does
	topicLift   = 8. // what a phrase of the person's only topic gains, as a factor beside 1

	phraseSample = 16 // items that tell a phrase's topic
	manyMore     = 6  // phrases that are looked at for each one wanted
)

// Complete returns up to n ways to go on from what was typed, best first, for
// nobody in particular.
func (v *Understanding) Complete(typed string, n int) []Completion {
	return v.CompleteFor(typed, CompleteOptions{N: n, Plain: true})
}

// CompleteFor returns ways to go on from what was typed, best first: the person's
// own searches and those that several people made, which fade with time, then
// labels and titles. For a person, phrases of the topics that they like move up. It
// forgives one wrong letter in three or more, where nothing goes on from what was
// typed. It costs 10 to 100 µs; pictures and topics 10 µs for each phrase.
func (v *Understanding) CompleteFor(typed string, o CompleteOptions) []Completion {
	if o.N <= 0 {
		o.N = 8
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	r := complete.Request{Typed: typed, K: min(1000, o.N*manyMore), Now: time.UnixMilli(v.log.now)}
	p := v.log.people[o.User]
	if o.User == 0 {
		p = nil
	}
	if p != nil {
		r.Mine = v.mine(p)
	}
	found := v.phrases.Find(r)
	v.order(found, text.Fold(typed), p)
	var out []Completion
	pictures := v.stand(nil, o.Keep)
	for _, f := range found {
		c, ok := v.completion(&f, o)
		if !ok {
			continue
		}
		if !o.Plain {
			c.Shown = v.pictured(c, pictures)
		}
		if out = append(out, c); len(out) == o.N {
			break
		}
	}
	return out
}

// mine are a person's own searches, fading.
func (v *Understanding) mine(p *person) map[string]float64 {
	m := make(map[string]float64, len(p.own))
	for _, o := range p.own {
		m[v.log.queries[o.query].text] = float64(o.count) * math.Exp2(-float64(max(0, v.log.now-o.last))/ownHalfLife)
	}
	return m
}

// order moves up what begins as was typed, and what belongs to the topics that a
// person likes.
func (v *Understanding) order(found []complete.Completion, typed string, p *person) {
	total := 0.0
	if p != nil {
		total = p.likes.sum()
	}
	for i := range found {
		f := &found[i]
		if strings.HasPrefix(f.Folded, typed) {
			f.Score *= atStart
		}
		if total > 0 {
			f.Score *= 1 + topicLift*v.suits(f.Folded, p)/total
		}
	}
	slices.SortStableFunc(found, func(a, b complete.Completion) int { return cmp.Compare(b.Score, a.Score) })
}

// suits is how much of a person's likes is for the topics of what a phrase finds.
func (v *Understanding) suits(phrase string, p *person) float64 {
	terms := v.o.Analyzer.Terms(phrase)
	heads := v.cat.sayAll(terms)
	ids := sample(heads, phraseSample)
	sum := 0.0
	for _, x := range ids {
		if t := v.cat.items[x].topic; t > 0 {
			sum += float64(p.likes.at(t - 1))
		}
	}
	return sum / float64(max(1, len(ids)))
}

// completion says what a phrase is; false if it may not be shown.
func (v *Understanding) completion(f *complete.Completion, o CompleteOptions) (Completion, bool) {
	c := Completion{Text: f.Text, Kind: "query", Mine: f.Mine}
	key := text.Fold(f.Text)
	if f.Mine {
		return c, true
	}
	if id, ok := v.log.ids[key]; ok && v.sayable(&v.log.queries[id]) {
		return c, true
	}
	for _, l := range v.cat.spoken[strings.Join(v.o.Analyzer.Terms(f.Text), " ")] {
		label := &v.cat.labels[l]
		if label.items.IsEmpty() || text.Fold(label.name()) != key {
			continue
		}
		if label.kind == categoryLabel {
			c.Kind = "category"
			return c, true
		}
		if label.kind == tagLabel {
			c.Kind = "tag"
		}
	}
	if c.Kind == "tag" {
		return c, true
	}
	for _, x := range v.cat.titles[key] {
		if o.Keep == nil || o.Keep(x) {
			c.Kind, c.Item = "item", x
			return c, true
		}
	}
	return c, false
}

// pictured is an item whose picture can stand for a completion.
func (v *Understanding) pictured(c Completion, s *stand) bowerbird.ItemID {
	if c.Item != 0 {
		s.used[uint32(c.Item)] = true
		return c.Item
	}
	s.liked, s.top = nil, nil
	if id, ok := v.log.ids[text.Fold(c.Text)]; ok {
		s.liked, s.top = v.log.queries[id].likes()
	}
	return s.in(v.cat.sayAll(v.o.Analyzer.Terms(c.Text)))
}

// likes are the items that were liked after a search.
func (q *past) likes() (liked map[uint32]float64, top []uint32) {
	liked = make(map[uint32]float64, len(q.items))
	for _, x := range q.items {
		liked[x.to] = float64(x.w)
	}
	return liked, best(liked, 64)
}
