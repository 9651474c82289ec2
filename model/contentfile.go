package model

import (
	"fmt"
	"io"
)

// WriteContent writes a map from content with its card to a stream, in the form of Save: dimension, scale, idf, weights.
func WriteContent(w io.Writer, c *Content, card Card) error {
	card.Trainer = "content"
	return write(w, "content", card, c.features, func(e *encoder) {
		e.u32(uint32(c.dim))
		e.floats([]float32{c.Scale})
		e.floats(c.idf)
		e.floats(c.weights)
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
	if err := d.end(); err != nil {
		return nil, err
	}
	c.Scale, c.Cosine = scale[0], card.Metrics["cosine"]
	return c, nil
}

// Card says how well the map does: Metrics has the cosine of held-out items, where there were any.
func (c *Content) Card() Card {
	card := Card{Kind: "content", Trainer: "content"}
	if c.Cosine == c.Cosine {
		card.Metrics = map[string]float64{"cosine": c.Cosine}
	}
	return card
}
