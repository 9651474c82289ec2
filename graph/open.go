package graph

import (
	"fmt"
	"io"
	"os"
	"unsafe"
)

// Open opens a checkpoint file without reading it into memory of its own: the rows are the file's pages, mapped, which all
// processes share and the system may drop and read again. With Options.Copy they are copied, which doubles what a start costs and
// makes walks faster by huge pages; where files cannot be mapped, Open does that anyway.
//
// Before it returns it has checked every byte by its checksum, on all processors, and every offset, run, neighbour and weight for
// its range; what is refused matches ErrCorrupt. It leaves to Verify what only a faulty writer can have got wrong. The file must
// not change while it is open: replace it by a rename. Close gives the mapping back.
func Open(path string, o Options) (*Graph, error) {
	g, err := New(o)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("graph: open checkpoint: %w", err)
	}
	defer f.Close()
	if err := g.open(f); err != nil {
		_ = g.Close()
		return nil, fmt.Errorf("graph: open checkpoint %s: %w", path, err)
	}
	return g, nil
}

func (g *Graph) open(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	l, err := readLayout(io.NewSectionReader(f, 0, info.Size()), g.opt)
	if err != nil {
		return err
	}
	switch size := l.front + l.body; {
	case uint64(info.Size()) < size:
		return corrupt("cut short: %d bytes of %d", info.Size(), size)
	case uint64(info.Size()) > size:
		return corrupt("%d bytes behind its end", uint64(info.Size())-size)
	}
	var body []byte
	if !g.opt.Copy && littleEndian {
		if g.mapped, err = mapFile(f, int(info.Size())); err != nil && err != errNoMap {
			return err
		}
	}
	if g.mapped != nil {
		body = g.mapped[l.front:]
	} else {
		room := column[uint64](int(l.body / 8))
		body = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(room))), 8*len(room))
	}
	err = inParts(len(l.sums), func(from, to int) error {
		for i := from; i < to; i++ {
			at := i * blockSize
			b := body[at:min(at+blockSize, len(body))]
			if g.mapped == nil {
				if _, err := f.ReadAt(b, int64(l.front)+int64(at)); err != nil {
					return err
				}
			}
			if err := l.verify(b, i, i+1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	g.st, err = l.state(body)
	return err
}

// Close unmaps the file of a graph that Open has made; after it neither the graph nor any of its snapshots may be used. Other graphs
// need no Close.
func (g *Graph) Close() error {
	g.mergeMu.Lock() // a merge reads the rows
	defer g.mergeMu.Unlock()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.st = newState()
	g.snap.Store(nil)
	b := g.mapped
	if g.mapped = nil; b == nil {
		return nil
	}
	if err := unmapFile(b); err != nil {
		return fmt.Errorf("graph: close: %w", err)
	}
	return nil
}
