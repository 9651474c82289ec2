package retrieve_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/retrieve"
)

// tongue is an encoder that knows that a couch is a sofa, and may be held up.
type tongue struct{ hold chan struct{} }

func (tongue) Name() string    { return "tongue" }
func (tongue) Version() string { return "1" }
func (tongue) Dim() int        { return 3 }
func (g tongue) Encode(ctx context.Context, texts []string) ([][]float32, error) {
	if g.hold != nil {
		select {
		case <-g.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		switch {
		case strings.Contains(t, "sofa"), strings.Contains(t, "couch"):
			out[i] = []float32{1, .1, 0}
		case strings.Contains(t, "lamp"):
			out[i] = []float32{0, 1, 0}
		}
	}
	return out, nil
}

type shelf map[bowerbird.ItemID]*bowerbird.Item

func (s shelf) doc(x bowerbird.ItemID) (*bowerbird.Item, error) {
	if d := s[x]; d != nil {
		return d, nil
	}
	return nil, errors.New("gone")
}

func (s shelf) put(v *retrieve.Meaning, x bowerbird.ItemID, title string) {
	s[x] = &bowerbird.Item{Title: title}
	v.Apply([]bowerbird.Fact{{Kind: bowerbird.ItemPut, Item: x, ItemDoc: s[x]}})
}

func newMeaning(s shelf) *retrieve.Meaning {
	return retrieve.NewMeaning(retrieve.MeaningOptions{Doc: s.doc, New: func(dim int) (index.Index, error) { return index.NewFlat(dim, index.Cosine) }})
}

func near(t *testing.T, v *retrieve.Meaning, words string) []bowerbird.ItemID {
	t.Helper()
	hits, err := v.Near(context.Background(), &bowerbird.Request{}, bowerbird.Ingredient{Words: words}, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []bowerbird.ItemID
	for _, h := range hits {
		if h.Score > .5 {
			out = append(out, h.Item)
		}
	}
	return out
}

func TestMeaningFollowsTheCatalogue(t *testing.T) {
	s := shelf{}
	v := newMeaning(s)
	s.put(v, 1, "grey sofa")
	s.put(v, 2, "lamp")
	if got := near(t, v, "couch"); got != nil {
		t.Errorf("without an encoder it finds %v", got)
	}
	if err := v.Swap(context.Background(), &retrieve.Encoding{Encoder: tongue{}}); err != nil {
		t.Fatal(err)
	}
	if got := near(t, v, "couch"); len(got) != 1 || got[0] != 1 {
		t.Errorf("couch finds %v, want item 1", got)
	}
	s.put(v, 1, "lamp")
	s.put(v, 3, "sofa")
	if got := near(t, v, "couch"); len(got) != 1 || got[0] != 3 {
		t.Errorf("after a change couch finds %v, want item 3", got)
	}
	v.Apply([]bowerbird.Fact{{Kind: bowerbird.ItemDelete, Item: 3}})
	if got := near(t, v, "couch"); len(got) != 0 {
		t.Errorf("after a delete couch finds %v", got)
	}
	var a, b bytes.Buffer
	if err := v.Save(&a); err != nil {
		t.Fatal(err)
	}
	w := newMeaning(s)
	if err := w.Load(bytes.NewReader(a.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := w.Save(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("loaded and saved again it differs: %v", err)
	}
	if err := w.Swap(context.Background(), &retrieve.Encoding{Encoder: tongue{}}); err != nil {
		t.Fatal(err)
	}
	if got := near(t, w, "lamp"); len(got) != 2 {
		t.Errorf("loaded, lamp finds %v, want two", got)
	}
}

// TestMeaningBehind: a slow encoder holds nobody up, and what changes while it
// works is embedded as it is at last.
func TestMeaningBehind(t *testing.T) {
	s, hold := shelf{}, make(chan struct{})
	v := newMeaning(s)
	defer v.Close()
	s.put(v, 1, "sofa")
	if err := v.Swap(context.Background(), &retrieve.Encoding{Encoder: tongue{hold}, Slow: true}); err != nil {
		t.Fatal(err)
	}
	v.Apply([]bowerbird.Fact{{Kind: bowerbird.ItemPut, Item: 2, ItemDoc: &bowerbird.Item{Title: "lamp"}}, {Kind: bowerbird.ItemDelete, Item: 2}})
	if !v.Waits() {
		t.Error("nothing waits, though the encoder is held up")
	}
	close(hold)
	for end := time.Now().Add(5 * time.Second); v.Waits() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if ok, have, wait := v.Ready(); !ok || have != 1 || wait != 0 {
		t.Errorf("ready %v, %d vectors, %d waiting; want one vector", ok, have, wait)
	}
}
