package query_test

import (
	"strings"
	"sync"
	"testing"

	"bowerbird"
	"bowerbird/internal/synth"
)

// demo is a made-up world as facts: first its items, then what happened before the
// split, then after it.
type demo struct {
	items        []fact
	train, later []fact
	topicOf      func(bowerbird.ItemID) string
}

func makeDemo(t testing.TB, o synth.Options) *demo {
	t.Helper()
	w, err := synth.New(o)
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{}
	start := w.Options().Start.UnixMilli()
	n := 0
	for it := range w.Items() {
		n++
		doc := bowerbird.Item{ID: it.ID, Title: it.Title, Description: it.Description, Categories: []string{strings.Join(it.Categories, "/")}, Tags: it.Tags,
			Language: it.Language, Picture: &bowerbird.Picture{Width: 1, Height: 1}}
		a, err := bowerbird.AttributesOf(it.Attributes)
		if err != nil {
			t.Fatal(err)
		}
		doc.Attributes = a
		d.items = append(d.items, fact{Kind: bowerbird.ItemPut, Item: bowerbird.ItemID(n), Time: start, ItemDoc: &doc})
	}
	d.topicOf = func(x bowerbird.ItemID) string { return strings.Join(w.Truth().ItemTopic(int(x)-1).Path, "/") }
	split := w.Split().UnixMilli()
	for e := range w.Events() {
		k, err := bowerbird.ParseKind(e.Type)
		if err != nil || k == bowerbird.Follow || k == bowerbird.Mute {
			continue
		}
		s, _ := bowerbird.ParseSurface(e.Surface)
		f := fact{Kind: k, Time: e.Time.UnixMilli(), User: bowerbird.UserID(e.U + 1), Query: e.Query, Request: e.Request, Surface: s, Position: uint16(e.Position)}
		if e.I >= 0 {
			f.Item = bowerbird.ItemID(e.I + 1)
		}
		if f.Time < split {
			d.train = append(d.train, f)
		} else {
			d.later = append(d.later, f)
		}
	}
	return d
}

// theDemo is of the demo's own size, with more in its log; under the race detector,
// which has nothing to find in measures, with less.
var theDemo = sync.OnceValue(func() *demo {
	if raceOn {
		return makeDemo(noT{}, synth.Options{Actions: 30_000})
	}
	return makeDemo(noT{}, synth.Options{Actions: 300_000})
})

// noT fails a world that many tests share.
type noT struct{ testing.TB }

func (noT) Helper()           {}
func (noT) Fatal(args ...any) { panic(args) }
