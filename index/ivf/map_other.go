//go:build !linux || !(amd64 || arm64)

package ivf

import (
	"errors"
	"os"
)

func mapFile(*os.File) (*mapped, error) { return nil, errors.New("files are not mapped here") }
