package engine

import (
	"cmp"
	"context"
	"fmt"

	"bowerbird/vision"
)

// regionsWanted is how many boxes are proposed of a picture.
const regionsWanted = 4

// Detector finds things in a picture, the surest first (encode.Detector).
type Detector interface {
	Regions(ctx context.Context, p *vision.Picture, n int) ([]vision.Rect, error)
	Side() int // of what it looks at, in pixels
}

// Regions proposes parts of an item's picture to search by, the best first: what the owner's
// detector finds, if there is one and it finds something, else what stands out without a
// network (vision.Picture.Regions). A plain picture has none.
// Cost: decoding of a thumbnail, some milliseconds, and the detector's.
func (e *Engine) Regions(ctx context.Context, name string) ([]vision.Rect, error) {
	cat := e.House().Catalogue
	id, ok := cat.Item(name)
	if !ok {
		return nil, &Unknown{"item", name}
	}
	d, err := cat.ItemDoc(id)
	if err != nil {
		return nil, &Unknown{"item", name}
	}
	if d.Picture == nil {
		return nil, nil
	}
	find := e.o.House.Detector
	blob := d.Picture.Small
	if find != nil && find.Side() > 320 {
		blob = cmp.Or(d.Picture.Large, blob)
	}
	data, err := e.blobs.Get(cmp.Or(blob, d.Picture.Blob))
	if err != nil {
		return nil, fmt.Errorf("engine: the picture of item %s: %w", name, err)
	}
	p, err := vision.Decode(data, vision.Options{})
	if err != nil {
		return nil, fmt.Errorf("engine: the picture of item %s: %w", name, err)
	}
	if find != nil {
		found, err := find.Regions(ctx, p, regionsWanted)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		if err != nil {
			e.o.Logger.Error("the detector failed on a picture", "item", name, "error", err)
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return p.Regions(regionsWanted), nil
}
