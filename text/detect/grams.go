package detect

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	maxGram  = 5
	maxWords = 400 // of a text; more would not change the guess
	maxRunes = 30  // of a word
)

// EachGram calls f with the n-grams of the words of s: every stretch of one to five letters of "_word_". Words with a
// digit, and what is not letters, are passed over. The program in fit counts with it too.
func EachGram(s string, f func(gram string)) {
	s = strings.ToLower(norm.NFC.String(strings.ToValidUTF8(s, " ")))
	n := 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	}) {
		if strings.ContainsFunc(word, unicode.IsDigit) {
			continue
		}
		if n++; n > maxWords {
			return
		}
		r := append(append([]rune{'_'}, []rune(word)...), '_')
		r = r[:min(len(r), maxRunes)]
		for i := range r {
			for j := i + 1; j <= min(i+maxGram, len(r)); j++ {
				if j > i+1 || r[i] != '_' {
					f(string(r[i:j]))
				}
			}
		}
	}
}
