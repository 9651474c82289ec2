// Command fit estimates the weights of package detect from gettext catalogues (.mo files).
//
//	go run ./text/detect/fit -out text/detect/weights.bin DIR
//
// DIR is searched for …/LANG/LC_MESSAGES/*.mo; of each language the translations are read, and of English the originals.
// It prints the accuracy on a tenth of the messages, chosen by hash, which the temperature is fitted on.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bowerbird/text/detect"
)

// folders of catalogues that stand for a language. The first list is of the analyser's languages; the others are known
// so that their texts are not taken for one of those.
var folders = strings.Fields("ar da de en es fi fr ga hu it nl nb pt pt_BR ro ru sv tr " +
	"bg ca cs et eu fa hr id is lt lv pl sk sl sr uk vi")

func main() {
	log.SetFlags(0)
	out := flag.String("out", "weights.bin", "where the weights go")
	size := flag.Int("grams", 16000, "n-grams that are kept")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: fit [-out FILE] [-grams N] DIR")
	}
	texts, err := gather(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	m := estimate(texts, *size)
	m.calibrate(texts)
	if err := os.WriteFile(*out, m.encode(), 0o644); err != nil {
		log.Fatal(err)
	}
}

func code(folder string) string {
	switch folder {
	case "nb":
		return "no"
	case "pt_BR":
		return "pt"
	}
	return folder
}

// gather reads the distinct messages of each language.
func gather(dir string) (map[string][]string, error) {
	seen := map[string]map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".mo" {
			return err
		}
		folder := filepath.Base(filepath.Dir(filepath.Dir(path)))
		if !slices.Contains(folders, folder) {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		msgs, err := catalogue(b)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, m := range msgs {
			for lang, s := range map[string]string{"en": m[0], code(folder): m[1]} {
				if lang == code(folder) && m[0] == m[1] && lang != "en" {
					continue // not translated
				}
				if seen[lang] == nil {
					seen[lang] = map[string]bool{}
				}
				seen[lang][clean(s)] = true
			}
		}
		return nil
	})
	out := map[string][]string{}
	for lang, set := range seen {
		for s := range set {
			out[lang] = append(out[lang], s)
		}
		slices.Sort(out[lang])
	}
	return out, err
}

// clean takes placeholders and mark-up out of a message.
func clean(s string) string {
	var b strings.Builder
	skip := rune(0)
	for i, r := range s {
		switch {
		case skip == 0 && r == '<':
			skip = '>'
		case skip == 0 && r == '{':
			skip = '}'
		case skip == 0 && r == '%' && strings.HasPrefix(s[i+1:], "("):
			skip = 's'
		case r == skip && (r != 's' || strings.LastIndexByte(s[:i], ')') == i-1):
			skip = 0
			b.WriteByte(' ')
		case skip == 0 && r != '&':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// catalogue reads a .mo file (GNU gettext manual, "The Format of GNU MO Files"): pairs of original and translation.
func catalogue(b []byte) ([][2]string, error) {
	if len(b) < 28 || binary.LittleEndian.Uint32(b) != 0x950412de {
		return nil, fmt.Errorf("not a little-endian .mo file")
	}
	n, from, to := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:]), binary.LittleEndian.Uint32(b[16:])
	text := func(table, i uint32) (string, error) {
		at := uint64(table) + 8*uint64(i)
		if at+8 > uint64(len(b)) {
			return "", fmt.Errorf("entry %d lies outside", i)
		}
		size, off := uint64(binary.LittleEndian.Uint32(b[at:])), uint64(binary.LittleEndian.Uint32(b[at+4:]))
		if off+size > uint64(len(b)) {
			return "", fmt.Errorf("entry %d lies outside", i)
		}
		return string(b[off : off+size]), nil
	}
	var out [][2]string
	for i := range n {
		original, err := text(from, i)
		if err != nil {
			return nil, err
		}
		translation, err := text(to, i)
		if err != nil {
			return nil, err
		}
		if original == "" {
			continue // the header
		}
		if _, after, ok := strings.Cut(original, "\x04"); ok {
			original = after
		}
		originals, forms := strings.Split(original, "\x00"), strings.Split(translation, "\x00")
		for _, f := range forms {
			out = append(out, [2]string{originals[0], f})
		}
	}
	return out, nil
}

func heldOut(s string) bool {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()%10 == 0
}

type model struct {
	langs []string
	grams []string
	rows  map[string][]int8
	heat  float64
}

const unit = 1.0 / 16

// estimate counts n-grams, keeps those with the most information about the language and gives each language its weight:
// ln P(gram | language) − ln P(gram), with a tenth of an occurrence added everywhere.
func estimate(texts map[string][]string, size int) *model {
	m := &model{rows: map[string][]int8{}, heat: 1}
	for lang := range texts {
		m.langs = append(m.langs, lang)
	}
	slices.Sort(m.langs)
	counts := map[string][]float64{}
	totals := make([]float64, len(m.langs))
	for i, lang := range m.langs {
		for _, s := range texts[lang] {
			if heldOut(s) {
				continue
			}
			detect.EachGram(s, func(g string) {
				if counts[g] == nil {
					counts[g] = make([]float64, len(m.langs))
				}
				counts[g][i]++
				totals[i]++
			})
		}
		log.Printf("%s: %d messages, %.0f n-grams", lang, len(texts[lang]), totals[i])
	}
	type scored struct {
		gram string
		info float64
		row  []int8
	}
	var all []scored
	for g, row := range counts {
		if s := sum(row); s >= 4 {
			w, info := weigh(row, totals)
			all = append(all, scored{g, info, w})
		}
	}
	slices.SortFunc(all, func(a, b scored) int { return cmp.Or(cmp.Compare(b.info, a.info), strings.Compare(a.gram, b.gram)) })
	all = all[:min(size, len(all))]
	slices.SortFunc(all, func(a, b scored) int { return strings.Compare(a.gram, b.gram) })
	for _, s := range all {
		m.grams = append(m.grams, s.gram)
		m.rows[s.gram] = s.row
	}
	return m
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

// weigh returns a gram's weights, and its share of the mutual information between grams and languages, all of which are
// taken for equally frequent.
func weigh(row, totals []float64) ([]int8, float64) {
	p := make([]float64, len(row))
	for i := range row {
		p[i] = (row[i] + .1) / (totals[i] + 10_000)
	}
	mean := sum(p) / float64(len(p))
	info := 0.0
	out := make([]int8, len(row))
	for i := range p {
		w := math.Log(p[i] / mean)
		info += p[i] / float64(len(p)) * w
		out[i] = int8(max(-127, min(127, math.Round(w/unit))))
	}
	return out, info
}

// calibrate finds the temperature under which the held-out messages are likeliest, by golden steps.
func (m *model) calibrate(texts map[string][]string) {
	best := math.Inf(-1)
	for heat := .05; heat < 1.5; heat *= 1.1 {
		like, right, n := 0.0, 0, 0
		for i, lang := range m.langs {
			for _, s := range texts[lang] {
				if !heldOut(s) {
					continue
				}
				sums := m.sums(s)
				top := slices.Max(sums)
				if top == 0 {
					continue
				}
				total := 0.0
				for _, v := range sums {
					total += math.Exp((v - top) * heat)
				}
				like += (sums[i]-top)*heat - math.Log(total)
				n++
				if sums[i] == top {
					right++
				}
			}
		}
		if like > best {
			best, m.heat = like, heat
			log.Printf("heat %.3f: %.4f nats a message, %d of %d right", heat, -like/float64(n), right, n)
		}
	}
}

func (m *model) sums(s string) []float64 {
	out := make([]float64, len(m.langs))
	detect.EachGram(s, func(g string) {
		for i, w := range m.rows[g] {
			out[i] += float64(w) * unit
		}
	})
	return out
}

func (m *model) encode() []byte {
	var raw []byte
	raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(unit))
	raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(m.heat))
	raw = binary.AppendUvarint(raw, uint64(len(m.langs)))
	for _, l := range m.langs {
		raw = append(binary.AppendUvarint(raw, uint64(len(l))), l...)
	}
	raw = binary.AppendUvarint(raw, uint64(len(m.grams)))
	for _, g := range m.grams {
		raw = append(binary.AppendUvarint(raw, uint64(len(g))), g...)
		for _, w := range m.rows[g] {
			raw = append(raw, byte(w))
		}
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(raw)
	_ = z.Close()
	return b.Bytes()
}
