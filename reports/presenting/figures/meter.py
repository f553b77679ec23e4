"""The large-sample meter: every parameter by how far its posterior lies from the MLE, and how much wider it is."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from ...comparing.large_sample import LARGEST_RATIO
from ...comparing.side_by_side import SideBySide
from ...judging.difference import LARGEST_SHIFT
from ..names import parameter_names
from .style import INK, PANEL, POSTERIOR, Place, legend_below, panel, styled

# Of the parameters outside the region so many are named, the farthest first.
MOST_LABELS = 4


def meter(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw one point for each parameter with a standard error, at (0, 1) where that is what the posterior says."""
    table = comparison.large_sample.table[["shift", "sd_ratio"]]
    table = table[np.isfinite(table).all(axis=1) & (table["sd_ratio"] > 0)]
    names = parameter_names(comparison)
    height = np.log(LARGEST_RATIO)
    away = np.maximum(table["shift"].abs() / LARGEST_SHIFT, np.log(table["sd_ratio"]).abs() / height)
    with styled():
        figure, axes = place("meter", "Shift and width of every parameter's posterior in EM's standard errors", PANEL)
        low, high = 1 / LARGEST_RATIO, LARGEST_RATIO
        region = Rectangle(
            (-LARGEST_SHIFT, low), 2 * LARGEST_SHIFT, high - low, color=POSTERIOR, alpha=0.12, linewidth=0
        )
        region.set_label("as the standard errors say")
        axes.add_patch(region)
        axes.plot([0], [1], "+", color=INK, markersize=11, zorder=3, label="with endless data")
        axes.plot(
            table["shift"], table["sd_ratio"], "o", color=POSTERIOR, markersize=5, alpha=0.75, label="a parameter"
        )
        for name in away[away > 1].nlargest(MOST_LABELS).index:
            at = (table["shift"][name], table["sd_ratio"][name])
            axes.annotate(names[str(name)], at, (5, 5), textcoords="offset points", annotation_clip=True)
        axes.set_yscale("log")
        axes.set_xlim(*_limits(table["shift"].to_numpy(), 2 * LARGEST_SHIFT))
        of_width = np.log(table["sd_ratio"].to_numpy())
        axes.set_ylim(*np.exp(_limits(of_width, 2 * height)))
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("posterior mean − MLE, in SEs")
        axes.set_ylabel("posterior SD / SE")
        legend_below(figure, axes, columns=2)
    return figure


def _limits(values: np.ndarray[tuple[int], np.dtype[np.float64]], least: float) -> tuple[float, float]:
    """Return limits that are symmetric about zero, with everything in view."""
    largest = max(least, 1.15 * float(np.abs(values).max(initial=0)))
    return -largest, largest
