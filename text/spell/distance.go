package spell

// editNats is about what an edit costs under the channel. It decides which near words the channel looks at.
const editNats = 3.5

// workspace holds the three rows that optimal string alignment needs.
type workspace struct {
	n [3][maxRunes + 1]uint8
	b [maxRunes]rune
}

// compare returns the edits from a to word, or more than most.
func (w *workspace) compare(a []rune, word string, most int) int {
	b := w.b[:0]
	for _, c := range word {
		if len(b) == maxRunes {
			return most + 1
		}
		b = append(b, c)
	}
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	return w.edits(a, b, uint8(most))
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
