package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"bowerbird/eval"
)

//go:embed peer.py
var peerScript string

// peer has a Python package rank the same documents for the same queries with the same parameters. why says why there
// is no run, if the package or Python is absent.
func (c *evalSearchCmd) peer(a *app, s *searchSet) (run *eval.Run, why string, err error) {
	a.ui.step("peer", 0, 0)
	dir, err := os.MkdirTemp("", "bowerbird-peer-*")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	texts := make([]string, len(s.queries))
	for i, q := range s.queries {
		texts[i] = q.Text
	}
	for name, v := range map[string][]string{"docs.json": s.texts, "queries.json": texts} {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return nil, "", err
		}
	}
	float := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	cmd := exec.CommandContext(a.ctx, c.Peer, "-c", peerScript, dir, float(c.K1), float(c.B), strconv.Itoa(c.Depth))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return nil, c.Peer + " is not here", nil
	} else if err != nil {
		return nil, "", fmt.Errorf("--peer %s: %w: %s", c.Peer, err, lastLine(errOut.String()))
	}
	var answer struct {
		Absent  string         `json:"absent"`
		Version string         `json:"version"`
		Lists   [][][2]float64 `json:"lists"`
	}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		return nil, "", fmt.Errorf("--peer %s: %w", c.Peer, err)
	}
	if answer.Absent != "" {
		return nil, answer.Absent + " (pip install bm25s PyStemmer)", nil
	}
	if len(answer.Lists) != len(s.queries) {
		return nil, "", fmt.Errorf("--peer %s: %d lists for %d queries", c.Peer, len(answer.Lists), len(s.queries))
	}
	run = &eval.Run{Name: strings.TrimSuffix("bm25s-"+answer.Version, "-")}
	for i, l := range answer.Lists {
		var list []eval.Ranked
		for _, h := range l {
			if n := int(h[0]); n >= 0 && n < len(s.ids) {
				list = append(list, eval.Ranked{Doc: s.ids[n], Score: h[1]})
			}
		}
		run.Add(s.queries[i].ID, list)
	}
	return run, "", nil
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
