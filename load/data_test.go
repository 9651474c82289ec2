package load

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"bowerbird"
)

// shared finds a public data set beside the repository, or skips.
func shared(t *testing.T, path string) string {
	t.Helper()
	base := os.Getenv("BOWERBIRD_DATA")
	if base == "" {
		dir, err := os.Getwd()
		for err == nil && dir != filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				base = filepath.Join(dir, "..", "shared", "data")
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	p := filepath.Join(base, path)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("%s is not here: put the public data sets into ../shared/data or name their folder by BOWERBIRD_DATA", path)
	}
	return p
}

// TestPublicSets reads real files and compares with the counts that their
// publishers state.
func TestPublicSets(t *testing.T) {
	for _, c := range []struct {
		path           string
		format         Format
		items, actions int
		pictures       int
	}{
		{"rec-ml100k", MovieLens100K, 1682, 100_000, 0},
		{"rec-ml-latest-small", MovieLensLatest, 9125, 100_004, 0},
		{"seq-s3rec-amazon-yelp-lastfm/Beauty.txt.gz", Sequences, 12_101, 198_502, 0},
		{"vision-clothing-small-256", Pictures, 3781, 0, 3781},
	} {
		t.Run(c.path, func(t *testing.T) {
			path := shared(t, c.path)
			items, actions, pictures := 0, 0, 0
			seen := map[string]bool{}
			last := int64(0)
			rep, err := Read(context.Background(), path, Options{}, func(r Record) error {
				switch {
				case r.Event.Kind == bowerbird.ItemPut:
					items++
					seen[r.Event.ItemDoc.ID] = true
				case r.Event.Kind.OnItem():
					actions++
					if !seen[r.Event.Item] {
						t.Fatalf("%s comes before its item", short(r))
					}
					if r.Event.Time < last {
						t.Fatalf("%s goes back in time", short(r))
					}
					last = r.Event.Time
				}
				if r.Picture != "" {
					pictures++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if rep.Format != c.format || items != c.items || actions != c.actions || pictures != c.pictures || rep.Skipped != 0 {
				t.Errorf("%s: %d items, %d actions, %d pictures, %d skipped %v", rep.Format, items, actions, pictures, rep.Skipped, rep.Errors)
			}
		})
	}
}
