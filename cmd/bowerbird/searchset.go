package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"bowerbird/eval"
)

// searchSet is a test collection: documents, queries and judgments.
type searchSet struct {
	ids     []string
	texts   []string
	says    []map[string]string // of each document; nil: not asked for
	queries []searchQuery
	qrels   *eval.Qrels
}

type searchQuery struct{ ID, Text string }

// searchPaths names the parts of a collection. Empty ones are looked for in the folder.
type searchPaths struct {
	dir, docs, queries, qrels string
	fields                    []string
	says                      map[string]string
}

// The names under which collections keep their parts, as in BEIR and in folders of TREC files.
var (
	docsNames    = []string{"docs.jsonl", "corpus.jsonl", "products.jsonl"}
	queriesNames = []string{"queries.tsv", "queries.jsonl", "topics.tsv"}
	qrelsNames   = []string{"qrels.txt", "qrels/test.tsv", "qrels.tsv", "qrels.test.tsv", "qrels.csv"}
)

func readSearchSet(p searchPaths) (*searchSet, error) {
	s := new(searchSet)
	var err error
	if p.docs, err = p.find(p.docs, docsNames, "--docs"); err != nil {
		return nil, err
	}
	if p.qrels, err = p.find(p.qrels, qrelsNames, "--qrels"); err != nil {
		return nil, err
	}
	if s.qrels, err = readQrelsFile(p.qrels); err != nil {
		return nil, err
	}
	if err := s.readDocs(p.docs, p.fields, p.says); err != nil {
		return nil, err
	}
	if p.queries, err = p.find(p.queries, queriesNames, "--queries"); err != nil {
		// Some collections judge the words themselves: the name of a query is its text.
		for _, q := range s.qrels.Queries {
			s.queries = append(s.queries, searchQuery{q, q})
		}
		return s, nil
	}
	s.queries, err = readQueries(p.queries)
	return s, err
}

// find returns the path that was given, or the first of the usual names that the folder has, compressed or not.
func (p searchPaths) find(given string, names []string, flag string) (string, error) {
	if given != "" {
		if filepath.IsAbs(given) || p.dir == "" {
			return given, nil
		}
		if _, err := os.Stat(given); err == nil {
			return given, nil
		}
		return filepath.Join(p.dir, given), nil
	}
	if p.dir == "" {
		return "", usagef("name the collection's folder, or the file with %s", flag)
	}
	for _, n := range names {
		path := existing(p.dir, filepath.FromSlash(n))
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s holds none of %s: name the file with %s", p.dir, strings.Join(names, ", "), flag)
}

// openText opens a file, decompressing what ends in .gz.
func openText(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(path, ".gz") {
		return f, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

func readQrelsFile(path string) (*eval.Qrels, error) {
	f, err := openText(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return eval.ReadQrels(f, path)
}

func readRunFile(path string) (*eval.Run, error) {
	f, err := openText(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := eval.ReadRun(f, path)
	if err == nil && r.Name == "" {
		r.Name = filepath.Base(path)
	}
	return r, err
}

// records calls f with every line of a JSON Lines file.
func records(path string, f func(m map[string]any) error) error {
	in, err := openText(path)
	if err != nil {
		return err
	}
	defer in.Close()
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 0, 1<<16), 16<<20)
	n := 0
	for sc.Scan() {
		n++
		if len(strings.TrimSpace(sc.Text())) == 0 {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(sc.Bytes(), &m); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if err := f(m); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", path, n+1, err)
	}
	return nil
}

func nameIn(m map[string]any) (string, error) {
	for _, key := range []string{"id", "_id"} {
		switch v := m[key].(type) {
		case string:
			if v != "" {
				return v, nil
			}
		case float64:
			return fmt.Sprintf("%.0f", v), nil
		}
	}
	return "", errors.New("no id and no _id")
}

func (s *searchSet) readDocs(path string, fields []string, says map[string]string) error {
	seen := make(map[string]bool)
	err := records(path, func(m map[string]any) error {
		id, err := nameIn(m)
		if err != nil {
			return err
		}
		if seen[id] {
			return fmt.Errorf("document %q stands twice", id)
		}
		seen[id] = true
		var parts []string
		for _, f := range fields {
			if text, ok := m[f].(string); ok && text != "" {
				parts = append(parts, text)
			}
		}
		if says != nil {
			of := make(map[string]string)
			for name, f := range says {
				if text, ok := m[f].(string); ok && text != "" {
					of[name] = text
				}
			}
			s.says = append(s.says, of)
		}
		s.ids, s.texts = append(s.ids, id), append(s.texts, strings.Join(parts, "\n"))
		return nil
	})
	if err == nil && len(s.ids) == 0 {
		return fmt.Errorf("%s: no documents", path)
	}
	return err
}

// readQueries reads ID<TAB>TEXT lines, or JSON Lines with _id and text.
func readQueries(path string) ([]searchQuery, error) {
	var out []searchQuery
	if strings.Contains(filepath.Base(path), ".jsonl") {
		err := records(path, func(m map[string]any) error {
			id, err := nameIn(m)
			text, ok := m["text"].(string)
			if err == nil && !ok {
				err = errors.New("no text")
			}
			out = append(out, searchQuery{id, text})
			return err
		})
		return out, err
	}
	f, err := openText(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(make([]byte, 0, 1<<16), 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimPrefix(strings.TrimSuffix(sc.Text(), "\r"), "\ufeff")
		if strings.TrimSpace(line) == "" {
			continue
		}
		id, text, ok := strings.Cut(line, "\t")
		if !ok || id == "" {
			return nil, fmt.Errorf("%s:%d: want ID<TAB>TEXT", path, n)
		}
		out = append(out, searchQuery{id, text})
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}
