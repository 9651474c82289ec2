package eval

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Interaction is one thing that one user did with one item.
type Interaction struct {
	User, Item uint32
	Time       int64   // any unit that grows with time; only order and cuts matter
	Value      float32 // a rating or a strength
}

// Split is a training part, a validation part (may be empty) and a test part.
type Split struct {
	Train, Valid, Test []Interaction
}

// Every splitter here is deterministic, leaves its input as it is, and returns parts ordered by user.

// LeaveOneOut puts each user's last interaction into Test and the last but one into Valid; users with fewer than three
// stay in Train entirely (the usual rule of the SASRec and S3-Rec splits). Equal times are ordered by their place in the
// input, because logs without times are often written in order.
func LeaveOneOut(all []Interaction) Split {
	var s Split
	byUser(all, func(u []Interaction) {
		n := len(u)
		if n < 3 {
			s.Train = append(s.Train, u...)
			return
		}
		s.Train = append(s.Train, u[:n-2]...)
		s.Valid = append(s.Valid, u[n-2])
		s.Test = append(s.Test, u[n-1])
	})
	return s
}

// Temporal cuts at global times: Train has Time < valid, Valid has valid <= Time < test, Test has Time >= test. With
// valid == test the validation part is empty. It refuses valid > test.
func Temporal(all []Interaction, valid, test int64) (Split, error) {
	var s Split
	if valid > test {
		return s, fmt.Errorf("eval: temporal split: validation starts at %d, after the test at %d", valid, test)
	}
	byUser(all, func(u []Interaction) {
		for _, x := range u {
			switch {
			case x.Time < valid:
				s.Train = append(s.Train, x)
			case x.Time < test:
				s.Valid = append(s.Valid, x)
			default:
				s.Test = append(s.Test, x)
			}
		}
	})
	return s, nil
}

// TimeAt returns the time below which the share q (0..1) of the interactions lies, for use as a cut of Temporal.
// It returns 0 for no interactions.
func TimeAt(all []Interaction, q float64) int64 {
	if len(all) == 0 {
		return 0
	}
	t := make([]int64, len(all))
	for i, x := range all {
		t[i] = x.Time
	}
	slices.Sort(t)
	return t[min(len(t)-1, max(0, int(math.Ceil(q*float64(len(t))))))]
}

// Holdout moves a random share of the interactions of a random share of the users into Test, the shape of MovieLens'
// u1.base / u1.test. Both shares are in (0,1]; the same seed gives the same split whatever the order of the input.
func Holdout(all []Interaction, users, share float64, seed uint64) (Split, error) {
	var s Split
	if !(users > 0 && users <= 1) || !(share > 0 && share <= 1) {
		return s, fmt.Errorf("eval: hold-out: users %v and share %v must lie in (0,1]", users, share)
	}
	byUser(all, func(u []Interaction) {
		slices.SortStableFunc(u, func(a, b Interaction) int {
			return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Time, b.Time))
		})
		rng := rand.New(rand.NewPCG(seed, uint64(u[0].User)))
		picked := rng.Float64() < users
		for _, x := range u {
			if rng.Float64() < share && picked {
				s.Test = append(s.Test, x)
			} else {
				s.Train = append(s.Train, x)
			}
		}
	})
	return s, nil
}

// Given wraps parts that came already split and counts the (user, item) pairs that stand in both: a leak, unless the
// protocol means it.
func Given(train, test []Interaction) (Split, int) {
	type pair struct{ u, i uint32 }
	in := make(map[pair]struct{}, len(train))
	for _, x := range train {
		in[pair{x.User, x.Item}] = struct{}{}
	}
	leak := 0
	for _, x := range test {
		if _, ok := in[pair{x.User, x.Item}]; ok {
			leak++
		}
	}
	return Split{Train: train, Test: test}, leak
}

// byUser calls f with each user's interactions by time, users ascending. f may reorder and keep its slice.
func byUser(all []Interaction, f func([]Interaction)) {
	x := slices.Clone(all)
	slices.SortStableFunc(x, func(a, b Interaction) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Time, b.Time))
	})
	for i := 0; i < len(x); {
		j := i
		for j < len(x) && x[j].User == x[i].User {
			j++
		}
		f(x[i:j:j])
		i = j
	}
}
