package store

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"

	"bowerbird"
	"bowerbird/store/logpb"
)

func attributesOf(list []*logpb.Attribute) (out bowerbird.Attributes) {
	for _, a := range list {
		out = append(out, bowerbird.Attribute{Name: a.Name, Words: a.Words, Number: a.Number, Numeric: a.Numeric})
	}
	return out
}

// twin turns the generated message into an event: the plain way.
func twin(m *logpb.Event) bowerbird.Event {
	e := bowerbird.Event{
		Kind: bowerbird.Kind(m.Kind), Time: m.Time, ID: m.Id, User: m.User, Item: m.Item, Board: m.Board,
		Subject: m.Subject, Topic: m.Topic, Value: m.Value, Surface: bowerbird.Surface(m.Surface),
		Request: m.Request, Position: int(m.Position), Query: m.Query,
	}
	if x := m.ItemDoc; x != nil {
		e.ItemDoc = &bowerbird.Item{
			ID: x.Id, Title: x.Title, Description: x.Description, Categories: x.Categories, Tags: x.Tags,
			Attributes: attributesOf(x.Attributes), Language: x.Language, Link: x.Link, Owner: x.Owner,
			Created: x.Created, Hidden: x.Hidden,
		}
		if p := x.Picture; p != nil {
			q := &bowerbird.Picture{Blob: p.Blob, Width: int(p.Width), Height: int(p.Height), Small: p.Small,
				Large: p.Large, Placeholder: p.Placeholder, Fingerprint: p.Fingerprint, Looks: p.Looks, Quality: p.Quality}
			for _, c := range p.Colours {
				q.Colours = append(q.Colours, bowerbird.Colour{Hex: c.Hex, Name: c.Name, Share: c.Share})
			}
			e.ItemDoc.Picture = q
		}
	}
	if x := m.BoardDoc; x != nil {
		e.BoardDoc = &bowerbird.Board{ID: x.Id, Title: x.Title, Description: x.Description, Owner: x.Owner, Secret: x.Secret, Created: x.Created}
	}
	if x := m.UserDoc; x != nil {
		e.UserDoc = &bowerbird.User{ID: x.Id, Name: x.Name, Language: x.Language, Labels: attributesOf(x.Labels), Created: x.Created}
	}
	if x := m.Signal; x != nil {
		e.Signal = &bowerbird.Signal{Name: x.Name, Version: x.Version, Vector: x.Vector, Group: x.Group}
	}
	if x := m.Served; x != nil {
		e.Served = &bowerbird.Served{Model: x.Model, Sources: x.Sources, Features: x.Features, Score: x.Score}
	}
	return e
}

// full sets every field of the schema, so that a field forgotten on one side shows.
func full() *logpb.Event {
	a := []*logpb.Attribute{{Name: "a", Words: []string{"x", "y"}}, {Name: "b", Number: 1.5, Numeric: true}}
	return &logpb.Event{
		Kind: logpb.Kind_KIND_SAVE, Time: 1, Id: "id", User: "u", Item: "i", Board: "b", Subject: "s", Topic: "t", Value: -2,
		Surface: logpb.Surface_SURFACE_EXPLORE, Request: "r", Position: 3, Query: "q",
		ItemDoc: &logpb.Item{Id: "i", Title: "t", Description: "d", Categories: []string{"c"}, Tags: []string{"t"}, Attributes: a,
			Language: "l", Link: "k", Owner: "o", Created: -4, Hidden: true, Picture: &logpb.Picture{Blob: "b", Width: 5, Height: -6,
				Small: "s", Large: "l", Placeholder: "p", Fingerprint: 7, Looks: []string{"dark"}, Quality: .25, Colours: []*logpb.Colour{{Hex: "h", Name: "n", Share: .5}}}},
		BoardDoc: &logpb.Board{Id: "b", Title: "t", Description: "d", Owner: "o", Secret: true, Created: 8},
		UserDoc:  &logpb.User{Id: "u", Name: "n", Language: "l", Labels: a, Created: 9},
		Signal:   &logpb.Signal{Name: "n", Version: "v", Vector: []float32{1, 2}, Group: "g"},
		Served:   &logpb.Served{Model: "m", Sources: []string{"s"}, Features: []float32{3}, Score: 4},
	}
}

func agree(t *testing.T, b []byte) {
	t.Helper()
	var e bowerbird.Event
	if decodeEvent(string(b), &e) != nil {
		return // we refuse more: groups, numbers that do not fit
	}
	var m logpb.Event
	if err := proto.Unmarshal(b, &m); err != nil {
		if bytes.Contains([]byte(err.Error()), []byte("UTF-8")) {
			return // Append does not let it in; the checksum vouches for it
		}
		t.Fatalf("we read what the generated code refuses: %v", err)
	}
	opts := cmp.Options{cmpopts.EquateNaNs(), cmpopts.EquateEmpty()}
	if d := cmp.Diff(twin(&m), e, opts); d != "" {
		t.Fatalf("(-generated +ours):\n%s", d)
	}
	ours, err := encodeEvent(nil, &e)
	if err != nil {
		t.Fatalf("encode what was decoded: %v", err)
	}
	var again logpb.Event
	if err := proto.Unmarshal(ours, &again); err != nil {
		t.Fatalf("the generated code refuses what we wrote: %v", err)
	}
	if d := cmp.Diff(twin(&again), e, opts); d != "" {
		t.Fatalf("what we wrote (-generated +ours):\n%s", d)
	}
}

func TestCodecTwin(t *testing.T) {
	b, err := proto.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	var e bowerbird.Event
	if err := decodeEvent(string(b), &e); err != nil {
		t.Fatal(err)
	}
	ours, err := encodeEvent(nil, &e)
	if err != nil {
		t.Fatal(err)
	}
	var back logpb.Event
	if err := proto.Unmarshal(ours, &back); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(full(), &back) {
		t.Errorf("a field was lost:\n%v\n%v", full(), &back)
	}
	agree(t, b)
	agree(t, append(b, b...)) // messages merge
	agree(t, append(b, 0xf8, 0x07, 1, 0xfa, 0x07, 1, 'x'))
	// The enums are the root's.
	for k := bowerbird.ItemPut; k <= bowerbird.Erased; k++ {
		if got := logpb.Kind_name[int32(k)]; got != "KIND_"+string(bytes.ToUpper([]byte(k.String()))) {
			t.Errorf("kind %d is %q in the schema and %q here", k, got, k)
		}
	}
	if len(logpb.Kind_name) != int(bowerbird.SearchForget)+1 || len(logpb.Surface_name) != int(bowerbird.Explore)+1 {
		t.Error("the schema knows other kinds or surfaces than the root")
	}
}

func FuzzDecodeEvent(f *testing.F) {
	b, _ := proto.Marshal(full())
	f.Add(b)
	f.Add([]byte{})
	f.Add([]byte{0x8a, 1, 3, 0x1a, 4, 1})
	f.Fuzz(func(t *testing.T, b []byte) { agree(t, b) })
}

// TestRecordFlips flips every bit of a record, and moves it.
func TestRecordFlips(t *testing.T) {
	e := twin(full())
	rec, err := appendRecord(nil, &e)
	if err != nil {
		t.Fatal(err)
	}
	seal(rec, 77)
	var got bowerbird.Event
	if err := openRecord(rec, 77, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(e, got); d != "" {
		t.Error(d)
	}
	if err := openRecord(rec, 78, &got); !errors.Is(err, ErrCorrupt) {
		t.Errorf("in another's place: %v", err)
	}
	for i := range 8 * len(rec) {
		rec[i/8] ^= 1 << (i % 8)
		if err := openRecord(rec, 77, &got); !errors.Is(err, ErrCorrupt) || !bytes.Contains([]byte(err.Error()), []byte("offset 77")) {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
		rec[i/8] ^= 1 << (i % 8)
	}
	for n := range rec {
		if err := openRecord(rec[:n], 77, &got); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut to %d: %v", n, err)
		}
	}
}

func FuzzLoadCatalogue(f *testing.F) {
	c := NewCatalogue(nil, CatalogueOptions{})
	c.Apply(1, &bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &bowerbird.Item{ID: "i", Owner: "u", Categories: []string{"c"}}})
	c.Apply(2, &bowerbird.Event{Kind: bowerbird.BoardPut, BoardDoc: &bowerbird.Board{ID: "b", Owner: "u"}})
	c.Apply(3, &bowerbird.Event{Kind: bowerbird.Save, User: "u", Item: "i", Board: "b"})
	var b bytes.Buffer
	if err := c.Save(&b); err != nil {
		f.Fatal(err)
	}
	inner := b.Bytes()[8 : b.Len()-8] // between the frames' headers
	f.Add(inner)
	f.Fuzz(func(t *testing.T, b []byte) {
		// The frames are made right, so that what is fuzzed is what lies behind the checksum.
		var w bytes.Buffer
		fw := newFrameWriter(&w)
		fw.buf = append(fw.buf, b...)
		if err := fw.end(); err != nil {
			t.Fatal(err)
		}
		c := NewCatalogue(nil, CatalogueOptions{})
		if err := c.Load(&w); err != nil {
			return
		}
		for id := range c.Boards() + 1 {
			c.BoardItems(bowerbird.BoardID(id))
			c.BoardMeta(bowerbird.BoardID(id))
		}
		for id := range c.Items() + 1 {
			c.ItemMeta(bowerbird.ItemID(id))
		}
		if err := c.Save(&w); err != nil {
			t.Fatal(err)
		}
	})
}
