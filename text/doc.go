// Package text turns words that people write into terms that an index can match.
//
// Its main type is [Analyzer]: Unicode word segmentation, folding of case and accents, stop words, stemming, and
// bigrams for Chinese, Japanese and Korean. The same Analyzer must be used when a document is indexed and when a query
// is read; [Analyzer.Version] names everything that changes its output, so that an index can refuse a stranger.
//
// One flow: [New], [Analyzer.Analyze] on each field of a document, [Analyzer.Parse] on a query, and
// [Analyzer.Highlight] on what is shown.
//
// Where texts are of several languages, [Multi] settles each document's language, said or guessed, and reads a query in
// all that it may be in. [Analyzer.LearnSynonyms] finds candidates for synonyms in what people searched and opened.
//
// It is not an index (see index/postings), and it holds no documents. Languages are told apart in text/detect, spelling
// is in text/spell, completion in text/complete, and phrases are found in text/phrase.
package text
