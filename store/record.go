package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"crypto/sha256"

	"bowerbird"
)

// Keys in the embedded store. Numbers are big-endian, so that records lie in
// order of offset.
//
//	'e' offset:8            -> record, below
//	'i' SHA-256(id)[:16]    -> offset:8          the event with that client id
//	'm' "erased"            -> offset:8          of the last erasure that was carried out
//	'x' offset:8            -> ""                an erasure asked for at offset, not yet carried out
//	'y' offset:8            -> ""                carried out, old bytes not yet swept from the disk
//
// A record:
//
//	0        1                  5
//	+--------+------------------+--------------------------+
//	| form:1 | CRC-32C:4 little | form 1: logpb.Event      |
//	+--------+------------------+--------------------------+
//
// The checksum covers the form, the message and the offset (8 bytes, big-endian)
// in this order, so that a record in another's place is found out as well.
const (
	formProto1   = 1
	recordHeader = 5
	keyLen       = 9
)

// Limit of one encoded event: above every honest one, below what could stall the log.
const maxRecord = 16 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrCorrupt is wrapped by every error that says that stored bytes are not what
// was written. The message names the offset or the file.
var ErrCorrupt = errors.New("store: corrupt")

func corrupt(offset uint64, why any) error {
	return fmt.Errorf("%w: log record at offset %d: %v", ErrCorrupt, offset, why)
}

func numberKey(prefix byte, n uint64) (k [keyLen]byte) {
	k[0] = prefix
	binary.BigEndian.PutUint64(k[1:], n)
	return k
}

// idHash is what the log keeps of a client's event id outside its record.
func idHash(id string) (h [16]byte) {
	sum := sha256.Sum256([]byte(id))
	copy(h[:], sum[:])
	return h
}

// appendRecord appends e's record to b with the checksum of all but the offset;
// seal finishes it once the offset is known.
func appendRecord(b []byte, e *bowerbird.Event) ([]byte, error) {
	at := len(b)
	b = append(b, formProto1, 0, 0, 0, 0)
	b, err := encodeEvent(b, e)
	if err != nil {
		return b[:at], err
	}
	if n := len(b) - at; n > maxRecord {
		return b[:at], fmt.Errorf("the event is %d bytes long, at most %d are kept", n, maxRecord)
	}
	sum := crc32.Update(crc32.Update(0, castagnoli, b[at:at+1]), castagnoli, b[at+recordHeader:])
	binary.LittleEndian.PutUint32(b[at+1:], sum)
	return b, nil
}

func seal(record []byte, offset uint64) {
	var o [8]byte
	binary.BigEndian.PutUint64(o[:], offset)
	sum := crc32.Update(binary.LittleEndian.Uint32(record[1:]), castagnoli, o[:])
	binary.LittleEndian.PutUint32(record[1:], sum)
}

// openRecord checks a record and decodes it into e.
func openRecord(record []byte, offset uint64, e *bowerbird.Event) error {
	if len(record) < recordHeader {
		return corrupt(offset, "too short")
	}
	if record[0] != formProto1 {
		return corrupt(offset, fmt.Sprintf("form %d is unknown to this version", record[0]))
	}
	var o [8]byte
	binary.BigEndian.PutUint64(o[:], offset)
	sum := crc32.Update(0, castagnoli, record[:1])
	sum = crc32.Update(sum, castagnoli, record[recordHeader:])
	sum = crc32.Update(sum, castagnoli, o[:])
	if sum != binary.LittleEndian.Uint32(record[1:]) {
		return corrupt(offset, "the checksum does not match")
	}
	if err := decodeEvent(string(record[recordHeader:]), e); err != nil {
		return corrupt(offset, err)
	}
	return nil
}
