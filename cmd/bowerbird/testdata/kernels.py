"""One query with many rows of 128 by SimSIMD or NumKong, the argument: prints what kernels.c prints."""
import sys, time

try:
    import numpy as np
    lib = __import__(sys.argv[1])
except ImportError as e:
    print("absent", e)
    sys.exit(0)
n, dim, near = 1 << 20, 128, 256
f32 = np.tile(np.arange(16, dtype=np.float32), n * dim // 16).reshape(n, dim)
i8 = f32.view(np.int8).reshape(-1, dim)
q = np.arange(dim, dtype=np.int8)[None, :]
qf = q.astype(np.float32)


def seconds(a, b, times):
    lib.cdist(a, b, metric="dot")
    start = time.process_time()
    for _ in range(times):
        lib.cdist(a, b, metric="dot")
    return (time.process_time() - start) / times


def least(a, b):
    return min(seconds(a, b, 50) for _ in range(200)) * 1e9 / near


print(least(qf, f32[:near]), least(q, i8[:near]),
      f32.nbytes / seconds(qf, f32, 1) * 1e-9, i8.nbytes / seconds(q, i8, 1) * 1e-9)
