"""Reads a registry's SQL views with the tools that people use, and checks what they say against `dormouse`.

    python sql_views.py DORMOUSE REGISTRY

Needs pandas and datasette (written with pandas 3.1.1 and datasette 0.65.5 on Python 3). Nothing is golden here:
it fails, with the first difference, or prints what it compared. The registry is opened for reading only.
"""

import io
import json
import math
import sqlite3
import subprocess
import sys

import pandas

dormouse, registry = sys.argv[1], sys.argv[2]
database = f"{registry}/registry.sqlite"


def told(*arguments):
    return subprocess.run(
        [dormouse, *arguments, "--registry", registry], check=True, capture_output=True, text=True
    ).stdout


def table(csv):
    """Python's own reading of the numbers is exact, whatever pandas' default is."""
    frame = pandas.read_csv(io.StringIO(csv), dtype={"value": str}, keep_default_na=False)
    frame["value"] = frame["value"].map(float)
    return frame


def same(left, right):
    return left == right or (math.isnan(left) and math.isnan(right))


connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)

# Runs: the view and the command list the same ones in the same states.
runs = pandas.read_sql("SELECT * FROM runs", connection)
listed = pandas.read_csv(io.StringIO(told("list", "--csv")), dtype=str, keep_default_na=False)
assert sorted(runs.run) == sorted(listed.id), "runs and list differ"
states = dict(zip(listed.id, listed.state))
for row in runs.itertuples():
    assert row.state in (states[row.run], "running"), f"{row.run}: {row.state}"
    assert row.rerun.lower() == dict(zip(listed.id, listed.rerun))[row.run], row.run

# Metrics of some runs of each kind: the same numbers to the last bit.
metrics = 0
points = 0
for kind in ("planned", "registered"):
    for run in runs[runs.kind == kind].run[:5]:
        view = pandas.read_sql("SELECT * FROM metrics WHERE run = ?", connection, params=[run])
        shown = table(told("show", run, "--csv"))
        names = view.name if kind == "registered" else view.stage + ":" + view.name
        by_name = dict(zip(names, zip(view.value, view.kind)))
        assert set(by_name) == set(shown.metric), run
        for name, value in zip(shown.metric, shown.value):
            number, label = by_name[name]
            if label == "nan":
                assert math.isnan(value), (run, name)
            else:
                assert same(number, value), (run, name, number, value)
            metrics += 1
        series = pandas.read_sql(
            "SELECT * FROM series_points WHERE run = ? ORDER BY stage, name, step", connection, params=[run])
        for (stage, name), rows in series.groupby([series.stage.fillna(""), "name"]):
            shown = table(told("show", run, "--series", f"{stage}:{name}" if stage else name, "--csv"))
            assert list(shown.step) == list(rows.step), (run, stage, name)
            for left, right, label in zip(rows.value, shown.value, rows.kind):
                assert label == "nan" or same(left, right), (run, stage, name)
            points += len(rows)

# Datasette serves every view as JSON.
views = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")]
for view in views:
    path = f"/registry/{view}.json?_size=3&_shape=array&_nocount=1&_nofacet=1"
    if view in ("series_points", "roc_points"):
        path = f"/registry.json?sql=select+*+from+{view}+limit+3&_shape=array"
    answer = subprocess.run(
        ["datasette", database, "--get", path, "--setting", "sql_time_limit_ms", "60000"],
        capture_output=True, text=True)
    assert answer.returncode == 0, f"{view}: {answer.stderr}"
    assert isinstance(json.loads(answer.stdout), list), view

print(f"{len(runs)} runs, {metrics} metrics and {points} points read by pandas {pandas.__version__}; "
      f"{len(views)} views served by datasette")
