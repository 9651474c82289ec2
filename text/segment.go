package text

import (
	"unicode"
	"unicode/utf8"
)

type wordKind int

const (
	notWord wordKind = iota
	plainWord
	cjkWord
)

// kindOf says whether a segment is a word, and whether it is written in a script without spaces between words.
// Emoji are words: on a wall of pictures people search by them.
func kindOf(w string) wordKind {
	for _, r := range w {
		switch {
		case r < utf8.RuneSelf:
			if 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' {
				return plainWord
			}
		case isCJK(r):
			return cjkWord
		case unicode.IsLetter(r), unicode.IsNumber(r), isEmoji(r):
			return plainWord
		}
	}
	return notWord
}

func isCJK(r rune) bool {
	if r < 0x1100 {
		return false
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 0x30FC
}

func isEmoji(r rune) bool { return r >= 0x1F000 && r < 0x20000 || r >= 0x2600 && r < 0x27C0 }

// cjkRun is a stretch of adjacent segments of Chinese, Japanese or Korean letters, in bytes of the input.
type cjkRun struct{ start, end int }

// flush emits the run's bigrams, one position each. With tail set the last letter follows alone, at its own position;
// a run of one letter is always emitted.
func (r *cjkRun) flush(dst []Token, pos int, s string, tail bool) ([]Token, int) {
	if r.end == r.start {
		return dst, pos
	}
	at, end := r.start, r.end
	single := true
	for at < end {
		_, n := utf8.DecodeRuneInString(s[at:end])
		next := at + n
		if next >= end {
			if tail || single {
				dst = appendCJK(dst, s, pos, at, end)
			}
			pos++
			break
		}
		_, m := utf8.DecodeRuneInString(s[next:end])
		dst = appendCJK(dst, s, pos, at, next+m)
		single = false
		pos++
		at = next
	}
	*r = cjkRun{start: end, end: end}
	return dst, pos
}

func appendCJK(dst []Token, s string, pos, start, end int) []Token {
	term := foldPlain(s[start:end])
	if term == "" { // a stray byte that the segmenter left in the run
		return dst
	}
	return append(dst, Token{Term: term, Pos: pos, Start: start, End: end})
}
