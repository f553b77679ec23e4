"""What the prior expects before it has seen the data, under the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bayes import Posterior
from models import Array, Data, Mixture

from ...comparing.density import grid_of
from ...comparing.rates import expected_heights, rate_edges
from ...comparing.side_by_side import mixtures_of_prior
from ..names import shortened
from .data import histogram, label_axes
from .style import INK, PANEL, POSTERIOR, Place, blank, legend_below, panel, styled

SHOWN_DRAWS = 12
SIMULATED = 50
BINS = 50
# Panels of a row.
MOST_BESIDE = 3


def prior_predictive(data: Data, mixtures: Mixture, features: Sequence[int]) -> Figure:
    """Draw for each of these features a histogram, mixtures that a prior drew, and their average.

    ``mixtures`` have one leading axis of many draws.
    """
    columns = min(len(features), MOST_BESIDE)
    rows = -(-len(features) // columns)
    named = ", ".join(shortened(data.columns[feature]) for feature in features)
    with styled():
        figure = blank(
            f"prior-{'-'.join(str(feature + 1) for feature in features)}",
            f"Histogram of {named} with what the prior expects over it",
            (columns * PANEL[0], rows * PANEL[1]),
        )
        for place, feature in enumerate(features):
            axes = figure.add_subplot(rows, columns, place + 1)
            _panel(axes, data, mixtures.marginal(feature), feature)
        # Three entries fill the width of one panel to its edges.
        legend_below(figure, axes, columns=3 if columns > 1 else 2)
    return figure


def prior(posterior: Posterior, feature: int, seed: int, place: Place = panel) -> Figure:
    """Draw the same of one feature alone, of the prior that a posterior has."""
    data, mixtures = posterior.data, mixtures_of_prior(posterior.prior, seed)
    with styled():
        words = f"Histogram of {shortened(data.columns[feature])} with what the prior expects over it"
        figure, axes = place(f"prior-{feature + 1}", words, PANEL)
        _panel(axes, data, mixtures.marginal(feature), feature)
        legend_below(figure, axes, columns=2)
    return figure


def _panel(axes: Axes, data: Data, draws: Mixture, feature: int) -> None:
    draw = _panel_of_rates if data.is_exposed else _panel_of_values
    draw(axes, data, draws, feature)


def _panel_of_values(axes: Axes, data: Data, draws: Mixture, feature: int) -> None:
    counts, values = draws.components.counts, data.values[:, feature]
    low, high = float(values.min()), float(values.max())
    ends = np.array([low - (high - low) / 2, high + (high - low) / 2])
    grid = grid_of(ends.clip(0) if counts else ends, whole_numbers=counts)
    with np.errstate(under="ignore"):
        densities = np.exp(draws[:SHOWN_DRAWS].log_density(grid[:, None]))
    tallest = histogram(axes, data, feature, counts)
    for number, curve in enumerate(densities):
        label = None if number else "drawn from the prior"
        axes.plot(grid, curve, color=POSTERIOR, linewidth=0.7, alpha=0.45, label=label)
    heights, edges = _predictive(draws, grid, counts)
    axes.stairs(heights, edges, color=INK, linestyle="--", linewidth=1.6, baseline=None, label="average of the prior")
    _finish(axes, data, feature, tallest, counts)


def _panel_of_rates(axes: Axes, data: Data, draws: Mixture, feature: int) -> None:
    """Draw rates as they would be seen at the data's own exposures."""
    edges = rate_edges(data, feature, around=0.5)
    tallest = histogram(axes, data, feature, True, edges)
    for number, heights in enumerate(expected_heights(data, draws[:SHOWN_DRAWS], edges)):
        label = None if number else "drawn from the prior"
        axes.stairs(heights, edges, color=POSTERIOR, linewidth=0.7, alpha=0.45, baseline=None, label=label)
    # A bin's share has no spike, however narrow a component is: the average is that of the shares themselves.
    average = expected_heights(data, draws, edges).mean(axis=0)
    axes.stairs(average, edges, color=INK, linestyle="--", linewidth=1.6, baseline=None, label="average of the prior")
    _finish(axes, data, feature, tallest, counts=True)


def _finish(axes: Axes, data: Data, feature: int, tallest: float, counts: bool) -> None:
    label_axes(axes, data, feature, counts)
    # A narrow component of a draw may be any number of times as tall as the data.
    axes.set_ylim(0, 1.5 * tallest)
    axes.grid(visible=False)


def _predictive(draws: Mixture, grid: Array, counts: bool) -> tuple[Array, Array]:
    """Return heights and edges of a histogram of observations simulated from all mixtures, on the grid alone.

    An average of the curves would have spikes, since a component may be narrower than any grid is fine.
    """
    values = draws.sample(SIMULATED, np.random.default_rng(SIMULATED))[0].ravel()
    width = max(1, round((grid[-1] - grid[0]) / BINS)) if counts else (grid[-1] - grid[0]) / BINS
    edges = np.arange(grid[0] - 0.5 if counts else grid[0], grid[-1] + width / 2, width)
    return np.histogram(values, edges)[0] / len(values) / width, edges
