"""Golden values of the decoder and its training, made by PyTorch in float64.

    python transformer.py FOLDER          writes the golden files (see Tests/TransformersTests/Golden)
    python transformer.py --check FILE    asserts that Python's safetensors opens a file that we wrote

The model is written out by hand: pre-LN GPT-2 blocks, tanh GELU, untied head without bias, `Conv1D`
weights stored [inputs, outputs]. Everything is computed in float64 and stored in float32, so that what
differs from it is our rounding and not PyTorch's.
"""

import json
import math
import pathlib
import sys

import safetensors
import safetensors.torch
import torch

VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS = 37, 16, 32, 2, 4
RATE, STEPS = 3e-3, 10

# Gradients of models whose weights and batches both sides make from integers: nothing but the gradient is
# stored. Name: (vocabulary, context, width, layers, heads), scale of the matrices, lengths of the sequences.
COUNTED = {
    "ragged": ((61, 24, 36, 3, 3), 2.0**-3, [25, 2, 9, 17, 24, 5, 13, 3, 21, 11, 16, 7, 19]),
    "small": ((256, 64, 64, 2, 4), 2.0**-5, [65, 65, 65, 65, 65, 65]),
}


def shapes():
    yield "transformer.wte.weight", (VOCABULARY, WIDTH)
    yield "transformer.wpe.weight", (CONTEXT, WIDTH)
    for layer in range(LAYERS):
        block = f"transformer.h.{layer}"
        yield f"{block}.ln_1.weight", (WIDTH,)
        yield f"{block}.ln_1.bias", (WIDTH,)
        yield f"{block}.attn.c_attn.weight", (WIDTH, 3 * WIDTH)
        yield f"{block}.attn.c_attn.bias", (3 * WIDTH,)
        yield f"{block}.attn.c_proj.weight", (WIDTH, WIDTH)
        yield f"{block}.attn.c_proj.bias", (WIDTH,)
        yield f"{block}.ln_2.weight", (WIDTH,)
        yield f"{block}.ln_2.bias", (WIDTH,)
        yield f"{block}.mlp.c_fc.weight", (WIDTH, 4 * WIDTH)
        yield f"{block}.mlp.c_fc.bias", (4 * WIDTH,)
        yield f"{block}.mlp.c_proj.weight", (4 * WIDTH, WIDTH)
        yield f"{block}.mlp.c_proj.bias", (WIDTH,)
    yield "transformer.ln_f.weight", (WIDTH,)
    yield "transformer.ln_f.bias", (WIDTH,)
    yield "lm_head.weight", (VOCABULARY, WIDTH)


def initial_parameters(generator):
    """Larger than a real initialisation, with biases and gains that are not 0 and 1."""
    parameters = {}
    for name, shape in shapes():
        values = 0.15 * torch.randn(shape, generator=generator, dtype=torch.float64)
        if "ln_" in name and name.endswith("weight"):
            values = values + 1
        # What is stored is float32: start from exactly that.
        parameters[name] = values.float().double().requires_grad_()
    return parameters


def norm(x, p, name):
    weight, bias = p[f"{name}.weight"], p[f"{name}.bias"]
    return torch.nn.functional.layer_norm(x, (WIDTH,), weight, bias, 1e-5)


def logits(p, tokens):
    """One sequence: [n] → [n, vocabulary]."""
    n = len(tokens)
    x = p["transformer.wte.weight"][tokens] + p["transformer.wpe.weight"][:n]
    mask = torch.tril(torch.ones(n, n, dtype=torch.bool))
    for layer in range(LAYERS):
        b = f"transformer.h.{layer}"
        qkv = norm(x, p, f"{b}.ln_1") @ p[f"{b}.attn.c_attn.weight"] + p[f"{b}.attn.c_attn.bias"]
        q, k, v = (part.view(n, HEADS, -1).transpose(0, 1) for part in qkv.split(WIDTH, dim=1))
        scores = q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS)
        scores = scores.masked_fill(~mask, -math.inf)
        mixed = (scores.softmax(-1) @ v).transpose(0, 1).reshape(n, WIDTH)
        x = x + mixed @ p[f"{b}.attn.c_proj.weight"] + p[f"{b}.attn.c_proj.bias"]
        hidden = norm(x, p, f"{b}.ln_2") @ p[f"{b}.mlp.c_fc.weight"] + p[f"{b}.mlp.c_fc.bias"]
        hidden = torch.nn.functional.gelu(hidden, approximate="tanh")
        x = x + hidden @ p[f"{b}.mlp.c_proj.weight"] + p[f"{b}.mlp.c_proj.bias"]
    return norm(x, p, "transformer.ln_f") @ p["lm_head.weight"].T


def loss_of(p, batch):
    total, denominator = 0.0, 0.0
    for tokens, weights in zip(batch["sequences"], batch["weights"]):
        tokens = torch.tensor(tokens)
        weights = torch.tensor(weights, dtype=torch.float64)[1:]
        costs = torch.nn.functional.cross_entropy(logits(p, tokens[:-1]), tokens[1:], reduction="none")
        total = total + (weights * costs).sum()
        denominator += weights.sum()
    return total / denominator


def make_batch(generator):
    batch = {"sequences": [], "weights": []}
    for length in [17, 2, 5, 17, 9, 12, 3, 16, 7, 11, 14]:
        tokens = torch.randint(VOCABULARY, (length,), generator=generator).tolist()
        choice = torch.randint(4, (length,), generator=generator).tolist()
        batch["sequences"].append(tokens)
        batch["weights"].append([[0.0, 0.5, 1.0, 1.0][c] for c in choice])
    return batch


def save(path, parameters):
    tensors = {name: value.detach().float().contiguous() for name, value in parameters.items()}
    safetensors.torch.save_file(tensors, path, {"format": "pt", "dormouse.heads": str(HEADS)})


def make(folder):
    generator = torch.Generator().manual_seed(20241117)
    p = initial_parameters(generator)
    batch = make_batch(generator)
    save(folder / "initial.safetensors", p)
    decayed = [value for value in p.values() if value.ndim == 2]
    plain = [value for value in p.values() if value.ndim == 1]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98), eps=1e-8)
    losses, norms = [], []
    for step in range(STEPS):
        optimiser.zero_grad()
        loss = loss_of(p, batch)
        loss.backward()
        if step == 0:
            save(folder / "gradient.safetensors", {name: value.grad for name, value in p.items()})
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(p.values(), 1.0).item())
        optimiser.step()
    save(folder / "trained.safetensors", p)
    document = {"batch": batch, "gradient_norms": norms, "learning_rate": RATE, "losses": losses}
    (folder / "training.json").write_text(json.dumps(document) + "\n")


def mixed(x):
    """SplitMix64's output for the state x (Steele et al. 2014): any integer to 64 bits."""
    mask = (1 << 64) - 1
    x = (x + 0x9E3779B97F4A7C15) & mask
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
    return x ^ (x >> 31)


def counted_parameters(scale):
    """Parameter n is (24 bits of mixed(n) / 2^23 - 1) x scale, exactly a float32; gains are 1 + that."""
    parameters, offset = {}, 0
    for name, shape in shapes():
        count = math.prod(shape)
        values = torch.tensor(
            [((mixed(offset + n) >> 40) - 2**23) / 2**23 * scale for n in range(count)],
            dtype=torch.float64,
        ).reshape(shape)
        if "ln_" in name and name.endswith("weight"):
            values = (values + 1).float().double()
        parameters[name] = values.requires_grad_()
        offset += count
    return parameters


def counted_batch(lengths):
    """Token t of sequence s is mixed(2^32 + 2^16 s + t) mod vocabulary; its weight, by two higher bits, 0, 1/2 or 1."""
    draws = [[mixed(2**32 + 2**16 * s + t) for t in range(n)] for s, n in enumerate(lengths)]
    ragged = len(set(lengths)) > 1
    return {
        "sequences": [[z % VOCABULARY for z in row] for row in draws],
        "weights": [
            [[0.0, 0.5, 1.0, 1.0][z >> 62] if ragged else 1.0 for z in row] for row in draws
        ],
    }


def make_counted(folder):
    global VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS
    losses = {}
    for name, (sizes, scale, lengths) in COUNTED.items():
        VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS = sizes
        p = counted_parameters(scale)
        loss = loss_of(p, counted_batch(lengths))
        loss.backward()
        # Rounded to float32 when stored: 3e-8 of a tensor's norm.
        save(folder / f"gradient-{name}.safetensors", {n: value.grad for n, value in p.items()})
        losses[name] = loss.item()
    (folder / "gradients.json").write_text(json.dumps(losses) + "\n")


def check(path):
    """Opens a file of ours with the reference reader and compares it with a reading by hand."""
    raw = pathlib.Path(path).read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    with safetensors.safe_open(path, framework="pt") as file:
        assert set(file.keys()) == set(header), "names differ"
        assert (file.metadata() or {}) == metadata, "metadata differ"
        for name in file.keys():
            tensor = file.get_tensor(name)
            begin, end = header[name]["data_offsets"]
            expected = torch.frombuffer(
                bytearray(raw[8 + length + begin : 8 + length + end]), dtype=torch.float32
            ).reshape(header[name]["shape"])
            assert tensor.dtype == torch.float32
            assert torch.equal(tensor.view(torch.int32), expected.view(torch.int32)), name
    print(f"{len(header)} tensors")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        check(sys.argv[2])
    elif len(sys.argv) == 2:
        make(pathlib.Path(sys.argv[1]))
        make_counted(pathlib.Path(sys.argv[1]))
    else:
        sys.exit(__doc__)
