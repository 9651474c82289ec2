package spell

import "strings"

// endings are the regular English inflections. A word has at most one form with each: hoped or hopped, hero-s or hero-es.
var endings = [...]string{"s", "ed", "ing", "er", "ers"}

// inflected returns how often the most frequent known word occurs of which w would be a regular English inflection, 0 if
// there is none. "cats" is one of "cat"; "hopeing" is none of "hope", since the rule drops the e; "heros" is none of
// "hero" where "heroes" is known, since that place is taken. A singular whose plural is known counts as well.
func inflected(w string, count func(string) int64) int64 {
	if len(w) < 3 || !isLower(w) {
		return 0
	}
	most := singular(w, count)
	for _, ending := range endings {
		eachBase(w, ending, func(base string) {
			if n := count(base); n > most && inflect(base, ending) == w && !taken(base, ending, w, count) {
				most = n
			}
		})
	}
	return most
}

// singular returns how often the plural of w occurs, if no other known word is its singular.
func singular(w string, count func(string) int64) int64 {
	plural := inflect(w, "s")
	n := count(plural)
	if n > 0 {
		eachBase(plural, "s", func(base string) {
			if base != w && count(base) > 0 {
				n = 0
			}
		})
	}
	return n
}

// eachBase calls f with the words that could give w by the ending.
func eachBase(w, ending string, yield func(base string)) {
	f := func(base string) {
		if len(base) >= 2 {
			yield(base)
		}
	}
	stem, ok := strings.CutSuffix(w, ending)
	n := len(stem)
	if !ok || n < 2 {
		return
	}
	f(stem)
	if n > 2 && stem[n-1] == stem[n-2] {
		f(stem[:n-1])
	}
	if ending != "s" {
		f(stem + "e")
	}
	if s, ok := strings.CutSuffix(stem, "i"); ok {
		f(s + "y")
	}
	if s, ok := strings.CutSuffix(stem, "ie"); ok && ending == "s" {
		f(s + "y")
	}
	if s, ok := strings.CutSuffix(stem, "e"); ok && ending == "s" {
		f(s)
	}
}

// taken says whether the base is known with the ending in another spelling than w.
func taken(base, ending, w string, count func(string) int64) bool {
	short := base[:len(base)-1]
	forms := [...]string{base + ending, short + ending, base + base[len(base)-1:] + ending, short + "i" + ending, base + "es", short + "ies"}
	for i, f := range forms {
		if i >= 4 && ending != "s" || i == 1 && ending == "s" {
			continue
		}
		if f != w && f != base && count(f) > 0 {
			return true
		}
	}
	return false
}

// inflect writes a base form with an ending by the rules of English spelling.
func inflect(base, ending string) string {
	n := len(base)
	last, before := base[n-1], base[n-2]
	afterConsonant := !isVowel(before)
	switch {
	case ending == "s":
		switch {
		case last == 'y' && afterConsonant:
			return base[:n-1] + "ies"
		case last == 's', last == 'x', last == 'z', last == 'h' && (before == 'c' || before == 's'):
			return base + "es"
		}
	case last == 'e' && (ending != "ing" || before != 'e' && before != 'y' && before != 'o'):
		return base[:n-1] + ending
	case last == 'y' && afterConsonant && ending != "ing":
		return base[:n-1] + "i" + ending
	case doubles(base):
		return base + base[n-1:] + ending
	}
	return base + ending
}

// doubles says whether the last consonant of a word of one syllable is doubled before an ending: stop, stopped.
func doubles(base string) bool {
	n := len(base)
	if n < 3 || isVowel(base[n-1]) || !isVowel(base[n-2]) || isVowel(base[n-3]) {
		return false
	}
	switch base[n-1] {
	case 'w', 'x', 'y', 'h':
		return false
	}
	return !strings.ContainsAny(base[:n-3], "aeiouy")
}

func isLower(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}
