package bowerbird

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// floors is the house: a room imports rooms of lower floors only, and no room of
// its own floor. A new room is added here first. The root package, the nouns,
// is on floor 2; number rooms (also floor 2) may not import it.
var floors = map[string]int{
	"cmd":        6,
	"server":     5,
	"engine":     4,
	"train":      4,
	"store":      3,
	"signal":     3,
	"feature":    3,
	"query":      3,
	"load":       3,
	"retrieve":   3,
	"filter":     3,
	"rank":       3,
	"surface":    3,
	"ads":        3,
	"experiment": 3,
	"":           2,
	"text":       2,
	"vision":     2,
	"graph":      2,
	"index":      2,
	"model":      2,
	"eval":       2,
	"internal":   1,
}

// TestImportsRunDown holds the table of floors.
func TestImportsRunDown(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "node_modules" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		room := roomOf(filepath.ToSlash(filepath.Dir(path)))
		floor, ok := floors[room]
		if !ok {
			t.Errorf("%s: the room %q is not in the table of floors", path, room)
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, im := range f.Imports {
			name := strings.Trim(im.Path.Value, `"`)
			if name != "bowerbird" && !strings.HasPrefix(name, "bowerbird/") {
				continue
			}
			checked++
			to := roomOf(strings.TrimPrefix(strings.TrimPrefix(name, "bowerbird"), "/"))
			if why := refuse(room, floor, to, strings.HasSuffix(path, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", path, name, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked == 0 {
		t.Fatal("no import of ours was found: the test looked in the wrong place")
	}
}

func refuse(room string, floor int, to string, test bool) string {
	below, ok := floors[to]
	switch {
	case !ok:
		return "that room is not in the table of floors"
	case to == room:
		return ""
	case below > floor:
		return "imports run down, never up"
	case below == floor && !test:
		return "rooms of one floor do not import each other"
	case below == floor && test && floor != 2:
		return "rooms of one floor do not import each other, not even in tests"
	}
	return ""
}

func roomOf(dir string) string {
	if dir == "." || dir == "" {
		return ""
	}
	room, _, _ := strings.Cut(dir, "/")
	if room == "bowerbirdtest" { // the nouns, for tests
		return ""
	}
	return room
}

func TestHouseRefuses(t *testing.T) {
	for _, c := range []struct {
		room, to string
		refused  bool
	}{
		{"server", "engine", false}, {"engine", "server", true}, {"retrieve", "surface", true},
		{"graph", "", true}, {"retrieve", "", false}, {"model", "internal", false}, {"internal", "model", true},
	} {
		if got := refuse(c.room, floors[c.room], c.to, false) != ""; got != c.refused {
			t.Errorf("%s -> %q: refused %v, want %v", c.room, c.to, got, c.refused)
		}
	}
	if _, err := os.Stat("go.mod"); err != nil {
		t.Fatal("run from the root of the module")
	}
}
