package model

import "math"

// Candidates returns what Choose should try first on a matrix: every family with middling settings, under each sensible
// way to weigh the cells, cheap ones first; Around then refines. least is the raw weight from which a cell is a real
// liking (4 for ratings of 1 to 5); 0 if every cell is one.
//
// The settings were found on a validation part of MovieLens-100K's u1.base; Around moves them for other data.
func Candidates(m *Matrix, least float32) []Candidate {
	var out []Candidate
	all := weighings(m, least)
	for _, w := range all {
		for _, t := range []Trainer{
			ItemKNN{Top: 100, Weighting: TFIDF},
			RP3Beta{Beta: 0.4},
			EASE{Lambda: 400},
			ialsFor(m),
			Spectral{Dim: spectralDim(m, 256), Users: 0.4, Items: 0.4, Popular: 0.3, Sharpen: 1, Linear: 32},
		} {
			if t.Name() != "ease" || m.Items() <= easeIsQuick {
				out = append(out, Candidate{Trainer: t, Weigh: w})
			}
		}
	}
	out = append(out, Candidate{Trainer: BSPM{Dim: spectralDim(m, 448)}, Weigh: all[0]})
	if m.Items() > easeIsQuick {
		out = append(out, Candidate{Trainer: LocalEASE{Lambda: 100, Users: 0.2}, Weigh: all[0]})
	}
	return out
}

// More are the families beside Candidates that are worth a search but do not serve (user-kNN keeps people's rows), add little
// beside EASE (SLIM), or take minutes (LightGCN): for comparing, and for a blend where a request may cost more.
func More(m *Matrix, least float32) []Candidate {
	w := weighings(m, least)[0]
	return []Candidate{{Trainer: UserKNN{Top: 200, Weighting: TFIDF}, Weigh: w}, {Trainer: SLIM{L1: 1, L2: 50}, Weigh: w}, {Trainer: LightGCN{}, Weigh: w}}
}

// ialsFor is where to begin: what has many cells can fill longer factors, which then want a smaller ridge. Conjugate
// gradients take a tenth of the time of exact systems and come within a hundredth of their NDCG (MovieLens-1M: .2218 of .2238).
func ialsFor(m *Matrix) IALS {
	t := IALS{Dim: 32, Epochs: 12, Alpha: min(0.2, 340/float64(m.Items())), Reg: 0.02, Steps: 3}
	if m.Entries() > 300_000 {
		t.Dim, t.Reg = 64, 0.005
	}
	return t
}

// spectralDim is where to begin: a sixteenth of the smaller side, at most so many.
func spectralDim(m *Matrix, most int) int { return max(16, min(m.Users()/16, m.Items()/16, most)) }

// easeIsQuick is the catalogue up to which EASE trains in seconds (3,043 items took 1.2 s on two cores, and the cost grows
// with the cube): beyond it the local form is tried.
const easeIsQuick = 6000

func weighings(m *Matrix, least float32) []Weigh {
	equal, below := true, false
	for _, v := range m.val {
		equal = equal && v == m.val[0]
		below = below || v < least
	}
	switch {
	case below:
		return []Weigh{{least, 0.35}, {least, 0}, {least, 1}}
	case equal:
		return []Weigh{{math.SmallestNonzeroFloat32, 1}}
	}
	return []Weigh{{}, {math.SmallestNonzeroFloat32, 1}}
}

// Around returns the neighbours of a candidate, for ChooseOptions.Refine: the settings that matter most, up and down.
func Around(c Candidate) []Candidate {
	var out []Candidate
	add := func(t Trainer) { out = append(out, Candidate{Trainer: t, Weigh: c.Weigh}) }
	switch t := c.Trainer.(type) {
	case Spectral:
		for _, n := range t.around() {
			add(n)
		}
	case EASE:
		for _, n := range (bent{t.Lambda, t.Users, t.Items}).around() {
			add(EASE{n.lambda, t.Top, n.users, n.items})
		}
	case LocalEASE:
		for _, n := range (bent{t.Lambda, t.Users, t.Items}).around() {
			add(LocalEASE{n.lambda, t.Near, n.users, n.items})
		}
	case BSPM:
		for _, n := range t.around() {
			add(n)
		}
	case Markov:
		for _, n := range t.around() {
			add(n)
		}
	case SLIM:
		for _, f := range []float32{0.5, 2} {
			n := t
			n.L1 *= f
			add(n)
			n = t
			n.L2 *= f
			add(n)
		}
	case UserKNN:
		for _, n := range []UserKNN{{t.Top * 2, t.Shrink, t.Weighting}, {t.Top / 2, t.Shrink, t.Weighting}, {t.Top, t.Shrink + 10, t.Weighting}, {t.Top, t.Shrink, BM25}} {
			if n.Top >= 25 {
				add(n)
			}
		}
	case IALS:
		if t.Dim < 256 {
			n := t
			n.Dim *= 2
			add(n)
		}
		for _, f := range []float64{0.5, 2} {
			n := t
			n.Reg *= f
			add(n)
			n = t
			n.Alpha *= f
			add(n)
		}
	case RP3Beta:
		for _, d := range []float64{-0.2, 0.2} {
			n := t
			if n.Beta += d; n.Beta >= 0 && n.Beta < 1.2 {
				add(n)
			}
		}
	case ItemKNN:
		for _, n := range []ItemKNN{{t.Top * 3, t.Shrink, t.Weighting}, {t.Top, t.Shrink + 20, t.Weighting}, {t.Top, t.Shrink, Plain}, {t.Top, t.Shrink, BM25}} {
			add(n)
		}
	}
	return out
}

// around: first what needs no other decomposition.
func (t Spectral) around() []Spectral {
	t = t.defaults()
	var out []Spectral
	add := func(change func(n *Spectral)) {
		n := t
		change(&n)
		if n.check() == nil {
			out = append(out, n)
		}
	}
	for _, f := range []float64{2, 0.5} {
		add(func(n *Spectral) { n.Sharpen = t.Sharpen * f })
		add(func(n *Spectral) { n.Linear = t.Linear * f * f })
	}
	for _, d := range []float64{0.1, -0.1} {
		if t.Popular+d > 0.05 && t.Popular+d < 1.01 {
			add(func(n *Spectral) { n.Popular = tenths(t.Popular + d) })
		}
	}
	add(func(n *Spectral) { n.Power = t.Power + 0.25 })
	for _, d := range []float64{0.1, -0.1} {
		if t.Users+d > 0.05 && t.Users+d < 1.01 {
			add(func(n *Spectral) { n.Users = tenths(t.Users + d) })
		}
		if t.Items+d > 0.05 && t.Items+d < 1.01 {
			add(func(n *Spectral) { n.Items = tenths(t.Items + d) })
		}
	}
	add(func(n *Spectral) { n.Dim = min(2*t.Dim, 512) })
	if t.Dim >= 32 {
		add(func(n *Spectral) { n.Dim = t.Dim / 2 })
	}
	return out
}

// bent are the settings that EASE and LocalEASE share.
type bent struct {
	lambda       float32
	users, items float64
}

// around: the ridge halved and doubled, the bends of the degrees up and down.
func (t bent) around() []bent {
	out := []bent{{t.lambda / 2, t.users, t.items}, {t.lambda * 2, t.users, t.items}}
	for _, d := range []float64{0.2, -0.2} {
		if x := tenths(t.users + d); x >= 0 && x <= 1 {
			out = append(out, bent{t.lambda, x, t.items})
		}
		if x := tenths(t.items + d); x >= 0 && x <= 1 {
			out = append(out, bent{t.lambda, t.users, x})
		}
	}
	return out
}

// around moves one setting at a time. A setting of 0 would be the default again: less than a tenth is -1.
func (t Markov) around() []Markov {
	t = t.defaults()
	var out []Markov
	add := func(p func(n *Markov) *float64, d float64) {
		n := t
		x := p(&n)
		if *x = tenths(*x + d); *x < 0 {
			return
		}
		if n.check() == nil {
			for _, x := range []*float64{&n.Decay, &n.Back, &n.Fade, &n.From, &n.To} {
				if *x == 0 {
					*x = -1
				}
			}
			out = append(out, n)
		}
	}
	for _, d := range []float64{-.1, .1} {
		add(func(n *Markov) *float64 { return &n.To }, d)
		add(func(n *Markov) *float64 { return &n.Fade }, d)
		add(func(n *Markov) *float64 { return &n.Decay }, d)
		add(func(n *Markov) *float64 { return &n.From }, d)
		add(func(n *Markov) *float64 { return &n.Back }, 2*d)
	}
	n := t
	n.Window *= 3
	return append(out, n)
}

// Orders are the models of order that train in a pass over the log, as a candidate to begin with and item-kNN over the
// newest actions; Around refines them.
func Orders() []Candidate {
	return []Candidate{{Trainer: Markov{}}, {Trainer: Markov{Window: 50, Decay: 1, Back: 1, Fade: .8}}}
}

// tenths keeps sums of tenths readable.
func tenths(x float64) float64 { return math.Round(x*10) / 10 }
