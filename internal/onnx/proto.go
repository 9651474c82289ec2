package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of onnx.proto that matter here, by their field numbers (ONNX IR
// specification). Fields that are not read are skipped.

type nodeProto struct {
	op, domain, name string
	in, out          []string
	attrs            map[string]attr
}

type attr struct {
	f      float32
	i      int64
	s      string
	t      *Tensor
	floats []float32
	ints   []int64
	kind   int64
}

type valueProto struct {
	name string
	kind Type
	dims []int // -1 where the model leaves it open
}

type graphProto struct {
	nodes   []nodeProto
	weights map[string]*Tensor
	in, out []valueProto
}

type modelProto struct {
	graph  graphProto
	opsets map[string]int64
	found  bool
}

var errCut = errors.New("the file is cut short or is not ONNX")

// fields calls f with each field of a message. Exactly one of v and b is set.
func fields(b []byte, f func(num protowire.Number, v uint64, b []byte) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errCut
		}
		b = b[n:]
		var v uint64
		var inner []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var w uint32
			w, n = protowire.ConsumeFixed32(b)
			v = uint64(w)
		case protowire.Fixed64Type:
			v, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			inner, n = protowire.ConsumeBytes(b)
			if n >= 0 && inner == nil {
				inner = []byte{}
			}
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return errCut
		}
		b = b[n:]
		if err := f(num, v, inner); err != nil {
			return err
		}
	}
	return nil
}

// packed reads a repeated number, packed or not.
func packed(v uint64, b []byte, add func(uint64)) error {
	if b == nil {
		add(v)
		return nil
	}
	for len(b) > 0 {
		x, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return errCut
		}
		add(x)
		b = b[n:]
	}
	return nil
}

func packed32(v uint64, b []byte, add func(uint32)) error {
	if b == nil {
		add(uint32(v))
		return nil
	}
	if len(b)%4 != 0 {
		return errCut
	}
	for ; len(b) > 0; b = b[4:] {
		add(binary.LittleEndian.Uint32(b))
	}
	return nil
}

func packed64(v uint64, b []byte, add func(uint64)) error {
	if b == nil {
		add(v)
		return nil
	}
	if len(b)%8 != 0 {
		return errCut
	}
	for ; len(b) > 0; b = b[8:] {
		add(binary.LittleEndian.Uint64(b))
	}
	return nil
}

func parseModel(b []byte) (*modelProto, error) {
	m := &modelProto{opsets: map[string]int64{}}
	err := fields(b, func(num protowire.Number, v uint64, b []byte) error {
		switch num {
		case 7:
			m.found = true
			return m.graph.parse(b)
		case 8:
			var domain string
			var version int64
			err := fields(b, func(num protowire.Number, v uint64, b []byte) error {
				switch num {
				case 1:
					domain = string(b)
				case 2:
					version = int64(v)
				}
				return nil
			})
			if domain == "ai.onnx" { // as of nodes
				domain = ""
			}
			m.opsets[domain] = version
			return err
		}
		return nil
	})
	if err == nil && !m.found {
		err = errCut
	}
	return m, err
}

func (g *graphProto) parse(b []byte) error {
	g.weights = map[string]*Tensor{}
	return fields(b, func(num protowire.Number, _ uint64, b []byte) error {
		switch num {
		case 1:
			n, err := parseNode(b)
			g.nodes = append(g.nodes, n)
			return err
		case 5:
			name, t, err := parseTensor(b)
			if err != nil {
				return fmt.Errorf("weight %q: %w", name, err)
			}
			g.weights[name] = t
		case 11, 12:
			v, err := parseValue(b)
			if num == 11 {
				g.in = append(g.in, v)
			} else {
				g.out = append(g.out, v)
			}
			return err
		case 15:
			return errors.New("sparse weights are not read")
		}
		return nil
	})
}

func parseNode(b []byte) (nodeProto, error) {
	n := nodeProto{attrs: map[string]attr{}}
	err := fields(b, func(num protowire.Number, _ uint64, b []byte) error {
		switch num {
		case 1:
			n.in = append(n.in, string(b))
		case 2:
			n.out = append(n.out, string(b))
		case 3:
			n.name = string(b)
		case 4:
			n.op = string(b)
		case 5:
			name, a, err := parseAttr(b)
			if err != nil {
				return fmt.Errorf("node %q: attribute %q: %w", n.name, name, err)
			}
			n.attrs[name] = a
		case 7:
			n.domain = string(b)
		}
		return nil
	})
	if n.domain == "ai.onnx" {
		n.domain = ""
	}
	return n, err
}

func parseAttr(b []byte) (name string, a attr, err error) {
	err = fields(b, func(num protowire.Number, v uint64, b []byte) error {
		switch num {
		case 1:
			name = string(b)
		case 2:
			a.f = math.Float32frombits(uint32(v))
		case 3:
			a.i = int64(v)
		case 4:
			a.s = string(b)
		case 5:
			var err error
			_, a.t, err = parseTensor(b)
			return err
		case 6, 10, 11:
			return errors.New("graphs inside a graph are not run")
		case 7:
			return packed32(v, b, func(x uint32) { a.floats = append(a.floats, math.Float32frombits(x)) })
		case 8:
			return packed(v, b, func(x uint64) { a.ints = append(a.ints, int64(x)) })
		case 20:
			a.kind = int64(v)
		}
		return nil
	})
	return name, a, err
}

func parseValue(b []byte) (v valueProto, err error) {
	err = fields(b, func(num protowire.Number, _ uint64, b []byte) error {
		switch num {
		case 1:
			v.name = string(b)
		case 2: // TypeProto
			return fields(b, func(num protowire.Number, _ uint64, b []byte) error {
				if num != 1 { // only tensors
					return nil
				}
				return fields(b, func(num protowire.Number, x uint64, b []byte) error {
					switch num {
					case 1:
						v.kind = Type(x)
					case 2: // TensorShapeProto
						v.dims = []int{}
						return fields(b, func(num protowire.Number, _ uint64, b []byte) error {
							if num != 1 {
								return nil
							}
							d := -1
							err := fields(b, func(num protowire.Number, x uint64, _ []byte) error {
								if num == 1 && x <= maxElements {
									d = int(x)
								}
								return nil
							})
							v.dims = append(v.dims, d)
							return err
						})
					}
					return nil
				})
			})
		}
		return nil
	})
	return v, err
}

// parseTensor reads a TensorProto.
func parseTensor(b []byte) (name string, t *Tensor, err error) {
	t = &Tensor{Shape: []int{}}
	var raw []byte
	var external bool
	err = fields(b, func(num protowire.Number, v uint64, b []byte) error {
		switch num {
		case 1:
			return packed(v, b, func(x uint64) { t.Shape = append(t.Shape, int(int64(x))) })
		case 2:
			t.Type = Type(v)
		case 4:
			return packed32(v, b, func(x uint32) { t.F = append(t.F, math.Float32frombits(x)) })
		case 5:
			return packed(v, b, func(x uint64) { t.I = append(t.I, int64(int32(x))) })
		case 7:
			return packed(v, b, func(x uint64) { t.I = append(t.I, int64(x)) })
		case 8:
			name = string(b)
		case 9:
			raw = b
		case 10:
			return packed64(v, b, func(x uint64) { t.F = append(t.F, float32(math.Float64frombits(x))) })
		case 11:
			return packed(v, b, func(x uint64) { t.I = append(t.I, int64(x)) })
		case 14:
			external = v == 1
		}
		return nil
	})
	if err != nil {
		return name, nil, err
	}
	if external {
		return name, nil, errors.New("its data lies in another file: export the model with its weights inside")
	}
	if raw != nil {
		if err := t.fromRaw(raw); err != nil {
			return name, nil, err
		}
	} else if t.Type == Float16 || t.Type == BFloat16 { // bits in int32_data
		for _, v := range t.I {
			t.F = append(t.F, half(t.Type, uint16(v)))
		}
		t.I = nil
	}
	if t.Type.float() {
		t.Type = Float32
		if t.F == nil {
			t.F = []float32{}
		}
	}
	return name, t, t.check()
}

func (t *Tensor) fromRaw(raw []byte) error {
	n, err := count(t.Shape)
	if err != nil {
		return err
	}
	w := t.Type.width()
	if w == 0 {
		return fmt.Errorf("%v is not a type that can be read", t.Type)
	}
	if len(raw) != n*w {
		return fmt.Errorf("%d bytes for %d elements of %v", len(raw), n, t.Type)
	}
	le := binary.LittleEndian
	if t.Type.float() {
		t.F = make([]float32, n)
		for i := range t.F {
			switch t.Type {
			case Float32:
				t.F[i] = math.Float32frombits(le.Uint32(raw[4*i:]))
			case Float64:
				t.F[i] = float32(math.Float64frombits(le.Uint64(raw[8*i:])))
			default:
				t.F[i] = half(t.Type, le.Uint16(raw[2*i:]))
			}
		}
		return nil
	}
	t.I = make([]int64, n)
	for i := range t.I {
		switch t.Type {
		case Uint8, Bool:
			t.I[i] = int64(raw[i])
		case Int8:
			t.I[i] = int64(int8(raw[i]))
		case Uint16:
			t.I[i] = int64(le.Uint16(raw[2*i:]))
		case Int16:
			t.I[i] = int64(int16(le.Uint16(raw[2*i:])))
		case Int32:
			t.I[i] = int64(int32(le.Uint32(raw[4*i:])))
		case Uint32:
			t.I[i] = int64(le.Uint32(raw[4*i:]))
		default:
			t.I[i] = int64(le.Uint64(raw[8*i:]))
		}
	}
	return nil
}

// half widens a float of 16 bits.
func half(t Type, bits uint16) float32 {
	if t == BFloat16 {
		return math.Float32frombits(uint32(bits) << 16)
	}
	sign, exp, frac := uint32(bits>>15)<<31, int(bits>>10&31), uint32(bits&1023)
	switch exp {
	case 0: // subnormal: frac · 2⁻²⁴
		v := float32(frac) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | uint32(exp+112)<<23 | frac<<13)
}
