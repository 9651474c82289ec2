package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The file synonyms keeps the owner's synonyms as they came through the interface, one group a line.

func (d Dir) synonyms() string { return filepath.Join(string(d), "synonyms") }

// Synonyms returns the lines that SetSynonyms kept; nil if nothing was.
func (d Dir) Synonyms() ([]string, error) {
	b, err := os.ReadFile(d.synonyms())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n"), nil
}

// SetSynonyms keeps lines, none of which holds an end of line; no lines remove the file.
func (d Dir) SetSynonyms(lines []string) error {
	if len(lines) > 0 {
		return writeFile(d.synonyms(), []byte(strings.Join(lines, "\n")+"\n"))
	}
	if err := os.Remove(d.synonyms()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
