package hnsw

import (
	"math/bits"

	"bowerbird/index"
)

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
	// Bits walks over codes of one bit (RaBitQ, package quant), 1/16 of the vectors, and scores
	// everything in view by float32 vectors, which may lie in a file (Options.Rows): 4 bytes and an
	// eighth. Links are chosen by the vectors. It wants a wide view: Ef is 320 where nothing is said.
	Bits

	lastForm = Bits
)

func (f Form) String() string {
	if int(f) < len(formNames) {
		return formNames[f]
	}
	return "unknown form"
}

var formNames = [...]string{"float32", "int8", "int8 and half", "int8 only", "bits"}

// shape is how nodes are laid out.
type shape struct {
	dim    int
	m0, m  int // links at level 0, and above
	stride int // bytes from one code to the next; of Bits, words
	metric index.Metric
	form   Form
	where  string // folder of a file for rows; empty: memory
}

func shapeOf(dim int, metric index.Metric, o Options) shape {
	s := shape{dim: dim, m0: 2 * o.M, m: o.M, stride: strideOf(dim), metric: metric, form: o.Form, where: o.Rows}
	if s.form == Bits {
		s.stride = wordsOf(dim)
	}
	return s
}

// strideOf keeps codes on as few cache lines as they need, where that wastes no more than an
// eighth.
func strideOf(dim int) int {
	if line := (dim + 63) &^ 63; line-dim <= dim/8 {
		return line
	}
	return (dim + 7) &^ 7
}

// wordsOf is the words of a code of bits with its factors: a power of two where that is no more than a 16th of
// the vector.
func wordsOf(dim int) int {
	w := (dim+63)/64 + 1
	if p := 1 << bits.Len(uint(w-1)); p*8*16 <= 4*dim {
		return p
	}
	return w
}

// euclidean reports whether walks order by squared distance; otherwise by minus the inner
// product. Codes of vectors of length 1 order alike under both, and distances bear an offset.
func (s *shape) euclidean(coded bool) bool {
	return s.metric == index.L2 || coded && s.metric == index.Cosine
}
