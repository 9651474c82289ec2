"""Reference libraries beside package graph; run by TestPeers.

    peers.py have                     which of igraph, leidenalg, networkx, scipy can be imported
    peers.py export DATA FOLDER NAME  cora, blogcatalog or gowalla (train) as FOLDER/NAME.edges: nodes, then a pair on each line
    peers.py communities FILE RUNS    modularity, seconds and (small graphs) labels of each library's methods, RUNS times with seeds 0, 1, ...
    peers.py numbers FILE             PageRank, core numbers, triangles and so on by networkx

Answers are one line of JSON.
"""
import gzip, importlib.util, json, os, pickle, random, sys, time


def have():
    return [m for m in ("igraph", "leidenalg", "networkx", "scipy") if importlib.util.find_spec(m)]


def export(data, folder, *wanted):
    made = []

    def write(name, n, pairs):
        pairs = sorted({(min(a, b), max(a, b)) for a, b in pairs if a != b})
        with open(os.path.join(folder, name + ".edges"), "w") as f:
            f.write("%d\n" % n)
            f.writelines("%d %d\n" % p for p in pairs)
        made.append(name)

    cora = os.path.join(data, "graph-planetoid", "ind.cora.graph")
    if "cora" in wanted and os.path.exists(cora):
        with open(cora, "rb") as f:
            rows = pickle.load(f, encoding="latin1")
        write("cora", len(rows), ((a, b) for a, row in rows.items() for b in row))
    blog = os.path.join(data, "graph-blogcatalog", "blogcatalog.mat.gz")
    if "blogcatalog" in wanted and os.path.exists(blog) and "scipy" in have():
        import scipy.io
        with gzip.open(blog, "rb") as f:
            m = scipy.io.loadmat(f)["network"].tocoo()
        write("blogcatalog", m.shape[0], zip(m.row.tolist(), m.col.tolist()))
    gowalla = os.path.join(data, "rec-gowalla-lightgcn", "train.txt.gz")
    if "gowalla" in wanted and os.path.exists(gowalla):
        pairs = []
        with gzip.open(gowalla, "rt") as f:
            for line in f:
                user, *items = map(int, line.split())
                pairs += [(i, user) for i in items]
        items = 1 + max(i for i, _ in pairs)
        write("gowalla", items + 1 + max(u for _, u in pairs), ((i, items + u) for i, u in pairs))
    return made


def read(path):
    with open(path) as f:
        n = int(f.readline())
        return n, [tuple(map(int, line.split())) for line in f]


def communities(path, runs):
    n, pairs = read(path)
    found = {}

    def measure(name, run, modularity, times=runs):
        best = []
        for seed in range(times):
            random.seed(seed)
            start = time.perf_counter()
            c = run(seed)
            took = time.perf_counter() - start
            best.append({"seconds": took, "modularity": modularity(c), "labels": labels(c) if n <= 5000 else None})
        found[name] = best

    def labels(c):
        of = [0] * n
        for k, members in enumerate(c):
            for v in members:
                of[v] = k
        return of

    libs = have()
    if "igraph" in libs:
        import igraph
        g = igraph.Graph(n=n, edges=pairs)
        igraph.set_random_number_generator(random)
        q = lambda c: g.modularity(c)
        measure("igraph Louvain", lambda s: g.community_multilevel(), q)
        measure("igraph Leiden, 2 iterations", lambda s: g.community_leiden(objective_function="modularity", n_iterations=2), q)
        measure("igraph Leiden, until stable", lambda s: g.community_leiden(objective_function="modularity", n_iterations=-1), q)
        if "leidenalg" in libs and len(pairs) < 400000:
            import leidenalg
            kind = leidenalg.ModularityVertexPartition
            measure("leidenalg, 2 iterations", lambda s: leidenalg.find_partition(g, kind, seed=s), q)
            measure("leidenalg, until stable", lambda s: leidenalg.find_partition(g, kind, seed=s, n_iterations=-1), q)
    if "networkx" in libs and len(pairs) < 400000:
        import networkx as nx
        h = nx.Graph()
        h.add_nodes_from(range(n))
        h.add_edges_from(pairs)
        measure("networkx Louvain", lambda s: nx.community.louvain_communities(h, seed=s), lambda c: nx.community.modularity(h, c), 1)
    return found


def numbers(path):
    import networkx as nx
    n, pairs = read(path)
    g = nx.Graph()
    g.add_nodes_from(range(n))
    g.add_edges_from(pairs)
    took = {}

    def timed(name, f):
        start = time.perf_counter()
        v = f()
        took[name] = time.perf_counter() - start
        return v

    rank = timed("pagerank", lambda: nx.pagerank(g, alpha=0.85, tol=1e-12, max_iter=1000))
    core = timed("cores", lambda: nx.core_number(g))
    tri = timed("triangles", lambda: nx.triangles(g))
    clus = timed("clustering", lambda: nx.clustering(g))
    order = range(n)
    return {
        "pagerank": [rank[v] for v in order], "cores": [core[v] for v in order],
        "triangles": [tri[v] for v in order], "clustering": [clus[v] for v in order],
        "transitivity": nx.transitivity(g), "assortativity": nx.degree_assortativity_coefficient(g),
        "components": nx.number_connected_components(g), "seconds": took,
    }


if __name__ == "__main__":
    what, *args = sys.argv[1:]
    answer = {
        "have": have, "export": export, "numbers": numbers,
        "communities": lambda path, runs: communities(path, int(runs)),
    }[what](*args)
    print(json.dumps(answer))
