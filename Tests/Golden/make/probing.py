"""Makes the golden values of ProbingTests.

    python Tests/Golden/make/probing.py        # from the repository's root

Needs numpy, scipy and scikit-learn 1.9.1. Floats are written as the 8 hexadecimal digits of their pattern, doubles as
16. Activations are float32 numbers, as a model gives them; everything is fitted in float64.
"""

import json
import struct

import numpy as np
from sklearn.covariance import ShrunkCovariance
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

random = np.random.default_rng(20240406)


def floats(values):
    return "".join(struct.pack(">f", value).hex() for value in np.asarray(values, dtype=np.float32).ravel())


def doubles(values):
    return "".join(struct.pack(">d", float(value)).hex() for value in np.ravel(values))


def cloud(count, width, shift=0.0, offset=0.0):
    """Correlated features of different scales, away from zero."""
    scales = np.exp(np.linspace(-2, 2, width))
    mixing = np.eye(width) + 0.4 * np.cos(np.add.outer(np.arange(width) * 3, np.arange(width) * 5))
    return ((random.normal(size=(count, width)) + shift) @ mixing * scales + offset).astype(np.float32).astype(float)


def detectors():
    out = []
    for high, low, width, shrinkage in [(40, 30, 8, 0.01), (25, 60, 8, 0.3), (6, 5, 12, 0.05), (50, 50, 5, 0.0)]:
        positive = cloud(high, width, shift=0.8, offset=3)
        negative = cloud(low, width, offset=3)
        held_out = cloud(7, width, shift=0.4, offset=3)
        labels = np.r_[np.ones(high), np.zeros(low)]
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(np.r_[positive, negative], labels)
        clean = ShrunkCovariance(shrinkage=shrinkage).fit(negative)
        pairs = min(high, low)
        pooled = np.r_[positive[:pairs], negative[:pairs]]
        pca = PCA(svd_solver="full").fit(pooled)
        components = pca.components_[:3]
        contrast = positive[:pairs].mean(axis=0) - negative[:pairs].mean(axis=0)
        components *= np.sign(components @ contrast)[:, None]
        out.append({
            "width": width, "shrinkage": doubles(shrinkage), "positive": floats(positive), "negative": floats(negative),
            "held-out": floats(held_out),
            "lda": {"vector": doubles(lda.coef_), "offset": doubles(lda.intercept_),
                    "scores": doubles(lda.decision_function(held_out))},
            "mahalanobis": doubles(np.sqrt(clean.mahalanobis(held_out))),
            "pca": {"components": [doubles(c) for c in components], "variances": doubles(pca.explained_variance_[:3]),
                    "shares": doubles(pca.explained_variance_ratio_[:3]),
                    "scores": doubles((held_out - pooled.mean(axis=0)) @ components[0])},
        })
    return out


def objective(x, y, w, b, c):
    margins = (x @ w + b) * (2 * y - 1)
    return np.logaddexp(0, -margins).sum() + 0.5 * (w @ w) / c


def logistic():
    out = []
    # The last is separable: its optimum is finite thanks to the penalty alone.
    for count, width, c, strength in [(300, 20, 1.0, 1.0), (700, 7, 100.0, 2.0), (40, 60, 0.1, 1.0), (90, 6, 1.0, 60.0)]:
        x = (cloud(count, width, offset=2) / 3).astype(np.float32).astype(float)
        truth = random.normal(size=width) * strength / np.sqrt(width)
        centred = (x - x.mean(axis=0)) / x.std(axis=0)
        y = (random.uniform(size=count) < 1 / (1 + np.exp(-(centred @ truth) - 0.5))).astype(int)
        model = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-13, max_iter=1000).fit(x, y)
        w, b = model.coef_[0], model.intercept_[0]
        out.append({
            "width": width, "c": doubles(c), "features": floats(x), "labels": "".join(map(str, y)),
            "objective": doubles(objective(x, y, w, b, c)), "vector": doubles(w), "offset": doubles(b),
        })
    return out


with open("Tests/ProbingTests/Golden/probing.json", "w", encoding="utf-8") as file:
    json.dump({"detectors": detectors(), "logistic": logistic()}, file, indent=1, sort_keys=True)
    file.write("\n")
