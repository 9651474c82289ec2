package frame

import (
	"bytes"
	"errors"
	"testing"
	"testing/iotest"
)

func sample() []byte {
	var b bytes.Buffer
	w := NewWriter(&b, "sample", 2)
	w.Uvarint(300)
	w.Varint(-5)
	w.Bool(true)
	w.F32(1.5)
	w.F64(-2.25)
	w.String("héllo")
	w.F32s([]float32{1, 2, 3})
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func read(data []byte) (s string, v []float32, err error) {
	r, err := NewReader(bytes.NewReader(data), "sample", 2)
	if err != nil {
		return "", nil, err
	}
	a, b, c, d, e := r.Uvarint(), r.Varint(), r.Bool(), r.F32(), r.F64()
	s, v = r.String(), r.F32s()
	if err := r.Close(); err != nil {
		return "", nil, err
	}
	if a != 300 || b != -5 || !c || d != 1.5 || e != -2.25 {
		return "", nil, errors.New("wrong fields")
	}
	return s, v, nil
}

func TestRoundTrip(t *testing.T) {
	s, v, err := read(sample())
	if err != nil || s != "héllo" || len(v) != 3 || v[2] != 3 {
		t.Fatal(s, v, err)
	}
}

// TestEveryFlipAndCutIsSeen alters each bit and cuts at each byte.
func TestEveryFlipAndCutIsSeen(t *testing.T) {
	good := sample()
	for i := range good {
		if _, _, err := read(good[:i]); err == nil {
			t.Fatalf("cut at %d was not seen", i)
		}
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if _, _, err := read(bad); err == nil {
				t.Fatalf("flip of bit %d of byte %d was not seen", bit, i)
			}
		}
	}
	if _, _, err := read(append(bytes.Clone(good), 0)); err == nil {
		t.Fatal("a byte too many was not seen")
	}
}

func FuzzReader(f *testing.F) {
	f.Add(sample())
	f.Add([]byte("sample  \x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, data []byte) { _, _, _ = read(data) })
}

// TestAbsurdLengthsCostNothing announces 2^40 bytes and floats that do not follow.
func TestAbsurdLengthsCostNothing(t *testing.T) {
	for name, read := range map[string]func(*Reader){
		"bytes":  func(r *Reader) { r.Bytes() },
		"floats": func(r *Reader) { r.F32s() },
	} {
		var b bytes.Buffer
		w := NewWriter(&b, "absurd", 1)
		w.Uvarint(1 << 40)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		before := testing.AllocsPerRun(1, func() {})
		var r *Reader
		allocs := testing.AllocsPerRun(5, func() {
			var err error
			if r, err = NewReader(bytes.NewReader(b.Bytes()), "absurd", 1); err != nil {
				t.Fatal(err)
			}
			read(r)
		})
		if !errors.Is(r.Close(), ErrCorrupt) {
			t.Errorf("%s: %v", name, r.Close())
		}
		if allocs-before > 20 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

// TestOtherFiles opens a file of another kind, of a newer version, and one that
// the disk does not give.
func TestOtherFiles(t *testing.T) {
	if _, err := NewReader(bytes.NewReader(sample()), "other", 2); !errors.Is(err, ErrCorrupt) {
		t.Error("another kind:", err)
	}
	if _, err := NewReader(bytes.NewReader(sample()), "sample", 1); err == nil || errors.Is(err, ErrCorrupt) {
		t.Error("a newer version is not corrupt, it wants a newer program:", err)
	}
	broken := errors.New("disk fault")
	if _, err := NewReader(iotest.ErrReader(broken), "sample", 2); !errors.Is(err, broken) {
		t.Error("a fault of the disk is passed on:", err)
	}
	w := NewWriter(failing{broken}, "sample", 1)
	w.Bytes(make([]byte, 1<<17))
	if err := w.Close(); !errors.Is(err, broken) {
		t.Error("a write that fails:", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
