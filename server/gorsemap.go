package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"bowerbird"
)

// What Gorse says in our words:
//
//	Categories  categories                 Labels, a list    tags
//	Comment     title (description too     Labels, an object attributes; inner objects become
//	            when over 1,000 bytes)                       "outer.inner", lists of numbers are left out
//	Timestamp   created                    IsHidden          hidden
//
// A user's Comment is their name, a list of Labels the label "labels".

// gorseKinds are the feedback types whose meaning is known. A rating is a save
// from 4 up, or when it has no value, and a closeup below. Other types are
// Options.GorseOther. "read" and "view" are closeups, a weak liking, as Gorse's
// own examples use them beside "star" and "like".
var gorseKinds = map[string]bowerbird.Kind{
	"like": bowerbird.Save, "star": bowerbird.Save, "save": bowerbird.Save, "favorite": bowerbird.Save, "favourite": bowerbird.Save,
	"bookmark": bowerbird.Save, "collect": bowerbird.Save, "cart": bowerbird.Save, "add_to_cart": bowerbird.Save, "follow": bowerbird.Save,
	"read": bowerbird.Closeup, "view": bowerbird.Closeup, "closeup": bowerbird.Closeup, "watch": bowerbird.Closeup, "open": bowerbird.Closeup,
	"impression": bowerbird.Impression, "show": bowerbird.Impression, "exposure": bowerbird.Impression,
	"click": bowerbird.Click, "buy": bowerbird.Purchase, "purchase": bowerbird.Purchase, "order": bowerbird.Purchase,
	"share": bowerbird.Share, "fork": bowerbird.Share, "hide": bowerbird.Hide, "dislike": bowerbird.Hide, "not_interested": bowerbird.Hide,
}

func (g *gorse) kind(feedback string, value float64) bowerbird.Kind {
	feedback = strings.ToLower(feedback)
	if strings.HasPrefix(feedback, "rat") { // rate, rating
		if value == 0 || value >= 4 {
			return bowerbird.Save
		}
		return bowerbird.Closeup
	}
	if k, ok := gorseKinds[feedback]; ok {
		return k
	}
	return g.s.o.GorseOther
}

// GorseTime reads the forms of time that Gorse's clients send; the zero time for
// "" and null.
type GorseTime struct{ time.Time }

var gorseTimes = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04:05 -0700 MST", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02", time.RFC1123, time.RFC1123Z}

// UnmarshalJSON reads a time; one without a zone is UTC.
func (t *GorseTime) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf("Timestamp: want text, 2026-01-31T12:00:00Z")
	}
	if text == "" {
		return nil
	}
	for _, form := range gorseTimes {
		if at, err := time.Parse(form, text); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("Timestamp: %q is no time; want 2026-01-31T12:00:00Z", text)
}

// Schema says what is read.
func (GorseTime) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date-time"}
}

func (t GorseTime) ms() int64 {
	if t.Year() < 1970 {
		return 0
	}
	return t.UnixMilli()
}

func gorseTime(ms int64) GorseTime { return GorseTime{time.UnixMilli(ms).UTC()} }

// GorseItem is an item in Gorse's words.
type GorseItem struct {
	ItemID     string    `json:"ItemId"`
	IsHidden   bool      `json:"IsHidden"`
	Categories []string  `json:"Categories"`
	Timestamp  GorseTime `json:"Timestamp"`
	Labels     any       `json:"Labels"`
	Comment    string    `json:"Comment"`
}

// GorseItemPatch changes what it names.
type GorseItemPatch struct {
	IsHidden   *bool      `json:"IsHidden"`
	Categories []string   `json:"Categories"`
	Timestamp  *GorseTime `json:"Timestamp"`
	Labels     any        `json:"Labels"`
	Comment    *string    `json:"Comment"`
}

// GorseItems is one stretch of a list.
type GorseItems struct {
	Cursor string      `json:"Cursor"`
	Items  []GorseItem `json:"Items"`
}

// GorseUser is a person in Gorse's words.
type GorseUser struct {
	UserID  string `json:"UserId"`
	Labels  any    `json:"Labels"`
	Comment string `json:"Comment"`
}

// GorseUserPatch changes what it names.
type GorseUserPatch struct {
	Labels  any     `json:"Labels"`
	Comment *string `json:"Comment"`
}

// GorseUsers is one stretch of a list.
type GorseUsers struct {
	Cursor string      `json:"Cursor"`
	Users  []GorseUser `json:"Users"`
}

// GorseFeedback is what a person did to an item.
type GorseFeedback struct {
	FeedbackType string    `json:"FeedbackType"`
	UserID       string    `json:"UserId"`
	ItemID       string    `json:"ItemId"`
	Value        float64   `json:"Value"`
	Timestamp    GorseTime `json:"Timestamp"`
	Updated      GorseTime `json:"Updated"`
	Comment      string    `json:"Comment"`
}

// GorseFeedbacks is one stretch of a list.
type GorseFeedbacks struct {
	Cursor   string          `json:"Cursor"`
	Feedback []GorseFeedback `json:"Feedback"`
}

// GorseScore is an item and how strongly it is meant. Scores of different
// answers are not comparable.
type GorseScore struct {
	ID    string  `json:"Id"`
	Score float64 `json:"Score"`
}

// GorseSuccess counts what was taken in.
type GorseSuccess struct {
	RowAffected int `json:"RowAffected"`
}

// GorseHealth tells that it works; there is no store apart.
type GorseHealth struct {
	Ready               bool
	DataStoreError      *string
	CacheStoreError     *string
	DataStoreConnected  bool
	CacheStoreConnected bool
}

// labels reads Labels into tags and attributes.
func labels(v any) (tags []string, a bowerbird.Attributes, err error) {
	switch v := v.(type) {
	case nil:
		return nil, nil, nil
	case []any:
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, nil, problem(http.StatusBadRequest, "invalid", "Labels", "a list may hold strings only")
			}
			if s != "" && !slices.Contains(tags, s) {
				tags = append(tags, s)
			}
		}
		return tags, nil, nil
	case map[string]any:
		flat := map[string]any{}
		flatten(flat, "", v)
		if a, err = bowerbird.AttributesOf(flat); err != nil {
			return nil, nil, problem(http.StatusBadRequest, "invalid", "Labels", err.Error())
		}
		return nil, a, nil
	}
	return nil, nil, problem(http.StatusBadRequest, "invalid", "Labels", "want a list of strings or an object")
}

func flatten(out map[string]any, prefix string, in map[string]any) {
	for k, v := range in {
		switch v := v.(type) {
		case map[string]any:
			flatten(out, prefix+k+".", v)
		case []any:
			if !slices.ContainsFunc(v, func(x any) bool { _, ok := x.(string); return !ok }) {
				out[prefix+k] = v
			}
		default:
			out[prefix+k] = v
		}
	}
}

// labelsOf is the way back; nil for none.
func labelsOf(tags []string, a bowerbird.Attributes) any {
	if len(a) == 0 {
		if len(tags) == 0 {
			return nil
		}
		return tags
	}
	m := map[string]any{}
	for _, x := range a {
		m[x.Name] = x.JSON()
	}
	if len(tags) > 0 {
		m["tags"] = tags
	}
	return m
}

func setComment(d *bowerbird.Item, comment string) {
	if strings.HasPrefix(d.Description, d.Title) {
		d.Description = ""
	}
	d.Title = comment
	if len(comment) > bowerbird.MaxTitle {
		d.Description = comment
		cut := 200
		for !utf8.RuneStart(comment[cut]) {
			cut--
		}
		d.Title = comment[:cut]
	}
}

func commentOf(d *bowerbird.Item) string {
	if d.Title != "" && len(d.Description) > bowerbird.MaxTitle && strings.HasPrefix(d.Description, d.Title) {
		return d.Description
	}
	return d.Title
}

func gorseItem(d *bowerbird.Item) GorseItem {
	x := GorseItem{ItemID: d.ID, IsHidden: d.Hidden, Categories: d.Categories, Timestamp: gorseTime(d.Created), Labels: labelsOf(d.Tags, d.Attributes), Comment: commentOf(d)}
	if x.Categories == nil {
		x.Categories = []string{}
	}
	return x
}
