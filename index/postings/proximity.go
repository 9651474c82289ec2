package postings

import "fmt"

// Proximity is a part of the score for words that stand close.
type Proximity struct {
	Weight float64 // 0 switches it off
	Top    int     // hits to look at; default 100
}

func (p *Proximity) validate() error {
	if !goodBoost(p.Weight) || p.Top < 0 || p.Top > MaxK {
		return fmt.Errorf("postings: proximity: weight %v and top %d; a weight from 0 and 0 to %d hits are possible", p.Weight, p.Top, int(MaxK))
	}
	return nil
}
