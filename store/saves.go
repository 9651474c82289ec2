package store

import (
	"slices"

	"bowerbird"
)

// saves are who kept what on one board: a short log of its own, in which the
// newest word about an item and a person counts. It is only appended to or
// replaced, so that a copy of the struct is a snapshot that may be read without
// the lock.
type saves struct {
	log  []saved
	tidy int // length at which what no longer counts is dropped
}

// saved is 8 bytes.
type saved struct {
	item bowerbird.ItemID
	user uint32 // UserID; the top bit says: taken off again
}

const off = 1 << 31

func (s *saves) add(item bowerbird.ItemID, user bowerbird.UserID, taken bool) {
	x := saved{item, uint32(user)}
	if taken {
		x.user |= off
	}
	s.log = append(s.log, x)
	if len(s.log) >= max(s.tidy, 32) {
		s.log = s.canonical()
		s.tidy = 2 * len(s.log)
	}
}

// canonical is the log without what no longer counts, oldest save first. It is
// the same however often the log was tidied on the way, and dropping a person
// before or after comes to the same: so a checkpoint does not depend on either.
func (s saves) canonical() []saved {
	out := make([]saved, 0, len(s.log))
	seen := make(map[saved]struct{}, len(s.log))
	for i := len(s.log) - 1; i >= 0; i-- {
		x := s.log[i]
		key := saved{x.item, x.user &^ off}
		if _, ok := seen[key]; ok {
			continue
		}
		seen[key] = struct{}{}
		if x.user&off == 0 {
			out = append(out, x)
		}
	}
	slices.Reverse(out)
	return out
}

// without drops a person's saves.
func (s saves) without(user bowerbird.UserID) saves {
	is := func(x saved) bool { return x.user&^off == uint32(user) }
	if !slices.ContainsFunc(s.log, is) {
		return s
	}
	s.log = slices.DeleteFunc(slices.Clone(s.log), is)
	return s
}

// items are newest first, each once.
func (s saves) items() []bowerbird.ItemID {
	list := s.canonical()
	out := make([]bowerbird.ItemID, 0, len(list))
	seen := make(map[bowerbird.ItemID]struct{}, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		if _, ok := seen[list[i].item]; !ok {
			seen[list[i].item] = struct{}{}
			out = append(out, list[i].item)
		}
	}
	return out
}
