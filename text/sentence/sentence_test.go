package sentence

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bowerbird/internal/onnx"
)

// folder makes a model's folder: a vocabulary of a few pieces around a tiny
// transformer with random weights (testdata/export.py).
func folder(t testing.TB) string {
	t.Helper()
	net, err := os.ReadFile("testdata/tiny.onnx")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "model.onnx", string(net))
	write(t, dir, "vocab.txt", vocab)
	return dir
}

func write(t testing.TB, dir, name, s string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}

const vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nsofa\n##s\nlin\n##en\n,\ncafe\n你\n好\ngreen\n$\n"

func tokenizer(t testing.TB) *Tokenizer {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "vocab.txt", vocab)
	tok, err := readTokenizer(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestTokens(t *testing.T) {
	tok := tokenizer(t)
	for _, c := range []struct {
		text string
		want []int64
	}{
		{"Linen sofas, green", []int64{2, 6, 7, 4, 5, 8, 12, 3}},
		{"Café", []int64{2, 9, 3}},
		{"cafe\u0301", []int64{2, 9, 3}},
		{"你好", []int64{2, 10, 11, 3}},
		{"sofax green", []int64{2, 1, 12, 3}}, // no pieces make it: one unknown
		{"$$", []int64{2, 13, 13, 3}},
		{" \u200b\x00 ", []int64{2, 3}},
		{"\xff sofa", []int64{2, 4, 3}},
		{strings.Repeat("a", 200), []int64{2, 1, 3}},
	} {
		if got := tok.Tokens(c.text, 100); !slices.Equal(got, c.want) {
			t.Errorf("%.20q: got %v, want %v", c.text, got, c.want)
		}
	}
	if got := tok.Tokens("sofa sofa sofa sofa", 4); !slices.Equal(got, []int64{2, 4, 4, 3}) {
		t.Errorf("cut: got %v", got)
	}
}

// TestRuntimes holds ONNX Runtime's vectors to those of pure Go.
func TestRuntimes(t *testing.T) {
	if v, err := onnx.NativeVersion(); err != nil {
		t.Skip(err)
	} else {
		t.Log("ONNX Runtime", v)
	}
	texts := []string{"sofa", "green linen sofas, green", "", "你好 cafe"}
	dir := folder(t)
	var both [2][][]float32
	var versions [2]string
	for i, rt := range []string{"go", "onnxruntime"} {
		e, err := Open(dir, Options{Runtime: rt, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		if both[i], err = e.Encode(t.Context(), texts); err != nil {
			t.Fatal(err)
		}
		versions[i] = e.Version()
	}
	if versions[0] != versions[1] {
		t.Errorf("versions %q: vectors that are kept would be made again", versions)
	}
	for i := range texts {
		for k, x := range both[0][i] {
			if d := math.Abs(float64(x - both[1][i][k])); d > 1e-5 {
				t.Fatalf("%q: %v and %v", texts[i], both[0][i], both[1][i])
			}
		}
	}
}

// TestEncode holds a batch of texts of several lengths to each text alone: padding must not be heard.
func TestEncode(t *testing.T) {
	e, err := Open(folder(t), Options{Batch: 3})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"sofa", "green linen sofas, green", "", "cafe", "linen, linen, linen", "你好"}
	all, err := e.Encode(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range texts {
		alone, err := e.Encode(context.Background(), []string{s})
		if err != nil {
			t.Fatal(err)
		}
		if (all[i] == nil) != (s == "") || len(all[i]) != len(alone[0]) {
			t.Fatalf("%q: %d floats, alone %d", s, len(all[i]), len(alone[0]))
		}
		var norm float64
		for k := range all[i] {
			norm += float64(all[i][k]) * float64(all[i][k])
			if math.Abs(float64(all[i][k]-alone[0][k])) > 1e-4 {
				t.Fatalf("%q: in a batch %v, alone %v", s, all[i], alone[0])
			}
		}
		if s != "" && (math.Abs(norm-1) > 1e-5 || len(all[i]) != e.Dim()) {
			t.Errorf("%q: length %v of %d floats", s, math.Sqrt(norm), len(all[i]))
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Encode(ctx, texts); err == nil {
		t.Error("it went on after the context had ended")
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"bowerbird.json", `{"pooling": "max"}`, `pooling: "max" is neither`},
		{"bowerbird.json", `{"max_tokens": 1}`, "max_tokens: want 3 to 8192"},
		{"bowerbird.json", `{"output": "nothing"}`, `no output "nothing"`},
		{"bowerbird.json", `{`, "bowerbird.json"},
		{"vocab.txt", "sofa\n", `the vocabulary lacks "[UNK]"`},
		{"vocab.txt", vocab + strings.Repeat("x", 1<<17) + "\nrug\n", "vocab.txt: line 15: "},
		{"tokenizer.json", `{"model": {"type": "BPE"}}`, `model.type is "BPE"`},
		{"model.onnx", "nonsense", "model.onnx: the file is cut short"},
		{"1_Pooling/config.json", `{"pooling_mode_max_tokens": true}`, "only the mean and the first token"},
	} {
		dir := folder(t)
		if err := os.MkdirAll(filepath.Join(dir, "1_Pooling"), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, dir, c.file, c.text)
		if _, err := Open(dir, Options{Runtime: "go"}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.file, err, c.want)
		}
	}
	if _, err := Open(folder(t), Options{Batch: -1}); err == nil || !strings.Contains(err.Error(), "Batch") {
		t.Errorf("a batch of -1: %v", err)
	}
	if _, err := Open(t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "neither tokenizer.json nor vocab.txt") {
		t.Errorf("an empty folder: %v", err)
	}
}

// TestVersion holds that whatever changes a vector changes the version: kept vectors live by it.
func TestVersion(t *testing.T) {
	version := func(file, text string) string {
		t.Helper()
		dir := folder(t)
		write(t, dir, file, text)
		e, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(e.Version(), e.Name())
	}
	seen := map[string]string{}
	for _, c := range [][2]string{
		{"bowerbird.json", `{}`},
		{"bowerbird.json", `{"passage": "linen "}`},
		{"bowerbird.json", `{"query": "linen "}`},
		{"bowerbird.json", `{"pooling": "cls"}`},
		{"bowerbird.json", `{"max_tokens": 9}`},
		{"vocab.txt", strings.Replace(vocab, "sofa", "rugs", 1)},
	} {
		v := version(c[0], c[1])
		if old, there := seen[v]; there {
			t.Errorf("%s and %s have the version %s", c[1], old, v)
		}
		seen[v] = c[1]
	}
	if version("bowerbird.json", `{}`) != version("bowerbird.json", `{ }`) {
		t.Error("two openings of one model have two versions")
	}
}

func FuzzTokens(f *testing.F) {
	tok := tokenizer(f)
	f.Add("Linen sofas, 你好 café\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if got := tok.Tokens(s, 16); len(got) < 2 || len(got) > 16 || got[0] != tok.cls || got[len(got)-1] != tok.sep {
			t.Errorf("%q: %v", s, got)
		}
	})
}
