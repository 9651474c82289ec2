package hnsw

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"bowerbird/index"
	"bowerbird/index/internal/file"
	"bowerbird/internal/vec"
)

// A saved Graph: the frame of internal/file with the magic "BWhnsw02", and in
// it, integers and floats little-endian:
//
//	4     dim, 1..65536
//	4     metric: 0 inner product, 1 cosine, 2 L2
//	4     form: 0 float32, 1 int8, 2 int8 and half, 3 int8 only, 4 bits
//	4     M
//	4     EfBuild
//	4     Ef
//	4     float32, Recall
//	8     seed, low word first
//	4     n, number of slots
//	4     entry slot, 2³²-1 in a graph without nodes
//	4     1 where there is a coder, which then follows, else 0
//	4       float32, step; 1 of form 4
//	4·dim   float32, means; not under inner product but of form 4
//	8     numbers coded since the coder was made, low word first
//	8     those that were cut
//	4     number of slots at which this is looked at
//	4·15  the last calibration: live vectors, queries, true hits, and how many of
//	      these were found at each of 12 widths; zeroes where there is none
//	4·15  the one under way
//	      n times, one for each slot:
//	4       id, also of a free slot
//	1       state: 0 free, 1 live, 2 dead, 3 dying
//	1       level; a free slot ends here
//	        the vector as stored: 4·dim float32; with a coder, of form 2
//	        2·dim half floats, of form 3 dim codes, -127..127
//	        level+1 times, from level 0 up:
//	4         c, number of links, at most 2M at level 0 and M above
//	4·c       slots
//	4     f, number of free slots; then f slots, in the order of their use
//	4     p, number of dead; then p slots, in the order of their deletion
//	4     d, number of dying; then d slots, in the same order
//	4     next, the slot where the repair goes on
//	4     end, the slot where it stops
//
// Everything that decides how the graph goes on is here, so that a loaded graph
// and its original stay the same under the same writes.
const magic = "BWhnsw02"

// Save implements index.Index. Put and Delete wait for it, Search does not.
func (g *Graph) Save(w io.Writer) error {
	g.write.Lock()
	defer g.write.Unlock()
	out, v := file.NewWriter(w, magic), g.store.Load()
	out.Uint32(uint32(v.dim), uint32(v.metric), uint32(v.form), uint32(g.o.M), uint32(g.o.EfBuild), uint32(g.o.Ef), math.Float32bits(g.o.Recall))
	out.Uint32(uint32(g.o.Seed), uint32(g.o.Seed>>32), g.n, uint32(v.entry.Load()))
	if c := v.coder; c != nil {
		out.Uint32(1)
		out.Floats([]float32{c.step})
		out.Floats(c.mean)
	} else {
		out.Uint32(0)
	}
	d := g.drift
	out.Uint32(uint32(d.numbers), uint32(d.numbers>>32), uint32(d.clipped), uint32(d.clipped>>32), d.at)
	g.saveCalibration(out)
	for slot := range g.n {
		saveNode(out, v, slot)
	}
	out.Uint32(uint32(len(g.free)))
	for _, f := range g.free {
		out.Uint32(f.slot)
	}
	out.Uint32(uint32(len(g.mend.pending)))
	out.Uint32(g.mend.pending...)
	out.Uint32(uint32(len(g.mend.dying)))
	out.Uint32(g.mend.dying...)
	out.Uint32(g.mend.next, g.mend.end)
	if err := out.Close(); err != nil {
		return fmt.Errorf("hnsw: save: %w", err)
	}
	return nil
}

func saveNode(out *file.Writer, v *store, slot uint32) {
	meta := v.meta[slot].Load()
	out.Uint32(uint32(meta))
	_, _ = out.Write([]byte{byte(state(meta)), byte(levelOf(meta))}) // Close tells
	if state(meta) == stateFree {
		return
	}
	switch {
	case v.rows != nil:
		out.Floats(v.row(slot))
	case v.half != nil:
		b := make([]byte, 0, 2*v.dim)
		for _, h := range v.halves(slot) {
			b = binary.LittleEndian.AppendUint16(b, h)
		}
		_, _ = out.Write(b)
	default:
		b := make([]byte, v.dim)
		for i, c := range v.code(slot) {
			b[i] = byte(c)
		}
		_, _ = out.Write(b)
	}
	for level := 0; level <= levelOf(meta); level++ {
		list := v.list(slot, level)
		c := count(list)
		out.Uint32(uint32(c))
		out.Uint32(list[:c]...)
	}
}

// Load reads what Save wrote and refuses, with index.ErrCorrupt, a file that was
// cut or changed, or whose links lead nowhere. It takes memory as it reads.
func Load(r io.Reader) (*Graph, error) { return LoadRows(r, "") }

// LoadRows is Load with Options.Rows, which is not saved.
func LoadRows(r io.Reader, rows string) (*Graph, error) {
	g, err := load(r, rows)
	if err != nil {
		return nil, fmt.Errorf("hnsw: load: %w", err)
	}
	return g, nil
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, index.ErrCorrupt)...)
}

func load(r io.Reader, rows string) (*Graph, error) {
	in, err := file.NewReader(r, magic)
	if err != nil {
		return nil, err
	}
	var dim, metric, form, m, efBuild, ef, recall, lo, hi, n, entry uint32
	if err := in.Uint32(&dim, &metric, &form, &m, &efBuild, &ef, &recall, &lo, &hi, &n, &entry); err != nil {
		return nil, err
	}
	if metric > uint32(index.L2) || form > uint32(lastForm) || m == 0 || efBuild == 0 || ef == 0 || m > maxM || efBuild > maxEf || ef > maxEf || n > maxSlots {
		return nil, corrupt("metric %d, form %d, M %d, EfBuild %d, Ef %d, %d slots", metric, form, m, efBuild, ef, n)
	}
	g, err := New(int(min(dim, index.MaxDim+1)), index.Metric(metric),
		Options{Form: Form(form), M: int(m), EfBuild: int(efBuild), Ef: int(ef), Recall: math.Float32frombits(recall), Rows: rows, Seed: uint64(hi)<<32 | uint64(lo)})
	if err != nil && rows != "" && !errors.Is(err, index.ErrDim) {
		return nil, err
	}
	if err != nil {
		return nil, corrupt("%v", err)
	}
	if err := g.loadCoder(in); err != nil {
		return nil, err
	}
	for slot := range n {
		if err := g.loadNode(in, slot); err != nil {
			return nil, err
		}
	}
	g.store.Load().used.Store(g.n)
	if err := g.loadRest(in, entry); err != nil {
		return nil, err
	}
	if err := in.Close(); err != nil {
		return nil, err
	}
	return g, g.check()
}

func (g *Graph) loadCoder(in *file.Reader) error {
	var has uint32
	if err := in.Uint32(&has); err != nil {
		return err
	}
	if has > 1 || has == 1 && g.shape.form == Float32 {
		return corrupt("%d coders of form %v", has, g.shape.form)
	}
	if has == 1 {
		c, step := new(coder), make([]float32, 1)
		if err := in.Floats(step); err != nil {
			return err
		}
		if c.step = step[0]; !(c.step > 0) {
			return corrupt("step %g", c.step)
		}
		if g.shape.euclidean(true) || g.shape.form == Bits {
			c.mean = make([]float32, g.shape.dim)
			if err := in.Floats(c.mean); err != nil {
				return err
			}
		}
		if g.shape.form == Bits {
			c.turn(g.o.Seed)
		}
		v, err := newStore(g.shape, firstSlots, c)
		if err != nil {
			return err
		}
		g.store.Store(v)
	}
	var nl, nh, cl, ch, at uint32
	if err := in.Uint32(&nl, &nh, &cl, &ch, &at); err != nil {
		return err
	}
	g.drift = drift{uint64(nh)<<32 | uint64(nl), uint64(ch)<<32 | uint64(cl), at}
	return g.loadCalibration(in)
}

func (g *Graph) loadNode(in *file.Reader, slot uint32) error {
	var id uint32
	var b [2]byte
	if err := in.Uint32(&id); err != nil {
		return err
	}
	if err := in.Full(b[:]); err != nil {
		return err
	}
	st, level := uint64(b[0]), int(b[1])
	if st > stateDying || level > maxLevel || st == stateFree && level > 0 {
		return corrupt("slot %d: state %d, level %d", slot, st, level)
	}
	v := g.store.Load()
	if slot >= v.slots {
		var err error
		if v, err = v.grown(slot, 2*int(v.slots), v.coder); err != nil {
			return err
		}
		g.store.Store(v)
	}
	g.n++
	if st == stateFree {
		v.meta[slot].Store(uint64(id))
		return nil
	}
	d := g.drift
	row := make([]float32, v.dim)
	if err := loadVector(in, v, slot, row); err != nil {
		return fmt.Errorf("slot %d: %w", slot, err)
	}
	g.fill(v, slot, id, level, row)
	g.drift = d
	v.meta[slot].Or(st << stateShift)
	for l := 0; l <= level; l++ {
		var c uint32
		if err := in.Uint32(&c); err != nil {
			return err
		}
		list := v.list(slot, l)
		if int64(c) > int64(len(list)) {
			return corrupt("slot %d: %d links at level %d", slot, c, l)
		}
		for i := range c {
			if err := in.Uint32(&list[i]); err != nil {
				return err
			}
		}
	}
	return g.countNode(slot, id, st)
}

// loadVector reads a vector in its form to row, from which the same form comes again.
func loadVector(in *file.Reader, v *store, slot uint32, row []float32) error {
	if v.rows != nil {
		return in.Floats(row)
	}
	b := make([]byte, v.dim)
	if v.half != nil {
		b = make([]byte, 2*v.dim)
	}
	if err := in.Full(b); err != nil {
		return err
	}
	if v.half == nil {
		code := make([]int8, v.dim)
		for i := range code {
			if code[i] = int8(b[i]); code[i] < -codeMost {
				return corrupt("code %d", code[i])
			}
		}
		v.coder.decode(row, code)
		return nil
	}
	for i := range row {
		row[i] = vec.FromF16(binary.LittleEndian.Uint16(b[2*i:]))
		if math.IsNaN(float64(row[i])) || math.IsInf(float64(row[i]), 0) {
			return corrupt("a half float that is not finite")
		}
	}
	return nil
}

func (g *Graph) countNode(slot, id uint32, st uint64) error {
	if st != stateLive {
		g.dead.Add(1)
		return nil
	}
	if other, ok := g.store.Load().ids.of(id); ok {
		return corrupt("id %d is in slots %d and %d", id, other, slot)
	}
	g.store.Load().ids.set(id, slot)
	g.live.Add(1)
	return nil
}

// loadRest reads what follows the nodes. Each slot must be listed once, in the
// list of its state.
func (g *Graph) loadRest(in *file.Reader, entry uint32) error {
	v, listed := g.store.Load(), make([]bool, g.n)
	var free []uint32
	for _, want := range []struct {
		to    *[]uint32
		state uint64
	}{{&free, stateFree}, {&g.mend.pending, stateDead}, {&g.mend.dying, stateDying}} {
		var c uint32
		if err := in.Uint32(&c); err != nil {
			return err
		}
		if c > g.n {
			return corrupt("%d slots of state %d among %d", c, want.state, g.n)
		}
		for range c {
			var slot uint32
			if err := in.Uint32(&slot); err != nil {
				return err
			}
			if slot >= g.n || listed[slot] || state(v.meta[slot].Load()) != want.state {
				return corrupt("slot %d is not of state %d, or listed twice", slot, want.state)
			}
			listed[slot] = true
			*want.to = append(*want.to, slot)
		}
	}
	for slot := range g.n {
		if st := state(v.meta[slot].Load()); st != stateLive && !listed[slot] {
			return corrupt("slot %d of state %d is not listed", slot, st)
		}
	}
	for _, slot := range free {
		g.free = append(g.free, freed{slot: slot})
	}
	if err := in.Uint32(&g.mend.next, &g.mend.end); err != nil {
		return err
	}
	if g.mend.next > g.mend.end || g.mend.end > g.n || len(g.mend.dying) == 0 && g.mend.end != 0 {
		return corrupt("repair from %d to %d of %d", g.mend.next, g.mend.end, g.n)
	}
	if entry == none {
		if g.n != 0 {
			return g.emptied(v)
		}
		return nil
	}
	if entry >= g.n || state(v.meta[entry].Load()) == stateFree {
		return corrupt("entry %d", entry)
	}
	v.entry.Store(uint64(entry) | uint64(levelOf(v.meta[entry].Load()))<<32)
	return nil
}

// emptied accepts a graph without an entry: all its slots are free.
func (g *Graph) emptied(v *store) error {
	for slot := range g.n {
		if state(v.meta[slot].Load()) != stateFree {
			return corrupt("no entry, yet slot %d is in use", slot)
		}
	}
	return nil
}

// check follows every link once: it must lead to a node of that level.
func (g *Graph) check() error {
	v := g.store.Load()
	for slot := range g.n {
		meta := v.meta[slot].Load()
		if state(meta) == stateFree {
			continue
		}
		for level := 0; level <= levelOf(meta); level++ {
			list := v.list(slot, level)
			for _, to := range list[:count(list)] {
				if to >= g.n || to == slot || state(v.meta[to].Load()) == stateFree || levelOf(v.meta[to].Load()) < level {
					return corrupt("slot %d links to %d at level %d", slot, to, level)
				}
			}
		}
	}
	return nil
}
