package frame

import (
	"bytes"
	"errors"
	"testing"
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
