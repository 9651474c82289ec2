package server

import (
	"encoding/json"
	"net/http"

	"bowerbird"
)

// batch decodes the documents of a batch: NDJSON, a list, or an object whose
// field key holds the list. A document that does not decode gets its own fault;
// an error is the whole body's.
func batch[T any](b []byte, media, key string, strict bool) ([]T, []error, error) {
	if media == "application/x-ndjson" {
		docs := lines(b)
		return each[T](docs, strict)
	}
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	var docs []json.RawMessage
	if i < len(b) && b[i] == '[' {
		var list []T // the quick way: nothing is wrong
		if !strict && json.Unmarshal(b, &list) == nil {
			return list, make([]error, len(list)), nil
		}
		if err := decode(b, &docs, false); err != nil {
			return nil, nil, err
		}
		return each[T](raw(docs), strict)
	}
	var body map[string]json.RawMessage
	if err := decode(b, &body, false); err != nil {
		return nil, nil, err
	}
	inner, ok := body[key]
	if !ok {
		return nil, nil, problem(http.StatusBadRequest, "json", key, "is missing: want {\""+key+"\": [...]}")
	}
	var list []T
	if !strict && json.Unmarshal(inner, &list) == nil {
		return list, make([]error, len(list)), nil
	}
	if err := decode(inner, &docs, false); err != nil {
		return nil, nil, problem(http.StatusBadRequest, "json", key, "want a list")
	}
	return each[T](raw(docs), strict)
}

func raw(docs []json.RawMessage) [][]byte {
	out := make([][]byte, len(docs))
	for i := range docs {
		out[i] = docs[i]
	}
	return out
}

func each[T any](docs [][]byte, strict bool) ([]T, []error, error) {
	out, faults := make([]T, len(docs)), make([]error, len(docs))
	for i, d := range docs {
		faults[i] = decode(d, &out[i], strict)
	}
	return out, faults, nil
}

func (s *Server) postEvents(w http.ResponseWriter, r *http.Request) error {
	b, media, err := s.readJSON(w, r)
	if err != nil {
		return err
	}
	in, faults, err := batch[bowerbird.Event](b, media, "events", false)
	if err != nil {
		return err
	}
	return s.ingest(w, r, len(in), func(i int) (bowerbird.Event, error) {
		in[i].Served = nil // what the ranker saw is the engine's to say
		return in[i], faults[i]
	})
}
