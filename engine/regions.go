package engine

import (
	"cmp"
	"fmt"

	"bowerbird/vision"
)

// regionsWanted is how many boxes are proposed of a picture.
const regionsWanted = 4

// Regions proposes parts of an item's picture to search by, the best first: what stands out,
// without a network (vision.Picture.Regions). A plain picture has none.
// Cost: decoding of its small thumbnail, some milliseconds.
func (e *Engine) Regions(name string) ([]vision.Rect, error) {
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
	data, err := e.blobs.Get(cmp.Or(d.Picture.Small, d.Picture.Blob))
	if err != nil {
		return nil, fmt.Errorf("engine: the picture of item %s: %w", name, err)
	}
	p, err := vision.Decode(data, vision.Options{})
	if err != nil {
		return nil, fmt.Errorf("engine: the picture of item %s: %w", name, err)
	}
	return p.Regions(regionsWanted), nil
}
