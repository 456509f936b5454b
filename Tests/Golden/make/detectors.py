"""Makes Tests/ProbingTests/Golden/detectors.json: contrast-consistent search, nearest neighbours, sparse dictionaries.

    python Tests/Golden/make/detectors.py        # from the repository's root

Needs numpy, scipy 1.17.1 and scikit-learn 1.9.1. Floats and doubles are written as `probing.py` writes them. The
references here are also what `probe_sklearn.py` and `probe_transformers.py` hold `dormouse probe` against.
"""

import json
import struct

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.decomposition import DictionaryLearning, sparse_encode
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

ALPHA = 0.1


def floats(values):
    return "".join(struct.pack(">f", value).hex() for value in np.asarray(values, dtype=np.float32).ravel())


def doubles(values):
    return "".join(struct.pack(">d", float(value)).hex() for value in np.ravel(values))


# Contrast-consistent search -------------------------------------------------------------------------------


def consistency(high, low):
    """The loss of Burns et al. 2022, from both sides' margins, as their code has it."""
    p, q = expit(high), expit(low)
    return np.mean((p - (1 - q)) ** 2) + np.mean(np.minimum(p, q) ** 2)


class Search:
    def __init__(self, positive, negative, ridge=0.01):
        self.ridge, self.sides = ridge, []
        for x in [positive, negative]:
            self.sides.append((x, x.mean(axis=0), x.std(axis=0)))
        varies = (np.ptp(positive, axis=0) > 0) & (np.ptp(negative, axis=0) > 0)
        self.inverse = [np.where(varies, 1 / np.where(varies, side[2], 1), 0) for side in self.sides]
        self.z = [(side[0] - side[1]) * inverse for side, inverse in zip(self.sides, self.inverse)]

    def loss(self, w, b):
        return consistency(self.z[0] @ w + b, self.z[1] @ w + b)

    def objective(self, point):
        w, b = point[:-1], point[-1]
        high, low = (z @ w + b for z in self.z)
        p, q = expit(high), expit(low)
        gap, n = p - expit(-low), len(p)
        value = np.mean(gap**2 + np.minimum(p, q) ** 2) + self.ridge / 2 * (w @ w)
        first = p <= q
        dp = 2 * (gap + np.where(first, p, 0)) * p * (1 - p) / n
        dq = 2 * (gap + np.where(first, 0, q)) * q * (1 - q) / n
        return value, np.r_[dp @ self.z[0] + dq @ self.z[1] + self.ridge * w, dp.sum() + dq.sum()]

    def best(self, starts=200, seed=5):
        """The lowest of many restarts. Where pairs are few there are tens of minima, the lowest with one start in a hundred."""
        width = self.z[0].shape[1]
        random, best = np.random.default_rng(seed), None
        for start in range(starts):
            first = random.uniform(-1, 1, size=width + 1) / np.sqrt(width) * (1 if start % 2 else 3)
            found = minimize(self.objective, first, jac=True, method="L-BFGS-B", options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-7, "maxcor": 30})
            if best is None or found.fun < best.fun - 1e-13:
                best = found
        found = minimize(self.objective, best.x, jac=True, method="BFGS", options={"gtol": 1e-13, "maxiter": 1000})
        return found if found.fun <= best.fun else best

    def direction(self, point):
        w, b = point[:-1], point[-1]
        vector = w * (self.inverse[0] + self.inverse[1]) / 2
        offset = b - sum(side[1] @ (w * inverse) for side, inverse in zip(self.sides, self.inverse)) / 2
        sign = 1 if vector @ (self.sides[0][1] - self.sides[1][1]) >= 0 else -1
        return sign * vector, sign * offset


# Nearest neighbours ---------------------------------------------------------------------------------------


def nearest(clean, queries):
    """Distances to the k-th nearest. Not by products of vectors, which cannot tell near ones from equal ones."""
    rank = min(100, max(1, int(np.floor(np.sqrt(len(clean)) + 0.5))))
    found = NearestNeighbors(n_neighbors=rank, algorithm="ball_tree").fit(normalize(clean))
    return found.kneighbors(normalize(queries))[0][:, -1]


# Sparse dictionaries --------------------------------------------------------------------------------------


def codes(x, atoms, alpha=ALPHA, sweeps=1000, start=None):
    """Non-negative sparse codes by coordinate descent, all rows at once; sklearn's stop at 1e-8 of the gap."""
    c = np.zeros((len(x), len(atoms))) if start is None else start.copy()
    gram = atoms @ atoms.T
    rest = x @ atoms.T - c @ gram
    for _ in range(sweeps):
        largest = 0.0
        for k in range(len(atoms)):
            new = np.maximum(0, c[:, k] + (rest[:, k] - alpha) / gram[k, k])
            change = new - c[:, k]
            if change.any():
                rest -= change[:, None] * gram[k]
                largest, c[:, k] = max(largest, np.abs(change).max()), new
        if largest < 1e-11:
            break
    return c


def objective(x, atoms, c, alpha=ALPHA):
    return (0.5 * ((x - c @ atoms) ** 2).sum() + alpha * c.sum()) / len(x)


class Dictionary:
    """The alternating steps of Mairal et al. 2010 from examples, as the docstring of SparseDictionary says."""

    def __init__(self, examples, steps=30):
        self.mean = examples.mean(axis=0)
        x = examples - self.mean
        self.unit = np.sqrt((x**2).sum(axis=1).mean())
        x = x / self.unit
        squares = (x**2).sum(axis=1)
        left, atoms = squares.copy(), []
        for _ in range(min(4 * x.shape[1], 256, len(x) // 2)):
            row = int(np.argmax(left))
            if left[row] <= 1e-12 * squares.max():
                break
            atoms.append(x[row] / np.sqrt(squares[row]))
            left = np.minimum(left, squares - np.maximum(0, x @ atoms[-1]) ** 2)
            left[row] = 0
        self.atoms = np.array(atoms)
        c = np.zeros((len(x), len(self.atoms)))
        for _ in range(steps):
            c = codes(x, self.atoms, sweeps=10, start=c)
            uses, targets = c.T @ c, c.T @ x
            for k in range(len(self.atoms)):
                if uses[k, k] > 1e-12:
                    atom = self.atoms[k] + (targets[k] - uses[k] @ self.atoms) / uses[k, k]
                    self.atoms[k] = atom / max(1, np.linalg.norm(atom))
        self.x = x

    def coded(self, examples):
        return codes((examples - self.mean) / self.unit, self.atoms)


def atom(positive, negative):
    learned = Dictionary(np.concatenate([positive, negative]))
    differences = learned.coded(positive).mean(axis=0) - learned.coded(negative).mean(axis=0)
    best = int(np.argmax(np.abs(differences)))
    vector = np.sign(differences[best]) * learned.atoms[best] / learned.unit
    return vector, -(learned.mean @ vector)


# ----------------------------------------------------------------------------------------------------------


def cloud(random, count, width, shift=0.0, offset=3.0):
    scales = np.exp(np.linspace(-1, 1, width))
    mixing = np.eye(width) + 0.4 * np.cos(np.add.outer(np.arange(width) * 3, np.arange(width) * 5))
    return ((random.normal(size=(count, width)) + shift) @ mixing * scales + offset).astype(np.float32).astype(float)


def pairs(random, count, width, strength):
    """Pairs of an answer and its opposite: true on one side, which one by the toss of a coin, beside a common side."""
    truth = random.choice([-1.0, 1.0], size=count)
    axis, side = random.normal(size=width), random.normal(size=width)
    common = random.normal(size=(count, width))
    return [
        (common + 0.5 * random.normal(size=(count, width)) + strength * sign * truth[:, None] * axis + sign * side + 2)
        .astype(np.float32).astype(float)
        for sign in [1, -1]
    ]


def ccs(random):
    out = []
    for count, width, strength, ridge, constant in [(60, 6, 1.0, 0.01, []), (150, 10, 0.3, 0.01, [3]), (40, 12, 0.6, 0.1, []), (20, 40, 0.5, 0.01, [0, 39])]:
        positive, negative = pairs(random, count, width, strength)
        positive[:, constant] = 0.7
        negative[:, constant] = np.float32(0.3)
        search = Search(positive.astype(np.float32).astype(float), negative, ridge)
        best = search.best()
        vector, offset = search.direction(best.x)
        points = [(random.normal(size=width) * scale, random.normal()) for scale in [0, 0.1, 1, 30]]
        out.append({
            "width": width, "ridge": doubles(ridge), "positive": floats(positive), "negative": floats(negative),
            "points": [{"weights": doubles(w), "intercept": doubles(b), "loss": doubles(search.loss(w, b))} for w, b in points],
            "objective": doubles(best.fun), "vector": doubles(vector), "offset": doubles(offset),
        })
    return out


def neighbours(random):
    out = []
    for count, width in [(2, 3), (30, 5), (300, 7), (523, 16)]:
        clean = cloud(random, count, width)
        clean[: count // 3] = clean[0]  # duplicated rows, and so ties
        queries = np.r_[clean[:3], clean[-2:] + 1e-6, 2 * clean[-2:], cloud(random, 140, width, shift=0.5)]
        if width == 5:
            clean[7] = queries[5] = 0
        if width == 7:  # a lattice: many at the same distance
            clean, queries = np.round(clean), np.round(queries)
        clean, queries = clean.astype(np.float32).astype(float), queries.astype(np.float32).astype(float)
        out.append({"width": width, "clean": floats(clean), "queries": floats(queries), "distances": doubles(nearest(clean, queries))})
    return out


def dictionaries(random):
    out = []
    for count, width, alpha in [(24, 6, 0.1), (60, 10, 0.1), (40, 20, 0.03)]:
        # Few causes of each example, so that there is something to find.
        causes = normalize(random.normal(size=(2 * width, width)))
        weights = random.exponential(size=(count, 2 * width)) * (random.uniform(size=(count, 2 * width)) < 0.15)
        x = (3 * weights @ causes + 0.1 * random.normal(size=(count, width)) + 1).astype(np.float32).astype(float)
        learned = Dictionary(x)
        theirs = DictionaryLearning(
            n_components=len(learned.atoms), alpha=ALPHA, max_iter=1000, tol=1e-8, fit_algorithm="cd", transform_algorithm="lasso_cd",
            positive_code=True, random_state=0).fit(learned.x)
        atoms = normalize(random.normal(size=(width + 3, width)))
        atoms[1] = atoms[0] * 0.5
        sparse = sparse_encode(learned.x, atoms, algorithm="lasso_cd", alpha=alpha, positive=True, max_iter=100_000)
        out.append({
            "width": width, "examples": floats(x), "alpha": doubles(alpha), "given": [doubles(a) for a in atoms],
            "codes": doubles(sparse), "scaled": [doubles(row) for row in learned.x], "atoms": [doubles(a) for a in learned.atoms],
            "objective": doubles(objective(learned.x, learned.atoms, codes(learned.x, learned.atoms))),
            "sklearn": doubles(objective(learned.x, theirs.components_, codes(learned.x, theirs.components_))),
        })
    return out


def main():
    random = np.random.default_rng(20221207)
    with open("Tests/ProbingTests/Golden/detectors.json", "w", encoding="utf-8") as file:
        json.dump({"ccs": ccs(random), "neighbours": neighbours(random), "dictionaries": dictionaries(random)}, file, indent=1, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    main()
