//go:build !amd64

package graph

const haveCourse = false

// Never called: there is none.
func courseSSE(*byte, int) { panic("graph: no assembly") }
