package feature

import (
	"io"
	"slices"
	"strings"
	"sync"

	"bowerbird"
	"bowerbird/internal/frame"
)

// Taste is how well an item's categories, tags, language and owner fit what the
// person liked lately. The person's side is read from the request's Recent, so
// it is current to the last action and nothing is kept of anybody.
type Taste struct {
	mu    sync.RWMutex
	words map[string]uint32 // category, tag or language, numbered from 1
	items []labels
}

type labels struct {
	owner bowerbird.UserID
	words []uint32 // distinct, at most maxLabels
}

const (
	maxLabels = 16
	maxRecent = 200 // newest likes that are looked at
)

// NewTaste returns an empty view.
func NewTaste() *Taste { return &Taste{words: map[string]uint32{}} }

// Names are the columns.
func (v *Taste) Names() []string { return []string{"taste.topics", "taste.owner"} }

// Meaning says what a large value means.
func (v *Taste) Meaning() []string {
	return []string{"its topics are ones you have liked lately", "you have liked other things from the same person"}
}

// Apply notes what items are labelled with.
func (v *Taste) Apply(facts []bowerbird.Fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		switch f.Kind {
		case bowerbird.ItemPut:
			for int(f.Item) >= len(v.items) {
				v.items = append(v.items, labels{})
			}
			v.items[f.Item] = labels{f.Owner, v.label(f.ItemDoc)}
		case bowerbird.UserErase:
			for i := range v.items {
				if v.items[i].owner == f.User {
					v.items[i].owner = 0
				}
			}
		}
	}
}

func (v *Taste) label(d *bowerbird.Item) []uint32 {
	var out []uint32
	add := func(kind, word string) {
		if word = strings.TrimSpace(word); word == "" || len(out) == maxLabels {
			return
		}
		key := kind + strings.ToLower(word)
		id, ok := v.words[key]
		if !ok {
			id = uint32(len(v.words) + 1)
			v.words[key] = id
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, c := range d.Categories {
		add("c", c)
		if i := strings.IndexByte(c, '/'); i > 0 {
			add("c", c[:i])
		}
	}
	add("l", d.Language)
	for _, t := range d.Tags {
		add("t", t)
	}
	return out
}

// liking is what a person's recent likes are labelled with, in memory used again.
type liking struct {
	words   []float32 // by word; zero but for touched
	touched []uint32
	owners  map[bowerbird.UserID]float32
	total   float32
}

var likings = sync.Pool{New: func() any { return &liking{owners: map[bowerbird.UserID]float32{}} }}

func (l *liking) release() {
	for _, w := range l.touched {
		l.words[w] = 0
	}
	l.touched, l.total = l.touched[:0], 0
	clear(l.owners)
	likings.Put(l)
}

// Fill writes the mean over the item's labels of the share of recent likes that
// carry the label, and the share of recent likes by the same owner.
func (v *Taste) Fill(r *bowerbird.Request, items []bowerbird.ItemID, out []float32, stride int) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	liked := v.liking(r)
	defer liked.release()
	if liked.total == 0 {
		return
	}
	for i, x := range items {
		if int(x) >= len(v.items) {
			continue
		}
		l := v.items[x]
		var sum float32
		for _, w := range l.words {
			sum += liked.words[w]
		}
		if n := len(l.words); n > 0 {
			out[i*stride] = sum / (liked.total * float32(n))
		}
		if l.owner != 0 {
			out[i*stride+1] = liked.owners[l.owner] / liked.total
		}
	}
}

func (v *Taste) liking(r *bowerbird.Request) *liking {
	l := likings.Get().(*liking)
	if n := len(v.words) + 1; len(l.words) < n {
		l.words = make([]float32, n+n/4)
	}
	n := 0
	for _, a := range r.Recent {
		if a.Weight <= 0 || int(a.Item) >= len(v.items) {
			continue
		}
		if n++; n > maxRecent {
			break
		}
		it := v.items[a.Item]
		for _, w := range it.words {
			if l.words[w] == 0 {
				l.touched = append(l.touched, w)
			}
			l.words[w] += a.Weight
		}
		if it.owner != 0 {
			l.owners[it.owner] += a.Weight
		}
		l.total += a.Weight
	}
	return l
}

// Likeness is how much two items share: the Jaccard index of their labels, for
// diversity.
func (v *Taste) Likeness(x, y bowerbird.ItemID) float32 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(x) >= len(v.items) || int(y) >= len(v.items) {
		return 0
	}
	a, b := v.items[x].words, v.items[y].words
	both := 0
	for _, w := range a {
		for _, z := range b {
			if w == z {
				both++
				break
			}
		}
	}
	if all := len(a) + len(b) - both; all > 0 {
		return float32(both) / float32(all)
	}
	return 0
}

// Save writes words in the order of their numbers, then items (count), each:
// owner, labels.
func (v *Taste) Save(w io.Writer) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	fw := frame.NewWriter(w, "ftaste", 1)
	words := make([]string, len(v.words))
	for s, id := range v.words {
		words[id-1] = s
	}
	fw.Int(len(words))
	for _, s := range words {
		fw.String(s)
	}
	fw.Int(len(v.items))
	for _, l := range v.items {
		fw.Uvarint(uint64(l.owner))
		fw.Int(len(l.words))
		for _, x := range l.words {
			fw.Uvarint(uint64(x))
		}
	}
	return fw.Close()
}

// Load replaces the view by a saved one.
func (v *Taste) Load(r io.Reader) error {
	fr, err := frame.NewReader(r, "ftaste", 1)
	if err != nil {
		return err
	}
	n := NewTaste()
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		n.words[fr.String()] = uint32(len(n.words) + 1)
	}
	for i := fr.Int(); i > 0 && fr.Err() == nil; i-- {
		l := labels{owner: bowerbird.UserID(fr.U32())}
		for j := fr.Int(); j > 0 && fr.Err() == nil; j-- {
			l.words = append(l.words, fr.U32())
		}
		n.items = append(n.items, l)
	}
	if err := fr.Close(); err != nil {
		return err
	}
	v.mu.Lock()
	v.words, v.items = n.words, n.items
	v.mu.Unlock()
	return nil
}
