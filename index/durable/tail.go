package durable

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"

	"bowerbird/index"
)

// A tail, integers and floats little-endian:
//
//	8     magic "BWtail01"
//	8     generation: the checkpoint that it follows
//	      records, each:
//	1       1 put, 2 delete
//	4       id
//	4·dim   float32, of a put, as it was given
//	4       CRC-32C of the generation, the number of the record, and the record
//
// The number in the checksum finds a record that is lost or doubled. A last record that is cut
// short, or ends in zeroes that a file system left, was not acknowledged.
const tailMagic = "BWtail01"

const (
	opPut    = 1
	opDelete = 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type tail struct {
	f      *os.File
	gen    uint64
	count  uint64
	length int64 // written to f
	synced int64 // guarded by Index.syncing
	buf    []byte
	err    error
}

func newTail(path string, gen uint64) (*tail, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	t := &tail{f: f, gen: gen, buf: binary.LittleEndian.AppendUint64([]byte(tailMagic), gen)}
	err = t.flush()
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	t.synced = t.length
	return t, nil
}

func (t *tail) sum(record []byte) uint32 {
	var head [16]byte
	binary.LittleEndian.PutUint64(head[:], t.gen)
	binary.LittleEndian.PutUint64(head[8:], t.count)
	return crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, record)
}

// add appends a record to the buffer, and writes a long one.
func (t *tail) add(op byte, id uint32, v []float32) {
	from := len(t.buf)
	t.buf = binary.LittleEndian.AppendUint32(append(t.buf, op), id)
	for _, x := range v {
		t.buf = binary.LittleEndian.AppendUint32(t.buf, math.Float32bits(x))
	}
	t.buf = binary.LittleEndian.AppendUint32(t.buf, t.sum(t.buf[from:]))
	t.count++
	if len(t.buf) > 1<<20 {
		_ = t.flush() // the next tells
	}
}

// flush writes the buffer. After an error it writes no more and tells it again.
func (t *tail) flush() error {
	if t.err != nil {
		return t.err
	}
	n, err := t.f.Write(t.buf)
	t.length += int64(n)
	t.buf, t.err = t.buf[:0], err
	return err
}

func (t *tail) close() error { return errors.Join(t.f.Sync(), t.f.Close()) }

// openTail replays a tail and readies it for more.
func openTail(path string, gen uint64, dim int, apply func(op byte, id uint32, v []float32) error) (*tail, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%w: %w", err, index.ErrCorrupt)
		}
		return nil, err
	}
	t := &tail{f: f, gen: gen}
	if err = t.replay(dim, apply); err == nil {
		err = t.cut()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return t, nil
}

// cut drops what lies behind the last whole record.
func (t *tail) cut() error {
	if err := t.f.Truncate(t.length); err != nil {
		return err
	}
	if _, err := t.f.Seek(t.length, io.SeekStart); err != nil {
		return err
	}
	t.synced = t.length
	return t.f.Sync()
}

func (t *tail) replay(dim int, apply func(op byte, id uint32, v []float32) error) error {
	data, err := io.ReadAll(t.f)
	if err != nil {
		return err
	}
	if len(data) < 16 || string(data[:8]) != tailMagic || binary.LittleEndian.Uint64(data[8:]) != t.gen {
		return fmt.Errorf("no head of generation %d: %w", t.gen, index.ErrCorrupt)
	}
	t.length = 16
	row := make([]float32, dim)
	for left := data[16:]; len(left) > 0; {
		n := 9
		if left[0] == opPut {
			n += 4 * dim
		}
		if len(left) < n && left[0] <= opDelete || zeroes(left) {
			return nil // cut short
		}
		if len(left) < n || left[0] != opPut && left[0] != opDelete || t.sum(left[:n-4]) != binary.LittleEndian.Uint32(left[n-4:]) {
			if zeroes(left[min(n, len(left)):]) && len(left) > n {
				return nil // the file system wrote a part and zeroes
			}
			return fmt.Errorf("record %d, at byte %d: %w", t.count, t.length, index.ErrCorrupt)
		}
		v := row
		if left[0] == opDelete {
			v = nil
		}
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(left[5+4*i:]))
		}
		if err := apply(left[0], binary.LittleEndian.Uint32(left[1:]), v); err != nil {
			return fmt.Errorf("record %d: %w: %w", t.count, err, index.ErrCorrupt)
		}
		t.count++
		t.length += int64(n)
		left = left[n:]
	}
	return nil
}

func zeroes(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
