//go:build !unix

package graph

import (
	"errors"
	"os"
)

var errNoMap = errors.New("graph: this system maps no files")

func mapFile(*os.File, int) ([]byte, error) { return nil, errNoMap }

func unmapFile([]byte) error { return nil }
