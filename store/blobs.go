package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// BlobDir keeps bytes under their SHA-256: pictures and their thumbnails. The
// same bytes are kept once. blobs/ab/abcd...: 256 folders. Safe for concurrent use.
type BlobDir struct {
	dir string
	opt BlobOptions
}

// BlobOptions bound a blob folder. The zero value works.
type BlobOptions struct {
	MaxBytes int64 // of one blob; default 32 MiB
	Verify   bool  // whether Get compares the bytes with their name; default not
}

// ErrTooLarge is wrapped when a blob is over the limit.
var ErrTooLarge = errors.New("store: too large")

// Blobs opens the folder and makes it if it is not there.
func Blobs(dir string, opt BlobOptions) (*BlobDir, error) {
	if opt.MaxBytes <= 0 {
		opt.MaxBytes = 32 << 20
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("store: open blobs: %w", err)
	}
	list, err := os.ReadDir(dir)
	for _, x := range list {
		if err == nil && x.IsDir() {
			err = sweepTemp(filepath.Join(dir, x.Name()))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("store: open blobs: %w", err)
	}
	return &BlobDir{dir, opt}, nil
}

// Put keeps data durably and returns its name, the SHA-256 in hex.
func (b *BlobDir) Put(ctx context.Context, data []byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if int64(len(data)) > b.opt.MaxBytes {
		return "", fmt.Errorf("%w: a blob of %d bytes, at most %d are kept", ErrTooLarge, len(data), b.opt.MaxBytes)
	}
	sum := sha256.Sum256(data)
	id := hex.EncodeToString(sum[:])
	path, _ := b.path(id)
	if st, err := os.Stat(path); err == nil && st.Size() == int64(len(data)) {
		return id, nil
	}
	shard := filepath.Dir(path)
	if _, err := os.Stat(shard); errors.Is(err, fs.ErrNotExist) {
		err := os.MkdirAll(shard, 0o755)
		if err == nil {
			err = syncDir(b.dir)
		}
		if err != nil {
			return "", fmt.Errorf("store: put a blob: %w", err)
		}
	}
	return id, writeFile(path, data)
}

// path refuses what is not a SHA-256 in lower-case hex, so that no name leads elsewhere.
func (b *BlobDir) path(id string) (string, error) {
	if len(id) != 2*sha256.Size {
		return "", fmt.Errorf("%w: %q is no blob's name", ErrNotFound, id)
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", fmt.Errorf("%w: %q is no blob's name", ErrNotFound, id)
		}
	}
	return filepath.Join(b.dir, id[:2], id), nil
}

// Get returns a blob's bytes; ErrNotFound if it is not there, ErrCorrupt if
// Verify is set and they are not what was put.
func (b *BlobDir) Get(id string) ([]byte, error) {
	path, err := b.path(id)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: blob %s", ErrNotFound, id)
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if b.opt.Verify {
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != id {
			return nil, fmt.Errorf("%w: blob %s", ErrCorrupt, id)
		}
	}
	return data, nil
}

// Open opens a blob for reading, seeking and serving; the caller closes it.
// Nothing is verified.
func (b *BlobDir) Open(id string) (*os.File, error) {
	path, err := b.path(id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: blob %s", ErrNotFound, id)
	}
	return f, err
}

// Has tells whether a blob is there.
func (b *BlobDir) Has(id string) bool {
	path, err := b.path(id)
	if err != nil {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
}

// Delete removes a blob; one that is not there is no error.
func (b *BlobDir) Delete(id string) error {
	path, err := b.path(id)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: delete blob %s: %w", id, err)
	}
	return nil
}
