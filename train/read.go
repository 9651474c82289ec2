package train

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"bowerbird"
	"bowerbird/model"
)

// Parts of the log, as shares of its likes in log order.
const (
	learnShare  = .75 // the models learn from
	chooseShare = .90 // up to here they are chosen; the rest judges
	minLikes    = 30
)

// read collects the likes, finds which action is worth predicting, cuts the log
// and draws the moments to make rows of.
func (t *training) read(ctx context.Context) error {
	h, err := t.o.NewHouse()
	if err != nil {
		return err
	}
	if t.search, err = newSearching(t.o.Terms); err != nil {
		return err
	}
	t.boards = newBoards()
	t.last = t.o.Log.Last()
	taken := map[uint64][]uint64{} // where a person took back what they did to an item
	err = t.o.Log.Scan(ctx, 1, t.last, func(offset uint64, e *bowerbird.Event) error {
		if offset%65536 == 0 {
			t.o.Step("reading the log", offset, t.last)
		}
		f, ok := h.Fold(offset, e)
		if !ok {
			return nil
		}
		t.search.read(&f)
		t.boards.read(&f)
		if w := f.Kind.Positive(); w > 0 && f.User != 0 && f.Item != 0 {
			t.likes = append(t.likes, like{offset: offset, user: uint32(f.User), item: uint32(f.Item), weight: w})
			t.users, t.items = max(t.users, int(f.User)+1), max(t.items, int(f.Item)+1)
		}
		if f.Kind == bowerbird.Unsave || f.Kind == bowerbird.Hide {
			at := pair(uint32(f.User), uint32(f.Item))
			taken[at] = append(taken[at], offset)
		}
		if f.Item != 0 {
			t.items = max(t.items, int(f.Item)+1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	t.takeBack(taken)
	t.least = worth(t.likes)
	n, people := 0, map[uint32]bool{}
	var offsets []uint64
	for _, l := range t.likes {
		people[l.user] = true
		if l.weight >= t.least {
			n++
			offsets = append(offsets, l.offset)
		}
	}
	if n < minLikes {
		return fmt.Errorf("%w: the log holds %d saves, clicks or closeups that are worth predicting, want at least %d: ingest more and train again", ErrTooLittle, n, minLikes)
	}
	if t.o.Validate == AtRandom {
		t.cutA, t.cutB = t.last+1, t.last+1
		t.holdOut()
	} else {
		t.cutA, t.cutB = offsets[int(learnShare*float64(n))], offsets[int(chooseShare*float64(n))]
		t.moments = t.draw()
	}
	t.note("%d likes by %d people of %d items; a like worth predicting weighs %g or more: %d of them", len(t.likes), len(people), t.items-1, t.least, n)
	return nil
}

// takeBack marks the likes that an unsave or a hide undid, as the history that
// serves does: the person's whole word on the item is gone from there on.
func (t *training) takeBack(taken map[uint64][]uint64) {
	if len(taken) == 0 {
		return
	}
	for i := range t.likes {
		l := &t.likes[i]
		at := taken[pair(l.user, l.item)]
		if k, _ := slices.BinarySearch(at, l.offset); k < len(at) {
			l.until = at[k]
		}
	}
}

// stands tells whether a like stands just before an offset.
func (l *like) stands(offset uint64) bool {
	return l.offset < offset && (l.until == 0 || l.until >= offset)
}

// worth is the weight of the action to predict: saves and purchases where there
// are enough, else shares and clicks, else anything.
func worth(likes []like) float32 {
	for _, least := range []float32{1, .5} {
		n := 0
		for _, l := range likes {
			if l.weight >= least {
				n++
			}
		}
		if n >= 50 && n*50 >= len(likes) {
			return least
		}
	}
	return 0
}

// moment is a point in the log at which a person's next likes are predicted.
type moment struct {
	offset   uint64 // the person is about to do what stands here
	user     uint32
	relevant []uint32 // what they like from here to the end of the part, not liked before
	judge    bool     // of the last part
}

// perPerson bounds how many moments one person gives to a part.
const perPerson = 4

// draw picks moments: for each person and part, up to four of their likes at
// random, and of all those as many as asked for. What is relevant is looked up
// for the moments that are taken only. Cost: linear in the likes.
func (t *training) draw() []moment {
	byUser := t.byUser(func(uint32) bool { return true })
	rng := rand.New(rand.NewPCG(t.o.Seed, 0x6d6f6d656e74))
	var parts [2][]spot
	for u, mine := range byUser {
		for part, end := range [2]uint64{t.cutB, t.last + 1} {
			begin := [2]uint64{t.cutA, t.cutB}[part]
			parts[part] = append(parts[part], t.ofPerson(uint32(u), mine, begin, end, rng)...)
		}
	}
	var out []moment
	for part, spots := range parts {
		rng.Shuffle(len(spots), func(i, j int) { spots[i], spots[j] = spots[j], spots[i] })
		n := len(out) + t.o.Samples
		for _, s := range spots {
			if len(out) == n {
				break
			}
			m := t.moment(byUser[s.user], s)
			if m.judge = part == 1; len(m.relevant) > 0 {
				out = append(out, m)
			}
		}
	}
	slices.SortFunc(out, func(a, b moment) int { return cmp.Compare(a.offset, b.offset) })
	return out
}

// byUser indexes the likes of the people wanted, ascending, by person.
func (t *training) byUser(want func(user uint32) bool) [][]int32 {
	counts, total := make([]int, t.users), 0
	for i := range t.likes {
		if want(t.likes[i].user) {
			counts[t.likes[i].user]++
			total++
		}
	}
	all, out := make([]int32, 0, total), make([][]int32, t.users)
	for u, n := range counts {
		at := len(all)
		out[u] = all[at : at : at+n]
		all = all[:at+n]
	}
	for i := range t.likes {
		if u := t.likes[i].user; want(u) {
			out[u] = append(out[u], int32(i))
		}
	}
	return out
}

// spot is a moment by the place of its like among the person's own.
type spot struct {
	user    uint32
	at, end int    // the like, and the first one after the part
	until   uint64 // where the part ends
}

// ofPerson draws different likes of one person in a part.
func (t *training) ofPerson(user uint32, mine []int32, begin, end uint64, rng *rand.Rand) []spot {
	before := func(i int32, offset uint64) int { return cmp.Compare(t.likes[i].offset, offset) }
	first, _ := slices.BinarySearchFunc(mine, begin, before)
	last, _ := slices.BinarySearchFunc(mine, end, before)
	first = max(first, 1) // somebody must have done something before
	var out []spot
	for range min(perPerson, last-first) {
		s := spot{user, first + rng.IntN(last-first), last, end}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// moment looks up what the person keeps from a like of theirs to the end of the
// part, of what they had not liked before.
func (t *training) moment(mine []int32, s spot) moment {
	m := moment{offset: t.likes[mine[s.at]].offset, user: s.user}
	known := map[uint32]bool{}
	for _, i := range mine[:s.at] {
		known[t.likes[i].item] = true
	}
	for _, i := range mine[s.at:s.end] {
		if l := &t.likes[i]; l.weight >= t.least && l.stands(s.until) && !known[l.item] {
			m.relevant = append(m.relevant, l.item)
			known[l.item] = true
		}
	}
	return m
}

// Shares of AtRandom: of the people who have enough, how many lose likes, how
// many of their likes they lose, and how many of these people judge.
const (
	heldPeople = .8
	heldLikes  = .3
	heldJudge  = .35
)

// holdOut takes likes of most people away at random; each of these people
// is one moment, after the end of the log.
func (t *training) holdOut() {
	t.held = map[uint64]bool{}
	strongest := map[uint32]map[uint32]float32{}
	for _, l := range t.likes {
		if !l.stands(t.last + 1) {
			continue
		}
		if strongest[l.user] == nil {
			strongest[l.user] = map[uint32]float32{}
		}
		strongest[l.user][l.item] = max(strongest[l.user][l.item], l.weight)
	}
	var moments []moment
	for _, u := range slices.Sorted(maps.Keys(strongest)) {
		rng := rand.New(rand.NewPCG(t.o.Seed, uint64(u)))
		if len(strongest[u]) < 4 || rng.Float64() >= heldPeople {
			continue
		}
		m := moment{offset: t.last + 1, user: u, judge: rng.Float64() < heldJudge}
		for _, x := range slices.Sorted(maps.Keys(strongest[u])) {
			if rng.Float64() >= heldLikes {
				continue
			}
			t.held[pair(u, x)] = true
			if strongest[u][x] >= t.least {
				m.relevant = append(m.relevant, x)
			}
		}
		if len(m.relevant) > 0 {
			moments = append(moments, m)
		}
	}
	rng := rand.New(rand.NewPCG(t.o.Seed, 0x68656c64))
	rng.Shuffle(len(moments), func(i, j int) { moments[i], moments[j] = moments[j], moments[i] })
	t.moments = moments[:min(len(moments), 2*t.o.Samples)]
	slices.SortFunc(t.moments, func(a, b moment) int { return cmp.Compare(a.user, b.user) })
}

func pair(u, x uint32) uint64 { return uint64(u)<<32 | uint64(x) }

// matrix is the likes that stand before an offset; the strongest word on an item counts.
// What was held out stays out, unless everything is asked for.
func (t *training) matrix(upTo uint64, everything bool) (*model.Matrix, error) {
	b := model.Builder{Merge: model.Max}
	for _, l := range t.likes {
		if l.offset >= upTo {
			break
		}
		if !l.stands(upTo) || !everything && t.held[pair(l.user, l.item)] {
			continue
		}
		if err := b.AddAt(l.user, l.item, l.weight, int64(l.offset)); err != nil {
			return nil, err
		}
	}
	return b.Build(t.users, t.items)
}
