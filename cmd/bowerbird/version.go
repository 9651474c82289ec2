package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCmd struct{}

func (versionCmd) Help() string { return "Example:\n  bowerbird version --json" }

func (c *versionCmd) Run(a *app) error {
	if a.cli.JSON {
		return a.printJSON(map[string]string{"version": version(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH})
	}
	a.printf("bowerbird %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// version is the module's, or the commit that the binary was built from.
func version() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	if v := b.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	commit, dirty := "", ""
	for _, s := range b.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			if s.Value == "true" {
				dirty = "+"
			}
		}
	}
	if commit == "" {
		return "dev"
	}
	return fmt.Sprintf("dev-%s%s", commit, dirty)
}
