"""Exports models to ONNX for package sentence. Needs torch, and transformers for a real model.

python3 export.py tiny OUT.onnx        a one-layer encoder with random weights, what the tests run (14 words, 8 dimensions)
python3 export.py FOLDER OUT.onnx      a sentence model of the BERT family from a local folder with config.json and weights
"""
import sys

import torch


class Tiny(torch.nn.Module):
    """One layer of self-attention under a mask."""

    def __init__(self, words=14, dim=8, heads=2, longest=32):
        super().__init__()
        self.heads, self.dim = heads, dim
        self.word, self.place = torch.nn.Embedding(words, dim), torch.nn.Embedding(longest, dim)
        self.qkv, self.out = torch.nn.Linear(dim, 3 * dim), torch.nn.Linear(dim, dim)
        self.norm1, self.norm2 = torch.nn.LayerNorm(dim), torch.nn.LayerNorm(dim)
        self.up, self.down = torch.nn.Linear(dim, 4 * dim), torch.nn.Linear(4 * dim, dim)

    def forward(self, input_ids, attention_mask):
        batch, length = input_ids.shape
        x = self.word(input_ids) + self.place(torch.arange(length))
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(2, 3) / (self.dim / self.heads) ** 0.5
        scores = scores.masked_fill(attention_mask[:, None, None, :] == 0, float("-inf"))
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, self.dim)
        x = self.norm1(x + self.out(mixed))
        return self.norm2(x + self.down(torch.nn.functional.gelu(self.up(x))))


def main(source, target):
    ids = torch.tensor([[2, 4, 3], [2, 5, 3]])
    names = ["input_ids", "attention_mask"]
    if source == "tiny":
        torch.manual_seed(1)
        model, inputs = Tiny().eval(), (ids, torch.ones_like(ids))
    else:
        from transformers import AutoModel

        model = AutoModel.from_pretrained(source).eval()
        names.append("token_type_ids")
        inputs = (ids, torch.ones_like(ids), torch.zeros_like(ids))
    axes = {name: {0: "batch", 1: "length"} for name in [*names, "vectors"]}
    torch.onnx.export(model, inputs, target, input_names=names, output_names=["vectors"], dynamic_axes=axes, opset_version=13)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
