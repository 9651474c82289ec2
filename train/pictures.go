package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"bowerbird"
	"bowerbird/eval"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/vision"
	"bowerbird/vision/adapt"
	"bowerbird/vision/patch"
	"bowerbird/vision/see"
)

// Sight is where training finds pictures: engine.Sights.
type Sight interface {
	// Own is the owner's encoder; nil if there is none.
	Own() see.Encoder
	// Vectors are an encoder's of items; nil where an item has none.
	Vectors(ctx context.Context, e see.Encoder, items []bowerbird.ItemID) ([][]float32, error)
	// Picture reads an item's picture, small.
	Picture(x bowerbird.ItemID) (*vision.Picture, error)
}

// What training does for pictures: features learned from the owner's own without labels,
// used if they find held-out saves better than the built-in descriptor; then a map learned
// from boards, used if it does better than its input. Both beyond doubt, or neither.

const (
	leastPictures = 400  // to learn features from
	mostPictures  = 1500 // that they are learned from
	seenAnew      = 1.5  // times as many pictures as features were learned from, before they are learned again
	leastHeld     = 50   // saves to judge by
	longestBoard  = 200  // items of a board, the last
)

// boards are what is kept together: by board, else by person.
type boards struct {
	secret   map[bowerbird.BoardID]bool
	of       map[bowerbird.BoardID][]uint32
	byPerson map[bowerbird.UserID][]uint32
	kind     map[uint32]uint32 // by item: its category
}

func newBoards() *boards {
	return &boards{map[bowerbird.BoardID]bool{}, map[bowerbird.BoardID][]uint32{}, map[bowerbird.UserID][]uint32{}, map[uint32]uint32{}}
}

func (b *boards) read(f *bowerbird.Fact) {
	switch f.Kind {
	case bowerbird.ItemPut:
		b.kind[uint32(f.Item)] = retrieve.KindOf(f.ItemDoc)
	case bowerbird.BoardPut:
		b.secret[f.Board] = f.BoardDoc.Secret
	case bowerbird.BoardDelete:
		delete(b.of, f.Board)
	case bowerbird.Save:
		if f.Board != 0 {
			b.of[f.Board] = append(without(b.of[f.Board], uint32(f.Item)), uint32(f.Item))
		}
		if !b.secret[f.Board] {
			b.byPerson[f.User] = append(without(b.byPerson[f.User], uint32(f.Item)), uint32(f.Item))
		}
	case bowerbird.Unsave:
		if f.Board != 0 {
			b.of[f.Board] = without(b.of[f.Board], uint32(f.Item))
		}
		b.byPerson[f.User] = without(b.byPerson[f.User], uint32(f.Item))
	}
}

func without(list []uint32, x uint32) []uint32 {
	if i := slices.Index(list, x); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// groups are rows that are kept together, at tells an item's row.
func (b *boards) groups(at map[uint32]int) [][]int {
	var out [][]int
	add := func(list []uint32) {
		var g []int
		for _, x := range list[max(0, len(list)-longestBoard):] {
			if i, ok := at[x]; ok {
				g = append(g, i)
			}
		}
		if len(g) >= 2 {
			out = append(out, g)
		}
	}
	n := 0
	for _, id := range slices.Sorted(maps.Keys(b.of)) {
		if !b.secret[id] {
			if add(b.of[id]); len(b.of[id]) >= 3 {
				n++
			}
		}
	}
	if n < leastHeld {
		out = nil
		for _, u := range slices.Sorted(maps.Keys(b.byPerson)) {
			add(b.byPerson[u])
		}
	}
	return out
}

// see learns how pictures are seen.
func (t *training) see(ctx context.Context, b *rank.Bundle) error {
	if t.o.Sight == nil || t.boards == nil {
		return nil
	}
	own := t.o.Sight.Own()
	ids, x, e, err := t.firstVectors(ctx, own)
	if err != nil || len(ids) == 0 {
		return err
	}
	at := make(map[uint32]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	groups := t.boards.groups(at)
	rest, held := adapt.HoldOut(groups, t.o.Seed)
	if len(held) < leastHeld {
		t.note("pictures: %d boards with pictures can be judged by, want %d: seen by %s as it is", len(held), leastHeld, e.Version())
		return nil
	}
	card := &rank.Pictures{Held: len(held)}
	before, err := adapt.Recall(ctx, x, e.Dim(), held, 10)
	if err != nil {
		return err
	}
	card.Encoders = []rank.Encoder{{Version: e.Version(), Recall: mean(before), Serves: true}}
	if own == nil {
		learned, seen, err := t.patches(ctx, ids)
		if err != nil {
			return err
		}
		if learned != nil {
			y, err := t.rows(ctx, see.Patches(learned), ids)
			if err != nil {
				return err
			}
			after, err := adapt.Recall(ctx, y, learned.Dim(), held, 10)
			if err != nil {
				return err
			}
			j := adapt.Compare(before, after, t.o.Seed)
			row := rank.Encoder{Version: learned.Version(), Recall: j.After, Gain: gainOf(j), Serves: j.Better()}
			card.Encoders = append(card.Encoders, row)
			t.note("pictures: features learned from %d pictures find %.4f of %d held-out saves among the first 10, %s %.4f: %+.4f [%+.4f, %+.4f]%s",
				seen, j.After, j.Held, e.Version(), j.Before, j.Gain, j.Low, j.High, verdict(j.Better()))
			if j.Better() {
				card.Encoders[0].Serves = false
				b.Patches, card.Seen, e, x = learned, seen, see.Patches(learned), y
			}
		}
	}
	card.From = e.Version()
	b.Card.Pictures = card
	if err := t.adapt(ctx, b, e, x, groups, rest, held); err != nil {
		return err
	}
	return t.goes(ctx, b, ids, groups, rest, held)
}

// goes learns what goes together across categories, from built-in vectors.
func (t *training) goes(ctx context.Context, b *rank.Bundle, ids []uint32, groups, rest [][]int, held []adapt.Held) error {
	kinds := make([]uint32, len(ids))
	x := make([]float32, 0, len(ids)*vision.Dim)
	for i, id := range ids {
		kinds[i] = t.boards.kind[id]
		x = append(x, t.search.pictures[id]...)
	}
	o := adapt.Options{Batch: 128, Steps: 200, Kinds: kinds, Seed: t.o.Seed, Progress: func(done, total int) { t.o.Step("learning what goes together", uint64(done), uint64(total)) }}
	m, err := adapt.Fit(ctx, x, vision.Dim, rest, o)
	if errors.Is(err, adapt.ErrNoPairs) {
		return nil
	}
	if err != nil {
		return err
	}
	j, err := adapt.Across(ctx, m, x, kinds, held, 10, t.o.Seed)
	if err != nil || j.Held < leastHeld {
		return err
	}
	t.note("pictures: a map of what goes together finds %.4f of %d saves of another category among the first 10, looks alone %.4f: %+.4f [%+.4f, %+.4f]%s",
		j.After, j.Held, j.Before, j.Gain, j.Low, j.High, verdict(j.Better()))
	card := &rank.Encoder{Version: m.Version(), Recall: j.After, Gain: gainOf(j), Serves: j.Better()}
	b.Card.Pictures.Goes = card
	if !j.Better() {
		return nil
	}
	if b.Goes, err = adapt.Fit(ctx, x, vision.Dim, groups, o); err != nil {
		return err
	}
	card.Version = b.Goes.Version()
	return nil
}

func verdict(used bool) string {
	if used {
		return ""
	}
	return ": not used"
}

func gainOf(j adapt.Judgement) eval.Estimate {
	return eval.Estimate{Mean: j.Gain, Low: j.Low, High: j.High, N: j.Held}
}

// adapt learns a map from boards after an encoder, and takes it if it does better.
func (t *training) adapt(ctx context.Context, b *rank.Bundle, e see.Encoder, x []float32, groups, rest [][]int, held []adapt.Held) error {
	o := adapt.Options{Batch: 128, Steps: 300, Seed: t.o.Seed, Progress: func(done, total int) { t.o.Step("learning to see from boards", uint64(done), uint64(total)) }}
	m, err := adapt.Fit(ctx, x, e.Dim(), rest, o)
	if errors.Is(err, adapt.ErrNoPairs) {
		return nil
	}
	if err != nil {
		return err
	}
	j, err := adapt.Judge(ctx, m, x, held, 10, t.o.Seed)
	if err != nil {
		return err
	}
	card := b.Card.Pictures
	card.Adapted = &rank.Encoder{Version: m.Version(), Recall: j.After, Gain: gainOf(j), Serves: j.Better()}
	t.note("pictures: a map learned from boards finds %.4f of %d held-out saves among the first 10, its input %.4f: %+.4f [%+.4f, %+.4f]%s",
		j.After, j.Held, j.Before, j.Gain, j.Low, j.High, verdict(j.Better()))
	if !j.Better() {
		return nil
	}
	// What serves is learned from every save, as all other models are.
	if b.Adapted, err = adapt.Fit(ctx, x, e.Dim(), groups, o); err != nil {
		return err
	}
	card.Adapted.Version = b.Adapted.Version()
	return nil
}

// firstVectors are the owner's encoder's, else the built-in ones that the log holds.
func (t *training) firstVectors(ctx context.Context, own see.Encoder) ([]uint32, []float32, see.Encoder, error) {
	e := see.BuiltIn()
	if t.search.pictured != e.Version() {
		return nil, nil, e, nil
	}
	ids := slices.Sorted(maps.Keys(t.search.pictures))
	if own == nil {
		x := make([]float32, 0, len(ids)*e.Dim())
		for _, id := range ids {
			x = append(x, t.search.pictures[id]...)
		}
		return ids, x, e, nil
	}
	x, err := t.rows(ctx, own, ids)
	return ids, x, own, err
}

// rows are an encoder's vectors, zeros for an item that has none.
func (t *training) rows(ctx context.Context, e see.Encoder, ids []uint32) ([]float32, error) {
	x := make([]float32, len(ids)*e.Dim())
	const batch = 64
	for start := 0; start < len(ids); start += batch {
		t.o.Step("looking at pictures", uint64(start), uint64(len(ids)))
		part := ids[start:min(start+batch, len(ids))]
		items := make([]bowerbird.ItemID, len(part))
		for i, id := range part {
			items[i] = bowerbird.ItemID(id)
		}
		vs, err := t.o.Sight.Vectors(ctx, e, items)
		if err != nil {
			return nil, err
		}
		for i, v := range vs {
			copy(x[(start+i)*e.Dim():(start+i+1)*e.Dim()], v)
		}
	}
	return x, nil
}

// patches learns features from the owner's pictures, or keeps those that serve while there are
// not many more pictures than they were learned from; nil if there are too few.
func (t *training) patches(ctx context.Context, ids []uint32) (*patch.Encoder, int, error) {
	if c := t.o.Current; c != nil && c.Patches != nil && c.Card.Pictures != nil && float64(len(ids)) < seenAnew*float64(c.Card.Pictures.Seen) {
		return c.Patches, c.Card.Pictures.Seen, nil
	}
	if len(ids) < leastPictures {
		return nil, 0, nil
	}
	r := rand.New(rand.NewPCG(t.o.Seed, 0x5ee))
	var tiles tileSet
	for i, k := range r.Perm(len(ids))[:min(len(ids), mostPictures)] {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		t.o.Step("looking at pictures", uint64(i), uint64(min(len(ids), mostPictures)))
		p, err := t.o.Sight.Picture(bowerbird.ItemID(ids[k]))
		if err != nil {
			continue // one that cannot be read teaches nothing
		}
		tile, err := p.Tile(vision.Full, tileSide)
		if err != nil {
			return nil, 0, fmt.Errorf("train: pictures: %w", err)
		}
		tiles = append(tiles, tile)
	}
	e, err := patch.Fit(ctx, tiles, patch.Options{Sides: []int{tileSide}, Kernels: 256, Dim: 192, Patches: 60_000, Seed: t.o.Seed,
		Progress: func(what string, done, total int) { t.o.Step("learning "+what, uint64(done), uint64(total)) }})
	if errors.Is(err, patch.ErrTooFew) {
		return nil, 0, nil
	}
	return e, len(ids), err
}

const tileSide = 32

// tileSet are pictures at the size that features are learned at.
type tileSet [][]byte

// Len implements patch.Pictures.
func (t tileSet) Len() int { return len(t) }

// Tile implements patch.Pictures.
func (t tileSet) Tile(i, side int) ([]byte, error) {
	if side != tileSide {
		return nil, fmt.Errorf("train: a tile of %d pixels, there are %d", side, tileSide)
	}
	return t[i], nil
}
