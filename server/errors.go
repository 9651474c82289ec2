package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/store"
)

// Problem is the body of every answer that is no success.
type Problem struct {
	Status  int    `json:"-"`
	Code    string `json:"code" doc:"What went wrong, for programs" example:"unknown_item"`
	Message string `json:"message" doc:"What went wrong and what to do, for people"`
	Field   string `json:"field,omitempty" doc:"The field of the request that is at fault" example:"item"`
	retry   int    // seconds, for Retry-After
}

func (p *Problem) Error() string {
	if p.Field != "" {
		return p.Field + ": " + p.Message
	}
	return p.Message
}

func problem(status int, code, field, message string) *Problem {
	return &Problem{Status: status, Code: code, Message: short(message, 500), Field: short(field, 100)}
}

// short cuts what a caller sent and an error repeats; the start and the end say enough.
func short(s string, most int) string {
	if len(s) <= most {
		return s
	}
	cut := func(s string) string { return strings.ToValidUTF8(s, "") }
	return cut(s[:most*2/3]) + " … " + cut(s[len(s)-most/4:])
}

func busy(message string) *Problem {
	return &Problem{Status: http.StatusServiceUnavailable, Code: "busy", Message: message, retry: 1}
}

func notFound(what, name string) *Problem {
	return problem(http.StatusNotFound, "unknown_"+what, what, strconv.Quote(name)+" is not known")
}

func invalid(field, message string) *Problem {
	return problem(http.StatusBadRequest, "invalid", field, message)
}

// problemOf turns an error into what the caller is told. What is not a caller's
// fault says nothing of the inside.
func problemOf(err error) *Problem {
	var p *Problem
	var bad *bowerbird.Invalid
	var unknown *engine.Unknown
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &bad):
		return problem(http.StatusUnprocessableEntity, "invalid", bad.Field, bad.Message)
	case errors.As(err, &unknown):
		return notFound(unknown.Field, unknown.Name)
	case errors.As(err, &large):
		return problem(http.StatusRequestEntityTooLarge, "too_large", "", "the body is larger than "+strconv.FormatInt(large.Limit, 10)+" bytes")
	case errors.Is(err, engine.ErrGone):
		return problem(http.StatusGone, "gone", "cursor", "what this cursor needs is no longer kept: search again")
	case errors.Is(err, engine.ErrReadOnly):
		return problem(http.StatusForbidden, "read_only", "", "the server was started for reading only")
	case errors.Is(err, engine.ErrSynonymFile):
		return problem(http.StatusConflict, "conflict", "lines", "the server reads its synonyms from the file of --synonyms: change that, or start without it")
	case errors.Is(err, engine.ErrTaxonomyFile):
		return problem(http.StatusConflict, "conflict", "paths", "the server reads its tree from the file of --taxonomy: change that, or start without it")
	case errors.Is(err, store.ErrBroken), errors.Is(err, store.ErrClosed):
		return &Problem{Status: http.StatusServiceUnavailable, Code: "log_broken", Message: "the log takes no more events: the operator must look at the disk and restart", retry: 30}
	case errors.Is(err, store.ErrNotFound):
		return problem(http.StatusNotFound, "not_found", "", "there is no such thing")
	case errors.Is(err, store.ErrTooLarge):
		return problem(http.StatusRequestEntityTooLarge, "too_large", "", "larger than the store keeps")
	case errors.Is(err, context.DeadlineExceeded):
		return &Problem{Status: http.StatusServiceUnavailable, Code: "timeout", Message: "the answer took too long", retry: 1}
	case errors.Is(err, context.Canceled):
		return problem(499, "cancelled", "", "the caller went away")
	}
	return problem(http.StatusInternalServerError, "internal", "", "the server failed; its log says why")
}

// ItemProblem is the fault of one item of a batch.
type ItemProblem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

func itemProblem(err error) *ItemProblem {
	p := problemOf(err)
	return &ItemProblem{p.Code, p.Message, p.Field}
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		s.o.Logger.Error("a request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if p.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retry))
	}
	if p.Status == http.StatusRequestTimeout {
		w.Header().Set("Connection", "close")
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="bowerbird"`)
	}
	writeJSON(w, p.Status, p)
}

// writeJSON is the plain way to answer; pages have a faster one.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the caller went away
}
