package main

import (
	"cmp"
	"fmt"
	"slices"

	"bowerbird/graph"
)

const (
	portrayed      = 24 // communities that are described
	topOfCommunity = 8  // items that stand for one
)

// portray describes the largest communities: what is in them, and how much they have to do with each other.
func (d *describer) portray() error {
	f := &d.r.Communities
	list := make([]community, f.Count)
	items, boards := make([][]uint32, f.Count), make([][]uint32, f.Count)
	inside, ends := make([]float64, f.Count), make([]float64, f.Count)
	f.between = make([][]float64, min(f.Count, portrayed))
	for i := range f.between {
		f.between[i] = make([]float64, len(f.between))
	}
	linked, total := 0, 0.0
	for id, c := range d.part {
		if c < 0 {
			continue
		}
		linked++
		list[c].Items++
		items[c] = append(items[c], uint32(id))
		d.s.Each(graph.Left, uint32(id), func(e graph.Edge) {
			o := d.side[e.Right]
			if ends[c]++; o == c {
				inside[c]++
				total++
			} else if max(int(c), int(o)) < len(f.between) {
				f.between[min(c, o)][max(c, o)]++
			}
		})
	}
	f.Inside = total / float64(d.s.Edges())
	for id, c := range d.side {
		switch {
		case c < 0:
		case d.n.rights[id].board:
			list[c].Boards++
			boards[c] = append(boards[c], uint32(id))
		default:
			list[c].People++
		}
	}
	for c := range list[:len(f.between)] {
		m := &list[c]
		m.Share, m.Inside = float64(m.Items)/float64(linked), inside[c]/max(1, ends[c])
		m.Topics = d.topics(items[c])
		slices.SortFunc(items[c], d.byRank)
		for _, id := range items[c][:min(len(items[c]), topOfCommunity)] {
			m.Top = append(m.Top, d.figure(id))
		}
		slices.SortStableFunc(boards[c], func(a, b uint32) int { return d.s.Degree(graph.Right, b) - d.s.Degree(graph.Right, a) })
		for _, id := range boards[c][:min(len(boards[c]), 3)] {
			m.TopBoard = append(m.TopBoard, d.boardName(id))
		}
	}
	f.List = list[:len(f.between)]
	return nil
}

func (d *describer) boardName(id uint32) string {
	r := &d.n.rights[id]
	return cmp.Or(r.title, r.name)
}

// topics are the up to three commonest among items.
func (d *describer) topics(items []uint32) (list []topicShare) {
	count, labelled := map[string]int{}, 0
	for _, id := range items {
		if t := d.n.items[id].topic; t != "" {
			count[t]++
			labelled++
		}
	}
	for _, t := range sortedByCount(count) {
		if len(list) == 3 {
			break
		}
		list = append(list, topicShare{t, float64(count[t]) / float64(labelled)})
	}
	return list
}

// leastOnBoard is how many labelled items a board must hold for its mixture to say something.
const leastOnBoard = 5

// focus tells how mixed boards are, by the items' categories, or by communities where few items have one.
func (d *describer) focus() error {
	label, names := make([]int32, d.s.Nodes(graph.Left)), []string{}
	number, labelled := map[string]int32{}, 0
	for id := range label {
		label[id] = -1
		if t := d.n.items[id].topic; t != "" {
			if _, ok := number[t]; !ok {
				number[t] = int32(len(names))
				names = append(names, t)
			}
			label[id] = number[t]
			labelled++
		}
	}
	f := &focusFigure{By: "categories"}
	if labelled*2 < len(label) || len(names) < 2 {
		f.By, names, label = "communities", nil, d.part
		for c := range d.r.Communities.Count {
			names = append(names, fmt.Sprintf("community %d", c+1))
		}
	}
	mixed, err := d.s.Mixtures(label)
	if err != nil {
		return err
	}
	var all []boardFocus
	for id, m := range mixed {
		if d.n.rights[id].board && m.Members >= leastOnBoard {
			all = append(all, boardFocus{d.boardName(uint32(id)), m.Members, m.Entropy, names[m.Most], m.Share})
			f.bits = append(f.bits, m.Entropy)
		}
	}
	if len(all) == 0 {
		return nil
	}
	d.r.Focus, f.Boards = f, len(all)
	var commonest []float64
	for _, b := range all {
		f.Mean += b.Bits / float64(len(all))
		if b.Bits == 0 {
			f.Single += 1 / float64(len(all))
		}
		commonest = append(commonest, b.Share)
	}
	slices.Sort(commonest)
	f.Typical = commonest[len(commonest)/2]
	slices.SortStableFunc(all, func(a, b boardFocus) int {
		return cmp.Or(cmp.Compare(a.Bits, b.Bits), cmp.Compare(b.Items, a.Items))
	})
	f.Median = all[(len(all)-1)/2].Bits
	f.Focused = slices.Clone(all[:min(len(all), 8)])
	slices.SortStableFunc(all, func(a, b boardFocus) int {
		return cmp.Or(cmp.Compare(b.Bits, a.Bits), cmp.Compare(b.Items, a.Items))
	})
	f.Broad = all[:min(len(all), 8)]
	return nil
}

// summary is what stands out, in sentences.
func (r *graphReport) summary() []string {
	boards := ""
	if r.Boards > 0 {
		boards = ", " + plural(r.Boards, "public board")
	}
	s := []string{fmt.Sprintf("%s%s and %s are joined by %s.", plural(r.Items, "item"), boards, people(r.People), plural(r.Edges, "edge"))}
	for _, d := range r.Degrees {
		if d.Of == "items" {
			none := ""
			if n := d.Stats.Isolated; n > 0 {
				none = fmt.Sprintf("; %s %s none", count(n), map[bool]string{true: "has", false: "have"}[n == 1])
			}
			s = append(s, fmt.Sprintf("The busiest %s of the items hold half of all edges (Gini %.2f)%s.", shareOf(d.HalfOf), d.Stats.Gini, none))
		}
	}
	if c := r.Components; c.Count == 1 {
		s = append(s, "Everything hangs together: from any item a walk can reach any other.")
	} else {
		s = append(s, fmt.Sprintf("%s of what has edges hangs together; the rest is in %s that no walk reaches.", shareOf(c.LargestShare), plural(c.Count-1, "island")))
	}
	c := r.Communities
	word := "loosely: most tastes overlap"
	switch {
	case c.Modularity >= .5:
		word = "clearly: tastes keep to themselves"
	case c.Modularity >= .3:
		word = "plainly, with much in between"
	}
	s = append(s, fmt.Sprintf("It divides into %s, %s (modularity %.3f, %s of the edges stay inside).", communitiesOf(c.Count), word, c.Modularity, shareOf(c.Inside)))
	if f := r.Focus; f != nil {
		typical := ""
		if f.Typical < 1 {
			typical = fmt.Sprintf("; on the typical board the commonest has %s of the items", shareOf(f.Typical))
		}
		s = append(s, fmt.Sprintf("%s of the boards keep to a single one of the %s%s.", shareOf(f.Single), f.By, typical))
	}
	if r.Secret > 0 {
		s = append(s, fmt.Sprintf("%s with %s %s left out of everything else here.", plural(r.Secret, "secret board"), plural(r.SecretSaves, "save"),
			map[bool]string{true: "is", false: "are"}[r.Secret == 1]))
	}
	return s
}
