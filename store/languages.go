package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The file languages keeps the languages that items are read in, so that every
// command reads them alike: codes with spaces between, the commonest first.

func (d Dir) languages() string { return filepath.Join(string(d), "languages") }

// Languages returns what SetLanguages kept; nil if nothing was.
func (d Dir) Languages() ([]string, error) {
	b, err := os.ReadFile(d.languages())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return strings.Fields(string(b)), nil
}

// SetLanguages keeps codes of languages.
func (d Dir) SetLanguages(codes []string) error {
	return writeFile(d.languages(), []byte(strings.Join(codes, " ")+"\n"))
}
