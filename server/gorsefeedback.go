package server

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bowerbird"
)

// A feedback is an event whose id says its type and, hashed, its key:
//
//	gorse/TYPE/HASH          first of its type, user and item; POST again is a duplicate of it
//	gorse/TYPE/HASH/HASH     one that overwrote it (PUT), came after it was taken back, or was written back
//
// So the log itself knows what POST may not insert twice, also after a restart.

func feedbackID(feedback, user, item string) string {
	return "gorse/" + url.PathEscape(feedback) + "/" + digest(feedback, user, item)
}

// feedbackType reads the type out of an id; again tells the second form.
func feedbackType(id string) (feedback string, again, ok bool) {
	rest, ok := strings.CutPrefix(id, "gorse/")
	if !ok {
		return "", false, false
	}
	name, rest, _ := strings.Cut(rest, "/")
	feedback, err := url.PathUnescape(name)
	return feedback, strings.Contains(rest, "/"), err == nil
}

func (g *gorse) insertFeedback(w http.ResponseWriter, r *http.Request) error {
	return g.takeFeedback(w, r, false)
}

func (g *gorse) upsertFeedback(w http.ResponseWriter, r *http.Request) error {
	return g.takeFeedback(w, r, true)
}

// feedbackChunk leaves room in an Ingest for as many stubs of items.
const feedbackChunk = 5000

func (g *gorse) takeFeedback(w http.ResponseWriter, r *http.Request, overwrite bool) error {
	in, err := readList[GorseFeedback](g, w, r)
	if err != nil {
		return err
	}
	events := make([]bowerbird.Event, len(in))
	for i, f := range in {
		if f.FeedbackType == "" || len(f.FeedbackType) > 64 {
			return invalid(fmt.Sprintf("[%d].FeedbackType", i), "want 1 to 64 bytes")
		}
		events[i] = bowerbird.Event{Kind: g.kind(f.FeedbackType, f.Value), ID: feedbackID(f.FeedbackType, f.UserID, f.ItemID),
			User: f.UserID, Item: f.ItemID, Value: f.Value, Time: f.Timestamp.ms()}
		if err := events[i].Validate(); err != nil {
			p := problemOf(err)
			field := map[string]string{"user": "UserId", "item": "ItemId", "value": "Value", "time": "Timestamp"}[p.Field]
			return invalid(fmt.Sprintf("[%d].%s", i, field), p.Message)
		}
	}
	for chunk := range slices.Chunk(events, feedbackChunk) {
		if err := g.ingest(r, chunk, overwrite); err != nil {
			return err
		}
	}
	return success(w, len(in))
}

// ingest puts items that are not there as stubs, then the feedback; what was there
// already is written once more if it is to be overwritten or had been taken back.
func (g *gorse) ingest(r *http.Request, events []bowerbird.Event, overwrite bool) error {
	all := append(g.stubs(events), events...)
	stubs := len(all) - len(events)
	results, err := g.s.e.Ingest(r.Context(), all)
	if err != nil {
		return err
	}
	var again []bowerbird.Event
	for i, x := range results {
		if x.Err != nil {
			return x.Err
		}
		if i < stubs || !x.Duplicate {
			continue
		}
		e := all[i]
		switch {
		case g.takenBack(&e, x.Offset):
			e.ID += "/" + digest("again", strconv.FormatUint(g.s.e.House().Catalogue.Offset(), 10))
		case overwrite:
			e.ID += "/" + digest(strconv.FormatInt(e.Time, 10), strconv.FormatFloat(e.Value, 'g', -1, 64))
		default:
			continue
		}
		again = append(again, e)
	}
	return g.put(r, again)
}

// stubs makes an item of each name that is not known, as Gorse does.
func (g *gorse) stubs(events []bowerbird.Event) []bowerbird.Event {
	cat := g.s.e.House().Catalogue
	var out []bowerbird.Event
	made := map[string]bool{}
	for i := range events {
		name := events[i].Item
		if made[name] {
			continue
		}
		id, known := cat.Item(name)
		m, _ := cat.ItemMeta(id)
		if known && !m.Deleted {
			continue
		}
		made[name] = true
		e := bowerbird.Event{Kind: bowerbird.ItemPut, Time: events[i].Time, ItemDoc: &bowerbird.Item{ID: name}}
		if !known { // two requests at once make one stub, and none after the item itself came
			e.ID = "gorse-item/" + digest(name)
		}
		out = append(out, e)
	}
	return out
}

// takenBack tells whether the feedback that an event repeats no longer stands.
func (g *gorse) takenBack(e *bowerbird.Event, first uint64) bool {
	if old, err := g.s.e.Log().Read(first); err == nil && old.Kind == bowerbird.Erased {
		return true
	}
	if e.Kind != bowerbird.Save && e.Kind != bowerbird.Hide {
		return false
	}
	return !g.stands(e.User, e.Item, e.Kind)
}

// remembered is how many items of one person the history holds.
const remembered = 1000

// stands tells whether a person's save or hide of an item stands. Beyond the
// newest 1,000 items it is taken to stand.
func (g *gorse) stands(user, item string, kind bowerbird.Kind) bool {
	h := g.s.e.House()
	u, ok := h.Catalogue.User(user)
	x, ok2 := h.Catalogue.Item(item)
	if !ok || !ok2 {
		return false
	}
	actions := h.History(u)
	for _, a := range actions {
		if a.Item == x {
			return a.Kind == kind || kind == bowerbird.Save && a.Kind == bowerbird.Purchase
		}
	}
	return len(actions) >= remembered
}

func (g *gorse) deleteFeedback(w http.ResponseWriter, r *http.Request) error {
	user, item := r.PathValue("user"), r.PathValue("item")
	var events []bowerbird.Event
	for kind, back := range map[bowerbird.Kind]bowerbird.Kind{bowerbird.Save: bowerbird.Unsave, bowerbird.Hide: bowerbird.Unhide} {
		if t := r.PathValue("type"); t != "" && g.kind(t, 0) != kind {
			continue
		}
		if _, known := g.s.e.House().Catalogue.User(user); known && g.stands(user, item, kind) {
			if _, _, err := g.s.item(item); err == nil {
				events = append(events, bowerbird.Event{Kind: back, User: user, Item: item})
			}
		}
	}
	if err := g.put(r, events); err != nil {
		return err
	}
	return success(w, len(events))
}

// changes is what overwrote or took back feedback, so that lists leave out what
// no longer stands: folded from the log when a list is asked for, from where the
// last one ended. 40 bytes or so for each such event.
type changes struct {
	to   uint64
	last map[uint64]uint64 // hash of a key -> offset
}

var feedbackSeed = maphash.MakeSeed()

func feedbackKey(parts ...string) uint64 {
	return maphash.String(feedbackSeed, digest(parts...))
}

// follow folds the log's tail.
func (g *gorse) follow(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := &g.changes
	if c.last == nil {
		c.last = map[uint64]uint64{}
	}
	end := g.s.e.Log().Last()
	if end <= c.to {
		return nil
	}
	return g.s.e.Log().Scan(ctx, c.to+1, end, func(offset uint64, e *bowerbird.Event) error {
		switch e.Kind {
		case bowerbird.Unsave:
			c.last[feedbackKey("back", bowerbird.Save.String(), e.User, e.Item)] = offset
		case bowerbird.Unhide:
			c.last[feedbackKey("back", bowerbird.Hide.String(), e.User, e.Item)] = offset
		default:
			if t, again, ok := feedbackType(e.ID); ok {
				key := feedbackKey(t, e.User, e.Item)
				if _, before := c.last[key]; again || before {
					c.last[key] = offset
				}
			}
		}
		c.to = offset
		return nil
	})
}

func (g *gorse) current(offset uint64, feedback string, e *bowerbird.Event) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changes.last[feedbackKey("back", e.Kind.String(), e.User, e.Item)] < offset && g.changes.last[feedbackKey(feedback, e.User, e.Item)] <= offset
}

// errEnough ends a scan.
var errEnough = fmt.Errorf("enough")

// scan calls fn with the standing feedback from an offset on, oldest first. Cost:
// the reading of the log, some seconds for each million events.
func (g *gorse) scan(ctx context.Context, from uint64, keep func(feedback string, e *bowerbird.Event) bool, fn func(offset uint64, f GorseFeedback) error) error {
	if err := g.follow(ctx); err != nil {
		return err
	}
	err := g.s.e.Log().Scan(ctx, from, 0, func(offset uint64, e *bowerbird.Event) error {
		t, _, ok := feedbackType(e.ID)
		if !ok || !e.Kind.OnItem() || !keep(t, e) || !g.current(offset, t, e) {
			return nil
		}
		at := gorseTime(e.Time)
		return fn(offset, GorseFeedback{FeedbackType: t, UserID: e.User, ItemID: e.Item, Value: e.Value, Timestamp: at, Updated: at})
	})
	if err == errEnough {
		return nil
	}
	return err
}

func (g *gorse) listFeedback(w http.ResponseWriter, r *http.Request) error {
	a, err := g.asked(r)
	if err != nil {
		return err
	}
	want := r.PathValue("type")
	out := GorseFeedbacks{Feedback: []GorseFeedback{}}
	last := uint64(a.cursor)
	err = g.scan(r.Context(), last+1, func(t string, _ *bowerbird.Event) bool { return want == "" || t == want }, func(offset uint64, f GorseFeedback) error {
		if len(out.Feedback) >= a.n {
			out.Cursor = strconv.FormatUint(last, 10)
			return errEnough
		}
		out.Feedback, last = append(out.Feedback, f), offset
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// matching lists what a path names: of a user, an item, a type, or several.
func (g *gorse) matching(r *http.Request) ([]GorseFeedback, error) {
	user, item, feedback := r.PathValue("user"), r.PathValue("item"), r.PathValue("type")
	out := []GorseFeedback{}
	err := g.scan(r.Context(), 1, func(t string, e *bowerbird.Event) bool {
		return (user == "" || e.User == user) && (item == "" || e.Item == item) && (feedback == "" || t == feedback)
	}, func(_ uint64, f GorseFeedback) error {
		out = append(out, f)
		return nil
	})
	slices.SortStableFunc(out, func(x, y GorseFeedback) int { return y.Timestamp.Compare(x.Timestamp.Time) })
	return out, err
}

func (g *gorse) feedbackOf(w http.ResponseWriter, r *http.Request) error {
	out, err := g.matching(r)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (g *gorse) oneFeedback(w http.ResponseWriter, r *http.Request) error {
	out, err := g.matching(r)
	if err != nil {
		return err
	}
	if len(out) == 0 {
		return problem(http.StatusNotFound, "unknown_feedback", "", "there is no such feedback")
	}
	writeJSON(w, http.StatusOK, out[0])
	return nil
}
