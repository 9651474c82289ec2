package filter

import "bowerbird"

// Live refuses items that were withdrawn or are hidden by their owner.
func Live(v *Fields) Test {
	return Test{"deleted", func(*bowerbird.Request) func(bowerbird.ItemID) bool { return v.Live }}
}

// Self refuses what the request starts from, and what earlier pages of the same
// paging have shown.
func Self() Test {
	return Test{"already on this page", func(r *bowerbird.Request) func(bowerbird.ItemID) bool {
		refused := r.Served
		if r.Item != 0 {
			refused = append(append([]bowerbird.ItemID(nil), r.Served...), r.Item)
		}
		return without(refused)
	}}
}

// Asked refuses what a request starts from: its item, and the examples of a search.
func Asked() Test {
	return Test{"part of the question", func(r *bowerbird.Request) func(bowerbird.ItemID) bool {
		var refused []bowerbird.ItemID
		if r.Item != 0 {
			refused = append(refused, r.Item)
		}
		for _, g := range r.Search.Mix {
			if g.Item != 0 {
				refused = append(refused, g.Item)
			}
		}
		return without(refused)
	}}
}

// OnBoard refuses what the request's board already holds.
func OnBoard(items func(bowerbird.BoardID) []bowerbird.ItemID) Test {
	return Test{"already on the board", func(r *bowerbird.Request) func(bowerbird.ItemID) bool {
		if r.Board == 0 {
			return nil
		}
		return without(items(r.Board))
	}}
}

// Test is a filter made of a name and a function.
type Test struct {
	name    string
	prepare func(*bowerbird.Request) func(bowerbird.ItemID) bool
}

// Name is what traces and explanations call it.
func (t Test) Name() string { return t.name }

// For compiles the test for one request.
func (t Test) For(r *bowerbird.Request) func(bowerbird.ItemID) bool { return t.prepare(r) }
