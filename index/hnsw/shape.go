package hnsw

import "bowerbird/index"

// Form is how vectors are held: what a walk compares, and what hits are scored by.
type Form uint8

// The numbers are part of the file format. Bytes are those of vectors and codes, for each dimension.
const (
	// Float32 walks over the vectors themselves: 4 bytes.
	Float32 Form = iota
	// Int8 walks over codes of one byte and scores hits by float32 vectors: 5 bytes.
	Int8
	// Int8Half walks over codes of one byte and scores hits by vectors rounded to
	// half floats (11 bits), which is also what Vector returns: 3 bytes.
	Int8Half
	// Int8Only has codes alone: 1 byte. Hits are scored by what the codes stand for, which is
	// also what Vector returns.
	Int8Only

	lastForm = Int8Only
)

func (f Form) String() string {
	if int(f) < len(formNames) {
		return formNames[f]
	}
	return "unknown form"
}

var formNames = [...]string{"float32", "int8", "int8 and half", "int8 only"}

// shape is how nodes are laid out.
type shape struct {
	dim    int
	m0, m  int // links at level 0, and above
	stride int // bytes from one code to the next
	metric index.Metric
	form   Form
}

func shapeOf(dim int, metric index.Metric, o Options) shape {
	return shape{dim: dim, m0: 2 * o.M, m: o.M, stride: strideOf(dim), metric: metric, form: o.Form}
}

// strideOf keeps codes on as few cache lines as they need, where that wastes no more than an
// eighth.
func strideOf(dim int) int {
	if line := (dim + 63) &^ 63; line-dim <= dim/8 {
		return line
	}
	return (dim + 7) &^ 7
}

// euclidean reports whether walks order by squared distance; otherwise by minus the inner
// product. Codes of vectors of length 1 order alike under both, and distances bear an offset.
func (s *shape) euclidean(coded bool) bool {
	return s.metric == index.L2 || coded && s.metric == index.Cosine
}
