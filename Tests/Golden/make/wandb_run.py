"""Offline runs of W&B, and what W&B's own reader says is in them.

    pip install --no-deps --target OLD wandb==0.19.11
    python Tests/Golden/make/wandb_run.py OLD/wandb/sdk/internal/datastore.py

Made with wandb 0.31.0, offline: nothing is sent. That version reads its files in Go alone; its last reader in
Python, the DataStore of 0.19.11, gives the records, the messages of 0.31.0 what is in them. Writes
Tests/InterchangeTests/Golden/wandb/: one folder a run as W&B leaves it (only the .wandb file), and expected.json;
the JSON texts of values stand there as they are in the file.
"""

import importlib.util
import json
import math
import os
import pathlib
import shutil
import struct
import sys
import tempfile

sys.path.pop(0)  # the scripts beside this one are no modules
os.environ.update(
    WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DISABLE_GIT="true", WANDB_DISABLE_CODE="true",
    WANDB_CONSOLE="off", WANDB_X_DISABLE_STATS="true", WANDB_X_DISABLE_META="true",
    WANDB_X_DISABLE_MACHINE_INFO="true", WANDB_USERNAME="someone", WANDB_HOST="host")

import wandb
from wandb.proto import wandb_internal_pb2

OUT = pathlib.Path(__file__).resolve().parents[2] / "InterchangeTests" / "Golden" / "wandb"


def first_run():
    """Nested keys, every odd double, a text, steps with gaps, more than one block of 32 KiB."""
    settings = wandb.Settings(x_disable_stats=True, x_disable_meta=True, x_disable_machine_info=True, program="train.py")
    run = wandb.init(
        project="Probe Sweeps", name="sweep one", id="abc123", tags=["baseline", "layer 4"], notes="A *note*.",
        group="sweep", job_type="train", settings=settings,
        config={"lr": 1e-3, "model": {"layers": 4, "name": "tiny"}, "betas": [0.9, 0.999], "seed": 7, "none": None})
    for step in range(60):
        run.log({"loss": 1 / (step + 3), "eval": {"auroc": 1 - 1 / (step + 7), "n": step}}, step=step * 2)
    run.log({"odd": 5e-324, "text": "hello", "big": 2**60}, step=300)
    run.log({"odd": math.nan, "flag": True}, step=301)
    run.log({"odd": math.inf}, step=302)
    run.log({"odd": -0.0, "long": "x" * 33_000}, step=303)
    run.config.update({"late": True})
    run.summary["best"] = 0.1 + 0.2
    run.summary["nested"] = {"inner": 2.5}
    run.finish()


def failed_run():
    """A run that ends with an exit code."""
    settings = wandb.Settings(x_disable_stats=True, x_disable_meta=True, x_disable_machine_info=True, program="train.py")
    run = wandb.init(project="Probe Sweeps", id="def456", settings=settings, config={"lr": 0.5})
    run.log({"loss": 2.0})
    run.log({"loss": 4.0})
    run.finish(exit_code=3)


def reader():
    wandb._assert_is_internal_process = True  # of 0.19, which its module asks for
    spec = importlib.util.spec_from_file_location("datastore", sys.argv[1])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DataStore()


def read(path):
    """Nested keys joined by points, as W&B itself shows them."""
    store = reader()
    store.open_for_scan(str(path))
    points, others, config, summary, kinds = {}, {}, {}, {}, {}
    run, exit_code = {}, None

    def items(update):
        return [(".".join(list(x.nested_key) or [x.key]), x.value_json) for x in update]

    def pattern(text):
        value = json.loads(text)
        if text == "-0":
            value = -0.0
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return struct.pack(">d", value).hex() if is_number else None

    while True:
        data = store.scan_data()
        if data is None:
            break
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        kind = record.WhichOneof("record_type")
        kinds[kind] = kinds.get(kind, 0) + 1
        if kind == "history":
            for key, text in items(record.history.item):
                number = pattern(text)
                if number is None:
                    others[key] = others.get(key, 0) + 1
                else:
                    points.setdefault(key, []).append([record.history.step.num, number])
        elif kind == "config":
            config.update(items(record.config.update))
        elif kind == "summary":
            for key, text in items(record.summary.update):
                summary[key] = pattern(text)
        elif kind == "run":
            r = record.run
            run = {
                "id": r.run_id, "project": r.project, "name": r.display_name, "notes": r.notes,
                "tags": list(r.tags), "group": r.run_group, "job_type": r.job_type, "started": r.start_time.seconds,
            }
            config.update(items(r.config.update))
        elif kind == "exit":
            exit_code = record.exit.exit_code
    return {
        "run": run, "points": points, "others": others, "config": config, "summary": summary, "exit": exit_code,
        "kinds": kinds,
    }


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    expected = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        first_run()
        failed_run()
        for path in sorted(pathlib.Path(folder).rglob("*.wandb")):
            name = f"offline-run-20260101_000000-{path.stem.removeprefix('run-')}"
            (OUT / name).mkdir()
            shutil.copy(path, OUT / name / path.name)
            expected[name] = read(path)
        os.chdir("/")
    (OUT / "expected.json").write_text(json.dumps(expected, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
