package detect

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"sync"
)

//go:embed weights.bin
var embedded []byte

// table holds a row of weights for each n-gram: how much likelier each language makes it than all do together, in units
// of nats.
type table struct {
	langs   []string
	rows    map[string]int // n-gram → where its row begins
	weights []int8
	unit    float64
	heat    float64
}

var weights = sync.OnceValue(func() *table {
	t, err := decode(embedded)
	if err != nil {
		panic("detect: the embedded table is broken: " + err.Error()) // our own file
	}
	return t
})

// decode reads, gunzipped:
//
//	unit, heat           two IEEE 754 doubles, little endian
//	languages            count (uvarint); each: length (uvarint), code
//	n-grams              count (uvarint); each: length (uvarint), UTF-8, one signed byte a language
func decode(b []byte) (*table, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(z, 64<<20))
	if err != nil {
		return nil, err
	}
	r := reader{b: raw}
	t := &table{unit: r.float(), heat: r.float(), rows: make(map[string]int)}
	for range r.count(1000) {
		t.langs = append(t.langs, r.string())
	}
	for range r.count(1 << 20) {
		t.rows[r.string()] = len(t.weights)
		for _, w := range r.take(len(t.langs)) {
			t.weights = append(t.weights, int8(w))
		}
	}
	if r.bad || len(r.b) > 0 {
		return nil, errors.New("cut short or with a tail")
	}
	if len(t.langs) == 0 || !(t.unit > 0) || !(t.heat > 0) {
		return nil, fmt.Errorf("%d languages, unit %v, heat %v", len(t.langs), t.unit, t.heat)
	}
	return t, nil
}

type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) float() float64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func (r *reader) count(most uint64) int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > most {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) string() string { return string(r.take(r.count(1 << 10))) }

// Version names the embedded weights: texts may be answered otherwise under another one.
func Version() string { return version() }

var version = sync.OnceValue(func() string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(embedded)) })
