package train

import (
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
	t.last = t.o.Log.Last()
	err = t.o.Log.Scan(ctx, 1, t.last, func(offset uint64, e *bowerbird.Event) error {
		if offset%65536 == 0 {
			t.o.Step("reading the log", offset, t.last)
		}
		f, ok := h.Fold(offset, e)
		if !ok {
			return nil
		}
		if w := f.Kind.Positive(); w > 0 && f.User != 0 && f.Item != 0 {
			t.likes = append(t.likes, like{offset, uint32(f.User), uint32(f.Item), w})
			t.users, t.items = max(t.users, int(f.User)+1), max(t.items, int(f.Item)+1)
		}
		if f.Item != 0 {
			t.items = max(t.items, int(f.Item)+1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	t.least = worth(t.likes)
	n := 0
	var offsets []uint64
	for _, l := range t.likes {
		if l.weight >= t.least {
			n++
			offsets = append(offsets, l.offset)
		}
	}
	if n < minLikes {
		return fmt.Errorf("%w: the log holds %d saves, clicks or closeups, want at least %d: ingest more and train again", ErrTooLittle, n, minLikes)
	}
	if t.o.Validate == AtRandom {
		t.cutA, t.cutB = t.last+1, t.last+1
		t.holdOut()
	} else {
		t.cutA, t.cutB = offsets[int(learnShare*float64(n))], offsets[int(chooseShare*float64(n))]
		t.moments = t.draw()
	}
	t.note("%d likes by %d people of %d items; a like worth predicting weighs %g or more: %d of them", len(t.likes), t.users-1, t.items-1, t.least, n)
	return nil
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
// random, and of all those as many as asked for.
func (t *training) draw() []moment {
	byUser := map[uint32][]int{}
	for i, l := range t.likes {
		byUser[l.user] = append(byUser[l.user], i)
	}
	users := make([]uint32, 0, len(byUser))
	for u := range byUser {
		users = append(users, u)
	}
	slices.Sort(users)
	rng := rand.New(rand.NewPCG(t.o.Seed, 0x6d6f6d656e74))
	var parts [2][]moment
	for _, u := range users {
		for part, span := range [2][2]uint64{{t.cutA, t.cutB}, {t.cutB, t.last + 1}} {
			parts[part] = append(parts[part], t.ofPerson(byUser[u], span, part == 1, rng)...)
		}
	}
	var out []moment
	for _, p := range parts {
		rng.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
		out = append(out, p[:min(len(p), t.o.Samples)]...)
	}
	slices.SortFunc(out, func(a, b moment) int {
		if a.offset != b.offset {
			return int(int64(a.offset) - int64(b.offset))
		}
		return int(a.user) - int(b.user)
	})
	return out
}

// ofPerson draws moments of one person whose likes are given by index.
func (t *training) ofPerson(mine []int, span [2]uint64, judge bool, rng *rand.Rand) []moment {
	first, end := len(mine), len(mine)
	for k, i := range mine {
		if l := t.likes[i]; l.offset >= span[0] && k < first {
			first = k
		}
		if l := t.likes[i]; l.offset >= span[1] && k < end {
			end = k
		}
	}
	if end-first < 1 || first == 0 && end < 2 {
		return nil
	}
	var out []moment
	for range min(perPerson, end-first) {
		k := max(1, first+rng.IntN(end-first)) // somebody must have done something before
		m := moment{offset: t.likes[mine[k]].offset, user: t.likes[mine[k]].user, judge: judge}
		before := map[uint32]bool{}
		for _, i := range mine[:k] {
			before[t.likes[i].item] = true
		}
		for _, i := range mine[k:end] {
			if l := t.likes[i]; l.weight >= t.least && !before[l.item] {
				m.relevant = append(m.relevant, l.item)
				before[l.item] = true
			}
		}
		if len(m.relevant) > 0 && !slices.ContainsFunc(out, func(o moment) bool { return o.offset == m.offset }) {
			out = append(out, m)
		}
	}
	return out
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
	slices.SortFunc(t.moments, func(a, b moment) int { return int(a.user) - int(b.user) })
}

func pair(u, x uint32) uint64 { return uint64(u)<<32 | uint64(x) }

// matrix is the likes up to an offset; the strongest word on an item counts.
// What was held out stays out, unless everything is asked for.
func (t *training) matrix(upTo uint64, everything bool) (*model.Matrix, error) {
	b := model.Builder{Merge: model.Max}
	for _, l := range t.likes {
		if l.offset >= upTo {
			break
		}
		if !everything && t.held[pair(l.user, l.item)] {
			continue
		}
		if err := b.Add(l.user, l.item, l.weight); err != nil {
			return nil, err
		}
	}
	return b.Build(t.users, t.items)
}
