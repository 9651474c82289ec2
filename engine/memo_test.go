package engine

import (
	"testing"

	"bowerbird"
)

// TestMemo: a page is made once for as long as nothing happens, for one person,
// one set of conditions and one model; each answer has a request id of its own.
func TestMemo(t *testing.T) {
	e := open(t, t.TempDir(), Options{})
	defer e.Close()
	put(t, e, worldEvents(), 1000)
	q := Query{Surface: bowerbird.Home, User: "u000003", Limit: 10}
	a, b := page(t, e, q), page(t, e, q)
	if &a.Page.Items[0] != &b.Page.Items[0] {
		t.Error("the same page was made twice although nothing happened")
	}
	if a.RequestID == b.RequestID || a.Page.Request.ID == b.Page.Request.ID || a.Next != b.Next {
		t.Errorf("ids %s and %s, want two; cursors %q and %q, want one", a.RequestID, b.RequestID, a.Next, b.Next)
	}
	for name, other := range map[string]Query{
		"another person":  {Surface: bowerbird.Home, User: "u000004", Limit: 10},
		"another length":  {Surface: bowerbird.Home, User: "u000003", Limit: 9},
		"another seed":    {Surface: bowerbird.Home, User: "u000003", Limit: 10, Seed: 5},
		"the next page":   {Surface: bowerbird.Home, User: "u000003", Limit: 10, Cursor: a.Next},
		"with a trace":    {Surface: bowerbird.Home, User: "u000003", Limit: 10, Trace: true},
		"with conditions": {Surface: bowerbird.Home, User: "u000003", Limit: 10, Where: []bowerbird.Condition{{Field: "language", Words: []string{"en"}}}},
	} {
		if c := page(t, e, other); len(c.Page.Items) > 0 && &a.Page.Items[0] == &c.Page.Items[0] {
			t.Errorf("%s was answered with the page of somebody else's question", name)
		}
	}
	put(t, e, []bowerbird.Event{{Kind: bowerbird.Save, User: "u000009", Item: "i000001"}}, 1)
	if c := page(t, e, q); &a.Page.Items[0] == &c.Page.Items[0] {
		t.Error("an event came in and the old page was served")
	}

	none := open(t, t.TempDir(), Options{Memo: -1})
	defer none.Close()
	put(t, none, worldEvents(), 1000)
	if a, b := page(t, none, q), page(t, none, q); &a.Page.Items[0] == &b.Page.Items[0] {
		t.Error("a page was remembered although none should be")
	}
}
