"""The same runs in MLflow, on its SQLite store, through its client: parameters and points in one batch each.

usage: mlflow_registry.py DOCUMENTS.jsonl FOLDER
"""

import json
import os
import sys
import time

# What it would send home, and what it says of itself, is no part of the task.
os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", PYTHONDONTWRITEBYTECODE="1")

import mlflow
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

import coprocess


def main():
    with open(sys.argv[1]) as file:
        documents = [json.loads(line) for line in file]
    folder = os.path.abspath(sys.argv[2])
    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    experiment = client.create_experiment("bench", artifact_location=f"{folder}/artifacts")
    wall, processor = time.perf_counter(), time.process_time()
    runs = []
    for document in documents:
        run = client.create_run(experiment, run_name=document["name"]).info.run_id
        runs.append(run)
        client.log_batch(run, params=[Param(k, v) for k, v in document["config"].items()])
        now = int(time.time() * 1000)
        losses = document["series"]["loss"]
        for start in range(0, len(losses), 1000):
            points = enumerate(losses[start : start + 1000], start)
            client.log_batch(run, metrics=[Metric("loss", value, now + step, step) for step, value in points])
        client.log_batch(run, metrics=[Metric("auroc", document["metrics"]["auroc"], now, 0)])
        client.set_terminated(run)
    answer = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - processor}
    start = time.perf_counter()
    found = client.search_runs([experiment], "metrics.auroc > 0.5", order_by=["metrics.auroc DESC"], max_results=20)
    assert len(found) == 20
    answer["list_milliseconds"] = 1000 * (time.perf_counter() - start)
    start = time.perf_counter()
    assert len(client.get_metric_history(runs[0], "loss")) == len(documents[0]["series"]["loss"])
    answer["history_milliseconds"] = 1000 * (time.perf_counter() - start)
    answer["megabytes"] = os.path.getsize(f"{folder}/mlflow.db") / 1e6
    answer["peak_megabytes"] = coprocess.peak_kib() * 1024 / 1e6
    answer["versions"] = {"mlflow": mlflow.__version__}
    print(json.dumps(answer, allow_nan=False))


main()
