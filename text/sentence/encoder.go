package sentence

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"bowerbird/internal/onnx"
	"bowerbird/internal/vec"
)

// Manifest is bowerbird.json in a model's folder. Everything is optional, and
// stands above what the other files say.
type Manifest struct {
	Name      string `json:"name"`       // default: the folder's name
	MaxTokens int    `json:"max_tokens"` // of a text, [CLS] and [SEP] included; the rest is cut off
	Pooling   string `json:"pooling"`    // "mean" over tokens, or "cls", the first
	Query     string `json:"query"`      // written before a query, as E5's "query: "
	Passage   string `json:"passage"`    // written before a document
	Output    string `json:"output"`     // of the model: one vector a token; default its first
}

// Options of Open. The zero value works.
type Options struct {
	Threads int // default: as many as there are processors
	Batch   int // texts that run together; default 16
	// MaxTokens cuts texts shorter than the folder's settings do: time grows with
	// it. 0 means as they say.
	MaxTokens int
	// Runtime is "go" or "onnxruntime"; "" is the second where it can be had.
	Runtime string
}

// Encoder gives texts vectors of length 1. Safe for concurrent use.
type Encoder struct {
	m       Manifest
	o       Options
	net     onnx.Runner
	tokens  *Tokenizer
	types   bool // the model wants token_type_ids
	dim     int
	version string
}

// Open reads a model from a folder. The error names the file and the field.
// Memory: the model's size.
func Open(dir string, o Options) (*Encoder, error) {
	if o.Batch == 0 {
		o.Batch = 16
	}
	if o.Batch < 0 {
		return nil, fmt.Errorf("sentence: Batch: want at least 1, got %d", o.Batch)
	}
	e := &Encoder{o: o, m: Manifest{Name: filepath.Base(filepath.Clean(dir)), MaxTokens: 256, Pooling: "mean"}}
	if err := e.settings(dir); err != nil {
		return nil, fmt.Errorf("sentence: %w", err)
	}
	if o.MaxTokens > 0 {
		if o.MaxTokens < 3 {
			return nil, fmt.Errorf("sentence: MaxTokens: want at least 3, got %d", o.MaxTokens)
		}
		e.m.MaxTokens = min(e.m.MaxTokens, o.MaxTokens)
	}
	var err error
	if e.tokens, err = readTokenizer(dir); err != nil {
		return nil, fmt.Errorf("sentence: %w", err)
	}
	path := filepath.Join(dir, "model.onnx")
	sum, err := checksumOf(path)
	if err != nil {
		return nil, fmt.Errorf("sentence: %w", err)
	}
	if e.net, err = onnx.Open(path, onnx.Options{Threads: o.Threads, Runtime: onnx.Runtime(o.Runtime)}); err != nil {
		return nil, fmt.Errorf("sentence: %w", err)
	}
	settings := fmt.Appendf(nil, "%q %q %q %08x", e.m.Query, e.m.Passage, e.m.Output, e.tokens.sum)
	e.version = fmt.Sprintf("%s-%08x-%08x-%s-%d", e.m.Name, sum, checksum(settings), e.m.Pooling, e.m.MaxTokens)
	return e, e.probe(path)
}

// checksumOf is checksum of a file, read piece by piece.
func checksumOf(path string) (uint32, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	_, err = io.Copy(h, f)
	return h.Sum32(), err
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// settings reads the small files, the more particular last.
func (e *Encoder) settings(dir string) error {
	var pooling struct {
		CLS  bool `json:"pooling_mode_cls_token"`
		Mean bool `json:"pooling_mode_mean_tokens"`
	}
	there, err := readJSON(filepath.Join(dir, "1_Pooling", "config.json"), &pooling)
	if err != nil {
		return err
	}
	if there {
		switch {
		case pooling.CLS && !pooling.Mean:
			e.m.Pooling = "cls"
		case !pooling.Mean:
			return fmt.Errorf("%s: only the mean and the first token are known", filepath.Join(dir, "1_Pooling", "config.json"))
		}
	}
	var bert struct {
		Max int `json:"max_seq_length"`
	}
	if _, err := readJSON(filepath.Join(dir, "sentence_bert_config.json"), &bert); err != nil {
		return err
	}
	e.m.MaxTokens = cmp.Or(bert.Max, e.m.MaxTokens)
	path := filepath.Join(dir, "bowerbird.json")
	if _, err := readJSON(path, &e.m); err != nil {
		return err
	}
	switch {
	case e.m.Pooling != "mean" && e.m.Pooling != "cls":
		return fmt.Errorf("%s: pooling: %q is neither mean nor cls", path, e.m.Pooling)
	case e.m.MaxTokens < 3 || e.m.MaxTokens > 8192:
		return fmt.Errorf("%s: max_tokens: want 3 to 8192, got %d", path, e.m.MaxTokens)
	}
	return nil
}

func readJSON(path string, into any) (bool, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return true, nil
}

// probe checks the model's inputs and encodes one word.
func (e *Encoder) probe(path string) error {
	for _, p := range e.net.Inputs() {
		switch p.Name {
		case "input_ids", "attention_mask":
		case "token_type_ids":
			e.types = true
		default:
			return fmt.Errorf("sentence: %s: the input %q is none of input_ids, attention_mask, token_type_ids", path, p.Name)
		}
	}
	if e.m.Output == "" {
		e.m.Output = e.net.Outputs()[0]
	}
	if !slices.Contains(e.net.Outputs(), e.m.Output) {
		return fmt.Errorf("sentence: %s: the model has no output %q, but %q", path, e.m.Output, e.net.Outputs())
	}
	v, err := e.Encode(context.Background(), []string{"word"})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	e.dim = len(v[0])
	return nil
}

// Name is the manifest's, else the folder's.
func (e *Encoder) Name() string { return e.m.Name }

// Version names the weights and everything else that changes a vector.
func (e *Encoder) Version() string { return e.version }

// Dim is the length of a vector.
func (e *Encoder) Dim() int { return e.dim }

// Encode returns the vectors of documents: one of Dim floats and length 1 for
// each text, nil for one without a word. Texts of like length run together. The
// error is the context's, looked at within a batch, or the model's.
func (e *Encoder) Encode(ctx context.Context, texts []string) ([][]float32, error) {
	return e.encode(ctx, e.m.Passage, texts)
}

// EncodeQueries is Encode for what people search with: the same, but for models
// that want other words before a query.
func (e *Encoder) EncodeQueries(ctx context.Context, texts []string) ([][]float32, error) {
	return e.encode(ctx, e.m.Query, texts)
}

func (e *Encoder) encode(ctx context.Context, prefix string, texts []string) ([][]float32, error) {
	type entry struct {
		at  int
		ids []int64
	}
	var todo []entry
	for i, s := range texts {
		if ids := e.tokens.Tokens(s, e.m.MaxTokens); len(ids) > 2 {
			if prefix != "" {
				ids = e.tokens.Tokens(prefix+s, e.m.MaxTokens)
			}
			todo = append(todo, entry{i, ids})
		}
	}
	slices.SortStableFunc(todo, func(a, b entry) int { return cmp.Compare(len(a.ids), len(b.ids)) })
	out := make([][]float32, len(texts))
	for batch := range slices.Chunk(todo, e.o.Batch) {
		ids := make([][]int64, len(batch))
		for i := range batch {
			ids[i] = batch[i].ids
		}
		vs, err := e.run(ctx, ids)
		if err != nil {
			return nil, fmt.Errorf("sentence: %w", err)
		}
		for i, v := range vs {
			out[batch[i].at] = v
		}
	}
	return out, nil
}

// run encodes a batch, padded to its longest text.
func (e *Encoder) run(ctx context.Context, ids [][]int64) ([][]float32, error) {
	n := 0
	for _, x := range ids {
		n = max(n, len(x))
	}
	words, mask := make([]int64, len(ids)*n), make([]int64, len(ids)*n)
	for i, x := range ids {
		copy(words[i*n:], x)
		for k := range x {
			mask[i*n+k] = 1
		}
	}
	in := map[string]*onnx.Tensor{"input_ids": onnx.Ints(words, len(ids), n), "attention_mask": onnx.Ints(mask, len(ids), n)}
	if e.types {
		in["token_type_ids"] = onnx.Ints(make([]int64, len(ids)*n), len(ids), n)
	}
	res, err := e.net.Run(ctx, in)
	if err != nil {
		return nil, err
	}
	t := res[e.m.Output]
	if len(t.Shape) != 3 || t.Shape[0] != len(ids) || t.Shape[1] != n || t.F == nil {
		return nil, fmt.Errorf("the output %q has the shape %v: want a vector for each token of %d × %d", e.m.Output, t.Shape, len(ids), n)
	}
	dim := t.Shape[2]
	out := make([][]float32, len(ids))
	for i, x := range ids {
		rows := len(x)
		if e.m.Pooling == "cls" {
			rows = 1
		}
		v := make([]float32, dim)
		for k := range rows {
			vec.Axpy(1, t.F[(i*n+k)*dim:(i*n+k+1)*dim], v)
		}
		if !vec.Normalize(v) {
			return nil, errors.New("the model returns a vector that is zero or not finite")
		}
		out[i] = v
	}
	return out, nil
}
