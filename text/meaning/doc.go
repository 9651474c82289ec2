// Package meaning learns from a corpus which words belong together, and gives texts vectors by it, so that "couch" can
// find a sofa. Nothing is downloaded: what it knows, it has from the owner's texts.
//
// Its main type is [Model]. One flow: [Train] with the terms of every document (the same analysis as the index's),
// [Model.Embed] each document once and each query as it comes, compare by the inner product of the unit vectors,
// [Model.Save] and [Load].
//
// The method is latent semantic analysis: the truncated singular value decomposition of the documents × terms matrix
// (Deerwester et al., JASIS 1990) with log-entropy weights (Dumais, 1991), found by random projection (Halko, Martinsson
// and Tropp, SIAM Review 2011, algorithms 4.4 and 5.1). It was chosen by measurement; docs/benchmarks/search-quality.md
// has the figures.
//
// [Encoder] is the seam behind which a sentence model takes its place.
//
// It is not an index and finds nothing by itself, it knows no grammar or order of words, and alone it ranks worse than
// BM25: it is one part of a fusion (package index/fuse).
package meaning
