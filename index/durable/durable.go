package durable

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"bowerbird/index"
)

// Options say what index a folder holds. New and Load are needed.
type Options struct {
	New  func() (index.Index, error)
	Load func(io.Reader) (index.Index, error)
	// TailBytes is the length of the tail at which a checkpoint is written; 0 means 256 MiB.
	TailBytes int64
	// CompactAfter is how many vectors must be deleted or replaced until an index that can be compacted is, behind
	// what goes on, and a checkpoint written. 0 means a quarter of what it holds, and 10,000 at least;
	// below 0: never.
	CompactAfter int
	// NoSync acknowledges what the operating system has taken: it survives the end of the
	// process, and not that of the machine.
	NoSync bool
}

// Index is an index in a folder. Any number of goroutines may use it at once, one process a
// folder. Once a write to the folder has failed, every later one is refused with that error, since
// what the file then holds is not known; searches go on.
type Index struct {
	dir string
	o   Options
	x   index.Index

	mu     sync.Mutex // orders writes: what is in the tail is in the index
	gen    uint64
	tail   *tail
	failed error
	gone   int  // deleted or replaced since the last compaction
	behind bool // whether a compaction goes on behind

	stop    context.CancelFunc // of what goes on behind
	stopped context.Context
	works   sync.WaitGroup

	syncing sync.Mutex // held by who calls fsync for all that wait
}

// Open opens the folder, making it if it is not there: the newest checkpoint is loaded and its
// tail replayed. A last write that was cut by a crash is dropped, as it was not acknowledged;
// anything else that is damaged is index.ErrCorrupt.
func Open(dir string, o Options) (*Index, error) {
	if o.New == nil || o.Load == nil {
		return nil, errors.New("durable: Options.New and Load are needed")
	}
	if o.TailBytes <= 0 {
		o.TailBytes = 256 << 20
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("durable: %w", err)
	}
	d := &Index{dir: dir, o: o}
	d.stopped, d.stop = context.WithCancel(context.Background())
	if err := d.open(); err != nil {
		return nil, fmt.Errorf("durable: %s: %w", dir, err)
	}
	return d, nil
}

func (d *Index) open() error {
	gen, found, err := newest(d.dir)
	if err != nil {
		return err
	}
	if !found {
		if d.x, err = d.o.New(); err != nil {
			return err
		}
		return d.begin(1)
	}
	if d.x, err = d.load(gen); err != nil {
		return fmt.Errorf("index.%d: %w", gen, err)
	}
	d.gen = gen
	if d.tail, err = openTail(d.path("tail", gen), gen, d.x.Dim(), d.apply); err != nil {
		return fmt.Errorf("tail.%d: %w", gen, err)
	}
	return d.clean()
}

func (d *Index) path(what string, gen uint64) string {
	return filepath.Join(d.dir, what+"."+strconv.FormatUint(gen, 10))
}

// newest returns the greatest generation that has a checkpoint.
func newest(dir string) (gen uint64, found bool, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, false, err
	}
	for _, e := range entries {
		if n, ok := strings.CutPrefix(e.Name(), "index."); ok {
			if g, err := strconv.ParseUint(n, 10, 64); err == nil && g >= gen {
				gen, found = g, true
			}
		}
	}
	return gen, found, nil
}

func (d *Index) load(gen uint64) (index.Index, error) {
	f, err := os.Open(d.path("index", gen))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	x, err := d.o.Load(r)
	if err != nil {
		return nil, err
	}
	if _, err := r.ReadByte(); err != io.EOF {
		return nil, fmt.Errorf("more follows than was saved: %w", index.ErrCorrupt)
	}
	return x, nil
}

// apply does what a record of the tail says.
func (d *Index) apply(op byte, id uint32, v []float32) error {
	if op == opDelete {
		d.x.Delete(id)
		return nil
	}
	return d.x.Put(id, v)
}

// begin writes a checkpoint and an empty tail as generation gen, and turns to it.
func (d *Index) begin(gen uint64) error {
	t, err := newTail(d.path("tail", gen), gen)
	if err != nil {
		return err
	}
	temporary := d.path("saving", gen)
	err = writeFile(temporary, d.x.Save)
	if err == nil {
		err = os.Rename(temporary, d.path("index", gen))
	}
	if err == nil {
		err = syncDir(d.dir)
	}
	if err != nil {
		return errors.Join(err, t.close())
	}
	if d.tail != nil {
		err = d.tail.close()
	}
	d.gen, d.tail = gen, t
	return errors.Join(err, d.clean())
}

// clean removes what is of no generation but the present one.
func (d *Index) clean() error {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		what, n, _ := strings.Cut(e.Name(), ".")
		g, err := strconv.ParseUint(n, 10, 64)
		if err != nil || g == d.gen && what != "saving" || what != "index" && what != "tail" && what != "saving" {
			continue
		}
		if err := os.Remove(filepath.Join(d.dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, save func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = save(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
