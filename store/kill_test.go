package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/store"
)

const childDir, childRun = "BOWERBIRD_STORE_CHILD", "BOWERBIRD_STORE_RUN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		child(dir, os.Getenv(childRun))
		return
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	os.Exit(m.Run())
}

// number reads a count from the environment, so that a figure can be run in full.
func number(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return usual
}

// child appends without end and says on standard output what was acknowledged.
// Every other event is sent twice.
func child(dir, run string) {
	l, err := store.OpenLog(dir, store.LogOptions{BufferBytes: 256 << 10}) // small: flushes and compactions are killed too
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for g := range 8 {
		go func() {
			for i := 0; ; i++ {
				n := 1 + 49*(g%2)
				var events []bowerbird.Event
				for j := range n {
					events = append(events, save(fmt.Sprintf("%s/%d/%d/%d", run, g, i/2, j)))
				}
				out, err := l.Append(context.Background(), events)
				if err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				var b strings.Builder
				for j, a := range out {
					fmt.Fprintf(&b, "%d %s\n", a.Offset, events[j].ID)
				}
				os.Stdout.WriteString(b.String())
			}
		}()
	}
	select {}
}

func save(id string) bowerbird.Event {
	return bowerbird.Event{ID: id, Kind: bowerbird.Save, User: "u", Item: "i", Time: 1}
}

// TestKill kills a process that appends, again and again, on one folder, and
// compares what was acknowledged with what is there.
func TestKill(t *testing.T) {
	kills := number("BOWERBIRD_KILLS", 50)
	dir := t.TempDir() + "/log"
	rng := rand.New(rand.NewPCG(1, 2))
	where := map[string]uint64{} // of every id in the log
	acknowledged, from := 0, uint64(1)
	for run := range kills {
		lines := killed(t, dir, run, time.Duration(rng.IntN(20_000))*time.Microsecond)
		l, err := store.OpenLog(dir, store.LogOptions{BufferBytes: 256 << 10})
		if err != nil {
			t.Fatalf("kill %d: %v", run, err)
		}
		err = l.Scan(t.Context(), from, 0, func(offset uint64, e *bowerbird.Event) error {
			if at, ok := where[e.ID]; ok {
				t.Errorf("kill %d: %s is doubled, at %d and %d", run, e.ID, at, offset)
			}
			where[e.ID] = offset
			return nil
		})
		if err != nil {
			t.Fatalf("kill %d: %v", run, err)
		}
		from = l.Last() + 1
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			offset, id, _ := strings.Cut(line, " ")
			if fmt.Sprint(where[id]) != offset {
				t.Errorf("kill %d: %s was acknowledged at %s, and is at %d", run, id, offset, where[id])
			}
		}
		acknowledged += len(lines)
	}
	l := open(t, dir) // once more, everything, from the beginning
	defer l.Close()
	n := 0
	err := l.Scan(t.Context(), 1, 0, func(offset uint64, e *bowerbird.Event) error {
		n++
		if where[e.ID] != offset {
			t.Errorf("%s moved from %d to %d", e.ID, where[e.ID], offset)
		}
		return nil
	})
	if err != nil || n != len(where) || acknowledged == 0 {
		t.Fatalf("%d events in the end, %d before, %d acknowledged: %v", n, len(where), acknowledged, err)
	}
	t.Logf("%d kills, %d acknowledgements, %d events: 0 lost, 0 doubled", kills, acknowledged, n)
}

// killed runs a child, kills it some time after its first acknowledgement and
// returns the lines that it wrote.
func killed(t *testing.T, dir string, run int, after time.Duration) (lines []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childRun+"="+fmt.Sprint(run))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	var once sync.Once
	for {
		line, err := r.ReadString('\n')
		if strings.HasPrefix(line, "error") {
			t.Error(line)
		}
		if err != nil {
			break // a line without its end was not said
		}
		once.Do(func() { time.AfterFunc(after, func() { cmd.Process.Kill() }) })
		lines = append(lines, strings.TrimSpace(line))
	}
	cmd.Wait()
	return lines
}
