"""Runs of Sacred's FileStorageObserver, and the values that went in.

    python Tests/Golden/make/sacred_runs.py Tests/InterchangeTests/Golden/sacred

Writes `runs/<N>/` and `expected.json`: of every run its status, config, and of every metric the points that the run
logged, doubles as 16 hexadecimal digits. Made with sacred 0.8.7, numpy (PyPI) and Python 3.11.
"""

import json
import math
import os
import shutil
import struct
import sys

sys.path.pop(0)
import numpy
from sacred import Experiment, SETTINGS
from sacred.observers import FileStorageObserver

SETTINGS.CAPTURE_MODE = "no"
folder = os.path.abspath(sys.argv[1])
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
os.chdir(folder)
expected = []


def bits(value):
    return struct.pack(">d", float(value)).hex()


def perform(name, outcome):
    experiment = Experiment(name, save_git_info=False, base_dir=folder)
    experiment.observers.append(FileStorageObserver("runs"))
    points = {}

    @experiment.config
    def config():
        optimizer = {"lr": 1e-3, "kind": "adam"}
        layers = [4, 8]
        trigger = None

    @experiment.main
    def main(_run):
        def log(key, value, step=None):
            _run.log_scalar(key, value, step)
            rows = points.setdefault(key, [])
            rows.append([len(rows) if step is None else step, bits(value)])

        for step in range(0, 30, 10):
            log("loss", 1 / (3 + step), step)
        for value in [0.1, 5e-324, math.nan, math.inf, -math.inf, -0.0]:
            log("odd.values", value)
        log("numpy", numpy.float64(1 / 7), 2)
        with open("notes.txt", "w") as file:
            file.write("an artifact\n")
        experiment.add_artifact("notes.txt", name="notes.txt")
        if outcome == "FAILED":
            raise ValueError("diverged")
        return 0.75

    try:
        experiment.run()
    except ValueError:
        pass
    os.remove("notes.txt")
    expected.append({"status": outcome, "name": name, "metrics": points})


perform("year backdoor", "COMPLETED")
perform("year backdoor", "FAILED")
# No host's facts, no user's folder in what is committed.
shutil.rmtree("runs/_sources", ignore_errors=True)
for number in ["1", "2"]:
    path = f"runs/{number}/run.json"
    with open(path) as file:
        run = json.load(file)
    run["host"]["hostname"] = "somewhere"
    run["experiment"]["base_dir"] = "/elsewhere"
    run["experiment"]["mainfile"] = "train.py"
    run["experiment"]["sources"] = []
    run["experiment"]["dependencies"] = ["numpy==2.0", "sacred==0.8.7"]
    run["host"]["ENV"] = {}
    run["fail_trace"] = ["ValueError: diverged\n"] if "fail_trace" in run and run["fail_trace"] else run.get("fail_trace")
    with open(path, "w") as file:
        json.dump(run, file, indent=2, sort_keys=True)
with open("expected.json", "w") as file:
    json.dump(expected, file, indent=1, sort_keys=True)
