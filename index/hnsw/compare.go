package hnsw

import (
	"math"

	"bowerbird/index"
	"bowerbird/index/quant"
	"bowerbird/internal/vec"
)

// Distances are held as 32 bits that order as they do, so that one word holds a distance and a
// slot and one comparison orders both.

// floatBits maps a float32 to bits of its order; -0 must not come in.
func floatBits(d float32) uint32 {
	b := math.Float32bits(d)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

func bitsFloat(b uint32) float32 {
	if b>>31 != 0 {
		return math.Float32frombits(b &^ (1 << 31))
	}
	return math.Float32frombits(^b)
}

// key orders nodes by distance and then by slot.
func key(dist, slot uint32) uint64 { return uint64(dist)<<32 | uint64(slot) }

func distOf(k uint64) uint32 { return uint32(k >> 32) }
func slotOf(k uint64) uint32 { return uint32(k) }

// probe is what nodes are compared with: a query, or a node itself.
type probe struct {
	row   []float32
	code  []int8
	own   []int8      // memory for the code of a query
	bits  bool        // whether codes of bits are compared: of a query
	query quant.Query // what they are compared with
	rest  []float32   // query less the mean, and turned
}

// ask makes the probe a prepared query, which must stay as it is.
func (p *probe) ask(v *store, q []float32) {
	p.row, p.bits = q, false
	if v.coder == nil {
		return
	}
	if v.words != nil {
		p.askBits(v, q)
		return
	}
	if len(p.own) != v.dim {
		p.own = make([]int8, v.dim)
	}
	p.code = p.own
	v.coder.encodeQuery(p.code, q)
}

func (p *probe) askBits(v *store, q []float32) {
	c := v.coder
	if n := v.dim + c.bits.Padded(); len(p.rest) != n {
		p.rest = make([]float32, n)
	}
	rest, turned := p.rest[:v.dim], p.rest[v.dim:]
	copy(rest, q)
	if v.euclidean(true) { // products with the mean are the same for all
		vec.Axpy(-1, c.mean, rest)
	}
	c.bits.Apply(turned, rest)
	c.bits.Ask(&p.query, turned)
	p.bits = true
}

// stand makes the probe a stored node.
func (p *probe) stand(v *store, slot uint32) {
	p.bits = false
	if v.codes != nil {
		p.code = v.code(slot)
		return
	}
	p.row = v.row(slot)
}

// compare writes into dst the distance of each slot, in bits of their order.
func (v *store) compare(dst []uint32, s *scratch, p *probe, slots []uint32) {
	switch {
	case p.bits:
		v.compareBits(dst, s, p, slots)
		return
	case v.codes == nil:
		v.compareRows(dst, s, p.row, slots)
		return
	}
	d := s.whole[:len(slots)]
	if v.euclidean(true) {
		vec.L2I8.Gather(d, p.code, v.codes, v.stride, slots)
		for i, x := range d {
			dst[i] = uint32(x)
		}
		return
	}
	vec.DotI8.Gather(d, p.code, v.codes, v.stride, slots)
	for i, x := range d {
		dst[i] = uint32(-x) ^ 1<<31
	}
}

func (v *store) compareBits(dst []uint32, s *scratch, p *probe, slots []uint32) {
	d, beside := s.dist[:len(slots)], s.beside[:len(slots)]
	v.coder.bits.Gather(d, beside, &p.query, v.words, v.stride, slots)
	if v.euclidean(true) {
		for i, x := range d {
			dst[i] = floatBits(beside[i] - 2*x)
		}
		return
	}
	for i, x := range d {
		dst[i] = floatBits(0 - x)
	}
}

func (v *store) compareRows(dst []uint32, s *scratch, row []float32, slots []uint32) {
	d := s.dist[:len(slots)]
	if v.euclidean(false) {
		vec.L2F32.Gather(d, row, v.rows, v.dim, slots)
		for i, x := range d {
			dst[i] = floatBits(x)
		}
		return
	}
	vec.DotF32.Gather(d, row, v.rows, v.dim, slots)
	for i, x := range d {
		dst[i] = floatBits(0 - x) // never -0
	}
}

// one is compare of one slot.
func (v *store) one(s *scratch, p *probe, slot uint32) uint32 {
	s.single[0] = slot
	v.compare(s.alone[:], s, p, s.single[:])
	return s.alone[0]
}

// selfBits is the distance of a probe from a node equal to it.
func (v *store) selfBits(p *probe) uint32 {
	coded := v.codes != nil
	switch {
	case v.euclidean(coded) && coded:
		return 0
	case v.euclidean(coded):
		return floatBits(0)
	case coded:
		return uint32(-vec.DotI8.One(p.code, p.code)) ^ 1<<31
	}
	return floatBits(0 - vec.Dot(p.row, p.row))
}

// scores writes the score of each slot for a prepared query: exactly that of the vector which
// vector returns.
func (v *store) scores(dst []float32, s *scratch, q []float32, slots []uint32) {
	switch {
	case v.rows != nil && v.metric == index.L2:
		vec.L2F32.Gather(dst, q, v.rows, v.dim, slots)
	case v.rows != nil:
		vec.DotF32.Gather(dst, q, v.rows, v.dim, slots)
	case v.half != nil && v.metric == index.L2:
		vec.L2F16.Gather(dst, q, v.half, v.dim, slots)
	case v.half != nil:
		vec.DotF16.Gather(dst, q, v.half, v.dim, slots)
	default:
		for i, slot := range slots {
			v.coder.decode(s.row, v.code(slot))
			dst[i] = v.metric.Score(q, s.row)
		}
		return
	}
	if v.metric == index.L2 {
		for i := range dst {
			dst[i] = -dst[i]
		}
	}
}
