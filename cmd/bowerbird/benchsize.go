package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

type benchSizeCmd struct {
	Source string `help:"Folder of the source." default:"." type:"existingdir"`
}

func (benchSizeCmd) Help() string {
	return `Builds the command from its source with an empty build cache (the modules must
be in the module cache), then once more stripped, and weighs both.

Example:
  bowerbird bench size --source ~/src/bowerbird`
}

func (c *benchSizeCmd) Run(a *app) error {
	if _, err := os.Stat(filepath.Join(c.Source, "cmd", "bowerbird")); err != nil {
		return usagef("--source %s is not the folder of Bowerbird's source", c.Source)
	}
	tmp, err := os.MkdirTemp("", "bowerbird-build-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	build := func(name string, flags ...string) (int64, time.Duration, error) {
		out := filepath.Join(tmp, name)
		cmd := exec.CommandContext(a.ctx, "go", append(append([]string{"build"}, flags...), "-o", out, "./cmd/bowerbird")...)
		cmd.Dir, cmd.Env = c.Source, append(os.Environ(), "GOCACHE="+filepath.Join(tmp, "cache"), "CGO_ENABLED=0")
		start := time.Now()
		if b, err := cmd.CombinedOutput(); err != nil {
			return 0, 0, fmt.Errorf("go build: %w\n%s", err, b)
		}
		st, err := os.Stat(out)
		if err != nil {
			return 0, 0, err
		}
		return st.Size(), time.Since(start), nil
	}
	a.ui.say("building from nothing ...")
	size, cold, err := build("plain")
	if err != nil {
		return err
	}
	stripped, _, err := build("stripped", "-trimpath", "-ldflags=-s -w")
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"machine": thisMachine(), "bytes": size, "stripped_bytes": stripped, "cold_build_ns": cold})
	}
	a.printf("%s\n\nbinary       %.1f MB\nstripped     %.1f MB\ncold build   %s\n", thisMachine(), float64(size)/1e6, float64(stripped)/1e6, seconds(cold))
	return nil
}
