package retrieve_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/internal/viewtest"
	"bowerbird/retrieve"
)

// twoTongues is a world where everybody keeps mostly English items, a few German
// ones among them: ten of each ten people keep items 1..100 at random places, and
// the German items 101..110.
func twoTongues() []fact {
	var facts []fact
	tell := func(x bowerbird.ItemID, language string) {
		facts = append(facts, put(x, bowerbird.Item{Title: "x", Language: language}))
	}
	for x := bowerbird.ItemID(1); x <= 100; x++ {
		tell(x, "en")
	}
	for x := bowerbird.ItemID(101); x <= 110; x++ {
		tell(x, "de-AT")
	}
	for u := bowerbird.UserID(1); u <= 60; u++ {
		for i := range bowerbird.ItemID(18) {
			facts = append(facts, save(u, 1+(bowerbird.ItemID(u)*7+i*5)%100, 0))
		}
		facts = append(facts, save(u, 101+bowerbird.ItemID(u)%10, 0), save(u, 101+bowerbird.ItemID(u*3+1)%10, 0))
	}
	return facts
}

func german(hits []bowerbird.Hit) (n int) {
	for _, h := range hits {
		if h.Item > 100 {
			n++
		}
	}
	return n
}

func TestWalkKeepsToALanguage(t *testing.T) {
	w, h := retrieve.NewWalk(retrieve.WalkOptions{}), retrieve.NewHistory()
	facts := twoTongues()
	for x := bowerbird.ItemID(101); x <= 105; x++ {
		facts = append(facts, save(99, x, 0), save(98, x-100, 0))
	}
	facts = logOf(facts...)
	w.Apply(facts)
	h.Apply(facts)
	plain := w.With(retrieve.WalkOptions{Language: -1})
	keeps := bowerbird.Request{User: 99, Recent: h.Of(99, 0), Seed: 1}
	if with, without := german(ask(t, w, keeps, 10)), german(ask(t, plain, keeps, 10)); with <= without {
		t.Errorf("somebody who keeps German things gets %d German ones of 10, %d without the preference", with, without)
	}
	other := bowerbird.Request{User: 98, Recent: h.Of(98, 0), Seed: 1}
	if !slices.Equal(ask(t, w, other, 10), ask(t, plain, other, 10)) {
		t.Error("English is what there is most of: who likes it shows no preference, and yet the walk is another")
	}
	asks := other
	asks.Where = []bowerbird.Condition{{Field: "language", Op: bowerbird.In, Words: []string{"DE"}}}
	with, without := german(ask(t, w, asks, 10)), german(ask(t, w, other, 10))
	if with < 8 || with <= without {
		t.Errorf("a request for German gets %d German ones of 10, %d without", with, without)
	}
	// Items that turn out to be English are no longer preferred.
	for x := bowerbird.ItemID(101); x <= 110; x++ {
		w.Apply([]fact{put(x, bowerbird.Item{Title: "x", Language: "en"})})
	}
	if now := german(ask(t, w, asks, 10)); now >= with {
		t.Errorf("relabelled, %d of 10, as before", now)
	}
}

func TestAlike(t *testing.T) {
	w, h := retrieve.NewWalk(retrieve.WalkOptions{}), retrieve.NewHistory()
	facts := logOf(append([]fact{
		{Kind: bowerbird.BoardPut, Board: 9, Owner: 7, BoardDoc: &bowerbird.Board{Secret: true}},
		save(7, 1, 9), save(7, 2, 9), save(8, 1, 5), save(8, 2, 5),
	}, cats()...)...)
	w.Apply(facts)
	h.Apply(facts)
	me := bowerbird.Request{User: 1, Recent: h.Of(1, 0), Seed: 1}
	people := func() (out []bowerbird.UserID) {
		near, err := w.Alike(t.Context(), &me, 9, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range near {
			if i > 0 && a.Score > near[i-1].Score {
				t.Errorf("%v: not best first", near)
			}
			out = append(out, a.User)
		}
		slices.Sort(out)
		return out
	}
	if got := people(); !slices.Equal(got, []bowerbird.UserID{2, 8}) {
		t.Errorf("alike %v, want 2 and 8: not oneself, no board, nobody by a secret board", got)
	}
	s := retrieve.NewPeople(h)
	want(t, ask(t, s, me, 9)) // neither a model nor a graph
	s.Walk = w
	if got := items(ask(t, s, me, 9)); !slices.Contains(got, 3) {
		t.Errorf("without a model people alike are walked to: %v", got)
	}
	w.Apply([]fact{{Kind: bowerbird.UserErase, User: 2}})
	if got := people(); slices.Contains(got, 2) {
		t.Errorf("an erased person is alike: %v", got)
	}
}

// TestIdeas completes a board by what goes with all of it.
func TestIdeas(t *testing.T) {
	w := retrieve.NewWalk(retrieve.WalkOptions{})
	var facts []fact
	for u := bowerbird.UserID(1); u <= 6; u++ { // cats 1..4 and lamps 11..14 are kept apart; 5 is with both
		base := bowerbird.ItemID(10 * (u % 2))
		facts = append(facts, save(u, base+1, 0), save(u, base+2, 0), save(u, base+3, 0), save(u, base+4, 0))
		if u > 4 {
			facts = append(facts, save(u, 5, 0))
		}
	}
	facts = append(facts, save(9, 1, 3), save(9, 2, 3))
	w.Apply(logOf(facts...))
	got := items(ask(t, w, bowerbird.Request{User: 9, Board: 3, Seed: 1}, 9))
	if len(got) < 2 || got[0] != 3 && got[0] != 4 || got[1] != 3 && got[1] != 4 {
		t.Errorf("ideas %v, want 3 and 4 first", got)
	}
	for _, x := range []bowerbird.ItemID{1, 2} {
		if slices.Contains(got, x) {
			t.Errorf("%d is on the board, and offered for it", x)
		}
	}
	hits := ask(t, w, bowerbird.Request{Board: 3, Seed: 1}, 1)
	if hits[0].Why.Kind != bowerbird.BecauseBoard || hits[0].Why.Board != 3 {
		t.Errorf("why %+v", hits[0].Why)
	}
}

func TestWalkLanguagesOutliveACheckpoint(t *testing.T) {
	w := retrieve.NewWalk(retrieve.WalkOptions{})
	w.Apply(logOf(twoTongues()...))
	saved := viewtest.Bytes(t, w)
	again := retrieve.NewWalk(retrieve.WalkOptions{})
	if err := again.Load(bytes.NewReader(saved)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved, viewtest.Bytes(t, again)) {
		t.Error("loaded and saved again it differs")
	}
	r := bowerbird.Request{Item: 1, Seed: 1, Where: []bowerbird.Condition{{Field: "language", Op: bowerbird.In, Words: []string{"de"}}}}
	if !slices.Equal(ask(t, w, r, 10), ask(t, again, r, 10)) {
		t.Error("the loaded walk goes another way")
	}
	if err := again.Load(strings.NewReader("walk")); err == nil {
		t.Error("rubbish was loaded")
	}
}
