package main

import (
	"fmt"

	"bowerbird"
	"bowerbird/engine"
)

type explainCmd struct {
	Item    string `arg:"" name:"item" help:"The item to explain."`
	Surface string `help:"home, related, more_ideas, search, visual or explore." default:"home"`
	User    string `help:"Whose page."`
	Of      string `help:"Item that the related or visual page starts from." name:"of" placeholder:"ITEM"`
	Board   string `help:"Board that the page starts from."`
	Words   string `help:"Words that are searched."`
	Limit   int    `help:"Items on the page." default:"25"`
	At      uint64 `help:"Offset of the log at which the page is made; 0: its end." default:"0"`
}

func (explainCmd) Help() string {
	return `Replays the log up to an offset, makes the page again and says of one item which
sources found it, which filters it passed, its features and its score. The
model is the one that serves now. On a running server the same is told of a
page that was served: GET /v1/explain?request=ID&item=ITEM.

Examples:
  bowerbird explain i000017 --user u000003
  bowerbird explain i000017 --surface related --of i000021
  bowerbird explain i000017 --user u000003 --at 50000 --json`
}

func (c *explainCmd) Run(a *app) error {
	s, err := bowerbird.ParseSurface(c.Surface)
	if err != nil || s == bowerbird.NoSurface {
		return usagef("--surface: %q is none of home, related, more_ideas, search, visual, explore", c.Surface)
	}
	e, err := a.open(a.data(standardData), true)
	if err != nil {
		return err
	}
	defer a.close(e)
	q := engine.Query{Surface: s, User: c.User, Item: c.Of, Board: c.Board, Words: c.Words, Limit: c.Limit}
	var x *engine.Explanation
	if c.At == 0 || c.At >= e.Log().Last() {
		x, err = e.ExplainQuery(a.ctx, q, c.Item)
	} else {
		x, err = c.before(a, e, q)
	}
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(x)
	}
	a.ui.done()
	a.printExplanation(x)
	return nil
}

// before makes the page at an earlier offset, in a house of its own.
func (c *explainCmd) before(a *app, e *engine.Engine, q engine.Query) (*engine.Explanation, error) {
	h, err := e.NewHouse()
	if err != nil {
		return nil, err
	}
	err = h.Replay(a.ctx, e.Log(), 1, c.At, func(done, total uint64) { a.ui.step("replaying the log", int64(done), int64(total)) })
	if err != nil {
		return nil, err
	}
	b, err := e.CurrentBundle()
	if err != nil {
		return nil, err
	}
	if b != nil {
		if err := h.Put(a.ctx, b); err != nil {
			return nil, err
		}
	}
	r := bowerbird.Request{Surface: q.Surface, Query: q.Words, Limit: q.Limit, Trace: true, Seed: 1}
	var ok bool
	if r.User, ok = h.Catalogue.User(q.User); !ok && r.Surface == bowerbird.Home {
		r.Surface = bowerbird.Explore
	}
	if r.Item, ok = h.Catalogue.Item(q.Item); !ok && q.Item != "" {
		return nil, fmt.Errorf("at offset %d there was no item %q", c.At, q.Item)
	}
	if r.Board, ok = h.Catalogue.Board(q.Board); !ok && q.Board != "" {
		return nil, fmt.Errorf("at offset %d there was no board %q", c.At, q.Board)
	}
	p, err := h.Run(a.ctx, r)
	if err != nil {
		return nil, err
	}
	return h.Explain(p, c.Item)
}

func (a *app) printExplanation(x *engine.Explanation) {
	if x.Position > 0 {
		a.printf("%s stands at %d on the %s page (offset %s).\n", x.Item, x.Position, x.Surface, count(x.Offset))
	} else {
		a.printf("%s is not on the %s page (offset %s).\n", x.Item, x.Surface, count(x.Offset))
	}
	for _, w := range x.Why {
		if w != "" {
			a.printf("  %s\n", w)
		}
	}
	a.printf("\n%s, %s after the filters, %s on the page", plural(x.Stages.Candidates, "candidate"), count(x.Stages.AfterFilters), count(x.Stages.OnPage))
	if x.Model != "" {
		a.printf("; ranked by %s", x.Model)
	}
	a.printf("; score %.4f", x.Score)
	if x.Probability > 0 {
		a.printf(", probability of a save %.4f", x.Probability)
	}
	a.printf("\n\n")
	rows := [][]string{{"source", "rank", "score", "why"}}
	for _, s := range x.Sources {
		rows = append(rows, []string{s.Name, count(s.Rank), fmt.Sprintf("%.4g", s.Score), s.Why})
	}
	a.columns(rows)
	a.printf("\n")
	a.printSearch(x.Search)
	rows = [][]string{{"feature", "value", "adds", "meaning"}}
	for _, f := range x.Features {
		rows = append(rows, []string{f.Name, fmt.Sprintf("%.4g", f.Value), fmt.Sprintf("%+.4f", f.Contribution), f.Meaning})
	}
	a.columns(rows)
	a.printf("\n")
	rows = [][]string{{"filter", "passed"}}
	for _, f := range x.Filters {
		rows = append(rows, []string{f.Name, map[bool]string{true: "yes", false: "no"}[f.Passed]})
	}
	a.columns(rows)
	for _, n := range x.Notes {
		a.printf("%s\n", n)
	}
}

// printSearch says how a search by words scored the item.
func (a *app) printSearch(x *engine.SearchSays) {
	if x == nil {
		return
	}
	for _, m := range x.Mended {
		a.printf("searched %q (in %s) instead of %q (in %s)\n", m.To, plural(m.ToItems, "item"), m.From, plural(m.FromItems, "item"))
	}
	if len(x.Clauses) > 0 {
		rows := [][]string{{"words", "score", "of", "in"}}
		for _, c := range x.Clauses {
			in := "nowhere"
			for i, f := range c.Fields {
				if i == 0 {
					in = ""
				} else {
					in += ", "
				}
				in += fmt.Sprintf("%s %d×", f.Name, f.Count)
			}
			rows = append(rows, []string{c.Words, fmt.Sprintf("%.4g", c.Score), fmt.Sprintf("%.4g", c.Most), in})
		}
		a.columns(rows)
		a.printf("ranking score %.3f\n\n", x.RankingScore)
	}
}
