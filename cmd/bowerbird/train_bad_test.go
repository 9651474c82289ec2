package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestTrainOnBadInput imports logs that no model can be learned from, or that are broken, and trains: each ends with an
// error that says what to do, or with a model that serves.
func TestTrainOnBadInput(t *testing.T) {
	good := ratings(40, 20)
	cut := good[:len(good)*2/3]
	cut = cut[:strings.LastIndex(cut, ",")-1] // in the middle of a row
	var twice strings.Builder
	twice.WriteString(good)
	twice.WriteString(strings.TrimPrefix(good, "user,item,rating,time\n"))
	var negative strings.Builder
	negative.WriteString(good)
	for n := range 30 {
		fmt.Fprintf(&negative, "u%d,i%d,-3,%d\n", n%7, n, 1_600_900_000+n)
	}
	one := func(user, item bool) string {
		var b strings.Builder
		b.WriteString("user,item,rating,time\n")
		for n := range 60 {
			u, i := n, n
			if user {
				u = 0
			}
			if item {
				i = 0
			}
			fmt.Fprintf(&b, "u%d,i%d,5,%d\n", u, i, 1_600_000_000+60*n)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		ratings string
		items   int
		args    []string
		imports bool   // the import succeeds
		trains  bool   // the training succeeds
		says    string // somewhere
	}{
		"empty log":                {ratings: "user,item,rating,time\n", items: 60, imports: true, says: "Import something"},
		"one user":                 {items: 60, ratings: one(true, false), imports: true, trains: true},
		"one item":                 {items: 60, ratings: one(false, true), imports: true, says: "too little"},
		"duplicate rows":           {items: 60, ratings: twice.String(), imports: true, trains: true},
		"negative weights":         {items: 60, ratings: negative.String(), imports: true, trains: true},
		"cut in the middle":        {items: 60, ratings: cut, imports: true, trains: true},
		"ids not in the catalogue": {ratings: good, items: 10, imports: true, trains: true, says: "names an item that was never put"},
		"too small a budget":       {items: 60, ratings: good, args: []string{"--memory", "1"}, imports: true, trains: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, data := set(t, map[string]string{"items.jsonl": catalogue(c.items), "ratings.csv": c.ratings}), filepath.Join(t.TempDir(), "data")
			code, out, errOut := command(t, "import", filepath.Join(dir, "items.jsonl"), filepath.Join(dir, "ratings.csv"), "--data", data)
			if (code == exitOK) != c.imports {
				t.Fatalf("import: exit code %d\n%s%s", code, out, errOut)
			}
			said := out + errOut
			code, out, errOut = command(t, append([]string{"train", "--data", data, "--time", "2s", "--samples", "50"}, c.args...)...)
			if said += out + errOut; (code == exitOK) != c.trains || !strings.Contains(said, c.says) {
				t.Errorf("train: exit code %d, want success %v and %q\n%s", code, c.trains, c.says, said)
			}
			if strings.Contains(said, "panic") || strings.Contains(said, "NaN") {
				t.Errorf("it says\n%s", said)
			}
			ok(t, "status", "--data", data)
		})
	}
}
