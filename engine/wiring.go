package engine

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"bowerbird"
	"bowerbird/feature"
	"bowerbird/filter"
	"bowerbird/index"
	"bowerbird/query"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/store"
	"bowerbird/surface"
	"bowerbird/text"
	"bowerbird/text/meaning"
	"bowerbird/vision"
	"bowerbird/vision/see"
)

// HouseOptions tunes what a house is made of. The zero value works.
type HouseOptions struct {
	Languages []string         // that items may be in, the commonest first, see text.MultiOptions; none means English
	Synonyms  text.SynonymList // the owner's; they widen queries only
	Meaning   retrieve.Sense   // in place of the vectors that are kept; nil: those
	Encoder   meaning.Encoder  // of texts, instead of the model that training learns; it may be slow: items are embedded behind
	Eye       see.Encoder      // of pictures, instead of the built-in or learned one: vectors are made behind
	Detector  Detector         // of things in pictures, for the parts that are proposed; nil: what stands out
	Taxonomy  Taxonomy         // the owner's tree, for labels
	Diversity float32          // λ of MMR until training chooses one; 0 means 0.15, negative none
}

// NewHouse builds every view and every surface, all empty: this is the table that
// shows what the engine is made of. log is where the catalogue reads documents.
func NewHouse(log store.Reader, o HouseOptions) (*House, error) {
	languages, err := text.NewMulti(text.MultiOptions{Languages: o.Languages, Synonyms: o.Synonyms.Groups, OneWay: o.Synonyms.OneWay})
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	analyzer := languages.Default()
	if o.Diversity == 0 {
		o.Diversity = .15
	}
	cat := store.NewCatalogue(log, store.CatalogueOptions{})

	// Sources, each with the view that it serves from.
	recalls := newRecalls()
	history := retrieve.NewHistory()
	walk := retrieve.NewWalk(retrieve.WalkOptions{})
	together := retrieve.NewTogether()
	learned := retrieve.NewLearned()
	session := retrieve.NewSession()
	people := retrieve.NewPeople(history)
	words, err := retrieve.NewWords(languages, cat.ItemDoc)
	if err != nil {
		return nil, err
	}
	looks, err := retrieve.NewLooks(retrieve.LooksOptions{
		Version: vision.DescriptorVersion, Dim: vision.Dim,
		New:  func() (index.Index, error) { return recalls.empty("looks", vision.Dim, index.Cosine) },
		Load: func(r io.Reader) (index.Index, error) { return recalls.load("looks", r) },
	})
	if err != nil {
		return nil, err
	}
	goes := retrieve.NewGoes(looks)
	alike := retrieve.NewCopies(retrieve.CopiesOptions{Item: cat.Item})
	parts, err := retrieve.NewParts(retrieve.PartsOptions{
		Version: vision.PartsVersion, Dim: vision.Dim, Count: len(vision.PartBoxes), Looks: looks, Print: alike.Print,
		New:  func() (index.Index, error) { return recalls.empty("parts", vision.Dim, index.Cosine) },
		Load: func(r io.Reader) (index.Index, error) { return recalls.load("parts", r) },
	})
	if err != nil {
		return nil, err
	}
	neighbourhood := retrieve.NewNeighbourhood(retrieve.NeighbourhoodOptions{
		Walk: walk, Version: vision.DescriptorVersion,
		New: func(dim int) (index.Index, error) { return recalls.empty("neighbourhood", dim, index.Cosine) },
	})
	newcomers := retrieve.NewNewcomers(retrieve.NewcomersOptions{
		Version: vision.DescriptorVersion,
		New:     func(dim int) (index.Index, error) { return recalls.empty("newcomers", dim, index.InnerProduct) },
	})
	people.Walk = walk
	followed := retrieve.NewFollowed()
	trending := retrieve.NewTrending(0)
	popular := retrieve.NewPopular()
	fresh := retrieve.NewFresh()

	// Filters.
	fields := filter.NewFields()
	seen := filter.NewSeen(filter.SeenOptions{Items: cat.Items})
	refused := filter.NewRefused(fields, cat.BoardItems)
	always := []surface.Filter{filter.Live(fields), filter.Self(), shared{refused.Hidden(), alike}, refused.Muted(), filter.Where(fields)}

	// Features, ranking, understanding.
	taste := feature.NewTaste()
	features := feature.NewSet(feature.NewPopularity(), feature.NewFreshness(), taste, feature.NewLook(looks.Vector))
	ranker := rank.NewModel()
	like := likeness{taste, looks}
	diverse := rank.NewDiversifyBy(like.of, max(0, o.Diversity))
	dedupe := rank.NewDedupe(pictureKey(cat), groupKey(alike))
	meant := retrieve.NewMeaning(retrieve.MeaningOptions{Doc: cat.ItemDoc, Picture: looks.Vector, New: func(dim int) (index.Index, error) { return recalls.empty("meaning", dim, index.Cosine) }})
	understand := query.New(query.Options{Analyzer: analyzer, Known: func(w string) bool {
		return len(o.Languages) > 1 && words.Holding(w) > 0
	}})
	groups := distinctBy(fields, alike)
	words.Group = groups

	// Search: words; a mixture of words and items; an order that was asked for.
	var sense retrieve.Sense = meant
	if o.Meaning != nil {
		sense = o.Meaning
	}
	mix := retrieve.NewMix(retrieve.MixOptions{Words: words, Meaning: sense, Items: []retrieve.Sense{words, looks, parts, learned}})
	sorted := retrieve.NewSorted(words, sortKeys(fields, popular))
	asked := feature.NewAsked(analyzer.Terms)
	visible := []surface.Filter{filter.Asked(), shared{refused.Hidden(), alike}, refused.Muted()}

	h := &House{
		Catalogue: cat, recalls: recalls, clock: new(clock), counts: new(Counts), history: history, fields: fields, features: features,
		looks: looks, goes: goes, copies: alike, words: words, mix: mix, taste: taste, learned: learned, session: session, people: people, neighbourhood: neighbourhood, newcomers: newcomers, query: understand, ranker: ranker,
		meant: meant, encoder: o.Encoder, eye: o.Eye, analyzer: analyzer, languages: languages, diverse: diverse, dedupe: dedupe, like: like, followed: followed, popular: popular, near: surface.NewWeight(nearWeight),
	}
	h.views = []named{
		{"clock", h.clock}, {"counts", h.counts}, {"history", history}, {"walk", walk}, {"together", together}, {"neighbourhood", neighbourhood}, {"newcomers", newcomers},
		{"words", words}, {"looks", looks}, {"goes", goes}, {"copies", alike}, {"parts", parts}, {"followed", followed}, {"trending", trending}, {"popular", popular},
		{"fresh", fresh}, {"fields", fields}, {"seen", seen}, {"refused", refused}, {"query", understand},
		{"meaning", meant}, {"asked", asked},
	}
	for i, f := range features.Features() {
		h.views = append(h.views, named{fmt.Sprintf("feature%d", i), f})
	}

	// Surfaces.
	home := []surface.Use{
		{Source: walk, N: 80, Weight: 1.5}, {Source: together, N: 80}, {Source: learned, N: 150, Weight: 2}, {Source: session, N: 100},
		{Source: neighbourhood, N: 100, Weigh: h.near},
		{Source: people, N: 80}, {Source: looks, N: 80}, {Source: followed, N: 60},
		{Source: trending, N: 50, Weight: .5}, {Source: popular, N: 50, Weight: .25}, {Source: fresh, N: 30, Weight: .1}, {Source: newcomers, N: 30, Weight: .1},
	}
	related := []surface.Use{
		{Source: walk, N: 200, Weight: 1.5}, {Source: together, N: 100, Weight: 1.5}, {Source: learned, N: 150}, {Source: neighbourhood, N: 150, Weight: .2},
		{Source: looks, N: 200, Weight: 1.2}, {Source: words, N: 200}, {Source: popular, N: 50, Weight: .1},
	}
	ideas := []surface.Use{
		{Source: walk, N: 300, Weight: 2}, {Source: together, N: 200, Weight: 1}, {Source: neighbourhood, N: 200, Weight: .2}, {Source: popular, N: 50, Weight: .1},
	}
	h.surfaces = map[bowerbird.Surface]*surface.Pipeline{
		bowerbird.Home: h.surface(bowerbird.Home, home, ranker, slices.Concat(always, []surface.Filter{shared{seen, alike}}),
			[]surface.Selector{dedupe, diverse}),
		bowerbird.Explore: h.surface(bowerbird.Explore, []surface.Use{{Source: trending, N: 300}, {Source: popular, N: 300, Weight: .5}, {Source: fresh, N: 100, Weight: .7}},
			nil, always, []surface.Selector{dedupe, diverse}),
		bowerbird.Related: h.surface(bowerbird.Related, related, nil, always, []surface.Selector{dedupe, diverse}),
		bowerbird.MoreIdeas: h.surface(bowerbird.MoreIdeas, ideas, nil, slices.Concat(always, []surface.Filter{filter.OnBoard(cat.BoardItems)}),
			[]surface.Selector{dedupe, diverse}),
		bowerbird.SearchWords: h.surface(bowerbird.SearchWords, []surface.Use{{Source: words}, {Source: mix}, {Source: sorted}},
			rank.ByWords, slices.Concat([]surface.Filter{filter.Live(fields), filter.Where(fields)}, visible),
			[]surface.Selector{rank.Spread{Vector: looks.Vector, Floor: unrelated}, once{[]func(bowerbird.ItemID) uint64{pictureKey(cat), groupKey(alike)}, groups}}),
		bowerbird.SearchPicture: h.surface(bowerbird.SearchPicture, []surface.Use{{Source: parts, N: 400}},
			nil, always, []surface.Selector{dedupe}),
	}
	// The weight of what is popular among other kinds was chosen on a quarter of the demo world's boards (eval pictures --parts goes-with).
	h.goesWith = h.surface(bowerbird.Related, []surface.Use{{Source: goes, N: 200}, {Source: retrieve.OtherKinds{Source: together, Goes: goes}, N: 100, Weight: 1.5},
		{Source: retrieve.OtherKinds{Source: popular, Goes: goes}, N: 200}},
		nil, always, []surface.Selector{dedupe, diverse})
	h.surfaces[bowerbird.SearchPicture].Timeout = pictureTime
	search := h.surfaces[bowerbird.SearchWords]
	search.Rewrite = append(search.Rewrite, understand)
	search.Hydrate = newHydrator(rank.NewSources([]string{words.Name(), mix.Name(), sorted.Name()}),
		feature.NewSet(append(features.Features(), feature.NewMatch(words.Explaining), asked, feature.NewMeant(fields.Test))...))
	search.Match, search.Whole = &matching{words, fields, visible, &retrieve.Hybrid{Words: words, Meaning: meant}}, true
	h.searcher = rank.NewSearchModel(search.Hydrate.Names(), rank.ByWords)
	search.Score = &searchScore{h.searcher, 2}
	if o.Encoder != nil {
		if err := meant.Swap(context.Background(), &retrieve.Encoding{Encoder: o.Encoder, Slow: true}); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// pictureTime is for a search by a picture, which compares prints: more than other
// sources get, as decoding the question takes longer than most pages.
const pictureTime = time.Second

// surface makes one pipeline whose columns are those of its sources, then those
// of the feature set. score nil keeps the fused order of the sources.
func (h *House) surface(s bowerbird.Surface, uses []surface.Use, score any, filters []surface.Filter, sel []surface.Selector) *surface.Pipeline {
	names := make([]string, len(uses))
	for i, u := range uses {
		names[i] = u.Source.Name()
	}
	hydrate := newHydrator(rank.NewSources(names), h.features)
	p := &surface.Pipeline{
		Surface: s, Rewrite: []surface.Rewriter{h.history}, Sources: uses,
		Filters: filters, Hydrate: hydrate, Select: sel,
	}
	switch score := score.(type) {
	case []rank.Term:
		p.Score = rank.NewWeighted(hydrate.Names(), score)
	case surface.Scorer:
		p.Score = score
	}
	return p
}

// sortKeys reads what searches may be ordered by.
func sortKeys(fields *filter.Fields, popular *retrieve.Liked) func(string) func(bowerbird.ItemID) (float64, string, bool) {
	return func(field string) func(bowerbird.ItemID) (float64, string, bool) {
		if field != "popularity" {
			return fields.Keys(field)
		}
		return func(x bowerbird.ItemID) (float64, string, bool) { return popular.Count(x), "", true }
	}
}
