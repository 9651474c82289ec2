package complete

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const fanout = 16

// run is a sorted list of word beginnings. The order never changes; weights do, under the Completer's lock.
type run struct {
	tier int
	ids  []uint32  // phrase of each entry
	offs []uint8   // where in the phrase the entry begins
	most [][]bound // most[l][i] holds the largest weights below node i of level l+1
}

// bound is the largest weight that stays and the largest that fades, of the phrases below a node.
type bound struct{ stays, fades float64 }

func (b bound) at(scale float64) float64 { return b.stays + b.fades*scale }

// fade moves the epoch of the weights that fade.
func (r *run) fade(by float64) {
	for _, level := range r.most {
		for i := range level {
			level[i].fades *= by
		}
	}
}

func newRun(phrases []phrase, ids []uint32) *run {
	type entry struct {
		suffix string
		id     uint32
		off    uint8
	}
	var all []entry
	for _, id := range ids {
		f := phrases[id].folded
		for at := 0; at >= 0; at = nextWord(f, at) {
			all = append(all, entry{f[at:], id, uint8(at)})
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		if c := strings.Compare(a.suffix, b.suffix); c != 0 {
			return c
		}
		return cmp.Compare(a.id, b.id)
	})
	r := &run{ids: make([]uint32, len(all)), offs: make([]uint8, len(all))}
	for i, e := range all {
		r.ids[i], r.offs[i] = e.id, e.off
	}
	r.weigh(phrases)
	return r
}

// mergeRuns joins sorted runs. The first eight bytes of each head are kept as a number, which settles most comparisons.
func mergeRuns(phrases []phrase, in []*run) *run {
	out := &run{tier: in[0].tier + 1}
	n := 0
	for _, r := range in {
		n += len(r.ids)
	}
	out.ids, out.offs = make([]uint32, 0, n), make([]uint8, 0, n)
	heads, keys := make([]int, len(in)), make([]uint64, len(in))
	load := func(i int) {
		keys[i] = math.MaxUint64
		if heads[i] < len(in[i].ids) {
			keys[i] = firstEight(in[i].suffix(phrases, heads[i]))
		}
	}
	for i := range in {
		load(i)
	}
	for range n {
		least := -1
		for i, r := range in {
			if heads[i] == len(r.ids) {
				continue
			}
			if least < 0 || keys[i] < keys[least] || keys[i] == keys[least] && r.before(phrases, heads[i], in[least], heads[least]) {
				least = i
			}
		}
		r := in[least]
		out.ids, out.offs = append(out.ids, r.ids[heads[least]]), append(out.offs, r.offs[heads[least]])
		heads[least]++
		load(least)
	}
	out.weigh(phrases)
	return out
}

func firstEight(s string) uint64 {
	k := uint64(0)
	for i := range 8 {
		k <<= 8
		if i < len(s) {
			k |= uint64(s[i])
		}
	}
	return k
}

func (r *run) before(phrases []phrase, i int, o *run, j int) bool {
	if c := strings.Compare(r.suffix(phrases, i), o.suffix(phrases, j)); c != 0 {
		return c < 0
	}
	return r.ids[i] < o.ids[j]
}

func (r *run) suffix(phrases []phrase, i int) string { return phrases[r.ids[i]].folded[r.offs[i]:] }

// levels counts the entries themselves as one.
func (r *run) levels() int { return len(r.most) + 1 }

func (r *run) weight(phrases []phrase, level, at int) bound {
	if level == 0 {
		return phrases[r.ids[at]].from(r.offs[at] > 0)
	}
	return r.most[level-1][at]
}

// children is the range of nodes one level below.
func (r *run) children(level, at int) (lo, hi int) {
	n := len(r.ids)
	if level > 1 {
		n = len(r.most[level-2])
	}
	return at * fanout, min((at+1)*fanout, n)
}

func (r *run) weigh(phrases []phrase) {
	for n, level := len(r.ids), 1; n > 1; level++ {
		n = (n + fanout - 1) / fanout
		r.most = append(r.most, make([]bound, n))
		for i := range n {
			r.refresh(phrases, level, i)
		}
	}
}

func (r *run) refresh(phrases []phrase, level, at int) {
	lo, hi := r.children(level, at)
	var m bound
	for i := lo; i < hi; i++ {
		w := r.weight(phrases, level-1, i)
		m = bound{max(m.stays, w.stays), max(m.fades, w.fades)}
	}
	r.most[level-1][at] = m
}

// update follows a changed weight up the tree, from each of the phrase's entries.
func (r *run) update(phrases []phrase, id uint32) {
	f := phrases[id].folded
	for at := 0; at >= 0; at = nextWord(f, at) {
		i, ok := r.index(phrases, f[at:], id)
		if !ok {
			return
		}
		for level := 1; level < r.levels(); level++ {
			i /= fanout
			r.refresh(phrases, level, i)
		}
	}
}

func (r *run) index(phrases []phrase, suffix string, id uint32) (int, bool) {
	i := search(0, len(r.ids), func(i int) bool {
		if c := strings.Compare(r.suffix(phrases, i), suffix); c != 0 {
			return c > 0
		}
		return r.ids[i] >= id
	})
	return i, i < len(r.ids) && r.ids[i] == id && r.suffix(phrases, i) == suffix
}

// search returns the first i in [lo, hi) for which f is true, or hi.
func search(lo, hi int, f func(int) bool) int {
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if f(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// find returns the range, within [lo, hi), of the entries that begin with p. Most ranges that are asked for are empty, and
// that is known after half of the work.
func (r *run) find(phrases []phrase, p string, lo, hi int) (int, int) {
	lo = search(lo, hi, func(i int) bool { return r.suffix(phrases, i) >= p })
	if lo == hi || !strings.HasPrefix(r.suffix(phrases, lo), p) {
		return lo, lo
	}
	return lo, r.end(phrases, p, lo, hi)
}

// end returns where, after lo which begins with p, the entries stop that do. It looks near lo first.
func (r *run) end(phrases []phrase, p string, lo, hi int) int {
	step := 1
	for lo+step < hi && strings.HasPrefix(r.suffix(phrases, lo+step), p) {
		lo += step
		step *= 2
	}
	return search(lo+1, min(lo+step, hi), func(i int) bool { return !strings.HasPrefix(r.suffix(phrases, i), p) })
}

// What one run is asked at most for a text with an edit. Nothing that people type in an alphabet comes near, but the first
// of two Han letters may be any of thousands.
const (
	nearRunes   = 48 // the edit is among the first so many letters
	nearLetters = 64 // different letters that really follow a beginning, in their order
	nearScan    = 24 // entries that are left are compared one by one
)

// near calls f with the ranges of entries that begin with p after one edit. Where p[:i] is a range, the letters that
// really follow it there are tried in the place of p's own and before it; so no alphabet is needed.
func (r *run) near(phrases []phrase, p string, f func(lo, hi int)) {
	lo, hi := 0, len(r.ids)
	for i, runes := 0, 0; i < len(p) && lo < hi && runes < nearRunes; runes++ {
		if hi-lo <= nearScan {
			for at := lo; at < hi; at++ {
				if nearPrefix(r.suffix(phrases, at)[i:], p[i:]) {
					f(at, at+1)
				}
			}
			return
		}
		_, n := utf8.DecodeRuneInString(p[i:])
		letter, rest := p[i:i+n], p[i+n:]
		f(r.find(phrases, p[:i]+rest, lo, hi)) // a letter too many
		if rest != "" {
			_, m := utf8.DecodeRuneInString(rest)
			f(r.find(phrases, p[:i]+rest[:m]+letter+rest[m:], lo, hi)) // two swapped
		}
		at := search(lo, hi, func(k int) bool { return len(r.suffix(phrases, k)) > i }) // what ends here comes first
		for letters := 0; at < hi && letters < nearLetters; letters++ {
			s := r.suffix(phrases, at)
			_, m := utf8.DecodeRuneInString(s[i:])
			child := s[:i+m]
			end := r.end(phrases, child, at, hi)
			if child[i:] != letter {
				f(r.find(phrases, child+rest, at, end)) // a wrong letter
			}
			f(r.find(phrases, child+p[i:], at, end)) // one missing
			at = end
		}
		lo, hi = r.find(phrases, p[:i+n], lo, hi)
		i += n
	}
}
