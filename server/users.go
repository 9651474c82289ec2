package server

import (
	"net/http"
	"strconv"
	"strings"

	"bowerbird"
)

func (s *Server) user(name string) (bowerbird.UserID, error) {
	id, ok := s.e.House().Catalogue.User(name)
	if !ok {
		return 0, notFound("user", name)
	}
	return id, nil
}

func (s *Server) userOf(id bowerbird.UserID) User {
	h := s.e.House()
	u := User{ID: h.Catalogue.UserName(id), Saves: h.Saves(id)}
	u.Name = u.ID
	if d, err := h.Catalogue.UserDoc(id); err == nil {
		u.Language, u.Labels, u.Created = d.Language, d.Labels, d.Created
		if d.Name != "" {
			u.Name = d.Name
		}
	}
	for _, b := range h.Catalogue.UserBoards(id) {
		if m, _ := h.Catalogue.BoardMeta(b); !m.Secret {
			u.Boards++
		}
	}
	return u
}

func (s *Server) getUser(w http.ResponseWriter, r *http.Request) error {
	id, err := s.user(r.PathValue("id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.userOf(id))
	return nil
}

func (s *Server) listUsers(w http.ResponseWriter, r *http.Request) error {
	_, limit, after, err := stretch(r)
	if err != nil {
		return err
	}
	cat := s.e.House().Catalogue
	out := UserList{Users: []User{}}
	x, last := after+1, cat.Users()
	for ; x <= last && len(out.Users) < limit; x++ {
		if cat.UserName(bowerbird.UserID(x)) != "" {
			out.Users = append(out.Users, s.userOf(bowerbird.UserID(x)))
		}
	}
	if x <= last {
		out.Next = strconv.Itoa(x - 1)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) putUser(w http.ResponseWriter, r *http.Request) error {
	var in UserIn
	if err := s.readInto(w, r, &in); err != nil {
		return err
	}
	if err := sameID(&in.ID, r.PathValue("id")); err != nil {
		return err
	}
	d := &bowerbird.User{ID: in.ID, Name: in.Name, Language: in.Language, Labels: in.Labels, Created: in.Created}
	if _, err := s.one(r, bowerbird.Event{Kind: bowerbird.UserPut, UserDoc: d}); err != nil {
		return err
	}
	id, err := s.user(in.ID)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.userOf(id))
	return nil
}

// forgetSearches waits for the rewrite of the log, as eraseUser does.
func (s *Server) forgetSearches(w http.ResponseWriter, r *http.Request) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	if v.Has("q") && strings.TrimSpace(v.Get("q")) == "" {
		return invalid("q", "is empty: leave it out to forget every search")
	}
	if err := typed(v.Get("q")); err != nil {
		return err
	}
	patient(w)
	n, err := s.e.ForgetSearches(r.Context(), r.PathValue("id"), v.Get("q"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, Forgotten{n, s.e.Log().LastErase()})
	return nil
}

// eraseUser waits for the rewrite of the log, which may take minutes.
func (s *Server) eraseUser(w http.ResponseWriter, r *http.Request) error {
	patient(w)
	if err := s.e.Erase(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, Done{s.e.Log().LastErase()})
	return nil
}
