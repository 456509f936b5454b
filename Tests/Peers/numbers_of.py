"""The numbers that both sides begin with; `SharedNumbers.swift` is the other home of these formulas."""

import numpy as np


def uniform(indices, stream):
    """On [0, 1), multiples of 2**-32: the end of MurmurHash3 over a counter."""
    x = np.asarray(indices, dtype=np.uint32) ^ np.uint32(stream * 0x9E3779B9 & 0xFFFFFFFF)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x.astype(np.float64) * 2.0**-32


def noise(indices, stream):
    """Nearly normal, unit variance."""
    total = np.full(np.shape(indices), -2.0)
    for part in range(4):
        total += uniform(indices, stream + part)
    return total * 1.7320508075688772


def tokens(batch, lengths, vocabulary):
    """Token ids of each sequence of a batch."""
    return [
        (uniform((batch * 4096 + s) * 4096 + np.arange(n), 1000) * vocabulary).astype(np.int64)
        for s, n in enumerate(lengths)
    ]


class Tensors:
    """Weights in the order of a checkpoint; the stream of each is its place in it."""

    def __init__(self):
        self.place = -1

    def matrix(self, rows, columns):
        self.place += 1
        values = (uniform(np.arange(rows * columns), self.place) - 0.5) * 0.0692820323027551
        return values.astype(np.float32).reshape(rows, columns)

    def skip(self, count=1):
        """Norms and biases begin with 1 and 0."""
        self.place += count


def weights(vocabulary, context, width, layers):
    """Matrices [inputs, outputs]; embeddings and the head [rows, width]."""
    tensors = Tensors()
    model = {"tokens": tensors.matrix(vocabulary, width), "positions": tensors.matrix(context, width)}
    blocks = []
    for _ in range(layers):
        block = {}
        tensors.skip(2)
        block["qkv"] = tensors.matrix(width, 3 * width)
        tensors.skip()
        block["out"] = tensors.matrix(width, width)
        tensors.skip(3)
        block["mlp_in"] = tensors.matrix(width, 4 * width)
        tensors.skip()
        block["mlp_out"] = tensors.matrix(4 * width, width)
        tensors.skip()
        blocks.append(block)
    tensors.skip(2)
    model["blocks"] = blocks
    model["head"] = tensors.matrix(vocabulary, width)
    return model


def add_model_arguments(parser):
    for name in ("threads", "vocabulary", "context", "width", "layers", "heads"):
        parser.add_argument(f"--{name}", type=int, required=True)
