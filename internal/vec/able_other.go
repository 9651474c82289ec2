//go:build !amd64

package vec

func able() bool { return false }

// Never called: able is false.
func dotAVX2(a, b *float32, n int) float32                          { panic("vec: no AVX2") }
func l2AVX2(a, b *float32, n int) float32                           { panic("vec: no AVX2") }
func dotRowsAVX2(dst, q *float32, n int, rows *float32, count int)  { panic("vec: no AVX2") }
func l2RowsAVX2(dst, q *float32, n int, rows *float32, count int)   { panic("vec: no AVX2") }
func dotPtrsAVX2(dst, q *float32, n int, rows **float32, count int) { panic("vec: no AVX2") }
func l2PtrsAVX2(dst, q *float32, n int, rows **float32, count int)  { panic("vec: no AVX2") }
func axpyAVX2(a float32, x, y *float32, n int)                      { panic("vec: no AVX2") }
func dotInt8AVX2(a, b *int8, n int) int32                           { panic("vec: no AVX2") }
func hammingPOPCNT(a, b *uint64, n int) int                         { panic("vec: no POPCNT") }
func tileAVX2(k int, a, b, c *float32, stride int)                  { panic("vec: no AVX2") }
