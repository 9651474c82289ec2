package spell

import "strings"

// editNats is what a whole edit costs in the score, in nats: a slip turns up about once in a thousand keystrokes
// (e⁻⁷), so a known word two edits away must be a thousand times as frequent as one an edit away.
const editNats = 7

// What slips cost, in edits. People swap and double letters, confuse vowels and hit the key beside; they seldom miss
// the first letter.
const (
	swapCost   = .8
	doubleCost = .6
	vowelCost  = .8
	keyCost    = .85
	firstExtra = .3
)

// workspace holds the three rows that optimal string alignment needs, for counts and for costs.
type workspace struct {
	rows [3][maxRunes + 1]cell
	b    [maxRunes + 1]rune
}

type cell struct {
	n    int
	cost float64
}

// compare returns the edits from a to b and what they cost, or more than most edits.
// The cost is that of the cheapest alignment, which need not be one with the fewest edits.
func (w *workspace) compare(a []rune, word string, most int) (int, float64) {
	b := w.b[:0]
	for _, c := range word {
		if len(b) == maxRunes {
			return most + 1, 0
		}
		b = append(b, c)
	}
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1, 0
	}
	before, prev, row := &w.rows[0], &w.rows[1], &w.rows[2]
	prev[0] = cell{}
	for j := 1; j <= len(b); j++ {
		prev[j] = cell{j, prev[j-1].cost + insertCost(a, b, 0, j-1)}
	}
	for i := 1; i <= len(a); i++ {
		row[0] = cell{i, prev[0].cost + insertCost(b, a, 0, i-1)}
		least := i
		for j := 1; j <= len(b); j++ {
			c := cell{prev[j].n + 1, prev[j].cost + insertCost(b, a, j, i-1)}
			c = c.or(row[j-1].n+1, row[j-1].cost+insertCost(a, b, i, j-1))
			if a[i-1] == b[j-1] {
				c = c.or(prev[j-1].n, prev[j-1].cost)
			} else {
				c = c.or(prev[j-1].n+1, prev[j-1].cost+substituteCost(a[i-1], b[j-1], i == 1))
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				c = c.or(before[j-2].n+1, before[j-2].cost+swapCost)
			}
			row[j] = c
			least = min(least, c.n)
		}
		if least > most {
			return most + 1, 0
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)].n, prev[len(b)].cost
}

func (c cell) or(n int, cost float64) cell { return cell{min(c.n, n), min(c.cost, cost)} }

// insertCost is for a letter y[j] that stands in y but not in x, after x's first i letters.
func insertCost(x, y []rune, i, j int) float64 {
	cost := 1.0
	if j > 0 && y[j-1] == y[j] || j+1 < len(y) && y[j+1] == y[j] {
		cost = doubleCost
	}
	if i == 0 && j == 0 && len(x) > 0 {
		cost += firstExtra
	}
	return cost
}

func substituteCost(a, b rune, first bool) float64 {
	cost := 1.0
	switch {
	case strings.ContainsRune("aeiouy", a) && strings.ContainsRune("aeiouy", b):
		cost = vowelCost
	case beside(a, b):
		cost = keyCost
	}
	if first {
		cost += firstExtra
	}
	return cost
}

// keyboard is QWERTY; the rows are shifted by about half a key.
var keyboard = [...]string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}

func beside(a, b rune) bool {
	ra, ca := key(a)
	rb, cb := key(b)
	if ra < 0 || rb < 0 {
		return false
	}
	d := cb - ca
	switch rb - ra {
	case 0:
		return d == 1 || d == -1
	case 1:
		return d == 0 || d == -1
	case -1:
		return d == 0 || d == 1
	}
	return false
}

func key(r rune) (row, col int) {
	for i, k := range keyboard {
		if c := strings.IndexRune(k, r); c >= 0 {
			return i, c
		}
	}
	return -1, 0
}
