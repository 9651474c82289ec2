package synth

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"time"
)

// User is a person, in the form of the import files.
type User struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Language string    `json:"language"`
	Labels   []string  `json:"labels"` // what they said they like when they joined: top interests, incomplete
	Created  time.Time `json:"created"`
}

// Board is a collection, in the form of the import files.
type Board struct {
	ID          string    `json:"id"`
	Owner       string    `json:"owner"`
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Created     time.Time `json:"created"`
}

const maxTastes = 5

// userState is a person's truth: the sub-interests with weights in (0,1], the
// first always 1; two favourite styles and two colour families.
type userState struct {
	created int64
	weight  [maxTastes]float32
	active  float32
	sub     [maxTastes]uint8
	n       uint8
	style   [2]uint8
	family  [2]uint8
	lang    uint8
}

type boardState struct {
	owner   int32
	created int64
	sub     uint8 // the true theme
	mixed   bool  // a catch-all: anything may go there
}

// langs and the share of each, in percent.
var (
	langs     = []string{"en", "de", "fr", "es", "ja"}
	langShare = []int{80, 7, 5, 5, 3}
)

func drawLang(r *rand.Rand) uint8 {
	x := r.IntN(100)
	for l, s := range langShare {
		if x -= s; x < 0 {
			return uint8(l)
		}
	}
	return 0
}

func (w *World) makeUsers() {
	w.users = make([]userState, w.opt.Users)
	w.active = make([]float64, w.opt.Users)
	p := new(rand.PCG)
	r := rand.New(p)
	sum := 0.0
	for u := range w.users {
		w.seed(p, streamUser, u)
		w.users[u] = w.drawUser(r)
		sum += float64(w.users[u].active)
		w.active[u] = sum
	}
}

func (w *World) drawUser(r *rand.Rand) userState {
	u := userState{n: uint8(2 + r.IntN(maxTastes-1)), lang: drawLang(r)}
	for k := 0; k < int(u.n); k++ {
		s := drawSub(r)
		if k > 0 && r.Float64() < 0.3 { // interests come in clusters
			t := &tops[subs[u.sub[0]].top]
			s = t.from + r.IntN(t.till-t.from)
		}
		for u.likes(s, k) {
			s = r.IntN(len(subs))
		}
		u.sub[k] = uint8(s)
		u.weight[k] = float32(math.Pow(0.78, float64(k)) * (0.85 + 0.15*r.Float64()))
	}
	u.weight[0] = 1
	u.style = [2]uint8{uint8(r.IntN(len(styles))), uint8(r.IntN(len(styles)))}
	u.family = [2]uint8{uint8(r.IntN(len(families))), uint8(r.IntN(len(families)))}
	u.active = float32(min(40, math.Pow(1-r.Float64(), -1/1.6))) // Pareto, tail index 1.6
	if r.Float64() < 0.85 {
		u.created = w.start - int64(r.Float64()*400*86400)
	} else {
		u.created = w.start + int64(r.Float64()*0.9*float64(w.opt.Days)*86400)
	}
	return u
}

func (u *userState) likes(s, n int) bool {
	for k := 0; k < n; k++ {
		if int(u.sub[k]) == s {
			return true
		}
	}
	return false
}

func (w *World) makeBoards() {
	w.first = make([]int32, len(w.users)+1)
	p := new(rand.PCG)
	r := rand.New(p)
	for u := range w.users {
		w.seed(p, streamBoard, u)
		w.first[u] = int32(len(w.boards))
		us := &w.users[u]
		n := 1 + r.IntN(int(us.n))
		for k := 0; k < n; k++ {
			w.boards = append(w.boards, boardState{owner: int32(u), sub: us.sub[k], created: us.created})
		}
		if r.Float64() < 0.35 {
			w.boards = append(w.boards, boardState{owner: int32(u), sub: us.sub[0], created: us.created, mixed: true})
		}
	}
	w.first[len(w.users)] = int32(len(w.boards))
}

// boardFor is where a person keeps an item of a sub-interest: the board of
// that theme, else one of the same top interest, else the catch-all, else the first.
func (w *World) boardFor(u int, s uint8) int32 {
	best, rank := w.first[u], 0
	for b := w.first[u]; b < w.first[u+1]; b++ {
		bs, k := &w.boards[b], 0
		switch {
		case bs.mixed:
			k = 1
		case bs.sub == s:
			k = 3
		case subs[bs.sub].top == subs[s].top:
			k = 2
		}
		if k > rank {
			best, rank = b, k
		}
	}
	return best
}

func userID(u int) string  { return name('u', u) }
func itemID(i int) string  { return name('i', i) }
func boardID(b int) string { return name('b', b) }

// name is a letter and the number with at least six digits.
func name(c byte, n int) string {
	var b [20]byte
	k := len(b)
	for n > 0 || k > len(b)-6 {
		k--
		b[k] = byte('0' + n%10)
		n /= 10
	}
	k--
	b[k] = c
	return string(b[k:])
}

// User returns the document of person u, in [0, users).
func (w *World) User(u int) User {
	us := &w.users[u]
	r := w.rand(streamUserWords, u)
	d := User{ID: userID(u), Language: langs[us.lang], Created: time.Unix(us.created, 0).UTC()}
	d.Name = pick(r, firstNames) + " " + string(rune('A'+r.IntN(26))) + "."
	for k := 0; k < int(us.n) && k < 3; k++ {
		t := tops[subs[us.sub[k]].top].name
		if r.Float64() < 0.8 && !contains(d.Labels, t) {
			d.Labels = append(d.Labels, t)
		}
	}
	return d
}

// Board returns the document of board b, in [0, boards).
func (w *World) Board(b int) Board {
	bs := &w.boards[b]
	r := w.rand(streamBoard, len(w.users)+b)
	d := Board{ID: boardID(b), Owner: userID(int(bs.owner)), Created: time.Unix(bs.created, 0).UTC()}
	s := &subs[bs.sub]
	switch {
	case bs.mixed:
		d.Title = pick(r, mixedBoards)
	case r.Float64() < 0.8:
		d.Title = pick(r, s.boards)
	default:
		d.Title = fmt.Sprintf("%s %s", s.name, pick(r, []string{"ideas", "inspo", "love", "moodboard", "to keep"}))
	}
	if !bs.mixed && r.Float64() < 0.3 {
		d.Description = pick(r, []string{"Mostly ", "A place for ", "All about ", "Collecting "}) + s.name + "."
	}
	return d
}

// Users yields every person's document in order.
func (w *World) Users() iter.Seq[User] { return each(len(w.users), w.User) }

// Boards yields every board's document in order.
func (w *World) Boards() iter.Seq[Board] { return each(len(w.boards), w.Board) }

// Items yields every item's document in order, about 3 µs each.
func (w *World) Items() iter.Seq[Item] { return each(len(w.items), w.Item) }

func each[T any](n int, f func(int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := 0; i < n; i++ {
			if !yield(f(i)) {
				return
			}
		}
	}
}

func pick[T any](r *rand.Rand, s []T) T { return s[r.IntN(len(s))] }

func contains(s []string, x string) bool {
	for _, y := range s {
		if y == x {
			return true
		}
	}
	return false
}
