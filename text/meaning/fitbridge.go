package meaning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"bowerbird/internal/vec"
)

// BridgeOptions of FitBridge. The zero value works.
type BridgeOptions struct {
	MaxPairs int // that are learned from, a random sample of more; 0 means 6,000
	Seed     uint64
}

// BridgeEvidence is what FitBridge decided by: how well the pairs that were held out find each other. Every figure is
// the mean over the judging pairs.
type BridgeEvidence struct {
	Pairs   int            `json:"pairs"`  // learned from in the end
	Judged  int            `json:"judged"` // held out from learning and from choosing
	Chosen  BridgeSettings `json:"chosen"`
	Pick    BridgeFigures  `json:"pictures_by_text"`
	Tell    BridgeFigures  `json:"texts_by_picture"`
	Gain    float64        `json:"gain"` // mean of both Reach
	Low     float64        `json:"low"`  // its 95 % interval
	High    float64        `json:"high"`
	Refused bool           `json:"refused,omitempty"`
}

// BridgeFigures are of one direction.
type BridgeFigures struct {
	Likeness float64 `json:"likeness"` // cosine of the wanted text with those of the ten that were found
	Chance   float64 `json:"chance"`   // the same of the tens that the other pairs found
	Best     float64 `json:"best"`     // the same of the ten best possible
	Reach    float64 `json:"reach"`    // mean of (likeness − chance) / (best − chance): 0 is chance, 1 the best possible
	Found    float64 `json:"found"`    // share of pairs whose own other half, or one with the same text, is among the ten
	Random   float64 `json:"random"`   // the same of ten drawn at random
}

// Errors of FitBridge that leave words to be words and pictures to be pictures.
var (
	ErrFewPairs = errors.New("meaning: too few items have both words and a picture")
	ErrNoBridge = errors.New("meaning: pictures do not tell what is written of them")
)

const (
	minPairs      = 200 // on which FitBridge begins
	mostJudged    = 600 // pairs held out for choosing, and as many for judging
	bridgeTen     = 10
	bridgeSharpen = 8 // the strongest
)

// FitBridge learns a bridge from pairs: x[i] is of the version from, y[i] the vector of length 1 of the text that goes
// with it. Ridge, sharpness and features are chosen on a tenth of the pairs by how like the texts of the ten pictures
// found are to the one asked with, and the reverse; another tenth judges. Where the 95 % interval of the gain over
// chance does not lie above zero, it is refused with ErrNoBridge, and with ErrFewPairs where there are fewer than 200.
// What is returned has learned from all of them.
//
// It costs about twenty Cholesky decompositions of In + Features (1,024) rows; 6,000 pairs of 256 numbers take some
// seconds. The result depends on the pairs, their order and Seed.
func FitBridge(ctx context.Context, from string, x, y [][]float32, o BridgeOptions) (*Bridge, *BridgeEvidence, error) {
	if len(x) != len(y) {
		return nil, nil, fmt.Errorf("meaning: fit a bridge: %d vectors and %d texts", len(x), len(y))
	}
	if len(x) < minPairs {
		return nil, &BridgeEvidence{Pairs: len(x), Refused: true}, fmt.Errorf("%w: %d, want %d", ErrFewPairs, len(x), minPairs)
	}
	for i := range x {
		if len(x[i]) != len(x[0]) || len(y[i]) != len(y[0]) || len(x[i]) == 0 || len(y[i]) == 0 || !vec.Finite(x[i]) || !vec.Finite(y[i]) {
			return nil, nil, fmt.Errorf("meaning: fit a bridge: pair %d: want %d and %d finite numbers", i, len(x[0]), len(y[0]))
		}
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0xb71))
	order := rng.Perm(len(x))
	order = order[:min(len(order), cmp.Or(max(0, o.MaxPairs), 6000))]
	held := min(mostJudged, len(order)/10)
	f := &bridging{ctx: ctx, from: from, x: x, y: y, choose: order[:held], judge: order[held : 2*held], learn: order[2*held:]}

	e := &BridgeEvidence{Pairs: len(order), Judged: held}
	best, err := f.best(o.Seed)
	if err != nil {
		return nil, nil, err
	}
	e.Chosen = best.Settings
	reach := f.figures(best, f.judge, e)
	e.Gain, e.Low, e.High = interval(reach)
	if !(e.Low > 0) {
		e.Refused = true
		return nil, e, fmt.Errorf("%w: %.3f of the way from chance to the best possible [%.3f, %.3f]", ErrNoBridge, e.Gain, e.Low, e.High)
	}
	f.learn = order
	all, err := f.fit([]BridgeSettings{best.Settings})
	if err != nil {
		return nil, nil, err
	}
	return all[0], e, nil
}

// bridging is the pairs and how they are parted.
type bridging struct {
	ctx                  context.Context
	from                 string
	x, y                 [][]float32
	learn, choose, judge []int
}

// best tries settings on the choosing pairs.
func (f *bridging) best(seed uint64) (*Bridge, error) {
	width := f.spread()
	var best *Bridge
	top := math.Inf(-1)
	for _, features := range []int{0, 512} {
		for _, share := range []float64{.5, 1} {
			if features == 0 && share != 1 {
				continue
			}
			var tried []BridgeSettings
			for _, ridge := range []float64{.003, .03, .3, 3} {
				s := BridgeSettings{Ridge: ridge, Features: features}
				if features > 0 {
					s.Width, s.Seed = share*width, seed
				}
				tried = append(tried, s)
			}
			made, err := f.fit(tried)
			if err != nil {
				return nil, err
			}
			for _, b := range made {
				for sharp := 1.; sharp <= bridgeSharpen; sharp *= 2 {
					b.Settings.Sharpness = sharp
					if r, _, _ := interval(f.figures(b, f.choose, new(BridgeEvidence))); r > top {
						c := *b
						best, top = &c, r
					}
				}
			}
		}
	}
	return best, nil
}

// spread is the median distance of a few pairs of vectors, the usual width of a kernel.
func (f *bridging) spread() float64 {
	var d []float64
	for i := 0; i+1 < min(len(f.learn), 1000); i += 2 {
		d = append(d, math.Sqrt(float64(vec.L2(f.x[f.learn[i]], f.x[f.learn[i+1]]))))
	}
	slices.Sort(d)
	return max(1e-6, d[len(d)/2])
}

// fit solves (ΦᵀΦ + n·ridge·v·I) W = ΦᵀY, both centred and v the mean variance of φ, for settings that differ in ridge alone.
func (f *bridging) fit(settings []BridgeSettings) ([]*Bridge, error) {
	b := &Bridge{Settings: settings[0], from: f.from, in: len(f.x[0]), out: len(f.y[0])}
	b.wave()
	n, width := len(f.learn), b.in+b.Settings.Features
	phi, text := make([]float32, 0, n*width), make([]float32, 0, n*b.out)
	for i, p := range f.learn {
		if i&255 == 0 && f.ctx.Err() != nil {
			return nil, f.ctx.Err()
		}
		phi, text = b.phi(phi, f.x[p]), append(text, f.y[p]...)
	}
	b.before, b.after = centre(phi, width), centre(text, b.out)
	gram, cross := make([]float32, width*width), make([]float32, width*b.out)
	vec.Gram(gram, phi, n, width)
	vec.MatMul(cross, transposed(phi, n, width), text, width, n, b.out)
	a, c := mat.NewSymDense(width, nil), mat.NewDense(width, b.out, wide(cross))
	trace := 0.0
	for i := range width {
		trace += float64(gram[i*width+i])
	}
	var out []*Bridge
	for _, s := range settings {
		if err := f.ctx.Err(); err != nil {
			return nil, err
		}
		for i := range width {
			for j := i; j < width; j++ {
				a.SetSym(i, j, float64(gram[i*width+j]))
			}
			a.SetSym(i, i, a.At(i, i)+max(1e-9, s.Ridge*trace/float64(width)))
		}
		var solver mat.Cholesky
		var w mat.Dense
		if !solver.Factorize(a) || solver.SolveTo(&w, c) != nil {
			continue // too near to singular: a larger ridge will do
		}
		one := *b
		one.Settings = s
		one.weights = make([]float32, width*b.out)
		for i := range width {
			for j := range b.out {
				one.weights[i*b.out+j] = float32(w.At(i, j))
			}
		}
		out = append(out, &one)
	}
	if len(out) == 0 {
		return nil, errors.New("meaning: fit a bridge: the vectors are all alike")
	}
	return out, nil
}

// centre takes the mean off rows and returns it.
func centre(rows []float32, dim int) []float32 {
	mean := make([]float32, dim)
	n := len(rows) / dim
	for i := range n {
		vec.Axpy(1/float32(n), rows[i*dim:(i+1)*dim], mean)
	}
	for i := range n {
		vec.Axpy(-1, mean, rows[i*dim:(i+1)*dim])
	}
	return mean
}

func transposed(a []float32, rows, cols int) []float32 {
	t := make([]float32, len(a))
	for i := range rows {
		for j := range cols {
			t[j*rows+i] = a[i*cols+j]
		}
	}
	return t
}

func wide(a []float32) []float64 {
	out := make([]float64, len(a))
	for i, x := range a {
		out[i] = float64(x)
	}
	return out
}

// figures fills in both directions and returns each pair's mean reach.
func (f *bridging) figures(b *Bridge, pairs []int, e *BridgeEvidence) []float64 {
	n := len(pairs)
	texts, mapped := make([]float32, 0, n*b.out), make([]float32, 0, n*b.out)
	for _, p := range pairs {
		texts = append(texts, f.y[p]...)
		m := b.Map(f.x[p])
		if m == nil {
			m = make([]float32, b.out)
		}
		mapped = append(mapped, m...)
	}
	alike, score := make([]float32, n*n), make([]float32, n*n)
	vec.MatMul(alike, texts, transposed(texts, n, b.out), n, b.out, n)
	vec.MatMul(score, texts, transposed(mapped, n, b.out), n, b.out, n)
	pick := direction(score, alike, n, &e.Pick)
	tell := direction(transposed(score, n, n), alike, n, &e.Tell)
	for i := range pick {
		pick[i] = (pick[i] + tell[i]) / 2
	}
	return pick
}

// direction judges lists: row i scores all pairs for text i, or for picture i, and alike says how near the pairs' texts
// are. Chance is what the lists of all the others are worth to i, and not a draw at random: some texts are near to
// everything, some pictures stand in every list, and neither means that a picture tells anything.
func direction(score, alike []float32, n int, to *BridgeFigures) []float64 {
	ten := min(bridgeTen, n)
	lists, often := make([][]vec.Scored, n), make([]float32, n)
	for i := range n {
		lists[i] = firstOf(score[i*n:(i+1)*n], ten)
		for _, x := range lists[i] {
			often[x.ID] += 1 / float32(n*ten)
		}
	}
	reach := make([]float64, n)
	for i := range n {
		a, same := alike[i*n:(i+1)*n], 0
		for _, x := range a {
			if x >= .9999 {
				same++
			}
		}
		likeness := func(list []vec.Scored) (t float64) {
			for _, x := range list {
				t += float64(a[x.ID]) / float64(len(list))
			}
			return t
		}
		got, chance, best := likeness(lists[i]), float64(vec.Dot(a, often)), likeness(firstOf(a, ten))
		if best-chance > 1e-6 {
			reach[i] = (got - chance) / (best - chance)
		}
		to.Likeness += got / float64(n)
		to.Chance += chance / float64(n)
		to.Best += best / float64(n)
		to.Reach += reach[i] / float64(n)
		if slices.ContainsFunc(lists[i], func(x vec.Scored) bool { return a[x.ID] >= .9999 }) {
			to.Found += 1 / float64(n)
		}
		missed := 1.0 // drawn without any of the same, without replacement
		for k := range ten {
			missed *= max(0, float64(n-same-k)) / float64(n-k)
		}
		to.Random += (1 - missed) / float64(n)
	}
	return reach
}

// firstOf are the places of the n greatest numbers.
func firstOf(by []float32, n int) []vec.Scored {
	b := vec.NewBest(n)
	for j, x := range by {
		b.Push(vec.Scored{ID: uint32(j), Score: x})
	}
	return b.Sorted()
}

// interval is a mean with its normal 95 % interval.
func interval(v []float64) (mean, low, high float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	square := 0.0
	for _, x := range v {
		square += (x - mean) * (x - mean)
	}
	half := 1.96 * math.Sqrt(square/float64(max(1, len(v)-1))/float64(len(v)))
	return mean, mean - half, mean + half
}
