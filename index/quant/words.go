package quant

import "unsafe"

// asBytes is the memory of words. Codes are kept in words, for the kernel of bits
// wants them; their bytes are in the order of memory on every machine, and
// DotBits, which counts bits from the lowest, has them so on little-endian ones.
func asBytes(w []uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), 8*len(w))
}

// Bytes is the memory of codes, to be written and read.
func Bytes(codes []uint64) []byte { return asBytes(codes) }
