"""The protocol of a peer: lines of JSON, one when ready and one for each `round N` on standard input."""

import json
import sys
import time

# OpenMP's threads go on spinning for some milliseconds after their last parallel region. They come to
# rest here, so that they do not spin into the other side's turn.
REST = 0.05


def peak_kib():
    """The largest resident size so far (ru_maxrss would count what a parent had before exec)."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return None


def forget_peak():
    """What trials of other ways took is not the peak of the way taken."""
    try:
        with open("/proc/self/clear_refs", "w") as references:
            references.write("5")
    except OSError:
        pass


def say(document):
    time.sleep(REST)
    print(json.dumps(document, allow_nan=False), flush=True)


def serve(step, facts, versions, **more):
    """Introduces itself, then does as many steps as each line asks for, until the input ends."""
    forget_peak()
    say({"facts": facts, "versions": versions, **more})
    for line in sys.stdin:
        word, steps = line.split()
        assert word == "round", line
        start = time.perf_counter()
        for _ in range(int(steps)):
            step()
        seconds = time.perf_counter() - start
        say({"seconds": seconds, "peak_kib": peak_kib()})
