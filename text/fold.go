package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold writes a text in the plain form that spelling and completion compare: compatibility forms unified (NFKC), lower
// case, no accents, every stretch of what is not a letter or a digit as one space, none at the ends. It does not stem
// and stops nothing.
func Fold(s string) string {
	s = foldPlain(s)
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		c := s[i]
		clean = 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == ' ' && i > 0 && i < len(s)-1 && s[i-1] != ' '
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case r == '\'':
		case unicode.IsMark(r) && (space || b.Len() == 0): // on nothing that stays
		case r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || isEmoji(r)):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		default:
			space = true
		}
	}
	return b.String()
}

func foldPlain(s string) string { return stripAccents(lower(s)) }

// lower gives compatibility composition (NFKC) in lower case, with straight apostrophes and without invalid bytes.
func lower(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(s)
	}
	s = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(s, "")))
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u2019', '\u2018', '\u02bc', '\uff07':
			return '\''
		case '\u00ad', '\u200b', '\u200c', '\u200d', '\ufeff', utf8.RuneError: // soft hyphen, joiners, byte order mark
			return -1
		}
		return r
	}, s)
}

// letters that have no decomposition but that people type without their stroke.
var plainLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ł': "l", 'ı': "i", 'þ': "th", 'ð': "d", 'ħ': "h",
}

// stripAccents removes combining marks from Latin and Greek letters. It comes after stemming, because the stemmers of
// many languages read accents. Other scripts keep their marks: й is not и, and Japanese が is not か.
func stripAccents(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	strip := false
	for _, r := range norm.NFD.String(s) {
		if r >= 0x300 && r < 0x370 {
			if !strip {
				b.WriteRune(r)
			}
			continue
		}
		strip = unicode.In(r, unicode.Latin, unicode.Greek) || r < utf8.RuneSelf
		if p, ok := plainLetters[r]; ok {
			b.WriteString(p)
		} else {
			b.WriteRune(r)
		}
	}
	// Russian is mostly typed without the dots of ё.
	return strings.ReplaceAll(norm.NFC.String(b.String()), "ё", "е")
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// elide removes the article or particle that French and Italian write with an apostrophe: l'homme, dell'arte.
func elide(w string) string {
	i := strings.IndexByte(w, '\'')
	if i <= 0 || i == len(w)-1 {
		return w
	}
	switch w[:i] {
	case "l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "quoiqu", "lorsqu", "puisqu",
		"un", "dell", "dall", "nell", "sull", "all", "quest", "sant":
		return w[i+1:]
	}
	return w
}
