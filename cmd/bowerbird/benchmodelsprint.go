package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
)

// rowStore keeps results as files named by a hash of what they depend on.
type rowStore struct{ dir string }

func (s rowStore) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:12])+".json")
}

// get reports whether there is a result for a key.
func (s rowStore) get(key string, v any) (bool, error) {
	b, err := os.ReadFile(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return false, fmt.Errorf("%w (remove %s to measure again)", err, s.path(key))
	}
	return true, nil
}

// put writes beside and renames, so that a run that is stopped leaves no part of a file.
func (s rowStore) put(key string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	tmp := s.path(key) + ".part"
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, s.path(key))
}

func (b *modelBench) print() {
	b.a.printf("\n%s (%s)\n", b.t.title, b.t.name)
	w := tabwriter.NewWriter(b.a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "model\t%s\tseconds\tpeak MiB\tcoverage\n", strings.Join(b.t.columns, "\t"))
	for _, p := range b.t.published {
		fmt.Fprintf(w, "%s (published)\t%s\n", p.name, strings.Join(figures(p.values), "\t"))
	}
	for _, r := range b.rows {
		fmt.Fprintf(w, "%s\t%s\t%.1f\t%d\t%.3f\n", r.Name, strings.Join(figures(r.Values), "\t"), r.Seconds, r.Peak>>20, r.Coverage)
	}
	w.Flush()
	for _, n := range b.note {
		b.a.printf("%s\n", n)
	}
}

// chosenBy is empty for a row that no validation part chose.
func chosenBy(v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.4f", v)
}

func figures(values []float64) []string {
	out := make([]string, len(values))
	for i, v := range values {
		if !math.IsNaN(v) {
			out[i] = fmt.Sprintf("%.4f", v)
		}
	}
	return out
}

// tablesMark stands in a document before what is generated: what people write above it stays.
const tablesMark = "<!-- below: bowerbird bench models -->"

// writeTables replaces the tables of these sets in a Markdown file, below the mark; tables of other sets stay.
func writeTables(path string, done []*modelBench) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	head, tables, found := strings.Cut(string(old), tablesMark)
	if !found && len(old) > 0 {
		return fmt.Errorf("%s: no line %q: add it where the tables belong", path, tablesMark)
	}
	if !found {
		head = "# Recommendation models: what was measured\n\n"
	}
	kept := map[string]string{} // by title
	for _, s := range strings.Split(tables, "\n## ")[1:] {
		title, _, _ := strings.Cut(s, "\n")
		kept[title] = "\n## " + strings.TrimRight(s, "\n") + "\n"
	}
	for _, b := range done {
		var s strings.Builder
		b.markdown(&s)
		kept[b.t.title] = s.String()
	}
	var s strings.Builder
	s.WriteString(head + tablesMark + "\n")
	for _, t := range modelTables() {
		s.WriteString(kept[t.title])
	}
	return os.WriteFile(path, []byte(s.String()), 0o644)
}

func (b *modelBench) markdown(s *strings.Builder) {
	fmt.Fprintf(s, "\n## %s\n\n%s\n\n%s. %s. Seconds are of training the row on all of train, by the clock.\n\n| | %s | chosen by | seconds | peak MiB | coverage |\n|---|%s---|---|---|---|\n", b.t.title, b.t.protocol, time.Now().UTC().Format("2 January 2006"), thisMachine(), strings.Join(b.t.columns, " | "), strings.Repeat("---|", len(b.t.columns)))
	for _, p := range b.t.published {
		fmt.Fprintf(s, "| %s (published) | %s | | | | |\n", p.name, strings.Join(figures(p.values), " | "))
	}
	for _, r := range b.rows {
		fmt.Fprintf(s, "| %s | %s | %s | %.1f | %d | %.3f |\n", r.Name, strings.Join(figures(r.Values), " | "), chosenBy(r.Valid), r.Seconds, r.Peak>>20, r.Coverage)
	}
	fmt.Fprintf(s, "\nSettings, seed %d:\n\n", b.c.Seed)
	for _, r := range b.rows {
		fmt.Fprintf(s, "- %s: `%s`\n", r.Name, r.Settings)
	}
	for _, n := range b.note {
		fmt.Fprintf(s, "\n%s\n", n)
	}
}
