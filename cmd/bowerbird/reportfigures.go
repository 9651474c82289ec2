package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"bowerbird/graph"
)

// graphReport is what the report tells; --json prints it.
type graphReport struct {
	Source  string     `json:"source"`
	Until   *time.Time `json:"until,omitempty"` // of the latest event
	Summary []string   `json:"summary"`

	Items       int `json:"items"`
	Boards      int `json:"public_boards"`
	People      int `json:"people"`
	Edges       int `json:"edges"`
	OnBoards    int `json:"edges_item_board"`
	Kept        int `json:"edges_item_person_saved"`
	Liked       int `json:"edges_item_person_clicked_or_shared"`
	Secret      int `json:"secret_boards_left_out"`
	SecretSaves int `json:"secret_saves_left_out"`

	Degrees     []degreeFigure    `json:"degrees"`
	Components  componentFigure   `json:"components"`
	Cores       coreFigure        `json:"cores"`
	Communities communitiesFigure `json:"communities"`
	Top         []topItem         `json:"pagerank"`
	Focus       *focusFigure      `json:"board_entropy,omitempty"`
	Pairs       []pairFigure      `json:"kept_together"`
	Shape       shapeFigure       `json:"shape"`

	Steps   []stepFigure `json:"steps"`
	Seconds float64      `json:"seconds"`
}

type stepFigure struct {
	What    string  `json:"what"`
	Seconds float64 `json:"seconds"`
}

type itemFigure struct {
	ID      string `json:"id"`
	Title   string `json:"title,omitempty"`
	picture int    // number of the item, for the page
}

type degreeFigure struct {
	Of       string            `json:"of"`
	Stats    graph.DegreeStats `json:"stats"`
	PowerLaw *powerLawFigure   `json:"power_law,omitempty"`
	HalfOf   float64           `json:"share_with_half_of_edges"` // the busiest share of nodes that holds half of the edges
	counts   []int
}

type powerLawFigure struct {
	Exponent float64  `json:"exponent"`
	Error    float64  `json:"standard_error"`
	Min      int      `json:"from_degree"`
	Tail     int      `json:"nodes"`
	KS       float64  `json:"ks"`
	P        *float64 `json:"p,omitempty"`
	law      graph.PowerLaw
}

type componentFigure struct {
	Count        int     `json:"count"`
	LargestShare float64 `json:"largest_share_of_nodes"`
	Sizes        []int   `json:"largest"`
}

type coreFigure struct {
	Deepest   int          `json:"deepest"`
	Items     []int        `json:"items_by_core"` // how many items have core number 0, 1, …
	Innermost []itemFigure `json:"innermost_items"`
	Inside    int          `json:"innermost_item_count"`
	FiveCore  [2]int       `json:"five_core_items_and_collections"`
}

type communitiesFigure struct {
	Count      int         `json:"count"`
	Modularity float64     `json:"modularity"`
	Inside     float64     `json:"edges_inside"` // share
	List       []community `json:"largest"`
	between    [][]float64 // edges between those listed
}

type community struct {
	Items    int          `json:"items"`
	Boards   int          `json:"public_boards"`
	People   int          `json:"people"`
	Share    float64      `json:"share_of_items"`
	Inside   float64      `json:"edges_inside"` // share of the edges of its items
	Topics   []topicShare `json:"topics,omitempty"`
	Top      []itemFigure `json:"top_items"`
	TopBoard []string     `json:"top_boards,omitempty"`
}

type topicShare struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"`
}

type topItem struct {
	itemFigure
	Rank      float64 `json:"pagerank"`
	Edges     int     `json:"edges"`
	ByEdges   int     `json:"place_by_edges"`
	Community int     `json:"community"` // from 1
}

type focusFigure struct {
	By      string       `json:"by"` // categories, or communities where items have none
	Boards  int          `json:"boards"`
	Mean    float64      `json:"mean_bits"`
	Median  float64      `json:"median_bits"`
	Single  float64      `json:"share_of_one_only"`      // of boards
	Typical float64      `json:"median_commonest_share"` // what the commonest has of a board
	Focused []boardFocus `json:"most_focused"`
	Broad   []boardFocus `json:"broadest"`
	bits    []float64
}

type boardFocus struct {
	Board string  `json:"board"`
	Items int     `json:"items"`
	Bits  float64 `json:"bits"`
	Most  string  `json:"most"`
	Share float64 `json:"share"`
}

type pairFigure struct {
	A      itemFigure `json:"a"`
	B      itemFigure `json:"b"`
	Count  int        `json:"count"`
	Cosine float64    `json:"cosine"`
}

type shapeFigure struct {
	Butterflies      float64 `json:"butterflies"`
	ButterfliesError float64 `json:"butterflies_standard_error"`
	Clustering       float64 `json:"bipartite_clustering"`
	Assortativity    float64 `json:"assortativity"`
	ProjectedEdges   int     `json:"projection_edges"`
	Triangles        int64   `json:"projection_triangles"`
	Transitivity     float64 `json:"projection_transitivity"`
	PassedOver       int     `json:"collections_passed_over"`
}

// describer makes a report step by step.
type describer struct {
	n    *network
	c    *reportGraphCmd
	s    *graph.Snapshot
	r    *graphReport
	rank []float64 // of items
	part []int32   // community of items
	side []int32   // of boards and people
}

// describe measures everything. told is called before each step; an error of it ends the report.
func describe(n *network, c *reportGraphCmd, told func(what string, done, total int) error) (*graphReport, error) {
	d := &describer{n: n, c: c, r: &graphReport{Source: n.source, People: len(n.people)}}
	if n.until > 0 {
		t := time.UnixMilli(n.until).UTC()
		d.r.Until = &t
	}
	steps := []struct {
		what string
		do   func() error
	}{
		{"building the graph", d.build}, {"degrees", d.degrees}, {"components", d.components}, {"cores", d.cores},
		{"communities", d.communities}, {"pagerank", d.pagerank}, {"describing communities", d.portray},
		{"boards", d.focus}, {"pairs", d.pairs}, {"rings", d.shape},
	}
	for i, s := range steps {
		if err := told("measuring: "+s.what, i, len(steps)); err != nil {
			return nil, err
		}
		start := time.Now()
		if err := s.do(); err != nil {
			return nil, fmt.Errorf("report: %s: %w", s.what, err)
		}
		d.r.Steps = append(d.r.Steps, stepFigure{s.what, time.Since(start).Seconds()})
	}
	d.r.Summary = d.r.summary()
	return d.r, nil
}

func (d *describer) build() error {
	h, err := d.n.graph()
	if err != nil {
		return err
	}
	d.s, d.r.Edges = h.s, h.s.Edges()
	d.r.OnBoards, d.r.Kept, d.r.Liked = h.onBoards, h.kept, h.liked
	d.r.Secret, d.r.SecretSaves = h.secretBoards, h.secretSaves
	for i := range d.n.items {
		if x := &d.n.items[i]; !x.gone && (x.put || d.s.Degree(graph.Left, uint32(i)) > 0) {
			d.r.Items++
		}
	}
	for i := range d.n.rights {
		if r := &d.n.rights[i]; r.board && !r.secret && (r.put && !r.gone || d.s.Degree(graph.Right, uint32(i)) > 0) {
			d.r.Boards++
		}
	}
	return nil
}

// counted are the nodes of one kind: how many have each degree.
func (d *describer) counted(side graph.Side, is func(id uint32) bool) (degrees, counts []int) {
	for id := range uint32(d.s.Nodes(side)) {
		k := d.s.Degree(side, id)
		if k == 0 || !is(id) {
			continue
		}
		degrees = append(degrees, k)
		for len(counts) <= k {
			counts = append(counts, 0)
		}
		counts[k]++
	}
	return degrees, counts
}

func (d *describer) degrees() error {
	for _, k := range []struct {
		of    string
		total int
		side  graph.Side
		is    func(id uint32) bool
	}{
		{"items", d.r.Items, graph.Left, func(uint32) bool { return true }},
		{"boards", d.r.Boards, graph.Right, func(id uint32) bool { return d.n.rights[id].board }},
		{"people", d.r.People, graph.Right, func(id uint32) bool { return !d.n.rights[id].board }},
	} {
		degrees, counts := d.counted(k.side, k.is)
		f := degreeFigure{Of: k.of, Stats: graph.DescribeDegrees(degrees), counts: counts}
		if f.Stats.Nodes == 0 {
			continue
		}
		f.Stats.Nodes, f.Stats.Isolated = k.total, k.total-f.Stats.Nodes
		slices.SortFunc(degrees, func(a, b int) int { return b - a })
		sum, total := 0, 0
		for _, x := range degrees {
			total += x
		}
		for i, x := range degrees {
			if sum += x; 2*sum >= total {
				f.HalfOf = float64(i+1) / float64(len(degrees))
				break
			}
		}
		bootstraps := d.c.Bootstraps
		if len(degrees) > 200_000 { // seconds each
			bootstraps = 0
		}
		if p, err := graph.FitPowerLaw(counts, graph.PowerLawOptions{Bootstraps: bootstraps, Seed: d.c.Seed}); err == nil { // else too few to fit
			f.PowerLaw = &powerLawFigure{Exponent: p.Exponent, Error: p.Error, Min: p.Min, Tail: p.Tail, KS: p.KS, law: p}
			if !math.IsNaN(p.P) {
				f.PowerLaw.P = &p.P
			}
		}
		d.r.Degrees = append(d.r.Degrees, f)
	}
	return nil
}

func (d *describer) components() error {
	_, _, sizes := d.s.Components()
	total := 0
	for _, n := range sizes {
		total += n
	}
	d.r.Components = componentFigure{len(sizes), float64(sizes[0]) / float64(total), sizes[:min(len(sizes), 10)]}
	return nil
}

func (d *describer) cores() error {
	left, right := d.s.Cores()
	f := &d.r.Cores
	for id, k := range left {
		if d.s.Degree(graph.Left, uint32(id)) == 0 {
			continue
		}
		for len(f.Items) <= int(k) {
			f.Items = append(f.Items, 0)
		}
		f.Items[k]++
	}
	f.Deepest = len(f.Items) - 1
	f.Inside = f.Items[f.Deepest]
	var inner []uint32
	for id, k := range left {
		if int(k) == f.Deepest {
			inner = append(inner, uint32(id))
		}
	}
	slices.SortStableFunc(inner, func(a, b uint32) int { return d.s.Degree(graph.Left, b) - d.s.Degree(graph.Left, a) })
	for _, id := range inner[:min(len(inner), 12)] {
		f.Innermost = append(f.Innermost, d.figure(id))
	}
	for side, core := range [][]int32{left, right} {
		for _, k := range core {
			if k >= 5 {
				f.FiveCore[side]++
			}
		}
	}
	return nil
}

func (d *describer) figure(id uint32) itemFigure {
	return itemFigure{ID: d.n.items[id].name, Title: d.n.items[id].title, picture: int(id)}
}

func (d *describer) communities() (err error) {
	f := &d.r.Communities
	d.part, d.side, f.Modularity, err = d.s.Communities(graph.CommunityOptions{Seed: d.c.Seed, Resolution: d.c.Resolution})
	for _, c := range d.part {
		f.Count = max(f.Count, int(c)+1)
	}
	return err
}

func (d *describer) pagerank() error {
	all, err := d.s.Undirected().PageRank(graph.PageRankOptions{Tolerance: 1e-6})
	if err != nil {
		return err
	}
	d.rank = all[:d.s.Nodes(graph.Left)]
	var order []uint32
	for id := range uint32(len(d.rank)) {
		if d.s.Degree(graph.Left, id) > 0 {
			order = append(order, id)
		}
	}
	slices.SortStableFunc(order, func(a, b uint32) int { return d.s.Degree(graph.Left, b) - d.s.Degree(graph.Left, a) })
	place := make([]int, len(d.rank))
	for i, id := range order {
		place[id] = i + 1
	}
	slices.SortFunc(order, d.byRank)
	for _, id := range order[:min(len(order), 24)] {
		d.r.Top = append(d.r.Top, topItem{d.figure(id), d.rank[id], d.s.Degree(graph.Left, id), place[id], int(d.part[id]) + 1})
	}
	return nil
}

func (d *describer) byRank(a, b uint32) int {
	return cmp.Or(cmp.Compare(d.rank[b], d.rank[a]), cmp.Compare(a, b))
}

func (d *describer) pairs() error {
	found, st, err := d.s.Pairs(graph.PairOptions{Top: 20, MinCount: 3})
	if err != nil {
		return err
	}
	d.r.Shape.PassedOver = st.Passed
	for _, p := range found {
		d.r.Pairs = append(d.r.Pairs, pairFigure{d.figure(p.A), d.figure(p.B), p.Count, p.Cosine})
	}
	return nil
}

func (d *describer) shape() error {
	f := &d.r.Shape
	b, err := d.s.Butterflies(graph.ButterflyOptions{Seed: d.c.Seed})
	if err != nil {
		return err
	}
	f.Butterflies, f.ButterfliesError, f.Clustering = b.Butterflies, b.Error, b.Clustering
	f.Assortativity = d.s.Assortativity()
	p, _, err := d.s.Project(graph.PairOptions{Each: 10})
	if err != nil {
		return err
	}
	t := p.Triangles()
	f.ProjectedEdges, f.Triangles, f.Transitivity = p.Edges(), t.Triangles, t.Transitivity
	return nil
}
