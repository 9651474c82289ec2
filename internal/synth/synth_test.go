package synth

import (
	"fmt"
	"hash/fnv"
	"math"
	"testing"
	"time"
)

func world(t testing.TB, o Options) *World {
	t.Helper()
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSameSeedSameWorld(t *testing.T) {
	print := func(seed uint64) string {
		w := world(t, Options{Seed: seed, Actions: 3000})
		h := fnv.New64a()
		n := 0
		for e := range w.Events() {
			if n++; n > 200 {
				break
			}
			fmt.Fprintf(h, "%+v\n", e)
		}
		for i := range 200 {
			fmt.Fprintf(h, "%+v %+v %+v\n", w.Item(i), w.User(i), w.Board(i))
		}
		return fmt.Sprintf("%x", h.Sum64())
	}
	a, b, other := print(5), print(5), print(6)
	if a != b {
		t.Errorf("seed 5 gave %s, then %s", a, b)
	}
	if a == other {
		t.Error("seeds 5 and 6 gave the same world")
	}
}

func TestOptionsOutOfRange(t *testing.T) {
	for _, o := range []Options{{Items: 3}, {Users: -1}, {Days: 1}, {Days: 10, TestDays: 10}, {Actions: -4}, {Items: MaxItems + 1}} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%+v) gave no error", o)
		}
	}
}

func TestLogIsWellFormed(t *testing.T) {
	w := world(t, Options{Actions: 60_000})
	items, users, boards := w.Len()
	n, ids, saved := 0, map[string]bool{}, map[[2]int32]bool{}
	last := time.Time{}
	count := map[string]int{}
	created := make([]time.Time, items)
	for i := range created {
		created[i] = w.Item(i).Created
	}
	for e := range w.Events() {
		n++
		if e.Time.Before(last) {
			t.Fatalf("%s at %v is before %v", e.ID, e.Time, last)
		}
		last = e.Time
		if ids[e.ID] {
			t.Fatalf("id %s is given twice", e.ID)
		}
		ids[e.ID] = true
		count[e.Type]++
		if e.U < 0 || int(e.U) >= users || int(e.I) >= items || int(e.B) >= boards || int(e.T) >= users {
			t.Fatalf("%+v is out of range", e)
		}
		if e.I >= 0 && e.Time.Before(created[e.I]) {
			t.Fatalf("%s: item %s is seen before it was made", e.ID, e.Item)
		}
		if e.Type == "save" {
			if int32(w.boards[e.B].owner) != e.U {
				t.Fatalf("%s: saved to somebody else's board", e.ID)
			}
			if saved[[2]int32{e.U, e.I}] {
				t.Fatalf("%s: %s saved %s twice", e.ID, e.User, e.Item)
			}
			saved[[2]int32{e.U, e.I}] = true
		}
	}
	if n != 60_000 {
		t.Errorf("%d events, want 60000", n)
	}
	if last.Before(w.Split()) {
		t.Errorf("the log ends at %v, before the split %v", last, w.Split())
	}
	for _, k := range kinds {
		if count[k] == 0 {
			t.Errorf("no event of type %s", k)
		}
	}
	t.Logf("%v", count)
}

func TestSavesFollowTruth(t *testing.T) {
	w := world(t, Options{})
	tr := w.Truth()
	var s, x float64
	n, on, m := 0, 0, 0
	items, _, _ := w.Len()
	for e := range w.Events() {
		if e.Type != "save" {
			continue
		}
		n++
		s += tr.AffinityAt(int(e.U), int(e.I), e.Time)
		x += tr.AffinityAt(int(e.U), (n*7919)%items, e.Time)
		if topic, mixed := tr.BoardTopic(int(e.B)); !mixed {
			m++
			if topic.Top == tr.ItemTopic(int(e.I)).Top {
				on++
			}
		}
	}
	s, x = s/float64(n), x/float64(n)
	t.Logf("%d saves; mean affinity of saved %.3f, of random %.3f; on the board's theme %.2f", n, s, x, float64(on)/float64(m))
	if s < 2.5*x {
		t.Errorf("saved items have affinity %.3f, random ones %.3f", s, x)
	}
	if float64(on) < 0.6*float64(m) {
		t.Errorf("only %d of %d saves fit the theme of their board", on, m)
	}
	if best := tr.Best(3, 10); len(best) != 10 || best[0].Affinity < best[9].Affinity || best[9].Affinity < 2*x {
		t.Errorf("Best(3, 10) = %v", best)
	}
}

// TestPositionBiasIsRecovered fits the exponent of the examination curve from
// the log alone: closeups per impression by position.
func TestPositionBiasIsRecovered(t *testing.T) {
	w := world(t, Options{Actions: 400_000})
	var shown, opened [16]float64
	for e := range w.Events() {
		switch {
		case e.Type == "impression":
			shown[e.Position]++
		case e.Type == "closeup":
			opened[e.Position]++
		}
	}
	var sx, sy, sxx, sxy, n float64
	for p := 1; p <= 12; p++ {
		x, y := math.Log(float64(p)), math.Log(opened[p]/shown[p])
		sx, sy, sxx, sxy, n = sx+x, sy+y, sxx+x*x, sxy+x*y, n+1
	}
	slope := (n*sxy - sx*sy) / (n*sxx - sx*sx)
	t.Logf("exponent %.3f", slope)
	if math.Abs(slope+0.6) > 0.06 {
		t.Errorf("closeups fall as position^%.3f; the truth is -0.6", slope)
	}
}

func TestLargeWorldStreams(t *testing.T) {
	w := world(t, Options{Items: 100_000, Users: 20_000, Actions: 300_000})
	began, n := time.Now(), 0
	seen := map[int32]int{}
	for e := range w.Events() {
		if n++; e.Type == "impression" {
			seen[e.I]++
		}
	}
	top := 0
	for _, k := range seen {
		top = max(top, k)
	}
	t.Logf("%.0f events/s; %d items seen, the most %d times", float64(n)/time.Since(began).Seconds(), len(seen), top)
	if n != 300_000 || len(seen) < 10_000 || top < 50 {
		t.Errorf("%d events, %d items seen, the most %d times", n, len(seen), top)
	}
}
