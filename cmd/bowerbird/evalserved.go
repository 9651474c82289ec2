package main

import (
	"bowerbird"
	"bowerbird/engine"
	"bowerbird/eval"
)

// judgeServed asks the data folder's own search, as it is served, and judges the items by name.
func (c *evalSearchCmd) judgeServed(a *app) (*searchEvaluation, error) {
	q, err := readQrelsFile(c.Qrels)
	if err != nil {
		return nil, err
	}
	queries, err := readQueries(c.Queries)
	if err != nil {
		return nil, err
	}
	e, err := a.open(a.cli.Data, true)
	if err != nil {
		return nil, err
	}
	defer a.close(e)
	run := &eval.Run{Name: "served"}
	for i, query := range queries {
		if q.Grades[query.ID] == nil {
			continue
		}
		a.ui.step("search", int64(i), int64(len(queries)))
		page, err := e.Page(a.ctx, engine.Query{Surface: bowerbird.SearchWords, Words: query.Text, Limit: min(c.Depth, 100)})
		if err != nil {
			return nil, err
		}
		var list []eval.Ranked
		for j, s := range page.Items {
			list = append(list, eval.Ranked{Doc: s.Doc.ID, Score: float64(len(page.Items) - j)})
		}
		run.Add(query.ID, list)
	}
	return c.judge(a, q, []*eval.Run{run})
}
