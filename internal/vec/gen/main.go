// Command gen writes the AVX2 and AVX-512 kernels of package vec: kernels_amd64.s and their
// Go declarations. Run it by `go generate ./internal/vec`; the output is
// committed, so that a plain `go build` needs neither this program nor avo.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	tailMask()
	for _, m := range []metric{dot, l2} {
		pair(m)
		rows(m)
		pointers(m)
	}
	axpy()
	rectify()
	hamming()
	tile()
	bitsTables()
	for _, m := range kinds() {
		m.write()
	}
	prefetch()
	Generate()
}
