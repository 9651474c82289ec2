package synth

import "strings"

// clock is where a session stands.
type clock struct {
	u  int
	at int64 // milliseconds
}

// wait moves the clock by lo to lo+span seconds.
func (p *player) wait(c *clock, lo, span float64) { c.at += int64(1000 * (lo + span*p.r.Float64())) }

// session plays one visit: a few pages, and what happens on them.
func (p *player) session() {
	u := drawSum(p.r.Float64(), p.w.active)
	for p.w.users[u].created > p.from {
		u = drawSum(p.r.Float64(), p.w.active)
	}
	c := &clock{u: u, at: p.from*1000 + int64(p.r.Float64()*3_600_000)}
	for pages := 1 + p.r.IntN(4); pages > 0; pages-- {
		switch x := p.r.Float64(); {
		case x < 0.62:
			p.browse(c, 0, p.fill(15, func() int32 { return p.home(u) }))
		case x < 0.85:
			s := p.wish(u)
			p.search(c, s)
			p.browse(c, 2, p.fill(15, func() int32 { return p.onTopic(s, 0.9) }))
		default:
			p.browse(c, 3, p.fill(15, func() int32 { return p.fromShelf(drawSum(p.r.Float64(), p.heatSum)) }))
		}
		p.wait(c, 2, 20)
	}
}

// wish is one of the person's sub-interests by weight, or now and then any
// that is in fashion.
func (p *player) wish(u int) int {
	us := &p.w.users[u]
	if p.r.Float64() < 0.1 {
		return drawSum(p.r.Float64(), p.heatSum)
	}
	var sum [maxTastes]float64
	t := 0.0
	for k := 0; k < int(us.n); k++ {
		t += float64(us.weight[k]) * p.heat[us.sub[k]]
		sum[k] = t
	}
	return int(us.sub[drawSum(p.r.Float64(), sum[:us.n])])
}

// home is what the site's home page of those days showed: guesses at the
// person's interests, what is popular, and a share of anything at all.
func (p *player) home(u int) int32 {
	switch x := p.r.Float64(); {
	case x < 0.5:
		return p.onTopic(p.wish(u), 0.75)
	case x < 0.85:
		return p.fromShelf(drawSum(p.r.Float64(), p.heatSum))
	}
	s := p.r.IntN(len(subs))
	if n := p.upTo[s]; n > 0 {
		return p.w.shelf[s].item[p.r.IntN(n)]
	}
	return -1
}

// onTopic draws from the shelf of s, or with probability 1-stay from a
// sibling's.
func (p *player) onTopic(s int, stay float64) int32 {
	if p.r.Float64() >= stay {
		t := &tops[subs[s].top]
		s = t.from + p.r.IntN(t.till-t.from)
	}
	return p.fromShelf(s)
}

// fromShelf draws an item that exists: by popularity, or one time in five
// among the newest. -1 when there is none.
func (p *player) fromShelf(s int) int32 {
	sh, n := &p.w.shelf[s], p.upTo[s]
	if n == 0 {
		return -1
	}
	if p.r.Float64() < 0.2 {
		return sh.item[n-1-p.r.IntN(min(n, 8))]
	}
	return sh.item[drawSum(p.r.Float64(), sh.sum[:n])]
}

// fill makes a page of up to n different items. The order is as they are
// drawn, which does not depend on the affinity to each.
func (p *player) fill(n int, draw func() int32) []int32 {
	p.page = p.page[:0]
	for tries := 2 * n; tries > 0 && len(p.page) < n; tries-- {
		i := draw()
		if i < 0 {
			continue
		}
		dup := false
		for _, j := range p.page {
			dup = dup || i == j
		}
		if !dup {
			p.page = append(p.page, i)
		}
	}
	return p.page
}

func (p *player) search(c *clock, s int) {
	r, sb := p.r, &subs[s]
	q := pick(r, sb.tags)
	switch x := r.Float64(); {
	case x < 0.35:
		q = pick(r, sb.nouns)
	case x < 0.5:
		q = sb.name
	case x < 0.62:
		f := &families[p.w.users[c.u].family[0]]
		q = pick(r, f.shades) + " " + pick(r, sb.nouns)
	case x < 0.74:
		q = styles[p.w.users[c.u].style[0]] + " " + pick(r, sb.nouns)
	case x < 0.8 && p.w.users[c.u].lang > 0:
		q = strings.ToLower(sb.words[p.w.users[c.u].lang-1])
	}
	if r.Float64() < 0.06 {
		q = typo(r, q)
	}
	p.put(c, action{kind: search, query: q, item: -1, board: -1, target: -1, surface: 2, request: p.request + 1})
}

func (p *player) put(c *clock, a action) {
	a.user, a.at = int32(c.u), c.at
	p.out = append(p.out, a)
}

func (p *player) gone(u int, i int32) bool {
	_, ok := p.kept[uint64(u)<<32|uint64(uint32(i))]
	return ok
}

// browse shows a page and plays what the person does with it. After a
// closeup they sometimes go on to the related page, one level deep.
func (p *player) browse(c *clock, surface uint8, page []int32) {
	p.request++
	req := p.request
	p.wait(c, 0.3, 0.5)
	shown := c.at
	for k, i := range page {
		if !p.gone(c.u, i) {
			p.put(c, action{kind: impression, item: i, board: -1, target: -1, surface: surface, request: req, pos: uint8(k + 1)})
		}
	}
	next := int32(-1)
	for k, i := range page {
		a := action{item: i, board: -1, target: -1, surface: surface, request: req, pos: uint8(k + 1)}
		if p.gone(c.u, i) || p.r.Float64() >= examination[k] {
			continue
		}
		p.wait(c, 0.4, 1.8)
		if p.react(c, a) && surface != 1 && p.r.Float64() < 0.2 {
			next = i
		}
	}
	c.at = max(c.at, shown+1000)
	if next >= 0 {
		p.wait(c, 1, 6)
		s := int(p.w.items[next].sub)
		p.browse(c, 1, p.fill(12, func() int32 {
			if i := p.onTopic(s, 0.85); i != next {
				return i
			}
			return -1
		}))
	}
}

// react plays what a person does with an item they looked at, and reports
// whether they opened it.
func (p *player) react(c *clock, a action) bool {
	r, w := p.r, p.w
	i := int(a.item)
	it := &w.items[i]
	aff := w.affinity(c.u, i, p.logHeat[it.sub])
	do := func(kind uint8) {
		b := a
		b.kind = kind
		p.put(c, b)
	}
	if r.Float64() >= aff {
		if low := 1 - aff; r.Float64() < 0.012*low*low*low {
			do(hide)
			p.kept[uint64(c.u)<<32|uint64(i)] = struct{}{}
			if r.Float64() < 0.15 && int(it.owner) != c.u {
				p.put(c, action{kind: mute, item: -1, board: -1, target: it.owner})
			}
		}
		return false
	}
	do(closeup)
	p.wait(c, 1, 8)
	if r.Float64() < saveGiven(aff) {
		b := a
		b.kind, b.board = save, w.boardFor(c.u, it.sub)
		p.put(c, b)
		p.kept[uint64(c.u)<<32|uint64(i)] = struct{}{}
		if r.Float64() < 0.04 && int(it.owner) != c.u {
			p.follow(c, it.owner)
		}
		p.wait(c, 0.5, 2)
	}
	if r.Float64() < 0.14 {
		do(click)
		p.wait(c, 3, 30)
		if r.Float64() < 0.12*aff {
			if v, ok := w.Price(i); ok {
				b := a
				b.kind, b.value = purchase, float32(v)
				p.put(c, b)
			}
		}
	}
	if r.Float64() < 0.02 {
		do(share)
	}
	return true
}

// follow follows a person, or a board of theirs.
func (p *player) follow(c *clock, owner int32) {
	a := action{kind: follow, item: -1, board: -1, target: owner}
	if lo, hi := p.w.first[owner], p.w.first[owner+1]; p.r.Float64() < 0.5 && p.w.users[owner].created < p.from {
		a.target, a.board = -1, lo+int32(p.r.IntN(int(hi-lo)))
	}
	p.put(c, a)
}
