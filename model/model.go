package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"
)

// Weighted is one item of a history. The weight is in the units of the training matrix (a rating, a strength): the
// model applies the Weigh that it was trained with.
type Weighted struct {
	Item   uint32
	Weight float32
}

// Scored is an item with its score; scores of different models are on different scales.
type Scored struct {
	Item  uint32
	Score float32
}

// Model is a trained recommender. It knows no users: whoever asks brings a history, so a person is served from their
// first action without training again, and no person's row is in the file. All methods are safe for concurrent use.
//
// A history is oldest first; models that know no order do not mind.
//
// In a history, items outside the catalogue and weights that are zero, negative or not finite count for nothing; an item
// given twice counts twice. A history that counts for nothing gives no recommendations, except from Popular.
type Model interface {
	// Card says how the model came to be.
	Card() Card
	// Items is the size of the catalogue; ids are below it.
	Items() int
	// Recommend appends the best n items for a history to dst, best first (ties by smaller id), without the items of the
	// history and those that skip refuses; skip may be nil and is asked only about items that would enter.
	Recommend(dst []Scored, history []Weighted, n int, skip func(item uint32) bool) []Scored
	// ScoreItems sets out[i] to the score of items[i]; out must be at least as long as items. Items outside the catalogue
	// get 0. Items of the history are scored like others.
	ScoreItems(history []Weighted, items []uint32, out []float32)
	// Similar appends the n items nearest to one, best first. An unknown item has none.
	Similar(dst []Scored, item uint32, n int) []Scored

	kind() string
	encode(*encoder)
}

// Tower is a Model whose score is an inner product: of the vector that a history makes, once for a request, and the
// vector of an item, which an index can hold. Both belong to one model: they are swapped in together or not at all.
type Tower interface {
	Model
	// Dim is the length of a vector.
	Dim() int
	// Vectors are the items' vectors, items x Dim, row-major; read only. A zero row is an item that is never retrieved.
	Vectors() []float32
	// Vector is one row of Vectors, nil for an unknown item; read only.
	Vector(item uint32) []float32
	// FoldIn appends the vector of a history to dst. It reports false, and appends zeros, when the history counts for nothing.
	FoldIn(dst []float32, history []Weighted) ([]float32, bool)
	// RecommendFor is Recommend with a vector that FoldIn gave before.
	RecommendFor(dst []Scored, vector []float32, history []Weighted, n int, skip func(item uint32) bool) []Scored
}

// Trainer makes a Model. Trainers are plain structs whose zero value works; their exported fields are the settings and
// go into the card as JSON.
type Trainer interface {
	// Name is the method's name: "ease".
	Name() string
	// Memory is the planned peak of bytes that Fit allocates for a matrix, the finished model included.
	Memory(m *Matrix) int64
	// Fit trains. It refuses an empty matrix (ErrEmpty), a plan above the budget (ErrMemory) and bad settings, returns
	// the context's error within about a second of its end, and gives the same bits for the same seed, settings and
	// matrix whatever the number of threads (on one path of internal/vec).
	Fit(ctx context.Context, m *Matrix, o Options) (Model, error)
}

// Options of Fit. The zero value works.
type Options struct {
	Seed         uint64
	Threads      int                                // 0: GOMAXPROCS
	MemoryBudget int64                              // bytes that Fit may plan for; 0: no limit
	Progress     func(done, total int, note string) // may be nil; never called concurrently
	Weigh        Weigh                              // how raw weights become training weights; zero: as they are
}

// Sentinels that callers decide by.
var (
	ErrEmpty  = errors.New("model: nothing to learn from")
	ErrMemory = errors.New("model: memory budget too small")
)

// Card is a model's card: everything needed to say where the model came from. Metrics, CreatedAt and Note belong to
// the caller; Fit fills the rest.
type Card struct {
	Kind      string             `json:"kind"`     // the form of the artefact: "linear", "factors", "sequence", "transitions", "lowrank", "people", "popular", "blend"
	Trainer   string             `json:"trainer"`  // Trainer.Name
	Settings  json.RawMessage    `json:"settings"` // the trainer's exported fields
	Weigh     Weigh              `json:"weigh"`
	Seed      uint64             `json:"seed"`
	Data      Data               `json:"data"`
	Metrics   map[string]float64 `json:"metrics,omitempty"`
	CreatedAt time.Time          `json:"created_at,omitzero"`
	Note      string             `json:"note,omitempty"`
}

// Data describes the matrix that a model was trained on, before Weigh.
type Data struct {
	Users       int    `json:"users"`
	Items       int    `json:"items"`
	Entries     int    `json:"entries"`
	Fingerprint string `json:"fingerprint"`
}

// Weigh turns raw weights into training weights, and is kept in the model so that histories are treated the same way.
// With Least 0 (the zero value) weights stay as they are. Otherwise a weight >= Least becomes 1, and a lower one becomes
// Decay^(Least - weight), or is dropped if Decay is 0: with ratings, Least 4 and Decay 0.5, a 3 becomes 0.5 and a 2
// becomes 0.25. Decay 1 makes every cell 1.
type Weigh struct {
	Least float32 `json:"least"`
	Decay float32 `json:"decay"`
}

// Of returns the training weight of one raw weight; 0 means that it does not count.
func (w Weigh) Of(raw float32) float32 {
	switch {
	case !(raw > 0) || math.IsInf(float64(raw), 0):
		return 0
	case w.Least == 0:
		return raw
	case raw >= w.Least:
		return 1
	case w.Decay == 0:
		return 0
	}
	return float32(math.Pow(float64(w.Decay), float64(w.Least-raw)))
}

func (w Weigh) check() error {
	if !(w.Least >= 0) || math.IsInf(float64(w.Least), 0) || !(w.Decay >= 0 && w.Decay <= 1) {
		return fmt.Errorf("model: weigh: least %v must be finite and not negative, decay %v in [0,1]", w.Least, w.Decay)
	}
	return nil
}

// begin does what every Fit does first: it checks the options, the matrix and the memory, applies Weigh, and starts the
// card.
func begin(t Trainer, kind string, m *Matrix, o *Options) (*Matrix, base, error) {
	var b base
	if err := o.Weigh.check(); err != nil {
		return nil, b, err
	}
	if m == nil || m.Entries() == 0 {
		return nil, b, fmt.Errorf("%s: %w: the matrix has no entries", t.Name(), ErrEmpty)
	}
	if need := t.Memory(m); o.MemoryBudget > 0 && need > o.MemoryBudget {
		return nil, b, fmt.Errorf("%s: %w: %d users, %d items and %d entries need %.1f MiB, the budget is %.1f MiB%s", t.Name(), ErrMemory,
			m.Users(), m.Items(), m.Entries(), mib(need), mib(o.MemoryBudget), advice(t))
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Progress == nil {
		o.Progress = func(int, int, string) {}
	}
	settings, err := json.Marshal(t)
	if err != nil {
		return nil, b, fmt.Errorf("%s: settings: %w", t.Name(), err)
	}
	b = base{items: m.Items(), card: Card{Kind: kind, Trainer: t.Name(), Settings: settings, Weigh: o.Weigh, Seed: o.Seed,
		Data: Data{m.Users(), m.Items(), m.Entries(), m.Fingerprint()}}}
	if o.Weigh.Least != 0 {
		m = m.Map(o.Weigh.Of)
		if m.Entries() == 0 {
			return nil, b, fmt.Errorf("%s: %w: no weight reaches %v", t.Name(), ErrEmpty, o.Weigh.Least)
		}
	}
	return m, b, nil
}

// advice is what to use instead of a trainer that does not fit into memory.
func advice(t Trainer) string {
	if a, ok := t.(interface{ advice() string }); ok {
		return "; " + a.advice()
	}
	return ""
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// matrixBytes is the size of a sparse matrix of this shape.
func matrixBytes(users, entries int) int64 { return int64(users)*8 + int64(entries)*8 }
