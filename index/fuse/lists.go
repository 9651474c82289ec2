package fuse

import (
	"cmp"
	"slices"

	"bowerbird/index/postings"
)

// Scored is a document and its score, as every list here holds them, best first.
type Scored = postings.Hit

// RRF fuses lists by reciprocal rank: Σ 1/(k + rank), rank from 1 (Cormack, Clarke and Büttcher, SIGIR 2009). k 0 means
// their 60. It needs no scores that can be compared, and therefore loses what scores say.
func RRF(k float64, lists ...[]Scored) []Scored {
	if k <= 0 {
		k = 60
	}
	sum := make(map[uint32]float64)
	for _, l := range lists {
		for i, h := range l {
			sum[h.Doc] += 1 / (k + float64(i+1))
		}
	}
	return ordered(sum)
}

// Normalise says how Sum makes scores comparable. A list is its own frame.
type Normalise uint8

// ByMax divides by the best score, so that zero stays zero; ByRange maps the list's scores onto 0 to 1; AsIs leaves them.
const (
	ByMax Normalise = iota
	ByRange
	AsIs
)

// Part is one list of a Sum.
type Part struct {
	List      []Scored
	Weight    float64
	Normalise Normalise
}

// Sum adds the weighted, normalised scores of lists; a document that a list lacks gets nothing from it.
func Sum(parts ...Part) []Scored {
	sum := make(map[uint32]float64)
	for _, p := range parts {
		if len(p.List) == 0 {
			continue
		}
		low, high := 0.0, p.List[0].Score
		for _, h := range p.List {
			high = max(high, h.Score)
		}
		if p.Normalise == ByRange {
			low = high
			for _, h := range p.List {
				low = min(low, h.Score)
			}
		}
		for _, h := range p.List {
			s := h.Score
			if p.Normalise != AsIs {
				if s -= low; high > low {
					s /= high - low
				}
			}
			sum[h.Doc] += p.Weight * s
		}
	}
	return ordered(sum)
}

func ordered(sum map[uint32]float64) []Scored {
	out := make([]Scored, 0, len(sum))
	for d, s := range sum {
		out = append(out, Scored{Doc: d, Score: s})
	}
	slices.SortFunc(out, func(a, b Scored) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Doc, b.Doc)) })
	return out
}
