package jpeg

import "encoding/binary"

// fastBits are looked up at once: most codes and the bits of their value.
const fastBits = 10

// table decodes one Huffman code (ITU T.81 annex C).
type table struct {
	// fast is indexed by the next fastBits bits: 8 bits that count the bits to take, 8
	// bits of symbol (run and size), 16 bits of value. A value other than 0 is whole: its
	// own bits are among those counted. 0 means that the code is longer.
	fast   [1 << fastBits]uint32
	end    [17]uint32 // first 16-bit word behind the codes of a length
	offset [17]int32  // from a code of a length to its place in vals
	vals   [256]byte
	set    bool
}

// init builds a table from the number of codes of each length and their symbols.
func (t *table) init(counts []byte, vals []byte) bool {
	*t = table{set: true}
	copy(t.vals[:], vals)
	code, at := 0, 0
	for l := 1; l <= 16; l++ {
		n := int(counts[l-1])
		if code+n > 1<<l {
			return false
		}
		t.offset[l] = int32(at - code)
		for ; l <= fastBits && n > 0; n-- {
			t.fill(code, l, vals[at])
			code++
			at++
		}
		code, at = code+n, at+n
		t.end[l] = uint32(code) << (16 - l)
		code <<= 1
	}
	return true
}

func (t *table) fill(code, l int, symbol byte) {
	free := fastBits - l
	size := int(symbol & 15)
	for low := range 1 << free {
		e := uint32(l) | uint32(symbol)<<8
		if size > 0 && size <= free {
			v := low >> (free - size)
			if v < 1<<(size-1) {
				v -= 1<<size - 1
			}
			e = uint32(l+size) | uint32(symbol)<<8 | uint32(uint16(v))<<16
		}
		t.fast[code<<free|low] = e
	}
}

// long finds a code longer than fastBits at the head of acc: its symbol and its length,
// 0 if there is none.
func (t *table) long(acc uint64) (symbol byte, length uint) {
	w := uint32(acc >> 48)
	for l := uint(fastBits + 1); l <= 16; l++ {
		if w < t.end[l] {
			return t.vals[uint8(int32(w>>(16-l))+t.offset[l])], l
		}
	}
	return 0, 0
}

// reader reads entropy-coded data. acc holds the next n bits at its upper end. At a marker
// or at the end of the data zeros follow; pad counts them, and n < pad means that some
// were taken.
type reader struct {
	data []byte
	pos  int
	acc  uint64
	n    uint
	pad  uint
}

// fill makes n at least 56.
func (r *reader) fill() {
	if r.pos+8 <= len(r.data) {
		x := binary.BigEndian.Uint64(r.data[r.pos:])
		if (^x-0x0101010101010101)&x&0x8080808080808080 == 0 { // no byte is FF
			r.acc |= x >> r.n
			k := (63 - r.n) >> 3
			r.pos += int(k)
			r.n += k << 3
			return
		}
	}
	r.fillBytes()
}

func (r *reader) fillBytes() {
	for r.n <= 56 {
		if r.pos >= len(r.data) {
			r.pad += 8
			r.n += 8
			continue
		}
		c := r.data[r.pos]
		if c == 0xff {
			if r.pos+1 >= len(r.data) || r.data[r.pos+1] != 0 {
				r.pad += 8
				r.n += 8
				continue
			}
			r.pos++
		}
		r.pos++
		r.acc |= uint64(c) << (56 - r.n)
		r.n += 8
	}
}

func (r *reader) over() bool { return r.n < r.pad }

func (r *reader) skip(n uint) {
	r.acc <<= n
	r.n -= n
}

// take reads up to 16 bits as a number.
func (r *reader) take(n uint) int {
	if r.n < n {
		r.fill()
	}
	v := int(r.acc >> 1 >> (63 - n)) // n may be 0
	r.skip(n)
	return v
}

// extend reads the value of a size (T.81 figure F.12).
func (r *reader) extend(size uint) int {
	v := r.take(size)
	if size > 0 && v < 1<<(size-1) {
		v -= 1<<size - 1
	}
	return v
}

// symbol reads one code, or fails with bad.
func (r *reader) symbol(t *table) (s byte, bad bool) {
	if r.n < 32 {
		r.fill()
	}
	e := t.fast[r.acc>>(64-fastBits)]
	if e == 0 {
		s, l := t.long(r.acc)
		r.skip(l)
		return s, l == 0
	}
	if e>>16 != 0 { // of which the value is not wanted yet
		r.skip(uint(e&0xff) - uint(e>>8&15))
	} else {
		r.skip(uint(e & 0xff))
	}
	return byte(e >> 8), false
}
