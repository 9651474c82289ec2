package complete_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"bowerbird/text"
	"bowerbird/text/complete"

	gocmp "github.com/google/go-cmp/cmp"
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
		{"sofa", "Sofa | sofas | Grey sofa | Big grey sofa bed"},
		{"sofa ", "Big grey sofa bed"},
		{"GREY SO", "Grey sofa | Big grey sofa bed"},
		{"cafe", "Café table"},
		{"黒", "黒猫"},
		{"soaf", "Sofa | sofas | Grey sofa | Big grey sofa bed"},
		{"gery", "Grey sofa | Big grey sofa bed"},
		{"chsir", "Green chair"},
		{"grreen", "Green chair"},
		{"tble", "Café table"},
		{"zz", ""}, {"", ""}, {"!!", ""},
	} {
		if d := gocmp.Diff(tt.want, texts(c.Complete(tt.typed, 10))); d != "" {
			t.Errorf("%q: %s", tt.typed, d)
		}
	}
	if got := c.Complete("soaf", 1); len(got) != 1 || got[0].Edits != 1 || got[0].Weight != 7 {
		t.Errorf("%+v", got)
	}
	c.Add("grey SOFA", 10)
	c.Add("sofa", -7)
	if got := texts(c.Complete("so", 10)); got != "Grey sofa | sofas | Big grey sofa bed" || c.Len() != 6 {
		t.Errorf("after changes: %s; %d", got, c.Len())
	}
}

func folded(cs []complete.Completion) string {
	var out []string
	for _, c := range cs {
		out = append(out, c.Folded)
	}
	return strings.Join(out, " | ")
}

func TestSearchesFade(t *testing.T) {
	day := 24 * time.Hour
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	c := complete.NewWith(complete.Options{HalfLife: 10 * day})
	for range 4 {
		c.AddAt("christmas tree", 1, start)
	}
	c.Add("chair", 1.5)
	c.AddAt("cherry", 1, start.Add(10*day))
	if got := folded(c.Complete("ch", 3)); got != "christmas tree | chair | cherry" {
		t.Errorf("after ten days: %s", got)
	}
	if got := folded(c.Find(complete.Request{Typed: "ch", Now: start.Add(20 * day)})); got != "chair | christmas tree | cherry" {
		t.Errorf("after twenty: %s", got)
	}
	// The epoch moves: after more half-lives than a float has, what is new still counts.
	late := start.Add(20_000 * day)
	c.AddAt("chandelier", 1, late)
	if got := folded(c.Complete("ch", 2)); got != "chair | chandelier" {
		t.Errorf("after decades: %s", got)
	}
	c.AddAt("chandelier", -1, late)
	if got := folded(c.Complete("cha", 2)); got != "chair" {
		t.Errorf("taken back: %s", got)
	}
}

// With weights that stay and weights that fade, the bounds above a run must lose nothing.
func TestFadingAgreesWithTwin(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	c := complete.NewWith(complete.Options{HalfLife: time.Hour})
	stays, fades := map[string]float64{}, map[string]map[int]float64{}
	for range 5000 {
		s := string([]byte{byte('a' + rnd.IntN(3)), byte('a' + rnd.IntN(26)), byte('a' + rnd.IntN(26))})
		w := rnd.Float64()
		if h := rnd.IntN(12); h < 6 {
			c.Add(s, w)
			stays[s] += w
		} else {
			c.AddAt(s, w*8, start.Add(time.Duration(h)*time.Hour))
			if fades[s] == nil {
				fades[s] = map[int]float64{}
			}
			fades[s][h] += w * 8
		}
	}
	for _, now := range []int{6, 11, 15, 40} {
		want := twin{}
		for s, w := range stays {
			want[s] += w
		}
		for s, hours := range fades {
			for h, w := range hours {
				want[s] += w * math.Exp2(float64(h-now))
			}
		}
		for _, typed := range []string{"a", "bc", "c"} {
			var all []string
			for s := range want {
				if strings.HasPrefix(s, typed) {
					all = append(all, s)
				}
			}
			slices.SortFunc(all, func(a, b string) int { return cmp.Compare(want[b], want[a]) })
			got := c.Find(complete.Request{Typed: typed, K: 8, Now: start.Add(time.Duration(now) * time.Hour)})
			if d := gocmp.Diff(strings.Join(all[:8], " | "), folded(got)); d != "" {
				t.Errorf("%q at hour %d: %s", typed, now, d)
			}
		}
	}
}

func TestFindForAPerson(t *testing.T) {
	c := complete.New()
	for s, w := range map[string]float64{"Grey sofa": 50, "Green chair": 90, "green vase": 40, "grey rug": 10, "Sofa": 7} {
		c.Add(s, w)
	}
	mine := map[string]float64{"grey rug": 1, "green tea": 2, "walnut chair": 9}
	if got := texts(c.Find(complete.Request{Typed: "gre", Mine: mine})); got != "green tea | grey rug | Green chair | Grey sofa | green vase" {
		t.Errorf("own searches first: %s", got)
	}
	if got := texts(c.Find(complete.Request{Typed: "gre", K: 2, Words: map[string]float64{"vase": 4}})); got != "green vase | Green chair" {
		t.Errorf("liked words lift: %s", got)
	}
	if got := texts(c.Find(complete.Request{Typed: "gre", Words: map[string]float64{"chair": 0}})); got != "Grey sofa | green vase | grey rug" {
		t.Errorf("a factor of 0 hides: %s", got)
	}
	if got := texts(c.Find(complete.Request{Typed: "gren", Mine: map[string]float64{"grenadine": 1}})); got != "grenadine" {
		t.Errorf("what the person has typed before is no slip: %s", got)
	}
}

func TestCompose(t *testing.T) {
	c := complete.New()
	for s, w := range map[string]float64{"grey sofa bed": 5, "sofa": 9, "blue chair": 3, "soap dish": 4} {
		c.Add(s, w)
	}
	find := func(typed string) string { return folded(c.Find(complete.Request{Typed: typed, K: 3, Compose: true})) }
	if got := find("blue so"); got != "blue sofa | blue sofa bed | blue soap" {
		t.Error(got)
	}
	if got := find("blue"); got != "blue chair" {
		t.Error(got)
	}
	for _, x := range c.Find(complete.Request{Typed: "blue so", Compose: true}) {
		if !x.Composed || x.Weight <= 0 {
			t.Errorf("%+v", x)
		}
	}
}

// twin is the plain way: look at every phrase.
type twin map[string]float64

func (m twin) complete(typed string, k int) []complete.Completion {
	for edits := range 2 {
		var out []complete.Completion
		for s, w := range m {
			score := 0.0
			for i := range s {
				if i > 0 && s[i-1] != ' ' {
					continue
				}
				if strings.HasPrefix(s[i:], typed) || edits == 1 && oneEdit(s[i:], typed) {
					if i == 0 {
						score = w
					} else if score == 0 {
						score = w * .1
					}
				}
			}
			if score > 0 {
				out = append(out, complete.Completion{Text: s, Folded: s, Weight: w, Edits: edits, Score: score})
			}
		}
		slices.SortFunc(out, func(a, b complete.Completion) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Text, b.Text))
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
		if d := gocmp.Diff(m.complete(typed, 7), c.Complete(typed, 7)); d != "" {
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
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	c := million()
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.Logf("1 M phrases added in %v, %.0f bytes a phrase of %d letters", took, float64(after.HeapAlloc-before.HeapAlloc)/1e6, len("striped golden thing500000"))
	for name, typed := range map[string][]string{
		"exact": {"g", "gre", "walnut c", "thing12", "vintage modern th"}, "fuzzy": {"wlanut", "thong123", "ceramicc", "strped soft"},
		"composed": {"walnut blue", "ceramic sofa th", "thing12 strip", "vintage chair mod"},
	} {
		b.Run(name, func(b *testing.B) {
			var times []time.Duration
			cpu := processorTime(b)
			for i := 0; b.Loop(); i++ {
				best := time.Hour // of three, since other programs run beside
				for range 3 {
					start := time.Now()
					c.Find(complete.Request{Typed: typed[i%len(typed)], Compose: name == "composed", Mine: map[string]float64{"walnut chair": 2}})
					best = min(best, time.Since(start))
				}
				times = append(times, best)
			}
			b.ReportMetric(float64((processorTime(b)-cpu).Microseconds())/float64(3*len(times)), "cpu-µs/find")
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// processorTime is what the process has used; a busy machine inflates it less than the clock.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano())
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

// Whatever is asked, there are at most K completions, none twice, and composed ones come after the others.
func FuzzFind(f *testing.F) {
	f.Add("blue so", "blue sofa", "sofa", 3)
	f.Add("黒 ", "黒 猫", "\xff", -1)
	c := complete.New()
	for i, s := range strings.Fields("grey sofa blue chair soap dish") {
		c.Add(s, float64(i+1))
		c.Add(s+" sofa bed", 1)
	}
	f.Fuzz(func(t *testing.T, typed, mine, word string, k int) {
		k = min(k, 50)
		out := c.Find(complete.Request{Typed: typed, K: k, Compose: true, Mine: map[string]float64{text.Fold(mine): 1}, Words: map[string]float64{word: 3}})
		seen, composed := map[string]bool{}, false
		for _, x := range out {
			if seen[x.Folded] || x.Folded == "" || composed && !x.Composed {
				t.Fatalf("%q: %+v", typed, out)
			}
			seen[x.Folded], composed = true, x.Composed
		}
		if k > 0 && len(out) > k {
			t.Fatalf("%d completions, asked for %d", len(out), k)
		}
	})
}

// TestManyLetters holds that what stands beyond the letters that an edit is looked for among is cut, not an error: of
// thousands of first letters some are tried, and a text that begins right is found.
func TestManyLetters(t *testing.T) {
	c := complete.New()
	for r := rune(0x4e00); r < 0x4e00+3000; r++ {
		c.Add(string(r)+"猫灯光", 1)
	}
	if got := c.Complete("猫灯光x", 3); len(got) != 0 {
		t.Errorf("%q: nothing begins so", texts(got))
	}
	if got := c.Complete("\u4e00猫灯x", 3); len(got) != 1 || got[0].Edits != 1 {
		t.Errorf("%q: want the one with a wrong last letter", texts(got))
	}
	long := strings.Repeat("sofa ", 40) + "\u4e00猫"
	if got := c.Find(complete.Request{Typed: long, Compose: true, K: 3}); len(got) != 1 || !got[0].Composed {
		t.Errorf("%q: want the last word completed", texts(got))
	}
}

// TestLong holds that a phrase without end is kept and shown cut, and that the number asked for costs nothing by itself.
func TestLong(t *testing.T) {
	c := complete.New()
	c.Add("Sofa "+strings.Repeat("\xffé", 1<<16), 1)
	got := c.Complete("sofa", 1<<40)
	if len(got) != 1 || len(got[0].Text) > 255 || !utf8.ValidString(got[0].Text) || !strings.HasPrefix(got[0].Text, "Sofa ") {
		t.Errorf("%d completions, want one of 255 bytes at most: %.300s", len(got), texts(got))
	}
}
