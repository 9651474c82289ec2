package main

import (
	"fmt"
	"maps"
	"slices"
)

type statusCmd struct{}

func (statusCmd) Help() string {
	return `Looks only; the folder must not be in use. A running server tells the same at
GET /v1/status.

Examples:
  bowerbird status
  bowerbird status --data shop --json`
}

func (c *statusCmd) Run(a *app) error {
	dir := a.data(standardData)
	e, err := a.open(dir, true)
	if err != nil {
		return err
	}
	defer a.close(e)
	s := e.Status()
	if a.cli.JSON {
		return a.printJSON(s)
	}
	a.ui.done()
	rows := [][]string{
		{"folder", dir}, {"log", plural(s.Offset, "event")},
		{"items", fmt.Sprintf("%s, of which %s may be shown", count(s.Items), count(s.Live))},
		{"people", count(s.Users)}, {"boards", count(s.Boards)},
	}
	for _, k := range slices.Sorted(maps.Keys(s.Events)) {
		rows = append(rows, []string{"  " + k, count(s.Events[k])})
	}
	model := "none: run `bowerbird train`"
	if s.Model != nil {
		model = fmt.Sprintf("%s (%s), learned from %s", s.Model.Version, s.Model.Trainer, plural(s.Model.Offset, "event"))
	}
	a.columns(append(rows, []string{"model", model}))
	return nil
}
