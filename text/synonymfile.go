package text

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SynonymList is an owner's list of synonyms.
type SynonymList struct {
	Groups [][]string
	OneWay []OneWay
}

// Bounds of a file of synonyms.
const (
	maxSynonymLine  = 4096   // bytes
	maxSynonymLines = 50_000 // groups
)

// LineError says which line of a list is wrong, from 1 on.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// ReadSynonyms reads a file of synonyms, one group a line:
//
//	couch, sofa, settee          any of them finds the others
//	tv, telly => television      the left finds the right too, not the other way round
//	# a remark
//
// A word may be a phrase of up to four. Where Solr's files with => replace the left by the right, here the left is
// searched as well. An error of what stands there is a *LineError. a is the Analyzer that the list is for.
func ReadSynonyms(r io.Reader, a *Analyzer) (SynonymList, error) {
	var out SynonymList
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, 4096), maxSynonymLine)
	n := 0
	for in.Scan() {
		n++
		line, _, _ := strings.Cut(strings.TrimPrefix(in.Text(), "\ufeff"), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := out.add(line, a); err != nil {
			return SynonymList{}, &LineError{n, err}
		}
		if len(out.Groups)+len(out.OneWay) > maxSynonymLines {
			return SynonymList{}, &LineError{n, fmt.Errorf("more than %d groups", maxSynonymLines)}
		}
	}
	if err := in.Err(); err != nil {
		if err == bufio.ErrTooLong {
			return SynonymList{}, &LineError{n + 1, fmt.Errorf("longer than %d bytes", maxSynonymLine)}
		}
		return SynonymList{}, err
	}
	return out, nil
}

func (l *SynonymList) add(line string, a *Analyzer) error {
	if !utf8.ValidString(line) {
		return fmt.Errorf("invalid UTF-8")
	}
	if i := strings.IndexFunc(line, unicode.IsControl); i >= 0 && line[i] != '\t' {
		return fmt.Errorf("a control character at byte %d", i)
	}
	left, right, oneWay := strings.Cut(line, "=>")
	if strings.Contains(right, "=>") {
		return fmt.Errorf("=> stands there twice")
	}
	from, err := wordsOf(left, a)
	if err != nil {
		return err
	}
	if !oneWay {
		if len(from) < 2 {
			return fmt.Errorf("%q stands alone: want two or more words, with commas between", from[0])
		}
		l.Groups = append(l.Groups, from)
		return nil
	}
	to, err := wordsOf(right, a)
	if err != nil {
		return err
	}
	l.OneWay = append(l.OneWay, OneWay{from, to})
	return nil
}

func wordsOf(s string, a *Analyzer) ([]string, error) {
	var out []string
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w == "" {
			return nil, fmt.Errorf("a word is empty")
		}
		switch n := len(a.Terms(w)); {
		case n == 0:
			return nil, fmt.Errorf("%q is no word, or one that is not searched for", w)
		case n > maxSynonymTerms:
			return nil, fmt.Errorf("%q has more than %d words", w, maxSynonymTerms)
		}
		out = append(out, w)
	}
	return out, nil
}
