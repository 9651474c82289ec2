package train

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/model"
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
