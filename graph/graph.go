package graph

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// Side tells the two kinds of nodes apart.
type Side uint8

const (
	Left  Side = 0 // things: items, pins
	Right Side = 1 // collections: boards, people
)

// String returns "left" or "right".
func (s Side) String() string {
	if s == Left {
		return "left"
	}
	return "right"
}

// MaxKinds is the number of edge kinds: 0 to 63, so that a walk can choose among them by a 64-bit mask.
const MaxKinds = 64

// Edge joins a left and a right node. (Left, Right, Kind) is its identity.
type Edge struct {
	Left, Right uint32
	Kind        uint8   // below MaxKinds
	Weight      float32 // in (0, 1]: the chance that a weighted walk takes the edge when it draws it; 0 is read as 1
	Time        uint32  // seconds since 1970, or any other clock that WalkOptions.Now shares; 0 when unknown
}

// Options of a graph. The zero value works.
type Options struct {
	// MaxNodes limits the ids of each side to 0 … MaxNodes-1, because memory grows with the largest id.
	// Default 1<<27, the highest allowed too.
	MaxNodes int
	// MergeAt is the number of changes in the live layer that starts a merge in the background.
	// Default: one for 64 edges, at least 1,024. Negative: never; the caller calls Merge.
	MergeAt int
	// Copy makes Open copy the file into memory of its own, of huge pages where there are any. Default: it maps the file.
	Copy bool
}

const maxNodes = 1 << 27

func (o Options) check() (Options, error) {
	if o.MaxNodes == 0 {
		o.MaxNodes = maxNodes
	}
	if o.MaxNodes < 0 || o.MaxNodes > maxNodes {
		return o, fmt.Errorf("graph: Options.MaxNodes is %d, want 1 to %d", o.MaxNodes, maxNodes)
	}
	return o, nil
}

// Graph is a live bipartite graph. All methods may be called at once from several goroutines; writers take turns.
//
// Memory: 8 bytes an edge and 4 bytes a node for the bulk; 4 bytes more an edge and direction for weights other than 1, 4 more for
// times other than 0; once any node has a label or any edge a kind other than 0, 4 bytes more a node and 8 for each run of edges
// of one label and kind in a row. An edge in the live layer takes about 40 bytes.
// At most 2³²-1 edges.
type Graph struct {
	opt Options

	mu      sync.Mutex
	st      *state
	log     []op // changes since the running merge took its snapshot
	merging bool

	mapped []byte // the file of Open

	snap    atomic.Pointer[Snapshot] // the current snapshot; nil after a change
	mergeMu sync.Mutex               // held by the one merge that runs
}

// New returns an empty graph.
func New(o Options) (*Graph, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	return &Graph{opt: o, st: newState()}, nil
}

// Add adds an edge, or sets the weight and time of the one that has the same ends and kind. It reports whether the edge
// is new. It costs O(min degree of the two ends) to look for the edge and O(1) to add it.
func (g *Graph) Add(e Edge) (bool, error) {
	e, err := g.check(e)
	if err != nil {
		return false, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.st.edges == math.MaxUint32 {
		return false, fmt.Errorf("graph: full: %d edges", g.st.edges)
	}
	return g.do(op{what: opAdd, e: e}) > 0, nil
}

// Remove removes the edge (left, right, kind) and reports whether it was there. It costs O(degree) of both ends.
func (g *Graph) Remove(left, right uint32, kind uint8) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.do(op{what: opRemove, e: Edge{Left: left, Right: right, Kind: kind}}) > 0
}

// RemoveNode removes all edges of a node (a deleted board, an erased person, a withdrawn item) and returns how many. Its
// label stays. It costs O(Σ degree of the neighbours); writers wait meanwhile, walks on an older snapshot do not.
func (g *Graph) RemoveNode(side Side, id uint32) int {
	if side > Right {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.do(op{what: opRemoveNode, side: side, e: Edge{Left: id}})
}

// RemoveRight is RemoveNode(Right, id).
func (g *Graph) RemoveRight(id uint32) int { return g.RemoveNode(Right, id) }

// SetLabel labels a node: a language, a market, a topic. Edges to it then lie together with others of that label in every
// neighbour's row, so that a walk can prefer them at no cost per step. Set it before the node's edges where you can: each edge
// that is already there moves, at the cost of a Remove and an Add. The default is 0.
func (g *Graph) SetLabel(side Side, id uint32, label uint8) error {
	if side > Right {
		return fmt.Errorf("graph: side is %d, want 0 or 1", side)
	}
	if int64(id) >= int64(g.opt.MaxNodes) {
		return fmt.Errorf("graph: %v id %d is out of range, limit %d", side, id, g.opt.MaxNodes)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.do(op{what: opLabel, side: side, e: Edge{Left: id, Kind: label}})
	return nil
}

// Label returns a node's label, 0 where none was set.
func (g *Graph) Label(side Side, id uint32) uint8 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.st.label(side&1, id)
}

// Edges returns the number of edges.
func (g *Graph) Edges() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.st.edges
}

// Snapshot returns the graph as it stands. It costs O(1) (plus a copy of one pointer for each 4,096 nodes at the next change)
// and is never changed by later operations. Keep it for a request, not for ever: it holds the rows it was taken from.
func (g *Graph) Snapshot() *Snapshot {
	if s := g.snap.Load(); s != nil {
		return s
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.freeze()
}

// freeze needs g.mu.
func (g *Graph) freeze() *Snapshot {
	if s := g.snap.Load(); s != nil {
		return s
	}
	s := g.st.freeze()
	g.snap.Store(s)
	return s
}

// do applies one change under g.mu and starts a merge when the live layer has grown.
func (g *Graph) do(o op) int {
	n := g.st.apply(o)
	if n == 0 {
		return 0
	}
	g.snap.Store(nil)
	if g.merging {
		g.log = append(g.log, o)
		return n
	}
	if at := g.opt.MergeAt; at >= 0 {
		if at == 0 {
			at = max(1<<10, g.st.edges/64)
		}
		if g.st.live[Left].changes+g.st.live[Right].changes > 2*at && g.mergeMu.TryLock() {
			g.merging = true
			go func() {
				defer g.mergeMu.Unlock()
				g.merge()
			}()
		}
	}
	return max(n, 0)
}

func (g *Graph) check(e Edge) (Edge, error) {
	limit := int64(g.opt.MaxNodes)
	switch {
	case int64(e.Left) >= limit:
		return e, fmt.Errorf("graph: left id %d is out of range, limit %d", e.Left, limit)
	case int64(e.Right) >= limit:
		return e, fmt.Errorf("graph: right id %d is out of range, limit %d", e.Right, limit)
	case e.Kind >= MaxKinds:
		return e, fmt.Errorf("graph: edge %d–%d: kind %d is out of range, limit %d", e.Left, e.Right, e.Kind, MaxKinds)
	case e.Weight == 0:
		e.Weight = 1
	case !(e.Weight > 0 && e.Weight <= 1):
		return e, fmt.Errorf("graph: edge %d–%d: weight %v is not in (0, 1]", e.Left, e.Right, e.Weight)
	}
	return e, nil
}
