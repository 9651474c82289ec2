package embed

import (
	"fmt"
	"io"

	"bowerbird/internal/frame"
	"bowerbird/internal/vec"
)

// aggregatorMagic and aggregatorVersion of the file, which is framed as package frame says. All are uvarints where nothing
// else is said:
//
//	in, hidden, dim, layers, neighbours, steps, one-mode flag, kinds, seed
//	for each layer, near and then join, and at last the head:
//	  W        count, then float32 each, in × out, rows one after the other
//	  b        count, then float32 each
const (
	aggregatorMagic   = "bowaggr"
	aggregatorVersion = 1
)

// Save writes the aggregator; the same one gives the same bytes.
func (a *Aggregator) Save(w io.Writer) error {
	f := frame.NewWriter(w, aggregatorMagic, aggregatorVersion)
	for _, n := range []int{a.in, a.hidden, a.dim, len(a.layers), a.neighbours, a.steps} {
		f.Int(n)
	}
	f.Bool(a.oneMode)
	f.Uvarint(a.kinds)
	f.Uvarint(a.seed)
	for _, d := range a.parts() {
		f.F32s(d.w)
		f.F32s(d.b)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("embed: save aggregator: %w", err)
	}
	return nil
}

// LoadAggregator reads what Save wrote. Bytes that are cut short or altered are refused, as are weights that do not fit
// the sizes or are not finite; memory grows with what was read.
func LoadAggregator(r io.Reader) (*Aggregator, error) {
	a, err := readAggregator(r)
	if err != nil {
		return nil, fmt.Errorf("embed: load aggregator: %w", err)
	}
	return a, nil
}

func readAggregator(r io.Reader) (*Aggregator, error) {
	f, err := frame.NewReader(r, aggregatorMagic, aggregatorVersion)
	if err != nil {
		return nil, err
	}
	a := &Aggregator{in: f.Int(), hidden: f.Int(), dim: f.Int()}
	layers := f.Int()
	a.neighbours, a.steps = f.Int(), f.Int()
	a.oneMode, a.kinds, a.seed = f.Bool(), f.Uvarint(), f.Uvarint()
	if err := f.Err(); err != nil {
		return nil, err
	}
	if bad := max(a.in, a.hidden, a.dim) > maxDim || min(a.in, a.hidden, a.dim, layers, a.neighbours, a.steps) < 1 ||
		layers > 2 || a.neighbours > 1000 || a.steps > 1<<20; bad {
		return nil, fmt.Errorf("%w: %d features, %d hidden, %d dimensions, %d layers, %d neighbours, %d steps", frame.ErrCorrupt, a.in, a.hidden, a.dim, layers, a.neighbours, a.steps)
	}
	in := a.in
	for range layers {
		a.layers = append(a.layers, layer{dense{in: in, out: a.hidden}, dense{in: in + a.hidden, out: a.hidden}})
		in = a.hidden
	}
	a.head = dense{in: a.hidden, out: a.dim}
	for _, d := range a.parts() {
		d.w, d.b = f.F32s(), f.F32s()
		if f.Err() == nil && (len(d.w) != d.in*d.out || len(d.b) != d.out) {
			return nil, fmt.Errorf("%w: %d and %d weights where %d × %d belong", frame.ErrCorrupt, len(d.w), len(d.b), d.in, d.out)
		}
		if !vec.Finite(d.w) || !vec.Finite(d.b) {
			return nil, fmt.Errorf("%w: a weight is not finite", frame.ErrCorrupt)
		}
	}
	return a, f.Close()
}
