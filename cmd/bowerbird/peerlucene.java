// A BM25 run by Apache Lucene with its English analyser (Porter's stemmer, 33 stop words): read by evalpeerlucene.go.
// Arguments: folder with docs and queries (each text as its length in 4 bytes, big-endian, and its UTF-8), k1, b, depth.
// It writes one line for each query: document, colon, score, separated by spaces.
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;

public class PeerLucene {
    static List<String> read(Path p) throws IOException {
        List<String> out = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(p)))) {
            while (true) {
                int n;
                try {
                    n = in.readInt();
                } catch (EOFException e) {
                    return out;
                }
                out.add(new String(in.readNBytes(n), StandardCharsets.UTF_8));
            }
        }
    }

    // Equal words count as often as they stand in the query, as Anserini's bag of words has it.
    static Query bag(Analyzer analyzer, String text) throws IOException {
        Map<String, Integer> count = new LinkedHashMap<>();
        try (TokenStream s = analyzer.tokenStream("text", text)) {
            CharTermAttribute term = s.addAttribute(CharTermAttribute.class);
            for (s.reset(); s.incrementToken(); ) {
                count.merge(term.toString(), 1, Integer::sum);
            }
            s.end();
        }
        BooleanQuery.Builder b = new BooleanQuery.Builder();
        count.forEach((t, n) -> b.add(new BoostQuery(new TermQuery(new Term("text", t)), n), BooleanClause.Occur.SHOULD));
        return b.build();
    }

    public static void main(String[] args) throws IOException {
        IndexSearcher.setMaxClauseCount(65536);
        Analyzer analyzer = new EnglishAnalyzer();
        BM25Similarity bm25 = new BM25Similarity(Float.parseFloat(args[1]), Float.parseFloat(args[2]));
        int depth = Integer.parseInt(args[3]);
        ByteBuffersDirectory dir = new ByteBuffersDirectory();
        try (IndexWriter w = new IndexWriter(dir, new IndexWriterConfig(analyzer).setSimilarity(bm25))) {
            int n = 0;
            for (String text : read(Path.of(args[0], "docs"))) {
                Document d = new Document();
                d.add(new TextField("text", text, Field.Store.NO));
                d.add(new StoredField("n", n++));
                w.addDocument(d);
            }
            w.forceMerge(1);
        }
        StringBuilder out = new StringBuilder();
        try (DirectoryReader r = DirectoryReader.open(dir)) {
            IndexSearcher searcher = new IndexSearcher(r);
            searcher.setSimilarity(bm25);
            StoredFields stored = r.storedFields();
            for (String q : read(Path.of(args[0], "queries"))) {
                String gap = "";
                for (ScoreDoc h : searcher.search(bag(analyzer, q), depth).scoreDocs) {
                    out.append(gap).append(stored.document(h.doc).getField("n").numericValue()).append(':').append(h.score);
                    gap = " ";
                }
                out.append('\n');
            }
        }
        System.out.print("lucene-" + org.apache.lucene.util.Version.LATEST + "\n" + out);
    }
}
