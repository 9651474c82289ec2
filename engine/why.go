package engine

import (
	"fmt"
	"strings"

	"bowerbird"
)

// why is the one sentence that a tile shows: the reason of the source that ranked
// the item highest among those that speak of what the person did.
func (h *House) why(p *bowerbird.Page, c bowerbird.Candidate) string {
	best, bestRank := -1, 1<<30
	for i, f := range c.From {
		rank := int(f.Rank)
		if !personal(f.Why) {
			rank += 1 << 20
		}
		if rank < bestRank {
			best, bestRank = i, rank
		}
	}
	if best < 0 {
		return ""
	}
	f := c.From[best]
	return h.sentence(p, f)
}

// whys are all distinct reasons, strongest first.
func (h *House) whys(p *bowerbird.Page, c bowerbird.Candidate) []string {
	out := []string{h.why(p, c)}
	for _, f := range c.From {
		s := h.sentence(p, f)
		fresh := s != ""
		for _, o := range out {
			fresh = fresh && o != s
		}
		if fresh {
			out = append(out, s)
		}
	}
	return out
}

func personal(r bowerbird.Reason) bool {
	switch r.Kind {
	case bowerbird.BecauseItem, bowerbird.BecauseBoard, bowerbird.BecauseUser, bowerbird.BecauseQuery, bowerbird.BecausePicture:
		return true
	}
	return false
}

// sentence puts a reason into words.
func (h *House) sentence(p *bowerbird.Page, f bowerbird.Found) string {
	source, r := p.Sources[f.Source], f.Why
	switch r.Kind {
	case bowerbird.BecauseItem:
		return h.becauseItem(p.Request.Surface, source, r)
	case bowerbird.BecauseBoard:
		return fmt.Sprintf("Because it goes with the board %s", h.board(r.Board))
	case bowerbird.BecauseUser:
		if source == "followed" {
			return fmt.Sprintf("Because you follow %s", h.person(r.User))
		}
		return "Because people with a taste like yours liked it"
	case bowerbird.BecauseQuery:
		return "Because its words match your search"
	case bowerbird.BecausePicture:
		if r.Item == 0 {
			return "Because it looks like your picture"
		}
		return fmt.Sprintf("Because it looks like %s", h.item(r.Item))
	case bowerbird.BecausePopular:
		if source == "trending" {
			return "Because many people like it these days"
		}
		return "Because many people like it"
	case bowerbird.BecauseNew:
		return "Because it is new"
	}
	if source == "learned" {
		return "Because it fits what you have liked before"
	}
	return ""
}

// becauseItem speaks of an item that the person acted on, or, where the page
// starts from an item, of that one.
func (h *House) becauseItem(on bowerbird.Surface, source string, r bowerbird.Reason) string {
	what := h.item(r.Item)
	if on != bowerbird.Related {
		if r.Board != 0 {
			return fmt.Sprintf("Because you saved %s to %s", what, h.board(r.Board))
		}
		if source == "session" {
			return fmt.Sprintf("Because of what you did last, with %s", what)
		}
		return fmt.Sprintf("Because you liked %s", what)
	}
	switch source {
	case "words":
		return fmt.Sprintf("Because it shares words with %s", what)
	case "together":
		return fmt.Sprintf("Because people keep it together with %s", what)
	case "neighbourhood":
		return fmt.Sprintf("Because it is found in the neighbourhood of %s", what)
	case "learned":
		return fmt.Sprintf("Because people who like %s like it too", what)
	}
	return fmt.Sprintf("Because boards and people that keep %s keep it too", what)
}

func (h *House) item(x bowerbird.ItemID) string {
	d, err := h.Catalogue.ItemDoc(x)
	if err != nil || d.Title == "" {
		return quote(h.Catalogue.ItemName(x))
	}
	return quote(d.Title)
}

func (h *House) board(b bowerbird.BoardID) string {
	m, ok := h.Catalogue.BoardMeta(b)
	if !ok || m.Title == "" {
		return quote(h.Catalogue.BoardName(b))
	}
	return quote(m.Title)
}

func (h *House) person(u bowerbird.UserID) string {
	if d, err := h.Catalogue.UserDoc(u); err == nil && d.Name != "" {
		return d.Name
	}
	return h.Catalogue.UserName(u)
}

func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = strings.TrimSpace(string(r[:58])) + "…"
	}
	return "“" + s + "”"
}
