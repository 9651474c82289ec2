package filter_test

import (
	"errors"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/filter"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		``:                                    ``,
		`category = sofas`:                    `"category" IN ["sofas"]`,
		`price<100`:                           `"price" < 100`,
		`price 10 TO 50`:                      `"price" >= 10 AND "price" <= 50`,
		`price EXISTS and tag not exists`:     `"price" EXISTS AND NOT ("tag" EXISTS)`,
		`a=1 OR b=2 AND c=3`:                  `"a" IN ["1"] OR ("b" IN ["2"] AND "c" IN ["3"])`,
		`(a=1 OR b=2) AND c=3`:                `("a" IN ["1"] OR "b" IN ["2"]) AND "c" IN ["3"]`,
		`NOT a=1 AND b=2`:                     `NOT ("a" IN ["1"]) AND "b" IN ["2"]`,
		`NOT (a=1 AND b=2)`:                   `NOT (("a" IN ["1"] AND "b" IN ["2"]))`,
		`((a=1))`:                             `"a" IN ["1"]`,
		`a=1 AND (b=2 AND c=3)`:               `"a" IN ["1"] AND "b" IN ["2"] AND "c" IN ["3"]`,
		`colour IN [red, "dark blue",'x\'y']`: `"colour" IN ["red", "dark blue", "x'y"]`,
		`colour NOT IN []`:                    `"colour" NOT IN []`,
		`colour != red`:                       `"colour" NOT IN ["red"]`,
		`"AND" = "OR"`:                        `"AND" IN ["OR"]`,
		`category=home/kitchen`:               `"category" IN ["home/kitchen"]`,
		`x >= -1.5e3`:                         `"x" >= -1500`,
		`größe = "à la ""`:                    ``,
		`price "10" TO '50'`:                  ``,
	} {
		e, err := filter.Parse(in, nil)
		if want == "" && in != "" {
			if err == nil {
				t.Errorf("%s: got %s, want an error", in, e)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := e.String(); got != want {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	known := func(f string) bool { return f != "prise" }
	for in, want := range map[string]string{
		`price`:                        "want = != < <= > >= IN, EXISTS or a range as 10 TO 50, got the end at byte 5",
		`price <`:                      "want a number, got the end at byte 7",
		`price < cheap`:                `want a number, got "cheap" at byte 8`,
		`price < NaN`:                  `want a number, got "NaN" at byte 8`,
		`price < 1e999`:                `want a number, got "1e999" at byte 8`,
		`price 5 TO 1`:                 "the range ends before it begins at byte 11",
		`price 5 50`:                   `want TO, got "50" at byte 8`,
		`(price < 5`:                   "the parenthesis is not closed at byte 0",
		`a=1 AND (b=2 OR (c=3)`:        "the parenthesis is not closed at byte 8",
		`price < 5)`:                   `want AND, OR or the end, got ")" at byte 9`,
		`colour IN [red`:               "the bracket is not closed at byte 10",
		`colour IN red`:                `want [ after IN, got "red" at byte 10`,
		`colour IN [red blue]`:         `want , or ], got "blue" at byte 15`,
		`colour = "red`:                "the quote is not closed at byte 9",
		`a=1 AND`:                      "want a field, got the end at byte 7",
		`a=1 b=2`:                      `want AND, OR or the end, got "b" at byte 4`,
		`AND a=1`:                      `want a field, got "AND" at byte 0`,
		`a NOT b`:                      `want IN or EXISTS after NOT, got "b" at byte 6`,
		`a=`:                           "want a value, got the end at byte 2",
		`a="  "`:                       "want a value, got an empty one at byte 2",
		`a ! b`:                        `"!" stands before "=" only at byte 2`,
		"a=\x01":                       "control character U+0001 at byte 2",
		"a=\"x\x07\"":                  "control character U+0007 at byte 4",
		"a = b\xff":                    "invalid UTF-8 at byte 5",
		"\xffa = b":                    "invalid UTF-8 at byte 0",
		`tag=x AND prise < 5`:          `no item has a field "prise" at byte 10`,
		strings.Repeat("NOT ", 60):     "nested deeper than 32 at byte 132",
		strings.Repeat("(", 60):        "nested deeper than 32 at byte 33",
		strings.Repeat("x", 10_001):    "longer than 10000 bytes at byte 10000",
		strings.Repeat("a=1 OR ", 201): "more than 200 conditions at byte 1401",
		`a IN [` + strings.Repeat("x,", 101) + `]`: "more than 100 values at byte 207",
	} {
		_, err := filter.Parse(in, known)
		var p *filter.ParseError
		if !errors.As(err, &p) || err.Error() != want {
			t.Errorf("%.60q:\n got %v\nwant %s", in, err, want)
		}
	}
}

// FuzzParse: whatever is typed, the answer is an expression or an error at a byte
// of it; an expression's string reads back as itself, and its two forms agree.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`category = home AND (price < 20 OR maker IN [bo, "x y"]) AND NOT tag = copper`, `price 1 TO 20`, `price NOT EXISTS OR maker EXISTS`,
		`((a=1))`, `a != 'b\''`, "\x00", `NOT NOT owner = eve`, `colour IN []`} {
		f.Add(s)
	}
	v := shop()
	f.Fuzz(func(t *testing.T, s string) {
		e, err := filter.Parse(s, nil)
		if err != nil {
			var p *filter.ParseError
			if !errors.As(err, &p) || p.Pos < 0 || p.Pos > len(s) {
				t.Fatalf("%q: %v: no place in the text", s, err)
			}
			return
		}
		text := e.String()
		if len(text) <= filter.MaxFilter {
			again, err := filter.Parse(text, nil)
			if err != nil || again.String() != text {
				t.Fatalf("%q reads as %s, which reads as %v, %v", s, text, again, err)
			}
		}
		agree(t, v, e)
	})
}

// agree holds the set form of an expression to the test of single items.
func agree(t *testing.T, v *filter.Fields, e *bowerbird.Expr) {
	t.Helper()
	all := v.All()
	before := all.Clone()
	set := v.Within(all, e)
	if !all.Equals(before) {
		t.Fatalf("%s: the set was written to", e)
	}
	keep := filter.Where(v).For(&bowerbird.Request{Filter: e})
	for it := all.Iterator(); it.HasNext(); {
		if x := it.Next(); set.Contains(x) != keep(bowerbird.ItemID(x)) {
			t.Fatalf("%s: item %d: in the set %v, passes %v", e, x, set.Contains(x), keep(bowerbird.ItemID(x)))
		}
	}
	if few := v.Selective(e); few != nil {
		few.And(all)
		if !few.Equals(set) {
			t.Fatalf("%s: selective gives %v, want %v", e, few, set)
		}
	}
}
