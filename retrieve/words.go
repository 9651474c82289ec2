package retrieve

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"bowerbird"
	"bowerbird/index/postings"
	"bowerbird/text"
)

// The fields of the word index. Weights are of term frequencies (BM25F).
const (
	fieldTitle = iota
	fieldTags
	fieldCategories
	fieldDescription
)

func wordFields() []postings.Field {
	return []postings.Field{
		fieldTitle:       {Name: "title", Weight: 3},
		fieldTags:        {Name: "tags", Weight: 2},
		fieldCategories:  {Name: "categories", Weight: 1.5},
		fieldDescription: {Name: "description", Weight: 1},
	}
}

// Words finds items by their words, with BM25F over title, tags, categories and
// description, attribute words counted with the tags. It also answers "more like
// this item" from the item's own title and tags, which works for an item that
// nobody has touched.
type Words struct {
	// Group, set before the first search, numbers the values of a field, of which a
	// search may want each once; nil: it returns all of them.
	Group func(field string) func(bowerbird.ItemID) uint64

	m   *text.Multi
	doc func(bowerbird.ItemID) (*bowerbird.Item, error)

	mu sync.RWMutex // guards ix, which Load replaces
	ix *postings.Index
}

// NewWords returns an empty index. Each item is read in its own language, of those
// of m; doc reads an item's document.
func NewWords(m *text.Multi, doc func(bowerbird.ItemID) (*bowerbird.Item, error)) (*Words, error) {
	ix, err := postings.New(postings.Options{Fields: wordFields(), Analyzer: m.Version()})
	if err != nil {
		return nil, fmt.Errorf("retrieve: words: %w", err)
	}
	return &Words{m: m, doc: doc, ix: ix}, nil
}

// Name is what traces and explanations call it.
func (v *Words) Name() string { return "words" }

func (v *Words) index() *postings.Index {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.ix
}

// Apply indexes items as they are put, and forgets deleted ones.
func (v *Words) Apply(facts []bowerbird.Fact) {
	ix := v.index()
	var buf []text.Token
	for i := range facts {
		switch f := &facts[i]; f.Kind {
		case bowerbird.ItemPut:
			d := f.ItemDoc
			a := v.reader(d)
			var fields [4][]postings.Token
			fields[fieldTitle], buf = tokens(a, buf, d.Title)
			fields[fieldTags], buf = tokens(a, buf, strings.Join(append(slices.Clone(d.Tags), attributeWords(d)...), " . "))
			fields[fieldCategories], buf = tokens(a, buf, pathWords.Replace(strings.Join(d.Categories, " . ")))
			fields[fieldDescription], buf = tokens(a, buf, d.Description)
			// Put refuses only terms that the analyser never makes.
			if err := ix.Put(uint32(f.Item), fields[:]...); err != nil {
				panic(fmt.Sprintf("retrieve: words: item %d: %v", f.Item, err))
			}
		case bowerbird.ItemDelete:
			ix.Delete(uint32(f.Item))
		}
	}
}

// reader analyses an item in its language: the one it says, else the one that its
// words look like.
func (v *Words) reader(d *bowerbird.Item) *text.Analyzer {
	return v.m.For(v.m.Language(d.Language, d.Title+". "+d.Description))
}

// pathWords parts a category's path: home/garden_tools is two phrases.
var pathWords = strings.NewReplacer("/", " . ", "_", " ")

func attributeWords(d *bowerbird.Item) []string {
	var out []string
	for _, a := range d.Attributes {
		out = append(out, a.Words...)
	}
	if d.Picture != nil {
		for _, c := range d.Picture.Colours {
			if c.Share >= .12 {
				out = append(out, c.Name)
			}
		}
	}
	return out
}

func tokens(a *text.Analyzer, buf []text.Token, s string) ([]postings.Token, []text.Token) {
	buf = a.Analyze(buf[:0], s)
	if len(buf) == 0 {
		return nil, buf
	}
	out := make([]postings.Token, len(buf))
	for i, t := range buf {
		out[i] = postings.Token{Term: t.Term, Pos: uint32(t.Pos)}
	}
	return out, buf
}

// Candidates searches for the request's words (after correction), else for the
// words of its item. A hit of a search by words is scored as Relevance says.
func (v *Words) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	switch {
	case n <= 0:
		return dst, nil
	case r.Query != "" || r.Surface == bowerbird.SearchWords:
		return v.search(ctx, r, n, dst)
	case r.Item == 0:
		return dst, nil
	}
	d, err := v.doc(r.Item)
	if err != nil {
		return dst, fmt.Errorf("retrieve: words: item %d: %w", r.Item, err)
	}
	q := v.like(d)
	if len(q.Clauses) == 0 {
		return dst, nil
	}
	hits, err := v.index().Search(ctx, q, postings.SearchOptions{K: n, Filter: func(doc uint32) bool { return pass(r, bowerbird.ItemID(doc)) }})
	if err != nil {
		return dst, fmt.Errorf("retrieve: words: %w", err)
	}
	for _, h := range hits {
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.Doc), Score: float32(h.Score), Why: bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: r.Item}})
	}
	return dst, nil
}

// like makes a query of an item's title, tags and last category.
func (v *Words) like(d *bowerbird.Item) postings.Query {
	words := d.Title + " . " + strings.Join(d.Tags, " . ")
	if n := len(d.Categories); n > 0 {
		words += " . " + strings.ReplaceAll(d.Categories[n-1], "/", " . ")
	}
	return postings.Terms(rarest(v.index(), v.reader(d).Terms(words))...)
}

// likeTerms is how many words of an item stand for it: the rarest say most, and
// a word that a tenth of the catalogue shares says little and costs most.
const likeTerms = 8

// rarest returns the terms of lowest document frequency, rarest first.
func rarest(ix *postings.Index, terms []string) []string {
	slices.Sort(terms)
	terms = slices.Compact(terms)
	type term struct {
		word string
		docs int
	}
	known := make([]term, 0, len(terms))
	for _, w := range terms {
		if n := ix.DocFreq(w); n > 0 {
			known = append(known, term{w, n})
		}
	}
	slices.SortStableFunc(known, func(a, b term) int { return a.docs - b.docs })
	often := ix.Docs() / 10
	out := make([]string, 0, likeTerms)
	for _, t := range known {
		if len(out) == likeTerms || t.docs > often && len(out) >= 3 {
			break
		}
		out = append(out, t.word)
	}
	return out
}

// Save writes the index's own checkpoint.
func (v *Words) Save(w io.Writer) error { return v.index().Save(w) }

// Load replaces the view by a saved one.
func (v *Words) Load(r io.Reader) error {
	ix, err := postings.Load(r, postings.Options{Fields: wordFields(), Analyzer: v.m.Version()})
	if err != nil {
		return err
	}
	v.mu.Lock()
	v.ix = ix
	v.mu.Unlock()
	return nil
}
