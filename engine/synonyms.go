package engine

import (
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"bowerbird"
	"bowerbird/text"
)

// ErrSynonymFile says that the owner's synonyms were read from a file at the start, so that they are changed there.
var ErrSynonymFile = errors.New("engine: the synonyms were read from a file at the start")

// owned is the owner's list of synonyms that queries are widened by.
type owned struct {
	list  text.SynonymList
	lines []string // nil: from HouseOptions
}

// synonyms settles the owner's list: the one of the options, or the one that the data folder keeps. A kept list that the
// languages no longer allow is left out with a warning.
func (e *Engine) synonyms() error {
	own := &owned{list: e.o.House.Synonyms}
	e.own.Store(own)
	if len(own.list.Groups)+len(own.list.OneWay) > 0 {
		return nil
	}
	lines, err := e.dir.Synonyms()
	if err != nil || len(lines) == 0 {
		return err
	}
	languages, err := text.NewMulti(text.MultiOptions{Languages: e.o.House.Languages})
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	list, err := text.ReadSynonyms(strings.NewReader(strings.Join(lines, "\n")), languages.Default())
	if err != nil {
		e.o.Logger.Warn("the kept synonyms cannot be used: put them anew", "error", err)
		return nil
	}
	e.own.Store(&owned{list, lines})
	return nil
}

// houseOptions are those of the house with the owner's synonyms as they are now.
func (e *Engine) houseOptions() HouseOptions {
	o := e.o.House
	o.Synonyms = e.own.Load().list
	return o
}

// OwnSynonyms returns the lines that SetSynonyms put in place and their version, "" for none; ErrSynonymFile if the list is
// from elsewhere.
func (e *Engine) OwnSynonyms() (lines []string, version string, err error) {
	own := e.own.Load()
	switch {
	case len(own.lines) > 0:
		return own.lines, fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(strings.Join(own.lines, "\n")))), nil
	case len(own.list.Groups)+len(own.list.OneWay) > 0:
		return nil, "", ErrSynonymFile
	}
	return nil, "", nil
}

// SetSynonyms replaces the owner's list by lines as text.ReadSynonyms reads them, durably and for every query from now on;
// no lines are no synonyms. Documents are not analysed anew: synonyms widen queries. The error of a bad line names it.
func (e *Engine) SetSynonyms(lines []string) error {
	if e.o.ReadOnly {
		return ErrReadOnly
	}
	e.gate.Lock() // no erasure halfway: it makes a house by the list
	defer e.gate.Unlock()
	if _, _, err := e.OwnSynonyms(); err != nil {
		return err
	}
	for i, l := range lines {
		if strings.ContainsAny(l, "\n\r") {
			return &bowerbird.Invalid{Field: fmt.Sprintf("lines[%d]", i), Message: "an end of line: one group a line"}
		}
	}
	languages := e.House().languages
	list, err := text.ReadSynonyms(strings.NewReader(strings.Join(lines, "\n")), languages.Default())
	var bad *text.LineError
	if errors.As(err, &bad) {
		return &bowerbird.Invalid{Field: fmt.Sprintf("lines[%d]", bad.Line-1), Message: bad.Err.Error()}
	}
	if err != nil {
		return err
	}
	if err := e.dir.SetSynonyms(lines); err != nil {
		return err
	}
	if err := languages.SetSynonyms(list); err != nil {
		return err
	}
	e.own.Store(&owned{list, lines})
	return nil
}
