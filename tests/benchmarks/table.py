"""What a benchmark says: one row for each figure, printed, kept as CSV and drawn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Row:
    """One figure held against one peer; ``ratio`` is the peer's median time over ours, unless the unit says otherwise.

    ``bar`` is what the ratio should reach, ``note`` what has to be known to read it, and ``reason`` what a profile says of
    a bar that is missed.
    """

    case: str
    peer: str
    ours: float
    theirs: float | None
    ratio: float | None
    bar: float | None
    at_most: bool = False
    unit: str = "s"
    note: str = ""
    reason: str = ""

    @property
    def verdict(self) -> str:
        """Whether the bar is met."""
        if self.ratio is None or self.bar is None:
            return ""
        return "met" if (self.ratio <= self.bar if self.at_most else self.ratio >= self.bar) else "MISSED"


def faster(
    case: str, peer: str, ours: float, theirs: float, bar: float | None = None, note: str = "", reason: str = ""
) -> Row:
    """A row that says how many times faster than the peer."""
    return Row(case, peer, ours, theirs, theirs / ours, bar, note=note, reason=reason)


def skipped(case: str, peer: str, why: str) -> Row:
    """A row for a peer that could not be run."""
    return Row(case, peer, float("nan"), None, None, None, note=f"skipped: {why}")


def seconds(run: Callable[[], object], repetitions: int) -> float:
    """The median wall-clock time of a call."""
    times = []
    for _ in range(repetitions):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def per_step(run: Callable[[int], object], few: int, many: int, repetitions: int) -> float:
    """The median time of one step: what ``many`` steps take longer than ``few``, so that set-up cancels."""
    times = []
    for _ in range(repetitions):
        began = time.perf_counter()
        run(few)
        between = time.perf_counter()
        run(many)
        times.append((time.perf_counter() - between - (between - began)) / (many - few))
    return statistics.median(times)


def line(row: Row) -> str:
    """One row as text."""
    theirs = "" if row.theirs is None else f"{row.theirs:11.4g}"
    ratio = "" if row.ratio is None else f"{row.ratio:9.3g}"
    bar = "" if row.bar is None else f"{'≤' if row.at_most else '≥'} {row.bar:g}"
    said = "; ".join(filter(None, [row.note, row.reason if row.verdict == "MISSED" else ""]))
    return f"{row.case:44} {row.peer:30} {row.ours:11.4g} {theirs:>11} {ratio:>9} {bar:>7} {row.verdict:7} {said}"


HEAD = f"{'case':44} {'peer':30} {'ours':>11} {'theirs':>11} {'ratio':>9} {'bar':>7}"


def write(rows: Iterable[Row], folder: Path) -> None:
    """Write ``benchmarks.csv`` and ``benchmarks.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = list(rows)
    table = pd.DataFrame(
        [{**asdict(row), "verdict": row.verdict} for row in kept], columns=[f.name for f in fields(Row)] + ["verdict"]
    )
    table.to_csv(folder / "benchmarks.csv", index=False)
    draw([row for row in kept if row.ratio is not None], folder / "benchmarks.svg")


def draw(rows: list[Row], path: Path) -> None:
    """Each ratio as a bar on a logarithmic axis, with a mark where it should be."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 0.8 + 0.32 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for place, row in enumerate(reversed(rows)):
        assert row.ratio is not None
        axes.barh(place, row.ratio, color="#9a6700" if row.verdict == "MISSED" else "#2a7ab0", height=0.62, log=True)
        axes.annotate(f"{row.ratio:.3g}", (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
        if row.bar is not None:
            axes.plot([row.bar, row.bar], [place - 0.42, place + 0.42], color="black", linewidth=1.6)
    axes.set_yticks(range(len(rows)), [f"{row.case} · {row.peer}" for row in reversed(rows)], fontsize=8)
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.set_xlabel("ratio (see the table for its direction); the black mark is the bar, brown a bar that was missed")
    axes.margins(x=0.12, y=0.01)
    figure.savefig(path)
