package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/store"
)

// gorse is the subset of Gorse 0.5's REST interface (https://gorse.io/docs) under
// /api: same paths, names and casing, so that its clients can be pointed here.
//
// Where we differ: recommendations are made when they are asked for, by the home
// page; neighbours are the related page; feedback of a type that is no save and
// no hide cannot be taken back (DELETE answers RowAffected 0); deleting a user
// erases the person and needs an admin key; a feedback's Comment is not kept;
// lists of feedback hold what came in here, and read the log.
type gorse struct {
	s       *Server
	mu      sync.Mutex
	changes changes
}

func newGorse(s *Server) *gorse { return &gorse{s: s} }

func (g *gorse) table() []*route {
	n := param{"n", "integer", "items wanted; default 10"}
	offset := param{"offset", "integer", "items passed over"}
	category := param{"category", "string", "only of this category"}
	reader := param{"user-id", "string", "leave out what this person has read"}
	cursor := param{"cursor", "string", "Cursor of the stretch before"}
	get := func(path, doc string, do func(http.ResponseWriter, *http.Request) error, query ...param) *route {
		return &route{method: "GET", path: "/api" + path, tag: "gorse", doc: doc, scope: store.Read, limit: g.s.o.SlowTimeout, query: query, do: do}
	}
	set := func(method, path, doc string, do func(http.ResponseWriter, *http.Request) error) *route {
		return &route{method: method, path: "/api" + path, tag: "gorse", doc: doc, scope: store.Write, answer: typeOf[GorseSuccess](), do: do}
	}
	with := func(r *route, change func(*route)) *route { change(r); return r }
	body := func(r *route, in any) *route {
		return with(r, func(r *route) { r.body = typeOfValue(in) })
	}
	gives := func(r *route, out any, also ...string) *route {
		return with(r, func(r *route) { r.answer, r.also = typeOfValue(out), also })
	}
	erase := set("DELETE", "/user/{user}", "Erase a person for good", g.deleteUser)
	erase.scope = store.Admin
	live := gives(get("/health/live", "It answers", g.health), GorseHealth{})
	ready := gives(get("/health/ready", "It can serve", g.health), GorseHealth{})
	live.open, ready.open = true, true
	return []*route{
		live, ready,
		body(set("POST", "/user", "Add or replace a person", g.insertUsers), GorseUser{}),
		body(set("POST", "/users", "Add or replace people", g.insertUsers), []GorseUser{}),
		body(set("PATCH", "/user/{user}", "Change a person", g.patchUser), GorseUserPatch{}),
		gives(get("/user/{user}", "A person", g.getUser), GorseUser{}),
		gives(get("/users", "List people", g.getUsers, n, cursor), GorseUsers{}),
		erase,
		body(set("POST", "/item", "Add or replace an item", g.insertItems), GorseItem{}),
		body(set("POST", "/items", "Add or replace items", g.insertItems), []GorseItem{}),
		body(set("PATCH", "/item/{item}", "Change an item", g.patchItem), GorseItemPatch{}),
		gives(get("/item/{item}", "An item", g.getItem), GorseItem{}),
		gives(get("/items", "List items, or search them by q", g.getItems, n, cursor, param{"q", "string", "words to search for"}), GorseItems{}),
		set("DELETE", "/item/{item}", "Withdraw an item", g.deleteItem),
		set("PUT", "/item/{item}/category/{category}", "Add a category", g.addCategory),
		set("DELETE", "/item/{item}/category/{category}", "Take a category away", g.dropCategory),
		body(set("POST", "/feedback", "Take in feedback; what is there stays as it is", g.insertFeedback), []GorseFeedback{}),
		body(set("PUT", "/feedback", "Take in feedback, overwriting", g.upsertFeedback), []GorseFeedback{}),
		gives(get("/feedback", "List feedback", g.listFeedback, n, cursor), GorseFeedbacks{}),
		gives(get("/feedback/{type}", "List feedback of a type", g.listFeedback, n, cursor), GorseFeedbacks{}),
		gives(get("/feedback/{user}/{item}", "A person's feedback on an item", g.feedbackOf), []GorseFeedback{}),
		gives(get("/feedback/{type}/{user}/{item}", "One feedback", g.oneFeedback), GorseFeedback{}),
		set("DELETE", "/feedback/{user}/{item}", "Take saves and hides back", g.deleteFeedback),
		set("DELETE", "/feedback/{type}/{user}/{item}", "Take a save or a hide back", g.deleteFeedback),
		gives(get("/user/{user}/feedback", "A person's feedback", g.feedbackOf), []GorseFeedback{}, "/api/user/{user}/feedback/{$}"),
		gives(get("/user/{user}/feedback/{type}", "A person's feedback of a type", g.feedbackOf), []GorseFeedback{}),
		gives(get("/item/{item}/feedback", "An item's feedback", g.feedbackOf), []GorseFeedback{}, "/api/item/{item}/feedback/{$}"),
		gives(get("/item/{item}/feedback/{type}", "An item's feedback of a type", g.feedbackOf), []GorseFeedback{}),
		gives(get("/recommend/{user}", "Recommendations: ids, or with the header X-API-Version: 2 scores", g.recommend, n, offset, category,
			param{"write-back-type", "string", "record what is answered as shown"}, param{"write-back-delay", "string", "by how much later, 10m"}), []string{}, "/api/recommend/{user}/{$}"),
		gives(get("/recommend/{user}/{category}", "Recommendations of a category", g.recommend, n, offset), []string{}),
		gives(get("/item/{item}/neighbors", "Items like an item", g.neighbors, n, offset, category, reader), []GorseScore{}, "/api/item/{item}/neighbors/{$}"),
		gives(get("/item/{item}/neighbors/{category}", "Items of a category like an item", g.neighbors, n, offset, reader), []GorseScore{}),
		gives(get("/item-to-item/{name}/{item}", "Items like an item", g.neighbors, n, offset, category, reader), []GorseScore{}),
		gives(get("/latest", "The newest items; the score is their time in Unix seconds", g.latest, n, offset, category), []GorseScore{}, "/api/latest/{$}"),
		gives(get("/latest/{category}", "The newest items of a category", g.latest, n, offset), []GorseScore{}),
		gives(get("/popular", "The most liked items; the score is one over the rank", g.popular, n, offset, category, reader), []GorseScore{}, "/api/popular/{$}"),
		gives(get("/popular/{category}", "The most liked items of a category", g.popular, n, offset, reader), []GorseScore{}),
		gives(get("/non-personalized/{name}", "popular, or latest", g.nonPersonalized, n, offset, category, reader), []GorseScore{}),
		with(gives(body(set("POST", "/session/recommend", "Recommendations for somebody unknown, by what they did", g.session), []GorseFeedback{}), []GorseScore{}, "/api/session/recommend/{$}"), sessionRead),
		with(gives(body(set("POST", "/session/recommend/{category}", "The same of a category", g.session), []GorseFeedback{}), []GorseScore{}), sessionRead),
	}
}

func sessionRead(r *route) { r.scope = store.Read }

func success(w http.ResponseWriter, n int) error {
	writeJSON(w, http.StatusOK, GorseSuccess{n})
	return nil
}

func (g *gorse) health(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusOK, GorseHealth{Ready: true, DataStoreConnected: true, CacheStoreConnected: true})
	return nil
}

// asked is what most of Gorse's questions have.
type asked struct {
	v         url.Values
	n, offset int
	cursor    int
	where     []bowerbird.Condition
}

func (g *gorse) asked(r *http.Request) (a asked, err error) {
	if a.v, err = values(r); err != nil {
		return
	}
	if a.n, err = number(a.v, "n", 10); err != nil {
		return
	}
	if a.offset, err = number(a.v, "offset", 0); err != nil {
		return
	}
	text := a.v.Get("cursor")
	if text == "" {
		text = a.v.Get("Cursor") // as the JavaScript client writes it
	}
	if text != "" {
		if a.cursor, err = strconv.Atoi(text); err != nil || a.cursor < 0 {
			return a, invalid("cursor", "want Cursor of the stretch before")
		}
	}
	if a.n < 0 || a.offset < 0 || a.n > 1000 || a.n+a.offset > bowerbird.MaxServed {
		return a, invalid("n", "want n up to 1,000 and n + offset up to 2,000")
	}
	categories := a.v["category"]
	if c := r.PathValue("category"); c != "" {
		categories = []string{c}
	}
	for _, c := range categories {
		a.where = append(a.where, bowerbird.Condition{Field: "category", Op: bowerbird.In, Words: []string{c}})
	}
	return a, nil
}

// collect turns pages of a query into n scores behind an offset.
func (g *gorse) collect(ctx context.Context, q engine.Query, a asked) ([]GorseScore, *engine.Answer, error) {
	out := []GorseScore{}
	q.Where = a.where
	var first *engine.Answer
	for len(out) < a.n+a.offset {
		q.Limit = min(bowerbird.MaxLimit, a.n+a.offset-len(out))
		p, err := g.s.e.Page(ctx, q)
		if err != nil {
			return nil, nil, err
		}
		if first == nil {
			first = p
		}
		for i, x := range p.Items {
			out = append(out, GorseScore{x.Doc.ID, float64(finite(p.Page.Items[i].Score))})
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			break
		}
	}
	return out[min(a.offset, len(out)):], first, nil
}

func (g *gorse) recommend(w http.ResponseWriter, r *http.Request) error {
	a, err := g.asked(r)
	if err != nil {
		return err
	}
	user := r.PathValue("user")
	delay := time.Duration(0)
	if text := a.v.Get("write-back-delay"); text != "" {
		if delay, err = time.ParseDuration(text); err != nil || delay > 24*time.Hour {
			return invalid("write-back-delay", "want a duration of at most a day, 10m")
		}
	}
	back := a.v.Get("write-back-type")
	if back != "" {
		if err := g.s.keys.allow(r, store.Write); err != nil {
			return err
		}
	}
	scores, first, err := g.collect(r.Context(), engine.Query{Surface: bowerbird.Home, User: user}, a)
	if err != nil {
		return err
	}
	if back != "" && len(scores) > 0 {
		if err := g.writeBack(r, back, user, first.RequestID, scores, time.Now().Add(delay)); err != nil {
			return err
		}
	}
	if r.Header.Get("X-API-Version") == "2" {
		writeJSON(w, http.StatusOK, scores)
		return nil
	}
	ids := make([]string, len(scores))
	for i, x := range scores {
		ids[i] = x.ID
	}
	writeJSON(w, http.StatusOK, ids)
	return nil
}

// writeBack records what was answered: as impressions whatever the type, since
// nobody has done anything yet; it keeps them from the next answers.
func (g *gorse) writeBack(r *http.Request, feedback, user, request string, scores []GorseScore, at time.Time) error {
	events := make([]bowerbird.Event, len(scores))
	for i, x := range scores {
		events[i] = bowerbird.Event{Kind: bowerbird.Impression, User: user, Item: x.ID, Request: request, Position: i + 1, Surface: bowerbird.Home,
			Time: at.UnixMilli(), ID: feedbackID(feedback, user, x.ID) + "/" + digest(request)}
	}
	_, err := g.s.one(r, events...)
	return err
}

func (g *gorse) neighbors(w http.ResponseWriter, r *http.Request) error {
	a, err := g.asked(r)
	if err != nil {
		return err
	}
	if _, _, err := g.s.item(r.PathValue("item")); err != nil {
		return err
	}
	scores, _, err := g.collect(r.Context(), engine.Query{Surface: bowerbird.Related, Item: r.PathValue("item"), User: a.v.Get("user-id")}, a)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, scores)
	return nil
}

func (g *gorse) nonPersonalized(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("name") == "latest" {
		return g.latest(w, r)
	}
	return g.popular(w, r)
}

func (g *gorse) popular(w http.ResponseWriter, r *http.Request) error {
	a, err := g.asked(r)
	if err != nil {
		return err
	}
	h := g.s.e.House()
	user, _ := h.Catalogue.User(a.v.Get("user-id"))
	items, err := h.Popular(r.Context(), bowerbird.Request{User: user, Where: a.where}, a.n+a.offset)
	if err != nil {
		return err
	}
	out := []GorseScore{}
	for i, x := range items {
		if i >= a.offset {
			out = append(out, GorseScore{h.Catalogue.ItemName(bowerbird.ItemID(x)), 1 / float64(i+1)})
		}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// latest looks at every item's time: some 50 ms for a million.
func (g *gorse) latest(w http.ResponseWriter, r *http.Request) error {
	a, err := g.asked(r)
	if err != nil {
		return err
	}
	type dated struct {
		id bowerbird.ItemID
		at int64
	}
	cat := g.s.e.House().Catalogue
	var found []dated
	keep := a.n + a.offset
	newest := func(x, y dated) int { return cmp.Or(cmp.Compare(y.at, x.at), cmp.Compare(y.id, x.id)) }
	for x := cat.Items(); x > 0; x-- {
		id := bowerbird.ItemID(x)
		m, ok := cat.ItemMeta(id)
		if !ok || !m.Live || !g.inCategories(id, a.where) {
			continue
		}
		if found = append(found, dated{id, m.Created}); len(found) >= 2*keep+64 {
			slices.SortFunc(found, newest)
			found = found[:keep]
		}
	}
	slices.SortFunc(found, newest)
	found = found[:min(keep, len(found))]
	out := []GorseScore{}
	for _, x := range found[min(a.offset, len(found)):] {
		out = append(out, GorseScore{cat.ItemName(x.id), float64(x.at / 1000)})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (g *gorse) inCategories(id bowerbird.ItemID, where []bowerbird.Condition) bool {
	if len(where) == 0 {
		return true
	}
	d, err := g.s.e.House().Catalogue.ItemDoc(id)
	if err != nil {
		return false
	}
	for _, c := range where {
		if !slices.ContainsFunc(d.Categories, func(have string) bool {
			want := c.Words[0]
			return have == want || len(have) > len(want) && have[len(want)] == '/' && have[:len(want)] == want
		}) {
			return false
		}
	}
	return true
}

// session fuses the related pages of what somebody unknown did last, by
// reciprocal ranks (Cormack, Clarke and Büttcher 2009, k = 60).
func (g *gorse) session(w http.ResponseWriter, r *http.Request) error {
	a, err := g.asked(r)
	if err != nil {
		return err
	}
	var in []GorseFeedback
	if err := g.read(w, r, &in); err != nil {
		return err
	}
	const most = 10
	slices.SortStableFunc(in, func(x, y GorseFeedback) int { return y.Timestamp.Compare(x.Timestamp.Time) })
	scores, done := map[string]float64{}, map[string]bool{}
	for _, f := range in {
		done[f.ItemID] = true
	}
	for _, f := range in[:min(most, len(in))] {
		if g.kind(f.FeedbackType, f.Value).Positive() <= 0 {
			continue
		}
		near, _, err := g.collect(r.Context(), engine.Query{Surface: bowerbird.Related, Item: f.ItemID}, asked{n: min(bowerbird.MaxLimit, a.n+a.offset+len(in)), where: a.where})
		var unknown *engine.Unknown
		if errors.As(err, &unknown) {
			continue
		}
		if err != nil {
			return err
		}
		for rank, x := range near {
			if !done[x.ID] {
				scores[x.ID] += 1 / float64(60+rank+1)
			}
		}
	}
	out := make([]GorseScore, 0, len(scores))
	for id, score := range scores {
		out = append(out, GorseScore{id, score})
	}
	slices.SortFunc(out, func(x, y GorseScore) int { return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.ID, y.ID)) })
	out = out[:min(len(out), a.n+a.offset)]
	writeJSON(w, http.StatusOK, out[min(a.offset, len(out)):])
	return nil
}
