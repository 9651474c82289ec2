package query

import "bowerbird/text"

// Synonyms returns up to n pairs of words or phrases that lead to the same items,
// learned from searches that several people made: candidates for the owner's list
// (text.Options.Synonyms), which alone changes what a search finds. It copies what
// is needed and costs seconds for 100,000 searches; call it seldom.
func (v *Understanding) Synonyms(n int) []text.Synonym {
	clicks, rewrites := v.outcomes()
	return v.o.Analyzer.LearnSynonyms(clicks, rewrites, text.LearnOptions{Max: n})
}

// outcomes copies what was liked after searches that enough people made, and which
// came next. The catalogue need not know their words: a visitor's word for what the
// owner calls otherwise is the synonym that is missing most.
func (v *Understanding) outcomes() (clicks []text.QueryClicks, rewrites []text.Rewrite) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for i := range v.log.queries {
		q := &v.log.queries[i]
		if len(q.items) == 0 || !v.shared(q) {
			continue
		}
		items := make(map[uint32]float64, len(q.items))
		for _, x := range q.items {
			if v.cat.live(x.to) {
				items[x.to] = float64(x.w)
			}
		}
		clicks = append(clicks, text.QueryClicks{Query: q.text, Items: items})
		for _, x := range q.next {
			if to := &v.log.queries[x.to]; x.w >= usual && v.shared(to) {
				rewrites = append(rewrites, text.Rewrite{From: q.text, To: to.text, Sessions: int(x.w)})
			}
		}
	}
	return clicks, rewrites
}
