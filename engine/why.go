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
	return h.sentence(p.Sources[f.Source], f.Why, p.Request.User)
}

// whys are all distinct reasons, strongest first.
func (h *House) whys(p *bowerbird.Page, c bowerbird.Candidate) []string {
	out := []string{h.why(p, c)}
	for _, f := range c.From {
		s := h.sentence(p.Sources[f.Source], f.Why, p.Request.User)
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
func (h *House) sentence(source string, r bowerbird.Reason, me bowerbird.UserID) string {
	switch r.Kind {
	case bowerbird.BecauseItem:
		return h.becauseItem(source, r)
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

func (h *House) becauseItem(source string, r bowerbird.Reason) string {
	what := h.item(r.Item)
	switch {
	case r.Board != 0:
		return fmt.Sprintf("Because you saved %s to %s", what, h.board(r.Board))
	case source == "words":
		return fmt.Sprintf("Because it shares words with %s", what)
	case source == "together":
		return fmt.Sprintf("Because people keep it together with %s", what)
	}
	return fmt.Sprintf("Because of %s", what)
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
