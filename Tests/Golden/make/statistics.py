"""Makes the golden values of DeterminismTests and StatisticsTests.

    python Tests/Golden/make/statistics.py        # from the repository's root

Needs mpmath 1.3.0, numpy, scipy 1.17.1 and scikit-learn 1.9.1. Every double is written as the 16 hexadecimal
digits of its pattern; elementary functions are evaluated with 60 digits and rounded once.
"""

import json
import struct

import mpmath
import numpy as np
from scipy import special, stats
from sklearn.calibration import _sigmoid_calibration
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

mpmath.mp.dps = 60
random = np.random.default_rng(20240117)


def bits(value):
    return struct.pack(">d", float(value)).hex()


def row(values):
    return "".join(bits(value) for value in values)


# Elementary functions -------------------------------------------------------------------------------------


def log_uniform(low, high, count):
    return np.exp(random.uniform(np.log(low), np.log(high), count))


def signed(values):
    return values * random.choice([-1.0, 1.0], len(values))


ARGUMENTS = {
    "exp": [random.uniform(-745, 709.7, 120), signed(log_uniform(1e-18, 1, 60)), [709.782712893384, -708.5, -740.0, -745.1, 0.34657, 0.34658]],
    "log": [log_uniform(5e-324, 1.7e308, 120), 1 + signed(log_uniform(1e-16, 0.5, 80)), [2.0**-1074, 2.0**-1022, 1.7976931348623157e308, 0.5, 2.0]],
    "expm1": [random.uniform(-40, 709.7, 80), signed(log_uniform(1e-18, 3, 120)), [0.35, -0.35, 1.04, -1.04, -0.5, 14.2, 39.5, 709.7]],
    "log1p": [log_uniform(1e-18, 1e300, 100), -log_uniform(1e-18, 0.999999, 100), [0.41421356237309503, 0.4142135623730951, -0.2928932188134525, 2.0**53, 2.0**54]],
    "sin": [random.uniform(-20, 20, 100), random.uniform(-1e5, 1e5, 60), signed(log_uniform(1e-12, 1, 40)), [np.pi, np.pi / 2, 22.0, 355.0]],
    "cos": [random.uniform(-20, 20, 100), random.uniform(-1e5, 1e5, 60), signed(log_uniform(1e-12, 1, 40)), [np.pi, np.pi / 2, 11.0, 355.0]],
    "tanh": [random.uniform(-24, 24, 80), signed(log_uniform(1e-18, 1, 120)), [0.5493, 0.5494, 0.2554, 0.2555, 21.9, 22.1]],
    "erf": [random.uniform(-6.2, 6.2, 120), signed(log_uniform(1e-300, 1, 60)), [0.84374, 0.84376, 1.2499, 1.2501, 2.857, 2.858, 5.99]],
    "erfc": [random.uniform(-6.2, 26.5, 140), signed(log_uniform(1e-18, 1, 60)), [0.84374, 0.84376, 0.25, 1.2499, 1.2501, 2.857, 2.858]],
    "lgamma": [random.uniform(0, 10, 160), log_uniform(1e-30, 1, 40), log_uniform(8, 1e15, 60), 1 + signed(log_uniform(1e-12, 0.1, 20)), 2 + signed(log_uniform(1e-12, 0.1, 20)), [0.5, 1.5, 3.0, 10000.0, 1e20]],
}
REFERENCES = {
    "exp": mpmath.exp, "log": mpmath.log, "expm1": mpmath.expm1, "log1p": mpmath.log1p, "sin": mpmath.sin,
    "cos": mpmath.cos, "tanh": mpmath.tanh, "erf": mpmath.erf, "erfc": mpmath.erfc, "lgamma": mpmath.loggamma,
}


def rounded(value):
    """The nearest double; mpmath's own conversion does not round subnormals once."""
    value = mpmath.re(value)
    if value == 0:
        return 0.0
    exponent = max(int(mpmath.floor(mpmath.log(abs(value), 2))) - 52, -1074)
    whole = int(mpmath.nint(mpmath.ldexp(value, -exponent)))
    return float(np.ldexp(np.longdouble(whole), exponent))


def elementary():
    out = {}
    for name, parts in ARGUMENTS.items():
        x = np.concatenate([np.asarray(part, dtype=float) for part in parts])
        out[name] = {"x": row(x), "y": row(rounded(REFERENCES[name](mpmath.mpf(float(v)))) for v in x)}
    base = np.concatenate([log_uniform(1e-300, 1e300, 120), log_uniform(0.5, 2, 120), [10.0, 2.0, 1.0000000000000002, 0.9999999999999999]])
    limit = np.abs(700 / np.log(base))
    power = random.uniform(-1, 1, len(base)) * np.minimum(limit, 1e17)
    power[-4:] = [3.0, -1074.0, 2.0**53, 2.0**55]
    out["pow"] = {
        "x": row(base), "second": row(power),
        "y": row(rounded(mpmath.power(mpmath.mpf(float(a)), mpmath.mpf(float(b)))) for a, b in zip(base, power)),
    }
    return out


# Statistics -----------------------------------------------------------------------------------------------


def roc_cases():
    cases = []
    for size, levels in [(2, 2), (7, 3), (40, 5), (200, 12), (200, 10**6), (1000, 50), (60, 1)]:
        labels = random.integers(0, 2, size)
        labels[:2] = [0, 1]
        scores = random.integers(0, levels, size) / 7 + 0.3 * labels * (levels > 1)
        scores = np.round(scores, 3)
        false, true, thresholds = roc_curve(labels, scores, drop_intermediate=False)
        cases.append({
            "labels": "".join(map(str, labels)), "scores": row(scores), "auroc": bits(roc_auc_score(labels, scores)),
            "thresholds": row(thresholds[1:]), "tpr": row(true[1:]), "fpr": row(false[1:]),
        })
    return cases


def table(function, arguments):
    return {"arguments": [row(column) for column in zip(*arguments)], "values": row(function(*a) for a in arguments)}


def distributions():
    probabilities = [1e-8, 0.001, 0.025, 0.05, 0.3, 0.5, 0.7, 0.975, 0.999]
    shapes = [(0.5, 0.5), (1, 1), (2, 3), (0.5, 10.5), (150, 2), (3, 4998), (1000, 1000), (5000, 1), (1e-2, 7)]
    xs = [1e-10, 0.01, 0.2, 0.5, 0.77, 0.99, 0.999999]
    freedoms = [1, 2, 3, 4, 7, 9, 30, 199.5, 10000]
    mp_beta = lambda x, a, b: rounded(mpmath.betainc(a, b, 0, mpmath.mpf(x), regularized=True))
    return {
        "beta.cumulative": table(mp_beta, [(x, a, b) for a, b in shapes for x in xs]),
        "beta.quantile": table(lambda p, a, b: special.betaincinv(a, b, p), [(p, a, b) for a, b in shapes[:7] for p in probabilities]),
        "t.cumulative": table(lambda t, v: stats.t.cdf(t, v), [(t, v) for v in freedoms for t in (-40, -3.3, -1, -0.01, 0, 0.5, 2.776, 12)]),
        "t.quantile": table(lambda p, v: stats.t.ppf(p, v), [(p, v) for v in freedoms for p in probabilities]),
        "normal.cumulative": table(lambda x: rounded(mpmath.ncdf(mpmath.mpf(x))), [(x,) for x in (-37.0, -8.0, -1.96, -0.3, 0.0, 0.7, 3.0, 8.0)]),
        "normal.quantile": table(lambda p: special.ndtri(p), [(p,) for p in [1e-300] + probabilities]),
        "noncentral.t": table(lambda t, v, d: stats.nct.cdf(t, v, d), [(t, v, d) for v in (1, 4, 9, 40) for t in (-1.0, 2.0, 3.5) for d in (0.0, 1.0, 3.0)]),
    }


def proportions():
    out = []
    for k, n in [(0, 1), (1, 1), (0, 10), (5, 5), (8, 8), (10, 10), (3, 10), (149, 150), (1, 3000), (0, 3000), (2500, 5000)]:
        for level in (0.95, 0.9):
            test = stats.binomtest(k, n)
            exact = test.proportion_ci(level, "exact")
            wilson = test.proportion_ci(level, "wilson")
            out.append({"k": k, "n": n, "level": bits(level), "exact": row([exact.low, exact.high]), "wilson": row([wilson.low, wilson.high])})
    return out


def paired():
    out = []
    for size, digits in [(5, 9), (6, 1), (8, 9), (8, 0), (10, 1), (12, 9), (12, 1)]:
        d = np.round(random.normal(0.4, 1, size), digits) + 0.0
        kept = d[d != 0]
        positive = int((kept > 0).sum())
        ranks = stats.rankdata(np.abs(kept))
        statistic = min(ranks[kept > 0].sum(), ranks[kept < 0].sum())
        # Exact given the tied ranks: every sign pattern.
        patterns = (np.arange(2 ** len(kept))[:, None] >> np.arange(len(kept))) & 1
        sums = patterns @ ranks
        wilcoxon = min(1.0, 2 * np.mean(sums <= statistic + 1e-9))
        if len(np.unique(np.abs(d))) == size and len(kept) == size:
            assert abs(wilcoxon - stats.wilcoxon(d, method="exact").pvalue) < 1e-12
        test = stats.permutation_test((d,), lambda x, axis=-1: np.mean(x, axis=axis), permutation_type="samples", n_resamples=np.inf, vectorized=True)
        t = stats.ttest_1samp(d, 0)
        out.append({
            "d": row(d), "sign": bits(stats.binomtest(positive, len(kept)).pvalue), "statistic": bits(statistic),
            "wilcoxon": bits(wilcoxon), "permutation": bits(test.pvalue), "t": bits(t.statistic), "p": bits(t.pvalue),
            "interval": row(t.confidence_interval(0.95)),
        })
    return out


def multiplicity():
    p = np.round(np.concatenate([random.uniform(0, 0.05, 6), random.uniform(0, 1, 6)]), 3)
    p[3] = p[1]
    order = np.argsort(p, kind="stable")
    holm = np.empty(len(p))
    holm[order] = np.minimum(1, np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order]))
    return {"p": row(p), "holm": row(holm), "q": row(stats.false_discovery_control(p))}


def samples():
    out = []
    for size in (2, 5, 20, 101):
        x = np.round(random.normal(0, 3, size), 2 if size > 10 else 9)
        y = np.round(x + random.normal(0, 3, size), 1)
        probabilities = [0, 0.025, 0.25, 0.5, 0.9, 0.975, 1]
        pooled = np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)
        out.append({
            "x": row(x), "y": row(y), "mean": bits(x.mean()), "deviation": bits(x.std(ddof=1)),
            "probabilities": row(probabilities), "quantiles": row(np.quantile(x, probabilities)),
            "spearman": bits(stats.spearmanr(x, y).statistic), "dprime": bits((x.mean() - y.mean()) / pooled),
        })
    return out


def detectable():
    def effect(n, power):
        critical = stats.t.ppf(0.975, n - 1)
        low, high = 0.0, 100.0
        for _ in range(100):
            middle = (low + high) / 2
            d = middle * np.sqrt(n)
            reached = stats.nct.sf(critical, n - 1, d) + stats.nct.cdf(-critical, n - 1, d)
            low, high = (middle, high) if reached < power else (low, middle)
        return (low + high) / 2

    return [{"n": n, "power": bits(power), "effect": bits(effect(n, power))} for n in (3, 5, 8, 10, 20) for power in (0.8, 0.9)]


def trends():
    out = []
    for rows, columns, digits in [(5, 3, 6), (8, 3, 6), (4, 4, 6), (6, 5, 6)]:
        table = np.round(random.normal(0, 1, (rows, columns)) + 0.5 * np.arange(columns), digits)
        test = stats.page_trend_test(table, method="exact")
        out.append({"rows": [row(r) for r in table], "statistic": bits(test.statistic), "p": bits(test.pvalue)})
    return out


def calibrations():
    out = []
    for size, shift, bins in [(40, 1.0, 10), (200, 0.3, 5), (300, 3.0, 10)]:
        labels = random.integers(0, 2, size)
        labels[:2] = [0, 1]
        scores = np.round(random.normal(0, 2, size) + 2 * shift * labels - 5, 3)
        slope, intercept = _sigmoid_calibration(scores, labels)
        probabilities = np.round(random.uniform(0, 1, size), 3)
        index = np.minimum((probabilities * bins).astype(int), bins - 1)
        error = sum(abs((probabilities - labels)[index == b].sum()) for b in range(bins)) / size
        out.append({
            "scores": row(scores), "labels": "".join(map(str, labels)), "slope": bits(-slope), "intercept": bits(-intercept),
            "probabilities": row(probabilities), "bins": bins, "error": bits(error),
            "brier": bits(brier_score_loss(labels, probabilities)),
        })
    return out


def write(path, document):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1, sort_keys=True)
        file.write("\n")


write("Tests/DeterminismTests/Golden/elementary.json", elementary())
write("Tests/StatisticsTests/Golden/statistics.json", {
    "roc": roc_cases(), "distributions": distributions(), "proportions": proportions(), "paired": paired(),
    "multiplicity": multiplicity(), "samples": samples(), "detectable": detectable(), "trends": trends(),
    "calibrations": calibrations(),
})
