// Package server is Bowerbird's HTTP interface: JSON under /v1, described by
// OpenAPI 3.1 at /openapi.json, a subset of Gorse's interface under /api, UBI 1.3
// under /v1/ubi, pictures, the web page, health and metrics.
//
//	h, err := server.New(e, server.Options{})        // an http.Handler
//	err = server.Serve(ctx, e, "127.0.0.1:7777", o)  // listens, stops gracefully
//
// What it is not for: deciding anything about items. A handler decodes, calls
// the engine and encodes. Names become numbers in the engine (engine.Query takes
// names), because a cursor and an explanation need them there too.
//
// routes.go is the one table of endpoints: method, path, scope, limits, types
// and handler; the OpenAPI document is made of the same table, so what is served
// is what is described.
//
// # Who may call
//
// While the data folder holds no API key, everything is allowed, but only to
// callers that name this machine (Host localhost, 127.0.0.1, [::1] or one of
// Options.Hosts), and [Serve] listens on loopback only. With keys every request
// under /v1, /api and /metrics needs one: read for looking, write for items,
// boards, events and uploads, admin for erasing a person, backups and models.
// Pages of other sites are refused in both cases (Sec-Fetch-Site, Origin) unless
// Options.Origins names them. Pictures need no key, since an <img> cannot send
// one: their names are SHA-256 sums, which cannot be guessed.
//
// Who holds a key speaks for everybody: "user" in a request is believed. Secret
// boards are left out of lists, and are unknown (404), unless the request says
// user=OWNER.
package server
