// Package vision makes numbers and small pictures of pictures: it decodes JPEG,
// PNG, GIF and WebP from strangers within stated limits, and gives thumbnails,
// a placeholder, named colours, a look, a descriptor to search by, and a
// fingerprint. It is pure Go, needs no network and downloads nothing.
//
// It is not for editing pictures, for colour-managed work (profiles are not
// applied), for video or vector graphics, or for fetching by URL (signal/fetch does), and it does
// not recognise what is shown: the descriptor sees colour, edges, texture and
// outline, and a learned encoder sees more. It knows no items.
//
// The main type is [Picture]. The importing path is one call:
//
//	r, err := vision.Process(data, vision.Options{})
//	if errors.Is(err, vision.ErrTooLarge) { ... }
//	store(r.Small.JPEG, r.Large.JPEG, r.Placeholder, r.Colors, r.Descriptor)
//
// and a search by a part of an uploaded picture is another:
//
//	q, err := vision.Describe(upload, vision.Rect{X: 0.2, Y: 0.1, W: 0.5, H: 0.6}, vision.Options{})
package vision
