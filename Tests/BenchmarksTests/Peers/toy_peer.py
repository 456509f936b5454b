"""A peer that needs nothing but Python, and misbehaves as it is told to."""

import json
import os
import sys
import time

how = sys.argv[1]


def say(text):
    print(text, flush=True)


if how == "dies-first":
    sys.exit(3)
if how == "hangs-first":
    time.sleep(60)
if how == "rubbish-first":
    say("Loading, please wait ...")
facts = {"another-task": [1.0, 2.5], "fewer-facts": [1.0], "no-facts": "many"}.get(how, [1.0, 2.0])
say(json.dumps({"facts": facts, "parameters": 8 if how == "other-size" else 7, "versions": {"toy": "1"}}))
for round, line in enumerate(sys.stdin):
    word, steps = line.split()
    assert word == "round"
    if round == 2:
        if how == "dies":
            sys.exit(4)
        if how == "killed":
            os.kill(os.getpid(), 9)
        if how == "hangs":
            time.sleep(60)
        if how == "rubbish":
            say('{"seconds": NaN}')
            continue
        if how == "endless":
            while True:
                sys.stdout.write("x" * 65536)
        if how == "closes":
            # Input and output are one socket.
            os.close(0)
            os.close(1)
            time.sleep(60)
        if how == "no-time":
            say('{"seconds": 0}')
            continue
    # A millisecond a step, two for a peer said to be slow.
    each = 0.002 if how == "slow" else 0.001
    say(json.dumps({"seconds": int(steps) * each, "peak_kib": 1000 if how == "slow" else 500}))
