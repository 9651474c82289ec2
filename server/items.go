package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/store"
)

// item resolves the name of an item that is there.
func (s *Server) item(name string) (bowerbird.ItemID, *bowerbird.Item, error) {
	cat := s.e.House().Catalogue
	id, ok := cat.Item(name)
	if !ok {
		return 0, nil, notFound("item", name)
	}
	d, err := cat.ItemDoc(id)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil, notFound("item", name)
	}
	return id, d, err
}

// one ingests a few events that stand or fall together for the caller, and
// returns the offset of the first.
func (s *Server) one(r *http.Request, events ...bowerbird.Event) (uint64, error) {
	results, err := s.e.Ingest(r.Context(), events)
	if err != nil {
		return 0, err
	}
	for _, x := range results {
		if x.Err != nil {
			return 0, x.Err
		}
	}
	return results[0].Offset, nil
}

// stretch reads limit and after of a list. after is the last dense id of the
// stretch before.
func stretch(r *http.Request) (v url.Values, limit, after int, err error) {
	if v, err = values(r); err != nil {
		return
	}
	if limit, err = number(v, "limit", 50); err != nil {
		return
	}
	if limit < 1 || limit > 500 {
		err = invalid("limit", "want 1 to 500")
		return
	}
	if after, err = number(v, "after", 0); err == nil && after < 0 {
		err = invalid("after", "want next of the list before")
	}
	return
}

func (s *Server) getItem(w http.ResponseWriter, r *http.Request) error {
	_, d, err := s.item(r.PathValue("id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, itemOf(d))
	return nil
}

func (s *Server) duplicates(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("id")
	if _, _, err := s.item(name); err != nil {
		return err
	}
	group, err := s.e.Copies(name)
	if err != nil {
		return err
	}
	out := Duplicates{Items: make([]Duplicate, len(group))}
	for i, c := range group {
		out.Items[i] = Duplicate{itemOf(c.Item), c.First, c.Probability}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) regions(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("id")
	if _, _, err := s.item(name); err != nil {
		return err
	}
	release, err := s.decoding(r.Context())
	if err != nil {
		return err
	}
	defer release()
	boxes, err := s.e.Regions(r.Context(), name)
	if err != nil {
		return err
	}
	out := Regions{Regions: make([]Crop, len(boxes))}
	for i, b := range boxes {
		out.Regions[i] = Crop{b.X, b.Y, b.W, b.H}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) labels(w http.ResponseWriter, r *http.Request) error {
	list, err := s.e.Labels(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	out := Labels{Labels: make([]Label, len(list))}
	for i, l := range list {
		out.Labels[i] = Label(l)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) listItems(w http.ResponseWriter, r *http.Request) error {
	_, limit, after, err := stretch(r)
	if err != nil {
		return err
	}
	cat := s.e.House().Catalogue
	out := ItemList{Items: []Item{}}
	x, last := after+1, cat.Items()
	for ; x <= last && len(out.Items) < limit; x++ {
		d, err := cat.ItemDoc(bowerbird.ItemID(x))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		out.Items = append(out.Items, itemOf(d))
	}
	if x <= last {
		out.Next = strconv.Itoa(x - 1)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// put makes the event that adds or replaces an item. A picture that it has, and
// the time when it came, are kept.
func (s *Server) put(x *ItemIn) bowerbird.Event {
	d := x.item()
	if _, old, err := s.item(d.ID); err == nil {
		d.Picture = old.Picture
		if d.Created == 0 {
			d.Created = old.Created
		}
	}
	return bowerbird.Event{Kind: bowerbird.ItemPut, ItemDoc: d}
}

func (s *Server) putItem(w http.ResponseWriter, r *http.Request) error {
	var in ItemIn
	if err := s.readInto(w, r, &in); err != nil {
		return err
	}
	if err := sameID(&in.ID, r.PathValue("id")); err != nil {
		return err
	}
	if _, err := s.one(r, s.put(&in)); err != nil {
		return err
	}
	_, d, err := s.item(in.ID)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, itemOf(d))
	return nil
}

// sameID holds the id in a body to that of the path.
func sameID(id *string, path string) error {
	if *id != "" && *id != path {
		return invalid("id", "is another than that of the path")
	}
	*id = path
	return nil
}

func (s *Server) postItems(w http.ResponseWriter, r *http.Request) error {
	b, media, err := s.readJSON(w, r)
	if err != nil {
		return err
	}
	in, faults, err := batch[ItemIn](b, media, "items", true)
	if err != nil {
		return err
	}
	return s.ingest(w, r, len(in), func(i int) (bowerbird.Event, error) {
		if faults[i] != nil {
			return bowerbird.Event{}, faults[i]
		}
		return s.put(&in[i]), nil
	})
}

func (s *Server) deleteItem(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("id")
	if _, _, err := s.item(name); err != nil {
		return err
	}
	offset, err := s.one(r, bowerbird.Event{Kind: bowerbird.ItemDelete, Item: name})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, Done{offset})
	return nil
}

// ingest takes in a batch of n whose events make gives; those that it refuses, or
// the engine does, get their own error.
func (s *Server) ingest(w http.ResponseWriter, r *http.Request, n int, event func(i int) (bowerbird.Event, error)) error {
	out, err := s.ingested(r, n, event)
	if err != nil {
		return err
	}
	writeResults(w, out)
	return nil
}

func (s *Server) ingested(r *http.Request, n int, event func(i int) (bowerbird.Event, error)) ([]Result, error) {
	if n > engine.MaxBatch {
		return nil, problem(http.StatusRequestEntityTooLarge, "too_many", "events", "at most "+strconv.Itoa(engine.MaxBatch)+" in one request: send them in parts")
	}
	out := make([]Result, n)
	events := make([]bowerbird.Event, 0, n)
	at := make([]int, 0, n)
	for i := range n {
		e, err := event(i)
		out[i].ID = e.ID
		if err != nil {
			out[i].Error = itemProblem(err)
			continue
		}
		events, at = append(events, e), append(at, i)
	}
	if len(events) == 0 {
		return out, nil
	}
	results, err := s.e.Ingest(r.Context(), events)
	if err != nil {
		return nil, err
	}
	for k, x := range results {
		o := &out[at[k]]
		if x.Err != nil {
			o.Error = itemProblem(x.Err)
			continue
		}
		o.Offset, o.Duplicate = x.Offset, x.Duplicate
	}
	return out, nil
}

// writeResults writes the plain ones by hand: a batch has up to 10,000.
func writeResults(w http.ResponseWriter, out []Result) {
	b := make([]byte, 0, 32+len(out)*80)
	b = append(b, `{"results":[`...)
	for i := range out {
		x := &out[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		if x.ID != "" {
			b = append(b, `"id":`...)
			b = appendString(b, x.ID)
			b = append(b, ',')
		}
		if x.Offset != 0 {
			b = append(b, `"offset":`...)
			b = strconv.AppendUint(b, x.Offset, 10)
			b = append(b, ',')
		}
		b = append(b, `"duplicate":`...)
		b = strconv.AppendBool(b, x.Duplicate)
		if e := x.Error; e != nil {
			b = append(b, `,"error":{"code":`...)
			b = appendString(b, e.Code)
			b = append(b, `,"message":`...)
			b = appendString(b, e.Message)
			b = appendField(b, "field", e.Field)
			b = append(b, '}')
		}
		b = append(b, '}')
	}
	b = append(b, ']', '}', '\n')
	w.Header()["Content-Type"] = jsonType
	_, _ = w.Write(b) // the caller went away
}
