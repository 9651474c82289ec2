package query

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bowerbird"
	"bowerbird/text"
)

// Relaxed is a query that asks for less than what was typed, and finds something.
type Relaxed struct {
	Query  string                // "" where only Where is asked for
	Where  []bowerbird.Condition // to ask for besides
	Kind   string                // "spelling", "measure", "drop", "prefix", "parting" or "category"
	Why    string                // for people: what was relaxed
	Items  int                   // how many items say it
	Weight float64               // how much of what was meant is left, of 0 to 1
}

// Relax returns up to n other ways to ask for what a query asks for, the ones that
// keep most of it first, for when it finds nothing: the words mended, "under 50" as
// a condition, words parted or joined, an unfinished word finished, the words that tell least dropped, one or
// several, and at last the category that is probably meant. Only what finds
// something is returned. It costs some 20 intersections of bitmaps, and a pass over
// all words where a word is unknown.
func (v *Understanding) Relax(q string, n int) []Relaxed {
	v.mu.RLock()
	defer v.mu.RUnlock()
	r := relaxing{v: v}
	if c := v.didYouMean(q); c.Found > 0 {
		r.add(Relaxed{Query: c.Query, Kind: "spelling", Why: fmt.Sprintf("spelt as “%s”", c.Query), Items: c.Found, Weight: .95})
	}
	rest := q
	if said := v.measures(q); len(said) > 0 {
		rest = r.measure(q, said)
	}
	parts := strings.Fields(rest)
	if len(parts) <= 16 {
		r.part(parts)
		r.finish(parts)
		r.drop(parts)
	}
	a := v.read(q)
	if c, sure := v.meant(text.Fold(q), &a); len(c) > 0 && c[0].Share >= .3 {
		if id, ok := v.cat.labelIDs["c\x00"+strings.ToLower(c[0].Category)]; ok {
			r.add(Relaxed{Where: []bowerbird.Condition{{Field: "category", Op: bowerbird.In, Words: []string{c[0].Category}}}, Kind: "category",
				Why: fmt.Sprintf("anything in %s", leaf(c[0].Category)), Items: int(v.cat.labels[id].items.GetCardinality()), Weight: .2 * max(.5, sure)})
		}
	}
	slices.SortStableFunc(r.out, func(a, b Relaxed) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(b.Items, a.Items), strings.Compare(a.Query, b.Query))
	})
	return r.out[:min(n, len(r.out))]
}

type relaxing struct {
	v   *Understanding
	out []Relaxed
}

func (r *relaxing) add(x Relaxed) {
	if x.Items > 0 && !slices.ContainsFunc(r.out, func(y Relaxed) bool { return x.Query != "" && y.Query == x.Query }) {
		r.out = append(r.out, x)
	}
}

func (r *relaxing) items(q string) int { return int(r.v.read(q).all.GetCardinality()) }

// measure takes "under 50" for a condition, and returns the words without it: they
// are not to be looked for, nor to be what is left when others are dropped.
func (r *relaxing) measure(q string, said []Suggest) string {
	rest := strings.Join(strings.Fields(without(q, said)), " ")
	x := Relaxed{Query: rest, Kind: "measure", Items: r.items(rest), Weight: .97}
	var why []string
	for _, s := range said {
		x.Where = append(x.Where, s.Condition)
		if w := "“" + strings.TrimSpace(q[s.Start:s.End]) + "”"; !slices.Contains(why, w) { // "between" is two conditions
			why = append(why, w)
		}
	}
	x.Why = strings.Join(why, " and ") + " as a condition"
	if rest != "" {
		r.add(x)
	}
	return rest
}

// part tries unknown words as two, and neighbours as one.
func (r *relaxing) part(parts []string) {
	for i, p := range parts {
		w := text.Fold(p)
		if !r.v.knows(w) {
			runes := []rune(w)
			for at := 2; at <= len(runes)-2; at++ {
				a, b := string(runes[:at]), string(runes[at:])
				if r.v.cat.has(r.v.o.Analyzer.Terms(a)) && r.v.cat.has(r.v.o.Analyzer.Terms(b)) {
					q := joined(parts[:i], a+" "+b, parts[i+1:])
					r.add(Relaxed{Query: q, Kind: "parting", Why: fmt.Sprintf("“%s” as “%s %s”", p, a, b), Items: r.items(q), Weight: .9})
				}
			}
		}
		if i+1 < len(parts) && (!r.v.knows(w) || !r.v.knows(text.Fold(parts[i+1]))) {
			one := w + text.Fold(parts[i+1])
			if r.v.knows(one) {
				q := joined(parts[:i], one, parts[i+2:])
				r.add(Relaxed{Query: q, Kind: "parting", Why: fmt.Sprintf("“%s %s” as “%s”", p, parts[i+1], one), Items: r.items(q), Weight: .9})
			}
		}
	}
}

// finish takes unknown words for beginnings: of the whole word, or of its first
// letters as long as four are left.
func (r *relaxing) finish(parts []string) {
	for i, p := range parts {
		w := []rune(text.Fold(p))
		if len(w) < 3 || strings.ContainsAny(p, `"+-*`) || r.v.knows(string(w)) {
			continue
		}
		for cut := len(w); cut >= max(4, len(w)-3) || cut == len(w); cut-- {
			q := joined(parts[:i], string(w[:cut])+"*", parts[i+1:])
			if n := r.items(q); n > 0 {
				r.add(Relaxed{Query: q, Kind: "prefix", Why: fmt.Sprintf("words that begin with “%s”", string(w[:cut])), Items: n,
					Weight: .85 * float64(cut) / float64(len(w))})
				break
			}
		}
	}
}

// drop leaves out words: each one alone, then the least telling ones together until
// something is found. A word that no item says tells nothing here.
func (r *relaxing) drop(parts []string) {
	if len(parts) < 2 {
		return
	}
	tells := make([]float64, len(parts))
	total := 0.0
	for i, p := range parts {
		for _, t := range r.v.o.Analyzer.Terms(p) {
			if r.v.cat.df(t) > 0 {
				tells[i] += r.v.cat.idf(t)
			}
		}
		total += tells[i]
	}
	if total == 0 {
		return
	}
	try := func(gone []int) bool {
		var left, out []string
		kept := total
		for i, p := range parts {
			if slices.Contains(gone, i) {
				out = append(out, "“"+p+"”")
				kept -= tells[i]
			} else {
				left = append(left, p)
			}
		}
		q := strings.Join(left, " ")
		n := r.items(q)
		r.add(Relaxed{Query: q, Kind: "drop", Why: "without " + strings.Join(out, " and "), Items: n, Weight: .8 * kept / total})
		return n > 0
	}
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
		if tells[i] < total {
			try([]int{i})
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tells[a], tells[b]) })
	for k := 2; k < len(parts); k++ {
		if try(order[:k]) {
			break
		}
	}
}

func joined(before []string, middle string, after []string) string {
	return strings.Join(slices.Concat(before, []string{middle}, after), " ")
}
