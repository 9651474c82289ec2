package synth

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// Event is one line of the log, in the form of the import files.
type Event struct {
	ID       string    `json:"id"`
	Type     string    `json:"type"` // impression closeup click save hide share purchase search follow mute
	Time     time.Time `json:"time"`
	User     string    `json:"user"`
	Item     string    `json:"item,omitempty"`
	Board    string    `json:"board,omitempty"`    // of a save, or the board followed
	Target   string    `json:"target,omitempty"`   // the user followed or muted
	Query    string    `json:"query,omitempty"`    // what was typed
	Surface  string    `json:"surface,omitempty"`  // home related search explore
	Position int       `json:"position,omitempty"` // place on the page, from 1; 0 is none
	Request  string    `json:"request,omitempty"`  // the page it happened on
	Value    float64   `json:"value,omitempty"`    // price of a purchase

	// The dense numbers behind the names; -1 is none.
	U, I, B, T int32 `json:"-"`
}

// action is an Event before it gets names.
type action struct {
	at      int64 // Unix milliseconds
	request uint32
	user    int32
	item    int32
	board   int32
	target  int32
	query   string
	value   float32
	kind    uint8
	surface uint8
	pos     uint8
}

const (
	impression = iota
	closeup
	click
	save
	hide
	share
	purchase
	search
	follow
	mute
)

var kinds = []string{"impression", "closeup", "click", "save", "hide", "share", "purchase", "search", "follow", "mute"}

var surfaces = []string{"home", "related", "search", "explore"}

// Events streams the log in time order, Options.Actions events, ids rising
// from e000000001 on, and the same on every call. Memory is that of an hour of the log plus
// 16 bytes for each save. Several streams may run at once.
func (w *World) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		n := 0
		w.actions(func(a *action) bool {
			n++
			return yield(a.event(n))
		})
	}
}

func (a *action) event(n int) Event {
	e := Event{
		ID: eventID(n), Type: kinds[a.kind], Time: time.UnixMilli(a.at).UTC(), User: userID(int(a.user)),
		Query: a.query, Position: int(a.pos), Value: math.Round(float64(a.value)*100) / 100,
		U: a.user, I: a.item, B: a.board, T: a.target,
	}
	if a.item >= 0 {
		e.Item = itemID(int(a.item))
	}
	if a.board >= 0 {
		e.Board = boardID(int(a.board))
	}
	if a.target >= 0 {
		e.Target = userID(int(a.target))
	}
	if a.request > 0 {
		e.Request = "q" + strconv.FormatUint(uint64(a.request), 36)
		e.Surface = surfaces[a.surface]
	}
	return e
}

func eventID(n int) string {
	var b [16]byte
	k := len(b)
	for n > 0 || k > len(b)-9 {
		k--
		b[k] = byte('0' + n%10)
		n /= 10
	}
	k--
	b[k] = 'e'
	return string(b[k:])
}

// hourShare is how busy the hours of the day are.
var hourShare = [24]float64{3, 2, 1, 1, 1, 2, 3, 5, 6, 6, 6, 7, 8, 7, 6, 6, 7, 8, 10, 12, 14, 14, 11, 6}

// actions walks the log an hour at a time: the sessions that begin in it are
// played, their actions sorted with what ran over from the hour before, and
// handed out up to the end of the hour.
func (w *World) actions(yield func(*action) bool) {
	pl := newPlayer(w)
	hours := w.opt.Days * 24
	load := make([]float64, hours)
	total := 0.0
	for h := range load {
		load[h] = hourShare[h%24]
		if d := (h/24 + int(w.opt.Start.Weekday())) % 7; d == 0 || d == 6 {
			load[h] *= 1.3
		}
		load[h] *= 0.8 + 0.4*float64(h)/float64(hours) // the site grows
		total += load[h]
	}
	sum, left := 0.0, w.opt.Actions
	for h := range load {
		sum += load[h]
		from := w.start + int64(h)*3600
		pl.hour(from, int(math.Ceil(sum/total*float64(w.opt.Actions))))
		end := (from + 3600) * 1000
		if h == hours-1 {
			end = math.MaxInt64
		}
		slices.SortStableFunc(pl.out, func(a, b action) int {
			switch {
			case a.at < b.at:
				return -1
			case a.at > b.at:
				return 1
			}
			return 0
		})
		k := 0
		for ; k < len(pl.out) && pl.out[k].at < end && left > 0; k++ {
			if left--; !yield(&pl.out[k]) {
				return
			}
		}
		if left == 0 {
			return
		}
		pl.out = append(pl.out[:0], pl.out[k:]...)
	}
}

// player plays sessions; one for each stream.
type player struct {
	w       *World
	r       *rand.Rand
	pcg     *rand.PCG
	out     []action
	made    int // actions played so far, in all
	request uint32
	kept    map[uint64]struct{} // user<<32|item saved or hidden: not shown again
	from    int64               // the hour
	upTo    []int               // items of each shelf that exist by now
	heat    []float64
	logHeat []float64
	heatSum []float64
	page    []int32
}

func newPlayer(w *World) *player {
	p := &player{w: w, pcg: new(rand.PCG), kept: map[uint64]struct{}{}, upTo: make([]int, len(subs)),
		heat: make([]float64, len(subs)), logHeat: make([]float64, len(subs)), heatSum: make([]float64, len(subs))}
	w.seed(p.pcg, streamLog, 0)
	p.r = rand.New(p.pcg)
	return p
}

func (p *player) hour(from int64, target int) {
	p.from = from
	t := 0.0
	for s := range subs {
		p.upTo[s] = p.w.upTo(s, from)
		p.heat[s] = p.w.heat(s, from)
		p.logHeat[s] = math.Log(p.heat[s])
		t += p.heat[s] * subs[s].share
		p.heatSum[s] = t
	}
	for p.made < target {
		before := len(p.out)
		p.session()
		p.made += len(p.out) - before
	}
}
