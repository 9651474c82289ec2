package bowerbird

import (
	"encoding/json"
	"fmt"
)

// Kind says what an event is. The numbers are part of the log's format: a new
// kind is added at the end, none is ever reused.
type Kind uint8

// The kinds of event.
const (
	NoKind       Kind = iota
	ItemPut           // an item was added or replaced (ItemDoc)
	ItemDelete        // an item was withdrawn (Item)
	BoardPut          // a board was added or replaced (BoardDoc)
	BoardDelete       // a board was removed with its saves (Board)
	UserPut           // a person's profile was added or replaced (UserDoc)
	UserErase         // a person asked to be forgotten (User); see docs/decisions on erasure
	SignalPut         // a model understood an item (Item, Signal)
	Impression        // an item was shown (User, Item, Request, Position)
	Closeup           // it was opened
	Click             // its link was followed
	Save              // it was kept (Board may be empty: kept on no board)
	Unsave            // it was taken off again
	Hide              // "show me less of this"
	Unhide            // that was taken back
	Share             // it was sent to somebody
	Purchase          // it was bought (Value: amount)
	Search            // words were searched (Query)
	Follow            // a board (Board) or a person (Subject) is followed
	Unfollow          // that was taken back
	Mute              // a person (Subject), a board (Board) or a topic (Topic) is to be left out
	Unmute            // that was taken back
	Erased            // what is left in the log where an erased person's record stood; never ingested
	SearchForget      // a person (User) wants their searches for Query forgotten, all if that is empty; see UserErase
	kinds
)

var kindNames = [kinds]string{
	ItemPut: "item_put", ItemDelete: "item_delete", BoardPut: "board_put", BoardDelete: "board_delete",
	UserPut: "user_put", UserErase: "user_erase", SignalPut: "signal_put",
	Impression: "impression", Closeup: "closeup", Click: "click", Save: "save", Unsave: "unsave",
	Hide: "hide", Unhide: "unhide", Share: "share", Purchase: "purchase", Search: "search",
	Follow: "follow", Unfollow: "unfollow", Mute: "mute", Unmute: "unmute", Erased: "erased", SearchForget: "search_forget",
}

// String is the kind's name on the wire, "save".
func (k Kind) String() string {
	if k > NoKind && k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// ParseKind reads a kind's name.
func ParseKind(s string) (Kind, error) {
	for k := NoKind + 1; k < kinds; k++ {
		if kindNames[k] == s {
			return k, nil
		}
	}
	return NoKind, fmt.Errorf("type: %q is no kind of event", s)
}

// MarshalJSON writes the name.
func (k Kind) MarshalJSON() ([]byte, error) { return json.Marshal(k.String()) }

// UnmarshalJSON reads the name.
func (k *Kind) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("type: want a string")
	}
	v, err := ParseKind(s)
	*k = v
	return err
}

// OnItem tells whether the kind is something that a person does to an item.
func (k Kind) OnItem() bool {
	switch k {
	case Impression, Closeup, Click, Save, Unsave, Hide, Unhide, Share, Purchase:
		return true
	}
	return false
}

// Positive is how much an action says "I like this", from 0 (nothing) to 1
// (kept or bought). It is the one scale that sources, features and training share.
func (k Kind) Positive() float32 {
	switch k {
	case Save, Purchase:
		return 1
	case Share:
		return .8
	case Click:
		return .5
	case Closeup:
		return .2
	}
	return 0
}

// Event is one thing that happened, as it is posted and as the log keeps it: by
// names. Which fields must be set depends on Kind; Validate says.
type Event struct {
	ID       string  `json:"id,omitempty"` // the client's event id: a retry with the same id is counted once; "" is never a retry
	Kind     Kind    `json:"type"`
	Time     int64   `json:"time,omitempty"` // Unix milliseconds; 0: the time of arrival
	User     string  `json:"user,omitempty"`
	Item     string  `json:"item,omitempty"`
	Board    string  `json:"board,omitempty"`
	Subject  string  `json:"subject,omitempty"` // the person followed or muted
	Topic    string  `json:"topic,omitempty"`   // the category muted
	Value    float64 `json:"value,omitempty"`   // a rating, an amount, a dwell time
	Surface  Surface `json:"surface,omitempty"`
	Request  string  `json:"request,omitempty"`  // the page's request id, for attribution
	Position int     `json:"position,omitempty"` // on the page, from 1; 0 unknown
	Query    string  `json:"query,omitempty"`

	ItemDoc  *Item   `json:"item_doc,omitempty"`
	BoardDoc *Board  `json:"board_doc,omitempty"`
	UserDoc  *User   `json:"user_doc,omitempty"`
	Signal   *Signal `json:"signal,omitempty"`
	Served   *Served `json:"served,omitempty"` // on an impression: what the ranker saw; the engine fills it in
}

// Served is what stood behind an item when it was shown.
type Served struct {
	Model    string    `json:"model"`   // version of the ranker
	Sources  []string  `json:"sources"` // which sources found it
	Features []float32 `json:"features,omitempty"`
	Score    float32   `json:"score"`
}

// Fact is an event after the catalogue has numbered it: what views fold. The
// pointers are shared between views and are never written.
type Fact struct {
	Offset   uint64 // place in the log, from 1
	Time     int64  // Unix milliseconds
	Kind     Kind
	Surface  Surface
	Position uint16
	User     UserID
	Item     ItemID
	Board    BoardID
	Subject  UserID
	Owner    UserID // of the item or board put; of the board saved to
	Value    float32
	Topic    string
	Request  string
	Query    string

	ItemDoc  *Item
	BoardDoc *Board
	UserDoc  *User
	Signal   *Signal
	Served   *Served
}
