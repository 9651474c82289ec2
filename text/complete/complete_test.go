package complete_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bowerbird/text"
	"bowerbird/text/complete"

	"github.com/google/go-cmp/cmp"
)

func texts(cs []complete.Completion) string {
	var out []string
	for _, c := range cs {
		out = append(out, c.Text)
	}
	return strings.Join(out, " | ")
}

func TestComplete(t *testing.T) {
	c := complete.New()
	for s, w := range map[string]float64{"Grey sofa": 5, "Green chair": 9, "Big grey sofa bed": 2, "Sofa": 7, "Café table": 3, "黒猫": 1, "sofas": 1} {
		c.Add(s, w)
	}
	for _, tt := range []struct{ typed, want string }{
		{"gre", "Green chair | Grey sofa | Big grey sofa bed"},
		{"sofa", "Sofa | Grey sofa | Big grey sofa bed | sofas"},
		{"sofa ", "Big grey sofa bed"},
		{"GREY SO", "Grey sofa | Big grey sofa bed"},
		{"cafe", "Café table"},
		{"黒", "黒猫"},
		{"soaf", "Sofa | Grey sofa | Big grey sofa bed | sofas"},
		{"gery", "Grey sofa | Big grey sofa bed"},
		{"chsir", "Green chair"},
		{"grreen", "Green chair"},
		{"tble", "Café table"},
		{"zz", ""}, {"", ""}, {"!!", ""},
	} {
		if d := cmp.Diff(tt.want, texts(c.Complete(tt.typed, 10))); d != "" {
			t.Errorf("%q: %s", tt.typed, d)
		}
	}
	if got := c.Complete("soaf", 1); len(got) != 1 || got[0].Edits != 1 || got[0].Weight != 7 {
		t.Errorf("%+v", got)
	}
	c.Add("grey SOFA", 10)
	c.Add("sofa", -7)
	if got := texts(c.Complete("so", 10)); got != "Grey sofa | Big grey sofa bed | sofas" || c.Len() != 6 {
		t.Errorf("after changes: %s; %d", got, c.Len())
	}
}

// twin is the plain way: look at every phrase.
type twin map[string]float64

func (m twin) complete(typed string, k int) []complete.Completion {
	for edits := range 2 {
		var out []complete.Completion
		for s, w := range m {
			hit := false
			for i := range s {
				if i > 0 && s[i-1] != ' ' {
					continue
				}
				hit = hit || strings.HasPrefix(s[i:], typed) || edits == 1 && oneEdit(s[i:], typed)
			}
			if hit && w > 0 {
				out = append(out, complete.Completion{Text: s, Weight: w, Edits: edits})
			}
		}
		slices.SortFunc(out, func(a, b complete.Completion) int {
			if a.Weight != b.Weight {
				return int(b.Weight - a.Weight)
			}
			return strings.Compare(a.Text, b.Text)
		})
		if len(out) > 0 || len(typed) < 3 {
			return out[:min(k, len(out))]
		}
	}
	return nil
}

// oneEdit tries every edit of p with every letter that there is.
func oneEdit(s, p string) bool {
	for i := range len(p) + 1 {
		if i < len(p) && strings.HasPrefix(s, p[:i]+p[i+1:]) || i+1 < len(p) && strings.HasPrefix(s, p[:i]+p[i+1:i+2]+p[i:i+1]+p[i+2:]) {
			return true
		}
		for _, c := range "abcdef " {
			if i < len(p) && (strings.HasPrefix(s, p[:i]+string(c)+p[i+1:]) || strings.HasPrefix(s, p[:i]+string(c)+p[i:])) {
				return true
			}
		}
	}
	return false
}

func TestAgreesWithTwin(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		b := make([]byte, 1+rnd.IntN(6))
		for i := range b {
			b[i] = byte('a' + rnd.IntN(6))
		}
		return string(b)
	}
	c, m := complete.New(), twin{}
	for i := range 6000 {
		s := word()
		for range rnd.IntN(3) {
			s += " " + word()
		}
		w := float64(i + 1) // all sums differ, so that order is settled
		if rnd.IntN(10) == 0 {
			w = -m[s]
		}
		if w != 0 {
			c.Add(s, w)
			m[s] += w
		}
	}
	for i := range 80 {
		typed := word() + []string{"", word()}[i%2]
		if i%3 == 0 {
			typed = text.Fold(typed + " " + word()[:1])
		}
		if d := cmp.Diff(m.complete(typed, 7), c.Complete(typed, 7)); d != "" {
			t.Fatalf("%q: %s", typed, d)
		}
	}
}

func FuzzComplete(f *testing.F) {
	f.Add("grey sofa", "gry", 3)
	f.Add("黒猫 x", "黒", 1)
	f.Fuzz(func(t *testing.T, s, typed string, k int) {
		c := complete.New()
		c.Add(s, 1)
		for i := range 600 {
			c.Add(fmt.Sprintf("%s %d", s, i), 1)
		}
		got := c.Complete(typed, min(k, 1000))
		if len(got) > max(k, 0) {
			t.Fatalf("%d completions, asked for %d", len(got), k)
		}
		if f := text.Fold(s); f != "" && len(f) < 200 && k > 0 && len(c.Complete(f, k)) == 0 {
			t.Fatalf("%q does not complete itself", f)
		}
	})
}

var adjectives = strings.Fields("grey green big small walnut ceramic knitted vintage modern rustic soft oval striped wild woven bright quiet golden folded painted")

func million() *complete.Completer {
	rnd := rand.New(rand.NewPCG(7, 7))
	c := complete.New()
	for i := range 1_000_000 {
		c.Add(fmt.Sprintf("%s %s thing%d", adjectives[rnd.IntN(20)], adjectives[rnd.IntN(20)], i), 1/(rnd.Float64()+1e-6))
	}
	return c
}

func BenchmarkCompleteMillion(b *testing.B) {
	start := time.Now()
	c := million()
	b.Logf("1 M phrases added in %v", time.Since(start))
	for name, typed := range map[string][]string{
		"exact": {"g", "gre", "walnut c", "thing12", "vintage modern th"}, "fuzzy": {"wlanut", "thong123", "ceramicc", "strped soft"},
	} {
		b.Run(name, func(b *testing.B) {
			var times []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				if len(c.Complete(typed[i%len(typed)], 10)) == 0 {
					b.Fatal("nothing")
				}
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
		})
	}
}

func ExampleCompleter() {
	c := complete.New()
	c.Add("Walnut chair", 3)
	c.Add("Walnut table", 5)
	c.Add("Wall art", 4)
	for _, x := range c.Complete("walnt", 2) {
		fmt.Println(x.Text, x.Edits)
	}
	// Output:
	// Walnut table 1
	// Walnut chair 1
}
