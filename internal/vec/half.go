package vec

import "math"

// ToF16 rounds v to an IEEE 754 half float, to the nearest, ties to even. What is
// larger than 65,504 by half a step becomes infinite; below 2⁻²⁵ zero.
func ToF16(v float32) uint16 {
	b := math.Float32bits(v)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00 | uint16(b>>13&0x3ff) // NaN, quiet
	case b >= 0x477ff000: // 65,520
		return sign | 0x7c00
	case b >= 0x38800000: // 2⁻¹⁴, the smallest normal one
		b += 0xfff + b>>13&1
		return sign | uint16((b-0x38000000)>>13)
	case b <= 0x33000000: // 2⁻²⁵, which is a tie with zero
		return sign
	}
	shift := 126 - b>>23
	m := b&0x7fffff | 0x800000
	half := uint32(1) << (shift - 1)
	return sign | uint16((m+half-1+m>>shift&1)>>shift)
}

// FromF16 widens a half float, exactly.
func FromF16(h uint16) float32 {
	sign, e, m := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch e {
	case 0:
		v := float32(m) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(v))
	case 31:
		if m != 0 {
			m |= 0x200
		}
		return math.Float32frombits(sign | 0x7f800000 | m<<13)
	}
	return math.Float32frombits(sign | (e+112)<<23 | m<<13)
}

// ToBF16 rounds v to a bfloat16, to the nearest, ties to even.
func ToBF16(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// FromBF16 widens a bfloat16, exactly.
func FromBF16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// ToF16s, ToBF16s, FromF16s and FromBF16s convert whole vectors of one length.
func ToF16s(dst []uint16, src []float32) { each(dst, src, ToF16) }

// ToBF16s is ToBF16 of each.
func ToBF16s(dst []uint16, src []float32) { each(dst, src, ToBF16) }

// FromF16s is FromF16 of each.
func FromF16s(dst []float32, src []uint16) { each(dst, src, FromF16) }

// FromBF16s is FromBF16 of each.
func FromBF16s(dst []float32, src []uint16) { each(dst, src, FromBF16) }

func each[A, B any](dst []A, src []B, f func(B) A) {
	same(len(dst), len(src))
	for i, v := range src {
		dst[i] = f(v)
	}
}
