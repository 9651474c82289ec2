"""Writes a small detector with random weights as ONNX, in the form of a folder that vision/encode.OpenDetector opens, with what
ONNX Runtime makes of two drawn pictures beside it.

    python3 detector.py FOLDER            # FOLDER/detector of the tests

Needs onnx, onnxruntime, numpy and Pillow. The weights follow from a fixed seed. Three convolutions of stride 2, then at each of 8 x 8
places two boxes (middle and size, in parts of the input) and the scores of three classes, as logits; the last is the background.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from export_pictures import pictures

SIDE, GRID, EACH, CLASSES = 64, 8, 2, 3
MEAN, STD = [.485, .456, .406], [.229, .224, .225]


def model():
    r = np.random.default_rng(11)
    weights, nodes = {}, []

    def weight(name, a, dtype=np.float32):
        weights[name] = np.asarray(a, dtype)
        return name

    def node(op, inputs, out, **attributes):
        nodes.append(helper.make_node(op, inputs, [out], **attributes))
        return out

    def conv(x, name, cin, cout, side, stride):
        w = weight(name + ".w", r.normal(0, (2 / (cin * side * side)) ** .5, (cout, cin, side, side)))
        b = weight(name + ".b", r.normal(0, .1, cout))
        return node("Conv", [x, w, b], name, strides=[stride, stride], pads=[side // 2] * 4)

    x = "pixels"
    for i, (cin, cout) in enumerate([(3, 8), (8, 12), (12, 16)]):
        x = node("Relu", [conv(x, f"c{i}", cin, cout, 3, 2)], f"r{i}")
    n = GRID * GRID * EACH
    rows = {}
    for name, wide in [("box", 4), ("score", CLASSES)]:
        y = conv(x, name, 16, EACH * wide, 1, 1)
        y = node("Reshape", [y, weight(name + ".s1", [1, EACH, wide, GRID * GRID], np.int64)], name + ".r")
        y = node("Transpose", [y], name + ".t", perm=[0, 3, 1, 2])
        rows[name] = node("Reshape", [y, weight(name + ".s2", [1, n, wide], np.int64)], "scores" if name == "score" else "raw")
    # The middle anywhere within a cell's reach, the size up to the whole.
    at = (np.stack(np.meshgrid(np.arange(GRID), np.arange(GRID)), -1).reshape(-1, 1, 2) + .5) / GRID
    anchors = np.concatenate([np.repeat(at, EACH, 1) - .2, np.zeros((GRID * GRID, EACH, 2))], -1).reshape(1, n, 4)
    s = node("Sigmoid", ["raw"], "sig")
    s = node("Mul", [s, weight("span", [.4, .4, .8, .8])], "mul")
    node("Add", [s, weight("anchors", anchors)], "boxes")
    graph = helper.make_graph(
        nodes, "detector", [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, n, 4]), helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, n, CLASSES])],
        [numpy_helper.from_array(v, k) for k, v in weights.items()])
    m = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    m.ir_version = 8
    onnx.checker.check_model(m)
    return m


def prepared(rgb):
    """The whole picture in the middle of the input, on the mean colour, which is 0 after it was taken off."""
    im = Image.fromarray(rgb)
    s = min(SIDE / im.width, SIDE / im.height)
    w, h = round(im.width * s), round(im.height * s)
    a = np.asarray(im.resize((w, h), Image.BICUBIC), np.float32) / 255
    x, y = (SIDE - w) // 2, (SIDE - h) // 2
    out = np.zeros((1, 3, SIDE, SIDE), np.float32)
    out[0, :, y:y + h, x:x + w] = ((a - np.float32(MEAN)) / np.float32(STD)).transpose(2, 0, 1)
    return out, (x, y, w, h)


def detected(boxes, scores, place, threshold, overlap):
    """Plainly: softmax, threshold, back to the picture, greedy suppression."""
    x, y, w, h = place
    e = np.exp(scores - scores.max(-1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)
    c = scores[:, :-1].argmax(-1)
    found = []
    for i in range(len(boxes)):
        score = float(p[i, c[i]])
        if score < threshold:
            continue
        cx, cy, bw, bh = (float(v) * SIDE for v in boxes[i])
        b = [(cx - bw / 2 - x) / w, (cy - bh / 2 - y) / h, (cx + bw / 2 - x) / w, (cy + bh / 2 - y) / h]
        b = [min(1, max(0, v)) for v in b]
        if (b[2] - b[0]) * (b[3] - b[1]) >= .01 and b[2] > b[0] and b[3] > b[1]:
            found.append((score, int(c[i]), b))
    found.sort(key=lambda f: -f[0])
    kept = []
    for f in found:
        def union(a, b):
            iw, ih = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            if iw <= 0 or ih <= 0:
                return 0
            return iw * ih / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - iw * ih)
        if all(union(f[2], k[2]) <= overlap for k in kept):
            kept.append(f)
    return [{"score": s, "class": c, "box": b} for s, c, b in kept]


def main():
    folder = pathlib.Path(sys.argv[1]) / "detector"
    folder.mkdir(parents=True, exist_ok=True)
    m = model()
    (folder / "model.onnx").write_bytes(m.SerializeToString())
    manifest = {"form": "cxcywh", "unit": "one", "activation": "softmax", "background": CLASSES - 1, "threshold": .4, "overlap": .45}
    (folder / "bowerbird.json").write_text(json.dumps(manifest, indent=1) + "\n")
    session = onnxruntime.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"])
    out = {}
    for name, rgb in pictures((150, 110)).items():
        x, place = prepared(rgb)
        boxes, scores = session.run(["boxes", "scores"], {"pixels": x})
        out[name] = detected(boxes[0], scores[0], place, manifest["threshold"], manifest["overlap"])
    (folder / "expected.json").write_text(json.dumps(out) + "\n")


main()
