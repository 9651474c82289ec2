# A BM25 run by bm25s with Porter's stemmer by PyStemmer: read by evalpeer.go.
# arguments: folder with docs.json, queries.json; k1; b; depth
import json, os, re, sys

try:
    import bm25s, Stemmer
except ImportError as e:
    print(json.dumps({"absent": str(e)}))
    sys.exit(0)

folder, k1, b, depth = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
docs = json.load(open(os.path.join(folder, "docs.json")))
queries = json.load(open(os.path.join(folder, "queries.json")))
stop = ("a an and are as at be but by for if in into is it no not of on or such that the their then there these they "
        "this to was will with").split()  # Lucene's
stemmer = Stemmer.Stemmer("porter")
pattern = r"\w+(?:['’.](?=[^\W\d])\w+|(?<=\d)[.,](?=\d)\w+)*"  # near to Unicode's word boundaries, as Lucene has them


def analyse(texts):
    return [[stemmer.stemWord(w) for w in re.findall(pattern, re.sub(r"['’]s\b", "", t.lower())) if w not in stop] for t in texts]


corpus = analyse(docs)
index = bm25s.BM25(method="lucene", k1=k1, b=b)
index.index(corpus, show_progress=False)
known = set(index.vocab_dict)
out = []
for terms in analyse(queries):
    terms = [t for t in terms if t in known]
    if not terms:
        out.append([])
        continue
    scores = index.get_scores(terms)
    best = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:depth]
    out.append([[i, float(scores[i])] for i in best if scores[i] > 0])
json.dump({"lists": out, "version": getattr(bm25s, "__version__", "")}, sys.stdout)
