package fetch

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ErrRefused is an address that may not be fetched from, whatever answers there.
// Errors wrap it and say why.
var ErrRefused = errors.New("address refused")

func refused(format string, a ...any) error {
	return fmt.Errorf(format+": %w", append(a, ErrRefused)...)
}

// maxURL is the longest address in bytes: what browsers and caches agree on.
const maxURL = 2048

// target is a checked URL: where to ask, before any name is resolved.
type target struct {
	url  *url.URL
	host string // lower case, no final dot, no brackets
	port string
}

// parse checks the words of an address. Nothing is resolved.
func parse(raw string, plain bool) (*target, error) {
	if len(raw) > maxURL {
		return nil, refused("%d bytes long, most is %d", len(raw), maxURL)
	}
	for i := range len(raw) {
		if c := raw[i]; c <= ' ' || c == 0x7f || c == '\\' {
			return nil, refused("byte %d is %q: write it percent-encoded", i, c)
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, refused("not a URL")
	}
	return check(u, plain)
}

func check(u *url.URL, plain bool) (*target, error) {
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !plain):
		if plain {
			return nil, refused("scheme %q, want https or http", u.Scheme)
		}
		return nil, refused("scheme %q, want https", u.Scheme)
	case u.User != nil:
		return nil, refused("a name or password stands before the host")
	case u.Opaque != "" || u.Host == "":
		return nil, refused("no host")
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
		if strings.HasSuffix(u.Host, ":") {
			return nil, refused("an empty port")
		}
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
		return nil, refused("port %q", port)
	}
	host = strings.TrimSuffix(host, ".")
	if strings.Contains(u.Host, "[") {
		a, err := netip.ParseAddr(host)
		if err != nil || !a.Is6() || a.Zone() != "" {
			return nil, refused("host %q is no IPv6 address", host)
		}
		return &target{u, a.String(), port}, nil
	}
	if err := checkHost(host); err != nil {
		return nil, err
	}
	return &target{u, host, port}, nil
}

// local are names and ends of names that mean this machine or this network:
// RFC 6761, 6762, 8375, 9476, and what clouds call their metadata.
var local = []string{"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa", "test", "invalid", "example", "onion", "alt"}

// checkHost accepts a dotted quad or a name of letters, digits and hyphens whose
// last label is not a number: such a name some resolvers read as an address
// (WHATWG URL, "ends in a number").
func checkHost(host string) error {
	if len(host) > 253 {
		return refused("host is %d bytes long, most is 253", len(host))
	}
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return refused("host %q is no name", host)
		}
		for i := range len(l) {
			if c := l[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return refused("host %q: want ASCII letters, digits and hyphens (write other scripts as xn--...)", host)
			}
		}
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Is4() {
		return nil // four decimal numbers without leading zeros: netip takes nothing else
	}
	last := labels[len(labels)-1]
	if last[0] >= '0' && last[0] <= '9' {
		return refused("host %q looks like an address in an odd notation", host)
	}
	if len(labels) == 1 {
		return refused("host %q has no dot: a name of the local network", host)
	}
	for _, end := range local {
		if host == end || strings.HasSuffix(host, "."+end) {
			return refused("host %q is a name of the local network", host)
		}
	}
	return nil
}
