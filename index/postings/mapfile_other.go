//go:build !unix

package postings

import (
	"fmt"
	"os"
)

// mapFile reads the file: there is no mapping here without more than the standard library.
func mapFile(path string) (b []byte, close func(), err error) {
	b, err = os.ReadFile(path)
	if err == nil && len(b) == 0 {
		err = fmt.Errorf("%s is empty: %w", path, ErrCorrupt)
	}
	return b, func() {}, err
}
