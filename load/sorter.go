package load

import (
	"bufio"
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"bowerbird"
)

// undated is the key of documents that tell no time: they come first.
const undated = math.MinInt64

// sorter orders records by key, then by arrival. Up to limit records are sorted
// in memory; beyond, sorted runs are written to temporary files and merged.
type sorter struct {
	limit int
	temp  string
	mem   []entry
	seq   uint64
	runs  []*os.File
	least int64 // earliest key that is a time
}

type entry struct {
	Key int64
	Seq uint64
	Rec Record
}

func newSorter(limit int, temp string) *sorter {
	return &sorter{limit: limit, temp: temp, least: math.MaxInt64}
}

func (s *sorter) add(r Record, key int64) error {
	if key != undated {
		s.least = min(s.least, key)
	}
	s.seq++
	s.mem = append(s.mem, entry{key, s.seq, r})
	if len(s.mem) >= s.limit {
		return s.spill()
	}
	return nil
}

func compare(a, b entry) int {
	if c := cmp.Compare(a.Key, b.Key); c != 0 {
		return c
	}
	return cmp.Compare(a.Seq, b.Seq)
}

// spill writes the sorted memory as JSON lines.
func (s *sorter) spill() error {
	slices.SortFunc(s.mem, compare)
	f, err := os.CreateTemp(s.temp, "bowerbird-sort-*")
	if err != nil {
		return fmt.Errorf("load: sort on the disk: %w", err)
	}
	s.runs = append(s.runs, f)
	w := bufio.NewWriterSize(f, 1<<20)
	enc := json.NewEncoder(w)
	for i := range s.mem {
		if err := enc.Encode(&s.mem[i]); err != nil {
			return fmt.Errorf("load: sort on the disk: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("load: sort on the disk: %w", err)
	}
	clear(s.mem)
	s.mem = s.mem[:0]
	return nil
}

// drain yields everything in order. Documents without a time get that of the
// earliest action, so that an imported history keeps its own clock.
func (s *sorter) drain(ctx context.Context, yield func(Record) error) error {
	give := func(e *entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.Key == undated && e.Rec.Event.Time == 0 && s.least != math.MaxInt64 {
			e.Rec.Event.Time = s.least
		}
		return yield(e.Rec)
	}
	slices.SortFunc(s.mem, compare)
	if len(s.runs) == 0 {
		for i := range s.mem {
			if err := give(&s.mem[i]); err != nil {
				return err
			}
			s.mem[i].Rec = Record{Event: bowerbird.Event{}}
		}
		return nil
	}
	if len(s.mem) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	return s.merge(give)
}

func (s *sorter) merge(give func(*entry) error) error {
	var h runs
	for _, f := range s.runs {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("load: sort on the disk: %w", err)
		}
		r := &run{dec: json.NewDecoder(bufio.NewReaderSize(f, 1<<18))}
		if ok, err := r.next(); err != nil {
			return err
		} else if ok {
			h = append(h, r)
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		r := h[0]
		if err := give(&r.head); err != nil {
			return err
		}
		ok, err := r.next()
		if err != nil {
			return err
		}
		if ok {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return nil
}

func (s *sorter) close() {
	for _, f := range s.runs {
		f.Close()
		os.Remove(f.Name())
	}
}

type run struct {
	dec  *json.Decoder
	head entry
}

func (r *run) next() (bool, error) {
	r.head = entry{}
	err := r.dec.Decode(&r.head)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load: sort on the disk: %w", err)
	}
	return true, nil
}

type runs []*run

func (h runs) Len() int           { return len(h) }
func (h runs) Less(i, j int) bool { return compare(h[i].head, h[j].head) < 0 }
func (h runs) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runs) Push(x any)        { *h = append(*h, x.(*run)) }
func (h *runs) Pop() any {
	old := *h
	r := old[len(old)-1]
	*h = old[:len(old)-1]
	return r
}
