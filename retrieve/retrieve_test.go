package retrieve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/index/auto"
	"bowerbird/internal/viewtest"
	"bowerbird/model"
	"bowerbird/retrieve"
	"bowerbird/text"
)

type fact = bowerbird.Fact

// source is what a pipeline asks; view is what folds. Most sources are both.
type source interface {
	Name() string
	Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error)
}

type view interface {
	source
	viewtest.View[fact]
}

const dim = 4

func newLooks(t testing.TB) *retrieve.Looks {
	t.Helper()
	v, err := retrieve.NewLooks(retrieve.LooksOptions{
		Version: "v1", Dim: dim,
		New:  func() (index.Index, error) { return auto.New(dim, index.Cosine, auto.Options{}) },
		Load: func(r io.Reader) (index.Index, error) { return auto.Load(r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newWords(t testing.TB, docs map[bowerbird.ItemID]*bowerbird.Item) *retrieve.Words {
	t.Helper()
	a, err := text.NewMulti(text.MultiOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := retrieve.NewWords(a, func(x bowerbird.ItemID) (*bowerbird.Item, error) {
		if d := docs[x]; d != nil {
			return d, nil
		}
		return nil, errors.New("no such item")
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// titled are documents for the items of a random world, for Words to read.
var titled = func() map[bowerbird.ItemID]*bowerbird.Item {
	docs := map[bowerbird.ItemID]*bowerbird.Item{}
	for x := range bowerbird.ItemID(42) {
		docs[x] = &bowerbird.Item{Title: "grey cat", Tags: []string{"table"}}
	}
	return docs
}()

func views(t testing.TB) map[string]func() view {
	return map[string]func() view{
		"walk":     func() view { return retrieve.NewWalk(retrieve.WalkOptions{}) },
		"together": func() view { return retrieve.NewTogether() },
		"words":    func() view { return newWords(t, titled) },
		"looks":    func() view { return newLooks(t) },
		"followed": func() view { return retrieve.NewFollowed() },
		"trending": func() view { return retrieve.NewTrending(time.Hour) },
		"popular":  func() view { return retrieve.NewPopular() },
		"fresh":    func() view { return retrieve.NewFresh() },
	}
}

// world is a random log with vectors for the items.
func world(seed uint64, n int) []fact {
	facts := randomWorld(seed, n)
	for x := range bowerbird.ItemID(41) {
		facts = append(facts, fact{Kind: bowerbird.SignalPut, Item: x + 1, Signal: &bowerbird.Signal{
			Name: "visual", Version: "v1", Vector: []float32{1, float32(x), float32(x * x % 7), float32(x % 3)}}})
	}
	return logOf(facts...)
}

func TestViews(t *testing.T) {
	for name, empty := range views(t) {
		t.Run(name, func(t *testing.T) {
			viewtest.Run(t, func() viewtest.View[fact] { return empty() }, world(3, 700))
		})
	}
	t.Run("history", func(t *testing.T) {
		viewtest.Run(t, func() viewtest.View[fact] { return retrieve.NewHistory() }, world(3, 700))
	})
}

// requests of every surface, for a person with a history.
func requests(h *retrieve.History) map[string]bowerbird.Request {
	return map[string]bowerbird.Request{
		"home":    {User: 1, Recent: h.Of(1, 0), Seed: 7, Now: 1 << 30},
		"related": {Item: 3, Seed: 7, Now: 1 << 30},
		"board":   {Board: 2, Seed: 7, Now: 1 << 30},
		"search":  {Query: "cat table", Seed: 7, Now: 1 << 30},
		"picture": {Vector: []float32{1, 2, 4, 2}, Version: "v1", Now: 1 << 30},
	}
}

// live makes every source on one world: the views, and the two that a model serves.
func live(t *testing.T, facts []fact) (map[string]source, *retrieve.History, func([]fact)) {
	h := retrieve.NewHistory()
	h.Apply(facts)
	out := map[string]source{}
	var folds []viewtest.View[fact]
	for name, empty := range views(t) {
		v := empty()
		v.Apply(facts)
		out[name], folds = v, append(folds, v)
	}
	m, f := fit(t, h)
	learned, people := retrieve.NewLearned(), retrieve.NewPeople(h)
	learned.Swap(m, nil, nil)
	if err := people.Swap(t.Context(), f, func() (index.Index, error) { return auto.New(f.Dim(), index.Cosine, auto.Options{}) }); err != nil {
		t.Fatal(err)
	}
	out["learned"], out["people"] = learned, people
	return out, h, func(facts []fact) {
		h.Apply(facts)
		for _, v := range folds {
			v.Apply(facts)
		}
	}
}

func fit(t *testing.T, h *retrieve.History) (model.Model, *model.Factors) {
	t.Helper()
	var b model.Builder
	for u := 1; u < h.Users(); u++ {
		for _, a := range h.Of(bowerbird.UserID(u), 0) {
			if a.Weight > 0 {
				if err := b.Add(uint32(u), uint32(a.Item), a.Weight); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	x, err := b.Build(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	knn, err := model.ItemKNN{}.Fit(t.Context(), x, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	als, err := model.IALS{Dim: 8, Epochs: 4}.Fit(t.Context(), x, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return knn, als.(*model.Factors)
}

func ask(t *testing.T, s source, r bowerbird.Request, n int) []bowerbird.Hit {
	t.Helper()
	hits, err := s.Candidates(t.Context(), &r, n, nil)
	if err != nil {
		t.Fatalf("%s: %v", s.Name(), err)
	}
	return hits
}

func items(hits []bowerbird.Hit) []bowerbird.ItemID {
	out := make([]bowerbird.ItemID, len(hits))
	for i, h := range hits {
		out[i] = h.Item
	}
	return out
}

func want(t *testing.T, hits []bowerbird.Hit, list ...bowerbird.ItemID) {
	t.Helper()
	if !slices.Equal(items(hits), list) {
		t.Errorf("found %v, want %v", items(hits), list)
	}
}

// TestEverySource holds all sources on all surfaces to the promises of Candidates:
// at most n, no repeats, only what Keep lets pass, best first, appended to dst,
// the same twice.
func TestEverySource(t *testing.T) {
	sources, h, _ := live(t, world(11, 700))
	asked := map[string]int{}
	for where, r := range requests(h) {
		for name, s := range sources {
			t.Run(where+"/"+name, func(t *testing.T) {
				odd := r
				odd.Keep = func(x bowerbird.ItemID) bool { return x%2 == 1 }
				for _, n := range []int{0, 1, 5, 100} {
					all := ask(t, s, r, n)
					if !slices.Equal(all, ask(t, s, r, n)) {
						t.Error("two answers differ")
					}
					asked[name] += len(all)
					some := ask(t, s, odd, n)
					for _, hits := range [][]bowerbird.Hit{all, some} {
						if len(hits) > n {
							t.Errorf("%d hits for n=%d", len(hits), n)
						}
						seen := map[bowerbird.ItemID]bool{}
						for i, x := range hits {
							if seen[x.Item] || x.Item == 0 {
								t.Errorf("item %d twice or nobody", x.Item)
							}
							seen[x.Item] = true
							if i > 0 && name != "fresh" && x.Score > hits[i-1].Score {
								t.Errorf("n=%d: place %d scores %v after %v", n, i, x.Score, hits[i-1].Score)
							}
						}
					}
					for _, x := range some {
						if x.Item%2 == 0 {
							t.Errorf("Keep refused item %d", x.Item)
						}
					}
					before := []bowerbird.Hit{{Item: 99}}
					after, err := s.Candidates(t.Context(), &r, n, before)
					if err != nil || len(after) != 1+len(all) || after[0].Item != 99 {
						t.Errorf("dst: %v %v", after, err)
					}
				}
			})
		}
	}
	for name := range sources {
		if asked[name] == 0 {
			t.Errorf("%s found nothing on any surface: the test shows nothing of it", name)
		}
	}
}

// TestSlowReaderHoldsNothingUp stops each source in the middle, in its Keep, and
// folds on: Apply must end while the source is still held.
func TestSlowReaderHoldsNothingUp(t *testing.T) {
	facts := world(11, 400)
	more := logOf(append(randomWorld(12, 60), fact{Kind: bowerbird.SignalPut, Item: 5, Signal: &bowerbird.Signal{Name: "visual", Version: "v1", Vector: []float32{4, 3, 2, 1}}})...)
	sources, h, apply := live(t, facts)
	for where, r := range requests(h) {
		for name, s := range sources {
			held, release, answered := make(chan struct{}), make(chan struct{}), make(chan struct{})
			var once sync.Once
			r.Keep = func(bowerbird.ItemID) bool {
				once.Do(func() { close(held) })
				<-release
				return true
			}
			go func() {
				defer close(answered)
				if _, err := s.Candidates(context.Background(), &r, 20, nil); err != nil {
					t.Error(err)
				}
			}()
			select {
			case <-answered: // it found nothing here
				close(release)
				continue
			case <-held:
			}
			applied := make(chan struct{})
			go func() { apply(more); close(applied) }()
			select {
			case <-applied:
			case <-time.After(10 * time.Second):
				t.Fatalf("%s on %s calls Keep while it holds a lock: Apply waits", name, where)
			}
			close(release)
			<-answered
		}
	}
}

func TestApplyBesideCandidates(t *testing.T) {
	facts := world(21, 500)
	sources, h, apply := live(t, facts[:250])
	var wg sync.WaitGroup
	for _, r := range requests(h) {
		for _, s := range sources {
			wg.Go(func() {
				for range 5 {
					if _, err := s.Candidates(t.Context(), &r, 20, nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	for i := 250; i < len(facts); i += 10 {
		apply(facts[i:min(i+10, len(facts))])
	}
	wg.Wait()
}

func FuzzLoad(f *testing.F) {
	for _, empty := range views(f) {
		v := empty()
		v.Apply(world(1, 40))
		f.Add(viewtest.Bytes(f, v))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, empty := range views(t) {
			v := empty()
			if v.Load(bytes.NewReader(data)) == nil {
				v.Apply(world(2, 20))
				ask(t, v, bowerbird.Request{Now: 1}, 3)
			}
		}
		_ = retrieve.NewHistory().Load(bytes.NewReader(data))
	})
}

func save(u bowerbird.UserID, x bowerbird.ItemID, b bowerbird.BoardID) fact {
	return fact{Kind: bowerbird.Save, User: u, Item: x, Board: b}
}

// two people keep cats (1, 2, 3), one keeps lamps (10, 11).
func cats() []fact {
	return []fact{save(1, 1, 0), save(1, 2, 0), save(2, 1, 0), save(2, 2, 0), save(2, 3, 0), save(3, 10, 4), save(3, 11, 4)}
}

func TestTogether(t *testing.T) {
	v := retrieve.NewTogether()
	v.Apply(logOf(cats()...))
	hits := ask(t, v, bowerbird.Request{Item: 1}, 10)
	want(t, hits, 2, 3)
	// 1 and 2 were saved together twice, each twice: 2/(√4+5); 1 and 3 once: 1/(√2+5).
	if s := hits[0].Score; s < .2856 || s > .2858 {
		t.Errorf("score %v, want 2/7", s)
	}
	if hits[0].Why != (bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: 1}) {
		t.Errorf("why %+v", hits[0].Why)
	}
	// Once for the person, twice for the board: 3/(√1+5).
	if s := ask(t, v, bowerbird.Request{Item: 10}, 1)[0].Score; s != .5 {
		t.Errorf("score %v, want 3/6", s)
	}
	want(t, ask(t, v, bowerbird.Request{Board: 4}, 10), 10, 11)
	want(t, ask(t, v, bowerbird.Request{Item: 99}, 10))
	v.Apply([]fact{save(4, 10, 0), save(4, 1, 0)}) // the next request knows it
	want(t, ask(t, v, bowerbird.Request{Item: 1}, 10), 2, 3, 10)
	v.Apply([]fact{{Kind: bowerbird.BoardDelete, Board: 4}})
	want(t, ask(t, v, bowerbird.Request{Board: 4}, 10))
}

func TestWalk(t *testing.T) {
	v := retrieve.NewWalk(retrieve.WalkOptions{})
	v.Apply(logOf(cats()...))
	found := func(r bowerbird.Request) []bowerbird.ItemID {
		got := items(ask(t, v, r, 10))
		got = slices.DeleteFunc(got, func(x bowerbird.ItemID) bool { return x == r.Item })
		slices.Sort(got)
		return got
	}
	if got := found(bowerbird.Request{Item: 1, Seed: 1}); !slices.Equal(got, []bowerbird.ItemID{2, 3}) {
		t.Errorf("from 1: %v", got)
	}
	if got := found(bowerbird.Request{Board: 4, Seed: 1}); len(got) != 0 {
		t.Errorf("the board holds it all, and yet: %v", got)
	}
	v.Apply([]fact{save(4, 11, 0), save(4, 12, 0)})
	if got := found(bowerbird.Request{Board: 4, Seed: 1}); !slices.Equal(got, []bowerbird.ItemID{12}) {
		t.Errorf("from the board: %v", got)
	}
	v.Apply([]fact{save(5, 3, 0), save(5, 20, 0)})
	if got := found(bowerbird.Request{Item: 3, Seed: 1}); !slices.Contains(got, 20) {
		t.Errorf("a save is not walked: %v", got)
	}
	v.Apply([]fact{{Kind: bowerbird.Unsave, User: 5, Item: 20}})
	if got := found(bowerbird.Request{Item: 3, Seed: 1}); slices.Contains(got, 20) {
		t.Errorf("an unsaved item is walked: %v", got)
	}
	v.Apply([]fact{{Kind: bowerbird.ItemDelete, Item: 2}})
	if got := found(bowerbird.Request{Item: 1, Seed: 1}); slices.Contains(got, 2) {
		t.Errorf("a deleted item is walked: %v", got)
	}
	v.Apply([]fact{{Kind: bowerbird.UserErase, User: 2}})
	if got := found(bowerbird.Request{Item: 1, Seed: 1}); slices.Contains(got, 3) {
		t.Errorf("an erased person is walked through: %v", got)
	}
}

// TestSecretBoardsTeachTheirOwnerOnly saves to a board that is secret, or that
// becomes so afterwards, or that is deleted: nobody else's pages may show it.
func TestSecretBoardsTeachTheirOwnerOnly(t *testing.T) {
	secret := fact{Kind: bowerbird.BoardPut, Board: 1, Owner: 1, BoardDoc: &bowerbird.Board{Secret: true}}
	public := fact{Kind: bowerbird.BoardPut, Board: 1, Owner: 1, BoardDoc: &bowerbird.Board{}}
	saves := []fact{save(1, 1, 1), save(1, 2, 1)}
	follow := fact{Kind: bowerbird.Follow, User: 2, Subject: 1}
	followBoard := fact{Kind: bowerbird.Follow, User: 2, Board: 1}
	for name, c := range map[string]struct {
		facts []fact
		after bool // counted before: together and popular keep what they counted
	}{
		"secret first":     {facts: slices.Concat([]fact{secret, follow, followBoard}, saves)},
		"secret afterward": {facts: slices.Concat([]fact{public, follow, followBoard}, saves, []fact{secret}), after: true},
		"deleted":          {facts: slices.Concat([]fact{public, follow, followBoard}, saves, []fact{{Kind: bowerbird.BoardDelete, Board: 1, Owner: 1}}), after: true},
	} {
		t.Run(name, func(t *testing.T) {
			walk, together, followed, popular := retrieve.NewWalk(retrieve.WalkOptions{}), retrieve.NewTogether(), retrieve.NewFollowed(), retrieve.NewPopular()
			h := retrieve.NewHistory()
			for _, v := range []viewtest.View[fact]{walk, together, followed, popular, h} {
				v.Apply(logOf(slices.Clone(c.facts)...))
			}
			for x := bowerbird.ItemID(1); x <= 2; x++ {
				others := bowerbird.Request{User: 2, Item: x, Seed: 3}
				if got := items(ask(t, walk, others, 9)); slices.Contains(got, 3-x) {
					t.Errorf("walk from %d: %v", x, got)
				}
				if !c.after {
					want(t, ask(t, together, others, 9))
				}
			}
			want(t, ask(t, followed, bowerbird.Request{User: 2}, 9))
			if !c.after {
				want(t, ask(t, popular, bowerbird.Request{}, 9))
			}
			h.Latest(1, 9, func(a bowerbird.Action) {
				if name != "deleted" {
					t.Errorf("others may use %+v", a)
				}
			})
			if len(h.Of(1, 0)) != 2 {
				t.Error("the owner's own history lost it")
			}
		})
	}
}

func TestIdeasForASecretBoard(t *testing.T) {
	walk, together, h := retrieve.NewWalk(retrieve.WalkOptions{}), retrieve.NewTogether(), retrieve.NewHistory()
	facts := logOf(append([]fact{{Kind: bowerbird.BoardPut, Board: 9, Owner: 5, BoardDoc: &bowerbird.Board{Secret: true}}, save(5, 1, 9)}, cats()...)...)
	for _, v := range []viewtest.View[fact]{walk, together, h} {
		v.Apply(facts)
	}
	for _, s := range []source{walk, together} {
		got := items(ask(t, s, bowerbird.Request{User: 5, Board: 9, Recent: h.Of(5, 0), Seed: 1}, 9))
		if !slices.Contains(got, 2) {
			t.Errorf("%s: its owner gets no ideas: %v", s.Name(), got)
		}
		want(t, ask(t, s, bowerbird.Request{User: 2, Board: 9, Recent: h.Of(2, 0), Seed: 1}, 9))
	}
}

func TestFollowed(t *testing.T) {
	v := retrieve.NewFollowed()
	v.Apply(logOf(
		fact{Kind: bowerbird.Follow, User: 1, Board: 4}, fact{Kind: bowerbird.Follow, User: 1, Subject: 2},
		save(3, 10, 4), save(3, 11, 4), save(2, 20, 0),
		fact{Kind: bowerbird.ItemPut, Item: 21, Owner: 2, ItemDoc: &bowerbird.Item{}},
	))
	me := bowerbird.Request{User: 1}
	want(t, ask(t, v, me, 9), 11, 21, 10, 20) // newest of each in turn, equal by id
	boards, people := v.Follows(1)
	if !slices.Equal(boards, []bowerbird.BoardID{4}) || !slices.Equal(people, []bowerbird.UserID{2}) {
		t.Error(boards, people)
	}
	v.Apply([]fact{{Kind: bowerbird.ItemPut, Item: 20, Owner: 2, ItemDoc: &bowerbird.Item{}}}) // an edit is no news
	want(t, ask(t, v, me, 9), 11, 21, 10, 20)
	v.Apply([]fact{{Kind: bowerbird.Unsave, User: 3, Item: 11, Board: 4}, {Kind: bowerbird.UserErase, User: 2}})
	want(t, ask(t, v, me, 9), 10)
	v.Apply([]fact{{Kind: bowerbird.Unfollow, User: 1, Board: 4}})
	want(t, ask(t, v, me, 9))
	want(t, ask(t, v, bowerbird.Request{User: 3}, 9))
}

func TestTrendingAndPopular(t *testing.T) {
	trending, popular := retrieve.NewTrending(time.Hour), retrieve.NewPopular()
	hour := int64(time.Hour / time.Millisecond)
	facts := []fact{
		{Kind: bowerbird.Save, User: 1, Item: 1, Time: hour}, {Kind: bowerbird.Save, User: 2, Item: 1, Time: hour},
		{Kind: bowerbird.Save, User: 3, Item: 1, Time: hour}, {Kind: bowerbird.Save, User: 1, Item: 2, Time: 4 * hour},
		{Kind: bowerbird.Click, User: 1, Item: 3, Time: 4 * hour}, {Kind: bowerbird.Impression, User: 1, Item: 4, Time: 4 * hour},
	}
	trending.Apply(facts)
	popular.Apply(facts)
	now := bowerbird.Request{Now: 5 * hour}
	hits := ask(t, trending, now, 9)
	want(t, hits, 2, 3, 1) // 1/2, .5/2, 3/16
	for i, s := range []float32{.5, .25, 3. / 16} {
		if d := hits[i].Score - s; d < -1e-6 || d > 1e-6 {
			t.Errorf("place %d scores %v, want %v", i, hits[i].Score, s)
		}
	}
	want(t, ask(t, popular, now, 9), 1, 2, 3)
	if popular.Count(1) != 3 || popular.Count(3) != .5 || popular.Count(77) != 0 {
		t.Error("counts")
	}
	popular.Apply([]fact{{Kind: bowerbird.ItemDelete, Item: 1}})
	want(t, ask(t, popular, now, 9), 2, 3)
}

// TestLeaders has more liked items than are kept sorted.
func TestLeaders(t *testing.T) {
	v := retrieve.NewPopular()
	var facts []fact
	for x := bowerbird.ItemID(1); x <= 1200; x++ {
		facts = append(facts, save(1, x, 0))
		if x <= 1100 {
			facts = append(facts, save(2, x, 0))
		}
	}
	v.Apply(facts)
	deep := bowerbird.Request{Where: []bowerbird.Condition{{}}, Keep: func(x bowerbird.ItemID) bool { return x >= 1099 }}
	want(t, ask(t, v, deep, 3), 1099, 1100, 1101)
	v.Apply([]fact{{Kind: bowerbird.ItemDelete, Item: 5}})
	hits := ask(t, v, bowerbird.Request{}, 2000)
	if len(hits) != 1000 || hits[999].Item != 1001 {
		t.Fatalf("after a delete the next best does not move up: %d hits, last %v", len(hits), hits[len(hits)-1])
	}
	want(t, ask(t, v, deep, 3), 1099, 1100, 1101)
}

func TestFresh(t *testing.T) {
	v := retrieve.NewFresh()
	v.Apply(logOf(put(1, bowerbird.Item{}), put(2, bowerbird.Item{}), put(3, bowerbird.Item{}), put(1, bowerbird.Item{Title: "edited"})))
	want(t, ask(t, v, bowerbird.Request{}, 9), 3, 2, 1)
	v.Apply([]fact{{Kind: bowerbird.ItemDelete, Item: 2}})
	want(t, ask(t, v, bowerbird.Request{}, 9), 3, 1)
	for x := range bowerbird.ItemID(1100) {
		v.Apply([]fact{put(100+x, bowerbird.Item{})})
	}
	if hits := ask(t, v, bowerbird.Request{}, 5000); len(hits) != 1000 || hits[0].Item != 1199 {
		t.Error("the newest thousand:", len(hits))
	}
}

func TestWords(t *testing.T) {
	docs := map[bowerbird.ItemID]*bowerbird.Item{
		1: {Title: "Grey cat", Tags: []string{"animals"}},
		2: {Title: "Black cat", Description: "sleeps on a grey chair"},
		3: {Title: "Oak chair", Categories: []string{"home/living_room"}, Attributes: bowerbird.Attributes{{Name: "maker", Words: []string{"Ada"}}}},
	}
	v := newWords(t, docs)
	for x := bowerbird.ItemID(1); x <= 3; x++ {
		v.Apply([]fact{put(x, *docs[x])})
	}
	for q, list := range map[string][]bowerbird.ItemID{
		"grey cat": {1, 2}, "cats": {1, 2}, "living room": {3}, "ada": {3}, "chair -oak": {2}, "zebra": nil, "": nil,
	} {
		if got := items(ask(t, v, bowerbird.Request{Query: q}, 9)); !slices.Equal(got, list) && len(got)+len(list) > 0 {
			if slices.Sort(got); q != "cats" || !slices.Equal(got, list) {
				t.Errorf("%q: %v, want %v", q, got, list)
			}
		}
	}
	if got := ask(t, v, bowerbird.Request{Query: "graay", Terms: "grey"}, 9); len(got) != 2 || got[0].Why.Kind != bowerbird.BecauseQuery {
		t.Errorf("corrected terms: %v", got)
	}
	if got := items(ask(t, v, bowerbird.Request{Item: 1}, 9)); !slices.Contains(got, 2) || slices.Contains(got, 3) {
		t.Errorf("like item 1: %v", got)
	}
	if _, err := v.Candidates(t.Context(), &bowerbird.Request{Item: 77}, 9, nil); err == nil || !strings.Contains(err.Error(), "77") {
		t.Errorf("an item without a document: %v", err)
	}
	v.Apply([]fact{put(1, bowerbird.Item{Title: "Blue bird"}), {Kind: bowerbird.ItemDelete, Item: 3}})
	want(t, ask(t, v, bowerbird.Request{Query: "cat"}, 9), 2)
	want(t, ask(t, v, bowerbird.Request{Query: "bird"}, 9), 1)
	want(t, ask(t, v, bowerbird.Request{Query: "oak"}, 9))
}

// FuzzWords indexes and searches any text: Apply panics if the analyser makes a
// term that the index refuses.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"grey cat", strings.Repeat("a", 4000), "\x00\xff", "猫 кот \"open", "-", "a*", strings.Repeat("x ", 5000)} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, title, q string) {
		v := newWords(t, nil)
		v.Apply([]fact{put(1, bowerbird.Item{Title: title, Tags: []string{q}, Description: q})})
		if _, err := v.Candidates(t.Context(), &bowerbird.Request{Query: q}, 5, nil); err != nil {
			t.Skip(err)
		}
	})
}

func TestLooks(t *testing.T) {
	v := newLooks(t)
	sig := func(x bowerbird.ItemID, version string, vec ...float32) fact {
		return fact{Kind: bowerbird.SignalPut, Item: x, Signal: &bowerbird.Signal{Name: "visual", Version: version, Vector: vec}}
	}
	v.Apply([]fact{sig(1, "v1", 1, 0, 0, 0), sig(2, "v1", 2, 1, 0, 0), sig(3, "v1", 0, 1, 0, 0), sig(4, "v2", 1, 0, 0, 0), sig(5, "v1", 1), sig(6, "v1", 0, 0, 0, 0)})
	if v.Len() != 3 {
		t.Fatalf("%d vectors, want those of the right version, length and norm", v.Len())
	}
	want(t, ask(t, v, bowerbird.Request{Vector: []float32{1, 0, 0, 0}, Version: "v1"}, 9), 1, 2, 3)
	want(t, ask(t, v, bowerbird.Request{Item: 3}, 9), 3, 2, 1) // itself too: filters take it out
	want(t, ask(t, v, bowerbird.Request{Recent: []bowerbird.Action{{Item: 3, Weight: 1}}}, 2), 3, 2)
	want(t, ask(t, v, bowerbird.Request{Item: 77}, 9))
	if _, err := v.Candidates(t.Context(), &bowerbird.Request{Vector: []float32{1, 0, 0, 0}, Version: "v9"}, 9, nil); err == nil {
		t.Error("a vector of another version was compared")
	}
	v.Apply([]fact{{Kind: bowerbird.ItemDelete, Item: 2}})
	want(t, ask(t, v, bowerbird.Request{Item: 3}, 9), 3, 1)
}

func TestHistory(t *testing.T) {
	h := retrieve.NewHistory()
	h.Apply(logOf(save(1, 1, 4), does(bowerbird.Closeup, 1, 2), does(bowerbird.Closeup, 1, 1), does(bowerbird.Hide, 1, 3), does(bowerbird.Impression, 1, 9)))
	type short struct {
		Item   bowerbird.ItemID
		Board  bowerbird.BoardID
		Weight float32
	}
	got := func(offset uint64) string {
		var out []short
		for _, a := range h.Of(1, offset) {
			out = append(out, short{a.Item, a.Board, a.Weight})
		}
		return fmt.Sprint(out)
	}
	if s := got(0); s != "[{3 0 -1} {1 4 1} {2 0 0.2}]" {
		t.Error("a closeup does not weaken a save:", s)
	}
	if s := got(2); s != "[{2 0 0.2}]" {
		t.Error("frozen at 2:", s)
	}
	h.Apply([]fact{does(bowerbird.Unhide, 1, 3), does(bowerbird.Unsave, 1, 1)})
	if s := got(0); s != "[{2 0 0.2}]" {
		t.Error("taken back:", s)
	}
	r := bowerbird.Request{User: 1}
	if err := h.Rewrite(t.Context(), &r); err != nil || len(r.Recent) != 1 {
		t.Error(r.Recent, err)
	}
	h.Apply([]fact{{Kind: bowerbird.UserErase, User: 1}})
	if s := got(0); s != "[]" {
		t.Error("erased:", s)
	}
	for x := range bowerbird.ItemID(1500) {
		h.Apply([]fact{save(2, x+1, 0)})
	}
	if n := len(h.Of(2, 0)); n != 1000 {
		t.Errorf("%d remembered, want the newest 1,000", n)
	}
}

func TestLearnedAndPeople(t *testing.T) {
	var facts []fact
	for u := bowerbird.UserID(1); u <= 6; u++ { // two tastes: items 1..4 and 11..14
		base := bowerbird.ItemID(10 * (u % 2))
		for x := bowerbird.ItemID(1); x <= 4; x++ {
			if uint32(u)%4 != uint32(x)%4 {
				facts = append(facts, save(u, base+x, 0))
			}
		}
	}
	sources, h, apply := live(t, logOf(facts...))
	learned, people := sources["learned"].(*retrieve.Learned), sources["people"].(*retrieve.People)
	fresh := bowerbird.Request{User: 9, Recent: []bowerbird.Action{{Item: 11, Weight: 1, Offset: 100}}}
	for _, s := range []source{learned, people} {
		hits := ask(t, s, fresh, 9)
		if len(hits) == 0 || slices.ContainsFunc(hits, func(h bowerbird.Hit) bool { return h.Score > hits[0].Score/100 && h.Item < 10 }) {
			t.Errorf("%s: one save of 11 finds %v", s.Name(), hits)
		}
	}
	want(t, ask(t, learned, bowerbird.Request{User: 9}, 9)) // no history
	if got := items(ask(t, learned, bowerbird.Request{Item: 1}, 3)); slices.ContainsFunc(got, func(x bowerbird.ItemID) bool { return x > 10 || x == 1 }) {
		t.Errorf("similar to 1: %v", got)
	}
	// An unsave changes what stands for the person, although the newest action is as old.
	me := bowerbird.Request{User: 2, Recent: h.Of(2, 0)}
	before := ask(t, people, me, 9)
	apply([]fact{{Kind: bowerbird.Unsave, User: 2, Item: me.Recent[len(me.Recent)-1].Item, Offset: 500}})
	me.Recent = h.Of(2, 0)
	if slices.Equal(before, ask(t, people, me, 9)) {
		t.Error("an unsave changed nothing")
	}
	for u := bowerbird.UserID(1); u <= 6; u++ {
		people.Forget(u)
	}
	want(t, ask(t, people, fresh, 9))
	learned.Swap(nil, nil, nil)
	if err := people.Swap(t.Context(), nil, nil); err != nil || learned.Model() != nil {
		t.Error(err)
	}
	want(t, ask(t, learned, fresh, 9))
	want(t, ask(t, people, fresh, 9))
}
