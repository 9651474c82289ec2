//go:build !amd64

package graph

const haveCourse = false

// Never called: there are none.
func courseSSE(*byte, int)              { panic("graph: no assembly") }
func courseLiveSSE(*byte, int, int)     { panic("graph: no assembly") }
func courseKeepSSE(*byte, int)          { panic("graph: no assembly") }
func courseKeepLiveSSE(*byte, int, int) { panic("graph: no assembly") }
