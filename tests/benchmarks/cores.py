"""How whole commands scale with the cores that they may use: a child process is held to so many, and its pools see it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from models import usable_cores

from .commands import COMMAND
from .larger import points
from .table import Row, faster, seconds, skipped

NUMBERS = (1, 2, 4, 8)
ROWS = 1_000_000
REPLICATIONS = 60


def cores(repetitions: int, largest: int) -> Iterator[Row]:
    """Three commands on one core, and on two, four and eight of them where the machine has so many."""
    if not hasattr(os, "sched_setaffinity"):
        yield skipped("cores", "itself on one core", "this system cannot hold a process to some of the cores")
        return
    measured = [number for number in NUMBERS if number <= usable_cores()]
    missing = ", ".join(str(number) for number in NUMBERS if number not in measured)
    with TemporaryDirectory() as folder:
        for name, arguments in _commands(folder, largest):
            took = {number: _seconds(arguments, number, folder, repetitions) for number in measured}
            for number in measured[1:] or measured:
                note = f"not measured, since the machine has {usable_cores()}: {missing} cores" if missing else ""
                yield faster(f"{name}, {number} cores", "itself on one core", took[number], took[1], note=note)


def _commands(folder: str, largest: int) -> Iterator[tuple[str, list[str]]]:
    """A large fit, a comparison of few counts, and a study, each without the place that it writes to."""
    rows = min(ROWS, largest // 10)
    np.save(Path(folder) / "points.npy", np.column_stack([*points(rows, np.random.default_rng(1)).values()]))
    size = f"{rows:.0e}".replace("e+0", "e")
    yield f"emvsbayes fit of {size} rows", ["fit", f"{folder}/points.npy", "--family", "gaussian", "--components", "5"]
    yield "emvsbayes compare poisson-three", ["compare", "poisson-three", "--out"]
    settings = ["--replications", str(REPLICATIONS), "--sizes", "500", "--judged", "0"]
    yield f"emvsbayes study of {REPLICATIONS} data sets", ["study", "poisson-three", *settings, "--out"]


def _seconds(arguments: Sequence[str], number: int, folder: str, repetitions: int) -> float:
    """The median time on so many cores, everything found compiled; each run writes to a place of its own."""
    hold = partial(os.sched_setaffinity, 0, sorted(os.sched_getaffinity(0))[:number])
    places = (f"{folder}/{number}-{arguments[0]}-{run}" for run in count())

    def run() -> None:
        out = [next(places)] if arguments[-1] == "--out" else []
        subprocess.run([COMMAND, *arguments, *out], check=True, capture_output=True, preexec_fn=hold)

    run()
    return seconds(run, repetitions)
