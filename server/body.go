package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// readJSON reads a body that must be JSON (or, if the handler takes it, NDJSON):
// bounded, decompressed, and not nested too deep. media is "application/json" or
// "application/x-ndjson".
func (s *Server) readJSON(w http.ResponseWriter, r *http.Request) (body []byte, media string, err error) {
	media, _, err = mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return nil, "", problem(http.StatusUnsupportedMediaType, "media_type", "", "the header Content-Type is malformed")
	}
	switch {
	case media == "application/json", strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"):
		media = "application/json"
	case media == "application/x-ndjson", media == "application/ndjson", media == "application/jsonl":
		media = "application/x-ndjson"
	default:
		return nil, "", problem(http.StatusUnsupportedMediaType, "media_type", "", "want the header Content-Type: application/json")
	}
	body, err = s.readBody(w, r, s.o.MaxBody)
	if err != nil {
		return nil, "", err
	}
	return body, media, depth(body, s.o.MaxDepth)
}

// readBody reads a body of at most limit bytes, before and after decompression,
// within the budget of all bodies of requests in flight.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	zipped := false
	switch enc := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); enc {
	case "", "identity":
	case "gzip":
		zipped = true
	default:
		return nil, problem(http.StatusUnsupportedMediaType, "encoding", "", "of the encodings only gzip is understood")
	}
	if r.ContentLength > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	need := r.ContentLength
	if need < 0 || zipped {
		need = limit
	}
	need = min(need, s.o.MaxBodies)
	if !s.bodies.TryAcquire(need) {
		return nil, busy("too many large requests at once: try again")
	}
	if a, ok := w.(*answer); ok {
		a.held += need // until the request is answered
	} else {
		defer s.bodies.Release(need)
	}
	body := s.pace(w, r.Body)
	defer body.done()
	var in io.Reader = http.MaxBytesReader(w, body, limit)
	if zipped {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, bodyFault(err, "the body is not gzip")
		}
		in = io.LimitReader(z, limit+1)
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 && !zipped {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(in); err != nil {
		return nil, bodyFault(err, "the body could not be read to its end")
	}
	if int64(buf.Len()) > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	return buf.Bytes(), nil
}

func bodyFault(err error, message string) error {
	var large *http.MaxBytesError
	var slow *Problem
	if errors.As(err, &large) || errors.As(err, &slow) {
		return err
	}
	return problem(http.StatusBadRequest, "body", "", message)
}

// depth refuses JSON that is nested deeper than limit; what is wrong otherwise
// the decoder says. Cost: one pass over the bytes.
func depth(b []byte, limit int) error {
	n, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if n++; n > limit {
				return problem(http.StatusBadRequest, "too_deep", "", fmt.Sprintf("the JSON is nested deeper than %d", limit))
			}
		case c == '}' || c == ']':
			n--
		}
	}
	return nil
}

// decode reads one JSON document into v. Unknown fields are refused by name when
// strict, so that a misspelt one is not lost in silence.
func decode(b []byte, v any, strict bool) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(v); err != nil {
		return jsonFault(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return problem(http.StatusBadRequest, "json", "", "something follows the JSON document")
	}
	return nil
}

// jsonFault turns a decoder's error into one that names the field.
func jsonFault(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return problem(http.StatusBadRequest, "json", kind.Field, fmt.Sprintf("want %s, got a JSON %s", jsonKind(kind), kind.Value))
	case errors.As(err, &syntax):
		return problem(http.StatusBadRequest, "json", "", fmt.Sprintf("no JSON at byte %d: %s", syntax.Offset, syntax.Error()))
	case errors.Is(err, io.EOF):
		return problem(http.StatusBadRequest, "json", "", "the body is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return problem(http.StatusBadRequest, "json", "", "the JSON ends too early")
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if name, ok := strings.CutPrefix(text, "unknown field "); ok {
		return problem(http.StatusBadRequest, "json", strings.Trim(name, `"`), "there is no such field")
	}
	if field, message, ok := strings.Cut(text, ": "); ok && !strings.ContainsAny(field, " \"") {
		return problem(http.StatusBadRequest, "json", field, message)
	}
	return problem(http.StatusBadRequest, "json", "", text)
}

func jsonKind(e *json.UnmarshalTypeError) string {
	switch k := e.Type.Kind().String(); {
	case strings.HasPrefix(k, "int"), strings.HasPrefix(k, "uint"):
		return "a whole number"
	case strings.HasPrefix(k, "float"):
		return "a number"
	case k == "string":
		return "a string"
	case k == "bool":
		return "true or false"
	case k == "slice":
		return "a list"
	}
	return "an object"
}

// lines cuts NDJSON into its documents; empty lines are passed over.
func lines(b []byte) [][]byte {
	var out [][]byte
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out = append(out, line)
		}
	}
	return out
}

// readInto is readJSON and decode for handlers of one strict document.
func (s *Server) readInto(w http.ResponseWriter, r *http.Request, v any) error {
	b, media, err := s.readJSON(w, r)
	if err != nil {
		return err
	}
	if media != "application/json" {
		return problem(http.StatusUnsupportedMediaType, "media_type", "", "want the header Content-Type: application/json")
	}
	return decode(b, v, true)
}
