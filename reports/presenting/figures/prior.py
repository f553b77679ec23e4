"""What the prior expects before it has seen the data, under the data."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models import Array, Mixture

from ...comparing.density import grid_of
from ...judging.comparison import Comparison
from ..names import shortened
from .data import histogram
from .style import INK, POSTERIOR, legend_below, panel, styled

SHOWN_DRAWS = 12
SIMULATED = 50
BINS = 50


def prior_predictive(comparison: Comparison, feature: int) -> Figure:
    """Draw a histogram of one feature, mixtures that the prior draws, and their average over many draws."""
    data, counts = comparison.data, comparison.model.counts
    column, values = shortened(data.columns[feature]), data.values[:, feature]
    low, high = float(values.min()), float(values.max())
    ends = np.array([low - (high - low) / 2, high + (high - low) / 2])
    grid = grid_of(ends.clip(0) if counts else ends, whole_numbers=counts)
    draws: Mixture = comparison.prior_mixtures.marginal(feature)
    with np.errstate(under="ignore"):
        densities = np.exp(draws.log_density(grid[:, None]))
    with styled():
        figure, axes = panel(f"prior-{feature + 1}", f"Histogram of {column} with what the prior expects over it")
        tallest = histogram(axes, data, feature, counts)
        for number, curve in enumerate(densities[:SHOWN_DRAWS]):
            axes.plot(
                grid,
                curve,
                color=POSTERIOR,
                linewidth=0.7,
                alpha=0.45,
                label=None if number else "drawn from the prior",
            )
        heights, edges = _predictive(draws, grid, counts)
        axes.stairs(
            heights, edges, color=INK, linestyle="--", linewidth=1.6, baseline=None, label="average of the prior"
        )
        axes.set_xlabel(column)
        axes.set_ylabel("probability" if counts else "density")
        # A narrow component of a draw may be any number of times as tall as the data.
        axes.set_ylim(0, 1.5 * tallest)
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=counts))
        axes.grid(visible=False)
        legend_below(figure, axes, columns=3)
    return figure


def _predictive(draws: Mixture, grid: Array, counts: bool) -> tuple[Array, Array]:
    """Return heights and edges of a histogram of observations simulated from all mixtures, on the grid alone.

    An average of the curves would have spikes, since a component may be narrower than any grid is fine.
    """
    values = draws.sample(SIMULATED, np.random.default_rng(SIMULATED))[0].ravel()
    width = max(1, round((grid[-1] - grid[0]) / BINS)) if counts else (grid[-1] - grid[0]) / BINS
    edges = np.arange(grid[0] - 0.5 if counts else grid[0], grid[-1] + width / 2, width)
    return np.histogram(values, edges)[0] / len(values) / width, edges
