package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// served is a world behind a real listener: deadlines are of connections.
func served(t *testing.T, o Options) (w *world, addr string) {
	t.Helper()
	w = newWorld(t, o)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return w, ln.Addr().String()
}

// dial opens a connection and writes the beginning of a request.
func dial(t *testing.T, addr, begin string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(60 * time.Second))
	if _, err := io.WriteString(c, begin); err != nil {
		t.Fatal(err)
	}
	return c
}

// drip sends a byte now and then until the connection is cut.
func drip(c net.Conn, every time.Duration) {
	for {
		if _, err := c.Write([]byte(" ")); err != nil {
			return
		}
		time.Sleep(every)
	}
}

const postHead = "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

func TestSlowBodyIsCut(t *testing.T) {
	_, addr := served(t, Options{BodyTimeout: 300 * time.Millisecond, BodyRate: 1 << 10})
	for name, begin := range map[string]string{
		"dripping":    postHead + "Content-Length: 100000\r\n\r\n{",
		"in chunks":   postHead + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
		"not a byte":  postHead + "Content-Length: 5\r\n\r\n",
		"as gzip":     postHead + "Content-Encoding: gzip\r\nContent-Length: 100\r\n\r\n\x1f\x8b",
		"a picture's": "PUT /v1/items/i1/picture HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n\r\n\x89PNG",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, addr, begin)
			if name == "dripping" {
				go drip(c, 20*time.Millisecond)
			}
			begun := time.Now()
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatalf("after %v: %v", time.Since(begun), err)
			}
			defer res.Body.Close()
			var p Problem
			if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != http.StatusRequestTimeout || p.Code != "slow_body" || !strings.Contains(p.Message, "1024 bytes/s") || !res.Close {
				t.Errorf("status %d, close %v, %+v", res.StatusCode, res.Close, p)
			}
		})
	}
}

// What comes slowly but at the pace is taken, though it takes longer than BodyTimeout.
func TestSteadyBodyIsTaken(t *testing.T) {
	_, addr := served(t, Options{BodyTimeout: time.Second, BodyRate: 1 << 10})
	body := `{"q": "grey cat"` + strings.Repeat(" ", 60_000) + "}"
	c := dial(t, addr, fmt.Sprintf("%sContent-Length: %d\r\nConnection: close\r\n\r\n", postHead, len(body)))
	go func() {
		for i := 0; i < len(body); i += 6000 {
			if _, err := io.WriteString(c, body[i:min(len(body), i+6000)]); err != nil {
				return
			}
			time.Sleep(150 * time.Millisecond)
		}
	}()
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		t.Errorf("status %d: %.200s", res.StatusCode, b)
	}
}

// A header that never ends is cut without a word, as net/http does.
func TestSlowHeaderIsCut(t *testing.T) {
	_, addr := served(t, Options{HeaderTimeout: 300 * time.Millisecond})
	c := dial(t, addr, "GET /v1/search?q=cat HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
	go drip(c, 20*time.Millisecond)
	begun := time.Now()
	if _, err := io.ReadAll(c); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Fatalf("still open after %v", time.Since(begun))
	}
	if d := time.Since(begun); d > 30*time.Second {
		t.Errorf("cut after %v", d)
	}
}
