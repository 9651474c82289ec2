package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reportWorld is two circles of taste, and things that a report must not tell.
func reportWorld() map[string]string {
	var items, boards, events strings.Builder
	for i := range 40 {
		fmt.Fprintf(&items, `{"id":"i%d","title":"thing <%d>","categories":["%s"]}`+"\n", i, i, []string{"tea/green", "bikes"}[i%2])
	}
	items.WriteString(`{"id":"hush","title":"Quiet present","categories":["tea"]}` + "\n")
	n := 0
	save := func(user string, item int, board string) {
		n++
		fmt.Fprintf(&events, `{"id":"e%d","type":"save","user":"%s","item":"i%d","board":"%s","time":%d}`+"\n", n, user, item, board, 1_700_000_000_000+1000*n)
	}
	for u := range 20 {
		fmt.Fprintf(&boards, `{"id":"b%d","title":"board & of circle %d nr %d","owner":"person-%d"}`+"\n", u, u%2, u, u)
		for k := range 8 {
			save(fmt.Sprintf("person-%d", u), (u+2*k*(1+u%3))%40, fmt.Sprintf("b%d", u))
		}
	}
	boards.WriteString(`{"id":"vault","title":"Surprise for Ann","owner":"person-1","secret":true}` + "\n")
	for k, item := range []string{"hush", "i39"} {
		fmt.Fprintf(&events, `{"id":"s%d","type":"save","user":"person-1","item":"%s","board":"vault","time":1700000500000}`+"\n", k, item)
	}
	fmt.Fprintf(&events, `{"id":"last","type":"hide","user":"person-0","item":"i0","time":1700000600000}`+"\n")
	return map[string]string{"items.jsonl": items.String(), "boards.jsonl": boards.String(), "events.jsonl": events.String()}
}

func TestReportGraph(t *testing.T) {
	from := set(t, reportWorld())
	data := filepath.Join(t.TempDir(), "data")
	ok(t, "import", from, "--data", data, "-q")
	out := filepath.Join(t.TempDir(), "r.html")
	said := ok(t, "report", "graph", "--data", data, "--out", out, "-q")
	html, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	printed := ok(t, "report", "graph", "--data", data, "--json", "-q")
	var r graphReport
	if err := json.Unmarshal([]byte(printed), &r); err != nil {
		t.Fatal(err)
	}
	// 160 saves of people and as many of boards; person-0's one edge is hidden by them later.
	if r.Items != 41 || r.Boards != 20 || r.People != 20 || r.OnBoards != 160 || r.Kept != 159 || r.Edges != 319 || r.Secret != 1 || r.SecretSaves != 2 {
		t.Errorf("counts: %+v", r)
	}
	if r.Communities.Count != 2 || r.Communities.Modularity < .45 || r.Components.Count != 2 {
		t.Errorf("two circles: %+v, %+v", r.Communities, r.Components)
	}
	if f := r.Focus; f == nil || f.By != "categories" || f.Boards != 20 || f.Mean != 0 || f.Single < .999 {
		t.Errorf("boards of one subject: %+v", f)
	}
	for _, text := range []string{said, string(html), printed} {
		for _, secret := range []string{"Surprise", "vault", "hush", "Quiet present", "person-"} {
			if strings.Contains(text, secret) {
				t.Errorf("the report tells %q", secret)
			}
		}
	}
	for _, want := range []string{"thing &lt;", "board &amp; of circle", "1 secret board with 2 saves", "tea 100\u00a0%"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", "thing <", "NaN", "ZgotmplZ", "%!"} {
		if strings.Contains(string(html), never) {
			t.Errorf("the report holds %q", never)
		}
	}
}

// What happens to boards and people later counts: the graph is that of the end.
func TestReportNetwork(t *testing.T) {
	events := map[string]string{
		"becomes secret":   `{"type":"board_put","board_doc":{"id":"b4","title":"t","owner":"person-4","secret":true}}`,
		"board is deleted": `{"type":"board_delete","board":"b4"}`,
		"person is erased": `{"type":"user_erase","user":"person-4"}`,
	}
	for what, line := range events {
		from := reportWorld()
		from["events.jsonl"] += strings.Replace(line, "{", `{"id":"late","time":1700000700000,`, 1) + "\n"
		c := &reportGraphCmd{Path: set(t, from)}
		a := &app{ctx: t.Context(), ui: newUI(new(strings.Builder), true)}
		n, _, err := c.read(a)
		if err != nil {
			t.Fatal(err)
		}
		h, err := n.graph()
		if err != nil {
			t.Fatal(err)
		}
		if h.onBoards != 152 || h.kept != 151 {
			t.Errorf("%s: %d edges on boards, %d of people, want 152 and 151", what, h.onBoards, h.kept)
		}
	}
}

func TestReportUsage(t *testing.T) {
	from := set(t, map[string]string{"few.csv": "user,item,rating\nu,i,5\nv,i,1\n", "none.csv": "user,item,rating\nu,i,1\n"})
	few, none := filepath.Join(from, "few.csv"), filepath.Join(from, "none.csv")
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"report graph --data " + from + "/nothing", "holds no data", exitFailed},
		{"report graph " + from + "/nothing", "no such file", exitFailed},
		{"report graph " + none, "there is no graph to report", exitFailed},
		{"report graph " + few + " --format xml", "is none of", exitUsage},
		{"report graph --map item=x", "are for a PATH", exitUsage},
		{"report graph " + few + " --resolution 0", "want a number above 0", exitUsage},
		{"report graph " + few + " --bootstraps=-1", "want 0 to", exitUsage},
		{"report graph " + few + " --out " + from, "is a folder", exitUsage},
		{"report graph " + few + " --out " + from + "/a/b.html", "there is no folder", exitUsage},
	} {
		code, _, errOut := command(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: exit code %d, want %d; says %q, want %q", c.args, code, c.code, errOut, c.want)
		}
	}
	out := filepath.Join(from, "one.html") // the smallest graph there can be
	if said := ok(t, "report", "graph", few, "--out", out, "-q"); !strings.Contains(said, "1 edge") {
		t.Errorf("one edge: %s", said)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		log       bool
		want      string
	}{
		{0, 1, false, "[0 0.2 0.4 0.6 0.8 1]"}, {0, 157, false, "[0 50 100 150]"}, {-.5, 7.5, false, "[0 2 4 6]"},
		{1, 83, true, "[1 2 5 10 20 50]"}, {.0001, 1, true, "[0.0001 0.001 0.01 0.1 1]"},
	} {
		list := ticks(c.low, c.high, c.log)
		for i, v := range list {
			list[i] = math.Round(v*1e6) / 1e6
		}
		if got := fmt.Sprint(list); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}
