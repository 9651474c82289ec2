package engine

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bowerbird"
	"bowerbird/internal/vec"
	"bowerbird/vision"
	"bowerbird/vision/see"
)

// slowEye is an encoder of a few numbers: its tile's colours, told apart by its version.
type slowEye struct {
	version string
	dim     int
	wait    time.Duration
	calls   atomic.Int64
	log     string // file that gets a byte for each picture; "" none
}

func (s *slowEye) Version() string { return s.version }
func (s *slowEye) Dim() int        { return s.dim }
func (s *slowEye) Side() int       { return 64 }

func (s *slowEye) Encode(ctx context.Context, c []see.Crop) ([][]float32, error) {
	out := make([][]float32, len(c))
	for i, x := range c {
		time.Sleep(s.wait)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.calls.Add(1)
		if s.log != "" {
			f, err := os.OpenFile(s.log, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
			if err != nil {
				return nil, err
			}
			_, err = f.Write([]byte{1})
			if err = joined(err, f.Close()); err != nil {
				return nil, err
			}
		}
		box := x.Box
		if box == (vision.Rect{}) {
			box = vision.Full
		}
		t, err := x.Picture.Tile(box, 8)
		if err != nil {
			return nil, err
		}
		out[i] = make([]float32, s.dim)
		for j, b := range t {
			out[i][j%s.dim] += float32(b) - 100
		}
		vec.Normalize(out[i])
	}
	return out, nil
}

func joined(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func TestEncoderServesWhenWhole(t *testing.T) {
	const n = 8
	dir := t.TempDir()
	e := pictured(t, dir, n, 0)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	eye := &slowEye{version: "eye-1", dim: 24}
	e = open(t, dir, Options{House: HouseOptions{Eye: eye}})
	defer e.Close()
	if s := e.Sight(); s.Encoder != vision.DescriptorVersion || s.Next != "eye-1" || s.Waiting != n {
		t.Fatalf("%+v", s)
	}
	if k, err := e.Embed(t.Context(), n-1); err != nil || k != n-1 {
		t.Fatal(k, err)
	}
	if s := e.Sight(); s.Encoder != vision.DescriptorVersion || s.Waiting != 1 {
		t.Fatalf("it serves before it is whole: %+v", s)
	}
	// A question that was looked at before the switch is answered after it.
	q := Query{Surface: bowerbird.SearchPicture, Item: "a3", Crop: &vision.Rect{W: .9, H: .9}, Limit: 2}
	first, err := e.Page(t.Context(), q)
	if err != nil || first.Page.Request.Version != vision.DescriptorVersion {
		t.Fatal(err)
	}
	if k, err := e.Embed(t.Context(), 10); err != nil || k != 1 {
		t.Fatal(k, err)
	}
	if s := e.Sight(); s.Encoder != "eye-1" || s.Next != "" || s.Waiting != 0 {
		t.Fatalf("%+v", s)
	}
	q.Cursor = first.Next
	if second, err := e.Page(t.Context(), q); err != nil || len(second.Items) == 0 || second.Page.Request.Version != vision.DescriptorVersion {
		t.Fatal(err)
	}
	q.Cursor = ""
	again, err := e.Page(t.Context(), q)
	if err != nil || again.Page.Request.Version != "eye-1" || again.Items[0].Doc.ID != "a3" {
		t.Fatal(err)
	}
	if a, err := e.Page(t.Context(), Query{Surface: bowerbird.Related, Item: "a5", Limit: 3}); err != nil || len(a.Page.Trace.Notes) > 0 {
		t.Fatal(err)
	}
	// A new picture waits, is searched by as before meanwhile, and gets its vector behind.
	data, err := e.blobs.Get(must(e.House().Catalogue.ItemDoc(1)).Picture.Blob)
	if err != nil {
		t.Fatal(err)
	}
	_, events, err := e.Pictured(t.Context(), bowerbird.Item{ID: "new"}, data)
	if err != nil {
		t.Fatal(err)
	}
	put(t, e, events, 200)
	if s := e.Sight(); s.Waiting != 1 {
		t.Fatalf("%+v", s)
	}
	calls := eye.calls.Load()
	if k, err := e.Embed(t.Context(), 10); err != nil || k != 1 || eye.calls.Load() != calls {
		t.Fatal("the same bytes were looked at twice", k, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestEmbedKilled makes vectors in a process that is killed again and again: nothing is made
// twice but what a kill cut, and all of it is right.
func TestEmbedKilled(t *testing.T) {
	const n = 30
	if dir := os.Getenv("BOWERBIRD_EMBED"); dir != "" {
		eye := &slowEye{version: "eye-1", dim: 24, wait: 4 * time.Millisecond, log: filepath.Join(dir, "..", "looked")}
		e, err := Open(t.Context(), dir, Options{House: HouseOptions{Eye: eye}})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("begun")
		for {
			if k, err := e.Embed(t.Context(), embedBatch); err != nil || k == 0 {
				fmt.Println("ended", k, err)
				time.Sleep(time.Minute) // the parent kills
			}
		}
	}
	root := t.TempDir()
	dir := filepath.Join(root, "data")
	e := pictured(t, dir, n, 0)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	looked := func() int {
		b, _ := os.ReadFile(filepath.Join(root, "looked"))
		return len(b)
	}
	const kills = 3
	for range kills {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestEmbedKilled$")
		cmd.Env = append(os.Environ(), "BOWERBIRD_EMBED="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		before := looked()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 5)
		_, _ = out.Read(buf)
		for wait := 0; looked() < before+6 && looked() < n && wait < 2000; wait++ {
			time.Sleep(time.Millisecond)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	already := looked()
	eye := &slowEye{version: "eye-1", dim: 24}
	e = open(t, dir, Options{House: HouseOptions{Eye: eye}})
	defer e.Close()
	if k, err := e.Embed(t.Context(), 1000); err != nil || k != n {
		t.Fatal(k, err)
	}
	if all := already + int(eye.calls.Load()); all < n || all > n+kills*embedBatch {
		t.Errorf("%d pictures were looked at %d times: want at most a batch lost a kill", n, all)
	}
	if already < kills*6 && already < n {
		t.Errorf("only %d were looked at before", already)
	}
	s := e.House().looks.Serving()
	if s == nil || s.Have() != n {
		t.Fatal("it does not serve")
	}
	for x := bowerbird.ItemID(1); x <= n; x++ {
		p, err := e.Sights().Picture(x)
		if err != nil {
			t.Fatal(err)
		}
		want, err := eye.Encode(t.Context(), []see.Crop{{Picture: p}})
		if err != nil {
			t.Fatal(err)
		}
		hits, err := e.House().looks.Candidates(t.Context(), &bowerbird.Request{Vector: want[0], Version: "eye-1"}, 1, nil)
		if err != nil || len(hits) == 0 || math.Abs(float64(hits[0].Score)-1) > 1e-3 {
			t.Fatal(x, hits, err)
		}
	}
}

// TestNoMixedVersions searches while encoders of other lengths come and go: a question
// compared with vectors of another version would be refused or, worse, answered.
func TestNoMixedVersions(t *testing.T) {
	e := pictured(t, t.TempDir(), 6, 0)
	defer e.Close()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var pages atomic.Int64
	for w := range 2 {
		wg.Go(func() {
			for i := w; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				q := Query{Surface: bowerbird.SearchPicture, Item: fmt.Sprintf("a%d", i%6), Crop: &vision.Rect{W: .8, H: 1}}
				if i%2 == 0 {
					q = Query{Surface: bowerbird.Related, Item: q.Item, Limit: 1 + i%9}
				}
				a, err := e.Page(context.Background(), q)
				if err != nil {
					t.Error(err)
					return
				}
				if len(a.Page.Trace.Notes) > 0 {
					t.Error(a.Page.Trace.Notes)
					return
				}
				pages.Add(1)
			}
		})
	}
	for i := range 5 {
		h := e.House()
		if h.eye = (&slowEye{version: fmt.Sprint("eye-", i), dim: 16 + i}); i%3 == 2 {
			h.eye = nil
		}
		if err := h.look(nil); err != nil {
			t.Fatal(err)
		}
		for {
			k, err := e.Embed(t.Context(), 5)
			if err != nil {
				t.Fatal(err)
			}
			if k == 0 {
				break
			}
		}
		for at := pages.Load(); pages.Load() < at+2 && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
	}
	close(stop)
	wg.Wait()
}
