package postings

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"bowerbird/internal/frame"
)

// A folder holds an index whose segments are read where they lie, by memory mapping:
//
//	index           the manifest: a frame (see internal/frame) of
//	                  string            version of the analyser
//	                  uvarint, strings  names of the fields
//	                  uvarint           documents, and those with a token
//	                  per field         uvarint tokens, uvarint documents that have one
//	                  file              of the dictionary: string name, uvarint size, uvarint checksum of its head
//	                  bytes             documents that hold each term, uvarints in the order of ids
//	                  uvarint n         segments
//	                  per segment       file, then bytes: dead local documents as uvarint distances, the first from −1
//	NNNNNNNN.seg    a segment (segfile.go)
//	NNNNNNNN.dict   the dictionary (segfile.go)
//
// Files but the manifest are never changed; it is replaced at once by renaming. What it does not name is left over from
// a Store that did not end, or from a merge, and is removed by the next.
const (
	manifestName    = "index"
	manifestMagic   = "bbwords"
	manifestVersion = 1
)

// Store writes the index of this moment to a folder, from which Open starts without reading it through. What is there
// already from an earlier Store or Open of the same index is not written again: its cost is that of what is new, of the
// dictionary and of the list of dead documents. From then on the stored segments are mapped and no longer in memory, and
// large merges are written to the folder too. Writes go on meanwhile; two calls at once are made one after the other.
// One index at a time may use a folder.
func (ix *Index) Store(dir string) error {
	ix.storing.Lock()
	defer ix.storing.Unlock()
	if err := ix.store(dir); err != nil {
		return fmt.Errorf("postings: store: %w", err)
	}
	return nil
}

func (ix *Index) store(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if ix.folder() != dir {
		if err := ix.enter(dir); err != nil {
			return err
		}
	}
	ix.mu.Lock()
	ix.flush()
	snap, names, df, stats, top := ix.snap, ix.names, slices.Clone(ix.df), ix.stats, ix.seq
	dict := ix.dictFile
	ix.mu.Unlock()
	if dict.name == "" || ix.dictTerms != len(names) {
		var err error
		dict.name = ix.next(".dict")
		if dict.size, dict.sum, err = writeDict(filepath.Join(dir, dict.name), names); err != nil {
			return err
		}
	}
	files := make([]file, len(snap.segs))
	for i := range snap.segs {
		s := snap.segs[i].segment
		if s.file.name == "" {
			m, err := ix.spill(s, dir, names, false)
			if err != nil {
				return err
			}
			ix.swap(s, m)
			s = m
		}
		files[i] = s.file
	}
	if err := writeManifest(dir, &ix.o, stats, dict, df, snap.segs, files); err != nil {
		return err
	}
	ix.mu.Lock()
	ix.dictFile, ix.dictTerms = dict, len(names)
	ix.mu.Unlock()
	runtime.KeepAlive(&snap)
	return ix.sweep(dir, dict, files, top)
}

// folder is where segments are stored, or "".
func (ix *Index) folder() string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.dir
}

// enter makes dir the index's folder. Segments that lie in another are written anew; another index that stood here
// stands until the manifest is replaced.
func (ix *Index) enter(dir string) error {
	left, err := ours(dir)
	if err != nil {
		return err
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for _, name := range left {
		ix.seq = max(ix.seq, sequence(name))
	}
	segs := slices.Clone(ix.snap.segs)
	for i := range segs {
		if segs[i].file.name != "" {
			c := *segs[i].segment
			c.file, c.under = file{}, segs[i].segment
			segs[i].segment = &c
		}
	}
	ix.snap.segs, ix.dir, ix.dictFile = segs, dir, file{}
	return nil
}

// next names a new file.
func (ix *Index) next(suffix string) string {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.seq++
	return fmt.Sprintf("%08d%s", ix.seq, suffix)
}

// spill writes a segment and returns it mapped. While merging, its file is kept though no snapshot has it yet.
func (ix *Index) spill(s *segment, dir string, names []string, merging bool) (*segment, error) {
	f := file{name: ix.next(".seg")}
	if merging {
		ix.mu.Lock()
		ix.spilling = f.name
		ix.mu.Unlock()
	}
	path := filepath.Join(dir, f.name)
	var err error
	if f.size, f.sum, err = s.write(path); err != nil {
		return nil, err
	}
	m, err := openSegment(path, f, len(ix.o.Fields), len(names), true)
	if err != nil {
		return nil, err
	}
	m.id = s.id
	return m, nil
}

// swap puts the mapped segment in the place of the same one in memory.
func (ix *Index) swap(s, mapped *segment) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	segs := slices.Clone(ix.snap.segs)
	for i := range segs {
		if segs[i].segment == s {
			segs[i].segment = mapped
		}
	}
	ix.snap.segs = segs
}

// ours lists the files of a folder that have our names.
func ours(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if sequence(e.Name()) > 0 {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// sequence is the number in a file's name, 0 if it is none of ours.
func sequence(name string) uint64 {
	var n uint64
	stem, ok := strings.CutSuffix(name, ".seg")
	if !ok {
		stem, ok = strings.CutSuffix(name, ".dict")
	}
	if !ok || len(stem) < 8 {
		return 0
	}
	for _, c := range stem {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + uint64(c-'0')
	}
	return n
}

// sweep removes files up to number top that the manifest does not name. Mapped ones stay readable until they are let go.
func (ix *Index) sweep(dir string, dict file, files []file, top uint64) error {
	keep := map[string]bool{dict.name: true}
	for _, f := range files {
		keep[f.name] = true
	}
	ix.mu.RLock()
	keep[ix.spilling] = true
	for _, s := range ix.snap.segs {
		keep[s.file.name] = true
	}
	ix.mu.RUnlock()
	all, err := ours(dir)
	if err != nil {
		return err
	}
	for _, name := range all {
		if !keep[name] && sequence(name) <= top {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func writeManifest(dir string, o *Options, st stats, dict file, df []uint32, segs []liveSegment, files []file) (err error) {
	path := filepath.Join(dir, manifestName)
	out, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	f := frame.NewWriter(out, manifestMagic, manifestVersion)
	f.String(o.Analyzer)
	f.Int(len(o.Fields))
	for _, fd := range o.Fields {
		f.String(fd.Name)
	}
	f.Int(st.docs)
	f.Int(st.scored)
	for i := range o.Fields {
		f.Uvarint(st.total[i])
		f.Int(st.having[i])
	}
	putFile(f, dict)
	var b []byte
	for _, n := range df {
		b = binary.AppendUvarint(b, uint64(n))
	}
	f.Bytes(b)
	f.Int(len(segs))
	for i := range segs {
		putFile(f, files[i])
		b, prev := b[:0], uint32(noDoc)
		segs[i].dead.each(func(local uint32) {
			b = binary.AppendUvarint(b, uint64(local-prev))
			prev = local
		})
		f.Bytes(b)
	}
	err = f.Close()
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the renaming last. Some systems cannot; then nothing is lost but the newest Store.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

func putFile(f *frame.Writer, x file) {
	f.String(x.name)
	f.Uvarint(uint64(x.size))
	f.Uvarint(uint64(x.sum))
}

// each calls f with every dead document.
func (t *tombstones) each(f func(local uint32)) {
	for p, page := range t.pages {
		if page == nil {
			continue
		}
		for i, w := range page {
			for ; w != 0; w &= w - 1 {
				f(uint32(p*pageDocs + i*64 + bits.TrailingZeros64(w)))
			}
		}
	}
}

// Open opens the folder of a Store. Segments are mapped: the system reads what searches need and may forget it again,
// so that an index may be larger than memory. In memory are the names and counts of terms and what is written from now
// on. Weights and other numbers come from o; fields and analyser must be those that were stored.
//
// Every checksum is compared, which reads the folder once; with Options.Trust those of postings, positions and forward
// lists are left out. A damaged folder is ErrCorrupt.
func Open(dir string, o Options) (*Index, error) {
	ix, err := New(o)
	if err != nil {
		return nil, err
	}
	if err := ix.open(dir); err != nil {
		return nil, fmt.Errorf("postings: open: %w", err)
	}
	return ix, nil
}

func (ix *Index) open(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return err
	}
	// The frame compares it as well, but only at the end, and damage is not to look like other fields.
	if n := len(b) - 4; n < 8 || crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return fmt.Errorf("%w: checksum of %s", ErrCorrupt, manifestName)
	}
	f, err := frame.NewReader(bytes.NewReader(b), manifestMagic, manifestVersion)
	if err != nil {
		return err
	}
	l := loader{f: f, ix: ix}
	if err := l.header(); err != nil {
		return err
	}
	st := stats{docs: f.Int(), scored: f.Int()}
	for i := range ix.o.Fields {
		st.total[i], st.having[i] = f.Uvarint(), f.Int()
	}
	dict := l.file(".dict")
	df := f.Bytes()
	n := f.Int()
	if f.Err() != nil || n > 1<<20 {
		return l.bad("%d segments", n)
	}
	var files []file
	var dead [][]byte
	for range n {
		files, dead = append(files, l.file(".seg")), append(dead, slices.Clone(f.Bytes()))
		if err := f.Err(); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, x := range append([]file{dict}, files...) {
		if sequence(x.name) == 0 {
			return l.bad("file %q", x.name)
		}
		ix.seq = max(ix.seq, sequence(x.name))
	}
	if ix.names, ix.base, err = openDict(filepath.Join(dir, dict.name), dict, ix); err != nil {
		return err
	}
	ix.baseTerms = len(ix.names)
	ix.df = make([]uint32, len(ix.names))
	for i := range ix.df {
		x, w := binary.Uvarint(df)
		if w <= 0 || x > uint64(st.docs) {
			return l.bad("documents of term %d", i)
		}
		ix.df[i], df = uint32(x), df[w:]
	}
	live := 0
	for i, x := range files {
		s, err := openSegment(filepath.Join(dir, x.name), x, len(ix.o.Fields), len(ix.names), ix.o.Trust)
		if err != nil {
			return err
		}
		ls := liveSegment{segment: s}
		if ls.dead, err = l.tombstones(dead[i], len(s.docs)); err != nil {
			return err
		}
		ix.number(s)
		live += ls.size()
		ix.snap.segs = append(ix.snap.segs, ls)
	}
	if live != st.docs {
		return l.bad("%d documents instead of %d", live, st.docs)
	}
	ix.stats, ix.dir, ix.dictFile, ix.dictTerms = st, dir, dict, len(ix.names)
	return nil
}

func (l *loader) file(suffix string) file {
	x := file{name: l.f.String(), size: int64(l.f.Uvarint() & (1<<62 - 1)), sum: uint32(l.f.Uvarint())}
	if !strings.HasSuffix(x.name, suffix) {
		x.name = ""
	}
	return x
}

func (l *loader) tombstones(b []byte, docs int) (t tombstones, err error) {
	if len(b) == 0 {
		return t, nil
	}
	t.pages = make([]*[64]uint64, (docs+pageDocs-1)/pageDocs)
	local := int64(-1)
	for len(b) > 0 {
		d, w := binary.Uvarint(b)
		if w <= 0 || d == 0 || d > uint64(docs) || local+int64(d) >= int64(docs) {
			return t, l.bad("dead documents")
		}
		local, b = local+int64(d), b[w:]
		p := &t.pages[local/pageDocs]
		if *p == nil {
			*p = new([64]uint64)
		}
		(*p)[local%pageDocs/64] |= 1 << (local % 64)
		t.n++
	}
	return t, nil
}
