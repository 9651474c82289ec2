package retrieve

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"sync"

	"bowerbird"
	"bowerbird/graph"
	"bowerbird/internal/frame"
)

// Edge kinds of the graph.
const (
	kept  = 0 // by a person: saved or bought
	liked = 1 // by a person: clicked or shared
	held  = 2 // by a board
)

// byPeople are the kinds that join items with people.
const byPeople = 1<<kept | 1<<liked

// WalkOptions tunes the walks. The zero value is what was best on validation.
type WalkOptions struct {
	Steps    int     // of one request; 0 means one for each item, between 500 and 2,000
	PerVisit int     // items that each arrival at a collection counts, see graph.WalkOptions; 0 means 16, 1 with Recency
	Queries  int     // newest actions, or items of a board, that a walk starts from; 0 means 50
	Restart  float64 // chance after each step to go back to where the walk began; 0 means .9
	Discount float64 // visits are divided by degree^Discount, so that what is everywhere does not win; 0 means .4, negative none
	Liked    float64 // chance of a click's edge against a save's; 0 means 1
	Recency  int     // draws the newest of 1+Recency edges of a node; see graph.WalkOptions
	Language float64 // chance, per hop, to keep to the language of the person; 0 means .5, negative none
}

// Walk is the graph of items and of the boards and people that collect them,
// walked at random from what a person did, from an item, or from a board
// (Eksombatchai et al., "Pixie", WWW 2018). A save is walkable by the next
// request.
//
// Saves on a secret board are left out, so that nobody else's walk passes there;
// when a board becomes secret or is deleted, its edges go and so do its owner's
// edges to what is on it. They do not come back when it becomes public again.
// Unsave removes the edge to the board and the edge to the person; where the
// person keeps the item on another board too, that board's edge remains.
//
// Items bear the label of their language, so that a walk for somebody who keeps
// to one language, or who asks for one, prefers it at no cost per step.
type Walk struct {
	o         WalkOptions
	g         *graph.Graph
	mu        sync.RWMutex
	secret    secrets
	languages languages
}

// NewWalk returns an empty graph.
func NewWalk(o WalkOptions) *Walk {
	g, err := graph.New(graph.Options{})
	if err != nil {
		panic(err) // the zero options are valid: our own invariant
	}
	return &Walk{o: o.withDefaults(), g: g, secret: secrets{}}
}

func (o WalkOptions) withDefaults() WalkOptions {
	o.Queries = cmp.Or(o.Queries, 50)
	if o.PerVisit == 0 && o.Recency == 0 {
		o.PerVisit = 16
	}
	o.Restart = cmp.Or(o.Restart, .9)
	o.Discount = max(0, cmp.Or(o.Discount, .4))
	o.Liked = cmp.Or(o.Liked, 1)
	o.Language = max(0, cmp.Or(o.Language, .5))
	return o
}

// steps grows with the graph: in a small one, few steps have been everywhere.
func (v *Walk) steps(s *graph.Snapshot) int {
	if v.o.Steps != 0 {
		return v.o.Steps
	}
	return min(2000, max(500, s.Nodes(graph.Left)))
}

// Name is what traces and explanations call it.
func (v *Walk) Name() string { return "walk" }

// Boards and people share the right side: even numbers are people, odd ones boards.
func person(u bowerbird.UserID) uint32 { return uint32(u) << 1 }
func board(b bowerbird.BoardID) uint32 { return uint32(b)<<1 | 1 }

// Apply adds and removes edges.
func (v *Walk) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case bowerbird.Save, bowerbird.Purchase:
			if f.Board != 0 && v.secret[f.Board] {
				continue
			}
			v.add(f, person(f.User), kept)
			if f.Board != 0 {
				v.add(f, board(f.Board), held)
			}
		case bowerbird.Click, bowerbird.Share:
			v.add(f, person(f.User), liked)
		case bowerbird.Unsave:
			v.g.Remove(uint32(f.Item), person(f.User), kept)
			if f.Board != 0 {
				v.g.Remove(uint32(f.Item), board(f.Board), held)
			}
		case bowerbird.Hide:
			v.g.Remove(uint32(f.Item), person(f.User), kept)
			v.g.Remove(uint32(f.Item), person(f.User), liked)
		case bowerbird.ItemPut:
			v.setLanguage(f)
		case bowerbird.BoardPut:
			v.setSecret(f, f.BoardDoc.Secret)
		case bowerbird.BoardDelete:
			v.unlink(f)
			delete(v.secret, f.Board)
		case bowerbird.UserErase:
			v.g.RemoveRight(person(f.User))
		case bowerbird.ItemDelete:
			v.g.RemoveNode(graph.Left, uint32(f.Item))
		}
	}
}

func (v *Walk) add(f *bowerbird.Fact, right uint32, kind uint8) {
	// Add refuses only ids beyond the graph's limit of 2^27; such an edge is not
	// walked, everything else about the item still works.
	_, _ = v.g.Add(graph.Edge{Left: uint32(f.Item), Right: right, Kind: kind})
}

func (v *Walk) setSecret(f *bowerbird.Fact, secret bool) {
	if secret && !v.secret[f.Board] {
		v.unlink(f)
		v.secret[f.Board] = true
	} else if !secret {
		delete(v.secret, f.Board)
	}
}

// unlink removes a board, and its owner's edges to what it held.
func (v *Walk) unlink(f *bowerbird.Fact) {
	for _, x := range v.g.Snapshot().Neighbors(nil, graph.Right, board(f.Board)) {
		v.g.Remove(x, person(f.Owner), kept)
	}
	v.g.RemoveRight(board(f.Board))
}

// setLanguage labels an item. A label never set is that of no language.
func (v *Walk) setLanguage(f *bowerbird.Fact) {
	x, l := uint32(f.Item), v.languages.number(f.ItemDoc.Language)
	old := v.g.Label(graph.Left, x)
	if l == old || v.g.SetLabel(graph.Left, x, l) != nil { // it refuses what add refuses
		return
	}
	v.languages.moved(old, l)
}

// start is where a walk begins.
type start struct {
	queries []graph.Query
	why     []bowerbird.Reason
	on      []uint32 // items of the board, ascending: no answer
}

func (s *start) at(q graph.Query, why bowerbird.Reason) {
	s.queries, s.why = append(s.queries, q), append(s.why, why)
}

func (s *start) holds(x uint32) bool {
	_, ok := slices.BinarySearch(s.on, x)
	return ok
}

// Candidates walks from the request's board, else its item, else from what the
// person did last. What the board holds already is no idea for it.
func (v *Walk) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if n <= 0 {
		return dst, nil
	}
	v.mu.RLock()
	snap, hidden, bias := v.g.Snapshot(), v.secret[r.Board], v.bias(r)
	v.mu.RUnlock()
	from := v.begin(snap, r, hidden)
	if len(from.queries) == 0 {
		return dst, nil
	}
	o := v.options(ctx, snap, r)
	o.Top, o.LeftBias = max(4*n, 200), bias
	hits, _, err := snap.Walk(from.queries, o)
	if err != nil {
		return dst, fmt.Errorf("retrieve: walk: %w", err)
	}
	discount(snap, graph.Left, hits, v.o.Discount)
	first := len(dst)
	for _, h := range hits {
		x := bowerbird.ItemID(h.ID)
		if from.holds(h.ID) || !pass(r, x) {
			continue
		}
		if dst = append(dst, bowerbird.Hit{Item: x, Score: float32(h.Score), Why: from.why[h.From]}); len(dst)-first == n {
			break
		}
	}
	return dst, nil
}

// options are those of every walk of a request.
func (v *Walk) options(ctx context.Context, s *graph.Snapshot, r *bowerbird.Request) graph.WalkOptions {
	o := graph.WalkOptions{
		Steps: v.steps(s), Restart: v.o.Restart, Recency: v.o.Recency, PerVisit: v.o.PerVisit, Seed: r.Seed, EarlyHits: 2000, MinVisits: 4,
		Stop: func() bool { return ctx.Err() != nil },
	}
	if v.o.Liked < 1 {
		o.KindWeights = []float64{kept: 1, liked: v.o.Liked}
	}
	return o
}

func (v *Walk) begin(s *graph.Snapshot, r *bowerbird.Request, hidden bool) start {
	var out start
	switch {
	case hidden: // no edges: walk from what the person who asks put there
		for _, x := range ownOn(r, v.o.Queries) {
			out.at(graph.Query{ID: uint32(x)}, bowerbird.Reason{Kind: bowerbird.BecauseBoard, Item: x, Board: r.Board})
		}
	case r.Board != 0:
		v.fromBoard(&out, s, r.Board)
	case r.Item != 0:
		out.at(graph.Query{ID: uint32(r.Item)}, bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: r.Item})
	default:
		for _, a := range seeds(r, v.o.Queries) {
			out.at(graph.Query{ID: uint32(a.Item), Weight: float64(a.Weight)}, because(a))
		}
	}
	return out
}

// fromBoard starts at the items of a board, which vote by the multi-hit boost. Of
// many, as many as may be are taken evenly over the board.
func (v *Walk) fromBoard(out *start, s *graph.Snapshot, b bowerbird.BoardID) {
	on := s.Neighbors(nil, graph.Right, board(b))
	n := min(len(on), v.o.Queries)
	for i := range n {
		x := on[i*len(on)/n]
		out.at(graph.Query{ID: x}, bowerbird.Reason{Kind: bowerbird.BecauseBoard, Item: bowerbird.ItemID(x), Board: b})
	}
	slices.Sort(on)
	out.on = on
}

// startOf is begin on the graph as it stands.
func (v *Walk) startOf(r *bowerbird.Request) start {
	v.mu.RLock()
	snap, hidden := v.g.Snapshot(), v.secret[r.Board]
	v.mu.RUnlock()
	return v.begin(snap, r, hidden)
}

// discount divides visits by a power of the degree and orders anew. Cost: a
// lookup for each hit.
func discount(s *graph.Snapshot, side graph.Side, hits []graph.Hit, power float64) {
	if power == 0 {
		return
	}
	for i := range hits {
		hits[i].Score /= powerOf(max(1, s.Degree(side, hits[i].ID)), power)
	}
	slices.SortFunc(hits, func(a, b graph.Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
}

// powers are those of small degrees, by the power: two are in use.
var powers sync.Map

// powerOf is degree^power.
func powerOf(degree int, power float64) float64 {
	const small = 1 << 12
	if degree >= small {
		return math.Pow(float64(degree), power)
	}
	x, ok := powers.Load(power)
	if !ok {
		t := new([small]float64)
		for i := range t {
			t[i] = math.Pow(float64(i), power)
		}
		x, _ = powers.LoadOrStore(power, t)
	}
	return x.(*[small]float64)[degree]
}

// busy is the power of how much a person keeps that the visits to them are divided
// by; .5 found less on the validation part of ML-100K.
const busy = .7

// Alike appends the n people whom walks from the request's recent actions meet
// most for how much they keep, best first; the person who asks is not among them.
// It walks on the edges of people only, so that nobody is met by a board.
func (v *Walk) Alike(ctx context.Context, r *bowerbird.Request, n int, dst []Alike) ([]Alike, error) {
	v.mu.RLock()
	snap := v.g.Snapshot()
	v.mu.RUnlock()
	from := v.begin(snap, &bowerbird.Request{Recent: r.Recent}, false)
	if len(from.queries) == 0 || n <= 0 {
		return dst, nil
	}
	o := v.options(ctx, snap, r)
	o.Target, o.Kinds, o.Top = graph.Right, byPeople, 4*n+50
	hits, _, err := snap.Walk(from.queries, o)
	if err != nil {
		return dst, fmt.Errorf("retrieve: walk: people alike: %w", err)
	}
	discount(snap, graph.Right, hits, busy)
	first := len(dst)
	for _, h := range hits {
		if h.ID != person(r.User) && len(dst)-first < n {
			dst = append(dst, Alike{bowerbird.UserID(h.ID >> 1), float32(h.Score)})
		}
	}
	return dst, nil
}

// Alike is a person with a history like that of somebody else.
type Alike struct {
	User  bowerbird.UserID
	Score float32
}

// Snapshot is the graph as it stands, for training and analysis: items on the
// left, people and boards on the right.
func (v *Walk) Snapshot() *graph.Snapshot {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.g.Snapshot()
}

// Save writes the graph's own checkpoint, then the secret boards (count, ids)
// and the languages in the order of their labels (count; name, items).
func (v *Walk) Save(w io.Writer) error {
	v.mu.RLock()
	g, secret, languages := v.g, maps.Clone(v.secret), slices.Clone(v.languages)
	v.mu.RUnlock()
	if _, err := g.WriteTo(w); err != nil {
		return err
	}
	fw := frame.NewWriter(w, "walk", 2)
	saveSet(fw, secret)
	fw.Int(len(languages))
	for _, l := range languages {
		fw.String(l.name)
		fw.Int(l.items)
	}
	return fw.Close()
}

// Load replaces the view by a saved one. One of version 1 is refused, since its
// edges to boards are of another kind; the view is then replayed.
func (v *Walk) Load(r io.Reader) error {
	g, err := graph.Read(r, graph.Options{})
	if err != nil {
		return err
	}
	fr, err := frame.NewReader(r, "walk", 2)
	if err != nil {
		return err
	}
	if fr.Version < 2 {
		return fmt.Errorf("retrieve: walk: a file of version %d, want 2: replay the log", fr.Version)
	}
	secret := loadSet(fr)
	var languages languages
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		languages = append(languages, language{fr.String(), fr.Int()})
	}
	if err := fr.Close(); err != nil {
		return err
	}
	if len(languages) > maxLanguages {
		return fmt.Errorf("retrieve: walk: %d languages, want at most %d", len(languages), maxLanguages)
	}
	v.mu.Lock()
	v.g, v.secret, v.languages = g, secret, languages
	v.mu.Unlock()
	return nil
}
