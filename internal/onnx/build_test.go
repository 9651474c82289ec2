package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// graphOf writes a model for tests: nodes, weights, inputs and outputs by name.
type graphOf struct {
	opset   int64
	nodes   []nodeProto
	weights map[string]*Tensor
	in      []Port
	out     []string
}

func message(b []byte, num protowire.Number, inner []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), inner)
}

func number(b []byte, num protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), uint64(v))
}

func words(b []byte, num protowire.Number, s string) []byte { return message(b, num, []byte(s)) }

func tensorBytes(name string, t *Tensor) []byte {
	var b []byte
	for _, d := range t.Shape {
		b = number(b, 1, int64(d))
	}
	b = number(b, 2, int64(t.Type))
	b = words(b, 8, name)
	for _, v := range t.F {
		b = protowire.AppendFixed32(protowire.AppendTag(b, 4, protowire.Fixed32Type), math.Float32bits(v))
	}
	num := protowire.Number(7)
	if t.Type != Int64 {
		num = 5
	}
	for _, v := range t.I {
		b = number(b, num, v)
	}
	return b
}

func valueBytes(p Port) []byte {
	var shape []byte
	for _, d := range p.Shape {
		var dim []byte
		if d >= 0 {
			dim = number(dim, 1, int64(d))
		} else {
			dim = words(dim, 2, "n")
		}
		shape = message(shape, 1, dim)
	}
	tensor := number(nil, 1, int64(p.Type))
	if p.Shape != nil {
		tensor = message(tensor, 2, shape)
	}
	return message(words(nil, 1, p.Name), 2, message(nil, 1, tensor))
}

func attrBytes(name string, a attr) []byte {
	b := words(nil, 1, name)
	switch {
	case a.t != nil:
		b = message(b, 5, tensorBytes("", a.t))
	case a.s != "":
		b = words(b, 4, a.s)
	case a.ints != nil:
		for _, v := range a.ints {
			b = number(b, 8, v)
		}
	case a.floats != nil:
		for _, v := range a.floats {
			b = protowire.AppendFixed32(protowire.AppendTag(b, 7, protowire.Fixed32Type), math.Float32bits(v))
		}
	case a.f != 0:
		b = protowire.AppendFixed32(protowire.AppendTag(b, 2, protowire.Fixed32Type), math.Float32bits(a.f))
	default:
		b = number(b, 3, a.i)
	}
	return b
}

func (g graphOf) bytes() []byte {
	var b []byte
	for _, n := range g.nodes {
		var nb []byte
		for _, s := range n.in {
			nb = words(nb, 1, s)
		}
		for _, s := range n.out {
			nb = words(nb, 2, s)
		}
		nb = words(nb, 4, n.op)
		for name, a := range n.attrs {
			nb = message(nb, 5, attrBytes(name, a))
		}
		b = message(b, 1, nb)
	}
	for name, t := range g.weights {
		b = message(b, 5, tensorBytes(name, t))
	}
	for _, p := range g.in {
		b = message(b, 11, valueBytes(p))
	}
	for _, s := range g.out {
		b = message(b, 12, words(nil, 1, s))
	}
	if g.opset == 0 {
		g.opset = 17
	}
	return message(message(nil, 7, b), 8, number(nil, 2, g.opset))
}
