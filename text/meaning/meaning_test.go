package meaning_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bowerbird/internal/vec"
	"bowerbird/text/meaning"
)

// corpus makes documents of topics: each topic has words of its own, and every word of a topic has a synonym that never
// stands in the same document. Only what they share with other words tells that they are alike.
func corpus(docs, topics int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		rng := rand.New(rand.NewPCG(7, 7))
		for range docs {
			t := rng.IntN(topics)
			var d []string
			for range 12 {
				d = append(d, fmt.Sprintf("topic%dword%d", t, rng.IntN(25)))
			}
			for range 4 {
				d = append(d, fmt.Sprintf("common%d", rng.IntN(60)))
			}
			d = append(d, fmt.Sprintf("%s%d", []string{"sofa", "couch"}[rng.IntN(2)], t))
			if !yield(d) {
				return
			}
		}
	}
}

func train(t testing.TB, o meaning.Options) *meaning.Model {
	t.Helper()
	m, err := meaning.Train(context.Background(), corpus(800, 20), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func embed(t testing.TB, m *meaning.Model, terms ...string) []float32 {
	t.Helper()
	v := make([]float32, m.Dim())
	if !m.Embed(v, terms) {
		t.Fatalf("%v has no vector", terms)
	}
	return v
}

// TestSynonyms: words that never meet but keep the same company are near; words of other topics are not.
func TestSynonyms(t *testing.T) {
	m := train(t, meaning.Options{Dim: 20})
	for topic := range 20 {
		sofa := embed(t, m, fmt.Sprintf("sofa%d", topic))
		same := vec.Dot(sofa, embed(t, m, fmt.Sprintf("couch%d", topic)))
		other := vec.Dot(sofa, embed(t, m, fmt.Sprintf("couch%d", (topic+1)%20)))
		if same < .6 || other > .3 {
			t.Errorf("topic %d: couch of the same topic %.3f, of another %.3f", topic, same, other)
		}
	}
	near := m.Near("sofa3", 5)
	if len(near) != 5 || !slices.ContainsFunc(near, func(n meaning.Neighbour) bool { return n.Term == "couch3" || strings.HasPrefix(n.Term, "topic3") }) {
		t.Errorf("near sofa3: %v", near)
	}
}

// TestSubwords: a word that was never seen takes the place of those that are written alike.
func TestSubwords(t *testing.T) {
	m := train(t, meaning.Options{Dim: 20})
	if c := vec.Dot(embed(t, m, "topic7wordd1"), embed(t, m, "topic7word1")); c < .8 {
		t.Errorf("cosine %.3f", c)
	}
	v := make([]float32, m.Dim())
	for _, w := range []string{"qqxyzzy", "zz", ""} {
		if m.Embed(v, []string{w}) || vec.Norm(v) != 0 {
			t.Errorf("%q has a vector", w)
		}
	}
	if m.Embed(v, nil) {
		t.Error("no words have a vector")
	}
}

// TestSame: the same input gives the same bytes, whatever the number of threads; a saved model is the same model.
func TestSame(t *testing.T) {
	var one, four bytes.Buffer
	a, b := train(t, meaning.Options{Dim: 30, Threads: 1}), train(t, meaning.Options{Dim: 30, Threads: 4})
	if err := errors.Join(a.Save(&one), b.Save(&four)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), four.Bytes()) {
		t.Error("threads change the model")
	}
	c, err := meaning.Load(bytes.NewReader(one.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if c.Version() != a.Version() || c.Dim() != 30 || c.Docs() != a.Docs() || c.Terms() != a.Terms() {
		t.Errorf("loaded %s, saved %s", c.Version(), a.Version())
	}
	if !slices.Equal(embed(t, a, "sofa1", "common2"), embed(t, c, "common2", "sofa1")) {
		t.Error("the loaded model gives another vector")
	}
}

// TestCorrupt: a cut file and every flipped byte is refused.
func TestCorrupt(t *testing.T) {
	m, err := meaning.Train(context.Background(), corpus(400, 10), meaning.Options{Dim: 2})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	for i := 0; i < len(whole); i += 1 + len(whole)/400 {
		bad := bytes.Clone(whole)
		bad[i] ^= 0x41
		if _, err := meaning.Load(bytes.NewReader(bad)); err == nil {
			t.Fatalf("byte %d flipped and not noticed", i)
		}
		if _, err := meaning.Load(bytes.NewReader(whole[:i])); err == nil {
			t.Fatalf("cut at %d and not noticed", i)
		}
	}
}

func TestDeclines(t *testing.T) {
	if _, err := meaning.Train(context.Background(), corpus(50, 5), meaning.Options{}); !errors.Is(err, meaning.ErrSmall) {
		t.Errorf("50 documents: %v", err)
	}
	same := func(yield func([]string) bool) {
		for range 500 {
			if !yield([]string{"a", "b", "c"}) {
				return
			}
		}
	}
	if _, err := meaning.Train(context.Background(), same, meaning.Options{}); !errors.Is(err, meaning.ErrSmall) {
		t.Errorf("three terms: %v", err)
	}
	if _, err := meaning.Train(context.Background(), same, meaning.Options{Dim: -1}); err == nil || !strings.Contains(err.Error(), "Dim") {
		t.Errorf("Dim -1: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := meaning.Train(ctx, corpus(2000, 20), meaning.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// TestSample: of more documents than MaxDocs a sample is kept, from the whole corpus.
func TestSample(t *testing.T) {
	m := train(t, meaning.Options{Dim: 20, MaxDocs: 400, MaxTerms: 300})
	if m.Docs() > 400 || m.Terms() > 300 {
		t.Errorf("%d documents, %d terms", m.Docs(), m.Terms())
	}
}

func TestEncoder(t *testing.T) {
	m := train(t, meaning.Options{Dim: 20})
	e := m.Encoder(strings.Fields)
	v, err := e.Encode(context.Background(), []string{"sofa1 common3", "", "couch1"})
	if err != nil || len(v) != 3 || len(v[0]) != e.Dim() || v[1] != nil || v[2] == nil {
		t.Errorf("%v %v", v, err)
	}
}

func Example() {
	// Documents come analysed: see package text.
	m, err := meaning.Train(context.Background(), corpus(800, 20), meaning.Options{Dim: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	sofa, couch := make([]float32, m.Dim()), make([]float32, m.Dim())
	m.Embed(sofa, []string{"sofa5"})
	m.Embed(couch, []string{"couch5"})
	fmt.Println("alike:", vec.Dot(sofa, couch) > .6)
	// Output: alike: true
}

func BenchmarkEmbed(b *testing.B) {
	m := train(b, meaning.Options{Dim: 40})
	v := make([]float32, m.Dim())
	for b.Loop() {
		m.Embed(v, []string{"sofa1", "common2", "topic3word4"})
	}
}
