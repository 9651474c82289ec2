package main

import (
	"fmt"
	"os"

	"bowerbird/index"
	"bowerbird/index/vecfile"
	"bowerbird/internal/vec"
)

// readFiles reads --base and --queries-file, and --truth where there is one.
func (b *vectorBench) readFiles(s *vectorSet) error {
	if b.Base == "" || b.Asked == "" {
		return usagef("--set files wants --base and --queries-file")
	}
	var err error
	if s.base, s.dim, err = readVectors(b.Base, 0); err != nil {
		return err
	}
	dim := 0
	if s.queries, dim, err = readVectors(b.Asked, b.Queries); err != nil {
		return err
	}
	if dim != s.dim {
		return fmt.Errorf("%s has %d dimensions, %s has %d", b.Asked, dim, b.Base, s.dim)
	}
	s.n = len(s.base) / s.dim
	switch b.Metric {
	case "l2":
		s.metric = index.L2
	case "cosine":
		for _, rows := range [][]float32{s.base, s.queries} {
			for i := 0; i < len(rows); i += dim {
				if !vec.Normalize(rows[i : i+dim]) {
					return fmt.Errorf("vector %d is zero: it has no cosine", i/dim)
				}
			}
		}
	}
	if b.Truth == "" {
		return nil
	}
	f, err := os.Open(b.Truth)
	if err != nil {
		return err
	}
	defer f.Close()
	truth, err := vecfile.ReadIDs(f, vectorK)
	if err != nil {
		return fmt.Errorf("%s: %w", b.Truth, err)
	}
	if len(truth) < s.asked()*vectorK {
		return fmt.Errorf("%s is of %d queries, there are %d", b.Truth, len(truth)/vectorK, s.asked())
	}
	s.truth = truth[:s.asked()*vectorK]
	return nil
}

func readVectors(path string, limit int) ([]float32, int, error) {
	r, err := vecfile.Open(path, "")
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	return vecfile.ReadAll(r, limit)
}
