package postingsbench

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"bowerbird/index/postings"
)

// Visible replaces documents at a steady rate, and looks at once for a word that only the new title has. A time counts
// from when the update was due until a search has found it.
type Visible struct {
	Updates  int
	P50, P99 time.Duration
	Max      time.Duration
}

// Updates measures for a time on an index that merges in the background meanwhile.
func (x *Index) Updates(t *Titles, rate int, during time.Duration) (Visible, error) {
	n := int(during.Seconds() * float64(rate))
	took := make([]time.Duration, 0, n)
	var tokens []postings.Token
	var words []string
	start := time.Now()
	for i := range n {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		doc := uint32(uint64(i) * 2654435761 % uint64(len(x.groups)))
		words = append(t.Title(words, int(doc)), fmt.Sprintf("update%d", i))
		tokens = tokens[:0]
		for p, w := range words {
			tokens = append(tokens, postings.Token{Term: w, Pos: uint32(p)})
		}
		if err := x.Put(doc, tokens); err != nil {
			return Visible{}, err
		}
		hits, err := x.Index.Search(context.Background(), postings.Terms(words[len(words)-1]), postings.SearchOptions{})
		if err != nil || len(hits) != 1 || hits[0].Doc != doc {
			return Visible{}, fmt.Errorf("update %d of document %d: a search right after finds %v (%v)", i, doc, hits, err)
		}
		took = append(took, time.Since(due))
	}
	slices.Sort(took)
	return Visible{n, took[n/2], took[n*99/100], took[n-1]}, nil
}

// Stored says what keeping the index costs.
type Stored struct {
	Stream, Folder          int64         // bytes
	Save, Load              time.Duration // as a stream
	Store, OpenSum, OpenFar time.Duration // as a folder; opened with every checksum, and with Trust
}

// Keep saves and stores the index below dir, and opens it again. The files are in the system's cache when they are read.
func (x *Index) Keep(dir string) (s Stored, err error) {
	clock := func(f func() error) time.Duration {
		start := time.Now()
		if err == nil {
			err = f()
		}
		return time.Since(start)
	}
	var b bytes.Buffer
	s.Save = clock(func() error { return x.Save(&b) })
	s.Stream = int64(b.Len())
	s.Load = clock(func() error { return closing(postings.Load(&b, Options())) })
	s.Store = clock(func() error { return x.Store(dir) })
	s.OpenSum = clock(func() error { return closing(postings.Open(dir, Options())) })
	o := Options()
	o.Trust = true
	s.OpenFar = clock(func() error { return closing(postings.Open(dir, o)) })
	if err != nil {
		return s, err
	}
	s.Folder, err = folderBytes(dir)
	return s, err
}

func closing(ix *postings.Index, err error) error {
	if err == nil {
		err = ix.Close()
	}
	return err
}

// Exponent is the slope of log y over log x by least squares: y grows like x to that power.
func Exponent(x, y []float64) float64 {
	var mx, my, sxy, sxx float64
	for i := range x {
		mx += math.Log(x[i]) / float64(len(x))
		my += math.Log(y[i]) / float64(len(x))
	}
	for i := range x {
		dx := math.Log(x[i]) - mx
		sxy += dx * (math.Log(y[i]) - my)
		sxx += dx * dx
	}
	return sxy / sxx
}
