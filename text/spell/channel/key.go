package channel

import "strings"

// Key writes down roughly how an English word sounds: consonants only, but for a vowel at the front; letters that sound
// alike as one; silent ones left out. Words that are spelt by ear often share it: "nolij" and "knowledge" do not, "fonetik"
// and "phonetic" do. The rules are our own, in the manner of Metaphone (Philips, 1990). Letters other than a to z count
// as they are.
func Key(word string) string {
	var b [32]byte
	out := b[:0]
	w := word
	for _, front := range silentFronts {
		if strings.HasPrefix(w, front[0]) {
			w = front[1] + w[len(front[0]):]
			break
		}
	}
	at := func(i int) byte {
		if i >= 0 && i < len(w) {
			return w[i]
		}
		return 0
	}
	put := func(c byte) {
		if len(out) < cap(b) && (len(out) == 0 || out[len(out)-1] != c) {
			out = append(out, c)
		}
	}
	for i := 0; i < len(w); i++ {
		c, next := w[i], at(i+1)
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y':
			if i == 0 {
				put('a')
			}
		case 'h':
			if i == 0 || isVowel(at(i-1)) && isVowel(next) {
				put('h')
			}
		case 'w':
			if i == 0 || isVowel(at(i-1)) && isVowel(next) {
				put('w')
			}
		case 'c':
			switch {
			case next == 'h':
				put('x')
				i++
			case next == 'i' && (at(i+2) == 'a' || at(i+2) == 'o'):
				put('x')
			case next == 'e' || next == 'i' || next == 'y':
				put('s')
			default:
				put('k')
			}
		case 's':
			switch {
			case next == 'h':
				put('x')
				i++
			case next == 'c' && (at(i+2) == 'e' || at(i+2) == 'i' || at(i+2) == 'y'):
				put('s')
				i++
			case (next == 'i' || next == 's' && at(i+2) == 'i') && (strings.HasPrefix(w[i:], "sion") || strings.HasPrefix(w[i:], "ssion")):
				put('x')
			default:
				put('s')
			}
		case 't':
			switch {
			case next == 'h':
				put('0')
				i++
			case next == 'i' && (at(i+2) == 'o' || at(i+2) == 'a'):
				put('x')
			case next == 'c' && at(i+2) == 'h':
				put('x')
				i += 2
			default:
				put('t')
			}
		case 'g':
			switch {
			case next == 'h':
				if i == 0 {
					put('k')
				}
				i++
			case next == 'n':
			case next == 'e' || next == 'i' || next == 'y':
				put('j')
			default:
				put('k')
			}
		case 'd':
			if next == 'g' && (at(i+2) == 'e' || at(i+2) == 'i') {
				put('j')
				i++
			} else {
				put('t')
			}
		case 'p':
			if next == 'h' {
				put('f')
				i++
			} else {
				put('p')
			}
		case 'b':
			if !(i == len(w)-1 && at(i-1) == 'm') {
				put('p')
			}
		case 'v':
			put('f')
		case 'q', 'k':
			put('k')
		case 'x':
			put('k')
			put('s')
		case 'z':
			put('s')
		default:
			put(c)
		}
	}
	return string(out)
}

var silentFronts = [][2]string{{"kn", "n"}, {"gn", "n"}, {"pn", "n"}, {"wr", "r"}, {"ps", "s"}, {"wh", "w"}, {"x", "s"}, {"ae", "e"}}

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}
