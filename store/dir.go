package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Dir is a data folder:
//
//	VERSION        "bowerbird data 1"
//	LOCK           held by the process that has the folder open
//	keys.json      the HTTP interface's keys, hashed
//	log/           the log
//	blobs/         pictures, by their SHA-256
//	checkpoints/   views, by offset
//	models/        the model registry
type Dir string

const dirVersion = "bowerbird data 1\n"

// Path of each part.
func (d Dir) Log() string         { return filepath.Join(string(d), "log") }
func (d Dir) Blobs() string       { return filepath.Join(string(d), "blobs") }
func (d Dir) Checkpoints() string { return filepath.Join(string(d), "checkpoints") }
func (d Dir) Models() string      { return filepath.Join(string(d), "models") }
func (d Dir) Keys() string        { return filepath.Join(string(d), "keys.json") }

// ErrLocked is wrapped when another process, or this one, has the folder open.
var ErrLocked = errors.New("store: the data folder is in use")

// Open makes the folder if it is not there, checks its version and locks it
// until the returned Closer is closed. The lock goes with the process. A folder
// that holds something else is refused.
func (d Dir) Open() (io.Closer, error) {
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return nil, fmt.Errorf("store: make the data folder: %w", err)
	}
	lock, err := vfs.Default.Lock(filepath.Join(string(d), "LOCK"))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: is another bowerbird running on it? (%v)", ErrLocked, d, err)
	}
	if err := d.check(); err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}

// check reads VERSION, or writes it into a folder that is new.
func (d Dir) check() error {
	path := filepath.Join(string(d), "VERSION")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := d.empty(); err != nil {
			return err
		}
		return writeFile(path, []byte(dirVersion))
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if string(b) != dirVersion {
		return fmt.Errorf("store: %s holds %q; this program reads %q only", path,
			strings.TrimSpace(string(b)), strings.TrimSpace(dirVersion))
	}
	return nil
}

func (d Dir) empty() error {
	list, err := os.ReadDir(string(d))
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	for _, x := range list {
		if x.Name() != "LOCK" && !strings.HasPrefix(x.Name(), tempPrefix) {
			return fmt.Errorf("store: %s holds %s but no VERSION: it is no data folder; choose an empty one", d, x.Name())
		}
	}
	return nil
}
