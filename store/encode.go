package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"bowerbird"
)

// The numbers of logpb/event.proto, as tags: number<<3 | wire type.
const (
	varint  = 0
	fixed64 = 1
	bytesT  = 2
	fixed32 = 5
)

// encoder appends protobuf fields. The first thing wrong stays in err.
type encoder struct {
	b   []byte
	err error
}

func (w *encoder) tag(n, typ int) { w.b = binary.AppendUvarint(w.b, uint64(n)<<3|uint64(typ)) }

func (w *encoder) uint(n int, v uint64) {
	if v != 0 {
		w.tag(n, varint)
		w.b = binary.AppendUvarint(w.b, v)
	}
}

func (w *encoder) bool(n int, v bool) {
	if v {
		w.uint(n, 1)
	}
}

func (w *encoder) double(n int, v float64) {
	if bits := math.Float64bits(v); bits != 0 {
		w.tag(n, fixed64)
		w.b = binary.LittleEndian.AppendUint64(w.b, bits)
	}
}

func (w *encoder) float(n int, v float32) {
	if bits := math.Float32bits(v); bits != 0 {
		w.tag(n, fixed32)
		w.b = binary.LittleEndian.AppendUint32(w.b, bits)
	}
}

func (w *encoder) string(n int, s string) {
	if s != "" {
		w.element(n, s)
	}
}

// element writes s even when it is empty, as an element of a list is.
func (w *encoder) element(n int, s string) {
	if !utf8.ValidString(s) && w.err == nil {
		w.err = fmt.Errorf("field %d: a text is not valid UTF-8", n)
	}
	w.tag(n, bytesT)
	w.b = binary.AppendUvarint(w.b, uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *encoder) strings(n int, list []string) {
	for _, s := range list {
		w.element(n, s)
	}
}

func (w *encoder) floats(n int, list []float32) {
	if len(list) == 0 {
		return
	}
	w.tag(n, bytesT)
	w.b = binary.AppendUvarint(w.b, uint64(4*len(list)))
	for _, v := range list {
		w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(v))
	}
}

// open begins a message within the message; close puts its length before it.
func (w *encoder) open(n int) int {
	w.tag(n, bytesT)
	return len(w.b)
}

func (w *encoder) close(start int) {
	var l [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(l[:], uint64(len(w.b)-start))
	w.b = slices.Insert(w.b, start, l[:n]...)
}

// encodeEvent appends e in the form of logpb.Event to b.
func encodeEvent(b []byte, e *bowerbird.Event) ([]byte, error) {
	if e.Position < 0 || int64(e.Position) > math.MaxUint32 {
		return b, fmt.Errorf("position: %d does not fit", e.Position)
	}
	w := encoder{b: b}
	w.uint(1, uint64(e.Kind))
	w.uint(2, uint64(e.Time))
	w.string(3, e.ID)
	w.string(4, e.User)
	w.string(5, e.Item)
	w.string(6, e.Board)
	w.string(7, e.Subject)
	w.string(8, e.Topic)
	w.double(9, e.Value)
	w.uint(10, uint64(e.Surface))
	w.string(11, e.Request)
	w.uint(12, uint64(e.Position))
	w.string(13, e.Query)
	if e.ItemDoc != nil {
		at := w.open(14)
		w.item(e.ItemDoc)
		w.close(at)
	}
	if e.BoardDoc != nil {
		at := w.open(15)
		w.board(e.BoardDoc)
		w.close(at)
	}
	if e.UserDoc != nil {
		at := w.open(16)
		w.user(e.UserDoc)
		w.close(at)
	}
	if s := e.Signal; s != nil {
		at := w.open(17)
		w.string(1, s.Name)
		w.string(2, s.Version)
		w.floats(3, s.Vector)
		w.string(4, s.Group)
		w.close(at)
	}
	if s := e.Served; s != nil {
		at := w.open(18)
		w.string(1, s.Model)
		w.strings(2, s.Sources)
		w.floats(3, s.Features)
		w.float(4, s.Score)
		w.close(at)
	}
	return w.b, w.err
}

func (w *encoder) item(x *bowerbird.Item) {
	w.string(1, x.ID)
	w.string(2, x.Title)
	w.string(3, x.Description)
	w.strings(4, x.Categories)
	w.strings(5, x.Tags)
	w.attributes(6, x.Attributes)
	w.string(7, x.Language)
	w.string(8, x.Link)
	w.string(9, x.Owner)
	w.uint(10, uint64(x.Created))
	w.bool(11, x.Hidden)
	if p := x.Picture; p != nil {
		at := w.open(12)
		w.picture(p)
		w.close(at)
	}
}

func (w *encoder) picture(p *bowerbird.Picture) {
	if (int64(int32(p.Width)) != int64(p.Width) || int64(int32(p.Height)) != int64(p.Height)) && w.err == nil {
		w.err = fmt.Errorf("picture: %d x %d does not fit", p.Width, p.Height)
	}
	w.string(1, p.Blob)
	w.uint(2, uint64(int64(p.Width)))
	w.uint(3, uint64(int64(p.Height)))
	w.string(4, p.Small)
	w.string(5, p.Large)
	for _, c := range p.Colours {
		at := w.open(6)
		w.string(1, c.Hex)
		w.string(2, c.Name)
		w.float(3, c.Share)
		w.close(at)
	}
	w.string(7, p.Placeholder)
	if p.Fingerprint != 0 {
		w.tag(8, fixed64)
		w.b = binary.LittleEndian.AppendUint64(w.b, p.Fingerprint)
	}
	w.strings(9, p.Looks)
	w.float(10, p.Quality)
}

func (w *encoder) board(x *bowerbird.Board) {
	w.string(1, x.ID)
	w.string(2, x.Title)
	w.string(3, x.Description)
	w.string(4, x.Owner)
	w.bool(5, x.Secret)
	w.uint(6, uint64(x.Created))
}

func (w *encoder) user(x *bowerbird.User) {
	w.string(1, x.ID)
	w.string(2, x.Name)
	w.string(3, x.Language)
	w.attributes(4, x.Labels)
	w.uint(5, uint64(x.Created))
}

func (w *encoder) attributes(n int, list bowerbird.Attributes) {
	for _, a := range list {
		at := w.open(n)
		w.string(1, a.Name)
		w.strings(2, a.Words)
		w.double(3, a.Number)
		w.bool(4, a.Numeric)
		w.close(at)
	}
}
