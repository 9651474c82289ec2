package engine

import (
	"context"
	"strings"

	"bowerbird"
	"bowerbird/index/postings"
	"bowerbird/retrieve"
)

// SearchSays is how a search found an item and scored it: the words clause by
// clause, the mixture part by part.
type SearchSays struct {
	Query        string       `json:"query"`
	Corrected    string       `json:"corrected,omitempty"` // what was searched instead
	Mended       []MendSays   `json:"mended,omitempty"`
	Loosened     []string     `json:"loosened,omitempty"` // words that were given up so that something is found
	RankingScore float64      `json:"ranking_score"`
	Most         float64      `json:"most,omitempty"` // the sum of the clauses' scores that no item can reach
	Clauses      []ClauseSays `json:"clauses,omitempty"`
	Hybrid       *HybridSays  `json:"hybrid,omitempty"` // nil: by words alone, or by a mixture
	Mix          []MixSays    `json:"mix,omitempty"`
}

// HybridSays is how words and meaning made the order: a score is the words' share of
// the best score, and share · meaning.
type HybridSays struct {
	Words    float64 `json:"words"`    // the item's relevance by words
	Meaning  float64 `json:"meaning"`  // cosine of the item's and the query's vectors
	Share    float64 `json:"share"`    // of meaning, beside 1 of words
	Coverage float64 `json:"coverage"` // how much of the query the best items hold: the more, the less meaning adds
	Quality  float64 `json:"quality"`  // the odds that something here is meant
	Empty    bool    `json:"empty"`    // below what was tuned
}

// MendSays is one word that was mended, and in how many items either stands.
type MendSays struct {
	From      string `json:"from"`
	FromItems int    `json:"from_items"`
	To        string `json:"to"`
	ToItems   int    `json:"to_items"`
}

// ClauseSays is one word or phrase of the query. Most is boost · idf, which its
// score comes near as the item holds it more often.
type ClauseSays struct {
	Words   string      `json:"words"`
	Occur   string      `json:"occur" enum:"should,must,must not"`
	Matched bool        `json:"matched"`
	Score   float64     `json:"score"`
	Most    float64     `json:"most,omitempty"`
	Terms   []string    `json:"terms,omitempty"` // as the index holds them, of the best alternative
	Items   []int       `json:"items,omitempty"` // that hold each term
	Fields  []FieldSays `json:"fields,omitempty"`
}

// FieldSays is a field of the item in which a clause matched.
type FieldSays struct {
	Name  string  `json:"name"`
	Count int     `json:"count"`
	Score float64 `json:"score"`
}

// MixSays is one sense's word on one ingredient. Adds is weight · rate.
type MixSays struct {
	Of     string  `json:"of"` // words, "item:ID", or "picture"
	Sense  string  `json:"sense"`
	Weight float64 `json:"weight"`
	Rate   float64 `json:"rate"`
	Adds   float64 `json:"adds"`
}

// SearchSays explains a candidate of a search by words; nil of other pages.
func (h *House) SearchSays(ctx context.Context, p *bowerbird.Page, c *bowerbird.Candidate) (*SearchSays, error) {
	r := &p.Request
	if r.Surface != bowerbird.SearchWords {
		return nil, nil
	}
	x := &SearchSays{Query: r.Query, Corrected: r.Terms, Mended: h.mended(r), Loosened: h.Loosened(p), RankingScore: float64(Relevance(c))}
	if r.Query != "" {
		e, typed, most, err := h.words.Explain(r, c.Item)
		if err != nil {
			return nil, err
		}
		x.Most = most
		for i := range e.Clauses {
			x.Clauses = append(x.Clauses, clauseOf(&e.Clauses[i], typed))
		}
	}
	var err error
	if x.Hybrid, err = h.hybridSays(ctx, *r, c.Item); err != nil {
		return nil, err
	}
	parts, err := h.mix.Explain(ctx, r, c.Item)
	for _, p := range parts {
		x.Mix = append(x.Mix, h.mixOf(p))
	}
	return x, err
}

// hybridSays orders once more, as a page does not keep the parts of its scores.
func (h *House) hybridSays(ctx context.Context, r bowerbird.Request, item bowerbird.ItemID) (*HybridSays, error) {
	b := r.Match.Hybrid
	if b == nil {
		return nil, nil
	}
	x := &HybridSays{Share: float64(b.Share), Coverage: float64(b.Coverage), Quality: float64(b.Quality), Empty: b.Empty}
	r.Match = bowerbird.Matched{}
	if err := h.surfaces[r.Surface].Match.Match(ctx, &r); err != nil {
		return nil, err
	}
	if r.Match.Hybrid != nil {
		for _, y := range r.Match.Hybrid.Hits {
			if y.Item == item {
				x.Words, x.Meaning = float64(y.Words), float64(y.Meaning)
			}
		}
	}
	return x, nil
}

func clauseOf(e *postings.ClauseExplanation, typed []string) ClauseSays {
	c := ClauseSays{Occur: [...]string{"should", "must", "must not"}[e.Occur], Matched: len(e.Leaves) > 0, Score: e.Score}
	if e.Clause < len(typed) {
		c.Words = typed[e.Clause]
	}
	for i := range e.Leaves {
		l := &e.Leaves[i]
		if l.Score < e.Score {
			continue
		}
		c.Most, c.Terms, c.Items = l.Weight, l.Terms, l.DocFreqs
		for _, f := range l.Fields {
			c.Fields = append(c.Fields, FieldSays{f.Name, f.Count, f.Score})
		}
		break
	}
	return c
}

func (h *House) mixOf(p retrieve.Part) MixSays {
	of := p.Of.Words
	if len(p.Of.Picture) > 0 {
		of = "picture"
	}
	if p.Of.Item != 0 {
		of = "item:" + h.Catalogue.ItemName(p.Of.Item)
	}
	return MixSays{Of: of, Sense: p.Sense, Weight: float64(p.Weight), Rate: float64(p.Rate), Adds: float64(p.Weight * p.Rate)}
}

// mended compares a query with what was searched instead, word by word; nil where
// they do not correspond.
func (h *House) mended(r *bowerbird.Request) []MendSays {
	from, to := strings.Fields(r.Query), strings.Fields(r.Terms)
	if len(from) != len(to) {
		return nil
	}
	var out []MendSays
	for i := range from {
		if from[i] != to[i] {
			out = append(out, MendSays{from[i], h.words.Holding(from[i]), to[i], h.words.Holding(to[i])})
		}
	}
	return out
}
