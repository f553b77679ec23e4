"""One feature of the data with EM's density and the posterior's band over it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models import Array, Data

from ...comparing.density import DensityCurves
from ...comparing.side_by_side import SideBySide
from ...judging.comparison import Comparison
from ..names import shortened
from .plane import draw_plane
from .style import DATA, EM, GIVEN, PANEL, POSTERIOR, TRUTH, Place, legend_below, panel, styled

MOST_FEATURES = 6
# Probabilities of so few counts are told apart as points; more make a line.
MOST_COUNTS_WITH_POINTS = 40


def density(comparison: SideBySide, feature: int, place: Place = panel) -> Figure:
    """Draw a histogram of one feature with EM's density, the posterior's 95 % band and, when known, the truth."""
    curves, counts = comparison.densities[feature], comparison.model.counts
    return density_of_both(f"density-{feature + 1}", comparison.data, feature, curves, counts, place)


def density_of_both(
    name: str, data: Data, feature: int, curves: DensityCurves, counts: bool, place: Place = panel
) -> Figure:
    """Draw densities from curves that are already there."""
    column = shortened(curves.feature)
    with styled():
        figure, axes = place(name, f"Histogram of {column} with the density of both fits over it", PANEL)
        histogram(axes, data, feature, counts)
        _curves(axes, curves, points=counts and len(curves.grid) <= MOST_COUNTS_WITH_POINTS)
        axes.set_xlabel(column)
        axes.set_ylabel("probability" if counts else "density")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=counts))
        axes.grid(visible=False)
        legend_below(figure, axes, columns=3)
    return figure


def thumbnail(comparison: Comparison, name: str) -> Figure:
    """Draw the data and the fit without any words, for the index page."""
    with styled():
        figure, axes = panel(name, f"The data and the fitted density of {shortened(comparison.title, 60)}", (2.4, 1.2))
        if comparison.data.dimension == 2:
            draw_plane(axes, comparison)
        else:
            histogram(axes, comparison.data, 0, comparison.model.counts)
            _curves(axes, comparison.densities[0], points=False)
            axes.set_ylim(bottom=0)
        axes.set_axis_off()
    return figure


def histogram_edges(values: Array, weights: Array, counts: bool) -> Array:
    """Return bins of one width, about 1.5 √n of them so that several modes stay apart; counts get bins of whole numbers."""
    low, high = float(values.min()), float(values.max())
    bins = int(np.clip(1.5 * np.sqrt(weights.sum()), 8, 60))
    if counts:
        width = max(1, round((high - low) / bins))
        return np.arange(low - 0.5, high + width + 0.5, width)
    return np.linspace(low, high, bins + 1)


def histogram(axes: Axes, data: Data, feature: int, counts: bool) -> float:
    """Draw a histogram of one feature, and return the height of its tallest bin."""
    values = data.values[:, feature]
    edges = histogram_edges(values, data.weights, counts)
    heights = np.histogram(values, edges, weights=data.weights / data.size)[0] / np.diff(edges)
    axes.stairs(heights, edges, fill=True, color=DATA, alpha=0.45, label="data")
    return float(heights.max())


def _curves(axes: Axes, curves: DensityCurves, points: bool) -> None:
    marker = "o" if points else None
    axes.fill_between(
        curves.grid, curves.lower, curves.upper, color=POSTERIOR, alpha=0.4, linewidth=0, label="posterior 95 % band"
    )
    axes.plot(curves.grid, curves.mean, color=POSTERIOR, linestyle="-", linewidth=1.1, label="posterior mean")
    axes.plot(curves.grid, curves.em, color=EM, marker=marker, markersize=3, label="EM")
    if curves.truth is not None:
        axes.plot(curves.grid, curves.truth, color=TRUTH, linestyle=(0, (4, 3)), linewidth=1.2, label="truth")
    if curves.given is not None:
        axes.plot(curves.grid, curves.given, color=GIVEN, linestyle=(0, (8, 2)), linewidth=1.2, label="given")
