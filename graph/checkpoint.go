package graph

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"slices"
	"sync"
	"unsafe"
)

// ErrCorrupt is what errors of Read, Open and Verify match where the bytes are not an undamaged checkpoint.
var ErrCorrupt = errors.New("graph: checkpoint is damaged")

// A checkpoint, little-endian:
//
//	offset  size
//	0       8     magic "bowgraph"
//	8       4     version, 2
//	12      4     number of sections n
//	16      8     left nodes
//	24      8     right nodes
//	32      8     edges
//	40      16·n  section table: id uint32, zero uint32, length in bytes uint64
//	…       4     CRC-32C of everything above
//	…       4     zero
//	…       4·b   CRC-32C of each block of 1 MiB of the body, the last may be shorter
//	…       4     CRC-32C of these b checksums
//	…       4     zero, where b is even: the body begins at a multiple of 8
//	…             the body: the sections in the table's order, each followed by zero bytes up to a multiple of 8
//
//	section id    s = 0 for rows of left nodes, 1 for rows of right nodes; a section marked ? is left out when all its
//	              values are 0 (weights: 1)
//	s·16 + 1 ?    labels of the nodes of side s, 1 byte each, without zeros at the end
//	s·16 + 2      row offsets, uint32, one more than nodes
//	s·16 + 3      neighbours, uint32
//	s·16 + 4 ?    run offsets, uint32, one more than nodes: row i is divided by the runs from the i-th on
//	s·16 + 5 ?    weights, float32
//	s·16 + 6 ?    times, uint32
//	s·16 + 7 ?    runs, 8 bytes each: position in the row behind the run's last edge uint32, kind of its edges uint8, label of
//	              their neighbours uint8, zero uint16; there where section 4 is
//
// Sections come in ascending order of id. Rows are ordered by the neighbour's label, then by kind, then by arrival. Every edge
// stands in a row of both sides. What the live layer held is in the rows, so that the bytes do not tell when merges ran.
const (
	magic   = "bowgraph"
	version = 2

	secLabels  = 1
	secOffsets = 2
	secTo      = 3
	secRunOff  = 4
	secWeights = 5
	secTimes   = 6
	secRuns    = 7

	maxSections = 14
	blockSize   = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// littleEndian says whether a column in memory has the bytes that it has in the file.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// section is an entry of the section table, and where the section lies in the body.
type section struct {
	id       uint32
	size, at uint64
}

// WriteTo writes the graph as it stands when it is called. Writers and walks go on meanwhile. The same operations give the
// same bytes, whenever merges ran. It implements io.WriterTo; w should be a file. To put a file in another's place, write a new
// one and rename it: a file that Open has mapped must not change.
func (g *Graph) WriteTo(w io.Writer) (int64, error) {
	g.mu.Lock()
	sn := g.freeze()
	var labels [2][]uint8
	for i := range labels {
		labels[i] = append(labels[i], trim(g.st.labels[i])...)
	}
	g.mu.Unlock()

	var secs []section
	var parts [][]byte
	for i := range sn.side {
		r := sn.side[i].rows
		if sn.side[i].live != nil || len(r.off) != sn.nodes[i]+1 {
			r = sn.side[i].flat(sn.nodes[i])
		}
		for k, b := range columns(labels[i], r) {
			if id := uint32(k + 1); len(b) > 0 || id == secTo {
				secs = append(secs, section{id: uint32(i)*16 + id, size: uint64(len(b))})
				parts = append(parts, b, make([]byte, -len(b)&7))
			}
		}
	}
	n, err := writeParts(w, header(sn, secs), parts)
	if err != nil {
		return n, fmt.Errorf("graph: write checkpoint: %w", err)
	}
	return n, nil
}

func trim(l []uint8) []uint8 {
	for len(l) > 0 && l[len(l)-1] == 0 {
		l = l[:len(l)-1]
	}
	return l
}

// columns are the bytes of sections 1, 2, …; empty ones are left out.
func columns(labels []uint8, r *rows) [7][]byte {
	runOff, runs := r.runOff, r.runs
	if r.classless() {
		runOff, runs = nil, nil
	}
	return [7][]byte{labels, inFile(r.off, 4), inFile(r.to, 4), inFile(runOff, 4), inFile(unless(r.weight, 1), 4),
		inFile(unless(r.time, 0), 4), inFile(runs, 8)}
}

// classless says whether all edges are of class 0.
func (r *rows) classless() bool {
	return !slices.ContainsFunc(r.runs, func(x run) bool { return x.class != 0 })
}

// unless returns col, or nil when every value is x.
func unless[T comparable](col []T, x T) []T {
	for _, v := range col {
		if v != x {
			return col
		}
	}
	return nil
}

// inFile gives the bytes of a column: the column itself where the machine is little-endian. Width is that of its values.
func inFile[T any](col []T, width int) []byte {
	if len(col) == 0 {
		return nil
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(col))), len(col)*width)
	if littleEndian {
		return b
	}
	b = slices.Clone(b)
	swap(b, width)
	return b
}

// inMemory is the way back, in place. The bytes begin at a multiple of 8.
func inMemory[T any](b []byte, width int) []T {
	if len(b) == 0 {
		return nil
	}
	if !littleEndian {
		swap(b, width)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/width)
}

// swap turns numbers of 4 bytes round; of a run's 8, the first four and the next two.
func swap(b []byte, width int) {
	for ; len(b) >= width; b = b[width:] {
		slices.Reverse(b[:4])
		if width == 8 {
			slices.Reverse(b[4:6])
		}
	}
}

func header(sn *Snapshot, secs []section) []byte {
	h := append([]byte(nil), magic...)
	h = binary.LittleEndian.AppendUint32(h, version)
	h = binary.LittleEndian.AppendUint32(h, uint32(len(secs)))
	for _, x := range []int{sn.nodes[Left], sn.nodes[Right], sn.edges} {
		h = binary.LittleEndian.AppendUint64(h, uint64(x))
	}
	for _, s := range secs {
		h = binary.LittleEndian.AppendUint32(h, s.id)
		h = binary.LittleEndian.AppendUint32(h, 0)
		h = binary.LittleEndian.AppendUint64(h, s.size)
	}
	h = binary.LittleEndian.AppendUint32(h, crc32.Checksum(h, castagnoli))
	return append(h, 0, 0, 0, 0)
}

// writeParts writes the header, the checksums of the body's blocks, and the body.
func writeParts(w io.Writer, head []byte, parts [][]byte) (int64, error) {
	sums := binary.LittleEndian.AppendUint32(nil, 0)[:0]
	crc, room := uint32(0), blockSize
	for _, p := range parts {
		for len(p) > 0 {
			k := min(room, len(p))
			crc = crc32.Update(crc, castagnoli, p[:k])
			p = p[k:]
			if room -= k; room == 0 {
				sums = binary.LittleEndian.AppendUint32(sums, crc)
				crc, room = 0, blockSize
			}
		}
	}
	if room < blockSize {
		sums = binary.LittleEndian.AppendUint32(sums, crc)
	}
	sums = binary.LittleEndian.AppendUint32(sums, crc32.Checksum(sums, castagnoli))
	sums = append(sums, make([]byte, -len(sums)&7)...)
	total := int64(0)
	for _, p := range append([][]byte{head, sums}, parts...) {
		for len(p) > 0 {
			k := min(len(p), 16*blockSize)
			n, err := w.Write(p[:k])
			total += int64(n)
			if err != nil {
				return total, err
			}
			p = p[k:]
		}
	}
	return total, nil
}

// layout is what the front of a checkpoint says of its body.
type layout struct {
	nodes [2]uint64
	edges uint64
	secs  []section
	body  uint64
	front uint64   // bytes before the body
	sums  []uint32 // of its blocks
}

func corrupt(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, a...))
}

func readFull(r io.Reader, b []byte, what string) error {
	if _, err := io.ReadFull(r, b); err == io.EOF || err == io.ErrUnexpectedEOF {
		return corrupt("cut short in the %s", what)
	} else if err != nil {
		return err
	}
	return nil
}

// readLayout reads everything before the body. What it returns is consistent: sections have the lengths that the counts ask for.
func readLayout(r io.Reader, o Options) (*layout, error) {
	head := make([]byte, 40, 40+16*maxSections+8)
	if err := readFull(r, head, "header"); err != nil {
		return nil, err
	}
	if string(head[:8]) != magic {
		return nil, corrupt("magic is %q, want %q", head[:8], magic)
	}
	if v := binary.LittleEndian.Uint32(head[8:]); v != version {
		return nil, corrupt("version is %d, this program reads %d: build the graph again from its edges", v, version)
	}
	n := binary.LittleEndian.Uint32(head[12:])
	if n > maxSections {
		return nil, corrupt("%d sections, at most %d", n, maxSections)
	}
	head = head[:40+16*n+8]
	if err := readFull(r, head[40:], "section table"); err != nil {
		return nil, err
	}
	end := len(head) - 8
	if binary.LittleEndian.Uint32(head[end:]) != crc32.Checksum(head[:end], castagnoli) || binary.LittleEndian.Uint32(head[end+4:]) != 0 {
		return nil, corrupt("header checksum")
	}
	l := &layout{edges: binary.LittleEndian.Uint64(head[32:])}
	l.nodes[0], l.nodes[1] = binary.LittleEndian.Uint64(head[16:]), binary.LittleEndian.Uint64(head[24:])
	if l.edges >= 1<<32 {
		return nil, corrupt("%d edges", l.edges)
	}
	for s, n := range l.nodes {
		if n > uint64(o.MaxNodes) {
			return nil, fmt.Errorf("%d %v nodes, Options.MaxNodes is %d", n, Side(s), o.MaxNodes)
		}
	}
	for t := head[40:end]; len(t) > 0; t = t[16:] {
		s := section{id: binary.LittleEndian.Uint32(t), size: binary.LittleEndian.Uint64(t[8:]), at: l.body}
		if binary.LittleEndian.Uint32(t[4:]) != 0 {
			return nil, corrupt("section table: section %d", s.id)
		}
		if err := l.put(s); err != nil {
			return nil, err
		}
	}
	if err := l.complete(); err != nil {
		return nil, err
	}
	blocks := (l.body + blockSize - 1) / blockSize
	sums := make([]byte, (4*blocks+4+7)&^7)
	if err := readFull(r, sums, "checksums"); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint32(sums[4*blocks:]) != crc32.Checksum(sums[:4*blocks], castagnoli) {
		return nil, corrupt("checksum of the checksums")
	}
	if rest := sums[4*blocks+4:]; unless(rest, 0) != nil {
		return nil, corrupt("padding of the checksums")
	}
	for i := range blocks {
		l.sums = append(l.sums, binary.LittleEndian.Uint32(sums[4*i:]))
	}
	l.front = uint64(len(head) + len(sums))
	return l, nil
}

// put takes the next entry of the section table, if its length can be.
func (l *layout) put(s section) error {
	if n := len(l.secs); n > 0 && s.id <= l.secs[n-1].id {
		return corrupt("section %d follows %d", s.id, l.secs[n-1].id)
	}
	if s.id>>4 > 1 {
		return corrupt("unknown section %d", s.id)
	}
	nodes, ok := l.nodes[s.id>>4], false
	switch s.id & 15 {
	case secLabels:
		ok = s.size <= nodes
	case secOffsets, secRunOff:
		ok = s.size == 4*(nodes+1)
	case secTo, secWeights, secTimes:
		ok = s.size == 4*l.edges
	case secRuns:
		ok = s.size%8 == 0 && s.size <= 8*l.edges
	default:
		return corrupt("unknown section %d", s.id)
	}
	if !ok {
		return corrupt("section %d is %d bytes long, for %d nodes and %d edges", s.id, s.size, nodes, l.edges)
	}
	l.secs = append(l.secs, s)
	l.body += (s.size + 7) &^ 7
	return nil
}

// complete refuses a table that lacks what every graph has.
func (l *layout) complete() error {
	have := map[uint32]bool{}
	for _, s := range l.secs {
		have[s.id] = true
	}
	for base := uint32(0); base <= 16; base += 16 {
		if !have[base+secOffsets] || !have[base+secTo] || have[base+secRunOff] != have[base+secRuns] {
			return corrupt("a section of the %v rows is missing", Side(base/16))
		}
	}
	return nil
}

// verify checks blocks from … to-1 of the body; b begins with the first of them.
func (l *layout) verify(b []byte, from, to int) error {
	for i := from; i < to; i++ {
		k := min(blockSize, len(b))
		if crc32.Checksum(b[:k], castagnoli) != l.sums[i] {
			return corrupt("checksum of block %d, bytes %d to %d of the file", i, l.front+uint64(i)*blockSize, l.front+uint64(i)*blockSize+uint64(k)-1)
		}
		b = b[k:]
	}
	return nil
}

// Read reads a checkpoint and no further than its end. It refuses, with an error that matches ErrCorrupt, bytes that are cut
// short, changed, or that describe no graph: an edge that only one side knows, a neighbour out of range, a double edge.
// Memory grows with what has been read, not with what the header claims. See Open for large files.
func Read(r io.Reader, o Options) (*Graph, error) {
	g, err := New(o)
	if err != nil {
		return nil, err
	}
	l, err := readLayout(r, g.opt)
	if err != nil {
		return nil, fmt.Errorf("graph: read checkpoint: %w", err)
	}
	body, err := l.read(r)
	if err == nil {
		g.st, err = l.state(body)
	}
	if err == nil {
		err = g.st.verify()
	}
	if err != nil {
		return nil, fmt.Errorf("graph: read checkpoint: %w", err)
	}
	return g, nil
}

// read reads the body block by block into room that grows with it.
func (l *layout) read(r io.Reader) ([]byte, error) {
	var body []byte
	for i, at := 0, uint64(0); at < l.body; i++ {
		k := min(blockSize, l.body-at)
		if at+k > uint64(len(body)) {
			old := body
			room := column[uint64](int(min(l.body, max(4*blockSize, 2*at)) / 8))
			body = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(room))), 8*len(room))
			copy(body, old)
		}
		b := body[at : at+k]
		if err := readFull(r, b, "body"); err != nil {
			return nil, err
		}
		if err := l.verify(b, i, i+1); err != nil {
			return nil, err
		}
		at += k
	}
	return body, nil
}

// inParts calls f on parts of 0 … n-1 on all processors and returns the error of the lowest part that has one.
func inParts(n int, f func(from, to int) error) error {
	p := min(runtime.GOMAXPROCS(0), n)
	errs := make([]error, p)
	var wg sync.WaitGroup
	for i := range p {
		wg.Go(func() { errs[i] = f(i*n/p, (i+1)*n/p) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
