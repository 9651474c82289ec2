// Package text turns words that people write into terms that an index can match.
//
// Its main type is [Analyzer]: Unicode word segmentation, folding of case and accents, stop words, stemming, and
// bigrams for Chinese, Japanese and Korean. The same Analyzer must be used when a document is indexed and when a query
// is read; [Analyzer.Version] names everything that changes its output, so that an index can refuse a stranger.
//
// One flow: [New], [Analyzer.Analyze] on each field of a document, [Analyzer.Parse] on a query, and
// [Analyzer.Highlight] on what is shown.
//
// It is not an index (see index/postings), it holds no documents, and it does not guess languages. Spelling correction
// is in text/spell and completion in text/complete.
package text
