package feature

import (
	"io"

	"bowerbird"
	"bowerbird/index/postings"
	"bowerbird/internal/frame"
)

// Match is how a search's words and meaning match an item: the parts of BM25F by
// field, each as a share of the greatest possible score, the share of the query's
// clauses that the item holds, the cosine of the two meanings, and the share of the
// query's phrases that it holds as such.
type Match struct {
	explaining Explaining
}

// Explaining prepares the explanation of many items of one request; see
// retrieve.Words.
type Explaining func(r *bowerbird.Request) (explain func(bowerbird.ItemID) (*postings.Explanation, error), clauses int, most float64, err error)

// NewMatch asks a word index for explanations.
func NewMatch(e Explaining) *Match { return &Match{e} }

var matchFields = []string{"title", "tags", "categories", "description"}

// Names are the columns.
func (v *Match) Names() []string {
	return []string{"match.title", "match.tags", "match.categories", "match.description", "match.coverage", "match.meaning", "match.phrase"}
}

// Meaning says what a large value means.
func (v *Match) Meaning() []string {
	return []string{"its title holds the words", "its tags hold the words", "its categories hold the words", "its description holds the words",
		"it holds all of the words", "it means the like", "it holds the words together"}
}

// Apply has nothing to fold.
func (v *Match) Apply([]bowerbird.Fact) {}

// Fill explains each item, some microseconds each.
func (v *Match) Fill(r *bowerbird.Request, items []bowerbird.ItemID, out []float32, stride int) {
	if r.Surface != bowerbird.SearchWords || r.Query == "" {
		return
	}
	explain, clauses, most, err := v.explaining(r)
	if err != nil || clauses == 0 || most <= 0 {
		return
	}
	cosine := map[bowerbird.ItemID]float32{}
	if r.Match.Hybrid != nil {
		for _, h := range r.Match.Hybrid.Hits {
			cosine[h.Item] = h.Meaning
		}
	}
	v.phrases(r, items, out, stride)
	for i, x := range items {
		row := out[i*stride : i*stride+6]
		row[5] = cosine[x]
		e, err := explain(x)
		if err != nil {
			continue // deleted since
		}
		held := 0
		for _, c := range e.Clauses {
			if len(c.Leaves) == 0 || c.Occur == postings.MustNot {
				continue
			}
			held++
			for _, f := range c.Leaves[0].Fields {
				for k, name := range matchFields {
					if f.Name == name {
						row[k] += float32(f.Score / most)
					}
				}
			}
		}
		row[4] = float32(held) / float32(clauses)
	}
}

// phrases fills in the share of the phrases that each item holds.
func (v *Match) phrases(r *bowerbird.Request, items []bowerbird.ItemID, out []float32, stride int) {
	if r.Meant == nil {
		return
	}
	for _, p := range r.Meant.Phrases {
		explain, _, _, err := v.explaining(&bowerbird.Request{Surface: r.Surface, Query: `"` + p + `"`})
		if err != nil {
			continue
		}
		for i, x := range items {
			if e, err := explain(x); err == nil && e.Score > 0 {
				out[i*stride+6] += 1 / float32(len(r.Meant.Phrases))
			}
		}
	}
}

// Save writes an empty file: there is no state.
func (v *Match) Save(w io.Writer) error { return frame.NewWriter(w, "fmatch", 1).Close() }

// Load reads it.
func (v *Match) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "fmatch", 1)
	if err != nil {
		return err
	}
	return fr.Close()
}
