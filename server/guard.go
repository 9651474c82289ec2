package server

import (
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bowerbird/store"
)

// guard keeps other sites' pages away: by the Host header, which a rebound name
// of theirs would carry, and by what browsers say of the origin of a request.
type guard struct {
	hosts    []string
	origins  []string
	keys     *keys
	cross    *http.CrossOriginProtection
	resource []string // Cross-Origin-Resource-Policy
}

func newGuard(o Options, k *keys) (*guard, error) {
	g := &guard{hosts: o.Hosts, origins: o.Origins, keys: k, cross: http.NewCrossOriginProtection(), resource: sameOrigin}
	for _, origin := range o.Origins {
		if err := g.cross.AddTrustedOrigin(origin); err != nil {
			return nil, errors.New("server: origin " + origin + ": want scheme://host[:port]")
		}
	}
	if len(o.Origins) > 0 {
		g.resource = []string{"cross-origin"}
	}
	return g, nil
}

func (g *guard) check(w *answer, r *http.Request) error {
	if !g.host(r.Host) {
		return problem(http.StatusForbidden, "forbidden_host", "", "this server does not answer for that Host; name it with --host if it is right")
	}
	if origin := r.Header.Get("Origin"); origin != "" && slices.Contains(g.origins, origin) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-API-Key")
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
	}
	if err := g.cross.Check(r); err != nil {
		return problem(http.StatusForbidden, "cross_origin", "", "pages of other sites may not write here; name the site with --origin if it may")
	}
	return nil
}

// host tells whether a Host header names this server.
func (g *guard) host(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return true
	}
	if slices.ContainsFunc(g.hosts, func(h string) bool { return strings.EqualFold(h, host) }) {
		return true
	}
	return len(g.hosts) == 0 && g.keys.needed()
}

// keys are the API keys of the data folder, read again when the file changes, so
// that a key made or revoked while the server runs counts within two seconds.
type keys struct {
	path   string
	log    *slog.Logger
	file   atomic.Pointer[store.KeyFile]
	sticky atomic.Bool // there was a key once: never open again
	mu     sync.Mutex
	next   time.Time
	mod    time.Time
	size   int64
	clock  func() time.Time
}

func openKeys(path string, log *slog.Logger) (*keys, error) {
	k := &keys{path: path, log: log, clock: time.Now}
	f, err := store.Keys(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil {
		k.mod, k.size = info.ModTime(), info.Size()
	}
	k.put(f)
	return k, nil
}

func (k *keys) put(f *store.KeyFile) {
	k.file.Store(f)
	if len(f.List()) > 0 {
		k.sticky.Store(true)
	}
}

func (k *keys) needed() bool {
	k.refresh()
	return k.sticky.Load()
}

func (k *keys) refresh() {
	if !k.mu.TryLock() {
		return
	}
	defer k.mu.Unlock()
	now := k.clock()
	if now.Before(k.next) {
		return
	}
	k.next = now.Add(time.Second)
	info, err := os.Stat(k.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.ModTime().Equal(k.mod) && info.Size() == k.size {
		return
	}
	if err == nil {
		var f *store.KeyFile
		if f, err = store.Keys(k.path); err == nil {
			k.mod, k.size = info.ModTime(), info.Size()
			k.put(f)
			return
		}
	}
	k.log.Error("the keys cannot be read again; those known go on counting", "error", err)
}

// allow checks the caller's key against a scope.
func (k *keys) allow(r *http.Request, need store.Scope) error {
	if !k.needed() {
		return nil
	}
	secret := r.Header.Get("X-API-Key")
	if a := r.Header.Get("Authorization"); a != "" {
		scheme, rest, _ := strings.Cut(a, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return problem(http.StatusUnauthorized, "unauthorized", "", "want the header Authorization: Bearer KEY")
		}
		secret = rest
	}
	if secret == "" {
		return problem(http.StatusUnauthorized, "unauthorized", "", "an API key is needed: send Authorization: Bearer KEY")
	}
	key, ok := k.file.Load().Check(secret)
	if !ok {
		return problem(http.StatusUnauthorized, "unauthorized", "", "the API key is not known or was revoked")
	}
	if !key.Scope.Allows(need) {
		return problem(http.StatusForbidden, "forbidden", "", "this needs a key of scope "+string(need)+"; yours is of scope "+string(key.Scope))
	}
	return nil
}
