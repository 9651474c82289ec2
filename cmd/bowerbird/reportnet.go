package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"bowerbird"
	"bowerbird/graph"
	"bowerbird/load"
	"bowerbird/store"
)

// network is what a report is of, gathered from events: items on the left; boards and people on the right. Edges are those that
// walks go over (see retrieve.Walk), as they stand after the last event.
type network struct {
	source string
	until  int64 // time of the latest event, Unix milliseconds

	items  []netItem
	rights []netRight
	item   map[string]uint32
	right  map[rightKey]uint32
	people map[string]bool // that are known, with edges or without

	edges   []netEdge
	removed map[netKey]int // an edge noted before this place is gone
}

type netItem struct {
	name, title, topic string
	picture            *bowerbird.Picture
	put                bool // it is in the catalogue; a file of actions need not put it
	gone               bool
	since              int // edges noted before this place are gone
}

type netRight struct {
	rightKey
	title, owner string
	put          bool
	gone, secret bool
	since        int
}

// rightKey tells boards and people of one name apart.
type rightKey struct {
	board bool
	name  string
}

const noBoard = ^uint32(0)

// netEdge is an edge as it was noted; via is the board that a person's save went to, whose fate it shares.
type netEdge struct {
	netKey
	via uint32
}

type netKey struct {
	left, right uint32
	kind        uint8
}

// Edge kinds, as walks have them.
const (
	netKept  = 0 // saved or bought
	netLiked = 1 // clicked or shared
)

func newNetwork(source string) *network {
	return &network{source: source, item: map[string]uint32{}, right: map[rightKey]uint32{}, people: map[string]bool{}, removed: map[netKey]int{}}
}

// read gathers the network from the data folder's log, or from a file.
func (c *reportGraphCmd) read(a *app) (*network, func(id string) []byte, error) {
	if c.Path != "" {
		n := newNetwork(filepath.Base(c.Path))
		o := load.Options{Format: load.Format(c.Format), Map: c.Map, Positive: c.Positive,
			Progress: func(rows int64) { a.ui.step("reading "+n.source, rows, 0) }}
		rep, err := load.Read(a.ctx, c.Path, o, func(r load.Record) error { n.take(&r.Event); return nil })
		if err != nil {
			return nil, nil, err
		}
		if rep.Skipped > 0 {
			a.ui.say("%s of %s skipped; the first: %s", plural(rep.Skipped, "row"), n.source, firstOf(rep))
		}
		return n, func(string) []byte { return nil }, nil
	}
	dir := a.data(standardData)
	e, err := a.open(dir, true)
	if err != nil {
		return nil, nil, err
	}
	defer a.close(e)
	n := newNetwork(filepath.Base(dir))
	last := e.Log().Last()
	err = e.Log().Scan(a.ctx, 1, last, func(offset uint64, ev *bowerbird.Event) error {
		n.take(ev)
		if offset%4096 == 0 {
			a.ui.step("reading the log", int64(offset), int64(last))
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("report: read the log: %w", err)
	}
	blobs, err := store.Blobs(store.Dir(dir).Blobs(), store.BlobOptions{MaxBytes: 1 << 20})
	if err != nil {
		return nil, nil, err
	}
	return n, func(id string) []byte {
		b, err := blobs.Get(id)
		if err != nil {
			return nil // a picture less
		}
		return b
	}, nil
}

func firstOf(r *load.Report) string {
	if len(r.Errors) == 0 {
		return "not kept"
	}
	return r.Errors[0].Error()
}

// take folds one event.
func (n *network) take(e *bowerbird.Event) {
	n.until = max(n.until, e.Time)
	switch e.Kind {
	case bowerbird.ItemPut:
		if e.ItemDoc != nil {
			n.putItem(e.ItemDoc)
		}
	case bowerbird.ItemDelete:
		x := &n.items[n.itemOf(e.Item)]
		x.gone, x.since = true, len(n.edges)
	case bowerbird.BoardPut:
		if d := e.BoardDoc; d != nil {
			b := &n.rights[n.rightOf(true, d.ID)]
			b.title, b.owner, b.secret, b.put, b.gone = d.Title, d.Owner, d.Secret, true, false
		}
	case bowerbird.BoardDelete:
		n.drop(n.rightOf(true, e.Board))
	case bowerbird.UserPut:
		if e.UserDoc != nil {
			n.people[e.UserDoc.ID] = true
		}
	case bowerbird.UserErase:
		n.erase(e.User)
	case bowerbird.Save, bowerbird.Purchase:
		board := noBoard
		if e.Board != "" {
			board = n.rightOf(true, e.Board)
		}
		x := n.itemOf(e.Item)
		n.add(x, n.personOf(e.User), netKept, board)
		if board != noBoard {
			n.add(x, board, netKept, board)
		}
	case bowerbird.Click, bowerbird.Share:
		n.add(n.itemOf(e.Item), n.personOf(e.User), netLiked, noBoard)
	case bowerbird.Unsave:
		x := n.itemOf(e.Item)
		n.remove(x, n.personOf(e.User), netKept)
		if e.Board != "" {
			n.remove(x, n.rightOf(true, e.Board), netKept)
		}
	case bowerbird.Hide:
		x, p := n.itemOf(e.Item), n.personOf(e.User)
		n.remove(x, p, netKept)
		n.remove(x, p, netLiked)
	}
}

func (n *network) putItem(d *bowerbird.Item) {
	x := &n.items[n.itemOf(d.ID)]
	x.title, x.picture, x.topic = d.Title, d.Picture, ""
	x.put, x.gone = true, false
	if len(d.Categories) > 0 { // the path's beginning: few labels, each meaning something
		x.topic, _, _ = strings.Cut(d.Categories[0], "/")
	}
}

func (n *network) itemOf(name string) uint32 {
	id, ok := n.item[name]
	if !ok {
		id = uint32(len(n.items))
		n.item[name] = id
		n.items = append(n.items, netItem{name: name})
	}
	return id
}

func (n *network) rightOf(board bool, name string) uint32 {
	k := rightKey{board, name}
	id, ok := n.right[k]
	if !ok {
		id = uint32(len(n.rights))
		n.right[k] = id
		n.rights = append(n.rights, netRight{rightKey: k})
	}
	return id
}

func (n *network) personOf(name string) uint32 {
	n.people[name] = true
	return n.rightOf(false, name)
}

func (n *network) add(x, right uint32, kind uint8, via uint32) {
	n.edges = append(n.edges, netEdge{netKey{x, right, kind}, via})
}

func (n *network) remove(x, right uint32, kind uint8) {
	n.removed[netKey{x, right, kind}] = len(n.edges)
}

func (n *network) drop(right uint32) {
	r := &n.rights[right]
	r.gone, r.since, r.title, r.owner = true, len(n.edges), "", ""
}

// erase forgets a person and the boards they keep.
func (n *network) erase(user string) {
	n.drop(n.rightOf(false, user))
	delete(n.people, user)
	for id := range n.rights {
		if r := &n.rights[id]; r.board && r.owner == user {
			n.drop(uint32(id))
		}
	}
}

// held is the network as a graph, and what was left out of it.
type held struct {
	s                         *graph.Snapshot
	secretBoards, secretSaves int
	kept, liked               int // edges to people
	onBoards                  int // edges to boards
}

// graph builds the graph of what stands. Secret boards have no edges in it, nor have people to what they keep there alone.
func (n *network) graph() (*held, error) {
	h := new(held)
	for i := range n.rights {
		if r := &n.rights[i]; r.board && r.secret && !r.gone {
			h.secretBoards++
		}
	}
	edges := make([]graph.Edge, 0, len(n.edges))
	hidden := map[netKey]bool{}
	for at, e := range n.edges {
		r, x := &n.rights[e.right], &n.items[e.left]
		if x.gone || at < x.since || at < r.since || at < n.removed[e.netKey] || r.gone {
			continue
		}
		if e.via != noBoard {
			switch b := &n.rights[e.via]; {
			case at < b.since || b.gone || at < n.removed[netKey{e.left, e.via, netKept}]:
				continue
			case b.secret:
				if e.right == e.via {
					hidden[e.netKey] = true
				}
				continue
			}
		}
		edges = append(edges, graph.Edge{Left: e.left, Right: e.right, Kind: e.kind})
	}
	h.secretSaves = len(hidden)
	g, err := graph.Build(graph.Bulk{Edges: edges}, graph.Options{})
	if err != nil {
		return nil, err
	}
	h.s = g.Snapshot()
	for id := range uint32(h.s.Nodes(graph.Right)) {
		h.s.Each(graph.Right, id, func(e graph.Edge) {
			switch {
			case n.rights[id].board:
				h.onBoards++
			case e.Kind == netKept:
				h.kept++
			default:
				h.liked++
			}
		})
	}
	return h, nil
}
