package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"bowerbird"
	"bowerbird/eval"
	"bowerbird/index/fuse"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/text"
	"bowerbird/text/meaning"
)

// What training does for search by words: text vectors of the catalogue and of what
// people searched and then liked, the weight of meaning, and a ranker of search
// pages that serves only if it beats the fixed weights beyond doubt.

// searching is what is read of the log for it.
type searching struct {
	terms func(string) []string
	texts map[uint32]string // by item, as it was last put
	born  map[uint32]uint64 // offset at which it came
	last  map[uint32]int    // by person: their last search
	asked []askedOnce

	pictures map[uint32][]float32 // visual vectors by item, of one version
	pictured string               // that version: the last one seen
	words    map[uint32]string    // what is written of items that have one
	called   labelled             // what items are called
	drawn    []askedOnce          // those that rows are made of

	groups  []group
	columns []string
	card    *rank.Search
}

// askedOnce is one search and what the person liked of what it showed.
type askedOnce struct {
	offset  uint64
	until   int64
	user    uint32
	query   string
	request string
	liked   []uint32
	judge   bool
}

const (
	maxTexts    = 200_000        // items whose text is kept
	maxPictures = 20_000         // items whose picture is kept: the first
	askedWhile  = 30 * 60 * 1000 // milliseconds that likes belong to a search
	leastGroups = 30             // searches of which something was liked and found, to learn from or to judge by
	leastPeople = 2              // who asked the same, before their words teach what words mean
)

func newSearching(terms func(string) []string) (*searching, error) {
	if terms == nil {
		a, err := text.New(text.Options{})
		if err != nil {
			return nil, err
		}
		terms = a.Terms
	}
	return &searching{terms: terms, texts: map[uint32]string{}, pictures: map[uint32][]float32{}, words: map[uint32]string{}, called: labelled{}, born: map[uint32]uint64{}, last: map[uint32]int{}}, nil
}

// read notes one fact.
func (s *searching) read(f *bowerbird.Fact) {
	x, u := uint32(f.Item), uint32(f.User)
	s.called.read(f)
	switch {
	case f.Kind == bowerbird.ItemPut:
		if _, there := s.texts[x]; there || len(s.texts) < maxTexts {
			if s.texts[x] = retrieve.ItemText(f.ItemDoc); !there {
				s.born[x] = f.Offset
			}
			s.words[x] = retrieve.WrittenText(f.ItemDoc)
		}
	case f.Kind == bowerbird.ItemDelete:
		delete(s.texts, x)
		delete(s.words, x)
		delete(s.pictures, x)
	case f.Kind == bowerbird.SignalPut && f.Signal.Name == visual:
		if f.Signal.Version != s.pictured {
			s.pictured = f.Signal.Version
			clear(s.pictures)
		}
		if _, there := s.pictures[x]; there || len(s.pictures) < maxPictures {
			s.pictures[x] = f.Signal.Vector
		}
	case f.Kind == bowerbird.Search && u != 0 && f.Query != "":
		s.last[u] = len(s.asked)
		s.asked = append(s.asked, askedOnce{offset: f.Offset, until: f.Time + askedWhile, user: u, query: f.Query, request: f.Request})
	case f.Kind.Positive() > 0 && u != 0 && x != 0 && f.Surface == bowerbird.SearchWords:
		i, ok := s.last[u]
		if !ok {
			return
		}
		if a := &s.asked[i]; f.Time <= a.until && (a.request == "" || f.Request == "" || a.request == f.Request) && !slices.Contains(a.liked, x) {
			a.liked = append(a.liked, x)
		}
	}
}

// documents are the texts of items put before an offset, by number, then a document
// for each item and query that led at least two people to it: that is how clicks
// teach what words mean.
func (s *searching) documents(upTo uint64) (items []string, all iter.Seq[[]string]) {
	for _, x := range slices.Sorted(maps.Keys(s.texts)) {
		if s.born[x] < upTo {
			items = append(items, s.texts[x])
		}
	}
	type pair struct {
		query string
		item  uint32
	}
	who := map[string]map[uint32]bool{}
	pairs := map[pair]bool{}
	for _, a := range s.asked {
		if a.offset >= upTo || len(a.liked) == 0 {
			continue
		}
		if who[a.query] == nil {
			who[a.query] = map[uint32]bool{}
		}
		who[a.query][a.user] = true
		for _, x := range a.liked {
			if s.texts[x] != "" && s.born[x] < upTo {
				pairs[pair{a.query, x}] = true
			}
		}
	}
	sorted := slices.SortedFunc(maps.Keys(pairs), func(a, b pair) int { return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.query, b.query)) })
	return items, func(yield func([]string) bool) {
		for _, t := range items {
			if !yield(s.terms(t)) {
				return
			}
		}
		for _, p := range sorted {
			if len(who[p.query]) >= leastPeople && !yield(s.terms(p.query+" . "+s.texts[p.item])) {
				return
			}
		}
	}
}

// learnMeaning trains text vectors on what came before an offset; nil if that is too little.
func (t *training) learnMeaning(ctx context.Context, upTo uint64) (*meaning.Model, []string, error) {
	items, all := t.search.documents(upTo)
	m, err := meaning.Train(ctx, all, meaning.Options{Seed: t.o.Seed, Threads: t.o.Threads,
		Progress: func(done, total int) { t.o.Step("learning meaning", uint64(done), uint64(total)) }})
	if errors.Is(err, meaning.ErrSmall) {
		return nil, items, nil
	}
	return m, items, err
}

// meaning trains the vectors that the ranker's rows are made with, from the first
// part of the log, and tunes the hybrid on the texts.
func (t *training) meaning(ctx context.Context) error {
	m, items, err := t.learnMeaning(ctx, t.cutA)
	if err != nil {
		return err
	}
	defer t.drawSearches()
	t.search.card = &rank.Search{Hybrid: fuse.Settings{Weight: -1}}
	if m == nil {
		t.note("search: too few texts to learn what words mean (%d): it goes by words alone", len(items))
		return nil
	}
	t.early.Meaning = m
	settings, evidence, err := fuse.Tune(ctx, items, t.search.terms, t.tuned, fuse.TuneOptions{Seed: t.o.Seed})
	switch {
	case errors.Is(err, fuse.ErrFew) || errors.Is(err, meaning.ErrSmall):
		t.note("search: %v: it goes by words alone", err)
	case err != nil:
		return err
	default:
		t.search.card.Hybrid, t.search.card.Evidence = settings, evidence
		t.note("search: vectors of %d items, %d words; weight of meaning %.1f by %d queries made of the texts", m.Docs(), m.Terms(), max(0, settings.Weight), evidence.Queries)
	}
	t.early.Card.Search = &rank.Search{Hybrid: t.search.card.Hybrid}
	return nil
}

// tuned trains an encoder on what Tune has left of the texts.
func (t *training) tuned(ctx context.Context, texts []string) (func(string) []float32, error) {
	terms := t.search.terms
	m, err := meaning.Train(ctx, func(yield func([]string) bool) {
		for _, s := range texts {
			if !yield(terms(s)) {
				return
			}
		}
	}, meaning.Options{Seed: t.o.Seed, Threads: t.o.Threads})
	if err != nil {
		return nil, err
	}
	return func(s string) []float32 {
		v := make([]float32, m.Dim())
		if !m.Embed(v, terms(s)) {
			return nil
		}
		return v
	}, nil
}

// drawSearches keeps, of the searches of which something was liked, as many of the
// choosing and of the judging part as asked for, in the order of the log.
func (t *training) drawSearches() {
	s := t.search
	var parts [2][]askedOnce
	for _, a := range s.asked {
		if len(a.liked) == 0 || a.offset < t.cutA {
			continue
		}
		if a.judge = a.offset >= t.cutB; a.judge {
			parts[1] = append(parts[1], a)
		} else {
			parts[0] = append(parts[0], a)
		}
	}
	rng := rand.New(rand.NewPCG(t.o.Seed, 0x736561726368))
	for _, p := range parts {
		rng.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
		s.drawn = append(s.drawn, p[:min(len(p), t.o.Samples)]...)
	}
	slices.SortFunc(s.drawn, func(a, b askedOnce) int { return cmp.Compare(a.offset, b.offset) })
}

// searchPage asks a house, at one moment, what a search would choose from.
func (t *training) searchPage(ctx context.Context, h House, a askedOnce) error {
	r := bowerbird.Request{Surface: bowerbird.SearchWords, User: bowerbird.UserID(a.user), Query: a.query, Limit: 25, Seed: t.o.Seed + a.offset, Now: h.Now(), Offset: a.offset - 1}
	p, err := h.Candidates(ctx, r)
	if err != nil {
		return err
	}
	t.search.columns = p.Features
	t.search.groups = append(t.search.groups, group{moment: moment{offset: a.offset, user: a.user, relevant: a.liked, judge: a.judge}, cands: p.Items, request: p.Request})
	return nil
}

// rankSearch fits the ranker of search pages to the choosing part and keeps it if it
// is better on the judging part: the 95 % interval of the paired difference in
// NDCG@10 lies above zero.
func (t *training) rankSearch(ctx context.Context) error {
	s := t.search
	var fit []fuse.Group
	var judge []group
	for _, g := range s.groups {
		if g.moment.judge {
			judge = append(judge, g)
			continue
		}
		x := fuse.Group{Query: g.request.Query}
		found := false
		for _, c := range g.cands {
			row := make([]float64, len(c.Features))
			for i, v := range c.Features {
				row[i] = float64(v)
			}
			grade := 0.0
			if slices.Contains(g.moment.relevant, uint32(c.Item)) {
				grade, found = 1, true
			}
			x.Features, x.Grades = append(x.Features, row), append(x.Grades, grade)
		}
		if found {
			fit = append(fit, x)
		}
	}
	if len(fit) < leastGroups || len(judge) < leastGroups {
		t.note("search: %d searches to learn a ranker from and %d to judge it, want %d: the fixed weights stand", len(fit), len(judge), leastGroups)
		return nil
	}
	l, err := fuse.FitLinear(ctx, fit, fuse.LinearOptions{})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.note("search: no ranker: %v", err)
		return nil
	}
	fixed, learned := rank.NewSearchModel(s.columns, rank.ByWords), rank.NewSearchModel(s.columns, rank.ByWords)
	if err := learned.Swap(l, "", s.columns); err != nil {
		return err
	}
	a, b := searchNDCG(judge, fixed), searchNDCG(judge, learned)
	d := make([]float64, len(a))
	for i := range d {
		d[i] = b[i] - a[i]
	}
	gain := estimate(judge, d)
	t.metrics["search.fixed.ndcg@10"], t.metrics["search.ranked.ndcg@10"], t.metrics["search.gain.ndcg@10"] = estimate(judge, a), estimate(judge, b), gain
	what := fmt.Sprintf("NDCG@10 %.4f on %d searches, the fixed weights %.4f: %+.4f [%+.4f, %+.4f]", mean(b), len(judge), mean(a), gain.Mean, gain.Low, gain.High)
	t.note("search: weights that were learned, by deviation of the column: %s", weightsOf(l, s.columns))
	if err := t.withoutIntent(ctx, fit, judge, b); err != nil {
		return err
	}
	if !(gain.Low > 0) {
		t.note("search: the ranker is refused: %s", what)
		return nil
	}
	t.note("search: the ranker serves: %s", what)
	s.card.Ranker, s.card.Columns = l, s.columns
	return nil
}

// intent tells the columns that say what a search seems to mean.
func intent(column string) bool {
	return strings.HasPrefix(column, "meant.") || column == "match.phrase"
}

// withoutIntent says what the columns of intent add to the learned ranker, by fitting another one to whom they are nothing.
func (t *training) withoutIntent(ctx context.Context, fit []fuse.Group, judge []group, with []float64) error {
	columns := t.search.columns
	blind := make([]fuse.Group, len(fit))
	for i, g := range fit {
		blind[i] = fuse.Group{Query: g.Query, Grades: g.Grades}
		for _, row := range g.Features {
			row = slices.Clone(row)
			for j := range row {
				if intent(columns[j]) {
					row[j] = 0
				}
			}
			blind[i].Features = append(blind[i].Features, row)
		}
	}
	l, err := fuse.FitLinear(ctx, blind, fuse.LinearOptions{})
	if err != nil {
		return ctx.Err() // nothing to compare with
	}
	m := rank.NewSearchModel(columns, rank.ByWords)
	if err := m.Swap(l, "", columns); err != nil {
		return err
	}
	d := searchNDCG(judge, m)
	for i := range d {
		d[i] = with[i] - d[i]
	}
	gain := estimate(judge, d)
	t.metrics["search.intent.ndcg@10"] = gain
	t.note("search: the columns of intent add %+.4f [%+.4f, %+.4f] to what a ranker learns without them", gain.Mean, gain.Low, gain.High)
	return nil
}

// weightsOf lists a ranker's weights, the greatest first.
func weightsOf(l *fuse.Linear, columns []string) string {
	order := make([]int, 0, len(columns))
	for i := range columns {
		if l.Weights[i] != 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(l.Weights[b]), math.Abs(l.Weights[a])) })
	out := make([]string, len(order))
	for k, i := range order {
		out[k] = fmt.Sprintf("%s %+.3f", columns[i], l.Weights[i])
	}
	return strings.Join(out, ", ")
}

func searchNDCG(groups []group, m *rank.SearchModel) []float64 {
	out := make([]float64, len(groups))
	for i, g := range groups {
		c := slices.Clone(g.cands)
		m.Score(&g.request, c)
		slices.SortStableFunc(c, func(a, b bowerbird.Candidate) int { return cmp.Compare(b.Score, a.Score) })
		list := make([]uint32, min(10, len(c)))
		for j := range list {
			list[j] = uint32(c[j].Item)
		}
		out[i] = eval.NDCG(list, eval.Binary(g.moment.relevant...), 10)
	}
	return out
}

// refitSearch learns meaning from the whole log.
func (t *training) refitSearch(ctx context.Context, b *rank.Bundle) error {
	m, _, err := t.learnMeaning(ctx, t.last+1)
	if err != nil {
		return err
	}
	b.Meaning, b.Card.Search = m, t.search.card
	return t.bridge(ctx, b)
}

// visual is the name of the signal that holds what a picture looks like.
const visual = "visual"

// bridge learns where pictures lie in the space of meaning, from the items that have
// both words and a picture. Colours that were seen in the picture are no words of it.
func (t *training) bridge(ctx context.Context, b *rank.Bundle) error {
	s := t.search
	if b.Meaning == nil || len(s.pictures) == 0 {
		return nil
	}
	var x, y [][]float32
	for _, item := range slices.Sorted(maps.Keys(s.pictures)) {
		v := make([]float32, b.Meaning.Dim())
		if p := s.pictures[item]; s.words[item] != "" && b.Meaning.Embed(v, s.terms(s.words[item])) {
			x, y = append(x, p), append(y, v)
		}
	}
	bridge, e, err := meaning.FitBridge(ctx, s.pictured, x, y, meaning.BridgeOptions{Seed: t.o.Seed})
	s.card.Pictures = e
	switch {
	case errors.Is(err, meaning.ErrFewPairs), errors.Is(err, meaning.ErrNoBridge):
		t.note("search: items without words are not found by words: %v", err)
		return nil
	case err != nil:
		return err
	}
	t.note("search: pictures tell what is written of them %.0f %% of the way from chance to the best possible [%.0f, %.0f] on %d that were held out: items without words are found by words",
		100*e.Gain, 100*e.Low, 100*e.High, e.Judged)
	b.Pictures = bridge
	return nil
}

// catalogueOnly learns what words mean and what pictures show, where there are too
// few likes for anything else. why is returned where that fails too, or where what
// serves has learned from likes.
func (t *training) catalogueOnly(ctx context.Context, why error) error {
	if c := t.o.Current; c != nil && c.Card.Trainer != rank.CatalogueOnly {
		return why
	}
	t.cutA, t.cutB = t.last+1, t.last+1
	t.early = new(rank.Bundle)
	t.o.Step("learning meaning", 0, 1)
	if err := t.meaning(ctx); err != nil {
		return err
	}
	b := t.early
	if b.Meaning == nil {
		return why
	}
	t.note("too few likes to learn tastes from: learned from the catalogue alone")
	t.metrics = map[string]eval.Estimate{}
	if err := t.bridge(ctx, b); err != nil {
		return err
	}
	if err := t.learnLabels(ctx, b); err != nil {
		return err
	}
	now := t.o.Now().UTC()
	b.Card = rank.Card{Version: now.Format("20060102-150405.000"), Created: now, Offset: t.last, Trainer: rank.CatalogueOnly,
		Search: t.search.card, Labels: b.Card.Labels, Metrics: t.metrics, Notes: t.notes}
	t.result = &Result{Bundle: b, Promoted: true}
	return nil
}
