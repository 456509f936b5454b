"""Examples of run documents with what jsonschema says of each, for Tests/InterchangeTests.

Needs jsonschema. Run from the repository's root: python Tests/Golden/make/run_schema.py
"""

import json
import pathlib

import jsonschema

root = pathlib.Path(__file__).resolve().parents[3]
schema = json.loads((root / "Sources/Interchange/RunDocument/run.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)

CURVE = {"thresholds": [2, 1], "tp": [1, 2], "fp": [0, 3], "positives": 2, "negatives": 3}


def study(**members):
    return {"study": "s", **members}


EXAMPLES = {
    # Sound ones.
    "least": study(),
    "schema named": study(**{"$schema": "run.schema.json"}),
    "everything absent": study(
        name=None, id=None, config=None, environment=None, tags=None, times=None, state=None,
        metrics=None, series=None, series_files=None, scores=None, curves=None, artifacts=None,
        parent=None, notes=None,
    ),
    "metrics": study(metrics={"a/b": 1, "c": 0.5, "d": -1e300, "e": float("nan"), "f": float("inf")}),
    "a pattern": study(metrics={"a": {"f64": "7ff80000deadbeef"}}),
    "series": study(series={"a": [1, 2], "b": {"steps": [-1, 5], "values": [0.5, 1]}, "c": []}),
    "series files": study(series_files=["m.csv", {"file": "m.csv", "columns": ["loss"], "prefix": "x/"}]),
    "scores": study(scores={"a": {"scores": [1, 2.5], "labels": [0, True], "groups": ["x", "y"]}}),
    "scores file": study(scores={"a": {"file": "s.csv", "score": "score"}}),
    "curves": study(curves={"a": CURVE}),
    "artifacts": study(artifacts={"a": "a.txt", "b": {"path": "a.txt", "keep": False, "media_type": "text/plain"}}),
    "times": study(times={"started": "2026-11-20T23:41:05.25+01:00", "finished": 1763682065.5}),
    "states": study(state="interrupted"),
    "deep config": study(config={"a": [{"b": {"c": [None, True, "x", 10**30]}}]}),
    "tags": study(tags=["a", "b c"], parent="p", id="i", name="n", notes="# N"),
    # Others.
    "no study": {},
    "no mapping": [],
    "study of another form": {"study": "A b"},
    "study too long": {"study": "a" * 65},
    "study is a number": {"study": 3},
    "unknown key": study(metrcs={}),
    "name is a number": study(name=3),
    "empty id": study(id=""),
    "control character": study(id="a\tb"),
    "config is a list": study(config=[]),
    "environment is a text": study(environment="x"),
    "tags are a text": study(tags="a"),
    "empty tag": study(tags=[""]),
    "state of another word": study(state="done"),
    "unknown time": study(times={"begun": 1}),
    "time in words": study(times={"started": "yesterday"}),
    "time in milliseconds": study(times={"started": 1763682065000}),
    "negative time": study(times={"started": -1}),
    "metric is a text": study(metrics={"a": "1"}),
    "metric is null": study(metrics={"a": None}),
    "metric is a flag": study(metrics={"a": True}),
    "metrics nested": study(metrics={"a": {"b": 1}}),
    "metric without a name": study(metrics={"": 1}),
    "series of texts": study(series={"a": ["x"]}),
    "series without steps": study(series={"a": {"values": [1]}}),
    "series with more": study(series={"a": {"steps": [1], "values": [1], "unit": "s"}}),
    "series by halves": study(series={"a": {"steps": [0.5], "values": [1]}}),
    "series file absolute": study(series_files=["/etc/passwd"]),
    "series file without a file": study(series_files=[{"step": "step"}]),
    "series file with more": study(series_files=[{"file": "m.csv", "sep": ";"}]),
    "scores without labels": study(scores={"a": {"scores": [1, 2]}}),
    "labels of another kind": study(scores={"a": {"scores": [1, 2], "labels": ["yes", "no"]}}),
    "scores from both": study(scores={"a": {"file": "s.csv", "scores": [1], "labels": [1]}}),
    "curve without counts": study(curves={"a": {k: v for k, v in CURVE.items() if k != "fp"}}),
    "curve with rates": study(curves={"a": {**CURVE, "tp": [0.5, 1.0]}}),
    "curve with more": study(curves={"a": {**CURVE, "auc": 1}}),
    "curve of no positives": study(curves={"a": {**CURVE, "positives": 0}}),
    "artifact is a number": study(artifacts={"a": 1}),
    "artifact without a path": study(artifacts={"a": {"keep": True}}),
    "artifact kept perhaps": study(artifacts={"a": {"path": "a.txt", "keep": "no"}}),
    "notes are a list": study(notes=["a"]),
}

rows = [
    {"name": name, "valid": validator.is_valid(document), "document": document}
    for name, document in EXAMPLES.items()
]
target = root / "Tests/InterchangeTests/Golden/run-documents.json"
target.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")
print(sum(row["valid"] for row in rows), "valid of", len(rows))
