package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"bowerbird"
	"bowerbird/query"
	"bowerbird/signal"
	"bowerbird/store"
	"bowerbird/vision"
	"bowerbird/vision/see"
)

// Query asks for a page by names. The zero Limit means 25.
type Query struct {
	Surface bowerbird.Surface
	User    string // "" or a name that never acted: nobody known
	Item    string // Related, SearchPicture; SearchWords: a picture to mix with the words
	Board   string // MoreIdeas
	Words   string // SearchWords
	Upload  []byte // SearchPicture, SearchWords: an encoded picture instead of an item
	Crop    *vision.Rect
	Crops   []vision.Rect         // several parts of it, each as important; with Crop one more
	Move    []bowerbird.Condition // with a picture: like it, but with these words in their fields (colour=blue)
	Style   bool                  // SearchPicture: made alike, whatever is shown
	Goes    bool                  // Related: what goes with the item, of other categories
	// Diversity is how varied the looks and labels of the page are, 0 to 1; nil: as training
	// chose, and searches by words not at all. Searches by a picture have none.
	Diversity *float32
	Where     []bowerbird.Condition
	Filter    *bowerbird.Expr // holds as well
	Seek      Seek            // SearchWords only
	Limit     int
	Cursor    string // of the page before
	Seed      uint64 // 0: the person's own
	Trace     bool

	notes []string // what was understood otherwise than it was asked
}

// Answer is a page for people: documents, reasons in words, and how to go on.
type Answer struct {
	RequestID string
	Page      *bowerbird.Page
	Items     []Shown         // in the order of Page.Items
	Next      string          // cursor of the next page, "" at the end
	Corrected string          // the words that were searched instead, "" if as typed
	Relaxed   []query.Relaxed // other ways to ask, of a search that finds nothing or nearly so: the best first
	Instead   *query.Relaxed  // the one that was searched, as Seek.Relax asks; nil none
}

// Shown is one item of an answer.
type Shown struct {
	Doc     *bowerbird.Item // shared: do not write to it
	Why     string
	Sources []string
}

// ErrGone says that what a cursor needs is not there any more.
var ErrGone = errors.New("engine: the picture of this search is no longer kept: search again")

// Page answers a query. Besides *bowerbird.Invalid and *Unknown, errors are the
// engine's own. It writes nothing; what was shown comes back as impressions.
func (e *Engine) Page(ctx context.Context, q Query) (*Answer, error) {
	start := time.Now()
	r, vectorKey, err := e.request(ctx, &q)
	if err != nil {
		return nil, err
	}
	h := e.House()
	key := e.memoKey(h, &q, &r, vectorKey)
	a, known := e.memo.get(key)
	if !known {
		if a, err = e.make(ctx, h, &q, r, vectorKey); err != nil {
			e.metrics.pageFailed.WithLabelValues(q.Surface.String()).Inc()
			return nil, err
		}
		if len(a.Page.Trace.Notes) == 0 && !r.Trace && !h.meant.Waits() && !h.seeing() { // one that lacks a source or vectors is not worth keeping, a traced one too large
			e.memo.put(key, a)
			a = a.again()
		}
	}
	a.RequestID = requestID()
	a.Page.Request.ID = a.RequestID
	e.traces.put(a.RequestID, a.Page)
	e.metrics.page.WithLabelValues(q.Surface.String()).Observe(time.Since(start).Seconds())
	return a, nil
}

// make makes a page for people, with the cursor of the next one.
func (e *Engine) make(ctx context.Context, h *House, q *Query, r bowerbird.Request, vectorKey string) (*Answer, error) {
	page, err := h.Run(ctx, r)
	if err != nil {
		return nil, err
	}
	a := &Answer{Page: page, Corrected: page.Request.Terms}
	if err := e.relax(ctx, h, q, r, a); err != nil {
		return nil, err
	}
	page = a.Page
	if x := page.Request.Match.Hybrid; x != nil && x.Empty {
		q.notes = append(q.notes, fmt.Sprintf("nothing here is clearly meant by these words (%.2f): rankingScoreCutoff leaves such searches empty", x.Quality))
	}
	if q.Surface == bowerbird.SearchWords && len(page.Items) == 0 && strings.TrimSpace(q.Words) != "" && len(h.analyzer.Terms(q.Words)) == 0 {
		q.notes = append(q.notes, "nothing of this is searched for: words as “the” stand in nearly every item")
	}
	page.Trace.Notes = append(page.Trace.Notes, q.notes...)
	e.show(h, a)
	if page.More && len(page.Items) > 0 {
		served := append(append([]bowerbird.ItemID(nil), page.Request.Served...), items(page)...)
		if len(served) < reach(q.Surface) {
			a.Next = cursor{q.Surface, page.Request.Offset, page.Request.Now, page.Request.Seed, q.hash(vectorKey), served}.String()
			if vectorKey != "" {
				a.Next += "." + vectorKey
			}
		}
	}
	for _, s := range page.Trace.Sources {
		if s.Error != "" {
			e.metrics.sourceFailed.WithLabelValues(s.Name).Inc()
		}
	}
	return a, nil
}

// reach is how many items one paging may show.
func reach(s bowerbird.Surface) int {
	if s == bowerbird.SearchWords {
		return bowerbird.MaxReach
	}
	return bowerbird.MaxServed
}

func items(p *bowerbird.Page) []bowerbird.ItemID {
	out := make([]bowerbird.ItemID, len(p.Items))
	for i, c := range p.Items {
		out[i] = c.Item
	}
	return out
}

// show fills in documents and reasons. An item whose document cannot be read, a
// fault of the disk, leaves the page with a note.
func (e *Engine) show(h *House, a *Answer) {
	a.Items = make([]Shown, 0, len(a.Page.Items))
	kept := a.Page.Items[:0]
	for _, c := range a.Page.Items {
		d, err := h.Catalogue.ItemDoc(c.Item)
		if err != nil {
			if !errors.Is(err, store.ErrNotFound) { // withdrawn since the page was made is no fault
				e.o.Logger.Error("an item's document cannot be read", "item", h.Catalogue.ItemName(c.Item), "error", err)
				a.Page.Trace.Notes = append(a.Page.Trace.Notes, "an item could not be read")
			}
			continue
		}
		s := Shown{Doc: d, Why: h.why(a.Page, c), Sources: make([]string, len(c.From))}
		for i, f := range c.From {
			s.Sources[i] = a.Page.Sources[f.Source]
		}
		a.Items = append(a.Items, s)
		kept = append(kept, c)
	}
	a.Page.Items = kept
}

// request turns names into numbers and applies the cursor.
func (e *Engine) request(ctx context.Context, q *Query) (r bowerbird.Request, vectorKey string, err error) {
	cat := e.House().Catalogue
	if q.Limit == 0 {
		q.Limit = 25
	}
	if q.Limit < 1 || q.Limit > bowerbird.MaxLimit {
		return r, "", &bowerbird.Invalid{Field: "limit", Message: fmt.Sprintf("want 1 to %d, got %d", bowerbird.MaxLimit, q.Limit)}
	}
	if len(q.Where) > 20 {
		return r, "", &bowerbird.Invalid{Field: "where", Message: "at most 20 conditions"}
	}
	for _, w := range q.Where {
		if math.IsNaN(w.Number) {
			return r, "", &bowerbird.Invalid{Field: "where", Message: w.Field + ": not a number"}
		}
		if !e.House().fields.Known(w.Field) {
			return r, "", &bowerbird.Invalid{Field: "where", Message: fmt.Sprintf("no item has a field %q", w.Field)}
		}
	}
	if err := e.checkFilter(q.Filter); err != nil {
		return r, "", err
	}
	if q.Surface == bowerbird.SearchPicture && len(q.boxes()) > 1 {
		q.Surface = bowerbird.SearchWords // several parts are a mixture
	}
	r = bowerbird.Request{Style: q.Style, Goes: q.Goes, Surface: q.Surface, Where: q.Where, Filter: q.Filter, Limit: q.Limit, Seed: q.Seed, Trace: q.Trace}
	if r.Seed == 0 {
		r.Seed = seedOf(q.User)
	}
	r.User, _ = cat.User(q.User)
	if r.User == 0 && r.Surface == bowerbird.Home {
		q.Surface, r.Surface = bowerbird.Explore, bowerbird.Explore
	}
	if err := vary(q, &r); err != nil {
		return r, "", err
	}
	if err := e.subject(q, &r); err != nil {
		return r, "", err
	}
	token, key := splitCursor(q.Cursor)
	if q.Surface == bowerbird.SearchPicture || q.Surface == bowerbird.SearchWords && (len(q.Upload) > 0 || q.Item != "" || key != "") {
		var v []question
		if v, vectorKey, err = e.pictureQuery(ctx, q, &r, key); err != nil {
			return r, "", err
		}
		if q.Surface == bowerbird.SearchWords {
			if err := mixPicture(q, &r, v); err != nil {
				return r, "", err
			}
		} else if len(v) > 0 {
			v[0].into(&r)
		}
	}
	if token == "" {
		return r, vectorKey, nil
	}
	c, err := parseCursor(token)
	if err != nil {
		return r, "", err
	}
	if c.surface != q.Surface || c.request != q.hash(vectorKey) {
		return r, "", &bowerbird.Invalid{Field: "cursor", Message: "belongs to another request: it must come with the same user, words and filters"}
	}
	r.Offset, r.Now, r.Seed, r.Served = c.offset, c.now, c.seed, c.served
	return r, vectorKey, nil
}

// vary takes over how varied the page is to be.
func vary(q *Query, r *bowerbird.Request) error {
	if q.Diversity == nil {
		return nil
	}
	d := *q.Diversity
	if !(d >= 0 && d <= 1) {
		return badField("diversity", "want 0 to 1, got %v", d)
	}
	if d > 0 && len(q.Seek.Sort) > 0 {
		return badField("diversity", "cannot go with sort")
	}
	if r.Diversity = d; d == 0 {
		r.Diversity = -1
	}
	return nil
}

// checkFilter refuses an expression that no item's fields can answer.
func (e *Engine) checkFilter(x *bowerbird.Expr) error {
	if x == nil {
		return nil
	}
	var err error
	x.Leaves(func(c *bowerbird.Condition) bool {
		switch {
		case math.IsNaN(c.Number) || math.IsInf(c.Number, 0):
			err = badField("filter", "%s: not a number", c.Field)
		case !e.House().fields.Known(c.Field):
			err = badField("filter", "no item has a field %q", c.Field)
		}
		return err == nil
	})
	return err
}

// subject resolves what the surface starts from.
func (e *Engine) subject(q *Query, r *bowerbird.Request) error {
	cat := e.House().Catalogue
	switch q.Surface {
	case bowerbird.Related:
		id, ok := cat.Item(q.Item)
		if !ok {
			return &Unknown{"item", q.Item}
		}
		r.Item = id
	case bowerbird.MoreIdeas:
		id, ok := cat.Board(q.Board)
		// What belongs with a secret board tells what is on it: only its owner may ask.
		if m, _ := cat.BoardMeta(id); !ok || !m.Live || m.Secret && (r.User == 0 || m.Owner != r.User) {
			return &Unknown{"board", q.Board}
		}
		r.Board = id
	case bowerbird.SearchWords:
		if len(q.Words) > bowerbird.MaxQuery {
			return &bowerbird.Invalid{Field: "q", Message: fmt.Sprintf("longer than %d bytes", bowerbird.MaxQuery)}
		}
		if err := e.seek(q, r); err != nil {
			return err
		}
		return wanted(r)
	}
	return nil
}

// MaxCrops is how many parts of a picture one search may be by.
const MaxCrops = 8

// boxes are the parts that are asked by; none: the whole.
func (q *Query) boxes() []vision.Rect {
	if q.Crop != nil {
		return append([]vision.Rect{*q.Crop}, q.Crops...)
	}
	return q.Crops
}

// pictureQuery finds the vectors to search by: kept from the page before, the
// item's own, or those of the upload or the crops; then moves them.
func (e *Engine) pictureQuery(ctx context.Context, q *Query, r *bowerbird.Request, key string) ([]question, string, error) {
	if key != "" {
		v, ok := e.vectors.get(key)
		if !ok {
			return nil, "", ErrGone
		}
		return v, key, nil
	}
	if len(q.boxes()) > MaxCrops {
		return nil, "", badField("crops", "at most %d", MaxCrops)
	}
	var v []question
	if q.Item != "" {
		id, ok := e.House().Catalogue.Item(q.Item)
		if !ok {
			return nil, "", &Unknown{"item", q.Item}
		}
		if len(q.boxes()) == 0 {
			if r.Item = id; len(q.Move) == 0 || q.Style {
				return nil, "", nil
			}
			var own question
			if own.vector, own.version, own.built = e.House().looks.Of(id); own.vector == nil {
				return nil, "", badField("item", "has no picture to begin from")
			}
			v = []question{own}
		}
	}
	if v == nil {
		var err error
		if v, err = e.describe(ctx, q); err != nil {
			return nil, "", err
		}
	}
	if err := e.House().move(v, q.Move, r.Item); err != nil {
		return nil, "", err
	}
	r.Item = 0
	key = keyOf(v)
	e.vectors.put(key, v)
	return v, key, nil
}

// mixPicture makes the picture of a search by words, or each of its parts, one of its
// ingredients.
func mixPicture(q *Query, r *bowerbird.Request, v []question) error {
	if r.Item == 0 && len(v) == 0 {
		return nil
	}
	if len(r.Search.Sort) > 0 {
		return badField("sort", "cannot go with a picture: it has an order of its own")
	}
	w := cmp.Or(q.Seek.PictureWeight, 1)
	if !(w > 0 && w <= 100) {
		return badField("weight", "of the picture: want above 0 and at most 100, got %v", w)
	}
	if r.Item != 0 {
		r.Search.Mix = append(r.Search.Mix, bowerbird.Ingredient{Item: r.Item, Weight: w})
	}
	for _, x := range v {
		r.Search.Mix = append(r.Search.Mix, bowerbird.Ingredient{Picture: x.vector, Version: x.version, Built: x.built, Part: x.part, Weight: w / float32(len(v))})
	}
	r.Item = 0
	return nil
}

// describe makes the vectors and the prints of what is asked by.
func (e *Engine) describe(ctx context.Context, q *Query) (v []question, err error) {
	data := q.Upload
	if q.Item != "" {
		id, _ := e.House().Catalogue.Item(q.Item)
		d, err := e.House().Catalogue.ItemDoc(id)
		if err != nil {
			return v, &Unknown{"item", q.Item}
		}
		if d.Picture == nil {
			return v, &bowerbird.Invalid{Field: "item", Message: "has no picture to crop"}
		}
		if data, err = e.blobs.Get(d.Picture.Blob); err != nil {
			return v, fmt.Errorf("engine: the picture of item %s: %w", q.Item, err)
		}
	}
	if len(data) == 0 {
		return v, &bowerbird.Invalid{Field: "picture", Message: "name an item or send a picture"}
	}
	p, err := vision.Decode(data, vision.Options{})
	if err != nil {
		return v, &bowerbird.Invalid{Field: "picture", Message: err.Error()}
	}
	boxes := q.boxes()
	if len(boxes) == 0 {
		boxes = []vision.Rect{vision.Full}
	}
	s := e.House().looks.Serving() // one for all parts
	for _, box := range boxes {
		x := question{part: box != vision.Full}
		if x.built, err = p.Describe(box); err != nil {
			return nil, &bowerbird.Invalid{Field: "picture", Message: err.Error()}
		}
		x.vector, x.version = x.built, vision.DescriptorVersion
		if s != nil {
			vs, err := s.Encoder.Encode(ctx, []see.Crop{{Picture: p, Box: box}})
			if err != nil {
				return nil, fmt.Errorf("engine: the picture of a search: %w", err)
			}
			x.vector, x.version = vs[0], s.Version()
		}
		if x.print, err = signal.Print(p, box); err != nil {
			return nil, err
		}
		v = append(v, x)
	}
	return v, nil
}

// question is a picture that is asked by: its vector by what serves, its vector by the
// built-in descriptor, and its print.
type question struct {
	part                 bool // of a picture
	version              string
	vector, built, print []float32
}

func (v question) into(r *bowerbird.Request) {
	r.Vector, r.Version, r.Built, r.Print = v.vector, v.version, v.built, v.print
}

func keyOf(list []question) string {
	h := fnv.New64a()
	for _, v := range list {
		_, _ = io.WriteString(h, v.version)
		for _, x := range slices.Concat(v.vector, v.built, v.print) {
			b := math.Float32bits(x)
			h.Write([]byte{byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)})
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// seeing tells whether pictures wait for their vectors, so that a page may change without
// an event.
func (h *House) seeing() bool {
	s := h.looks.Serving()
	return s != nil && s.Left() > 0
}

func splitCursor(s string) (token, key string) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// requestID names a page: 96 random bits.
func requestID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // crypto/rand does not fail; it ends the process instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}
