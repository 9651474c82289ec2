package graph

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// peers runs testdata/peers.py. It needs Python with igraph and networkx, as published by their registry:
//
//	python3 -m venv /tmp/venv && /tmp/venv/bin/pip install python-igraph leidenalg networkx scipy
//	BOWERBIRD_PYTHON=/tmp/venv/bin/python go test -run Peers -v ./graph
//
// BOWERBIRD_PEERS=all takes the large graphs and every method too (minutes).
type peers struct {
	python string
	have   []string
}

func findPeers(t *testing.T, need ...string) *peers {
	t.Helper()
	p := &peers{python: os.Getenv("BOWERBIRD_PYTHON")}
	if p.python == "" {
		p.python = "python3"
	}
	out, err := exec.Command(p.python, "testdata/peers.py", "have").Output()
	if err == nil {
		err = json.Unmarshal(out, &p.have)
	}
	for _, lib := range need {
		if err != nil || !slices.Contains(p.have, lib) {
			t.Skipf("%s has no %s: name a Python that has with BOWERBIRD_PYTHON (%v)", p.python, lib, err)
		}
	}
	return p
}

func (p *peers) run(t *testing.T, answer any, args ...string) {
	t.Helper()
	cmd := exec.Command(p.python, append([]string{"testdata/peers.py"}, args...)...)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, answer)
	}
	if err != nil {
		t.Fatalf("peers.py %v: %v\n%s", args, err, &errOut)
	}
}

// write makes a file that peers.py reads.
func (g *Undirected) write(t *testing.T, path string) {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintln(&b, g.Nodes())
	for v := range uint32(g.Nodes()) {
		for _, u := range g.row(v) {
			if v < u {
				fmt.Fprintln(&b, v, u)
			}
		}
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readEdges(t *testing.T, path string) *Undirected {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := bufio.NewScanner(f)
	n := 0
	var pairs [][2]uint32
	for r.Scan() {
		var p [2]uint32
		if a, b, ok := strings.Cut(r.Text(), " "); ok {
			_, err1 := fmt.Sscan(a, &p[0])
			_, err2 := fmt.Sscan(b, &p[1])
			if err1 != nil || err2 != nil {
				t.Fatalf("%s: %q", path, r.Text())
			}
			pairs = append(pairs, p)
		} else if _, err := fmt.Sscan(a, &n); err != nil {
			t.Fatal(err)
		}
	}
	return undirected(t, n, pairs)
}

// realGraphs are the data sets that are there, as files that peers.py has made.
func (p *peers) realGraphs(t *testing.T, wanted ...string) map[string]string {
	t.Helper()
	data := dataFolder()
	found := map[string]string{}
	if data == "" {
		t.Log("no ../shared/data: real graphs are left out")
		return found
	}
	dir := t.TempDir()
	var names []string
	p.run(t, &names, append([]string{"export", data, dir}, wanted...)...)
	for _, n := range names {
		found[n] = filepath.Join(dir, n+".edges")
	}
	return found
}

// dataFolder is ../shared/data beside the repository, or BOWERBIRD_DATA; "" where neither is.
func dataFolder() string {
	if d := os.Getenv("BOWERBIRD_DATA"); d != "" {
		return d
	}
	for dir, _ := os.Getwd(); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			if d := filepath.Join(dir, "../shared/data"); isFolder(d) {
				return d
			}
			return ""
		}
	}
	return ""
}

func isFolder(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

type peerRun struct {
	Seconds    float64
	Modularity float64
	Labels     []int32
}

func graphsWanted() []string {
	if os.Getenv("BOWERBIRD_PEERS") == "" {
		return []string{"cora"}
	}
	return []string{"cora", "blogcatalog", "gowalla"}
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// Modularity comes within 1 % of the best that any reference method has found in its median run.
func TestPeersCommunities(t *testing.T) {
	p := findPeers(t, "igraph")
	files, runs := p.realGraphs(t, graphsWanted()...), 3
	if os.Getenv("BOWERBIRD_PEERS") != "" {
		runs = 5
	}
	g, truth := planted(t, 40, 50, 6, 8, 3)
	files["planted"] = filepath.Join(t.TempDir(), "planted.edges")
	g.write(t, files["planted"])
	for _, name := range []string{"planted", "cora", "blogcatalog", "gowalla"} {
		if files[name] == "" {
			continue
		}
		g := readEdges(t, files[name])
		var q, took, recovered []float64
		for seed := range runs {
			start := time.Now()
			c, m, err := g.Communities(CommunityOptions{Seed: uint64(seed)})
			if err != nil {
				t.Fatal(err)
			}
			q, took = append(q, m), append(took, time.Since(start).Seconds())
			if name == "planted" {
				recovered = append(recovered, nmi(c, truth))
			}
		}
		t.Logf("%-12s %-28s modularity %.4f to %.4f, median %.4f; %8.3f s", name, "bowerbird", slices.Min(q), slices.Max(q), median(q), median(took))
		var all map[string][]peerRun
		p.run(t, &all, "communities", files[name], fmt.Sprint(runs))
		methods := make([]string, 0, len(all))
		for m := range all {
			methods = append(methods, m)
		}
		slices.Sort(methods)
		for _, method := range methods {
			var pq, pt, pn []float64
			for _, r := range all[method] {
				pq, pt = append(pq, r.Modularity), append(pt, r.Seconds)
				if name == "planted" {
					pn = append(pn, nmi(r.Labels, truth))
				}
			}
			t.Logf("%-12s %-28s modularity %.4f to %.4f, median %.4f; %8.3f s = %.1f × ours", name, method, slices.Min(pq), slices.Max(pq), median(pq), median(pt), median(pt)/median(took))
			if median(q) < .99*median(pq) {
				t.Errorf("%s: median modularity %.4f, of %s %.4f", name, median(q), method, median(pq))
			}
			if name == "planted" {
				t.Logf("%-12s %-28s NMI with the planted groups %.4f, ours %.4f", name, method, median(pn), median(recovered))
				if median(recovered) < .97*median(pn) {
					t.Errorf("NMI with the planted groups %.4f, of %s %.4f", median(recovered), method, median(pn))
				}
			}
		}
	}
}

// PageRank, cores, triangles, clustering, assortativity and components are those of networkx.
func TestPeersNumbers(t *testing.T) {
	p := findPeers(t, "networkx", "scipy")
	files := p.realGraphs(t, graphsWanted()...)
	dir := t.TempDir()
	bipartite := map[string]*Snapshot{"synthetic": grow(t, synthetic(400, 150, 2500, 5, 2), Options{}).Snapshot()}
	bipartite["synthetic"].Undirected().write(t, filepath.Join(dir, "synthetic"))
	files["synthetic"] = filepath.Join(dir, "synthetic")
	for _, name := range []string{"synthetic", "cora", "blogcatalog", "gowalla"} {
		if files[name] == "" {
			continue
		}
		g := readEdges(t, files[name])
		if name == "gowalla" {
			bipartite[name] = split(t, g)
		}
		var want struct {
			PageRank, Clustering        []float64
			Cores                       []int32
			Triangles                   []int64
			Transitivity, Assortativity float64
			Components                  int
			Seconds                     map[string]float64
		}
		p.run(t, &want, "numbers", files[name])
		took := map[string]float64{}
		timed := func(what string, f func()) {
			start := time.Now()
			f()
			took[what] = time.Since(start).Seconds()
		}
		var core []int32
		var tri TriangleStats
		timed("cores", func() { core = g.Cores() })
		timed("triangles", func() { tri = g.Triangles() })
		mean := 0.0
		for _, c := range want.Clustering {
			mean += c / float64(len(want.Clustering))
		}
		_, sizes := g.Components()
		single := 0
		for v := range g.Nodes() {
			if g.Degree(uint32(v)) == 0 {
				single++
			}
		}
		near := func(what string, got, want float64) {
			t.Helper()
			if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
				t.Errorf("%s: %s %v, networkx %v", name, what, got, want)
			}
		}
		near("transitivity", tri.Transitivity, want.Transitivity)
		near("clustering", tri.Clustering, mean)
		near("assortativity", g.Assortativity(), want.Assortativity)
		near("components", float64(len(sizes)+single), float64(want.Components))
		if !slices.Equal(core, want.Cores) || !slices.Equal(tri.Each, want.Triangles) {
			t.Errorf("%s: cores or triangles differ", name)
		}
		if s := bipartite[name]; s != nil {
			var left, right []float64
			var err error
			timed("pagerank", func() { left, right, err = s.PageRank(PageRankOptions{Tolerance: 1e-13, MaxRounds: 1000}) })
			if err != nil {
				t.Fatal(err)
			}
			far := 0.0
			for v, x := range append(left, right...) {
				far += math.Abs(x - want.PageRank[v])
			}
			if far > 1e-6 {
				t.Errorf("%s: PageRank is %v away in all", name, far)
			}
		}
		for _, what := range []string{"pagerank", "cores", "triangles"} {
			if took[what] > 0 {
				t.Logf("%-12s %-10s %8.4f s; networkx %.1f × that", name, what, took[what], want.Seconds[what]/took[what])
			}
		}
	}
}

// split reads a graph whose edges all run between low and high ids as a bipartite one.
func split(t *testing.T, g *Undirected) *Snapshot {
	t.Helper()
	low := 0
	var edges []Edge
	for v := range uint32(g.Nodes()) {
		for _, u := range g.row(v) {
			if v < u {
				low = max(low, int(v)+1)
			}
		}
	}
	for v := range uint32(low) {
		for _, u := range g.row(v) {
			edges = append(edges, Edge{Left: v, Right: u - uint32(low)})
		}
	}
	b, err := Build(Bulk{Edges: edges}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b.Snapshot()
}
