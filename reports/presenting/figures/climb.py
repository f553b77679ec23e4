"""How EM got there: its climb from the best start, and where every start ended."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from em import Fit, Status, same_height

from ..names import power_of_ten
from .style import EM, MAP, PANEL, POSTERIOR, Place, legend_below, panel, styled

MOST_POINTS = 1600
ENDINGS = {
    Status.CONVERGED: (POSTERIOR, "o"),
    Status.OUT_OF_STEPS: (MAP, "s"),
    Status.OUTRUN: (MAP, "."),
    Status.COLLAPSED: (EM, "x"),
}


def climb(fitted: Fit, place: Place = panel) -> Figure:
    """Draw what EM climbs, step by step."""
    objective = fitted.climb.objective
    steps = thinned_steps(len(objective))
    with styled():
        figure, axes = place("climb", "EM's log-likelihood against the step", PANEL)
        axes.plot(steps, objective[steps], color=EM, marker="o" if len(steps) <= 60 else None, markersize=3)
        axes.set_ylabel(_quantity(fitted))
        of_steps(axes)
    return figure


def distance(fitted: Fit, place: Place = panel) -> Figure:
    """Draw how far below its limit EM is after each step, on a logarithmic axis: a straight line is a constant rate."""
    taken = fitted.climb
    below = taken.objective[-1] + _finite(taken.remaining) - taken.objective
    steps = thinned_steps(len(below))
    with styled():
        figure, axes = place("distance", "EM's distance to its limit against the step, on a logarithmic axis", PANEL)
        axes.plot(
            steps, np.maximum(below[steps], 1e-10), color=EM, marker="o" if len(steps) <= 60 else None, markersize=3
        )
        axes.set_ylabel("below the limit, in nats")
        _logarithmic(axes)
        of_steps(axes)
    return figure


def starts(fitted: Fit, place: Place = panel) -> Figure:
    """Draw how far below the best each start ended; those that collapsed have no such distance and stand apart on top."""
    with styled():
        figure, axes = place("starts", "How far below the best optimum each start of EM ended", PANEL)
        _logarithmic(axes)
        _gaps(axes, fitted)
        axes.set_xlabel("start")
        axes.set_ylabel("below the best, in nats")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        legend_below(figure, axes, columns=3)
    return figure


def _gaps(axes: Axes, fit: Fit) -> None:
    best, runs = fit.highest, fit.runs
    lowest = highest = same_height(best, fit.tolerance)
    for status, (colour, marker) in ENDINGS.items():
        ended = [number for number, start in enumerate(runs, 1) if start.status is status]
        gaps = [max(lowest, best - runs[number - 1].objective) for number in ended]
        if not ended:
            continue
        if status is Status.COLLAPSED:
            collapsed = np.full(len(ended), 0.95)
            axes.plot(ended, collapsed, marker, color=colour, label=str(status), transform=axes.get_xaxis_transform())
        else:
            axes.plot(ended, gaps, marker, color=colour, label=str(status))
            highest = max(highest, *gaps)
    axes.set_ylim(lowest / 3, max(1.0, highest * 30))


def _quantity(fitted: Fit) -> str:
    return "log-likelihood" if fitted.estimate == "mle" else "log-likelihood + log prior"


def thinned_steps(length: int) -> NDArray[np.intp]:
    """Return all steps; of very many an even selection that is denser at both ends, where most happens."""
    if length <= MOST_POINTS:
        return np.arange(length)
    dense = np.geomspace(1, length, MOST_POINTS // 4) - 1
    even = np.linspace(0, length - 1, MOST_POINTS // 2)
    return np.unique(np.concatenate([dense, even, length - 1 - dense]).astype(np.intp))


def of_steps(axes: Axes) -> None:
    """Mark whole steps across."""
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def _logarithmic(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(numticks=7))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value, 1)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _finite(value: float) -> float:
    return value if np.isfinite(value) else 0.0
