package retrieve

import (
	"maps"
	"slices"

	"bowerbird"
	"bowerbird/internal/frame"
)

// secrets are the boards that only their owner sees. What is saved there teaches
// that person's own pages through History; the views that serve others leave it
// out while the board is secret.
type secrets map[bowerbird.BoardID]bool

// apply follows which boards are secret.
func (s secrets) apply(f *bowerbird.Fact) {
	switch {
	case f.Kind == bowerbird.BoardPut && f.BoardDoc.Secret:
		s[f.Board] = true
	case f.Kind == bowerbird.BoardPut, f.Kind == bowerbird.BoardDelete:
		delete(s, f.Board)
	}
}

// ownOn lists what the person who asks saved last to the request's board, which
// is all that a secret board says to anybody.
func ownOn(r *bowerbird.Request, n int) []bowerbird.ItemID {
	var out []bowerbird.ItemID
	for _, a := range r.Recent {
		if a.Board == r.Board && a.Weight > 0 && len(out) < n {
			out = append(out, a.Item)
		}
	}
	return out
}

func saveSet(fw *frame.Writer, set secrets) {
	fw.Int(len(set))
	for _, b := range slices.Sorted(maps.Keys(set)) {
		fw.Uvarint(uint64(b))
	}
}

func loadSet(fr *frame.Reader) secrets {
	set := secrets{}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		set[bowerbird.BoardID(fr.U32())] = true
	}
	return set
}
