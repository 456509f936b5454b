"""The tables and cards that `dormouse export` writes, opened with the tools that others open them with.

    exports.py TABLES RUNS.json [CARD.md...]

TABLES and RUNS.json are the same selection as --format csv and json. pandas and Python's csv module read the tables;
every metric, series and curve is compared with the document bit for bit. huggingface_hub reads the cards' front matter.
Needs pandas and huggingface_hub (this was written with 3.1.1 and 2.4.0). Exits 1 at the first disagreement.
"""

import csv
import json
import math
import struct
import sys

import huggingface_hub
import pandas


def bits(value):
    return "nan" if math.isnan(value) else struct.pack(">d", value).hex()


def number(value):
    """A double of the document: plain, or its bits."""
    return struct.unpack(">d", bytes.fromhex(value["f64"]))[0] if isinstance(value, dict) else float(value)


def name(text):
    """As a table has it: what begins like a formula has an apostrophe in front."""
    return "'" + text if text[:1] in "=+-@\t\r" and not is_number(text) else text


def is_number(text):
    try:
        float(text)
        return text == text.strip() and text.lower() not in ("nan", "inf", "-inf", "+inf")
    except ValueError:
        return False


def same(what, expected, found):
    if expected != found:
        sys.exit(f"{what}: {len(expected)} in the document, {len(found)} in the table; "
                 f"{sorted(expected ^ found)[:3]}")
    print(f"{what}: {len(found)} values, every bit the same")


def main(tables, document, cards):
    with open(document) as file:
        runs = json.load(file)["runs"]
    metrics, series, curves = set(), set(), set()
    for run in runs:
        for part in run["values"]:
            at = (run["id"], part.get("stage", ""))
            for key, value in part["metrics"].items():
                metrics.add((*at, name(key), bits(number(value))))
            for key, points in part["series"].items():
                for step, value in zip(points["steps"], points["values"]):
                    series.add((*at, name(key), step, bits(number(value))))
            for key, curve in part["curves"].items():
                for threshold, tp, fp in zip(curve["thresholds"], curve["tp"], curve["fp"]):
                    curves.add((*at, name(key), bits(number(threshold)), tp, fp,
                                curve["negatives"] - fp, curve["positives"] - tp))

    def table(file):
        # The default rounds correctly since version 3.
        exact = {} if int(pandas.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
        return pandas.read_csv(f"{tables}/{file}.csv", keep_default_na=False, dtype={"run": str, "stage": str},
                               na_values={"value": ["NaN"]}, **exact)

    read = table("metrics")
    same("metrics", metrics, {(r.run, r.stage, r.metric, bits(r.value)) for r in read.itertuples()})
    read = table("series")
    same("series", series, {(r.run, r.stage, r.series, r.step, bits(r.value)) for r in read.itertuples()})
    read = table("curves")
    same("curves", curves, {(r.run, r.stage, r.curve, bits(r.threshold), r.tp, r.fp, r.tn, r.fn)
                            for r in read.itertuples()})
    for file in ["runs", "config", "artifacts", "reruns", "predictions"]:
        with open(f"{tables}/{file}.csv", newline="") as source:
            rows = list(csv.reader(source))
        if any(len(row) != len(rows[0]) for row in rows) or len(rows) != len(table(file)) + 1:
            sys.exit(f"{file}: pandas and csv read it differently")
        print(f"{file}: {len(rows) - 1} rows")
    for card in cards:
        results = huggingface_hub.ModelCard.load(card).data.eval_results or []
        for result in results:
            print(f"{card}: {result.dataset_name}: {result.metric_type} {result.metric_value}")
        if not results:
            sys.exit(f"{card}: no results")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
