package train

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"bowerbird"
	"bowerbird/eval"
	"bowerbird/model"
	"bowerbird/rank"
	"bowerbird/retrieve"
	"bowerbird/store"
)

// House is what training replays into: engine.House.
type House interface {
	Fold(offset uint64, e *bowerbird.Event) (bowerbird.Fact, bool)
	Apply(facts []bowerbird.Fact)
	Put(ctx context.Context, b *rank.Bundle) error
	// FitGraph learns a bundle's part of the graph from what is folded.
	FitGraph(ctx context.Context, b *rank.Bundle, o retrieve.FitOptions) error
	// FitContent learns a bundle's map from what items are to its factors, which were trained on m.
	FitContent(ctx context.Context, b *rank.Bundle, m *model.Matrix, o retrieve.FitOptions) error
	// Candidates runs a surface up to hydration and returns the rows, best by
	// fused score first, with the traces of the stages.
	Candidates(ctx context.Context, r bowerbird.Request) (*bowerbird.Page, error)
	// Arrange cuts scored candidates to a page with diversity λ.
	Arrange(r *bowerbird.Request, c []bowerbird.Candidate, n int, lambda float32) []bowerbird.Candidate
	// Weight is that of a source of the home page in fusion by rank; below 0: there
	// is no such source, or its weight is fixed.
	Weight(source string) float32
	// Popular lists the n most liked items that the request's filters let pass.
	Popular(ctx context.Context, r bowerbird.Request, n int) ([]uint32, error)
	History(u bowerbird.UserID) []bowerbird.Action
	Now() int64
}

// Options of Run. Log, NewHouse and Models are required.
type Options struct {
	Log      store.Log
	NewHouse func() (House, error)
	Current  *rank.Bundle // what serves now; nil if nothing does

	// Sight reads pictures; nil: how they are seen is not learned.
	Sight Sight

	// Terms analyses texts and queries as search does; nil: as English.
	Terms func(string) []string

	// Validate says what models are chosen and judged on: ByTime, on what people
	// did after the models' data ends, or AtRandom, on likes held out at random,
	// for judging by test sets that were split at random. "" means ByTime.
	Validate Validation
	Samples  int           // moments that rows are made of in each part; 0 means 1,000. Each holds a page of up to 250 candidates, some 50 KB with 25 columns
	Time     time.Duration // for choosing among retrieval models, and a third as much again for the model of order; 0 means 1 minute, below 0 no limit: then the result depends on the log and Seed only
	Memory   int64         // bytes that one model may plan for; 0 means 4 GiB
	Threads  int           // 0 means all cores
	Seed     uint64
	Now      func() time.Time
	Note     func(line string)                     // decisions, as they are taken; may be nil
	Step     func(what string, done, total uint64) // progress: done/total grows until what changes; may be nil
}

// Validation is how models are chosen and judged.
type Validation string

// The ways to validate.
const (
	ByTime   Validation = "time"
	AtRandom Validation = "random"
)

// Result is what a training found.
type Result struct {
	Bundle   *rank.Bundle
	Promoted bool   // whether the bundle should serve
	Why      string // the reason if not
	Funnel   Funnel
	Trials   []model.Trial
}

// ErrTooLittle says that the log holds too few likes to learn from, and too few
// texts to learn what words mean.
var ErrTooLittle = errors.New("train: too little to learn from")

// ErrErased says that somebody was forgotten while a training ran. What it had
// read names them, so it ends without a model.
var ErrErased = errors.New("train: a person was erased meanwhile: train again")

// Run trains on everything in the log. It writes nothing: the caller registers
// Result.Bundle. Where the log holds too few likes, what words mean and what
// pictures show is learned from the catalogue alone, unless a model of likes serves. Cost: two replays of the log, the search among models within
// Options.Time, and some milliseconds for each sample.
func Run(ctx context.Context, o Options) (*Result, error) {
	o.defaults()
	if o.Validate != ByTime && o.Validate != AtRandom {
		return nil, fmt.Errorf("train: validate: %q is neither %q nor %q", o.Validate, ByTime, AtRandom)
	}
	t, erased := &training{o: o}, o.Log.LastErase()
	steps := []struct {
		what string
		do   func(context.Context) error
	}{
		{"reading the log", t.read},
		{"choosing a model", t.choose},
		{"learning meaning", t.meaning},
		{"replaying for rows", t.replay},
		{"weighing the sources", t.fusion},
		{"fitting the ranker", t.rank},
		{"judging the whole", t.judge},
		{"fitting the search ranker", t.rankSearch},
		{"learning from everything", t.refit},
	}
	for _, s := range steps {
		o.Step(s.what, 0, 1)
		err := s.do(ctx)
		few := errors.Is(err, ErrTooLittle)
		if few {
			err = t.catalogueOnly(ctx, err)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && o.Log.LastErase() != erased {
			err = ErrErased
		}
		if err != nil {
			return nil, fmt.Errorf("train: %s: %w", s.what, err)
		}
		o.Step(s.what, 1, 1)
		if few {
			break
		}
	}
	return t.result, nil
}

func (o *Options) defaults() {
	if o.Validate == "" {
		o.Validate = ByTime
	}
	if o.Samples == 0 {
		o.Samples = 1000
	}
	if o.Time == 0 {
		o.Time = time.Minute
	}
	if o.Memory == 0 {
		o.Memory = 4 << 30
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	if o.Step == nil {
		o.Step = func(string, uint64, uint64) {}
	}
}

// training is the state that the steps hand on.
type training struct {
	o Options

	likes    []like // in the order of the log
	least    float32
	users    int
	items    int
	last     uint64
	cutA     uint64          // the models learn from offsets up to here
	cutB     uint64          // they are chosen on what follows up to here; the rest judges
	held     map[uint64]bool // person<<32 | item, held out at random
	moments  []moment        // ascending by offset
	choice   *model.Choice
	sequence *model.Candidate // of the model of order; nil: none is good enough
	related  *model.Candidate // of items that go with an item; nil: the retrieval model says
	early    *rank.Bundle     // fitted on the first part only
	groups   []group
	house    House // after the whole log, with the early bundle
	features []string
	ranker   *model.Logistic
	single   *source // the best alone; nil: none
	lambda   float32
	fused    rank.Fusion // weights other than those that serve by default
	search   *searching
	boards   *boards
	notes    []string
	metrics  map[string]eval.Estimate
	result   *Result
}

func (t *training) note(format string, a ...any) {
	s := fmt.Sprintf(format, a...)
	t.notes = append(t.notes, s)
	t.o.Note(s)
}

// like is one positive action.
type like struct {
	offset uint64
	user   uint32
	item   uint32
	weight float32
	until  uint64 // the offset at which it was taken back; 0: never
}
