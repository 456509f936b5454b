"""The floor under a registry: Python's sqlite3, the least schema, every run one durable transaction.

usage: plain_sqlite.py DOCUMENTS.jsonl FOLDER
"""

import json
import os
import sqlite3
import sys
import time

import coprocess


def main():
    with open(sys.argv[1]) as file:
        documents = [json.loads(line) for line in file]
    path = os.path.join(sys.argv[2], "plain.db")
    database = sqlite3.connect(path)
    database.executescript(
        """
        PRAGMA journal_mode = TRUNCATE;
        PRAGMA synchronous = FULL;
        CREATE TABLE run (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, name TEXT);
        CREATE TABLE param (run INT, k TEXT, v TEXT, PRIMARY KEY (run, k)) WITHOUT ROWID;
        CREATE TABLE key (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
        CREATE TABLE point (run INT, key INT, step INT, value REAL, PRIMARY KEY (run, key, step)) WITHOUT ROWID;
        INSERT INTO key VALUES (1, 'loss'), (2, 'auroc');
        """
    )
    coprocess.forget_peak()
    wall, processor = time.perf_counter(), time.process_time()
    for document in documents:
        with database:
            row = (document["id"], document["name"])
            run = database.execute("INSERT INTO run (uid, name) VALUES (?, ?)", row).lastrowid
            database.executemany("INSERT INTO param VALUES (?, ?, ?)", [(run, k, v) for k, v in document["config"].items()])
            database.executemany(
                "INSERT INTO point VALUES (?, 1, ?, ?)",
                [(run, step, value) for step, value in enumerate(document["series"]["loss"])],
            )
            database.execute("INSERT INTO point VALUES (?, 2, 0, ?)", (run, document["metrics"]["auroc"]))
    answer = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - processor}
    start = time.perf_counter()
    query = """SELECT r.id, p.value FROM run r JOIN point p ON p.run = r.id AND p.key = 2
        WHERE p.value > 0.5 ORDER BY p.value DESC LIMIT 20"""
    assert len(database.execute(query).fetchall()) == 20
    answer["list_milliseconds"] = 1000 * (time.perf_counter() - start)
    start = time.perf_counter()
    points = database.execute("SELECT step, value FROM point WHERE run = 1 AND key = 1").fetchall()
    assert len(points) == len(documents[0]["series"]["loss"])
    answer["history_milliseconds"] = 1000 * (time.perf_counter() - start)
    database.close()
    answer["megabytes"] = os.path.getsize(path) / 1e6
    answer["peak_megabytes"] = coprocess.peak_kib() * 1024 / 1e6
    answer["versions"] = {"sqlite": sqlite3.sqlite_version, "python": sys.version.split()[0]}
    print(json.dumps(answer, allow_nan=False))


main()
