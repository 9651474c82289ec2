package index

import (
	"fmt"
	"io"

	"bowerbird/index/internal/file"
)

// A saved Flat: the frame of internal/file with the magic "BWflat01", and in it,
// integers and floats little-endian:
//
//	4     dim, 1..65536
//	4     metric: 0 inner product, 1 cosine, 2 L2
//	4     n, number of vectors
//	      n times, ids ascending:
//	4       id
//	4·dim   float32, as stored: at length 1 under cosine
//
// What was deleted leaves no trace, nor does the order of what was put.
const flatMagic = "BWflat01"

// Save implements Index. Put and Delete wait for it, Search does not.
func (f *Flat) Save(w io.Writer) error {
	f.write.Lock()
	defer f.write.Unlock()
	out := file.NewWriter(w, flatMagic)
	out.Uint32(uint32(f.dim), uint32(f.metric), uint32(len(f.slots)))
	for _, id := range f.IDs() {
		slot := f.slots[id]
		b, i := f.blocks[slot/flatRows], int(slot%flatRows)
		out.Uint32(id)
		out.Floats(b.rows[i*f.dim : (i+1)*f.dim])
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("index: save flat: %w", err)
	}
	return nil
}

// LoadFlat reads what Save wrote and refuses, with ErrCorrupt, a file that was
// cut or changed. It takes memory as it reads, never by what a head claims.
func LoadFlat(r io.Reader) (*Flat, error) {
	f, err := loadFlat(r)
	if err != nil {
		return nil, fmt.Errorf("index: load flat: %w", err)
	}
	return f, nil
}

func loadFlat(r io.Reader) (*Flat, error) {
	in, err := file.NewReader(r, flatMagic)
	if err != nil {
		return nil, err
	}
	var dim, metric, n uint32
	if err := in.Uint32(&dim, &metric, &n); err != nil {
		return nil, err
	}
	if dim < 1 || dim > MaxDim || metric > uint32(L2) {
		return nil, fmt.Errorf("dim %d, metric %d: %w", dim, metric, ErrCorrupt)
	}
	f, err := NewFlat(int(dim), Metric(metric))
	if err != nil {
		return nil, err
	}
	row, last := make([]float32, dim), int64(-1)
	for i := range n {
		var id uint32
		if err := in.Uint32(&id); err != nil {
			return nil, err
		}
		if err := in.Floats(row); err != nil {
			return nil, err
		}
		if int64(id) <= last {
			return nil, fmt.Errorf("vector %d: id %d is not above %d: %w", i, id, last, ErrCorrupt)
		}
		f.put(id, row)
		last = int64(id)
	}
	return f, in.Close()
}
