package seq

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
)

// Shape of a network. Every field must be set; Options.shape has the defaults.
type Shape struct {
	Items      int // the catalogue
	Attributes int // distinct attributes, may be 0
	Dim        int // width of an item's vector, a multiple of Heads
	Heads      int
	Layers     int
	Hidden     int // width inside the feed-forward part
	Length     int // newest actions that are looked at
}

// Check tells whether a network of this shape can be made.
func (s Shape) Check() error {
	switch {
	case s.Items < 1 || s.Items > math.MaxInt32 || s.Attributes < 0 || s.Attributes > math.MaxInt32:
		return fmt.Errorf("seq: %d items and %d attributes", s.Items, s.Attributes)
	case s.Dim < 1 || s.Dim > 1024 || s.Heads < 1 || s.Dim%s.Heads != 0:
		return fmt.Errorf("seq: dim %d must be in 1..1024 and a multiple of heads, %d", s.Dim, s.Heads)
	case s.Layers < 0 || s.Layers > 32 || s.Hidden < 1 || s.Hidden > 8192 || s.Length < 1 || s.Length > 4096:
		return fmt.Errorf("seq: layers %d must be in 0..32, hidden %d in 1..8192, length %d in 1..4096", s.Layers, s.Hidden, s.Length)
	}
	return nil
}

// buckets of distances between two actions: 16 near ones each for itself, then 16
// that grow by powers, as in T5 (Raffel et al., JMLR 2020, section 2.1).
const buckets = 32

func bucket(distance int) int {
	if distance < 16 {
		return distance
	}
	return min(buckets-1, 16+int(4*math.Log2(float64(distance)/16)))
}

// layout says where each part lies in the one slice of numbers that a network is.
// Parts begin at multiples of 16.
type layout struct {
	item, attribute, position part
	layers                    []layerLayout
	gain, shift               part // of the last normalisation
	size                      int
}

type layerLayout struct {
	gain1, shift1, qkv, qkvBias, out, outBias, near part
	gain2, shift2, up, upBias, down, downBias       part
}

type part struct{ at, n int }

func (p part) of(x []float32) []float32 { return x[p.at : p.at+p.n : p.at+p.n] }

func (s Shape) layout() layout {
	var l layout
	take := func(n int) part {
		p := part{l.size, n}
		l.size += (n + 15) &^ 15
		return p
	}
	d := s.Dim
	l.item, l.attribute, l.position = take(s.Items*d), take(s.Attributes*d), take(s.Length*d)
	for range s.Layers {
		l.layers = append(l.layers, layerLayout{
			take(d), take(d), take(3 * d * d), take(3 * d), take(d * d), take(d), take(s.Heads * buckets),
			take(d), take(d), take(d * s.Hidden), take(s.Hidden), take(s.Hidden * d), take(d),
		})
	}
	l.gain, l.shift = take(d), take(d)
	return l
}

// Size is how many numbers a network of this shape has.
func (s Shape) Size() int { return s.layout().size }

// Net is a causal transformer over items, with pre-normalisation: the vector of an
// item, its attributes' vectors added, is both what goes in and what the last
// state is compared with. Kang and McAuley, "Self-Attentive Sequential
// Recommendation" (SASRec), ICDM 2018.
//
// Where we differ: pre-normalisation; the distance of two actions has a learned
// weight for each head besides the learned place; the loss is cross-entropy over
// the catalogue or a corrected sample of it, not one negative.
//
// A Net is immutable once trained and safe for concurrent use.
type Net struct {
	Shape
	at         layout
	w          []float32
	attributes [][]uint32 // by item; nil: none
	table      []float32  // Items × Dim: item and attribute vectors together

	once  sync.Mutex
	ready *packed // for Encode
}

// newNet makes a network with random weights.
func newNet(s Shape, attributes [][]uint32, rng *rand.Rand) *Net {
	n := &Net{Shape: s, at: s.layout(), attributes: attributes}
	n.w = make([]float32, n.at.size)
	normal := func(p part, std float64) {
		for i := range p.of(n.w) {
			n.w[p.at+i] = float32(rng.NormFloat64() * std)
		}
	}
	ones := func(p part) {
		for i := range p.of(n.w) {
			n.w[p.at+i] = 1
		}
	}
	normal(n.at.item, .02)
	normal(n.at.attribute, .02)
	normal(n.at.position, .02)
	deep := 1 / math.Sqrt(2*float64(max(1, s.Layers)))
	for _, l := range n.at.layers {
		ones(l.gain1)
		ones(l.gain2)
		normal(l.qkv, 1/math.Sqrt(float64(s.Dim)))
		normal(l.out, deep/math.Sqrt(float64(s.Dim)))
		normal(l.up, 1/math.Sqrt(float64(s.Dim)))
		normal(l.down, deep/math.Sqrt(float64(s.Hidden)))
	}
	ones(n.at.gain)
	n.table = make([]float32, s.Items*s.Dim)
	n.sum()
	return n
}

// Restore makes a network of the numbers that Weights gave.
func Restore(s Shape, weights []float32, attributes [][]uint32) (*Net, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	n := &Net{Shape: s, at: s.layout(), w: weights, attributes: attributes}
	if len(weights) != n.at.size {
		return nil, fmt.Errorf("seq: %d weights, the shape has %d", len(weights), n.at.size)
	}
	if err := checkAttributes(s, attributes); err != nil {
		return nil, err
	}
	n.table = make([]float32, s.Items*s.Dim)
	n.sum()
	return n, nil
}

func checkAttributes(s Shape, attributes [][]uint32) error {
	if attributes != nil && len(attributes) != s.Items {
		return fmt.Errorf("seq: attributes of %d items, the catalogue has %d", len(attributes), s.Items)
	}
	for i, list := range attributes {
		for _, a := range list {
			if int(a) >= s.Attributes {
				return fmt.Errorf("seq: item %d has attribute %d of %d", i, a, s.Attributes)
			}
		}
	}
	return nil
}

// Weights are all numbers of the network, to be read only.
func (n *Net) Weights() []float32 { return n.w }

// Lists are the items' attributes, to be read only; nil if there are none.
func (n *Net) Lists() [][]uint32 { return n.attributes }

// Table is Items × Dim: the vectors that Encode's results are compared with, by
// inner product. Read only.
func (n *Net) Table() []float32 { return n.table }

// sum makes the table: an item's own vector and the mean of its attributes'.
func (n *Net) sum() {
	copy(n.table, n.at.item.of(n.w))
	d, of := n.Dim, n.at.attribute.of(n.w)
	for i, list := range n.attributes {
		row := n.table[i*d : (i+1)*d]
		for _, a := range list {
			share := 1 / float32(len(list))
			for k, v := range of[int(a)*d : (int(a)+1)*d] {
				row[k] += share * v
			}
		}
	}
}

// spread carries the table's gradient over to the attributes.
func (n *Net) spread(g []float32) {
	d, items, of := n.Dim, n.at.item.of(g), n.at.attribute.of(g)
	for i, list := range n.attributes {
		row := items[i*d : (i+1)*d]
		for _, a := range list {
			share := 1 / float32(len(list))
			to := of[int(a)*d : (int(a)+1)*d]
			for k, v := range row {
				to[k] += share * v
			}
		}
	}
}
