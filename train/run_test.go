package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bowerbird"
	"bowerbird/eval"
	"bowerbird/model"
	"bowerbird/rank"
)

func files(t *testing.T, b *rank.Bundle) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for name, write := range b.Files() {
		var w bytes.Buffer
		if err := write(&w); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = w.Bytes()
	}
	return out
}

// TestRunIsDeterministic: the same log and seed give the same bytes.
func TestRunIsDeterministic(t *testing.T) {
	var cards []rank.Card
	var bytes []map[string][]byte
	for _, threads := range []int{1, 2} {
		o := options(planted(7))
		o.Threads = threads
		r, err := Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Promoted {
			t.Fatalf("not promoted: %s", r.Why)
		}
		cards, bytes = append(cards, r.Bundle.Card), append(bytes, files(t, r.Bundle))
	}
	if d := cmp.Diff(cards[0], cards[1]); d != "" {
		t.Errorf("the cards differ:\n%s", d)
	}
	if d := cmp.Diff(bytes[0], bytes[1]); d != "" {
		t.Errorf("the files differ")
	}
	if len(bytes[0]) < 2 || len(bytes[0][rank.RetrievalFile]) == 0 {
		t.Errorf("files %v", len(bytes[0]))
	}
}

// TestRunFindsWhatWasPlanted: on people who like what their circle likes, the
// funnel is far above popularity, also by the intervals.
func TestRunFindsWhatWasPlanted(t *testing.T) {
	for _, v := range []Validation{ByTime, AtRandom} {
		o := options(planted(9))
		o.Validate = v
		r, err := Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]eval.Estimate{}
		for _, s := range r.Funnel.Systems {
			at[s.Name] = s.NDCG
		}
		if at["funnel"].Low < 1.5*at["popularity"].High || at["learned"].Low < 1.5*at["popularity"].High {
			t.Errorf("%s: learned %v, funnel %v, popularity %v", v, at["learned"], at["funnel"], at["popularity"])
		}
		if !r.Promoted || r.Bundle.Retrieval == nil || r.Bundle.Factors == nil || r.Funnel.Moments == 0 || len(r.Trials) < 4 {
			t.Errorf("%s: promoted %v (%s), %d moments, %d trials", v, r.Promoted, r.Why, r.Funnel.Moments, len(r.Trials))
		}
		c := r.Bundle.Card
		if c.Offset != 1200 || c.Version != "20261101-000000.000" || c.Metrics["funnel.ndcg@10"] != at["funnel"] || c.Retrieval.Data.Entries < 1200 {
			t.Errorf("%s: card %+v", v, c)
		}
		roundTrip(t, r)
		if (c.Ranker == nil) != (r.Bundle.Ranker == nil) || (r.Bundle.Ranker != nil) != (len(c.Features) > 0) {
			t.Errorf("%s: the card and the bundle disagree on the ranker", v)
		}
	}
}

// roundTrip: a bundle written and read scores as before.
func roundTrip(t *testing.T, r *Result) {
	t.Helper()
	written := files(t, r.Bundle)
	var card bytes.Buffer
	fmt.Fprintf(&card, `{"version":%q,"diversity":%g}`, r.Bundle.Card.Version, r.Bundle.Card.Diversity)
	b, err := rank.LoadBundle(card.Bytes(), func(name string) (io.ReadCloser, error) {
		if _, ok := written[name]; !ok {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(bytes.NewReader(written[name])), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(written, files(t, b), cmpopts.EquateEmpty()); d != "" {
		t.Error("the files changed on the way")
	}
	h := []model.Weighted{{Item: 3, Weight: 1}, {Item: 9, Weight: 1}}
	if d := cmp.Diff(r.Bundle.Retrieval.Recommend(nil, h, 20, nil), b.Retrieval.Recommend(nil, h, 20, nil)); d != "" {
		t.Error(d)
	}
}

// TestReplayNeverSeesTheFuture: at each moment the house has folded exactly what
// lies before, the models of the first part are in place, and the request says so.
func TestReplayNeverSeesTheFuture(t *testing.T) {
	o := quick(planted(2))
	tr := reading(t, o)
	if err := tr.choose(context.Background()); err != nil {
		t.Fatal(err)
	}
	h := newHouse()
	n := 0
	h.asked = func(h *house, r *bowerbird.Request) {
		m := tr.moments[n]
		if h.folded != m.offset-1 || h.applied != m.offset-1 || r.Offset != m.offset-1 || r.Now != int64(1000*(m.offset-1)) || uint32(r.User) != m.user {
			t.Errorf("moment at %d: folded %d, applied %d, request %d at %d", m.offset, h.folded, h.applied, r.Offset, r.Now)
		}
		if h.b == nil || h.b != tr.early {
			t.Errorf("moment at %d: the early models are not in place", m.offset)
		}
		n++
	}
	tr.o.NewHouse = func() (House, error) { return h, nil }
	if err := tr.replay(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n != len(tr.moments) || n == 0 || len(h.put) != 1 || h.put[0] != tr.cutA-1 {
		t.Errorf("%d pages for %d moments, models put at %v, the first cut is %d", n, len(tr.moments), h.put, tr.cutA)
	}
	early := tr.early.Retrieval.Card().Data.Entries
	if want := int(tr.cutA) - 1; early != want {
		t.Errorf("the early model learned from %d likes, want %d", early, want)
	}
	if h.applied != tr.last {
		t.Errorf("the house ends at %d of %d", h.applied, tr.last)
	}
}

// TestCancel ends the context in the middle of each step.
func TestCancel(t *testing.T) {
	seen := map[string]bool{}
	o := quick(planted(5))
	o.Step = func(what string, _, _ uint64) { seen[what] = true }
	if _, err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"reading the log", "choosing a model", "replaying for rows", "fitting the ranker", "judging the whole", "learning from everything"} {
		if !seen[what] {
			t.Errorf("the step %q was not announced", what)
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		o := quick(planted(5))
		var since time.Time
		o.Step = func(s string, _, _ uint64) {
			if s == what && since.IsZero() {
				cancel()
				since = time.Now()
			}
		}
		r, err := Run(ctx, o)
		if !errors.Is(err, context.Canceled) || r != nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: got %v, %v", what, r, err)
		}
		if d := time.Since(since); d > time.Second {
			t.Errorf("%s: took %v to stop", what, d)
		}
		cancel()
	}
}

// TestCancelLastFit: the context ends while the factors of the last fit train.
func TestCancelLastFit(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := quick(planted(5))
	last := false
	o.Step = func(what string, done, total uint64) {
		last = last || what == "learning from everything"
		if last && what == "fitting epochs" {
			cancel()
		}
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestProgressGrows: done/total rises until what changes.
func TestProgressGrows(t *testing.T) {
	for _, v := range []Validation{ByTime, AtRandom} {
		o := quick(planted(5))
		o.Validate = v
		what, at, calls := "", 0.0, 0
		o.Step = func(s string, done, total uint64) {
			calls++
			if total == 0 || done > total {
				t.Fatalf("%s: %d of %d", s, done, total)
			}
			now := float64(done) / float64(total)
			if s == what && now < at && !strings.HasPrefix(s, "fitting ") {
				t.Errorf("%s: %s went from %.3f back to %.3f", v, s, at, now)
			}
			what, at = s, now
		}
		if _, err := Run(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		if calls < 50 {
			t.Errorf("%d calls", calls)
		}
	}
}

// TestErasedMeanwhile: an erasure between the scans ends the training.
func TestErasedMeanwhile(t *testing.T) {
	o := quick(planted(5))
	log := o.Log.(*memory)
	log.scanned = func(offset uint64) {
		if offset == 1100 {
			log.erased = 1101
		}
	}
	if _, err := Run(context.Background(), o); !errors.Is(err, ErrErased) {
		t.Errorf("got %v, want ErrErased", err)
	}
}

// TestBadRowsAreLeftOut: features that are not finite cost their rows, not the
// training, and the ranker stays finite.
func TestBadRowsAreLeftOut(t *testing.T) {
	o := quick(planted(5))
	var zero float32
	o.NewHouse = func() (House, error) {
		h := newHouse()
		h.feature = func(c *bowerbird.Candidate, row []float32) {
			if c.Item%7 == 0 {
				row[1] = zero / zero
			}
		}
		return h, nil
	}
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if l := r.Bundle.Ranker; l != nil {
		w, b := l.Weights()
		if slices.ContainsFunc(append(slices.Clone(w), b), func(x float64) bool { return x != x }) {
			t.Errorf("weights %v", w)
		}
	}
}

// TestUnfit: a retrieval model whose scores are not finite is refused.
func TestUnfit(t *testing.T) {
	o := quick(planted(5))
	tr := reading(t, o)
	m, err := tr.matrix(tr.cutA, false)
	if err != nil {
		t.Fatal(err)
	}
	good, err := model.ItemKNN{}.Fit(context.Background(), m, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if why := tr.unfit(&rank.Bundle{Retrieval: good}); why != "" {
		t.Errorf("a good model: %q", why)
	}
	if why := tr.unfit(&rank.Bundle{Retrieval: broken{good}}); !strings.Contains(why, "not finite") {
		t.Errorf("a broken model: %q", why)
	}
}

// broken scores one item with a number that is not finite.
type broken struct{ model.Model }

func (b broken) ScoreItems(h []model.Weighted, items []uint32, out []float32) {
	b.Model.ScoreItems(h, items, out)
	var zero float32
	out[len(items)/2] = 1 / zero
}
