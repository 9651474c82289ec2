package eval

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Query is one user of the test part with what the list is judged against.
type Query struct {
	User     uint32
	Relevant Relevant
}

// Queries groups a test part by user: every interaction with Value >= least becomes relevant with its Value as grade
// (the largest, if repeated; a Value of 0 or less becomes 1, so that logs without values work with least = 0). Users
// whose interactions all lie below least are kept with nothing relevant; Evaluate counts and skips them. Ordered by user.
func Queries(test []Interaction, least float32) []Query {
	at := make(map[uint32]int)
	var out []Query
	for _, x := range test {
		i, ok := at[x.User]
		if !ok {
			i = len(out)
			at[x.User] = i
			out = append(out, Query{User: x.User, Relevant: Relevant{}})
		}
		if x.Value >= least {
			g := x.Value
			if g <= 0 {
				g = 1
			}
			out[i].Relevant[x.Item] = max(g, out[i].Relevant[x.Item])
		}
	}
	slices.SortFunc(out, func(a, b Query) int { return int(int64(a.User) - int64(b.User)) })
	return out
}

// ErrUnseen may be returned (or wrapped) by a Ranker for a user of whom it knows nothing. The user then scores zero, as
// in every published protocol, and is counted in Report.Unseen.
var ErrUnseen = errors.New("eval: unseen user")

// Ranker returns the list for one user, best first, without the items that the protocol removes. Evaluate calls it from
// several goroutines at once. The list belongs to Evaluate until the next call from the same goroutine at the earliest;
// returning a fresh slice is always right.
type Ranker func(ctx context.Context, user uint32) ([]uint32, error)

// Options of Evaluate. The zero value works.
type Options struct {
	K        int                       // cut-off; 0 means 10
	Workers  int                       // lists ranked at once; 0 means GOMAXPROCS
	Gain     Gain                      // nil: binary NDCG; else graded
	Progress func(done, total int)     // called after about every hundredth of the users, never concurrently
	Items    int                       // size of the catalogue; 0 leaves coverage and Gini out (NaN)
	Counts   []uint32                  // training users per item, for novelty; nil leaves it out (NaN)
	Users    int                       // number of training users, for novelty
	Distance func(a, b uint32) float64 // for intra-list diversity; nil leaves it out (NaN); must allow concurrent calls
}

// Evaluate ranks a list for every query and returns the values per user. Queries without anything relevant are skipped
// and counted. A list that repeats an item within the first K is an error of the ranker and refused, as is an item
// outside the catalogue when Options.Items is set. The result does not depend on the number of workers.
func Evaluate(ctx context.Context, rank Ranker, queries []Query, o Options) (*Report, error) {
	if o.K <= 0 {
		o.K = 10
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	todo := make([]Query, 0, len(queries))
	r := &Report{K: o.K, Coverage: math.NaN(), Gini: math.NaN()}
	for _, q := range queries {
		if q.Relevant.Count() == 0 {
			r.Skipped++
			continue
		}
		todo = append(todo, q)
		r.Users = append(r.Users, q.User)
	}
	r.alloc(len(todo), o)
	lists, unseen, err := rankAll(ctx, rank, todo, r, o)
	if err != nil {
		return nil, err
	}
	r.Unseen = unseen
	if o.Items > 0 {
		exposure := make([]float64, o.Items)
		for _, l := range lists {
			for _, it := range l {
				exposure[it]++
			}
		}
		r.Coverage = Coverage(lists, o.K, o.Items)
		r.Gini = Gini(exposure)
	}
	return r, nil
}

func rankAll(ctx context.Context, rank Ranker, todo []Query, r *Report, o Options) (lists [][]uint32, unseen int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lists = make([][]uint32, len(todo))
	var next, none atomic.Int64
	var mu sync.Mutex
	done, step := 0, max(1, len(todo)/100)
	var wg sync.WaitGroup
	for range min(o.Workers, max(1, len(todo))) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(todo) {
					return
				}
				list, err := rank(ctx, todo[i].User)
				if errors.Is(err, ErrUnseen) {
					none.Add(1)
					list, err = nil, nil
				}
				if err == nil {
					err = checkList(list, o)
				}
				if err != nil {
					cancel(fmt.Errorf("eval: user %d: %w", todo[i].User, err))
					return
				}
				lists[i] = slices.Clone(cut(list, o.K))
				r.fill(i, lists[i], todo[i].Relevant, o)
				if o.Progress != nil {
					mu.Lock()
					done++
					if done%step == 0 || done == len(todo) {
						o.Progress(done, len(todo))
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	return lists, int(none.Load()), nil
}

func checkList(list []uint32, o Options) error {
	list = cut(list, o.K)
	for i, it := range list {
		if o.Items > 0 && int(it) >= o.Items {
			return fmt.Errorf("list holds item %d, outside the catalogue of %d", it, o.Items)
		}
		if slices.Contains(list[:i], it) {
			return fmt.Errorf("list repeats item %d", it)
		}
	}
	return nil
}
