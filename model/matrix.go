package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Entry is one cell of a Matrix.
type Entry struct {
	User, Item uint32
	Weight     float32
	At         int64 // when: milliseconds, an offset of a log, or any other number that grows; 0 where order is not known
}

// Matrix holds interactions, users x items, as compressed sparse rows with float32 weights. Rows are sorted by item and
// hold no item twice. It does not change after Build and is safe for concurrent use.
type Matrix struct {
	users, items int
	ptr          []int    // users+1
	idx          []uint32 // column of each entry
	val          []float32
	at           []int64 // when; nil: the order is not known
}

// Users returns the number of rows, Items of columns, Entries of stored cells.
func (m *Matrix) Users() int   { return m.users }
func (m *Matrix) Items() int   { return m.items }
func (m *Matrix) Entries() int { return len(m.idx) }

// Row returns the items of a user, ascending, and their weights. Both slices belong to the matrix: read only.
func (m *Matrix) Row(user int) (items []uint32, weights []float32) {
	lo, hi := m.ptr[user], m.ptr[user+1]
	return m.idx[lo:hi], m.val[lo:hi]
}

// Ordered tells whether it is known when the cells came to be, which models of sequences need.
func (m *Matrix) Ordered() bool { return m.at != nil }

// History appends a user's row to dst as a history for a Model: oldest first where the order is known (cells of one moment
// by item), else by item.
func (m *Matrix) History(dst []Weighted, user int) []Weighted {
	items, w := m.Row(user)
	if m.at == nil {
		for i, it := range items {
			dst = append(dst, Weighted{it, w[i]})
		}
		return dst
	}
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	at := m.at[m.ptr[user]:m.ptr[user+1]]
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at[a], at[b]) })
	for _, i := range order {
		dst = append(dst, Weighted{items[i], w[i]})
	}
	return dst
}

// Transpose returns the items x users matrix. It costs O(entries).
func (m *Matrix) Transpose() *Matrix {
	t := &Matrix{users: m.items, items: m.users, ptr: make([]int, m.items+1), idx: make([]uint32, len(m.idx)), val: make([]float32, len(m.val))}
	for _, it := range m.idx {
		t.ptr[it+1]++
	}
	for i := range m.items {
		t.ptr[i+1] += t.ptr[i]
	}
	if m.at != nil {
		t.at = make([]int64, len(m.at))
	}
	at := slices.Clone(t.ptr)
	for u := range m.users {
		for p := m.ptr[u]; p < m.ptr[u+1]; p++ {
			q := &at[m.idx[p]]
			t.idx[*q], t.val[*q] = uint32(u), m.val[p]
			if m.at != nil {
				t.at[*q] = m.at[p]
			}
			*q++
		}
	}
	return t
}

// Fingerprint returns a hexadecimal digest of the shape and every cell, for model cards.
func (m *Matrix) Fingerprint() string {
	d := newDigest()
	d.put(uint32(m.users))
	d.put(uint32(m.items))
	for u := range m.users {
		d.put(uint32(m.ptr[u+1] - m.ptr[u]))
	}
	for i, it := range m.idx {
		d.put(it)
		d.put(math.Float32bits(m.val[i]))
	}
	for _, t := range m.at {
		d.put(uint32(t))
		d.put(uint32(t >> 32))
	}
	return d.sum()
}

// Map returns the matrix with each weight replaced by f(weight); cells that become 0 are dropped.
func (m *Matrix) Map(f func(float32) float32) *Matrix {
	t := &Matrix{users: m.users, items: m.items, ptr: make([]int, 1, m.users+1)}
	for u := range m.users {
		for p := m.ptr[u]; p < m.ptr[u+1]; p++ {
			if v := f(m.val[p]); v != 0 {
				t.copyCell(m, p, v)
			}
		}
		t.ptr = append(t.ptr, len(t.idx))
	}
	return t
}

// copyCell appends cell p of m with another weight.
func (t *Matrix) copyCell(m *Matrix, p int, weight float32) {
	t.idx, t.val = append(t.idx, m.idx[p]), append(t.val, weight)
	if m.at != nil {
		t.at = append(t.at, m.at[p])
	}
}

// Merge says what becomes of a cell that is added more than once.
type Merge uint8

// The ways to merge. Sum is the default.
const (
	Sum  Merge = iota // weights add up: counts of actions
	Max               // the largest: strengths of actions
	Last              // the one added last: ratings that were changed
)

// Builder collects cells for a Matrix. Its zero value is ready to use. Not safe for concurrent use.
type Builder struct {
	Merge   Merge
	entries []Entry
	ordered bool
}

// Add adds a cell. It refuses a weight that is NaN, infinite or negative, and the id 2³²-1. A weight of zero is dropped
// by Build, unless Merge is Last and it takes an earlier one back.
func (b *Builder) Add(user, item uint32, weight float32) error {
	return b.add(Entry{User: user, Item: item, Weight: weight})
}

// AddAt is Add for a cell of which it is known when it came to be. Of cells that are merged the latest moment counts. A
// matrix is Ordered if any of its cells was added so; the others come first.
func (b *Builder) AddAt(user, item uint32, weight float32, at int64) error {
	b.ordered = true
	return b.add(Entry{user, item, weight, at})
}

func (b *Builder) add(e Entry) error {
	user, item, weight := e.User, e.Item, e.Weight
	if !(weight >= 0) || math.IsInf(float64(weight), 0) {
		return fmt.Errorf("model: weight %v of user %d, item %d: must be finite and not negative", weight, user, item)
	}
	if user == math.MaxUint32 || item == math.MaxUint32 {
		return fmt.Errorf("model: user %d, item %d: id out of range", user, item)
	}
	b.entries = append(b.entries, e)
	return nil
}

// Build makes the matrix. users and items may be 0, meaning one more than the largest id; else an id outside is an error.
// The builder is empty afterwards.
func (b *Builder) Build(users, items int) (*Matrix, error) {
	e, ordered := b.entries, b.ordered
	b.entries, b.ordered = nil, false
	maxUser, maxItem := -1, -1
	for _, x := range e {
		maxUser, maxItem = max(maxUser, int(x.User)), max(maxItem, int(x.Item))
	}
	if users < 0 || items < 0 || users > math.MaxUint32 || items > math.MaxUint32 {
		return nil, fmt.Errorf("model: matrix of %d users and %d items", users, items)
	}
	if users == 0 {
		users = maxUser + 1
	}
	if items == 0 {
		items = maxItem + 1
	}
	if maxUser >= users || maxItem >= items {
		return nil, fmt.Errorf("model: ids reach user %d and item %d, but the matrix has %d users and %d items", maxUser, maxItem, users, items)
	}
	slices.SortStableFunc(e, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(x.User, y.User), cmp.Compare(x.Item, y.Item))
	})
	m := &Matrix{users: users, items: items, ptr: make([]int, users+1), idx: make([]uint32, 0, len(e)), val: make([]float32, 0, len(e))}
	for i := 0; i < len(e); {
		j, w, at := i+1, e[i].Weight, e[i].At
		for ; j < len(e) && e[j].User == e[i].User && e[j].Item == e[i].Item; j++ {
			switch b.Merge {
			case Sum:
				w += e[j].Weight
			case Max:
				w = max(w, e[j].Weight)
			default:
				w = e[j].Weight
			}
			at = max(at, e[j].At)
		}
		if math.IsInf(float64(w), 0) {
			return nil, fmt.Errorf("model: weights of user %d, item %d add up to infinity", e[i].User, e[i].Item)
		}
		if w > 0 {
			m.idx, m.val = append(m.idx, e[i].Item), append(m.val, w)
			if ordered {
				m.at = append(m.at, at)
			}
			m.ptr[e[i].User+1]++
		}
		i = j
	}
	for u := range users {
		m.ptr[u+1] += m.ptr[u]
	}
	return m, nil
}
