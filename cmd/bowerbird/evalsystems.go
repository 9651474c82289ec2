package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"bowerbird/eval"
	"bowerbird/index"
	"bowerbird/index/fuse"
	"bowerbird/index/postings"
	"bowerbird/text"
	"bowerbird/text/meaning"
)

// searchBench is a collection, indexed, with everything that the systems search by.
type searchBench struct {
	set      *searchSet
	analyzer *text.Analyzer
	terms    [][]string // of each document
	hybrid   fuse.Hybrid
	model    *meaning.Model
	encoder  *foreign // instead of model; nil: none
	evidence *fuse.Evidence
	notes    []string
}

// searchSystems are what can be asked for, in the order in which they are shown.
var searchSystems = []string{"words", "rm3", "meaning", "rrf", "sum", "hybrid", "learned", "meant"}

func (c *evalSearchCmd) build(a *app, s *searchSet) (*searchBench, error) {
	an, err := text.New(text.Options{Language: c.Language})
	if err != nil {
		return nil, usagef("--language: %v", err)
	}
	b := &searchBench{set: s, analyzer: an}
	if b.hybrid.Words, err = postings.New(postings.Options{Fields: []postings.Field{{Name: "text", B: c.B}}, K1: c.K1, SyncMerge: true}); err != nil {
		return nil, err
	}
	var tokens []text.Token
	var field []postings.Token
	for d, t := range s.texts {
		tokens, field = an.Analyze(tokens[:0], t), field[:0]
		names := make([]string, len(tokens))
		for i, tok := range tokens {
			field = append(field, postings.Token{Term: tok.Term, Pos: uint32(tok.Pos)})
			names[i] = tok.Term
		}
		b.terms = append(b.terms, names)
		if err := b.hybrid.Words.Put(uint32(d), field); err != nil {
			return nil, fmt.Errorf("document %s: %w", s.ids[d], err)
		}
		if d&255 == 0 && a.ctx.Err() != nil {
			return nil, a.ctx.Err()
		}
	}
	if !slices.ContainsFunc(c.Systems, func(n string) bool { return n != "words" && n != "rm3" }) {
		return b, nil
	}
	return b, c.learn(a, b)
}

// learn trains vectors on the documents and chooses the settings on them. Queries and judgments are not looked at.
func (c *evalSearchCmd) learn(a *app, b *searchBench) error {
	if c.Encoder != "" {
		return c.encode(a, b)
	}
	o := meaning.Options{Dim: c.Dim, Seed: c.Seed, Progress: func(done, total int) { a.ui.step("learn meaning", int64(done), int64(total)) }}
	var err error
	b.model, err = meaning.Train(a.ctx, slices.Values(b.terms), o)
	if errors.Is(err, meaning.ErrSmall) {
		b.hybrid.Weight = -1
		b.notes = append(b.notes, err.Error()+": words alone")
		return nil
	}
	if err != nil {
		return err
	}
	vectors, err := index.NewFlat(b.model.Dim(), index.InnerProduct)
	if err != nil {
		return err
	}
	of := c.others(len(b.terms))
	v := make([]float32, b.model.Dim())
	for d := range b.terms {
		if b.model.Embed(v, b.terms[of[d]]) {
			if err := vectors.Put(uint32(d), v); err != nil {
				return err
			}
		}
	}
	b.hybrid.Vectors = vectors
	if c.NoTune {
		return nil
	}
	learn := b.train(c)
	if c.Mislead {
		learn = c.misled(learn)
	}
	return c.tune(a, b, learn)
}

// others says whose vector each of n documents has: its own, or with --mislead another one's.
func (c *evalSearchCmd) others(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	if c.Mislead {
		rnd := rand.New(rand.NewPCG(c.Seed, 0x5b01))
		rnd.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

// misled gives each text that is learned from the vector of another one.
func (c *evalSearchCmd) misled(learn fuse.Learn) fuse.Learn {
	return func(ctx context.Context, texts []string) (func(string) []float32, error) {
		encode, err := learn(ctx, texts)
		if err != nil {
			return nil, err
		}
		of := c.others(len(texts))
		instead := make(map[string]string, len(texts))
		for i, t := range texts {
			instead[t] = texts[of[i]]
		}
		return func(t string) []float32 {
			if other, ok := instead[t]; ok {
				t = other
			}
			return encode(t)
		}, nil
	}
}

// train is the learning of Tune: a model of the texts that it is given.
func (b *searchBench) train(c *evalSearchCmd) fuse.Learn {
	return func(ctx context.Context, texts []string) (func(string) []float32, error) {
		m, err := meaning.Train(ctx, func(yield func([]string) bool) {
			for _, t := range texts {
				if !yield(b.analyzer.Terms(t)) {
					return
				}
			}
		}, meaning.Options{Dim: c.Dim, Seed: c.Seed})
		if err != nil {
			return nil, err
		}
		return func(t string) []float32 {
			v := make([]float32, m.Dim())
			if !m.Embed(v, b.analyzer.Terms(t)) {
				return nil
			}
			return v
		}, nil
	}
}

func (c *evalSearchCmd) tune(a *app, b *searchBench, learn fuse.Learn) error {
	a.ui.step("choose the weight of meaning", 0, 0)
	var err error
	b.hybrid.Settings, b.evidence, err = fuse.Tune(a.ctx, b.set.texts, b.analyzer.Terms, learn, fuse.TuneOptions{K1: c.K1, B: c.B, Seed: c.Seed})
	if errors.Is(err, fuse.ErrFew) || errors.Is(err, meaning.ErrSmall) {
		b.notes = append(b.notes, err.Error()+": words alone")
		return nil
	}
	return err
}

// search is one system's list for one query.
func (b *searchBench) search(ctx context.Context, system, query string, k int) ([]fuse.Scored, error) {
	terms := b.analyzer.Terms(query)
	words := fuse.Bag(terms)
	find := func(q postings.Query) ([]fuse.Scored, error) {
		if len(q.Clauses) == 0 {
			return nil, nil
		}
		return b.hybrid.Words.Search(ctx, q, postings.SearchOptions{K: k})
	}
	vector := b.vector(query)
	nearest := func() ([]fuse.Scored, error) {
		if vector == nil {
			return nil, nil
		}
		near, err := b.hybrid.Vectors.Search(vector, k, index.Options{})
		out := make([]fuse.Scored, len(near))
		for i, n := range near {
			out[i] = fuse.Scored{Doc: n.ID, Score: float64(n.Score)}
		}
		return out, err
	}
	switch system {
	case "words":
		return find(words)
	case "rm3":
		first, err := find(words)
		if err != nil || len(first) == 0 {
			return first, err
		}
		return find(fuse.Expansion{}.Expand(terms, first, func(d uint32) []string { return b.terms[d] }, b.hybrid.Words.DocFreq, b.hybrid.Words.Docs()))
	case "meaning":
		return nearest()
	case "hybrid":
		r, err := b.hybrid.Search(ctx, fuse.Query{Words: words, Vector: vector}, fuse.Options{K: k})
		if err != nil {
			return nil, err
		}
		out := make([]fuse.Scored, len(r.Hits))
		for i, h := range r.Hits {
			out[i] = fuse.Scored{Doc: h.Doc, Score: h.Score}
		}
		return out, nil
	}
	first, err1 := find(words)
	second, err2 := nearest()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	var out []fuse.Scored
	if system == "rrf" {
		out = fuse.RRF(0, first, second)
	} else {
		out = fuse.Sum(fuse.Part{List: first, Weight: 1}, fuse.Part{List: second, Weight: .5, Normalise: fuse.AsIs})
	}
	return out[:min(k, len(out))], nil
}

func (b *searchBench) vector(query string) []float32 {
	if b.encoder != nil {
		return b.encoder.query(query)
	}
	if b.model == nil || b.hybrid.Vectors == nil {
		return nil
	}
	v := make([]float32, b.model.Dim())
	if !b.model.Embed(v, b.analyzer.Terms(query)) {
		return nil
	}
	return v
}

// run asks one system all judged queries.
func (b *searchBench) run(a *app, system string, depth int) (*eval.Run, error) {
	run := &eval.Run{Name: system}
	for i, q := range b.set.queries {
		if b.set.qrels.Grades[q.ID] == nil {
			continue
		}
		a.ui.step(system, int64(i), int64(len(b.set.queries)))
		hits, err := b.search(a.ctx, system, q.Text, depth)
		if err != nil {
			return nil, fmt.Errorf("%s, query %s: %w", system, q.ID, err)
		}
		list := make([]eval.Ranked, len(hits))
		for j, h := range hits {
			list[j] = eval.Ranked{Doc: b.set.ids[h.Doc], Score: h.Score}
		}
		run.Add(q.ID, list)
	}
	if b.encoder != nil && b.encoder.failed != nil {
		return nil, b.encoder.failed
	}
	return run, nil
}

func knownSystem(names []string) error {
	for _, n := range names {
		if !slices.Contains(searchSystems, n) {
			return usagef("--systems: %q is none of %s", n, strings.Join(searchSystems, ", "))
		}
	}
	return nil
}
