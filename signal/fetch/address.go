package fetch

import (
	"net/netip"
	"slices"
)

// special are the blocks that are not the public internet: IANA's IPv4 and IPv6
// Special-Purpose Address Registries (RFC 6890, as updated), multicast, and the
// reserved rest. Blocks that stand for an IPv4 address in other words (mapped,
// compatible, NAT64, 6to4, Teredo) are refused whole: nothing public needs them.
var special = prefixes(
	"0.0.0.0/8",         // this network
	"10.0.0.0/8",        // private
	"100.64.0.0/10",     // shared, carrier-grade NAT; some clouds' metadata
	"127.0.0.0/8",       // loopback
	"169.254.0.0/16",    // link-local; metadata of most clouds
	"172.16.0.0/12",     // private
	"192.0.0.0/24",      // protocol assignments; metadata of a cloud
	"192.0.2.0/24",      // documentation
	"192.31.196.0/24",   // AS112
	"192.52.193.0/24",   // AMT
	"192.88.99.0/24",    // 6to4 relay
	"192.168.0.0/16",    // private
	"192.175.48.0/24",   // AS112
	"198.18.0.0/15",     // benchmarks
	"198.51.100.0/24",   // documentation
	"203.0.113.0/24",    // documentation
	"224.0.0.0/4",       // multicast
	"240.0.0.0/4",       // reserved, broadcast
	"168.63.129.16/32",  // a cloud's own services, at a public-looking address
	"::/96",             // unspecified, loopback, IPv4-compatible
	"::ffff:0:0/96",     // IPv4-mapped
	"::ffff:0:0:0/96",   // IPv4-translated
	"64:ff9b::/96",      // NAT64
	"64:ff9b:1::/48",    // NAT64, local use
	"100::/64",          // discard only
	"100:0:0:1::/64",    // dummy
	"2001::/23",         // protocol assignments, Teredo, ORCHID
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
	"5f00::/16",         // segment routing
	"fc00::/7",          // unique local; metadata of a cloud
	"fe80::/10",         // link-local
	"fec0::/10",         // site-local, of old
	"ff00::/8",          // multicast
)

func prefixes(text ...string) (out []netip.Prefix) {
	for _, s := range text {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// global is what IPv6 hands out to the public internet; the rest is nobody's.
var global = netip.MustParsePrefix("2000::/3")

// Public reports whether an address belongs to the public internet. An IPv4
// address inside an IPv6 one and an address with a zone do not.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is6() && !global.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}
