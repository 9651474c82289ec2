package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"bowerbird/index"
	"bowerbird/internal/vec"
	"bowerbird/model"
	"bowerbird/vision"
)

// vectorSet is what an index is built of and asked.
type vectorSet struct {
	dir     string // holds base.f32, queries.f32, truth.i32 and indexes
	metric  index.Metric
	dim, n  int // n rows are indexed; base may hold more, for inserts
	base    []float32
	queries []float32
	truth   []uint32 // vectorK of each query
}

func (s *vectorSet) row(i int) []float32   { return s.base[i*s.dim : (i+1)*s.dim] }
func (s *vectorSet) query(i int) []float32 { return s.queries[i*s.dim : (i+1)*s.dim] }
func (s *vectorSet) asked() int            { return len(s.queries) / max(1, s.dim) }
func (s *vectorSet) spare() int            { return len(s.base)/s.dim - s.n }

func (b *vectorBench) dataName() string {
	if b.Data == "clusters" {
		return fmt.Sprintf("clusters-%dx%d", b.Rows, b.Dim)
	}
	return b.Data
}

// open reads a set of the folder, or makes it.
func (b *vectorBench) open(name string) error {
	dir := filepath.Join(b.Work, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	s := &vectorSet{dir: dir}
	head, err := os.ReadFile(filepath.Join(dir, "shape"))
	if errors.Is(err, fs.ErrNotExist) {
		if err := b.make(s); err != nil {
			return err
		}
	} else if err != nil {
		return err
	} else if _, err := fmt.Sscan(string(head), &s.dim, &s.n, &s.metric); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, "shape"), err)
	} else if s.base, err = readRaw[float32](filepath.Join(dir, "base.f32")); err != nil {
		return err
	} else if s.queries, err = readRaw[float32](filepath.Join(dir, "queries.f32")); err != nil {
		return err
	}
	truth := filepath.Join(dir, "truth.i32")
	if s.truth, err = readRaw[uint32](truth); errors.Is(err, fs.ErrNotExist) {
		all, err := s.exact(b.a, s.n, s.asked(), b.Threads, nil)
		if err != nil {
			return err
		}
		s.truth = all
		if err := writeRaw(truth, s.truth); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	b.set = s
	return nil
}

// make draws, learns or reads the vectors, and writes them.
func (b *vectorBench) make(s *vectorSet) error {
	var err error
	switch b.Data {
	case "clusters":
		s.dim, s.n, s.metric = b.Dim, b.Rows, index.L2
		all := drawClusters(b.a, b.Rows+b.Rows/5+b.Queries, b.Dim)
		at := (b.Rows + b.Rows/5) * b.Dim
		s.base, s.queries = all[:at], all[at:]
	case "gowalla":
		err = b.learnGowalla(s)
	case "pictures":
		err = b.describePictures(s)
	default:
		err = b.readFiles(s)
	}
	if err != nil {
		return err
	}
	if s.asked() < 10 || s.n < 100 {
		return fmt.Errorf("%d vectors and %d queries are too few", s.n, s.asked())
	}
	if err := writeRaw(filepath.Join(s.dir, "base.f32"), s.base); err != nil {
		return err
	}
	if err := writeRaw(filepath.Join(s.dir, "queries.f32"), s.queries); err != nil {
		return err
	}
	if s.truth != nil {
		if err := writeRaw(filepath.Join(s.dir, "truth.i32"), s.truth); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(s.dir, "shape"), fmt.Appendf(nil, "%d %d %d\n", s.dim, s.n, s.metric), 0o644)
}

// drawClusters draws n vectors as learned embeddings lie: a mixture in 24
// dimensions (n/1000 centres, normal; spread .6 around them), mapped linearly to
// dim, with noise of .1 in each. One seed: the same n and dim give the same bits
// on one path of package vec.
func drawClusters(a *app, n, dim int) []float32 {
	const inner, part = 24, 4096
	r := rand.New(rand.NewPCG(20, 26))
	normal := func(n int, scale float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64() * scale)
		}
		return v
	}
	centres, spread := normal(max(1, n/1000)*inner, 1), normal(inner*dim, 1/math.Sqrt(inner))
	out, hidden := make([]float32, 0, n*dim), make([]float32, part*inner)
	for len(out) < n*dim {
		m := min(part, n-len(out)/dim)
		for i := range m {
			c := centres[r.IntN(len(centres)/inner)*inner:]
			for j := range inner {
				hidden[i*inner+j] = c[j] + float32(0.6*r.NormFloat64())
			}
		}
		rows := normal(m*dim, 0.1)
		vec.MatMul(rows, hidden[:m*inner], spread, m, inner, dim)
		out = append(out, rows...)
		a.ui.step("drawing vectors", int64(len(out)/dim), int64(n))
	}
	return out
}

// learnGowalla takes the items' factors of iALS as the vectors and those of people
// as the queries, by inner product: what retrieval asks.
func (b *vectorBench) learnGowalla(s *vectorSet) error {
	lists, err := readLists(filepath.Join(b.Source, "train.txt"))
	if err != nil {
		return err
	}
	items := uint32(0)
	var build model.Builder
	for u, l := range lists {
		for _, i := range l {
			items = max(items, i+1)
			if err := build.Add(uint32(u), i, 1); err != nil {
				return err
			}
		}
	}
	m, err := build.Build(len(lists), int(items))
	if err != nil {
		return err
	}
	b.a.ui.step("iALS on Gowalla", 0, 0)
	got, err := model.IALS{Dim: 64}.Fit(b.a.ctx, m, model.Options{})
	if err != nil {
		return err
	}
	f, ok := got.(*model.Factors)
	if !ok {
		return fmt.Errorf("iALS gave %T", got)
	}
	s.dim, s.metric = f.Dim(), index.InnerProduct
	s.base = f.Vectors()
	s.n = len(s.base) / s.dim
	for u := 0; u < m.Users() && s.asked() < b.Queries; u++ {
		if v, ok := f.FoldIn(nil, m.History(nil, u)); ok {
			s.queries = append(s.queries, v...)
		}
	}
	return nil
}

// describePictures describes every picture of a folder; one in ten is a query, and so is a crop of each other one until
// there are enough.
func (b *vectorBench) describePictures(s *vectorSet) error {
	var paths []string
	err := filepath.WalkDir(b.Source, func(path string, d fs.DirEntry, err error) error {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".jpg", ".jpeg", ".png":
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	vectors := make([][]float32, len(paths))
	var next, failed atomic.Int64
	var all sync.WaitGroup
	for range b.Threads {
		all.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(paths) && b.a.ctx.Err() == nil; i = next.Add(1) - 1 {
				data, err := os.ReadFile(paths[i])
				if err == nil {
					vectors[i], err = vision.Describe(data, vision.Full, vision.Options{})
				}
				if err != nil {
					failed.Add(1)
				}
				b.a.ui.step("describing pictures", i+1, int64(len(paths)))
			}
		})
	}
	all.Wait()
	if n := failed.Load(); n > 0 {
		b.a.ui.say("%d pictures could not be read", n)
	}
	s.metric = index.InnerProduct
	for i, v := range vectors {
		if len(v) == 0 || !vec.Normalize(v) {
			continue
		}
		s.dim = len(v)
		if i%10 == 0 && len(s.queries) < b.Queries*s.dim {
			s.queries = append(s.queries, v...)
		} else {
			s.base = append(s.base, v...)
		}
	}
	if s.dim > 0 {
		s.n = len(s.base) / s.dim
	}
	return b.a.ctx.Err()
}

// exact returns the vectorK nearest of the first n rows to each of the first
// queries: by every distance, and equal ones by the smaller number. admit, where
// not nil, says which rows count. Where fewer count, the rest is ^0.
func (s *vectorSet) exact(a *app, n, queries, threads int, admit func(row int) bool) ([]uint32, error) {
	const block = 1024
	best := make([]*vec.Best, queries)
	for i := range best {
		best[i] = vec.NewBest(vectorK)
	}
	var all sync.WaitGroup
	var done atomic.Int64
	for t := range threads {
		all.Go(func() {
			scores := make([]float32, block)
			mine := best[queries*t/threads : queries*(t+1)/threads]
			for from := 0; from < n && a.ctx.Err() == nil; from += block {
				m := min(block, n-from)
				rows := s.base[from*s.dim : (from+m)*s.dim]
				for i, top := range mine {
					s.metric.Scores(scores[:m], s.query(queries*t/threads+i), rows)
					for j, v := range scores[:m] {
						if top.Full() && v < top.Worst().Score || admit != nil && !admit(from+j) {
							continue
						}
						top.Push(vec.Scored{ID: uint32(from + j), Score: v})
					}
				}
				a.ui.step("exact truth", done.Add(int64(m))/int64(threads), int64(n))
			}
		})
	}
	all.Wait()
	out := make([]uint32, 0, queries*vectorK)
	for _, top := range best {
		ids := top.Sorted()
		for i := range vectorK {
			if i < len(ids) {
				out = append(out, ids[i].ID)
			} else {
				out = append(out, math.MaxUint32)
			}
		}
	}
	return out, a.ctx.Err()
}

// truthOf is exact, kept in the folder under a name.
func (b *vectorBench) truthOf(name string, n, queries int, admit func(row int) bool) ([]uint32, error) {
	path := filepath.Join(b.set.dir, fmt.Sprintf("truth-%s-%d.i32", name, queries))
	if truth, err := readRaw[uint32](path); err == nil && len(truth) == queries*vectorK {
		return truth, nil
	}
	truth, err := b.set.exact(b.a, n, queries, b.Threads, admit)
	if err != nil {
		return nil, err
	}
	return truth, writeRaw(path, truth)
}

// recall is the share of the truth that answers hold; both have vectorK a query.
func recallOf(answers, truth []uint32) float64 {
	hits, all := 0, 0
	for i := 0; i < len(truth); i += vectorK {
		for _, t := range truth[i : i+vectorK] {
			if t == math.MaxUint32 {
				continue
			}
			all++
			if slices.Contains(answers[i:i+vectorK], t) {
				hits++
			}
		}
	}
	return float64(hits) / float64(max(all, 1))
}

func writeRaw[T float32 | uint32 | byte](path string, v []T) error {
	var zero T
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(zero)))
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return errors.New("this command needs a little-endian machine")
	}
	return os.WriteFile(path, b, 0o644)
}

func readRaw[T float32 | uint32](path string) ([]T, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	v := make([]T, len(b)/4)
	return v, binary.Read(bytes.NewReader(b), binary.LittleEndian, v)
}
