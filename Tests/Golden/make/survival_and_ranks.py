"""Makes the golden values of the tests on pairs, ranks, survival and variance components in StatisticsTests.

    python Tests/Golden/make/survival_and_ranks.py        # from the repository's root

Needs numpy, scipy 1.17.1, lifelines 0.30.3 and statsmodels 0.15.0. Every double is written as the 16 hexadecimal
digits of its pattern.
"""

import itertools
import json
import struct

import numpy as np
import pandas
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import restricted_mean_survival_time
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.weightstats import ttost_paired

random = np.random.default_rng(20261121)


def bits(value):
    return struct.pack(">d", float(value)).hex()


def row(values):
    return "".join(bits(value) for value in values)


def watched(size, horizon=240, step=20, share=0.5):
    """Times on the grid of evaluations: many ties, all censored ones at the horizon or before it."""
    times = np.minimum(np.ceil(random.exponential(horizon * share, size) / step) * step, horizon)
    seen = (times < horizon) & (random.uniform(size=size) < 0.85)
    return times, seen


def survival():
    cases = [watched(6), watched(10), watched(25, step=1), watched(40), (np.array([20.0]), np.array([True]))]
    cases += [(np.array([20.0, 40.0, 40.0]), np.array([True, True, True])), (np.full(5, 240.0), np.zeros(5, bool))]
    out = []
    for times, seen in cases:
        fitter = KaplanMeierFitter().fit(times, seen)
        events = np.unique(times[seen])
        record = {"times": row(times), "seen": "".join(str(int(s)) for s in seen), "events": row(events),
                  "survival": row(np.atleast_1d(fitter.predict(events))) if len(events) else "",
                  "median": bits(np.inf)}
        # Of lifelines' curve, not its own median: that misses a survival that is one half but for rounding.
        halved = [event for event in events if float(fitter.predict(event)) <= 0.5 + 1e-9]
        if halved:
            record["median"] = bits(halved[0])
        if len(events):
            errors = SurvfuncRight(times, seen.astype(int))
            at = np.searchsorted(errors.surv_times, events)
            greenwood = errors.surv_prob_se[at]
            # Where nobody is left statsmodels has NaN; the estimate is 0 with certainty there.
            record["variance"] = row(np.where(np.isnan(greenwood), 0, greenwood) ** 2)
        horizon = 200.0 if times.max() >= 200 else times.max()
        record["horizon"] = bits(horizon)
        record["mean"] = bits(restricted_mean_survival_time(fitter, t=horizon))
        # Klein and Moeschberger (2003), 4.5.2, from the definition.
        variance = 0.0
        grid = np.concatenate([[0.0], events[events < horizon], [horizon]])
        for event in events[events < horizon]:
            at_risk, count = (times >= event).sum(), (times[seen] == event).sum()
            starts = grid[grid >= event]
            area = sum(float(fitter.predict(a)) * (b - a) for a, b in zip(starts, starts[1:]))
            if count < at_risk:
                variance += area**2 * count / (at_risk * (at_risk - count))
        record["meanVariance"] = bits(variance)
        out.append(record)
    return out


def log_rank(first, second):
    """Observed minus expected of the first group, from the definition."""
    times = np.concatenate([first[0], second[0]])
    seen = np.concatenate([first[1], second[1]])
    excess = 0.0
    for time in np.unique(times[seen]):
        n, own = (times >= time).sum(), (first[0] >= time).sum()
        d = (seen & (times == time)).sum()
        excess += (first[1] & (first[0] == time)).sum() - d * own / n
    return excess


def log_ranks():
    out = []
    for size, shift in [(5, 1.0), (8, 0.4), (8, 2.5), (30, 0.6)]:
        first, second = watched(size), watched(size, share=0.5 * shift)
        test = logrank_test(first[0], second[0], first[1], second[1])
        record = {"statistic": bits(test.test_statistic), "p": bits(test.p_value)}
        for name, (times, seen) in (("first", first), ("second", second)):
            record[name] = {"times": row(times), "seen": "".join(str(int(s)) for s in seen)}
        if size <= 8:
            reached = abs(log_rank(first, second)) - 1e-9
            count = 0
            for pattern in itertools.product([False, True], repeat=size):
                swap = np.array(pattern)
                a = np.where(swap, second[0], first[0]), np.where(swap, second[1], first[1])
                b = np.where(swap, first[0], second[0]), np.where(swap, first[1], second[1])
                count += abs(log_rank(a, b)) >= reached
            record["paired"] = bits(count / 2**size)
        out.append(record)
    return out


def correlations():
    out = []
    for size, digits in [(2, 6), (5, 6), (6, 0), (9, 6), (9, 0), (20, 6), (30, 0)]:
        x = np.round(random.normal(0, 2, size), digits)
        y = np.round(0.6 * x + random.normal(0, 1.5, size), digits)
        tau = stats.kendalltau(x, y)
        exact = len(set(x)) == size and len(set(y)) == size
        tau = stats.kendalltau(x, y, method="exact" if exact else "asymptotic")
        rho = stats.spearmanr(x, y)
        p = rho.pvalue
        if size <= 9:
            ranks = stats.rankdata(x), stats.rankdata(y)
            centred = ranks[0] - ranks[0].mean()
            observed = abs(centred @ ranks[1])
            orders = np.array(list(itertools.permutations(ranks[1])))
            p = np.mean(np.abs(orders @ centred) >= observed - 1e-9)
        out.append({"x": row(x), "y": row(y), "tau": bits(tau.statistic), "tauP": bits(tau.pvalue),
                    "rho": bits(rho.statistic), "rhoP": bits(p)})
    return out


def groups():
    out = []
    for sizes, digits in [([3, 4, 5], 6), ([5, 5], 0), ([6, 3, 4, 8], 0), ([1, 1, 2], 6)]:
        samples = [np.round(random.normal(0.4 * i, 1, size), digits) + 0.0 for i, size in enumerate(sizes)]
        test = stats.kruskal(*samples)
        frame = pandas.DataFrame({"y": np.concatenate(samples), "g": np.repeat(np.arange(len(sizes)), sizes)})
        table = anova_lm(ols("y ~ C(g)", frame).fit())
        squares = table["sum_sq"]
        record = {"groups": [row(s) for s in samples], "h": bits(test.statistic), "p": bits(test.pvalue),
                  "eta2": bits(squares["C(g)"] / squares.sum())}
        n, k = len(frame), len(sizes)
        size = (n - sum(s * s for s in sizes) / n) / (k - 1)
        rest = squares["Residual"] / (n - k)
        record["between"] = bits(max(0, (squares["C(g)"] / (k - 1) - rest) / size))
        record["rest"] = bits(rest)
        out.append(record)
    return out


def crossed():
    out = []
    for rows, columns, spread in [(3, 5, 1.0), (4, 4, 0.0), (3, 10, 0.3)]:
        table = spread * random.normal(0, 1, (rows, 1)) + 0.5 * random.normal(0, 1, (1, columns)) + random.normal(0, 1, (rows, columns))
        frame = pandas.DataFrame({"y": table.ravel(), "r": np.repeat(np.arange(rows), columns), "c": np.tile(np.arange(columns), rows)})
        means = anova_lm(ols("y ~ C(r) + C(c)", frame).fit())["mean_sq"]
        out.append({"rows": [row(r) for r in table], "draws": bits(max(0, (means["C(r)"] - means["Residual"]) / columns)),
                    "seeds": bits(max(0, (means["C(c)"] - means["Residual"]) / rows)), "rest": bits(means["Residual"])})
    return out


def equivalences():
    out = []
    for size, low, high in [(5, -0.02, 0.02), (10, -0.5, 0.1), (8, -1.0, 1.0)]:
        d = random.normal(0, 0.05 if high < 0.1 else 0.3, size)
        out.append({"d": row(d), "low": bits(low), "high": bits(high), "p": bits(ttost_paired(d, np.zeros(size), low, high)[0])})
    return out


def discordant():
    return [{"first": a, "second": b, "p": bits(mcnemar([[10, a], [b, 10]], exact=True).pvalue)}
            for a, b in [(0, 0), (5, 0), (3, 3), (12, 4), (1, 40), (200, 260)]]


def long_pairs():
    d = np.round(random.normal(0.15, 1, 30), 6)
    wilcoxon = stats.wilcoxon(d, method="exact").pvalue
    drawn = stats.permutation_test((d,), lambda x, axis=-1: np.mean(x, axis=axis), permutation_type="samples", n_resamples=400_000, vectorized=True, rng=random)
    long = np.round(random.normal(0.1, 1, 140), 1)
    asymptotic = stats.wilcoxon(long, method="asymptotic", correction=False, zero_method="wilcox").pvalue
    return {"d": row(d), "wilcoxon": bits(wilcoxon), "permutation": bits(drawn.pvalue), "long": row(long), "asymptotic": bits(asymptotic)}


def wide_trends():
    out = []
    for rows, columns in [(5, 9), (40, 4)]:
        table = np.round(random.normal(0, 1, (rows, columns)) + 0.1 * np.arange(columns), 6)
        test = stats.page_trend_test(table, method="asymptotic")
        out.append({"rows": [row(r) for r in table], "statistic": bits(test.statistic), "p": bits(test.pvalue)})
    return out


def tied_trend():
    """Ties within blocks: over all rearrangements, from the definition."""
    table = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [0.5, 0.2, 0.5], [0.0, 1.0, 1.0]])
    ranks = np.array([stats.rankdata(r) for r in table])
    score = lambda r: float(np.arange(1, 4) @ r)
    sums = [[score(p) for p in itertools.permutations(r)] for r in ranks]
    observed = sum(score(r) for r in ranks)
    totals = [sum(parts) for parts in itertools.product(*sums)]
    return {"rows": [row(r) for r in table], "statistic": bits(observed), "p": bits(np.mean(np.array(totals) >= observed - 1e-9))}


def shares():
    """The smallest share that a sign test finds with power .8."""
    out = []
    for n in (6, 8, 10, 20):
        needed = next(k for k in range(n + 1) if 2 * stats.binom.sf(k - 1, n, 0.5) <= 0.05)
        low, high = 0.5, 1.0
        for _ in range(80):
            middle = (low + high) / 2
            power = stats.binom.sf(needed - 1, n, middle)
            low, high = (middle, high) if power < 0.8 else (low, middle)
        out.append({"n": n, "share": bits(low)})
    return out


def upper_tails():
    arguments = [(x, v) for v in (1, 2, 3, 7.5, 40) for x in (1e-6, 0.3, 2.0, 7.0, 45.0, 200.0)]
    return {"x": row(x for x, _ in arguments), "v": row(v for _, v in arguments), "p": row(stats.chi2.sf(x, v) for x, v in arguments)}


document = {
    "survival": survival(), "logRank": log_ranks(), "correlations": correlations(), "groups": groups(), "crossed": crossed(),
    "equivalence": equivalences(), "mcNemar": discordant(), "long": long_pairs(), "wideTrends": wide_trends(),
    "tiedTrend": tied_trend(), "shares": shares(), "chiSquared": upper_tails(),
}
with open("Tests/StatisticsTests/Golden/survival-and-ranks.json", "w", encoding="utf-8") as file:
    json.dump(document, file, indent=1, sort_keys=True)
    file.write("\n")
