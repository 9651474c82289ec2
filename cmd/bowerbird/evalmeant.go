package main

import (
	"context"

	"bowerbird"
	"bowerbird/feature"
	"bowerbird/filter"
	"bowerbird/query"
)

// intents knows what documents say of themselves and what queries ask for, as the served search does.
type intents struct {
	view   *query.Understanding
	fields *filter.Fields
	meant  *feature.Meant
}

func newIntents(s *searchSet) *intents {
	x := &intents{view: query.New(query.Options{}), fields: filter.NewFields()}
	var facts []bowerbird.Fact
	for d, says := range s.says {
		it := &bowerbird.Item{ID: s.ids[d], Title: s.texts[d]}
		for name, v := range says {
			if name == "category" {
				it.Categories = []string{v}
				continue
			}
			it.Attributes = it.Attributes.Set(bowerbird.Attribute{Name: name, Words: []string{v}})
		}
		facts = append(facts, bowerbird.Fact{Kind: bowerbird.ItemPut, ItemDoc: it, Offset: uint64(d + 1), Item: bowerbird.ItemID(d + 1)})
	}
	x.view.Apply(facts)
	x.fields.Apply(facts)
	x.meant = feature.NewMeant(x.fields.Test)
	return x
}

// columns are those of feature.Meant, a row for each document.
func (x *intents) columns(ctx context.Context, q string, docs []uint32) ([][]float64, error) {
	r := &bowerbird.Request{Surface: bowerbird.SearchWords, Query: q}
	if err := x.view.Rewrite(ctx, r); err != nil {
		return nil, err
	}
	n := len(x.meant.Names())
	items, flat := make([]bowerbird.ItemID, len(docs)), make([]float32, n*len(docs))
	for i, d := range docs {
		items[i] = bowerbird.ItemID(d + 1)
	}
	x.meant.Fill(r, items, flat, n)
	out := make([][]float64, len(docs))
	for i := range out {
		for _, v := range flat[i*n : (i+1)*n] {
			out[i] = append(out[i], float64(v))
		}
	}
	return out, nil
}
