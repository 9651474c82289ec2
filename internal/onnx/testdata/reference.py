"""Runs a model in ONNX Runtime, one thread: reads {"path": ..., "inputs": {name: {"shape", "floats" | "ints"}}} and writes
{"outputs": {name: the same}, "seconds": of the second run}."""
import json
import sys
import time

import numpy as np
import onnxruntime as ort

job = json.load(sys.stdin)
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 4
session = ort.InferenceSession(job["path"], options, providers=["CPUExecutionProvider"])
kinds = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}
feed = {}
for value in session.get_inputs():
    given = job["inputs"][value.name]
    data = given.get("floats") if given.get("floats") is not None else given["ints"]
    feed[value.name] = np.array(data, dtype=kinds[value.type]).reshape(given["shape"])
session.run(None, feed)
start = time.perf_counter()
results = session.run(None, feed)
seconds = time.perf_counter() - start
outputs = {}
for value, result in zip(session.get_outputs(), results):
    key = "floats" if result.dtype.kind == "f" else "ints"
    outputs[value.name] = {"shape": list(result.shape), key: result.astype(float if key == "floats" else int).ravel().tolist()}
json.dump({"outputs": outputs, "seconds": seconds}, sys.stdout)
