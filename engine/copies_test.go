package engine

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"

	"bowerbird"
	"bowerbird/internal/synth"
	"bowerbird/vision"
	"bowerbird/vision/copies"
)

// pictured is an engine with drawn pictures a0, a1, ... and, of the first few, copies
// c0, c1, ... that were edited.
func pictured(t *testing.T, dir string, pictures, edited int) *Engine {
	t.Helper()
	w, err := synth.New(synth.Options{Seed: 5, Items: 200})
	if err != nil {
		t.Fatal(err)
	}
	e := open(t, dir, Options{})
	r := rand.New(rand.NewPCG(2, 2))
	post := func(name string, m image.Image) {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 80}); err != nil {
			t.Fatal(err)
		}
		_, events, err := e.Pictured(t.Context(), bowerbird.Item{ID: name, Title: "lamp " + name}, b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		put(t, e, events, 100)
	}
	for i := range pictures {
		m, err := w.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		post(fmt.Sprintf("a%d", i), m)
		if i < edited {
			post(fmt.Sprintf("c%d", i), copies.Edits[i%4].Of(m, r))
		}
	}
	return e
}

func TestCopiesAreGrouped(t *testing.T) {
	const n, edited = 12, 4
	dir := t.TempDir()
	e := pictured(t, dir, n, edited)
	if k, err := e.GroupCopies(t.Context(), 5); err != nil || k != 5 {
		t.Fatal(k, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, Options{}) // it goes on where it stopped
	defer e.Close()
	if k, err := e.GroupCopies(t.Context(), 1000); err != nil || k != n+edited-5 {
		t.Fatal(k, err)
	}
	for i := range n {
		name := fmt.Sprintf("a%d", i)
		group, err := e.Copies(name)
		if err != nil {
			t.Fatal(err)
		}
		want := 1
		if i < edited {
			want = 2
		}
		if len(group) != want || !group[0].First || group[0].Item.ID != name {
			t.Errorf("%s has a group of %d: %+v", name, len(group), group)
		}
	}
	// A search shows one of each group; both match.
	a, err := e.Page(t.Context(), Query{Surface: bowerbird.SearchWords, Words: "lamp", Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Items) != n {
		t.Errorf("%d items for %d pictures", len(a.Items), n)
	}
	// The same by name, also in another order, where copies stand side by side.
	for _, s := range []bowerbird.SearchSpec{{Distinct: CopiesField}, {Distinct: "Copies", Sort: []bowerbird.SortKey{{Field: "created"}}}} {
		a, err := e.Page(t.Context(), Query{Surface: bowerbird.SearchWords, Words: "lamp", Limit: 50, Seek: Seek{SearchSpec: s}})
		if err != nil || len(a.Items) != n {
			t.Errorf("%+v: %d items for %d pictures, %v", s, len(a.Items), n, err)
		}
	}
	// Who hides a copy need not meet the first.
	put(t, e, []bowerbird.Event{{Kind: bowerbird.Hide, User: "u", Item: "c1"}}, 1)
	a, err = e.Page(t.Context(), Query{Surface: bowerbird.SearchWords, User: "u", Words: "lamp", Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range a.Items {
		if x.Doc.ID == "a1" || x.Doc.ID == "c1" {
			t.Errorf("%s is shown to who hid a copy of it", x.Doc.ID)
		}
	}
	// Without its first a group is made anew.
	put(t, e, []bowerbird.Event{{Kind: bowerbird.ItemDelete, Item: "a0"}}, 1)
	if k, err := e.GroupCopies(t.Context(), 1000); err != nil || k != 1 {
		t.Fatal(k, err)
	}
	if group, err := e.Copies("c0"); err != nil || len(group) != 1 || !group[0].First {
		t.Error(group, err)
	}
}

func TestCopiesReplay(t *testing.T) {
	e := pictured(t, t.TempDir(), 6, 3)
	defer e.Close()
	if _, err := e.GroupCopies(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	h, err := NewHouse(e.Log(), HouseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Replay(t.Context(), e.Log(), 0, 0, nil); err != nil {
		t.Fatal(err)
	}
	sameStates(t, "replay", states(t, e.House()), states(t, h))
	again, err := NewHouse(e.Log(), HouseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := h.copies.Save(&b); err != nil {
		t.Fatal(err)
	}
	for i := range b.Len() {
		if again.copies.Load(bytes.NewReader(b.Bytes()[:i])) == nil {
			t.Fatalf("the first %d bytes of the view were taken", i)
		}
	}
	if groups, items := h.copies.Groups(); groups != 3 || items != 6 {
		t.Errorf("%d groups of %d items", groups, items)
	}
}

// TestCropFindsItsSource asks with small parts of pictures.
func TestCropFindsItsSource(t *testing.T) {
	e := pictured(t, t.TempDir(), 20, 0)
	defer e.Close()
	r := rand.New(rand.NewPCG(9, 9))
	found := 0
	for i := range 20 {
		box := vision.Rect{X: r.Float64() * .55, Y: r.Float64() * .55, W: .45, H: .45}
		a, err := e.Page(t.Context(), Query{Surface: bowerbird.SearchPicture, Item: fmt.Sprintf("a%d", i), Crop: &box, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(a.Items, func(s Shown) bool { return s.Doc.ID == fmt.Sprintf("a%d", i) }) {
			found++
		}
		if a.Next == "" {
			t.Fatal("no second page")
		}
		if _, err := e.Page(t.Context(), Query{Surface: bowerbird.SearchPicture, Item: fmt.Sprintf("a%d", i), Crop: &box, Limit: 5, Cursor: a.Next}); err != nil {
			t.Fatal(err)
		}
	}
	if found < 19 {
		t.Errorf("%d of 20 crops find their source among five", found)
	}
}

// TestLooksAreFields: what a picture looks like can be filtered by and counted.
func TestLooksAreFields(t *testing.T) {
	e := pictured(t, t.TempDir(), 20, 0)
	defer e.Close()
	for _, f := range append(slices.Clone(bowerbird.LookFields[:]), "quality") {
		if !e.House().fields.Known(f) {
			t.Errorf("%s is no field", f)
		}
	}
	all := 0
	for _, tone := range []string{"dark", "medium", "light"} {
		a, err := e.Page(t.Context(), Query{Surface: bowerbird.SearchWords, Words: "lamp", Limit: 50,
			Where: []bowerbird.Condition{{Field: "tone", Op: bowerbird.In, Words: []string{tone}}}})
		if err != nil {
			t.Fatal(err)
		}
		all += len(a.Items)
		for _, x := range a.Items {
			if x.Doc.Picture.Looks[0] != tone {
				t.Errorf("%s is %s", x.Doc.ID, x.Doc.Picture.Looks[0])
			}
		}
	}
	if all != 20 {
		t.Errorf("%d of 20 items have a tone", all)
	}
}
