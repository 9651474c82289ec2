package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// tempPrefix begins the names of files and folders that are not yet whole. What
// a crash left of them is removed at the next opening.
const tempPrefix = ".tmp-"

// writeFile puts a file in place whole or not at all, durably: a temporary file,
// fsync, rename, fsync of the folder.
func writeFile(path string, data []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("store: write %s: %w", path, err)
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone after the rename
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sweepTemp removes what a crash left in dir. Only the one process that has the
// data folder open may call it.
func sweepTemp(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, x := range list {
		if strings.HasPrefix(x.Name(), tempPrefix) {
			if err := os.RemoveAll(filepath.Join(dir, x.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
