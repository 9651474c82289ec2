package main

import (
	"context"
	"fmt"
	"slices"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/eval"
	"bowerbird/load"
)

// experiment is a training part that lies in an engine, and a test part.
type experiment struct {
	protocol string
	learned  int64
	users    []string       // names by the experiment's own numbers
	numbers  map[string]int // and back
	known    map[uint32]map[uint32]bool
	liked    []uint32 // people who liked an item in the training part, by item
	tests    []eval.Interaction
	queries  []eval.Query
	items    int
	extra    map[string]uint32 // items that only the test part names: never on a list
	notes    []string
	mixed    bool // a quarter of the test part or more comes before what the same people did in the training part
	trained  *trained
}

func (x *experiment) note(format string, a ...any) {
	x.notes = append(x.notes, fmt.Sprintf(format, a...))
}

func (x *experiment) likes() int {
	n := 0
	for _, q := range x.queries {
		n += q.Relevant.Count()
	}
	return n
}

func (x *experiment) user(name string) uint32 {
	u, ok := x.numbers[name]
	if !ok {
		u = len(x.users)
		x.numbers[name] = u
		x.users = append(x.users, name)
	}
	return uint32(u)
}

// like tells the actions that count as liked.
func like(k bowerbird.Kind) bool { return k == bowerbird.Save || k == bowerbird.Purchase }

// part takes the training part in and keeps the test part.
func (c *evalCmd) part(a *app, e *engine.Engine) (*experiment, error) {
	o := load.Options{Format: load.Format(c.Format), Map: c.Map, Positive: c.Positive}
	x := &experiment{numbers: map[string]int{}, known: map[uint32]map[uint32]bool{}, extra: map[string]uint32{}}
	path := c.Path
	var held []bowerbird.Event
	out := func(int, *bowerbird.Event) bool { return false }
	if c.Train != "" {
		x.protocol, path = "given files", c.Train
		rep, err := load.Read(a.ctx, c.Test, o, func(r load.Record) error {
			if r.Event.Kind.OnItem() {
				held = append(held, r.Event)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		x.skips("the test part", rep)
	} else {
		var err error
		if out, err = c.split(a.ctx, path, o, x); err != nil {
			return nil, err
		}
	}
	im := &importer{ctx: a.ctx, e: e, mark: &progressFile{}, ui: a.ui, name: "the training part", out: &imported{Path: path}}
	n := 0
	rep, err := load.Read(a.ctx, path, o, func(r load.Record) error {
		n++
		if out(n-1, &r.Event) {
			if r.Event.Kind.OnItem() {
				held = append(held, r.Event)
			}
			return nil
		}
		if r.Event.Kind.Positive() > 0 {
			x.learned++
		}
		return im.take(r)
	})
	if err == nil {
		err = im.flush()
	}
	if err != nil {
		return nil, err
	}
	x.skips("the training part", rep)
	if len(im.refused) > 0 {
		x.note("%s of the training part refused, the first: %v", plural(len(im.refused), "event"), im.refused[0])
	}
	return x, x.finish(a.ctx, e, held)
}

func (x *experiment) skips(what string, r *load.Report) {
	if r.Skipped > 0 {
		x.note("%s of %s skipped, the first: %v", plural(r.Skipped, "row"), what, r.Errors[0])
	}
}

// split reads once to find what is held out. It returns a test on the records
// of the second reading, which come in the same order.
func (c *evalCmd) split(ctx context.Context, path string, o load.Options, x *experiment) (func(int, *bowerbird.Event) bool, error) {
	items := map[string]uint32{}
	var all []eval.Interaction
	var at []int
	n := 0
	_, err := load.Read(ctx, path, o, func(r load.Record) error {
		if e := &r.Event; like(e.Kind) {
			i, ok := items[e.Item]
			if !ok {
				i = uint32(len(items))
				items[e.Item] = i
			}
			all, at = append(all, eval.Interaction{User: x.user(e.User), Item: i, Time: e.Time}), append(at, n)
		}
		n++
		return nil
	})
	if err != nil {
		return nil, err
	}
	if c.Protocol == "temporal" {
		cut := eval.TimeAt(all, c.Share)
		x.protocol = fmt.Sprintf("temporal split at %.0f %% of the likes", 100*c.Share)
		return func(_ int, e *bowerbird.Event) bool { return e.Time >= cut }, nil
	}
	x.protocol = "leave-one-out"
	for i := range all {
		all[i].Time = int64(at[i]) // the order of the records is that of time
	}
	held := map[int]bool{}
	for _, t := range eval.LeaveOneOut(all).Test {
		held[int(t.Time)] = true
	}
	return func(n int, _ *bowerbird.Event) bool { return held[n] }, nil
}

// finish makes the queries: what each person liked in the test part and had not
// done before.
func (x *experiment) finish(ctx context.Context, e *engine.Engine, held []bowerbird.Event) error {
	cat := e.House().Catalogue
	x.items = cat.Items()
	x.liked = make([]uint32, x.items)
	counted := map[[2]uint32]bool{}
	latest := map[uint32]int64{}
	err := e.Log().Scan(ctx, 1, 0, func(_ uint64, ev *bowerbird.Event) error {
		if !ev.Kind.OnItem() || ev.Kind == bowerbird.Impression {
			return nil
		}
		i, ok := cat.Item(ev.Item)
		if !ok {
			return nil
		}
		u, it := x.user(ev.User), uint32(i)-1
		if x.known[u] == nil {
			x.known[u] = map[uint32]bool{}
		}
		x.known[u][it] = true
		latest[u] = max(latest[u], ev.Time)
		if key := [2]uint32{u, it}; like(ev.Kind) && !counted[key] {
			counted[key] = true
			x.liked[it]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	leaked, before := 0, 0
	for _, ev := range held {
		u, it := x.user(ev.User), x.item(cat.Item(ev.Item))
		if ev.Time < latest[u] {
			before++
		}
		if it == 0 {
			it = x.foreign(ev.Item)
		}
		it--
		if x.known[u][it] {
			leaked++
			continue
		}
		v := float32(0)
		if like(ev.Kind) {
			v = 1
		}
		x.tests = append(x.tests, eval.Interaction{User: u, Item: it, Value: v})
	}
	x.mixed = 4*before >= len(held)
	if leaked > 0 {
		x.note("%s of the test part repeat what the person did before and are left out", plural(leaked, "row"))
	}
	if len(x.extra) > 0 {
		x.note("%s of the test part are unknown to the training part: they count as missed", plural(len(x.extra), "item"))
	}
	x.queries = eval.Queries(x.tests, 1)
	if x.likes() == 0 {
		return fmt.Errorf("the test part holds nothing that anybody liked: nothing to measure")
	}
	return nil
}

func (x *experiment) item(id bowerbird.ItemID, ok bool) uint32 {
	if !ok {
		return 0
	}
	return uint32(id)
}

// foreign numbers items of the test part that the catalogue has not.
func (x *experiment) foreign(name string) uint32 {
	n, ok := x.extra[name]
	if !ok {
		n = uint32(x.items + len(x.extra) + 1)
		x.extra[name] = n
	}
	return n
}

// popular is every item by how many people liked it in the training part.
func (x *experiment) popular() []uint32 {
	out := make([]uint32, x.items)
	for i := range out {
		out[i] = uint32(i)
	}
	slices.SortStableFunc(out, func(a, b uint32) int { return int(x.liked[b]) - int(x.liked[a]) })
	return out
}
