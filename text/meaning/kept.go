package meaning

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"sync"
)

// Kept is an Encoder that keeps every vector in a file, so that a slow model encodes a text once: what was encoded when
// a program ended is there when it goes on. Safe for concurrent use by one process.
//
// The file, little-endian:
//
//	"BWKEPT1\n"  8 bytes
//	length       uint32 of the encoder's version, then its bytes
//	dim          uint32
//	records      each: 16 bytes of the text's SHA-256, 1 byte (1: it has a vector), dim float32, CRC-32C of these
//
// A record that is cut short or altered ends the file: what follows is encoded anew. It remembers 16 bytes and a place of
// each text; vectors are read from the file.
type Kept struct {
	Encoder
	f     *os.File
	begin int64

	mu sync.Mutex
	at map[[16]byte]int64 // record numbers
	n  int64
}

const keptMagic = "BWKEPT1\n"

// Keep opens or makes the file of an encoder. A file of another encoder, or another version of it, is begun anew; one that
// holds anything else is refused and left as it is.
func Keep(path string, e Encoder) (*Kept, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("meaning: kept vectors: %w", err)
	}
	k := &Kept{Encoder: e, f: f, at: make(map[[16]byte]int64)}
	if err := k.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("meaning: kept vectors: %s: %w", path, err), f.Close())
	}
	return k, nil
}

func (k *Kept) head() []byte {
	v := k.Version()
	b := append([]byte(keptMagic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(b[len(keptMagic):], uint32(len(v)))
	b = append(b, v...)
	return binary.LittleEndian.AppendUint32(b, uint32(k.Dim()))
}

func (k *Kept) size() int64 { return int64(16 + 1 + 4*k.Dim() + 4) }

func (k *Kept) open() error {
	want := k.head()
	have := make([]byte, len(want))
	k.begin = int64(len(want))
	n, err := k.f.ReadAt(have, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if most := min(n, len(keptMagic)); string(have[:most]) != keptMagic[:most] {
		return errors.New("it holds no kept vectors: name another file")
	}
	if string(have) != string(want) {
		if err := k.f.Truncate(0); err != nil {
			return err
		}
		_, err := k.f.WriteAt(want, 0)
		return err
	}
	rec := make([]byte, k.size())
	r := io.NewSectionReader(k.f, k.begin, math.MaxInt64-k.begin)
	for {
		if _, err := io.ReadFull(r, rec); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		} else if err != nil {
			return err
		}
		if !whole(rec) {
			break
		}
		k.at[[16]byte(rec)] = k.n
		k.n++
	}
	return k.f.Truncate(k.begin + k.n*k.size())
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func whole(rec []byte) bool {
	n := len(rec) - 4
	return crc32.Checksum(rec[:n], castagnoli) == binary.LittleEndian.Uint32(rec[n:])
}

func keyOf(text string) [16]byte {
	sum := sha256.Sum256([]byte(text))
	return [16]byte(sum[:])
}

// Has tells whether a text's vector is kept.
func (k *Kept) Has(text string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.at[keyOf(text)]
	return ok
}

// keptBatch is how many texts are encoded before they are written.
const keptBatch = 32

// Encode implements Encoder. If it fails or ctx ends, what was encoded is kept.
func (k *Kept) Encode(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var missing []int
	for i, t := range texts {
		v, ok, err := k.read(keyOf(t))
		if err != nil {
			return nil, err
		}
		if out[i] = v; !ok {
			missing = append(missing, i)
		}
	}
	for len(missing) > 0 {
		now := missing[:min(keptBatch, len(missing))]
		missing = missing[len(now):]
		batch := make([]string, len(now))
		for i, j := range now {
			batch[i] = texts[j]
		}
		vs, err := k.Encoder.Encode(ctx, batch)
		if err != nil {
			return nil, err
		}
		for i, j := range now {
			out[j] = vs[i]
			if err := k.write(keyOf(batch[i]), vs[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// EncodeQueries encodes what people search with, and keeps nothing of it.
func (k *Kept) EncodeQueries(ctx context.Context, texts []string) ([][]float32, error) {
	if q, ok := k.Encoder.(interface {
		EncodeQueries(context.Context, []string) ([][]float32, error)
	}); ok {
		return q.EncodeQueries(ctx, texts)
	}
	return k.Encoder.Encode(ctx, texts)
}

func (k *Kept) read(key [16]byte) ([]float32, bool, error) {
	k.mu.Lock()
	n, ok := k.at[key]
	k.mu.Unlock()
	if !ok {
		return nil, false, nil
	}
	rec := make([]byte, k.size())
	if _, err := k.f.ReadAt(rec, k.begin+n*k.size()); err != nil {
		return nil, false, fmt.Errorf("meaning: kept vectors: %w", err)
	}
	if !whole(rec) {
		return nil, false, fmt.Errorf("meaning: kept vectors: record %d: %w", n, ErrCorrupt)
	}
	if rec[16] == 0 {
		return nil, true, nil
	}
	v := make([]float32, k.Dim())
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(rec[17+4*i:]))
	}
	return v, true, nil
}

func (k *Kept) write(key [16]byte, v []float32) error {
	rec := make([]byte, k.size())
	copy(rec, key[:])
	if v != nil {
		rec[16] = 1
		for i, x := range v {
			binary.LittleEndian.PutUint32(rec[17+4*i:], math.Float32bits(x))
		}
	}
	n := len(rec) - 4
	binary.LittleEndian.PutUint32(rec[n:], crc32.Checksum(rec[:n], castagnoli))
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.at[key]; there {
		return nil
	}
	if _, err := k.f.WriteAt(rec, k.begin+k.n*k.size()); err != nil {
		return fmt.Errorf("meaning: kept vectors: %w", err)
	}
	k.at[key] = k.n
	k.n++
	return nil
}

// Close closes the file.
func (k *Kept) Close() error { return k.f.Close() }
