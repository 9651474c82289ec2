package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
)

// pickled is a value of a Python pickle: nil, bool, int, string, *list or *object.
type pickled struct{ v any }

type table struct {
	keys   []any
	values []any
}

// object is a class, an instance with what made it and the state that it was given, or a dictionary.
type object struct {
	class string
	args  *list
	state any
	table
}

// mark stands on the stack where a list of things begins.
type mark struct{}

// readPickle reads the value of a file of protocol 2, as far as numpy and scipy use it. It runs nothing: classes are names.
func readPickle(path string) (p pickled, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	u := unpickler{b: b}
	v, err := u.run()
	return pickled{v}, err
}

type unpickler struct {
	b     []byte
	stack []any
	memo  []any
}

func (u *unpickler) take(n int) ([]byte, error) {
	if n < 0 || n > len(u.b) {
		return nil, errCut
	}
	b := u.b[:n]
	u.b = u.b[n:]
	return b, nil
}

// number reads n bytes, little-endian.
func (u *unpickler) number(n int) (int, error) {
	b, err := u.take(n)
	if err != nil {
		return 0, err
	}
	x := 0
	for i, v := range b {
		x |= int(v) << (8 * i)
	}
	return x, nil
}

func (u *unpickler) line() (string, error) {
	i := bytes.IndexByte(u.b, '\n')
	if i < 0 {
		return "", errCut
	}
	b, err := u.take(i + 1)
	return string(b[:len(b)-1]), err
}

func (u *unpickler) push(v any) { u.stack = append(u.stack, v) }

// pop takes n values off the stack, in the order in which they were put there.
func (u *unpickler) pop(n int) ([]any, error) {
	if n > len(u.stack) {
		return nil, errors.New("the stack of a pickle is empty")
	}
	at := len(u.stack) - n
	out := slices.Clone(u.stack[at:])
	u.stack = u.stack[:at]
	return out, nil
}

// since takes what was put on the stack since the mark, and the mark.
func (u *unpickler) since() ([]any, error) {
	for i := len(u.stack) - 1; i >= 0; i-- {
		if _, ok := u.stack[i].(mark); ok {
			out := slices.Clone(u.stack[i+1:])
			u.stack = u.stack[:i]
			return out, nil
		}
	}
	return nil, errors.New("a pickle without its mark")
}

// list is a Python list or tuple: shared, so that what is appended is seen through the memo too.
type list struct{ of []any }

func (u *unpickler) run() (any, error) {
	for {
		op, err := u.take(1)
		if err != nil {
			return nil, err
		}
		if op[0] == '.' {
			out, err := u.pop(1)
			if err != nil {
				return nil, err
			}
			return out[0], nil
		}
		if err := u.step(op[0]); err != nil {
			return nil, err
		}
	}
}

// step follows one operation. Python's pickletools names and describes them.
func (u *unpickler) step(op byte) error {
	var n int
	var err error
	var got []any
	switch op {
	case 0x80: // PROTO
		_, err = u.take(1)
	case 'c': // GLOBAL
		var module, name string
		if module, err = u.line(); err == nil {
			name, err = u.line()
		}
		u.push(&object{class: module + "." + name})
	case 'q', 'r', 'h', 'j': // BINPUT, LONG_BINPUT, BINGET, LONG_BINGET
		width := 1
		if op == 'r' || op == 'j' {
			width = 4
		}
		if n, err = u.number(width); err == nil {
			err = u.remember(n, op == 'q' || op == 'r')
		}
	case 'K', 'M', 'J': // BININT1, BININT2, BININT
		n, err = u.number(map[byte]int{'K': 1, 'M': 2, 'J': 4}[op])
		if op == 'J' {
			n = int(int32(n))
		}
		u.push(n)
	case 'I': // INT
		var s string
		if s, err = u.line(); err == nil {
			n, err = strconv.Atoi(s)
		}
		u.push(n)
	case 'U', 'T', 'X': // SHORT_BINSTRING, BINSTRING, BINUNICODE
		width := 4
		if op == 'U' {
			width = 1
		}
		var b []byte
		if n, err = u.number(width); err == nil {
			b, err = u.take(n)
		}
		u.push(string(b))
	case 'N':
		u.push(nil)
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		u.push(op == 0x88)
	case ']', ')': // EMPTY_LIST, EMPTY_TUPLE
		u.push(&list{})
	case '}': // EMPTY_DICT
		u.push(&object{class: "dict"})
	case '(':
		u.push(mark{})
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		got, err = u.pop(int(op - 0x84))
		u.push(&list{got})
	case 't': // TUPLE
		got, err = u.since()
		u.push(&list{got})
	case 'a', 'e', 's', 'u', 'b', 'R', 0x81:
		err = u.build(op)
	default:
		err = fmt.Errorf("a pickle's operation %q is not one of numpy's and scipy's", op)
	}
	return err
}

func (u *unpickler) remember(n int, put bool) error {
	if n < 0 || n > len(u.memo) || !put && n == len(u.memo) {
		if put && n == len(u.memo)+1 { // Python 2 counts from 1
			u.memo = append(u.memo, nil)
		} else {
			return fmt.Errorf("a pickle's memo has no place %d", n)
		}
	}
	if !put {
		u.push(u.memo[n])
		return nil
	}
	if len(u.stack) == 0 {
		return errors.New("the stack of a pickle is empty")
	}
	top := u.stack[len(u.stack)-1]
	if n == len(u.memo) {
		u.memo = append(u.memo, top)
	} else {
		u.memo[n] = top
	}
	return nil
}

// build follows the operations that change what stands below them on the stack.
func (u *unpickler) build(op byte) error {
	var got []any
	var err error
	switch op {
	case 'e', 'u': // APPENDS, SETITEMS
		got, err = u.since()
	case 's': // SETITEM
		got, err = u.pop(2)
	default:
		got, err = u.pop(1)
	}
	if err != nil {
		return err
	}
	if len(u.stack) == 0 {
		return errors.New("the stack of a pickle is empty")
	}
	switch top := u.stack[len(u.stack)-1].(type) {
	case *list:
		if op == 'a' || op == 'e' { // APPEND, APPENDS
			top.of = append(top.of, got...)
			return nil
		}
	case *object:
		switch op {
		case 'R', 0x81: // REDUCE, NEWOBJ
			args, _ := got[0].(*list)
			u.stack[len(u.stack)-1] = &object{class: top.class, args: args}
			return nil
		case 'b': // BUILD
			top.state = got[0]
			return nil
		case 's', 'u':
			if len(got)%2 == 0 {
				for i := 0; i < len(got); i += 2 {
					top.keys, top.values = append(top.keys, got[i]), append(top.values, got[i+1])
				}
				return nil
			}
		}
	}
	return fmt.Errorf("a pickle's operation %q does not fit what it is for", op)
}

// get returns a value of a table by its name.
func (t *table) get(name string) any {
	for i, k := range t.keys {
		if k == name {
			return t.values[i]
		}
	}
	return nil
}

// array is a numpy array of numbers.
type array struct {
	shape []int
	value []float64
}

func (p pickled) array() (*array, error) {
	o, ok := p.v.(*object)
	if !ok {
		return nil, errors.New("it is no numpy array")
	}
	l, ok := o.state.(*list)
	if !ok || len(l.of) != 5 {
		return nil, errors.New("it is no numpy array")
	}
	shape, err := intsOf(l.of[1])
	dtype, ok1 := l.of[2].(*object)
	data, ok2 := l.of[4].(string)
	if err != nil || !ok1 || !ok2 || l.of[3] != false {
		return nil, errors.New("it is no numpy array by rows")
	}
	n := 1
	for _, s := range shape {
		if n *= s; s < 0 || n > maxID {
			return nil, fmt.Errorf("an array of shape %v", shape)
		}
	}
	kind := ""
	if dtype.args != nil && len(dtype.args.of) > 0 {
		kind, _ = dtype.args.of[0].(string)
	}
	width := map[string]int{"i4": 4, "i8": 8, "f4": 4, "f8": 8}[kind]
	if width == 0 || n*width != len(data) {
		return nil, fmt.Errorf("%d bytes of type %q are no array of shape %v", len(data), kind, shape)
	}
	out := &array{shape: shape}
	for b := []byte(data); len(b) > 0; b = b[width:] {
		var x float64
		switch kind {
		case "i4":
			x = float64(int32(binary.LittleEndian.Uint32(b)))
		case "i8":
			x = float64(int64(binary.LittleEndian.Uint64(b)))
		case "f4":
			x = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		case "f8":
			x = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
		out.value = append(out.value, x)
	}
	return out, nil
}

func intsOf(v any) ([]int, error) {
	l, ok := v.(*list)
	if !ok {
		return nil, errors.New("where a tuple of numbers belongs is none")
	}
	var out []int
	for _, x := range l.of {
		n, ok := x.(int)
		if !ok {
			return nil, errors.New("where a tuple of numbers belongs is none")
		}
		out = append(out, n)
	}
	return out, nil
}

// sparse reads a scipy csr_matrix.
func (p pickled) sparse() (*sparseRows, error) {
	o, ok := p.v.(*object)
	if !ok {
		return nil, errors.New("it is no scipy matrix")
	}
	state, ok := o.state.(*object)
	if !ok || state.get("format") != "csr" {
		return nil, errors.New("it is no scipy csr_matrix")
	}
	shape, err := intsOf(state.get("_shape"))
	if err != nil || len(shape) != 2 {
		return nil, errors.New("a scipy matrix without its shape")
	}
	m := &sparseRows{rows: shape[0], cols: shape[1]}
	for name, dst := range map[string]*[]int{"indptr": &m.first, "indices": &m.to} {
		a, err := pickled{state.get(name)}.array()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, v := range a.value {
			*dst = append(*dst, int(v))
		}
	}
	data, err := pickled{state.get("data")}.array()
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	m.value = data.value
	return m, m.check()
}

// lists reads a dictionary of lists of neighbours, all below n.
func (p pickled) lists(n int, edge func(a, b int)) error {
	o, ok := p.v.(*object)
	if !ok || len(o.keys) == 0 {
		return errors.New("it is no dictionary")
	}
	for i, k := range o.keys {
		a, ok := k.(int)
		to, err := intsOf(o.values[i])
		if !ok || a < 0 || a >= n || err != nil {
			return fmt.Errorf("the entry of %v is no list of neighbours of a node below %d", k, n)
		}
		for _, b := range to {
			if b < 0 || b >= n {
				return fmt.Errorf("node %d has the neighbour %d, there are %d nodes", a, b, n)
			}
			edge(a, b)
		}
	}
	return nil
}
