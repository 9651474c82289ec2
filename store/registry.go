package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// ModelDir keeps versions of models: a folder each, whole or not at all, with
// its files, a card (what it learned from and how it was judged) and a manifest
// of checksums. CURRENT names the version that serves.
//
//	models/ranker-7/card.json
//	models/ranker-7/manifest.json
//	models/ranker-7/weights
//	models/CURRENT
type ModelDir struct {
	dir string
	mu  sync.Mutex
}

// Model is one version.
type Model struct {
	Version string
	Card    json.RawMessage
	Made    time.Time // of the folder; for an operator
	dir     string
	files   []manifestFile
}

const cardName, currentName = "card.json", "CURRENT"

// Registry opens the folder and makes it if it is not there.
func Registry(dir string) (*ModelDir, error) {
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		err = sweepTemp(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("store: open the model registry: %w", err)
	}
	return &ModelDir{dir: dir}, nil
}

// fileName refuses what could lead out of a folder or clash with ours.
func fileName(name string) error {
	if name == "" || len(name) > 200 || name[0] == '.' || strings.ContainsAny(name, "/\\\x00") ||
		name == manifestName || name == cardName || name == currentName {
		return fmt.Errorf("%q cannot be a name here", name)
	}
	return nil
}

// Put keeps a new version: its card, which must be JSON, and its files, streamed.
// A version is never replaced.
func (r *ModelDir) Put(version string, card any, files map[string]func(io.Writer) error) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		if err != nil {
			err = fmt.Errorf("store: put model %s: %w", version, err)
		}
	}()
	if err := fileName(version); err != nil {
		return err
	}
	final := filepath.Join(r.dir, version)
	if _, err := os.Stat(final); err == nil {
		return fs.ErrExist
	}
	temp, err := os.MkdirTemp(r.dir, tempPrefix+"*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp) // gone after the rename
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(card, "", "  ")
	if err != nil {
		return fmt.Errorf("card: %w", err)
	}
	if err := writeFile(filepath.Join(temp, cardName), append(b, '\n')); err != nil {
		return err
	}
	m := manifest{Version: 1}
	for name, write := range files {
		if err := fileName(name); err != nil {
			return err
		}
		f, err := writeView(filepath.Join(temp, name), write)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f.Name = name
		m.Files = append(m.Files, f)
	}
	slices.SortFunc(m.Files, func(x, y manifestFile) int { return strings.Compare(x.Name, y.Name) })
	if b, err = json.MarshalIndent(m, "", "  "); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(temp, manifestName), append(b, '\n')); err != nil {
		return err
	}
	if err := os.Rename(temp, final); err != nil {
		return err
	}
	return syncDir(r.dir)
}

// Get returns a version; ErrNotFound if it is not there. Its files are verified
// when they are opened.
func (r *ModelDir) Get(version string) (*Model, error) {
	if err := fileName(version); err != nil {
		return nil, fmt.Errorf("%w: model %q", ErrNotFound, version)
	}
	dir := filepath.Join(r.dir, version)
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: model %s", ErrNotFound, version)
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil || m.Version != 1 {
		return nil, fmt.Errorf("%w: model %s: %s", ErrCorrupt, version, manifestName)
	}
	card, err := os.ReadFile(filepath.Join(dir, cardName))
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if !json.Valid(card) {
		return nil, fmt.Errorf("%w: model %s: %s", ErrCorrupt, version, cardName)
	}
	x := &Model{Version: version, Card: card, dir: dir, files: m.Files}
	if st, err := os.Stat(dir); err == nil {
		x.Made = st.ModTime()
	}
	return x, nil
}

// Names lists the version's files, ascending.
func (m *Model) Names() []string {
	var out []string
	for _, f := range m.files {
		out = append(out, f.Name)
	}
	return out
}

// Open verifies a file's checksum and opens it; the caller closes it.
func (m *Model) Open(name string) (io.ReadCloser, error) {
	for i := range m.files {
		if m.files[i].Name == name {
			if err := m.files[i].verify(m.dir); err != nil {
				return nil, fmt.Errorf("model %s: %w", m.Version, err)
			}
			return os.Open(filepath.Join(m.dir, name))
		}
	}
	return nil, fmt.Errorf("%w: %s of model %s", ErrNotFound, name, m.Version)
}

// List returns the versions, oldest first. Damaged ones are left out.
func (r *ModelDir) List() ([]*Model, error) {
	list, err := os.ReadDir(r.dir)
	if err != nil {
		return nil, fmt.Errorf("store: list models: %w", err)
	}
	var out []*Model
	for _, x := range list {
		if !x.IsDir() || strings.HasPrefix(x.Name(), tempPrefix) {
			continue
		}
		if m, err := r.Get(x.Name()); err == nil {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(x, y *Model) int { return x.Made.Compare(y.Made) })
	return out, nil
}

// Current returns the version that serves; ErrNotFound if none was chosen.
func (r *ModelDir) Current() (*Model, error) {
	b, err := os.ReadFile(filepath.Join(r.dir, currentName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: no model was chosen", ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return r.Get(strings.TrimSpace(string(b)))
}

// SetCurrent chooses the version that serves, durably.
func (r *ModelDir) SetCurrent(version string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.Get(version); err != nil {
		return err
	}
	return writeFile(filepath.Join(r.dir, currentName), []byte(version+"\n"))
}

// Prune removes all versions but the current one and the newest keep others,
// and returns the names of those removed.
func (r *ModelDir) Prune(keep int) (removed []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, err := r.List()
	if err != nil {
		return nil, err
	}
	current, err := r.Current()
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	for i := len(list) - 1; i >= 0; i-- {
		m := list[i]
		if current != nil && m.Version == current.Version {
			continue
		}
		if keep > 0 {
			keep--
			continue
		}
		if err := os.RemoveAll(m.dir); err != nil {
			return removed, fmt.Errorf("store: prune models: %w", err)
		}
		removed = append(removed, m.Version)
	}
	return removed, syncDir(r.dir)
}
