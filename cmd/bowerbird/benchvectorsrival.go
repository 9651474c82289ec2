package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"bowerbird/index"
	"bowerbird/index/hnsw"
	"bowerbird/index/ivf"

	"github.com/RoaringBitmap/roaring/v2"
)

var (
	//go:embed testdata/vectors.py
	vectorsPy string
	//go:embed testdata/hnswlib.cpp
	hnswlibCpp string
)

// rival is an index of this house or of another. Answers are vectorK numbers of
// rows for each query, ^0 where there were fewer.
type rival interface {
	name() string
	// build indexes the first n rows.
	build(n, m, ef, threads int) (cost, error)
	save(path string) error
	load(path string, n int) (bytes int64, err error)
	// search asks queries from..to, one after another on one thread, and returns the
	// processor time that it took. allowed may be nil.
	search(ef, from, to int, allowed *roaring.Bitmap) (cpu time.Duration, answers []uint32, err error)
	close()
}

var errRivalCannot = errors.New("it has no such thing")

// cost is what something took: by the clock, of processors, and in memory that stays.
type cost struct {
	Clock    time.Duration `json:"clock"`
	CPU      time.Duration `json:"cpu"`
	Bytes    int64         `json:"bytes"`    // by its own account, or as Resident
	Resident int64         `json:"resident"` // anonymous memory that the process has more than before
}

// ourIndexes are the rows of this house.
var ourIndexes = []struct {
	name string
	make func(dim int, m index.Metric, links, ef int) (index.Index, error)
	load func(r io.Reader) (index.Index, error)
}{
	{"graph float32", graphOf(hnsw.Float32), loadGraph},
	{"graph int8", graphOf(hnsw.Int8), loadGraph},
	{"graph int8 and half", graphOf(hnsw.Int8Half), loadGraph},
	{"graph int8 only", graphOf(hnsw.Int8Only), loadGraph},
	{"graph bits", graphOf(hnsw.Bits), loadGraph},
	{"ivf 1 bit", ivfOf(1), loadIVF},
	{"ivf 4 bits", ivfOf(4), loadIVF},
}

func graphOf(f hnsw.Form) func(dim int, m index.Metric, links, ef int) (index.Index, error) {
	return func(dim int, m index.Metric, links, ef int) (index.Index, error) {
		return hnsw.New(dim, m, hnsw.Options{Form: f, M: links, EfBuild: ef})
	}
}

func loadGraph(r io.Reader) (index.Index, error) { return hnsw.Load(r) }

func ivfOf(bits int) func(dim int, m index.Metric, _, _ int) (index.Index, error) {
	return func(dim int, m index.Metric, _, _ int) (index.Index, error) {
		return ivf.New(dim, m, ivf.Options{Bits: bits})
	}
}

func loadIVF(r io.Reader) (index.Index, error) { return ivf.Load(r) }

// rivals starts every system that --only asks for, ours first.
func (b *vectorBench) rivals(wants func(name string) bool) []rival {
	var all []rival
	for i, o := range ourIndexes {
		if b.wanted(o.name) && wants(o.name) {
			all = append(all, &ownRival{b: b, which: i})
		}
	}
	start := func(name string, f func() (*peerRival, error)) {
		if !b.wanted(name) || !wants(name) {
			return
		}
		p, err := f()
		if err != nil {
			b.a.ui.say("%s is left out: %v", name, err)
			return
		}
		all = append(all, p)
	}
	if b.Hnswlib != "" {
		start("hnswlib", func() (*peerRival, error) { return b.compiled() })
	} else if b.Peer != "" {
		start("hnswlib", func() (*peerRival, error) { return b.python("hnswlib", "hnswlib") })
	}
	if b.Peer != "" {
		for _, lib := range [][2]string{{"faiss HNSW", "faiss"}, {"usearch", "usearch"}, {"usearch i8", "usearch-i8"}, {"rabitqlib HNSW", "rabitq"}, {"rabitqlib SymQG", "symqg"}, {"glass", "glass"}} {
			start(lib[0], func() (*peerRival, error) { return b.python(lib[0], lib[1]) })
		}
	}
	return all
}

func anyRival(string) bool { return true }

// built starts the rivals and gives each its index: from the folder, or built now.
func (b *vectorBench) built(wants func(string) bool) ([]rival, error) {
	all := b.rivals(wants)
	for i := 0; i < len(all); {
		r := all[i]
		path := b.indexFile(r)
		_, err := os.Stat(path)
		if err == nil {
			b.a.ui.step("loading "+r.name(), 0, 0)
			_, err = r.load(path, b.set.n)
		} else {
			b.a.ui.step("building "+r.name(), 0, 0)
			_, err = b.buildAndKeep(r)
		}
		if err != nil && b.a.ctx.Err() != nil {
			return all, b.a.ctx.Err()
		}
		if err != nil {
			b.a.ui.say("%s is left out: %v", r.name(), err)
			r.close()
			all = append(all[:i], all[i+1:]...)
			continue
		}
		i++
	}
	if len(all) == 0 {
		return nil, errors.New("no system is left")
	}
	return all, nil
}

// buildAndKeep writes the index into the folder, and beside it what building it took.
func (b *vectorBench) buildAndKeep(r rival) (cost, error) {
	c, err := r.build(b.set.n, b.M, b.EfBuild, b.Threads)
	if err != nil {
		return c, err
	}
	path := b.indexFile(r)
	if err := r.save(path); err != nil {
		return c, err
	}
	return c, writeJSON(path+".cost", c)
}

// costOf returns what building an index of the folder took; ok is false where there is none.
func (b *vectorBench) costOf(r rival) (c cost, ok bool, err error) {
	path := b.indexFile(r)
	if _, err := os.Stat(path); err != nil {
		return c, false, nil
	}
	j, err := os.ReadFile(path + ".cost")
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	if err == nil {
		err = json.Unmarshal(j, &c)
	}
	return c, err == nil, err
}

func closeAll(all []rival) {
	for _, r := range all {
		r.close()
	}
}

func (b *vectorBench) indexFile(r rival) string {
	return filepath.Join(b.set.dir, fmt.Sprintf("%s-%d-%d.index", strings.ReplaceAll(r.name(), " ", "-"), b.M, b.EfBuild))
}

// ownRival is an index of this house, in this process.
type ownRival struct {
	b      *vectorBench
	which  int
	x      index.Index
	called bool    // a filter is a function, not a bitmap
	recall float32 // asked for instead of ef
}

func (o *ownRival) name() string {
	switch name := ourIndexes[o.which].name; {
	case o.recall > 0 && o.called:
		return name + fmt.Sprintf(", a function, recall %.2f asked", o.recall)
	case o.recall > 0:
		return name + fmt.Sprintf(", recall %.2f asked", o.recall)
	case o.called:
		return name + ", a function"
	default:
		return name
	}
}

func (o *ownRival) close() { o.x = nil }

func (o *ownRival) build(n, m, ef, threads int) (cost, error) {
	before, held := heap(), resident()
	s, start, cpu := o.b.set, time.Now(), cpuTime()
	x, err := ourIndexes[o.which].make(s.dim, s.metric, m, ef)
	if err != nil {
		return cost{}, err
	}
	if err := putAll(o.b.a, x, s, 0, n, threads); err != nil {
		return cost{}, err
	}
	c := cost{Clock: time.Since(start), CPU: cpuTime() - cpu}
	o.x = x
	c.Bytes, c.Resident = occupied(x, heap()-before), resident()-held
	return c, nil
}

// putAll puts rows from..to under their numbers: by PutMany where an index has it.
func putAll(a *app, x index.Index, s *vectorSet, from, to, threads int) error {
	many, ok := x.(interface {
		PutMany(ids []uint32, rows []float32, threads int) error
	})
	const part = 10_000
	for i := from; i < to; i += part {
		a.ui.step("building", int64(i-from), int64(to-from))
		n := min(part, to-i)
		ids := make([]uint32, n)
		for j := range ids {
			ids[j] = uint32(i + j)
		}
		if ok {
			if err := many.PutMany(ids, s.base[i*s.dim:(i+n)*s.dim], threads); err != nil {
				return err
			}
		}
		for _, id := range ids {
			if ok {
				break
			}
			if err := x.Put(id, s.row(int(id))); err != nil {
				return err
			}
		}
		if err := a.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// occupied is the memory of an index: by its own account where its arrays lie outside
// the heap, else what the heap grew by.
func occupied(x index.Index, grown int64) int64 {
	if own, ok := x.(interface{ Bytes() int64 }); ok {
		return own.Bytes()
	}
	return grown
}

// resident is the anonymous memory of this process, 0 where the system does not tell.
func resident() int64 {
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0
	}
	return kib << 10
}

// heap is the memory in use after a collection; the second finds what cleanups gave back.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func (o *ownRival) save(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(o.x.Save(w), w.Flush(), f.Close())
}

func (o *ownRival) load(path string, _ int) (int64, error) {
	before := heap()
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if o.x, err = ourIndexes[o.which].load(bufio.NewReaderSize(f, 1<<20)); err != nil {
		return 0, err
	}
	return occupied(o.x, heap()-before), nil
}

func (o *ownRival) search(ef, from, to int, allowed *roaring.Bitmap) (time.Duration, []uint32, error) {
	out := make([]uint32, (to-from)*vectorK)
	for i := range out {
		out[i] = ^uint32(0)
	}
	options := index.Options{Ef: ef, Within: allowed}
	if o.called && allowed != nil {
		bits := o.b.bitsOf(allowed)
		options.Within, options.Filter = nil, func(id uint32) bool { return bits[id>>3]>>(id&7)&1 != 0 }
	}
	if o.recall > 0 {
		options.Ef, options.Recall = 0, o.recall
	}
	s, start := o.b.set, cpuTime()
	for q := from; q < to; q++ {
		hits, err := o.x.Search(s.query(q), vectorK, options)
		if err != nil {
			return 0, nil, err
		}
		for i, h := range hits {
			out[(q-from)*vectorK+i] = h.ID
		}
	}
	return cpuTime() - start, out, nil
}

// peerRival is a library of others in a process of its own; the protocol is that of testdata/vectors.py.
type peerRival struct {
	b       *vectorBench
	label   string
	version string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

func (b *vectorBench) python(label, lib string) (*peerRival, error) {
	script := filepath.Join(b.Work, "vectors.py")
	if err := os.WriteFile(script, []byte(vectorsPy), 0o644); err != nil {
		return nil, err
	}
	return b.startPeer(label, b.Peer, script, lib)
}

// compiled builds the C++ program against hnswlib's headers.
func (b *vectorBench) compiled() (*peerRival, error) {
	src, bin := filepath.Join(b.Work, "hnswlib.cpp"), filepath.Join(b.Work, "hnswlib.bin")
	if err := os.WriteFile(src, []byte(hnswlibCpp), 0o644); err != nil {
		return nil, err
	}
	if _, err := os.Stat(bin); err != nil {
		out, err := exec.CommandContext(b.a.ctx, "c++", "-O3", "-march=native", "-std=c++17", "-pthread", "-I"+b.Hnswlib, "-o", bin, src).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("c++: %w: %s", err, lastLine(string(out)))
		}
	}
	return b.startPeer("hnswlib", bin)
}

func (b *vectorBench) startPeer(label, bin string, args ...string) (*peerRival, error) {
	s, metric := b.set, "l2"
	if s.metric != index.L2 {
		metric = "ip"
	}
	args = append(args, metric, fmt.Sprint(s.dim), filepath.Join(s.dir, "base.f32"), filepath.Join(s.dir, "queries.f32"))
	p := &peerRival{b: b, label: label, cmd: exec.CommandContext(b.a.ctx, bin, args...)}
	p.cmd.Stderr = os.Stderr
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("OMP_NUM_THREADS=%d", b.Threads))
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	if !p.out.Scan() {
		p.close()
		return nil, errors.New("it ended at once")
	}
	word, rest, _ := strings.Cut(p.out.Text(), " ")
	if p.version = rest; word != "ready" {
		p.close()
		return nil, errors.New(rest)
	}
	return p, nil
}

func (p *peerRival) name() string { return p.label }

func (p *peerRival) close() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// ask sends a command and reads what it cost.
func (p *peerRival) ask(words ...any) (cost, error) {
	line := strings.TrimSuffix(strings.Repeat("%v\t", len(words)), "\t") + "\n"
	if _, err := fmt.Fprintf(p.in, line, words...); err != nil {
		return cost{}, err
	}
	if !p.out.Scan() {
		return cost{}, fmt.Errorf("%s ended", p.label)
	}
	word, rest, _ := strings.Cut(p.out.Text(), " ")
	if word != "ok" {
		return cost{}, fmt.Errorf("%s: %s", p.label, rest)
	}
	var clock, cpu float64
	var bytes int64
	if _, err := fmt.Sscan(rest, &clock, &bytes, &cpu); err != nil {
		return cost{}, fmt.Errorf("%s answered %q", p.label, p.out.Text())
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return cost{seconds(clock), seconds(cpu), bytes, bytes}, nil
}

func (p *peerRival) build(n, m, ef, threads int) (cost, error) {
	return p.ask("build", n, m, ef, threads)
}

func (p *peerRival) save(path string) error {
	_, err := p.ask("save", path)
	return err
}

func (p *peerRival) load(path string, n int) (int64, error) {
	c, err := p.ask("load", path, n+p.b.set.spare())
	return c.Bytes, err
}

func (p *peerRival) search(ef, from, to int, allowed *roaring.Bitmap) (time.Duration, []uint32, error) {
	filter, answers := "-", filepath.Join(p.b.Work, "answers.i32")
	if allowed != nil {
		filter = filepath.Join(p.b.Work, "allowed.bits")
		if err := writeRaw(filter, p.b.bitsOf(allowed)); err != nil {
			return 0, nil, err
		}
	}
	c, err := p.ask("search", ef, vectorK, from, to, filter, answers)
	if err != nil {
		return 0, nil, err
	}
	ids, err := readRaw[uint32](answers)
	if err == nil && len(ids) != (to-from)*vectorK {
		err = fmt.Errorf("%s answered %d numbers", p.label, len(ids))
	}
	return c.CPU, ids, err
}

// bitsOf is a bit for each row.
func (b *vectorBench) bitsOf(allowed *roaring.Bitmap) []byte {
	bits := make([]byte, (b.set.n+b.set.spare())/8+1)
	for it := allowed.Iterator(); it.HasNext(); {
		id := it.Next()
		bits[id>>3] |= 1 << (id & 7)
	}
	return bits
}
