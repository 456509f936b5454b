"""A project of trackio, and what trackio's own reader says is in it.

    python Tests/Golden/make/trackio_store.py

Made with trackio 0.43.0, without a network. Writes Tests/InterchangeTests/Golden/trackio/: the project's
database and expected.json.
"""

import json
import math
import os
import pathlib
import shutil
import sqlite3
import struct
import sys
import tempfile

sys.path.pop(0)  # the scripts beside this one are no modules
FOLDER = tempfile.mkdtemp()
os.environ.update(TRACKIO_DIR=FOLDER, HF_HUB_OFFLINE="1", HF_HOME=FOLDER)

from trackio.sqlite_storage import SQLiteStorage

OUT = pathlib.Path(__file__).resolve().parents[2] / "InterchangeTests" / "Golden" / "trackio"
PROJECT = "probe-sweeps"


def pattern(value):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return struct.pack(">d", value).hex() if is_number else None


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for number, run in enumerate(["cheerful-fox-0", "calm-owl-1"]):
        rows = [{"loss": 1 / (step + 3 + number), "eval": {"auroc": 1 - 1 / (step + 7)}} for step in range(30)]
        rows += [{"odd": 5e-324, "text": "hello"}, {"odd": math.nan}, {"odd": math.inf}, {"odd": -math.inf}, {"odd": -0.0}]
        SQLiteStorage.bulk_log(
            PROJECT, run, rows, steps=[2 * step for step in range(len(rows))],
            timestamps=[f"2026-01-02T03:04:{second:02}.250000+00:00" for second in range(len(rows))],
            config={"lr": 0.001, "model": {"layers": 4}, "_Username": "someone", "_Created": "2026-01-02T03:04:00+00:00", "_Group": "sweep"},
            run_id=f"{number}" * 32)
    expected = {}
    for record in SQLiteStorage.get_run_records(PROJECT):
        points = {}
        for row in SQLiteStorage.get_logs(PROJECT, record["name"], run_id=record["id"]):
            for key, value in row.items():
                value = [("", value)] if not isinstance(value, dict) else [(f".{inner}", x) for inner, x in value.items()]
                for inner, number in value:
                    if key not in ("step", "timestamp") and pattern(number):
                        points.setdefault(key + inner, []).append([row["step"], pattern(number)])
        expected[record["id"]] = {"name": record["name"], "points": points}
    shutil.copy(SQLiteStorage.get_project_db_path(PROJECT), OUT / f"{PROJECT}.db")
    with sqlite3.connect(OUT / f"{PROJECT}.db") as database:  # the same, in pages of its many empty tables' size
        database.executescript("PRAGMA journal_mode=DELETE; PRAGMA page_size=512; VACUUM; PRAGMA journal_mode=WAL;")
    database.close()
    (OUT / "expected.json").write_text(json.dumps(expected, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
