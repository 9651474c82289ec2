package engine

import (
	"context"
	"fmt"
	"slices"

	"bowerbird"
)

// Explanation says why an item stands where it stands on a page, in words and in
// numbers.
type Explanation struct {
	Item        string        `json:"item"`
	Position    int           `json:"position"` // from 1; 0: it is not on the page
	Surface     string        `json:"surface"`
	Why         []string      `json:"why"`
	Sources     []SourceSays  `json:"sources"`
	Features    []FeatureSays `json:"features"`
	Filters     []FilterSays  `json:"filters"`
	Score       float64       `json:"score"`
	Probability float64       `json:"probability,omitempty"` // of a save, by the ranker
	Model       string        `json:"model,omitempty"`
	Offset      uint64        `json:"offset"`
	Stages      Stages        `json:"stages"`
	Notes       []string      `json:"notes,omitempty"`
	Search      *SearchSays   `json:"search,omitempty"` // of a search by words
}

// SourceSays is one source's word for the item.
type SourceSays struct {
	Name  string  `json:"name"`
	Rank  int     `json:"rank"`
	Score float64 `json:"score"`
	Why   string  `json:"why,omitempty"`
}

// FeatureSays is one feature's part in the score. Contribution is what it adds to
// the logit against the average candidate; 0 without a trained model.
type FeatureSays struct {
	Name         string  `json:"name"`
	Value        float64 `json:"value"`
	Weight       float64 `json:"weight"`
	Contribution float64 `json:"contribution"`
	Meaning      string  `json:"meaning,omitempty"`
}

// FilterSays is whether the item passed one filter.
type FilterSays struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
}

// Stages counts candidates on their way.
type Stages struct {
	Candidates   int `json:"candidates"`
	AfterFilters int `json:"after_filters"`
	OnPage       int `json:"on_page"`
}

// Explain explains an item of a page that was served lately, by its request id.
// A page that is no longer kept can be made again by ExplainQuery.
func (e *Engine) Explain(request, item string) (*Explanation, error) {
	p, ok := e.traces.get(request)
	if !ok {
		return nil, &Unknown{"request", request}
	}
	return e.House().Explain(p, item)
}

// ExplainQuery makes the page of a query again and explains the item on it,
// whether or not it was shown.
func (e *Engine) ExplainQuery(ctx context.Context, q Query, item string) (*Explanation, error) {
	q.Trace = true
	r, _, err := e.request(ctx, &q)
	if err != nil {
		return nil, err
	}
	p, err := e.House().Run(ctx, r)
	if err != nil {
		return nil, err
	}
	return e.House().Explain(p, item)
}

// Explain explains one item of a page. An item that is not on it gets the
// filters that removed it, if any did and the page was traced.
func (h *House) Explain(p *bowerbird.Page, item string) (*Explanation, error) {
	id, ok := h.Catalogue.Item(item)
	if !ok {
		return nil, &Unknown{"item", item}
	}
	x := &Explanation{
		Item: item, Surface: p.Request.Surface.String(), Model: p.Model, Offset: p.Offset, Notes: p.Trace.Notes,
		Stages: Stages{p.Trace.Merged, p.Trace.Kept, len(p.Items)},
		Why:    []string{}, Sources: []SourceSays{}, Features: []FeatureSays{},
	}
	removed := false
	for _, f := range p.Trace.Filters {
		passed := !slices.Contains(f.Removed, id)
		removed = removed || !passed
		x.Filters = append(x.Filters, FilterSays{f.Name, passed})
	}
	at := slices.IndexFunc(p.Items, func(c bowerbird.Candidate) bool { return c.Item == id })
	if at < 0 {
		x.Why = append(x.Why, notShown(x, removed))
		return x, nil
	}
	c := p.Items[at]
	x.Position, x.Score, x.Why = at+1, float64(c.Score), h.whys(p, c)
	for _, f := range c.From {
		name := p.Sources[f.Source]
		x.Sources = append(x.Sources, SourceSays{name, int(f.Rank), float64(f.Score), h.sentence(p, f)})
	}
	h.explainFeatures(x, p, c)
	says, err := h.SearchSays(context.Background(), p, &c)
	if err != nil { // the item was withdrawn since
		x.Notes = append(slices.Clone(x.Notes), err.Error())
	}
	x.Search = says
	return x, nil
}

func notShown(x *Explanation, removed bool) string {
	if !removed {
		return "It is not on this page: no source found it, or others ranked higher"
	}
	for _, f := range x.Filters {
		if !f.Passed {
			return fmt.Sprintf("It is not on this page: %s", f.Name)
		}
	}
	return ""
}

func (h *House) explainFeatures(x *Explanation, p *bowerbird.Page, c bowerbird.Candidate) {
	var contributions, weights []float64
	if p.Model != "" && p.Model != "fixed" {
		var prob float32
		if p.Request.Surface == bowerbird.SearchWords {
			contributions, weights = h.searcher.Explain(c.Features)
		} else if contributions, weights, prob = h.ranker.Explain(c.Features); contributions != nil {
			x.Probability = float64(prob)
		}
	}
	for i, name := range p.Features {
		if i >= len(c.Features) {
			break
		}
		f := FeatureSays{Name: name, Value: float64(c.Features[i]), Meaning: h.meaning(name)}
		if contributions != nil {
			f.Weight, f.Contribution = weights[i], contributions[i]
		}
		if f.Value != 0 || f.Contribution != 0 {
			x.Features = append(x.Features, f)
		}
	}
	slices.SortStableFunc(x.Features, func(a, b FeatureSays) int {
		return -compareAbs(a.Contribution, b.Contribution)
	})
}

func compareAbs(a, b float64) int {
	a, b = max(a, -a), max(b, -b)
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// meaning puts a column into words.
func (h *House) meaning(name string) string {
	if m := h.features.Meaning(name); m != "" {
		return m
	}
	for i := range name {
		if name[i] != '.' {
			continue
		}
		switch name[i:] {
		case ".score":
			return "the source " + name[:i] + " found it, compared with its best"
		case ".rank":
			return "the source " + name[:i] + " ranked it high"
		}
	}
	return ""
}
