package spell

// deletions maps the hash of a string to the words filed under it: an open-addressed table of list heads. Two strings
// with one hash share a list; comparison sorts them out.
type deletions struct {
	keys  []uint32 // hashes
	heads []uint32 // first entry + 1; 0 marks a free slot
	used  int
	word  []uint32 // entries: the word, and
	next  []uint32 // the entry after + 1
}

func (t *deletions) slot(key uint32) int {
	mask := len(t.keys) - 1
	i := int(key*0x9E3779B1>>4) & mask
	for t.heads[i] != 0 && t.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

func (t *deletions) add(key, word uint32) {
	if t.used*3 >= len(t.keys)*2 {
		t.grow()
	}
	i := t.slot(key)
	if t.heads[i] == 0 {
		t.keys[i] = key
		t.used++
	}
	t.word = append(t.word, word)
	t.next = append(t.next, t.heads[i])
	t.heads[i] = uint32(len(t.word))
}

func (t *deletions) grow() {
	keys, heads := t.keys, t.heads
	n := max(1024, 2*len(keys))
	t.keys, t.heads = make([]uint32, n), make([]uint32, n)
	for i, h := range heads {
		if h != 0 {
			s := t.slot(keys[i])
			t.keys[s], t.heads[s] = keys[i], h
		}
	}
}

func (t *deletions) each(key uint32, f func(word uint32)) {
	if len(t.keys) == 0 {
		return
	}
	for e := t.heads[t.slot(key)]; e != 0; e = t.next[e-1] {
		f(t.word[e-1])
	}
}

// eachDeletion calls f with the hash of r and of every string that up to edits deletions make of it. Some come twice.
func eachDeletion(r []rune, edits int, f func(key uint32)) {
	f(hashWithout(r, -1, -1))
	for i := range r {
		f(hashWithout(r, i, -1))
		if edits < 2 {
			continue
		}
		for j := i + 1; j < len(r); j++ {
			f(hashWithout(r, i, j))
		}
	}
}

// hashWithout is FNV-1a over the runes, two of which may be left out.
func hashWithout(r []rune, i, j int) uint32 {
	h := uint32(2166136261)
	for k, c := range r {
		if k != i && k != j {
			h = (h ^ uint32(c)) * 16777619
		}
	}
	return h
}

// hashOf is FNV-1a over bytes.
func hashOf(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
