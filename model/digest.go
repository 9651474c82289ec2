package model

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
)

// digest hashes a stream of integers with SHA-256, for the data fingerprint of a card.
type digest struct {
	h hash.Hash
	b []byte
}

func newDigest() *digest { return &digest{h: sha256.New()} }

func (d *digest) put(v uint32) {
	d.b = binary.LittleEndian.AppendUint32(d.b, v)
	if len(d.b) >= 1<<15 {
		d.h.Write(d.b)
		d.b = d.b[:0]
	}
}

func (d *digest) sum() string {
	d.h.Write(d.b)
	return hex.EncodeToString(d.h.Sum(nil)[:16])
}

func (r Rows) fingerprint() string {
	d := newDigest()
	d.put(uint32(r.Features))
	for _, v := range r.X {
		d.put(math.Float32bits(v))
	}
	for i, y := range r.Y {
		d.put(math.Float32bits(float32(r.w(i))))
		if y {
			d.put(1)
		} else {
			d.put(0)
		}
	}
	return d.sum()
}
