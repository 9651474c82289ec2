package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"bowerbird/vision"
)

// classed is a picture file in a folder that is named for its class.
type classed struct {
	name, class string
	data        []byte
}

// readClassed reads split/class/file of a folder or of a .tar.zst, by name.
func readClassed(path, split string) ([]classed, error) {
	var out []classed
	keep := func(name string, r io.Reader) error {
		parts := strings.Split(filepath.ToSlash(name), "/")
		if n := len(parts); n < 3 || parts[n-3] != split || !strings.HasSuffix(name, ".jpg") {
			return nil
		}
		data, err := io.ReadAll(io.LimitReader(r, 20<<20))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, classed{name, parts[len(parts)-2], data})
		return nil
	}
	read := readFolder
	if strings.HasSuffix(path, ".tar.zst") {
		read = readArchive
	}
	if err := read(path, keep); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no pictures under %s/CLASS/", path, split)
	}
	slices.SortFunc(out, func(a, b classed) int { return strings.Compare(a.name, b.name) })
	return out, nil
}

func readFolder(path string, keep func(string, io.Reader) error) error {
	return filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		return keep(p, f)
	})
}

func readArchive(path string, keep func(string, io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer z.Close()
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := keep(h.Name, t); err != nil {
			return err
		}
	}
}

// decoded are pictures with the numbers of their classes.
type decoded struct {
	pictures []*vision.Picture
	class    []int
}

// decodeAll decodes pictures side by side; classes are numbered by name.
func decodeAll(ctx context.Context, files []classed) (*decoded, error) {
	var names []string
	for _, f := range files {
		names = append(names, f.class)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	d := &decoded{make([]*vision.Picture, len(files)), make([]int, len(files))}
	err := each(ctx, len(files), func(i int) (err error) {
		d.class[i], _ = slices.BinarySearch(names, files[i].class)
		if d.pictures[i], err = vision.Decode(files[i].data, vision.Options{}); err != nil {
			return fmt.Errorf("%s: %w", files[i].name, err)
		}
		return nil
	})
	return d, err
}

// each runs do for 0..n-1 on all cores.
func each(ctx context.Context, n int, do func(i int) error) error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	next := 0
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := failed != nil || i >= n
				mu.Unlock()
				if stop {
					return
				}
				err := ctx.Err()
				if err == nil {
					err = do(i)
				}
				if err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					return
				}
			}
		})
	}
	wg.Wait()
	return failed
}

// tiled gives a learned encoder the pictures to learn from.
type tiled []*vision.Picture

func (t tiled) Len() int { return len(t) }

func (t tiled) Tile(i, side int) ([]byte, error) { return t[i].Tile(vision.Full, side) }

func readFiles(paths []string) ([]classed, error) {
	var out []classed
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		out = append(out, classed{p, "", data})
	}
	return out, nil
}
