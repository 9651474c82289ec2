package server

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"bowerbird"
	"bowerbird/rank"
	"bowerbird/store"
)

// route is one endpoint: how it is reached, who may, what it takes and gives. The
// mux and the OpenAPI document are both made of the table below.
type route struct {
	method string
	path   string
	also   []string // further paths, as with a trailing slash
	tag    string
	doc    string
	scope  store.Scope
	open   bool          // needs no key
	limit  time.Duration // of the request; 0 none
	query  []param
	body   reflect.Type // nil: none, or not JSON
	media  string       // of a body that is not JSON, or need not be
	answer reflect.Type // nil: not JSON
	gives  string       // media type of such an answer
	do     func(w http.ResponseWriter, r *http.Request) error
	seen   *seen
}

// param is one query parameter.
type param struct {
	name, kind, doc string // kind: string, integer, number, boolean, or list for a repeated string
}

// serve is what every route does before its handler.
func (s *Server) serve(x *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a, ok := w.(*answer); ok {
			a.seen = x.seen
		}
		if !x.open {
			if err := s.keys.allow(r, x.scope); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		if x.limit > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), x.limit)
			defer cancel()
			r = r.WithContext(ctx)
		}
		if err := x.do(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// api tells whether a path is for programs, so that an unknown one is a problem
// and not the page.
func api(path string) bool {
	for _, p := range [...]string{"/v1", "/api", "/pictures", "/openapi", "/docs"} {
		if rest, ok := strings.CutPrefix(path, p); ok && (rest == "" || rest[0] == '/' || rest[0] == '.') {
			return true
		}
	}
	return false
}

// allowed lists the methods that a path has, "" if it has none.
func (s *Server) allowed(r *http.Request) string {
	var out []string
	for _, m := range [...]string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		other := *r
		other.Method = m
		if _, pattern := s.mux.Handler(&other); pattern != "/" && pattern != "" {
			out = append(out, m)
		}
	}
	return strings.Join(out, ", ")
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

var (
	userParam  = param{"user", "string", "whom the page is for; also shows that person's secret boards"}
	pageParams = []param{userParam, {"limit", "integer", "items wanted, 1 to 100; default 25"}, {"cursor", "string", "next_cursor of the page before"},
		{"where", "list", "condition on items, repeated: category=home/kitchen, colour=green,blue (any of), price<=50, tag!=wool"}, {"trace", "boolean", "remember what every filter removed, for /v1/explain"},
		{"diversity", "number", "how unlike each other the items are to look, 0 to 1; default: as training chose, searches by words 0; not with sort; searches by a picture pass over it"}}
	listParams = []param{{"limit", "integer", "1 to 500; default 50"}, {"after", "string", "next of the list before"}}
)

// table is every endpoint.
func (s *Server) table() []*route {
	pages := func(path, doc string, do func(http.ResponseWriter, *http.Request) error, more ...param) *route {
		return &route{method: "GET", path: path, tag: "pages", doc: doc, scope: store.Read, limit: s.o.PageTimeout,
			query: append(more, pageParams...), answer: typeOf[Page](), do: do}
	}
	t := []*route{
		pages("/v1/feed", "A person's home feed; without user it is explore", s.feed),
		pages("/v1/explore", "What is worth seeing, for nobody in particular", s.explore),
		pages("/v1/items/{id}/related", "More like an item", s.related),
		pages("/v1/items/{id}/goes-with", "What goes with an item: of other categories, by what people keep together", s.goesWith),
		pages("/v1/boards/{id}/ideas", "What to add next to a board", s.ideas),
		pages("/v1/search", "Search by words, as people type", s.search, searchParams...),
		{method: "POST", path: "/v1/search", tag: "pages", doc: "Search with filters, facets, order, examples and mixtures", scope: store.Read, limit: s.o.PageTimeout,
			body: typeOf[SearchIn](), answer: typeOf[SearchOut](), do: s.postSearch},
		{method: "POST", path: "/v1/search/visual", tag: "pages", doc: "Search by a picture: an item's, a part of it, or an upload (multipart/form-data with a file field picture); with words too if q is there", scope: store.Read,
			limit: s.o.SlowTimeout, query: pageParams, body: typeOf[Visual](), answer: typeOf[Page](), do: s.visual},
		{method: "GET", path: "/v1/complete", tag: "pages", doc: "Ways to go on from what was typed", scope: store.Read, limit: s.o.PageTimeout,
			query: []param{{"q", "string", "what was typed"}, userParam, {"limit", "integer", "1 to 50; default 8"}}, answer: typeOf[Completions](), do: s.complete},
		{method: "GET", path: "/v1/guides", tag: "pages", doc: "Words to add to a search next, and searches near it", scope: store.Read, limit: s.o.PageTimeout,
			query: []param{{"q", "string", "the words searched for"}, userParam, {"limit", "integer", "1 to 50 of each; default 8"}}, answer: typeOf[Guides](), do: s.guides},
		{method: "GET", path: "/v1/understand", tag: "pages", doc: "What a search seems to mean: spelling, phrases, categories, filters to suggest, and what to ask for where it finds nothing", scope: store.Read, limit: s.o.PageTimeout,
			query: []param{{"q", "string", "the words"}, {"limit", "integer", "ways to relax, 1 to 50; default 8"}}, answer: typeOf[Understood](), do: s.understand},
		{method: "GET", path: "/v1/trending", tag: "pages", doc: "Searches that many people make of late", scope: store.Read, limit: s.o.PageTimeout,
			query: []param{{"limit", "integer", "1 to 50; default 8"}}, answer: typeOf[Searches](), do: s.trending},
		{method: "GET", path: "/v1/synonyms", tag: "operation", doc: "The owner's synonyms, and pairs of words that lead people to the same items, for the owner to add. Pairs may take seconds", scope: store.Admin, limit: s.o.SlowTimeout,
			query: []param{{"own", "boolean", "the owner's alone, without pairs"}, {"limit", "integer", "pairs, 1 to 1,000; default 100"}}, answer: typeOf[Synonyms](), do: s.synonyms},
		{method: "PUT", path: "/v1/synonyms", tag: "operation", doc: "Put a list in place of the owner's synonyms; every search is widened by it from now on, no item is read anew", scope: store.Admin, body: typeOf[SynonymsIn](), answer: typeOf[OwnSynonyms](), do: s.putSynonyms},
		{method: "DELETE", path: "/v1/synonyms", tag: "operation", doc: "Take the owner's synonyms away", scope: store.Admin, answer: typeOf[OwnSynonyms](), do: s.deleteSynonyms},
		{method: "GET", path: "/v1/taxonomy", tag: "operation", doc: "The owner's tree of what things are, by which a label implies what lies above it", scope: store.Read, answer: typeOf[Taxonomy](), do: s.taxonomy},
		{method: "PUT", path: "/v1/taxonomy", tag: "operation", doc: "Put a tree in place of the owner's; labels go by it from now on. A name stands in one place, and below nothing that is below it", scope: store.Admin, body: typeOf[TaxonomyIn](), answer: typeOf[Taxonomy](), do: s.putTaxonomy},
		{method: "DELETE", path: "/v1/taxonomy", tag: "operation", doc: "Take the owner's tree away", scope: store.Admin, answer: typeOf[Taxonomy](), do: s.deleteTaxonomy},
		{method: "GET", path: "/v1/explain", tag: "pages", doc: "Why an item stands where it stands on a page served lately", scope: store.Read, limit: s.o.PageTimeout,
			query: []param{{"request", "string", "request_id of the page"}, {"item", "string", "the item's id"}}, answer: typeOf[Explanation](), do: s.explain},

		{method: "POST", path: "/v1/events", tag: "events", doc: "Take in up to 10,000 events; also as application/x-ndjson, also gzipped. Bad events are refused one by one; an event id seen before is counted once", scope: store.Write,
			body: typeOf[Events](), answer: typeOf[Results](), do: s.postEvents},
		{method: "POST", path: "/v1/ubi/queries", tag: "events", doc: "User Behavior Insights 1.3 queries: one, a list, {\"queries\": [...]} or NDJSON", scope: store.Write, body: typeOf[UBIQuery](), answer: typeOf[Results](), do: s.ubiQueries},
		{method: "POST", path: "/v1/ubi/events", tag: "events", doc: "User Behavior Insights 1.3 events: one, a list, {\"events\": [...]} or NDJSON", scope: store.Write, body: typeOf[UBIEvent](), answer: typeOf[Results](), do: s.ubiEvents},

		{method: "POST", path: "/v1/items", tag: "items", doc: "Add or replace up to 10,000 items", scope: store.Write, body: typeOf[ItemsIn](), answer: typeOf[Results](), do: s.postItems},
		{method: "GET", path: "/v1/items", tag: "items", doc: "List items in the order in which they came", scope: store.Read, query: listParams, answer: typeOf[ItemList](), do: s.listItems},
		{method: "PUT", path: "/v1/items/{id}", tag: "items", doc: "Add or replace an item; a picture it has stays", scope: store.Write, body: typeOf[ItemIn](), answer: typeOf[Item](), do: s.putItem},
		{method: "GET", path: "/v1/items/{id}", tag: "items", doc: "An item", scope: store.Read, answer: typeOf[Item](), do: s.getItem},
		{method: "GET", path: "/v1/items/{id}/duplicates", tag: "items", doc: "The items that show the same picture as this one, hidden ones too: for moderation", scope: store.Read, answer: typeOf[Duplicates](), do: s.duplicates},
		{method: "GET", path: "/v1/items/{id}/regions", tag: "items", doc: "Parts of an item's picture that stand out, to search by", scope: store.Read, limit: s.o.SlowTimeout, answer: typeOf[Regions](), do: s.regions},
		{method: "GET", path: "/v1/items/{id}/labels", tag: "items", doc: "Tags and categories that fit an item: by the items that look like it or, where training found that better, by a linear classifier of the label", scope: store.Read, limit: s.o.PageTimeout, answer: typeOf[Labels](), do: s.labels},
		{method: "DELETE", path: "/v1/items/{id}", tag: "items", doc: "Withdraw an item", scope: store.Write, answer: typeOf[Done](), do: s.deleteItem},
		{method: "PUT", path: "/v1/items/{id}/picture", tag: "items", doc: "Give an item its picture: the bytes of a JPEG, PNG, GIF or WebP; or, where the server may fetch, JSON {\"url\": \"https://...\"}", scope: store.Write, limit: s.o.SlowTimeout, body: typeOf[PictureAt](), media: "image/*", answer: typeOf[Item](), do: s.putPicture},
		{method: "POST", path: "/v1/uploads", tag: "items", doc: "Upload a picture as a new item: file picture, fields id, title, description, tags (commas), category, link, user, board", scope: store.Write, limit: s.o.SlowTimeout, media: "multipart/form-data", answer: typeOf[Uploaded](), do: s.upload},
		{method: "GET", path: "/pictures/{blob}", tag: "items", doc: "The bytes of a picture", open: true, gives: "image/*", do: s.picture},

		{method: "GET", path: "/v1/boards", tag: "boards", doc: "List boards", scope: store.Read, query: append([]param{userParam}, listParams...), answer: typeOf[BoardList](), do: s.listBoards},
		{method: "PUT", path: "/v1/boards/{id}", tag: "boards", doc: "Add or replace a board", scope: store.Write, body: typeOf[BoardIn](), answer: typeOf[Board](), do: s.putBoard},
		{method: "GET", path: "/v1/boards/{id}", tag: "boards", doc: "A board", scope: store.Read, query: []param{userParam}, answer: typeOf[Board](), do: s.getBoard},
		{method: "GET", path: "/v1/boards/{id}/items", tag: "boards", doc: "What is on a board, newest first", scope: store.Read, query: append([]param{userParam}, listParams...), answer: typeOf[ItemList](), do: s.boardItems},
		{method: "DELETE", path: "/v1/boards/{id}", tag: "boards", doc: "Remove a board with its saves", scope: store.Write, answer: typeOf[Done](), do: s.deleteBoard},

		{method: "GET", path: "/v1/users", tag: "users", doc: "List people", scope: store.Read, query: listParams, answer: typeOf[UserList](), do: s.listUsers},
		{method: "PUT", path: "/v1/users/{id}", tag: "users", doc: "Add or replace a person's profile", scope: store.Write, body: typeOf[UserIn](), answer: typeOf[User](), do: s.putUser},
		{method: "GET", path: "/v1/users/{id}", tag: "users", doc: "A person", scope: store.Read, answer: typeOf[User](), do: s.getUser},
		{method: "GET", path: "/v1/users/{id}/boards", tag: "users", doc: "A person's boards; item=I tells which have it", scope: store.Read, query: []param{userParam, {"item", "string", "an item's id"}}, answer: typeOf[BoardList](), do: s.userBoards},
		{method: "DELETE", path: "/v1/users/{id}", tag: "users", doc: "Erase a person for good: from the log, every view and every checkpoint", scope: store.Admin, answer: typeOf[Done](), do: s.eraseUser},

		{method: "DELETE", path: "/v1/users/{id}/searches", tag: "users", doc: "Forget what a person searched for, in the log and in everything learned from it; q: this search only", scope: store.Admin,
			query: []param{{"q", "string", "the words, whatever their case and accents; without it every search of theirs"}}, answer: typeOf[Forgotten](), do: s.forgetSearches},

		{method: "GET", path: "/v1/status", tag: "operation", doc: "Counts and the model that serves", scope: store.Read, answer: typeOf[Status](), do: s.status},
		{method: "GET", path: "/v1/models", tag: "operation", doc: "The model registry, newest first", scope: store.Read, answer: typeOf[Models](), do: s.listModels},
		{method: "POST", path: "/v1/models/{version}/install", tag: "operation", doc: "Put a registered model in place", scope: store.Admin, answer: typeOf[rank.Card](), do: s.install},
		{method: "POST", path: "/v1/backup", tag: "operation", doc: "Copy the data folder into a new folder under the one the server was given for backups", scope: store.Admin, body: typeOf[BackupIn](), answer: typeOf[BackupDone](), do: s.backup},
		{method: "GET", path: "/healthz", tag: "operation", doc: "The process answers", open: true, gives: "text/plain", do: s.healthz},
		{method: "GET", path: "/readyz", tag: "operation", doc: "It can serve and take in; 503 while stopping", open: true, gives: "text/plain", do: s.readyz},
		{method: "GET", path: "/metrics", tag: "operation", doc: "Prometheus metrics", scope: store.Read, gives: "text/plain", do: s.prometheus},
		{method: "GET", path: "/openapi.json", tag: "operation", doc: "This description", open: true, gives: "application/openapi+json", do: s.spec.serveJSON},
		{method: "GET", path: "/openapi.yaml", tag: "operation", doc: "This description", open: true, gives: "application/openapi+yaml", do: s.spec.serveYAML},
		{method: "GET", path: "/docs", tag: "operation", doc: "This description for people", open: true, gives: "text/html", do: s.spec.serveDocs},
		{method: "GET", path: "/docs/{file}", tag: "operation", doc: "Script and style of the description for people", open: true, gives: "text/css", do: s.spec.serveDocs},
	}
	return append(t, s.gorse.table()...)
}

// aliases give OpenAPI the JSON form of root types whose Go form differs.
var aliases = map[reflect.Type]reflect.Type{
	typeOf[bowerbird.Attributes](): typeOf[attributes](),
	typeOf[bowerbird.Kind]():       typeOf[kindName](),
	typeOf[bowerbird.Surface]():    typeOf[surfaceName](),
}
