package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bowerbird"
	"bowerbird/engine"
	"bowerbird/load"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// command runs the program and returns what it printed.
func command(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

func ok(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errOut := command(t, args...)
	if code != exitOK {
		t.Fatalf("bowerbird %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

func TestHelp(t *testing.T) {
	for _, c := range []string{"", "demo", "serve", "import", "train", "eval", "eval feed", "eval search", "eval spell", "eval complete", "eval rank", "eval graph", "explain", "report", "report graph", "status", "backup", "restore", "keys", "keys create", "keys revoke", "bench", "bench ingest", "bench graph", "bench serve", "bench world", "bench size", "version"} {
		args := append(strings.Fields(c), "--help")
		got := ok(t, args...)
		name := strings.ReplaceAll(strings.TrimSpace("bowerbird "+c), " ", "-")
		file := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s --help (run the test with -update to accept):\n%s", c, d)
		}
		if c != "" && !strings.Contains(got, "xample") {
			t.Errorf("%s --help gives no example", c)
		}
	}
}

func TestUsage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"fly", exitUsage, "unexpected argument fly"},
		{"import", exitUsage, "bowerbird import --help"},
		{"import x --format xml", exitUsage, "is none of"},
		{"demo --items 1", exitUsage, "want 65 to"},
		{"eval", exitUsage, "name either a path"},
		{"eval --train a", exitUsage, "go together"},
		{"eval --preset nope x", exitUsage, "is none of"},
		{"eval x --published Gorse=.3", exitUsage, "want NAME=NDCG/RECALL"},
		{"explain i --surface moon", exitUsage, "is none of"},
		{"status", exitFailed, "holds no data"},
		{"import " + dir, exitFailed, "no such file"},
		{"keys revoke x -f", exitFailed, "there is no key"},
		{"restore " + t.TempDir(), exitFailed, "is no backup"},
	} {
		code, _, errOut := command(t, append(strings.Fields(c.args), "--data", dir)...)
		if code != c.code || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: exit code %d, want %d; says %q, want %q", c.args, code, c.code, errOut, c.want)
		}
	}
}

// ratings is a small world of tastes: people of one half like items of one half.
func ratings(people, each int) string {
	var b strings.Builder
	b.WriteString("user,item,rating,time\n")
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range people * each {
		u := n % people
		fmt.Fprintf(&b, "u%d,i%d,%d,%d\n", u, 2*rng.IntN(20)+u%2, 3+rng.IntN(3), 1_600_000_000+n*60)
	}
	return b.String()
}

func catalogue(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"i%d","title":"item number %d","categories":["c%d"]}`+"\n", i, i, i%2)
	}
	return b.String()
}

func set(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestLife goes through a folder's life: import, train, look, back up, restore.
func TestLife(t *testing.T) {
	from := set(t, map[string]string{"items.jsonl": catalogue(40), "r.csv": ratings(40, 20) + "u1,nothing,5,1600000000\n"})
	data := filepath.Join(t.TempDir(), "data")
	items, table := filepath.Join(from, "items.jsonl"), filepath.Join(from, "r.csv")
	if out := ok(t, "import", items, table, "--data", data); !strings.Contains(out, "names an item that was never put") {
		t.Errorf("the unknown item is not reported:\n%s", out)
	}
	if out := ok(t, "import", items, table, "--data", data); strings.Count(out, "nothing to do") != 2 {
		t.Errorf("a second import:\n%s", out)
	}
	ok(t, "train", "--data", data, "--time", "1s", "-q")
	var s engine.Status
	if err := json.Unmarshal([]byte(ok(t, "status", "--data", data, "--json")), &s); err != nil {
		t.Fatal(err)
	}
	if s.Items != 40 || s.Users != 40 || s.Offset != 840 || s.Model == nil {
		t.Errorf("status: %+v", s)
	}
	if out := ok(t, "explain", "i2", "--user", "u0", "--data", data); !strings.Contains(out, "filter") {
		t.Errorf("explain:\n%s", out)
	}
	ok(t, "explain", "i2", "--user", "u0", "--at", "300", "--data", data)
	copied := filepath.Join(t.TempDir(), "copy")
	ok(t, "backup", copied, "--data", data)
	if code, _, _ := command(t, "backup", copied, "--data", data); code != exitFailed {
		t.Error("a backup went over another")
	}
	if out := ok(t, "restore", copied, "--data", data); !strings.Contains(out, "Nothing was done") {
		t.Errorf("restore without -f:\n%s", out)
	}
	if out := ok(t, "restore", copied, "-f", "--data", data); !strings.Contains(out, "840 events") {
		t.Errorf("restore:\n%s", out)
	}
	again := ok(t, "status", "--data", data, "--json")
	var r engine.Status
	if err := json.Unmarshal([]byte(again), &r); err != nil || r.Offset != s.Offset || r.Model == nil {
		t.Errorf("restored: %s", again)
	}
}

func TestKeys(t *testing.T) {
	data := t.TempDir()
	secret := strings.TrimSpace(ok(t, "keys", "create", "--name", "shop", "--data", data))
	list := ok(t, "keys", "list", "--data", data)
	if !strings.Contains(list, "shop") || strings.Contains(list, secret) || len(secret) < 20 {
		t.Errorf("list:\n%s", list)
	}
	id := strings.Fields(strings.Split(list, "\n")[1])[0]
	if out := ok(t, "keys", "revoke", id, "--data", data); !strings.Contains(out, "Nothing was done") {
		t.Errorf("revoke without -f: %s", out)
	}
	ok(t, "keys", "revoke", id, "-f", "--data", data)
	if list := ok(t, "keys", "list", "--data", data); strings.Contains(list, id) {
		t.Errorf("it is still there:\n%s", list)
	}
}

// TestInterrupted stops an import at random points, as a killed process would,
// with and without the progress file, until it comes through. Nothing may be
// missing and nothing there twice.
func TestInterrupted(t *testing.T) {
	text := ratings(60, 200)
	from := set(t, map[string]string{"items.jsonl": catalogue(40), "events.jsonl": ""})
	var b strings.Builder
	for i, l := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
		f := strings.Split(l, ",")
		fmt.Fprintf(&b, `{"user":%q,"item":%q,"value":%s,"time":%d}`+"\n", f[0], f[1], f[2], int64(1_600_000_000_000)+int64(i))
	}
	if err := os.WriteFile(filepath.Join(from, "events.jsonl"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	data := t.TempDir()
	quiet := newUI(&bytes.Buffer{}, true)
	stopped := 0
	for try := 0; ; try++ {
		e, err := engine.Open(context.Background(), data, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.IntN(60)+1)*time.Millisecond*time.Duration(1+try/4))
		_, err = importPath(ctx, e, from, load.Options{}, quiet, nil)
		cancel()
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if stopped++; stopped > 100 {
			t.Fatal("it never comes through")
		}
		if rng.IntN(2) == 0 { // what a crash between the log and the file leaves
			if err := os.RemoveAll(filepath.Join(data, "imports")); err != nil {
				t.Fatal(err)
			}
		}
	}
	e, err := engine.Open(context.Background(), data, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if n := e.Log().Last(); n != 12_040 {
		t.Errorf("after %d interruptions the log holds %d events, want 12040", stopped, n)
	}
	if err := os.RemoveAll(filepath.Join(data, "imports")); err != nil {
		t.Fatal(err)
	}
	im, err := importPath(context.Background(), e, from, load.Options{}, quiet, nil)
	if err != nil || im.New != 0 || im.Known != 12_040 || e.Log().Last() != 12_040 {
		t.Errorf("once more, without the progress file: %+v, %v; the log holds %d", im, err, e.Log().Last())
	}
	t.Logf("%d interruptions", stopped)
}

func TestPictureFolder(t *testing.T) {
	from := t.TempDir()
	if err := os.MkdirAll(filepath.Join(from, "red"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := os.WriteFile(filepath.Join(from, "red", fmt.Sprintf("cup %d.jpg", i)), jpegOf(t, i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(from, "broken.png"), []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(context.Background(), t.TempDir(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	im, err := importPath(context.Background(), e, from, load.Options{}, newUI(&bytes.Buffer{}, true), nil)
	if err != nil {
		t.Fatal(err)
	}
	if im.Pictures != 5 || im.Report.Skipped != 1 || im.New != 20 { // each an item and three signals: its vector, its parts, its print
		t.Errorf("%d pictures, %d events, skipped %+v", im.Pictures, im.New, im.Report)
	}
	a, err := e.Page(context.Background(), engine.Query{Surface: bowerbird.SearchPicture, Item: "red/cup 1"})
	if err != nil || len(a.Items) != 4 || a.Items[0].Doc.Picture == nil {
		t.Errorf("what looks like it: %v, %v", a, err)
	}
}

// TestPictureByAddress: a table that names pictures by address comes in without them
// unless they are to be fetched, and then from public places only.
func TestPictureByAddress(t *testing.T) {
	from := filepath.Join(t.TempDir(), "items.csv")
	if err := os.WriteFile(from, []byte("item,title,image\na,cup,https://localhost/a.png\nb,vase,\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "--fetch-pictures"},
		{[]string{"--fetch-pictures"}, "localhost"},
	} {
		out := ok(t, append([]string{"import", from, "--data", t.TempDir()}, c.args...)...)
		if !strings.Contains(out, "2 events new") || !strings.Contains(out, c.want) {
			t.Errorf("%v: %s", c.args, out)
		}
	}
}

// TestDemo makes a tiny world, serves nothing, and finds everything there again.
func TestDemo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	out := ok(t, "demo", "--items", "70", "--no-serve", "--data", data, "-q")
	for _, want := range []string{"Findings", "70 items", "popularity", "served home page", "best possible", "100 %"} {
		if !strings.Contains(out, want) {
			t.Errorf("the findings lack %q:\n%s", want, out)
		}
	}
	start := time.Now()
	if out := ok(t, "demo", "--items", "70", "--no-serve", "--data", data, "-q"); out != "" {
		t.Errorf("the second start learned again:\n%s", out)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("the second start took %s", d)
	}
	if code, _, errOut := command(t, "demo", "--items", "80", "--no-serve", "--data", data, "-q"); code != exitFailed || !strings.Contains(errOut, "--data") {
		t.Errorf("another world over the first: %d %s", code, errOut)
	}
}

// TestEval checks the protocol on a world where halves of people like halves of
// the items, over the engine and over HTTP.
func TestEval(t *testing.T) {
	from := set(t, map[string]string{"r.inter": strings.ReplaceAll(strings.Replace(ratings(40, 15), "user,item,rating,time", "user_id:token,item_id:token,rating:float,timestamp:float", 1), ",", "\t")})
	var engineSide, httpSide evaluation
	for i, args := range [][]string{{}, {"--http"}} {
		out := ok(t, append([]string{"eval", filepath.Join(from, "r.inter"), "--time", "1s", "--json", "-q", "--k", "5"}, args...)...)
		if err := json.Unmarshal([]byte(out), []*evaluation{&engineSide, &httpSide}[i]); err != nil {
			t.Fatal(err)
		}
	}
	if engineSide.People == 0 || len(engineSide.Systems) < 5 || engineSide.Systems[0].Name != servedFunnel {
		t.Fatalf("%+v", engineSide)
	}
	for _, s := range engineSide.Systems {
		if f := s.Figures["Recall"]; f.Mean < 0 || f.Mean > 1 || f.N != engineSide.People {
			t.Errorf("%s: %+v", s.Name, f)
		}
	}
	a, b := engineSide.Systems[0].Figures["NDCG"].Mean, httpSide.Systems[0].Figures["NDCG"].Mean
	if a != b {
		t.Errorf("NDCG %v of the engine, %v over HTTP", a, b)
	}
	if out := ok(t, "eval", filepath.Join(from, "r.inter"), "--protocol", "temporal", "--time", "1s", "-q", "--published", "Other=.5/.4"); !strings.Contains(out, "Other") || !strings.Contains(out, "temporal") {
		t.Errorf("temporal:\n%s", out)
	}
}

// TestServeRefusesTheWorldWithoutAKey: an address that others reach is refused
// before anything says that it is served.
func TestServeRefusesTheWorldWithoutAKey(t *testing.T) {
	code, out, errOut := command(t, "serve", "--data", filepath.Join(t.TempDir(), "d"), "--listen", "0.0.0.0:0")
	if code != exitFailed || out != "" || !strings.Contains(errOut, "bowerbird keys create") {
		t.Errorf("exit code %d, printed %q, said %q", code, out, errOut)
	}
}
