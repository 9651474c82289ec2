package area

// columns are the taps of a row of outputs as the kernel wants them: groups of g outputs,
// 16, 8 or 4, whose inputs lie within span sums of the first.
type columns struct {
	g, taps int
	base    []int32  // where a group's inputs begin
	perm    []uint32 // for each group and tap 16 places behind base
	weight  []uint32 // and 16 weights
}

const (
	span  = 32 // sums that the kernel has at hand
	slack = span
)

// columns is empty where the taps do not fit the kernel.
func (t *taps) columns() columns {
	most := 1
	for i := range t.first {
		most = max(most, int(t.at[i+1]-t.at[i]))
	}
	for _, g := range []int{16, 8, 4} {
		if t.within(g) {
			return t.grouped(g, most)
		}
	}
	return columns{}
}

func (t *taps) within(g int) bool {
	n := len(t.first)
	for i := 0; i < n; i += g {
		last := min(i+g, n) - 1
		if int(t.first[last]+t.at[last+1]-t.at[last]-t.first[i]) > span {
			return false
		}
	}
	return true
}

func (t *taps) grouped(g, most int) columns {
	groups := (len(t.first) + g - 1) / g
	c := columns{g: g, taps: most, base: make([]int32, groups), perm: make([]uint32, groups*most*16), weight: make([]uint32, groups*most*16)}
	for i, f := range t.first {
		at := i/g*most*16 + i%g
		if i%g == 0 {
			c.base[i/g] = f
		}
		for j, w := range t.w[t.at[i]:t.at[i+1]] {
			c.perm[at+16*j], c.weight[at+16*j] = uint32(int(f)+j-int(c.base[i/g])), w
		}
	}
	return c
}

// sum fills dst from a row of sums, behind whose end slack more may be read.
func (c *columns) sum(dst []byte, acc []uint32) {
	for i := range c.base {
		n := min(c.g, len(dst)-i*c.g)
		at := i * c.taps * 16
		_ = acc[c.base[i] : int(c.base[i])+span : cap(acc)]
		sumColumns(&dst[i*c.g], &acc[c.base[i]], &c.perm[at], &c.weight[at], c.taps, 1<<n-1)
	}
}
