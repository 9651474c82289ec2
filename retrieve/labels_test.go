package retrieve_test

import (
	"testing"

	"bowerbird/retrieve"
)

func TestVote(t *testing.T) {
	labels := retrieve.Vote([]retrieve.Voter{
		{Likeness: .9, Labels: []string{"home/kitchen", "tabby"}},
		{Likeness: .8, Labels: []string{"home/kitchen"}},
		{Likeness: .7, Labels: []string{"home/garden"}},
		{Likeness: .1, Labels: []string{"boats"}},
	}, map[string]string{"tabby": "animals/cats/tabby"})
	at := map[string]float32{}
	for i, l := range labels {
		at[l.Name] = l.Confidence
		if i > 0 && l.Confidence > labels[i-1].Confidence || l.Confidence <= 0 || l.Confidence >= 1 {
			t.Errorf("%v", labels)
		}
	}
	for _, x := range [][2]string{{"home", "home/kitchen"}, {"home", "home/garden"}, {"home/kitchen", "home/garden"}, {"animals", "animals/cats"},
		{"animals/cats", "animals/cats/tabby"}, {"animals/cats/tabby", "tabby"}, {"home/garden", "boats"}} {
		if at[x[1]] == 0 || at[x[0]] < at[x[1]] {
			t.Errorf("%s %.3f is less sure than %s %.3f", x[0], at[x[0]], x[1], at[x[1]])
		}
	}
	if len(retrieve.Vote(nil, nil)) != 0 {
		t.Error("nobody says something")
	}
	if one := retrieve.Vote([]retrieve.Voter{{Likeness: .2, Labels: []string{"x"}}}, nil); one[0].Confidence > .2 {
		t.Error("one far neighbour is too sure:", one)
	}
}
