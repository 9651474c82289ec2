package bowerbird

// Item is what is discovered: a picture, words and attributes. It is the full
// document; inside, only its ItemID travels.
type Item struct {
	ID          string     `json:"id"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Categories  []string   `json:"categories,omitempty"` // each a path, "home/kitchen", most specific last
	Tags        []string   `json:"tags,omitempty"`
	Attributes  Attributes `json:"attributes,omitempty"`
	Language    string     `json:"language,omitempty"` // BCP 47, "" unknown
	Link        string     `json:"link,omitempty"`     // where a click leads
	Owner       string     `json:"owner,omitempty"`    // the person who uploaded it, "" none
	Created     int64      `json:"created,omitempty"`  // Unix milliseconds; 0: the time of its event
	Hidden      bool       `json:"hidden,omitempty"`   // kept, but never shown
	Picture     *Picture   `json:"picture,omitempty"`
}

// Picture is what is known of an item's picture. The bytes are blobs.
type Picture struct {
	Blob        string   `json:"blob"`                  // hex SHA-256 of the original without its metadata
	Width       int      `json:"width"`                 // pixels, after orientation
	Height      int      `json:"height"`                // pixels, after orientation
	Small       string   `json:"small,omitempty"`       // blob of the small thumbnail
	Large       string   `json:"large,omitempty"`       // blob of the large thumbnail
	Colours     []Colour `json:"colours,omitempty"`     // dominant first
	Placeholder string   `json:"placeholder,omitempty"` // a data URI of a few hundred bytes
	Fingerprint uint64   `json:"fingerprint,omitempty,string"`
	Looks       []string `json:"looks,omitempty"`   // one of each of LookFields, in their order
	Quality     float32  `json:"quality,omitempty"` // 0..1, of sharpness, exposure, contrast and size; 0 unknown
}

// Colour is one dominant colour of a picture.
type Colour struct {
	Hex   string  `json:"hex"` // "#rrggbb"
	Name  string  `json:"name,omitempty"`
	Share float32 `json:"share"` // of the picture's area, 0..1
}

// Board is a collection that a person keeps.
type Board struct {
	ID          string `json:"id"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Owner       string `json:"owner,omitempty"`
	Secret      bool   `json:"secret,omitempty"`  // seen by its owner only; its saves still teach that person's own feed
	Created     int64  `json:"created,omitempty"` // Unix milliseconds
}

// User is a person.
type User struct {
	ID       string     `json:"id"`
	Name     string     `json:"name,omitempty"`
	Language string     `json:"language,omitempty"`
	Labels   Attributes `json:"labels,omitempty"`
	Created  int64      `json:"created,omitempty"` // Unix milliseconds
}

// LookFields name what Picture.Looks says, in its order: tone is dark, medium or light;
// detail calm, medium or busy; vividness gray, muted or vivid; shape portrait, square or
// landscape; pattern plain, striped, grid or free. Filters and facets know them as fields.
var LookFields = [...]string{"tone", "detail", "vividness", "shape", "pattern"}

// Signal is what a model understood of an item: a vector, and the version of
// what made it. Vectors of different versions are never compared. The signal "copy" has
// a group instead.
type Signal struct {
	Name    string    `json:"name"`    // "visual"
	Version string    `json:"version"` // "builtin-1"
	Vector  []float32 `json:"vector,omitempty"`
	Group   string    `json:"group,omitempty"` // of the signal "copy": the item that the group of copies is named for
}
