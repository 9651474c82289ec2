package model_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bowerbird/eval"
	"bowerbird/model"
)

// data returns the path of a file under the data folder, or skips: BOWERBIRD_DATA, else ../shared/data beside the folder
// that holds go.mod.
func data(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("BOWERBIRD_DATA")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for dir != filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared", "data")
	}
	path := filepath.Join(root, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not there: set BOWERBIRD_DATA to the folder of data sets to run this test", path)
	}
	return path
}

// lines calls f with the fields of each line of a file, gunzipped if its name ends in .gz.
func lines(t testing.TB, path string, f func(fields []string)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var r io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<22)
	for sc.Scan() {
		f(strings.Fields(sc.Text()))
	}
	if sc.Err() != nil {
		t.Fatal(sc.Err())
	}
}

func ratings(t testing.TB, name string) []eval.Interaction {
	var out []eval.Interaction
	lines(t, data(t, name), func(f []string) {
		var x eval.Interaction
		if _, err := fmt.Sscan(strings.Join(f, " "), &x.User, &x.Item, &x.Value, &x.Time); err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	})
	return out
}

func matrix(t testing.TB, users, items int, in []eval.Interaction) *model.Matrix {
	t.Helper()
	b := model.Builder{Merge: model.Last}
	for _, x := range in {
		if err := b.Add(x.User, x.Item, x.Value); err != nil {
			t.Fatal(err)
		}
	}
	m, err := b.Build(users, items)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// measure ranks the whole catalogue for every query, without the user's training items.
func measure(t testing.TB, m model.Model, train *model.Matrix, queries []eval.Query, k int) *eval.Report {
	t.Helper()
	rank := func(_ context.Context, user uint32) ([]uint32, error) {
		var list []uint32
		for _, x := range m.Recommend(nil, train.History(nil, int(user)), k, nil) {
			list = append(list, x.Item)
		}
		return list, nil
	}
	r, err := eval.Evaluate(context.Background(), rank, queries, eval.Options{K: k, Items: train.Items()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The protocol: u1.base -> u1.test, positives are ratings of 4 and more, all training items of the user removed, full
// ranking, lists of 10, mean over the test users with a positive. Everything is chosen inside u1.base.
func TestMovieLens100K(t *testing.T) {
	if raceEnabled {
		t.Skip("too slow under the race detector; the conformance suite runs the same code under it")
	}
	const items = 1683 // ids are 1..1682
	all := matrix(t, 944, items, ratings(t, "rec-ml100k/u1.base.gz"))
	queries := eval.Queries(ratings(t, "rec-ml100k/u1.test"), 4)
	ctx, start := context.Background(), time.Now()

	fit, cases := model.HoldOut(all, model.HoldOutOptions{Least: 4, Users: 0.5, Share: 0.4, Seed: 1})
	choice, err := model.Choose(ctx, fit, cases, model.Candidates(fit, 4), model.ChooseOptions{Seed: 1, Refine: model.Around, Steps: 8,
		Log: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	best, err := choice.Best.Fit(ctx, all, model.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("chosen and trained in %.1f s", time.Since(start).Seconds())
	ours := measure(t, best, all, queries, 10)
	floor, err := model.Candidate{Trainer: model.Popularity{}, Weigh: model.Weigh{Least: 4}}.Fit(ctx, all, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	popular := measure(t, floor, all, queries, 10)
	c, err := eval.Compare(popular, ours, eval.MetricNDCG, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("NDCG@10   ours %s, popularity %.4f; published: Gorse's best .3945, popularity .2606; difference to popularity %+v",
		ours.Estimate(eval.MetricNDCG), popular.Mean(eval.MetricNDCG), c)
	t.Logf("Recall@10 ours %s, popularity %.4f; published: Gorse's best .1953, popularity .1148",
		ours.Estimate(eval.MetricRecall), popular.Mean(eval.MetricRecall))
	t.Logf("all figures:\n%s", ours)
	if got := ours.Mean(eval.MetricNDCG); got < .3945 {
		t.Errorf("NDCG@10 %.4f is below .3945", got)
	}
	if got := ours.Mean(eval.MetricRecall); got < .1953 {
		t.Errorf("Recall@10 %.4f is below .1953", got)
	}
	if c.P > .01 || c.Low <= 0 {
		t.Errorf("not better than popularity beyond chance: %+v", c)
	}
}
