package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"bowerbird/index"
	"bowerbird/text/meaning"
	"bowerbird/text/sentence"
)

// foreign gives texts the vectors of a sentence model. Its first failure stays.
type foreign struct {
	ctx    context.Context
	kept   *meaning.Kept // of documents and, by the same text, of what Tune makes of them
	asked  *meaning.Kept // of queries
	failed error
}

// asking is a sentence model as it encodes queries.
type asking struct{ *sentence.Encoder }

func (q asking) Version() string { return q.Encoder.Version() + "-queries" }

func (q asking) Encode(ctx context.Context, texts []string) ([][]float32, error) {
	return q.EncodeQueries(ctx, texts)
}

// encode embeds the documents by a sentence model and chooses the settings on them.
func (c *evalSearchCmd) encode(a *app, b *searchBench) error {
	e, err := sentence.Open(c.Encoder, sentence.Options{MaxTokens: c.MaxTokens})
	if err != nil {
		return err
	}
	path := c.Vectors
	if path == "" {
		dir, err := os.MkdirTemp("", "bowerbird-vectors-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir) // open files outlive their names
		path = filepath.Join(dir, "vectors")
	}
	f := &foreign{ctx: a.ctx}
	if f.kept, err = meaning.Keep(path, e); err != nil {
		return err
	}
	if f.asked, err = meaning.Keep(path+".queries", asking{e}); err != nil {
		return err
	}
	if err := f.all(b.set.texts, func(done int) { a.ui.step("encode documents", int64(done), int64(len(b.set.texts))) }); err != nil {
		return err
	}
	vectors, err := index.NewFlat(e.Dim(), index.InnerProduct)
	if err != nil {
		return err
	}
	for d, t := range b.set.texts {
		if v := f.text(t); v != nil {
			if err := vectors.Put(uint32(d), v); err != nil {
				return err
			}
		}
	}
	b.hybrid.Vectors, b.encoder = vectors, f
	b.notes = append(b.notes, fmt.Sprintf("vectors of %s", e.Version()))
	if !c.NoTune {
		err = c.tune(a, b, func(_ context.Context, texts []string) (func(string) []float32, error) {
			return f.either, f.all(texts, func(int) {})
		})
	}
	if err == nil {
		err = f.failed
	}
	return err
}

// all encodes texts that are not kept yet.
func (f *foreign) all(texts []string, done func(n int)) error {
	const at = 64
	for i := 0; i < len(texts); i += at {
		done(i)
		if _, err := f.kept.Encode(f.ctx, texts[i:min(len(texts), i+at)]); err != nil {
			return err
		}
	}
	return nil
}

func (f *foreign) text(t string) []float32  { return f.one(f.kept, t) }
func (f *foreign) query(t string) []float32 { return f.one(f.asked, t) }

// either is what Tune asks for: texts have been encoded, anything else is a query.
func (f *foreign) either(t string) []float32 {
	if f.kept.Has(t) {
		return f.text(t)
	}
	return f.query(t)
}

func (f *foreign) one(k *meaning.Kept, t string) []float32 {
	vs, err := k.Encode(f.ctx, []string{t})
	if err != nil {
		if f.failed == nil {
			f.failed = err
		}
		return nil
	}
	return vs[0]
}
