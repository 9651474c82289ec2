package channel

import "strings"

// MaxRunes is the longest string that can be scored.
const MaxRunes = 40

const (
	stretch = 3  // letters of a stretch at most
	front   = 27 // codes of the ends of a word; a to z are 1 to 26, any other letter is 31
	end     = 28
	foreign = 31
	band    = 4 // how far an alignment strays from the diagonal
)

// letters are a string's codes between its two ends.
type letters struct {
	code  [MaxRunes + 2]uint8
	runes [MaxRunes + 2]rune
	n     int
	ends  [MaxRunes + 3][stretch + 1]uint16 // packed stretches by where they end and how long they are
	keep  [MaxRunes + 3]uint8               // bit x: the table has an entry of the stretch of x letters that ends here
}

// mark packs all stretches.
func (l *letters) mark(known *[1 << 15]bool) {
	for i := 0; i <= l.n; i++ {
		l.keep[i] = 0
		for x := 0; x <= min(stretch, i); x++ {
			p := pack(l.code[i-x : i])
			l.ends[i][x] = uint16(p)
			if known[p] {
				l.keep[i] |= 1 << x
			}
		}
	}
}

func (l *letters) set(s string) bool {
	l.code[0], l.runes[0], l.n = front, 0, 1
	for _, r := range s {
		if l.n > MaxRunes {
			return false
		}
		l.code[l.n], l.runes[l.n] = foreign, r
		if 'a' <= r && r <= 'z' {
			l.code[l.n] = uint8(r-'a') + 1
		}
		l.n++
	}
	l.code[l.n], l.runes[l.n] = end, 0
	l.n++
	return true
}

// pack makes one number of a stretch of up to three letters: 5 bits each.
func pack(code []uint8) uint32 {
	v := uint32(0)
	for _, c := range code {
		v = v<<5 | uint32(c)
	}
	return v
}

func packString(s string) (uint32, bool) {
	v := uint32(0)
	if len(s) > stretch {
		return 0, false
	}
	for i := range len(s) {
		c := uint32(0)
		switch {
		case s[i] == '^':
			c = front
		case s[i] == '$':
			c = end
		case 'a' <= s[i] && s[i] <= 'z':
			c = uint32(s[i]-'a') + 1
		default:
			return 0, false
		}
		v = v<<5 | c
	}
	return v, true
}

// edits is an open-addressed table: meant stretch, typed stretch → cost in nats.
type edits struct {
	keys  []uint32 // meant<<15 | typed, +1 so that 0 is free
	costs []float32
	used  int
	meant [1 << 15]bool // stretches of which there is an entry,
	typed [1 << 15]bool // which spares most look-ups
}

func (e *edits) slot(key uint32) int {
	mask := len(e.keys) - 1
	i := int(key*0x9E3779B1>>12) & mask
	for e.keys[i] != 0 && e.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

func (e *edits) put(meant, typed uint32, cost float32) {
	if e.used*2 >= len(e.keys) {
		keys, costs := e.keys, e.costs
		e.keys, e.costs = make([]uint32, max(1024, 2*len(keys))), make([]float32, max(1024, 2*len(keys)))
		for i, k := range keys {
			if k != 0 {
				s := e.slot(k)
				e.keys[s], e.costs[s] = k, costs[i]
			}
		}
	}
	e.meant[meant], e.typed[typed] = true, true
	s := e.slot(meant<<15 | typed + 1)
	if e.keys[s] == 0 {
		e.used++
	}
	e.keys[s], e.costs[s] = meant<<15|typed+1, cost
}

func (e *edits) cost(meant, typed uint32) (float32, bool) {
	if len(e.keys) == 0 {
		return 0, false
	}
	s := e.slot(meant<<15 | typed + 1)
	return e.costs[s], e.keys[s] != 0
}

// keyboard is QWERTY; the rows are shifted by about half a key.
var keyboard = [...]string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}

// beside[a][b] says that the keys of two letters touch.
var beside = func() (t [32][32]bool) {
	for r, row := range keyboard {
		for c := range len(row) {
			touch := func(r2, c2 int) {
				if r2 >= 0 && r2 < len(keyboard) && c2 >= 0 && c2 < len(keyboard[r2]) {
					a, b := row[c]-'a'+1, keyboard[r2][c2]-'a'+1
					t[a][b], t[b][a] = true, true
				}
			}
			touch(r, c+1)
			touch(r+1, c)
			touch(r+1, c-1)
		}
	}
	return t
}()

func vowel(code uint8) bool {
	return code > 0 && code < front && strings.IndexByte("aeiouy", 'a'+code-1) >= 0
}
