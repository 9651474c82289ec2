package synth_test

import (
	"fmt"

	"bowerbird/internal/synth"
)

func Example() {
	w, err := synth.New(synth.Options{Seed: 1, Actions: 5000})
	if err != nil {
		fmt.Println(err)
		return
	}
	train, test := 0, 0
	for e := range w.Events() {
		if e.Time.Before(w.Split()) {
			train++
		} else {
			test++
		}
	}
	best := w.Truth().Best(7, 1)[0]
	likes := w.Truth().Interests(7)[0].Topic.Sub
	fmt.Println(train+test, test > 0, w.Truth().ItemTopic(best.Item).Sub == likes)
	// Output: 5000 true true
}
