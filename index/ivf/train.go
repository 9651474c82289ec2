package ivf

import (
	"math"
	"math/rand/v2"
	"sync"

	"bowerbird/internal/vec"
)

const (
	// perCentre is how many vectors of a sample there are for each centre.
	perCentre = 40
	// epochs of Lloyd's algorithm over the sample.
	epochs = 8
	// crowded is how many times the mean a list may hold before its centre is
	// given a second one, from a centre that has the fewest.
	crowded = 4
)

// grow trains anew when there are enough vectors more than at the last time.
func (x *Index) grow(n int) (trained bool) {
	if n < firstTrain || n < growTrain*x.trained {
		return false
	}
	var all []float32
	for _, l := range x.lists {
		all = append(all, l.rows...)
	}
	x.retrain(all, n, 1)
	return true
}

// retrain finds centres of rows and moves what the index holds to them.
func (x *Index) retrain(rows []float32, n, threads int) {
	lists := x.o.Lists
	if lists == 0 {
		lists = int(2 * math.Sqrt(float64(n)))
	}
	lists = max(1, min(lists, len(rows)/x.dim, maxLists))
	x.trained, x.probes = n, nil
	x.setCentres(centresOf(rows, x.dim, lists, x.o.Seed, threads))
	old := x.lists
	x.lists = make([]*list, lists)
	for i := range x.lists {
		x.lists[i] = &list{}
	}
	for _, l := range old {
		to := x.nearestAll(l.rows, threads)
		for i, id := range l.ids {
			x.addTo(to[i], id, l.row(i, x.dim))
		}
	}
}

// nearest returns the list whose centre is nearest by distance.
func (x *Index) nearest(row []float32) int {
	s := make([]float32, len(x.halves))
	return nearest(s, row, x.centres, x.halves)
}

func nearest(scores, row, centres, halves []float32) int {
	vec.DotRows(scores, row, centres)
	best, at := float32(math.Inf(-1)), 0
	for i, s := range scores {
		if s -= halves[i]; s > best {
			best, at = s, i
		}
	}
	return at
}

// nearestAll is nearest for each row.
func (x *Index) nearestAll(rows []float32, threads int) []int {
	return assign(rows, x.dim, x.centres, x.halves, threads)
}

func assign(rows []float32, dim int, centres, halves []float32, threads int) []int {
	n := len(rows) / dim
	to := make([]int, n)
	threads = max(1, min(threads, n/256+1))
	var all sync.WaitGroup
	for t := range threads {
		all.Go(func() {
			s := make([]float32, len(halves))
			for i := n * t / threads; i < n*(t+1)/threads; i++ {
				to[i] = nearest(s, rows[i*dim:(i+1)*dim], centres, halves)
			}
		})
	}
	all.Wait()
	return to
}

// centresOf is k-means (Lloyd) over a sample, begun at vectors drawn at random. A
// centre that few vectors are near is moved beside a crowded one, so that lists
// stay of like length. The same rows, seed and path of package vec give the same
// bits, whatever the number of threads.
func centresOf(rows []float32, dim, k int, seed uint64, threads int) []float32 {
	rnd := rand.New(rand.NewPCG(seed, 0x6b6d65616e73))
	n := len(rows) / dim
	sample := rows
	if n > k*perCentre {
		sample = make([]float32, 0, k*perCentre*dim)
		for range k * perCentre {
			i := rnd.IntN(n)
			sample = append(sample, rows[i*dim:(i+1)*dim]...)
		}
		n = k * perCentre
	}
	c := make([]float32, 0, k*dim)
	for _, i := range rnd.Perm(n)[:k] {
		c = append(c, sample[i*dim:(i+1)*dim]...)
	}
	halves := make([]float32, k)
	for range epochs {
		measure(halves, c, dim)
		to := assign(sample, dim, c, halves, threads)
		count, sum := make([]int, k), make([]float64, k*dim)
		for i, t := range to {
			count[t]++
			for j, v := range sample[i*dim : (i+1)*dim] {
				sum[t*dim+j] += float64(v)
			}
		}
		for t, m := range count {
			for j := range dim {
				if m > 0 {
					c[t*dim+j] = float32(sum[t*dim+j] / float64(m))
				}
			}
		}
		balance(c, count, sample, to, dim, n/k)
	}
	return c
}

// balance moves centres of hardly any vectors to a vector of the most crowded list.
func balance(c []float32, count []int, sample []float32, to []int, dim, mean int) {
	for t, m := range count {
		if m*8 > mean {
			continue
		}
		most := 0
		for u, v := range count {
			if v > count[most] {
				most = u
			}
		}
		if m > 0 && count[most] < crowded*mean || count[most] < 2 {
			continue
		}
		for i, u := range to {
			if u == most {
				copy(c[t*dim:(t+1)*dim], sample[i*dim:(i+1)*dim])
				to[i] = t
				break
			}
		}
		count[most] /= 2
		count[t] = count[most]
	}
}

func measure(halves, c []float32, dim int) {
	for i := range halves {
		row := c[i*dim : (i+1)*dim]
		halves[i] = vec.Dot(row, row) / 2
	}
}
