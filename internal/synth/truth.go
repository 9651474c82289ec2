package synth

import (
	"container/heap"
	"math"
	"sort"
	"time"
)

// Truth answers what no engine can see. Safe for concurrent use.
type Truth struct{ w *World }

// Truth returns the answer sheet of the world.
func (w *World) Truth() Truth { return Truth{w} }

// The weights of the logit; see Affinity.
const (
	logitBase     = -3.1
	logitInterest = 3.6
	logitStyle    = 0.9
	logitColour   = 0.7
	logitQuality  = 0.5
	logitWhim     = 0.45
	logitHeat     = 0.35
	siblingShare  = 0.3
)

// Affinity is the probability that user u opens item i (a closeup) once they
// have looked at it, at the split time. With σ the logistic function,
//
//	P = σ(-3.1 + 3.6·interest + 0.9·style + 0.7·colour + 0.5·quality + 0.45·whim + 0.35·ln heat)
//
// interest in [0,1] is the person's weight for the item's sub-interest, or 0.3
// of their largest weight within the same top interest; style and colour are
// 1 for the favourite, 0.6 for the second, else 0; quality is the item's own,
// standard normal; whim is standard normal per pair, known to nobody; heat is
// the sub-interest's burst and season. Out-of-range numbers give 0. 40 ns.
func (t Truth) Affinity(u, i int) float64 { return t.AffinityAt(u, i, t.w.Split()) }

// AffinityAt is Affinity at another time.
func (t Truth) AffinityAt(u, i int, at time.Time) float64 {
	if u < 0 || i < 0 || u >= len(t.w.users) || i >= len(t.w.items) {
		return 0
	}
	h := t.w.heat(int(t.w.items[i].sub), at.Unix())
	return t.w.affinity(u, i, math.Log(h))
}

func (w *World) affinity(u, i int, logHeat float64) float64 {
	us, it := &w.users[u], &w.items[i]
	x := logitBase + logitInterest*us.interest(int(it.sub)) +
		logitStyle*taste(us.style, it.style) + logitColour*taste(us.family, palettes[it.palette].family) +
		logitQuality*float64(it.quality) + logitWhim*whim(w.opt.Seed, u, i) + logitHeat*logHeat
	return 1 / (1 + math.Exp(-x))
}

func (u *userState) interest(s int) float64 {
	best := float32(0)
	for k := 0; k < int(u.n); k++ {
		if int(u.sub[k]) == s {
			return float64(u.weight[k])
		}
		if subs[u.sub[k]].top == subs[s].top {
			best = max(best, siblingShare*u.weight[k])
		}
	}
	return float64(best)
}

func taste(fav [2]uint8, x uint8) float64 {
	switch x {
	case fav[0]:
		return 1
	case fav[1]:
		return 0.6
	}
	return 0
}

// whim is nearly standard normal: the sum of four uniform 16-bit draws.
func whim(seed uint64, u, i int) float64 {
	h := mix(seed ^ mix(uint64(u)<<32|uint64(i)))
	s := h&0xffff + h>>16&0xffff + h>>32&0xffff + h>>48
	return (float64(s)/65536 - 2) * math.Sqrt(3)
}

// SaveProbability is the probability that u saves i once they looked at it:
// they open it, and keep with 0.15 + 0.5·affinity what they opened.
func (t Truth) SaveProbability(u, i int) float64 {
	a := t.Affinity(u, i)
	return a * saveGiven(a)
}

func saveGiven(a float64) float64 { return 0.15 + 0.5*a }

// Examination is the probability that the item at a position (from 1) of a
// page is looked at: position^-0.6. It multiplies the affinity.
func (t Truth) Examination(position int) float64 {
	if position < 1 {
		return 0
	}
	return examination[min(position, len(examination))-1]
}

var examination = func() (e [64]float64) {
	for p := range e {
		e[p] = math.Pow(float64(p+1), -0.6)
	}
	return e
}()

// Scored is an item with its true affinity.
type Scored struct {
	Item     int
	Affinity float64
}

// Best returns the n items of highest true affinity for user u at the split
// time, best first, among those that exist by then. It scans every item.
func (t Truth) Best(u, n int) []Scored {
	if u < 0 || u >= len(t.w.users) || n <= 0 {
		return nil
	}
	at := t.w.Split().Unix()
	heat := make([]float64, len(subs))
	for s := range heat {
		heat[s] = math.Log(t.w.heat(s, at))
	}
	var h worst
	for i := range t.w.items {
		if t.w.items[i].created > at {
			continue
		}
		x := Scored{i, t.w.affinity(u, i, heat[t.w.items[i].sub])}
		if len(h) < n {
			heap.Push(&h, x)
		} else if better(x, h[0]) {
			h[0] = x
			heap.Fix(&h, 0)
		}
	}
	sort.Slice(h, func(a, b int) bool { return better(h[a], h[b]) })
	return h
}

func better(a, b Scored) bool {
	return a.Affinity > b.Affinity || a.Affinity == b.Affinity && a.Item < b.Item
}

// worst is a heap with the worst item on top.
type worst []Scored

func (h worst) Len() int           { return len(h) }
func (h worst) Less(i, j int) bool { return better(h[j], h[i]) }
func (h worst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *worst) Push(x any)        { *h = append(*h, x.(Scored)) }
func (h *worst) Pop() any          { o := *h; x := o[len(o)-1]; *h = o[:len(o)-1]; return x }

// Topic is a place in the taxonomy.
type Topic struct {
	Top, Sub int
	Path     []string // names, as in Item.Categories
}

// Topics lists the taxonomy in order; Topic.Sub is the index.
func Topics() []Topic {
	out := make([]Topic, len(subs))
	for s := range subs {
		out[s] = topic(s)
	}
	return out
}

func topic(s int) Topic {
	t := subs[s].top
	return Topic{Top: t, Sub: s, Path: []string{tops[t].name, subs[s].name}}
}

// ItemTopic is the true topic of item i.
func (t Truth) ItemTopic(i int) Topic { return topic(int(t.w.items[i].sub)) }

// BoardTopic is the true topic of board b; mixed tells a catch-all.
func (t Truth) BoardTopic(b int) (tp Topic, mixed bool) {
	return topic(int(t.w.boards[b].sub)), t.w.boards[b].mixed
}

// Interest is one of a person's true interests.
type Interest struct {
	Topic  Topic
	Weight float64 // in (0,1]; the first is 1
}

// Interests are the true interests of user u.
func (t Truth) Interests(u int) []Interest {
	us := &t.w.users[u]
	out := make([]Interest, us.n)
	for k := range out {
		out[k] = Interest{topic(int(us.sub[k])), float64(us.weight[k])}
	}
	return out
}

// Tastes are the favourite styles and colour families of user u, by the
// names used in Item.Attributes.
func (t Truth) Tastes(u int) (style, colour [2]string) {
	us := &t.w.users[u]
	for k := range style {
		style[k], colour[k] = styles[us.style[k]], families[us.family[k]].name
	}
	return style, colour
}

// Burst is a fashion: between two times a topic draws up to 1+Height times
// its usual share of eyes, rising and falling as half a sine.
type Burst struct {
	Topic      Topic
	From, Till time.Time
	Height     float64
}

// Bursts lists the fashions of the log's days by their beginning.
func (t Truth) Bursts() []Burst {
	out := make([]Burst, len(t.w.bursts))
	for k, b := range t.w.bursts {
		out[k] = Burst{topic(b.sub), time.Unix(b.from, 0).UTC(), time.Unix(b.till, 0).UTC(), b.height}
	}
	return out
}
