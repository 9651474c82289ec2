package server

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bowerbird"
)

// board resolves a board that is there and that the person may see.
func (s *Server) board(name, user string) (bowerbird.BoardID, error) {
	cat := s.e.House().Catalogue
	id, ok := cat.Board(name)
	if !ok || !s.sees(id, user) {
		return 0, notFound("board", name)
	}
	return id, nil
}

// sees tells whether a board is there for a person: it is live, and not somebody
// else's secret.
func (s *Server) sees(id bowerbird.BoardID, user string) bool {
	cat := s.e.House().Catalogue
	m, ok := cat.BoardMeta(id)
	if !ok || !m.Live {
		return false
	}
	return !m.Secret || user != "" && m.Owner != 0 && cat.UserName(m.Owner) == user
}

func (s *Server) boardOf(id bowerbird.BoardID) (Board, error) {
	cat := s.e.House().Catalogue
	d, err := cat.BoardDoc(id)
	if err != nil {
		return Board{}, err
	}
	b := Board{ID: d.ID, Title: d.Title, Description: d.Description, Owner: d.Owner, Secret: d.Secret, Created: d.Created, Cover: []string{}}
	for _, x := range cat.BoardItems(id) {
		if !cat.Live(x) {
			continue
		}
		b.Items++
		if len(b.Cover) == 4 {
			continue
		}
		if d, err := cat.ItemDoc(x); err == nil {
			if p := pictureOf(d.Picture); p != nil {
				b.Cover = append(b.Cover, p.Small)
			}
		}
	}
	return b, nil
}

func (s *Server) getBoard(w http.ResponseWriter, r *http.Request) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	id, err := s.board(r.PathValue("id"), v.Get("user"))
	if err != nil {
		return err
	}
	b, err := s.boardOf(id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, b)
	return nil
}

func (s *Server) listBoards(w http.ResponseWriter, r *http.Request) error {
	v, limit, after, err := stretch(r)
	if err != nil {
		return err
	}
	cat := s.e.House().Catalogue
	out := BoardList{Boards: []Board{}}
	x, last := after+1, cat.Boards()
	for ; x <= last && len(out.Boards) < limit; x++ {
		if !s.sees(bowerbird.BoardID(x), v.Get("user")) {
			continue
		}
		b, err := s.boardOf(bowerbird.BoardID(x))
		if err != nil {
			return err
		}
		out.Boards = append(out.Boards, b)
	}
	if x <= last {
		out.Next = strconv.Itoa(x - 1)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) userBoards(w http.ResponseWriter, r *http.Request) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	cat := s.e.House().Catalogue
	user, err := s.user(r.PathValue("id"))
	if err != nil {
		return err
	}
	var item bowerbird.ItemID
	if name := v.Get("item"); name != "" {
		if item, _, err = s.item(name); err != nil {
			return err
		}
	}
	out := BoardList{Boards: []Board{}}
	for _, id := range cat.UserBoards(user) {
		if !s.sees(id, v.Get("user")) {
			continue
		}
		b, err := s.boardOf(id)
		if err != nil {
			return err
		}
		if item != 0 {
			has := slices.Contains(cat.BoardItems(id), item)
			b.HasItem = &has
		}
		out.Boards = append(out.Boards, b)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// boardItems lists a board, newest save first. A stretch goes on behind the item
// that the one before ended with, so that saves made meanwhile repeat nothing;
// should that item be gone, it goes on at the same place.
func (s *Server) boardItems(w http.ResponseWriter, r *http.Request) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	limit, err := number(v, "limit", 50)
	if err != nil {
		return err
	}
	if limit < 1 || limit > 500 {
		return invalid("limit", "want 1 to 500")
	}
	id, err := s.board(r.PathValue("id"), v.Get("user"))
	if err != nil {
		return err
	}
	cat := s.e.House().Catalogue
	items := cat.BoardItems(id)
	at, err := behind(items, v.Get("after"))
	if err != nil {
		return err
	}
	out := ItemList{Items: []Item{}}
	for ; at < len(items) && len(out.Items) < limit; at++ {
		if !cat.Live(items[at]) {
			continue
		}
		d, err := cat.ItemDoc(items[at])
		if err != nil {
			continue // withdrawn since
		}
		out.Items = append(out.Items, itemOf(d))
	}
	if at < len(items) && at > 0 {
		out.Next = strconv.Itoa(at) + "." + strconv.Itoa(int(items[at-1]))
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// behind reads "place.item" and finds where to go on.
func behind(items []bowerbird.ItemID, after string) (int, error) {
	if after == "" {
		return 0, nil
	}
	place, item, ok := strings.Cut(after, ".")
	at, err := strconv.Atoi(place)
	x, err2 := strconv.ParseUint(item, 10, 32)
	if !ok || err != nil || err2 != nil || at < 0 {
		return 0, invalid("after", "want next of the list before")
	}
	if i := slices.Index(items, bowerbird.ItemID(x)); i >= 0 {
		return i + 1, nil
	}
	return min(at, len(items)), nil
}

func (s *Server) putBoard(w http.ResponseWriter, r *http.Request) error {
	var in BoardIn
	if err := s.readInto(w, r, &in); err != nil {
		return err
	}
	if err := sameID(&in.ID, r.PathValue("id")); err != nil {
		return err
	}
	d := &bowerbird.Board{ID: in.ID, Title: in.Title, Description: in.Description, Owner: in.Owner, Secret: in.Secret, Created: in.Created}
	if _, err := s.one(r, bowerbird.Event{Kind: bowerbird.BoardPut, BoardDoc: d}); err != nil {
		return err
	}
	id, _ := s.e.House().Catalogue.Board(in.ID)
	b, err := s.boardOf(id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, b)
	return nil
}

func (s *Server) deleteBoard(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("id")
	cat := s.e.House().Catalogue
	id, ok := cat.Board(name)
	if !ok || !cat.BoardLive(id) {
		return notFound("board", name)
	}
	offset, err := s.one(r, bowerbird.Event{Kind: bowerbird.BoardDelete, Board: name})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, Done{offset})
	return nil
}
