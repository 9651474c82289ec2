package engine

import (
	"context"
	"fmt"

	"bowerbird"
	"bowerbird/signal"
)

// Pictured returns an item's document completed by its picture, and the events
// that put both into the log: the picture's bytes and thumbnails become blobs,
// its sizes, colours, looks and placeholder part of the document, its vectors and its
// print signals. The error is an *bowerbird.Invalid where the picture is at fault.
func (e *Engine) Pictured(ctx context.Context, item bowerbird.Item, data []byte) (bowerbird.Item, []bowerbird.Event, error) {
	p, signals, err := signal.Picture(ctx, e.blobs, data)
	if err != nil {
		return item, nil, err
	}
	item.Picture = p
	events := []bowerbird.Event{{Kind: bowerbird.ItemPut, ItemDoc: &item}}
	for _, s := range signals {
		events = append(events, bowerbird.Event{Kind: bowerbird.SignalPut, Item: item.ID, Signal: s})
	}
	return item, events, nil
}

// PutPicture gives an item that is there a picture.
func (e *Engine) PutPicture(ctx context.Context, name string, data []byte) (*bowerbird.Item, error) {
	cat := e.House().Catalogue
	id, ok := cat.Item(name)
	if !ok {
		return nil, &Unknown{"item", name}
	}
	d, err := cat.ItemDoc(id)
	if err != nil {
		return nil, &Unknown{"item", name}
	}
	item, events, err := e.Pictured(ctx, *d, data)
	if err != nil {
		return nil, err
	}
	results, err := e.Ingest(ctx, events)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		if r.Err != nil {
			return nil, fmt.Errorf("engine: picture of item %s: %w", name, r.Err)
		}
	}
	return &item, nil
}
