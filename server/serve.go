package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"bowerbird/engine"
)

// Serve listens on addr ("127.0.0.1:7777"; port 0 takes a free one) and serves
// until ctx ends, then waits up to Options.Drain for the requests in progress. An
// address that other machines can reach is refused as long as there is no key.
func Serve(ctx context.Context, e *engine.Engine, addr string, o Options) error {
	s, err := New(e, o)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return s.Serve(ctx, ln)
}

// Serve is the same on a listener of the caller's, which it closes.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if !loopback(ln.Addr()) {
		if !s.keys.needed() {
			_ = ln.Close()
			return fmt.Errorf("server: %s can be reached from other machines and there is no API key: make one with `bowerbird keys create`, or listen on 127.0.0.1", ln.Addr())
		}
	}
	hs := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.o.HeaderTimeout,
		ReadTimeout:       60 * time.Second, // bodies that are read have a limit of their own: see paced
		WriteTimeout:      writeTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.o.Logger.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(ln) }()
	if s.o.Ready != nil {
		s.o.Ready(ln.Addr())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("server: %w", err)
	case <-ctx.Done():
	}
	close(s.done)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.o.Drain)
	defer cancel()
	err := hs.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		s.o.Logger.Warn("requests were still running when the time to stop was over", "limit", s.o.Drain)
		return errors.Join(hs.Close())
	}
	return err
}

const writeTimeout = 90 * time.Second

func loopback(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}
