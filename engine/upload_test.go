package engine

import (
	"testing"

	"bowerbird"
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
