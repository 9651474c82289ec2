package seq

import (
	"math"

	"bowerbird/internal/nn"
)

// attend is causal attention with several heads (Vaswani et al., 2017, section
// 3.2), for each sequence by itself. qkv is rows × 3·dim, out rows × dim; weights
// gets each sequence's and head's shares, L × L, zeros above the diagonal.
func (b *batch) attend(out, weights, qkv, near []float32) {
	d, heads := b.net.Dim, b.net.Heads
	dh := d / heads
	scale := float32(1 / math.Sqrt(float64(dh)))
	for _, s := range b.spans {
		n := s.hi - s.lo
		q := nn.Rows(qkv, 3*d).From(s.lo, 0)
		for h := range heads {
			p := weights[:n*n]
			weights = weights[n*n:]
			b.k.Pack(q.From(0, d+h*dh).T(), dh, n)
			nn.Mul(p, n, q.From(0, h*dh), &b.k, n, false)
			bias := near[h*buckets : (h+1)*buckets]
			for i := range n {
				shares(p[i*n:(i+1)*n], i, scale, bias)
			}
			b.v.Pack(q.From(0, 2*d+h*dh), n, dh)
			nn.Mul(out[s.lo*d+h*dh:], d, nn.Rows(p, n), &b.v, n, false)
		}
	}
}

// shares turns the products of action i with all into shares of the first i+1.
func shares(row []float32, i int, scale float32, near []float32) {
	seen := row[:i+1]
	most := float32(math.Inf(-1))
	for j, v := range seen {
		v = v*scale + near[bucketOf[i-j]]
		seen[j] = v
		most = max(most, v)
	}
	inverse := 1 / nn.ExpSum(seen, seen, 1, most)
	for j := range seen {
		seen[j] *= inverse
	}
	clear(row[i+1:])
}

// bucketOf are the buckets of all distances that a Shape allows.
var bucketOf = func() (out [4096]uint8) {
	for i := range out {
		out[i] = uint8(bucket(i))
	}
	return out
}()

// attendBack sets dqkv and adds to dnear, given dout and what attend kept.
func (b *batch) attendBack(dqkv, dnear, dout, weights, qkv []float32) {
	d, heads := b.net.Dim, b.net.Heads
	dh := d / heads
	scale := float32(1 / math.Sqrt(float64(dh)))
	for _, s := range b.spans {
		n := s.hi - s.lo
		q, do := nn.Rows(qkv, 3*d).From(s.lo, 0), nn.Rows(dout, d).From(s.lo, 0)
		dq := dqkv[s.lo*3*d:]
		ds := room(&b.square, n*n)
		for h := range heads {
			p := weights[:n*n]
			weights = weights[n*n:]
			b.v.Pack(q.From(0, 2*d+h*dh).T(), dh, n)
			nn.Mul(ds, n, do.From(0, h*dh), &b.v, n, false)
			b.v.Pack(do.From(0, h*dh), n, dh)
			nn.Mul(dq[2*d+h*dh:], 3*d, nn.Rows(p, n).T(), &b.v, n, false)
			for i := range n {
				sharesBack(ds[i*n:(i+1)*n], p[i*n:(i+1)*n], i, scale, dnear[h*buckets:(h+1)*buckets])
			}
			b.k.Pack(q.From(0, d+h*dh), n, dh)
			nn.Mul(dq[h*dh:], 3*d, nn.Rows(ds, n), &b.k, n, false)
			b.k.Pack(q.From(0, h*dh), n, dh)
			nn.Mul(dq[d+h*dh:], 3*d, nn.Rows(ds, n).T(), &b.k, n, false)
		}
	}
}

func sharesBack(ds, p []float32, i int, scale float32, dnear []float32) {
	seen := p[:i+1]
	row := ds[:i+1]
	sum := float32(0)
	for j, v := range seen {
		sum += v * row[j]
	}
	for j, v := range seen {
		g := v * (row[j] - sum)
		dnear[bucketOf[i-j]] += g
		row[j] = g * scale
	}
	clear(ds[i+1:])
}
