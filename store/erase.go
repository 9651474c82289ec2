package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"bowerbird"
	"bowerbird/text"
)

// Erasure
//
// A UserErase event at offset E says that the person of that name is to be
// forgotten. Forget rewrites every record up to E that names the person or a
// board of theirs (the boards whose owner they are at E), in one atomic batch:
//
//   - what they did, their profile, their boards with the saves on them, and
//     follows and mutes of them or of their boards become Erased records;
//   - items, and boards that belong to somebody else by E, stay, with the name
//     taken out.
//
// Where the name took a dense number, a mark takes it instead: "\x00E" for the
// person, "\x00E/k" for the k-th of the boards. The catalogue numbers marks like
// names and resolves none of them, so a replay of the rewritten log gives
// everyone else the number that they had. An Erased record keeps just that:
// User and Subject, the people in the order in which the event named them, and
// Board, if it was a board's put. Who comes back under the same name after E is
// a new person.
//
// A SearchForget event at E takes less: the person's Search records up to E that ask
// for its Query, all of them if that is empty, become Erased records under the
// person's own name, as does the event itself; on other records of theirs the same
// words are taken out of Query.
//
// Then the old bytes are swept: the write-ahead log is rotated and the old files
// removed, the range of keys is compacted so that no table holds an older
// version, and the obsolete tables are waited for. A key 'x' before and 'y'
// after the batch lets the next open go on where a crash interrupted this.

// mark begins every name that stands for somebody erased.
const mark = "\x00"

func marked(name string) bool { return name != "" && name[0] == 0 }

func userMark(e uint64) string { return mark + strconv.FormatUint(e, 10) }
func boardMark(e uint64, k int) string {
	return mark + strconv.FormatUint(e, 10) + "/" + strconv.Itoa(k)
}

// people are the fields of e that name persons, in the order in which the
// catalogue numbers them.
func people(e *bowerbird.Event) (first, second *string) {
	switch {
	case e.Kind == bowerbird.ItemPut && e.ItemDoc != nil:
		return &e.User, &e.ItemDoc.Owner
	case e.Kind == bowerbird.BoardPut && e.BoardDoc != nil:
		return &e.User, &e.BoardDoc.Owner
	case e.Kind == bowerbird.UserPut && e.UserDoc != nil:
		return &e.User, &e.UserDoc.ID
	}
	return &e.User, &e.Subject
}

// Erase is in Log.
func (l *PebbleLog) Erase(ctx context.Context, user string) (uint64, error) {
	if user == "" {
		return 0, &bowerbird.Invalid{Field: "user", Message: "is missing"}
	}
	out, err := l.Append(ctx, []bowerbird.Event{{Kind: bowerbird.UserErase, User: user}})
	if err != nil {
		return 0, err
	}
	return out[0].Offset, l.Forget(ctx)
}

// Forget is in Log. Cost: two scans of the log up to the erasure, however many
// people are erased at once, and a compaction of the tables that hold them.
func (l *PebbleLog) Forget(ctx context.Context) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.readers.Done()
	l.forget.Lock()
	defer l.forget.Unlock()
	asked, err := l.keys('x')
	if err != nil {
		return err
	}
	if len(asked) > 0 {
		if err := l.rewrite(ctx, asked); err != nil {
			return fmt.Errorf("store: erase: %w", err)
		}
	}
	unswept, err := l.keys('y')
	if err != nil || len(unswept) == 0 {
		return err
	}
	if err := l.sweep(ctx, unswept); err != nil {
		return fmt.Errorf("store: erase: %w", err)
	}
	return nil
}

// keys returns the numbers of all keys with that prefix, ascending.
func (l *PebbleLog) keys(prefix byte) (out []uint64, err error) {
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: []byte{prefix}, UpperBound: []byte{prefix + 1}})
	if err != nil {
		return nil, reading(err)
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		out = append(out, binary.BigEndian.Uint64(it.Key()[1:]))
	}
	return out, reading(it.Error())
}

// leaving is a name and the mark that it leaves on records up to an offset.
type leaving struct {
	until uint64
	mark  string
}

// plan is who leaves, and which searches. Lists are ascending: a name may have left before.
type plan struct {
	users, boards map[string][]leaving
	searches      map[string][]search
}

// search is what a person searched for up to an offset; words "" stand for everything.
type search struct {
	until uint64
	words string // SearchKey
}

// SearchKey is what two searches for the same have in common: the words without
// case, accents and odd spaces.
func SearchKey(query string) string { return strings.Join(strings.Fields(text.Fold(query)), " ") }

// forgets tells whether a person wants a query forgotten that is at offset.
func (p *plan) forgets(user string, offset uint64, query string) bool {
	list := p.searches[user]
	if user == "" || query == "" || len(list) == 0 {
		return false
	}
	key := SearchKey(query)
	return slices.ContainsFunc(list, func(s search) bool { return offset <= s.until && (s.words == "" || s.words == key) })
}

func at(list []leaving, offset uint64) string {
	for _, x := range list {
		if offset <= x.until {
			return x.mark
		}
	}
	return ""
}

// planned reads the log up to the last erasure asked for and finds whose boards are whose.
func (l *PebbleLog) planned(ctx context.Context, asked []uint64) (*plan, error) {
	type board struct {
		order uint64
		owner string
	}
	p := &plan{map[string][]leaving{}, map[string][]leaving{}, map[string][]search{}}
	boards := map[string]board{}
	err := l.scanAll(ctx, asked[len(asked)-1], func(offset uint64, e *bowerbird.Event) error {
		switch e.Kind {
		case bowerbird.BoardPut:
			if e.BoardDoc == nil || e.BoardDoc.ID == "" {
				return nil
			}
			b, ok := boards[e.BoardDoc.ID]
			if !ok {
				b.order = offset
			}
			b.owner = e.BoardDoc.Owner
			boards[e.BoardDoc.ID] = b
		case bowerbird.SearchForget:
			if _, ok := slices.BinarySearch(asked, offset); ok {
				p.searches[e.User] = append(p.searches[e.User], search{offset, SearchKey(e.Query)})
			}
		case bowerbird.UserErase:
			if _, ok := slices.BinarySearch(asked, offset); !ok {
				return nil
			}
			p.users[e.User] = append(p.users[e.User], leaving{offset, userMark(offset)})
			var theirs []string
			for name, b := range boards {
				if b.owner == e.User {
					theirs = append(theirs, name)
				}
			}
			slices.SortFunc(theirs, func(x, y string) int {
				if boards[x].order < boards[y].order {
					return -1
				}
				return 1
			})
			for i, name := range theirs {
				p.boards[name] = append(p.boards[name], leaving{offset, boardMark(offset, i+1)})
				delete(boards, name)
			}
		}
		return nil
	})
	return p, err
}

// scanAll scans what is logged, also before start has opened the log to readers.
func (l *PebbleLog) scanAll(ctx context.Context, to uint64, fn func(uint64, *bowerbird.Event) error) error {
	for from := uint64(1); from <= to; from += scanChunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.scan(from, min(to, from+scanChunk-1), fn); err != nil {
			return err
		}
	}
	return nil
}

// rewrite replaces the records of everyone who leaves, in one batch.
func (l *PebbleLog) rewrite(ctx context.Context, asked []uint64) error {
	p, err := l.planned(ctx, asked)
	if err != nil {
		return err
	}
	b := l.db.NewBatch()
	defer b.Close()
	last := asked[len(asked)-1]
	first := last
	err = l.scanAll(ctx, last, func(offset uint64, e *bowerbird.Event) error {
		if !p.apply(offset, e) {
			return nil
		}
		first = min(first, offset)
		rec, err := appendRecord(nil, e)
		if err != nil {
			return fmt.Errorf("record %d: %w", offset, err)
		}
		seal(rec, offset)
		k := numberKey('e', offset)
		return b.Set(k[:], rec, nil)
	})
	if err != nil {
		return err
	}
	for _, x := range asked {
		k := numberKey('x', x)
		_ = b.Delete(k[:], nil)
	}
	k := numberKey('y', first)
	_ = b.Set(k[:], binary.BigEndian.AppendUint64(nil, last), nil)
	_ = b.Set(erasedKey, binary.BigEndian.AppendUint64(nil, last), nil)
	l.commitSync(b)
	if err := l.fuse.err(); err != nil {
		return err
	}
	l.lastErase.Store(last)
	return nil
}

func (l *PebbleLog) commitSync(b *pebble.Batch) {
	l.commit(b)
	if l.fuse.err() == nil {
		if err := b.SyncWait(); err != nil {
			l.fuse.burn(err)
		}
	}
}

// apply takes those who leave out of the record at offset, and says whether that changed it.
func (p *plan) apply(offset uint64, e *bowerbird.Event) bool {
	if e.Kind == bowerbird.UserErase && at(p.users[e.User], offset) != "" {
		*e = bowerbird.Event{Kind: bowerbird.Erased}
		return true
	}
	changed := false
	if p.forgets(e.User, offset, e.Query) {
		if e.Query, changed = "", true; e.Kind == bowerbird.Search {
			e.Kind = bowerbird.Erased
		}
	}
	if _, asked := p.searches[e.User]; asked && e.Kind == bowerbird.SearchForget {
		e.Kind, changed = bowerbird.Erased, true
	}
	if changed && e.Kind == bowerbird.Erased {
		*e = bowerbird.Event{Kind: bowerbird.Erased, User: e.User, Subject: e.Subject}
	}
	person := func(s *string) (gone bool) {
		if m := at(p.users[*s], offset); *s != "" && m != "" {
			*s, changed, gone = m, true, true
		}
		return gone
	}
	a, b := people(e)
	actor, other := person(a), person(b)
	switch e.Kind {
	case bowerbird.Erased:
		return changed
	case bowerbird.ItemPut, bowerbird.ItemDelete, bowerbird.SignalPut:
	case bowerbird.UserPut:
		if other {
			*e = bowerbird.Event{Kind: bowerbird.Erased, User: *a, Subject: *b}
			return true
		}
	case bowerbird.BoardPut:
		if e.BoardDoc == nil {
			break
		}
		if m := at(p.boards[e.BoardDoc.ID], offset); m != "" {
			*e = bowerbird.Event{Kind: bowerbird.Erased, User: *a, Subject: *b, Board: m}
			return true
		}
	case bowerbird.BoardDelete:
		if at(p.boards[e.Board], offset) != "" {
			*e = bowerbird.Event{Kind: bowerbird.Erased, User: *a, Subject: *b}
			return true
		}
	default:
		tied := other && followsOrMutes(e.Kind)
		if actor || tied || at(p.boards[e.Board], offset) != "" {
			*e = bowerbird.Event{Kind: bowerbird.Erased, User: *a, Subject: *b}
			return true
		}
	}
	// The record stays. Subject and Board may hold a name that means nothing here.
	if at(p.users[e.Subject], offset) != "" {
		e.Subject, changed = "", true
	}
	if at(p.boards[e.Board], offset) != "" {
		e.Board, changed = "", true
	}
	if changed {
		e.ID, e.Request = "", "" // they may quote the name
	}
	return changed
}

func followsOrMutes(k bowerbird.Kind) bool {
	return k == bowerbird.Follow || k == bowerbird.Unfollow || k == bowerbird.Mute || k == bowerbird.Unmute
}

// sweep removes the old bytes of rewritten records from the disk. unswept are
// the first offsets of the ranges; each key's value is the last.
func (l *PebbleLog) sweep(ctx context.Context, unswept []uint64) error {
	if err := l.rotate(); err != nil {
		return err
	}
	lo, hi := unswept[0], uint64(0)
	for _, from := range unswept {
		k := numberKey('y', from)
		to, err := l.getNumber(k[:])
		if err != nil {
			return err
		}
		hi = max(hi, to)
	}
	start, end := numberKey('e', lo), numberKey('e', min(hi, math.MaxUint64-1)+1)
	if err := l.db.Compact(ctx, start[:], end[:], false); err != nil {
		return reading(err)
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	b := l.db.NewBatch()
	defer b.Close()
	for _, from := range unswept {
		k := numberKey('y', from)
		_ = b.Delete(k[:], nil)
	}
	l.commitSync(b)
	return l.fuse.err()
}

// rotate leaves one write-ahead log, a new file with nothing old in it. Twice,
// because Pebble may put the first new log into a used file, whose tail still
// holds what was there before. Appends wait meanwhile.
func (l *PebbleLog) rotate() error {
	l.applying.Lock()
	defer l.applying.Unlock()
	for range 2 {
		if err := l.db.Flush(); err != nil {
			return err
		}
		names, err := l.fs.List(l.dir)
		if err != nil {
			return err
		}
		logs := slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, ".log") })
		slices.SortFunc(logs, func(x, y string) int { return cmp.Or(len(x)-len(y), strings.Compare(x, y)) }) // by number
		for _, n := range logs[:max(len(logs)-1, 0)] {
			if err := l.fs.Remove(l.fs.PathJoin(l.dir, n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// settle waits until no file is left that only an old version of the store needs.
func (l *PebbleLog) settle(ctx context.Context) error {
	for {
		m := l.db.Metrics()
		if m.Table.ObsoleteCount+m.Table.ZombieCount == 0 {
			return nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-l.fuse.burnt:
			return l.fuse.err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
