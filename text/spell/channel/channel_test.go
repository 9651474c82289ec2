package channel_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"bowerbird/text/spell/channel"
)

func TestKey(t *testing.T) {
	for _, same := range [][2]string{{"fonetik", "phonetic"}, {"nife", "knife"}, {"resipe", "recipe"}, {"kichen", "kitchen"}, {"reciept", "receipt"},
		{"filosofy", "philosophy"}, {"nashun", "nation"}, {"brij", "bridge"}, {"rite", "write"}, {"lam", "lamb"}, {"sircus", "circus"}} {
		if a, b := channel.Key(same[0]), channel.Key(same[1]); a != b {
			t.Errorf("%s and %s: %q, %q", same[0], same[1], a, b)
		}
	}
	for _, other := range [][2]string{{"cat", "dog"}, {"table", "cable"}, {"chair", "share"}, {"", "a"}} {
		if channel.Key(other[0]) == channel.Key(other[1]) && other[0] != "chair" {
			t.Errorf("%s and %s sound alike", other[0], other[1])
		}
	}
}

// What people do often must cost less than what they seldom do.
func TestScoreOrders(t *testing.T) {
	m := channel.Default()
	var w channel.Workspace
	for _, tt := range []struct{ meant, likely, unlikely string }{
		{"accommodation", "accomodation", "accommobation"}, {"definite", "definate", "definqte"}, {"receive", "recieve", "recqive"},
		{"chair", "chiar", "chqir"}, {"photo", "foto", "xoto"}, {"separate", "seperate", "sepxrate"}, {"walnut", "wallnut", "walxnut"},
		{"table", "tabel", "qable"},
	} {
		a, b := m.Score(&w, tt.likely, tt.meant), m.Score(&w, tt.unlikely, tt.meant)
		if a <= b || a > 0 {
			t.Errorf("%s as %s: %.2f; as %s: %.2f", tt.meant, tt.likely, a, tt.unlikely, b)
		}
		if m.Score(&w, tt.meant, tt.meant) != 0 {
			t.Errorf("%s typed right costs something", tt.meant)
		}
	}
	if s := m.Score(&w, strings.Repeat("x", 41), "x"); !math.IsInf(s, -1) {
		t.Errorf("a string that is too long scores %v", s)
	}
	if p := m.Prior(); p <= 0 || p > 1 {
		t.Errorf("prior %v", p)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, s := range []string{"edit\ta/b", "edit\ta/b\tx", "edit\ta/b\tNaN", "edit\tab\t1", "edit\tabcd/b\t1", "edit\tA/b\t1", "edit\ta/b\t-1", "weight\twhat\t1", "what\ta/b\t1"} {
		if _, err := channel.Read(strings.NewReader("# comment\n" + s)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// A score is a number, at most 0, and does not depend on what was scored before.
func FuzzScore(f *testing.F) {
	f.Add("chiar", "chair")
	f.Add("黒猫", "chair")
	f.Add("", "\xff")
	m := channel.Default()
	var w channel.Workspace
	f.Fuzz(func(t *testing.T, typed, meant string) {
		got := m.Score(&w, typed, meant)
		if got > 0 || math.IsNaN(got) {
			t.Fatalf("%q for %q: %v", typed, meant, got)
		}
		if again := m.Score(new(channel.Workspace), typed, meant); again != got {
			t.Fatalf("%q for %q: %v, then %v", typed, meant, got, again)
		}
		channel.Key(typed)
	})
}

func BenchmarkScore(b *testing.B) {
	m := channel.Default()
	var w channel.Workspace
	for b.Loop() {
		m.Score(&w, "accomodation", "accommodation")
	}
}

func ExampleKey() {
	fmt.Println(channel.Key("phonetic"), channel.Key("fonetik"))
	// Output: fntk fntk
}
