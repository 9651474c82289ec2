package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bowerbird"
)

// User Behavior Insights 1.3 (https://github.com/o19s/ubi): queries and events of
// a search front end. A query becomes a search, an event what its action_name
// says; client_id is the person, query_id the request that events are attributed
// to, event_attributes.object.object_id the item, position.ordinal the position
// as it stands. An event without event_id gets an id made of what it says, so
// that a retry is counted once.

// UBIQuery is a query.
type UBIQuery struct {
	Application     string    `json:"application,omitempty"`
	QueryID         string    `json:"query_id,omitempty"`
	ClientID        string    `json:"client_id"`
	UserQuery       string    `json:"user_query"`
	Timestamp       timestamp `json:"timestamp,omitempty"`
	ObjectIDField   string    `json:"object_id_field,omitempty"`
	QueryAttributes loose     `json:"query_attributes,omitempty"`
}

// UBIEvent is an event.
type UBIEvent struct {
	Application     string        `json:"application,omitempty"`
	EventID         string        `json:"event_id,omitempty" doc:"Ours: an id of the client's; default made of the rest"`
	ActionName      string        `json:"action_name"`
	QueryID         string        `json:"query_id,omitempty"`
	ClientID        string        `json:"client_id"`
	SessionID       string        `json:"session_id,omitempty"`
	Timestamp       timestamp     `json:"timestamp,omitempty"`
	UserQuery       string        `json:"user_query,omitempty"`
	MessageType     string        `json:"message_type,omitempty"`
	Message         string        `json:"message,omitempty"`
	EventAttributes UBIAttributes `json:"event_attributes"`
}

// UBIAttributes say what the event is about, and where it happened.
type UBIAttributes struct {
	Object struct {
		ObjectID      name   `json:"object_id"`
		ObjectIDField string `json:"object_id_field,omitempty"`
	} `json:"object"`
	Position struct {
		Ordinal ordinal `json:"ordinal,omitempty"`
	} `json:"position"`
}

// ubiActions are the action names that mean something here.
var ubiActions = map[string]bowerbird.Kind{
	"impression": bowerbird.Impression, "item_impression": bowerbird.Impression, "product_impression": bowerbird.Impression,
	"view": bowerbird.Closeup, "view_item": bowerbird.Closeup, "watch": bowerbird.Closeup, "item_view": bowerbird.Closeup, "product_view": bowerbird.Closeup,
	"click": bowerbird.Click, "click_through": bowerbird.Click, "item_click": bowerbird.Click, "product_click": bowerbird.Click, "result_click": bowerbird.Click,
	"add_to_cart": bowerbird.Save, "save": bowerbird.Save, "favorite": bowerbird.Save, "bookmark": bowerbird.Save, "like": bowerbird.Save, "add_to_wishlist": bowerbird.Save,
	"remove_from_cart": bowerbird.Unsave, "unsave": bowerbird.Unsave, "remove_from_wishlist": bowerbird.Unsave,
	"purchase": bowerbird.Purchase, "buy": bowerbird.Purchase, "conversion": bowerbird.Purchase,
	"share": bowerbird.Share, "hide": bowerbird.Hide, "dismiss": bowerbird.Hide, "declined_product": bowerbird.Hide,
	"search": bowerbird.Search, "on_search": bowerbird.Search,
}

func (q *UBIQuery) event() (bowerbird.Event, error) {
	e := bowerbird.Event{Kind: bowerbird.Search, User: q.ClientID, Query: q.UserQuery, Request: q.QueryID, Time: int64(q.Timestamp), Surface: bowerbird.SearchWords,
		ID: searchID(q.QueryID, q.ClientID, q.UserQuery, int64(q.Timestamp))}
	switch {
	case q.ClientID == "":
		return e, invalid("client_id", "is missing")
	case strings.TrimSpace(q.UserQuery) == "":
		return e, invalid("user_query", "is empty")
	}
	return e, nil
}

// searchID is the same for a query and for the event that tells of it.
func searchID(query, client, words string, time int64) string {
	if query != "" {
		return "ubi-q-" + digest(query, client)
	}
	return "ubi-q-" + digest(client, words, strconv.FormatInt(time, 10))
}

func (x *UBIEvent) event() (bowerbird.Event, error) {
	kind, ok := ubiActions[x.ActionName]
	e := bowerbird.Event{Kind: kind, ID: x.EventID, User: x.ClientID, Request: x.QueryID, Time: int64(x.Timestamp)}
	switch {
	case x.ActionName == "":
		return e, invalid("action_name", "is missing")
	case !ok:
		return e, invalid("action_name", fmt.Sprintf("%q is none that is understood; among those that are: impression, view, click, add_to_cart, purchase, share, hide, search", x.ActionName))
	case x.ClientID == "":
		return e, invalid("client_id", "is missing")
	}
	if kind == bowerbird.Search {
		e.Query, e.Surface = x.UserQuery, bowerbird.SearchWords
		if strings.TrimSpace(e.Query) == "" {
			return e, invalid("user_query", "is empty")
		}
		if e.ID == "" {
			e.ID = searchID(x.QueryID, x.ClientID, x.UserQuery, int64(x.Timestamp))
		}
		return e, nil
	}
	e.Item, e.Position = string(x.EventAttributes.Object.ObjectID), int(x.EventAttributes.Position.Ordinal)
	if e.Item == "" {
		return e, invalid("event_attributes.object.object_id", "is missing")
	}
	if e.ID == "" {
		e.ID = "ubi-e-" + digest(x.ActionName, x.QueryID, x.ClientID, x.SessionID, strconv.FormatInt(e.Time, 10), e.Item, strconv.Itoa(e.Position))
	}
	return e, nil
}

// digest is 128 bits of a SHA-256 over the parts, each with its length.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

func (s *Server) ubiQueries(w http.ResponseWriter, r *http.Request) error {
	return ubi(s, w, r, "queries", (*UBIQuery).event)
}

func (s *Server) ubiEvents(w http.ResponseWriter, r *http.Request) error {
	return ubi(s, w, r, "events", (*UBIEvent).event)
}

func ubi[T any](s *Server, w http.ResponseWriter, r *http.Request, key string, event func(*T) (bowerbird.Event, error)) error {
	b, media, err := s.readJSON(w, r)
	if err != nil {
		return err
	}
	in, faults, err := batch[T](single(b, media, key), media, key, false)
	if err != nil {
		return err
	}
	return s.ingest(w, r, len(in), func(i int) (bowerbird.Event, error) {
		if faults[i] != nil {
			return bowerbird.Event{}, faults[i]
		}
		return event(&in[i])
	})
}

// single makes a list of a body that is one document alone.
func single(b []byte, media, key string) []byte {
	t := bytes.TrimSpace(b)
	if media != "application/json" || len(t) == 0 || t[0] != '{' {
		return b
	}
	var head map[string]json.RawMessage
	if json.Unmarshal(t, &head) != nil {
		return b
	}
	if _, ok := head[key]; ok {
		return b
	}
	return append(append([]byte{'['}, t...), ']')
}

// timestamp is RFC 3339 text or Unix milliseconds; 0 where there was none.
type timestamp int64

// UnmarshalJSON reads either form.
func (t *timestamp) UnmarshalJSON(b []byte) error {
	if string(b) == "null" || string(b) == `""` {
		return nil
	}
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		*t = timestamp(n)
		return nil
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf("timestamp: want RFC 3339, 2026-01-31T12:00:00Z")
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil { // as OpenSearch's plugin writes it
		at, err = time.Parse("2006-01-02T15:04:05.999999999-0700", text)
	}
	if err != nil {
		return fmt.Errorf("timestamp: want RFC 3339, 2026-01-31T12:00:00Z")
	}
	*t = timestamp(at.UnixMilli())
	return nil
}

// Schema says what is read.
func (timestamp) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date-time", Description: "RFC 3339, or Unix milliseconds as a number"}
}

// name is text or a whole number.
type name string

// UnmarshalJSON reads either form.
func (n *name) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if _, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		*n = name(b)
		return nil
	}
	if err := json.Unmarshal(b, (*string)(n)); err != nil {
		return fmt.Errorf("object_id: want a string or a whole number")
	}
	return nil
}

// Schema says what is read.
func (name) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: "string"}, {Type: "integer"}}, Description: "The item's id"}
}

// ordinal is a whole number, or as before 1.3 {"index": n}.
type ordinal int

// UnmarshalJSON reads either form.
func (o *ordinal) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if json.Unmarshal(b, (*int)(o)) == nil {
		return nil
	}
	var old struct {
		Index *int `json:"index"`
	}
	if json.Unmarshal(b, &old) != nil || old.Index == nil {
		return fmt.Errorf("ordinal: want a whole number")
	}
	*o = ordinal(*old.Index)
	return nil
}

// Schema says what is read.
func (ordinal) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "integer", Description: "The nth position of the item"}
}

// loose is any object; it is read over.
type loose struct{}

// UnmarshalJSON takes anything.
func (*loose) UnmarshalJSON([]byte) error { return nil }

// Schema says so.
func (loose) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "object"} }
