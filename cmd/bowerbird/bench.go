package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type benchCmd struct {
	Models    benchModelsCmd    `cmd:"" help:"Recommendation models on published data sets, beside published figures."`
	Ingest    benchIngestCmd    `cmd:"" help:"Durable events a second, by the engine and over HTTP."`
	Search    benchSearchCmd    `cmd:"" help:"The word index alone: documents and queries a second, updates, stored indexes, growth."`
	Complete  benchCompleteCmd  `cmd:"" help:"Completion at a million distinct queries."`
	Graph     benchGraphCmd     `cmd:"" help:"A large power-law graph: build, start, walks beside C loops."`
	Vectors   benchVectorsCmd   `cmd:"" help:"Nearest neighbours beside other libraries: speed at equal recall, memory, builds, filters, churn, kernels."`
	Serve     benchServeCmd     `cmd:"" help:"CPU and time of a request, of a server started for it."`
	World     benchWorldCmd     `cmd:"" help:"A large made-up world: start, memory, time of pages at a steady rate."`
	Reembed   benchReembedCmd   `cmd:"" help:"Pages at a steady rate while every picture gets a vector by another encoder; kills."`
	Encoder   benchEncoderCmd   `cmd:"" help:"Pictures a second of an image encoder in ONNX, beside onnxruntime in Python."`
	Sequences benchSequencesCmd `cmd:"" help:"The model of order on published histories, beside published figures."`
	Size      benchSizeCmd      `cmd:"" help:"Size of the binary and time of a cold build."`
}

func (benchCmd) Help() string {
	return `Figures are of this machine as it is now: nothing else should run on it.

Examples:
  bowerbird bench ingest
  bowerbird bench search --docs 100000
  bowerbird bench complete
  bowerbird bench serve --data shop
  bowerbird bench world --items 1000000 --actions 10000000
  bowerbird bench graph --edges 200000000
  bowerbird bench vectors --peer venv/bin/python
  bowerbird bench models data/
  bowerbird bench size`
}

// machine is what figures are of.
type machine struct {
	CPU   string `json:"cpu"`
	Cores int    `json:"cores"`
	Go    string `json:"go"`
}

func thisMachine() machine {
	m := machine{Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), CPU: runtime.GOARCH}
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m
	}
	for l := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	return m
}

func (m machine) String() string { return fmt.Sprintf("%s, %d cores, %s", m.CPU, m.Cores, m.Go) }

// spread is how long single things took.
type spread struct {
	N      int           `json:"n"`
	Median time.Duration `json:"median_ns"`
	P99    time.Duration `json:"p99_ns"`
	Max    time.Duration `json:"max_ns"`
}

func spreadOf(d []time.Duration) spread {
	if len(d) == 0 {
		return spread{}
	}
	d = slices.Clone(d)
	slices.Sort(d)
	return spread{len(d), d[len(d)/2], d[min(len(d)-1, len(d)*99/100)], d[len(d)-1]}
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1e3) }

// child is a server of its own process, whose CPU time and memory can be read.
type child struct {
	cmd  *exec.Cmd
	base string
	up   time.Duration // from start to readiness
}

// startChild runs this program's serve on a folder and waits until it is ready.
func startChild(ctx context.Context, dir string, within time.Duration, flags ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := ln.Addr().String()
	_ = ln.Close()
	c := &child{cmd: exec.Command(self, append([]string{"serve", "--data", dir, "--listen", addr, "--quiet"}, flags...)...), base: "http://" + addr}
	c.cmd.Stderr, c.cmd.Stdout = os.Stderr, io.Discard
	start := time.Now()
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.cmd.Wait() }()
	for time.Since(start) < within {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("the server ended: %w", errors.Join(err, errors.New("see its message above")))
		case <-ctx.Done():
			c.stop()
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
		r, err := http.Get(c.base + "/readyz")
		if err != nil {
			continue
		}
		r.Body.Close()
		if r.StatusCode == http.StatusOK {
			c.up = time.Since(start)
			return c, nil
		}
	}
	c.stop()
	return nil, fmt.Errorf("the server was not ready within %s", within)
}

// stop ends the server gracefully: it is the child's own Wait that reaps it.
func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	for range 3000 {
		if c.cmd.Process.Signal(syscall.Signal(0)) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = c.cmd.Process.Kill()
}

// kill ends the server without a word, and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	for range 3000 {
		if c.cmd.Process.Signal(syscall.Signal(0)) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// cpu is the processor time that the server has used, user and system, to 10 ms.
func (c *child) cpu() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("the server's CPU time cannot be read (Linux only): %w", err)
	}
	_, after, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(after)
	if len(f) < 13 {
		return 0, fmt.Errorf("/proc/PID/stat has %d fields", len(f))
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// memory is what the server holds now and held at most, in bytes.
func (c *child) memory() (now, peak int64) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for l := range strings.Lines(string(b)) {
		f := strings.Fields(l)
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(f[1], 10, 64)
		switch f[0] {
		case "VmRSS:":
			now = n << 10
		case "VmHWM:":
			peak = n << 10
		}
	}
	return now, peak
}

// closedLoop asks for n paths over a number of connections, one after the other
// on each.
func closedLoop(ctx context.Context, base string, paths []string, n, connections int) ([]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, connections)
	for w := range connections {
		wg.Go(func() {
			for ctx.Err() == nil && errs[w] == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				start := time.Now()
				errs[w] = get(ctx, client, base+paths[i%len(paths)])
				took[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	return took, errors.Join(append(errs, ctx.Err())...)
}

// openLoop asks at a steady rate, whether or not answers have come; a request's
// time counts from when it was due.
func openLoop(ctx context.Context, base string, paths []string, rate, n int) ([]time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range n {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			wg.Wait()
			return nil, ctx.Err()
		}
		wg.Go(func() {
			errs[i] = get(ctx, client, base+paths[i%len(paths)])
			took[i] = time.Since(due)
		})
	}
	wg.Wait()
	return took, errors.Join(errs...)
}

func get(ctx context.Context, client *http.Client, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %.200s", url, resp.Status, b)
	}
	return err
}

// fetchJSON reads one answer.
func fetchJSON(ctx context.Context, url string, v any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(v)
}
