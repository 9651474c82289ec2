package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"bowerbird"
)

// Record is one event to be ingested.
type Record struct {
	Event   bowerbird.Event
	Picture string // path or http(s) address of the item's picture, "" if none; the event is an ItemPut
	File    string // where it stood
	Row     int    // from 1; 0 where a row has no number
}

// Options of Read. The zero value works.
type Options struct {
	Format Format // "": found out from the files
	// Source names what is imported; event ids are made from it, so that rows of
	// two sources never collide. "" means the path's last element.
	Source string
	// Map tells which column holds what, field to column ("item": "sku"). A column
	// is a header's name or a number from 1. Fields that are not in it are looked
	// for by their usual names.
	Map map[string]string
	// Positive is the least rating that counts as a save; lower ones become
	// closeups. 0 means 4.
	Positive float64
	// Sort is how many records are sorted in memory; more are sorted on the disk.
	// 0 means 400,000, some 250 MB.
	Sort int
	Temp string // folder of what is sorted on the disk; "" means the system's
	// Progress is called now and then with the number of rows read; may be nil.
	Progress func(rows int64)
}

// RowError says what is wrong with one row.
type RowError struct {
	File  string `json:"file"`
	Row   int    `json:"row"`
	Field string `json:"field,omitempty"`
	Why   string `json:"why"`
}

func (e RowError) Error() string {
	s := e.File
	if e.Row > 0 {
		s += ":" + strconv.Itoa(e.Row)
	}
	if e.Field != "" {
		s += ": " + e.Field
	}
	return s + ": " + e.Why
}

// MaxErrors is how many row errors a report keeps; all are counted.
const MaxErrors = 100

// Report is what Read found.
type Report struct {
	Format  Format         `json:"format"`
	Rows    int64          `json:"rows"`    // read, good and bad
	Records int64          `json:"records"` // yielded
	Skipped int64          `json:"skipped"` // rows left out
	Reasons map[string]int `json:"reasons,omitempty"`
	Errors  []RowError     `json:"errors,omitempty"` // the first of them
	Notes   []string       `json:"notes,omitempty"`
}

// Skip counts a row that is left out, and keeps the first of them.
func (r *Report) Skip(e RowError) {
	r.Skipped++
	if r.Reasons == nil {
		r.Reasons = map[string]int{}
	}
	reason := e.Why
	if e.Field != "" {
		reason = e.Field + ": " + reason
	}
	if _, there := r.Reasons[reason]; !there && len(r.Reasons) >= MaxErrors {
		reason = "other"
	}
	r.Reasons[reason]++
	if len(r.Errors) < MaxErrors {
		r.Errors = append(r.Errors, e)
	}
}

// Read reads what stands at path, a file or a folder, and yields its records in
// order. An error of yield ends it. The report is never nil. Memory: Options.Sort
// records, and a name for each item.
func Read(ctx context.Context, path string, o Options, yield func(Record) error) (*Report, error) {
	rep := new(Report)
	if o.Positive == 0 {
		o.Positive = 4
	}
	if o.Sort <= 0 {
		o.Sort = 400_000
	}
	if o.Source == "" {
		o.Source = Source(path)
	}
	f := o.Format
	if f == "" {
		var err error
		if f, err = Detect(path); err != nil {
			return rep, err
		}
	}
	rep.Format = f
	read, ok := readers[f]
	if !ok {
		return rep, fmt.Errorf("load: %q is no format: choose one of %s", f, strings.Join(Formats(), ", "))
	}
	if err := checkMap(o.Map); err != nil {
		return rep, err
	}
	s := &session{ctx: ctx, o: o, rep: rep, sort: newSorter(o.Sort, o.Temp), since: map[string]int64{}}
	defer s.sort.close()
	if err := read(s, path); err != nil {
		return rep, err
	}
	s.noteUnread()
	err := s.sort.drain(ctx, func(r Record) error {
		rep.Records++
		return yield(r)
	})
	return rep, err
}

// Source is the name that a path is imported under unless another is given.
func Source(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	return strings.TrimSuffix(filepath.Base(abs), ".gz")
}

// session is one Read.
type session struct {
	ctx   context.Context
	o     Options
	rep   *Report
	sort  *sorter
	since map[string]int64      // when a dated item or board begins to be, by 'i' or 'b' and name
	quiet int64                 // time of the last row that told one
	amend func(*bowerbird.Item) // completes items of a table; may be nil
	lost  map[string]int        // keys of items' documents that are not read, with the rows that have them
}

// epoch is where time begins for files that tell none, one second a row:
// 2020-01-01. It is fixed, so that reading again gives the same.
const epoch int64 = 1577836800000

// row counts a row and looks whether to go on.
func (s *session) row() error {
	s.rep.Rows++
	if s.rep.Rows%4096 == 0 {
		if s.o.Progress != nil {
			s.o.Progress(s.rep.Rows)
		}
		return s.ctx.Err()
	}
	return nil
}

func (s *session) bad(file string, row int, field, why string, a ...any) {
	s.rep.Skip(RowError{filepath.Base(file), row, field, fmt.Sprintf(why, a...)})
}

func (s *session) note(format string, a ...any) {
	s.rep.Notes = append(s.rep.Notes, fmt.Sprintf(format, a...))
}

// put checks an event, gives it its id and hands it to the sorter.
func (s *session) put(r Record, dated bool) error {
	e := &r.Event
	if err := e.Validate(); err != nil {
		var inv *bowerbird.Invalid
		if errors.As(err, &inv) {
			s.bad(r.File, r.Row, inv.Field, "%s", inv.Message)
			return nil
		}
		return err
	}
	if e.ID == "" {
		e.ID = s.id(r, dated)
	}
	return s.sort.add(r, s.key(e, dated))
}

// key is where a record is sorted: by its time, but no action before the item and
// the board that it names; what has no time of its own comes first.
func (s *session) key(e *bowerbird.Event, dated bool) int64 {
	switch e.Kind {
	case bowerbird.ItemPut, bowerbird.BoardPut, bowerbird.UserPut:
		if !dated {
			return undated
		}
		switch e.Kind {
		case bowerbird.ItemPut:
			s.since["i"+e.ItemDoc.ID] = e.Time
		case bowerbird.BoardPut:
			s.since["b"+e.BoardDoc.ID] = e.Time
		}
		return e.Time
	}
	key := e.Time
	if t, ok := s.since["i"+e.Item]; ok && e.Item != "" {
		key = max(key, t)
	}
	if t, ok := s.since["b"+e.Board]; ok && e.Board != "" {
		key = max(key, t)
	}
	return key
}

// id follows from the source and what the row says. Rows that tell no time of
// their own are told apart by their place in the file.
func (s *session) id(r Record, dated bool) string {
	h := sha256.New()
	e := &r.Event
	picture := ""
	if r.Picture != "" {
		picture = filepath.Base(r.Picture)
	}
	w := func(parts ...string) {
		for _, p := range parts {
			var n [4]byte
			n[0], n[1], n[2], n[3] = byte(len(p)), byte(len(p)>>8), byte(len(p)>>16), byte(len(p)>>24)
			h.Write(n[:])
			io.WriteString(h, p)
		}
	}
	w("1", s.o.Source, e.Kind.String(), e.User, e.Item, e.Board, e.Subject, e.Topic, e.Query, e.Request,
		strconv.FormatFloat(e.Value, 'g', -1, 64), strconv.Itoa(e.Position), e.Surface.String(), picture)
	switch {
	case e.ItemDoc != nil:
		w(jsonOf(e.ItemDoc))
	case e.BoardDoc != nil:
		w(jsonOf(e.BoardDoc))
	case e.UserDoc != nil:
		w(jsonOf(e.UserDoc))
	case dated:
		w(strconv.FormatInt(e.Time, 10))
	default:
		w(filepath.Base(r.File), strconv.Itoa(r.Row))
	}
	return "import-" + hex.EncodeToString(h.Sum(nil)[:12])
}

// when is the time of a row: its own, else that of the row before it in a file
// with times, else one second for each row.
func (s *session) when(own int64, row int) (t int64, dated bool) {
	if own > 0 {
		s.quiet = own
		return own, true
	}
	if s.quiet > 0 {
		return s.quiet, false
	}
	return epoch + int64(row)*1000, false
}

// rated is the action that a rating stands for: a save from Options.Positive on,
// a closeup below; without a rating a save.
func (s *session) rated(value float64, rated bool) bowerbird.Kind {
	if rated && value < s.o.Positive {
		return bowerbird.Closeup
	}
	return bowerbird.Save
}
