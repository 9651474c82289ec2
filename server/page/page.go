// Package page is the web page of Bowerbird, built from web/ and embedded here.
//
// It is for serving the built files and nothing else: it knows no item and calls
// no engine; the page's own script speaks the /v1 interface. [Handler] answers
// the files of dist, and index.html for every other path, since the page routes
// by itself (/item/ID, /board/ID, /search, ...).
//
// dist is written by `npm run build` in web/ and committed; see web/README.md.
package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// Policy is the Content-Security-Policy of the page: its own script and style
// sheet, pictures also from data: (placeholders) and blob: (a picture just
// chosen) addresses, and no other place.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// FS returns the built files: index.html, favicon.svg and assets/.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // dist is embedded above
		panic(err)
	}
	return sub
}

// file is one built file, ready to be sent.
type file struct {
	kind   string // its Content-Type
	etag   string
	cache  string // its Cache-Control
	plain  []byte
	zipped []byte // nil where it would not be smaller
}

// Handler serves the page. Files under assets/ carry a hash in their name and
// may be cached for ever; the rest is revalidated by ETag. A path that is no file
// gets index.html, but a missing asset is a 404. The files are read and
// compressed once, here; the handler is safe for concurrent use.
func Handler() http.Handler {
	files, err := load(FS())
	if err != nil { // the files are embedded: only a broken build comes here
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the page is only read: use GET", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		f, ok := files[name]
		if !ok {
			if strings.HasPrefix(name, "assets/") {
				http.NotFound(w, r)
				return
			}
			f = files["index.html"]
		}
		f.send(w, r)
	})
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", f.cache)
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", `"`+f.etag+`-gzip"`)
		body = f.zipped
	} else {
		h.Set("ETag", `"`+f.etag+`"`)
	}
	// ServeContent answers If-None-Match from the ETag, and HEAD.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// load reads every file of the build.
func load(built fs.FS) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(built, name)
		if err != nil {
			return fmt.Errorf("page: read %s: %w", name, err)
		}
		files[name] = newFile(name, data)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if files["index.html"] == nil {
		return nil, fmt.Errorf("page: the build has no index.html; run `npm run build` in web/")
	}
	return files, nil
}

func newFile(name string, data []byte) *file {
	sum := sha256.Sum256(data)
	f := &file{kind: kindOf(name), etag: hex.EncodeToString(sum[:8]), cache: "no-cache", plain: data}
	if strings.HasPrefix(name, "assets/") {
		f.cache = "public, max-age=31536000, immutable"
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	z.Write(data)                                         // a bytes.Buffer takes all
	z.Close()
	if b.Len() < len(data) {
		f.zipped = b.Bytes()
	}
	return f
}

// kindOf does not ask the machine's own table, which may differ.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
