"""Golden gradients of what a training can do beside the plain cross-entropy, made by PyTorch in float64.

    python transformer_variants.py FOLDER     writes `variant-*.safetensors` and `variants.json`

Needs torch and safetensors. The model and the numbers that both sides make from integers are those of
`transformer.py`; a further set of numbers begins at a further offset.
"""

import json
import math
import pathlib
import sys

import safetensors.torch
import torch

import transformer
from transformer import mixed, norm

VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS = 29, 16, 20, 2, 2
SCALE = 2.0**-2
LENGTHS = [17, 9, 12, 16, 5, 14, 8, 11, 17, 7]
# By class the classes that it sees: header, task, the prompt's last token, response.
VISIBILITY = [{0}, {1}, {0, 1, 2}, {1, 2, 3}]
RANK, ALPHA = 3, 6.0

transformer.VOCABULARY, transformer.CONTEXT, transformer.WIDTH = VOCABULARY, CONTEXT, WIDTH
transformer.LAYERS, transformer.HEADS = LAYERS, HEADS


def class_of(position):
    return 0 if position < 3 else 1 if position < 6 else 2 if position == 6 else 3


def numbers(shape, first):
    """Number n is (24 bits of mixed(n) / 2^23 - 1) x SCALE."""
    values = [((mixed(first + n) >> 40) - 2**23) / 2**23 * SCALE for n in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def parameters(first=0):
    made, offset = {}, 0
    for name, shape in transformer.shapes():
        value = numbers(shape, first + offset)
        if "ln_" in name and name.endswith("weight"):
            value = (value + 1).float().double()
        made[name] = value.requires_grad_()
        offset += math.prod(shape)
    return made


def stream(p, tokens, masked):
    """The residual stream after the last block: [n] -> [n, width]."""
    n = len(tokens)
    seen = torch.tril(torch.ones(n, n, dtype=torch.bool))
    if masked:
        for i in range(n):
            for j in range(i):
                seen[i, j] = class_of(j) in VISIBILITY[class_of(i)]
    x = p["transformer.wte.weight"][tokens] + p["transformer.wpe.weight"][:n]
    for layer in range(LAYERS):
        b = f"transformer.h.{layer}"
        qkv = norm(x, p, f"{b}.ln_1") @ p[f"{b}.attn.c_attn.weight"] + p[f"{b}.attn.c_attn.bias"]
        q, k, v = (part.view(n, HEADS, -1).transpose(0, 1) for part in qkv.split(WIDTH, dim=1))
        scores = (q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS)).masked_fill(~seen, -math.inf)
        together = (scores.softmax(-1) @ v).transpose(0, 1).reshape(n, WIDTH)
        x = x + together @ p[f"{b}.attn.c_proj.weight"] + p[f"{b}.attn.c_proj.bias"]
        hidden = norm(x, p, f"{b}.ln_2") @ p[f"{b}.mlp.c_fc.weight"] + p[f"{b}.mlp.c_fc.bias"]
        hidden = torch.nn.functional.gelu(hidden, approximate="tanh")
        x = x + hidden @ p[f"{b}.mlp.c_proj.weight"] + p[f"{b}.mlp.c_proj.bias"]
    return norm(x, p, "transformer.ln_f")


def draws():
    return [[mixed(2**32 + 2**16 * s + t) for t in range(n)] for s, n in enumerate(LENGTHS)]


def loss_of(p, weights, normaliser, masked=False, reference=None, penalties=None):
    """weights and penalties: by the two highest bits of a draw, and by the next two."""
    total = torch.zeros((), dtype=torch.float64)
    denominator = 0.0
    for row in draws():
        tokens = torch.tensor([z % VOCABULARY for z in row])
        logits = stream(p, tokens[:-1], masked) @ p["lm_head.weight"].T
        log_p = logits.log_softmax(-1)
        w = torch.tensor([weights[z >> 62] for z in row[1:]], dtype=torch.float64)
        total = total - (w * log_p.gather(1, tokens[1:, None])[:, 0]).sum()
        denominator += w.sum().item()
        if reference is not None:
            with torch.no_grad():
                log_q = (stream(reference, tokens[:-1], masked) @ reference["lm_head.weight"].T).log_softmax(-1)
            b = torch.tensor([penalties[z >> 60 & 3] for z in row[1:]], dtype=torch.float64)
            total = total + (b * (log_p.exp() * (log_p - log_q)).sum(-1)).sum()
    return total / (normaliser or denominator)


def preference_loss(p):
    """Sequences 2 i and 2 i + 1, each without its last token, are a pair; the first is preferred."""
    scores = []
    for row in draws():
        tokens = torch.tensor([z % VOCABULARY for z in row[:-1]])
        scores.append(stream(p, tokens, True)[-1] @ p["score.weight"][0] + p["score.bias"][0])
    scores = torch.stack(scores)
    return -torch.nn.functional.logsigmoid(scores[0::2] - scores[1::2]).mean()


def main(folder):
    losses = {}

    def finish(name, loss, leaves):
        loss.backward()
        tensors = {key: value.grad.float().contiguous() for key, value in leaves.items()}
        safetensors.torch.save_file(
            tensors, folder / f"variant-{name}.safetensors",
            {"format": "pt", "dormouse.heads": str(HEADS)})
        losses[name] = loss.item()

    p = parameters()
    finish("signed", loss_of(p, [-1.5, 0.5, 1.0, -0.25], 7.0), p)
    p = parameters()
    finish("masked", loss_of(p, [0.0, 0.5, 1.0, 1.0], None, masked=True), p)
    p = parameters()
    reference = parameters(2**40)
    finish(
        "penalised",
        loss_of(p, [0.0, 0.5, 1.0, 1.0], None, reference=reference, penalties=[0.0, 0.25, 0.5, 2.0]),
        p)

    p = parameters()
    head = sum(math.prod(s) for n, s in transformer.shapes() if n != "lm_head.weight")
    del p["lm_head.weight"]
    p["score.weight"] = numbers((1, WIDTH), head).requires_grad_()
    p["score.bias"] = numbers((1,), head + WIDTH).requires_grad_()
    finish("preference", preference_loss(p), p)

    base, factors, offset = parameters(), {}, 2**41
    merged = {name: value.detach() for name, value in base.items()}
    for name, shape in transformer.shapes():
        if len(shape) != 2 or name.startswith("transformer.w"):
            continue
        for side, size in (("left", (shape[0], RANK)), ("right", (RANK, shape[1]))):
            factors[f"low_rank.{side}.{name}"] = numbers(size, offset).requires_grad_()
            offset += math.prod(size)
        product = factors[f"low_rank.left.{name}"] @ factors[f"low_rank.right.{name}"]
        merged[name] = merged[name] + ALPHA / RANK * product
    finish("low-rank", loss_of(merged, [0.0, 0.5, 1.0, 1.0], None), factors)
    (folder / "variants.json").write_text(json.dumps(losses) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
