"""Stores of MLflow, written by MLflow, and what MLflow itself reads in them.

    MLFLOW_ALLOW_FILE_STORE=true python Tests/Golden/make/mlflow_store.py

Writes Tests/InterchangeTests/Golden/mlflow: `mlflow.db` (made smaller by leaving out tables of other
features and packing the pages), the file store `mlruns`, and for each of them `expected-*.json`: runs as
`MlflowClient` reads them, every double as the 16 digits of its bits.
Needs: mlflow (PyPI). The committed files are by mlflow 3.17.2.
"""

import json
import math
import os
import random
import shutil
import sqlite3
import struct
import sys
import uuid
from pathlib import Path

# This folder has a `statistics.py`, which is not Python's.
sys.path.remove(str(Path(__file__).resolve().parent))
numbers = random.Random(20261121)
uuid.uuid4 = lambda: uuid.UUID(int=numbers.getrandbits(128), version=4)

import mlflow  # noqa: E402
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, ViewType  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

OUT = Path(__file__).resolve().parents[2] / "InterchangeTests" / "Golden" / "mlflow"
WORK = Path("/tmp/mlflow-fixture")
START = 1_760_000_000_123
# Tables that hold what an importer of runs reads.
KEPT = {
    "experiments", "experiment_tags", "runs", "metrics", "latest_metrics", "params", "tags", "datasets",
    "inputs", "input_tags", "alembic_version",
}


def bits(value):
    """A double as 16 hexadecimal digits; NaN has one spelling."""
    return struct.pack(">d", math.nan if math.isnan(value) else value).hex()


def run(client, experiment, name, minute, tags=None):
    start = START + 60_000 * minute
    tags = {"mlflow.user": "someone", "mlflow.source.name": "/home/someone/train.py", **(tags or {})}
    return client.create_run(experiment, start_time=start, tags=tags, run_name=name).info.run_id, start


def fill(client, artifacts):
    """Runs of every kind."""
    vision = client.create_experiment("Vision: CIFAR-10")
    main, start = run(
        client, vision, "wide", 0,
        {"team": "red", "checked": "", "mlflow.source.git.commit": "0123456789abcdef0123456789abcdef01234567",
         "mlflow.note.content": "A *wide* network."})
    params = {"lr": 0.001, "layers": 3, "amp": True, "optimizer": "adamw", "schedule": "1.10", "none": None,
              "model/width": 4096, "tiny": 1e-05, "text": "a\nb, \"c\"", "empty": "", "long": "x" * 3000}
    for key, value in params.items():
        client.log_param(main, key, value)
    points = [(step, 1 / (step + 3)) for step in range(20)]
    points += [(20, math.nan), (21, 5e-324), (22, -1 / 3), (23, 1.7976931348623157e308), (24, 0.1 + 0.2)]
    client.log_batch(main, metrics=[Metric("train/loss", value, start + 10 * step, step) for step, value in points])
    special = [math.inf, -math.inf, -0.0, 0.0, math.nan]
    client.log_batch(main, metrics=[Metric("special", v, start + 7, step) for step, v in enumerate(special)])
    # A step logged twice, out of order, and the very same point again.
    for value, time, step in [(2.5, 30, 4), (1.5, 10, 2), (3.5, 40, 4), (3.5, 40, 4), (0.5, 20, 3)]:
        client.log_metric(main, "repeated", value, timestamp=start + time, step=step)
    for index, value in enumerate([1.0, 0.5, 0.25]):
        client.log_metric(main, "no steps", value, timestamp=start + index, step=0)
    client.log_metric(main, "accuracy", 0.9375, timestamp=start + 500, step=0)
    client.log_metric(main, "negative step", 8.5, timestamp=start + 500, step=-1)
    dataset = Dataset("cifar", "abcd1234", "http", json.dumps({"url": "http://127.0.0.1/cifar"}))
    client.log_inputs(main, datasets=[DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    client.log_batch(
        main, metrics=[Metric("test accuracy", 0.9 + step / 128, start + step, step, dataset_name="cifar",
                              dataset_digest="abcd1234") for step in range(1, 4)])
    folder = artifacts(client, main)
    (folder / "plots").mkdir(parents=True, exist_ok=True)
    (folder / "summary.json").write_text('{"best": 0.9375}\n')
    (folder / "plots" / "notes.txt").write_text("nothing to see\n" * 3)
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 8)
    client.set_terminated(main, "FINISHED", start + 59_000)

    child, start = run(client, vision, "wide, fold 1", 1, {"mlflow.parentRunId": main})
    client.log_param(child, "fold", 1)
    client.log_metric(child, "accuracy", 0.75, timestamp=start, step=3)
    client.set_terminated(child, "FAILED", start + 1_000)
    killed, start = run(client, vision, "killed", 2)
    client.set_terminated(killed, "KILLED", start + 2_500)
    run(client, vision, "still running", 3)
    deleted, start = run(client, vision, "deleted", 4)
    client.log_metric(deleted, "accuracy", 0.5, timestamp=start, step=0)
    client.set_terminated(deleted, "FINISHED", start + 1)
    client.delete_run(deleted)

    gone = client.create_experiment("gone")
    inside, start = run(client, gone, "inside a deleted experiment", 5)
    client.log_metric(inside, "accuracy", 0.25, timestamp=start, step=1)
    client.set_terminated(inside, "FINISHED", start + 1)
    client.delete_experiment(gone)


def read(client):
    """Runs as MLflow's own reader has them."""
    found = []
    for experiment in client.search_experiments(view_type=ViewType.ALL):
        for one in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL):
            history = {}
            for key in one.data.metrics:
                history[key] = [
                    [point.step, point.timestamp, bits(point.value)]
                    for point in client.get_metric_history(one.info.run_id, key)
                ]
            found.append({
                "id": one.info.run_id, "experiment": experiment.name, "name": one.info.run_name,
                "status": one.info.status, "start": one.info.start_time, "end": one.info.end_time,
                "stage": one.info.lifecycle_stage, "params": one.data.params, "tags": one.data.tags,
                "metrics": {key: bits(value) for key, value in one.data.metrics.items()}, "history": history,
                "datasets": [[i.dataset.name, i.dataset.digest] for i in one.inputs.dataset_inputs],
            })
    return sorted(found, key=lambda entry: (entry["start"], entry["id"]))


def save(name, runs):
    (OUT / name).write_text(json.dumps({"mlflow": mlflow.__version__, "runs": runs}, indent=1, sort_keys=True) + "\n")


shutil.rmtree(OUT, ignore_errors=True)
shutil.rmtree(WORK, ignore_errors=True)
OUT.mkdir(parents=True)
WORK.mkdir()
os.chdir(WORK)

database = WORK / "mlflow.db"
client = MlflowClient(f"sqlite:///{database}")
# As `mlflow server` lays them out beside its database.
def beside(client, run_id):
    return WORK / "mlruns" / client.get_run(run_id).info.experiment_id / run_id / "artifacts"


fill(client, beside)
save("expected-db.json", read(client))
with sqlite3.connect(database) as db:
    db.execute("PRAGMA foreign_keys = OFF")
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if table not in KEPT:
            db.execute(f'DROP TABLE "{table}"')
db.close()
packed = sqlite3.connect(database)
packed.execute("PRAGMA page_size = 1024")
packed.execute("VACUUM")
packed.close()
(OUT / "store").mkdir()
shutil.copy(database, OUT / "store" / "mlflow.db")
shutil.copytree(WORK / "mlruns", OUT / "store" / "mlruns")

shutil.rmtree(WORK / "mlruns")
client = MlflowClient(f"file://{WORK}/files/mlruns")
fill(client, lambda client, run_id: Path(client.get_run(run_id).info.artifact_uri.removeprefix("file://")))
save("expected-files.json", read(client))
shutil.copytree(WORK / "files" / "mlruns", OUT / "mlruns")
shutil.rmtree(WORK)
sizes = {str(path.relative_to(OUT)): path.stat().st_size for path in OUT.rglob("*") if path.is_file()}
print(f"mlflow {mlflow.__version__}: {len(sizes)} files, {sum(sizes.values())} bytes", file=sys.stderr)
