package retrieve

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/internal/frame"
	"bowerbird/model"
)

// NewcomersOptions says where vectors go to. New is required.
type NewcomersOptions struct {
	New     func(dim int) (index.Index, error) // makes an empty index for inner products
	Version string                             // of the visual vectors that count as content; others are left out
}

// Newcomers finds items that hardly anybody acted on for a person: what they are (words, tags, categories, looks) is mapped
// to where they would lie among the vectors of a factor model, and the person's history, folded into the same
// model, is held against them, together with how much they are like what is in the history (model.Content). The view is what items are and how often they were acted on; an item leaves with its
// fifth act, when models know it from what people do. Vectors are made when a model is swapped in and when an item comes.
//
// Memory: about 8 bytes for each word of an item, and with a model a vector for each newcomer and up to 1 KB for each item that people acted on
// lately, 64 MB of these at most.
type Newcomers struct {
	o       NewcomersOptions
	mu      sync.RWMutex
	content [][]model.Weighted // by ItemID: columns; nil: unknown or deleted
	looks   [][]model.Weighted // by ItemID
	acts    []uint8            // by ItemID, up to actsKnown
	now     *mapped
}

// mapped is a model in place.
type mapped struct {
	m     *model.Content
	tower *model.Factors
	ix    index.Index // by ItemID

	likeMu sync.Mutex
	likes  map[uint32][]float32 // likeness of items that people acted on, made when it is asked for
}

// mostLikes is how many of them are kept: some 64 MB. Then they are made anew.
const mostLikes = 1 << 16

// actsKnown is how many acts make an item known.
const actsKnown = 5

// Columns of the content: words and the like are hashed to the first, the numbers of a picture have two each after them, one
// for each sign.
const (
	wordColumns = 1 << 15
	lookColumns = 1 << 10
)

// NewNewcomers returns an empty view without a model.
func NewNewcomers(o NewcomersOptions) *Newcomers { return &Newcomers{o: o} }

// Name is what traces and explanations call it.
func (v *Newcomers) Name() string { return "newcomers" }

// Apply folds what items are and how often they were acted on.
func (v *Newcomers) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		x := uint32(f.Item)
		switch f.Kind {
		case bowerbird.ItemPut:
			v.grow(x)
			v.content[x] = columnsOf(f.ItemDoc)
			v.place(x)
		case bowerbird.SignalPut:
			if f.Signal.Name == "visual" && f.Signal.Version == v.o.Version {
				v.grow(x)
				v.looks[x] = lookOf(f.Signal.Vector)
				v.place(x)
			}
		case bowerbird.ItemDelete:
			v.grow(x)
			v.content[x], v.looks[x] = nil, nil
			v.place(x)
		case bowerbird.Save, bowerbird.Purchase, bowerbird.Click, bowerbird.Share:
			v.grow(x)
			if v.acts[x] < actsKnown {
				if v.acts[x]++; v.acts[x] == actsKnown {
					v.place(x)
				}
			}
		}
	}
}

func (v *Newcomers) grow(x uint32) {
	for int(x) >= len(v.acts) {
		v.content, v.looks, v.acts = append(v.content, nil), append(v.looks, nil), append(v.acts, 0)
	}
}

// place makes an item's vector anew, or takes it out.
func (v *Newcomers) place(x uint32) {
	if v.now == nil {
		return
	}
	v.now.likeMu.Lock()
	delete(v.now.likes, x)
	v.now.likeMu.Unlock()
	if q, ok := v.vector(v.now, x); !ok || v.now.ix.Put(x, q) != nil {
		v.now.ix.Delete(x)
	}
}

// vector is false for an item that is known, or that nothing is known of.
func (v *Newcomers) vector(n *mapped, x uint32) ([]float32, bool) {
	if x == 0 || v.acts[x] >= actsKnown {
		return nil, false
	}
	return n.m.Vector(nil, slices.Concat(v.content[x], v.looks[x]))
}

// columnsOf hashes the words of a document; a tag and a category are words of their own kinds.
func columnsOf(d *bowerbird.Item) []model.Weighted {
	count := map[uint32]float32{}
	add := func(kind, s string, w float32) {
		for _, word := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			h := fnv.New32a()
			_, _ = h.Write([]byte(kind + word))
			count[h.Sum32()%wordColumns] += w
		}
	}
	add("", d.Title, 1)
	add("", d.Description, 1)
	for _, t := range d.Tags {
		add("tag ", t, 1)
	}
	for _, c := range d.Categories {
		add("category ", c, 1)
	}
	return ordered(count)
}

// lookOf gives each number of a vector a column for its sign.
func lookOf(vector []float32) []model.Weighted {
	count := map[uint32]float32{}
	for i, x := range vector {
		if at := uint32(2 * i); x > 0 && int(at) < lookColumns {
			count[wordColumns+at] = x
		} else if x < 0 && int(at) < lookColumns {
			count[wordColumns+at+1] = -x
		}
	}
	return ordered(count)
}

func ordered(count map[uint32]float32) []model.Weighted {
	out := make([]model.Weighted, 0, len(count))
	for c, w := range count {
		out = append(out, model.Weighted{Item: c, Weight: w})
	}
	slices.SortFunc(out, func(a, b model.Weighted) int { return int(a.Item) - int(b.Item) })
	return out
}

// Fit learns the map from what items are, as the view stands, to the vectors of a factor model that was trained on m. It is
// safe beside Apply.
func (v *Newcomers) Fit(ctx context.Context, tower *model.Factors, m *model.Matrix, o FitOptions) (*model.Content, error) {
	v.mu.RLock()
	content, looks := slices.Clone(v.content), slices.Clone(v.looks)
	v.mu.RUnlock()
	var b model.Builder
	for x := range min(len(content), m.Items()) {
		for _, w := range slices.Concat(content[x], looks[x]) {
			if err := b.Add(uint32(x), w.Item, w.Weight); err != nil {
				return nil, fmt.Errorf("retrieve: newcomers: %w", err)
			}
		}
	}
	x, err := b.Build(m.Items(), wordColumns+lookColumns)
	if err != nil {
		return nil, fmt.Errorf("retrieve: newcomers: %w", err)
	}
	c, err := model.FitContent(ctx, x, tower, m, model.ContentOptions{Threads: o.Threads, Seed: o.Seed, Iterations: 15})
	if err != nil {
		return nil, fmt.Errorf("retrieve: newcomers: %w", err)
	}
	return c, nil
}

// Swap puts a map in place with the factor model whose vectors it leads to, and makes the newcomers' vectors; nil takes it
// out.
func (v *Newcomers) Swap(ctx context.Context, c *model.Content, tower *model.Factors) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c == nil || tower == nil || c.Factors() != tower.Dim() {
		v.now = nil
		return nil
	}
	ix, err := v.o.New(c.Dim())
	if err != nil {
		return fmt.Errorf("retrieve: newcomers: %w", err)
	}
	n := &mapped{m: c, tower: tower, ix: ix, likes: map[uint32][]float32{}}
	for x := range v.acts {
		if x%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if q, ok := v.vector(n, uint32(x)); ok {
			if err := ix.Put(uint32(x), q); err != nil {
				return fmt.Errorf("retrieve: newcomers: item %d: %w", x, err)
			}
		}
	}
	v.now = n
	return nil
}

// Candidates are the newcomers whose vectors have the largest inner product with the person's. Pages about an item or a
// board have none.
func (v *Newcomers) Candidates(_ context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	v.mu.RLock()
	now := v.now
	v.mu.RUnlock()
	if now == nil || n <= 0 || r.Item != 0 || r.Board != 0 || now.ix.Len() == 0 {
		return dst, nil
	}
	q, base, ok := v.person(now, HistoryOf(r))
	if !ok {
		return dst, nil
	}
	hits, err := now.ix.Search(q, n, index.Options{Filter: func(x uint32) bool { return pass(r, bowerbird.ItemID(x)) }})
	if err != nil {
		return dst, fmt.Errorf("retrieve: newcomers: %w", err)
	}
	for _, h := range hits {
		if s := h.Score - base; s > 0 {
			dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.ID), Score: s})
		}
	}
	return dst, nil
}

// newestLiked is how many of the newest actions tell what a person likes by its content.
const newestLiked = 50

// person is the vector that newcomers' are held against, and what is to be taken off their inner products.
func (v *Newcomers) person(n *mapped, history []model.Weighted) ([]float32, float32, bool) {
	folded, _ := n.tower.FoldIn(nil, history)
	newest := history[max(0, len(history)-newestLiked):]
	v.mu.RLock()
	defer v.mu.RUnlock()
	n.likeMu.Lock()
	defer n.likeMu.Unlock()
	return n.m.Person(nil, folded, newest, func(x uint32) []float32 {
		like, ok := n.likes[x]
		if !ok && int(x) < len(v.content) {
			if len(n.likes) >= mostLikes {
				clear(n.likes)
			}
			like = n.m.Likeness(nil, slices.Concat(v.content[x], v.looks[x]))
			n.likes[x] = like
		}
		return like
	})
}

// Save writes what items are: for each the acts, then its columns and weights, the words' and the picture's.
func (v *Newcomers) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "newcomers", 1)
	fw.Int(len(v.acts))
	for x, n := range v.acts {
		fw.Int(int(n))
		for _, list := range [][]model.Weighted{v.content[x], v.looks[x]} {
			fw.Int(len(list))
			for _, c := range list {
				fw.Int(int(c.Item))
				fw.F32(c.Weight)
			}
		}
	}
	return fw.Close()
}

// Load replaces the view by a saved one; a model that is in place is taken out.
func (v *Newcomers) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "newcomers", 1)
	if err != nil {
		return err
	}
	var content, looks [][]model.Weighted
	var acts []uint8
	for n := fr.Int(); n > 0 && fr.Err() == nil; n-- {
		acts = append(acts, uint8(fr.Uvarint()))
		for _, to := range []*[][]model.Weighted{&content, &looks} {
			var list []model.Weighted
			for k := fr.Int(); k > 0 && fr.Err() == nil; k-- {
				list = append(list, model.Weighted{Item: uint32(fr.Uvarint()), Weight: fr.F32()})
			}
			*to = append(*to, list)
		}
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.content, v.looks, v.acts, v.now = content, looks, acts, nil
	v.mu.Unlock()
	return nil
}
