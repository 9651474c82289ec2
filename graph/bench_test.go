package graph

import (
	"testing"
)

func BenchmarkWalkSmall(b *testing.B) {
	g := grow(b, synthetic(1682, 943, 80_000, 19, 1), Options{})
	g.Merge()
	q := make([]Query, 10)
	for i := range q {
		q[i] = Query{ID: uint32(7 * i)}
	}
	for name, o := range map[string]WalkOptions{"2000": {Steps: 2000}, "5000": {Steps: 5000}, "5000 plain": {Steps: 5000, Plain: true}, "5000 traced": {Steps: 5000, Trace: true}} {
		b.Run(name, func(b *testing.B) {
			s := g.Snapshot()
			b.ReportAllocs()
			for i := range b.N {
				o.Seed = uint64(i)
				walk(b, s, q, o)
			}
		})
	}
}
