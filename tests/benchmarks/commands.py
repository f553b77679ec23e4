"""Whole commands, as a user waits for them: every file found compiled on disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from .table import Row, seconds

OF_ONE = "importing and the rewriting of PyTensor's graphs, in Python and on one core, take about half of it"
OF_ALL = "5000 points take nearly all of it: PyTensor's rewriting above all, on one core"
MOST_MEGABYTES = 3
COMMAND = Path(sys.executable).with_name("emvsbayes")


def commands(repetitions: int, largest: int) -> Iterator[Row]:
    """``emvsbayes compare poisson-three`` and all of ``make report``."""
    with TemporaryDirectory() as folder:
        for case, arguments, bar, times, reason in (
            (
                "emvsbayes compare poisson-three",
                ["compare", "poisson-three", "--out", f"{folder}/one"],
                6,
                repetitions,
                OF_ONE,
            ),
            ("make report", ["report", "--out", f"{folder}/all"], 40, 1, OF_ALL),
        ):
            _run(arguments)
            took = seconds(lambda arguments=arguments: _run(arguments), times)  # type: ignore[misc]
            note = _stages(Path(folder) / "one") if times == repetitions else ""
            yield Row(f"{case}, warm", f"{bar} s", took, bar, took / bar, 1, at_most=True, note=note, reason=reason)
        megabytes = (Path(folder) / "one" / "posterior.nc").stat().st_size / 1e6
        of_bar = megabytes / MOST_MEGABYTES
        yield Row("posterior.nc of 500 counts", "3 MB", megabytes, MOST_MEGABYTES, of_bar, 1, at_most=True, unit="MB")


def _run(arguments: list[str]) -> None:
    subprocess.run([COMMAND, *arguments], check=True, capture_output=True)


def _stages(report: Path) -> str:
    """What the report says of its own seconds, and the time to import what it needs."""
    importing = seconds(lambda: subprocess.run([sys.executable, "-c", "import reports, em, bayes"], check=True), 1)
    stages = json.loads((report / "report.json").read_text(encoding="utf-8"))["provenance"]["seconds"]
    return ", ".join(f"{name} {value:.1f} s" for name, value in {"importing": importing, **stages}.items())
