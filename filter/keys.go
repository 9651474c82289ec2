package filter

import (
	"cmp"

	"bowerbird"
)

// Key is what an item is ordered by: a number, or a word's place in the alphabet.
type Key struct {
	Number  float32
	Word    string
	Missing bool
}

// Keys returns a function that reads an item's key of a field: its number, else
// the first of its words by the alphabet. It takes a short lock for a word.
func (v *Fields) Keys(field string) func(bowerbird.ItemID) Key {
	col := v.column(field)
	terms, _ := v.termsOf(field)
	return func(x bowerbird.ItemID) Key {
		if col != nil {
			if bits := col.get(x); bits != 0 {
				return Key{Number: decode(bits)}
			}
		}
		if len(terms) == 0 {
			return Key{Missing: true}
		}
		w, ok := v.firstWord(field, x)
		return Key{Word: w, Missing: !ok}
	}
}

// Compare orders numbers before words and what is missing last, also when desc
// turns the rest round.
func (k Key) Compare(o Key, desc bool) int {
	if k.Missing || o.Missing {
		return cmp.Compare(b2i(k.Missing), b2i(o.Missing))
	}
	c := cmp.Or(cmp.Compare(b2i(k.Word != ""), b2i(o.Word != "")), cmp.Compare(k.Number, o.Number), cmp.Compare(k.Word, o.Word))
	if desc {
		return -c
	}
	return c
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// firstWord is the alphabetically first word that an item carries in a field.
func (v *Fields) firstWord(in string, x bowerbird.ItemID) (string, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(x) >= len(v.carries) {
		return "", false
	}
	f, best, ok := v.fields[fold(in)], "", false
	for _, t := range v.carries[x] {
		if v.of[t] != f {
			continue
		}
		if w := v.words[t][len(fold(in))+1:]; !ok || w < best {
			best, ok = w, true
		}
	}
	return best, ok
}

// Group numbers the value of a field that an item carries, for showing each value
// once: the first of its words by number, else its number; 0 if it has none.
func (v *Fields) Group(field string) func(bowerbird.ItemID) uint64 {
	col := v.column(field)
	v.mu.RLock()
	f := v.fields[fold(field)]
	v.mu.RUnlock()
	return func(x bowerbird.ItemID) uint64 {
		v.mu.RLock()
		defer v.mu.RUnlock()
		if f != nil && int(x) < len(v.carries) {
			for _, t := range v.carries[x] {
				if v.of[t] == f {
					return 1<<32 | uint64(t)
				}
			}
		}
		if col != nil {
			if bits := col.get(x); bits != 0 {
				return 2<<32 | uint64(bits)
			}
		}
		return 0
	}
}
