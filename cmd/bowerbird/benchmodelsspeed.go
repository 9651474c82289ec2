package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"bowerbird/model"

	"gonum.org/v1/gonum/mat"
)

//go:embed testdata/models.py
var modelsPy string

// The loss of Hu, Koren and Volinsky with confidence 1 + confidence of each cell, as the implicit package has it; in the
// form of model.IALS it is divided by confidence.
const (
	confidence = 40.0
	speedReg   = 2.0
	speedSteps = 3 // of conjugate gradients: implicit's default
)

// speed times training beside libraries, on Gowalla, in turn.
func (c *benchModelsCmd) speed(a *app) error {
	s, err := (interactions{train: "train.txt", test: "test.txt", k: 20}).read(filepath.Join(c.Path, "rec-gowalla-lightgcn"))
	if err != nil {
		return err
	}
	m := s.train
	p, err := newModelsPeer(a, c.Peer, m)
	if err != nil {
		return err
	}
	defer p.close()
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	defer w.Flush()
	a.printf("Gowalla, %d interactions, %d threads, %s\n", m.Entries(), runtime.GOMAXPROCS(0), thisMachine())
	fmt.Fprintf(w, "\nwhat\tours, s\tpeer, s\tours / peer\tnote\n")
	for _, d := range c.Dims {
		if err := c.speedALS(a, w, p, m, d); err != nil {
			return err
		}
	}
	if slices.Contains(c.Speed, "knn") {
		if err := c.speedOf(a, w, p, "item-kNN, 100 neighbours", m, []string{"knn", "100"}, model.ItemKNN{Top: 100}, ""); err != nil {
			return err
		}
	}
	if !slices.Contains(c.Speed, "ease") {
		return nil
	}
	small, err := mostLiked(m, 10_000)
	if err != nil {
		return err
	}
	q, err := newModelsPeer(a, c.Peer, small)
	if err != nil {
		return err
	}
	defer q.close()
	return c.speedOf(a, w, q, "EASE, the 10,000 most liked items", small, []string{"ease", "300"}, model.EASE{Lambda: 300, Top: -1}, "numpy.linalg.inv %.1f s of it; by spotrf and spotri %.1f s")
}

// speedOf times one trainer and one peer, in turn, three times each, and takes the medians.
func (c *benchModelsCmd) speedOf(a *app, w *tabwriter.Writer, p *modelsPeer, name string, m *model.Matrix, ask []string, t model.Trainer, note string) error {
	var own, other []float64
	said := ""
	for range c.Rounds {
		a.ui.step(name, 0, 0)
		settle()
		start := time.Now()
		if _, err := t.Fit(a.ctx, m, model.Options{Seed: c.Seed}); err != nil {
			return err
		}
		own = append(own, time.Since(start).Seconds())
		runtime.GC()
		got, err := p.run(a.ctx, ask...)
		if err != nil {
			return err
		}
		if got == nil {
			continue
		}
		other = append(other, got.Seconds[0])
		said = got.Version
		if note != "" {
			said += ": " + fmt.Sprintf(note, got.Seconds[1], got.Seconds[2])
		}
	}
	speedRow(w, name, middle(own), middle(other), said)
	return nil
}

func speedRow(w *tabwriter.Writer, name string, own, other float64, note string) {
	if math.IsNaN(other) {
		fmt.Fprintf(w, "%s\t%.2f\t\t\t%s\n", name, own, note)
		return
	}
	fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%s\n", name, own, other, own/other, note)
}

func middle(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// speedALS times an epoch of implicit ALS by the same steps of conjugate gradients and by the other ways, with the loss
// after the same number of epochs.
func (c *benchModelsCmd) speedALS(a *app, w *tabwriter.Writer, p *modelsPeer, m *model.Matrix, d int) error {
	base := model.IALS{Dim: d, Epochs: c.Epochs, Alpha: 1 / confidence, Reg: speedReg / confidence, Nu: -1}
	steps, blocks := base, base
	steps.Steps, blocks.Block = speedSteps, 32
	rows := []struct {
		name string
		t    model.IALS
	}{{"conjugate gradients", steps}, {"blocks of 32", blocks}, {"exact", base}}
	other, loss := math.NaN(), ""
	for i, r := range rows {
		if i > 0 && !c.Ways {
			break
		}
		a.ui.step(fmt.Sprintf("iALS %d, %s", d, r.name), 0, 0)
		own, v, err := timedALS(a.ctx, r.t, m, c.Seed)
		if err != nil {
			return err
		}
		if i == 0 {
			got, err := p.run(a.ctx, "ials", strconv.Itoa(d), strconv.Itoa(c.Epochs), strconv.Itoa(speedSteps), fmt.Sprint(confidence+1), fmt.Sprint(speedReg))
			if err != nil {
				return err
			}
			if got != nil {
				factors, err := p.factors(m.Items(), d)
				if err != nil {
					return err
				}
				target := lossOf(factors, d, m)
				other = middle(got.Seconds)
				epochs, err := epochsTo(a.ctx, r.t, m, c.Seed, target)
				if err != nil {
					return err
				}
				loss = fmt.Sprintf(", %s %.1f, which ours has after %d: ours / peer at equal loss %.2f", got.Version, target, epochs, own*float64(epochs)/other/float64(c.Epochs))
			}
		}
		speedRow(w, fmt.Sprintf("iALS d = %d, an epoch by %s", d, r.name), own, other, fmt.Sprintf("loss after %d epochs: ours %.1f%s", c.Epochs, lossOf(v, d, m), loss))
	}
	return nil
}

// epochsTo is how many epochs reach a loss, at most three times as many as there are.
func epochsTo(ctx context.Context, t model.IALS, m *model.Matrix, seed uint64, loss float64) (int, error) {
	most := 3 * t.Epochs
	for t.Epochs = 1; t.Epochs < most; t.Epochs++ {
		got, err := t.Fit(ctx, m, model.Options{Seed: seed})
		if err != nil {
			return 0, err
		}
		if lossOf(got.(model.Tower).Vectors(), t.Dim, m) <= loss {
			break
		}
	}
	return t.Epochs, nil
}

// timedALS is the median second of an epoch, and the items' factors.
func timedALS(ctx context.Context, t model.IALS, m *model.Matrix, seed uint64) (float64, []float32, error) {
	settle()
	var seconds []float64
	last := time.Now()
	got, err := t.Fit(ctx, m, model.Options{Seed: seed, Progress: func(int, int, string) {
		seconds = append(seconds, time.Since(last).Seconds())
		last = time.Now()
	}})
	if err != nil {
		return 0, nil, err
	}
	return middle(seconds), got.(model.Tower).Vectors(), nil
}

// lossOf is the mean loss of 500 people, each with the best factor that there is for these items: a loss of the items'
// factors alone, the same for every program.
func lossOf(v []float32, d int, m *model.Matrix) float64 {
	items := make([]float64, len(v))
	for i, x := range v {
		items[i] = float64(x)
	}
	all := mat.NewDense(m.Items(), d, items)
	gram := mat.NewSymDense(d, nil)
	gram.SymOuterK(1, all.T())
	total, n := 0.0, 0
	for u := 0; u < m.Users(); u += max(1, m.Users()/500) {
		have, _ := m.Row(u)
		a, b := mat.NewSymDense(d, nil), mat.NewVecDense(d, nil)
		a.CopySym(gram)
		for i := range d {
			a.SetSym(i, i, a.At(i, i)+speedReg)
		}
		for _, i := range have {
			x := mat.NewVecDense(d, items[int(i)*d:(int(i)+1)*d])
			a.SymRankOne(a, confidence, x)
			b.AddScaledVec(b, confidence, x)
		}
		var chol mat.Cholesky
		var best mat.VecDense
		if !chol.Factorize(a) || chol.SolveVecTo(&best, b) != nil {
			return math.NaN()
		}
		// At the optimum the loss is the constant less <b, u>.
		total += confidence*float64(len(have)) - mat.Dot(b, &best)
		n++
	}
	return total / float64(n)
}

// mostLiked keeps the n items with the most cells, numbered anew.
func mostLiked(m *model.Matrix, n int) (*model.Matrix, error) {
	count, order := make([]int, m.Items()), make([]int, m.Items())
	for u := range m.Users() {
		have, _ := m.Row(u)
		for _, i := range have {
			count[i]++
		}
	}
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return count[b] - count[a] })
	number := map[uint32]uint32{}
	for k, i := range order[:min(n, len(order))] {
		number[uint32(i)] = uint32(k)
	}
	var b model.Builder
	for u := range m.Users() {
		have, _ := m.Row(u)
		for _, i := range have {
			if k, ok := number[i]; ok {
				if err := b.Add(uint32(u), k, 1); err != nil {
					return nil, err
				}
			}
		}
	}
	return b.Build(m.Users(), len(number))
}

// modelsPeer is a Python with the libraries, and a folder with the data for it.
type modelsPeer struct {
	python, dir string
	say         func(format string, args ...any)
}

// peerTimes is what models.py prints.
type peerTimes struct {
	Absent  string    `json:"absent"`
	Version string    `json:"version"`
	Seconds []float64 `json:"seconds"`
}

func newModelsPeer(a *app, python string, m *model.Matrix) (*modelsPeer, error) {
	p := &modelsPeer{python: python, say: a.ui.say}
	if python == "" {
		return p, nil
	}
	dir, err := os.MkdirTemp("", "bowerbird-models-*")
	if err != nil {
		return nil, err
	}
	p.dir = dir
	var ptr, idx []byte
	ends := uint64(0)
	ptr = binary.LittleEndian.AppendUint64(ptr, 0)
	for u := range m.Users() {
		have, _ := m.Row(u)
		ends += uint64(len(have))
		ptr = binary.LittleEndian.AppendUint64(ptr, ends)
		for _, i := range have {
			idx = binary.LittleEndian.AppendUint32(idx, i)
		}
	}
	shape, err := json.Marshal(map[string]int{"users": m.Users(), "items": m.Items()})
	for name, b := range map[string][]byte{"users.i64": ptr, "items.i32": idx, "shape.json": shape} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return p, err
}

func (p *modelsPeer) close() {
	if p.dir != "" {
		os.RemoveAll(p.dir)
	}
}

// run asks the peer for one thing; nil if it is not here.
func (p *modelsPeer) run(ctx context.Context, args ...string) (*peerTimes, error) {
	if p.python == "" {
		return nil, nil
	}
	cmd := exec.CommandContext(ctx, p.python, append([]string{"-c", modelsPy, args[0], p.dir}, args[1:]...)...)
	cmd.Env = append(os.Environ(), "THREADS="+strconv.Itoa(runtime.GOMAXPROCS(0)))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("--peer %s: %w: %s", p.python, err, lastLine(errOut.String()))
	}
	var got peerTimes
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		return nil, fmt.Errorf("--peer %s: %w", p.python, err)
	}
	if got.Absent != "" {
		p.say("%s (pip install implicit numpy scipy)", got.Absent)
		return nil, nil
	}
	return &got, nil
}

func (p *modelsPeer) factors(items, d int) ([]float32, error) {
	b, err := os.ReadFile(filepath.Join(p.dir, "factors.f32"))
	if err != nil {
		return nil, err
	}
	if len(b) != 4*items*d {
		return nil, fmt.Errorf("--peer %s: %d bytes of factors, want %d x %d", p.python, len(b), items, d)
	}
	out := make([]float32, items*d)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out, nil
}

// growing are what the growth is shown of: one family of each kind.
func growing() []model.Trainer {
	return []model.Trainer{
		model.ItemKNN{Top: 100},
		model.LocalEASE{Near: 100},
		model.IALS{Dim: 64, Epochs: 2, Steps: speedSteps},
		model.Spectral{Dim: 64},
		model.BSPM{Dim: 64, Top: 100},
		model.Markov{},
		model.LightGCN{Epochs: 1},
	}
}

// growth times training on simulated logs, each twice the one before, and fits the exponent.
func (c *benchModelsCmd) growth(a *app) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	defer w.Flush()
	a.printf("Simulated, 50 interactions a person, 100 an item, %d threads, %s\n\n", runtime.GOMAXPROCS(0), thisMachine())
	var logs []*model.Matrix
	fmt.Fprintf(w, "family")
	for _, n := range c.Sizes {
		m, err := simulated(n, c.Seed)
		if err != nil {
			return err
		}
		logs = append(logs, m)
		fmt.Fprintf(w, "\t%.1f M: s, MiB planned, MiB peak", float64(n)/1e6)
	}
	fmt.Fprintf(w, "\texponent\n")
	for _, t := range growing() {
		fmt.Fprintf(w, "%s", t.Name())
		var x, y []float64
		for _, m := range logs {
			a.ui.step(fmt.Sprintf("%s, %d interactions", t.Name(), m.Entries()), 0, 0)
			settle()
			start := time.Now()
			_, err := t.Fit(a.ctx, m, model.Options{Seed: c.Seed, MemoryBudget: int64(c.Mem) << 20})
			switch {
			case a.ctx.Err() != nil:
				return a.ctx.Err()
			case err != nil:
				fmt.Fprintf(w, "\t%v", err)
				continue
			}
			took := time.Since(start).Seconds()
			x, y = append(x, math.Log(float64(m.Entries()))), append(y, math.Log(took))
			fmt.Fprintf(w, "\t%.1f, %d, %d", took, t.Memory(m)>>20, peakMemory()>>20)
		}
		fmt.Fprintf(w, "\t%.2f\n", slope(x, y))
		a.ui.say("%s is done", t.Name())
	}
	return nil
}

// slope is that of the line of least squares.
func slope(x, y []float64) float64 {
	n := float64(len(x))
	mx, my, top, bottom := 0.0, 0.0, 0.0, 0.0
	for i := range x {
		mx += x[i] / n
		my += y[i] / n
	}
	for i := range x {
		top += (x[i] - mx) * (y[i] - my)
		bottom += (x[i] - mx) * (x[i] - mx)
	}
	return top / bottom
}

// simulated is a log of about n interactions: people have three interests of many, items of an interest are liked by a power
// law, one in eight actions is anything.
func simulated(n int, seed uint64) (*model.Matrix, error) {
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	users, items := n/50, n/100
	interests := max(1, items/200)
	b := model.Builder{Merge: model.Max}
	for u := range users {
		mine := [3]int{rng.IntN(interests), rng.IntN(interests), rng.IntN(interests)}
		for k := range 50 {
			place := int(math.Pow(rng.Float64(), 2.5) * float64(items/interests))
			item := place*interests + mine[rng.IntN(3)]
			if rng.IntN(8) == 0 {
				item = rng.IntN(items)
			}
			if err := b.AddAt(uint32(u), uint32(min(item, items-1)), 1, int64(k)); err != nil {
				return nil, err
			}
		}
	}
	return b.Build(users, items)
}
