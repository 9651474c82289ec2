package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"bowerbird/internal/onnx"
	"bowerbird/vision/encode"
)

type benchEncoderCmd struct {
	Folder  string `arg:"" help:"Folder of an image encoder: model.onnx and what vision/encode reads beside it." type:"existingdir"`
	Batch   int    `help:"Pictures that run together." default:"8"`
	Threads int    `help:"Threads of each." default:"1"`
	Rounds  int    `help:"Rounds in which all take turns; medians are printed." default:"7"`
	Peer    string `help:"A Python that has onnxruntime, to run the same beside." placeholder:"PYTHON"`
}

func (benchEncoderCmd) Help() string {
	return `Pictures a second of the model alone, from numbers to vectors: by this program in
pure Go, by ONNX Runtime called from this program (if built with -tags onnxruntime
and found), and by Python's onnxruntime. vision/encode/testdata/export.py exports
models with random weights.

Example:
  bowerbird bench encoder models/vit-b32 --peer python3`
}

//go:embed benchencoder.py
var encoderScript string

// encoderRow is one way to run the model.
type encoderRow struct {
	Runtime string  `json:"runtime"`
	PerS    float64 `json:"pictures_per_second"` // median
	Ratio   float64 `json:"over_peer,omitempty"` // median of the rounds' ratios
	run     func(n int) (time.Duration, error)
	took    []time.Duration // of one run, by round
}

func (c *benchEncoderCmd) Run(a *app) error {
	if c.Batch < 1 || c.Threads < 1 || c.Rounds < 1 {
		return usagef("--batch, --threads and --rounds: want 1 or more")
	}
	e, err := encode.Open(c.Folder, encode.Options{Threads: c.Threads, Runtime: "go"})
	if err != nil {
		return err
	}
	m := e.Manifest()
	shape := []int{c.Batch, 3, m.Height, m.Width}
	if m.Layout == "nhwc" {
		shape = []int{c.Batch, m.Height, m.Width, 3}
	}
	rows, err := c.ways(a, m.Input, shape)
	if err != nil {
		return err
	}
	peer, why, stop, err := c.peer(a.ctx, shape)
	if err != nil {
		return err
	}
	defer stop()
	if peer != nil {
		rows = append(rows, peer)
	}
	if err := c.turns(a, rows); err != nil {
		return err
	}
	c.sum(rows, peer)
	if a.cli.JSON {
		return a.printJSON(map[string]any{"machine": thisMachine(), "model": e.Version(), "batch": c.Batch, "threads": c.Threads, "rows": rows, "without": why})
	}
	a.printf("%s, batches of %d, %s, %s\n", e.Version(), c.Batch, plural(int64(c.Threads), "thread"), plural(int64(c.Rounds), "round"))
	for _, r := range rows {
		a.printf("  %-34s %8.1f pictures/s", r.Runtime, r.PerS)
		if r.Ratio > 0 && r != peer {
			a.printf("   %.2f of the peer's", r.Ratio)
		}
		a.printf("\n")
	}
	for _, w := range why {
		a.printf("  not measured: %s\n", w)
	}
	return nil
}

// ways are the runtimes within this program.
func (c *benchEncoderCmd) ways(a *app, input string, shape []int) ([]*encoderRow, error) {
	in := make([]float32, shape[0]*shape[1]*shape[2]*shape[3])
	r := rand.New(rand.NewPCG(1, 1))
	for i := range in {
		in[i] = float32(r.NormFloat64())
	}
	var rows []*encoderRow
	for _, rt := range []onnx.Runtime{onnx.Go, onnx.Native} {
		model, err := onnx.Open(filepath.Join(c.Folder, "model.onnx"), onnx.Options{Threads: c.Threads, Runtime: rt})
		if errors.Is(err, onnx.ErrNoNative) {
			continue
		}
		if err != nil {
			return nil, err
		}
		name := "pure Go"
		if v, err := onnx.NativeVersion(); err == nil && rt == onnx.Native {
			name = "ONNX Runtime " + v + ", called from Go"
		}
		rows = append(rows, &encoderRow{Runtime: name, run: func(n int) (time.Duration, error) {
			start := time.Now()
			for range n {
				if _, err := model.Run(a.ctx, map[string]*onnx.Tensor{input: onnx.Floats(in, shape...)}); err != nil {
					return 0, err
				}
			}
			return time.Since(start), nil
		}})
	}
	return rows, nil
}

// peer starts Python. why says what is left out.
func (c *benchEncoderCmd) peer(ctx context.Context, shape []int) (row *encoderRow, why []string, stop func(), err error) {
	stop = func() {}
	if _, e := onnx.NativeVersion(); e != nil {
		why = append(why, e.Error())
	}
	if c.Peer == "" {
		return nil, append(why, "Python's onnxruntime (--peer)"), stop, nil
	}
	var dims []string
	for _, n := range shape {
		dims = append(dims, strconv.Itoa(n))
	}
	cmd := exec.CommandContext(ctx, c.Peer, "-c", encoderScript, filepath.Join(c.Folder, "model.onnx"), strconv.Itoa(c.Threads), strings.Join(dims, ","))
	var fault strings.Builder
	cmd.Stderr = &fault
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, why, stop, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, why, stop, err
	}
	if err := cmd.Start(); err != nil {
		return nil, append(why, err.Error()), stop, nil
	}
	stop = func() { _ = in.Close(); _ = cmd.Wait() }
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		stop()
		return nil, append(why, c.Peer+": "+lastLine(fault.String())), func() {}, nil
	}
	return &encoderRow{Runtime: "Python's onnxruntime " + lines.Text(), run: func(n int) (time.Duration, error) {
		if _, err := fmt.Fprintln(in, n); err != nil {
			return 0, fmt.Errorf("--peer %s: %w: %s", c.Peer, err, lastLine(fault.String()))
		}
		if !lines.Scan() {
			return 0, fmt.Errorf("--peer %s: %w: %s", c.Peer, io.ErrUnexpectedEOF, lastLine(fault.String()))
		}
		s, err := strconv.ParseFloat(lines.Text(), 64)
		return time.Duration(s * float64(time.Second)), err
	}}, why, stop, nil
}

// turns runs each way once to warm up, then all in turn.
func (c *benchEncoderCmd) turns(a *app, rows []*encoderRow) error {
	runs := make([]int, len(rows))
	for i, r := range rows {
		took, err := r.run(2)
		if err != nil {
			return err
		}
		runs[i] = max(1, int(time.Second/max(took/2, time.Microsecond))) // about a second each
	}
	for round := range c.Rounds {
		for i, r := range rows {
			a.ui.step("measuring "+r.Runtime, int64(round), int64(c.Rounds))
			took, err := r.run(runs[i])
			if err != nil {
				return err
			}
			r.took = append(r.took, took/time.Duration(runs[i]))
		}
	}
	a.ui.done()
	return nil
}

func (c *benchEncoderCmd) sum(rows []*encoderRow, peer *encoderRow) {
	for _, r := range rows {
		var rates, ratios []float64
		for i, took := range r.took {
			rates = append(rates, float64(c.Batch)/took.Seconds())
			if peer != nil {
				ratios = append(ratios, peer.took[i].Seconds()/took.Seconds())
			}
		}
		r.PerS = median(rates)
		if peer != nil {
			r.Ratio = median(ratios)
		}
	}
}
