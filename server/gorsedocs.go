package server

import (
	"bytes"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/store"
)

func typeOfValue(v any) reflect.Type { return reflect.TypeOf(v) }

// read decodes one JSON document, lenient about further fields as Gorse is.
func (g *gorse) read(w http.ResponseWriter, r *http.Request, v any) error {
	b, _, err := g.s.readJSON(w, r)
	if err != nil {
		return err
	}
	return decode(b, v, false)
}

// readList decodes a list, or one document as a list of one.
func readList[T any](g *gorse, w http.ResponseWriter, r *http.Request) ([]T, error) {
	b, _, err := g.s.readJSON(w, r)
	if err != nil {
		return nil, err
	}
	if t := bytes.TrimSpace(b); len(t) > 0 && t[0] == '{' {
		b = slices.Concat([]byte{'['}, t, []byte{']'})
	}
	var in []T
	if err := decode(b, &in, false); err != nil {
		return nil, err
	}
	if len(in) > engine.MaxBatch {
		return nil, problem(http.StatusRequestEntityTooLarge, "too_many", "", "at most "+strconv.Itoa(engine.MaxBatch)+" in one request")
	}
	return in, nil
}

// put writes a few documents, all or an error that names the first refused.
func (g *gorse) put(r *http.Request, events []bowerbird.Event) error {
	if len(events) == 0 {
		return nil
	}
	_, err := g.s.one(r, events...)
	return err
}

func (g *gorse) insertItems(w http.ResponseWriter, r *http.Request) error {
	in, err := readList[GorseItem](g, w, r)
	if err != nil {
		return err
	}
	events := make([]bowerbird.Event, len(in))
	for i, x := range in {
		d := bowerbird.Item{ID: x.ItemID}
		if _, old, err := g.s.item(x.ItemID); err == nil {
			d = *old
		}
		if d.Tags, d.Attributes, err = labels(x.Labels); err != nil {
			return err
		}
		d.Categories, d.Hidden, d.Created = x.Categories, x.IsHidden, x.Timestamp.ms()
		setComment(&d, x.Comment)
		events[i] = bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: &d}
	}
	if err := g.put(r, events); err != nil {
		return err
	}
	return success(w, len(in))
}

// change rewrites an item that is there.
func (g *gorse) change(w http.ResponseWriter, r *http.Request, with func(d *bowerbird.Item) error) error {
	_, old, err := g.s.item(r.PathValue("item"))
	if err != nil {
		return err
	}
	d := *old
	d.Categories = slices.Clone(old.Categories)
	if err := with(&d); err != nil {
		return err
	}
	if err := g.put(r, []bowerbird.Event{{Kind: bowerbird.ItemPut, ItemDoc: &d}}); err != nil {
		return err
	}
	return success(w, 1)
}

func (g *gorse) patchItem(w http.ResponseWriter, r *http.Request) error {
	var in GorseItemPatch
	if err := g.read(w, r, &in); err != nil {
		return err
	}
	return g.change(w, r, func(d *bowerbird.Item) error {
		if in.IsHidden != nil {
			d.Hidden = *in.IsHidden
		}
		if in.Categories != nil {
			d.Categories = in.Categories
		}
		if in.Timestamp != nil && in.Timestamp.ms() > 0 {
			d.Created = in.Timestamp.ms()
		}
		if in.Comment != nil {
			setComment(d, *in.Comment)
		}
		if in.Labels == nil {
			return nil
		}
		tags, attributes, err := labels(in.Labels)
		d.Tags, d.Attributes = tags, attributes
		return err
	})
}

func (g *gorse) addCategory(w http.ResponseWriter, r *http.Request) error {
	return g.change(w, r, func(d *bowerbird.Item) error {
		if c := r.PathValue("category"); !slices.Contains(d.Categories, c) {
			d.Categories = append(d.Categories, c)
		}
		return nil
	})
}

func (g *gorse) dropCategory(w http.ResponseWriter, r *http.Request) error {
	return g.change(w, r, func(d *bowerbird.Item) error {
		d.Categories = slices.DeleteFunc(d.Categories, func(c string) bool { return c == r.PathValue("category") })
		return nil
	})
}

func (g *gorse) getItem(w http.ResponseWriter, r *http.Request) error {
	_, d, err := g.s.item(r.PathValue("item"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, gorseItem(d))
	return nil
}

func (g *gorse) deleteItem(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("item")
	if _, _, err := g.s.item(name); err != nil {
		return success(w, 0)
	}
	if err := g.put(r, []bowerbird.Event{{Kind: bowerbird.ItemDelete, Item: name}}); err != nil {
		return err
	}
	return success(w, 1)
}

func (g *gorse) getItems(w http.ResponseWriter, r *http.Request) error {
	a, err := g.asked(r)
	if err != nil {
		return err
	}
	out := GorseItems{Items: []GorseItem{}}
	if q := a.v.Get("q"); q != "" {
		p, err := g.s.e.Page(r.Context(), engine.Query{Surface: bowerbird.SearchWords, Words: q, Limit: min(max(1, a.n), bowerbird.MaxLimit)})
		if err != nil {
			return err
		}
		for _, x := range p.Items {
			out.Items = append(out.Items, gorseItem(x.Doc))
		}
		writeJSON(w, http.StatusOK, out)
		return nil
	}
	cat := g.s.e.House().Catalogue
	x, last := a.cursor+1, cat.Items()
	for ; x <= last && len(out.Items) < a.n; x++ {
		d, err := cat.ItemDoc(bowerbird.ItemID(x))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		out.Items = append(out.Items, gorseItem(d))
	}
	if x <= last {
		out.Cursor = strconv.Itoa(x - 1)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// A list of a user's Labels is kept under this name.
const listLabel = "labels"

func userLabels(v any) (bowerbird.Attributes, error) {
	words, a, err := labels(v)
	if err != nil || words == nil {
		return a, err
	}
	return bowerbird.Attributes{{Name: listLabel, Words: words}}, nil
}

func (g *gorse) gorseUser(id bowerbird.UserID) GorseUser {
	cat := g.s.e.House().Catalogue
	x := GorseUser{UserID: cat.UserName(id)}
	d, err := cat.UserDoc(id)
	if err != nil {
		return x // somebody who acted only
	}
	x.Comment = d.Name
	if len(d.Labels) == 1 && d.Labels[0].Name == listLabel && !d.Labels[0].Numeric {
		x.Labels = d.Labels[0].Words
	} else {
		x.Labels = labelsOf(nil, d.Labels)
	}
	return x
}

func (g *gorse) insertUsers(w http.ResponseWriter, r *http.Request) error {
	in, err := readList[GorseUser](g, w, r)
	if err != nil {
		return err
	}
	events := make([]bowerbird.Event, len(in))
	for i, x := range in {
		a, err := userLabels(x.Labels)
		if err != nil {
			return err
		}
		events[i] = bowerbird.Event{Kind: bowerbird.UserPut, UserDoc: &bowerbird.User{ID: x.UserID, Name: x.Comment, Labels: a}}
	}
	if err := g.put(r, events); err != nil {
		return err
	}
	return success(w, len(in))
}

func (g *gorse) patchUser(w http.ResponseWriter, r *http.Request) error {
	var in GorseUserPatch
	if err := g.read(w, r, &in); err != nil {
		return err
	}
	id, err := g.s.user(r.PathValue("user"))
	if err != nil {
		return err
	}
	d := bowerbird.User{ID: r.PathValue("user")}
	if old, err := g.s.e.House().Catalogue.UserDoc(id); err == nil {
		d = *old
	}
	if in.Comment != nil {
		d.Name = *in.Comment
	}
	if in.Labels != nil {
		if d.Labels, err = userLabels(in.Labels); err != nil {
			return err
		}
	}
	if err := g.put(r, []bowerbird.Event{{Kind: bowerbird.UserPut, UserDoc: &d}}); err != nil {
		return err
	}
	return success(w, 1)
}

func (g *gorse) getUser(w http.ResponseWriter, r *http.Request) error {
	id, err := g.s.user(r.PathValue("user"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, g.gorseUser(id))
	return nil
}

func (g *gorse) getUsers(w http.ResponseWriter, r *http.Request) error {
	a, err := g.asked(r)
	if err != nil {
		return err
	}
	cat := g.s.e.House().Catalogue
	out := GorseUsers{Users: []GorseUser{}}
	x, last := a.cursor+1, cat.Users()
	for ; x <= last && len(out.Users) < a.n; x++ {
		if cat.UserName(bowerbird.UserID(x)) != "" {
			out.Users = append(out.Users, g.gorseUser(bowerbird.UserID(x)))
		}
	}
	if x <= last {
		out.Cursor = strconv.Itoa(x - 1)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (g *gorse) deleteUser(w http.ResponseWriter, r *http.Request) error {
	patient(w)
	err := g.s.e.Erase(r.Context(), r.PathValue("user"))
	var unknown *engine.Unknown
	if errors.As(err, &unknown) {
		return success(w, 0)
	}
	if err != nil {
		return err
	}
	return success(w, 1)
}
