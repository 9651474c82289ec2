package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The file taxonomy keeps the owner's tree as it came through the interface, one path a line.

func (d Dir) taxonomy() string { return filepath.Join(string(d), "taxonomy") }

// Taxonomy returns the paths that SetTaxonomy kept; nil if nothing was.
func (d Dir) Taxonomy() ([]string, error) { return keptLines(d.taxonomy()) }

// SetTaxonomy keeps paths, none of which holds an end of line; no paths remove the file.
func (d Dir) SetTaxonomy(paths []string) error { return keepLines(d.taxonomy(), paths) }

// keptLines reads a file of lines; nil if there is none.
func keptLines(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n"), nil
}

// keepLines writes a file of lines; none remove it.
func keepLines(path string, lines []string) error {
	if len(lines) > 0 {
		return writeFile(path, []byte(strings.Join(lines, "\n")+"\n"))
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
