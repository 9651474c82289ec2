package index

import (
	"errors"
	"fmt"
	"io"
	"math"

	"bowerbird/index/internal/file"
	"bowerbird/internal/vec"

	"github.com/RoaringBitmap/roaring/v2"
)

// Index holds a vector for each of many ids and finds the nearest to a query.
// Every implementation is safe for concurrent use by any number of goroutines
// and passes indextest.Run.
type Index interface {
	// Dim returns the length that every vector and query must have.
	Dim() int
	// Metric returns what Search orders by.
	Metric() Metric
	// Len returns the number of ids that have a vector.
	Len() int
	// Put stores a copy of v for id, in place of what id had before.
	// Errors: ErrDim, ErrNotFinite, ErrZero; the index is then unchanged.
	Put(id uint32, v []float32) error
	// Delete forgets id and reports whether it was there. No search that
	// begins afterwards returns it.
	Delete(id uint32) bool
	// Vector appends id's vector to dst, as it is stored (at length 1 under
	// Cosine), and reports whether id is there.
	Vector(dst []float32, id uint32) ([]float32, bool)
	// Search returns up to k hits, best first, equal scores by the smaller
	// id: fewer where fewer are admitted, none from an empty index. The
	// result is the caller's. Errors: ErrDim, ErrNotFinite (also of Options.Recall), ErrZero, ErrK.
	Search(q []float32, k int, o Options) ([]Hit, error)
	// Save writes the index, with checksums. The same sequence of Put and
	// Delete on the same kernels (see package vec) writes the same bytes.
	Save(w io.Writer) error
}

// Hit is one answer. Score is higher for nearer: the inner product, the cosine,
// or minus the squared Euclidean distance.
type Hit = vec.Scored

// Options narrow and tune a search. The zero value admits every id. An id must
// pass all three of Within, Exclude and Filter. Bitmaps must not change while a
// search reads them.
type Options struct {
	// Within, where not nil, holds the only ids that may be returned. An
	// empty bitmap admits none. Prefer it to Filter: its size is known.
	Within *roaring.Bitmap
	// Exclude holds ids that must not be returned, such as those seen.
	Exclude *roaring.Bitmap
	// Filter returns whether an id may be returned. It is called during the
	// search, so it must be quick, and must not write to the index.
	Filter func(id uint32) bool
	// Recall is the wanted share of the true hits, 0..1, instead of Ef: a graph chooses Ef, and an inverted
	// file its lists, by what it measured of itself. 0 means not said. Flat finds all.
	Recall float32
	// Ef is how many candidates a graph keeps in view; more finds more and
	// costs more. 0 means the index's own default. Flat ignores it.
	Ef int
}

// Admits reports whether id passes Within, Exclude and Filter, in this order.
func (o *Options) Admits(id uint32) bool {
	return (o.Within == nil || o.Within.Contains(id)) &&
		(o.Exclude == nil || !o.Exclude.Contains(id)) &&
		(o.Filter == nil || o.Filter(id))
}

// Valid refuses a Recall that is not in 0..1, with ErrNotFinite.
func (o *Options) Valid() error {
	if !(o.Recall >= 0 && o.Recall <= 1) {
		return fmt.Errorf("index: recall is %g, want 0..1: %w", o.Recall, ErrNotFinite)
	}
	return nil
}

// All reports whether every id is admitted.
func (o *Options) All() bool { return o.Within == nil && o.Exclude == nil && o.Filter == nil }

// What a caller can do wrong. Errors wrap these and say the figures.
var (
	ErrDim       = errors.New("wrong number of dimensions")
	ErrNotFinite = errors.New("not a finite number")
	ErrZero      = errors.New("a zero vector has no direction")
	ErrK         = errors.New("k must be at least 1")
	// ErrCorrupt is a file that is not what Save wrote.
	ErrCorrupt = file.ErrCorrupt
)

// MaxDim is the largest number of dimensions of an index.
const MaxDim = 1 << 16

// Metric is what makes two vectors near.
type Metric uint8

// The numbers are part of the file formats.
const (
	InnerProduct Metric = iota
	Cosine              // vectors are scaled to length 1 when stored
	L2                  // squared Euclidean distance
)

func (m Metric) String() string {
	switch m {
	case InnerProduct:
		return "inner product"
	case Cosine:
		return "cosine"
	case L2:
		return "L2"
	}
	return fmt.Sprintf("Metric(%d)", uint8(m))
}

// Valid reports whether m is one of the metrics above.
func (m Metric) Valid() bool { return m <= L2 }

// CheckShape returns an error where an index of this shape cannot be.
func CheckShape(dim int, m Metric) error {
	if dim < 1 || dim > MaxDim {
		return fmt.Errorf("index: dim %d is not in 1..%d: %w", dim, MaxDim, ErrDim)
	}
	if !m.Valid() {
		return fmt.Errorf("index: unknown metric %d", uint8(m))
	}
	return nil
}

// Prepare checks v, a vector or a query, and writes into dst the form in which
// it is compared. len(dst) is the dimension of the index. Under InnerProduct and
// L2 a value may be as large as float32 holds, but a vector whose squared length
// leaves float32 is refused, because its scores would be infinite.
func (m Metric) Prepare(dst, v []float32) error {
	if len(v) != len(dst) {
		return fmt.Errorf("index: vector of %d, want %d: %w", len(v), len(dst), ErrDim)
	}
	for i, x := range v {
		if x-x != 0 {
			return fmt.Errorf("index: vector[%d] is %g: %w", i, x, ErrNotFinite)
		}
	}
	copy(dst, v)
	if m == Cosine {
		if !vec.Normalize(dst) {
			return fmt.Errorf("index: vector of %d zeros: %w", len(v), ErrZero)
		}
		return nil
	}
	if s := vec.Dot(dst, dst); float64(s) > math.MaxFloat32/8 {
		return fmt.Errorf("index: squared length %g is too large: %w", s, ErrNotFinite)
	}
	return nil
}

// Score returns the score of one stored vector for a prepared query.
func (m Metric) Score(q, v []float32) float32 {
	if m == L2 {
		return -vec.L2(q, v)
	}
	return vec.Dot(q, v)
}

// Scores writes into dst the score of each row of a row-major matrix.
func (m Metric) Scores(dst, q, rows []float32) {
	if m != L2 {
		vec.DotRows(dst, q, rows)
		return
	}
	vec.L2Rows(dst, q, rows)
	for i := range dst {
		dst[i] = -dst[i]
	}
}
