package text_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"bowerbird/text"

	"github.com/google/go-cmp/cmp"
)

// show writes clauses as a person would: +must, -not, "phrase", prefix*, a|b for alternatives.
func show(q text.Query) string {
	var out []string
	for _, c := range q.Clauses {
		s := [...]string{"", "+", "-"}[c.Occur]
		if len(c.Terms) > 1 {
			s += `"` + strings.Join(c.Terms, " ") + `"`
		} else {
			s += c.Terms[0]
		}
		if c.Prefix {
			s += "*"
		}
		for _, f := range c.Alternatives {
			s += "|" + strings.Join(f, " ")
		}
		out = append(out, s)
	}
	return strings.Join(out, " ; ")
}

func TestParse(t *testing.T) {
	a := mustNew(t, text.Options{Synonyms: [][]string{{"sofa", "couch", "love seat"}}})
	lenient, typing := text.ParseOptions{Lenient: true}, text.ParseOptions{PrefixLast: true}
	tests := []struct {
		in   string
		o    text.ParseOptions
		want string
	}{
		{"grey cats", text.ParseOptions{}, "grey ; cat"},
		{`"grey cats" -dog +red`, text.ParseOptions{}, `"grey cat" ; -dog ; +red`},
		{"“grey cats”", text.ParseOptions{}, `"grey cat"`},
		{`cat"dog food"`, text.ParseOptions{}, `cat ; "dog food"`},
		{`-"red dress"`, text.ParseOptions{}, `-"red dress"`},
		{"t-shirt -t-shirt", text.ParseOptions{}, `t ; shirt ; -"t shirt"`},
		{"- + -- \"\" the", text.ParseOptions{}, ""},
		{"sofas", text.ParseOptions{}, "sofa|couch|love seat"},
		{"love seats", text.ParseOptions{}, "love|sofa|couch ; seat|sofa|couch"},
		{"run*", text.ParseOptions{}, "run*"},
		{"grey running", typing, "grey ; running*|run"},
		{"grey cats ", typing, "grey ; cat"},
		{"猫", text.ParseOptions{}, "猫*"},
		{"黒猫白", text.ParseOptions{}, "黒猫 ; 猫白"},
		{`grey "cat dog`, lenient, `grey ; "cat dog"`},
		{"grey\x00cat\xffdog", lenient, "grey ; cat ; dog"},
	}
	for _, tt := range tests {
		q, err := a.Parse(tt.in, tt.o)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if d := cmp.Diff(tt.want, show(q)); d != "" {
			t.Errorf("%q: %s", tt.in, d)
		}
	}
}

func TestParseRefusesAndSaysWhere(t *testing.T) {
	a := mustNew(t, text.Options{})
	tests := []struct {
		name, in string
		pos      int
	}{
		{"open quote", `grey "cat`, 5},
		{"open excluded quote", `grey -"cat`, 6},
		{"invalid UTF-8", "cat \xff", 4},
		{"control character", "ca\x01t", 2},
		{"10 kB", strings.Repeat("cat ", 2560), 2048},
		{"too many words", strings.Repeat("cat ", 65), 256},
		{"too many prefixes", strings.Repeat("c* ", 9), 24},
	}
	for _, tt := range tests {
		_, err := a.Parse(tt.in, text.ParseOptions{})
		var pe *text.ParseError
		if !errors.As(err, &pe) || pe.Pos != tt.pos {
			t.Errorf("%s: %v, want an error at byte %d", tt.name, err, tt.pos)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`grey "cat dog" -x +y z*`, `"`, "“a”-", "猫*", "-\x00\xff\"", "t-shirt's*"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	a := mustNew(f, text.Options{Synonyms: [][]string{{"cat", "kitty"}}})
	f.Fuzz(func(t *testing.T, s string, lenient bool) {
		q, err := a.Parse(s, text.ParseOptions{Lenient: lenient, PrefixLast: lenient})
		if err != nil {
			var pe *text.ParseError
			if !errors.As(err, &pe) || pe.Pos < 0 || pe.Pos > len(s) {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		for _, c := range q.Clauses {
			if len(c.Terms) == 0 || len(c.Terms) != len(c.Slots) || c.Start < 0 || c.End > len(s) || c.Start >= c.End {
				t.Fatalf("bad clause %+v of %q", c, s)
			}
			for _, w := range c.Terms {
				if w == "" {
					t.Fatalf("empty term in %+v", c)
				}
			}
		}
	})
}

func ExampleAnalyzer_Parse() {
	a, _ := text.New(text.Options{})
	q, _ := a.Parse(`grey "wooden chairs" -plastic`, text.ParseOptions{})
	for _, c := range q.Clauses {
		fmt.Println(c.Terms, c.Occur == text.MustNot)
	}
	_, err := a.Parse(`"grey chair`, text.ParseOptions{})
	fmt.Println(err)
	// Output:
	// [grey] false
	// [wooden chair] false
	// [plastic] true
	// query: quote is not closed at byte 0
}
