package server

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bowerbird"
	"bowerbird/filter"
	"bowerbird/query"
)

// Guides are ways to go on from a search.
type Guides struct {
	Guides  []Guide         `json:"guides"`
	Related []RelatedSearch `json:"related"`
}

// Guide is a word or phrase to add to a search.
type Guide struct {
	Text    string `json:"text"`
	Query   string `json:"query" doc:"the search with it"`
	Field   string `json:"field" doc:"word, category, tag, colour or an attribute's name"`
	Items   int    `json:"items" doc:"how many items say everything that it asks for"`
	Item    string `json:"item,omitempty" doc:"one that can stand for it"`
	Picture string `json:"picture,omitempty"`
}

// RelatedSearch is another search.
type RelatedSearch struct {
	Text    string `json:"text"`
	Kind    string `json:"kind" enum:"query,category,tag"`
	Item    string `json:"item,omitempty"`
	Picture string `json:"picture,omitempty"`
}

// Searches are what many people search for.
type Searches struct {
	Searches []RelatedSearch `json:"searches"`
}

// Synonyms are the owner's list, and pairs of words that may mean the same, the surest first.
type Synonyms struct {
	OwnSynonyms
	Synonyms []Synonym `json:"synonyms"`
}

// OwnSynonyms is the owner's list.
type OwnSynonyms struct {
	Lines   []string `json:"lines" doc:"One group each: \"couch, sofa\" any of which finds the others, or \"telly => television\" one way; searches are widened by them from now on" example:"couch, sofa"`
	Version string   `json:"version,omitempty" doc:"of the list; it changes with it"`
	File    bool     `json:"file,omitempty" doc:"the server reads its list from --synonyms: it is changed there, and not shown"`
}

// SynonymsIn is a list to put in place of the one there is.
type SynonymsIn struct {
	Lines []string `json:"lines" doc:"as in OwnSynonyms; at most 50,000 groups, 4,096 bytes each"`
}

// Synonym is one pair.
type Synonym struct {
	A        string  `json:"a"`
	B        string  `json:"b"`
	Score    float64 `json:"score" doc:"0 to 1: how alike what people chose after either is"`
	Items    int     `json:"items" doc:"that both led to"`
	Sessions int     `json:"sessions" doc:"in which one was searched after the other"`
	Line     string  `json:"line" doc:"for the file of synonyms"`
}

// Understood is what a search seems to mean.
type Understood struct {
	DidYouMean *DidYouMean `json:"did_you_mean,omitempty"`
	Phrases    []Phrase    `json:"phrases" doc:"of two words and more"`
	Categories []Likely    `json:"categories"`
	Sure       float64     `json:"sure" doc:"of categories, 0 to 1"`
	Filters    []Suggested `json:"filters" doc:"to be suggested, never to be applied unasked"`
	Relaxed    []Relaxed   `json:"relaxed" doc:"where nothing says everything that is asked for"`
}

// DidYouMean is a search as it was probably meant.
type DidYouMean struct {
	Query      string  `json:"query"`
	Auto       bool    `json:"auto" doc:"it is searched for instead; quote the words to search for them as typed"`
	Confidence float64 `json:"confidence"`
	Items      int     `json:"items"`
	TypedItems int     `json:"typed_items"`
}

// Phrase is a stretch of a search.
type Phrase struct {
	Text     string  `json:"text"`
	Start    int     `json:"start" doc:"byte of the search"`
	End      int     `json:"end"`
	Strength float64 `json:"strength"`
}

// Likely is a category that a search may mean.
type Likely struct {
	Category string  `json:"category"`
	Share    float64 `json:"share"`
}

// Suggested is a filter that words of a search may stand for.
type Suggested struct {
	Where      string  `json:"where,omitempty" doc:"as in the parameter where; absent if it cannot be written so"`
	Filter     string  `json:"filter" doc:"as in filter"`
	Start      int     `json:"start"`
	End        int     `json:"end"`
	Confidence float64 `json:"confidence"`
}

// Relaxed is a search that asks for less.
type Relaxed struct {
	Query  string   `json:"query,omitempty" doc:"Its words; absent: only the filter is asked for"`
	Filter string   `json:"filter,omitempty" doc:"To ask for besides"`
	Where  []string `json:"where,omitempty" doc:"The same, as in the parameter where"`
	Kind   string   `json:"kind" enum:"spelling,measure,parting,prefix,drop,category,filter" doc:"filter: the same without the conditions"`
	Why    string   `json:"why"`
	Items  int      `json:"items"`
}

// asking reads q and limit.
func asking(r *http.Request, needed bool) (v url.Values, q string, limit int, err error) {
	if v, err = values(r); err != nil {
		return nil, "", 0, err
	}
	if limit, err = number(v, "limit", 8); err != nil {
		return nil, "", 0, err
	}
	switch q = v.Get("q"); {
	case limit < 1 || limit > 50:
		err = invalid("limit", "want 1 to 50")
	case len(q) > bowerbird.MaxQuery:
		err = invalid("q", "longer than "+strconv.Itoa(bowerbird.MaxQuery)+" bytes")
	case needed && strings.TrimSpace(q) == "":
		err = invalid("q", "is empty: say what was searched for")
	default:
		err = typed(q)
	}
	return v, q, limit, err
}

// stand is the name and the small picture of an item that stands for a search.
func (s *Server) stand(x bowerbird.ItemID) (name, picture string) {
	cat := s.e.House().Catalogue
	if x == 0 || !cat.Live(x) {
		return "", ""
	}
	name = cat.ItemName(x)
	if d, err := cat.ItemDoc(x); err == nil {
		if p := pictureOf(d.Picture); p != nil {
			picture = p.Small
		}
	}
	return name, picture
}

func (s *Server) complete(w http.ResponseWriter, r *http.Request) error {
	v, words, limit, err := asking(r, false)
	if err != nil {
		return err
	}
	out := Completions{Completions: s.ownBoards(v.Get("user"), words, 2)}
	for _, c := range s.e.Complete(words, v.Get("user"), limit) {
		x := Completion{Text: c.Text, Kind: c.Kind, Mine: c.Mine}
		x.Item, x.Picture = s.stand(c.Item)
		switch {
		case c.Item != 0 && x.Item == "":
			continue
		case c.Item == 0:
			_, x.Picture = s.stand(c.Shown)
		}
		out.Completions = append(out.Completions, x)
	}
	out.Completions = out.Completions[:min(limit, len(out.Completions))]
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) guides(w http.ResponseWriter, r *http.Request) error {
	v, q, limit, err := asking(r, true)
	if err != nil {
		return err
	}
	out := Guides{Guides: []Guide{}, Related: []RelatedSearch{}}
	for _, g := range s.e.Guides(q, v.Get("user"), limit) {
		x := Guide{Text: g.Text, Query: g.Query, Field: g.Field, Items: g.Items}
		x.Item, x.Picture = s.stand(g.Item)
		out.Guides = append(out.Guides, x)
	}
	for _, g := range s.e.RelatedSearches(q, limit) {
		x := RelatedSearch{Text: g.Text, Kind: g.Kind}
		x.Item, x.Picture = s.stand(g.Item)
		out.Related = append(out.Related, x)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) trending(w http.ResponseWriter, r *http.Request) error {
	_, _, limit, err := asking(r, false)
	if err != nil {
		return err
	}
	out := Searches{Searches: []RelatedSearch{}}
	for _, g := range s.e.TrendingSearches(limit) {
		x := RelatedSearch{Text: g.Text, Kind: "query"}
		x.Item, x.Picture = s.stand(g.Item)
		out.Searches = append(out.Searches, x)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// synonyms lists the owner's, and what the log suggests; nothing of that is applied.
func (s *Server) synonyms(w http.ResponseWriter, r *http.Request) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	limit, err := number(v, "limit", 100)
	if err != nil {
		return err
	}
	if limit < 1 || limit > 1000 {
		return invalid("limit", "want 1 to 1000")
	}
	own, err := truth(v, "own")
	if err != nil {
		return err
	}
	out := Synonyms{OwnSynonyms: s.ownSynonyms(), Synonyms: []Synonym{}}
	if own {
		writeJSON(w, http.StatusOK, out)
		return nil
	}
	for _, x := range s.e.Synonyms(limit) {
		out.Synonyms = append(out.Synonyms, Synonym{x.A, x.B, x.Score, x.Items, x.Sessions, x.A + ", " + x.B})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) ownSynonyms() OwnSynonyms {
	lines, version, err := s.e.OwnSynonyms()
	return OwnSynonyms{append([]string{}, lines...), version, err != nil}
}

func (s *Server) putSynonyms(w http.ResponseWriter, r *http.Request) error {
	var in SynonymsIn
	if err := s.readInto(w, r, &in); err != nil {
		return err
	}
	if in.Lines == nil {
		return invalid("lines", "want a list of lines; DELETE takes the list away")
	}
	return s.setSynonyms(w, in.Lines)
}

func (s *Server) deleteSynonyms(w http.ResponseWriter, _ *http.Request) error {
	return s.setSynonyms(w, nil)
}

func (s *Server) setSynonyms(w http.ResponseWriter, lines []string) error {
	if err := s.e.SetSynonyms(lines); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.ownSynonyms())
	return nil
}

func (s *Server) understand(w http.ResponseWriter, r *http.Request) error {
	_, q, limit, err := asking(r, true)
	if err != nil {
		return err
	}
	m, c, relaxed := s.e.Understand(q, limit)
	out := Understood{Phrases: []Phrase{}, Categories: []Likely{}, Sure: m.Sure, Filters: []Suggested{}, Relaxed: []Relaxed{}}
	if c.Query != "" {
		out.DidYouMean = &DidYouMean{c.Query, c.Auto, c.Confidence, c.Found, c.TypedFound}
	}
	for _, x := range m.Segments {
		if x.Words > 1 {
			out.Phrases = append(out.Phrases, Phrase{q[x.Start:x.End], x.Start, x.End, x.Strength})
		}
	}
	for _, x := range m.Categories {
		out.Categories = append(out.Categories, Likely(x))
	}
	for _, x := range m.Filters {
		out.Filters = append(out.Filters, Suggested{filter.FormatCondition(x.Condition), expression(x.Condition), x.Start, x.End, x.Confidence})
	}
	for _, x := range relaxed {
		out.Relaxed = append(out.Relaxed, relaxedOf(x))
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func relaxedOf(x query.Relaxed) Relaxed {
	out := Relaxed{Query: x.Query, Kind: x.Kind, Why: x.Why, Items: x.Items}
	for i, c := range x.Where {
		if i > 0 {
			out.Filter += " AND "
		}
		out.Filter += expression(c)
		if w := filter.FormatCondition(c); w != "" {
			out.Where = append(out.Where, w)
		}
	}
	return out
}

// expression writes a condition as filter.Parse reads it.
func expression(c bowerbird.Condition) string {
	return (&bowerbird.Expr{Node: bowerbird.Leaf, Test: c}).String()
}
