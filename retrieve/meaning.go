package retrieve

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/index/fuse"
	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
	"bowerbird/text/meaning"
	"bowerbird/vision"
)

// MeaningOptions say what vectors are made of. Doc and New are required.
type MeaningOptions struct {
	Doc     func(bowerbird.ItemID) (*bowerbird.Item, error)                // reads an item's document
	New     func(dim int) (index.Index, error)                             // makes an empty index by cosine
	Picture func(dst []float32, x bowerbird.ItemID) (v []float32, ok bool) // an item's visual vector; nil: there is none
	Signal  string                                                         // name of the signal that brings it; "" means "visual"
}

// Meaning keeps a text vector of every item. It folds which items there are and
// nothing else: vectors follow from the documents and the encoder that was swapped
// in, so they are made when one comes and not saved. Until then it finds nothing.
//
// An item of which nothing is written, or nothing that the encoder knows, is placed by its picture, where the
// encoding has a bridge from pictures to texts.
//
// A quick encoder (meaning.Model: some 20 µs an item) embeds an item as it is
// applied, and at Swap up to 20,000 items before it serves. A slow one, and more
// items, are embedded behind; until that is done, pages use what is there.
type Meaning struct {
	o  MeaningOptions
	mu sync.Mutex // one writer: Apply, Swap, Load
	in *roaring.Bitmap

	now atomic.Pointer[space]
}

// Encoding is an encoder with what was found out about it.
type Encoding struct {
	Encoder  meaning.Encoder
	Slow     bool            // embed behind
	Settings fuse.Settings   // of the hybrid
	Bridge   *meaning.Bridge // from pictures into the encoder's space; nil: none
}

// space is the vectors of one encoder.
type space struct {
	Encoding
	ix     index.Index
	cancel context.CancelFunc
	wake   chan struct{}

	mu   sync.Mutex
	todo *roaring.Bitmap // items whose vector is to be made
	busy *roaring.Bitmap // whose vector is being made, unless they change meanwhile
	lost int             // that the encoder failed on
	mute *roaring.Bitmap // items without words: their picture speaks
}

// NewMeaning returns an empty view without an encoder.
func NewMeaning(o MeaningOptions) *Meaning {
	o.Signal = cmp.Or(o.Signal, "visual")
	return &Meaning{o: o, in: roaring.New()}
}

// Name is what traces and explanations call it.
func (v *Meaning) Name() string { return "meaning" }

// ItemText is what of an item its vector is made of: title, tags, attribute words,
// categories, description.
func ItemText(d *bowerbird.Item) string { return itemText(d, attributeWords(d)) }

// WrittenText is the same without the colours that were seen in the picture: "" of an
// item that nobody wrote a word of.
func WrittenText(d *bowerbird.Item) string {
	var words []string
	for _, a := range d.Attributes {
		words = append(words, a.Words...)
	}
	if s := itemText(d, words); strings.Trim(s, " .") != "" {
		return s
	}
	return ""
}

func itemText(d *bowerbird.Item, words []string) string {
	parts := append([]string{d.Title}, d.Tags...)
	parts = append(parts, words...)
	for _, c := range d.Categories {
		parts = append(parts, pathWords.Replace(c))
	}
	return strings.Join(append(parts, d.Description), " . ")
}

// atOnce is how many items a quick encoder embeds before it serves: about half a second.
const atOnce = 20_000

// Swap puts an encoder in place, nil takes it out. Requests that have begun keep
// the old one with its vectors.
func (v *Meaning) Swap(ctx context.Context, e *Encoding) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if e == nil {
		v.publish(nil)
		return nil
	}
	ix, err := v.o.New(e.Encoder.Dim())
	if err != nil {
		return fmt.Errorf("retrieve: meaning: %w", err)
	}
	s := &space{Encoding: *e, ix: ix, todo: v.in.Clone(), busy: roaring.New(), mute: roaring.New(), wake: make(chan struct{}, 1)}
	if !e.Slow && v.in.GetCardinality() <= atOnce {
		for batch := s.take(); len(batch) > 0; batch = s.take() {
			if err := v.embed(ctx, s, batch); err != nil {
				return err
			}
		}
	}
	v.publish(s)
	if !s.todo.IsEmpty() {
		s.wake <- struct{}{}
	}
	return nil
}

// publish makes a space the one that serves; v.mu is held.
func (v *Meaning) publish(s *space) {
	if s != nil {
		var ctx context.Context
		ctx, s.cancel = context.WithCancel(context.Background())
		go v.work(ctx, s)
	}
	if old := v.now.Swap(s); old != nil {
		old.cancel()
	}
}

// Close ends what is embedded behind. The view may still be read.
func (v *Meaning) Close() {
	if s := v.now.Load(); s != nil {
		s.cancel()
	}
}

// embedded is how many items are encoded at a time.
const embedded = 32

// work embeds what is to be done, until ctx ends.
func (v *Meaning) work(ctx context.Context, s *space) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for ctx.Err() == nil {
			batch := s.take()
			if len(batch) == 0 {
				break
			}
			if err := v.embed(ctx, s, batch); err != nil && ctx.Err() == nil {
				s.mu.Lock() // a text that the encoder cannot do must not stop the others
				s.lost += len(batch)
				s.mu.Unlock()
			}
		}
	}
}

// take moves a few items from what is to be done to what is being done.
func (s *space) take() []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := make([]uint32, 0, embedded)
	for it := s.todo.Iterator(); it.HasNext() && len(batch) < embedded; {
		batch = append(batch, it.Next())
	}
	for _, x := range batch {
		s.todo.Remove(x)
		s.busy.Add(x)
	}
	return batch
}

// embed makes the vectors of items that were taken. One that changed or went
// meanwhile is not busy any more, and left alone.
func (v *Meaning) embed(ctx context.Context, s *space, batch []uint32) error {
	texts, written := make([]string, len(batch)), make([]bool, len(batch))
	for i, x := range batch {
		if d, err := v.o.Doc(bowerbird.ItemID(x)); err == nil {
			texts[i], written[i] = ItemText(d), WrittenText(d) != ""
		}
	}
	vectors, err := s.Encoder.Encode(ctx, texts)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, x := range batch {
		if s.busy.CheckedRemove(x) && err == nil && texts[i] != "" {
			s.place(x, vectors[i], written[i], v.picture(bowerbird.ItemID(x)))
		}
	}
	if err != nil {
		return fmt.Errorf("retrieve: meaning: %w", err)
	}
	return nil
}

// silent are the items without words that have a place by their picture; nil if
// there are none.
func (s *space) silent() *roaring.Bitmap {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Bridge == nil || s.mute.IsEmpty() {
		return nil
	}
	return s.mute.Clone()
}

// picture reads an item's visual vector; nil if it has none.
func (v *Meaning) picture(x bowerbird.ItemID) []float32 {
	if v.o.Picture == nil {
		return nil
	}
	p, ok := v.o.Picture(nil, x)
	if !ok {
		return nil
	}
	return p
}

// place gives an item the vector of its words or, where it has none that say
// anything, that of its picture.
func (s *space) place(x uint32, text []float32, written bool, picture []float32) {
	if text != nil && written || s.Bridge == nil {
		s.mute.Remove(x)
		s.put(x, text)
		return
	}
	s.mute.Add(x)
	if m := s.Bridge.Map(picture); m != nil {
		text = m
	}
	s.put(x, text)
}

func (s *space) put(x uint32, v []float32) {
	if v == nil || s.ix.Put(x, v) != nil { // refuses zero or endless numbers: such an item is not found by its meaning
		s.ix.Delete(x)
	}
}

// Apply notes items as they come and go, and embeds them or leaves that to be done behind.
func (v *Meaning) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.now.Load()
	behind := false
	var fresh map[bowerbird.ItemID][]float32 // pictures of this batch: the view that keeps them may not have them yet
	for i := range facts {
		f := &facts[i]
		x := uint32(f.Item)
		switch f.Kind {
		case bowerbird.SignalPut:
			if s == nil || s.Bridge == nil || f.Signal.Name != v.o.Signal || f.Signal.Version != s.Bridge.From() {
				continue
			}
			if fresh == nil {
				fresh = map[bowerbird.ItemID][]float32{}
			}
			fresh[f.Item] = f.Signal.Vector
			s.mu.Lock()
			if m := s.Bridge.Map(f.Signal.Vector); m != nil && s.mute.Contains(x) {
				s.put(x, m)
			}
			s.mu.Unlock()
		case bowerbird.ItemPut:
			v.in.Add(x)
			if s == nil {
				continue
			}
			var made [][]float32
			if !s.Slow {
				made, _ = s.Encoder.Encode(context.Background(), []string{ItemText(f.ItemDoc)})
			}
			picture, ok := fresh[f.Item]
			if !ok && s.Bridge != nil {
				picture = v.picture(f.Item)
			}
			s.mu.Lock()
			s.busy.Remove(x)
			if made != nil {
				s.todo.Remove(x)
				s.place(x, made[0], WrittenText(f.ItemDoc) != "", picture)
			} else {
				s.todo.Add(x)
				behind = true
			}
			s.mu.Unlock()
		case bowerbird.ItemDelete:
			v.in.Remove(x)
			if s == nil {
				continue
			}
			s.mu.Lock()
			s.todo.Remove(x)
			s.busy.Remove(x)
			s.mute.Remove(x)
			s.ix.Delete(x)
			s.mu.Unlock()
			delete(fresh, f.Item)
		}
	}
	if behind {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// Ready tells whether there is an encoder, how many items have a vector, and how many wait for one.
func (v *Meaning) Ready() (ok bool, have, wait int) {
	s := v.now.Load()
	if s == nil {
		return false, 0, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return true, s.ix.Len(), int(s.todo.GetCardinality() + s.busy.GetCardinality())
}

// Waits tells whether items wait for their vectors, so that a page may change
// without an event.
func (v *Meaning) Waits() bool {
	_, _, wait := v.Ready()
	return wait > 0
}

// query embeds words as a query; nil if they mean nothing to the encoder.
func (s *space) query(ctx context.Context, words string) ([]float32, error) {
	encode := s.Encoder.Encode
	if q, ok := s.Encoder.(interface {
		EncodeQueries(context.Context, []string) ([][]float32, error)
	}); ok {
		encode = q.EncodeQueries
	}
	vs, err := encode(ctx, []string{words})
	if err != nil {
		return nil, fmt.Errorf("retrieve: meaning: %w", err)
	}
	return vs[0], nil
}

// of is the vector of an ingredient, nil if it has none.
func (s *space) of(ctx context.Context, g bowerbird.Ingredient) ([]float32, error) {
	if len(g.Picture) > 0 {
		switch {
		case s.Bridge == nil:
			return nil, nil
		case s.Bridge.From() == g.Version:
			return s.Bridge.Map(g.Picture), nil
		case s.Bridge.From() == vision.DescriptorVersion && len(g.Built) > 0:
			return s.Bridge.Map(g.Built), nil
		}
		return nil, nil
	}
	if g.Item == 0 {
		return s.query(ctx, g.Words)
	}
	v, _ := s.ix.Vector(nil, uint32(g.Item))
	return v, nil
}

// Near finds the items whose meaning is nearest to an ingredient's.
func (v *Meaning) Near(ctx context.Context, r *bowerbird.Request, of bowerbird.Ingredient, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	s := v.now.Load()
	if s == nil {
		return dst, nil
	}
	q, err := s.of(ctx, of)
	if q == nil || err != nil {
		return dst, err
	}
	hits, err := s.ix.Search(q, n, index.Options{Filter: func(id uint32) bool { return pass(r, bowerbird.ItemID(id)) }})
	if err != nil {
		return dst, fmt.Errorf("retrieve: meaning: %w", err)
	}
	for _, h := range hits {
		dst = append(dst, bowerbird.Hit{Item: bowerbird.ItemID(h.ID), Score: max(0, h.Score)})
	}
	return dst, nil
}

// Rate is the cosine of each item's vector with the ingredient's, 0 where it is negative.
func (v *Meaning) Rate(ctx context.Context, _ *bowerbird.Request, of bowerbird.Ingredient, items []bowerbird.ItemID, out []float32) (bool, error) {
	s := v.now.Load()
	if s == nil {
		return false, nil
	}
	q, err := s.of(ctx, of)
	if q == nil || err != nil {
		return false, err
	}
	var buf []float32
	for i, x := range items {
		var ok bool
		if buf, ok = s.ix.Vector(buf[:0], uint32(x)); ok {
			out[i] = max(0, min(1, vec.Dot(q, buf)))
		}
	}
	return true, nil
}

// Save writes which items there are: count, then the gaps between their ids.
func (v *Meaning) Save(w io.Writer) error {
	v.mu.Lock()
	in := v.in.Clone()
	v.mu.Unlock()
	fw := frame.NewWriter(w, "meaning", 1)
	fw.Int(int(in.GetCardinality()))
	last := uint32(0)
	for it := in.Iterator(); it.HasNext(); {
		x := it.Next()
		fw.Uvarint(uint64(x - last))
		last = x
	}
	return fw.Close()
}

// Load replaces the view by a saved one, and takes the encoder out: swap it in again.
func (v *Meaning) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "meaning", 1)
	if err != nil {
		return err
	}
	in := roaring.New()
	last := uint32(0)
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		last += fr.U32()
		in.Add(last)
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.in = in
	v.publish(nil)
	v.mu.Unlock()
	return nil
}
