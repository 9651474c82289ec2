package graph

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// ErrCorrupt is what errors of Read match where the bytes are not an undamaged checkpoint.
var ErrCorrupt = errors.New("graph: checkpoint is damaged")

// A checkpoint, little-endian:
//
//	offset  size
//	0       8     magic "bowgraph"
//	8       4     version, 1
//	12      4     number of sections n
//	16      8     left nodes
//	24      8     right nodes
//	32      8     edges
//	40      16·n  section table: id uint32, CRC-32C of the section uint32, length in bytes uint64
//	…       4     CRC-32C of everything above
//	…       4     zero
//	…             the sections in the table's order, each followed by zero bytes up to a multiple of 8
//
//	section id    s = 0 for rows of left nodes, 1 for rows of right nodes; a section marked ? is left out when all its
//	              values are 0 (weights: 1)
//	s·16 + 1 ?    labels of the nodes of side s, 1 byte each, without zeros at the end
//	s·16 + 2      row offsets, uint32, one more than nodes
//	s·16 + 3      neighbours, uint32
//	s·16 + 4 ?    kinds, uint8
//	s·16 + 5 ?    weights, float32
//	s·16 + 6 ?    times, uint32
//
// Sections come in ascending order of id. Rows are ordered by the neighbour's label, then by arrival. Every edge stands in a
// row of both sides. What the live layer held is in the rows, so that the bytes do not tell when merges ran.
const (
	magic   = "bowgraph"
	version = 1

	secLabels  = 1
	secOffsets = 2
	secTo      = 3
	secKinds   = 4
	secWeights = 5
	secTimes   = 6

	maxSections = 12
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// section is a column to write or one that was read.
type section struct {
	id   uint32
	crc  uint32
	size uint64
	u8   []uint8
	u32  []uint32
	f32  []float32
}

// WriteTo writes the graph as it stands when it is called. Writers and walks go on meanwhile. The same operations give the
// same bytes, whenever merges ran. It implements io.WriterTo; w should be a file, it is written in pieces of 64 KiB.
func (g *Graph) WriteTo(w io.Writer) (int64, error) {
	g.mu.Lock()
	sn := g.freeze()
	var labels [2][]uint8
	for i := range labels {
		labels[i] = append(labels[i], trim(g.st.labels[i])...)
	}
	g.mu.Unlock()

	var secs []section
	for i := range sn.side {
		r := sn.side[i].rows
		if sn.side[i].live != nil || len(r.off) != sn.nodes[i]+1 {
			r = sn.side[i].flat(sn.nodes[i])
		}
		secs = append(secs, sections(uint32(i)*16, labels[i], r)...)
	}
	n, err := writeSections(w, sn, secs)
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

func sections(base uint32, labels []uint8, r *rows) []section {
	out := []section{{id: secLabels, u8: labels}, {id: secOffsets, u32: r.off}, {id: secTo, u32: r.to},
		{id: secKinds, u8: unless(r.kind, 0)}, {id: secWeights, f32: unless(r.weight, 1)}, {id: secTimes, u32: unless(r.time, 0)}}
	have := out[:0]
	for _, s := range out {
		s.size = uint64(len(s.u8) + 4*len(s.u32) + 4*len(s.f32))
		if s.size > 0 || s.id == secOffsets || s.id == secTo {
			s.id += base
			have = append(have, s)
		}
	}
	return have
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

func writeSections(w io.Writer, sn *Snapshot, secs []section) (int64, error) {
	buf := make([]byte, 0, 1<<16)
	head := append([]byte(nil), magic...)
	head = binary.LittleEndian.AppendUint32(head, version)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(secs)))
	for _, x := range []int{sn.nodes[Left], sn.nodes[Right], sn.edges} {
		head = binary.LittleEndian.AppendUint64(head, uint64(x))
	}
	for _, s := range secs {
		crc := uint32(0)
		s.chunks(buf, func(b []byte) error { crc = crc32.Update(crc, castagnoli, b); return nil }) // returns no error
		head = binary.LittleEndian.AppendUint32(head, s.id)
		head = binary.LittleEndian.AppendUint32(head, crc)
		head = binary.LittleEndian.AppendUint64(head, s.size)
	}
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(head, castagnoli))
	head = append(head, 0, 0, 0, 0)

	total := int64(0)
	put := func(b []byte) error {
		n, err := w.Write(b)
		total += int64(n)
		return err
	}
	if err := put(head); err != nil {
		return total, err
	}
	for _, s := range secs {
		if err := s.chunks(buf, put); err != nil {
			return total, err
		}
		if pad := -s.size & 7; pad > 0 {
			if err := put(make([]byte, pad)); err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// chunks encodes the column piece by piece into buf.
func (s *section) chunks(buf []byte, f func([]byte) error) error {
	for a := s.u8; len(a) > 0; {
		n := min(len(a), cap(buf))
		if err := f(a[:n]); err != nil {
			return err
		}
		a = a[n:]
	}
	for a := s.u32; len(a) > 0; {
		n := min(len(a), cap(buf)/4)
		buf = buf[:0]
		for _, x := range a[:n] {
			buf = binary.LittleEndian.AppendUint32(buf, x)
		}
		if err := f(buf); err != nil {
			return err
		}
		a = a[n:]
	}
	for a := s.f32; len(a) > 0; {
		n := min(len(a), cap(buf)/4)
		buf = buf[:0]
		for _, x := range a[:n] {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(x))
		}
		if err := f(buf); err != nil {
			return err
		}
		a = a[n:]
	}
	return nil
}

// Read reads a checkpoint and no further than its end. It refuses, with an error that matches ErrCorrupt, bytes that are cut
// short, changed, or that describe no graph: an edge that only one side knows, a neighbour out of range, a double edge.
// Memory grows with what has been read, not with what the header claims.
func Read(r io.Reader, o Options) (*Graph, error) {
	g, err := New(o)
	if err != nil {
		return nil, err
	}
	c, err := readCheckpoint(r)
	if err != nil {
		return nil, fmt.Errorf("graph: read checkpoint: %w", err)
	}
	for s, n := range c.nodes {
		if n > uint64(g.opt.MaxNodes) {
			return nil, fmt.Errorf("graph: read checkpoint: %d %v nodes, Options.MaxNodes is %d", n, Side(s), g.opt.MaxNodes)
		}
	}
	if g.st, err = c.state(); err != nil {
		return nil, fmt.Errorf("graph: read checkpoint: %w", err)
	}
	return g, nil
}

// checkpoint is what was read, not yet believed.
type checkpoint struct {
	nodes [2]uint64
	edges uint64
	secs  map[uint32]section // looked up by id only
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

func readCheckpoint(r io.Reader) (*checkpoint, error) {
	head := make([]byte, 40, 40+16*maxSections+8)
	if err := readFull(r, head, "header"); err != nil {
		return nil, err
	}
	if string(head[:8]) != magic {
		return nil, corrupt("magic is %q, want %q", head[:8], magic)
	}
	if v := binary.LittleEndian.Uint32(head[8:]); v != version {
		return nil, corrupt("version is %d, this program reads %d", v, version)
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
	c := &checkpoint{edges: binary.LittleEndian.Uint64(head[32:]), secs: map[uint32]section{}}
	c.nodes[0], c.nodes[1] = binary.LittleEndian.Uint64(head[16:]), binary.LittleEndian.Uint64(head[24:])
	last := uint32(0)
	for t := head[40:end]; len(t) > 0; t = t[16:] {
		s := section{id: binary.LittleEndian.Uint32(t), crc: binary.LittleEndian.Uint32(t[4:]), size: binary.LittleEndian.Uint64(t[8:])}
		if s.id <= last {
			return nil, corrupt("section %d follows %d", s.id, last)
		}
		last = s.id
		if err := s.read(r); err != nil {
			return nil, err
		}
		c.secs[s.id] = s
	}
	return c, nil
}

// read reads the section's bytes in pieces, so that a false length costs no memory.
func (s *section) read(r io.Reader) error {
	name := fmt.Sprintf("section %d", s.id)
	col := s.id & 15
	if col < secLabels || col > secTimes || s.id>>4 > 1 {
		return corrupt("unknown %s", name)
	}
	wide := col != secLabels && col != secKinds
	if wide && s.size&3 != 0 {
		return corrupt("%s is %d bytes long", name, s.size)
	}
	buf, crc := make([]byte, 1<<16), uint32(0)
	for left := s.size; left > 0; {
		b := buf[:min(left, uint64(len(buf)))]
		if err := readFull(r, b, name); err != nil {
			return err
		}
		crc = crc32.Update(crc, castagnoli, b)
		left -= uint64(len(b))
		switch {
		case !wide:
			s.u8 = append(s.u8, b...)
		case col == secWeights:
			for ; len(b) > 0; b = b[4:] {
				s.f32 = append(s.f32, math.Float32frombits(binary.LittleEndian.Uint32(b)))
			}
		default:
			for ; len(b) > 0; b = b[4:] {
				s.u32 = append(s.u32, binary.LittleEndian.Uint32(b))
			}
		}
	}
	if crc != s.crc {
		return corrupt("%s: checksum", name)
	}
	pad := buf[:-s.size&7]
	if err := readFull(r, pad, name); err != nil {
		return err
	}
	for _, x := range pad {
		if x != 0 {
			return corrupt("%s: padding", name)
		}
	}
	return nil
}
