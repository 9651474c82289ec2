package engine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"bowerbird"
	"bowerbird/retrieve"
)

// Taxonomy is the owner's tree of what things are: from the last part of a path, in lower
// case, to the path.
type Taxonomy map[string]string

// ReadTaxonomy reads a tree from a file of paths, one a line: home/kitchen/mug. What is
// above a line need not have one. Lines that begin with # are left out.
func ReadTaxonomy(r io.Reader) (Taxonomy, error) {
	t := Taxonomy{}
	s := bufio.NewScanner(r)
	for n := 1; s.Scan(); n++ {
		path := strings.Trim(strings.TrimSpace(s.Text()), "/")
		if path == "" || path[0] == '#' {
			continue
		}
		leaf := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
		if old, ok := t[leaf]; ok && old != path {
			return nil, fmt.Errorf("taxonomy: line %d: %q is below %q already", n, leaf, old)
		}
		t[leaf] = path
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("taxonomy: %w", err)
	}
	return t, nil
}

// Label is a word or a category that fits an item.
type Label struct {
	Name       string
	Confidence float32
	Own        bool // it is written of the item already
}

const leastConfidence = .1

// Labels proposes tags and categories of an item by those of the items that look most like it
// (not its copies), with what lies above them in the owner's tree, the surest first.
func (e *Engine) Labels(ctx context.Context, name string) ([]Label, error) {
	h := e.House()
	x, ok := h.Catalogue.Item(name)
	if !ok {
		return nil, &Unknown{"item", name}
	}
	d, err := h.Catalogue.ItemDoc(x)
	if err != nil {
		return nil, &Unknown{"item", name}
	}
	copies := h.copies.Members(x)
	r := &bowerbird.Request{Item: x, Keep: func(y bowerbird.ItemID) bool { return y != x && h.fields.Live(y) && !slices.Contains(copies, y) }}
	hits, err := h.looks.Candidates(ctx, r, retrieve.Voters, nil)
	if err != nil {
		return nil, fmt.Errorf("engine: labels of item %s: %w", name, err)
	}
	var voters []retrieve.Voter
	for _, hit := range hits {
		if n, err := h.Catalogue.ItemDoc(hit.Item); err == nil {
			voters = append(voters, retrieve.Voter{Likeness: retrieve.Likeness(hit.Score), Labels: append(slices.Clone(n.Categories), n.Tags...)})
		}
	}
	own := append(slices.Clone(d.Categories), d.Tags...)
	var out []Label
	for _, l := range retrieve.Vote(voters, h.taxonomy) {
		if l.Confidence >= leastConfidence {
			out = append(out, Label{l.Name, l.Confidence, slices.Contains(own, l.Name)})
		}
	}
	return out, nil
}
