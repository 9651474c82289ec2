package server

import (
	"bowerbird"
	"bowerbird/engine"
	"bowerbird/rank"
)

// Explanation is what /v1/explain answers.
type Explanation = engine.Explanation

// Page is what every surface answers. It is also the plain twin of appendPage,
// which writes the same bytes.
type Page struct {
	RequestID  string   `json:"request_id" doc:"Quote it in events, and in /v1/explain"`
	Surface    string   `json:"surface"`
	Offset     uint64   `json:"offset" doc:"Of the log, when the page was made"`
	Model      string   `json:"model" doc:"Version of the ranker, empty if none"`
	Items      []Tile   `json:"items"`
	NextCursor string   `json:"next_cursor,omitempty" doc:"Absent at the end"`
	Corrected  string   `json:"corrected,omitempty" doc:"The words that were searched instead"`
	Notes      []string `json:"notes,omitempty" doc:"What went wrong without costing the page"`
	Extras              // of a search that asks for them
}

// Item is an item as the interface shows it.
type Item struct {
	ID          string               `json:"id"`
	Title       string               `json:"title,omitempty"`
	Description string               `json:"description,omitempty"`
	Categories  []string             `json:"categories,omitempty" doc:"Each a path, home/kitchen"`
	Tags        []string             `json:"tags,omitempty"`
	Attributes  bowerbird.Attributes `json:"attributes,omitempty"`
	Language    string               `json:"language,omitempty"`
	Link        string               `json:"link,omitempty"`
	Owner       string               `json:"owner,omitempty"`
	Created     int64                `json:"created,omitempty" doc:"Unix milliseconds"`
	Hidden      bool                 `json:"hidden,omitempty"`
	Picture     *Picture             `json:"picture,omitempty"`
}

// Tile is an item on a page.
type Tile struct {
	Item
	Position int      `json:"position" doc:"On this page, from 1"`
	Score    float32  `json:"score"`
	Why      string   `json:"why"`
	Sources  []string `json:"sources" doc:"Which sources found it"`
	Shows             // of a search that asks for them
}

// Picture is a picture's places and looks.
type Picture struct {
	Width       int                `json:"width"`
	Height      int                `json:"height"`
	Small       string             `json:"small"`
	Large       string             `json:"large"`
	Original    string             `json:"original"`
	Colours     []bowerbird.Colour `json:"colours,omitempty"`
	Placeholder string             `json:"placeholder,omitempty"`
	Looks       []string           `json:"looks,omitempty" doc:"Tone, detail, vividness, shape, pattern: words that filters and facets know under these names"`
	Quality     float32            `json:"quality,omitempty" doc:"0 to 1, of sharpness, exposure, contrast and size"`
}

func pictureOf(p *bowerbird.Picture) *Picture {
	if p == nil || p.Blob == "" {
		return nil
	}
	x := &Picture{Width: p.Width, Height: p.Height, Original: "/pictures/" + p.Blob, Colours: p.Colours, Placeholder: p.Placeholder, Looks: p.Looks, Quality: p.Quality}
	x.Small, x.Large = x.Original, x.Original
	if p.Small != "" {
		x.Small = "/pictures/" + p.Small
	}
	if p.Large != "" {
		x.Large = "/pictures/" + p.Large
	}
	return x
}

func itemOf(d *bowerbird.Item) Item {
	return Item{ID: d.ID, Title: d.Title, Description: d.Description, Categories: d.Categories, Tags: d.Tags, Attributes: d.Attributes,
		Language: d.Language, Link: d.Link, Owner: d.Owner, Created: d.Created, Hidden: d.Hidden, Picture: pictureOf(d.Picture)}
}

// ItemIn is an item as it is sent. What GET answered may be sent back: picture is
// read over.
type ItemIn struct {
	ID          string               `json:"id,omitempty"`
	Title       string               `json:"title,omitempty"`
	Description string               `json:"description,omitempty"`
	Categories  []string             `json:"categories,omitempty"`
	Tags        []string             `json:"tags,omitempty"`
	Attributes  bowerbird.Attributes `json:"attributes,omitempty"`
	Language    string               `json:"language,omitempty"`
	Link        string               `json:"link,omitempty"`
	Owner       string               `json:"owner,omitempty"`
	Created     int64                `json:"created,omitempty"`
	Hidden      bool                 `json:"hidden,omitempty"`
	Picture     *Picture             `json:"picture,omitempty" doc:"Read over: a picture is put by itself"`
}

func (x *ItemIn) item() *bowerbird.Item {
	return &bowerbird.Item{ID: x.ID, Title: x.Title, Description: x.Description, Categories: x.Categories, Tags: x.Tags, Attributes: x.Attributes,
		Language: x.Language, Link: x.Link, Owner: x.Owner, Created: x.Created, Hidden: x.Hidden}
}

// ItemsIn is a batch of items.
type ItemsIn struct {
	Items []ItemIn `json:"items"`
}

// Duplicate is an item that shows the same picture as another.
type Duplicate struct {
	Item
	First       bool    `json:"first" doc:"What the group is named for: it came first"`
	Probability float64 `json:"probability" doc:"That it shows the same picture as the item that was asked about"`
}

// Regions are parts of a picture to search by.
type Regions struct {
	Regions []Crop `json:"regions" doc:"What stands out, the best first; none of a plain picture or of an item without one"`
}

// Labels are what an item seems to be.
type Labels struct {
	Labels []Label `json:"labels" doc:"The surest first"`
}

// Label is a tag or a category with how sure it is.
type Label struct {
	Name       string  `json:"name"`
	Confidence float32 `json:"confidence" doc:"0 to 1; of what lies above it in the tree never less"`
	Own        bool    `json:"own" doc:"It is written of the item already"`
}

// Duplicates are a group of copies.
type Duplicates struct {
	Items []Duplicate `json:"items" doc:"The first of the group first, the item itself among them; the item alone if it has no copy"`
}

// ItemList is one stretch of a list.
type ItemList struct {
	Items []Item `json:"items"`
	Next  string `json:"next,omitempty" doc:"after of the next stretch; absent at the end"`
}

// BoardIn is a board as it is sent.
type BoardIn struct {
	ID          string `json:"id,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Owner       string `json:"owner,omitempty"`
	Secret      bool   `json:"secret,omitempty" doc:"Seen by its owner only"`
	Created     int64  `json:"created,omitempty"`
}

// Board is a board as the interface shows it.
type Board struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Secret      bool     `json:"secret"`
	Created     int64    `json:"created,omitempty"`
	Items       int      `json:"items" doc:"How many are on it"`
	Cover       []string `json:"cover" doc:"Up to four small pictures"`
	HasItem     *bool    `json:"has_item,omitempty" doc:"Whether it has the item that was asked about"`
}

// BoardList is one stretch of a list.
type BoardList struct {
	Boards []Board `json:"boards"`
	Next   string  `json:"next,omitempty"`
}

// UserIn is a person's profile as it is sent.
type UserIn struct {
	ID       string               `json:"id,omitempty"`
	Name     string               `json:"name,omitempty"`
	Language string               `json:"language,omitempty"`
	Labels   bowerbird.Attributes `json:"labels,omitempty"`
	Created  int64                `json:"created,omitempty"`
	Boards   int                  `json:"boards,omitempty" doc:"Read over"`
	Saves    int                  `json:"saves,omitempty" doc:"Read over"`
}

// User is a person as the interface shows them.
type User struct {
	ID       string               `json:"id"`
	Name     string               `json:"name"`
	Language string               `json:"language,omitempty"`
	Labels   bowerbird.Attributes `json:"labels,omitempty"`
	Created  int64                `json:"created,omitempty"`
	Boards   int                  `json:"boards" doc:"How many, secret ones left out"`
	Saves    int                  `json:"saves"`
}

// UserList is one stretch of a list.
type UserList struct {
	Users []User `json:"users"`
	Next  string `json:"next,omitempty"`
}

// Events is a batch of events.
type Events struct {
	Events []bowerbird.Event `json:"events"`
}

// Result is what became of one event.
type Result struct {
	ID        string       `json:"id,omitempty"`
	Offset    uint64       `json:"offset,omitempty" doc:"Its place in the log"`
	Duplicate bool         `json:"duplicate" doc:"It was there already and was not counted again"`
	Error     *ItemProblem `json:"error,omitempty"`
}

// Results are in the order of the batch.
type Results struct {
	Results []Result `json:"results"`
}

// Done says where in the log a change stands.
type Done struct {
	Offset uint64 `json:"offset"`
}

// Forgotten is how many searches were forgotten.
type Forgotten struct {
	Searches int    `json:"searches"`
	Offset   uint64 `json:"offset" doc:"Of the last time that anything was taken out of the log"`
}

// Uploaded is a new item.
type Uploaded struct {
	Item Item `json:"item"`
}

// Crop is a part of a picture, all numbers 0 to 1.
type Crop struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Visual is a search by an item's picture.
type Visual struct {
	Item   string   `json:"item"`
	Q      string   `json:"q,omitempty" doc:"Words to mix with the picture: linen"`
	Weight float32  `json:"weight,omitempty" doc:"Of the picture, beside 1 of q; default 1"`
	Crop   *Crop    `json:"crop,omitempty"`
	Crops  []Crop   `json:"crops,omitempty" doc:"Several parts of the picture, each as important, up to 8"`
	Move   []string `json:"move,omitempty" doc:"Like the picture, but otherwise in this: colour=blue, pattern=striped. q says the same as: but blue"`
	Style  bool     `json:"style,omitempty" doc:"What is made alike, in colours and texture, whatever it shows"`
	User   string   `json:"user,omitempty"`
	Limit  int      `json:"limit,omitempty"`
	Cursor string   `json:"cursor,omitempty"`
	Where  []string `json:"where,omitempty"`
	Trace  bool     `json:"trace,omitempty"`
}

// Completions are ways to go on from what was typed.
type Completions struct {
	Completions []Completion `json:"completions"`
}

// Completion is one way.
type Completion struct {
	Text    string `json:"text"`
	Kind    string `json:"kind" enum:"query,item,tag,category,board"`
	Item    string `json:"item,omitempty"`
	Board   string `json:"board,omitempty"`
	Picture string `json:"picture,omitempty"`
	Mine    bool   `json:"mine,omitempty" doc:"the person searched for it before"`
}

// Status is what an owner asks first.
type Status struct {
	Version string `json:"version"`
	engine.Status
}

// Models are the versions in the registry.
type Models struct {
	Current string      `json:"current"`
	Models  []rank.Card `json:"models"`
}

// BackupIn names a backup.
type BackupIn struct {
	Name string `json:"name,omitempty" doc:"A folder name; default the time"`
}

// BackupDone says where it lies.
type BackupDone struct {
	Path string `json:"path"`
}
