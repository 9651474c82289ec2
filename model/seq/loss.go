package seq

import (
	"math"

	"bowerbird/internal/nn"
)

// classes are the items that a step tells the right one from: the catalogue, or a
// sample of it that all positions of the batch share, so that the scores are one
// product.
type classes struct {
	ids    []uint32  // nil: all items
	weight []float32 // of each in the sum, 1/chance of being drawn; nil: 1
	index  []int32   // by item: where it is in ids; used if ids is not nil
	across nn.Panels // vectors as columns: Dim × classes
	down   nn.Panels // vectors as rows: classes × Dim
	rows   []float32 // the vectors of a sample
	n      int
}

// gather packs the vectors of the classes.
func (c *classes) gather(net *Net) {
	d, rows := net.Dim, net.table
	c.n = net.Items
	if c.ids != nil {
		c.n = len(c.ids)
		rows = room(&c.rows, c.n*d)
		for i, x := range c.ids {
			copy(rows[i*d:(i+1)*d], net.table[int(x)*d:])
		}
	}
	c.across.Pack(nn.Rows(rows, d).T(), d, c.n)
	c.down.Pack(nn.Rows(rows, d), c.n, d)
}

func (c *classes) of(item uint32) int {
	if c.ids == nil {
		return int(item)
	}
	return int(c.index[item])
}

// blockRows is how many positions are scored at a time: eight tiles high.
const blockRows = 96

// head is the scratch of the loss, one for each goroutine.
type head struct {
	scores, scaled, dsample, factor []float32
	p                               nn.Panels
}

// loss adds up -log of the share of each position's target among the classes, in
// nats, sets dstate to the gradient of the sum times share, and adds to that of
// the vectors of the items. Nothing is normalised before the sums are known: the
// exponentials stand as they are and a position's state is scaled instead, so
// that each score is touched once.
//
// With a sample, the exponential of every class but the target is divided by the
// chance that it was in the sample, which makes the sum an unbiased estimate of
// the full one (Bengio and Senécal, 2008; the correction is the logQ of Yi et al.,
// "Sampling-Bias-Corrected Neural Modeling", RecSys 2019). The target is in every
// sample, so it counts once.
func (h *head) loss(net *Net, c *classes, state []float32, targets []uint32, share float32, dstate, g []float32) float64 {
	d, total := net.Dim, 0.0
	table := net.at.item.of(g)
	to := table
	if c.ids != nil {
		to = room(&h.dsample, c.n*d)
		clear(to)
	}
	for lo := 0; lo < len(targets); lo += blockRows {
		hi := min(lo+blockRows, len(targets))
		total += h.block(net, c, state[lo*d:hi*d], targets[lo:hi], share, dstate[lo*d:hi*d], to)
	}
	for i, x := range c.ids {
		row := table[int(x)*d : (int(x)+1)*d]
		for k, v := range to[i*d : (i+1)*d] {
			row[k] += v
		}
	}
	return total
}

func (h *head) block(net *Net, c *classes, state []float32, targets []uint32, share float32, dstate, to []float32) float64 {
	d, rows, n, total := net.Dim, len(targets), c.n, 0.0
	e := room(&h.scores, rows*n)
	nn.Mul(e, n, nn.Rows(state, d), &c.across, rows, false)
	scaled, factor := room(&h.scaled, rows*d), room(&h.factor, rows)
	for r, target := range targets {
		row, t := e[r*n:(r+1)*n], c.of(target)
		sum := nn.ExpSum(row, row, 1, row[t])
		if c.weight != nil {
			sum = 0
			row[t] /= c.weight[t]
			for j, w := range c.weight {
				row[j] *= w
				sum += row[j]
			}
		}
		total += math.Log(float64(sum))
		factor[r] = share / sum
		for k, v := range state[r*d : (r+1)*d] {
			scaled[r*d+k] = v * factor[r]
		}
	}
	nn.Mul(dstate, d, nn.Rows(e, n), &c.down, rows, false)
	h.p.Pack(nn.Rows(scaled, d), rows, d)
	nn.Mul(to, d, nn.Rows(e, n).T(), &h.p, n, true)
	for r, target := range targets {
		row, t := dstate[r*d:(r+1)*d], c.of(target)
		right, back := net.table[int(target)*d:(int(target)+1)*d], to[t*d:(t+1)*d]
		for k := range row {
			row[k] = factor[r]*row[k] - share*right[k]
			back[k] -= share * state[r*d+k]
		}
	}
	return total
}
