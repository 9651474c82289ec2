package vecfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bowerbird/internal/vec"

	"github.com/parquet-go/parquet-go"
)

// fvecs writes rows; a row's length may be told wrong.
func fvecs(rows [][]float32, heads ...uint32) []byte {
	var b []byte
	for i, r := range rows {
		n := uint32(len(r))
		if i < len(heads) {
			n = heads[i]
		}
		b = binary.LittleEndian.AppendUint32(b, n)
		for _, v := range r {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b
}

func npyFile(descr, order, shape string, data []byte) []byte {
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
	head += strings.Repeat(" ", (64-(11+len(head))%64)%64) + "\n"
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	return append(append(b, head...), data...)
}

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var want = [][]float32{{1, 2, 3}, {-4, 5, 6}}

func TestFormats(t *testing.T) {
	var f4, f2, f8 []byte
	for _, r := range want {
		for _, v := range r {
			f4 = binary.LittleEndian.AppendUint32(f4, math.Float32bits(v))
			f2 = binary.LittleEndian.AppendUint16(f2, vec.ToF16(v))
			f8 = binary.LittleEndian.AppendUint64(f8, math.Float64bits(float64(v)))
		}
	}
	type row struct {
		Name string    `parquet:"name"`
		V    []float32 `parquet:"v"`
		W    []float64 `parquet:"w,list"`
	}
	var pq bytes.Buffer
	if err := parquet.Write(&pq, []row{{"a", want[0], []float64{1, 2, 3}}, {"b", want[1], []float64{-4, 5, 6}}}); err != nil {
		t.Fatal(err)
	}
	ints := []byte{3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0xfc, 0xff, 0xff, 0xff, 5, 0, 0, 0, 6, 0, 0, 0}
	for name, c := range map[string]struct {
		file, column string
		data         []byte
	}{
		"fvecs":        {"a.fvecs", "", fvecs(want)},
		"ivecs":        {"a.ivecs", "", ints},
		"npy f4":       {"a.npy", "", npyFile("<f4", "False", "(2, 3)", f4)},
		"npy f2":       {"a.npy", "", npyFile("<f2", "False", "(2, 3)", f2)},
		"npy f8":       {"a.npy", "", npyFile("<f8", "False", "(2, 3)", f8)},
		"npy i1":       {"a.npy", "", npyFile("|i1", "False", "(2, 3)", []byte{1, 2, 3, 0xfc, 5, 6})},
		"parquet":      {"a.parquet", "v", pq.Bytes()},
		"parquet list": {"a.parquet", "w", pq.Bytes()},
	} {
		r, err := Open(write(t, c.file, c.data), c.column)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows, dim, err := ReadAll(r, 0)
		if err != nil || dim != 3 || !slices.Equal(rows, slices.Concat(want...)) {
			t.Errorf("%s: %v of %d, %v", name, rows, dim, err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := Open(write(t, "b.bvecs", []byte{2, 0, 0, 0, 7, 255}), "")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := r.Next(); err != nil || !slices.Equal(v, []float32{7, 255}) {
		t.Errorf("bvecs: %v, %v", v, err)
	}
	ids, err := ReadIDs(bytes.NewReader(ints[:16]), 2)
	if err != nil || !slices.Equal(ids, []uint32{1, 2}) {
		t.Errorf("ReadIDs: %v, %v", ids, err)
	}
	if _, err := ReadIDs(bytes.NewReader(ints), 4); !errors.Is(err, ErrFormat) {
		t.Errorf("ReadIDs of more than there are: %v", err)
	}
	if _, err := Open(write(t, "a.parquet", pq.Bytes()), ""); err == nil {
		t.Error("a Parquet file of two such columns, none named: no error")
	}
}

func TestBadFiles(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	whole := fvecs(want)
	type row struct {
		V []float32 `parquet:"v"`
	}
	var uneven bytes.Buffer
	if err := parquet.Write(&uneven, []row{{want[0]}, {[]float32{1}}}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file string
		data []byte
		row  string // that the error names
	}{
		"cut in a row":    {"a.fvecs", whole[:len(whole)-1], "row 1"},
		"cut in a head":   {"a.fvecs", whole[:18], "row 1"},
		"other length":    {"a.fvecs", fvecs([][]float32{{1, 2}, {1, 2, 3}}), "row 1"},
		"length 0":        {"a.fvecs", fvecs(want, 0), "row 0"},
		"length too long": {"a.fvecs", fvecs(want, 1<<30), "row 0"},
		"NaN":             {"a.fvecs", fvecs([][]float32{{1, 2}, {1, nan}}), "row 1"},
		"infinite":        {"a.fvecs", fvecs([][]float32{{inf}}), "row 0"},
		"npy cut":         {"a.npy", npyFile("<f4", "False", "(2, 3)", make([]byte, 13)), "row 1"},
		"npy 3 axes":      {"a.npy", npyFile("<f4", "False", "(2, 3, 1)", nil), "two dimensions"},
		"npy big-endian":  {"a.npy", npyFile(">f4", "False", "(2, 3)", nil), ">f4"},
		"npy columns":     {"a.npy", npyFile("<f4", "True", "(2, 3)", nil), "column-major"},
		"npy dim 0":       {"a.npy", npyFile("<f4", "False", "(2, 0)", nil), "0 dimensions"},
		"npy head cut":    {"a.npy", npyFile("<f4", "False", "(2, 3)", nil)[:30], "cut"},
		"npy version 9":   {"a.npy", []byte("\x93NUMPY\x09\x00\x00\x00\x00\x00"), "version 9"},
		"not npy":         {"a.npy", []byte("hello"), "begin"},
		"not parquet":     {"a.parquet", []byte("hello"), "parquet"},
		"parquet uneven":  {"a.parquet", uneven.Bytes(), "row 1"},
		"parquet cut":     {"a.parquet", uneven.Bytes()[:uneven.Len()-20], "parquet"},
	} {
		r, err := Open(write(t, c.file, c.data), "")
		if err == nil {
			_, _, err = ReadAll(r, 0)
			if e := r.Close(); e != nil {
				t.Errorf("%s: close: %v", name, e)
			}
		}
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.row) {
			t.Errorf("%s: %v; want an error of the format that says %q", name, err, c.row)
		}
	}
	if _, err := Open(write(t, "a.txt", nil), ""); err == nil {
		t.Error("another ending: no error")
	}
	if _, err := Open("no such file.npy", ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// FuzzReaders feeds anything to every reader: rows of one length and finite, or an
// error of the format, and never a panic.
func FuzzReaders(f *testing.F) {
	f.Add(uint8(0), fvecs(want))
	f.Add(uint8(1), []byte{2, 0, 0, 0, 7, 255})
	f.Add(uint8(3), npyFile("<f4", "False", "(2, 3)", make([]byte, 24)))
	type row struct {
		V []float32 `parquet:"v"`
	}
	var pq bytes.Buffer
	if err := parquet.Write(&pq, []row{{want[0]}, {want[1]}}); err != nil {
		f.Fatal(err)
	}
	f.Add(uint8(4), pq.Bytes())
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		ending := []string{"fvecs", "bvecs", "ivecs", "npy", "parquet"}[kind%5]
		r, err := Open(write(t, "a."+ending, data), "")
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		defer r.Close()
		dim := 0
		for range 10_000 {
			v, err := r.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				if !errors.Is(err, ErrFormat) {
					t.Fatal(err)
				}
				return
			}
			if dim == 0 {
				dim = len(v)
			}
			if len(v) != dim || len(v) == 0 || !vec.Finite(v) {
				t.Fatalf("a row %v among rows of %d", v, dim)
			}
		}
	})
}

func ExampleNewVecs() {
	r, _ := NewVecs(strings.NewReader("\x02\x00\x00\x00\x07\x08"), "bvecs")
	row, _ := r.Next()
	fmt.Println(row)
	_, err := r.Next()
	fmt.Println(err)
	// Output:
	// [7 8]
	// EOF
}
