package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// paced reads a body that must come at a pace, so that nobody holds a slot and its
// share of the memory for bodies by sending a byte now and then: after n bytes it
// may have taken BodyTimeout + n/BodyRate (as Apache's mod_reqtimeout counts). Who
// is slower gets a 408 and loses the connection. A large picture over a slow line
// may therefore take minutes.
type paced struct {
	io.ReadCloser
	c     *http.ResponseController
	o     *Options
	start time.Time
	n     int64
}

func (s *Server) pace(w http.ResponseWriter, body io.ReadCloser) *paced {
	return &paced{ReadCloser: body, c: http.NewResponseController(w), o: &s.o, start: time.Now()}
}

// Read implements io.Reader.
func (p *paced) Read(b []byte) (int, error) {
	within := p.o.BodyTimeout + time.Duration(float64(p.n)/float64(p.o.BodyRate)*float64(time.Second))
	_ = p.c.SetReadDeadline(p.start.Add(within)) // a writer without deadlines, as in tests, has no slow client either
	n, err := p.ReadCloser.Read(b)
	p.n += int64(n)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, problem(http.StatusRequestTimeout, "slow_body", "", fmt.Sprintf("the body came too slowly: %d bytes in %.1f s; want at least %d bytes/s after %.0f s",
			p.n, time.Since(p.start).Seconds(), p.o.BodyRate, p.o.BodyTimeout.Seconds()))
	}
	return n, err
}

// done gives the answer the time that it would have had after a quick body. Nothing
// is read any more, and a deadline left behind would end the request's context.
func (p *paced) done() {
	_ = p.c.SetReadDeadline(time.Time{})
	if time.Since(p.start) > time.Second {
		_ = p.c.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
}
