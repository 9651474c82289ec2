package model

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
)

// Rows are training rows for a Logistic: X is row-major, len(Y) x Features.
type Rows struct {
	Features int
	X        []float32
	Y        []bool
	Weight   []float32 // of each row; nil: 1 each
}

// LogisticRegression trains a Logistic: it minimises
//
//	sum of w_i log(1 + exp(-s_i (b + <a, z_i>))) / sum of w_i + L2/2 |a|²,
//
// where z are the features standardised to mean 0 and deviation 1 over the weighted rows, s_i is +1 or -1, and the
// intercept b is not regularised, so that the predicted probabilities add up to the positives: calibrated in the large.
// The optimiser is L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with backtracking; it is
// deterministic. The zero value works.
type LogisticRegression struct {
	L2         float64 `json:"l2"`         // 0: 1e-4; -1: none
	Iterations int     `json:"iterations"` // at most; 0: 200
	Tolerance  float64 `json:"tolerance"`  // stop when the gradient's largest entry is below; 0: 1e-6
}

// Name returns "logistic".
func (LogisticRegression) Name() string { return "logistic" }

// Memory is the planned peak of bytes for n rows of f features, the rows themselves left out.
func (LogisticRegression) Memory(n, f int) int64 {
	return 8*int64(n) + 8*int64(f+1)*(2*memory+8)
}

// Logistic is a linear model of a probability, with its standardisation. Safe for concurrent use.
type Logistic struct {
	card      Card
	mean      []float64
	scale     []float64 // 1 / deviation; 0 for a feature that did not vary
	weight    []float64 // of the standardised features
	intercept float64   // of the standardised features
	raw       []float64 // weight * scale, so that predicting is one pass
	bias      float64   // intercept - <raw, mean>
}

// Fit trains. It refuses no rows, one class only, sizes that do not fit, numbers that are not finite and weights below
// zero, naming row and feature. Options.Weigh is ignored and one thread is used. A pass costs rows * features; a fit needs
// some tens of passes.
func (t LogisticRegression) Fit(ctx context.Context, r Rows, o Options) (*Logistic, error) {
	if t.L2 == 0 {
		t.L2 = 1e-4
	}
	if t.L2 == -1 {
		t.L2 = 0
	}
	if t.Iterations == 0 {
		t.Iterations = 200
	}
	if t.Tolerance == 0 {
		t.Tolerance = 1e-6
	}
	if !(t.L2 >= 0) || math.IsInf(t.L2, 0) || t.Iterations < 0 || !(t.Tolerance > 0) {
		return nil, fmt.Errorf("logistic: l2 %v, iterations %d, tolerance %v: must be finite and not negative", t.L2, t.Iterations, t.Tolerance)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	if need := t.Memory(len(r.Y), r.Features); o.MemoryBudget > 0 && need > o.MemoryBudget {
		return nil, fmt.Errorf("logistic: %w: %d rows of %d features need %.1f MiB, the budget is %.1f MiB", ErrMemory, len(r.Y), r.Features, mib(need), mib(o.MemoryBudget))
	}
	settings, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("logistic: settings: %w", err)
	}
	if o.Progress == nil {
		o.Progress = func(int, int, string) {}
	}
	l := &Logistic{card: Card{Kind: "logistic", Trainer: t.Name(), Settings: settings, Seed: o.Seed,
		Data: Data{Users: len(r.Y), Items: r.Features, Entries: len(r.X), Fingerprint: r.fingerprint()}}}
	l.mean, l.scale = r.standardisation()
	p := &problem{r: r, l: l, l2: t.L2}
	x, err := lbfgs(ctx, p, r.start(), t.Iterations, t.Tolerance, o.Progress)
	if err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	l.weight, l.intercept = x[:r.Features:r.Features], x[r.Features]
	l.finish()
	return l, nil
}

func (l *Logistic) finish() {
	l.raw, l.bias = make([]float64, len(l.weight)), l.intercept
	for f, w := range l.weight {
		l.raw[f] = w * l.scale[f]
		l.bias -= l.raw[f] * l.mean[f]
	}
}

func (r Rows) check() error {
	n := len(r.Y)
	if n == 0 || r.Features <= 0 {
		return fmt.Errorf("%w: %d rows of %d features", ErrEmpty, n, r.Features)
	}
	if len(r.X) != n*r.Features || r.Weight != nil && len(r.Weight) != n {
		return fmt.Errorf("%d labels, %d features, but %d numbers and %d weights", n, r.Features, len(r.X), len(r.Weight))
	}
	for i, v := range r.X {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("feature %d of row %d is %v", i%r.Features, i/r.Features, v)
		}
	}
	var class [2]float64
	for i, y := range r.Y {
		w := r.w(i)
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("weight of row %d is %v", i, w)
		}
		if y {
			class[1] += w
		} else {
			class[0] += w
		}
	}
	if class[0] == 0 || class[1] == 0 {
		return fmt.Errorf("%w: positives weigh %v and negatives %v, both are needed", ErrEmpty, class[1], class[0])
	}
	return nil
}

func (r Rows) w(i int) float64 {
	if r.Weight == nil {
		return 1
	}
	return float64(r.Weight[i])
}

// standardisation returns the weighted mean and 1 / deviation of each feature, in two passes.
func (r Rows) standardisation() (mean, scale []float64) {
	mean, scale = make([]float64, r.Features), make([]float64, r.Features)
	total := 0.0
	for i := range r.Y {
		w := r.w(i)
		total += w
		for f, v := range r.row(i) {
			mean[f] += w * float64(v)
		}
	}
	for f := range mean {
		mean[f] /= total
	}
	for i := range r.Y {
		w := r.w(i)
		for f, v := range r.row(i) {
			d := float64(v) - mean[f]
			scale[f] += w * d * d
		}
	}
	for f, s := range scale {
		sd := math.Sqrt(s / total)
		scale[f] = 0
		// A deviation at the level of float32's rounding is a constant.
		if sd > 1e-6*math.Abs(mean[f]) && sd > 1e-30 {
			scale[f] = 1 / sd
		}
	}
	return mean, scale
}

func (r Rows) row(i int) []float32 { return r.X[i*r.Features : (i+1)*r.Features] }

// start is the intercept of the base rate and zeros.
func (r Rows) start() []float64 {
	x := make([]float64, r.Features+1)
	pos, all := 0.0, 0.0
	for i, y := range r.Y {
		all += r.w(i)
		if y {
			pos += r.w(i)
		}
	}
	x[r.Features] = math.Log(pos / (all - pos))
	return x
}

// problem is the loss as a function of weights and intercept.
type problem struct {
	r  Rows
	l  *Logistic
	l2 float64
}

// value returns the loss at x and writes its gradient into g.
func (p *problem) value(ctx context.Context, x, g []float64) (float64, error) {
	d := p.r.Features
	clear(g)
	raw, bias := make([]float64, d), x[d]
	for f := range raw {
		raw[f] = x[f] * p.l.scale[f]
		bias -= raw[f] * p.l.mean[f]
	}
	loss, total, residual := 0.0, 0.0, 0.0
	for i, y := range p.r.Y {
		if i%8192 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		row, s, w := p.r.row(i), bias, p.r.w(i)
		for f, v := range row {
			s += raw[f] * float64(v)
		}
		q := sigmoid(s)
		e := q
		if y {
			e = q - 1
			s = -s
		}
		loss += w * softplus(s)
		e *= w
		residual += e
		total += w
		for f, v := range row {
			g[f] += e * float64(v)
		}
	}
	for f := range d {
		g[f] = (g[f]-residual*p.l.mean[f])*p.l.scale[f]/total + p.l2*x[f]
		loss += total * p.l2 / 2 * x[f] * x[f]
	}
	g[d] = residual / total
	return loss / total, nil
}

func sigmoid(s float64) float64 { return 1 / (1 + math.Exp(-s)) }

// softplus is log(1 + exp(s)) without overflow.
func softplus(s float64) float64 { return max(s, 0) + math.Log1p(math.Exp(-math.Abs(s))) }

// Card says how the model came to be; Data counts rows, features and numbers.
func (l *Logistic) Card() Card { return l.card }

// Features returns the number of features of a row.
func (l *Logistic) Features() int { return len(l.weight) }

// Weights returns the weights of the standardised features, comparable with each other, and the intercept; read only.
func (l *Logistic) Weights() ([]float64, float64) { return l.weight, l.intercept }

// Predict returns the probability for one row, which must have Features numbers. A row with a number that is not finite
// gets an answer in [0,1] all the same: such a feature counts as its mean.
func (l *Logistic) Predict(row []float32) float32 { return float32(sigmoid(l.Logit(row))) }

// Logit is Predict before the logistic function: bias plus contributions, for ordering and for explaining.
func (l *Logistic) Logit(row []float32) float64 {
	row = row[:len(l.raw)]
	var s [4]float64 // four sums run side by side; their order is part of the result's last bits
	f := 0
	for ; f+4 <= len(row); f += 4 {
		s[0] += l.raw[f] * float64(row[f])
		s[1] += l.raw[f+1] * float64(row[f+1])
		s[2] += l.raw[f+2] * float64(row[f+2])
		s[3] += l.raw[f+3] * float64(row[f+3])
	}
	for ; f < len(row); f++ {
		s[0] += l.raw[f] * float64(row[f])
	}
	if x := l.bias + (s[0] + s[1]) + (s[2] + s[3]); !math.IsNaN(x) && !math.IsInf(x, 0) {
		return x
	}
	return l.carefully(row)
}

// carefully is Logit for a row with a number that is not finite: it counts as its mean.
func (l *Logistic) carefully(row []float32) float64 {
	s := l.bias
	for f, v := range row {
		if c := l.raw[f] * float64(v); !math.IsNaN(c) && !math.IsInf(c, 0) {
			s += c
		} else {
			s += l.raw[f] * l.mean[f]
		}
	}
	return s
}

// PredictRows sets out[i] to the probability of row i of x, row-major; len(x) must be len(out) * Features.
func (l *Logistic) PredictRows(x, out []float32) {
	d := l.Features()
	for i := range out {
		out[i] = l.Predict(x[i*d : (i+1)*d])
	}
}

// Contributions sets out[f] to what feature f adds to the logit of a row compared with the mean row.
func (l *Logistic) Contributions(row []float32, out []float64) {
	for f := range l.weight {
		out[f] = l.raw[f] * (float64(row[f]) - l.mean[f])
	}
}

// SaveLogistic writes a logistic model with its card as Save does.
func SaveLogistic(path string, l *Logistic, card Card) error {
	return save(path, "logistic", card, l.Features(), l.encode)
}

func (l *Logistic) encode(e *encoder) {
	e.doubles(l.mean)
	e.doubles(l.scale)
	e.doubles(l.weight)
	e.doubles([]float64{l.intercept})
}

// LoadLogistic reads a file of SaveLogistic.
func LoadLogistic(path string) (*Logistic, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("model: load: %w", err)
	}
	l, err := parseLogistic(b)
	if err != nil {
		return nil, fmt.Errorf("model: load %s: %w", path, err)
	}
	return l, nil
}

func parseLogistic(b []byte) (*Logistic, error) {
	card, d, err := open(b)
	if err != nil {
		return nil, err
	}
	if card.Kind != "logistic" {
		return nil, fmt.Errorf("%w: kind %q where a logistic model belongs", ErrCorrupt, card.Kind)
	}
	n := card.Data.Items
	l := &Logistic{card: card, mean: d.doubles(n), scale: d.doubles(n), weight: d.doubles(n)}
	b0 := d.doubles(1)
	if err := d.end(); err != nil {
		return nil, err
	}
	l.intercept = b0[0]
	l.finish()
	return l, nil
}
