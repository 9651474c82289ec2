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
	n    [3][maxRunes + 1]uint8
	cost [3][maxRunes + 1]float64
	b    [maxRunes]rune
}

// compare returns the edits from a to word and what they cost, or more than most edits. The cost is that of the
// cheapest alignment, which need not be one with the fewest edits; it is only worked out for words that are near.
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
	n := w.edits(a, b, uint8(most))
	if n > most {
		return n, 0
	}
	return n, w.price(a, b)
}

func (w *workspace) edits(a, b []rune, most uint8) int {
	before, prev, row := &w.n[0], &w.n[1], &w.n[2]
	for j := 0; j <= len(b); j++ {
		prev[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = uint8(i)
		least := row[0]
		for j := 1; j <= len(b); j++ {
			n := prev[j-1]
			if a[i-1] != b[j-1] {
				n = min(n, prev[j], row[j-1]) + 1
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					n = min(n, before[j-2]+1)
				}
			}
			row[j] = n
			least = min(least, n)
		}
		if least > most {
			return int(most) + 1
		}
		before, prev, row = prev, row, before
	}
	return int(prev[len(b)])
}

func (w *workspace) price(a, b []rune) float64 {
	before, prev, row := &w.cost[0], &w.cost[1], &w.cost[2]
	prev[0] = 0
	for j := 1; j <= len(b); j++ {
		prev[j] = prev[j-1] + insertCost(a, b, 0, j-1)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = prev[0] + insertCost(b, a, 0, i-1)
		for j := 1; j <= len(b); j++ {
			c := min(prev[j]+insertCost(b, a, j, i-1), row[j-1]+insertCost(a, b, i, j-1))
			if a[i-1] == b[j-1] {
				c = min(c, prev[j-1])
			} else {
				c = min(c, prev[j-1]+substituteCost(a[i-1], b[j-1], i == 1))
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				c = min(c, before[j-2]+swapCost)
			}
			row[j] = c
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

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
