package jpeg

import (
	"encoding/binary"
	"io"
)

// units calls do for every MCU of a scan, in order, and sees to restart markers. A scan of
// one component has MCUs of one block and none that lie beyond the picture; for others do
// is called once for each block of the MCU.
func (d *decoder) units(r *reader, parts []scanPart, do func(p *scanPart, bx, by int) error) error {
	nx, ny := d.mcusX, d.mcusY
	single := len(parts) == 1
	if single {
		c := parts[0].c
		nx, ny = up(up(d.width*c.h, d.hMax), 8), up(up(d.height*c.v, d.vMax), 8)
	}
	left, next := d.restart, byte(0xd0)
	for my := range ny {
		for mx := range nx {
			if d.restart > 0 {
				if left == 0 {
					if err := r.marker(next); err != nil {
						return err
					}
					left, next = d.restart, 0xd0|(next+1)&7
					for i := range parts {
						parts[i].last = 0
					}
					if err := do(nil, 0, 0); err != nil {
						return err
					}
				}
				left--
			}
			for i := range parts {
				p := &parts[i]
				if single {
					if err := do(p, mx, my); err != nil {
						return err
					}
					continue
				}
				for v := range p.c.v {
					for h := range p.c.h {
						if err := do(p, mx*p.c.h+h, my*p.c.v+v); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	d.pos = r.pos
	return nil
}

// marker goes on behind a restart marker, past rubbish if there is some.
func (r *reader) marker(want byte) error {
	r.acc, r.n, r.pad = 0, 0, 0
	for ; r.pos+1 < len(r.data); r.pos++ {
		if c := r.data[r.pos+1]; r.data[r.pos] == 0xff && c != 0 && c != 0xff {
			if c != want {
				return FormatError("restart marker out of order")
			}
			r.pos += 2
			return nil
		}
	}
	return io.ErrUnexpectedEOF
}

// short is the error of a scan whose data end too early.
func (r *reader) short() error {
	if r.pos+2 > len(r.data) {
		return io.ErrUnexpectedEOF
	}
	return FormatError("short Huffman data")
}

var errCode = FormatError("bad Huffman code")

// sequential reads a scan of a baseline or extended file.
func (d *decoder) sequential(parts []scanPart) error {
	for _, p := range parts {
		if !p.dc.set || !p.ac.set {
			return FormatError("a scan without its Huffman table")
		}
		d.scaleOf(p.c)
	}
	r := &reader{data: d.data, pos: d.pos}
	return d.units(r, parts, func(p *scanPart, bx, by int) error {
		if p == nil {
			return nil
		}
		s, bad := r.symbol(p.dc)
		if bad || s > 16 {
			return errCode
		}
		p.last += int32(r.extend(uint(s)))
		d.block[0] = int16(p.last)
		last, _, err := r.coefficients(&d.block, p.ac, 1, 63, 0)
		if err != nil {
			return err
		}
		d.pixels(p.c, &d.block, bx, by, last == 0)
		if last > 0 {
			d.block = [64]int16{}
		}
		return nil
	})
}

// coefficients reads those at from to to of a block, undequantized and al bits up, and tells
// the place of the last, 0 if there is none. run are the blocks behind this one that have
// none (in progressive files only).
func (r *reader) coefficients(b *[64]int16, t *table, from, to int, al uint) (last, run int, err error) {
	data, pos, acc, n := r.data, r.pos, r.acc, r.n
	for k := from; k <= to; k++ {
		if n < 32 {
			fast := false
			if pos+8 <= len(data) {
				x := binary.BigEndian.Uint64(data[pos:])
				if (^x-0x0101010101010101)&x&0x8080808080808080 == 0 {
					acc |= x >> (n & 63)
					m := (63 - n) >> 3
					pos += int(m)
					n += m << 3
					fast = true
				}
			}
			if !fast {
				r.pos, r.acc, r.n = pos, acc, n
				r.fillBytes()
				pos, acc, n = r.pos, r.acc, r.n
			}
		}
		e := t.fast[acc>>(64-fastBits)]
		if v := int16(e >> 16); v != 0 {
			acc <<= e & 63
			n -= uint(e & 63)
			k += int(e >> 12 & 15)
			if k > to {
				break
			}
			b[zigzag[k&63]&63] = v << (al & 15)
			last = k
			continue
		}
		symbol, l := byte(e>>8), uint(e&0xff)
		if e == 0 {
			if symbol, l = t.long(acc); l == 0 {
				return last, 0, errCode
			}
		}
		acc <<= l & 63
		n -= l
		size := uint(symbol & 15)
		if size == 0 {
			if symbol < 0xf0 {
				more := uint(symbol >> 4)
				run = 1<<more | int(acc>>1>>(63-more))
				run--
				acc <<= more
				n -= more
				break
			}
			k += 15
			continue
		}
		k += int(symbol >> 4)
		if k > to {
			break
		}
		v := int(acc >> (64 - size))
		acc <<= size
		n -= size
		if v < 1<<(size-1) {
			v -= 1<<size - 1
		}
		b[zigzag[k&63]&63] = int16(v << (al & 15))
		last = k
	}
	r.pos, r.acc, r.n = pos, acc, n
	if r.over() {
		return last, 0, r.short()
	}
	return last, run, nil
}
