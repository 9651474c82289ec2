package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"bowerbird/vision"
)

// Options say what may be fetched, and how much. The zero value fetches over
// HTTPS from any public address.
type Options struct {
	// Hosts, where there are any, are the only ones: "cdn.shop.example", or
	// "*.shop.example" for every name below it. Their addresses must be public
	// all the same, unless Private says otherwise.
	Hosts []string
	// Private lists blocks of addresses that may be reached although they are
	// not public ("10.1.2.0/24", an owner's own picture store). Needs Hosts, so
	// that no stranger's name leads there.
	Private []netip.Prefix
	// HTTP allows addresses without encryption too.
	HTTP bool
	// Ports that may be asked; none means 443, and 80 where HTTP is set.
	Ports []uint16
	// MaxBytes of a picture; 0 means 20 MiB.
	MaxBytes int64
	// Timeout of one picture, redirects and all; 0 means 15 s.
	Timeout time.Duration
	// Redirects to follow; 0 means 3, negative none.
	Redirects int
	// Parallel is how many are fetched at once; 0 means 8. Others wait.
	Parallel int
	// Agent is the header User-Agent; "" means "bowerbird".
	Agent string
	// Resolve gives the addresses of a name; nil asks the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// TLS checks certificates; nil means as the system does.
	TLS *tls.Config
}

// ErrFetch is a failure of the other side: no answer, another status than 200,
// too large, not a picture. Trying again later may help.
var ErrFetch = errors.New("picture could not be fetched")

func failed(format string, a ...any) error {
	return fmt.Errorf(format+": %w", append(a, ErrFetch)...)
}

// Fetcher gets pictures. It holds at most Parallel pictures of MaxBytes at once.
type Fetcher struct {
	o      Options
	client *http.Client
	slots  chan struct{}
	dial   func(ctx context.Context, network, address string) (net.Conn, error)

	mu      sync.Mutex
	refused uint64
}

// New checks the options.
func New(o Options) (*Fetcher, error) {
	if len(o.Private) > 0 && len(o.Hosts) == 0 {
		return nil, errors.New("fetch: Private needs Hosts: name the hosts that may lead to private addresses")
	}
	for i, h := range o.Hosts {
		o.Hosts[i] = strings.ToLower(strings.TrimSuffix(h, "."))
		if err := checkHost(strings.TrimPrefix(o.Hosts[i], "*.")); err != nil && len(o.Private) == 0 {
			return nil, fmt.Errorf("fetch: Hosts: %w", err)
		}
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 20 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = 15 * time.Second
	}
	if o.Redirects == 0 {
		o.Redirects = 3
	}
	if o.Parallel == 0 {
		o.Parallel = 8
	}
	if o.MaxBytes < 0 || o.Timeout < 0 || o.Parallel < 0 {
		return nil, errors.New("fetch: MaxBytes, Timeout and Parallel must not be negative")
	}
	if len(o.Ports) == 0 {
		o.Ports = []uint16{443}
		if o.HTTP {
			o.Ports = append(o.Ports, 80)
		}
	}
	if o.Agent == "" {
		o.Agent = "bowerbird"
	}
	if o.Resolve == nil {
		o.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	f := &Fetcher{o: o, slots: make(chan struct{}, o.Parallel)}
	f.dial = (&net.Dialer{Timeout: 5 * time.Second, ControlContext: f.control, FallbackDelay: -1}).DialContext
	f.client = &http.Client{
		Transport: &http.Transport{ // no Proxy: it would resolve names by itself, behind every check
			DialContext: f.connect, TLSClientConfig: o.TLS, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 10 * time.Second,
			MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, MaxIdleConnsPerHost: 2, IdleConnTimeout: 10 * time.Second,
		},
		CheckRedirect: f.redirect,
	}
	return f, nil
}

// Close gives idle connections back.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// Refused counts the addresses that were refused so far, redirects included.
func (f *Fetcher) Refused() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refused
}

// Picture returns the bytes at an address: at most MaxBytes, of a media type and
// with first bytes of a picture that package vision reads. Errors wrap ErrRefused
// (nothing was connected to) or ErrFetch, or are the context's.
func (f *Fetcher) Picture(ctx context.Context, address string) ([]byte, error) {
	data, err := f.fetch(ctx, address)
	if err == nil {
		return data, nil
	}
	if errors.Is(err, ErrRefused) {
		f.mu.Lock()
		f.refused++
		f.mu.Unlock()
	}
	return nil, fmt.Errorf("fetch %s: %w", shown(address), err)
}

// shown is an address for messages: short, without what may be a secret.
func shown(address string) string {
	if head, _, ok := strings.Cut(address, "?"); ok {
		address = head + "?..."
	}
	if len(address) > 200 {
		address = address[:200] + "..."
	}
	return fmt.Sprintf("%q", address)
}

func (f *Fetcher) fetch(ctx context.Context, address string) ([]byte, error) {
	t, err := parse(address, f.o.HTTP)
	if err == nil {
		err = f.allowed(t)
	}
	if err != nil {
		return nil, err
	}
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url.String(), nil)
	if err != nil {
		return nil, refused("not a URL")
	}
	r.Header.Set("User-Agent", f.o.Agent)
	r.Header.Set("Accept", "image/jpeg, image/png, image/gif, image/webp")
	r.Header.Set("Accept-Encoding", "identity")
	answer, err := f.client.Do(r)
	if err != nil {
		return nil, f.reason(outer, err)
	}
	defer answer.Body.Close()
	data, err := f.read(answer)
	if err != nil && outer.Err() != nil {
		return nil, outer.Err()
	}
	return data, err
}

// reason keeps refusals and the caller's end as they are; the rest is the other side's.
func (f *Fetcher) reason(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrRefused), errors.Is(err, ErrFetch):
		for { // without the words of net/http around it, which repeat the address
			inner := errors.Unwrap(err)
			if inner == nil || inner == ErrRefused || inner == ErrFetch {
				return err
			}
			err = inner
		}
	case errors.Is(err, context.DeadlineExceeded):
		return failed("no answer within %v", f.o.Timeout)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return failed("no connection")
	}
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return failed("the certificate is not valid")
	}
	return failed("no answer in HTTP")
}

func (f *Fetcher) read(a *http.Response) ([]byte, error) {
	if a.StatusCode != http.StatusOK {
		return nil, failed("status %d", a.StatusCode)
	}
	if e := a.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, failed("encoding %q was not asked for", e)
	}
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil && a.Header.Get("Content-Type") != "" || kind != "" && kind != "application/octet-stream" && kind != "binary/octet-stream" && !strings.HasPrefix(kind, "image/") {
		return nil, failed("media type %q is no picture's", a.Header.Get("Content-Type"))
	}
	if a.ContentLength > f.o.MaxBytes {
		return nil, failed("%d bytes, most is %d", a.ContentLength, f.o.MaxBytes)
	}
	head := make([]byte, 64)
	n, err := io.ReadFull(a.Body, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, failed("the answer is empty or broke off")
	}
	head = head[:n]
	if _, err := vision.Sniff(head); err != nil {
		return nil, failed("%w", err)
	}
	rest, err := io.ReadAll(io.LimitReader(a.Body, f.o.MaxBytes-int64(n)+1))
	if err != nil {
		return nil, failed("the answer broke off after %d bytes", n+len(rest))
	}
	if int64(n+len(rest)) > f.o.MaxBytes {
		return nil, failed("more than %d bytes", f.o.MaxBytes)
	}
	return append(head, rest...), nil
}

// allowed tells whether a host and port may be asked.
func (f *Fetcher) allowed(t *target) error {
	if !slices.ContainsFunc(f.o.Ports, func(p uint16) bool { return fmt.Sprint(p) == t.port }) {
		return refused("port %s is not among %v", t.port, f.o.Ports)
	}
	if len(f.o.Hosts) > 0 && !slices.ContainsFunc(f.o.Hosts, func(h string) bool {
		below, any := strings.CutPrefix(h, "*")
		return h == t.host || any && strings.HasSuffix(t.host, below)
	}) {
		return refused("host %q is not on the list of hosts", t.host)
	}
	if a, err := netip.ParseAddr(t.host); err == nil {
		return f.open(a)
	}
	return nil
}

// open tells whether an address may be connected to.
func (f *Fetcher) open(a netip.Addr) error {
	if Public(a) || a.Zone() == "" && slices.ContainsFunc(f.o.Private, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) }) {
		return nil
	}
	return refused("address %s is not public", a)
}

// redirect asks of every further address what was asked of the first.
func (f *Fetcher) redirect(r *http.Request, before []*http.Request) error {
	if len(before) > max(f.o.Redirects, 0) {
		return failed("more than %d redirects", max(f.o.Redirects, 0))
	}
	if before[len(before)-1].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return refused("a redirect from https to %s", r.URL.Scheme)
	}
	t, err := parse(r.URL.String(), f.o.HTTP)
	if err != nil {
		return err
	}
	r.Header.Del("Referer")
	return f.allowed(t)
}

// connect resolves a host once, refuses it if any of its addresses may not be
// reached, and connects to the addresses that it has checked.
func (f *Fetcher) connect(ctx context.Context, network, hostport string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, refused("host %q", hostport)
	}
	host = strings.ToLower(host)
	addresses := make([]netip.Addr, 0, 8)
	if a, err := netip.ParseAddr(host); err == nil {
		addresses = append(addresses, a)
	} else if addresses, err = f.o.Resolve(ctx, strings.TrimSuffix(host, ".")+"."); err != nil || len(addresses) == 0 {
		return nil, failed("the name %q is not known", host)
	}
	for i, a := range addresses {
		if a.Is4In6() { // how resolvers give IPv4 addresses
			a = a.Unmap()
			addresses[i] = a
		}
		if err := f.open(a); err != nil {
			return nil, err
		}
	}
	for _, a := range addresses[:min(len(addresses), 4)] {
		c, e := f.dial(ctx, "tcp", net.JoinHostPort(a.String(), port))
		if e == nil {
			return c, nil
		}
		err = e
	}
	return nil, err
}

// control is the last door: the address that the socket is about to connect to.
func (f *Fetcher) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return refused("address %q", address)
	}
	return f.open(a.Addr())
}
