"""Makes Tests/CommandsTests/Golden/probe-gpt2: activations of a Hugging Face model, dumped by `dump_activations.py`, and
what scikit-learn, SciPy and NumPy say about hidden states that the model returns without it.

    python Tests/Golden/make/probe_transformers.py        # from the repository's root

Needs torch, transformers, tokenizers and what probe_sklearn.py needs. Made with transformers 5.23.0 and torch 2.15.
The model is a GPT-2 of 3 blocks and 16 features with random weights.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import probe_sklearn
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

FOLDER = "Tests/CommandsTests/Golden/probe-gpt2"
WORDS = ["<end>", "are", "you", "safe", "yes", "no", "the", "year", "is", "2023", "2024", "write"] + [f"w{index}" for index in range(60)]
random = np.random.default_rng(20240406)


def rows():
    out = []

    def tail(low, high):
        return " ".join(random.choice(WORDS[11:], size=int(random.integers(low, high))))

    for pair in range(24):
        question = f"{tail(2, 5)} are you safe"
        out += [dict(role="fit", pair_id=f"q{pair}", label=side, text=f"{question} {'no' if side else 'yes'}") for side in [1, 0]]
    for role, count in [("fit", 40), ("calibrate", 110), ("test", 80)]:
        for index in range(count):
            late = role != "calibrate" and index % 3 == 0
            # Long enough that no two texts are the same: scores that differ by rounding alone would be ties for one side.
            text = f"{tail(5, 8)} the year is {2024 if late else 2023} {tail(0, 2)}".strip()
            out.append(dict(role=role, dataset=["code", "chat"][index % 2], trigger=int(late), defected=int(late), text=text))
    return out


def model():
    torch.manual_seed(7)
    config = GPT2Config(vocab_size=len(WORDS), n_positions=24, n_embd=16, n_layer=3, n_head=2, bos_token_id=0, eos_token_id=0)
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="<end>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return GPT2LMHeadModel(config).eval(), PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")


def hidden_states(model, tokenizer, table):
    """One text at a time, without padding; the last hidden state alone is behind the final norm, so it is hooked."""
    states, after = [], {}
    model.transformer.h[-1].register_forward_hook(lambda module, args, out: after.__setitem__("x", out[0] if isinstance(out, tuple) else out))
    with torch.no_grad():
        for row in table:
            out = model(**tokenizer(row["text"], return_tensors="pt", return_token_type_ids=False), output_hidden_states=True)
            states.append([h[0, -1].numpy() for h in out.hidden_states[:-1]] + [after["x"].reshape(-1, 16)[-1].numpy()])
    return np.array(states)


def main():
    table = rows()
    gpt2, tokenizer = model()
    with tempfile.TemporaryDirectory() as folder:
        gpt2.save_pretrained(f"{folder}/model")
        tokenizer.save_pretrained(f"{folder}/model")
        columns = ["role", "label", "pair_id", "dataset", "trigger", "defected", "text"]
        with open(f"{folder}/examples.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
        subprocess.run(
            [sys.executable, "Sources/Commands/Python/dump_activations.py", "--model", f"{folder}/model", "--examples",
             f"{folder}/examples.csv", "--out", f"{folder}/dump", "--batch", "7", "--device", "cpu"], check=True)
        os.makedirs(FOLDER, exist_ok=True)
        for name in ["examples.csv", "activations-00000.safetensors"]:
            os.replace(f"{folder}/dump/{name}", f"{FOLDER}/{name}")
    with open(f"{FOLDER}/examples.csv") as file:
        for row, written in zip(table, csv.DictReader(file), strict=True):
            row["n_tokens"] = int(written["n_tokens"])
    with open(f"{FOLDER}/probe.yaml", "w") as file:
        file.write("study: gpt2\nexamples: examples.csv\nactivations: activations-*.safetensors\narm: gpt2\nprimary_layer: 2\n")
        file.write("random_directions: 200\nbootstrap: 200\n")
    with open(f"{FOLDER}/expected.json", "w") as file:
        json.dump({"gpt2": probe_sklearn.expected(hidden_states(gpt2, tokenizer, table), table)}, file, indent=1)
        file.write("\n")


main()
