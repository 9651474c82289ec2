package filter

import "bowerbird"

// set is a small open-addressing set of items, built for one request and then
// only read. Item 0 is never a member.
type set struct {
	slots []bowerbird.ItemID
	mask  uint32
}

func newSet(n int) *set {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &set{make([]bowerbird.ItemID, size), uint32(size - 1)}
}

func (s *set) add(x bowerbird.ItemID) {
	i := uint32(x) * 2654435769 & s.mask
	for s.slots[i] != 0 {
		if s.slots[i] == x {
			return
		}
		i = (i + 1) & s.mask
	}
	s.slots[i] = x
}

func (s *set) has(x bowerbird.ItemID) bool {
	i := uint32(x) * 2654435769 & s.mask
	for s.slots[i] != 0 {
		if s.slots[i] == x {
			return true
		}
		i = (i + 1) & s.mask
	}
	return false
}

// setOf makes a set of a list.
func setOf(items []bowerbird.ItemID) *set {
	s := newSet(len(items))
	for _, x := range items {
		s.add(x)
	}
	return s
}

// without is a test that refuses a set's members; nil for an empty list.
func without(items []bowerbird.ItemID) func(bowerbird.ItemID) bool {
	if len(items) == 0 {
		return nil
	}
	s := setOf(items)
	return func(x bowerbird.ItemID) bool { return !s.has(x) }
}
