package store

import "path/filepath"

// The file synonyms keeps the owner's synonyms as they came through the interface, one group a line.

func (d Dir) synonyms() string { return filepath.Join(string(d), "synonyms") }

// Synonyms returns the lines that SetSynonyms kept; nil if nothing was.
func (d Dir) Synonyms() ([]string, error) { return keptLines(d.synonyms()) }

// SetSynonyms keeps lines, none of which holds an end of line; no lines remove the file.
func (d Dir) SetSynonyms(lines []string) error { return keepLines(d.synonyms(), lines) }
