package train

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bowerbird"
)

func TestWorth(t *testing.T) {
	likes := func(saves, clicks, closeups int) (out []like) {
		for w, n := range map[float32]int{1: saves, .5: clicks, .2: closeups} {
			for range n {
				out = append(out, like{weight: w})
			}
		}
		return out
	}
	for _, c := range []struct {
		saves, clicks, closeups int
		want                    float32
	}{
		{50, 0, 0, 1}, {49, 0, 0, 0}, {49, 1, 0, .5}, {50, 0, 2450, 1}, {50, 0, 2451, 0}, {50, 50, 2451, .5},
		{0, 50, 0, .5}, {0, 0, 1000, 0}, {0, 0, 0, 0},
	} {
		if got := worth(likes(c.saves, c.clicks, c.closeups)); got != c.want {
			t.Errorf("%+v: got %g", c, got)
		}
	}
}

// TestMoments checks every moment against the log, by definition.
func TestMoments(t *testing.T) {
	events := planted(3)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range events { // weaker actions, repeats, and what is taken back
		switch rng.IntN(8) {
		case 0:
			events[i].Kind = bowerbird.Closeup
		case 1:
			events[i].Item = events[max(0, i-200)].Item
		case 2:
			if i > 0 {
				events[i] = events[rng.IntN(i)]
				events[i].Kind = bowerbird.Unsave
			}
		}
	}
	o := options(events)
	o.Samples = 1 << 20
	tr := reading(t, o)
	if tr.least != 1 {
		t.Fatalf("least is %g, want saves", tr.least)
	}
	count := map[[2]uint32]int{}
	undone := 0
	for i, m := range tr.moments {
		if i > 0 && tr.moments[i-1].offset >= m.offset {
			t.Fatalf("moments %d and %d are out of order", i-1, i)
		}
		begin, end, part := tr.cutA, tr.cutB, uint32(0)
		if m.judge {
			begin, end, part = tr.cutB, tr.last+1, 1
		}
		if m.offset < begin || m.offset >= end {
			t.Errorf("moment at %d lies outside its part [%d, %d)", m.offset, begin, end)
		}
		count[[2]uint32{m.user, part}]++
		known, kept, order := map[uint32]bool{}, map[uint32]bool{}, []uint32{}
		before := 0
		for o := uint64(1); o < end; o++ {
			e := &events[o-1]
			if number(e.User) != m.user {
				continue
			}
			x := number(e.Item)
			switch w := e.Kind.Positive(); {
			case o < m.offset && w > 0:
				known[x] = true
				before++
			case o >= m.offset && w >= 1 && !known[x]:
				if !kept[x] {
					order = append(order, x)
				}
				kept[x] = true
			case o >= m.offset && e.Kind == bowerbird.Unsave && kept[x]:
				kept[x] = false
				order = slices.DeleteFunc(order, func(y uint32) bool { return y == x })
				undone++
			}
		}
		if before == 0 {
			t.Errorf("moment at %d: nothing is known of the person", m.offset)
		}
		if d := cmp.Diff(order, m.relevant); d != "" {
			t.Errorf("moment at %d: relevant differs (-want +got):\n%s", m.offset, d)
		}
	}
	if undone == 0 || len(tr.moments) < 100 {
		t.Fatalf("%d moments, %d likes undone after a moment: the test proves little", len(tr.moments), undone)
	}
	most := 0
	for _, n := range count {
		most = max(most, n)
	}
	if most != perPerson {
		t.Errorf("one person gives %d moments to a part, want at most, and somewhere, %d", most, perPerson)
	}
	if again := reading(t, o); !cmp.Equal(again.moments, tr.moments, cmp.AllowUnexported(moment{})) {
		t.Error("the same seed draws other moments")
	}
	o.Seed++
	if other := reading(t, o); cmp.Equal(other.moments, tr.moments, cmp.AllowUnexported(moment{})) {
		t.Error("another seed draws the same moments")
	}
	o.Samples = 17
	few := reading(t, o)
	judge := 0
	for _, m := range few.moments {
		if m.judge {
			judge++
		}
	}
	if len(few.moments) != 34 || judge != 17 {
		t.Errorf("%d moments, %d of them judge; want 17 in each part", len(few.moments), judge)
	}
}

// TestCuts: three quarters of the likes come before the first cut, nine tenths
// before the second, and likes of the learning part only are in the early matrix.
func TestCuts(t *testing.T) {
	tr := reading(t, options(planted(3)))
	if tr.cutA != 901 || tr.cutB != 1081 { // 1,200 saves, one an offset
		t.Errorf("cuts at %d and %d, want 901 and 1081", tr.cutA, tr.cutB)
	}
	m, err := tr.matrix(tr.cutA, false)
	if err != nil {
		t.Fatal(err)
	}
	if m.Entries() != 900 || m.Users() != tr.users || m.Items() != tr.items {
		t.Errorf("%d cells of %d × %d", m.Entries(), m.Users(), m.Items())
	}
}

// TestHistoryOfCases: a case knows what its person liked before the moment.
func TestHistoryOfCases(t *testing.T) {
	tr := reading(t, options(planted(3)))
	cases := tr.cases()
	n := 0
	for _, m := range tr.moments {
		if m.judge {
			continue
		}
		var want []uint32
		for o := uint64(1); o < m.offset; o++ {
			if e := tr.o.Log.(*memory).events[o-1]; number(e.User) == m.user {
				want = append(want, number(e.Item))
			}
		}
		var got []uint32
		for _, h := range cases[n].History {
			got = append(got, h.Item)
		}
		if !slices.Equal(got, want) || !slices.Equal(cases[n].Relevant, m.relevant) {
			t.Errorf("moment at %d: history %v, want %v", m.offset, got, want)
		}
		n++
	}
	if n != len(cases) || n == 0 {
		t.Errorf("%d cases for %d moments of the choosing part", len(cases), n)
	}
}

func TestTakenBack(t *testing.T) {
	tr := &training{last: 9, likes: []like{{offset: 1, user: 1, item: 5, weight: 1}, {offset: 4, user: 1, item: 5, weight: 1}, {offset: 6, user: 1, item: 5, weight: .2}}}
	tr.takeBack(map[uint64][]uint64{pair(1, 5): {3, 5}, pair(2, 5): {2}})
	var got []uint64
	for _, l := range tr.likes {
		got = append(got, l.until)
	}
	if !slices.Equal(got, []uint64{3, 5, 0}) {
		t.Errorf("likes stand until %v", got)
	}
	for _, c := range []struct {
		offset uint64
		want   bool
	}{{1, false}, {2, true}, {3, true}, {4, false}} {
		if tr.likes[0].stands(c.offset) != c.want {
			t.Errorf("before %d the first like stands: %v", c.offset, !c.want)
		}
	}
}

// TestHeldOutAtRandom: what is held out is in neither the early matrix, nor a
// history, nor the replay, but in the final matrix.
func TestHeldOutAtRandom(t *testing.T) {
	o := options(planted(4))
	o.Validate = AtRandom
	var seen *house
	o.NewHouse = func() (House, error) { seen = newHouse(); return seen, nil }
	tr := reading(t, o)
	early, err := tr.matrix(tr.cutA, false)
	if err != nil {
		t.Fatal(err)
	}
	final, err := tr.matrix(tr.last+1, true)
	if err != nil {
		t.Fatal(err)
	}
	in := func(m interface {
		Row(int) ([]uint32, []float32)
	}, u, x uint32) bool {
		items, _ := m.Row(int(u))
		return slices.Contains(items, x)
	}
	if len(tr.held) == 0 || early.Entries()+len(tr.held) != final.Entries() {
		t.Fatalf("%d cells held out of %d, %d left", len(tr.held), final.Entries(), early.Entries())
	}
	judges := 0
	for _, m := range tr.moments {
		if m.offset != tr.last+1 {
			t.Errorf("person %d: the moment is at %d, want after the end", m.user, m.offset)
		}
		if m.judge {
			judges++
		}
		for _, x := range m.relevant {
			if in(early, m.user, x) || !in(final, m.user, x) {
				t.Errorf("person %d, item %d: in the early matrix or not in the final one", m.user, x)
			}
		}
	}
	if share := float64(judges) / float64(len(tr.moments)); share < .2 || share > .5 {
		t.Errorf("%d of %d people judge", judges, len(tr.moments))
	}
	for _, c := range tr.cases() {
		for _, h := range c.History {
			if slices.Contains(c.Relevant, h.Item) {
				t.Error("a held-out like is in a history")
			}
		}
	}
	if err := tr.choose(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := tr.replay(context.Background()); err != nil {
		t.Fatal(err)
	}
	for u, actions := range seen.likes {
		for _, a := range actions {
			if tr.held[pair(uint32(u), uint32(a.Item))] {
				t.Errorf("person %d, item %d: held out, but replayed", u, a.Item)
			}
		}
	}
	if len(tr.groups) != len(tr.moments) {
		t.Errorf("%d pages for %d moments", len(tr.groups), len(tr.moments))
	}
}

func TestTooLittle(t *testing.T) {
	var one, same, shown, few, undone []bowerbird.Event
	for i := 1; i <= 40; i++ {
		one = append(one, save(1, 1))
		same = append(same, save(i, 1))
		shown = append(shown, act(bowerbird.Impression, i, i))
		few = append(few, save(i, i))
		undone = append(undone, save(i%4+1, i), act(bowerbird.Unsave, i%4+1, i))
	}
	for name, events := range map[string][]bowerbird.Event{
		"empty": nil, "only impressions": shown, "29 saves": few[:29],
		"one person and one item": one, "one item": same, "nobody came back": few, "all taken back": undone,
	} {
		for _, v := range []Validation{ByTime, AtRandom} {
			o := options(events)
			o.Validate = v
			_, err := Run(context.Background(), o)
			if !errors.Is(err, ErrTooLittle) || !strings.Contains(err.Error(), "ingest more and train again") {
				t.Errorf("%s, %s: got %v", name, v, err)
			}
		}
	}
}

func TestBadValidation(t *testing.T) {
	o := options(planted(1))
	o.Validate = "yesterday"
	if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), `validate: "yesterday"`) {
		t.Errorf("got %v", err)
	}
}
