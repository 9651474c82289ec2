package retrieve

import (
	"context"
	"fmt"
	"io"
	"maps"
	"sync"

	"bowerbird"
	"bowerbird/graph"
	"bowerbird/internal/frame"
)

// Edge kinds of the graph.
const (
	kept  = 0 // saved or bought
	liked = 1 // clicked or shared
)

// WalkOptions tunes the walks.
type WalkOptions struct {
	Steps   int // of one request; 0 means half as many as there are items, between 800 and 8,000
	Queries int // newest actions that a home walk starts from; 0 means 10
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
type Walk struct {
	o      WalkOptions
	g      *graph.Graph
	mu     sync.RWMutex
	secret secrets
}

// NewWalk returns an empty graph.
func NewWalk(o WalkOptions) *Walk {
	if o.Queries == 0 {
		o.Queries = 10
	}
	g, err := graph.New(graph.Options{})
	if err != nil {
		panic(err) // the zero options are valid: our own invariant
	}
	return &Walk{o: o, g: g, secret: secrets{}}
}

// steps grows with the graph: in a small one, few steps have been everywhere.
func (v *Walk) steps(s *graph.Snapshot) int {
	if v.o.Steps != 0 {
		return v.o.Steps
	}
	return min(8000, max(800, s.Nodes(graph.Left)/2))
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
				v.add(f, board(f.Board), kept)
			}
		case bowerbird.Click, bowerbird.Share:
			v.add(f, person(f.User), liked)
		case bowerbird.Unsave:
			v.g.Remove(uint32(f.Item), person(f.User), kept)
			if f.Board != 0 {
				v.g.Remove(uint32(f.Item), board(f.Board), kept)
			}
		case bowerbird.Hide:
			v.g.Remove(uint32(f.Item), person(f.User), kept)
			v.g.Remove(uint32(f.Item), person(f.User), liked)
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

// Candidates walks from the request's board, else its item, else from what the
// person did last.
func (v *Walk) Candidates(ctx context.Context, r *bowerbird.Request, n int, dst []bowerbird.Hit) ([]bowerbird.Hit, error) {
	if n <= 0 {
		return dst, nil
	}
	var queries []graph.Query
	var from []bowerbird.Reason
	v.mu.RLock()
	snap, hidden := v.g.Snapshot(), v.secret[r.Board]
	v.mu.RUnlock()
	switch {
	case hidden: // no edges: walk from what the person who asks put there
		for _, x := range ownOn(r, v.o.Queries) {
			queries = append(queries, graph.Query{ID: uint32(x)})
			from = append(from, bowerbird.Reason{Kind: bowerbird.BecauseBoard, Item: x, Board: r.Board})
		}
	case r.Board != 0:
		queries = append(queries, graph.Query{ID: board(r.Board), Side: graph.Right})
		from = append(from, bowerbird.Reason{Kind: bowerbird.BecauseBoard, Board: r.Board})
	case r.Item != 0:
		queries = append(queries, graph.Query{ID: uint32(r.Item)})
		from = append(from, bowerbird.Reason{Kind: bowerbird.BecauseItem, Item: r.Item})
	default:
		for _, a := range seeds(r, v.o.Queries) {
			queries = append(queries, graph.Query{ID: uint32(a.Item), Weight: float64(a.Weight)})
			from = append(from, because(a))
		}
	}
	if len(queries) == 0 {
		return dst, nil
	}
	hits, _, err := snap.Walk(queries, graph.WalkOptions{
		Steps: v.steps(snap), Top: 2 * n, Seed: r.Seed, EarlyHits: 2000, MinVisits: 4,
		Stop: func() bool { return ctx.Err() != nil },
	})
	if err != nil {
		return dst, fmt.Errorf("retrieve: walk: %w", err)
	}
	start := len(dst)
	for _, h := range hits {
		if x := bowerbird.ItemID(h.ID); pass(r, x) {
			if dst = append(dst, bowerbird.Hit{Item: x, Score: float32(h.Score), Why: from[h.From]}); len(dst)-start == n {
				break
			}
		}
	}
	return dst, nil
}

// Save writes the graph's own checkpoint, then the secret boards (count, ids).
func (v *Walk) Save(w io.Writer) error {
	v.mu.RLock()
	g, secret := v.g, maps.Clone(v.secret)
	v.mu.RUnlock()
	if _, err := g.WriteTo(w); err != nil {
		return err
	}
	fw := frame.NewWriter(w, "walk", 1)
	saveSet(fw, secret)
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Walk) Load(r io.Reader) error {
	g, err := graph.Read(r, graph.Options{})
	if err != nil {
		return err
	}
	fr, err := frame.NewReader(r, "walk", 1)
	if err != nil {
		return err
	}
	secret := loadSet(fr)
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.g, v.secret = g, secret
	v.mu.Unlock()
	return nil
}
