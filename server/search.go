package server

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/filter"
)

// searchParams are what GET /v1/search takes beside what every page takes.
var searchParams = []param{
	{"q", "string", "the words"}, {"filter", "list", "expression, repeated: category = sofas AND (price < 100 OR colour IN [red, blue])"},
	{"facets", "list", "fields to count, also separated by commas; * for the 100 commonest"}, {"disjunctiveFacets", "boolean", "count each facet without the conditions on its own field"},
	{"sort", "list", "field:asc or field:desc, also separated by commas"}, {"offset", "integer", "hits to pass over"}, {"count", "boolean", "count everything that matches"},
	{"distinct", "string", "a field of whose values each is shown once; copies: of near-duplicate pictures one"}, {"matchingStrategy", "string", "any (default), all, last or frequency"},
	{"semanticRatio", "number", "weight of meaning, 0 to 1"}, {"positive", "list", "item to resemble"}, {"negative", "list", "item not to resemble"},
	{"attributesToRetrieve", "list", "fields of a hit"}, {"attributesToHighlight", "list", "fields of _formatted in which what matched is marked"},
	{"highlightPreTag", "string", "default <em>"}, {"highlightPostTag", "string", "default </em>"},
	{"attributesToCrop", "list", "fields of _formatted that are cut around what matched"}, {"cropLength", "integer", "words; default 10"},
	{"verbatim", "boolean", "search for the words as typed; mend none"}, {"relax", "boolean", "where nothing is found, search for the best of relaxed instead"},
	{"showRankingScore", "boolean", "show how well each hit matches"}, {"showRankingScoreDetails", "boolean", "show why"},
	{"rankingScoreThreshold", "number", "least ranking score of a hit, 0 to 1"}, {"rankingScoreCutoff", "number", "least ranking score as a part of the best hit's"},
}

// search answers GET: for people, so that a quote may stay open.
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	q, err := ask(bowerbird.SearchWords, v)
	if err != nil {
		return err
	}
	in, err := searchOf(v)
	if err != nil {
		return err
	}
	if strings.TrimSpace(in.Q) == "" && len(in.Filter)+len(in.Positive)+len(in.Sort)+len(in.Facets) == 0 {
		return invalid("q", "is empty: say what to search for")
	}
	show, err := s.seek(&q, in)
	if err != nil {
		return err
	}
	count, err := truth(v, "count")
	if err != nil {
		return err
	}
	q.Seek.Count = count || len(in.Facets) > 0
	a, err := s.e.Page(r.Context(), q)
	if err != nil {
		return err
	}
	if show.plain() && a.Page.Counts == nil && len(a.Relaxed) == 0 {
		sendAnswer(w, a)
		return nil
	}
	p := pageOf(a)
	p.Extras = s.extras(a)
	for i := range p.Items {
		if p.Items[i].Item, p.Items[i].Shows, err = s.hit(r, a, i, show); err != nil {
			return err
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, p)
	return nil
}

// postSearch answers POST: for programs, strictly.
func (s *Server) postSearch(w http.ResponseWriter, r *http.Request) error {
	began := time.Now()
	b, media, err := s.readJSON(w, r)
	if err != nil {
		return err
	}
	if media != "application/json" {
		return problem(http.StatusUnsupportedMediaType, "media_type", "", "want the header Content-Type: application/json")
	}
	if !utf8.Valid(b) {
		return problem(http.StatusBadRequest, "json", "", fmt.Sprintf("invalid UTF-8 at byte %d", invalidAt(b)))
	}
	var in SearchIn
	if err := decode(b, &in, true); err != nil {
		return err
	}
	q := engine.Query{Surface: bowerbird.SearchWords, User: in.User, Cursor: in.Cursor, Diversity: in.Diversity, Trace: in.Trace || in.Explain}
	if in.Limit != nil {
		if q.Limit = *in.Limit; q.Limit < 1 || q.Limit > bowerbird.MaxLimit {
			return invalid("limit", fmt.Sprintf("want 1 to %d, got %d", bowerbird.MaxLimit, q.Limit))
		}
	}
	show, err := s.seek(&q, &in)
	if err != nil {
		return err
	}
	q.Seek.Count, q.Seek.Strict = true, true
	a, err := s.e.Page(r.Context(), q)
	if err != nil {
		return err
	}
	out := SearchOut{RequestID: a.RequestID, Query: in.Q, Hits: make([]Hit, len(a.Items)), Limit: a.Page.Request.Limit, Offset: in.Offset,
		Extras: s.extras(a), Corrected: a.Corrected, Model: a.Page.Model, LogOffset: a.Page.Offset, NextCursor: a.Next, Notes: a.Page.Trace.Notes}
	for i := range out.Hits {
		h := &out.Hits[i]
		h.Position, h.Why, h.Sources = i+1, a.Items[i].Why, a.Items[i].Sources
		if h.Item, h.Shows, err = s.hit(r, a, i, show); err != nil {
			return err
		}
	}
	out.ProcessingTimeMs = float64(time.Since(began).Microseconds()) / 1000
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, out)
	return nil
}

// invalidAt is where the first byte stands that is no UTF-8.
func invalidAt(b []byte) int {
	for at := 0; at < len(b); {
		r, n := utf8.DecodeRune(b[at:])
		if r == utf8.RuneError && n == 1 {
			return at
		}
		at += n
	}
	return len(b)
}

// typed refuses what nobody types into a search box: bytes that are no UTF-8, and
// control characters.
func typed(q string) error {
	if !utf8.ValidString(q) {
		return invalid("q", fmt.Sprintf("invalid UTF-8 at byte %d", invalidAt([]byte(q))))
	}
	for at, r := range q {
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' {
			return invalid("q", fmt.Sprintf("control character %U at byte %d", r, at))
		}
	}
	return nil
}

// searchOf reads the parameters of GET.
func searchOf(v url.Values) (*SearchIn, error) {
	if err := typed(v.Get("q")); err != nil {
		return nil, err
	}
	in := &SearchIn{Q: v.Get("q"), Facets: listed(v["facets"]), Sort: listed(v["sort"]), Distinct: v.Get("distinct"),
		MatchingStrategy: v.Get("matchingStrategy"), Positive: v["positive"], Negative: v["negative"],
		AttributesToRetrieve: listed(v["attributesToRetrieve"]), AttributesToHighlight: listed(v["attributesToHighlight"]), AttributesToCrop: listed(v["attributesToCrop"])}
	for _, f := range v["filter"] {
		in.Filter = append(in.Filter, []string{f})
	}
	if v.Has("highlightPreTag") {
		in.HighlightPreTag = new(v.Get("highlightPreTag"))
	}
	if v.Has("highlightPostTag") {
		in.HighlightPostTag = new(v.Get("highlightPostTag"))
	}
	for _, x := range [...]struct {
		name string
		to   *int
	}{{"offset", &in.Offset}, {"cropLength", &in.CropLength}} {
		n, err := number(v, x.name, 0)
		if err != nil {
			return nil, err
		}
		*x.to = n
	}
	for _, x := range [...]struct {
		name string
		to   *bool
	}{{"disjunctiveFacets", &in.DisjunctiveFacets}, {"showRankingScore", &in.ShowRankingScore}, {"showRankingScoreDetails", &in.ShowRankingScoreDetails}, {"verbatim", &in.Verbatim}, {"relax", &in.Relax}} {
		b, err := truth(v, x.name)
		if err != nil {
			return nil, err
		}
		*x.to = b
	}
	var ratio float32
	for _, x := range [...]struct {
		name string
		to   *float32
	}{{"semanticRatio", &ratio}, {"rankingScoreThreshold", &in.RankingScoreThreshold}, {"rankingScoreCutoff", &in.RankingScoreCutoff}} {
		if v.Get(x.name) == "" {
			continue
		}
		f, err := strconv.ParseFloat(v.Get(x.name), 32)
		if err != nil || math.IsNaN(f) {
			return nil, invalid(x.name, strconv.Quote(v.Get(x.name))+" is no number")
		}
		*x.to = float32(f)
	}
	if v.Get("semanticRatio") != "" {
		in.Hybrid = &Hybrid{ratio}
	}
	return in, nil
}

// listed takes lists apart that commas separate.
func listed(list []string) []string {
	var out []string
	for _, s := range list {
		for x := range strings.SplitSeq(s, ",") {
			if x = strings.TrimSpace(x); x != "" {
				out = append(out, x)
			}
		}
	}
	return out
}

var strategies = map[string]bowerbird.Matching{"": bowerbird.MatchAny, "any": bowerbird.MatchAny, "all": bowerbird.MatchAll, "last": bowerbird.MatchLast, "frequency": bowerbird.MatchFrequency}

// seek turns a search into the engine's, and what its hits are to show.
func (s *Server) seek(q *engine.Query, in *SearchIn) (*shown, error) {
	var err error
	if q.Filter, err = s.filter(in.Filter); err != nil {
		return nil, err
	}
	q.Words = in.Q
	k := &q.Seek
	k.Skip, k.Facets, k.Apart, k.Distinct = in.Offset, in.Facets, in.DisjunctiveFacets, in.Distinct
	k.Threshold, k.Cutoff = in.RankingScoreThreshold, in.RankingScoreCutoff
	k.Positive, k.Negative = in.Positive, in.Negative
	k.Verbatim, k.Relax = in.Verbatim, in.Relax
	if in.Hybrid != nil {
		k.Semantic = in.Hybrid.SemanticRatio
		k.Plain = k.Semantic == 0
	}
	var ok bool
	if k.Matching, ok = strategies[in.MatchingStrategy]; !ok {
		return nil, invalid("matchingStrategy", strconv.Quote(in.MatchingStrategy)+" is none of any, all, last, frequency")
	}
	for i, text := range in.Sort {
		field, way, _ := cutLast(text, ":")
		if field == "" || way != "asc" && way != "desc" {
			return nil, invalid(fmt.Sprintf("sort[%d]", i), fmt.Sprintf("%q: want field:asc or field:desc", text))
		}
		k.Sort = append(k.Sort, bowerbird.SortKey{Field: field, Desc: way == "desc"})
	}
	for _, name := range slices.Sorted(maps.Keys(in.Mix)) {
		p := engine.Portion{Words: name, Weight: in.Mix[name]}
		if id, isItem := strings.CutPrefix(name, "item:"); isItem {
			p.Words, p.Item = "", id
		}
		if strings.TrimSpace(p.Words+p.Item) == "" {
			return nil, invalid("mix", "a part is empty: want words or item:ID")
		}
		k.Mix = append(k.Mix, p)
	}
	return s.show(in)
}

// cutLast cuts around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// filter reads the expressions; nil if there are none.
func (s *Server) filter(in filterIn) (*bowerbird.Expr, error) {
	if len(in) == 0 {
		return nil, nil
	}
	all := &bowerbird.Expr{Node: bowerbird.And}
	tests, bytes := 0, 0
	for i, part := range in {
		any := bowerbird.Expr{Node: bowerbird.Or}
		for j, text := range part {
			if bytes += len(text); bytes > filter.MaxFilter {
				return nil, invalid("filter", fmt.Sprintf("longer than %d bytes", filter.MaxFilter))
			}
			e, err := filter.Parse(text, s.e.House().HasField)
			if err != nil {
				return nil, invalid(place(in, i, j), err.Error())
			}
			e.Leaves(func(*bowerbird.Condition) bool { tests++; return true })
			any.Of = append(any.Of, *e)
		}
		if tests > filter.MaxTests {
			return nil, invalid("filter", fmt.Sprintf("more than %d conditions", filter.MaxTests))
		}
		if len(any.Of) == 1 {
			any = any.Of[0]
		}
		if any.Node == bowerbird.And { // so that every condition that must hold stands at the top
			all.Of = append(all.Of, any.Of...)
		} else {
			all.Of = append(all.Of, any)
		}
	}
	return all, nil
}

// place names a part of a filter.
func place(in filterIn, i, j int) string {
	switch {
	case len(in) == 1 && len(in[0]) == 1:
		return "filter"
	case len(in[i]) == 1:
		return fmt.Sprintf("filter[%d]", i)
	}
	return fmt.Sprintf("filter[%d][%d]", i, j)
}

// extras are the counts of a page.
func (s *Server) extras(a *engine.Answer) Extras {
	x := Extras{Loosened: s.e.House().Loosened(a.Page)}
	for _, w := range a.Relaxed {
		x.Relaxed = append(x.Relaxed, relaxedOf(w))
	}
	if a.Instead != nil {
		x.Instead = new(relaxedOf(*a.Instead))
	}
	c := a.Page.Counts
	if c == nil {
		return x
	}
	x.EstimatedTotalHits = &c.Total
	if len(c.Facets) == 0 {
		return x
	}
	exact, stats := true, facetStats{}
	d := distribution(c.Facets)
	for _, f := range c.Facets {
		exact = exact && f.Exact
		if f.More {
			x.MoreValues = append(x.MoreValues, f.Field)
		}
		if f.Stats != nil {
			stats[f.Field] = MinMax{f.Stats.Min, f.Stats.Max}
		}
	}
	x.FacetDistribution, x.ExhaustiveFacets = &d, &exact
	if len(stats) > 0 {
		x.FacetStats = &stats
	}
	return x
}

// hit is one item of a page, as it is to be shown.
func (s *Server) hit(r *http.Request, a *engine.Answer, i int, show *shown) (Item, Shows, error) {
	var x Shows
	c := &a.Page.Items[i]
	d := a.Items[i].Doc
	if show.score {
		x.RankingScore = new(engine.Relevance(c))
	}
	if show.details {
		says, err := s.e.House().SearchSays(r.Context(), a.Page, c)
		if err != nil {
			return Item{}, x, err
		}
		x.Details = says
	}
	if len(show.format) > 0 {
		x.Formatted = show.formatted(d, s.e.House().Highlight(a.Page))
	}
	return show.fields(itemOf(d)), x, nil
}
