"""Exports image encoders with random weights from PyTorch to ONNX, in the form of a folder that vision/encode opens, with what
PyTorch and Pillow make of two pictures beside them.

    python3 export.py FOLDER            # the small ones of the tests: FOLDER/vit, FOLDER/mobile
    python3 export.py FOLDER --large    # ViT-B/32 and MobileNetV2 in size, to measure speed with

Needs torch, onnx, numpy and Pillow. The weights follow from a fixed seed, and torch.onnx.export (TorchScript) is used.
"""
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn

from export_pictures import pictures


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5).softmax(-1)
        return self.out((a @ v).transpose(1, 2).reshape(b, n, d))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.n1, self.n2, self.attention = nn.LayerNorm(dim), nn.LayerNorm(dim), Attention(dim, heads)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))

    def forward(self, x):
        x = x + self.attention(self.n1(x))
        return x + self.mlp(self.n2(x))


class ViT(nn.Module):
    """A vision transformer as CLIP's image tower: a class token, layer norms before the blocks, a projection."""

    def __init__(self, size, patch, dim, heads, depth, out):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, patch, patch, bias=False)
        self.token = nn.Parameter(torch.randn(1, 1, dim))
        self.places = nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, dim))
        self.first, self.last = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.head = nn.Linear(dim, out, bias=False)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head(self.last(self.blocks(self.first(x))[:, 0]))


class Inverted(nn.Module):
    def __init__(self, cin, cout, stride, expand):
        super().__init__()
        mid = cin * expand
        self.skip = stride == 1 and cin == cout
        self.body = nn.Sequential(
            nn.Conv2d(cin, mid, 1, bias=False), nn.BatchNorm2d(mid), nn.ReLU6(),
            nn.Conv2d(mid, mid, 3, stride, 1, groups=mid, bias=False), nn.BatchNorm2d(mid), nn.ReLU6(),
            nn.Conv2d(mid, cout, 1, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        return x + self.body(x) if self.skip else self.body(x)


class Mobile(nn.Module):
    """Inverted residuals as in MobileNetV2; rows of (expand, channels, repeats, stride)."""

    def __init__(self, stem, rows, out):
        super().__init__()
        layers, c = [nn.Conv2d(3, stem, 3, 2, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU6()], stem
        for expand, channels, repeats, stride in rows:
            for i in range(repeats):
                layers.append(Inverted(c, channels, stride if i == 0 else 1, expand))
                c = channels
        layers += [nn.Conv2d(c, out, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU6()]
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return self.body(x)  # places; the manifest's pooling takes their mean


V2 = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


def randomise(model):
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, .5, 1.5)
            nn.init.normal_(m.bias, 0, .2)
            nn.init.normal_(m.running_mean, 0, .2)
            nn.init.uniform_(m.running_var, .5, 1.5)
    return model.eval()


def prepared(rgb, size, mean, std):
    """Pillow's way: the shorter side scaled, the middle cut out."""
    im = Image.fromarray(rgb)
    w, h = im.size
    s = size / min(w, h)
    im = im.resize((round(w * s), round(h * s)), Image.BICUBIC)
    left, top = (im.width - size) // 2, (im.height - size) // 2
    a = np.asarray(im.crop((left, top, left + size, top + size)), np.float32) / 255
    return torch.from_numpy(((a - np.float32(mean)) / np.float32(std)).transpose(2, 0, 1)[None].copy())


def export(model, folder, size, manifest):
    folder.mkdir(parents=True, exist_ok=True)
    randomise(model)
    wave = torch.sin(torch.arange(2 * 3 * size * size, dtype=torch.float32) * .37).reshape(2, 3, size, size)
    torch.onnx.export(model, wave, str(folder / "model.onnx"), input_names=["pixels"], output_names=["out"], opset_version=17,
                      dynamic_axes={"pixels": {0: "batch"}, "out": {0: "batch"}}, dynamo=False)
    (folder / "bowerbird.json").write_text(json.dumps(manifest, indent=1) + "\n")
    mean, std = manifest.get("mean", [.485, .456, .406]), manifest.get("std", [.229, .224, .225])
    with torch.no_grad():
        out = {"wave": model(wave).flatten().tolist(), "shape": list(model(wave).shape), "pictures": {}}
        for name, rgb in pictures((150, 110)).items():
            v = model(prepared(rgb, size, mean, std))
            v = v.mean((2, 3)) if v.dim() == 4 else v
            out["pictures"][name] = (v / v.norm()).flatten().tolist()
    (folder / "expected.json").write_text(json.dumps(out) + "\n")


def main():
    root = pathlib.Path(sys.argv[1])
    torch.manual_seed(7)
    clip = {"mean": [.48145466, .4578275, .40821073], "std": [.26862954, .26130258, .27577711]}
    if "--large" in sys.argv:
        export(ViT(224, 32, 768, 12, 12, 512), root / "vit-b32", 224, clip)
        export(Mobile(32, V2, 1280), root / "mobilenet-v2", 224, {})
        return
    export(ViT(32, 8, 32, 4, 2, 24), root / "vit", 32, clip)
    export(Mobile(8, [(1, 8, 1, 1), (4, 12, 2, 2), (4, 16, 1, 2)], 24), root / "mobile", 48, {})


main()
