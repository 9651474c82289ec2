package model

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
)

// A model file, all integers little-endian:
//
//	0   8  magic "BBMODEL\n"
//	8   4  version, 1
//	12  4  length of the card, C
//	16  8  length of the body, B
//	24  C  the card, JSON
//	..  B  the body, by the kind in the card
//	..  4  CRC-32C of everything before it
//
// A body is a run of fields: a uint32, or an array (uint64 length, then 4 bytes for each element).
const (
	magic   = "BBMODEL\n"
	version = 1
	header  = 24
)

// ErrCorrupt marks a file that is cut, flipped or not a model.
var ErrCorrupt = errors.New("model: corrupt file")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Save writes a model with its card to path: into a temporary file beside it, fsync, then rename, so that a reader sees
// the old file or the new one and never a part. card is usually m.Card() with Metrics, CreatedAt and Note filled in.
func Save(path string, m Model, card Card) error {
	if m == nil {
		return fmt.Errorf("model: save %s: no model", path)
	}
	return save(path, m.kind(), card, m.Items(), m.encode)
}

func save(path, kind string, card Card, items int, body func(*encoder)) error {
	card.Kind = kind
	card.Data.Items = items
	b, err := marshal(card, body)
	if err == nil {
		err = publish(path, b)
	}
	if err != nil {
		return fmt.Errorf("model: save %s: %w", path, err)
	}
	return nil
}

func marshal(card Card, body func(*encoder)) ([]byte, error) {
	js, err := json.Marshal(card)
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	e := &encoder{b: make([]byte, header, header+len(js)+4096)}
	copy(e.b, magic)
	binary.LittleEndian.PutUint32(e.b[8:], version)
	binary.LittleEndian.PutUint32(e.b[12:], uint32(len(js)))
	e.b = append(e.b, js...)
	body(e)
	binary.LittleEndian.PutUint64(e.b[16:], uint64(len(e.b)-header-len(js)))
	return binary.LittleEndian.AppendUint32(e.b, crc32.Checksum(e.b, castagnoli)), nil
}

func publish(path string, b []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".model-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(b); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Load reads a model file; its card is Model.Card. The checksum is verified before anything is read from it. The whole
// file is held in memory while it loads: twice its size at the peak.
func Load(path string) (Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("model: load: %w", err)
	}
	m, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("model: load %s: %w", path, err)
	}
	return m, nil
}

func parse(b []byte) (Model, error) {
	card, d, err := open(b)
	if err != nil {
		return nil, err
	}
	m, err := decode(card, d, 0)
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// decode reads a body of the kind in the card; depth counts blends within blends.
func decode(card Card, d *decoder, depth int) (Model, error) {
	b := base{items: card.Data.Items, card: card}
	switch card.Kind {
	case "popular":
		return decodePopular(b, d)
	case "linear":
		return decodeLinear(b, d)
	case "factors":
		return decodeFactors(b, d)
	case "sequence":
		return decodeSequence(b, d)
	case "transitions":
		return decodeTransitions(b, d)
	case "people":
		return decodePeople(b, d)
	case "lowrank":
		return decodeLowRank(b, d)
	case "blend":
		return decodeBlend(b, d, depth)
	}
	return nil, fmt.Errorf("%w: unknown kind %q", ErrCorrupt, card.Kind)
}

// open checks the frame and returns the card and the body.
func open(b []byte) (Card, *decoder, error) {
	var card Card
	if len(b) < header+4 || string(b[:8]) != magic {
		return card, nil, fmt.Errorf("%w: no model header", ErrCorrupt)
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != version {
		return card, nil, fmt.Errorf("%w: version %d, this program reads %d", ErrCorrupt, v, version)
	}
	c, n := uint64(binary.LittleEndian.Uint32(b[12:])), binary.LittleEndian.Uint64(b[16:])
	rest := uint64(len(b) - header - 4)
	if c > rest || n != rest-c {
		return card, nil, fmt.Errorf("%w: %d bytes, the header says %d", ErrCorrupt, len(b), header+c+n+4)
	}
	if sum := binary.LittleEndian.Uint32(b[len(b)-4:]); sum != crc32.Checksum(b[:len(b)-4], castagnoli) {
		return card, nil, fmt.Errorf("%w: checksum does not match", ErrCorrupt)
	}
	if err := json.Unmarshal(b[header:header+c], &card); err != nil {
		return card, nil, fmt.Errorf("%w: card: %w", ErrCorrupt, err)
	}
	if err := card.Weigh.check(); err != nil {
		return card, nil, fmt.Errorf("%w: card: %w", ErrCorrupt, err)
	}
	if card.Data.Items < 0 || card.Data.Items > math.MaxInt32 {
		return card, nil, fmt.Errorf("%w: card: %d items", ErrCorrupt, card.Data.Items)
	}
	return card, &decoder{b: b[header+c : len(b)-4]}, nil
}

type encoder struct{ b []byte }

func (e *encoder) u32(v uint32) { e.b = binary.LittleEndian.AppendUint32(e.b, v) }

func (e *encoder) uints(x []uint32) {
	e.b = binary.LittleEndian.AppendUint64(e.b, uint64(len(x)))
	for _, v := range x {
		e.u32(v)
	}
}

func (e *encoder) floats(x []float32) {
	e.b = binary.LittleEndian.AppendUint64(e.b, uint64(len(x)))
	for _, v := range x {
		e.u32(math.Float32bits(v))
	}
}

func (e *encoder) bytes(x []byte) {
	e.b = binary.LittleEndian.AppendUint64(e.b, uint64(len(x)))
	e.b = append(e.b, x...)
}

// decoder reads a body. The first error stays; reads after it return zero values.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: "+format, append([]any{ErrCorrupt}, args...)...)
	}
}

func (d *decoder) take(n uint64) []byte {
	if d.err == nil && n > uint64(len(d.b)) {
		d.fail("the body ends early")
	}
	if d.err != nil {
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) u32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// length reads the length of an array of elements of size bytes and checks it against want, unless want is -1, and
// against what is left.
func (d *decoder) length(want, size int) uint64 {
	b := d.take(8)
	if b == nil {
		return 0
	}
	n := binary.LittleEndian.Uint64(b)
	if want >= 0 && n != uint64(want) {
		d.fail("an array of %d where %d belong", n, want)
	} else if n > uint64(len(d.b)/size) {
		d.fail("an array of %d in %d bytes", n, len(d.b))
	}
	if d.err != nil {
		return 0
	}
	return n
}

func (d *decoder) uints(want int) []uint32 {
	b := d.take(4 * d.length(want, 4))
	x := make([]uint32, len(b)/4)
	for i := range x {
		x[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return x
}

// floats refuses NaN and infinities.
func (d *decoder) floats(want int) []float32 {
	b := d.take(4 * d.length(want, 4))
	x := make([]float32, len(b)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if v := float64(x[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			d.fail("a number that is not finite")
			return nil
		}
	}
	return x
}

func (d *decoder) bytes() []byte { return d.take(d.length(-1, 1)) }

// checkRows checks that ptr and idx are the rows of a sparse matrix of that many columns, each ascending.
func (d *decoder) checkRows(ptr, idx []uint32, columns int) {
	if ptr[0] != 0 || int(ptr[len(ptr)-1]) != len(idx) {
		d.fail("rows do not span the entries")
		return
	}
	for i := 1; i < len(ptr); i++ {
		if ptr[i] < ptr[i-1] || int(ptr[i]) > len(idx) {
			d.fail("row %d ends before it starts", i-1)
			return
		}
		for p := ptr[i-1]; p < ptr[i]; p++ {
			if int(idx[p]) >= columns || p > ptr[i-1] && idx[p] <= idx[p-1] {
				d.fail("row %d holds column %d out of order", i-1, idx[p])
				return
			}
		}
	}
}

func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		d.fail("%d bytes too many", len(d.b))
	}
	return d.err
}

func (e *encoder) doubles(x []float64) {
	e.b = binary.LittleEndian.AppendUint64(e.b, uint64(len(x)))
	for _, v := range x {
		e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(v))
	}
}

// doubles refuses NaN and infinities.
func (d *decoder) doubles(want int) []float64 {
	b := d.take(8 * d.length(want, 8))
	x := make([]float64, len(b)/8)
	for i := range x {
		x[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		if math.IsNaN(x[i]) || math.IsInf(x[i], 0) {
			d.fail("a number that is not finite")
			return nil
		}
	}
	return x
}
