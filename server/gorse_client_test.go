package server

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bowerbird/store"
)

// TestGorseClients runs Gorse's own published clients against a server with keys:
// PyGorse (python3, or what BOWERBIRD_PYTHON names) and gorsejs (node, with
// NODE_PATH). Where they are not installed it is skipped, unless
// BOWERBIRD_GORSE_CLIENTS=1 says that they must be.
func TestGorseClients(t *testing.T) {
	python := os.Getenv("BOWERBIRD_PYTHON")
	if python == "" {
		python = "python3"
	}
	for _, c := range []struct {
		name, program, script string
		probe                 []string
	}{
		{"PyGorse", python, "client.py", []string{"-c", "import gorse"}},
		{"gorsejs", "node", "client.js", []string{"-e", "require('gorsejs')"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if out, err := exec.Command(c.program, c.probe...).CombinedOutput(); err != nil {
				if os.Getenv("BOWERBIRD_GORSE_CLIENTS") == "1" {
					t.Fatalf("%s is not installed: %v\n%s", c.name, err, out)
				}
				t.Skipf("%s is not installed (%v); install it and set BOWERBIRD_GORSE_CLIENTS=1 to require it", c.name, err)
			}
			w := newWorld(t, Options{})
			_, secret, err := w.s.keys.file.Load().Create("clients", store.Admin)
			if err != nil {
				t.Fatal(err)
			}
			w.s.keys.sticky.Store(true)
			web := httptest.NewServer(w.s)
			defer web.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			out, err := exec.CommandContext(ctx, c.program, filepath.Join("testdata", "gorse", c.script), web.URL, secret).CombinedOutput()
			if err != nil || strings.TrimSpace(string(out)) != "ok" {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}
