#!/usr/bin/env python3
"""Every system call of every command that changes something, killed before it or failing with EIO and with ENOSPC.

After each: the status is 2 with an error that says where and a hint (or the kill's); `dormouse check` finds the
registry sound; what was acknowledged is there; what is replaced is as before or whole; the same command again succeeds
and leaves exactly what an undisturbed one leaves. The same holds of what a power cut could leave (`powercut.py`). Needs a C compiler (`faults.c` is preloaded) and Python's standard library.
"""

import argparse
import concurrent.futures
import os
import random
import re
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import cases
import powercut
import state
import tracing


CUT = "power cut"


class Trial:
    """A case made ready: what it starts from, what an undisturbed run leaves, and the calls it makes."""

    def __init__(self, case, program, library, scratch):
        self.case, self.program, self.library = case, program, library
        self.scratch = os.path.join(scratch, re.sub(r"\W+", "-", case.name))
        self.base = os.path.join(self.scratch, "base")
        os.makedirs(self.base)
        case.prepare(cases.Workshop(self.base, program))
        self.before = state.State(self.base)
        self.arguments = case.arguments
        if "RUN" in self.arguments:
            run = sorted(state.registered(os.path.join(self.base, "registry/registry.sqlite")))[0]
            self.arguments = [run if word == "RUN" else word for word in self.arguments]
        folder = self.copy("undisturbed")
        log = os.path.join(self.scratch, "undisturbed.log")
        (status, self.output, errors), self.points = tracing.traced(
            library, self.command, folder, log, self.standard_input(folder)
        )
        assert status == 0, (case.name, status, self.output, errors)
        self.after = state.State(folder)
        assert self.output and self.points

    @property
    def command(self):
        return [self.program, *self.arguments]

    def standard_input(self, folder):
        return self.case.standard_input and os.path.join(folder, self.case.standard_input)

    def copy(self, name):
        folder = os.path.join(self.scratch, name)
        shutil.copytree(self.base, folder)
        return folder

    def perform(self, fault, number):
        """What is wrong after a fault at a point, in words."""
        folder = self.copy(f"{fault}-{number}")
        outcome = tracing.disturbed(
            self.library, self.command, folder, fault, number, self.standard_input(folder)
        )
        wrong = self.judge(fault, self.points[number], folder, *outcome)
        if not wrong:
            shutil.rmtree(folder)
        return wrong

    def judge(self, fault, point, folder, status, output, errors):
        wrong = []
        if fault == "KILL":
            if status != -9:
                wrong.append(f"status {status}, not killed")
        elif status == 0:
            # It may do without that call; but then nothing is missing.
            if missing := state.State(folder).difference(self.after):
                wrong.append(f"status 0, and {missing}")
        elif status != 2:
            wrong.append(f"status {status}: {errors.strip()[:300]}")
        else:
            wrong += self.judge_words(point, folder, errors)
        return wrong + self.judge_folder(folder, output)

    def judge_folder(self, folder, output):
        """What is wrong with what is left, after this much was told, and with what the same command makes of it."""
        wrong = []
        there = os.path.exists(os.path.join(folder, "registry", "registry.sqlite"))
        if there:
            answer, findings, problems = tracing.run([self.program, "check", "--deep", "registry"], folder)
            if answer != 0:
                return [f"check: {findings.strip()} {problems.strip()}"]
        wrong += self.judge_promises(folder, output, there)
        answer, _, problems = tracing.run(self.command, folder, self.standard_input(folder))
        if answer != 0:
            wrong.append(f"again: status {answer}: {problems.strip()[:300]}")
        elif left := state.State(folder).difference(self.after):
            wrong.append(f"again: {left}")
        return wrong

    def judge_words(self, point, folder, errors):
        if "error: " not in errors or "\nhint: " not in errors:
            return [f"no error with a hint: {errors.strip()[:300]}"]
        if point.descriptor == 1:
            return [] if "standard output" in errors else [f"does not name standard output: {errors.strip()[:300]}"]
        # The file, another of its folder (a temporary file becomes that), or a folder that it is in.
        paths = [plain(self.relative(path.removesuffix(" (deleted)"))) for path in point.paths]
        named = plain(re.search(r"error: (.+?)(: |$)", errors)[1])
        if not any((os.path.dirname(path) or path) in named or path.startswith(named + "/") for path in paths):
            return [f"does not name {' or '.join(paths)}: {errors.strip()[:300]}"]
        return []

    def relative(self, path):
        """A path of the undisturbed run as the command's messages have it."""
        return os.path.relpath(path, os.path.join(self.scratch, "undisturbed")) if os.path.isabs(path) else path

    def judge_promises(self, folder, output, there):
        wrong, now = [], None
        if self.case.acknowledges == "each":
            known = state.registered(os.path.join(folder, "registry/registry.sqlite")) if there else []
            for line in output.splitlines(keepends=True):
                if line.endswith("\n") and line.startswith("run ") and " · " in line:
                    run = line.split()[1]
                    if not any(id.startswith(run) for id in known):
                        wrong.append(f"acknowledged and lost: {line.strip()}")
        elif output == self.output:
            now = state.State(folder)
            if lost := now.difference(self.after):
                wrong.append(f"acknowledged, and {lost}")
        if place := self.case.replaces:
            now = (now or state.State(folder)).part(place)
            before, after = self.before.part(place), self.after.part(place)
            waits = os.path.exists(os.path.join(folder, f"{place}.building", "site-manifest.json"))
            if self.case.is_by_file and waits:
                # A folder that nothing is in yet is not torn.
                files = [path for path in now | before | after if not path.endswith("/")]
                torn = [path for path in files if now.get(path) not in (before.get(path), after.get(path))]
                wrong += [f"half-written: {path}" for path in torn]
            elif now not in (before, after):
                wrong.append(f"half-written: {place}: {len(now)} files")
        return wrong


def plain(text):
    """Without what is drawn at random in the names of drafts."""
    return re.sub(r"(\.dormouse-draft)-\d+-\d+", r"\1", text)


def cut(trial, every, seed, perform):
    """Every state that a power cut could leave (`powercut`): how many, and what is wrong, by the call it came after."""
    folder = trial.copy("traced")
    outcome, calls = tracing.traced(
        trial.library, trial.command, folder, f"{folder}.log", trial.standard_input(folder), with_data=True
    )
    assert outcome[0] == 0, (trial.case.name, *outcome)
    numbered = enumerate(powercut.states(trial.base, folder, calls, random.Random(seed), every))

    def judge(state):
        index, (number, files, told) = state
        place = os.path.join(trial.scratch, f"cut-{index}")
        powercut.lay_out(files, place)
        wrong = trial.judge_folder(place, told)
        if not wrong:
            shutil.rmtree(place)
        return number, wrong

    found = list(perform(judge, numbered))
    return len(found), [(number - 1, words) for number, words in found if words]


def sampled(points, every, shift):
    return range(len(points))[shift % every :: every]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--every", type=int, default=1, help="only every so manieth call")
    parser.add_argument("--case", action="append", help="only these commands, by a part of their name")
    parser.add_argument("--fault", action="append", choices=[*tracing.FAULTS, CUT], help="only these faults")
    parser.add_argument("--point", type=int, action="append", help="only these calls, counted from 0")
    parser.add_argument("--seed", type=int, default=7, help="of what a power cut leaves")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--scratch", type=os.path.abspath, help="where to work; what went wrong is left there")
    options = parser.parse_args()
    scratch = options.scratch or tempfile.mkdtemp(prefix="dormouse-faults-")
    os.makedirs(scratch, exist_ok=True)
    chosen = [c for c in cases.CASES if not options.case or any(part in c.name for part in options.case)]
    faults = options.fault or [*tracing.FAULTS, CUT]
    library = tracing.compiled(scratch)
    began, failures, points = time.monotonic(), 0, 0
    print(f"{'command':<24}{'fault':<10}{'points':>7}  result", flush=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for number, case in enumerate(chosen):
            trial = Trial(case, options.program, library, scratch)
            for shift, fault in enumerate(faults):
                if fault == CUT:
                    if not case.is_cut:
                        continue
                    count, bad = cut(trial, options.every, options.seed, pool.map)
                else:
                    numbers = options.point or sampled(trial.points, options.every, number * 5 + shift * 7)
                    found = pool.map(lambda n: trial.perform(fault, n), numbers)
                    count, bad = len(numbers), [(n, words) for n, words in zip(numbers, found) if words]
                print(f"{case.name:<24}{fault:<10}{count:>7}  {f'{len(bad)} WRONG' if bad else 'sound'}", flush=True)
                for n, words in bad:
                    for word in words:
                        print(f"    {n}: {trial.points[n]}: {word}", flush=True)
                failures, points = failures + len(bad), points + count
    print(f"{points} points, {failures} wrong, {time.monotonic() - began:.0f} s")
    if failures:
        print(f"what they left is in {scratch}")
    elif not options.scratch:
        shutil.rmtree(scratch)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
