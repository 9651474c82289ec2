package main

import (
	"fmt"
	"net/netip"

	"bowerbird/signal/fetch"
)

// fetchers is how many pictures are fetched at once.
const fetchers = 16

// fetchFlags are how import and serve are told what they may fetch. Nothing is
// fetched without the first.
type fetchFlags struct {
	FetchPictures bool     `help:"Fetch pictures that are named by an https address. Only public addresses are asked."`
	FetchHost     []string `help:"The only hosts to fetch from: cdn.shop.example, or *.shop.example. Default: any." placeholder:"HOST"`
	FetchHTTP     bool     `help:"Fetch from http addresses too." name:"fetch-http"`
	FetchPrivate  []string `help:"Blocks of private addresses that those hosts may have, as 10.1.0.0/16." placeholder:"CIDR"`
}

// fetcher is nil unless it was asked for.
func (c *fetchFlags) fetcher() (*fetch.Fetcher, error) {
	if !c.FetchPictures {
		if len(c.FetchHost) > 0 || len(c.FetchPrivate) > 0 || c.FetchHTTP {
			return nil, usagef("--fetch-host, --fetch-http and --fetch-private say what to fetch: add --fetch-pictures")
		}
		return nil, nil
	}
	o := fetch.Options{Hosts: c.FetchHost, HTTP: c.FetchHTTP, MaxBytes: maxPicture, Parallel: fetchers, Agent: "bowerbird/" + version()}
	for _, text := range c.FetchPrivate {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, usagef("--fetch-private: %q is no block of addresses such as 10.1.0.0/16", text)
		}
		o.Private = append(o.Private, p)
	}
	f, err := fetch.New(o)
	if err != nil {
		return nil, fmt.Errorf("--fetch-host: %w", err)
	}
	return f, nil
}
