package copies

import (
	"cmp"
	"slices"
)

// Edge says that two pictures, by number, are copies.
type Edge struct{ A, B int }

// Group puts n pictures into stars (Aslam, Pelekhov & Rus 2004): the picture with the
// most copies that is in no group yet is the first of a new one, which all its copies
// that are in no group yet join. So each member is a copy of the group's first, and a
// chain of small changes falls into many groups. It returns the first of each picture's
// group, its own number for those alone; ties go to the smaller number.
// Cost: n log n, and a step for each edge.
func Group(n int, edges []Edge) []int {
	near := make([][]int, n)
	for _, e := range edges {
		if e.A != e.B {
			near[e.A] = append(near[e.A], e.B)
			near[e.B] = append(near[e.B], e.A)
		}
	}
	order := make([]int, n)
	of := make([]int, n)
	for i := range n {
		slices.Sort(near[i])
		near[i] = slices.Compact(near[i])
		order[i], of[i] = i, -1
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(near[b]), len(near[a])) })
	for _, first := range order {
		if of[first] >= 0 {
			continue
		}
		of[first] = first
		for _, x := range near[first] {
			if of[x] < 0 {
				of[x] = first
			}
		}
	}
	return of
}
