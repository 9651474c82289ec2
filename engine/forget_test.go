package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/store"
)

// TestForgetSearchesLeavesNothing: what a person asked to be forgotten stands in no byte
// of the data folder and in no view, and nothing else changes.
func TestForgetSearchesLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, Options{Log: store.LogOptions{Uncompressed: true}})
	const who, secret, other = "u000001", "Heartofgold Drive", "milliways menu"
	events := slices.Clone(worldEvents())
	put(t, e, events[:3000], 1000)
	mine := []bowerbird.Event{
		{Kind: bowerbird.Search, User: who, Query: secret, Request: "r1"}, {Kind: bowerbird.Search, User: who, Query: "heartofgold  drive"},
		{Kind: bowerbird.Save, User: who, Item: "i000001", Surface: bowerbird.SearchWords, Request: "r1"},
		{Kind: bowerbird.Search, User: who, Query: other}, {Kind: bowerbird.Search, User: "u000002", Query: other},
	}
	put(t, e, mine, 100)
	if err := e.Checkpoint(); err != nil { // a checkpoint that knows the searches
		t.Fatal(err)
	}
	put(t, e, events[3000:], 1000)
	offered := func(typed string) []string {
		t.Helper()
		var out []string
		for _, c := range e.Complete(typed, who, 10) {
			out = append(out, c.Text)
		}
		return out
	}
	says := func(list []string, words string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(strings.ToLower(s), words) })
	}
	if n := occurrences(t, dir, "eartofgold"); n == 0 || !says(offered("hear"), "heartofgold") {
		t.Fatalf("before: %d times in the folder, offered %v: the test proves nothing", n, offered("hear"))
	}
	saves := e.House().History(mustUser(t, e, who))

	n, err := e.ForgetSearches(context.Background(), who, "HEARTOFGOLD drive")
	if err != nil || n != 2 {
		t.Fatalf("%d forgotten, %v", n, err)
	}
	if n := occurrences(t, dir, "eartofgold"); n != 0 {
		t.Errorf("the words stand in the data folder %d times", n)
	}
	if got := offered("hear"); says(got, "heartofgold") {
		t.Errorf("still offered: %v", got)
	}
	if !says(offered("milli"), other) {
		t.Error("another search of theirs went too")
	}
	if got := e.House().History(mustUser(t, e, who)); len(got) != len(saves) {
		t.Errorf("%d likes of %d are left", len(got), len(saves))
	}
	replayed := func(when string) {
		t.Helper()
		fresh, err := NewHouse(e.log, HouseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := fresh.Replay(context.Background(), e.log, 1, 0, nil); err != nil {
			t.Fatal(err)
		}
		sameStates(t, when, states(t, e.House()), states(t, fresh))
	}
	replayed("one search forgotten and replayed")

	if n, err := e.ForgetSearches(context.Background(), who, "never searched for"); n != 0 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	if n, err := e.ForgetSearches(context.Background(), who, ""); n == 0 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	if says(offered("milli"), other) {
		t.Error("everything was to be forgotten")
	}
	err = e.log.Scan(context.Background(), 1, 0, func(o uint64, ev *bowerbird.Event) error {
		if ev.User == who && ev.Query != "" {
			t.Errorf("record %d still says %q", o, ev.Query)
		}
		return nil
	})
	if err != nil || occurrences(t, dir, other) == 0 {
		t.Errorf("%v; the other person's search must stay", err)
	}
	replayed("every search forgotten and replayed")

	var unknown *Unknown
	if _, err := e.ForgetSearches(context.Background(), "nobody", ""); !errors.As(err, &unknown) {
		t.Errorf("of nobody: %v", err)
	}
	var bad *bowerbird.Invalid
	if _, err := e.ForgetSearches(context.Background(), who, " -- "); !errors.As(err, &bad) {
		t.Errorf("of no word: %v", err)
	}
	put(t, e, []bowerbird.Event{{Kind: bowerbird.Search, User: who, Query: secret}}, 1) // the log goes on
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, Options{}).Close()
}
