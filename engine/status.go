package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"bowerbird"
	"bowerbird/rank"
)

// Status is what an owner asks first.
type Status struct {
	Offset  uint64            `json:"offset"`
	Items   int               `json:"items"`
	Live    int               `json:"live_items"`
	Users   int               `json:"users"`
	Boards  int               `json:"boards"`
	Events  map[string]uint64 `json:"events"`
	Model   *rank.Card        `json:"model"`
	Sources []string          `json:"sources"`
	Sight   Sight             `json:"sight"`
	Uptime  float64           `json:"uptime_seconds"`
}

// Status counts what there is. Cost: a look at each item.
func (e *Engine) Status() Status {
	h := e.House()
	s := Status{Offset: h.Catalogue.Offset(), Items: h.Catalogue.Items(), Users: h.Catalogue.Users(), Boards: h.Catalogue.Boards(),
		Events: h.counts.Kinds(), Uptime: time.Since(e.started).Seconds(), Sight: e.Sight()}
	for x := 1; x <= s.Items; x++ {
		if h.fields.Live(bowerbird.ItemID(x)) {
			s.Live++
		}
	}
	if m := e.current.Load(); m != nil {
		s.Model = &m.Card
	}
	for _, u := range h.surfaces[bowerbird.Home].Sources {
		s.Sources = append(s.Sources, u.Source.Name())
	}
	return s
}

// Saves is how many items a person keeps.
func (h *House) Saves(u bowerbird.UserID) int { return h.counts.Saves(u) }

// History lists what a person did, newest first.
func (h *House) History(u bowerbird.UserID) []bowerbird.Action { return h.history.Of(u, 0) }

// Follows tells what a person follows.
func (h *House) Follows(u bowerbird.UserID) ([]bowerbird.BoardID, []bowerbird.UserID) {
	return h.followed.Follows(u)
}

// Backup writes a copy of the data folder to dir, which must not exist, while the
// engine runs: the log as of now, the pictures, the models and the keys. Views
// are left out; the first start on the copy replays them.
func (e *Engine) Backup(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return &bowerbird.Invalid{Field: "dir", Message: dir + " is there already: name a new folder"}
	}
	e.gate.RLock() // no erasure halfway
	defer e.gate.RUnlock()
	part := dir + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := os.MkdirAll(part, 0o755); err != nil {
		return err
	}
	if err := e.log.Backup(ctx, filepath.Join(part, "log")); err != nil {
		return err
	}
	for _, name := range []string{"blobs", "models", "keys.json", "languages", "synonyms", "VERSION"} {
		if err := copyTree(ctx, filepath.Join(string(e.dir), name), filepath.Join(part, name)); err != nil {
			return err
		}
	}
	return os.Rename(part, dir)
}
