package engine

import (
	"context"
	"testing"

	"bowerbird"
	"bowerbird/surface"
)

// TestPagesByAnUpload: a search by an upload goes on from page to page.
func TestPagesByAnUpload(t *testing.T) {
	e := pictured(t, t.TempDir(), 8, 0)
	defer e.Close()
	data, err := e.blobs.Get(must(e.House().Catalogue.ItemDoc(3)).Picture.Blob)
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Surface: bowerbird.SearchPicture, Upload: data, Limit: 3}
	seen := map[string]bool{}
	for range 3 {
		a, err := e.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range a.Items {
			if seen[x.Doc.ID] {
				t.Error(x.Doc.ID, "twice")
			}
			seen[x.Doc.ID] = true
		}
		if q.Cursor = a.Next; q.Cursor == "" {
			break
		}
	}
	if len(seen) < 5 {
		t.Error(seen)
	}
}

// hurried is a source that had no time to do its best.
type hurried struct{ surface.Source }

func (h hurried) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	dst, _ = h.Source.Candidates(ctx, r, n, dst)
	return dst, bowerbird.ErrCut
}

// TestCutShortIsNotKept: a search by a picture that ran out of time is made again when it
// is asked again, and then remembered.
func TestCutShortIsNotKept(t *testing.T) {
	e := pictured(t, t.TempDir(), 8, 0)
	defer e.Close()
	use := &e.House().surfaces[bowerbird.SearchPicture].Sources[0]
	whole := use.Source
	q := Query{Surface: bowerbird.SearchPicture, Item: "a1", Limit: 3}
	use.Source = hurried{whole}
	a := page(t, e, q)
	if len(a.Page.Items) != 3 || len(a.Page.Trace.Notes) != 1 {
		t.Fatalf("%d items, notes %q", len(a.Page.Items), a.Page.Trace.Notes)
	}
	use.Source = whole
	b, c := page(t, e, q), page(t, e, q)
	if &a.Page.Items[0] == &b.Page.Items[0] || len(b.Page.Trace.Notes) != 0 {
		t.Error("a page that was cut short was remembered")
	}
	if &b.Page.Items[0] != &c.Page.Items[0] {
		t.Error("a whole page was not remembered")
	}
}
