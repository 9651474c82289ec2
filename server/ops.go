package server

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bowerbird/rank"
)

// patient lets an answer take as long as it needs: what an owner asks for by an
// admin key may take minutes.
func patient(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Time{}) // a writer without deadlines has none to lift
	_ = c.SetReadDeadline(time.Time{})
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusOK, Status{s.o.Version, s.e.Status()})
	return nil
}

func (s *Server) listModels(w http.ResponseWriter, r *http.Request) error {
	list, err := s.e.Models().List()
	if err != nil {
		return err
	}
	out := Models{Models: []rank.Card{}}
	if now := s.e.Current(); now != nil {
		out.Current = now.Card.Version
	}
	for _, m := range slices.Backward(list) {
		var c rank.Card
		if err := json.Unmarshal(m.Card, &c); err != nil {
			c = rank.Card{Notes: []string{"the card cannot be read"}}
		}
		c.Version = m.Version
		out.Models = append(out.Models, c)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (s *Server) install(w http.ResponseWriter, r *http.Request) error {
	if err := s.e.Install(r.Context(), r.PathValue("version")); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.e.Current().Card)
	return nil
}

// backup writes only below the folder that the server was started with, so that a
// key is no licence to write anywhere.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) error {
	in := BackupIn{}
	if err := s.readInto(w, r, &in); err != nil {
		return err
	}
	if s.o.Backups == "" {
		return problem(http.StatusForbidden, "no_backups", "", "the server was started without a folder for backups (serve --backups)")
	}
	if in.Name == "" {
		in.Name = time.Now().UTC().Format("20060102-150405")
	}
	if strings.ContainsAny(in.Name, `/\`) || !filepath.IsLocal(in.Name) || strings.HasPrefix(in.Name, ".") {
		return invalid("name", "want a plain folder name")
	}
	if err := os.MkdirAll(s.o.Backups, 0o755); err != nil {
		return err
	}
	patient(w)
	path := filepath.Join(s.o.Backups, in.Name)
	if err := s.e.Backup(r.Context(), path); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, BackupDone{in.Name})
	return nil
}

func (s *Server) healthz(w http.ResponseWriter, r *http.Request) error {
	return send(w, "text/plain; charset=utf-8", []byte("ok\n"))
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	select {
	case <-s.done:
		return busy("stopping")
	default:
		return send(w, "text/plain; charset=utf-8", []byte("ready\n"))
	}
}

func (s *Server) prometheus(w http.ResponseWriter, r *http.Request) error {
	s.metrics.inFlight.Set(float64(len(s.slots)))
	s.metrics.handler.ServeHTTP(w, r)
	return nil
}
