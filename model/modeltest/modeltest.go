// Package modeltest is the conformance suite of package model: every Trainer runs it.
package modeltest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bowerbird/model"
)

// Run checks what model.Trainer and model.Model promise. It takes a fraction of a second on a trainer of the usual kind.
func Run(t *testing.T, trainer model.Trainer) {
	t.Helper()
	m := World(300, 120, 1)
	t.Run("repeats to the bit", func(t *testing.T) { repeats(t, trainer, m) })
	t.Run("beats chance", func(t *testing.T) { beatsChance(t, trainer, m) })
	t.Run("recommends as promised", func(t *testing.T) { promises(t, trainer, m) })
	t.Run("scores as it recommends", func(t *testing.T) { scores(t, trainer, m) })
	t.Run("survives a file", func(t *testing.T) { survives(t, trainer, m) })
	t.Run("answers bad histories", func(t *testing.T) { histories(t, trainer, m) })
	t.Run("serves at once", func(t *testing.T) { together(t, trainer, m) })
	t.Run("cancels", func(t *testing.T) { cancels(t, trainer) })
	t.Run("keeps to the memory budget", func(t *testing.T) { budget(t, trainer, m) })
	t.Run("meets odd matrices", func(t *testing.T) { odd(t, trainer) })
	t.Run("refuses bad weighing", func(t *testing.T) { weighing(t, trainer, m) })
}

// World makes a matrix of users who like one of six groups of items, with a long tail and some noise, weights 1 to 5.
func World(users, items int, seed uint64) *model.Matrix {
	rng := rand.New(rand.NewPCG(seed, 2))
	b := model.Builder{Merge: model.Max}
	const groups = 6
	for u := range users {
		for range 8 + rng.IntN(12) {
			it := int(float64(items/groups)*rng.Float64()*rng.Float64())*groups + u%groups
			if rng.Float64() < 0.15 {
				it = rng.IntN(items)
			}
			if err := b.AddAt(uint32(u), uint32(min(it, items-1)), float32(1+rng.IntN(5)), int64(rng.IntN(1000))); err != nil {
				panic(err) // our own numbers
			}
		}
	}
	m, err := b.Build(users, items)
	if err != nil {
		panic(err)
	}
	return m
}

func fit(t *testing.T, tr model.Trainer, m *model.Matrix, o model.Options) model.Model {
	t.Helper()
	got, err := tr.Fit(context.Background(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// answers are the lists of some users and the neighbours of some items, with scores.
func answers(m model.Model, x *model.Matrix) []model.Scored {
	var out []model.Scored
	for u := 0; u < x.Users(); u += 17 {
		out = m.Recommend(out, x.History(nil, u), 15, nil)
	}
	for i := 0; i < x.Items(); i += 13 {
		out = m.Similar(out, uint32(i), 7)
	}
	return out
}

func repeats(t *testing.T, tr model.Trainer, m *model.Matrix) {
	one := answers(fit(t, tr, m, model.Options{Seed: 5, Threads: 1}), m)
	if len(one) == 0 {
		t.Fatal("no recommendations")
	}
	for _, threads := range []int{1, 3} {
		if again := answers(fit(t, tr, m, model.Options{Seed: 5, Threads: threads}), m); !slices.Equal(one, again) {
			t.Errorf("the same seed gave other answers with %d threads", threads)
		}
	}
}

// beatsChance: the groups of World are easy, so anything personal must find them; popularity must beat a random list.
func beatsChance(t *testing.T, tr model.Trainer, m *model.Matrix) {
	part, cases := model.HoldOut(m, model.HoldOutOptions{Seed: 3})
	got := fit(t, tr, part, model.Options{Seed: 1})
	hits, chance := 0.0, 0.0
	for _, c := range cases {
		for _, x := range got.Recommend(nil, c.History, 10, nil) {
			if slices.Contains(c.Relevant, x.Item) {
				hits++
			}
		}
		chance += 10 * float64(len(c.Relevant)) / float64(m.Items()-len(c.History))
	}
	if hits < 1.2*chance {
		t.Errorf("%.0f hits in lists of 10, chance has %.0f", hits, chance)
	}
}

func promises(t *testing.T, tr model.Trainer, m *model.Matrix) {
	got := fit(t, tr, m, model.Options{Seed: 1})
	if got.Items() != m.Items() {
		t.Fatalf("a catalogue of %d, want %d", got.Items(), m.Items())
	}
	c := got.Card()
	if c.Trainer != tr.Name() || c.Data.Entries != m.Entries() || c.Data.Fingerprint != m.Fingerprint() || c.Seed != 1 || len(c.Settings) == 0 {
		t.Errorf("the card says %+v", c)
	}
	even := func(i uint32) bool { return i%2 == 0 }
	for u := range 40 {
		h := m.History(nil, u)
		keep := model.Scored{Item: 77, Score: 7}
		list := got.Recommend([]model.Scored{keep}, h, 10, even)
		if list[0] != keep {
			t.Fatal("dst was overwritten")
		}
		list = list[1:]
		if len(list) > 10 {
			t.Fatalf("%d items, asked for 10", len(list))
		}
		seen := map[uint32]bool{}
		for k, x := range list {
			if even(x.Item) || slices.ContainsFunc(h, func(w model.Weighted) bool { return w.Item == x.Item }) {
				t.Errorf("user %d: item %d was to be skipped", u, x.Item)
			}
			if seen[x.Item] || int(x.Item) >= m.Items() || x.Score != x.Score {
				t.Errorf("user %d: bad entry %+v", u, x)
			}
			seen[x.Item] = true
			if k > 0 && (x.Score > list[k-1].Score || x.Score == list[k-1].Score && x.Item < list[k-1].Item) {
				t.Errorf("user %d: out of order at %d", u, k)
			}
		}
		// A longer list starts with the shorter one.
		if long := got.Recommend(nil, h, 50, even); !slices.Equal(long[:len(list)], list) {
			t.Errorf("user %d: the list of 50 starts differently", u)
		}
		for _, n := range []int{0, -1} {
			if x := got.Recommend(nil, h, n, nil); len(x) != 0 {
				t.Errorf("asked for %d, got %d", n, len(x))
			}
		}
	}
	for i := range uint32(m.Items()) {
		for _, x := range got.Similar(nil, i, 5) {
			if x.Item == i || int(x.Item) >= m.Items() {
				t.Errorf("similar to %d: %+v", i, x)
			}
		}
	}
	if x := got.Similar(nil, math.MaxUint32, 5); len(x) != 0 {
		t.Errorf("similar to an unknown item: %v", x)
	}
}

func scores(t *testing.T, tr model.Trainer, m *model.Matrix) {
	got := fit(t, tr, m, model.Options{Seed: 1})
	for u := 0; u < m.Users(); u += 29 {
		h := m.History(nil, u)
		list := got.Recommend(nil, h, 20, nil)
		ids, out := make([]uint32, len(list)+1), make([]float32, len(list)+1)
		for i, x := range list {
			ids[i] = x.Item
		}
		ids[len(list)] = math.MaxUint32
		out[len(list)] = 9
		got.ScoreItems(h, ids, out)
		for i, x := range list {
			if d := math.Abs(float64(out[i] - x.Score)); d > 1e-4*(1+math.Abs(float64(x.Score))) {
				t.Fatalf("user %d, item %d: scored %v, recommended with %v", u, x.Item, out[i], x.Score)
			}
		}
		if out[len(list)] != 0 {
			t.Errorf("an unknown item scores %v", out[len(list)])
		}
	}
}

func survives(t *testing.T, tr model.Trainer, m *model.Matrix) {
	got := fit(t, tr, m, model.Options{Seed: 1, Weigh: model.Weigh{Least: 3, Decay: .5}})
	path := filepath.Join(t.TempDir(), "m.model")
	card := got.Card()
	card.Metrics = map[string]float64{"NDCG@10": .5}
	card.CreatedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := model.Save(path, got, card); err != nil {
		t.Fatal(err)
	}
	back, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(answers(got, m), answers(back, m)) {
		t.Error("the loaded model answers otherwise")
	}
	b := back.Card()
	if b.Metrics["NDCG@10"] != .5 || !b.CreatedAt.Equal(card.CreatedAt) || b.Weigh != card.Weigh || b.Trainer != tr.Name() {
		t.Errorf("the card came back as %+v", b)
	}
}

func histories(t *testing.T, tr model.Trainer, m *model.Matrix) {
	got := fit(t, tr, m, model.Options{Seed: 1})
	bad := []model.Weighted{{Item: math.MaxUint32, Weight: 1}, {Item: uint32(m.Items()), Weight: 1}, {Item: 3, Weight: float32(math.NaN())},
		{Item: 4, Weight: -1}, {Item: 5, Weight: float32(math.Inf(1))}, {Item: 6}}
	nothing := got.Recommend(nil, bad, 5, nil)
	if len(nothing) > 0 && len(got.Recommend(nil, nil, 5, nil)) == 0 {
		t.Errorf("a history that counts for nothing got %v", nothing)
	}
	good := m.History(nil, 0)
	clean := got.Recommend(nil, good, 200, nil)
	mixed := got.Recommend(nil, append(slices.Clone(good), bad...), 200, nil)
	clean = slices.DeleteFunc(clean, func(x model.Scored) bool { return x.Item >= 3 && x.Item <= 6 })
	if !slices.Equal(clean, mixed) {
		t.Error("entries that count for nothing changed the list")
	}
	huge := []model.Weighted{{Item: 1, Weight: math.MaxFloat32}, {Item: 2, Weight: math.MaxFloat32}}
	for _, x := range got.Recommend(nil, huge, 5, nil) {
		if x.Score != x.Score {
			t.Error("a huge weight made a NaN")
		}
	}
	if again := got.Recommend(nil, good, 200, nil); !slices.Equal(slices.DeleteFunc(again, func(x model.Scored) bool { return x.Item >= 3 && x.Item <= 6 }), clean) {
		t.Error("a request changed a later one")
	}
}

func together(t *testing.T, tr model.Trainer, m *model.Matrix) {
	got := fit(t, tr, m, model.Options{Seed: 1})
	want := answers(got, m)
	done := make(chan bool)
	for range 4 {
		go func() { done <- slices.Equal(answers(got, m), want) }()
	}
	for range 4 {
		if !<-done {
			t.Error("a reader among others got other answers")
		}
	}
}

func cancels(t *testing.T, tr model.Trainer) {
	m := World(2000, 700, 4)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	start := time.Now()
	if _, err := tr.Fit(ctx, m, model.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that had ended gave %v", err)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Millisecond)
	defer stop()
	if _, err := tr.Fit(ctx, m, model.Options{}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled on the way: %v", err)
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("took %v to notice", d)
	}
}

func budget(t *testing.T, tr model.Trainer, m *model.Matrix) {
	need := tr.Memory(m)
	if need < int64(4*m.Items()) {
		t.Errorf("plans %d bytes, less than a float for each item", need)
	}
	if big := tr.Memory(World(2000, 700, 4)); big <= need {
		t.Errorf("plans %d bytes for a matrix of 700 items and %d for one of 120", big, need)
	}
	if _, err := tr.Fit(context.Background(), m, model.Options{MemoryBudget: need}); err != nil {
		t.Errorf("with the planned budget: %v", err)
	}
	if _, err := tr.Fit(context.Background(), m, model.Options{MemoryBudget: need - 1}); !errors.Is(err, model.ErrMemory) {
		t.Errorf("with a byte less: %v", err)
	}
}

func odd(t *testing.T, tr model.Trainer) {
	build := func(users, items int, cells ...model.Entry) *model.Matrix {
		var b model.Builder
		for i, c := range cells { // with their order, for models that learn from it
			if err := b.AddAt(c.User, c.Item, c.Weight, int64(i+1)); err != nil {
				t.Fatal(err)
			}
		}
		m, err := b.Build(users, items)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for name, m := range map[string]*model.Matrix{"no matrix": nil, "nothing": build(0, 0), "no entries": build(3, 4)} {
		if _, err := tr.Fit(context.Background(), m, model.Options{}); !errors.Is(err, model.ErrEmpty) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, m := range map[string]*model.Matrix{
		"one cell":           build(1, 1, model.Entry{Weight: 1}),
		"one user":           build(1, 4, model.Entry{Item: 0, Weight: 1}, model.Entry{Item: 2, Weight: 1}),
		"one item":           build(3, 1, model.Entry{User: 0, Weight: 1}, model.Entry{User: 2, Weight: 2}),
		"empty rows":         build(9, 9, model.Entry{User: 4, Item: 4, Weight: 1}, model.Entry{User: 4, Item: 5, Weight: 1}),
		"large weights":      build(3, 3, model.Entry{User: 0, Item: 0, Weight: 1e6}, model.Entry{User: 0, Item: 1, Weight: 1}, model.Entry{User: 1, Item: 1, Weight: 1e6}),
		"very small weights": build(2, 2, model.Entry{User: 0, Item: 0, Weight: 1e-20}, model.Entry{User: 0, Item: 1, Weight: 1e-20}),
	} {
		got, err := tr.Fit(context.Background(), m, model.Options{})
		if err != nil {
			continue // a clear error is as good
		}
		for u := range m.Users() {
			for _, x := range got.Recommend(nil, m.History(nil, u), 5, nil) {
				if x.Score != x.Score || int(x.Item) >= m.Items() {
					t.Errorf("%s: %+v", name, x)
				}
			}
		}
		got.Similar(nil, 0, 5)
	}
}

func weighing(t *testing.T, tr model.Trainer, m *model.Matrix) {
	for _, w := range []model.Weigh{{Least: float32(math.NaN())}, {Least: -1}, {Least: 1, Decay: 2}, {Least: 1, Decay: float32(math.NaN())}} {
		if _, err := tr.Fit(context.Background(), m, model.Options{Weigh: w}); err == nil {
			t.Errorf("%+v was taken", w)
		}
	}
	if _, err := tr.Fit(context.Background(), m, model.Options{Weigh: model.Weigh{Least: 100}}); !errors.Is(err, model.ErrEmpty) {
		t.Errorf("a threshold above every weight: %v", err)
	}
}
