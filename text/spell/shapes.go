package spell

import "math"

// shapes counts the trigrams of letters of the known words, each word once, by which a string that was never seen can be
// told from one that no word looks like: "raclette" from "rcalette".
type shapes struct {
	three [1 << 15]int32
	two   [1 << 10]int32
}

// usual is about how many nats a letter of an English word holds under such trigrams.
const usual = 2.2

func eachTrigram(word string, f func(three, two int)) {
	a, b := 0, 0
	for _, r := range word + " " {
		c := 31
		switch {
		case r == ' ':
			c = 0
		case 'a' <= r && r <= 'z':
			c = int(r-'a') + 1
		}
		f(a<<10|b<<5|c, a<<5|b)
		a, b = b, c
	}
}

func (s *shapes) add(word string, by int32) {
	eachTrigram(word, func(three, two int) {
		s.three[three] += by
		s.two[two] += by
	})
}

// surprise is by how many nats a string is less likely than a usual word of its length.
func (s *shapes) surprise(word string) float64 {
	v, n := 0.0, 0
	eachTrigram(word, func(three, two int) {
		v -= math.Log((float64(s.three[three]) + .1) / (float64(s.two[two]) + 2.8))
		n++
	})
	return v - usual*float64(n)
}
