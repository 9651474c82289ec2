package onnx

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Options of Load. The zero value works.
type Options struct {
	Threads int // goroutines of one Run; 0 means as many as there are processors
	// Runtime of Open: Auto, Go or Native.
	Runtime Runtime
	// MaxBytes refuses larger files; 0 means 2 GiB.
	MaxBytes int64
}

// Model is a network that is ready to run. It is safe for concurrent use: a Run
// keeps its values to itself.
//
// Memory: the weights as float32, once; while it runs, the values that later
// nodes still need.
type Model struct {
	threads int
	in      []Port
	out     []string
	consts  map[string]*Tensor
	nodes   []node
	last    map[string]int // by value: the last node that reads it
}

// Port is an input of a model.
type Port struct {
	Name  string
	Type  Type
	Shape []int // -1 where any size will do
}

type node struct {
	nodeProto
	run   op
	opset int64
}

// call is one node with the values it reads; an input that is left out is nil.
type call struct {
	*node
	in      []*Tensor
	threads int
}

type op func(c *call) ([]*Tensor, error)

// Load reads a model from a file.
func Load(path string, o Options) (*Model, error) {
	if o.MaxBytes == 0 {
		o.MaxBytes = 2 << 30
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	if st.Size() > o.MaxBytes {
		return nil, fmt.Errorf("onnx: %s: %d bytes, at most %d are read", path, st.Size(), o.MaxBytes)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	m, err := Read(b, o)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	return m, nil
}

// Read makes a model of a file's bytes. The error names the node, the weight or
// the operators that it cannot run.
func Read(b []byte, o Options) (m *Model, err error) {
	defer func() {
		if e := recover(); e != nil { // a broken model must not end the process
			m, err = nil, fmt.Errorf("a malformed model: %v", e)
		}
	}()
	p, err := parseModel(b)
	if err != nil {
		return nil, err
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	m = &Model{threads: o.Threads, consts: p.graph.weights, last: map[string]int{}}
	if err := m.link(p); err != nil {
		return nil, err
	}
	if err := m.fold(maxElements + len(b)); err != nil { // some copies of what the file holds, and 1 GiB
		return nil, err
	}
	for i := range m.nodes {
		for _, name := range m.nodes[i].in {
			m.last[name] = i
		}
	}
	for _, name := range m.out {
		m.last[name] = len(m.nodes)
	}
	return m, nil
}

// link finds every operator and checks that every value is made before it is read.
func (m *Model) link(p *modelProto) error {
	known := map[string]bool{"": true}
	for name := range p.graph.weights {
		known[name] = true
	}
	for _, v := range p.graph.in {
		if _, weight := p.graph.weights[v.name]; !weight {
			m.in = append(m.in, Port{v.name, v.kind, v.dims})
		}
		known[v.name] = true
	}
	var missing []string
	for i, n := range p.graph.nodes {
		run := ops[n.op]
		if run == nil || n.domain != "" && n.domain != "com.microsoft" {
			name := n.op
			if n.domain != "" {
				name = n.domain + "." + n.op
			}
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
			continue
		}
		for _, name := range n.in {
			if !known[name] {
				return fmt.Errorf("node %d (%s) reads %q, which nothing before it makes", i, n.op, name)
			}
		}
		for _, name := range n.out {
			if name != "" && known[name] {
				return fmt.Errorf("node %d (%s) makes %q a second time", i, n.op, name)
			}
			known[name] = true
		}
		m.nodes = append(m.nodes, node{n, run, p.opsets[""]})
	}
	if missing != nil {
		slices.Sort(missing)
		return fmt.Errorf("operators that are not known: %s", strings.Join(missing, ", "))
	}
	for _, v := range p.graph.out {
		if !known[v.name] {
			return fmt.Errorf("nothing makes the output %q", v.name)
		}
		m.out = append(m.out, v.name)
	}
	if len(m.out) == 0 {
		return fmt.Errorf("the model has no output")
	}
	return nil
}

// fold computes what depends on constants alone: most elements in all, since a short file may ask for many large ones.
func (m *Model) fold(most int) error {
	kept, made := m.nodes[:0], 0
	for i := range m.nodes {
		n := &m.nodes[i]
		in, ok := m.constants(n)
		if !ok {
			kept = append(kept, *n)
			continue
		}
		out, err := n.call(in, m.threads)
		if err != nil {
			return err
		}
		for k, t := range out {
			m.consts[n.nodeProto.out[k]] = t
			made += t.Len()
		}
		if made > most {
			return fmt.Errorf("node %q (%s): the constants computed so far have more than %d elements", n.name, n.op, most)
		}
	}
	m.nodes = kept
	return nil
}

func (m *Model) constants(n *node) ([]*Tensor, bool) {
	in := make([]*Tensor, len(n.in))
	for i, name := range n.in {
		if name == "" {
			continue
		}
		if in[i] = m.consts[name]; in[i] == nil {
			return nil, false
		}
	}
	return in, true
}

// call runs the node and checks what it returns.
func (n *node) call(in []*Tensor, threads int) ([]*Tensor, error) {
	out, err := n.run(&call{n, in, threads})
	if err != nil {
		return nil, fmt.Errorf("node %q (%s): %w", n.name, n.op, err)
	}
	if len(out) < len(n.out) && slices.ContainsFunc(n.out[len(out):], func(s string) bool { return s != "" }) {
		return nil, fmt.Errorf("node %q (%s): its output %d is not computed", n.name, n.op, len(out))
	}
	return out[:min(len(out), len(n.out))], nil
}

// Inputs are what Run wants, in the model's order.
func (m *Model) Inputs() []Port { return slices.Clone(m.in) }

// Outputs are the names of what Run returns, in the model's order.
func (m *Model) Outputs() []string { return slices.Clone(m.out) }

// Run computes the outputs. Inputs are matched by name; they are read and not
// kept. The error names the input or the node at fault, or is the context's,
// which is looked at between nodes.
func (m *Model) Run(ctx context.Context, in map[string]*Tensor) (out map[string]*Tensor, err error) {
	at := "its inputs"
	defer func() {
		if e := recover(); e != nil { // a model whose shapes do not fit in a way that no check of ours names
			out, err = nil, fmt.Errorf("onnx: %s: %v", at, e)
		}
	}()
	values := make(map[string]*Tensor, len(m.nodes))
	for _, p := range m.in {
		t := in[p.Name]
		if err := p.check(t); err != nil {
			return nil, fmt.Errorf("onnx: input %q: %w", p.Name, err)
		}
		values[p.Name] = t
	}
	get := func(name string) *Tensor {
		if t := values[name]; t != nil {
			return t
		}
		return m.consts[name]
	}
	for i := range m.nodes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := &m.nodes[i]
		at = fmt.Sprintf("node %q (%s)", n.name, n.op)
		args := make([]*Tensor, len(n.in))
		for k, name := range n.in {
			if name != "" {
				args[k] = get(name)
			}
		}
		res, err := n.call(args, m.threads)
		if err != nil {
			return nil, fmt.Errorf("onnx: %w", err)
		}
		for k, t := range res {
			values[n.out[k]] = t
		}
		for _, name := range n.in {
			if m.last[name] == i {
				delete(values, name)
			}
		}
	}
	out = make(map[string]*Tensor, len(m.out))
	for _, name := range m.out {
		out[name] = get(name)
	}
	return out, nil
}

func (p Port) check(t *Tensor) error {
	if t == nil {
		return fmt.Errorf("is missing")
	}
	if err := t.check(); err != nil {
		return err
	}
	if p.Type.float() != t.Type.float() && p.Type != 0 {
		return fmt.Errorf("want %v, got %v", p.Type, t.Type)
	}
	fits := p.Shape == nil || len(p.Shape) == len(t.Shape)
	for i := range p.Shape {
		fits = fits && (p.Shape[i] < 0 || p.Shape[i] == t.Shape[i])
	}
	if !fits {
		return fmt.Errorf("want the shape %v (-1 is any), got %v", p.Shape, t.Shape)
	}
	return nil
}

// want refuses a call with fewer inputs than n, or with one of them left out.
func (c *call) want(n int) error {
	for i := range n {
		if i >= len(c.in) || c.in[i] == nil {
			return fmt.Errorf("input %d is missing", i)
		}
	}
	return nil
}

// opt is an input that may be left out.
func (c *call) opt(i int) *Tensor {
	if i < len(c.in) {
		return c.in[i]
	}
	return nil
}

func (c *call) intOr(name string, def int) int {
	if a, ok := c.attrs[name]; ok {
		return int(a.i)
	}
	return def
}

func (c *call) floatOr(name string, def float32) float32 {
	if a, ok := c.attrs[name]; ok {
		return a.f
	}
	return def
}

func (c *call) list(name string) []int {
	a, ok := c.attrs[name]
	if !ok {
		return nil
	}
	out := make([]int, len(a.ints))
	for i, v := range a.ints {
		out[i] = int(v)
	}
	return out
}

// listFrom reads a list that newer opsets give as an input and older ones as an attribute.
func (c *call) listFrom(input int, name string) ([]int, error) {
	if t := c.opt(input); t != nil {
		return t.dims()
	}
	return c.list(name), nil
}

func one(t *Tensor, err error) ([]*Tensor, error) {
	if err != nil {
		return nil, err
	}
	return []*Tensor{t}, nil
}
