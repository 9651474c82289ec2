package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/load"
	"bowerbird/signal/fetch"
)

// imported is what became of one path.
type imported struct {
	Path     string        `json:"path"`
	Report   *load.Report  `json:"report"`
	New      int64         `json:"new"`     // events that the log had not
	Known    int64         `json:"known"`   // events that it had
	Resumed  int64         `json:"resumed"` // records passed over because an earlier run had them in
	Pictures int64         `json:"pictures"`
	Already  bool          `json:"already"`
	Took     time.Duration `json:"took_ns"`
}

// importBatch is how many records are taken in at once, importPictures how many
// of them may have pictures: what is in can be seen while the rest comes.
const (
	importBatch    = 2000
	importPictures = 64
)

// importPath reads a path into the engine. Everything that it acknowledges is
// durable; what an interruption cuts off, the next run takes up. Pictures that are
// named by their address are fetched by f; with nil those items come in without
// one, and the report says so.
func importPath(ctx context.Context, e *engine.Engine, path string, o load.Options, u *ui, f *fetch.Fetcher) (*imported, error) {
	return importWith(ctx, e, path, o, u, &importer{fetch: f})
}

// importDrawn is importPath for items whose pictures are in no file: draw makes
// the bytes of an item's picture. It is called from several goroutines at once.
func importDrawn(ctx context.Context, e *engine.Engine, path string, o load.Options, u *ui, draw func(item string) ([]byte, error)) (*imported, error) {
	return importWith(ctx, e, path, o, u, &importer{draw: draw})
}

func importWith(ctx context.Context, e *engine.Engine, path string, o load.Options, u *ui, im *importer) (*imported, error) {
	start := time.Now()
	if o.Source == "" {
		o.Source = load.Source(path)
	}
	mark, err := openProgress(e, path, o)
	if err != nil {
		return nil, err
	}
	if mark.Done {
		return &imported{Path: path, Report: new(load.Report), Already: true}, nil
	}
	im.ctx, im.e, im.mark, im.ui, im.name, im.out = ctx, e, mark, u, filepath.Base(path), &imported{Path: path}
	o.Progress = func(rows int64) { u.step("reading "+im.name, rows, 0) }
	rep, err := load.Read(ctx, path, o, im.take)
	im.out.Report = rep
	if err == nil {
		err = im.flush()
	}
	for _, r := range im.refused {
		rep.Skip(r)
	}
	rep.Skipped += im.more
	im.out.Took = time.Since(start)
	if err != nil {
		return im.out, errors.Join(err, mark.save())
	}
	if rep.Records == 0 && rep.Skipped > 0 {
		return im.out, fmt.Errorf("%s: none of %s could be used: is it of another form (--format), or are the columns called otherwise (--map)?", path, plural(rep.Rows, "row"))
	}
	mark.Done = true
	return im.out, mark.save()
}

type importer struct {
	ctx     context.Context
	e       *engine.Engine
	mark    *progressFile
	ui      *ui
	name    string
	draw    func(item string) ([]byte, error) // may be nil
	fetch   *fetch.Fetcher                    // may be nil
	out     *imported
	batch   []load.Record
	look    int   // records of the batch with a picture
	at      int64 // records taken, those passed over included
	refused []load.RowError
	more    int64 // refused beyond those kept
}

// take gathers records; those that an earlier run had in are passed over.
func (im *importer) take(r load.Record) error {
	im.at++
	if im.at <= im.mark.Records {
		im.out.Resumed++
		return nil
	}
	im.batch = append(im.batch, r)
	if im.pictured(&r) {
		im.look++
	}
	if len(im.batch) < importBatch && im.look < importPictures {
		return nil
	}
	return im.flush()
}

// pictured tells whether a record comes with a picture.
func (im *importer) pictured(r *load.Record) bool {
	return r.Picture != "" || im.draw != nil && r.Event.Kind == bowerbird.ItemPut
}

func (im *importer) flush() error {
	if len(im.batch) == 0 {
		return im.ctx.Err()
	}
	events, from := im.events()
	for i := 0; i < len(events); i += engine.MaxBatch {
		j := min(i+engine.MaxBatch, len(events))
		results, err := im.e.Ingest(im.ctx, events[i:j])
		if err != nil {
			return err
		}
		for k, r := range results {
			switch {
			case r.Err != nil:
				im.refuse(from[i+k], r.Err)
			case r.Duplicate:
				im.out.Known++
			default:
				im.out.New++
			}
		}
	}
	im.mark.Records, im.mark.Offset = im.at, im.e.Log().Last()
	im.batch, im.look = im.batch[:0], 0
	im.ui.step("importing "+im.name, im.at, 0)
	return im.mark.saveNow()
}

func (im *importer) refuse(r *load.Record, err error) {
	if len(im.refused) >= 10*load.MaxErrors {
		im.more++
		return
	}
	x := load.RowError{File: filepath.Base(r.File), Row: r.Row, Why: err.Error()}
	var inv *bowerbird.Invalid
	var unknown *engine.Unknown
	switch {
	case errors.As(err, &inv):
		x.Field, x.Why = inv.Field, inv.Message
	case errors.As(err, &unknown):
		x.Field, x.Why = unknown.Field, fmt.Sprintf("names %s that was never put", article(unknown.Field))
	}
	im.refused = append(im.refused, x)
}

func article(noun string) string {
	if noun == "item" {
		return "an item"
	}
	return "a " + noun
}

// events completes the batch: pictures are read by all cores at once.
func (im *importer) events() ([]bowerbird.Event, []*load.Record) {
	made := make([][]bowerbird.Event, len(im.batch))
	var work []int
	for i := range im.batch {
		if im.pictured(&im.batch[i]) {
			work = append(work, i)
		} else {
			made[i] = []bowerbird.Event{im.batch[i].Event}
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	hands := 2 * runtime.GOMAXPROCS(0) // twice the cores: half of them wait for the disk
	if im.fetch != nil {
		hands = max(hands, fetchers) // most of them wait for the network
	}
	for range min(hands, len(work)) {
		wg.Go(func() {
			for im.ctx.Err() == nil {
				k := int(next.Add(1)) - 1
				if k >= len(work) {
					return
				}
				r := &im.batch[work[k]]
				ev, err := im.picture(r)
				mu.Lock()
				if err != nil {
					im.refuse(r, err)
				} else {
					im.out.Pictures++
				}
				made[work[k]] = ev
				im.ui.step("looking at pictures of "+im.name, im.out.Pictures, 0)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	var events []bowerbird.Event
	var from []*load.Record
	for i, ev := range made {
		for range ev {
			from = append(from, &im.batch[i])
		}
		events = append(events, ev...)
	}
	return events, from
}

// maxPicture is the largest picture file that is read, in bytes.
const maxPicture = 20 << 20

// picture makes the events of an item with a picture file. If the picture cannot
// be used, the item goes in without it, unless there is nothing else to it.
func (im *importer) picture(r *load.Record) ([]bowerbird.Event, error) {
	ev, err := im.see(r)
	if err == nil {
		return ev, nil
	}
	x := r.Event.ItemDoc
	if r.File == r.Picture || errors.Is(err, context.Canceled) { // a folder of pictures: without it there is no item
		return nil, err
	}
	bare := r.Event
	bare.ItemDoc = x
	return []bowerbird.Event{bare}, err
}

func (im *importer) see(r *load.Record) ([]bowerbird.Event, error) {
	data, err := im.bytes(r)
	if err != nil {
		return nil, err
	}
	_, ev, err := im.e.Pictured(im.ctx, *r.Event.ItemDoc, data)
	if err != nil {
		return nil, err
	}
	for i := range ev {
		ev[i].Time, ev[i].ID = r.Event.Time, r.Event.ID
		if i > 0 {
			ev[i].ID += fmt.Sprintf("-%d", i)
		}
	}
	return ev, nil
}

func (im *importer) bytes(r *load.Record) ([]byte, error) {
	if im.draw != nil {
		return im.draw(r.Event.ItemDoc.ID)
	}
	if load.Address(r.Picture) {
		if im.fetch == nil {
			return nil, &bowerbird.Invalid{Field: "picture", Message: "is an address, and nothing is fetched unless --fetch-pictures is given"}
		}
		data, err := im.fetch.Picture(im.ctx, r.Picture)
		if err != nil && im.ctx.Err() == nil {
			return nil, &bowerbird.Invalid{Field: "picture", Message: err.Error()}
		}
		return data, err
	}
	st, err := os.Stat(r.Picture)
	if err != nil {
		return nil, &bowerbird.Invalid{Field: "picture", Message: "cannot be read: " + errors.Unwrap(err).Error()}
	}
	if st.Size() > maxPicture {
		return nil, &bowerbird.Invalid{Field: "picture", Message: fmt.Sprintf("is larger than %d MiB", maxPicture>>20)}
	}
	data, err := os.ReadFile(r.Picture)
	if err != nil {
		return nil, &bowerbird.Invalid{Field: "picture", Message: "cannot be read"}
	}
	return data, nil
}

// progressFile remembers how far an import came, so that a second run is fast. It
// is a help only: that no row counts twice is the log's doing, by event ids.
//
//	DATA/imports/HASH.json
type progressFile struct {
	path    string
	saved   time.Time
	Path    string `json:"path"`
	Input   string `json:"input"`   // hash of the files' names, sizes and times, and of the options
	Records int64  `json:"records"` // durable
	Offset  uint64 `json:"offset"`  // the log's end when it was written
	Done    bool   `json:"done"`
}

func openProgress(e *engine.Engine, path string, o load.Options) (*progressFile, error) {
	input, err := inputOf(path, o)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name := sha256.Sum256([]byte(abs + "\x00" + o.Source))
	p := &progressFile{path: filepath.Join(string(e.Dir()), "imports", hex.EncodeToString(name[:8])+".json"), Path: abs, Input: input, saved: time.Now()}
	b, err := os.ReadFile(p.path)
	if err != nil {
		return p, nil
	}
	var old progressFile
	if json.Unmarshal(b, &old) != nil || old.Input != input || old.Offset > e.Log().Last() {
		return p, nil // other files, or another log: begin again
	}
	p.Records, p.Offset, p.Done = old.Records, old.Offset, old.Done
	return p, nil
}

// saveEvery bounds how often the file is written while an import runs.
const saveEvery = time.Second

func (p *progressFile) saveNow() error {
	if time.Since(p.saved) < saveEvery {
		return nil
	}
	return p.save()
}

func (p *progressFile) save() error {
	if p.path == "" { // nothing to remember
		return nil
	}
	p.saved = time.Now()
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(p.path+".tmp", b, 0o644); err != nil {
		return err
	}
	return os.Rename(p.path+".tmp", p.path)
}

// inputOf names a state of the input: a change of any file gives another name.
func inputOf(path string, o load.Options) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%v\x00%g\x00%s\x00", o.Format, o.Map, o.Positive, o.Source)
	root := path
	if st, err := os.Stat(path); err != nil {
		return "", err
	} else if !st.IsDir() {
		root = filepath.Dir(path) // what stands beside it may be read too
	}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != root && root != path {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if root == path || p == path || d.Type().IsRegular() {
			fmt.Fprintf(h, "%s\x00%d\x00%d\x00", p, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)[:16]), err
}

// close ends the engine's work: it checkpoints.
func (a *app) close(e *engine.Engine) {
	if err := e.Close(); err != nil {
		a.logs.Error("closing the data folder", "error", err)
	}
}
