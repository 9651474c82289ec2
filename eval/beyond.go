package eval

import (
	"math"
	"slices"
)

// Coverage is the share of a catalogue of n items that appears in at least one list, each list cut at k.
func Coverage(lists [][]uint32, k, n int) float64 {
	if n <= 0 {
		return 0
	}
	seen := make(map[uint32]struct{})
	for _, l := range lists {
		for _, it := range cut(l, k) {
			seen[it] = struct{}{}
		}
	}
	return float64(len(seen)) / float64(n)
}

// Gini is the Gini index of exposure: 0 when every item is shown equally often, near 1 when one item takes everything.
// exposure[i] is how often item i was shown; items never shown belong in it, as zeros. It sorts a copy: O(n log n).
//
//	G = sum over places i = 1..n of (2i - n - 1) x_i / (n * sum x), x ascending.
func Gini(exposure []float64) float64 {
	n := len(exposure)
	if n == 0 {
		return 0
	}
	x := slices.Clone(exposure)
	slices.Sort(x)
	num, sum := 0.0, 0.0
	for i, v := range x {
		num += float64(2*(i+1)-n-1) * v
		sum += v
	}
	if sum <= 0 {
		return 0
	}
	return num / (float64(n) * sum)
}

// Novelty is the mean self-information of the first k items, in bits: -log2(users who had the item / users) (Zhou et al.,
// PNAS 2010). counts[i] is the number of training users of item i and users the number of training users; an item
// without any counts as if one user had it, so that the value stays finite. An empty list gives 0.
func Novelty(list []uint32, k int, counts []uint32, users int) float64 {
	list = cut(list, k)
	if len(list) == 0 || users <= 0 {
		return 0
	}
	sum := 0.0
	for _, it := range list {
		c := uint32(1)
		if int(it) < len(counts) {
			c = max(c, counts[it])
		}
		sum += math.Log2(float64(users)) - math.Log2(float64(c))
	}
	return sum / float64(len(list))
}

// IntraListDiversity is the mean distance over all pairs of the first k items (Ziegler et al., WWW 2005). distance is
// called k(k-1)/2 times; fewer than two items give 0.
func IntraListDiversity(list []uint32, k int, distance func(a, b uint32) float64) float64 {
	list = cut(list, k)
	if len(list) < 2 {
		return 0
	}
	sum, pairs := 0.0, 0
	for i := range list {
		for j := range i {
			sum += distance(list[j], list[i])
			pairs++
		}
	}
	return sum / float64(pairs)
}
