package model

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// samples are the files of one small model of each kind.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	m, dir := cells(20, 9, 60, 1), t.TempDir()
	out := map[string][]byte{}
	for name, tr := range map[string]Trainer{"popular": Popularity{}, "dense": EASE{}, "sparse": ItemKNN{Top: 3}, "factors": IALS{Dim: 3, Epochs: 1},
		"lowrank":     Spectral{Dim: 3, Linear: 1, Top: 3},
		"transitions": Markov{},
		"sequence":    SASRec{Dim: 2, Heads: 1, Layers: 1, Length: 3, Epochs: 1, Attributes: [][]uint32{{0}, {1}, nil, {0, 1}, nil, nil, nil, nil, {1}}},
		"blend":       Mix{Parts: []Part{{Trainer: EASE{}, Share: 1}, {Trainer: Popularity{}, Share: 1}}}} {
		got, err := tr.Fit(context.Background(), m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := Save(path, got, got.Card()); err != nil {
			t.Fatal(err)
		}
		if out[name], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".model-*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
	return out
}

// Every cut and every flipped byte of every file is an error that names the file.
func TestDamagedFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "damaged.model")
	check := func(what string, i int, b []byte) {
		if _, err := parse(b); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%s at %d: %v", what, i, err)
		}
	}
	for name, b := range samples(t) {
		for i := range b {
			check(name+" cut", i, b[:i])
			c := append([]byte(nil), b...)
			c[i] ^= 0x10
			check(name+" flipped", i, c)
		}
		check(name+" with more", len(b), append(append([]byte(nil), b...), 0))
		if err := os.WriteFile(path, b[:len(b)/2], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v does not name the file", name, err)
		}
	}
	if _, err := Load(path + ".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := LoadLogistic(path); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) {
		t.Errorf("logistic: %v", err)
	}
}

func TestSaveToNowhere(t *testing.T) {
	p := &Popular{base: base{items: 1}, score: []float32{1}}
	path := filepath.Join(t.TempDir(), "no", "such", "folder")
	if err := Save(path, p, p.Card()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if err := Save(path, nil, Card{}); err == nil {
		t.Error("no model was saved")
	}
}

// FuzzParse repairs the checksum, so that the fuzzer gets behind it: what parses must serve without a panic.
func FuzzParse(f *testing.F) {
	for _, b := range samples(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4 {
			b = append([]byte(nil), b...)
			binary.LittleEndian.PutUint32(b[len(b)-4:], crc32.Checksum(b[:len(b)-4], castagnoli))
		}
		if l, err := parseLogistic(b); err == nil && l.Features() < 1000 {
			l.Predict(make([]float32, l.Features()))
		}
		m, err := parse(b)
		if err != nil {
			return
		}
		h := []Weighted{{0, 1}, {3, 2}, {1 << 30, 1}}
		m.Recommend(nil, h, 5, nil)
		m.Similar(nil, 1, 5)
		m.ScoreItems(h, []uint32{0, 5, 1 << 31}, make([]float32, 3))
	})
}

// What a card says of a trainer makes that trainer again, a mix with its parts too.
func TestTrainersComeBackByName(t *testing.T) {
	least := Weigh{Least: 3, Decay: .5}
	for _, tr := range []Trainer{Popularity{}, ItemKNN{Top: 7, Weighting: BM25}, RP3Beta{Beta: .4}, EASE{Lambda: 20, Users: .2},
		IALS{Dim: 12}, Spectral{Dim: 9, Sharpen: 2}, Mix{Parts: []Part{{Trainer: EASE{Lambda: 3}, Share: .5, Weigh: &least}, {Trainer: RP3Beta{}, Share: 1}}}} {
		js, err := json.Marshal(tr)
		if err != nil {
			t.Fatal(err)
		}
		back, err := TrainerOf(tr.Name(), js)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := json.Marshal(back); !bytes.Equal(js, again) || back.Name() != tr.Name() {
			t.Errorf("%s came back as %s", js, again)
		}
	}
	if _, err := TrainerOf("oracle", []byte("{}")); err == nil {
		t.Error("an unknown name was taken")
	}
	if _, err := TrainerOf("ease", []byte(`{"lambda":"much"}`)); err == nil {
		t.Error("bad settings were taken")
	}
}
