"""A library of nearest neighbours at work for `bowerbird bench vectors`: one command a line on the standard input, one
answer a line on the standard output: ok, seconds, bytes, seconds of processor time. Arguments: library, metric (l2 or ip), dim, rows file, queries file."""
import os, sys, time

answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what a library prints is no answer


def say(*words):
    print(*words, file=answer, flush=True)


os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", "2")
lib, metric, dim = sys.argv[1], sys.argv[2], int(sys.argv[3])
try:
    import numpy as np
    if lib == "hnswlib":
        import hnswlib
        import importlib.metadata
        version = importlib.metadata.version("hnswlib")
    elif lib == "faiss":
        import faiss
        version = faiss.__version__
    elif lib == "usearch":
        from usearch.index import Index
        import usearch
        version = usearch.__version__
    elif lib == "usearch-i8":
        from usearch.index import Index
        import usearch
        version = usearch.__version__
    elif lib in ("rabitq", "symqg"):
        import rabitqlib
        import faiss  # for the clusters' centres
        version = "0.7"
    elif lib == "glass":
        import glass
        version = "2.1"
    else:
        raise ImportError("no such library")
except ImportError as e:
    say("absent", e)
    sys.exit(0)

rows = np.memmap(sys.argv[4], np.float32, "r").reshape(-1, dim)
queries = np.fromfile(sys.argv[5], np.float32).reshape(-1, dim)


def resident():
    for line in open("/proc/self/status"):
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0


class Hnswlib:
    def build(self, n, m, ef, threads):
        self.x = hnswlib.Index(metric, dim)
        self.x.init_index(n, M=m, ef_construction=ef, random_seed=1)
        self.x.set_num_threads(threads)
        self.x.add_items(rows[:n], np.arange(n), num_threads=threads)

    def save(self, path):
        self.x.save_index(path)

    def load(self, path, n):
        self.x = hnswlib.Index(metric, dim)
        self.x.load_index(path)

    def search(self, ef, q, k):
        self.x.set_ef(ef)
        return self.x.knn_query(q, k, num_threads=1)[0]


class Faiss:
    def build(self, n, m, ef, threads):
        faiss.omp_set_num_threads(threads)
        self.x = faiss.IndexHNSWFlat(dim, m, faiss.METRIC_L2 if metric == "l2" else faiss.METRIC_INNER_PRODUCT)
        self.x.hnsw.efConstruction = ef
        self.x.add(np.ascontiguousarray(rows[:n]))

    def save(self, path):
        faiss.write_index(self.x, path)

    def load(self, path, n):
        self.x = faiss.read_index(path)

    def search(self, ef, q, k):
        faiss.omp_set_num_threads(1)
        self.x.hnsw.efSearch = ef
        return self.x.search(q, k)[1]


class Usearch:
    def make(self):
        return Index(ndim=dim, metric="l2sq" if metric == "l2" else "ip", dtype="i8" if lib.endswith("i8") else "f32",
                     connectivity=self.m, expansion_add=self.ef)

    def build(self, n, m, ef, threads):
        self.m, self.ef = m, ef
        self.x = self.make()
        self.x.add(np.arange(n), np.ascontiguousarray(rows[:n]), threads=threads)

    def save(self, path):
        self.x.save(path)

    def load(self, path, n):
        self.m, self.ef = 16, 200
        self.x = self.make()
        self.x.load(path)

    def search(self, ef, q, k):
        self.x.expansion_search = ef
        return self.x.search(q, k, threads=1).keys


class Rabitq:
    """Codes of 7 + 1 bits in an HNSW graph, with 16 centres, as its README has it."""

    def build(self, n, m, ef, threads):
        data = np.ascontiguousarray(rows[:n])
        k = faiss.Kmeans(dim, 16, niter=10, seed=1)
        k.train(data[:: max(1, n // 50000)])
        ids = k.index.search(data, 1)[1][:, 0].astype(np.uint32)
        self.x = rabitqlib.HnswIndex(dim, n, M=m, ef_construction=ef, nbits=8, metric=metric)
        self.x.build(data, k.centroids, ids, num_threads=threads)

    def save(self, path):
        self.x.save(path)

    def load(self, path, n):
        self.x = rabitqlib.HnswIndex.load(path)

    def search(self, ef, q, k):
        return self.x.search(q, k, ef, 1)[0]


class Symqg(Rabitq):
    def build(self, n, m, ef, threads):
        self.x = rabitqlib.SymqgIndex(dim, 2 * m, metric=metric)
        self.x.build(np.ascontiguousarray(rows[:n]), ef, num_threads=threads)

    def load(self, path, n):
        self.x = rabitqlib.SymqgIndex.load(path)


class Glass:
    """HNSW over bytes (SQ8U), the best scored again by half floats, as its example has it."""

    def build(self, n, m, ef, threads):
        glass.set_num_threads(threads)
        self.g = glass.Index("HNSW", "L2" if metric == "l2" else "IP", "SQ8U", 2 * m, ef).build(np.ascontiguousarray(rows[:n]))
        self.n = n

    def save(self, path):
        self.g.save(path)
        np.array([self.n]).tofile(path + ".n")

    def load(self, path, n):
        glass.set_num_threads(1)
        data = np.ascontiguousarray(rows[:int(np.fromfile(path + ".n", np.int64)[0])])
        self.x = glass.Searcher(glass.Graph(path), data, "L2" if metric == "l2" else "IP", "SQ8U", "FP16")
        self.x.optimize(1)

    def search(self, ef, q, k):
        self.x.set_ef(ef)
        return self.x.batch_search(q, k, 1)[0]


at = {"hnswlib": Hnswlib, "glass": Glass, "faiss": Faiss, "rabitq": Rabitq, "symqg": Symqg}.get(lib, Usearch)()
say("ready", version)
for line in sys.stdin:
    w = line.rstrip("\n").split("\t")
    try:
        if w[0] == "build":  # n, M, ef, threads
            before, start, cpu = resident(), time.perf_counter(), time.process_time()
            at.build(*map(int, w[1:5]))
            say("ok", time.perf_counter() - start, resident() - before, time.process_time() - cpu)
        elif w[0] == "save":
            at.save(w[1])
            say("ok 0 0 0")
        elif w[0] == "load":  # path, n
            before = resident()
            at.load(w[1], int(w[2]))
            say("ok 0", resident() - before, 0)
        elif w[0] == "search":  # ef, k, from, to, allowed file or -, answers file
            q = np.ascontiguousarray(queries[int(w[3]):int(w[4])])
            if w[5] != "-":
                raise NotImplementedError("no filter here")
            start, cpu = time.perf_counter(), time.process_time()
            ids = at.search(int(w[1]), q, int(w[2]))
            took, cpu = time.perf_counter() - start, time.process_time() - cpu
            np.asarray(ids).astype(np.int64).astype(np.int32).tofile(w[6])
            say("ok", took, 0, cpu)
        else:
            raise NotImplementedError(w[0])
    except Exception as e:  # the other side says it
        say("error", type(e).__name__, str(e).replace("\n", " "))
