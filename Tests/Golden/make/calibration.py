"""Makes Tests/StatisticsTests/Golden/calibration.json: log scores and probabilities at another prevalence.

    python Tests/Golden/make/calibration.py        # from the repository's root

Needs numpy, scipy and scikit-learn 1.9.1. Every double is written as the 16 hexadecimal digits of its pattern.
"""

import json
import struct

import numpy as np
from scipy.special import expit
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

random = np.random.default_rng(20250101)


def doubles(values):
    return "".join(struct.pack(">d", float(value)).hex() for value in np.ravel(values))


def error(labels, probabilities):
    """From the reliability curve: its bins have other edges where a probability lies on one, so none does."""
    observed, predicted = calibration_curve(labels, probabilities, n_bins=10)
    counts = np.bincount(np.minimum((probabilities * 10).astype(int), 9), minlength=10)
    return float(np.sum(counts[counts > 0] * np.abs(observed - predicted)) / len(labels))


def cases():
    normal = random.normal(size=60) * 2
    yield "spread", normal, random.uniform(size=60) < expit(normal)
    yield "ties", np.round(normal) + 0.1, random.uniform(size=60) < 0.3
    yield "constant", np.full(20, -0.4), np.arange(20) % 4 == 0
    # scikit-learn clips here: certainties that were right cost it 2.2e-16.
    yield "certain", np.r_[np.full(5, np.inf), np.full(7, -np.inf), [1.5, -2]], np.r_[np.ones(5), np.zeros(7), [1, 1]] == 1
    yield "far", np.r_[[40.0, -45.0, 12.0], normal[:9]], np.r_[[1, 0, 0], normal[:9] > 0] == 1


out = []
for name, odds, labels in cases():
    labels = np.asarray(labels).astype(int)
    p = expit(odds)
    scores = {"own": log_loss(labels, p)}
    for prevalence in [0.01, 0.5]:
        weights = np.where(labels == 1, prevalence / labels.mean(), (1 - prevalence) / (1 - labels).mean())
        # Bayes' rule on probabilities, not on odds.
        share = labels.mean()
        a, b = p * prevalence / share, (1 - p) * (1 - prevalence) / (1 - share)
        scores[str(prevalence)] = log_loss(labels, a / (a + b), sample_weight=weights)
    out.append({
        "name": name, "odds": doubles(odds), "labels": "".join(map(str, labels)), "error": doubles(error(labels, p)),
        "scores": {key: doubles(value) for key, value in scores.items()},
    })
with open("Tests/StatisticsTests/Golden/calibration.json", "w", encoding="utf-8") as file:
    json.dump(out, file, indent=1, sort_keys=True)
    file.write("\n")
