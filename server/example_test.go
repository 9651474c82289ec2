package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"bowerbird/engine"
	"bowerbird/server"
)

// A save over HTTP, and what it says when it is sent again.
func Example() {
	dir, err := os.MkdirTemp("", "bowerbird")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	quiet := slog.New(slog.DiscardHandler)
	e, err := engine.Open(context.Background(), dir, engine.Options{Logger: quiet})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	h, err := server.New(e, server.Options{Logger: quiet})
	if err != nil {
		panic(err)
	}
	web := httptest.NewServer(h)
	defer web.Close()

	item, _ := http.NewRequest(http.MethodPut, web.URL+"/v1/items/lamp", strings.NewReader(`{"title": "Brass lamp", "created": 1700000000000}`))
	item.Header.Set("Content-Type", "application/json")
	show(http.DefaultClient.Do(item))
	save := `{"events": [{"id": "e1", "type": "save", "user": "ann", "item": "lamp"}]}`
	for range 2 {
		show(http.Post(web.URL+"/v1/events", "application/json", strings.NewReader(save)))
	}
	// Output:
	// {"id":"lamp","title":"Brass lamp","created":1700000000000}
	// {"results":[{"id":"e1","offset":2,"duplicate":false}]}
	// {"results":[{"id":"e1","offset":2,"duplicate":true}]}
}

func show(r *http.Response, err error) {
	if err != nil {
		panic(err)
	}
	defer r.Body.Close()
	b, _ := io.ReadAll(r.Body)
	fmt.Print(string(b))
}
