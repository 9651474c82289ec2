package seq

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bowerbird/internal/nn"
)

// parts is into how many parts a batch is cut, whatever the number of threads.
const parts = 4

// ErrEmpty says that no sequence has two items.
var ErrEmpty = errors.New("seq: no sequence of two items")

// Report is what came of a training.
type Report struct {
	Epochs int     // that the weights had seen when they were best
	Loss   float64 // of that epoch, nats for each action, with dropout
	NDCG   float64 // NDCG@10 on the held-out last items; NaN if none were held out
	Held   int     // how many
}

// Fit trains a network. It returns the context's error within about a second of
// its end. One epoch costs actions · (Layers·12·Dim² + classes·Dim) · 3
// multiply-adds and a little more.
func Fit(ctx context.Context, data Data, o Options) (*Net, Report, error) {
	f, err := prepare(data, o)
	if err != nil {
		return nil, Report{}, err
	}
	r, err := f.run(ctx)
	if err != nil {
		return nil, r, err
	}
	return f.net, r, nil
}

// fitting is a training under way.
type fitting struct {
	Options
	net      *Net
	examples [][]uint32 // each of at most Length+1 items
	cases    []Case
	rng      *rand.Rand
	p        packed
	c        classes
	common   []float64 // by item: its share of all targets, for the correction
	parts    [parts]struct {
		batch
		targets   []uint32
		sequences [][]uint32
		g         []float32
		dstate    []float32
		loss      float64
	}
	heads  []head // by thread
	m, v   []float32
	mean   []float32 // running mean of the numbers; nil: none
	steps  int
	best   []float32
	report Report
}

func prepare(data Data, o Options) (*fitting, error) {
	o = o.Defaults(data.Items)
	if err := o.check(); err != nil {
		return nil, err
	}
	s := o.shape(data)
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := checkAttributes(s, data.Attributes); err != nil {
		return nil, err
	}
	f := &fitting{Options: o, rng: rand.New(rand.NewPCG(o.Seed, 0x736571))}
	if err := f.cut(data); err != nil {
		return nil, err
	}
	f.net = newNet(s, data.Attributes, f.rng)
	f.m, f.v = make([]float32, s.Size()), make([]float32, s.Size())
	if o.Average > 0 {
		f.mean = slices.Clone(f.net.w)
	}
	f.heads = make([]head, min(o.Threads, parts))
	for i := range f.parts {
		f.parts[i].g = make([]float32, s.Size())
	}
	if o.Negatives >= 0 {
		f.c.index = make([]int32, data.Items)
		f.count()
	}
	if f.Progress == nil {
		f.Progress = func(int, int, string) {}
	}
	return f, nil
}

// cut makes examples and cases. A long sequence becomes several examples, each sharing
// one item with the next.
func (f *fitting) cut(data Data) error {
	var long [][]uint32
	for u, s := range data.Sequences {
		for _, x := range s {
			if int(x) >= data.Items {
				return fmt.Errorf("seq: sequence %d holds item %d of %d", u, x, data.Items)
			}
		}
		if len(s) >= 2 {
			long = append(long, s)
		}
	}
	if len(long) == 0 {
		return ErrEmpty
	}
	held := map[int]bool{}
	if f.Patience >= 0 {
		for _, i := range f.rng.Perm(len(long)) {
			if len(held) == f.Held {
				break
			}
			if len(long[i]) >= 3 {
				held[i] = true
			}
		}
	}
	for i, s := range long {
		if held[i] {
			last := len(s) - 1
			f.cases = append(f.cases, Case{s[:last], s[last]})
			s = s[:last]
		}
		for hi := len(s); hi >= 2; hi -= f.Length { // the next begins with what this one ends with
			f.examples = append(f.examples, s[max(0, hi-f.Length-1):hi])
		}
	}
	return nil
}

// count sets the shares of the items among the targets.
func (f *fitting) count() {
	f.common = make([]float64, f.net.Items)
	n := 0
	for _, s := range f.examples {
		for _, x := range s[1:] {
			f.common[x]++
			n++
		}
	}
	for i := range f.common {
		f.common[i] /= float64(n)
	}
}

func (f *fitting) run(ctx context.Context) (Report, error) {
	f.report.NDCG = math.NaN()
	best, since, start := -1.0, 0, f.Now()
	for epoch := 1; epoch <= f.Epochs; epoch++ {
		loss, err := f.epoch(ctx, epoch)
		if err != nil {
			return f.report, fmt.Errorf("seq: epoch %d: %w", epoch, err)
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return f.report, fmt.Errorf("seq: epoch %d: the loss is %v: lower the rate, now %v", epoch, loss, f.Rate)
		}
		if len(f.cases) == 0 {
			f.report.Epochs, f.report.Loss = epoch, loss
			continue
		}
		if epoch%f.Check != 0 && epoch != f.Epochs {
			continue
		}
		f.exchange()
		ndcg, err := f.net.NDCG(ctx, f.cases, 10, f.Threads)
		if err != nil {
			return f.report, fmt.Errorf("seq: check after epoch %d: %w", epoch, err)
		}
		better := ndcg > best
		if f.Better != nil {
			f.Better(epoch, loss, ndcg, better)
		}
		if since++; better {
			best, since = ndcg, 0
			f.best = append(f.best[:0], f.net.w...)
			f.report = Report{epoch, loss, ndcg, len(f.cases)}
		}
		f.exchange()
		took := f.Now().Sub(start)
		if since >= f.Patience || f.Time > 0 && took+took*time.Duration(f.Check)/time.Duration(epoch) > f.Time {
			break
		}
	}
	f.exchange()
	if f.best != nil {
		copy(f.net.w, f.best)
		f.net.sum()
	}
	return f.report, nil
}

// exchange puts the running mean of the numbers in place of the numbers, or back.
func (f *fitting) exchange() {
	if f.mean == nil {
		return
	}
	f.net.w, f.mean = f.mean, f.net.w
	f.net.sum()
}

// epoch makes one round over the examples and returns the mean loss.
func (f *fitting) epoch(ctx context.Context, epoch int) (float64, error) {
	order := f.rng.Perm(len(f.examples))
	loss, actions, at := 0.0, 0, 0
	for at < len(order) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		lo, n := at, 0
		for at < len(order) && (n == 0 || n+len(f.examples[order[at]])-1 <= f.Batch) {
			n += len(f.examples[order[at]]) - 1
			at++
		}
		l, err := f.step(ctx, order[lo:at], n)
		if err != nil {
			return 0, err
		}
		loss += l
		actions += n
		f.Progress((epoch-1)*len(order)+at, f.Epochs*len(order), fmt.Sprintf("epoch %d, loss %.3f", epoch, loss/float64(actions)))
	}
	return loss / float64(actions), nil
}

// step learns from some examples with n targets in all.
func (f *fitting) step(ctx context.Context, chosen []int, n int) (float64, error) {
	f.share(chosen, n)
	if f.Negatives >= 0 {
		f.sample(n)
	}
	f.p.pack(f.net, true)
	f.c.gather(f.net)
	f.each(func(i int, h *head) {
		p := &f.parts[i]
		clear(p.g)
		p.loss = 0
		if len(p.targets) == 0 || ctx.Err() != nil {
			return
		}
		rate := float32(max(0, f.Dropout))
		p.rng = chance(f.Seed*0x9e37 + uint64(f.steps*parts+i)<<20)
		p.forward(&f.p, rate, rate)
		p.loss = h.loss(f.net, &f.c, p.state, p.targets, 1/float32(n), room(&p.dstate, len(p.state)), p.g)
		p.backward(&f.p, p.g, p.dstate)
	})
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	g, loss := f.parts[0].g, f.parts[0].loss
	for i := 1; i < parts; i++ {
		loss += f.parts[i].loss
		add(g, f.parts[i].g)
	}
	f.net.spread(g)
	f.steps++
	rise := min(1, float64(f.steps)/float64(max(1, f.WarmUp)))
	nn.Step{Rate: float32(f.Rate * rise), Beta1: .9, Beta2: .98, Epsilon: 1e-8, Decay: float32(f.Decay), Number: f.steps}.Apply(f.net.w, f.m, f.v, g)
	if f.mean != nil {
		// The mean forgets the start: Adam's numbers move fastest there.
		keep := float32(min(f.Average, float64(1+f.steps)/float64(10+f.steps)))
		mean := f.mean[:len(f.net.w)]
		for i, w := range f.net.w {
			mean[i] += (1 - keep) * (w - mean[i])
		}
	}
	f.net.sum()
	return loss, nil
}

// share deals the examples out to the parts, in order, about evenly.
func (f *fitting) share(chosen []int, n int) {
	for i := range f.parts {
		f.parts[i].targets, f.parts[i].sequences = f.parts[i].targets[:0], f.parts[i].sequences[:0]
	}
	seen := 0
	for _, e := range chosen {
		s := f.examples[e]
		p := &f.parts[min(parts-1, seen*parts/n)]
		p.sequences = append(p.sequences, s[:len(s)-1])
		p.targets = append(p.targets, s[1:]...)
		seen += len(s) - 1
	}
	for i := range f.parts {
		f.parts[i].set(f.net, f.parts[i].sequences...)
	}
}

// sample draws the classes of a step: the batch's targets and Negatives items
// drawn evenly, each once, with 1 over the chance that it would be among them.
func (f *fitting) sample(n int) {
	c := &f.c
	for _, x := range c.ids {
		c.index[x] = 0
	}
	c.ids = c.ids[:0]
	take := func(x uint32) {
		if c.index[x] == 0 {
			c.ids = append(c.ids, x)
			c.index[x] = 1
		}
	}
	for i := range f.parts {
		for _, x := range f.parts[i].targets {
			take(x)
		}
	}
	for range f.Negatives {
		take(uint32(f.rng.IntN(f.net.Items)))
	}
	slices.Sort(c.ids)
	c.weight = room(&c.weight, len(c.ids))
	even := math.Pow(1-1/float64(f.net.Items), float64(f.Negatives))
	for i, x := range c.ids {
		c.index[x] = int32(i)
		c.weight[i] = float32(1 / (1 - even*math.Pow(1-f.common[x], float64(n))))
	}
}

// each runs work for every part.
func (f *fitting) each(work func(i int, h *head)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	run := func(h *head) {
		for i := int(next.Add(1)) - 1; i < parts; i = int(next.Add(1)) - 1 {
			work(i, h)
		}
	}
	for t := 1; t < len(f.heads); t++ {
		wg.Go(func() { run(&f.heads[t]) })
	}
	run(&f.heads[0])
	wg.Wait()
}
