// Package viewtest holds every view to what replay needs of it: the same facts
// give the same bytes however they are cut into batches, a checkpoint goes on as
// if it had never been written, and a damaged one is refused.
//
//	viewtest.Run(t, func() viewtest.View[bowerbird.Fact] { return retrieve.NewHistory() }, facts)
//
// It does not know what a fact is, and says nothing about what a view answers.
package viewtest

import (
	"bytes"
	"io"
	"testing"
)

// View is state folded from facts.
type View[F any] interface {
	Apply(facts []F)
	Save(w io.Writer) error
	Load(r io.Reader) error
}

// Run holds the views that empty makes to the promises, with the given facts.
func Run[F any](t *testing.T, empty func() View[F], facts []F) {
	t.Helper()
	if len(facts) < 4 {
		t.Fatalf("viewtest: %d facts show nothing", len(facts))
	}
	whole := empty()
	whole.Apply(facts)
	want := Bytes(t, whole)
	if bytes.Equal(want, Bytes(t, empty())) {
		t.Log("the facts leave no trace in this view")
	}
	t.Run("one by one", func(t *testing.T) {
		v := empty()
		for i := range facts {
			v.Apply(facts[i : i+1])
		}
		same(t, want, Bytes(t, v))
	})
	t.Run("save load save", func(t *testing.T) {
		v := empty()
		load(t, v, want)
		same(t, want, Bytes(t, v))
	})
	t.Run("checkpoint and tail", func(t *testing.T) {
		for _, cut := range []int{0, 1, len(facts) / 3, len(facts) / 2, len(facts) - 1} {
			live := empty()
			live.Apply(facts[:cut])
			v := empty()
			load(t, v, Bytes(t, live))
			v.Apply(facts[cut:])
			same(t, want, Bytes(t, v))
		}
	})
	t.Run("damage", func(t *testing.T) { damage(t, empty, want) })
}

// damage cuts and flips at up to 200 places, and at each of the last 16 bytes.
func damage[F any](t *testing.T, empty func() View[F], good []byte) {
	step := max(1, len(good)/200)
	for i := 0; i < len(good); i++ {
		if i%step != 0 && i < len(good)-16 {
			continue
		}
		if err := empty().Load(bytes.NewReader(good[:i])); err == nil {
			t.Fatalf("cut at byte %d of %d was not seen", i, len(good))
		}
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		if err := empty().Load(bytes.NewReader(bad)); err == nil {
			t.Fatalf("flip of bit %d of byte %d of %d was not seen", i%8, i, len(good))
		}
	}
	v := empty()
	load(t, v, good)
	if err := v.Load(bytes.NewReader(good[:len(good)-1])); err == nil {
		t.Fatal("a cut file was loaded over a good view")
	}
	same(t, good, Bytes(t, v))
}

// Bytes is what a view saves.
func Bytes(t testing.TB, v interface{ Save(io.Writer) error }) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := v.Save(&b); err != nil {
		t.Fatalf("save: %v", err)
	}
	return b.Bytes()
}

func load[F any](t *testing.T, v View[F], data []byte) {
	t.Helper()
	if err := v.Load(bytes.NewReader(data)); err != nil {
		t.Fatalf("load: %v", err)
	}
}

func same(t *testing.T, want, got []byte) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	at := 0
	for at < min(len(want), len(got)) && want[at] == got[at] {
		at++
	}
	t.Fatalf("the views differ: %d bytes against %d, first at %d", len(want), len(got), at)
}
