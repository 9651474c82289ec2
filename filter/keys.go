package filter

import "bowerbird"

// Keys returns a function that reads an item's sort key of a field: its number,
// else the first of its words by the alphabet; false if it has neither. A word
// costs a short lock.
func (v *Fields) Keys(field string) func(bowerbird.ItemID) (number float64, word string, ok bool) {
	if fold(field) == "created" {
		return func(x bowerbird.ItemID) (float64, string, bool) {
			s := v.created.get(x)
			return float64(s), "", s != 0
		}
	}
	col := v.column(field)
	terms, _ := v.termsOf(field)
	return func(x bowerbird.ItemID) (float64, string, bool) {
		if col != nil {
			if bits := col.get(x); bits != 0 {
				return float64(decode(bits)), "", true
			}
		}
		if len(terms) == 0 {
			return 0, "", false
		}
		w, ok := v.firstWord(field, x)
		return 0, w, ok
	}
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
