package postings

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// guard turns what a damaged mapped segment can make a reader do into an error: an index out of range, or a fault of the
// memory if the file was cut short under it. Use: defer guard(segs, &err)(). Without mapped segments it does nothing, and
// a panic is what it always is.
func guard(segs []liveSegment, err *error) func() {
	mapped := false
	for i := range segs {
		mapped = mapped || segs[i].file.name != ""
	}
	if !mapped {
		return func() {}
	}
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		runtime.KeepAlive(segs) // and with them the mappings
		if x := recover(); x != nil {
			e, ok := x.(runtime.Error)
			if !ok {
				panic(x)
			}
			*err = fmt.Errorf("postings: %w: a mapped segment: %v", ErrCorrupt, e)
		}
	}
}
