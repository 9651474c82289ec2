package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/query"
)

// suggested writes conditions as "field op value [words]", those of the field only.
func suggested(q string, m query.Meaning, field string) string {
	ops := []string{"in", "not in", "<", "<=", ">", ">="}
	var out []string
	for _, s := range m.Filters {
		c := s.Condition
		if c.Field != field {
			continue
		}
		x := fmt.Sprint(c.Number)
		if c.Op <= bowerbird.NotIn {
			x = strings.Join(c.Words, "|")
		}
		out = append(out, fmt.Sprintf("%s %s [%s]", ops[c.Op], x, q[s.Start:s.End]))
	}
	return strings.Join(out, ", ")
}

func TestNumbersAsked(t *testing.T) {
	v := sofas()
	for q, want := range map[string]string{
		"sofa under 500 eur":             "<= 500 [under 500 eur]",
		"sofa under 500":                 "<= 500 [under 500]",
		"sofa below €300.":               "<= 300 [below €300]",
		"sofa < $300":                    "< 300 [< $300]",
		"sofa <= 300 dollars":            "<= 300 [<= 300 dollars]",
		"at least 200 pounds sofa":       ">= 200 [at least 200 pounds]",
		"sofa over 1,000 €":              ">= 1000 [over 1,000 €]",
		"sofa between 100 and 250 eur":   ">= 100 [between 100 and 250 eur], <= 250 [between 100 and 250 eur]",
		"sofa 100-250€":                  ">= 100 [100-250€], <= 250 [100-250€]",
		"Sofa unter 99,90 EUR":           "<= 99.9 [unter 99,90 EUR]",
		"canapé moins de 400 euros":      "<= 400 [moins de 400 euros]",
		"sofa 300 eur":                   "<= 300 [300 eur]",
		"sofa 1984":                      "",
		"sofa":                           "",
		"underwood 50 typewriter":        "",
		"sofa under 50 people under 200": "<= 50 [under 50], <= 200 [under 200]",
	} {
		if got := suggested(q, v.Understand(q), "price"); got != want {
			t.Errorf("%q: price %q, want %q", q, got, want)
		}
	}
	for q, want := range map[string]string{
		"sofa 160 cm":           ">= 160 [160 cm], <= 160 [160 cm]",
		"sofa up to 160 cm":     "<= 160 [up to 160 cm]",
		"sofa 900 cm":           "",
		"sofa 160 cm under 300": ">= 160 [160 cm], <= 160 [160 cm]",
	} {
		if got := suggested(q, v.Understand(q), "width_cm"); got != want {
			t.Errorf("%q: width %q, want %q", q, got, want)
		}
	}
	if got := suggested("cheap sofa", v.Understand("cheap sofa"), "price"); !strings.HasPrefix(got, "<= 1") || !strings.HasSuffix(got, "[cheap]") {
		t.Errorf("cheap: %q", got)
	}
	if m := query.New(query.Options{}).Understand("sofa under 50 eur"); len(m.Filters) != 0 {
		t.Errorf("nothing has a price: %+v", m)
	}
	sure, bare := v.Understand("sofa under 300 eur").Filters, v.Understand("sofa under 300").Filters
	if sure[len(sure)-1].Confidence <= bare[len(bare)-1].Confidence {
		t.Error("a currency makes a price surer")
	}
}

func TestColoursAndAttributesAsked(t *testing.T) {
	v := sofas()
	for _, x := range []struct{ q, field, want string }{
		{"dark green sofa", "colour", "in dark green [dark green]"},
		{"green sofa", "colour", "in dark green|sage [green]"},
		{"emerald sofa", "colour", "in dark green|sage [emerald]"},
		{"navy blue sofa", "colour", "in navy [navy blue]"},
		{"linen sofas", "material", "in linen [linen]"},
		{"LINEN Sofa", "material", "in linen [LINEN]"},
		{"sofa -linen", "material", ""},
		{"sofas", "category", "in home/sofas [sofas]"},
		{"living room", "tag", "in living room [living room]"},
	} {
		if got := suggested(x.q, v.Understand(x.q), x.field); got != x.want {
			t.Errorf("%q: %s %q, want %q", x.q, x.field, got, x.want)
		}
	}
	for _, s := range v.Understand("dark green linen sofa under 300 eur").Filters {
		if s.Confidence <= 0 || s.Confidence > 1 {
			t.Errorf("%+v", s)
		}
	}
}

func TestSegments(t *testing.T) {
	v := sofas()
	q := "Corner  sofa with table lamp"
	var got []string
	for _, s := range v.Understand(q).Segments {
		got = append(got, q[s.Start:s.End])
	}
	if fmt.Sprintf("%q", got) != `["Corner  sofa" "with" "table lamp"]` {
		t.Errorf("%q", got)
	}
}

func TestCategoriesMeant(t *testing.T) {
	v := sofas()
	m := v.Understand("sofa")
	if m.Categories[0].Category != "home/sofas" || m.Categories[0].Share < .9 || m.Sure < .5 {
		t.Errorf("%+v", m)
	}
	if m := v.Understand("sofa lamp"); m.Sure > .5 {
		t.Errorf("two categories, and sure of one: %+v", m)
	}
	if m := v.Understand("xylophone"); len(m.Categories) != 0 || m.Sure != 0 {
		t.Errorf("%+v", m)
	}
	if m := v.Understand("softa"); len(m.Categories) == 0 || m.Categories[0].Category != "home/sofas" {
		t.Errorf("a wrong letter: %+v", m)
	}
}

func TestGuidesFromTheCatalogueAlone(t *testing.T) {
	v := sofas()
	var all []string
	pictures := map[bowerbird.ItemID]bool{}
	for _, g := range v.Guides("sofa", query.GuideOptions{N: 6}) {
		all = append(all, g.Text)
		if g.Items < 1 || g.Items >= 18 || v.Find(g.Query) != g.Items {
			t.Errorf("%+v finds %d", g, v.Find(g.Query))
		}
		if pictures[g.Item] {
			t.Errorf("one picture twice: %+v", g)
		}
		pictures[g.Item] = true
	}
	for _, want := range []string{"linen", "leather", "navy"} {
		if !slices.Contains(all, want) {
			t.Errorf("%q is not among %q", want, all)
		}
	}
	if slices.Contains(all, "corner") || slices.Contains(all, "living room") {
		t.Errorf("%q: every sofa has that", all)
	}
	if got := v.Guides("sofa", query.GuideOptions{Keep: func(bowerbird.ItemID) bool { return false }}); len(got) == 0 || got[0].Item != 0 {
		t.Errorf("nothing may stand for a guide: %+v", got)
	}
	for _, q := range []string{"", "xylophone", "-sofa", `"`} {
		if got := v.Guides(q, query.GuideOptions{}); len(got) != 0 {
			t.Errorf("%q: %+v", q, got)
		}
	}
}

func TestGuidesFollowTheLog(t *testing.T) {
	v := sofas()
	for u := bowerbird.UserID(1); u <= 6; u++ {
		v.Apply(visit(u, int64(u), "velvet sofa", 7))
	}
	if got := v.Guides("sofa", query.GuideOptions{}); got[0].Text != "velvet" || got[0].Item != 7 || got[0].Query != "velvet sofa" {
		t.Errorf("%+v", got[0])
	}
	v.Apply(visit(9, 60, "leather lamp"))
	if got := v.Guides("sofa", query.GuideOptions{User: 9}); !slices.ContainsFunc(got[:2], func(g query.Guide) bool { return g.Text == "leather" }) {
		t.Errorf("what a person searched by does not come first: %+v", got)
	}
}

func TestRelatedSearches(t *testing.T) {
	v := sofas()
	for u := bowerbird.UserID(1); u <= 3; u++ {
		v.Apply(visit(u, 1, "velvet sofa", 7, 8))
		v.Apply(visit(u, 2, "velvt sofa", 7, 8))
		v.Apply(visit(u, 3, "sofa velvet", 7, 8))
		v.Apply(visit(u, 4, "living room", 7, 9))
		v.Apply(visit(u, 90, "table lamp", 20))
	}
	got := v.Related("velvet sofa", 1, nil)
	if len(got) != 1 || got[0].Text != "living room" || got[0].Kind != "query" || got[0].Item == 0 {
		t.Errorf("%+v", got)
	}
	for _, r := range v.Related("velvet sofa", 10, nil) {
		if strings.Contains(r.Text, "velv") {
			t.Errorf("a mere variant: %+v", r)
		}
	}
	if got := sofas().Related("linen", 3, nil); len(got) == 0 || got[0].Kind == "query" {
		t.Errorf("no log: %+v", got)
	}
}

func TestRelax(t *testing.T) {
	v := sofas()
	for _, x := range []struct{ q, want string }{
		{"linen sofa purple", "drop “linen sofa” 9"},
		{"lether sofa", "spelling “leather sofa” 6"},
		{"cornersofa", "spelling “corner sofa” 18"},
		{"leath", "prefix “leath*” 6"},
		{"velvet lamp", "drop “lamp” 6"},
	} {
		got := v.Relax(x.q, 5)
		if !slices.ContainsFunc(got, func(r query.Relaxed) bool { return fmt.Sprintf("%s “%s” %d", r.Kind, r.Query, r.Items) == x.want }) {
			t.Errorf("%q: %+v, want %s", x.q, got, x.want)
		}
		for i, r := range got {
			if r.Items == 0 || r.Why == "" || r.Weight <= 0 || r.Weight > 1 || i > 0 && r.Weight > got[i-1].Weight || r.Query != "" && v.Find(r.Query) != r.Items {
				t.Errorf("%q: %+v", x.q, r)
			}
		}
	}
	for _, r := range v.Relax("xyzzy sofa under 500 eur", 9) {
		if strings.Contains(r.Query, "under") || strings.Contains(r.Query, "500") {
			t.Errorf("a condition is left as words: %+v", r)
		}
	}
	if got := v.Relax("sofa under 500 eur", 1); len(got) != 1 || got[0].Kind != "measure" || got[0].Query != "sofa" || len(got[0].Where) != 1 || got[0].Items == 0 {
		t.Errorf("under 500 eur as a condition: %+v", got)
	}
	if got := v.Relax("qqqq wwww", 5); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got := v.Relax("sofa lamp", 9); !slices.ContainsFunc(got, func(r query.Relaxed) bool { return r.Kind == "category" && r.Query == "" && len(r.Where) == 1 }) {
		t.Errorf("no category: %+v", got)
	}
}

func TestDidYouMean(t *testing.T) {
	v := sofas()
	c := v.DidYouMean("lether sofa")
	if c.Query != "leather sofa" || !c.Auto || c.Found != 6 || c.TypedFound != 0 || c.Typed != "lether sofa" {
		t.Errorf("%+v", c)
	}
	if c := v.DidYouMean("leather sofa"); c.Query != "" || c.Auto {
		t.Errorf("%+v", c)
	}
}

func TestSynonymCandidates(t *testing.T) {
	v := sofas()
	v.Apply([]fact{put(40, bowerbird.Item{Title: "Couch", Categories: []string{"home/sofas"}})})
	for u := bowerbird.UserID(1); u <= 4; u++ {
		v.Apply(visit(u, 1, "leather sofa", 4, 5, 6, 13))
		v.Apply(visit(u, 2, "leather couch", 4, 5, 6, 13))
	}
	if got := v.Synonyms(5); len(got) != 1 || got[0].A != "couch" || got[0].B != "sofa" {
		t.Errorf("%+v", got)
	}
}

func FuzzUnderstand(f *testing.F) {
	v := sofas()
	for _, s := range []string{"dark green sofa under 50 eur", "between 1 and 2", "\xff -", `"linen`, "5-6 €", "cheap"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := v.Understand(s)
		for _, x := range m.Segments {
			_ = s[x.Start:x.End]
		}
		for _, x := range m.Filters {
			if _ = s[x.Start:x.End]; x.Confidence < 0 || x.Confidence > 1 {
				t.Errorf("%q: %+v", s, x)
			}
		}
		v.Relax(s, 5)
		v.Guides(s, query.GuideOptions{})
		v.Related(s, 5, nil)
		v.CompleteFor(s, query.CompleteOptions{User: 1})
	})
}
