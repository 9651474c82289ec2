package postingsbench

import (
	"os"
	"runtime"
	"time"

	"bowerbird/index/postings"
)

// Grown says what an index of some size costs that lies in a folder, its segments mapped.
type Grown struct {
	Docs     int
	Build    time.Duration // Put, merges and storing, without drawing titles
	Folder   int64         // bytes of the files in use
	Heap     int64         // bytes of live memory that the index added
	Segments int
	Took     []Took // of each kind, one thread
}

// Grow puts docs titles into an index whose folder is dir, which must be empty, waits until no merge is due, and asks
// the queries of every kind: n each, or as many as 1,000,000,000 / docs where that is less, since they take longer then.
func Grow(t *Titles, docs, n int, dir string) (g Grown, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ix, err := postings.New(Options())
	if err != nil {
		return g, err
	}
	defer ix.Close()
	x := &Index{Index: ix, groups: make([]uint8, docs)}
	g.Docs = docs
	clock := func(f func() error) {
		start := time.Now()
		if err == nil {
			err = f()
		}
		g.Build += time.Since(start)
	}
	clock(func() error { return ix.Store(dir) }) // from now on merges go there
	if err := x.putAll(t, docs, &g.Build); err != nil {
		return g, err
	}
	clock(func() error { ix.WaitMerges(); return ix.Store(dir) })
	if err != nil {
		return g, err
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	g.Heap = int64(after.HeapAlloc) - int64(before.HeapAlloc) - int64(docs) // less the groups
	g.Segments = ix.Stats().Segments
	if g.Folder, err = folderBytes(dir); err != nil {
		return g, err
	}
	for _, kind := range Kinds {
		queries := t.Queries(kind, max(20, min(n, 1_000_000_000/docs)), docs)
		for range 2 { // the first warms up
			took, err := x.Run(queries, 1)
			if err != nil {
				return g, err
			}
			if len(g.Took) > 0 && g.Took[len(g.Took)-1].Kind == kind {
				g.Took = g.Took[:len(g.Took)-1]
			}
			g.Took = append(g.Took, took)
		}
	}
	return g, nil
}

func folderBytes(dir string) (n int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		st, err := e.Info()
		if err != nil {
			return 0, err
		}
		n += st.Size()
	}
	return n, nil
}
