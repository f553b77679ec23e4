"""One feature of the data with EM's density and the posterior's band over it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models import Array, Data

from ...comparing.density import DensityCurves
from ...comparing.rates import rate_heights
from ...comparing.side_by_side import SideBySide
from ...judging.comparison import Comparison
from ..names import rate_of, shortened
from .plane import draw_plane
from .style import DATA, EM, GIVEN, PANEL, POSTERIOR, TRUTH, Place, legend_below, panel, styled

MOST_FEATURES = 6
# Probabilities of so few counts are told apart as points; more make a line.
MOST_COUNTS_WITH_POINTS = 40


def shown_features(comparison: SideBySide) -> list[int]:
    """Choose all features; of very many columns of counts those that tell the components apart best, else the first."""
    dimension = comparison.data.dimension
    told = [each.feature for each in comparison.apart] if dimension > MOST_FEATURES else []
    return (told or list(range(dimension)))[:MOST_FEATURES]


def density(comparison: SideBySide, feature: int, place: Place = panel) -> Figure:
    """Draw a histogram of one feature with EM's density, the posterior's 95 % band and, when known, the truth."""
    curves, counts = comparison.densities[feature], comparison.model.counts
    return density_of_both(f"density-{feature + 1}", comparison.data, feature, curves, counts, place)


def density_of_both(
    name: str, data: Data, feature: int, curves: DensityCurves, counts: bool, place: Place = panel
) -> Figure:
    """Draw densities from curves that are already there."""
    column = rate_of(data, feature)
    with styled():
        figure, axes = place(name, f"Histogram of {column} with the density of both fits over it", PANEL)
        histogram(axes, data, feature, counts, curves.edges)
        _densities(axes, curves, points=counts and len(curves.grid) <= MOST_COUNTS_WITH_POINTS)
        label_axes(axes, data, feature, counts)
        axes.set_ylim(bottom=0)
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
            feature = shown_features(comparison)[0]
            curves = comparison.densities[feature]
            histogram(axes, comparison.data, feature, comparison.model.counts, curves.edges)
            _densities(axes, curves, points=False)
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


def histogram(axes: Axes, data: Data, feature: int, counts: bool, rates: Array | None = None) -> float:
    """Draw a histogram of one feature, and return the height of its tallest bin.

    Counts with exposures are drawn as rates in bins with the edges ``rates``, each row with its exposure for its area.
    """
    if rates is None:
        values = data.values[:, feature]
        edges = histogram_edges(values, data.weights, counts)
        heights = np.histogram(values, edges, weights=data.weights / data.size)[0] / np.diff(edges)
    else:
        edges, heights = rates, rate_heights(data, feature, rates)
    axes.stairs(heights, edges, fill=True, color=DATA, alpha=0.45, label="data")
    return float(heights.max())


def label_axes(axes: Axes, data: Data, feature: int, counts: bool) -> None:
    """Say what lies along both axes of a histogram, and in which unit."""
    axes.set_xlabel(rate_of(data, feature))
    if data.is_exposed:
        axes.set_ylabel(f"density among {shortened(data.exposure_column)}")
    else:
        axes.set_ylabel("probability" if counts else "density")
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=counts and not data.is_exposed))


def _densities(axes: Axes, curves: DensityCurves, points: bool) -> None:
    if curves.edges is None:
        _curves(axes, curves, points)
    else:
        _steps(axes, curves, curves.edges)


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


def _steps(axes: Axes, curves: DensityCurves, edges: Array) -> None:
    """Draw what is the same all over a bin: the band as boxes, all else as stairs."""
    lower, upper = (np.append(ends, ends[-1]) for ends in (curves.lower, curves.upper))
    axes.fill_between(
        edges, lower, upper, step="post", color=POSTERIOR, alpha=0.4, linewidth=0, label="posterior 95 % band"
    )
    for heights, colour, line, width, label in (
        (curves.mean, POSTERIOR, "-", 1.1, "posterior mean"),
        (curves.em, EM, "-", 1.5, "EM"),
        (curves.truth, TRUTH, (0, (4, 3)), 1.2, "truth"),
        (curves.given, GIVEN, (0, (8, 2)), 1.2, "given"),
    ):
        if heights is not None:
            axes.stairs(heights, edges, color=colour, linestyle=line, linewidth=width, baseline=None, label=label)
