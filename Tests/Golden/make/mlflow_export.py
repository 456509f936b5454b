"""MLflow on the other side of what `dormouse export --format mlflow` wrote.

    python Tests/Golden/make/mlflow_export.py FOLDER [EXPECTED]

Opens FOLDER/mlflow.db (a copy: MLflow brings the schema to its own revision) with MLflow's client and counts what
it finds. With EXPECTED, an `expected-db.json` of mlflow_store.py whose store was imported into an empty registry with
`--with-deleted --study NAME` and exported again, every run, parameter, tag and point is compared: doubles bit for
bit. Exits 1 at the first disagreement. Needs: mlflow (PyPI); made with mlflow 3.17.2.
"""

import json
import math
import os
import shutil
import struct
import sys
import tempfile
from pathlib import Path

# This folder has a `statistics.py`, which is not Python's.
sys.path.remove(str(Path(__file__).resolve().parent))
from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import ViewType  # noqa: E402

folder = sys.argv[1]
expected = json.load(open(sys.argv[2]))["runs"] if len(sys.argv) > 2 else None


def bits(value):
    return struct.pack(">d", math.nan if math.isnan(value) else value).hex()


with tempfile.TemporaryDirectory() as copy:
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    os.chdir(copy)
    client = MlflowClient("sqlite:///mlflow.db")
    found = {}
    points = files = 0
    for experiment in client.search_experiments(view_type=ViewType.ALL):
        for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL):
            history = {}
            for key in run.data.metrics:
                history[key] = [[m.step, m.timestamp, bits(m.value)] for m in client.get_metric_history(run.info.run_id, key)]
                points += len(history[key])
            files += len(client.list_artifacts(run.info.run_id))
            found[run.info.run_id] = {
                "name": run.info.run_name, "status": run.info.status, "start": run.info.start_time,
                "end": run.info.end_time, "stage": run.info.lifecycle_stage, "params": run.data.params,
                "tags": run.data.tags, "metrics": {key: bits(v) for key, v in run.data.metrics.items()},
                "history": history,
            }
    print(f"mlflow reads {len(found)} runs, {points} points, {files} files and folders of artifacts")
    # Names of users and folders do not come along; what says where a run was is added.
    private = {"mlflow.user", "mlflow.source.name"}
    for run in expected or []:
        here = found[run["id"]]
        for key in ["name", "status", "start", "end", "stage", "params", "metrics"]:
            if here[key] != run[key]:
                sys.exit(f"{run['id']}: {key} is {here[key]!r}, was {run[key]!r}")
        for key, was in run["history"].items():
            if sorted(here["history"][key]) != sorted(was):
                sys.exit(f"{run['id']}: points of {key} are {here['history'][key]}, were {was}")
        tags = {key: value for key, value in here["tags"].items() if not key.startswith("dormouse.")}
        if tags != {key: value for key, value in run["tags"].items() if key not in private}:
            sys.exit(f"{run['id']}: tags are {tags}, were {run['tags']}")
    if expected is not None:
        if len(expected) != len(found):
            sys.exit(f"{len(found)} runs, were {len(expected)}")
        print(f"{len(expected)} runs are as MLflow had them, every point to the bit")
