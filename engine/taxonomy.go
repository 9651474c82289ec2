package engine

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"bowerbird"
)

// Taxonomy is the owner's tree of what things are: from the last part of a path, in lower
// case, to the path.
type Taxonomy map[string]string

// Limits of a taxonomy.
const (
	MaxTaxonomy     = 50_000 // paths
	MaxTaxonomyPath = 1024   // bytes of one
)

// ReadTaxonomy reads a tree from a file of paths, one a line: home/kitchen/mug. What is
// above a line need not have one. Lines that begin with # are left out.
func ReadTaxonomy(r io.Reader) (Taxonomy, error) {
	var paths []string
	var at []int
	s := bufio.NewScanner(r)
	for n := 1; s.Scan(); n++ {
		if path := tidyPath(s.Text()); path != "" && path[0] != '#' {
			paths, at = append(paths, path), append(at, n)
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("taxonomy: %w", err)
	}
	t, bad, err := taxonomyOf(paths)
	if err != nil {
		return nil, fmt.Errorf("taxonomy: line %d: %w", at[bad], err)
	}
	return t, nil
}

func tidyPath(s string) string { return strings.Trim(strings.TrimSpace(s), "/") }

// taxonomyOf makes a tree of paths, each tidy; bad is the one at fault. A name stands in one
// place, and below nothing that is below it.
func taxonomyOf(paths []string) (t Taxonomy, bad int, err error) {
	t = Taxonomy{}
	for i, path := range paths {
		parts := strings.Split(strings.ToLower(path), "/")
		for k, p := range parts {
			if strings.TrimSpace(p) == "" {
				return nil, i, fmt.Errorf("%q has a step without a name", path)
			}
			if slices.Contains(parts[:k], p) {
				return nil, i, fmt.Errorf("%q is below itself in %q", p, path)
			}
		}
		leaf := parts[len(parts)-1]
		if old, ok := t[leaf]; ok && old != path {
			return nil, i, fmt.Errorf("%q is below %q already", leaf, old)
		}
		t[leaf] = path
	}
	for i, path := range paths {
		parts := strings.Split(strings.ToLower(path), "/")
		for k := 1; k < len(parts); k++ {
			own, ok := t[parts[k-1]]
			switch {
			case !ok || strings.EqualFold(own, strings.Join(parts[:k], "/")):
			case slices.Contains(strings.Split(strings.ToLower(own), "/"), parts[len(parts)-1]):
				return nil, i, fmt.Errorf("%q is below %q, and %q has it the other way round", parts[len(parts)-1], parts[k-1], own)
			default:
				return nil, i, fmt.Errorf("%q says that %q is elsewhere than %q", path, parts[k-1], own)
			}
		}
	}
	return t, 0, nil
}

// tree is the owner's taxonomy as it is now.
type tree struct {
	t     Taxonomy
	paths []string
	file  bool // read at the start: it is changed there
}

// ErrTaxonomyFile says that the taxonomy was read from a file at the start, so that it is
// changed there.
var ErrTaxonomyFile = errors.New("engine: the taxonomy was read from a file at the start")

// taxonomy settles the tree: that of the options, or the one that the data folder keeps.
func (e *Engine) taxonomy() error {
	own := &tree{t: e.o.House.Taxonomy}
	if len(own.t) > 0 {
		for _, path := range own.t {
			own.paths = append(own.paths, path)
		}
		slices.Sort(own.paths)
		own.file = true
		e.tree.Store(own)
		return nil
	}
	kept, err := e.dir.Taxonomy()
	if err != nil {
		return err
	}
	if own.t, _, err = taxonomyOf(kept); err != nil {
		e.o.Logger.Warn("the kept taxonomy cannot be used: put it anew", "error", err)
		own.t, kept = nil, nil
	}
	own.paths = kept
	e.tree.Store(own)
	return nil
}

// OwnTaxonomy returns the paths of the owner's tree and their version, "" for none; file tells
// that they were read from a file at the start.
func (e *Engine) OwnTaxonomy() (paths []string, version string, file bool) {
	own := e.tree.Load()
	if len(own.paths) > 0 {
		version = fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(strings.Join(own.paths, "\n"))))
	}
	return own.paths, version, own.file
}

// SetTaxonomy replaces the owner's tree by paths, home/kitchen/mug, durably and for every label
// from now on; none are no tree. The error of a bad path names it.
func (e *Engine) SetTaxonomy(paths []string) error {
	if e.o.ReadOnly {
		return ErrReadOnly
	}
	e.planting.Lock()
	defer e.planting.Unlock()
	if e.tree.Load().file {
		return ErrTaxonomyFile
	}
	if len(paths) > MaxTaxonomy {
		return badField("paths", "at most %d", MaxTaxonomy)
	}
	tidy := make([]string, len(paths))
	for i, p := range paths {
		field := fmt.Sprintf("paths[%d]", i)
		switch {
		case strings.ContainsAny(p, "\n\r"):
			return badField(field, "an end of line: one path each")
		case !utf8.ValidString(p) || len(p) > MaxTaxonomyPath:
			return badField(field, "want UTF-8 of at most %d bytes", MaxTaxonomyPath)
		}
		if tidy[i] = tidyPath(p); tidy[i] == "" {
			return badField(field, "is empty")
		}
	}
	t, bad, err := taxonomyOf(tidy)
	if err != nil {
		return &bowerbird.Invalid{Field: fmt.Sprintf("paths[%d]", bad), Message: err.Error()}
	}
	if err := e.dir.SetTaxonomy(tidy); err != nil {
		return err
	}
	e.tree.Store(&tree{t: t, paths: tidy})
	return nil
}
