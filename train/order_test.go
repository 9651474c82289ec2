package train

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/model"
	"bowerbird/rank"
)

// serial is a log of people who save along a circle of items, each from somewhere: what comes next is the item after.
func serial(seed uint64) []bowerbird.Event {
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []bowerbird.Event
	at := map[int]int{}
	for len(out) < 2400 {
		u := 1 + rng.IntN(120)
		if at[u] == 0 {
			at[u] = 1 + rng.IntN(150)
		}
		e := save(u, at[u])
		e.Time = int64(1000 * (len(out) + 1))
		out = append(out, e)
		at[u] = at[u]%150 + 1
	}
	return out
}

// TestOrderIsLearned: a log in which order tells what comes next gets a model of order, which is fitted again on
// everything; one in which nothing is better
// than what there is, or for which the memory is too small, goes without.
func TestOrderIsLearned(t *testing.T) {
	res, err := Run(context.Background(), options(serial(2)))
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(res.Bundle.Card.Notes, "\n")
	if res.Bundle.Session == nil || res.Bundle.Card.Session == nil || !strings.Contains(notes, "a model of order") {
		t.Fatalf("no model of order:\n%s", notes)
	}
	if n := res.Bundle.Card.Session.Data.Entries; n <= res.Bundle.Session.Items() || n < 2000 {
		t.Errorf("it learned from %d actions, not from everything", n)
	}
	// The light twin was tried, with item-kNN over the newest actions, and the network beside it.
	for _, want := range []string{"order: markov", "back=1 decay=1", "order: sasrec", "related items: markov"} {
		if !strings.Contains(notes, want) {
			t.Errorf("nothing says %q:\n%s", want, notes)
		}
	}
}

func TestOrderIsRefused(t *testing.T) {
	o := options(planted(5))
	tr := reading(t, o)
	m, err := tr.matrix(tr.cutA, false)
	if err != nil {
		t.Fatal(err)
	}
	tr.choice = &model.Choice{Floor: 1} // nothing is better
	got, err := tr.order(context.Background(), m, tr.cases())
	if notes := strings.Join(tr.notes, "\n"); err != nil || got != nil || tr.sequence != nil || !strings.Contains(notes, "no model of order: NDCG@10") {
		t.Errorf("a model below the floor serves: %v, %v\n%s", got, err, notes)
	}
	tr.o.Memory = 1 << 10
	if got, err := tr.order(context.Background(), m, nil); err != nil || got != nil || !strings.Contains(strings.Join(tr.notes, "\n"), "memory budget") {
		t.Errorf("a kilobyte of memory: %v, %v", got, err)
	}
}

// TestRelatedItemsAreChosen: a retrieval model that is bad at items that go with an item leaves them to another, which is
// fitted on everything; a good one keeps them.
func TestRelatedItemsAreChosen(t *testing.T) {
	ctx, tr := context.Background(), reading(t, options(serial(2)))
	m, err := tr.matrix(tr.cutA, false)
	if err != nil {
		t.Fatal(err)
	}
	good, bad := model.Candidate{Trainer: model.RP3Beta{}}, model.Candidate{Trainer: model.IALS{Dim: 1, Epochs: 1, Reg: 1e5}}
	tr.choice = new(model.Choice)
	for _, c := range []model.Candidate{bad, good} {
		got, err := c.Fit(ctx, m, model.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		tr.choice.Leaders, tr.choice.Models = append(tr.choice.Leaders, model.Trial{Candidate: c}), append(tr.choice.Models, got)
	}
	for _, want := range []struct {
		serves model.Candidate
		other  bool
	}{{bad, true}, {good, false}} {
		tr.choice.Best = want.serves
		b := new(rank.Bundle)
		if err := tr.relate(ctx, tr.cases()); err != nil {
			t.Fatal(err)
		}
		if err := tr.refitRelated(ctx, b, m); err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(tr.notes, "\n")
		if (b.Related != nil) != want.other || want.other && b.Related.Card().Trainer != "rp3beta" || !strings.Contains(notes, "related items: by ") {
			t.Errorf("%s serves, another says what is related: %v\n%s", want.serves, b.Related != nil, notes)
		}
	}
	tr.choice.Best, tr.related = bad, &model.Candidate{Trainer: model.EASE{Lambda: -1}}
	b := new(rank.Bundle)
	if err := tr.refitRelated(ctx, b, m); err != nil || b.Related != nil {
		t.Errorf("a model that cannot be fitted: %v, %v", b.Related, err)
	}
}
