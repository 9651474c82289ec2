package meaning_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowerbird/text/meaning"
)

// counting is an encoder that says how often it was asked.
type counting struct {
	version string
	asked   int
}

func (c *counting) Name() string    { return "counting" }
func (c *counting) Version() string { return c.version }
func (c *counting) Dim() int        { return 2 }
func (c *counting) Encode(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		if c.asked++; t != "" {
			out[i] = []float32{float32(len(t)), 1}
		}
	}
	return out, nil
}

func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v")
	ask := func(version string, texts ...string) int {
		t.Helper()
		c := &counting{version: version}
		k, err := meaning.Keep(path, c)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		vs, err := k.Encode(context.Background(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range texts {
			if (vs[i] == nil) != (s == "") || s != "" && vs[i][0] != float32(len(s)) {
				t.Errorf("%q: %v", s, vs[i])
			}
		}
		return c.asked
	}
	if n := ask("1", "a", "bb", ""); n != 3 {
		t.Errorf("first: asked for %d, want 3", n)
	}
	if n := ask("1", "a", "", "ccc"); n != 1 {
		t.Errorf("second: asked for %d, want 1", n)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-3], 0o600); err != nil { // the last record was being written
		t.Fatal(err)
	}
	if n := ask("1", "a", "bb", "ccc"); n != 1 {
		t.Errorf("after a cut: asked for %d, want 1", n)
	}
	if n := ask("2", "a"); n != 1 {
		t.Errorf("another version: asked for %d, want 1", n)
	}
}

// TestKeptRefuses holds that a wrong path costs nobody a file.
func TestKeptRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalogue.csv")
	const text = "id,title\n1,sofa\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := meaning.Keep(path, &counting{version: "1"}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names the file", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != text {
		t.Errorf("the file is now %q, %v", b, err)
	}
}
