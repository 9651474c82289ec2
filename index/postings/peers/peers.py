"""tantivy and SQLite FTS5 for the comparison in main.go: reads commands on standard input, one JSON object a line, and
answers each with one line. Usage: python peers.py clock|cpu ENGINE TITLES QUERIES FOLDER"""
import json, os, sqlite3, sys, threading, time


now = time.process_time if sys.argv[1] == "cpu" else time.perf_counter


def read(path):
    with open(path) as f:
        for line in f:
            group, title = line.rstrip("\n").split("\t")
            yield int(group), title


def folder_bytes(path):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(path) for f in fs)


class Tantivy:
    """An indexed text field with positions, split at spaces, and an indexed, fast number."""

    def __init__(self, titles, folder):
        import tantivy as t
        self.t = t
        b = t.SchemaBuilder()
        b.add_text_field("title", tokenizer_name="whitespace", index_option="position")
        b.add_unsigned_field("group", indexed=True, fast=True)
        self.schema = b.build()
        os.makedirs(folder)
        index = t.Index(self.schema, path=folder)
        docs = [t.Document.from_dict({"title": x, "group": g}, self.schema) for g, x in read(titles)]
        start = now()
        w = index.writer(heap_size=1_000_000_000, num_threads=1)
        for d in docs:
            w.add_document(d)
        w.commit()
        w.wait_merging_threads()
        self.building = now() - start
        del docs
        index.reload()
        self.segments = index.searcher().num_segments
        self.index, self.searcher, self.folder = index, index.searcher(), folder

    def prepare(self, q):
        t, s, words = self.t, self.schema, q["words"]
        term = lambda w: t.Query.term_query(s, "title", w)
        kind = q["kind"]
        if kind == "term":
            return term(words[0])
        if kind == "and":
            return t.Query.boolean_query([(t.Occur.Must, term(w)) for w in words])
        if kind == "or":
            return t.Query.boolean_query([(t.Occur.Should, term(w)) for w in words])
        if kind == "phrase":
            return t.Query.phrase_query(s, "title", words)
        if kind == "prefix":
            return t.Query.regex_query(s, "title", words[0] + ".*")
        either = t.Query.boolean_query([(t.Occur.Should, term(w)) for w in words])
        group = t.Query.const_score_query(t.Query.term_query(s, "group", q["group"]), 0.0)
        return t.Query.boolean_query([(t.Occur.Must, either), (t.Occur.Must, group)])

    def search(self, searcher, q):
        return len(searcher.search(q, 10, count=False).hits)

    def count(self, q):
        return self.searcher.search(q, 1, count=True).count

    def reader(self):
        return self.index.searcher()

    def nothing(self):
        return self.t.Query.term_query(self.schema, "title", "nosuchword")


class FTS5:
    def __init__(self, titles, folder):
        os.makedirs(folder)
        self.folder, self.path = folder, os.path.join(folder, "db")
        self.segments = 1
        rows = [(g, x) for g, x in read(titles)]
        db = sqlite3.connect(self.path)
        db.execute("pragma journal_mode=off")
        db.execute("pragma synchronous=off")
        # Without the text itself, as in the other engines; the column is kept beside it, for filters.
        db.execute("create virtual table t using fts5(title, content='', tokenize='ascii', detail=full)")
        db.execute("create table g(id integer primary key, g integer)")
        start = now()
        db.executemany("insert into t(rowid, title) values(?, ?)", ((i + 1, x) for i, (g, x) in enumerate(rows)))
        db.executemany("insert into g values(?, ?)", ((i + 1, g) for i, (g, x) in enumerate(rows)))
        db.execute("insert into t(t) values('optimize')")
        db.commit()
        self.building = now() - start
        db.close()
        self.db = self.reader()

    def reader(self):
        db = sqlite3.connect(self.path, check_same_thread=False)
        db.execute("pragma mmap_size=4000000000")
        return db

    def prepare(self, q):
        words, kind = q["words"], q["kind"]
        quoted = ['"' + w + '"' for w in words]
        match = {"term": quoted[0], "and": " AND ".join(quoted), "or": " OR ".join(quoted), "phrase": '"' + " ".join(words) + '"',
                 "prefix": quoted[0] + " *", "filtered": " OR ".join(quoted)}[kind]
        if kind == "filtered":
            return ("select t.rowid from t join g on g.id = t.rowid where t match ? and g.g = ? order by rank limit 10", (match, q["group"]))
        return ("select rowid from t where t match ? order by rank limit 10", (match,))

    def search(self, db, q):
        return len(db.execute(*q).fetchall())

    def count(self, q):
        sql = q[0].replace("select t.rowid", "select count(*)").replace("select rowid", "select count(*)").replace(" order by rank limit 10", "")
        return self.db.execute(sql, q[1]).fetchone()[0]

    def nothing(self):
        return ("select rowid from t where t match ? order by rank limit 10", ('"nosuchword"',))


def run(engine, queries, threads):
    hits, at, lock = [0] * threads, iter(queries), threading.Lock()
    if threads == 1:
        reader, search, n = engine.reader(), engine.search, 0
        start = now()
        for q in queries:
            n += search(reader, q)
        return now() - start, n

    def work(i):
        reader = readers[i]
        for q in queries[i::threads]:
            hits[i] += engine.search(reader, q)

    readers = [engine.reader() for _ in range(threads)]
    ts = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
    start = now()
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    return now() - start, sum(hits)


def main():
    _, name, titles, path, folder = sys.argv[1:]
    engine = {"tantivy": Tantivy, "fts5": FTS5}[name](titles, folder)
    queries = {}
    with open(path) as f:
        for line in f:
            q = json.loads(line)
            queries.setdefault(q["kind"], []).append(engine.prepare(q))
    say = lambda **x: print(json.dumps(x), flush=True)
    say(building=engine.building, bytes=folder_bytes(folder), segments=engine.segments)
    for line in sys.stdin:
        c = json.loads(line)
        if c["do"] == "count":
            say(counts=[engine.count(q) for q in queries[c["kind"]]])
        elif c["do"] == "run":
            qs = queries[c["kind"]]
            seconds, hits = run(engine, (qs * (c["n"] // len(qs) + 1))[: c["n"]], c["threads"])
            say(seconds=seconds, hits=hits)
        elif c["do"] == "nothing":
            seconds, _ = run(engine, [engine.nothing()] * 20000, c["threads"])
            say(seconds=seconds / 20000)


main()
