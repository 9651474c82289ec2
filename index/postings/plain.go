package postings

// exhaustive scores every document of the segment clause by clause, without bounds and without skipping. It is the
// twin of conjunction and disjunction.
func (r *runner) exhaustive() {
	n := len(r.seg.docs)
	scores := make([][]float64, len(r.p.clauses)) // −1: not matched
	for i := range r.p.clauses {
		scores[i] = make([]float64, n)
		for d := range scores[i] {
			scores[i][d] = -1
		}
	}
	for _, group := range [][]*clauseCursor{r.must, r.should, r.not} {
		for _, c := range group {
			for i := range c.leaves {
				l := &c.leaves[i]
				for l.doc != noDoc {
					scores[c.at][l.doc] = max(scores[c.at][l.doc], l.score())
					l.doc = l.settle(l.cs[l.lead].next())
				}
			}
		}
	}
	for d := range n {
		if !r.seg.live(uint32(d)) || !r.o.keeps(r.seg.docs[d]) {
			continue
		}
		if sum, ok := r.p.combine(func(clause int) float64 { return scores[clause][d] }); ok {
			r.keep(Hit{r.seg.docs[d], sum})
		}
	}
}

// combine adds the clauses' scores, where −1 means no match, and says whether the document matches the query.
func (p *plan) combine(score func(clause int) float64) (float64, bool) {
	sum, shoulds, any := 0.0, 0, false
	for i := range p.clauses {
		x := score(i)
		switch p.clauses[i].occur {
		case Must:
			if x < 0 {
				return 0, false
			}
			sum, any = sum+x, true
		case Should:
			if x >= 0 {
				sum, any = sum+x, true
				shoulds++
			}
		default:
			if x >= 0 {
				return 0, false
			}
		}
	}
	return sum, any && shoulds >= p.should
}

// records scores the documents that are not in a segment yet, one by one.
func (r *runner) records() {
	for i, rec := range r.p.snap.mem {
		if i%64 == 0 && r.stop() {
			return
		}
		if !r.p.snap.liveRecord(i) || !r.p.mayMatch(&rec.sign) {
			continue
		}
		sum, ok := r.p.combine(func(clause int) float64 { return r.p.scoreRecord(rec, &r.p.clauses[clause]) })
		if !ok || !r.o.keeps(rec.doc) {
			continue
		}
		if r.collecting {
			r.found = append(r.found, rec.doc)
		} else {
			r.keep(Hit{rec.doc, sum})
		}
	}
}

// mayMatch says whether a record with this signature can hold a term of a clause that every match, or any, must match.
func (p *plan) mayMatch(s *signature) bool {
	found := false
	for i := range p.clauses {
		c := &p.clauses[i]
		if c.occur == MustNot || c.occur == Should && found {
			continue
		}
		here := c.mayMatch(s)
		if c.occur == Must && !here {
			return false
		}
		found = found || here
	}
	return found
}

func (c *planClause) mayMatch(s *signature) bool {
	for i := range c.leaves {
		if s.has(c.leaves[i].ids[0]) {
			return true
		}
	}
	return false
}

func (p *plan) scoreRecord(r *record, c *planClause) float64 {
	best := -1.0
	for i := range c.leaves {
		if tf := p.recordTF(r, c.norms, &c.leaves[i]); tf > 0 {
			best = max(best, saturate(c.leaves[i].weight, p.k1, tf))
		}
	}
	return best
}

// recordTF returns tf' of a term or phrase in a record; 0 if it does not match.
func (p *plan) recordTF(r *record, n *norms, l *planLeaf) float64 {
	length := func(f int) uint16 { return r.lens[f] }
	at, ok := r.find(l.ids[0])
	if !ok {
		return 0
	}
	freq, pos := r.payload(at)
	if len(l.ids) == 1 {
		return n.of(freq, p.nf, length)
	}
	sp := spans{starts: places(nil, freq, pos)}
	sp.begin(l.slop)
	for i, id := range l.ids[1:] {
		if at, ok = r.find(id); !ok {
			return 0
		}
		freq, pos = r.payload(at)
		sp.follow(places(nil, freq, pos), l, i+1)
	}
	return sp.tf(l, n, length)
}
