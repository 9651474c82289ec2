package engine

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"bowerbird"
	"bowerbird/text"
)

// TestOwnSynonyms: the list holds over restarts, backups, erasures and houses that are made anew, and not beside a file.
func TestOwnSynonyms(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	at := filepath.Join(dir, "data")
	o := Options{Logger: quiet()}
	e, err := Open(ctx, at, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Ingest(ctx, []bowerbird.Event{
		{Kind: bowerbird.ItemPut, Time: 1, ItemDoc: &bowerbird.Item{ID: "s", Title: "Grey sofa"}},
		{Kind: bowerbird.Save, Time: 2, User: "ann", Item: "s"},
	}); err != nil {
		t.Fatal(err)
	}
	widened := func(when string, e *Engine) {
		t.Helper()
		q, err := e.House().analyzer.Parse("couch", text.ParseOptions{})
		if err != nil || len(q.Clauses) != 1 || len(q.Clauses[0].Alternatives) != 1 {
			t.Errorf("%s: %+v, %v", when, q, err)
		}
	}
	lines := []string{"# ours", "couch, sofa"}
	if err := e.SetSynonyms(lines); err != nil {
		t.Fatal(err)
	}
	widened("at once", e)
	if err := e.Backup(ctx, filepath.Join(dir, "copy")); err != nil {
		t.Fatal(err)
	}
	if err := e.Erase(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	widened("after an erasure", e)
	if h, err := e.NewHouse(); err != nil || len(h.languages.Default().Terms("couch")) != 1 {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{at, filepath.Join(dir, "copy")} {
		if e, err = Open(ctx, d, o); err != nil {
			t.Fatal(err)
		}
		widened("opened again", e)
		if got, version, err := e.OwnSynonyms(); err != nil || version == "" || !slices.Equal(got, lines) {
			t.Errorf("%v %q %v", got, version, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	o.House.Synonyms.Groups = [][]string{{"couch", "sofa"}}
	if e, err = Open(ctx, at, o); err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	widened("from a file", e)
	if err := e.SetSynonyms(nil); !errors.Is(err, ErrSynonymFile) {
		t.Error(err)
	}
}
