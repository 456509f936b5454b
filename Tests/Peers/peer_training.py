"""Training steps of a GPT in eager PyTorch, as its users write them."""

import argparse
import math
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import coprocess
import numbers_of

IGNORED = -100


class Block(nn.Module):
    def __init__(self, width, heads, mask):
        super().__init__()
        self.heads, self.mask, self.fused = heads, mask, True
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.mlp_in = nn.Linear(width, 4 * width)
        self.mlp_out = nn.Linear(4 * width, width)

    def attention(self, x):
        batch, length, width = x.shape
        head = width // self.heads
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, head).permute(2, 0, 3, 1, 4)
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-1, -2)) * (1 / math.sqrt(head))
            scores = scores.masked_fill(self.mask[:length, :length], float("-inf"))
            y = scores.softmax(-1) @ v
        return self.out(y.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp_out(F.gelu(self.mlp_in(self.norm2(x)), approximate="tanh"))


class GPT(nn.Module):
    """Pre-norm, learned positions, untied head without a bias."""

    def __init__(self, options):
        super().__init__()
        width = options.width
        mask = torch.ones(options.context, options.context, dtype=torch.bool).triu(1)
        self.tokens = nn.Embedding(options.vocabulary, width)
        self.positions = nn.Embedding(options.context, width)
        self.blocks = nn.ModuleList(Block(width, options.heads, mask) for _ in range(options.layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, options.vocabulary, bias=False)

    def load(self, weights):
        with torch.no_grad():
            self.tokens.weight.copy_(torch.from_numpy(weights["tokens"]))
            self.positions.weight.copy_(torch.from_numpy(weights["positions"]))
            self.head.weight.copy_(torch.from_numpy(weights["head"]))
            for block, given in zip(self.blocks, weights["blocks"]):
                for name, matrix in given.items():
                    layer = getattr(block, name)
                    layer.weight.copy_(torch.from_numpy(matrix.T.copy()))
                    layer.bias.zero_()

    def forward(self, inputs, targets):
        x = self.tokens(inputs) + self.positions.weight[: inputs.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.norm(x))
        return F.cross_entropy(
            logits.view(-1, logits.shape[-1]), targets.reshape(-1), ignore_index=IGNORED
        )


def padded(batch, lengths, vocabulary):
    """Inputs and targets, padded to the longest of the batch; nothing is learnt from padding."""
    rows = numbers_of.tokens(batch, [n + 1 for n in lengths], vocabulary)
    inputs = np.zeros((len(rows), max(lengths)), dtype=np.int64)
    targets = np.full_like(inputs, IGNORED)
    for row, (tokens, length) in enumerate(zip(rows, lengths)):
        inputs[row, :length], targets[row, :length] = tokens[:-1], tokens[1:]
    return torch.from_numpy(inputs), torch.from_numpy(targets)


class Training:
    def __init__(self, options, batches, fused):
        self.batches, self.next = batches, 0
        self.model = GPT(options)
        self.model.load(
            numbers_of.weights(options.vocabulary, options.context, options.width, options.layers)
        )
        for block in self.model.blocks:
            block.fused = fused
        parameters = list(self.model.parameters())
        self.optimiser = torch.optim.AdamW(
            [
                {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": 0.01},
                {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
            ],
            lr=1e-3, betas=(0.9, 0.98), eps=1e-8, fused=True,
        )

    def update(self, batch):
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.model(*batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        return loss

    def step(self):
        self.update(self.batches[self.next])
        self.next = (self.next + 1) % len(self.batches)

    def trial(self):
        """Seconds of the fastest of some passes through the batches."""
        times = []
        for _ in range(5):
            start = time.perf_counter()
            for _ in self.batches:
                self.step()
            times.append(time.perf_counter() - start)
        return min(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    numbers_of.add_model_arguments(parser)
    parser.add_argument("--lengths", required=True, help="inputs of each sequence: 12,31;25,14")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    lengths = [[int(n) for n in batch.split(",")] for batch in options.lengths.split(";")]
    batches = [padded(i, batch, options.vocabulary) for i, batch in enumerate(lengths)]
    trainings = {name: Training(options, batches, name == "fused") for name in ("fused", "manual")}
    facts = [trainings["fused"].update(batches[0]).item() for _ in range(3)]
    for training in trainings.values():
        training.trial()
    faster = min(trainings, key=lambda name: trainings[name].trial())
    training = trainings.pop(faster)
    trainings.clear()
    coprocess.serve(
        training.step, facts, {"torch": torch.__version__},
        parameters=sum(p.numel() for p in training.model.parameters()), attention=faster,
    )


main()
