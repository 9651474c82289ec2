package seq

import (
	"fmt"
	"math"
	"runtime"
	"time"
)

// Data is what Fit learns from.
type Data struct {
	Items      int
	Sequences  [][]uint32 // items, oldest first; shorter than 2 teach nothing
	Attributes [][]uint32 // by item, numbers from 0; nil: none
}

// Options of Fit. The zero value works.
type Options struct {
	Dim       int     `json:"dim"`       // 0: 64
	Heads     int     `json:"heads"`     // 0: 2
	Layers    int     `json:"layers"`    // 0: 2
	Hidden    int     `json:"hidden"`    // 0: 4·Dim
	Length    int     `json:"length"`    // newest actions looked at; 0: 50
	Dropout   float64 `json:"dropout"`   // of the inputs and of each layer's two steps; 0: .3; -1: none
	Negatives int     `json:"negatives"` // items drawn evenly for each step, besides the batch's own; 0: the whole catalogue up to 32,768 items, else 4,096; -1: the whole catalogue
	Epochs    int     `json:"epochs"`    // at most; 0: 40
	Patience  int     `json:"patience"`  // checks without a better one before it stops; 0: 3; -1: all epochs, nothing held out
	Check     int     `json:"check"`     // epochs between checks on what is held out; 0: 2
	Rate      float64 `json:"rate"`      // step size of AdamW; 0: .001
	Decay     float64 `json:"decay"`     // weight decay; 0: none
	WarmUp    int     `json:"warm_up"`   // steps over which the rate rises; 0: 200
	Batch     int     `json:"batch"`     // actions in a step; 0: 2,048
	Average   float64 `json:"average"`   // share that the running mean of the numbers keeps at each step; the mean is what is checked and returned; 0: .998; -1: the last numbers
	Held      int     `json:"held"`      // most sequences whose last item is held out for checks; 0: 5,000

	Time     time.Duration                                  `json:"-"` // stop at the check after which the next would end later than this; 0: no limit, and the result depends on data, settings and seed only
	Now      func() time.Time                               `json:"-"` // nil: time.Now; only Time needs it
	Seed     uint64                                         `json:"-"`
	Threads  int                                            `json:"-"` // 0: GOMAXPROCS
	Progress func(done, total int, note string)             `json:"-"` // may be nil; never called concurrently
	Better   func(epoch int, loss, ndcg float64, best bool) `json:"-"` // hears of each check; may be nil
}

// wholeUpTo is the catalogue that is scored whole by default: up to here one step
// of 2,048 actions takes well under a second.
const wholeUpTo = 32_768

// Defaults fills in what is zero, for a catalogue of that many items.
func (o Options) Defaults(items int) Options {
	set := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	set(&o.Dim, 64)
	set(&o.Heads, 2)
	set(&o.Layers, 2)
	set(&o.Hidden, 4*o.Dim)
	set(&o.Length, 50)
	set(&o.Epochs, 40)
	set(&o.Patience, 3)
	set(&o.Check, 2)
	set(&o.WarmUp, 200)
	set(&o.Batch, 2048)
	set(&o.Held, 5000)
	if o.Dropout == 0 {
		o.Dropout = .3
	}
	if o.Rate == 0 {
		o.Rate = .001
	}
	if o.Average == 0 {
		o.Average = .998
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Negatives == 0 {
		o.Negatives = -1
		if items > wholeUpTo {
			o.Negatives = 4096
		}
	}
	if o.Negatives >= items {
		o.Negatives = -1
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return o
}

func (o Options) shape(d Data) Shape {
	attributes := 0
	for _, list := range d.Attributes {
		for _, a := range list {
			attributes = max(attributes, int(a)+1)
		}
	}
	return Shape{d.Items, attributes, o.Dim, o.Heads, o.Layers, o.Hidden, o.Length}
}

func (o Options) check() error {
	switch {
	case !(o.Dropout == -1 || o.Dropout >= 0 && o.Dropout < 1):
		return fmt.Errorf("seq: dropout %v must be in [0,1), or -1 for none", o.Dropout)
	case !(o.Average == -1 || o.Average >= 0 && o.Average < 1):
		return fmt.Errorf("seq: average %v must be in [0,1), or -1 for none", o.Average)
	case !(o.Rate > 0 && o.Rate < 1) || !(o.Decay >= 0 && o.Decay < 1):
		return fmt.Errorf("seq: rate %v and decay %v must be in [0,1), rate above 0", o.Rate, o.Decay)
	case o.Epochs < 1 || o.Patience < -1 || o.Check < 1 || o.WarmUp < 0 || o.Batch < 1 || o.Batch > 1<<20 || o.Held < 1 || o.Negatives < -1:
		return fmt.Errorf("seq: epochs %d, check %d, batch %d and held %d must be positive, warm-up %d, patience %d and negatives %d not below -1",
			o.Epochs, o.Check, o.Batch, o.Held, o.WarmUp, o.Patience, o.Negatives)
	}
	return nil
}

// Memory is about how many bytes Fit takes at its peak, for sequences of that many
// items in all: the numbers with both moments, their running mean, the best ones kept and a gradient for
// each part of a batch; the scores of a block of positions for each thread; what
// a pass forward leaves.
func Memory(o Options, items, attributes, actions int) int64 {
	o = o.Defaults(items)
	s := Shape{items, attributes, o.Dim, o.Heads, o.Layers, o.Hidden, o.Length}
	if s.Check() != nil {
		return math.MaxInt64
	}
	classes := int64(items)
	if o.Negatives >= 0 {
		classes = min(classes, int64(o.Negatives+o.Batch))
	}
	d, rows := int64(o.Dim), int64(o.Batch+parts*(o.Length+1))
	row := d*int64(8+o.Layers*(14+3)) + int64(o.Layers)*(4*int64(o.Hidden)+int64(o.Heads*o.Length)) + 4*max(3*d, int64(o.Hidden))
	numbers := (5+parts)*int64(s.Size()) + int64(items)*d + rows*row + parts*blockRows*(classes+3*d) + (2+parts)*classes*d
	return 4*numbers + 16*int64(actions) + 4*int64(items)
}
