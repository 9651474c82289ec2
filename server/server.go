package server

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/server/page"
	"bowerbird/signal/fetch"
)

// Options of a server. The zero value works.
type Options struct {
	Version string   // of the program, for /v1/status and OpenAPI; default "dev"
	Hosts   []string // further names of this server in a Host header, for use without keys; with keys and this set, only these and loopback are answered
	Origins []string // other sites whose pages may call ("https://shop.example"); default none

	MaxBody     int64         // bytes of a JSON body, also after decompression; default 8 MiB
	MaxPicture  int64         // bytes of a picture; default 20 MiB
	MaxBodies   int64         // bytes of the bodies of all requests in flight; default 256 MiB. Beyond: 503
	MaxDepth    int           // of nested JSON; default 32
	MaxInFlight int           // requests at once; default 1,024. Beyond: 503 with Retry-After
	Uploads     int           // pictures decoded at once; default 2: one of 40 megapixels takes some 300 MB
	PageTimeout time.Duration // for making a page; default 5 s
	SlowTimeout time.Duration // for listings that read the log; default 30 s
	Drain       time.Duration // how long Serve waits for requests when it stops; default 15 s

	// Who sends too slowly is cut off: a header must be there within HeaderTimeout, a
	// body within BodyTimeout and a second more for each BodyRate bytes that came.
	HeaderTimeout time.Duration // default 10 s
	BodyTimeout   time.Duration // default 20 s
	BodyRate      int64         // bytes/s; default 8 KiB

	Backups string // folder that POST /v1/backup may write into; default "": refused

	Fetch *fetch.Fetcher // gets pictures by their address; default nil: refused

	// GorseOther is the kind that a Gorse feedback type has which is none of the
	// known ones (see gorsemap.go); default Closeup.
	GorseOther bowerbird.Kind

	Logger *slog.Logger        // default slog.Default()
	Ready  func(addr net.Addr) // called by Serve once it listens
}

func (o Options) withDefaults() Options {
	def := func(x *int64, v int64) {
		if *x == 0 {
			*x = v
		}
	}
	def(&o.MaxBody, 8<<20)
	def(&o.MaxPicture, 20<<20)
	def(&o.MaxBodies, 256<<20)
	def(&o.BodyRate, 8<<10)
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = 32
	}
	if o.MaxInFlight == 0 {
		o.MaxInFlight = 1024
	}
	if o.Uploads == 0 {
		o.Uploads = 2
	}
	if o.PageTimeout == 0 {
		o.PageTimeout = 5 * time.Second
	}
	if o.SlowTimeout == 0 {
		o.SlowTimeout = 30 * time.Second
	}
	if o.Drain == 0 {
		o.Drain = 15 * time.Second
	}
	if o.HeaderTimeout == 0 {
		o.HeaderTimeout = 10 * time.Second
	}
	if o.BodyTimeout == 0 {
		o.BodyTimeout = 20 * time.Second
	}
	if o.GorseOther == bowerbird.NoKind {
		o.GorseOther = bowerbird.Closeup
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Server answers HTTP requests from one engine. It is safe for concurrent use.
type Server struct {
	e       *engine.Engine
	o       Options
	keys    *keys
	mux     *http.ServeMux
	routes  []*route
	guard   *guard
	metrics *metrics
	slots   chan struct{}       // requests in flight
	bodies  *semaphore.Weighted // bytes of bodies
	decodes *semaphore.Weighted // pictures being decoded
	gorse   *gorse
	page    http.Handler
	spec    spec
	done    chan struct{} // closed when Serve drains
}

// New returns the handler of everything. The caller closes the engine after the
// last request; Engine.Run is the caller's to start.
func New(e *engine.Engine, o Options) (*Server, error) {
	o = o.withDefaults()
	k, err := openKeys(e.Dir().Keys(), o.Logger)
	if err != nil {
		return nil, err
	}
	g, err := newGuard(o, k)
	if err != nil {
		return nil, err
	}
	s := &Server{
		e: e, o: o, keys: k, guard: g, mux: http.NewServeMux(), metrics: newMetrics(e.Metrics(), o.Fetch), page: page.Handler(),
		slots: make(chan struct{}, o.MaxInFlight), bodies: semaphore.NewWeighted(o.MaxBodies),
		decodes: semaphore.NewWeighted(int64(o.Uploads)), done: make(chan struct{}),
	}
	s.gorse = newGorse(s)
	s.routes = s.table()
	for _, r := range s.routes {
		r.seen = s.metrics.route(r.method + " " + r.path)
		for _, path := range append([]string{r.path}, r.also...) {
			s.mux.Handle(r.method+" "+path, s.serve(r))
		}
	}
	s.mux.Handle("/", s.serve(&route{open: true, do: s.fallback, seen: s.metrics.route("other")}))
	return s, s.spec.build(s.routes, o.Version)
}

// ServeHTTP is the way of every request: counted, guarded, shed when too many,
// then to its route.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := answers.Get().(*answer)
	*a = answer{ResponseWriter: w, status: http.StatusOK, start: time.Now(), seen: s.metrics.other}
	defer s.finish(a, r)
	h := w.Header()
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = sameOrigin
	h["X-Frame-Options"] = deny
	h["Cross-Origin-Resource-Policy"] = s.guard.resource
	if r.URL.Path != "/healthz" && r.URL.Path != "/readyz" && r.URL.Path != "/metrics" {
		select {
		case s.slots <- struct{}{}:
			a.slot = true
		default:
			s.metrics.shed.Inc()
			s.fail(a, r, busy("too many requests at once: try again"))
			return
		}
	}
	if err := s.guard.check(a, r); err != nil {
		s.fail(a, r, err)
		return
	}
	if a.wrote { // a preflight request
		return
	}
	s.mux.ServeHTTP(a, r)
}

var (
	nosniff    = []string{"nosniff"}
	sameOrigin = []string{"same-origin"}
	deny       = []string{"DENY"}
)

// fallback answers paths of no route: the page for people, a problem for programs.
func (s *Server) fallback(w http.ResponseWriter, r *http.Request) error {
	if allow := s.allowed(r); allow != "" {
		w.Header().Set("Allow", allow)
		return problem(http.StatusMethodNotAllowed, "method_not_allowed", "", "this path is asked for by "+allow)
	}
	if api(r.URL.Path) || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return problem(http.StatusNotFound, "not_found", "", "there is no such path; /docs lists them")
	}
	s.page.ServeHTTP(w, r)
	return nil
}
