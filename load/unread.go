package load

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// itemKeys are the keys of an item's document, as encoding/json finds them:
// whatever their case.
var itemKeys = map[string]bool{
	"id": true, "title": true, "description": true, "categories": true, "tags": true, "attributes": true,
	"language": true, "link": true, "owner": true, "created": true, "hidden": true, "picture": true,
}

// Bounds of what is remembered and told about keys that are not read.
const (
	maxUnread   = 10_000 // names
	toldUnread  = 5      // names in the note
	unreadBytes = 60     // of a name
)

// unread counts the keys of an item's document that mean nothing here. They are
// no reason to refuse a row, but whoever has them must learn that they are lost.
func (s *session) unread(data []byte) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(data, &keys) != nil {
		return
	}
	for k := range keys {
		if itemKeys[strings.ToLower(k)] {
			continue
		}
		if len(k) > unreadBytes {
			k = strings.ToValidUTF8(k[:unreadBytes], "") + "..."
		}
		if _, there := s.lost[k]; !there && len(s.lost) >= maxUnread {
			continue
		}
		if s.lost == nil {
			s.lost = map[string]int{}
		}
		s.lost[k]++
	}
}

// noteUnread says which keys were not read, those of most rows first.
func (s *session) noteUnread() {
	if len(s.lost) == 0 {
		return
	}
	keys := make([]string, 0, len(s.lost))
	for k := range s.lost {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := s.lost[b] - s.lost[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	told := make([]string, 0, toldUnread)
	for _, k := range keys[:min(len(keys), toldUnread)] {
		told = append(told, fmt.Sprintf("%q in %d", k, s.lost[k]))
	}
	list := strings.Join(told, ", ")
	if more := len(keys) - len(told); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	s.note("fields of items that mean nothing here were left out: %s. What is filtered, counted or searched goes under \"attributes\"", list)
}
