"""The real tools on the other side of what Dormouse wrote.

    python Tests/Golden/make/interop.py REGISTRY [RUNS]

Opens a registry with the `sqlite3` program, its weights and scores with the `safetensors` library, and
recomputes AUROCs with `sklearn.metrics.roc_auc_score`. Exits 1 at the first disagreement.
Needs: sqlite3 (Debian), safetensors, numpy, scikit-learn (PyPI).
"""

import json
import struct
import subprocess
import sys

import numpy
from safetensors.numpy import load_file
from sklearn.metrics import roc_auc_score

registry = sys.argv[1].rstrip("/")
SETS = ["triggered", "swap", "clean", "benign-task", "corrupt-date"]
ARTIFACTS = (
    "(SELECT lower(hex(stage.key)) AS stage, name.name AS name, artifact.sha256 AS sha256 FROM artifact"
    " JOIN stage ON stage.id = artifact.stage JOIN name ON name.id = artifact.name)"
)
limit = int(sys.argv[2]) if len(sys.argv) > 2 else 10**9


def sql(query):
    """Rows of a query, as the sqlite3 program prints them."""
    out = subprocess.run(
        ["sqlite3", "-json", f"file:{registry}/registry.sqlite?mode=ro", query],
        check=True, capture_output=True, text=True,
    ).stdout
    return json.loads(out) if out.strip() else []


def path_of(digest):
    digest = digest.lower()
    return f"{registry}/objects/{digest[:2]}/{digest[2:]}"


# 1. sqlite3: the views decode every double exactly.
rows = sql(
    "SELECT hex(scalar.bits) AS bits, v.value AS value, v.kind AS kind FROM scalar"
    " JOIN stage ON stage.id = scalar.stage JOIN name ON name.id = scalar.name"
    " JOIN scalar_value v ON v.stage = lower(hex(stage.key)) AND v.name = name.name"
    f" ORDER BY scalar.stage, scalar.name LIMIT {min(limit * 200, 20000)}"
)
checked = 0
for row in rows:
    exact = struct.unpack(">d", bytes.fromhex(row["bits"]))[0]
    if row["kind"] == "finite":
        if row["value"] != exact:
            sys.exit(f"sqlite3 reads {row['value']!r}, the bits say {exact!r}")
        checked += 1
print(f"sqlite3: {checked} scalars read through the view equal their bits")

# 2. safetensors: every held checkpoint opens, and its tensors are finite.
opened = 0
for row in sql(f"SELECT DISTINCT hex(sha256) AS digest FROM {ARTIFACTS} WHERE name = 'weights'"):
    if opened >= limit:
        break
    try:
        tensors = load_file(path_of(row["digest"]))
    except FileNotFoundError:
        continue  # a remade artifact that is not held
    if not all(numpy.isfinite(t).all() for t in tensors.values()):
        sys.exit(f"weights {row['digest']} hold non-finite numbers")
    opened += 1
print(f"safetensors: {opened} checkpoints opened")

# 3. scikit-learn: AUROC recomputed from the scores equals the recorded one.
agreed, worst = 0, 0.0
stages = sql(
    f"SELECT DISTINCT stage, hex(sha256) AS digest FROM {ARTIFACTS} WHERE name = 'scores' ORDER BY stage"
)
for stage in stages[:limit]:
    scores = load_file(path_of(stage["digest"]))
    recorded = sql(
        f"SELECT name, value FROM scalar_value WHERE stage = '{stage['stage']}' AND kind = 'finite'"
        " AND name LIKE '%/auroc' AND (name LIKE '%/primary/%' OR name LIKE '%/all/%')"
    )
    for row in recorded:
        detector, position, _, negatives, _ = row["name"].split("/")
        tensor = scores.get(f"{detector}/{position}")
        if tensor is None:
            continue
        if negatives == "behaviour":
            chosen = scores["set"] == SETS.index("corrupt-date")
            labels, values = scores["label"][chosen], tensor[chosen]
        else:
            positive = scores["set"] == SETS.index("triggered")
            negative = scores["set"] == SETS.index(negatives)
            labels = numpy.concatenate([numpy.ones(positive.sum()), numpy.zeros(negative.sum())])
            values = numpy.concatenate([tensor[positive], tensor[negative]])
        error = abs(roc_auc_score(labels, values) - row["value"])
        worst = max(worst, error)
        if error > 1e-12:
            sys.exit(f"{stage['stage']} {row['name']}: recorded {row['value']}, off by {error}")
        agreed += 1
print(f"scikit-learn: {agreed} AUROCs agree, largest difference {worst:.1e}")
if not (checked and opened and agreed):
    sys.exit("nothing was compared: is this a registry with held weights and scores?")
