# Stands libraries beside bench models --parts speed: models.py WHAT FOLDER [NUMBER ...]
# FOLDER holds users.i64 (row pointers), items.i32 and shape.json; every cell is 1. Prints a line of JSON.
import json, os, sys, time

what, folder, args = sys.argv[1], sys.argv[2], [float(x) for x in sys.argv[3:]]
threads = int(os.environ.get("THREADS", "2"))
if what == "ials":
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as implicit asks for: it has threads of its own
else:
    os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
try:
    import numpy as np
    import scipy.sparse as sp
except ImportError as e:
    print(json.dumps({"absent": str(e)}))
    sys.exit()

shape = json.load(open(os.path.join(folder, "shape.json")))
ptr = np.fromfile(os.path.join(folder, "users.i64"), dtype=np.int64)
idx = np.fromfile(os.path.join(folder, "items.i32"), dtype=np.int32)
x = sp.csr_matrix((np.ones(len(idx), dtype=np.float32), idx, ptr), shape=(shape["users"], shape["items"]))

if what in ("ials", "knn"):
    try:
        import implicit
    except ImportError as e:
        print(json.dumps({"absent": str(e)}))
        sys.exit()

if what == "ials":
    d, epochs, steps, alpha, reg = int(args[0]), int(args[1]), int(args[2]), args[3], args[4]
    seconds = []
    m = implicit.cpu.als.AlternatingLeastSquares(factors=d, regularization=reg, alpha=alpha, iterations=epochs,
        use_native=True, use_cg=steps > 0, num_threads=threads, random_state=1)
    if steps > 0:
        m.cg_steps = steps
    m.fit(x, show_progress=False, callback=lambda i, took, loss: seconds.append(took))
    m.item_factors.astype(np.float32).tofile(os.path.join(folder, "factors.f32"))
    print(json.dumps({"seconds": seconds, "version": "implicit " + implicit.__version__}))
elif what == "knn":
    from implicit.nearest_neighbours import CosineRecommender
    m = CosineRecommender(K=int(args[0]), num_threads=threads)
    start = time.time()
    m.fit(x, show_progress=False)
    print(json.dumps({"seconds": [time.time() - start], "version": "implicit " + implicit.__version__}))
elif what == "ease":
    start = time.time()
    g = (x.T @ x).toarray().astype(np.float32)
    g[np.diag_indices(g.shape[0])] += args[0]
    made = time.time()
    p = np.linalg.inv(g)
    inverted = time.time()
    b = p / -np.diag(p)
    b[np.diag_indices(b.shape[0])] = 0
    end = time.time()
    first = [end - start, inverted - made]
    del p, b
    from scipy.linalg import lapack
    made = time.time()
    c, info = lapack.spotrf(g.T, lower=1, overwrite_a=1)
    c, info = lapack.spotri(c, lower=1, overwrite_c=1)
    print(json.dumps({"seconds": first + [time.time() - made], "version": "numpy " + np.__version__}))
