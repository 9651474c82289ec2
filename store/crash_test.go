package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"bowerbird"
	"bowerbird/store"
)

// acks are ids by offset, as they were acknowledged.
type acks struct {
	mu    sync.Mutex
	m     map[uint64]string
	pause sync.RWMutex // held while nothing is to be appended
}

func (a *acks) add(out []store.Appended, events []bowerbird.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range out {
		a.m[out[i].Offset] = events[i].ID
	}
}

func (a *acks) copy() map[uint64]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := make(map[uint64]string, len(a.m))
	for k, v := range a.m {
		m[k] = v
	}
	return m
}

// holds checks a log against what had been acknowledged before a crash.
func holds(t *testing.T, l store.Log, want map[uint64]string) {
	t.Helper()
	seen := map[string]uint64{}
	err := l.Scan(t.Context(), 1, 0, func(offset uint64, e *bowerbird.Event) error {
		if at, ok := seen[e.ID]; ok {
			t.Errorf("%s is doubled, at %d and %d", e.ID, at, offset)
		}
		seen[e.ID] = offset
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for offset, id := range want {
		if seen[id] != offset {
			t.Errorf("%s was acknowledged at %d, and is at %d", id, offset, seen[id])
		}
	}
}

func openMem(fs vfs.FS) (*store.PebbleLog, error) {
	return store.OpenLog("log", store.LogOptions{FS: fs, BufferBytes: 64 << 10, CacheBytes: 1 << 20})
}

// load appends from several goroutines until stop, or an error.
func load(l store.Log, a *acks, stop *atomic.Bool, prefix string) (wait func() []error) {
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for g := range errs {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				var events []bowerbird.Event
				for j := range 1 + 29*(g%2) {
					events = append(events, save(fmt.Sprintf("%s/%d/%d/%d", prefix, g, i, j)))
				}
				a.pause.RLock()
				out, err := l.Append(context.Background(), events)
				a.pause.RUnlock()
				if err != nil {
					errs[g] = err
					return
				}
				a.add(out, events)
			}
		})
	}
	return func() []error { wg.Wait(); return errs }
}

// TestPowerCut clones a memory file system as a power cut would leave it while
// events are appended: what was synced is there, and of what was not, each block
// and each directory entry at random. The clone is opened, appended to, and cut
// once more.
func TestPowerCut(t *testing.T) {
	cuts := number("BOWERBIRD_CUTS", 75) // each is cut twice
	const perLog = 25
	rng := rand.New(rand.NewPCG(3, 4))
	acknowledged := 0
	for cut := 0; cut < cuts; {
		fs := vfs.NewCrashableMem()
		l, err := openMem(fs)
		if err != nil {
			t.Fatal(err)
		}
		a := &acks{m: map[uint64]string{}}
		var stop atomic.Bool
		wait := load(l, a, &stop, "a")
		for range min(perLog, cuts-cut) {
			time.Sleep(time.Duration(rng.IntN(1000)) * time.Microsecond)
			want := a.copy()
			acknowledged += len(want)
			clone := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 25 * rng.IntN(5), RNG: rng})
			a.pause.Lock()
			cutAgain(t, clone, want, rng)
			a.pause.Unlock()
			cut++
			if t.Failed() {
				t.Fatalf("at cut %d", cut)
			}
		}
		stop.Store(true)
		for _, err := range wait() {
			if err != nil {
				t.Error(err)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if acknowledged == 0 {
		t.Fatal("nothing was acknowledged before any cut")
	}
	t.Logf("%d power cuts, %d acknowledged events looked for: 0 lost, 0 doubled", 2*cuts, acknowledged)
}

func cutAgain(t *testing.T, fs *vfs.MemFS, want map[uint64]string, rng *rand.Rand) {
	t.Helper()
	l, err := openMem(fs)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, l, want)
	for i := range 3 {
		events := []bowerbird.Event{save(fmt.Sprint("again", i)), save("")}
		events[1].ID = fmt.Sprint("more", i)
		out, err := l.Append(t.Context(), events)
		if err != nil {
			t.Fatal(err)
		}
		want[out[0].Offset], want[out[1].Offset] = events[0].ID, events[1].ID
	}
	clone := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 25 * rng.IntN(5), RNG: rng})
	l.Close()
	if l, err = openMem(clone); err != nil {
		t.Fatal(err)
	}
	holds(t, l, want)
	l.Close()
}

// TestFailedWrite fails one write or fsync, a later one each time; all others
// succeed. From then on nothing may be acknowledged, and after a power cut
// everything that was acknowledged must be there.
func TestFailedWrite(t *testing.T) {
	kinds := map[string][]errorfs.OpKind{
		"fsync":  {errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo},
		"write":  {errorfs.OpFileWrite, errorfs.OpFileWriteAt},
		"create": {errorfs.OpCreate, errorfs.OpReuseForWrite, errorfs.OpRename},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			broke := 0
			for n := range int64(8) {
				if failOne(t, kind, n*(n+1)/2) {
					broke++
				}
			}
			if broke < 3 {
				t.Errorf("only %d of 8 failures struck an open log", broke)
			}
		})
	}
}

func failOne(t *testing.T, kinds []errorfs.OpKind, nth int64) (broke bool) {
	t.Helper()
	mem := vfs.NewCrashableMem()
	var count atomic.Int64
	var failed atomic.Bool
	var armed atomic.Bool
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		for _, k := range kinds {
			if op.Kind == k && armed.Load() && count.Add(1) == nth+1 {
				failed.Store(true)
				return errorfs.ErrInjected
			}
		}
		return nil
	}))
	l, err := openMem(fs)
	if err != nil {
		t.Fatal(err)
	}
	armed.Store(true)
	a := &acks{m: map[uint64]string{}}
	var stop atomic.Bool
	wait := load(l, a, &stop, "a")
	for range 100 {
		time.Sleep(time.Millisecond)
		if failed.Load() {
			break
		}
	}
	if failed.Load() {
		for _, err := range wait() {
			if !errors.Is(err, store.ErrBroken) || !errors.Is(err, errorfs.ErrInjected) {
				t.Errorf("after a failed write an append returned %v, want ErrBroken and its cause", err)
			}
		}
		for i := range 20 {
			if _, err := l.Append(t.Context(), []bowerbird.Event{save(fmt.Sprint("late", i))}); !errors.Is(err, store.ErrBroken) {
				t.Errorf("a broken log answered %v", err)
			}
		}
	}
	stop.Store(true)
	wait()
	clone := mem.CrashClone(vfs.CrashCloneCfg{})
	if err := l.Close(); failed.Load() != (err != nil) {
		t.Errorf("close: %v", err)
	}
	again, err := openMem(clone)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, again, a.copy())
	again.Close()
	return failed.Load()
}

// TestFailedOpen fails each write of an opening in turn: an error, never a panic.
func TestFailedOpen(t *testing.T) {
	mem := vfs.NewMem()
	for n := range int64(1000) {
		var count atomic.Int64
		fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
			if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && op.Kind != errorfs.OpFileClose && op.Kind != errorfs.OpRemove && count.Add(1) == n+1 {
				return errorfs.ErrInjected
			}
			return nil
		}))
		l, err := openMem(fs)
		if err == nil {
			err = l.Close()
		}
		if err == nil && count.Load() <= n {
			t.Logf("%d writes", n)
			return
		}
		mem = vfs.NewMem()
	}
	t.Error("no opening without a failure in 1000")
}
