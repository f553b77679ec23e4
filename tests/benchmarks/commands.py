"""Whole commands, as a user waits for them: with all that they compile found on disk, and with none of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from .table import Row, seconds

OF_ONE = "importing and the rewriting of PyTensor's graphs, in Python and on one core, take about half of it"
OF_ALL = "5000 points take nearly all of it: PyTensor's rewriting above all, on one core"
OF_COMPILING = (
    "each node of PyTensor's graphs becomes a function of Numba's own, whose typing in Python takes most of it"
)
OF_KERNELS = (
    "four fifths are the compiling of EM's steps and of the pass, which Numba types in Python and LLVM then optimises"
)
MOST_MEGABYTES = 3
COMMAND = Path(sys.executable).with_name("emvsbayes")
COUNTS = "count\n" + "\n".join(map(str, [0, 1, 1, 2, 2, 3, 8, 9, 9, 10, 10, 11, 12]))


def commands(repetitions: int, largest: int) -> Iterator[Row]:
    """Whole commands that find all that they need compiled on disk."""
    with TemporaryDirectory() as folder:
        one, five = ["compare", "poisson-three"], ["compare", "gaussian-five"]
        yield _warm("emvsbayes compare poisson-three", one, f"{folder}/one", 6, repetitions, OF_ONE)
        megabytes = (Path(folder) / "one" / "posterior.nc").stat().st_size / 1e6
        of_bar = megabytes / MOST_MEGABYTES
        yield Row("posterior.nc of 500 counts", "3 MB", megabytes, MOST_MEGABYTES, of_bar, 1, at_most=True, unit="MB")
        yield _warm("emvsbayes compare gaussian-five", five, f"{folder}/five", 15, repetitions, OF_ALL)
        yield _warm("make report", ["report"], f"{folder}/all", 40, 1, OF_ALL)
        yield _at_most("first output of emvsbayes compare", _first_output([*one, "--out", f"{folder}/one"]), 0.5)
        yield _replicate(folder, repetitions)


def many_rows(repetitions: int, largest: int) -> Iterator[Row]:
    """A comparison of two million rows: the report within a minute, or at once a sentence that says what takes less."""
    rng = np.random.default_rng(1)
    centres, n = np.array([[0.0, 0.0], [3.0, 1.0], [-1.0, 4.0]]), min(2_000_000, largest)
    with TemporaryDirectory() as folder:
        np.save(f"{folder}/rows.npy", centres[rng.choice(3, n, p=[0.5, 0.3, 0.2])] + rng.normal(size=(n, 2)))
        given = ["compare", f"{folder}/rows.npy", "--family", "gaussian", "--components", "3", "--out", f"{folder}/out"]
        began = time.perf_counter()
        ended = subprocess.run([COMMAND, *given], capture_output=True, text=True)
        took = time.perf_counter() - began
        said = ended.stderr.strip().rpartition("\n")[2] if ended.returncode else "the report is written"
        yield _at_most(f"emvsbayes compare of {n:.0e} rows, d = 2, k = 3", took, 60, note=said)


def first_commands(repetitions: int, largest: int) -> Iterator[Row]:
    """Commands right after installation, each with nothing compiled at all."""
    fit_counts = ["fit", "counts.csv", "--family", "poisson", "--components", "2"]
    for name, arguments, bar, reason in (
        ("the first emvsbayes fit of counts", fit_counts, 5, OF_KERNELS),
        ("the first emvsbayes fit of measurements", ["fit", "gaussian-two", "--components", "2"], 5, OF_KERNELS),
        ("the first emvsbayes compare poisson-three", ["compare", "poisson-three"], 25, OF_COMPILING),
        ("the first emvsbayes compare gaussian-five", ["compare", "gaussian-five"], None, OF_COMPILING),
        ("the first make report", ["report"], 80, OF_COMPILING),
    ):
        with TemporaryDirectory() as folder:
            (Path(folder) / "counts.csv").write_text(COUNTS, encoding="utf-8")
            took = seconds(partial(_run, arguments, folder, _nothing_compiled(folder)), 1)
            yield _at_most(name, took, bar, reason)


def _warm(name: str, arguments: list[str], out: str, bar: float, repetitions: int, reason: str) -> Row:
    given = [*arguments, "--out", out]
    _run(given)
    took = seconds(lambda: _run(given), repetitions)
    document = Path(out) / "report.json"
    return _at_most(f"{name}, warm", took, bar, reason, _stages(document) if document.exists() else "")


def _at_most(name: str, took: float, bar: float | None, reason: str = "", note: str = "") -> Row:
    ratio = None if bar is None else took / bar
    return Row(name, "" if bar is None else f"{bar:g} s", took, bar, ratio, 1, at_most=True, note=note, reason=reason)


def _replicate(folder: str, repetitions: int) -> Row:
    """What a replicate of a study takes longer, on one core: its start cancels."""

    def study(replications: int) -> float:
        out = Path(folder) / f"study-{replications}"
        settings = ["--replications", str(replications), "--sizes", "500", "--judged", "0", "--workers", "1"]
        began = time.perf_counter()
        _run(["study", "poisson-three", *settings, "--out", str(out / str(began))])
        return time.perf_counter() - began

    study(2)
    few, many = (sorted(study(number) for _ in range(repetitions))[repetitions // 2] for number in (10, 60))
    return _at_most("study: replicate of poisson-three a core", (many - few) / 50, 0.15)


def _first_output(arguments: list[str]) -> float:
    """Return the seconds until the first byte is read, without a terminal."""
    began = time.perf_counter()
    process = subprocess.Popen([COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    process.stderr.read(1)
    took = time.perf_counter() - began
    process.kill()
    process.communicate()
    return took


def _nothing_compiled(folder: str) -> dict[str, str]:
    caches = {"NUMBA_CACHE_DIR": f"{folder}/numba", "PYTENSOR_FLAGS": f"base_compiledir={folder}/pytensor"}
    return {**os.environ, **caches}


def _run(arguments: list[str], folder: str | None = None, environment: dict[str, str] | None = None) -> None:
    subprocess.run([COMMAND, *arguments], check=True, capture_output=True, cwd=folder, env=environment)


def _stages(document: Path) -> str:
    """What a report says of its own seconds, and the time to import what it needs."""
    importing = seconds(lambda: subprocess.run([sys.executable, "-c", "import reports, em, bayes"], check=True), 1)
    stages = json.loads(document.read_text(encoding="utf-8"))["provenance"]["seconds"]
    return ", ".join(f"{name} {value:.1f} s" for name, value in {"importing": importing, **stages}.items())
