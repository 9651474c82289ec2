package postings

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"unsafe"
)

// A file of sections, all numbers little-endian:
//
//	 0  magic      8 bytes
//	 8  sections   uint32 n
//	12  zero       uint32
//	16  n times
//	      offset   uint64, a multiple of 64
//	      bytes    uint64
//	      crc      uint32  CRC-32C of the section
//	      zero     uint32
//	    crc        uint32  CRC-32C of all before
//	    sections, with zeros before each up to its offset
//
// Sections are read where they lie in the mapped file. Zeros between them are not looked at.
const (
	sectionAlign = 64
	maxSections  = 64
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writeSections writes a file and returns its size and the checksum of its head, which names its content.
func writeSections(path, magic string, sections [][]byte) (size int64, sum uint32, err error) {
	head := append([]byte(magic), make([]byte, 8)...)
	binary.LittleEndian.PutUint32(head[8:], uint32(len(sections)))
	at := align(len(head) + 24*len(sections) + 4)
	for _, s := range sections {
		head = binary.LittleEndian.AppendUint64(head, uint64(at))
		head = binary.LittleEndian.AppendUint64(head, uint64(len(s)))
		head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(s, castagnoli))
		head = binary.LittleEndian.AppendUint32(head, 0)
		at = align(at + len(s))
	}
	sum = crc32.Checksum(head, castagnoli)
	head = binary.LittleEndian.AppendUint32(head, sum)
	f, err := os.Create(path)
	if err != nil {
		return 0, 0, err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	n := 0
	for _, s := range append([][]byte{head}, sections...) {
		w.Write(make([]byte, align(n)-n)) // errors of a bufio.Writer stick until Flush
		w.Write(s)
		n = align(n) + len(s)
	}
	if err := w.Flush(); err != nil {
		return 0, 0, err
	}
	return int64(n), sum, f.Sync()
}

func align(n int) int { return (n + sectionAlign - 1) / sectionAlign * sectionAlign }

// readSections cuts a file into its sections. Those for which check is true are read through and compared with their
// checksums.
func readSections(b []byte, magic string, sum uint32, check func(i int) bool) ([][]byte, error) {
	if len(b) < 20 || string(b[:8]) != magic {
		return nil, fmt.Errorf("%w: not a file of kind %q", ErrCorrupt, magic)
	}
	n := int(binary.LittleEndian.Uint32(b[8:]))
	end := 16 + 24*n
	if n > maxSections || len(b) < end+4 {
		return nil, fmt.Errorf("%w: %d sections in %d bytes", ErrCorrupt, n, len(b))
	}
	if got := crc32.Checksum(b[:end], castagnoli); got != binary.LittleEndian.Uint32(b[end:]) || got != sum {
		return nil, fmt.Errorf("%w: checksum of the head", ErrCorrupt)
	}
	out := make([][]byte, n)
	for i := range out {
		h := b[16+24*i:]
		at, size := binary.LittleEndian.Uint64(h), binary.LittleEndian.Uint64(h[8:])
		if at%sectionAlign != 0 || at > uint64(len(b)) || size > uint64(len(b))-at {
			return nil, fmt.Errorf("%w: section %d reaches beyond the end", ErrCorrupt, i)
		}
		out[i] = b[at : at+size : at+size]
		if check(i) && crc32.Checksum(out[i], castagnoli) != binary.LittleEndian.Uint32(h[16:]) {
			return nil, fmt.Errorf("%w: checksum of section %d", ErrCorrupt, i)
		}
	}
	return out, nil
}

// flat are the fixed-size values that sections hold.
type flat interface {
	uint16 | uint32 | bound | block
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// asBytes is how values lie in a file.
func asBytes[T flat](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
	if !littleEndian {
		b = turn[T](b)
	}
	return b
}

// fromBytes is the reverse, without a copy where the machine is little-endian. It returns false if the size is odd.
func fromBytes[T flat](b []byte) ([]T, bool) {
	var zero T
	n := int(unsafe.Sizeof(zero))
	if len(b)%n != 0 {
		return nil, false
	}
	if len(b) == 0 {
		return nil, true
	}
	if !littleEndian {
		b = turn[T](b)
	}
	if uintptr(unsafe.Pointer(&b[0]))%unsafe.Alignof(zero) != 0 {
		words := make([]uint64, (len(b)+7)/8)
		c := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(b))
		copy(c, b)
		b = c
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/n), true
}

// turn copies values into the other order of bytes.
func turn[T flat](b []byte) []byte {
	var zero T
	words := make([]uint64, (len(b)+7)/8)
	out := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(b))
	unit := 4
	switch any(zero).(type) {
	case uint16, bound:
		unit = 2
	}
	for i := range b {
		out[i] = b[i/unit*unit+unit-1-i%unit]
	}
	if _, ok := any(zero).(block); ok { // its last word is single bytes
		for i := 16; i < len(b); i += 20 {
			copy(out[i:i+4], b[i:i+4])
		}
	}
	return out
}
