"""Runs an ONNX model by onnxruntime for `bowerbird bench encoder`: a line in is a number of runs, a line out their seconds."""
import sys
import time

import numpy as np
import onnxruntime as ort

path, threads, shape = sys.argv[1], int(sys.argv[2]), [int(n) for n in sys.argv[3].split(",")]
options = ort.SessionOptions()
options.intra_op_num_threads = threads
options.log_severity_level = 4
session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
feed = {session.get_inputs()[0].name: np.random.default_rng(1).standard_normal(shape, dtype=np.float32)}
print(ort.__version__, flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        session.run(None, feed)
    print(time.perf_counter() - start, flush=True)
