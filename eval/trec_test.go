package eval_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bowerbird/eval"
)

func TestReadQrels(t *testing.T) {
	want := map[string]map[string]int{"q1": {"a": 2, "b": 0}, "q2": {"c": 1}}
	for name, in := range map[string]string{
		"trec":    "q1 0 a 2\nq1 0 b 0\n\nq2 0 c 1\n",
		"tabs":    "q1\t0\ta\t2\r\nq1\t0\tb\t0\r\nq2\t0\tc\t1",
		"beir":    "query-id\tcorpus-id\tscore\nq1\ta\t2\nq1\tb\t0\nq2\tc\t1\n",
		"csv":     "query,docid,rating\nq1,a,2.0\nq1,b,0\nq2,\"c\",1\n",
		"mark":    "\ufeffq1 0 a 2\nq1 0 b 0\nq2 0 c 1\n",
		"repeats": "q1 0 a 2\nq1 0 a 2\nq1 0 b 0\nq2 0 c 1\n",
	} {
		q, err := eval.ReadQrels(strings.NewReader(in), "qrels.txt")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(want, q.Grades); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if d := cmp.Diff([]string{"q1", "q2"}, q.Queries); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"q1 0 a 2\nq1 0 b\n", "f:2: 3 columns"},
		{"q1 0 a two\n", `f:1: grade "two"`},
		{"q1 0 a 1.5\n", `f:1: grade "1.5"`},
		{"q1 0 a 4000000000000\n", `f:1: grade "4000000000000"`},
		{"q1 0 a 1\nq1 0 a 2\n", `f:2: document "a" of query "q1" is graded 2 here and 1 above`},
		{"", "f:1: no judgments"},
		{"query,docid,rating\nq,d\n", "f:2: 2 columns"},
		{"query,docid,rating\nq,\"d,1\n", "f:2: extraneous or missing"},
		{"query-id\tcorpus-id\tscore\nq\t\t1\n", "f:2: an empty name"},
		{"q 0 d 1\n" + strings.Repeat("x", 2<<20), "f:2: the line is longer"},
	} {
		if _, err := eval.ReadQrels(strings.NewReader(c.in), "f"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("qrels %.40q: %v, want %s", c.in, err, c.want)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"q Q0 d 1 2.5 t\nq Q0 d 2\n", "f:2: 4 columns"},
		{"q Q0 d one 2.5 t\n", `f:1: rank "one"`},
		{"q Q0 d 1 NaN t\n", `f:1: score "NaN"`},
		{"q Q0 d 1 2 t\nq Q0 d 2 1 t\n", `f:2: document "d" of query "q" stands in line 1`},
		{"\n", "f:1: no lines"},
	} {
		if _, err := eval.ReadRun(strings.NewReader(c.in), "f"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("run %.40q: %v, want %s", c.in, err, c.want)
		}
	}
}

// TestRunOrder holds trec_eval's order: by score, then by name, the greater first; what is written reads back the same.
func TestRunOrder(t *testing.T) {
	run, err := eval.ReadRun(strings.NewReader("q Q0 a 3 1 t\nq Q0 b 2 1 t\nq Q0 c 1 7 t\n"), "f")
	if err != nil {
		t.Fatal(err)
	}
	order := func(r *eval.Run) (s string) {
		for _, d := range r.Lists["q"] {
			s += d.Doc
		}
		return s
	}
	if got := order(run); got != "cba" {
		t.Errorf("order %s", got)
	}
	tied := &eval.Run{}
	tied.Add("q", []eval.Ranked{{Doc: "a", Score: 1}, {Doc: "b", Score: 1}, {Doc: "c", Score: 1}, {Doc: "d", Score: .5}})
	var b bytes.Buffer
	if err := tied.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := eval.ReadRun(&b, "f")
	if err != nil || order(again) != "abcd" {
		t.Errorf("%v, order %s", err, order(again))
	}
	tied.Add("a b", []eval.Ranked{{Doc: "a"}})
	if err := tied.Write(&b); err == nil {
		t.Error("a name with a space was written")
	}
}

// TestJudgeRun holds figures worked out by hand.
func TestJudgeRun(t *testing.T) {
	q, err := eval.ReadQrels(strings.NewReader("1 0 a 2\n1 0 b 1\n1 0 x 0\n2 0 c 1\n3 0 d 0\n"), "f")
	if err != nil {
		t.Fatal(err)
	}
	run := &eval.Run{}
	run.Add("1", []eval.Ranked{{Doc: "x", Score: 3}, {Doc: "b", Score: 2}, {Doc: "y", Score: 1.5}, {Doc: "a", Score: 1}})
	r := eval.JudgeRun(q, run, eval.RunOptions{})
	l2 := math.Log2
	want := map[eval.Metric][]float64{
		"nDCG@10": {(1/l2(3) + 2/l2(5)) / (2 + 1/l2(3)), 0}, "MAP": {(1.0/2 + 2.0/4) / 2, 0},
		"MRR@10": {.5, 0}, "R@100": {1, 0}, "P@10": {.2, 0},
	}
	for m, v := range want {
		for i := range v {
			if math.Abs(r.Values[m][i]-v[i]) > 1e-12 {
				t.Errorf("%s of query %d: %.6f, want %.6f", m, i, r.Values[m][i], v[i])
			}
		}
	}
	if r.Skipped != 1 || r.Unseen != 1 {
		t.Errorf("skipped %d, unseen %d", r.Skipped, r.Unseen)
	}
	if d := cmp.Diff([]uint32{0, 1}, r.Users); d != "" {
		t.Error(d)
	}
}

func FuzzReadTrec(f *testing.F) {
	f.Add("q 0 d 1\n")
	f.Add("q Q0 d 1 2 t\n")
	f.Add("query-id\tcorpus-id\tscore\nq\ta\t2\n")
	f.Add("query,docid,rating\nq,\"d\",1\n")
	f.Fuzz(func(t *testing.T, in string) {
		if q, err := eval.ReadQrels(strings.NewReader(in), "f"); err == nil && len(q.Queries) != len(q.Grades) {
			t.Error("queries and grades differ")
		}
		if r, err := eval.ReadRun(strings.NewReader(in), "f"); err == nil {
			var b bytes.Buffer
			if err := r.Write(&b); err == nil {
				if again, err := eval.ReadRun(&b, "f"); err != nil || len(again.Queries) != len(r.Queries) {
					t.Errorf("what was written does not read back: %v", err)
				}
			}
		}
	})
}

func ExampleJudgeRun() {
	judged, _ := eval.ReadQrels(strings.NewReader("q1 0 cat 1\nq1 0 tiger 1\n"), "qrels.txt")
	run, _ := eval.ReadRun(strings.NewReader("q1 Q0 cat 1 9.5 ours\nq1 Q0 dog 2 8.1 ours\nq1 Q0 tiger 3 7 ours\n"), "run.txt")
	r := eval.JudgeRun(judged, run, eval.RunOptions{K: 3})
	fmt.Printf("%.4f %.4f\n", r.Mean("nDCG@3"), r.Mean("MAP"))
	// Output: 0.9197 0.8333
}

// TestRunTies holds that scores which trec_eval's float32 cannot tell apart are equal, so that the name decides.
func TestRunTies(t *testing.T) {
	run, err := eval.ReadRun(strings.NewReader("q Q0 a 1 20.00000002 t\nq Q0 b 2 20.00000001 t\n"), "f")
	if err != nil || run.Lists["q"][0].Doc != "b" {
		t.Errorf("%v, %v: want b first", run, err)
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, s := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		var run eval.Run
		run.Add("q", []eval.Ranked{{Doc: "d", Score: s}})
		if err := run.Write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), `document "d"`) {
			t.Errorf("score %v: %v", s, err)
		}
	}
	var run eval.Run
	run.Add("q", []eval.Ranked{{Doc: "d", Score: math.MaxFloat64}, {Doc: "e", Score: -math.MaxFloat64}})
	var b bytes.Buffer
	if err := run.Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := eval.ReadRun(&b, "f"); err != nil {
		t.Error(err)
	}
	run.Add("q", []eval.Ranked{{Doc: "f", Score: -math.MaxFloat64}})
	if err := run.Write(&b); err == nil || !strings.Contains(err.Error(), `document "f"`) {
		t.Errorf("below the least score: %v", err)
	}
}
