package graph

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// plain is the graph as anyone would write it down: an ordered list of edges, in which a label change moves the node's edges to
// the end, one by one in the order that the node's own row has them.
type plain struct {
	labels [2]map[uint32]uint8
	rows   [2]map[uint32][]Edge // in order of arrival
}

func newPlain() *plain {
	return &plain{labels: [2]map[uint32]uint8{{}, {}}, rows: [2]map[uint32][]Edge{{}, {}}}
}

func end(e Edge, s Side) uint32 {
	if s == Left {
		return e.Left
	}
	return e.Right
}

func same(a, b Edge) bool { return a.Left == b.Left && a.Right == b.Right && a.Kind == b.Kind }

func (p *plain) class(s Side, e Edge) class { return classOf(p.labels[1-s][end(e, 1-s)], e.Kind) }

func (p *plain) row(s Side, id uint32) []Edge {
	out := slices.Clone(p.rows[s][id])
	slices.SortStableFunc(out, func(a, b Edge) int {
		return cmp.Compare(p.class(s, a), p.class(s, b))
	})
	return out
}

func (p *plain) apply(o op) {
	switch o.what {
	case opAdd:
		for s := range p.rows {
			row := p.rows[s][end(o.e, Side(s))]
			if i := slices.IndexFunc(row, func(x Edge) bool { return same(x, o.e) }); i >= 0 {
				row[i] = o.e
			} else {
				p.rows[s][end(o.e, Side(s))] = append(row, o.e)
			}
		}
	case opRemove:
		for s := range p.rows {
			p.rows[s][end(o.e, Side(s))] = slices.DeleteFunc(p.rows[s][end(o.e, Side(s))], func(x Edge) bool { return same(x, o.e) })
		}
	case opRemoveNode:
		for _, e := range p.row(o.side, o.e.Left) {
			p.apply(op{what: opRemove, e: e})
		}
	case opLabel:
		if p.labels[o.side][o.e.Left] == o.e.Kind {
			return
		}
		row := p.row(o.side, o.e.Left)
		p.labels[o.side][o.e.Left] = o.e.Kind
		for _, e := range row {
			far := end(e, 1-o.side)
			p.rows[1-o.side][far] = append(slices.DeleteFunc(p.rows[1-o.side][far], func(x Edge) bool { return same(x, e) }), e)
		}
	}
}

func randomOp(r *rand.Rand, lefts, rights int, labels bool) op {
	e := Edge{Left: uint32(r.IntN(lefts)), Right: uint32(r.IntN(rights)), Weight: 1}
	switch k := r.IntN(100); {
	case k < 70:
		if r.IntN(3) == 0 {
			e.Kind, e.Weight, e.Time = uint8(r.IntN(3)), float32(1+r.IntN(4))/4, uint32(r.IntN(5))
		}
		return op{what: opAdd, e: e}
	case k < 92:
		e.Kind = uint8(r.IntN(3) / 2)
		return op{what: opRemove, e: e}
	case k < 94:
		side := Side(r.IntN(2))
		if side == Right {
			e.Left = e.Right
		}
		return op{what: opRemoveNode, side: side, e: Edge{Left: e.Left}}
	case labels:
		side := Side(r.IntN(2))
		if side == Right {
			e.Left = e.Right
		}
		return op{what: opLabel, side: side, e: Edge{Left: e.Left, Kind: uint8(r.IntN(4))}}
	}
	return op{what: opAdd, e: e}
}

// put applies an op through the exported API.
func put(t testing.TB, g *Graph, o op) {
	t.Helper()
	var err error
	switch o.what {
	case opAdd:
		_, err = g.Add(o.e)
	case opRemove:
		g.Remove(o.e.Left, o.e.Right, o.e.Kind)
	case opRemoveNode:
		g.RemoveNode(o.side, o.e.Left)
	case opLabel:
		err = g.SetLabel(o.side, o.e.Left, o.e.Kind)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, p *plain, s *Snapshot) {
	t.Helper()
	edges := [2]int{}
	for side := Left; side <= Right; side++ {
		for id := range uint32(s.Nodes(side)) {
			var got []Edge
			s.Each(side, id, func(e Edge) { got = append(got, e) })
			want := p.row(side, id)
			if !slices.Equal(got, want) {
				t.Fatalf("%v %d: (-want +got)\n%s", side, id, gocmp.Diff(want, got))
			}
			if d := s.Degree(side, id); d != len(want) {
				t.Fatalf("%v %d: degree %d, want %d", side, id, d, len(want))
			}
			l := s.side[side].list(id)
			for i := range want {
				h := l.nth(uint32(i))
				if h.to != end(want[i], 1-side) || h.weight != want[i].Weight || h.time != want[i].Time {
					t.Fatalf("%v %d: place %d holds %+v, want %+v", side, id, i, h, want[i])
				}
			}
			seen := uint32(0)
			for sp := l.spans(); ; {
				from, to, c, ok := sp.next()
				if !ok {
					break
				}
				if from != seen {
					t.Fatalf("%v %d: class %x begins at %d, the last one ended at %d", side, id, c, from, seen)
				}
				for seen = from; seen < to; seen++ {
					if w := p.class(side, want[seen]); w != c {
						t.Fatalf("%v %d: place %d is of class %x, want %x", side, id, seen, c, w)
					}
				}
			}
			if int(seen) != len(want) {
				t.Fatalf("%v %d: classes of %d edges of %d", side, id, seen, len(want))
			}
			edges[side] += len(want)
		}
	}
	if edges[Left] != s.Edges() || edges[Right] != s.Edges() {
		t.Fatalf("Edges() = %d, rows hold %v", s.Edges(), edges)
	}
}

func checkpointBytes(t testing.TB, g *Graph) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := g.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo: %d of %d bytes, %v", n, b.Len(), err)
	}
	return b.Bytes()
}

// Random operations, against the plain list of edges; with merges at random moments, with none, and through checkpoints.
func TestAgainstPlain(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := newPlain()
		never, _ := New(Options{MergeAt: -1})
		often, _ := New(Options{MergeAt: 20})
		var snap *Snapshot
		var then *plain
		for i := range 800 {
			o := randomOp(r, 3+int(seed), 5+int(seed)%7, seed%3 > 0)
			p.apply(o)
			put(t, never, o)
			put(t, often, o)
			switch r.IntN(60) {
			case 0:
				often.Merge()
			case 1:
				back, err := Read(bytes.NewReader(checkpointBytes(t, often)), Options{MergeAt: 20})
				if err != nil {
					t.Fatal(err)
				}
				often = back
			case 2:
				snap, then = often.Snapshot(), newPlain()
				for s := range p.rows {
					for id, row := range p.rows[s] {
						then.rows[s][id] = slices.Clone(row)
					}
					for id, l := range p.labels[s] {
						then.labels[s][id] = l
					}
				}
			}
			if i%40 == 39 {
				compare(t, p, never.Snapshot())
				compare(t, p, often.Snapshot())
				if snap != nil {
					compare(t, then, snap) // what was frozen has not moved
				}
			}
		}
		if !bytes.Equal(checkpointBytes(t, never), checkpointBytes(t, often)) {
			t.Fatalf("seed %d: the moment of merges shows in the checkpoint", seed)
		}
	}
}

// Build gives what adding one by one gives.
func TestBuild(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 3))
		edges := append(synthetic(60, 40, 1500, 3, seed), synthetic(60, 40, 700, 3, seed+100)...) // many come twice
		if seed > 0 {
			edges = dressed(edges)
		}
		b := Bulk{Edges: edges}
		if seed > 1 {
			b.LeftLabels, b.RightLabels = make([]uint8, 50), make([]uint8, 45)
			for i := range b.LeftLabels {
				b.LeftLabels[i] = uint8(r.IntN(3))
			}
			for i := range b.RightLabels {
				b.RightLabels[i] = uint8(r.IntN(5))
			}
		}
		slow := grow(t, nil, Options{})
		for s, labels := range [][]uint8{b.LeftLabels, b.RightLabels} {
			for id, l := range labels {
				if err := slow.SetLabel(Side(s), uint32(id), l); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, e := range edges {
			put(t, slow, op{what: opAdd, e: e})
		}
		fast, err := Build(b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if fast.Edges() != slow.Edges() || fast.Edges() == len(edges) {
			t.Errorf("%d edges, want %d of %d", fast.Edges(), slow.Edges(), len(edges))
		}
		if !bytes.Equal(checkpointBytes(t, fast), checkpointBytes(t, slow)) {
			t.Errorf("seed %d: checkpoints differ", seed)
		}
		q, o := []Query{{ID: 3}}, WalkOptions{RightBias: Bias{Label: 1, Share: .5}}
		want, _ := walk(t, slow.Snapshot(), q, o)
		if got, _ := walk(t, fast.Snapshot(), q, o); !slices.Equal(got, want) {
			t.Errorf("seed %d: walks differ", seed)
		}
	}
	for _, b := range []Bulk{{Edges: []Edge{{Left: 100}}}, {Edges: []Edge{{Kind: 64}}}, {RightLabels: make([]uint8, 101)}} {
		if _, err := Build(b, Options{MaxNodes: 100}); err == nil {
			t.Errorf("%+v: accepted", b)
		}
	}
}
