package retrieve

import (
	"fmt"
	"io"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
	"bowerbird/vision/copies"
)

// Names of the signals that Copies folds.
const (
	PrintSignal = "print" // a copies.Print of copies.PrintVersion, its aspect behind it
	CopySignal  = "copy"  // Group names the first of the group; the item itself if it is that
)

// CopiesOptions say how names become numbers.
type CopiesOptions struct {
	Item func(name string) (bowerbird.ItemID, bool) // of an item that was named before
}

// Copies is the view of which items show one picture: the print of each, and the
// group that a signal put it in. A group is named for its first item, and each member was
// compared with that one. A new picture takes an item out of its group, and frees the
// members of the group that it was the first of, until a signal groups them again.
//
// Memory: about 1.2 kB for each item with a picture. Safe for concurrent readers beside
// one Apply.
type Copies struct {
	o       CopiesOptions
	mu      sync.RWMutex
	prints  []*copies.Print                         // by item
	first   []bowerbird.ItemID                      // by item; 0: not grouped yet
	members map[bowerbird.ItemID][]bowerbird.ItemID // by the first of the group, ascending, without it
	waiting int                                     // items with a print and no group
}

// NewCopies returns an empty view.
func NewCopies(o CopiesOptions) *Copies {
	return &Copies{o: o, members: map[bowerbird.ItemID][]bowerbird.ItemID{}}
}

// Apply folds prints, groups and deletions.
func (v *Copies) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		switch f := &facts[i]; {
		case f.Kind == bowerbird.ItemDelete:
			v.forget(f.Item)
		case f.Kind != bowerbird.SignalPut:
		case f.Signal.Name == PrintSignal:
			v.print(f.Item, f.Signal)
		case f.Signal.Name == CopySignal:
			if first, ok := v.o.Item(f.Signal.Group); ok {
				v.join(f.Item, first)
			}
		}
	}
}

func (v *Copies) print(x bowerbird.ItemID, s *bowerbird.Signal) {
	if s.Version != copies.PrintVersion || len(s.Vector) != copies.Numbers+1 {
		return
	}
	p, err := copies.FromVector(s.Vector[:copies.Numbers], s.Vector[copies.Numbers])
	if err != nil {
		return // such an item is a copy of nothing
	}
	v.forget(x)
	v.grow(x)
	v.prints[x] = p
	v.waiting++
}

func (v *Copies) grow(x bowerbird.ItemID) {
	for int(x) >= len(v.prints) {
		v.prints, v.first = append(v.prints, nil), append(v.first, 0)
	}
}

// forget takes the print of an item away, and out of its group.
func (v *Copies) forget(x bowerbird.ItemID) {
	if int(x) >= len(v.prints) || v.prints[x] == nil {
		return
	}
	v.leave(x)
	for _, m := range v.members[x] {
		v.first[m] = 0
		v.waiting++
	}
	delete(v.members, x)
	v.prints[x] = nil
	v.waiting--
}

// leave makes an item wait for a group.
func (v *Copies) leave(x bowerbird.ItemID) {
	first := v.first[x]
	if first == 0 {
		return
	}
	if first != x {
		m := v.members[first]
		if i, ok := slices.BinarySearch(m, x); ok {
			v.members[first] = slices.Delete(m, i, i+1)
		}
		if len(v.members[first]) == 0 {
			delete(v.members, first)
		}
	}
	v.first[x] = 0
	v.waiting++
}

// join puts an item into the group of a first, which must be one.
func (v *Copies) join(x, first bowerbird.ItemID) {
	if v.at(x) == nil || v.at(first) == nil || first != x && v.first[first] != first {
		return
	}
	if first != x && len(v.members[x]) > 0 { // its members were compared with it, not with that one
		return
	}
	v.leave(x)
	v.first[x] = first
	v.waiting--
	if first != x {
		m := v.members[first]
		i, _ := slices.BinarySearch(m, x)
		v.members[first] = slices.Insert(m, i, x)
	}
}

func (v *Copies) at(x bowerbird.ItemID) *copies.Print {
	if int(x) >= len(v.prints) {
		return nil
	}
	return v.prints[x]
}

// Print is the print of an item; nil if it has none. It is shared and never written.
func (v *Copies) Print(x bowerbird.ItemID) *copies.Print {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.at(x)
}

// First is the first of an item's group, itself for one alone; 0 while it waits.
func (v *Copies) First(x bowerbird.ItemID) bowerbird.ItemID {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(x) >= len(v.first) {
		return 0
	}
	return v.first[x]
}

// Members are all items of an item's group, the first before the others, the item among
// them; nil for one alone or waiting.
func (v *Copies) Members(x bowerbird.ItemID) []bowerbird.ItemID {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(x) >= len(v.first) || v.first[x] == 0 || len(v.members[v.first[x]]) == 0 {
		return nil
	}
	return append([]bowerbird.ItemID{v.first[x]}, v.members[v.first[x]]...)
}

// Waiting lists up to n items after one that have a print and no group, ascending.
func (v *Copies) Waiting(after bowerbird.ItemID, n int) []bowerbird.ItemID {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.waiting == 0 {
		return nil
	}
	var out []bowerbird.ItemID
	for x := int(after) + 1; x < len(v.prints) && len(out) < n; x++ {
		if v.prints[x] != nil && v.first[x] == 0 {
			out = append(out, bowerbird.ItemID(x))
		}
	}
	return out
}

// Groups counts the groups of two and more, and the items in them.
func (v *Copies) Groups() (groups, items int) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, m := range v.members {
		items += 1 + len(m)
	}
	return len(v.members), items
}

// Save writes the view.
//
//	items  count, then each: its print's aspect (0: none), its bytes if any, its group's first
func (v *Copies) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	n := len(v.prints)
	for n > 0 && v.prints[n-1] == nil {
		n--
	}
	fw := frame.NewWriter(w, "copies", 1)
	fw.Int(n)
	for i, p := range v.prints[:n] {
		if p == nil {
			fw.F32(0)
			continue
		}
		fw.F32(p.Aspect)
		fw.Bytes(p.Pack())
		fw.Uvarint(uint64(v.first[i]))
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Copies) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "copies", 1)
	if err != nil {
		return err
	}
	n := NewCopies(v.o)
	for range fr.Int() {
		aspect := fr.F32()
		var p *copies.Print
		var first bowerbird.ItemID
		if aspect != 0 {
			if p, err = copies.Unpack(fr.Bytes(), aspect); err != nil && fr.Err() == nil {
				return fmt.Errorf("retrieve: copies: %w: %w", err, frame.ErrCorrupt)
			}
			first = bowerbird.ItemID(fr.U32())
		}
		if fr.Err() != nil {
			break
		}
		n.prints, n.first = append(n.prints, p), append(n.first, first)
	}
	if err := fr.Close(); err != nil {
		return err
	}
	for x, first := range n.first {
		switch {
		case n.prints[x] == nil:
		case first == 0:
			n.waiting++
		case int(first) >= len(n.first) || n.first[first] != first:
			return fmt.Errorf("retrieve: copies: item %d is in a group that is none: %w", x, frame.ErrCorrupt)
		case int(first) != x:
			n.members[first] = append(n.members[first], bowerbird.ItemID(x))
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.prints, v.first, v.members, v.waiting = n.prints, n.first, n.members, n.waiting
	return nil
}
