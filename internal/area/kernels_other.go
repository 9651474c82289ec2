//go:build !amd64

package area

var vectors = false

func addRows(acc *uint32, a, b *byte, k uint32, n int, add bool) { panic("area: no kernel") }
func sumColumns(dst *byte, acc, perm, weight *uint32, taps int, mask uint32) {
	panic("area: no kernel")
}
