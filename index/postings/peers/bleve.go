package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bowerbird/index/postings/postingsbench"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/search/query"
)

// bleveIndex is Bleve with its default index (scorch) on disk. Titles are split at spaces and not stored.
type bleveIndex struct {
	ix      bleve.Index
	took    time.Duration
	bytes   int64
	queries map[postingsbench.Kind][]postingsbench.Query
}

func newBleve(t *postingsbench.Titles, docs int, queries map[postingsbench.Kind][]postingsbench.Query, dir string) (*bleveIndex, error) {
	m := bleve.NewIndexMapping()
	if err := m.AddCustomAnalyzer("words", map[string]any{"type": custom.Name, "tokenizer": whitespace.Name}); err != nil {
		return nil, err
	}
	title, group := bleve.NewTextFieldMapping(), bleve.NewKeywordFieldMapping()
	title.Analyzer, title.Store, title.IncludeInAll, title.DocValues, title.IncludeTermVectors = "words", false, false, false, true
	group.Store, group.IncludeInAll, group.DocValues = false, false, false
	d := bleve.NewDocumentStaticMapping()
	d.AddFieldMappingsAt("title", title)
	d.AddFieldMappingsAt("group", group)
	m.DefaultMapping = d
	ix, err := bleve.New(dir, m)
	if err != nil {
		return nil, err
	}
	b := &bleveIndex{ix: ix, queries: queries}
	const batch = 1000
	var words []string
	for from := 0; from < docs; from += batch {
		all := make([]map[string]any, 0, batch)
		for doc := from; doc < min(docs, from+batch); doc++ {
			words = t.Title(words, doc)
			all = append(all, map[string]any{"title": strings.Join(words, " "), "group": groupName(t.Group(doc))})
		}
		start := now()
		bt := ix.NewBatch()
		for i, d := range all {
			if err := bt.Index(docName(from+i), d); err != nil {
				return nil, err
			}
		}
		if err := ix.Batch(bt); err != nil {
			return nil, err
		}
		b.took += now() - start
	}
	start := now()
	b.settle(dir)
	b.took += now() - start
	return b, nil
}

// settle waits until the folder has not changed for a second: merges are over.
func (b *bleveIndex) settle(dir string) {
	for same := 0; same < 10; time.Sleep(100 * time.Millisecond) {
		n := int64(0)
		filepath.Walk(dir, func(_ string, f os.FileInfo, err error) error {
			if err == nil {
				n += f.Size()
			}
			return nil
		})
		if n == b.bytes {
			same++
		} else {
			b.bytes, same = n, 0
		}
	}
}

func docName(d int) string {
	return string([]byte{byte(d >> 24), byte(d >> 16), byte(d >> 8), byte(d)})
}

func groupName(g int) string { return string(rune('a' + g)) }

func (b *bleveIndex) name() string                  { return "bleve" }
func (b *bleveIndex) built() (time.Duration, int64) { return b.took, b.bytes }

func term(w string) query.Query {
	q := bleve.NewTermQuery(w)
	q.SetField("title")
	return q
}

func (b *bleveIndex) request(q postingsbench.Query) *bleve.SearchRequest {
	var terms []query.Query
	for _, w := range q.Words {
		terms = append(terms, term(w))
	}
	var out query.Query
	switch q.Kind {
	case postingsbench.Term:
		out = terms[0]
	case postingsbench.And:
		out = bleve.NewConjunctionQuery(terms...)
	case postingsbench.Or:
		out = bleve.NewDisjunctionQuery(terms...)
	case postingsbench.Phrase:
		out = bleve.NewPhraseQuery(q.Words, "title")
	case postingsbench.Prefix:
		p := bleve.NewPrefixQuery(q.Words[0])
		p.SetField("title")
		out = p
	default:
		g := bleve.NewTermQuery(groupName(q.Group))
		g.SetField("group")
		g.SetBoost(0)
		out = bleve.NewConjunctionQuery(bleve.NewDisjunctionQuery(terms...), g)
	}
	return bleve.NewSearchRequestOptions(out, 10, 0, false)
}

func (b *bleveIndex) counts(k postingsbench.Kind) ([]int, error) {
	var out []int
	for _, q := range b.queries[k] {
		r, err := b.ix.Search(b.request(q))
		if err != nil {
			return nil, err
		}
		out = append(out, int(r.Total))
	}
	return out, nil
}

func (b *bleveIndex) run(k postingsbench.Kind, n, threads int) (float64, error) {
	requests := make([]*bleve.SearchRequest, n)
	for i := range requests {
		requests[i] = b.request(b.queries[k][i%len(b.queries[k])])
	}
	errs := make([]error, threads)
	var next atomic.Int64
	var wg sync.WaitGroup
	runtime.GC() // what another engine of this process left
	start := now()
	for w := range threads {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[w] == nil; i = int(next.Add(1)) - 1 {
				_, errs[w] = b.ix.Search(requests[i])
			}
		})
	}
	wg.Wait()
	took := now() - start
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return float64(n) / took.Seconds(), nil
}
