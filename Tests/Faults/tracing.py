"""Runs the program with `faults.c` in it: with a log of the calls that change something, or with one of them failing."""

import os
import subprocess

FAULTS = ["KILL", "EIO", "ENOSPC"]
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults.c")


class Call:
    """A call of a log. Writes tell their offset and, if asked for, their bytes; of those that fail, result is -1."""

    def __init__(self, line):
        fields = line.rstrip("\n").split("\t")
        self.name, self.one, self.two = fields[0], fields[6], fields[7]
        self.descriptor, self.inode, self.length, self.offset, self.result = map(int, fields[1:6])
        self.data = None

    @property
    def paths(self):
        return [path for path in (self.one, self.two) if path and not path.startswith("/proc/")]

    def __str__(self):
        return f"{self.name}({self.one}{', ' + self.two if self.two else ''}; {self.length} at {self.offset})"


def calls(log, with_data=False):
    found = []
    with open(log, "rb") as file:
        while line := file.readline():
            call = Call(line.decode(errors="surrogateescape"))
            if with_data and call.name == "write" and call.result > 0:
                call.data = file.read(call.result)
            found.append(call)
    return found


def compiled(folder):
    """The library to preload."""
    library = os.path.join(folder, "faults.so")
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-O1", "-Wall", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def environment(**more):
    variables = {k: v for k, v in os.environ.items() if not k.startswith("DORMOUSE")}
    # A crash is a status, not a minute of symbolising.
    return {**variables, "SWIFT_BACKTRACE": "enable=no", **more}


def run(command, folder, standard_input=None, seconds=300, **variables):
    """Status (negative: the signal), standard output, standard error."""
    with open(standard_input or os.devnull, "rb") as source:
        done = subprocess.run(
            command, cwd=folder, stdin=source, capture_output=True, env=environment(**variables), timeout=seconds
        )
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def traced(library, command, folder, log, standard_input=None, with_data=False):
    """Runs undisturbed; the outcome and its calls."""
    more = {"FAULTS_DATA": "1"} if with_data else {}
    outcome = run(command, folder, standard_input, LD_PRELOAD=library, FAULTS_LOG=log, **more)
    return outcome, calls(log, with_data)


def disturbed(library, command, folder, fault, number, standard_input=None):
    """Runs with a fault at a call; the outcome."""
    return run(command, folder, standard_input, LD_PRELOAD=library, FAULTS_AT=str(number), FAULTS_KIND=fault)
