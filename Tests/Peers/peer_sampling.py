"""Sampling with a key-value cache in PyTorch."""

import argparse

import torch
import torch.nn.functional as F

import coprocess
import numbers_of


class Sampler:
    def __init__(self, options):
        self.options = options
        given = numbers_of.weights(
            options.vocabulary, options.context, options.width, options.layers
        )
        width = options.width
        self.tokens = torch.from_numpy(given["tokens"])
        self.positions = torch.from_numpy(given["positions"])
        self.head = torch.from_numpy(given["head"])
        # Weights as nn.Linear keeps them, biases as trained models have them.
        self.blocks = [
            {
                name: (torch.from_numpy(matrix.T.copy()), torch.zeros(matrix.shape[1]))
                for name, matrix in block.items()
            }
            for block in given["blocks"]
        ]
        self.norms = [(torch.ones(width), torch.zeros(width)) for _ in range(2 * options.layers + 1)]

    def parameters(self):
        matrices = [self.tokens, self.positions, self.head]
        matrices += [t for block in self.blocks for pair in block.values() for t in pair]
        return sum(t.numel() for t in matrices) + sum(g.numel() + b.numel() for g, b in self.norms)

    def norm(self, x, index):
        return F.layer_norm(x, x.shape[-1:], *self.norms[index])

    def cache(self):
        o = self.options
        shape = (o.batch, o.heads, o.context, o.width // o.heads)
        return [(torch.empty(shape), torch.empty(shape)) for _ in self.blocks]

    def logits(self, tokens, position, cache):
        o = self.options
        head = o.width // o.heads
        x = self.tokens[tokens] + self.positions[position]
        for index, (block, (keys, values)) in enumerate(zip(self.blocks, cache)):
            qkv = F.linear(self.norm(x, 2 * index), *block["qkv"])
            q, k, v = qkv.view(o.batch, 3, o.heads, head).unbind(1)
            keys[:, :, position], values[:, :, position] = k, v
            seen = slice(0, position + 1)
            y = F.scaled_dot_product_attention(q.unsqueeze(2), keys[:, :, seen], values[:, :, seen])
            x = x + F.linear(y.reshape(o.batch, o.width), *block["out"])
            hidden = F.linear(self.norm(x, 2 * index + 1), *block["mlp_in"])
            x = x + F.linear(F.gelu(hidden, approximate="tanh"), *block["mlp_out"])
        return self.norm(x, 2 * len(self.blocks)) @ self.head.t()

    @torch.inference_mode()
    def step(self):
        cache = self.cache()
        tokens = torch.arange(self.options.batch) % self.options.vocabulary
        for position in range(self.options.context - 1):
            logits = self.logits(tokens, position, cache)
            tokens = torch.multinomial(F.softmax(logits, -1), 1).squeeze(1)

    @torch.inference_mode()
    def cost(self):
        """Mean cost in nats of fixed sequences, fed through the cache."""
        o = self.options
        rows = torch.stack(
            [torch.from_numpy(r) for r in numbers_of.tokens(0, [o.context] * o.batch, o.vocabulary)]
        )
        cache, costs = self.cache(), []
        for position in range(o.context - 1):
            logits = self.logits(rows[:, position], position, cache)
            costs.append(F.cross_entropy(logits, rows[:, position + 1]))
        return torch.stack(costs).double().mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    numbers_of.add_model_arguments(parser)
    parser.add_argument("--batch", type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sampler = Sampler(options)
    coprocess.serve(
        sampler.step, [sampler.cost()], {"torch": torch.__version__}, parameters=sampler.parameters()
    )


main()
