// Package bowerbirdtest makes facts for tests: short logs by hand, and long ones
// at random in which everything happens.
package bowerbirdtest

import (
	"fmt"
	"math/rand/v2"

	"bowerbird"
)

// Log numbers facts as a log does: offsets from 1, a second apart where they
// bear no time.
func Log(facts ...bowerbird.Fact) []bowerbird.Fact {
	for i := range facts {
		facts[i].Offset = uint64(i + 1)
		if facts[i].Time == 0 {
			facts[i].Time = int64(1000 * (i + 1))
		}
	}
	return facts
}

// Put puts an item into the catalogue.
func Put(x bowerbird.ItemID, d bowerbird.Item) bowerbird.Fact {
	return bowerbird.Fact{Kind: bowerbird.ItemPut, Item: x, ItemDoc: &d}
}

// Does is a person acting on an item.
func Does(k bowerbird.Kind, u bowerbird.UserID, x bowerbird.ItemID) bowerbird.Fact {
	return bowerbird.Fact{Kind: k, User: u, Item: x}
}

// World is a log in which every kind of fact happens, also to things that
// are gone; the same seed gives the same log.
func World(seed uint64, n int) []bowerbird.Fact {
	r := rand.New(rand.NewPCG(seed, 1))
	words := []string{"grey", "cat", "black", "oak", "table", "lamp", "glass", "wool", "chair"}
	word := func() string { return words[r.IntN(len(words))] }
	item := func() bowerbird.ItemID { return bowerbird.ItemID(1 + r.IntN(40)) }
	user := func() bowerbird.UserID { return bowerbird.UserID(1 + r.IntN(8)) }
	board := func() bowerbird.BoardID { return bowerbird.BoardID(1 + r.IntN(6)) }
	acts := []bowerbird.Kind{bowerbird.Impression, bowerbird.Closeup, bowerbird.Click, bowerbird.Save, bowerbird.Save,
		bowerbird.Save, bowerbird.Unsave, bowerbird.Hide, bowerbird.Unhide, bowerbird.Share, bowerbird.Purchase}
	var facts []bowerbird.Fact
	for range n {
		f := bowerbird.Fact{User: user(), Item: item()}
		switch k := r.IntN(24); {
		case k < 5:
			d := bowerbird.Item{Title: word() + " " + word(), Tags: []string{word()}, Categories: []string{"home/" + word()}, Language: "en",
				Owner: fmt.Sprint("u", f.User), Description: word(), Hidden: r.IntN(9) == 0, Attributes: bowerbird.Attributes{
					{Name: "maker", Words: []string{word()}}, {Name: "price", Numeric: true, Number: float64(r.IntN(50))}}}
			f = bowerbird.Fact{Kind: bowerbird.ItemPut, Item: f.Item, Owner: f.User, ItemDoc: &d}
		case k == 5:
			f.Kind, f.User = bowerbird.ItemDelete, 0
		case k == 6:
			f = bowerbird.Fact{Kind: bowerbird.BoardPut, Board: board(), Owner: f.User, BoardDoc: &bowerbird.Board{Secret: r.IntN(2) == 0}}
		case k == 7 && r.IntN(4) == 0:
			f = bowerbird.Fact{Kind: bowerbird.BoardDelete, Board: board(), Owner: f.User}
		case k == 8 && r.IntN(8) == 0:
			f = bowerbird.Fact{Kind: bowerbird.UserErase, User: f.User}
		case k == 9:
			f = bowerbird.Fact{Kind: []bowerbird.Kind{bowerbird.Follow, bowerbird.Unfollow}[r.IntN(2)], User: f.User, Board: board()}
		case k == 10:
			f = bowerbird.Fact{Kind: []bowerbird.Kind{bowerbird.Follow, bowerbird.Mute}[r.IntN(2)], User: f.User, Subject: user()}
		case k == 11:
			f = bowerbird.Fact{Kind: []bowerbird.Kind{bowerbird.Mute, bowerbird.Unmute}[r.IntN(2)], User: f.User, Topic: word()}
		case k == 12:
			f = bowerbird.Fact{Kind: bowerbird.Search, User: f.User, Query: word() + " " + word()}
		default:
			f.Kind = acts[r.IntN(len(acts))]
			if f.Kind == bowerbird.Save || f.Kind == bowerbird.Unsave {
				f.Board = bowerbird.BoardID(r.IntN(7))
			}
		}
		facts = append(facts, f)
	}
	return Log(facts...)
}
