package main

import (
	"fmt"
	"os"

	"bowerbird/store"
)

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make a key; its secret is printed this once."`
	List   keysListCmd   `cmd:"" help:"List the keys."`
	Revoke keysRevokeCmd `cmd:"" help:"Remove a key."`
}

func (keysCmd) Help() string {
	return `Without keys the server answers this machine only. A running server takes up
changes by itself. Examples:
  bowerbird keys create --name shop --scope write
  bowerbird keys list
  bowerbird keys revoke ID -f`
}

func (a *app) keys() (*store.KeyFile, error) {
	dir := a.data(standardData)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return store.Keys(store.Dir(dir).Keys())
}

type keysCreateCmd struct {
	Name  string `help:"For people." default:"unnamed"`
	Scope string `help:"read: look. write: events, items, boards. admin: everything." enum:"read,write,admin" default:"read"`
}

func (keysCreateCmd) Help() string {
	return "Example:\n  bowerbird keys create --name shop --scope write"
}

func (c *keysCreateCmd) Run(a *app) error {
	k, err := a.keys()
	if err != nil {
		return err
	}
	key, secret, err := k.Create(c.Name, store.Scope(c.Scope))
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"id": key.ID, "name": key.Name, "scope": key.Scope, "secret": secret})
	}
	a.printf("%s\n", secret)
	a.ui.say("Key %s (%s, %s). The secret above is told this once; send it as: Authorization: Bearer SECRET", key.ID, key.Name, key.Scope)
	return nil
}

type keysListCmd struct{}

func (keysListCmd) Help() string { return "Example:\n  bowerbird keys list --json" }

func (c *keysListCmd) Run(a *app) error {
	k, err := a.keys()
	if err != nil {
		return err
	}
	list := k.List()
	if a.cli.JSON {
		type shown struct {
			ID, Name string
			Scope    store.Scope
			Created  string
		}
		out := []shown{}
		for _, x := range list {
			out = append(out, shown{x.ID, x.Name, x.Scope, x.Created.UTC().Format("2006-01-02T15:04:05Z")})
		}
		return a.printJSON(out)
	}
	rows := [][]string{{"id", "scope", "created", "name"}}
	for _, x := range list {
		rows = append(rows, []string{x.ID, string(x.Scope), x.Created.UTC().Format("2006-01-02 15:04"), x.Name})
	}
	a.columns(rows)
	return nil
}

type keysRevokeCmd struct {
	ID    string `arg:"" help:"Of the key, as list shows it."`
	Force bool   `short:"f" help:"Do it."`
}

func (keysRevokeCmd) Help() string { return "Example:\n  bowerbird keys revoke ID -f" }

func (c *keysRevokeCmd) Run(a *app) error {
	k, err := a.keys()
	if err != nil {
		return err
	}
	for _, x := range k.List() {
		if x.ID != c.ID {
			continue
		}
		if !c.Force {
			a.printf("Key %s (%s, %s) would be removed; whoever uses it is locked out at once.\nNothing was done. Run it again with -f to do it.\n", x.ID, x.Name, x.Scope)
			return nil
		}
		if err := k.Revoke(c.ID); err != nil {
			return err
		}
		a.printf("Key %s is removed.\n", c.ID)
		return nil
	}
	return fmt.Errorf("there is no key %q: see `bowerbird keys list`", c.ID)
}
