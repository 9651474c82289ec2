package model

import (
	"fmt"
	"io"
)

// WriteContent writes a map from content with its card to a stream, in the form of Save: dimension, scale, idf, weights; and
// where there is likeness, its proportion, rank, basis and measures.
func WriteContent(w io.Writer, c *Content, card Card) error {
	card.Trainer = "content"
	return write(w, "content", card, c.features, func(e *encoder) {
		e.u32(uint32(c.dim))
		e.floats([]float32{c.Scale})
		e.floats(c.idf)
		e.floats(c.weights)
		if l := c.like; l != nil {
			e.floats([]float32{c.Mix})
			e.u32(uint32(l.rank))
			at := make([]uint32, len(l.at))
			for f, a := range l.at {
				at[f] = uint32(a + 1)
			}
			e.uints(at)
			e.floats(l.basis)
			e.floats(l.spread)
			e.floats(l.near)
			e.floats(l.mean)
		}
	})
}

// ReadContent reads what WriteContent wrote, to the end of the stream.
func ReadContent(r io.Reader) (*Content, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("model: read: %w", err)
	}
	card, d, err := open(b)
	if err != nil {
		return nil, err
	}
	if card.Kind != "content" {
		return nil, fmt.Errorf("%w: kind %q where a map from content belongs", ErrCorrupt, card.Kind)
	}
	c := &Content{features: card.Data.Items, dim: int(d.u32())}
	if d.err == nil && (c.dim < 1 || c.dim > maxDim) {
		d.fail("dimension %d", c.dim)
	}
	if d.err != nil {
		return nil, d.err
	}
	scale := d.floats(1)
	c.idf, c.weights = d.floats(c.features), d.floats(c.features*c.dim)
	if d.err == nil && len(d.b) > 0 {
		c.readLikeness(d)
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	c.Scale, c.Cosine = scale[0], card.Metrics["cosine"]
	return c, nil
}

func (c *Content) readLikeness(d *decoder) {
	mix := d.floats(1)
	l := &likeness{rank: int(d.u32())}
	if d.err == nil && (l.rank < 1 || l.rank > likeRank || !(mix[0] > 0)) {
		d.fail("likeness of rank %d, proportion %v", l.rank, mix[0])
	}
	used := uint32(0)
	for _, a := range d.uints(c.features) {
		l.at = append(l.at, int32(a)-1)
		used = max(used, a)
	}
	if d.err == nil && int(used) > c.features {
		d.fail("row %d of likeness for %d features", used, c.features)
	}
	if d.err != nil {
		return
	}
	l.basis = d.floats(int(used) * l.rank)
	l.spread, l.near, l.mean = d.floats(c.dim*c.dim), d.floats(l.rank*l.rank), d.floats(l.rank)
	c.Mix, c.like = mix[0], l
}

// Card says how well the map does: Metrics has the cosine of held-out items, where there were any.
func (c *Content) Card() Card {
	card := Card{Kind: "content", Trainer: "content"}
	if c.Cosine == c.Cosine {
		card.Metrics = map[string]float64{"cosine": c.Cosine, "likeness": float64(c.Mix)}
	}
	return card
}
