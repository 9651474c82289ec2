package main

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"

	"bowerbird/internal/vec"
)

var (
	//go:embed testdata/kernels.c
	kernelsC string
	//go:embed testdata/kernels.py
	kernelsPy string
)

// kernelSpeed is ns for a row of float32 and of int8 in cache, and GB/s of a scan of each.
type kernelSpeed [4]float64

// kernels compares one query with many rows of 128 numbers: ours on every path, C and libraries of others, in turn.
func (b *vectorBench) kernels() ([]vectorTable, error) {
	type side struct {
		name string
		run  func() (kernelSpeed, error)
		got  []kernelSpeed
	}
	var sides []*side
	rows := newKernelRows()
	for _, path := range vec.Paths()[1:] {
		if b.wanted("ours, " + path) {
			sides = append(sides, &side{name: "ours, " + path, run: func() (kernelSpeed, error) { return rows.measure(path), nil }})
		}
	}
	for _, width := range []string{"256", "512"} {
		bin, err := b.compileKernels(width)
		if err != nil {
			b.a.ui.say("C is left out: %v", err)
			break
		}
		sides = append(sides, &side{name: "C, -O3 -march=native -ffast-math, vectors of " + width, run: func() (kernelSpeed, error) { return b.runKernels(bin) }})
	}
	script := filepath.Join(b.Work, "kernels.py")
	if err := os.WriteFile(script, []byte(kernelsPy), 0o644); err != nil {
		return nil, err
	}
	for _, lib := range []string{"simsimd", "numkong"} {
		if b.Peer != "" {
			sides = append(sides, &side{name: lib + ".cdist", run: func() (kernelSpeed, error) { return b.runKernels(b.Peer, script, lib) }})
		}
	}
	for round := range b.Rounds {
		for i := 0; i < len(sides); i++ {
			s := sides[i]
			b.a.ui.step(fmt.Sprintf("round %d, %s", round+1, s.name), 0, 0)
			v, err := s.run()
			if err != nil && b.a.ctx.Err() == nil {
				b.a.ui.say("%s is left out: %v", s.name, err)
				sides = append(sides[:i], sides[i+1:]...)
				i--
				continue
			}
			s.got = append(s.got, v)
		}
		if err := b.a.ctx.Err(); err != nil {
			return nil, err
		}
	}
	t := vectorTable{
		Title:  "Kernels: one query with many rows of 128",
		Notes:  []string{fmt.Sprintf("Processor time, one thread, medians of %d rounds in turn. In cache: 256 rows, the least of 200 bursts of 50 calls; a scan of half a GiB from memory. Python's calls cost what they cost: a call is of 256 rows.", b.Rounds)},
		Header: []string{"", "float32, ns a row", "int8, ns a row", "float32 scan, GB/s", "int8 scan, GB/s"},
	}
	for _, s := range sides {
		row := []string{s.name}
		for k := range 4 {
			var v []float64
			for _, g := range s.got {
				v = append(v, g[k])
			}
			row = append(row, fmt.Sprintf("%.2f", medianOf(v)))
		}
		t.Rows = append(t.Rows, row)
	}
	return []vectorTable{t}, nil
}

func (b *vectorBench) compileKernels(width string) (string, error) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		return "", errors.New("no C compiler (cc) is installed")
	}
	src, bin := filepath.Join(b.Work, "kernels.c"), filepath.Join(b.Work, "kernels"+width)
	if err := os.WriteFile(src, []byte(kernelsC), 0o644); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(b.a.ctx, cc, "-O3", "-march=native", "-ffast-math", "-mprefer-vector-width="+width, "-o", bin, src).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cc: %w: %s", err, lastLine(string(out)))
	}
	return bin, nil
}

func (b *vectorBench) runKernels(bin string, args ...string) (v kernelSpeed, err error) {
	out, err := exec.CommandContext(b.a.ctx, bin, args...).Output()
	if err != nil {
		return v, err
	}
	if word, why, _ := strings.Cut(strings.TrimSpace(string(out)), " "); word == "absent" {
		return v, errors.New(why)
	}
	_, err = fmt.Sscan(string(out), &v[0], &v[1], &v[2], &v[3])
	return v, err
}

// kernelRows is half a GiB of float32, and the same memory as int8.
type kernelRows struct {
	f32  []float32
	i8   []int8
	dst  []float32
	sums []int32
}

const kernelBytes, kernelDim = 1 << 29, 128

func newKernelRows() *kernelRows {
	f32 := make([]float32, kernelBytes/4)
	for i := range f32 {
		f32[i] = float32(i & 15)
	}
	i8 := unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(f32))), kernelBytes)
	return &kernelRows{f32, i8, make([]float32, kernelBytes/4/kernelDim), make([]int32, kernelBytes/kernelDim)}
}

// measure measures a path as kernels.c measures itself.
func (r *kernelRows) measure(path string) (v kernelSpeed) {
	defer vec.Use(path)()
	const dim, near, bytes = kernelDim, 256, kernelBytes
	f32, i8, dst, sums := r.f32, r.i8, r.dst, r.sums
	q, q8 := slices.Clone(f32[16:16+dim]), slices.Clone(i8[:dim])
	perRow := func(f func()) float64 {
		const bursts, times = 200, 50
		least := math.Inf(1)
		for range bursts { // what another process takes away is not the kernel's
			start := cpuTime()
			for range times {
				f()
			}
			least = min(least, float64((cpuTime()-start).Nanoseconds())/times/near)
		}
		return least
	}
	rate := func(f func()) float64 {
		f()
		start := cpuTime()
		f()
		return bytes / (cpuTime() - start).Seconds() * 1e-9
	}
	v[0] = perRow(func() { vec.DotRows(dst[:near], q, f32[:near*dim]) })
	v[1] = perRow(func() { vec.DotI8.Rows(sums[:near], q8, i8[:near*dim], dim) })
	v[2] = rate(func() { vec.DotRows(dst, q, f32) })
	v[3] = rate(func() { vec.DotI8.Rows(sums, q8, i8, dim) })
	return v
}
