package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// CheckpointDir keeps the states of views at log offsets: a folder for each
// offset, a file for each view, and a manifest. A folder appears by rename, when
// everything in it is on the disk. The last two are kept.
//
//	checkpoints/00000000000000001234/catalogue
//	checkpoints/00000000000000001234/manifest.json
type CheckpointDir struct {
	dir  string
	log  *slog.Logger
	mu   sync.Mutex
	keep int
}

type manifest struct {
	Version int            `json:"version"`
	Offset  uint64         `json:"offset"`
	Files   []manifestFile `json:"files"` // by name, ascending
}

type manifestFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	CRC32C uint32 `json:"crc32c"`
}

const manifestName = "manifest.json"

// Checkpoints opens the folder and makes it if it is not there.
func Checkpoints(dir string) (*CheckpointDir, error) {
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		err = sweepTemp(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("store: open checkpoints: %w", err)
	}
	return &CheckpointDir{dir: dir, log: slog.Default(), keep: 2}, nil
}

// Publish writes a checkpoint at offset, all views or none. Each function
// streams its view's state; names are plain file names. Views of gigabytes need
// no memory here. Older checkpoints but one are removed afterwards.
func (c *CheckpointDir) Publish(offset uint64, views map[string]func(io.Writer) error) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		if err != nil {
			err = fmt.Errorf("store: checkpoint at offset %d: %w", offset, err)
		}
	}()
	temp, err := os.MkdirTemp(c.dir, tempPrefix+"*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp) // gone after the rename
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	m := manifest{Version: 1, Offset: offset}
	for name, save := range views {
		if name == "" || name == manifestName || strings.ContainsAny(name, `/\`) || name[0] == '.' {
			return fmt.Errorf("view %q: not a file name", name)
		}
		f, err := writeView(filepath.Join(temp, name), save)
		if err != nil {
			return fmt.Errorf("view %s: %w", name, err)
		}
		f.Name = name
		m.Files = append(m.Files, f)
	}
	slices.SortFunc(m.Files, func(x, y manifestFile) int { return strings.Compare(x.Name, y.Name) })
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(temp, manifestName), append(b, '\n')); err != nil {
		return err
	}
	final := c.path(offset)
	if err := os.RemoveAll(final); err != nil { // one at the same offset, perhaps damaged
		return err
	}
	if err := os.Rename(temp, final); err != nil {
		return err
	}
	if err := syncDir(c.dir); err != nil {
		return err
	}
	return c.prune()
}

func (c *CheckpointDir) path(offset uint64) string {
	return filepath.Join(c.dir, fmt.Sprintf("%020d", offset))
}

// counter counts and sums what goes through to w.
type counter struct {
	w   io.Writer
	n   int64
	sum uint32
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.sum = crc32.Update(c.sum, castagnoli, p[:n])
	return n, err
}

func writeView(path string, save func(io.Writer) error) (manifestFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return manifestFile{}, err
	}
	c := &counter{w: f}
	err = save(c)
	err = errors.Join(err, f.Sync(), f.Close())
	return manifestFile{Bytes: c.n, CRC32C: c.sum}, err
}

// offsets lists the checkpoints, newest first.
func (c *CheckpointDir) offsets() ([]uint64, error) {
	list, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, err
	}
	var out []uint64
	for _, x := range list {
		if n, err := strconv.ParseUint(x.Name(), 10, 64); err == nil && x.IsDir() && len(x.Name()) == 20 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out, nil
}

func (c *CheckpointDir) prune() error {
	list, err := c.offsets()
	if err != nil || len(list) <= c.keep {
		return err
	}
	for _, n := range list[c.keep:] {
		if err := os.RemoveAll(c.path(n)); err != nil {
			return err
		}
	}
	return nil
}

// DropBefore removes every checkpoint taken before an offset. After an erasure at
// Log.LastErase this must be done before anything is loaded, because older
// checkpoints may hold the name.
func (c *CheckpointDir) DropBefore(offset uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	list, err := c.offsets()
	if err != nil {
		return fmt.Errorf("store: drop checkpoints: %w", err)
	}
	for _, n := range list {
		if n < offset {
			if err := os.RemoveAll(c.path(n)); err != nil {
				return fmt.Errorf("store: drop checkpoints: %w", err)
			}
		}
	}
	return syncDir(c.dir)
}

// Checkpoint is one published state.
type Checkpoint struct {
	Offset uint64
	Made   time.Time // by the folder's clock; for an operator, not for views
	dir    string
	files  []manifestFile
}

// Latest returns the newest checkpoint whose files are all there with the right
// checksums, reading each once. A damaged one is passed over with a line in the
// log. nil without an error: there is none, replay from the beginning.
func (c *CheckpointDir) Latest() (*Checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list, err := c.offsets()
	if err != nil {
		return nil, fmt.Errorf("store: read checkpoints: %w", err)
	}
	for _, n := range list {
		p, err := readCheckpoint(c.path(n), n)
		if err == nil {
			return p, nil
		}
		c.log.Warn("a checkpoint is damaged and is passed over", "offset", n, "error", err)
	}
	return nil, nil
}

func readCheckpoint(dir string, offset uint64) (*Checkpoint, error) {
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrCorrupt, manifestName, err)
	}
	if m.Version != 1 || m.Offset != offset {
		return nil, fmt.Errorf("%w: %s: version %d, offset %d", ErrCorrupt, manifestName, m.Version, m.Offset)
	}
	p := &Checkpoint{Offset: offset, dir: dir, files: m.Files}
	if st, err := os.Stat(dir); err == nil {
		p.Made = st.ModTime()
	}
	for _, f := range m.Files {
		if err := f.verify(dir); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (m *manifestFile) verify(dir string) error {
	f, err := os.Open(filepath.Join(dir, filepath.Base(m.Name)))
	if err != nil {
		return err
	}
	defer f.Close()
	c := &counter{w: io.Discard}
	if _, err := io.Copy(c, f); err != nil {
		return err
	}
	if c.n != m.Bytes || c.sum != m.CRC32C {
		return fmt.Errorf("%w: %s: its checksum does not match the manifest", ErrCorrupt, m.Name)
	}
	return nil
}

// Names lists the views in the checkpoint, ascending.
func (p *Checkpoint) Names() []string {
	var out []string
	for _, f := range p.files {
		out = append(out, f.Name)
	}
	return out
}

// Open opens a view's state; ErrNotFound if the checkpoint has no such view.
func (p *Checkpoint) Open(name string) (io.ReadCloser, error) {
	for _, f := range p.files {
		if f.Name == name {
			return os.Open(filepath.Join(p.dir, name))
		}
	}
	return nil, fmt.Errorf("%w: view %s in the checkpoint at offset %d", ErrNotFound, name, p.Offset)
}
