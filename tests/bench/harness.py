"""Check results, then time what computes them side by side.

A module of benchmarks has one function, `cases(small=False)`, which yields a `Case` for each
comparison. Speeds are compared within a round, so that a busy machine slows down all alike.
"""

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SECONDS, LEAST, MOST = 4.0, 3, 30  # how long to repeat a case, and how many rounds
ROW = "{:44}{:>14}{:>14}{:>9}   {}"


class NoResult(Exception):
    """Raised by a contender that cannot answer: its row shows the message."""


@dataclass
class Case:
    """Functions without arguments that compute the same, by their labels.

    `check(label, result)` raises if a result is wrong. Ratios are to the contender called `unit`,
    or to the first. With `measured`, such as "MB", contenders return an amount in that unit, the
    less the better, and are not timed. `rounds` is how often; without it time decides.
    """

    title: str
    contenders: dict[str, Callable[[], Any]]
    check: Callable[[str, Any], None]
    unit: str | None = None
    measured: str | None = None
    rounds: int | None = None


def optional(name):
    """The module of that name, or None and a line that says so if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"  ({name} is not installed: its rows are left out)")


def fresh_process(code, limit=None):
    """What Python code prints as JSON in a process of its own; `NoResult` after `limit` seconds."""
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        raise NoResult(f"> {limit} s") from None
    if done.returncode:
        raise NoResult(done.stderr.decode().strip().splitlines()[-1])
    return json.loads(done.stdout)


def faults(case):
    """Run each contender once: {label: "", or why it is not timed}. It warms up, too."""
    found = {}
    for label, contender in case.contenders.items():
        try:
            case.check(label, contender())
            found[label] = ""
        except NoResult as reason:
            found[label] = str(reason)
        except AssertionError as error:
            found[label] = f"WRONG: {error}".splitlines()[0]
    return found


def show(case):
    """Print one case's rows, as they are known. Returns False if a result is wrong."""
    print(f"\n{case.title}", flush=True)
    start, found = time.perf_counter(), faults(case)
    rounds = case.rounds or int(np.clip(SECONDS / (time.perf_counter() - start), LEAST, MOST))
    able = [label for label, fault in found.items() if not fault]
    measure = (lambda contender: contender()) if case.measured else seconds
    amounts = np.array([[measure(case.contenders[label]) for label in able] for _ in range(rounds)])
    unit = case.unit or next(iter(found))
    for label, fault in found.items():
        middle = most = ratio = ""
        if not fault:
            own = amounts[:, able.index(label)]
            middle, most = (amount(np.percentile(own, p), case.measured) for p in (50, 95))
        if not fault and unit in able:
            low, ratio, high = np.percentile(own / amounts[:, able.index(unit)], [25, 50, 75])
            ratio, fault = f"{ratio:.3g}", f"{low:.3g} to {high:.3g}"
        print(ROW.format(f"  {label}", middle, most, ratio, fault), flush=True)
    return not any(fault.startswith("WRONG") for fault in found.values())


def seconds(contender):
    start = time.perf_counter()
    contender()
    return time.perf_counter() - start


def amount(value, unit=None):
    """Three digits with a unit."""
    if unit is None:
        power = max(-2, min(0, int(np.floor(np.log10(value) / 3))))
        value, unit = value / 10.0 ** (3 * power), {0: "s", -1: "ms", -2: "us"}[power]
    return f"{value:.{max(0, 2 - int(np.floor(np.log10(max(value, 1e-2)))))}f} {unit}"
