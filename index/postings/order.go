package postings

import (
	"math/bits"
	"slices"
	"strings"
)

// Sorting by counting, least digit first: ids and the beginnings of strings are numbers, and there are thousands of them
// in each new segment, where comparing costs most of the time that a segment takes.

const digit = 11 // bits of an id that one pass looks at

// sortHigh sorts keys by their upper 32 bits; those that are equal there keep their order. It returns keys or its copy.
func sortHigh(keys []uint64) []uint64 {
	if len(keys) < 64 {
		slices.SortStableFunc(keys, func(a, b uint64) int { return int(int64(a>>32) - int64(b>>32)) })
		return keys
	}
	all := uint64(0)
	for _, k := range keys {
		all |= k
	}
	other := make([]uint64, len(keys))
	for shift := 32; shift < bits.Len64(all); shift += digit {
		var at [1 << digit]uint32
		for _, k := range keys {
			at[k>>shift&(1<<digit-1)]++
		}
		sum := uint32(0)
		for i, n := range at {
			at[i], sum = sum, sum+n
		}
		for _, k := range keys {
			d := k >> shift & (1<<digit - 1)
			other[at[d]] = k
			at[d]++
		}
		keys, other = other, keys
	}
	return keys
}

// head is an index into a list of terms, and the beginning of the term's string as a number, which orders most of them.
type head struct {
	key uint64
	at  uint32
}

// headOf is 0-padded: strings that differ only in zeros at the end have the same.
func headOf(name string) (key uint64) {
	if len(name) >= 8 {
		return uint64(name[7]) | uint64(name[6])<<8 | uint64(name[5])<<16 | uint64(name[4])<<24 |
			uint64(name[3])<<32 | uint64(name[2])<<40 | uint64(name[1])<<48 | uint64(name[0])<<56
	}
	for i := range len(name) {
		key |= uint64(name[i]) << (56 - 8*i)
	}
	return key
}

// orderByString returns the indexes of different ids in the order of their names.
func orderByString(ids []uint32, names []string) []uint32 {
	heads := make([]head, len(ids))
	var counts [8][256]uint32
	for i, id := range ids {
		k := headOf(names[id])
		heads[i] = head{k, uint32(i)}
		for b := range counts {
			counts[b][byte(k>>(8*b))]++
		}
	}
	other := make([]head, len(ids))
	for b := range counts {
		at := &counts[b]
		if len(ids) > 0 && int(at[byte(heads[0].key>>(8*b))]) == len(ids) {
			continue // all have the same letter there
		}
		sum := uint32(0)
		for i, n := range at {
			at[i], sum = sum, sum+n
		}
		for _, h := range heads {
			d := byte(h.key >> (8 * b))
			other[at[d]] = h
			at[d]++
		}
		heads, other = other, heads
	}
	out := make([]uint32, len(ids))
	for i := 0; i < len(heads); {
		j := i + 1
		for j < len(heads) && heads[j].key == heads[i].key {
			j++
		}
		if j > i+1 {
			slices.SortFunc(heads[i:j], func(a, b head) int { return strings.Compare(names[ids[a.at]], names[ids[b.at]]) })
		}
		for ; i < j; i++ {
			out[i] = heads[i].at
		}
	}
	return out
}
