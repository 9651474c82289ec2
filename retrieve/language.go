package retrieve

import (
	"slices"
	"strings"

	"bowerbird"
	"bowerbird/graph"
)

// languages numbers the languages of items from 1, in the order in which they
// came; 0 is none. Regions are one: "pt-BR" is "pt".
type languages []language

type language struct {
	name  string
	items int // that were put in it; one that is deleted still counts
}

// maxLanguages is how many labels a graph has beside 0; items of languages that
// come later are walked without preference.
const maxLanguages = 255

func primary(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	return tag
}

// number is the label of a language, which is given one if it has none.
func (l *languages) number(tag string) uint8 {
	if tag = primary(tag); tag == "" {
		return 0
	}
	if n := l.look(tag); n != 0 || len(*l) == maxLanguages {
		return n
	}
	*l = append(*l, language{name: tag})
	return uint8(len(*l))
}

// look is the label that a language has, 0 if none.
func (l languages) look(tag string) uint8 {
	tag = primary(tag)
	return uint8(1 + slices.IndexFunc(l, func(x language) bool { return x.name == tag }))
}

// moved counts an item that goes from one label to another.
func (l languages) moved(from, to uint8) {
	if from != 0 {
		l[from-1].items--
	}
	if to != 0 {
		l[to-1].items++
	}
}

// share of a language among the items that have one.
func (l languages) share(label uint8) float64 {
	all := 0
	for _, x := range l {
		all += x.items
	}
	return float64(l[label-1].items) / float64(max(1, all))
}

// A person keeps to a language if most of at least so many things that they
// liked are of it, and it is much rarer among all items: who likes what there is
// most of has shown no preference.
const (
	fewestLikes = 4
	mostOf      = .6
	rarer       = 2
)

// asked is how strongly a walk keeps to the language that a request asks for:
// the filters refuse what else it finds.
const asked = .95

// bias is the language that a walk prefers: the one that the request's conditions
// name, else the one that the person keeps to. v.mu is held.
func (v *Walk) bias(r *bowerbird.Request) graph.Bias {
	for _, c := range r.Where {
		if c.Field == "language" && c.Op == bowerbird.In && len(c.Words) == 1 {
			if l := v.languages.look(c.Words[0]); l != 0 {
				return graph.Bias{Label: l, Share: asked}
			}
		}
	}
	if len(v.languages) < 2 || v.o.Language == 0 || r.Item != 0 || r.Board != 0 {
		return graph.Bias{}
	}
	var likes [maxLanguages + 1]int
	all, most := 0, uint8(0)
	for _, a := range r.Recent {
		l := uint8(0)
		if a.Weight > 0 {
			l = v.g.Label(graph.Left, uint32(a.Item))
		}
		if l == 0 {
			continue
		}
		all++
		if likes[l]++; likes[l] > likes[most] {
			most = l
		}
	}
	share := float64(likes[most]) / float64(max(1, all))
	if all < fewestLikes || share < mostOf || share < rarer*v.languages.share(most) {
		return graph.Bias{}
	}
	return graph.Bias{Label: most, Share: v.o.Language}
}
