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
			IALS{Dim: 32, Epochs: 8, Alpha: 0.2, Reg: 0.02},
		} {
			if t.Name() != "ease" || m.Items() <= easeIsQuick {
				out = append(out, Candidate{Trainer: t, Weigh: w})
			}
		}
	}
	if m.Items() > easeIsQuick {
		out = append(out, Candidate{Trainer: EASE{Lambda: 400}, Weigh: all[0]})
	}
	return out
}

// easeIsQuick is the catalogue up to which EASE trains in seconds (3,043 items took 1.2 s on two cores, and the cost grows
// with the cube): beyond it comes last, and once.
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
	case EASE:
		for _, f := range []float32{0.5, 2} {
			n := t
			n.Lambda *= f
			add(n)
		}
	case IALS:
		if t.Dim >= 64 { // settings carry over to more dimensions, at four times the cost for each doubling
			break
		}
		for _, f := range []float64{0.5, 2} {
			n := t
			n.Reg *= f
			n.Alpha /= f
			add(n)
		}
		t.Dim = 64
		add(t)
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
