package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"bowerbird"
	"bowerbird/index"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/text/meaning"
	"bowerbird/vision"
	"bowerbird/vision/see"
)

// Pictures are seen by the built-in descriptor, whose vectors are in the log, or by another
// encoder: the owner's, or one that training learned from the owner's pictures, each
// perhaps with a map learned from boards. Vectors of another encoder are made behind, kept
// in the folder picture-vectors under the hash of the picture, and serve once every
// picture has one: index and encoder of questions are one pointer (retrieve.Space).

// EyeOf is the encoder that a bundle, nil if there is none, asks for beside the owner's
// own, nil if there is none; nil means the built-in descriptor.
func EyeOf(own see.Encoder, b *rank.Bundle) see.Encoder {
	e := own
	if e == nil && b != nil && b.Patches != nil {
		e = see.Patches(b.Patches)
	}
	inner := e
	if inner == nil {
		inner = see.BuiltIn()
	}
	if b != nil && b.Adapted != nil && b.Card.Pictures != nil && b.Card.Pictures.From == inner.Version() && b.Adapted.Dim() == inner.Dim() {
		return &see.Mapped{Inner: inner, Map: b.Adapted}
	}
	return e
}

// look begins to see by what a bundle asks for, unless it does already.
func (h *House) look(b *rank.Bundle) error {
	if b == nil || b.Goes == nil || b.Goes.Dim() != vision.Dim {
		h.goes.Swap(nil, nil)
	} else {
		ix, err := h.recalls.empty("looks", vision.Dim, index.Cosine)
		if err != nil {
			return err
		}
		h.goes.Swap(b.Goes, ix)
	}
	e := EyeOf(h.eye, b)
	if e == nil {
		h.looks.Cancel()
		h.looks.Serve(nil)
		return nil
	}
	for _, s := range []*retrieve.Space{h.looks.Next(), h.looks.Serving()} {
		if s != nil && s.Version() == e.Version() {
			if s == h.looks.Serving() {
				h.looks.Cancel()
			}
			return nil
		}
	}
	ix, err := h.recalls.empty("looks", e.Dim(), index.Cosine)
	if err != nil {
		return err
	}
	s := h.looks.Begin(e, ix)
	if s.Left() == 0 {
		h.looks.Serve(s)
	}
	return nil
}

// embedBatch is how many pictures are encoded together.
const embedBatch = 8

// Embed makes vectors of up to n pictures for the encoder that is to serve, or for those
// that came since it serves, and puts it in place when no picture is left. It returns
// how many pictures it did; 0 when none waits. Run calls it in the background; what was
// made is on disk when a batch ends, so that after a kill it goes on there.
//
// One call at a time; others wait.
func (e *Engine) Embed(ctx context.Context, n int) (int, error) {
	e.embedding.Lock()
	defer e.embedding.Unlock()
	done := 0
	for done < n {
		k, err := e.embedSome(ctx, min(embedBatch, n-done))
		done += k
		if err != nil || k == 0 {
			return done, err
		}
	}
	return done, nil
}

func (e *Engine) embedSome(ctx context.Context, n int) (int, error) {
	h := e.House()
	s := h.looks.Next()
	if s == nil {
		if s = h.looks.Serving(); s == nil || s.Left() == 0 {
			return 0, nil
		}
	}
	batch := s.Take(n)
	if len(batch) > 0 {
		vs, err := e.vectorsOf(ctx, h, s.Encoder, batch)
		if err != nil {
			s.Back(batch)
			return 0, fmt.Errorf("engine: vectors of pictures: %w", err)
		}
		for i, x := range batch {
			s.Fill(x, vs[i])
		}
	}
	if s == h.looks.Next() && s.Left() == 0 {
		h.looks.Serve(s)
		e.o.Logger.Info("pictures are seen by another encoder now", "encoder", s.Version(), "items", s.Have())
		e.dropKept(s.Encoder)
	}
	return len(batch), nil
}

// vectorsOf makes an encoder's vectors of items, or finds those that are kept; nil for an
// item whose picture is gone or cannot be read.
func (e *Engine) vectorsOf(ctx context.Context, h *House, with see.Encoder, items []bowerbird.ItemID) ([][]float32, error) {
	inner, mapped := see.Split(with)
	blobs, at := make([]string, 0, len(items)), make([]int, 0, len(items))
	for i, x := range items {
		d, err := h.Catalogue.ItemDoc(x)
		if err != nil || d.Picture == nil {
			continue
		}
		blob := d.Picture.Large
		if inner.Side() <= 320 {
			blob = d.Picture.Small
		}
		if blob == "" {
			blob = d.Picture.Blob
		}
		blobs, at = append(blobs, blob), append(at, i)
	}
	k, err := e.kept(inner)
	if err != nil {
		return nil, err
	}
	vs, err := k.Encode(ctx, blobs)
	if err != nil {
		return nil, err
	}
	out := make([][]float32, len(items))
	for j, i := range at {
		out[i] = vs[j]
	}
	if mapped != nil {
		out = mapped.Of(out)
	}
	return out, nil
}

// blobEncoder encodes pictures named by their blobs: what meaning.Keep keeps.
type blobEncoder struct {
	see.Encoder
	blobs interface{ Get(string) ([]byte, error) }
}

// Name is the version's, as there is nothing shorter.
func (b blobEncoder) Name() string { return b.Version() }

// Encode gives nil for a blob that is no picture any more.
func (b blobEncoder) Encode(ctx context.Context, names []string) ([][]float32, error) {
	out := make([][]float32, len(names))
	var crops []see.Crop
	var at []int
	for i, name := range names {
		data, err := b.blobs.Get(name)
		if err != nil {
			continue
		}
		p, err := vision.Decode(data, vision.Options{})
		if err != nil {
			continue
		}
		crops, at = append(crops, see.Crop{Picture: p}), append(at, i)
		runtime.Gosched()
	}
	vs, err := b.Encoder.Encode(ctx, crops)
	if err != nil && ctx.Err() != nil {
		return nil, err
	}
	for j, i := range at {
		if err == nil {
			out[i] = vs[j]
			continue
		}
		if v, one := b.Encoder.Encode(ctx, crops[j:j+1]); one == nil { // one of them is at fault
			out[i] = v[0]
		}
	}
	return out, nil
}

const keptFolder = "picture-vectors"

// kept is the file of vectors of an encoder without a map.
func (e *Engine) kept(inner see.Encoder) (meaning.Encoder, error) {
	x := blobEncoder{inner, e.blobs}
	if e.o.ReadOnly {
		return x, nil
	}
	e.keeping.Lock()
	defer e.keeping.Unlock()
	if k, ok := e.keptBy[inner.Version()]; ok {
		return k, nil
	}
	dir := filepath.Join(string(e.dir), keptFolder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	k, err := meaning.Keep(filepath.Join(dir, keptName(inner)), x)
	if err != nil {
		return nil, err
	}
	if e.keptBy == nil {
		e.keptBy = map[string]*meaning.Kept{}
	}
	e.keptBy[inner.Version()] = k
	return k, nil
}

func keptName(inner see.Encoder) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, inner.Version())
}

// dropKept removes the files of every encoder but one.
func (e *Engine) dropKept(but see.Encoder) {
	inner, _ := see.Split(but)
	e.keeping.Lock()
	defer e.keeping.Unlock()
	dir := filepath.Join(string(e.dir), keptFolder)
	list, _ := os.ReadDir(dir) // what cannot be read is not removed
	for _, f := range list {
		if f.Name() != keptName(inner) {
			_ = os.Remove(filepath.Join(dir, f.Name()))
		}
	}
	for version, k := range e.keptBy {
		if version != inner.Version() {
			_ = k.Close()
			delete(e.keptBy, version)
		}
	}
}

func (e *Engine) closeKept() error {
	e.keeping.Lock()
	defer e.keeping.Unlock()
	var err error
	for _, k := range e.keptBy {
		err = errors.Join(err, k.Close())
	}
	e.keptBy = nil
	return err
}

// embedRest is how long, beside the time that a picture took, the maker of vectors rests: it
// takes a third of one core. It takes them one by one, as eight together keep the pages of
// that moment waiting.
const embedRest = 2

// embedBehind makes vectors until ctx ends.
func (e *Engine) embedBehind(ctx context.Context) {
	if e.o.ReadOnly {
		return
	}
	for {
		start := time.Now()
		n, err := e.Embed(ctx, 1)
		if err != nil && ctx.Err() == nil {
			e.o.Logger.Error("pictures are not encoded", "error", err)
			n = 0
		}
		rest := embedRest * time.Since(start)
		if n == 0 {
			rest = time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(rest):
		}
	}
}

// Sight says what pictures are seen by.
type Sight struct {
	Encoder string `json:"encoder"`           // version of what serves
	Next    string `json:"next,omitempty"`    // of what will serve once its vectors are made
	Waiting int    `json:"waiting,omitempty"` // pictures whose vectors are to be made
}

// Sight is what pictures are seen by now.
func (e *Engine) Sight() Sight {
	h := e.House()
	s := Sight{Encoder: vision.DescriptorVersion}
	if now := h.looks.Serving(); now != nil {
		s.Encoder, s.Waiting = now.Version(), now.Left()
	}
	if next := h.looks.Next(); next != nil {
		s.Next, s.Waiting = next.Version(), next.Left()
	}
	return s
}

// Sights is how training reads pictures.
type Sights struct{ e *Engine }

// Sights reads the engine's pictures for training.
func (e *Engine) Sights() Sights { return Sights{e} }

// Own is the owner's encoder; nil if there is none.
func (s Sights) Own() see.Encoder { return s.e.o.House.Eye }

// Vectors are an encoder's of items, made where they are not kept.
func (s Sights) Vectors(ctx context.Context, with see.Encoder, items []bowerbird.ItemID) ([][]float32, error) {
	return s.e.vectorsOf(ctx, s.e.House(), with, items)
}

// Picture reads an item's small thumbnail.
func (s Sights) Picture(x bowerbird.ItemID) (*vision.Picture, error) {
	d, err := s.e.House().Catalogue.ItemDoc(x)
	if err != nil {
		return nil, err
	}
	if d.Picture == nil {
		return nil, fmt.Errorf("engine: item %s has no picture", d.ID)
	}
	data, err := s.e.blobs.Get(cmp.Or(d.Picture.Small, d.Picture.Blob))
	if err != nil {
		return nil, err
	}
	return vision.Decode(data, vision.Options{})
}
