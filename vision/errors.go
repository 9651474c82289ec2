package vision

import "errors"

// Errors a caller can decide by, with errors.Is. The wrapped message names the
// limit or the feature and says what the owner of the picture can do.
var (
	// ErrTooLarge: more bytes, pixels, side or decoding memory than Options allow.
	ErrTooLarge = errors.New("picture is too large")
	// ErrFormat: the bytes do not begin as a JPEG, PNG, GIF or WebP does.
	ErrFormat = errors.New("not a picture format that is read here")
	// ErrUnsupported: one of the four formats, with a feature that is not read.
	ErrUnsupported = errors.New("picture uses a feature that is not supported")
	// ErrTruncated: the bytes end before the picture does.
	ErrTruncated = errors.New("picture is cut short")
	// ErrCorrupt: the bytes contradict their own format.
	ErrCorrupt = errors.New("picture is damaged")
	// ErrCrop: a crop box outside 0..1, empty, or not finite.
	ErrCrop = errors.New("crop box is not valid")
)
