//go:build onnxruntime && linux && (amd64 || arm64)

package onnx

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// ONNX Runtime is called through its C interface, which is one table of function
// pointers that only ever grows at its end (onnxruntime_c_api.h, struct OrtApi).
// These are places in it; apiVersion is the oldest that has them all.
const (
	apiVersion = 13

	fnGetErrorMessage                  = 2
	fnCreateEnv                        = 3
	fnCreateSession                    = 7
	fnRun                              = 9
	fnCreateSessionOptions             = 10
	fnSetSessionGraphOptimizationLevel = 23
	fnSetIntraOpNumThreads             = 24
	fnSessionGetInputCount             = 30
	fnSessionGetOutputCount            = 31
	fnSessionGetInputTypeInfo          = 33
	fnSessionGetInputName              = 36
	fnSessionGetOutputName             = 37
	fnCreateRunOptions                 = 39
	fnRunOptionsSetTerminate           = 46
	fnCreateTensorWithDataAsOrtValue   = 49
	fnGetTensorMutableData             = 51
	fnCastTypeInfoToTensorInfo         = 55
	fnGetTensorElementType             = 60
	fnGetDimensionsCount               = 61
	fnGetDimensions                    = 62
	fnGetTensorTypeAndShape            = 65
	fnCreateCPUMemoryInfo              = 69
	fnAllocatorFree                    = 76
	fnGetAllocatorWithDefaultOptions   = 78
	fnReleaseStatus                    = 93
	fnReleaseSession                   = 95
	fnReleaseValue                     = 96
	fnReleaseRunOptions                = 97
	fnReleaseTypeInfo                  = 98
	fnReleaseTensorTypeAndShapeInfo    = 99
	fnReleaseSessionOptions            = 100
	fnAddSessionConfigEntry            = 130
	fnCount                            = 131
)

// Values of enumerations of that interface.
const (
	logErrors      = 3
	optimizeAll    = 99
	deviceAllocate = 0
	memoryDefault  = 0
)

// native is the library, opened once for the process.
type native struct {
	api       *[fnCount]uintptr
	version   string
	env       uintptr
	memory    uintptr // where tensors lie: this machine's memory
	allocator uintptr // of names
}

var library = sync.OnceValues(openLibrary)

// NativeVersion is the version of ONNX Runtime, or ErrNoNative.
func NativeVersion() (string, error) {
	n, err := library()
	if err != nil {
		return "", err
	}
	return n.version, nil
}

// openLibrary opens the file that BOWERBIRD_ONNXRUNTIME names, else the system's.
func openLibrary() (*native, error) {
	tried := []string{"libonnxruntime.so.1", "libonnxruntime.so"}
	if p := os.Getenv("BOWERBIRD_ONNXRUNTIME"); p != "" {
		tried = []string{p}
	}
	var lib uintptr
	var err error
	for _, name := range tried {
		if lib, err = purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_GLOBAL); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("onnx: %w: %v (let BOWERBIRD_ONNXRUNTIME name the file libonnxruntime.so.1)", ErrNoNative, err)
	}
	entry, err := purego.Dlsym(lib, "OrtGetApiBase")
	if err != nil {
		return nil, fmt.Errorf("onnx: %w: %v", ErrNoNative, err)
	}
	base, _, _ := purego.SyscallN(entry)
	pair := (*[2]uintptr)(pointer(base)) // GetApi, GetVersionString
	version, _, _ := purego.SyscallN(pair[1])
	n := &native{version: text(version)}
	api, _, _ := purego.SyscallN(pair[0], apiVersion)
	if api == 0 {
		return nil, fmt.Errorf("onnx: %w: version %s is older than the interface %d", ErrNoNative, n.version, apiVersion)
	}
	n.api = (*[fnCount]uintptr)(pointer(api))
	var pins runtime.Pinner
	defer pins.Unpin()
	name := cString(&pins, "bowerbird")
	for _, c := range []struct {
		fn   int
		out  *uintptr
		args []uintptr
	}{
		{fnCreateEnv, &n.env, []uintptr{logErrors, name}},
		{fnCreateCPUMemoryInfo, &n.memory, []uintptr{deviceAllocate, memoryDefault}},
		{fnGetAllocatorWithDefaultOptions, &n.allocator, nil},
	} {
		if *c.out, err = n.make(c.fn, c.args...); err != nil {
			return nil, fmt.Errorf("onnx: %w: %v", ErrNoNative, err)
		}
	}
	return n, nil
}

// pointer is an address of the library's memory. Going through memory tells vet
// that no address of ours was ever a number.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// text copies a string that ends with a zero.
func text(p uintptr) string {
	if p == 0 {
		return ""
	}
	b := (*[1 << 20]byte)(pointer(p))
	n := 0
	for n < len(b)-1 && b[n] != 0 {
		n++
	}
	return string(b[:n])
}

func cString(pins *runtime.Pinner, s string) uintptr {
	b := append([]byte(s), 0)
	pins.Pin(&b[0])
	return uintptr(unsafe.Pointer(&b[0]))
}

// address pins a slice's memory and returns where it is; 0 for an empty one.
func address[T any](pins *runtime.Pinner, s []T) uintptr {
	if len(s) == 0 {
		return 0
	}
	pins.Pin(&s[0])
	return uintptr(unsafe.Pointer(&s[0]))
}

// call calls a function that returns a status.
func (n *native) call(fn int, args ...uintptr) error {
	status, _, _ := purego.SyscallN(n.api[fn], args...)
	if status == 0 {
		return nil
	}
	message, _, _ := purego.SyscallN(n.api[fnGetErrorMessage], status)
	err := fmt.Errorf("%s", text(message))
	n.free(fnReleaseStatus, status)
	return err
}

// make calls a function whose last argument is where it puts what it made.
func (n *native) make(fn int, args ...uintptr) (uintptr, error) {
	out := new(uintptr)
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(out)
	err := n.call(fn, append(args, uintptr(unsafe.Pointer(out)))...)
	return *out, err
}

func (n *native) free(fn int, p uintptr) {
	if p != 0 {
		_, _, _ = purego.SyscallN(n.api[fn], p)
	}
}

// nativeModel is a session of ONNX Runtime. The session is released when the
// model is no longer reachable.
type nativeModel struct {
	lib     *native
	session uintptr
	in      []Port
	out     []string
}

func openNative(path string, o Options) (Runner, error) {
	n, err := library()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	m, err := n.open(path, o)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	return m, nil
}

func (n *native) open(path string, o Options) (*nativeModel, error) {
	var pins runtime.Pinner
	defer pins.Unpin()
	options, err := n.make(fnCreateSessionOptions)
	if err != nil {
		return nil, err
	}
	defer n.free(fnReleaseSessionOptions, options)
	threads := cmp.Or(max(o.Threads, 0), runtime.GOMAXPROCS(0))
	if err := n.call(fnSetIntraOpNumThreads, options, uintptr(threads)); err != nil {
		return nil, err
	}
	if err := n.call(fnSetSessionGraphOptimizationLevel, options, optimizeAll); err != nil {
		return nil, err
	}
	// Threads that spin while they wait take the processors from everybody else.
	if err := n.call(fnAddSessionConfigEntry, options, cString(&pins, "session.intra_op.allow_spinning"), cString(&pins, "0")); err != nil {
		return nil, err
	}
	m := &nativeModel{lib: n}
	if m.session, err = n.make(fnCreateSession, n.env, cString(&pins, path), options); err != nil {
		return nil, err
	}
	runtime.AddCleanup(m, func(s uintptr) { n.free(fnReleaseSession, s) }, m.session)
	return m, m.describe()
}

// describe reads the names, types and shapes of inputs and outputs.
func (m *nativeModel) describe() error {
	inputs, err := m.lib.make(fnSessionGetInputCount, m.session)
	if err != nil {
		return err
	}
	for i := range inputs {
		p := Port{}
		if p.Name, err = m.name(fnSessionGetInputName, i); err != nil {
			return err
		}
		if p.Type, p.Shape, err = m.port(i); err != nil {
			return fmt.Errorf("input %q: %w", p.Name, err)
		}
		m.in = append(m.in, p)
	}
	outputs, err := m.lib.make(fnSessionGetOutputCount, m.session)
	if err != nil {
		return err
	}
	for i := range outputs {
		name, err := m.name(fnSessionGetOutputName, i)
		if err != nil {
			return err
		}
		m.out = append(m.out, name)
	}
	return nil
}

func (m *nativeModel) name(fn int, i uintptr) (string, error) {
	p, err := m.lib.make(fn, m.session, i, m.lib.allocator)
	if err != nil {
		return "", err
	}
	s := text(p)
	return s, m.lib.call(fnAllocatorFree, m.lib.allocator, p)
}

func (m *nativeModel) port(i uintptr) (Type, []int, error) {
	info, err := m.lib.make(fnSessionGetInputTypeInfo, m.session, i)
	if err != nil {
		return 0, nil, err
	}
	defer m.lib.free(fnReleaseTypeInfo, info)
	tensor, err := m.lib.make(fnCastTypeInfoToTensorInfo, info)
	if err != nil {
		return 0, nil, err
	}
	if tensor == 0 {
		return 0, nil, fmt.Errorf("is no tensor")
	}
	return m.lib.shape(tensor)
}

// shape reads a tensor's type and dimensions; -1 is any size.
func (n *native) shape(info uintptr) (Type, []int, error) {
	kind, err := n.make(fnGetTensorElementType, info)
	if err != nil {
		return 0, nil, err
	}
	rank, err := n.make(fnGetDimensionsCount, info)
	if err != nil {
		return 0, nil, err
	}
	dims := make([]int64, rank)
	var pins runtime.Pinner
	defer pins.Unpin()
	if rank > 0 {
		if err := n.call(fnGetDimensions, info, address(&pins, dims), rank); err != nil {
			return 0, nil, err
		}
	}
	out := make([]int, rank)
	for i, d := range dims {
		out[i] = int(max(d, -1))
	}
	return Type(kind), out, nil
}

func (m *nativeModel) Inputs() []Port    { return m.in }
func (m *nativeModel) Outputs() []string { return m.out }

// Run computes the outputs. When the context ends, the library is told to stop.
func (m *nativeModel) Run(ctx context.Context, in map[string]*Tensor) (map[string]*Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := m.lib
	var pins runtime.Pinner
	defer pins.Unpin()
	names, values := make([]uintptr, len(m.in)), make([]uintptr, len(m.in))
	defer func() {
		for _, v := range values {
			n.free(fnReleaseValue, v)
		}
	}()
	for i, p := range m.in {
		t := in[p.Name]
		if t == nil {
			return nil, fmt.Errorf("onnx: input %q is missing", p.Name)
		}
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("onnx: input %q: %w", p.Name, err)
		}
		v, err := n.value(&pins, t, p.Type)
		if err != nil {
			return nil, fmt.Errorf("onnx: input %q: %w", p.Name, err)
		}
		names[i], values[i] = cString(&pins, p.Name), v
	}
	options, err := n.make(fnCreateRunOptions)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	defer n.free(fnReleaseRunOptions, options)
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-ctx.Done():
			_ = n.call(fnRunOptionsSetTerminate, options)
		case <-done:
		}
	}()
	outNames, outs := make([]uintptr, len(m.out)), make([]uintptr, len(m.out))
	for i, name := range m.out {
		outNames[i] = cString(&pins, name)
	}
	err = n.call(fnRun, m.session, options, address(&pins, names), address(&pins, values), uintptr(len(names)),
		address(&pins, outNames), uintptr(len(outNames)), address(&pins, outs))
	close(done)
	<-watched
	runtime.KeepAlive(m)
	defer func() {
		for _, v := range outs {
			n.free(fnReleaseValue, v)
		}
	}()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	out := make(map[string]*Tensor, len(m.out))
	for i, name := range m.out {
		if out[name], err = n.tensor(outs[i]); err != nil {
			return nil, fmt.Errorf("onnx: output %q: %w", name, err)
		}
	}
	return out, nil
}

// value hands a tensor over, in the type that the model wants. Floats and int64
// are not copied.
func (n *native) value(pins *runtime.Pinner, t *Tensor, want Type) (uintptr, error) {
	shape := make([]int64, len(t.Shape))
	for i, d := range t.Shape {
		shape[i] = int64(d)
	}
	if t.Len() == 0 {
		return 0, fmt.Errorf("is empty")
	}
	var data uintptr
	switch {
	case want == Float32 && t.F != nil:
		data = address(pins, t.F)
	case want == Int64 && t.I != nil:
		data = address(pins, t.I)
	case want == Int32 && t.I != nil:
		data = address(pins, narrow[int32](t.I))
	case (want == Uint8 || want == Bool) && t.I != nil:
		data = address(pins, narrow[uint8](t.I))
	default:
		return 0, fmt.Errorf("a tensor of %v where the model wants %v", t.Type, want)
	}
	return n.make(fnCreateTensorWithDataAsOrtValue, n.memory, data, uintptr(t.Len()*want.width()), address(pins, shape), uintptr(len(shape)), uintptr(want))
}

func narrow[T int32 | uint8](v []int64) []T {
	out := make([]T, len(v))
	for i, x := range v {
		out[i] = T(x)
	}
	return out
}

// tensor copies a value out of the library.
func (n *native) tensor(v uintptr) (*Tensor, error) {
	info, err := n.make(fnGetTensorTypeAndShape, v)
	if err != nil {
		return nil, err
	}
	defer n.free(fnReleaseTensorTypeAndShapeInfo, info)
	kind, shape, err := n.shape(info)
	if err != nil {
		return nil, err
	}
	size, err := count(shape)
	if err != nil {
		return nil, err
	}
	data, err := n.make(fnGetTensorMutableData, v)
	if err != nil {
		return nil, err
	}
	t := &Tensor{Type: kind, Shape: shape}
	switch kind {
	case Float32:
		t.F = append(make([]float32, 0, size), unsafe.Slice((*float32)(pointer(data)), size)...)
	case Int64:
		t.I = append(make([]int64, 0, size), unsafe.Slice((*int64)(pointer(data)), size)...)
	case Int32:
		t.I = widen(unsafe.Slice((*int32)(pointer(data)), size))
	case Bool, Uint8:
		t.I = widen(unsafe.Slice((*uint8)(pointer(data)), size))
	default:
		return nil, fmt.Errorf("is of %v, which is not read", kind)
	}
	return t, nil
}

func widen[T int32 | uint8](v []T) []int64 {
	out := make([]int64, len(v))
	for i, x := range v {
		out[i] = int64(x)
	}
	return out
}
