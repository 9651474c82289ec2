package engine

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"slices"
	"strings"

	"bowerbird"
)

// cursor freezes what a paging began with: the offset up to which things count
// as seen, the log's time, the seed, and everything shown so far. So a later page
// repeats nothing, on any process that serves the same log.
//
//	version  uvarint 1
//	surface, offset, now, seed, request hash   uvarint each
//	served   count, then differences of the ascending ids
//	crc      4 bytes, CRC-32C of what stands before
//
// It is base64url without padding: about 2 bytes for each item shown.
type cursor struct {
	surface bowerbird.Surface
	offset  uint64
	now     int64
	seed    uint64
	request uint64
	served  []bowerbird.ItemID
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (c cursor) String() string {
	b := binary.AppendUvarint(nil, 1)
	for _, x := range [...]uint64{uint64(c.surface), c.offset, uint64(c.now), c.seed, c.request, uint64(len(c.served))} {
		b = binary.AppendUvarint(b, x)
	}
	served := slices.Clone(c.served)
	slices.Sort(served)
	last := bowerbird.ItemID(0)
	for _, x := range served {
		b = binary.AppendUvarint(b, uint64(x-last))
		last = x
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string) (cursor, error) {
	var c cursor
	bad := &bowerbird.Invalid{Field: "cursor", Message: "is damaged: begin again without it"}
	if len(s) > 32*bowerbird.MaxServed {
		return c, bad
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 5 {
		return c, bad
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return c, bad
	}
	var failed bool
	next := func() uint64 {
		x, n := binary.Uvarint(body)
		if n <= 0 {
			failed = true
			return 0
		}
		body = body[n:]
		return x
	}
	if next() != 1 {
		return c, &bowerbird.Invalid{Field: "cursor", Message: "is of another version: begin again without it"}
	}
	c.surface, c.offset, c.now, c.seed, c.request = bowerbird.Surface(next()), next(), int64(next()), next(), next()
	n := next()
	if failed || n > bowerbird.MaxServed {
		return c, bad
	}
	last := uint64(0)
	for range n {
		last += next()
		if failed || last == 0 || last > 1<<32-1 {
			return c, bad
		}
		c.served = append(c.served, bowerbird.ItemID(last))
	}
	if len(body) != 0 {
		return c, bad
	}
	return c, nil
}

// hash is what of a query must stay the same from page to page.
func (q *Query) hash(vectorKey string) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\x00%s\x00", q.User, q.Item, q.Board, q.Words, vectorKey)
	for _, w := range q.Where {
		fmt.Fprintf(h, "%s\x00%d\x00%s\x00%v\x00", w.Field, w.Op, strings.Join(w.Words, "\x01"), w.Number)
	}
	if q.Filter != nil {
		fmt.Fprintf(h, "filter\x00%s\x00", q.Filter)
	}
	if q.Surface == bowerbird.SearchWords {
		fmt.Fprintf(h, "seek\x00%x", q.Seek.hash())
	}
	if q.Style || q.Goes || len(q.Move) > 0 || len(q.Crops) > 0 {
		fmt.Fprintf(h, "seen\x00%t\x00%t\x00%v\x00%v", q.Style, q.Goes, q.Move, q.Crops)
	}
	if q.Diversity != nil {
		fmt.Fprintf(h, "varied\x00%v", *q.Diversity)
	}
	return h.Sum64()
}

// seedOf is a person's own seed: pages of one person at one offset are the same.
func seedOf(user string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(user))
	return h.Sum64()
}
