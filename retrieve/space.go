package retrieve

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/internal/vec"
	"bowerbird/vision/see"
)

// Space is the vectors that one encoder makes of the items' pictures. It is filled
// behind: Take says which items, Fill brings their vectors. What looks at a question and
// what is searched are one Space, so that they change together.
type Space struct {
	Encoder see.Encoder // nil: the built-in descriptor
	version string
	ix      index.Index

	// Cosines are brought to where those of the built-in descriptor lie, so that a
	// threshold or a ranker's column means the same: 1 stays 1, the mean of two pictures
	// at random becomes that of the built-in.
	scale, shift float32

	mu   sync.Mutex
	todo *roaring.Bitmap // items whose vector is to be made
	busy *roaring.Bitmap // whose vector is being made, unless they change meanwhile
	lost int             // that have none, as their picture cannot be read
}

// Version is the encoder's.
func (s *Space) Version() string { return s.version }

func (s *Space) level(cosine float32) float32 { return s.scale*cosine + s.shift }

// Left is how many items have no vector yet.
func (s *Space) Left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(s.todo.GetCardinality() + s.busy.GetCardinality())
}

// Have is how many items have a vector.
func (s *Space) Have() int { return s.ix.Len() }

// Take gives out up to n items to make vectors of; each must be Filled or given Back.
func (s *Space) Take(n int) []bowerbird.ItemID {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]bowerbird.ItemID, 0, n)
	for it := s.todo.Iterator(); it.HasNext() && len(out) < n; {
		out = append(out, bowerbird.ItemID(it.Next()))
	}
	for _, x := range out {
		s.todo.Remove(uint32(x))
		s.busy.Add(uint32(x))
	}
	return out
}

// Back takes items back that no vectors were made of.
func (s *Space) Back(items []bowerbird.ItemID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range items {
		if s.busy.CheckedRemove(uint32(x)) {
			s.todo.Add(uint32(x))
		}
	}
}

// Fill brings an item's vector, nil if it can have none. One whose picture changed
// meanwhile, or that is gone, is left alone.
func (s *Space) Fill(x bowerbird.ItemID, v []float32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.busy.CheckedRemove(uint32(x)) {
		return
	}
	if v == nil || s.ix.Put(uint32(x), v) != nil {
		s.lost++
	}
}

func (s *Space) changed(x uint32, built []float32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy.Remove(x)
	if v := s.derive(built); v != nil {
		s.todo.Remove(x)
		_ = s.ix.Put(x, v)
		return
	}
	s.ix.Delete(x)
	s.todo.Add(x)
}

// derive makes the vector from the built-in one, where that is what the encoder maps.
func (s *Space) derive(built []float32) []float32 {
	inner, m := see.Split(s.Encoder)
	if m == nil || inner.Version() != see.BuiltIn().Version() || len(built) != m.Dim() {
		return nil
	}
	return m.Of([][]float32{built})[0]
}

func (s *Space) gone(x uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy.Remove(x)
	s.todo.Remove(x)
	s.ix.Delete(x)
}

// Begin makes an empty space for an encoder, with every item that has a picture to be
// done. ix is an empty index by cosine. It serves when Serve is called.
func (v *Looks) Begin(e see.Encoder, ix index.Index) *Space {
	s := newSpace(e, ix)
	// In the list before what there is is read: a picture that comes meanwhile is
	// in one of the two.
	v.next.Store(s)
	v.all(s.changed)
	return s
}

func newSpace(e see.Encoder, ix index.Index) *Space {
	return &Space{Encoder: e, version: e.Version(), ix: ix, scale: 1, todo: roaring.New(), busy: roaring.New()}
}

// all calls f with the built-in vector of every item that has one; the vector is good until
// the next call.
func (v *Looks) all(f func(x uint32, built []float32)) {
	v.mu.RLock()
	have, base := v.have.Clone(), v.ix
	v.mu.RUnlock()
	var buf []float32
	for it := have.Iterator(); it.HasNext(); {
		x := it.Next()
		var ok bool
		if buf, ok = base.Vector(buf[:0], x); ok {
			f(x, buf)
		}
	}
}

// Serve puts a space in place of what serves; nil means the built-in descriptor.
// Requests that have begun find what they began with.
func (v *Looks) Serve(s *Space) {
	if s != nil {
		v.calibrate(s)
	}
	v.next.CompareAndSwap(s, nil)
	if old := v.now.Swap(s); old != s {
		v.before.Store(old)
	}
}

// Drop takes every space out.
func (v *Looks) Drop() {
	v.now.Store(nil)
	v.before.Store(nil)
	v.next.Store(nil)
}

// Cancel ends the filling of a space that does not serve yet.
func (v *Looks) Cancel() { v.next.Store(nil) }

// Serving is the space that serves; nil: the built-in descriptor.
func (v *Looks) Serving() *Space { return v.now.Load() }

// Next is the space that is being filled; nil if none.
func (v *Looks) Next() *Space { return v.next.Load() }

// builtIn is the space of what is folded.
func (v *Looks) builtIn() *Space { return &Space{version: v.o.Version, ix: v.index(), scale: 1} }

func (v *Looks) serving() *Space {
	if s := v.now.Load(); s != nil {
		return s
	}
	return v.builtIn()
}

// space is that of a version: what serves, what served before, or the built-in one.
func (v *Looks) space(version string) (*Space, error) {
	for _, s := range []*Space{v.now.Load(), v.before.Load()} {
		if s != nil && s.version == version {
			return s, nil
		}
	}
	if version == v.o.Version {
		return v.builtIn(), nil
	}
	return nil, fmt.Errorf("retrieve: looks: the query's vector is of version %q, the index of %q", version, v.serving().version)
}

// vectorOf is an item's vector with the space that it lies in: what serves or, for an
// item that has none there yet, the built-in one. nil: it has no picture.
func (v *Looks) vectorOf(x bowerbird.ItemID) (*Space, []float32) {
	s := v.serving()
	if q, ok := s.ix.Vector(nil, uint32(x)); ok {
		return s, q
	}
	s = v.builtIn()
	if q, ok := s.ix.Vector(nil, uint32(x)); ok {
		return s, q
	}
	return s, nil
}

// note tells the spaces of a picture that is new.
func (v *Looks) note(x uint32, built []float32) {
	v.mu.Lock()
	v.have.Add(x)
	v.mu.Unlock()
	for _, s := range []*Space{v.now.Load(), v.next.Load()} {
		if s != nil {
			s.changed(x, built)
		}
	}
}

func (v *Looks) forget(x uint32) {
	v.mu.Lock()
	v.have.Remove(x)
	v.mu.Unlock()
	for _, s := range []*Space{v.now.Load(), v.before.Load(), v.next.Load()} {
		if s != nil {
			s.gone(x)
		}
	}
}

// calibrate compares cosines of 1,000 pairs at random, always the same.
func (v *Looks) calibrate(s *Space) {
	v.mu.RLock()
	ids, base := v.have.ToArray(), v.ix
	v.mu.RUnlock()
	if len(ids) < 2 {
		return
	}
	var own, built float64
	n := 0
	r := rand.New(rand.NewPCG(uint64(len(ids)), 0x5ca1e))
	var a, b []float32
	for range 1000 {
		x, y := ids[r.IntN(len(ids))], ids[r.IntN(len(ids))]
		va, oka := s.ix.Vector(a[:0], x)
		vb, okb := s.ix.Vector(b[:0], y)
		if x == y || !oka || !okb {
			continue
		}
		c := float64(vec.Dot(va, vb))
		va, oka = base.Vector(va[:0], x)
		vb, okb = base.Vector(vb[:0], y)
		if oka && okb {
			own, built, n = own+c, built+float64(vec.Dot(va, vb)), n+1
		}
		a, b = va, vb
	}
	if n == 0 || own/float64(n) > .999 {
		return
	}
	s.scale = float32((1 - built/float64(n)) / (1 - own/float64(n)))
	s.shift = 1 - s.scale
}
