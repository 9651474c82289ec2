package query_test

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"bowerbird"
	"bowerbird/query"
	"bowerbird/text"
)

// parts cuts the demo's log into what is learned from, what constants were chosen
// on, and what is reported: 60, 20 and 20 %.
func (d *demo) parts() (learn, choose, test []fact) {
	all := slices.Concat(d.train, d.later)
	a, b := len(all)*6/10, len(all)*8/10
	return all[:a], all[a:b], all[b:]
}

// judged is the view that has learned, and the searches that it is judged on.
func judged(t *testing.T) (*query.Understanding, []fact, []fact) {
	t.Helper()
	if raceOn {
		t.Skip("measures need no race detector")
	}
	d := theDemo()
	learn, choose, test := d.parts()
	if os.Getenv("BOWERBIRD_CHOOSE") != "" {
		t.Log("judged on the part on which constants are chosen")
		return d.learned(learn), learn, choose
	}
	learn = slices.Concat(learn, choose)
	return d.learned(learn), learn, test
}

// learned is a view of the items and of a part of the log.
func (d *demo) learned(log []fact) *query.Understanding {
	v := query.New(query.Options{})
	v.Apply(d.items)
	v.Apply(log)
	return v
}

func searches(facts []fact) []fact {
	return slices.DeleteFunc(slices.Clone(facts), func(f fact) bool { return f.Kind != bowerbird.Search })
}

// counts is how often each folded search was made.
func counts(facts []fact) map[string]int {
	n := map[string]int{}
	for _, f := range searches(facts) {
		n[text.Fold(f.Query)]++
	}
	return n
}

// byCount lists keys, the most frequent first.
func byCount(n map[string]int) []string {
	return slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(n[b]-n[a], strings.Compare(a, b)) })
}

// refinements are the searches of a test that add words in front of a search that
// was made before: what was added, and to what.
func refinements(test []fact, known map[string]int) (out []refinement) {
	for _, f := range searches(test) {
		words := strings.Fields(text.Fold(f.Query))
		for i := 1; i < len(words); i++ {
			if q := strings.Join(words[i:], " "); known[q] > 0 {
				out = append(out, refinement{f.User, q, strings.Join(words[:i], " ")})
				break
			}
		}
	}
	return out
}

type refinement struct {
	user       bowerbird.UserID
	query, add string
}

// additions counts what was added to each query, and to any.
func additions(known map[string]int) (to map[string]map[string]int, any map[string]int) {
	to, any = map[string]map[string]int{}, map[string]int{}
	for s, k := range known {
		words := strings.Fields(s)
		for i := 1; i < len(words); i++ {
			rest, add := strings.Join(words[i:], " "), strings.Join(words[:i], " ")
			if known[rest] == 0 {
				continue
			}
			if to[rest] == nil {
				to[rest] = map[string]int{}
			}
			to[rest][add] += k
			any[add] += k
		}
	}
	return to, any
}

// TestGuidesAgainstMostPopular counts how often what people added next to a query is
// among ten guides, where it finds something. The baselines also offer what finds
// nothing.
func TestGuidesAgainstMostPopular(t *testing.T) {
	v, learn, test := judged(t)
	known := counts(learn)
	to, any := additions(known)
	popular := byCount(any)
	rate, dead, offered, n := map[string]float64{}, map[string]float64{}, map[string]float64{}, 0.0
	for _, r := range refinements(test, known) {
		if v.DidYouMean(r.add+" "+r.query).Query != "" || v.Find(r.add+" "+r.query) == 0 {
			continue
		}
		n++
		judge := func(name string, list []string) {
			if slices.Contains(list, r.add) {
				rate[name]++
			}
			for _, add := range list {
				offered[name]++
				if v.Find(add+" "+r.query) == 0 {
					dead[name]++
				}
			}
		}
		texts := func(o query.GuideOptions) (out []string) {
			o.N = 10
			for _, x := range v.Guides(r.query, o) {
				out = append(out, text.Fold(x.Text))
			}
			return out
		}
		judge("guides", texts(query.GuideOptions{}))
		judge("guides for the person", texts(query.GuideOptions{User: r.user}))
		beside := byCount(to[r.query])
		judge("most popular beside the query", beside[:min(10, len(beside))])
		for _, s := range popular {
			if !slices.Contains(beside, s) {
				beside = append(beside, s)
			}
		}
		judge("most popular beside it, then of all", beside[:10])
	}
	for _, k := range slices.Sorted(maps.Keys(offered)) {
		t.Logf("%-36s hit@10 %.3f of %v, finding nothing %.3f", k, rate[k]/n, n, dead[k]/offered[k])
	}
	if rate["guides"] <= 1.3*rate["most popular beside the query"] || rate["guides for the person"] <= rate["most popular beside it, then of all"] || dead["guides"] > 0 {
		t.Error("guides are no better than counting")
	}
}

func completionRates(v *query.Understanding, learn, test []fact) map[string]float64 {
	known := counts(learn)
	popular := byCount(known)
	var set []fact
	for i, f := range searches(test) {
		if i%4 == 0 {
			set = append(set, f)
		}
	}
	rr := map[string]float64{}
	n := 0
	for _, f := range set {
		want := text.Fold(f.Query)
		letters := []rune(want)
		for k := 1; k <= min(8, len(letters)-1); k += 1 + k/4 {
			typed := string(letters[:k])
			n++
			got := func(name string, list []string) {
				if i := slices.Index(list[:min(10, len(list))], want); i >= 0 {
					rr[name] += 1 / float64(i+1)
				}
			}
			texts := func(list []query.Completion) (out []string) {
				for _, c := range list {
					out = append(out, text.Fold(c.Text))
				}
				return out
			}
			var mpc []string
			for _, q := range popular {
				if len(mpc) < 10 && strings.HasPrefix(q, typed) {
					mpc = append(mpc, q)
				}
			}
			got("most popular completion", mpc)
			got("for nobody", texts(v.Complete(typed, 10)))
			got("for the person", texts(v.CompleteFor(typed, query.CompleteOptions{N: 10, User: f.User, Plain: true})))
		}
	}
	for k := range rr {
		rr[k] /= float64(n)
	}
	return rr
}

// TestCompletionAgainstMostPopular compares with most popular completion: the most
// frequent searches that begin as was typed, those of one person too.
func TestCompletionAgainstMostPopular(t *testing.T) {
	rr := completionRates(judged(t))
	for _, k := range slices.Sorted(maps.Keys(rr)) {
		t.Logf("%-26s MRR@10 %.4f", k, rr[k])
	}
	if rr["for the person"] < 1.05*rr["most popular completion"] || rr["for nobody"] < .9*rr["most popular completion"] {
		t.Error("completion is no better than counting")
	}
}

// topics is the true topic of each search of a test: that of most items of its page.
func (d *demo) topics(test []fact) map[string]string {
	n := map[string]map[string]int{}
	for _, f := range test {
		if f.Kind == bowerbird.Impression && f.Surface == bowerbird.SearchWords {
			if n[f.Request] == nil {
				n[f.Request] = map[string]int{}
			}
			n[f.Request][d.topicOf(f.Item)]++
		}
	}
	out := map[string]string{}
	for r, topics := range n {
		all, best := 0, byCount(topics)[0]
		for _, k := range topics {
			all += k
		}
		if topics[best]*10 >= all*7 { // less is no page of a topic
			out[r] = best
		}
	}
	return out
}

func TestCategoriesAgainstTruth(t *testing.T) {
	v, learn, test := judged(t)
	known, truth := counts(learn), theDemo().topics(test)
	bare := theDemo().learned(nil)
	var n, right, bareRight, unseen, unseenRight, sure, sureRight float64
	hit := func(m query.Meaning, want string) float64 {
		if len(m.Categories) > 0 && m.Categories[0].Category == want {
			return 1
		}
		return 0
	}
	for _, f := range searches(test) {
		want, ok := truth[f.Request]
		if !ok {
			continue
		}
		m := v.Understand(f.Query)
		r := hit(m, want)
		n, right, bareRight = n+1, right+r, bareRight+hit(bare.Understand(f.Query), want)
		if known[text.Fold(f.Query)] == 0 {
			unseen, unseenRight = unseen+1, unseenRight+r
		}
		if m.Sure > .5 {
			sure, sureRight = sure+1, sureRight+r
		}
	}
	t.Logf("first category right: %.3f of %v searches; from the catalogue alone %.3f; %.3f of %v never made before; %.3f of %v where Sure > .5",
		right/n, n, bareRight/n, unseenRight/unseen, unseen, sureRight/sure, sure)
	if right/n < .92 || bareRight/n < .9 || unseenRight/unseen < .8 || sureRight/sure < right/n || sure < n/2 {
		t.Error("below the bar")
	}
}

// rightQueries are searches that are spelt right: those of three people or more,
// every tag and category, and regular plurals of their last words.
func rightQueries(d *demo) []string {
	people := map[string]map[bowerbird.UserID]bool{}
	for _, f := range searches(slices.Concat(d.train, d.later)) {
		q := text.Fold(f.Query)
		if people[q] == nil {
			people[q] = map[bowerbird.UserID]bool{}
		}
		people[q][f.User] = true
	}
	set := map[string]bool{}
	for q, p := range people {
		if len(p) >= 3 {
			set[q] = true
		}
	}
	for _, f := range d.items {
		for _, s := range slices.Concat(f.ItemDoc.Tags, f.ItemDoc.Categories) {
			set[text.Fold(s[strings.LastIndexByte(s, '/')+1:])] = true
		}
	}
	for _, q := range slices.Sorted(maps.Keys(set)) {
		if last := q[len(q)-1]; last >= 'a' && last <= 'z' && last != 's' && last != 'y' && last != 'x' && last != 'h' {
			set[q+"s"] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// TestRightQueriesStay asks for right queries in a view that has seen every second
// item only and a part of the log, so that it does not know all their words.
func TestRightQueriesStay(t *testing.T) {
	if raceOn {
		t.Skip("measures need no race detector")
	}
	d := theDemo()
	learn, _, _ := d.parts()
	v := query.New(query.Options{})
	for i, f := range d.items {
		if i%2 == 0 {
			v.Apply([]fact{f})
		}
	}
	v.Apply(learn)
	right := rightQueries(d)
	offered, changed := 0, 0
	for _, q := range right {
		c := v.DidYouMean(q)
		if c.Query != "" {
			offered++
			t.Logf("%q: %+v", q, c)
		}
		if c.Auto {
			changed++
		}
	}
	t.Logf("%d right queries: %d changed, %d offered another", len(right), changed, offered)
	if changed*100 >= len(right) || offered*50 >= len(right) {
		t.Error("right queries are changed")
	}
}

// TestTyposAreMended spoils the last letters of right queries by one edit.
func TestTyposAreMended(t *testing.T) {
	if raceOn {
		t.Skip("measures need no race detector")
	}
	d := theDemo()
	v := d.learned(d.train)
	r := rand.New(rand.NewPCG(5, 5))
	n, mended, auto := 0, 0, 0
	for _, q := range rightQueries(d) {
		if v.Find(q) == 0 {
			continue
		}
		spoilt := spoil(r, q)
		if spoilt == q || v.Find(spoilt) > 0 {
			continue // a word too
		}
		n++
		c := v.DidYouMean(spoilt)
		if c.Query == q || v.Find(c.Query) == v.Find(q) && c.Query != "" {
			mended++
			if c.Auto {
				auto++
			}
		}
	}
	t.Logf("of %d queries with one wrong letter %.3f are mended, %.3f unasked", n, float64(mended)/float64(n), float64(auto)/float64(n))
	if n < 200 || float64(mended) < .85*float64(n) {
		t.Error("typos stay")
	}
}

// spoil changes one letter of a word of four letters or more.
func spoil(r *rand.Rand, q string) string {
	words := strings.Fields(q)
	i := r.IntN(len(words))
	w := []rune(words[i])
	if len(w) < 4 || w[0] > 'z' {
		return q
	}
	k := 1 + r.IntN(len(w)-2)
	switch r.IntN(4) {
	case 0:
		w[k], w[k+1] = w[k+1], w[k]
	case 1:
		w = slices.Delete(w, k, k+1)
	case 2:
		w[k] = 'a' + rune(r.IntN(26))
	case 3:
		w = slices.Insert(w, k, 'a'+rune(r.IntN(26)))
	}
	words[i] = string(w)
	return strings.Join(words, " ")
}
