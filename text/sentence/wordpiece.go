package sentence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Tokenizer parts text into the word pieces of a vocabulary (Schuster and
// Nakajima, ICASSP 2012, with BERT's rules of splitting: Devlin et al., NAACL
// 2019). Safe for concurrent use.
type Tokenizer struct {
	ids               map[string]int64
	lower, bare       bool // fold case, drop accents
	unk, cls, sep     int64
	prefix            string // of a piece inside a word
	longest           int    // letters of a word that is not parted but unknown
	splitHan, cleaned bool
	sum               uint32 // of the file's bytes
}

// readTokenizer reads tokenizer.json, else vocab.txt, of a folder.
func readTokenizer(dir string) (*Tokenizer, error) {
	path := filepath.Join(dir, "tokenizer.json")
	b, err := os.ReadFile(path)
	if err == nil {
		t, err := parseTokenizer(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		t.sum = checksum(b)
		return t, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	path = filepath.Join(dir, "vocab.txt")
	b, err = os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: neither tokenizer.json nor vocab.txt can be read: %w", dir, err)
	}
	ids := map[string]int64{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := int64(0); lines.Scan(); n++ {
		ids[strings.TrimRight(lines.Text(), "\r\n")] = n
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: line %d: %w", path, len(ids)+1, err)
	}
	t := &Tokenizer{ids: ids, lower: true, bare: true, splitHan: true, cleaned: true, prefix: "##", longest: 100, sum: checksum(b)}
	if err := t.special("[UNK]"); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// parseTokenizer reads the tokenizer.json of the Hugging Face tokenizers library.
func parseTokenizer(b []byte) (*Tokenizer, error) {
	var f struct {
		Normalizer *struct {
			Type      string `json:"type"`
			Clean     bool   `json:"clean_text"`
			Chinese   bool   `json:"handle_chinese_chars"`
			Accents   *bool  `json:"strip_accents"`
			Lowercase bool   `json:"lowercase"`
		} `json:"normalizer"`
		Pre *struct {
			Type string `json:"type"`
		} `json:"pre_tokenizer"`
		Model struct {
			Type    string          `json:"type"`
			Unk     string          `json:"unk_token"`
			Prefix  string          `json:"continuing_subword_prefix"`
			Longest int             `json:"max_input_chars_per_word"`
			Vocab   json.RawMessage `json:"vocab"`
		} `json:"model"`
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	switch {
	case f.Model.Type != "WordPiece":
		return nil, fmt.Errorf("model.type is %q: only WordPiece is read", f.Model.Type)
	case f.Normalizer == nil || f.Normalizer.Type != "BertNormalizer":
		return nil, errors.New("normalizer.type: only BertNormalizer is read")
	case f.Pre == nil || f.Pre.Type != "BertPreTokenizer":
		return nil, errors.New("pre_tokenizer.type: only BertPreTokenizer is read")
	}
	t := &Tokenizer{lower: f.Normalizer.Lowercase, bare: f.Normalizer.Lowercase, splitHan: f.Normalizer.Chinese, cleaned: f.Normalizer.Clean,
		prefix: f.Model.Prefix, longest: f.Model.Longest}
	if a := f.Normalizer.Accents; a != nil {
		t.bare = *a
	}
	if t.longest == 0 {
		t.longest = 100
	}
	if err := json.Unmarshal(f.Model.Vocab, &t.ids); err != nil {
		return nil, fmt.Errorf("model.vocab: %w", err)
	}
	return t, t.special(f.Model.Unk)
}

func (t *Tokenizer) special(unk string) error {
	for _, s := range []struct {
		name string
		id   *int64
	}{{unk, &t.unk}, {"[CLS]", &t.cls}, {"[SEP]", &t.sep}} {
		v, ok := t.ids[s.name]
		if !ok {
			return fmt.Errorf("the vocabulary lacks %q", s.name)
		}
		*s.id = v
	}
	return nil
}

// Tokens returns the ids of a text between those of [CLS] and [SEP], cut to at
// most n in all (n at least 2).
func (t *Tokenizer) Tokens(text string, n int) []int64 {
	out := []int64{t.cls}
	for _, w := range t.words(text) {
		out = t.pieces(out, w)
		if len(out) >= n-1 {
			out = out[:n-1]
			break
		}
	}
	return append(out, t.sep)
}

// words cleans a text and parts it at spaces and around punctuation.
func (t *Tokenizer) words(s string) []string {
	s = strings.ToValidUTF8(s, "\ufffd")
	var b strings.Builder
	for _, r := range s {
		switch {
		case t.cleaned && (r == 0 || r == unicode.ReplacementChar || control(r)):
		case t.cleaned && unicode.IsSpace(r):
			b.WriteByte(' ')
		case t.splitHan && han(r):
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	s = b.String()
	if t.bare {
		s = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(s))
	}
	if t.lower {
		s = strings.ToLower(s)
	}
	var out []string
	for _, f := range strings.Fields(s) {
		from := 0
		for i, r := range f {
			if punctuation(r) {
				if i > from {
					out = append(out, f[from:i])
				}
				from = i + len(string(r))
				out = append(out, f[i:from])
			}
		}
		if from < len(f) {
			out = append(out, f[from:])
		}
	}
	return out
}

// pieces appends the longest pieces of the vocabulary that make a word, from the
// left, or [UNK] for a word that they cannot make.
func (t *Tokenizer) pieces(out []int64, w string) []int64 {
	letters := []rune(w)
	if len(letters) > t.longest {
		return append(out, t.unk)
	}
	start := len(out)
	for at := 0; at < len(letters); {
		end := len(letters)
		for ; end > at; end-- {
			piece := string(letters[at:end])
			if at > 0 {
				piece = t.prefix + piece
			}
			if id, ok := t.ids[piece]; ok {
				out = append(out, id)
				break
			}
		}
		if end == at {
			return append(out[:start], t.unk)
		}
		at = end
	}
	return out
}

func control(r rune) bool {
	return r != '\t' && r != '\n' && r != '\r' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r))
}

// punctuation is BERT's: all of ASCII that is neither letter nor digit, and Unicode's.
func punctuation(r rune) bool {
	if r < 128 {
		return r > 32 && r < 127 && !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	return unicode.IsPunct(r)
}

// han are the blocks of CJK ideographs, which stand alone.
func han(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF || r >= 0x2A700 && r <= 0x2B73F ||
		r >= 0x2B740 && r <= 0x2B81F || r >= 0x2B820 && r <= 0x2CEAF || r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F
}
