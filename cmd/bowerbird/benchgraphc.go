package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"bowerbird/graph"
)

//go:embed testdata/walk.c
var walkC string

// walkPeer is the C program of testdata/walk.c at work.
type walkPeer struct {
	dir string // of the program
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// startWalkC compiles the program and has it read the file.
func startWalkC(ctx context.Context, path string) (*walkPeer, error) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		return nil, errors.New("no C compiler (cc) is installed")
	}
	dir, err := os.MkdirTemp("", "bowerbird-walk")
	if err != nil {
		return nil, err
	}
	p := &walkPeer{dir: dir}
	if err := p.start(ctx, cc, path); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *walkPeer) start(ctx context.Context, cc, path string) error {
	src, bin := filepath.Join(p.dir, "walk.c"), filepath.Join(p.dir, "walk")
	if err := os.WriteFile(src, []byte(walkC), 0o644); err != nil {
		return err
	}
	if b, err := exec.CommandContext(ctx, cc, "-O3", "-march=native", "-pthread", "-o", bin, src).CombinedOutput(); err != nil {
		return fmt.Errorf("cc: %w: %s", err, b)
	}
	p.cmd = exec.CommandContext(ctx, bin, path)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.out = bufio.NewScanner(out)
	if !p.out.Scan() || p.out.Text() != "ready" {
		return errors.New("the C program did not read the graph")
	}
	return nil
}

func (p *walkPeer) stop() {
	if p.in != nil {
		_ = p.in.Close()
		_ = p.cmd.Wait()
	}
	_ = os.RemoveAll(p.dir)
}

// walks has it walk and choose the best top; 0 is to count only.
func (p *walkPeer) walks(mode rune, c *benchGraphCmd, s *graph.Snapshot, top int) way {
	var sum uint64
	return way{run: func(threads int, q []graph.Query) (clock, cpu time.Duration, err error) {
		var ids strings.Builder
		for _, x := range q {
			fmt.Fprintf(&ids, " %d", x.ID)
		}
		if _, err := fmt.Fprintf(p.in, "%c %d %d %d %d %d %d%s\n", mode, threads, c.Steps, uint32(1<<31), len(q), c.Seed, top, ids.String()); err != nil {
			return 0, 0, err
		}
		if !p.out.Scan() {
			return 0, 0, errors.New("the C program ended")
		}
		if _, err := fmt.Sscan(p.out.Text(), &clock, &cpu, &sum); err != nil {
			return 0, 0, fmt.Errorf("the C program answered %q", p.out.Text())
		}
		return clock, cpu, nil
	}, check: func(q []graph.Query) error {
		want, err := checkSum(s, q, c.options(0), top)
		if err != nil || sum == want {
			return err
		}
		return fmt.Errorf("the C program found something else: its sum of visits is %x, ours %x", sum, want)
	}}
}

// checkSum is what the C program sums over the walks of a round: visits · mixed id over all nodes, or that times its rank over the best
// top.
func checkSum(s *graph.Snapshot, q []graph.Query, o graph.WalkOptions, top int) (uint64, error) {
	if o.Top = top; top == 0 {
		o.Top, o.IncludeQuery = 2*o.Steps, true
	}
	sum := uint64(0)
	for i := range q {
		hits, _, err := s.Walk(q[i:i+1], o)
		if err != nil {
			return 0, err
		}
		o.Seed++
		for rank, h := range hits {
			z := uint64(h.ID) // SplitMix64's finish
			z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			z = uint64(h.Visits) * (z ^ z>>31)
			if top > 0 {
				z *= uint64(rank + 1)
			}
			sum += z
		}
	}
	return sum, nil
}

// cpuTime is what this process has used of the processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// self is this process, as child.memory wants it.
func self() *exec.Cmd {
	p, _ := os.FindProcess(os.Getpid())
	return &exec.Cmd{Process: p}
}
