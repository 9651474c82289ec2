//go:build !amd64

package nn

func able() bool { return false }

const never = "nn: no AVX-512"

// Never called: able is false.
func tile12(k int, a *float32, rowStep, colStep int, b, c *float32, stride int, mask uint32, add bool) {
	panic(never)
}
func tile4(k int, a *float32, rowStep, colStep int, b, c *float32, stride int, mask uint32, add bool) {
	panic(never)
}
func tile1(k int, a *float32, rowStep, colStep int, b, c *float32, stride int, mask uint32, add bool) {
	panic(never)
}
func expSum512(dst, src *float32, n int, scale, shift float32) float32 { panic(never) }
func adam512(p, m, v, d *float32, n int, s *float32)                   { panic(never) }
