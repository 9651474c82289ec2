package model_test

import (
	"context"
	"fmt"
	"testing"

	"bowerbird/eval"
	"bowerbird/model"
	"bowerbird/model/modeltest"
)

// BenchmarkRecommend is one request: a history of 100 items, a catalogue of 1,682 (MovieLens-100K's size), a list of 10.
func BenchmarkRecommend(b *testing.B) {
	m := modeltest.World(943, 1682, 1)
	var h []model.Weighted
	for i := range 100 {
		h = append(h, model.Weighted{Item: uint32(i * 16), Weight: 1})
	}
	for _, tr := range []model.Trainer{model.EASE{}, model.EASE{Top: 200}, model.ItemKNN{Top: 200}, model.IALS{Dim: 64, Epochs: 1}, model.Popularity{},
		model.Mix{Parts: []model.Part{{Trainer: model.EASE{}, Share: 1}, {Trainer: model.IALS{Dim: 64, Epochs: 1}, Share: 1}}}} {
		got, err := tr.Fit(context.Background(), m, model.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%T%+v", tr, tr), func(b *testing.B) {
			b.ReportAllocs()
			dst := make([]model.Scored, 0, 10)
			for b.Loop() {
				got.Recommend(dst, h, 10, nil)
			}
		})
	}
}

// BenchmarkMovieLens1M holds eval and EASE to the figures that others found on UltraGCN's split of MovieLens-1M
// (Recall@20 / NDCG@20): popularity .1161/.1176, EASE with lambda 500 .2759/.2660. It fails when ours differ.
func BenchmarkMovieLens1M(b *testing.B) {
	read := func(name string) []eval.Interaction {
		var out []eval.Interaction
		lines(b, data(b, "rec-ml1m-ultragcn/"+name), func(f []string) {
			var user, item uint32
			for k, s := range f {
				if k == 0 {
					fmt.Sscan(s, &user)
					continue
				}
				fmt.Sscan(s, &item)
				out = append(out, eval.Interaction{User: user, Item: item, Value: 1})
			}
		})
		return out
	}
	trainRows, testRows := read("train.txt.gz"), read("test.txt.gz")
	train, queries := matrix(b, 0, 3043, trainRows), eval.Queries(testRows, 0)
	if _, leak := eval.Given(trainRows, testRows); leak != 0 {
		b.Fatalf("%d pairs stand in both parts", leak)
	}
	for _, c := range []struct {
		trainer      model.Trainer
		recall, ndcg float64
	}{{model.Popularity{}, .1161, .1176}, {model.EASE{Lambda: 500}, .2759, .2660}} {
		b.Run(c.trainer.Name(), func(b *testing.B) {
			for b.Loop() {
				got, err := c.trainer.Fit(context.Background(), train, model.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				r := measure(b, got, train, queries, 20)
				recall, ndcg := r.Mean(eval.MetricRecall), r.Mean(eval.MetricNDCG)
				b.ReportMetric(recall, "Recall@20")
				b.ReportMetric(ndcg, "NDCG@20")
				if d := recall - c.recall; d > .0002 || d < -.0002 {
					b.Errorf("Recall@20 %.4f, others have %.4f", recall, c.recall)
				}
				if d := ndcg - c.ndcg; d > .0002 || d < -.0002 {
					b.Errorf("NDCG@20 %.4f, others have %.4f", ndcg, c.ndcg)
				}
				b.StartTimer()
			}
		})
	}
}
