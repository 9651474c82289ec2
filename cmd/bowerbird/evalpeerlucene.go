package main

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"bowerbird/eval"
)

//go:embed peerlucene.java
var luceneProgram []byte

// lucene has Apache Lucene rank the same documents for the same queries with the same parameters, by its English
// analyser. c.Lucene is a folder with its jars; Java 17 runs the program from its source. why says why there is no run.
func (c *evalSearchCmd) lucene(a *app, s *searchSet) (run *eval.Run, why string, err error) {
	a.ui.step("lucene", 0, 0)
	if jars, _ := filepath.Glob(filepath.Join(c.Lucene, "lucene-core-*.jar")); len(jars) == 0 {
		return nil, fmt.Sprintf("%s has no lucene-core-*.jar (Maven: org.apache.lucene, lucene-core and lucene-analysis-common)", c.Lucene), nil
	}
	dir, err := os.MkdirTemp("", "bowerbird-lucene-*")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	asked := make([]string, len(s.queries))
	for i, q := range s.queries {
		asked[i] = q.Text
	}
	program := filepath.Join(dir, "PeerLucene.java")
	for name, b := range map[string][]byte{"docs": withLengths(s.texts), "queries": withLengths(asked), filepath.Base(program): luceneProgram} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return nil, "", err
		}
	}
	float := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	cmd := exec.CommandContext(a.ctx, "java", "-cp", filepath.Join(c.Lucene, "*"), program, dir, float(c.K1), float(c.B), strconv.Itoa(c.Depth))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); errors.Is(err, exec.ErrNotFound) {
		return nil, "java is not here", nil
	} else if err != nil {
		return nil, "", fmt.Errorf("--lucene %s: %w: %s", c.Lucene, err, lastLine(errOut.String()))
	}
	if run, err = s.luceneRun(out.String()); err != nil {
		return nil, "", fmt.Errorf("--lucene %s: %w", c.Lucene, err)
	}
	return run, "", nil
}

// withLengths writes each text after its length.
func withLengths(texts []string) (b []byte) {
	for _, t := range texts {
		t = strings.ToValidUTF8(t, "\uFFFD")
		b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
		b = append(b, t...)
	}
	return b
}

// luceneRun reads what peerlucene.java prints: its name, and a line for each query.
func (s *searchSet) luceneRun(out string) (*eval.Run, error) {
	name, rest, _ := strings.Cut(out, "\n")
	lines := strings.Split(strings.TrimSuffix(rest, "\n"), "\n")
	if len(lines) != len(s.queries) {
		return nil, fmt.Errorf("%d lists for %d queries", len(lines), len(s.queries))
	}
	run := &eval.Run{Name: name}
	for i, line := range lines {
		var list []eval.Ranked
		for _, h := range strings.Fields(line) {
			doc, score, _ := strings.Cut(h, ":")
			n, err := strconv.Atoi(doc)
			if err != nil || n < 0 || n >= len(s.ids) {
				return nil, fmt.Errorf("query %s: no document %q", s.queries[i].ID, doc)
			}
			x, err := strconv.ParseFloat(score, 64)
			if err != nil {
				return nil, fmt.Errorf("query %s: score %q", s.queries[i].ID, score)
			}
			list = append(list, eval.Ranked{Doc: s.ids[n], Score: x})
		}
		run.Add(s.queries[i].ID, list)
	}
	return run, nil
}
