"""Probes with scikit-learn and NumPy."""

import argparse
import time
import warnings

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from threadpoolctl import threadpool_limits

import coprocess
import numbers_of

# How far above the optimum an objective may stay, relatively: what float32 features allow. Ours goes to 1e-9.
EQUAL = 1e-7


class Layer:
    """`ProbeLayer.swift` is the other home of these formulas."""

    def __init__(self, index, options):
        strength, stream = 0.1 + 0.1 * index, 2000 + 10 * index
        rows, width = options.examples, options.width
        self.labels = np.arange(rows) % 2
        self.scores = numbers_of.noise(np.arange(rows), stream + 5) + strength * self.labels
        if options.kind == "roc":
            return
        means = strength * (numbers_of.uniform(np.arange(width), stream + 4) - 0.5)
        sizes = 2 / (1 + np.arange(width) / 64)
        noise = numbers_of.noise(np.arange(rows * width), stream).reshape(rows, width)
        signs = np.where(self.labels == 1, 1.0, -1.0)[:, None]
        self.features = ((noise + signs * means) * sizes).astype(np.float32)
        self.positive = np.ascontiguousarray(self.features[self.labels == 1])
        self.negative = np.ascontiguousarray(self.features[self.labels == 0])

    def fit(self, **settings):
        return LogisticRegression(C=1.0, **settings).fit(self.features, self.labels)

    def objective(self, model):
        weights = model.coef_[0].astype(np.float64)
        margins = self.features.astype(np.float64) @ weights + float(model.intercept_[0])
        margins *= np.where(self.labels == 1, 1.0, -1.0)
        return 0.5 * weights @ weights + np.logaddexp(0, -margins).sum()

    def optimum(self):
        exact = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=100)
        return self.objective(exact.fit(self.features.astype(np.float64), self.labels))

    def mean_difference(self):
        direction = self.positive.mean(0) - self.negative.mean(0)
        return self.positive @ direction, self.negative @ direction

    def area(self):
        roc_curve(self.labels, self.scores, drop_intermediate=False)
        return roc_auc_score(self.labels, self.scores)


def best_solver(layers):
    """The fastest settings that reach the optimum on the first and the last layer."""
    candidates = [{"solver": "newton-cholesky", "max_iter": 100}]
    candidates += [{"solver": "lbfgs", "max_iter": 5000, "tol": t} for t in (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)]
    tried = [layers[0], layers[-1]]
    optima = [layer.optimum() for layer in tried]
    best, least = None, float("inf")
    for settings in candidates:
        seconds, reached = 0.0, True
        for layer, optimum in zip(tried, optima):
            start = time.perf_counter()
            model = layer.fit(**settings)
            seconds += time.perf_counter() - start
            reached = reached and layer.objective(model) <= optimum * (1 + EQUAL)
        if reached and seconds < least:
            best, least = settings, seconds
    assert best is not None, "no solver reaches the optimum"
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=["logistic", "mean-difference", "roc"], required=True)
    for name in ("threads", "examples", "width", "layers"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    versions = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
    warnings.simplefilter("ignore", ConvergenceWarning)
    with threadpool_limits(options.threads):
        layers = [Layer(index, options) for index in range(options.layers)]
        more = {}
        if options.kind == "logistic":
            settings = best_solver(layers)
            more["solver"] = settings["solver"]
            facts = [layer.objective(layer.fit(**settings)) for layer in layers]
            step = lambda: [layer.fit(**settings) for layer in layers]
        elif options.kind == "mean-difference":
            scores = [layer.mean_difference() for layer in layers]
            facts = [float(p.mean(dtype=np.float64) - n.mean(dtype=np.float64)) for p, n in scores]
            step = lambda: [layer.mean_difference() for layer in layers]
        else:
            facts = [layer.area() for layer in layers]
            step = lambda: [layer.area() for layer in layers]
        coprocess.serve(step, facts, versions, **more)


main()
