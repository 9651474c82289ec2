package retrieve

import (
	"hash/fnv"
	"math"
	"strings"
	"unicode"

	"bowerbird"
	"bowerbird/graph"
	"bowerbird/graph/embed"
	"bowerbird/internal/vec"
)

// What an aggregator reads of an item: its words and its looks, each hashed to a
// few numbers with signs (Weinberger et al., "Feature hashing", ICML 2009) and of
// length 1, then its base vector.
const (
	wordsDim   = 24
	looksDim   = 8
	contentDim = wordsDim + looksDim
	baseDim    = 64
)

// describe hashes the words of a document.
func describe(row []float32, d *bowerbird.Item) {
	clear(row)
	add := func(s string, w float32) {
		for _, word := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			h := fnv.New32a()
			_, _ = h.Write([]byte(word))
			throw(row, h.Sum32(), w)
		}
	}
	add(d.Title, 1)
	for _, t := range d.Tags {
		add(t, 1)
	}
	for _, c := range d.Categories {
		add(c, 2) // few and telling
	}
	scale(row)
}

// sketch hashes the numbers of a vector.
func sketch(row, v []float32) {
	clear(row)
	for i, x := range v {
		throw(row, uint32(i+1)*2654435769, x)
	}
	scale(row)
}

func throw(row []float32, h uint32, x float32) {
	if h>>31 == 1 {
		x = -x
	}
	row[int(h>>8)%len(row)] += x
}

// scale makes the length 1; zero, and what is not finite, becomes zero.
func scale(row []float32) {
	n := math.Sqrt(float64(vec.Dot(row, row)))
	if n == 0 || math.IsNaN(n) || math.IsInf(n, 0) {
		clear(row)
		return
	}
	for i := range row {
		row[i] /= float32(n)
	}
}

func unit(rows []float32, dim int) []float32 {
	for i := 0; i < len(rows); i += dim {
		scale(rows[i : i+dim])
	}
	return rows
}

// featuresOf joins content and base to rows of at least n items.
func featuresOf(content []float32, base *embed.Vectors, n int) embed.Features {
	n = max(n, len(content)/contentDim, base.Nodes(graph.Left))
	x := embed.Features{Dim: contentDim + base.Dim}
	x.Rows = make([]float32, n*x.Dim)
	for i := range n {
		row := x.Rows[i*x.Dim : (i+1)*x.Dim]
		if at := i * contentDim; at < len(content) {
			copy(row, content[at:at+contentDim])
		}
		copy(row[contentDim:], base.Of(graph.Left, uint32(i)))
	}
	return x
}
