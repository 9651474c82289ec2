package ivf

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"unsafe"

	"bowerbird/index"
	"bowerbird/index/internal/file"
	"bowerbird/index/quant"
)

// A saved index, integers and floats little-endian, is two parts. First the frame
// of internal/file with the magic "BWivf001", and in it:
//
//	4     dim
//	4     metric: 0 inner product, 1 cosine, 2 L2
//	4     bits of a code: 1, 4 or 8
//	4     Options.Lists
//	4     Options.Probes
//	8     Options.Seed, the lower half first
//	4     number of vectors at the last training
//	4     n, number of entries of the calibration; n times:
//	4       lists scanned
//	4       recall, float32
//	4     number of lists, 1..65536; for each list:
//	4·dim   centre
//	4       m, number of vectors
//	4·m     ids
//	        m codes of padded·bits/8 bytes, padded being dim rounded up to 64
//	8·m     Factors.Scale and Factors.Error, float32
//	4·m     |x-c|², float32
//
// Then, so that it can be mapped:
//
//	      zeros, to a multiple of 64 bytes from the start
//	      the float32 vectors, dim each, list by list, in the order of their ids
//	4     CRC-32C of those
const magic = "BWivf001"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// counter counts what passes.
type counter struct {
	w io.Writer
	r io.Reader
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// Save implements index.Index. Put and Delete wait for it, Search does not.
func (x *Index) Save(w io.Writer) error {
	x.write.Lock()
	defer x.write.Unlock()
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := &counter{w: w}
	f := file.NewWriter(out, magic)
	f.Uint32(uint32(x.dim), uint32(x.metric), uint32(x.o.Bits), uint32(x.o.Lists), uint32(x.o.Probes), uint32(x.o.Seed), uint32(x.o.Seed>>32), uint32(x.trained), uint32(len(x.probes)))
	for _, p := range x.probes {
		f.Uint32(uint32(p.Probes), math.Float32bits(float32(p.Recall)))
	}
	f.Uint32(uint32(len(x.lists)))
	for i, l := range x.lists {
		f.Floats(x.centres[i*x.dim : (i+1)*x.dim])
		f.Uint32(uint32(len(l.ids)))
		f.Uint32(l.ids...)
		if _, err := f.Write(quant.Bytes(l.codes)); err != nil {
			return fmt.Errorf("ivf: save: %w", err)
		}
		for _, v := range l.factors {
			f.Uint32(math.Float32bits(v.Scale), math.Float32bits(v.Error))
		}
		f.Floats(l.adds)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("ivf: save: %w", err)
	}
	if err := x.saveRows(out); err != nil {
		return fmt.Errorf("ivf: save: %w", err)
	}
	return nil
}

func (x *Index) saveRows(out *counter) error {
	if _, err := out.Write(make([]byte, -out.n&63)); err != nil {
		return err
	}
	sum, buf := uint32(0), make([]byte, 0, 1<<16)
	for _, l := range x.lists {
		for i := range l.rows {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(l.rows[i]))
			if len(buf) == cap(buf) || i == len(l.rows)-1 {
				sum = crc32.Update(sum, castagnoli, buf)
				if _, err := out.Write(buf); err != nil {
					return err
				}
				buf = buf[:0]
			}
		}
	}
	_, err := out.Write(binary.LittleEndian.AppendUint32(nil, sum))
	return err
}

// Load reads what Save wrote, vectors into memory, and refuses, with ErrCorrupt, a
// file that was cut or changed. It takes memory as it reads, never by what a head
// claims.
func Load(r io.Reader) (*Index, error) {
	in := &counter{r: r}
	x, err := load(in)
	if err == nil {
		err = x.loadRows(in)
	}
	if err != nil {
		return nil, fmt.Errorf("ivf: load: %w", err)
	}
	return x, nil
}

func corrupt(format string, a ...any) error {
	return fmt.Errorf(format+": %w", append(a, index.ErrCorrupt)...)
}

// load reads the first part.
func load(r io.Reader) (*Index, error) {
	in, err := file.NewReader(r, magic)
	if err != nil {
		return nil, err
	}
	var dim, metric, bits, lists, probes, seed, seedHigh, trained, n uint32
	if err := in.Uint32(&dim, &metric, &bits, &lists, &probes, &seed, &seedHigh, &trained, &n); err != nil {
		return nil, err
	}
	if dim > index.MaxDim || metric > uint32(index.L2) || lists > maxLists || probes > maxLists || n > maxLists {
		return nil, corrupt("dim %d, metric %d, lists %d, probes %d, calibration %d", dim, metric, lists, probes, n)
	}
	x, err := New(int(dim), index.Metric(metric), Options{Bits: int(bits), Lists: int(lists), Probes: int(probes), Seed: uint64(seed) | uint64(seedHigh)<<32})
	if err != nil || bits == 0 {
		return nil, corrupt("shape: %v", err)
	}
	x.trained = int(trained)
	for range n {
		var p, recall uint32
		if err := in.Uint32(&p, &recall); err != nil {
			return nil, err
		}
		x.probes = append(x.probes, Calibration{int(p), float64(math.Float32frombits(recall))})
	}
	if err := in.Uint32(&n); err != nil {
		return nil, err
	}
	if n < 1 || n > maxLists {
		return nil, corrupt("%d lists", n)
	}
	var centres []float32
	x.lists = nil
	for i := range n {
		c := make([]float32, dim)
		if err := in.Floats(c); err != nil {
			return nil, err
		}
		centres = append(centres, c...)
		l, err := x.loadList(in, i)
		if err != nil {
			return nil, fmt.Errorf("list %d: %w", i, err)
		}
		x.lists = append(x.lists, l)
	}
	x.setCentres(centres)
	return x, in.Close()
}

// loadList reads all of a list but its rows.
func (x *Index) loadList(in *file.Reader, number uint32) (*list, error) {
	var n uint32
	if err := in.Uint32(&n); err != nil {
		return nil, err
	}
	l := &list{}
	for i := range n {
		var id uint32
		if err := in.Uint32(&id); err != nil {
			return nil, err
		}
		if _, ok := x.where[id]; ok {
			return nil, corrupt("id %d comes twice", id)
		}
		l.ids = append(l.ids, id)
		x.where[id] = place{number, i}
	}
	code := make([]uint64, x.coder.Size()/8)
	for range n {
		if _, err := io.ReadFull(in, quant.Bytes(code)); err != nil {
			return nil, corrupt("codes end: %v", err)
		}
		l.codes = append(l.codes, code...)
	}
	for range n {
		var v [2]float32
		if err := in.Floats(v[:]); err != nil {
			return nil, err
		}
		l.factors = append(l.factors, quant.Factors{Scale: v[0], Error: v[1]})
	}
	for range n {
		var v [1]float32
		if err := in.Floats(v[:]); err != nil {
			return nil, err
		}
		l.adds = append(l.adds, v[0])
	}
	return l, nil
}

func (x *Index) loadRows(in *counter) error {
	pad := make([]byte, -in.n&63)
	if _, err := io.ReadFull(in, pad); err != nil {
		return corrupt("vectors: %v", err)
	}
	for _, b := range pad {
		if b != 0 {
			return corrupt("vectors do not begin where they should")
		}
	}
	sum, buf := uint32(0), make([]byte, 4*x.dim)
	for _, l := range x.lists {
		for range l.ids {
			if _, err := io.ReadFull(in, buf); err != nil {
				return corrupt("vectors: %v", err)
			}
			sum = crc32.Update(sum, castagnoli, buf)
			for j := range x.dim {
				v := math.Float32frombits(binary.LittleEndian.Uint32(buf[4*j:]))
				if v-v != 0 {
					return corrupt("a vector is not finite")
				}
				l.rows = append(l.rows, v)
			}
		}
	}
	if _, err := io.ReadFull(in, buf[:4]); err != nil || binary.LittleEndian.Uint32(buf) != sum {
		return corrupt("vectors: checksum")
	}
	return nil
}

// mapped is a file in memory.
type mapped struct {
	data  []byte
	unmap func() error
}

// holds reports whether floats lie in the file.
func (m *mapped) holds(v []float32) bool {
	if len(v) == 0 || len(m.data) == 0 {
		return false
	}
	p, from := uintptr(unsafe.Pointer(&v[0])), uintptr(unsafe.Pointer(&m.data[0]))
	return p >= from && p < from+uintptr(len(m.data))
}

// Open maps a file that Save wrote: ids and codes are read into memory, vectors
// stay in the file and are paged in as searches read them. Every byte is checked
// once. Put and Delete work; a list that they change is copied to memory. The file
// must not be changed until Close. Where files cannot be mapped, Open is Load.
func Open(path string) (*Index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("ivf: open: %w", err)
	}
	defer f.Close()
	m, err := mapFile(f)
	if err != nil {
		return Load(f)
	}
	in := &counter{r: &bytesReader{m.data}}
	x, err := load(in)
	if err == nil {
		x.file = m
		err = x.mapRows(int(in.n))
	}
	if err != nil {
		_ = m.unmap()
		return nil, fmt.Errorf("ivf: open %s: %w", path, err)
	}
	return x, nil
}

// bytesReader reads without copying the whole.
type bytesReader struct{ left []byte }

func (b *bytesReader) Read(p []byte) (int, error) {
	if len(b.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	return n, nil
}

// mapRows gives the lists their vectors in the file, which begin after at bytes.
func (x *Index) mapRows(at int) error {
	data := x.file.data
	from := (at + 63) &^ 63
	size := 4 * x.dim * len(x.where)
	if len(data) != from+size+4 {
		return corrupt("the file has %d bytes, want %d", len(data), from+size+4)
	}
	for _, b := range data[at:from] {
		if b != 0 {
			return corrupt("vectors do not begin where they should")
		}
	}
	if crc32.Checksum(data[from:from+size], castagnoli) != binary.LittleEndian.Uint32(data[from+size:]) {
		return corrupt("vectors: checksum")
	}
	rows := unsafe.Slice((*float32)(unsafe.Pointer(&data[from])), len(x.where)*x.dim)
	for _, v := range rows {
		if v-v != 0 {
			return corrupt("a vector is not finite")
		}
	}
	for _, l := range x.lists {
		n := len(l.ids) * x.dim
		l.rows, rows = rows[:n:n], rows[n:]
	}
	return nil
}

// Close lets go of a mapped file; the index must not be used afterwards. It does
// nothing for one that was not opened by Open.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.file == nil {
		return nil
	}
	m := x.file
	x.file = nil
	return m.unmap()
}
