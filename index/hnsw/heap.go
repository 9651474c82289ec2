package hnsw

// maxHeap holds the nearest so far with the farthest on top.
type maxHeap []uint64

func (h *maxHeap) push(k uint64) {
	a := append(*h, k)
	i := len(a) - 1
	for i > 0 {
		p := (i - 1) / 2
		if a[p] >= k {
			break
		}
		a[i] = a[p]
		i = p
	}
	a[i] = k
	*h = a
}

// replace puts k in the place of the farthest.
func (h maxHeap) replace(k uint64) {
	i := 0
	for c := 1; c < len(h); c = 2*i + 1 {
		if c+1 < len(h) && h[c+1] > h[c] {
			c++
		}
		if h[c] <= k {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = k
}

// offer keeps the n nearest.
func (h *maxHeap) offer(k uint64, n int) {
	if len(*h) < n {
		h.push(k)
	} else if k < (*h)[0] {
		h.replace(k)
	}
}

// pop takes the farthest.
func (h *maxHeap) pop() uint64 {
	a := *h
	top, n := a[0], len(a)-1
	last := a[n]
	*h = a[:n]
	if n > 0 {
		h.replace(last)
	}
	return top
}
