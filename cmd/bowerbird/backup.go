package main

type backupCmd struct {
	Dir string `arg:"" help:"New folder for the copy." type:"path"`
}

func (backupCmd) Help() string {
	return `Copies the log, the pictures, the models and the keys into a new folder. The
data folder must not be in use; a running server is backed up by
POST /v1/backup. The first start on a copy replays the log.

Example:
  bowerbird backup /backups/2026-11-22`
}

func (c *backupCmd) Run(a *app) error {
	e, err := a.open(a.data(standardData), true)
	if err != nil {
		return err
	}
	defer a.close(e)
	if err := e.Backup(a.ctx, c.Dir); err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"dir": c.Dir, "offset": e.Log().Last()})
	}
	a.printf("%s holds the data up to %s.\n", c.Dir, plural(e.Log().Last(), "event"))
	return nil
}
