package copies

import (
	"cmp"
	"context"
	"slices"
)

// Within says how well a print fits into a part of another: how a crop is told from
// other pictures that have its colours. 0 to 1; it is not mirrored. Cost: about 0.5 ms.
func Within(small, big *Print) float32 {
	t := template(small)
	if t == nil {
		return 0
	}
	best := float32(0)
	for _, f := range strongest(slide(big, small, t, forCrops), 2) {
		f = refine(big, small, f, forCrops)
		s := (max(0, f.ncc) + max(0, agreement(big, small, f.box))) / 2
		best = max(best, s*(1-min(1, 2*colours(big, small, f.box))/2))
	}
	return best
}

// rough is the best correlation on the coarse grid. Cost: about 0.1 ms.
func rough(small, big *Print, t []float32) float32 {
	best := float32(0)
	for _, f := range slide(big, small, t, forCrops) {
		best = max(best, f.ncc*(1-min(1, 2*colours(big, small, f.box))/2))
	}
	return best
}

// Worth is how many of the best by vectors are worth giving to Reorder. Chosen on pictures of
// a drawn world other than those of the figures (eval pictures --parts crops).
const Worth = 400

// closely is how many candidates are compared by Within, after all by the coarse grid.
const closely = 32

// Reorder gives candidates for what a picture was cut from new scores: those that it
// fits into best stand above all others. base are the candidates' scores by other means,
// as cosines; print gives a candidate's print, nil if it has none.
func Reorder(ctx context.Context, cut *Print, base []float32, print func(i int) *Print) ([]float32, error) {
	out := slices.Clone(base)
	t := template(cut)
	if t == nil {
		return out, nil
	}
	order := make([]int, len(base))
	for i := range out {
		order[i] = i
		if i%16 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if p := print(i); p != nil {
			out[i] += rough(cut, p, t)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(out[j], out[i]) })
	const above = 8 // more than any score without
	for _, i := range order[:min(len(order), closely)] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if p := print(i); p != nil {
			out[i] = above + base[i] + 2*Within(cut, p)
		}
	}
	return out, nil
}
